"""Values for requests, made from schemas in the plainest way; the validator says which of them will do."""

import re

try:  # The parser of regular expressions moved in Python 3.11.
    from re import _constants as sre
    from re import _parser as sre_parse
except ImportError:
    import sre_constants as sre
    import sre_parse

from document import Unread

FORMATS = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "iri": "https://example.com/a",
    "uri-reference": "/a",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "YWJj",
    "duration": "P1D",
}
DEEPEST = 12
# Nothing larger is made, whatever a schema asks for.
LARGEST = 1_000


def matching(pattern):
    """A text that a regular expression probably matches; what is not understood is left out."""
    pattern = re.sub(r"\\p\{[^}]*\}", "a", pattern).replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    pattern = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: re.escape(chr(int(found[1], 16))), pattern)

    def some(parsed):
        text = ""
        for operation, argument in parsed:
            if operation is sre.LITERAL:
                text += chr(argument)
            elif operation is sre.NOT_LITERAL:
                text += "a" if argument != ord("a") else "b"
            elif operation is sre.ANY:
                text += "a"
            elif operation is sre.IN:
                text += one_of(argument)
            elif operation is sre.BRANCH:
                text += some(argument[1][0])
            elif operation is sre.SUBPATTERN:
                text += some(argument[-1])
            elif operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                least, most, inner = argument
                text += some(inner) * min(LARGEST, max(least, 1 if most else 0))
        return text

    def one_of(items):
        negated = bool(items) and items[0][0] is sre.NEGATE
        if not negated:
            for operation, argument in items:
                if operation is sre.LITERAL:
                    return chr(argument)
                if operation is sre.RANGE:
                    return chr(argument[0])
                if operation is sre.CATEGORY:
                    return {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " "}.get(argument, "a")
        forbidden = "".join(chr(argument) for operation, argument in items if operation is sre.LITERAL)
        ranges = [argument for operation, argument in items if operation is sre.RANGE]
        for letter in "ax1_-A":
            if letter not in forbidden and not any(first <= ord(letter) <= last for first, last in ranges):
                return letter
        return "a"

    try:
        return some(sre_parse.parse(pattern))
    except (re.error, OverflowError, RecursionError, ValueError):
        return "a"


class Maker:
    """Makes values for the schemas of one document."""

    def __init__(self, document):
        self.document = document
        self.full, self.filled, self.turn, self.bare = False, False, 0, False

    def value(self, place, full=False, filled=False, turn=0, bare=False):
        """A value for the schema at a place; whether it will do is for the validator to say.

        It has what it must have, or with `full` every member that a request may have; with `filled` no list is empty.
        `turn` says which branch of a choice is taken, and `bare` that no example is trusted."""
        self.full, self.filled, self.turn, self.bare = full, filled, turn, bare
        return self._value(place, 0)

    def _value(self, place, depth):
        return self._of(self._flat(place, 0), depth)

    def _wanted(self, place, depth):
        """Whether an optional member is put in."""
        if not self.full or depth >= 3:
            return False
        try:
            _, schema = self.document.follow(place)
        except Unread:
            return False
        return isinstance(schema, dict) and schema.get("readOnly") is not True and schema is not False

    def _flat(self, place, nested):
        """The keywords at a place, those of `allOf` and of the first branch among them; subschemas by place."""
        place, schema = self.document.follow(place)
        if not isinstance(schema, dict) or nested > DEEPEST:
            return {}
        flat = {key: value for key, value in schema.items() if key not in ("allOf", "oneOf", "anyOf")}
        members = schema.get("properties")
        flat["properties"] = {
            name: self.document.go(place, "properties", name) for name in (members if isinstance(members, dict) else {})
        }
        if "items" in schema:
            flat["items"] = self.document.go(place, "items")
        parts = [("allOf", index) for index in range(len(listed(schema, "allOf")))]
        for word in ("oneOf", "anyOf"):
            if listed(schema, word):
                parts.append((word, self._plainest(place, word, listed(schema, word))))
        for word, index in parts:
            part = self._flat(self.document.go(place, word, index), nested + 1)
            flat["properties"] = {**part.pop("properties", {}), **flat["properties"]}
            required = [*listed(flat, "required"), *listed(part, "required")]
            for key, value in part.items():
                flat.setdefault(key, value)
            flat["required"] = required
        return flat

    def _plainest(self, place, word, branches):
        """The first branch that is not null, or the next ones in turn."""
        order = [*range(len(branches))]
        turn = self.turn % len(order)
        for index in order[turn:] + order[:turn]:
            try:
                _, branch = self.document.follow(self.document.go(place, word, index))
            except Unread:
                continue
            if isinstance(branch, dict) and branch.get("type") != "null":
                return index
        return 0

    def _of(self, flat, depth):
        for word in ("const", "example", "default"):
            if word in flat and not (self.bare and word != "const"):
                return flat[word]
        for word in ("enum", "examples"):
            if listed(flat, word) and not (self.bare and word == "examples"):
                return flat[word][0]
        kind = flat.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        if kind is None:
            kind = "object" if flat.get("properties") else "array" if "items" in flat else "string"
        if kind == "object":
            value = {}
            required = listed(flat, "required")
            for name, place in flat["properties"].items():
                if depth < DEEPEST and (name in required or self._wanted(place, depth)):
                    value[name] = self._value(place, depth + 1)
            for name in required:
                if isinstance(name, str):
                    value.setdefault(name, "a")
            for extra in range(min(int(flat.get("minProperties") or 0), LARGEST) - len(value)):
                name = next((name for name in flat["properties"] if name not in value), f"key{extra}")
                value[name] = self._value(flat["properties"][name], depth + 1) if name in flat["properties"] else "a"
            return value
        if kind == "array":
            least = int(flat.get("minItems") or 0)
            least = min(least, LARGEST)
            count = least if depth >= DEEPEST else max(least, 1 if depth == 0 or self.filled or self.full and depth < 3 else 0)
            item = self._value(flat["items"], depth + 1) if "items" in flat and count else "a"
            if flat.get("uniqueItems") and count > 1:
                return self._different(item, count, flat)
            return [item] * count
        if kind in ("integer", "number"):
            return number(flat, kind)
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        if isinstance(flat.get("pattern"), str):
            text = matching(flat["pattern"])
        else:
            text = FORMATS.get(flat.get("format"), "a")
        least, most = flat.get("minLength") or 0, flat.get("maxLength")
        if len(text) < least:
            text += "a" * (min(int(least), 1_000 * LARGEST) - len(text))
        return text[: int(most)] if isinstance(most, int) and "format" not in flat else text

    def _different(self, item, count, flat):
        """As many items, no two of them equal."""
        shape = self._flat(flat["items"], 0) if "items" in flat else {}
        if listed(shape, "enum"):
            return (shape["enum"] * count)[:count]
        if isinstance(item, bool):
            return [True, False][:count]
        if isinstance(item, (int, float)):
            return [item + step * (shape.get("multipleOf") or 1) for step in range(count)]
        if isinstance(item, str):
            return [(str(step) + item[len(str(step)):]) if step else item for step in range(count)]
        return [item] * count


def number(flat, kind):
    least, most = flat.get("minimum"), flat.get("maximum")
    step = flat.get("multipleOf") or 1
    low = flat.get("exclusiveMinimum")
    if isinstance(low, bool):
        least = least + step if low and least is not None else least
    elif isinstance(low, (int, float)):
        least = low + step
    high = flat.get("exclusiveMaximum")
    if isinstance(high, bool):
        most = most - step if high and most is not None else most
    elif isinstance(high, (int, float)):
        most = high - step
    value = least if least is not None else min(1, most) if most is not None else 1
    if flat.get("multipleOf"):
        value = -(-value // step) * step
    return int(value) if kind == "integer" or value == int(value) else value


def listed(flat, word):
    return flat[word] if isinstance(flat.get(word), list) else []
