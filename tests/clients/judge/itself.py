#!/usr/bin/env python3
"""The judge, judged: what its readers make of content that is right, and that they object to what is not."""

import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bodies import Bodies, Unsound  # noqa: E402
from document import Document  # noqa: E402
from evidence import Evidence, of_json, of_yaml  # noqa: E402
from shapes import Shapes  # noqa: E402
from verdict import Judge  # noqa: E402

TAG = {"type": "object", "required": ["id"], "xml": {"name": "tag"}, "properties": {"id": {"type": "integer", "xml": {"attribute": True}}}}
PET = {
    "type": "object",
    "required": ["name", "tags"],
    "xml": {"name": "pet", "namespace": "urn:pets"},
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "minItems": 2, "xml": {"wrapped": True}, "items": TAG},
        "photo": {"type": "array", "items": {"type": "string"}},
    },
}
ITEM = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
EVENT = {"type": "object", "required": ["data"], "properties": {"data": ITEM, "id": {"type": "string"}}}
FORM = {
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer"}, "l": {"type": "array", "items": {"type": "integer"}}, "deep": {"type": "object", "properties": {"n": {"type": "integer"}}}},
}
ROOT = '<pet xmlns="urn:pets">%s</pet>'
TAGS = '<tags><tag id="1"/><tag id="2"/></tags>'

# media type, Media Type Object, content, what becomes of it.
CASES = [
    ("application/json", {"schema": ITEM}, '{"n": 1}', "holds"),
    ("application/json", {"schema": ITEM}, '{"n": "1"}', "invalid"),
    ("application/json", {"schema": ITEM}, '{"n": 1', "unsound"),
    ("application/xml", {"schema": PET}, ROOT % f"<name>a</name>{TAGS}<photo>x</photo><photo>y</photo>", "holds"),
    ("application/xml", {"schema": PET}, ROOT % f"<name>a</name><age>old</age>{TAGS}", "invalid"),
    ("application/xml", {"schema": PET}, ROOT % '<name>a</name><tag id="1"/><tag id="2"/>', "invalid"),
    ("application/xml", {"schema": PET}, ROOT % '<name>a</name><tags><tag id="1"/><tog id="2"/></tags>', "unsound"),
    ("application/xml", {"schema": PET}, f"<pet><name>a</name>{TAGS}</pet>", "unsound"),
    ("application/xml", {"schema": PET}, f"<dog xmlns='urn:pets'><name>a</name>{TAGS}</dog>", "unsound"),
    ("application/xml", {"schema": PET}, "<pet>", "unsound"),
    ("application/jsonl", {"itemSchema": ITEM}, '{"n": 1}\n{"n": 2}\n', "holds"),
    ("application/jsonl", {"itemSchema": ITEM}, '{"n": 1}\n{"m": 2}\n', "invalid"),
    ("application/jsonl", {"schema": {"type": "array", "maxItems": 1}}, '{"n": 1}\n{"n": 2}\n', "invalid"),
    ("application/json-seq", {"itemSchema": ITEM}, '\x1e{"n": 1}\n', "holds"),
    ("application/json-seq", {"itemSchema": ITEM}, '{"n": 1}\n', "unsound"),
    ("text/event-stream", {"itemSchema": EVENT}, 'id: 1\ndata: {"n":\ndata: 1}\n\n', "holds"),
    ("text/event-stream", {"itemSchema": EVENT}, 'data: {"n": "x"}\n\n', "invalid"),
    ("text/event-stream", {"itemSchema": EVENT}, 'data: {"n": 1}', "unsound"),
    ("application/x-www-form-urlencoded", {"schema": FORM}, "n=1&l=1&l=2&deep%5Bn%5D=3", "holds"),
    ("application/x-www-form-urlencoded", {"schema": FORM}, "n=one", "invalid"),
    ("application/x-www-form-urlencoded", {"schema": FORM}, "n=1&deep%5Bn%5D=x", "invalid"),
    ("multipart/form-data; boundary=b", {"schema": FORM}, '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--b--\r\n', "holds"),
    ("multipart/form-data; boundary=b", {"schema": FORM}, '--b\r\nContent-Disposition: form-data; name="l"\r\n\r\n1\r\n--b--\r\n', "invalid"),
    ("multipart/form-data; boundary=b", {"schema": FORM}, '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n', "unsound"),
    ("text/plain", {"schema": {"type": "integer"}}, "7", "holds"),
    ("text/plain", {"schema": {"type": "integer"}}, "seven", "invalid"),
    ("image/png", {"schema": {"type": "string", "maxLength": 2}}, "abc", "invalid"),
]


def document(folder, root):
    path = os.path.join(folder, "openapi.json")
    with open(path, "w", encoding="utf-8") as opened:
        json.dump(root, opened)
    return Document(path)


class Readers(unittest.TestCase):
    def test_content_is_read_by_its_schema(self):
        for media, described, content, expected in CASES:
            with self.subTest(media=media, content=content), tempfile.TemporaryDirectory() as folder:
                read = document(folder, {"openapi": "3.2.0", "content": described})
                judge = Judge(read)
                try:
                    checks = Bodies(read, judge, Shapes(read, judge.old)).read(media, content.encode(), (read.path, "/content"))
                    holds = all(any(not judge.errors(place, reading) for reading in readings) for place, readings in checks)
                    found = "holds" if holds and checks else "invalid"
                except Unsound:
                    found = "unsound"
                self.assertEqual(found, expected)


class Places(unittest.TestCase):
    TEXT = '{"a": {\n  "b/c": [1, {"d": "x"}]}}'

    def test_places_are_those_of_the_text(self):
        for tree in (of_yaml(self.TEXT), of_json(self.TEXT)):
            key, node = tree.members["a"][1].members["b/c"]
            self.assertEqual((key, node.begin), ((2, 3), (2, 10)))
            key, node = node.members["1"][1].members["d"]
            self.assertEqual((key, node.begin, node.end), ((2, 15), (2, 20), (2, 23)))

    def test_a_finding_counts_at_its_own_place_only(self):
        with tempfile.TemporaryDirectory() as folder:
            read = document(folder, {"openapi": "3.1.0", "paths": {"/a": {}, "/b": {}}})
            lint = type("Told", (), {"findings": [{"rule": "path-template", "file": read.path, "line": 1, "column": 32, "sentence": "`/a`"}]})()
            evidence = Evidence(read, lint)
            self.assertTrue(evidence.exactly({"path-template"}, (read.path, "/paths/~1a")))
            self.assertFalse(evidence.exactly({"path-template"}, (read.path, "/paths/~1b")))
            self.assertFalse(evidence.inside({"path-template"}, (read.path, "/paths/~1b")))
            self.assertFalse(evidence.exactly({"status-key"}, (read.path, "/paths/~1a")))


if __name__ == "__main__":
    unittest.main()
