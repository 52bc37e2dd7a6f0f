"""What a schema says of its values' form: composition and references merged, one shape for each choice that it leaves."""

from document import Unread

DEEPEST = 10
# Of the choices that a schema leaves, so many are tried.
MOST = 24


class Shapes:
    """The shapes of one document's schemas."""

    def __init__(self, document, old):
        self.document, self.old = document, old
        self.known = {}

    def of(self, place):
        """The shapes of a schema: its keywords, and the places of its subschemas."""
        if place not in self.known:
            self.known[place] = self._made(place, 0)[:MOST] or [{"properties": {}}]
        return self.known[place]

    def first(self, place):
        return self.of(place)[0]

    def _made(self, place, depth):
        schema = self.document.at(place)
        if not isinstance(schema, dict) or depth > DEEPEST:
            return [{"properties": {}}]
        go = self.document.go
        parts = []
        if isinstance(schema.get("$ref"), str):
            try:
                target, _ = self.document.follow(self.document.target(place, schema["$ref"]))
            except Unread:
                return [{"properties": {}}]
            if self.old:
                return self._made(target, depth + 1)
            parts.append([target])
        own = {key: value for key, value in schema.items() if key not in ("allOf", "oneOf", "anyOf", "$ref")}
        members = schema.get("properties")
        own["properties"] = {name: go(place, "properties", name) for name in (members if isinstance(members, dict) else {})}
        for word in ("items", "additionalProperties"):
            if isinstance(schema.get(word), dict):
                own[word] = go(place, word)
            else:
                own.pop(word, None)
        listed = {word: schema[word] if isinstance(schema.get(word), list) else [] for word in ("allOf", "oneOf", "anyOf", "prefixItems")}
        # Before 2020-12 a list of schemas stood under `items`.
        word = "items" if isinstance(schema.get("items"), list) else "prefixItems"
        own["prefixItems"] = [go(place, word, index) for index in range(len(schema[word] if word == "items" else listed[word]))]
        parts += [[go(place, "allOf", index)] for index in range(len(listed["allOf"]))]
        parts += [[go(place, word, index) for index in range(len(listed[word]))] for word in ("oneOf", "anyOf") if listed[word]]
        shapes = [own]
        for branches in parts:
            made = [shape for branch in branches for shape in self._made(branch, depth + 1)][:MOST]
            shapes = [self._merged(shape, part, depth) for shape in shapes for part in made][:MOST]
        return shapes

    def _merged(self, shape, part, depth):
        whole = merged(shape, part)
        # Of a member that several describe, the description that knows most members of its own.
        for name in shape["properties"].keys() & part["properties"].keys():
            places = [shape["properties"][name], part["properties"][name]]
            whole["properties"][name] = max(places, key=lambda place: len(self._made(place, depth + 1)[0]["properties"]))
        return whole


def item_of(shape, index):
    """The place of an item's schema."""
    first = shape.get("prefixItems") or []
    return first[index] if index < len(first) else shape.get("items")


def xml_of(shape):
    return shape["xml"] if isinstance(shape.get("xml"), dict) else {}


def elements(shapes, shape):
    """Member: what its elements are called. What several would be called, none of them is."""
    called = {}
    for name, place in shape["properties"].items():
        inner = shapes.first(place)
        named = xml_of(inner)
        if named.get("attribute") is True or named.get("nodeType") in ("attribute", "text", "cdata"):
            continue
        if "array" in kinds(inner) and not (named.get("wrapped") is True or named.get("nodeType") == "element"):
            named = xml_of(shapes.first(inner["items"])) if "items" in inner else {}
        called[name] = named["name"] if isinstance(named.get("name"), str) and named["name"] else name
    claims = list(called.values())
    return {name: name if claims.count(element) > 1 else element for name, element in called.items()}


def merged(shape, part):
    whole = {**part, **shape}
    whole["properties"] = {**part["properties"], **shape["properties"]}
    whole["prefixItems"] = shape.get("prefixItems") or part.get("prefixItems") or []
    required = [*(listed(shape, "required")), *(listed(part, "required"))]
    if required:
        whole["required"] = required
    return whole


def listed(shape, word):
    return shape[word] if isinstance(shape.get(word), list) else []


def kinds(shape):
    """The types that a shape names or lets guess; none where anything goes."""
    kind = shape.get("type")
    kind = {one for one in kind if isinstance(one, str)} if isinstance(kind, list) else {kind} if isinstance(kind, str) else set()
    if "file" in kind:
        kind = (kind - {"file"}) | {"string"}
    if kind and shape.get("nullable") is True:
        kind = kind | {"null"}
    if not kind and shape.get("properties"):
        kind = {"object"}
    if not kind and "items" in shape:
        kind = {"array"}
    return kind
