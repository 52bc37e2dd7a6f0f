"""A valid request for an operation, made from the document alone."""

import json
import re
from urllib.parse import quote, urlencode

from bodies import is_json
from document import Unread
from verdict import Impossible
from writing import BOUNDARY, NotWritten, Writer, multipart, quoted, text

FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"]


class NoRequest(Exception):
    """No valid request could be made, and why."""


class Request:
    def __init__(self, method, target, fields, body):
        self.method, self.target, self.fields, self.body = method, target, fields, body

    def said(self):
        return self.target, tuple(self.fields), self.body

    def curl(self, url, extra=()):
        words = ["curl", "-si", "-X", self.method, url + self.target]
        for name, value in [*self.fields, *extra]:
            words += ["-H", f"{name}: {value}"]
        if self.body is not None:
            words += ["--data-binary", self.body.decode("utf-8", "replace")]
        return " ".join(word if word and all(c.isalnum() or c in "-_./:=%" for c in word) else "'" + word.replace("'", "'\\''") + "'" for word in words)


class Requests:
    """Makes requests for the operations of one document."""

    def __init__(self, document, maker, judge, shapes):
        self.document, self.maker, self.judge, self.shapes = document, maker, judge, shapes
        self.writer = Writer(document, shapes, self._sample)

    def make(self, operation):
        """Valid requests: a plain one for each way to write its content, then one with all that may be said.

        What could not be made is told by the exceptions among them; the first is a request, if there is any."""
        made, failed = [], []
        bodies = self._bodies(operation)
        for at, media in bodies:
            try:
                made.append(self._one(operation, at, media, False))
            except (NoRequest, Unread, Impossible) as why:
                failed.append(why if isinstance(why, NoRequest) else NoRequest(str(why)))
        if made:
            for at, media in bodies:
                try:
                    full = self._one(operation, at, media, True)
                except (NoRequest, Unread, Impossible):
                    continue
                if all(full.said() != plain.said() for plain in made):
                    made.append(full)
        return made, failed

    def guess(self, operation):
        """A request that reaches the operation, valid or not: an asked answer may come all the same."""
        query, fields, cookies = [], [], []
        target = re.sub(r"\{[^}]*\}", "x", operation.base() + operation.path())
        for _, parameter in operation.parameters():
            if parameter["in"] == "query" and parameter.get("required") is True:
                query.append(f"{quoted(str(parameter['name']))}=1")
        for scheme in operation.security():
            self._credentials(scheme, query, fields, cookies)
        if cookies:
            fields.append(("Cookie", "; ".join(cookies)))
        body = None
        media = next((media for at, media in self._bodies(operation) if at is not None and is_json(str(media))), None)
        if media:
            body = b"{}"
            fields.append(("Content-Type", media))
        target += ("&" if "?" in target else "?") + "&".join(query) if query else ""
        return Request(operation.method, quote(target.replace("#", "%23"), safe="/?&=%:@!$'()*+,;-._~[]|"), fields, body)

    def _one(self, operation, at, media, full):
        target, query, fields, cookies = operation.base() + operation.path(), [], [], []
        # A query in a template says what its own parameters say.
        target, _, fixed = target.replace("#", "%23").partition("?")
        given = {pair.partition("=")[0] for pair in fixed.split("&")} if fixed else set()
        if fixed:
            query.append(fixed)
        form, collected = {}, {}
        swagger = "openapi" not in self.document.root
        for place, parameter in operation.parameters():
            name, where = str(parameter["name"]), parameter["in"]
            if where == "header" and name.lower() in ("accept", "content-type", "authorization", "host", "content-length", "connection"):
                continue
            if where == "body" or (where == "query" and name in given) or (where == "formData" and not swagger):
                continue
            if where in ("header", "cookie") and not is_token(name):
                continue  # No message can carry it: standin must not ask for it.
            needed = parameter.get("required") is True or where == "path"
            if not needed and not full:
                continue
            try:
                if where == "formData":
                    form[name] = "a" if parameter.get("type") == "file" else self._sample(place, parameter, name, place, full)
                    collected[name] = parameter
                    continue
                if where == "querystring":
                    query = [self._querystring(place, parameter, name, full)]
                    continue
                value, serialised = self._parameter(place, parameter, name, full)
                if where == "path":
                    text = path_text(parameter, name, value, serialised)
                    # `{+name}` and its kin take several segments; one will do. A parameter may stand in the template's query.
                    for hole in ("{%s}", "{+%s}", "{%s+}", "{%s*}"):
                        target = target.replace(hole % name, text)
                        query = [pair.replace(hole % name, text) for pair in query]
                elif where == "query":
                    query.extend(query_pairs(parameter, name, value, serialised))
                elif where == "header":
                    said = simple(value, serialised, parameter.get("explode", False), lambda text: text)
                    if not said.isascii() or not said.isprintable() or said != said.strip() or not said:
                        raise NoRequest("a field value that HTTP cannot carry")
                    fields.append((name, said))
                elif where == "cookie":
                    if isinstance(value, (list, dict)) and parameter.get("explode") is not False:
                        raise NoRequest(f"no form is defined for `{name}` in a cookie")
                    encode = (lambda text: text) if parameter.get("style") == "cookie" else quoted
                    cookies.append(f"{name}={simple(value, serialised, False, encode)}")
            except (NoRequest, Unread, Impossible):
                if needed:
                    raise
        # A parameter that nobody describes is any text.
        target = re.sub(r"\{[^}]*\}", "x", target)
        body = content_type = None
        if form:
            body, content_type = self._swagger_form(form, collected, media)
        elif at is not None:
            body, content_type = self._content(at, media, full, swagger)
        for scheme in operation.security():
            self._credentials(scheme, query, fields, cookies)
        # There is one Authorization field, whatever a document asks for.
        first = next((field for field in fields if field[0] == "Authorization"), None)
        fields = [field for field in fields if field[0] != "Authorization"] + ([first] if first else [])
        if cookies:
            fields.append(("Cookie", "; ".join(cookies)))
        if body is not None:
            fields.append(("Content-Type", content_type))
        if query:
            target += "?" + "&".join(query)
        target = quote(target, safe="/?&=%:@!$'()*+,;-._~[]|")
        return Request(operation.method, target or "/", fields, body)

    def _querystring(self, place, parameter, name, full):
        """The whole query as one value (3.2)."""
        content = parameter.get("content")
        if not isinstance(content, dict) or not content:
            raise NoRequest(f"`{name}` has no content")
        media = next(iter(content))
        at = self.document.go(place, "content", media)
        value = self._sample(at, content[media] or {}, name, self.document.go(at, "schema"), full)
        if media == "application/x-www-form-urlencoded":
            if isinstance(value, str):
                return value
            return self._written(media, value, at)[0].decode()
        return quoted(json.dumps(value) if is_json(media) else text(value))

    def _parameter(self, place, parameter, name, full):
        """A value, and whether it is text in the form of a media type already."""
        content = parameter.get("content")
        if isinstance(content, dict) and content:
            media = next(iter(content))
            at = self.document.go(place, "content", media)
            value = self._sample(at, content[media] or {}, name, self.document.go(at, "schema"), full)
            return (json.dumps(value), True) if is_json(media) else (text(value), True)
        schema = self.document.go(place, "schema") if "schema" in parameter else place
        value = self._sample(place, parameter, name, schema, full)
        if value is None or (isinstance(value, (list, dict)) and not writable(value, parameter)):
            raise NoRequest(f"no form is defined for such a value of `{name}`")
        return value, False

    def _sample(self, place, holder, name, schema, full=False, filled=False):
        """An example of the holder or a made value that the validator accepts."""
        described = self.document.at(schema) is not None
        why = "nothing says what it is"
        empty = ("", None, [], {}) if holder.get("in") == "path" else ({},) if filled else ()
        none = True
        for candidate in self._candidates(place, holder, schema, full, filled):
            none = False
            if filled:
                candidate = pruned(candidate)
            if candidate in empty:
                why = "there is nothing to write"
                continue
            if not described:
                return candidate
            try:
                errors = self.judge.errors(schema, candidate, strict=False)
            except Impossible as impossible:
                raise NoRequest(f"{name}: {impossible}") from None
            if not errors:
                return candidate
            why = f"{errors[0][0]} {errors[0][1]}"
        if not described and none:
            return "x"
        raise NoRequest(f"no valid value for `{name}`: {why[:160]}")

    def _candidates(self, place, holder, schema, full, filled):
        """The examples of the holder, then what can be made for the schema."""
        examples = holder.get("examples") if not full else None
        if "example" in holder and not full:
            yield holder["example"]
        for key in examples if isinstance(examples, dict) else {}:
            try:
                _, example = self.document.follow(self.document.go(place, "examples", key))
            except Unread:
                continue
            for word in ("value", "dataValue") if isinstance(example, dict) else ():
                if word in example:
                    yield example[word]
                    break
        if self.document.at(schema) is not None:
            # What would be empty may have all its members instead, and of a choice another branch may do.
            ways = [(True, 0)] if full else [(False, 0), (True, 0), (False, 1), (False, 2), (True, 1)]
            for bare in (False, True):
                for all_members, turn in ways:
                    yield self.maker.value(schema, all_members, filled, turn, bare)

    def _bodies(self, operation):
        """(place, media type) of each way to write the content of a request; (None, None) where it has none."""
        if "openapi" not in self.document.root:
            consumed = operation.value.get("consumes", self.document.root.get("consumes"))
            consumed = [media for media in consumed if isinstance(media, str)] if isinstance(consumed, list) else []
            parameters = operation.parameters()
            if any(parameter["in"] == "formData" for _, parameter in parameters):
                forms = [media for media in consumed if media.split(";")[0].strip() in FORMS]
                filed = any(parameter.get("type") == "file" for _, parameter in parameters)
                return [(None, media) for media in forms or (FORMS[1:] if filed else FORMS[:1])]
            place = next((place for place, parameter in parameters if parameter["in"] == "body"), None)
            if place is None:
                return [(None, None)]
            return [(place, media) for media in consumed or ["application/json"]]
        if "requestBody" not in operation.value:
            return [(None, None)]
        try:
            place, body = self.document.follow(self.document.go(operation.place, "requestBody"))
        except Unread as why:
            return [(None, None)]
        content = body.get("content") if isinstance(body, dict) else None
        ways = [] if body.get("required") is True else [(None, None)]
        for media in sorted(content if isinstance(content, dict) else {}, key=lambda media: not is_json(media)):
            ways.insert(len(ways) if ways and ways[-1][1] else 0, (self.document.go(place, "content", media), media))
        return ways or [(None, None)]

    def _content(self, at, media, full, swagger):
        said = self.writer.known(media)
        if said is None:
            raise NoRequest(f"a body of {media}")
        at, holder = self.document.follow(at)
        holder = holder if isinstance(holder, dict) else {}
        if swagger:
            holder = {}
        essence = said.split(";")[0].strip().lower()
        schema = self.document.go(at, "schema")
        if self.document.at(schema) is None and "itemSchema" in holder:
            value = [self._sample(at, {}, "body", self.document.go(at, "itemSchema"), full)]
        elif self.document.at(schema) is None and not essence.endswith("json") and not any(word in holder for word in ("example", "examples")):
            if essence in FORMS or essence.endswith("xml"):
                raise NoRequest(f"nothing says what {essence} holds")
            return b"a", said
        else:
            # Neither a form nor XML can tell an empty list from none.
            value = self._sample(at, holder, "body", schema, full, essence in FORMS or essence.endswith(("/xml", "+xml")))
        body, said = self._written(said, value, at)
        if not body and media:
            raise NoRequest("a form without members" if essence in FORMS else "content of no length")
        return body, said

    def _written(self, media, value, at):
        try:
            return self.writer.write(media, value, at)
        except NotWritten as why:
            raise NoRequest(str(why)) from None

    def _swagger_form(self, form, parameters, media):
        pairs = []
        for name, value in form.items():
            parameter = parameters[name]
            if isinstance(value, list):
                join = {"ssv": " ", "tsv": "\t", "pipes": "|"}.get(parameter.get("collectionFormat"), ",")
                if parameter.get("collectionFormat") == "multi":
                    pairs += [(name, text(item)) for item in value]
                else:
                    pairs.append((name, join.join(text(item) for item in value)))
            else:
                pairs.append((name, text(value)))
        if media.split(";")[0].strip() == FORMS[0]:
            if any(parameters[name].get("type") == "file" for name in form):
                raise NoRequest("a file in a form")
            return urlencode(pairs).encode(), media
        files = [name for name in form if parameters[name].get("type") == "file"]
        parts = [
            (name, "a.bin" if name in files else None, "application/octet-stream" if name in files else None, value.encode(), [])
            for name, value in pairs
        ]
        return multipart(parts), f"{media}; boundary={BOUNDARY}"

    def _credentials(self, scheme, query, fields, cookies):
        kind = scheme.get("type")
        name = str(scheme.get("name"))
        if kind == "apiKey":
            where = scheme.get("in")
            if where == "query":
                query.append(f"{quoted(name)}=x")
            elif not is_token(name):
                pass
            elif where == "cookie":
                cookies.append(f"{name}=x")
            else:
                fields.append((name, "x"))
        elif kind == "basic" or str(scheme.get("scheme")).lower() == "basic":
            fields.append(("Authorization", "Basic eDp5"))
        elif kind != "mutualTLS":
            word = str(scheme.get("scheme") or "Bearer")
            fields.append(("Authorization", ("Bearer" if word.lower() == "bearer" else word) + " x"))


def is_token(name):
    """Whether it can be the name of a field (RFC 9110, section 5.6.2) or of a cookie."""
    return re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is not None


def pruned(value):
    """What of a value a form can carry: there is no null in it, and nothing without members or items."""
    if isinstance(value, dict):
        members = {name: pruned(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not None and member != {} and member != []}
    if isinstance(value, list):
        return [item for item in map(pruned, value) if item is not None and item != {} and item != []]
    return value


def writable(value, parameter):
    """Whether OpenAPI defines how a composed value of a parameter is written."""
    members = list(value.values()) if isinstance(value, dict) else value
    if not members or any(isinstance(member, (dict, list)) or member is None for member in members):
        return False
    # An empty text between delimiters may be nothing, too.
    return all(member != "" for member in members)


def simple(value, serialised, explode, encode):
    if serialised or not isinstance(value, (list, dict)):
        return encode(text(value))
    if isinstance(value, list):
        return ",".join(encode(text(item)) for item in value)
    pairs = [(encode(str(key)), encode(text(member))) for key, member in value.items()]
    return ",".join(f"{key}={member}" if explode else f"{key},{member}" for key, member in pairs)


def path_text(parameter, name, value, serialised):
    style, explode = parameter.get("style", "simple"), parameter.get("explode", False)
    if serialised or style == "simple" or not isinstance(style, str):
        return simple(value, serialised, explode, quoted)
    prefix, join = ("." , "." if explode else ",") if style == "label" else (";", ";" if explode else ",")
    if not isinstance(value, (list, dict)):
        return f".{quoted(value)}" if style == "label" else f";{name}={quoted(value)}"
    if isinstance(value, list):
        items = [quoted(item) for item in value]
        if style == "matrix":
            return "".join(f";{name}={item}" for item in items) if explode else f";{name}={','.join(items)}"
        return "." + join.join(items)
    pairs = [(quoted(str(key)), quoted(member)) for key, member in value.items()]
    if explode:
        return prefix + join.join(f"{key}={member}" for key, member in pairs)
    flat = ",".join(part for pair in pairs for part in pair)
    return f".{flat}" if style == "label" else f";{name}={flat}"


def query_pairs(parameter, name, value, serialised):
    key = quoted(name)
    if serialised or not isinstance(value, (list, dict)):
        return [f"{key}={quoted(value)}"]
    style = parameter.get("style", "form")
    explode = parameter.get("explode", style == "form")
    if "type" in parameter and "schema" not in parameter:
        # Swagger 2.0 says it another way.
        join = {"ssv": "%20", "tsv": "%09", "pipes": "%7C"}.get(parameter.get("collectionFormat"), ",")
        if parameter.get("collectionFormat") == "multi":
            return [f"{key}={quoted(item)}" for item in value]
        return [f"{key}=" + join.join(quoted(item) for item in value)]
    if isinstance(value, list):
        items = [quoted(item) for item in value]
        if style in ("spaceDelimited", "pipeDelimited") and not explode:
            return [f"{key}=" + ("%20" if style == "spaceDelimited" else "%7C").join(items)]
        return [f"{key}={item}" for item in items] if explode else [f"{key}={','.join(items)}"]
    if style == "deepObject":
        return [f"{key}[{quoted(str(inner))}]={quoted(member)}" for inner, member in value.items()]
    if explode:
        return [f"{quoted(str(inner))}={quoted(member)}" for inner, member in value.items()]
    mark = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(style, ",")
    return [f"{key}=" + mark.join(part for inner, member in value.items() for part in (quoted(str(inner)), quoted(member)))]
