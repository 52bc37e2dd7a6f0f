"""What the content of an answer says, as values for the validator: by Python's own parsers, and by what OpenAPI says of each form."""

import email
import email.policy
import json
import re
from urllib.parse import parse_qsl, unquote_plus
from xml.etree import ElementTree

import yaml

from document import Core, Unread, as_json
from shapes import elements, item_of, kinds, xml_of
from verdict import Impossible

TEXTS = ("application/javascript", "application/graphql", "application/sql")
LINES = ("application/jsonl", "application/jsonlines", "application/x-jsonlines", "application/x-ndjson", "application/ndjson", "application/x-jsonl")
SEQUENCE = "application/json-seq"


class Unsaid(Exception):
    """The document does not say what such content means."""


class Unsound(Exception):
    """The content is not of the form that its media type names."""


class Bodies:
    """Reads content by the schemas of one document."""

    def __init__(self, document, judge, shapes):
        self.document, self.judge, self.shapes = document, judge, shapes

    def read(self, media, content, place):
        """(place of a schema, readings) pairs: the content holds if one reading of each pair satisfies the schema.

        `place` is that of the Media Type Object, or of a response in Swagger 2.0."""
        schema = self.document.go(place, "schema")
        items = self.document.go(place, "itemSchema")
        has_schema, has_items = self.document.at(schema) is not None, self.document.at(items) is not None
        essence = media.split(";")[0].strip().lower()
        if not has_schema and not has_items:
            return []
        if essence in LINES or essence == SEQUENCE or essence.endswith("+json-seq"):
            return self._sequence(essence, content, schema if has_schema else None, items if has_items else None)
        if essence == "text/event-stream":
            return self._events(content, schema if has_schema else None, items if has_items else None)
        if essence.startswith("multipart/"):
            return self._parts(media, content, place, has_schema and schema, has_items and items)
        if not has_schema:
            raise Unsaid(f"itemSchema for {essence}")
        if essence.endswith(("/json", "+json")):
            return [(schema, [as_value(content)])]
        if essence == "application/x-www-form-urlencoded":
            return [(schema, [self._form(content, place, schema)])]
        if essence.endswith(("/xml", "+xml")):
            return [(schema, self._xml(content, schema))]
        if essence.endswith(("/yaml", "/x-yaml", "+yaml")):
            try:
                return [(schema, [as_json(yaml.load(content.decode(), Core)), content.decode()])]
            except (yaml.YAMLError, ValueError) as why:
                raise Unsound(f"no YAML: {why}") from None
        if essence.startswith("text/") or essence in TEXTS:
            try:
                text = content.decode("utf-8")
            except ValueError:
                raise Unsound("no UTF-8") from None
            found = kinds(self.shapes.first(schema))
            if essence != "text/plain" and found and found <= {"object", "array"}:
                raise Unsaid(f"{' or '.join(sorted(found))} as {essence}")
            return [(schema, self._scalars(text, schema, plain=True))]
        wanted = [kinds(shape) for shape in self.shapes.of(schema)]
        if all(found and "string" not in found for found in wanted):
            raise Unsaid(f"{' or '.join(sorted(set().union(*wanted)))} as {essence}")
        return [(schema, [content.decode("latin-1")])]

    def _fits(self, place, value):
        try:
            return not self.judge.errors(place, value)
        except (Impossible, Unread):
            return False

    def _scalars(self, text, place, plain=False):
        """What a text may be: by the types that its schema has. A string where that is admitted."""
        found = set()
        for shape in self.shapes.of(place) if place else [{"properties": {}}]:
            found |= kinds(shape)
        readings = [text] if not found or "string" in found else []
        if found - {"string"} or not found:
            if "null" in found and text == "":
                readings.append(None)
            try:
                value = json.loads(text)
                if composed(value) or not isinstance(value, str):
                    readings.append(value)
            except ValueError:
                pass
            if {"integer", "number"} & found and re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", text):
                try:
                    readings.append(float(text))
                except ValueError:
                    pass
        return readings or [text]

    def _scalar(self, text, place):
        readings = self._scalars(text, place)
        return next((reading for reading in readings if len(readings) == 1 or self._fits(place, reading)), readings[0])

    # Sequences.

    def _sequence(self, essence, content, schema, items):
        try:
            text = content.decode("utf-8")
        except ValueError:
            raise Unsound("no UTF-8") from None
        if essence in LINES:
            values = [as_value(line) for line in text.split("\n") if line.strip()]
        else:
            records = text.split("\x1e")
            if records[0].strip():
                raise Unsound("something stands before the first record separator")
            values = [as_value(record) for record in records[1:]]
        return self._listed(values, schema, items)

    def _listed(self, values, schema, items):
        checks = []
        if schema:
            found = [kinds(shape) for shape in self.shapes.of(schema)]
            if any(not one or "array" in one for one in found):
                checks.append((schema, [values]))
            else:
                checks += [(schema, [value]) for value in values]
        if items:
            checks += [(items, [value]) for value in values]
        return checks

    def _events(self, content, schema, items):
        events = events_of(content)
        for event in events:
            if "retry" in event and not isinstance(event["retry"], int):
                raise Unsound("retry is no number")
        wanted = items or schema
        if all(kinds(shape) == {"string"} for shape in self.shapes.of(wanted)) and wanted is schema:
            return [(schema, [content.decode()])]
        checks = []
        for event in events:
            readings = [event]
            try:
                value = json.loads(event.get("data", ""))
                readings += [{**event, "data": value}, value]
            except ValueError:
                if event.get("data") == "[DONE]":
                    continue
            readings.append(event.get("data", ""))
            checks.append((wanted, readings))
            embedded = self._embedded(wanted)
            if embedded and "data" in event:
                checks.append((embedded, [as_value(event["data"])]))
        if not items and any("array" in kinds(shape) for shape in self.shapes.of(schema)):
            return [(schema, [[readings[index] for _, readings in checks if index < len(readings)] for index in range(4)])]
        return checks

    def _embedded(self, place):
        """The schema of what `data` holds as JSON, where the document says so."""
        data = self.shapes.first(place)["properties"].get("data")
        if not data:
            return None
        try:
            data, schema = self.document.follow(data)
        except Unread:
            return None
        if isinstance(schema, dict) and "contentSchema" in schema and "json" in str(schema.get("contentMediaType")):
            return self.document.go(data, "contentSchema")
        return None

    # Forms and parts.

    def _member_place(self, shape, name):
        return shape["properties"].get(name) or shape.get("additionalProperties")

    def _form(self, content, place, schema):
        encoding = self.document.at(self.document.go(place, "encoding"))
        encoding = encoding if isinstance(encoding, dict) else {}
        try:
            raw = content.decode("ascii")
        except ValueError:
            raise Unsound("a form that is not ASCII") from None
        best = None
        for shape in self.shapes.of(schema):
            value = {}
            delimited = {}
            for piece in raw.split("&"):
                name, _, text = piece.partition("=")
                delimited.setdefault(unquote_plus(name), []).append(text)
            pairs = {}
            for name, text in parse_qsl(raw, keep_blank_values=True):
                pairs.setdefault(name, []).append(text)
            for name, member in shape["properties"].items():
                inner = self.shapes.first(member)
                how = encoding.get(name) if isinstance(encoding.get(name), dict) else {}
                found = kinds(inner)
                nested = {key: texts for key, texts in pairs.items() if key.startswith(name + "[")}
                if "array" in found and name in pairs:
                    items = inner.get("items")
                    texts = pairs.pop(name)
                    mark = delimiter(how.get("style"), delimited[name][0])
                    if how.get("explode") is False or (mark != "," and not how.get("explode")):
                        texts = [unquote_plus(text) for text in delimited[name][0].split(mark)]
                    value[name] = [self._scalar(text, items) for text in texts]
                    if len(texts) == 1 and not self._fits(member, value[name]):
                        value[name] = self._scalar(texts[0], member)
                elif name in pairs and "object" in found and how.get("explode") is False:
                    pieces = [unquote_plus(text) for text in delimited[name][0].split(delimiter(how.get("style"), delimited[name][0]))]
                    del pairs[name]
                    value[name] = {key: self._scalar(text, self._member_place(inner, key)) for key, text in zip(pieces[::2], pieces[1::2])}
                elif name in pairs:
                    texts = pairs.pop(name)
                    value[name] = self._scalar(texts[0], member) if len(texts) == 1 else texts
                elif nested:
                    for key in nested:
                        del pairs[key]
                    value[name] = self._bracketed({key[len(name):]: texts for key, texts in nested.items()}, member)
                elif "object" in found and ("style" in how or "explode" in how) and how.get("explode", True):
                    spread = {key: pairs.pop(key)[0] for key in inner["properties"] if key in pairs and key not in shape["properties"]}
                    if spread:
                        value[name] = {key: self._scalar(text, inner["properties"][key]) for key, text in spread.items()}
            for name, texts in pairs.items():
                other = shape.get("additionalProperties")
                found = [self._scalar(text, other) if other else text for text in texts]
                value.setdefault(name, found[0] if len(found) == 1 else found)
            if best is None or self._fits(schema, value):
                best = value
                if self._fits(schema, value):
                    break
        return best

    def _bracketed(self, pairs, place):
        """`[a][b]` and `[0]` and `[]` below a member."""
        shape = self.shapes.first(place)
        groups = {}
        for key, texts in pairs.items():
            found = re.match(r"\[([^\]]*)\](.*)$", key)
            if not found:
                raise Unsound(f"brackets that do not close: {key}")
            groups.setdefault(found[1], {}).setdefault(found[2], []).extend(texts)
        if "array" in kinds(shape):
            items = shape.get("items")
            values = []
            for _, inner in groups.items():
                if "" in inner:
                    values += [self._scalar(text, items) for text in inner[""]]
                else:
                    values.append(self._bracketed(inner, items))
            return values
        value = {}
        for name, inner in groups.items():
            member = self._member_place(shape, name)
            if "" in inner:
                texts = inner[""]
                array = member and "array" in kinds(self.shapes.first(member))
                value[name] = [self._scalar(text, self.shapes.first(member).get("items")) for text in texts] if array else self._scalar(texts[0], member)
            else:
                value[name] = self._bracketed(inner, member)
        return value

    def _parts(self, media, content, place, schema, items):
        message = email.message_from_bytes(b"Content-Type: " + media.encode() + b"\r\n\r\n" + content, policy=email.policy.HTTP)
        if not message.is_multipart() or message.defects:
            raise Unsound(f"no parts: {', '.join(type(defect).__name__ for defect in message.defects) or 'no boundary'}")
        parts = message.get_payload()
        form = media.split(";")[0].strip().lower() == "multipart/form-data"
        shape = self.shapes.first(schema) if schema else {"properties": {}}
        if items or (not form and "array" in kinds(shape)):
            inner = items or shape.get("items")
            values = [self._part(part, inner, {}) for part in parts]
            return ([(schema, [values])] if schema else []) + [(items, [value]) for value in values if items]
        encoding = self.document.at(self.document.go(place, "encoding"))
        encoding = encoding if isinstance(encoding, dict) else {}
        value = {}
        for part in parts:
            name = part.get_param("name", header="Content-Disposition")
            if not isinstance(name, str):
                raise Unsound("a part without a name")
            how = encoding.get(name) if isinstance(encoding.get(name), dict) else {}
            wanted = how.get("contentType")
            if isinstance(wanted, str) and part.get("Content-Type") and not fits_any(part.get_content_type(), wanted):
                raise Unsound(f"the part `{name}` is {part.get_content_type()}, not {wanted}")
            member = self._member_place(shape, name)
            array = member and "array" in kinds(self.shapes.first(member)) and part.get_content_type() != "application/json"
            read = self._part(part, self.shapes.first(member).get("items") if array else member, how)
            if array or name in value:
                held = value.setdefault(name, [])
                value[name] = [*(held if isinstance(held, list) else [held]), read]
            else:
                value[name] = read
        return [(schema, [value])] if schema else []

    def _part(self, part, place, how):
        kind = part.get_content_type()
        content = part.get_payload(decode=True) or b""
        if kind.endswith(("/json", "+json")):
            return as_value(content)
        if kind.endswith(("/xml", "+xml")) and place:
            return self._xml(content, place)[0]
        if not part.get("Content-Type") or kind.startswith("text/"):
            try:
                text = content.decode("utf-8")
            except ValueError:
                return content.decode("latin-1")
            return self._scalar(text, place) if place else text
        return content.decode("latin-1")

    # XML.

    def _xml(self, content, place):
        text = content.decode("utf-8", "replace")
        shape = self.shapes.first(place)
        try:
            root = ElementTree.fromstring(content)
        except ElementTree.ParseError as why:
            if kinds(shape) == {"string"}:
                return [text]
            raise Unsound(f"no XML: {why}") from None
        if kinds(shape) == {"string"} and not shape.get("xml"):
            return [text, root.text or ""]
        named = xml_of(shape)
        if isinstance(named.get("name"), str):
            self._expect(root, named, named["name"], "the root")
        return [self._element(root, place)]

    def _expect(self, element, named, name, what):
        space, local = split(element.tag)
        if local != as_tag(name):
            raise Unsound(f"{what} is <{local}>, not <{name}>")
        if isinstance(named.get("namespace"), str) and space != named["namespace"]:
            raise Unsound(f"<{local}> is of the namespace `{space}`, not `{named['namespace']}`")

    def _element(self, element, place):
        shapes = self.shapes.of(place)
        first = None
        for index, shape in enumerate(shapes):
            value = self._shaped(element, shape, place)
            if len(shapes) == 1 or self._fits(place, value):
                return value
            first = value if index == 0 else first
        return first

    def _shaped(self, element, shape, place):
        if element.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
            return None
        found = kinds(shape)
        if "array" in found:
            items = shape.get("items")
            named = xml_of(self.shapes.first(items)) if items else {}
            if isinstance(named.get("name"), str):
                for child in element:
                    self._expect(child, named, named["name"], "an item")
            return self._items(element, shape)
        if "object" in found or (not found and (len(element) or element.attrib)):
            return self._members(element, shape)
        text = "".join(element.itertext()) if len(element) else element.text or ""
        if text == "" and "null" in found and "string" not in found:
            return None
        return self._scalar(text, place)

    def _items(self, found, shape):
        places = [(child, item_of(shape, index)) for index, child in enumerate(found)]
        return [self._element(child, place) if place else plain(child) for child, place in places]

    def _members(self, element, shape):
        value, used, known = {}, set(), set()
        names = elements(self.shapes, shape)
        for name, place in shape["properties"].items():
            inner = self.shapes.first(place)
            named = xml_of(inner)
            called = names.get(name) or (named["name"] if isinstance(named.get("name"), str) else name)
            kind = named.get("nodeType") or ("attribute" if named.get("attribute") is True else None)
            if kind == "attribute":
                for key, text in element.attrib.items():
                    space, local = split(key)
                    if local == called and space == (named.get("namespace") or ""):
                        value[name] = self._scalar(text, place)
                        known.add(key)
                continue
            if kind in ("text", "cdata"):
                if element.text and (kind == "cdata" or element.text.strip()):
                    value[name] = self._scalar(element.text, place)
                continue
            if "array" in kinds(inner) and not (named.get("wrapped") is True or kind == "element"):
                items = inner.get("items")
                one = xml_of(self.shapes.first(items)) if items else {}
                named = one
                found = [child for child in element if self._is(child, called, named)]
                if found:
                    value[name] = self._items(found, inner)
                used.update(map(id, found))
                continue
            found = [child for child in element if self._is(child, called, named)]
            used.update(map(id, found))
            if len(found) == 1:
                if "array" in kinds(inner):
                    self._wrapped(found[0], inner, called)
                value[name] = self._element(found[0], place)
            elif found:
                value[name] = [self._element(child, place) for child in found]
        other = shape.get("additionalProperties")
        for child in element:
            if id(child) not in used:
                local = split(child.tag)[1]
                read = self._element(child, other) if other else plain(child)
                value[local] = read if local not in value else [*(value[local] if isinstance(value[local], list) else [value[local]]), read]
        for key, text in element.attrib.items():
            if key not in known and not key.startswith("{"):
                value.setdefault(key, self._scalar(text, other) if other else text)
        return value

    def _wrapped(self, element, shape, called):
        """Without a name of its own an item is called as the list around it is."""
        items = shape.get("items")
        named = xml_of(self.shapes.first(items)) if items else {}
        if not isinstance(named.get("name"), str):
            for child in element:
                self._expect(child, {}, called, "an item")

    def _is(self, child, called, named):
        space, local = split(child.tag)
        return local == as_tag(called) and (not isinstance(named.get("namespace"), str) or space == named["namespace"])


def as_tag(name):
    """A name as XML admits it: `_` for what it does not."""
    tag = "".join(letter if letter.isalnum() or letter in "_-." else "_" for letter in name)
    return tag if tag[:1].isalpha() or tag[:1] == "_" else f"_{tag}"


def split(tag):
    """Namespace and local name of `{namespace}name`."""
    return tuple(tag[1:].split("}", 1)) if tag.startswith("{") else ("", tag)


def plain(element):
    """An element that the document does not describe."""
    if not len(element):
        return element.text or ""
    value = {}
    for child in element:
        value.setdefault(split(child.tag)[1], plain(child))
    return value


def composed(value):
    return isinstance(value, (dict, list))


def as_value(text):
    try:
        return json.loads(text)
    except ValueError as why:
        raise Unsound(f"no JSON: {why}") from None


def delimiter(style, raw):
    """What stands between items, as it is on the wire: encoded where that is the only way to tell it from an item's own."""
    if style == "spaceDelimited":
        return "%20" if "%20" in raw else "+"
    if style == "pipeDelimited":
        return "|" if "|" in raw else "%7C"
    return ","


def is_json(media):
    return media.split(";")[0].strip().lower().endswith(("/json", "+json"))


def fits_any(kind, wanted):
    for one in wanted.split(","):
        one = one.split(";")[0].strip().lower()
        if one in ("*/*", kind) or (one.endswith("/*") and kind.startswith(one[:-1])):
            return True
    return False


def events_of(content):
    """The events of a stream, by the rules of HTML."""
    try:
        text = content.decode("utf-8-sig")
    except ValueError:
        raise Unsound("no UTF-8") from None
    events, event, data = [], {}, []
    for line in re.split(r"\r\n|\r|\n", text):
        if line == "":
            if data:
                event["data"] = "\n".join(data)
            if event:
                events.append(event)
            event, data = {}, []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field in ("event", "id"):
            event[field] = value
        elif field == "retry":
            event[field] = int(value) if value.isdigit() else value
    if event or data:
        raise Unsound("the last event does not end")
    return events
