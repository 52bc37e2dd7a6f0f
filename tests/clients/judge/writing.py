"""Content of requests, written from a value in the form of its media type: by what OpenAPI says of each, and nothing of standin's."""

import json
from urllib.parse import quote
from xml.etree import ElementTree

from bodies import LINES, SEQUENCE, as_tag, is_json
from shapes import elements, kinds, xml_of

BOUNDARY = "part-of-a-judged-request"
# The namespaces that ElementTree is told of, so that prefixes are as the document has them.
PREFIXES = {}


class NotWritten(Exception):
    """OpenAPI does not say how such a value is written."""


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def quoted(value):
    return quote(text(value), safe="")


class Writer:
    """Writes values by the schemas of one document."""

    def __init__(self, document, shapes, sample):
        self.document, self.shapes, self.sample = document, shapes, sample

    def known(self, media):
        """Whether such content can be written at all, and the type that is then said."""
        essence = media.split(";")[0].strip().lower()
        if essence in ("*/*", "application/*", "application/*+json"):
            return "application/json" if "+" not in essence else "application/x+json"
        if "*" in essence or "/" not in essence:
            return None
        return media

    def write(self, media, value, place):
        """(content, Content-Type) of a value. `place` is that of the Media Type Object."""
        essence = media.split(";")[0].strip().lower()
        schema = self.document.go(place, "schema")
        if essence.endswith(("/json", "+json")):
            return json.dumps(value).encode(), media
        if essence in LINES and isinstance(value, list):
            return "".join(json.dumps(item) + "\n" for item in value).encode(), media
        if (essence == SEQUENCE or essence.endswith("+json-seq")) and isinstance(value, list):
            return "".join("\x1e" + json.dumps(item) + "\n" for item in value).encode(), media
        encoding = self.document.at(self.document.go(place, "encoding"))
        encoding = encoding if isinstance(encoding, dict) else {}
        if essence == "application/x-www-form-urlencoded":
            if not isinstance(value, dict):
                raise NotWritten("a form of no object")
            return "&".join(self.form(value, encoding)).encode(), media
        if essence == "multipart/form-data":
            if not isinstance(value, dict):
                raise NotWritten("parts of no object")
            shape = self.shapes.first(schema)
            parts = []
            for name, member in value.items():
                fields = self.fields(self.document.go(place, "encoding", name, "headers"))
                parts += [(*part, fields) for part in self.parts(name, member, shape["properties"].get(name), encoding.get(name))]
            if not parts:
                raise NotWritten("no parts")
            return multipart(parts), f"multipart/form-data; boundary={BOUNDARY}"
        if essence.endswith(("/xml", "+xml")):
            if isinstance(value, str) and kinds(self.shapes.first(schema)) <= {"string"}:
                return value.encode(), media
            shape = self.shapes.first(schema)
            root = self.element(value, schema, shape_name(shape) or "root")
            return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), media
        if isinstance(value, str):
            return value.encode(), media
        if essence == "text/plain" and not isinstance(value, (dict, list)):
            return text(value).encode(), media
        if essence.endswith(("/yaml", "/x-yaml", "+yaml")):
            return json.dumps(value).encode(), media
        raise NotWritten(f"a body of {essence}")

    # Forms.

    def form(self, value, encoding):
        pairs = []
        for name, member in value.items():
            how = encoding.get(name) if isinstance(encoding.get(name), dict) else {}
            key = quoted(name)
            if isinstance(member, list) and not any(isinstance(item, (dict, list)) for item in member):
                mark = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(how.get("style"), ",")
                if how.get("explode", mark == ",") and how.get("style") != "deepObject":
                    pairs += [f"{key}={quoted(item)}" for item in member]
                elif how.get("style") == "deepObject":
                    pairs += [f"{key}%5B{index}%5D={quoted(item)}" for index, item in enumerate(member)]
                elif member:
                    pairs.append(f"{key}=" + mark.join(quoted(item) for item in member))
            elif isinstance(member, (dict, list)):
                if how.get("style") == "deepObject":
                    pairs += brackets(key, member)
                elif "style" in how:
                    raise NotWritten("a form with composed members")
                elif isinstance(member, list):
                    pairs += [f"{key}={quoted(json.dumps(item))}" for item in member]
                else:
                    pairs.append(f"{key}={quoted(json.dumps(member))}")
            else:
                pairs.append(f"{key}={quoted(member)}")
        return pairs

    # Parts.

    def fields(self, place):
        """The fields that a part has to have."""
        fields = []
        described = self.document.at(place)
        for name in described if isinstance(described, dict) else {}:
            at, header = self.document.follow(self.document.go(place, name))
            if isinstance(header, dict) and header.get("required") is True and name.lower() != "content-type":
                value = self.sample(at, header, name, self.document.go(at, "schema"))
                if isinstance(value, (dict, list)):
                    raise NotWritten("a composed field of a part")
                fields.append((name, text(value)))
        return fields

    def parts(self, name, value, place, how):
        how = how if isinstance(how, dict) else {}
        shape = self.shapes.first(place) if place else {"properties": {}}
        wanted = how.get("contentType") if isinstance(how.get("contentType"), str) else None
        wanted = next((one.strip() for one in (wanted or "").split(",") if "*" not in one and "/" in one), None)
        if isinstance(value, list) and not (wanted and "json" in wanted):
            return [part for item in value for part in self.parts(name, item, shape.get("items"), how)]
        if isinstance(value, (dict, list)):
            if wanted and "json" not in wanted:
                raise NotWritten(f"a part of {wanted}")
            return [(name, None, wanted or "application/json", json.dumps(value).encode())]
        if shape.get("format") == "binary" or shape.get("type") == "file" or "contentMediaType" in shape:
            return [(name, "a.bin", wanted or "application/octet-stream", text(value).encode())]
        content = json.dumps(value) if wanted and "json" in wanted else text(value)
        return [(name, None, wanted, content.encode())]

    # XML.

    def shape_for(self, value, place):
        """The shape that describes most of a value."""
        shapes = self.shapes.of(place)
        if isinstance(value, dict):
            return max(shapes, key=lambda shape: len(set(shape["properties"]) & set(value)))
        return shapes[0]

    def tag(self, named, name):
        if isinstance(named.get("namespace"), str):
            if isinstance(named.get("prefix"), str) and named["prefix"]:
                ElementTree.register_namespace(named["prefix"], named["namespace"])
            return "{" + named["namespace"] + "}" + as_tag(name)
        return as_tag(name)

    def element(self, value, place, name):
        shape = self.shape_for(value, place) if place else {"properties": {}}
        element = ElementTree.Element(self.tag(xml_of(shape), name))
        if isinstance(value, dict):
            names = elements(self.shapes, shape)
            for key, member in value.items():
                self.member(element, key, member, shape["properties"].get(key) or shape.get("additionalProperties"), names.get(key))
        elif isinstance(value, list):
            items = shape.get("items")
            for item in value:
                element.append(self.element(item, items, (items and shape_name(self.shapes.first(items))) or name))
        elif value is None:
            element.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
        else:
            element.text = text(value)
        return element

    def member(self, element, key, value, place, called):
        shape = self.shape_for(value, place) if place else {"properties": {}}
        named = xml_of(shape)
        name = called or shape_name(shape) or key
        kind = named.get("nodeType")
        if named.get("attribute") is True or kind == "attribute":
            if not isinstance(value, (dict, list)):
                element.set(self.tag(named, name), text(value))
        elif kind in ("text", "cdata"):
            element.text = text(value)
        elif isinstance(value, list) and not (named.get("wrapped") is True or kind == "element"):
            items = shape.get("items")
            for item in value:
                element.append(self.element(item, items, called or key))
        else:
            element.append(self.element(value, place, name))


def shape_name(shape):
    name = xml_of(shape).get("name")
    return name if isinstance(name, str) and name else None


def brackets(key, value):
    pairs = []
    for name, member in value.items() if isinstance(value, dict) else enumerate(value):
        inner = f"{key}%5B{quoted(str(name))}%5D"
        pairs += brackets(inner, member) if isinstance(member, (dict, list)) else [f"{inner}={quoted(member)}"]
    return pairs


def multipart(parts):
    lines = []
    for name, filename, kind, content, fields in parts:
        name = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        lines.append(f"--{BOUNDARY}".encode())
        lines.append(f'Content-Disposition: form-data; name="{name}"'.encode() + (f'; filename="{filename}"'.encode() if filename else b""))
        if kind:
            lines.append(f"Content-Type: {kind}".encode())
        lines += [f"{name}: {value}".encode() for name, value in fields]
        lines += [b"", content]
    lines += [f"--{BOUNDARY}--".encode(), b""]
    return b"\r\n".join(lines)
