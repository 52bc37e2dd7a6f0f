"""Whether the header fields of an answer are as documented."""

import json
import re
from urllib.parse import unquote

from document import Unread
from shapes import kinds
from verdict import Impossible

# Of these the message itself decides, not the document.
FRAMING = ("content-type", "content-length", "transfer-encoding", "connection", "date")


def wrong(document, judge, shapes, place, response, fields):
    """(name, place, sentence) of each field that is not as its description asks."""
    described = response.get("headers")
    for name in described if isinstance(described, dict) else {}:
        if name.lower() in FRAMING:
            continue
        place_of = document.go(place, "headers", name)
        try:
            at, header = document.follow(place_of)
        except Unread:
            continue
        if not isinstance(header, dict):
            continue
        values = fields.get_all(name) or []
        if not values:
            if header.get("required") is True:
                yield name, place_of, f"the required field {name} is missing"
            continue
        content = header.get("content")
        if isinstance(content, dict) and content:
            schema = document.go(at, "content", next(iter(content)), "schema")
        else:
            schema = document.go(at, "schema") if "schema" in header else at if "type" in header and judge.swagger else None
        if schema is None or document.at(schema) is None:
            continue
        for value in values if name.lower() == "set-cookie" else [", ".join(values)]:
            try:
                found = list(readings(value, schema, header, shapes))
                if all(judge.errors(schema, reading, strict=False) for reading in found):
                    yield name, place_of, f"the field {name} has the value `{value}`, which its schema forbids"
            except (Impossible, Unread):
                continue


def readings(value, schema, header, shapes):
    """What the text of a field may mean: style `simple`, `collectionFormat` of 2.0, or JSON where `content` is described."""
    if "content" in header:
        yield value
        try:
            yield json.loads(value)
        except ValueError:
            pass
        return
    mark = {"ssv": " ", "tsv": "\t", "pipes": "|"}.get(header.get("collectionFormat"), ",")
    for shape in shapes.of(schema):
        found = kinds(shape)
        if not found or found - {"array", "object"}:
            yield value
            yield from literal(value, found)
        if not found or "array" in found:
            items = shape.get("items")
            texts = [item.strip() for item in value.split(mark)] if value else []
            yield [scalar(text, items, shapes) for text in texts]
        if "object" in found or (not found and header.get("explode") is True):
            pieces = [item.strip() for item in value.split(",")]
            pairs = [piece.partition("=")[::2] for piece in pieces] if header.get("explode") is True else list(zip(pieces[::2], pieces[1::2]))
            other = shape.get("additionalProperties")
            yield {unquote(key): scalar(text, shape["properties"].get(key) or other, shapes) for key, text in pairs}


def literal(text, found):
    if text in ("true", "false") and (not found or "boolean" in found):
        yield text == "true"
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text) and (not found or {"integer", "number"} & found):
        yield json.loads(text) if not re.match(r"-?0[0-9]", text) else float(text)
    if text == "" and "null" in found:
        yield None


def scalar(text, place, shapes):
    if place is None:
        return text
    for shape in shapes.of(place):
        found = kinds(shape)
        if found and "string" not in found:
            for value in literal(text, found):
                return value
    return text
