"""An OpenAPI document as the judge reads it: texts, references, operations. Nothing here is shared with standin."""

import json
import os
import re
from urllib.parse import unquote

import yaml

METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]


class Core(yaml.CSafeLoader):
    """YAML 1.2 core types: `no` and `2020-01-01` are texts, and there are no numbers to base sixty."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", "<<", "<"),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))


def _integer(loader, node):
    text = loader.construct_scalar(node)
    if text.startswith("0x"):
        return int(text, 16)
    return int(text[2:], 8) if text.startswith("0o") else int(text)


Core.add_constructor("tag:yaml.org,2002:int", _integer)
Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


def as_json(value):
    """Keys as texts (`200:` is a number to YAML), nothing else changed."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): as_json(member) for key, member in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


class Unread(Exception):
    """What the judge cannot read."""


class Document:
    """One document and the files it refers to."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.files = {}
        self.root = self.file(self.path)
        if not isinstance(self.root, dict):
            raise Unread("its root is no mapping")
        self.version = str(self.root.get("openapi") or self.root.get("swagger") or "")

    def file(self, path):
        if path not in self.files:
            try:
                with open(path, "rb") as opened:
                    text = opened.read().decode("utf-8-sig")
            except (OSError, UnicodeDecodeError) as why:
                raise Unread(f"{os.path.basename(path)} cannot be read: {why}") from None
            try:
                self.files[path] = json.loads(text)
            except ValueError:
                try:
                    self.files[path] = as_json(yaml.load(text, Core))
                except (yaml.YAMLError, ValueError, RecursionError) as why:
                    raise Unread(f"{os.path.basename(path)} does not parse: {str(why).splitlines()[0]}") from None
        return self.files[path]

    def go(self, place, *tokens):
        """A place below another: (file, pointer)."""
        path, pointer = place
        return path, pointer + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)

    def at(self, place):
        """What stands at a place; None where nothing does."""
        path, pointer = place
        value = self.file(path)
        for token in pointer.split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and token.isdigit() and int(token) < len(value):
                value = value[int(token)]
            elif isinstance(value, dict) and token in value:
                value = value[token]
            else:
                return None
        return value

    def target(self, place, reference):
        """Where a reference leads."""
        name, _, fragment = reference.partition("#")
        if "://" in name:
            raise Unread(f"{reference} is not in a file")
        path = os.path.normpath(os.path.join(os.path.dirname(place[0]), unquote(name))) if name else place[0]
        return path, unquote(fragment).rstrip("/")

    def follow(self, place):
        """The place behind references, and what stands there."""
        for _ in range(32):
            value = self.at(place)
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return place, value
            place = self.target(place, value["$ref"])
            if self.at(place) is None:
                raise Unread(f"{value['$ref']} leads nowhere")
        raise Unread("a reference leads in a circle")

    def tree(self):
        """The folder that holds the document and every file that its references lead to: what `--root` is given."""
        seen, pending = set(), [self.path]
        while pending:
            path = pending.pop()
            if path in seen:
                continue
            seen.add(path)
            try:
                values = [self.file(path)]
            except Unread:
                seen.discard(path)
                continue
            while values:
                value = values.pop()
                if isinstance(value, dict):
                    reference = value.get("$ref")
                    if isinstance(reference, str) and "://" not in reference and reference.partition("#")[0]:
                        pending.append(self.target((path, ""), reference)[0])
                    values.extend(value.values())
                elif isinstance(value, list):
                    values.extend(value)
        return os.path.commonpath([os.path.dirname(path) for path in seen])

    def operations(self):
        paths = (self.path, "/paths")
        for template in self.at(paths) or {}:
            if template.startswith("x-"):
                continue
            try:
                item, value = self.follow(self.go(paths, template))
            except Unread:
                continue
            if not isinstance(value, dict):
                continue
            ways = [(field.upper(), (field,)) for field in METHODS]
            more = value.get("additionalOperations")
            for method in more if isinstance(more, dict) else {}:
                # A field of the path item is not meant here, and CONNECT opens a tunnel.
                if method.lower() not in METHODS and method != "CONNECT" and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", method):
                    ways.append((method, ("additionalOperations", method)))
            for method, way in ways:
                if method == "QUERY" and not self.version.startswith("3.2"):
                    continue
                try:
                    place, operation = self.follow(self.go(item, *way))
                except Unread:
                    continue
                if isinstance(operation, dict):
                    yield Operation(self, template, method, item, place)


class Operation:
    """An operation, as far as a request and its answers need it."""

    def __init__(self, document, template, method, item, place):
        self.document, self.template, self.method, self.item, self.place = document, template, method, item, place
        self.value = document.at(place)
        self.name = f"{method} {template}"

    def path(self):
        """The template as a path: a missing slash is meant to be there."""
        return self.template if self.template.startswith("/") else "/" + self.template

    def base(self):
        """The path of the first server."""
        root = self.document.root
        if "swagger" in root:
            return str(root.get("basePath") or "").rstrip("/")
        for holder in (self.value, self.document.at(self.item), root):
            servers = holder.get("servers")
            if isinstance(servers, list) and servers and isinstance(servers[0], dict):
                url = str(servers[0].get("url") or "")
                variables = servers[0].get("variables")
                first = url.split("/")[0]
                if first.startswith("{") and "." in re.sub(r"\{[^}]*\}", "", first):
                    url = "//" + url  # `{account}.{suffix}` is a host.
                for name, variable in (variables if isinstance(variables, dict) else {}).items():
                    # What has no value stays as it is written.
                    url = url.replace("{" + name + "}", str(variable.get("default", "{" + name + "}")))
                # A variable without a value at the beginning says where the API is, not under which path.
                url = re.sub(r"^\{[^/]*(?=/|$)(?!//)", "", url) if not re.match(r"^[^/]*://", url) else url
                url = re.sub(r"^[A-Za-z{}][^:/]*:(?=//)", "", url)
                url = re.sub(r"^//[^/]*", "", url).split("?")[0].split("#")[0].rstrip("/")
                return url if url.startswith("/") or not url else "/" + url
        return ""

    def parameters(self):
        """(place, value) of each parameter; the operation's own win, and of two in one list the first."""
        found = {}
        for holder in (self.place, self.item):
            listed = self.document.at(self.document.go(holder, "parameters"))
            for index in range(len(listed) if isinstance(listed, list) else 0):
                try:
                    place, value = self.document.follow(self.document.go(holder, "parameters", index))
                except Unread:
                    continue
                if isinstance(value, dict) and "name" in value and "in" in value:
                    found.setdefault((str(value["in"]), str(value["name"])), (place, value))
        return list(found.values())

    def responses(self):
        """(key, place, value) of each response."""
        listed = self.value.get("responses")
        for key in listed if isinstance(listed, dict) else {}:
            if key.startswith("x-"):
                continue
            try:
                place, value = self.document.follow(self.document.go(self.place, "responses", key))
            except Unread as why:
                yield key, None, str(why)
                continue
            yield key, place, value if isinstance(value, dict) else {}

    def security(self):
        """The schemes of the first alternative that can be met, as (scheme) values; [] when none are needed."""
        wanted = self.value.get("security", self.document.root.get("security"))
        if not isinstance(wanted, list) or not wanted or {} in wanted:
            return []
        for alternative in wanted:
            try:
                found = [self._scheme(name) for name in alternative] if isinstance(alternative, dict) else [None]
            except Unread:
                continue
            if all(isinstance(scheme, dict) for scheme in found):
                return found
        return []

    def _scheme(self, name):
        """A scheme by the name of its component, or by reference (3.2)."""
        way = ("components", "securitySchemes") if "openapi" in self.document.root else ("securityDefinitions",)
        place = self.document.go((self.document.path, ""), *way, name)
        if self.document.at(place) is None and "#" in name:
            place = self.document.target(self.place, name)
        return self.document.follow(place)[1]
