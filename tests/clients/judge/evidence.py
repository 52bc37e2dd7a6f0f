"""Where a document says something, as line and column, so that what lint tells of a place can be held to that very place."""

import os
from json.decoder import py_scanstring as text_at

import yaml

from document import Unread


class Node:
    """A part of a text: where it begins and ends; its members as key: (where the key begins, node)."""

    __slots__ = ("begin", "end", "members")

    def __init__(self, begin, end, members=None):
        self.begin, self.end, self.members = begin, end, members


def of_yaml(text):
    def made(node):
        begin, end = ((mark.line + 1, mark.column + 1) for mark in (node.start_mark, node.end_mark))
        if id(node) in known:
            return known[id(node)]
        result = known[id(node)] = Node(begin, end)
        if isinstance(node, yaml.MappingNode):
            result.members = {str(key.value): ((key.start_mark.line + 1, key.start_mark.column + 1), made(value)) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            result.members = {str(index): (made(item).begin, made(item)) for index, item in enumerate(node.value)}
        return result

    known = {}
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    return made(root) if root is not None else None


def of_json(text):
    """For JSON that is no YAML: a tab between tokens, half a character escaped."""
    starts = [0]
    for index, letter in enumerate(text):
        if letter == "\n":
            starts.append(index + 1)

    def place(index):
        low, high = 0, len(starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if starts[middle] <= index else (low, middle)
        return low + 1, index - starts[low] + 1

    def blank(index):
        while text[index] in " \t\r\n":
            index += 1
        return index

    def made(index):
        begin = index = blank(index)
        if text[index] in "{[":
            closing, members = ("}" if text[index] == "{" else "]"), {}
            index = blank(index + 1)
            while text[index] != closing:
                key, at = str(len(members)), index
                if closing == "}":
                    key, index = text_at(text, index + 1, False)
                    index = blank(index) + 1
                node, index = made(index)
                members[key] = (place(at), node)
                index = blank(index)
                if text[index] == ",":
                    index = blank(index + 1)
            return Node(place(begin), place(index + 1), members), index + 1
        if text[index] == '"':
            _, index = text_at(text, index + 1, False)
        else:
            while index < len(text) and text[index] not in " \t\r\n,]}":
                index += 1
        return Node(place(begin), place(index)), index

    return made(0)[0]


class Evidence:
    """The findings of lint, by place."""

    def __init__(self, document, lint):
        self.document, self.lint = document, lint
        self.trees = {}

    def tree(self, path):
        if path not in self.trees:
            try:
                with open(path, encoding="utf-8-sig") as opened:
                    text = opened.read()
                self.trees[path] = of_yaml(text)
            except OSError:
                self.trees[path] = None
            except (yaml.YAMLError, ValueError):
                try:
                    self.trees[path] = of_json(text)
                except (ValueError, IndexError):
                    self.trees[path] = None
        return self.trees[path]

    def span(self, place):
        """(where the key begins, where the value begins, where it ends); None where nothing stands."""
        path, pointer = place
        node = self.tree(path)
        if node is None:
            return None
        key = node.begin
        for token in pointer.split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            if not node.members or token not in node.members:
                return None
            key, node = node.members[token]
        return key, node.begin, node.end

    def inside(self, rules, *places, saying=""):
        """A finding under one of these rules somewhere in one of these places."""
        return self._found(rules, places, saying, lambda key, begin, end, at: min(key, begin) <= at < end or at == begin)

    def exactly(self, rules, *places, saying=""):
        """A finding under one of these rules about one of these places itself."""
        return self._found(rules, places, saying, lambda key, begin, end, at: at in (key, begin))

    def _found(self, rules, places, saying, fits):
        for finding in self.lint.findings:
            if finding["rule"] not in rules or saying not in finding["sentence"]:
                continue
            for place in places:
                if place is None or os.path.abspath(finding["file"] or "") != place[0]:
                    continue
                span = self.span(place)
                if span and fits(*span, (finding["line"], finding["column"])):
                    return finding
        return None

    def reachable(self, place):
        """The schema at a place and every one that it refers to."""
        seen, pending = [], [place]
        while pending and len(seen) < 2_000:
            place = pending.pop()
            if place in seen:
                continue
            seen.append(place)
            try:
                values = [self.document.at(place)]
            except Unread:
                continue
            while values:
                value = values.pop()
                if isinstance(value, dict):
                    if isinstance(value.get("$ref"), str):
                        try:
                            pending.append(self.document.target(place, value["$ref"]))
                        except Unread:
                            pass
                    values.extend(value.values())
                elif isinstance(value, list):
                    values.extend(value)
        return seen

    def trail(self, place, way):
        """The places that a validator came by on its way through a schema, references followed."""
        found = [place]
        for token in way:
            for _ in range(32):
                try:
                    value = self.document.at(place)
                except Unread:
                    return found
                inner = value[token] if isinstance(value, dict) and token in value else None
                if inner is not None or isinstance(value, list) or not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                    break
                try:
                    place = self.document.target(place, value["$ref"])
                except Unread:
                    return found
                found.append(place)
            place = self.document.go(place, token)
            found.append(place)
        return found
