"""Whether a value satisfies a schema of the document, by openapi-schema-validator."""

import copy
import warnings
from urllib.parse import quote

import regress
from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError, _WrappedReferencingError
from jsonschema.validators import extend
from openapi_schema_validator import OAS30ReadValidator, OAS30Validator, OAS31Validator, OAS32Validator
from openapi_schema_validator import oas30_format_checker, oas31_format_checker
from referencing import Registry, Resource, Specification
from rfc3339_validator import validate_rfc3339

warnings.filterwarnings("ignore")


def _with_full_time(stock):
    """`time` is a full-time of RFC 3339, as the format registry says; the library's checker takes the one of draft 3."""
    checker = FormatChecker()
    checker.checkers = dict(stock.checkers)
    checker.checks("time")(lambda text: not isinstance(text, str) or validate_rfc3339(f"1970-01-01T{text}"))
    return checker


FORMATS = {"3.0": _with_full_time(oas30_format_checker), "3.1": _with_full_time(oas31_format_checker)}

# Where subschemas are, for rewriting a document into what the validator takes.
SINGLE = ["not", "additionalProperties", "items", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems"]
SINGLE += ["unevaluatedProperties", "additionalItems", "contentSchema"]
LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"]
MAPS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]


def _pattern(validator, pattern, instance, schema):
    """ECMA-262 in Unicode mode, as JSON Schema says; the library compiles without it, where `\\p{L}` is the text `p{L}`."""
    if validator.is_type(instance, "string") and regress.Regex(pattern, "u").find(instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _listed(word, stock):
    """Documents of 2.0 have lists under `type` and `items`, as JSON Schema draft 4 does; the library knows single ones."""

    def types(validator, kinds, instance, schema):
        if isinstance(kinds, str) and kinds != "null":
            yield from stock(validator, kinds, instance, schema) or ()
        elif not any(instance is None if kind == "null" else validator.is_type(instance, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
            yield ValidationError(f"{instance!r} is not of type {kinds}")

    def items(validator, schemas, instance, schema):
        if not isinstance(schemas, list):
            yield from stock(validator, schemas, instance, schema) or ()
        elif isinstance(instance, list):
            for index, (item, inner) in enumerate(zip(instance, schemas)):
                yield from validator.descend(item, inner, path=index, schema_path=index)

    return types if word == "type" else items


class Impossible(Exception):
    """The validator cannot say."""


class Judge:
    """A validator for the schemas of one document."""

    def __init__(self, document):
        self.document = document
        self.old = document.version.startswith("3.0") or document.version.startswith("2")
        self.swagger = document.version.startswith("2")
        newer = OAS32Validator if document.version.startswith("3.2") else OAS31Validator
        words = {"pattern": _pattern}
        if self.swagger:
            words |= {word: _listed(word, OAS30Validator.VALIDATORS[word]) for word in ("type", "items")}
        self.kind = extend(OAS30Validator if self.old else newer, words)
        self.strict = extend(OAS30ReadValidator if self.old else newer, words)
        self.resources = {}
        self.registry = Registry(retrieve=self._retrieve)

    def _uri(self, path):
        return "file://" + path

    def _retrieve(self, uri):
        if uri not in self.resources:
            contents = copy.deepcopy(self.document.file(uri.removeprefix("file://")))
            self._rewrite_all(contents)
            self.resources[uri] = Resource(contents=contents, specification=Specification.OPAQUE)
        return self.resources[uri]

    def _rewrite_all(self, value):
        """Everything that may be a schema is rewritten; what stands in examples is not reached by the validator."""
        pending = [value]
        while pending:
            value = pending.pop()
            if isinstance(value, dict):
                self._rewrite(value)
                pending.extend(value.values())
            elif isinstance(value, list):
                pending.extend(value)

    def _rewrite(self, schema):
        if self.old and isinstance(schema.get("$ref"), str):
            # Reference Object: any properties added SHALL be ignored.
            reference = schema["$ref"]
            schema.clear()
            schema["$ref"] = reference
            return
        if self.swagger and schema.get("x-nullable") is True and "type" in schema:
            schema["nullable"] = True
        if self.old and schema.get("type") == "file":
            schema["type"] = "string"
        if isinstance(schema.get("discriminator"), dict) and ("oneOf" in schema or "anyOf" in schema or "allOf" in schema):
            # The discriminator MUST NOT change the outcome; the library lets it.
            del schema["discriminator"]
        elif isinstance(schema.get("discriminator"), str) and self.swagger:
            del schema["discriminator"]
        if self.old and isinstance(schema.get("items"), dict):
            # "Relevant only for Schema properties definitions": the library looks at them anywhere.
            for word in ("readOnly", "writeOnly"):
                schema["items"].pop(word, None)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            try:
                regress.Regex(pattern, "u")
            except regress.RegressError:
                # No regular expression: it says nothing.
                del schema["pattern"]
        if self.old:
            for word in ("id", "$id", "$schema"):
                if isinstance(schema.get(word), str) and ("type" in schema or "properties" in schema):
                    del schema[word]

    def errors(self, place, value, strict=True):
        """What is wrong with a value, as (pointer, sentence, way through the schema); at most a few."""
        path, pointer = place
        kind = self.strict if strict else self.kind
        checker = FORMATS["3.0" if self.old else "3.1"]
        schema = {"$ref": f"{self._uri(path)}#{quoted(pointer)}"}
        validator = kind(schema, registry=self.registry, format_checker=checker)
        found = []
        try:
            for error in validator.iter_errors(value):
                while error.context and len(error.context) == 1:
                    error = error.context[0]
                found.append(("/" + "/".join(map(str, error.absolute_path)), error.message[:240], list(error.absolute_schema_path)))
                if len(found) >= 3:
                    break
        except _WrappedReferencingError as why:
            raise Impossible(f"reference: {str(why)[:160]}") from None
        except RecursionError:
            raise Impossible("a schema refers to itself without end") from None
        except Exception as why:  # The library trusts schemas: `required: true` and its kin end here.
            raise Impossible(f"{type(why).__name__}: {str(why)[:160]}") from None
        return found


def quoted(pointer):
    return quote(pointer, safe="/~:@!$&'()*+,;=-._")
