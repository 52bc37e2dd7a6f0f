"""A valid request for an operation, made from the document alone."""

import json
from urllib.parse import quote, urlencode

from document import Unread
from verdict import Impossible


class NoRequest(Exception):
    """No valid request could be made, and why."""


class Request:
    def __init__(self, method, target, fields, body):
        self.method, self.target, self.fields, self.body = method, target, fields, body

    def curl(self, url, extra=()):
        words = ["curl", "-si", "-X", self.method, url + self.target]
        for name, value in [*self.fields, *extra]:
            words += ["-H", f"{name}: {value}"]
        if self.body is not None:
            words += ["--data-binary", self.body.decode("utf-8", "replace")]
        return " ".join(word if word and all(c.isalnum() or c in "-_./:=%" for c in word) else "'" + word.replace("'", "'\\''") + "'" for word in words)


class Requests:
    """Makes requests for the operations of one document."""

    def __init__(self, document, maker, judge):
        self.document, self.maker, self.judge = document, maker, judge

    def make(self, operation):
        target, query, fields, cookies = operation.base() + operation.template, [], [], []
        form = {}
        body = content_type = None
        for place, parameter in operation.parameters():
            name, where = str(parameter["name"]), parameter["in"]
            if where == "header" and name.lower() in ("accept", "content-type", "authorization"):
                continue
            if where == "body":
                body = json.dumps(self._sample(place, parameter, name, self.document.go(place, "schema"))).encode()
                content_type = "application/json"
                continue
            if not parameter.get("required") and where != "path":
                continue
            value, serialised = self._parameter(place, parameter, name)
            if where == "path":
                target = target.replace("{" + name + "}", path_text(parameter, name, value, serialised))
            elif where == "query":
                query.extend(query_pairs(parameter, name, value, serialised))
            elif where == "header":
                fields.append((name, simple(value, serialised, parameter.get("explode", False), lambda text: text)))
            elif where == "cookie":
                cookies.append(f"{name}={simple(value, serialised, False, quoted)}")
            elif where == "formData":
                if parameter.get("type") == "file":
                    raise NoRequest("a file in a form")
                form[name] = value
        if "{" in target:
            # A parameter that nobody describes is any text.
            import re

            target = re.sub(r"\{[^}]*\}", "x", target)
        target = target.replace("#", "%23").replace(" ", "%20")
        if form:
            body, content_type = urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded"
        if "openapi" in self.document.root:
            body, content_type = self._body(operation)
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
            target += ("&" if "?" in target else "?") + "&".join(query)
        target = quote(target, safe="/?&=%:@!$'()*+,;-._~[]|")
        if any(not text.isascii() or "\n" in text for _, text in fields):
            raise NoRequest("a field value that HTTP cannot carry")
        return Request(operation.method, target or "/", fields, body)

    def _parameter(self, place, parameter, name):
        """A value, and whether it is text in the form of a media type already."""
        content = parameter.get("content")
        if isinstance(content, dict) and content:
            media = next(iter(content))
            at = self.document.go(place, "content", media)
            value = self._sample(at, content[media], name, self.document.go(at, "schema"))
            return (json.dumps(value), True) if "json" in media else (str(value), True)
        schema = self.document.go(place, "schema") if "schema" in parameter else place
        return self._sample(place, parameter, name, schema), False

    def _sample(self, place, holder, name, schema):
        """An example of the holder or a made value that the validator accepts."""
        candidates = []
        if "example" in holder:
            candidates.append(holder["example"])
        examples = holder.get("examples")
        for key in examples if isinstance(examples, dict) else {}:
            try:
                _, example = self.document.follow(self.document.go(place, "examples", key))
            except Unread:
                continue
            if isinstance(example, dict) and "value" in example:
                candidates.append(example["value"])
        described = self.document.at(schema) is not None
        if described:
            try:
                candidates.append(self.maker.value(schema))
            except Unread as why:
                raise NoRequest(f"{name}: {why}") from None
        why = "nothing says what it is"
        for candidate in candidates:
            if holder.get("in") == "path" and candidate in ("", None, [], {}):
                why = "an empty path segment"
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
        if not described and not candidates:
            return "x"
        raise NoRequest(f"no valid value for `{name}`: {why[:160]}")

    def _body(self, operation):
        if "requestBody" not in operation.value:
            return None, None
        try:
            place, body = self.document.follow(self.document.go(operation.place, "requestBody"))
        except Unread as why:
            raise NoRequest(f"body: {why}") from None
        content = body.get("content") if isinstance(body, dict) else None
        if not isinstance(content, dict) or not content:
            return None, None
        why = None
        for media in sorted(content, key=lambda media: "json" not in media):
            at = self.document.go(place, "content", media)
            if "json" in media or media in ("*/*", "application/*"):
                try:
                    value = self._sample(at, content[media] or {}, "body", self.document.go(at, "schema"))
                except NoRequest as no:
                    why = why or str(no)
                    continue
                return json.dumps(value).encode(), media if "*" not in media else "application/json"
            if media == "application/x-www-form-urlencoded":
                try:
                    value = self._sample(at, content[media] or {}, "body", self.document.go(at, "schema"))
                except NoRequest as no:
                    why = why or str(no)
                    continue
                if value == {}:
                    why = why or "a form without members"
                elif isinstance(value, dict) and all(not isinstance(member, (dict, list)) for member in value.values()):
                    return urlencode({key: text(member) for key, member in value.items()}).encode(), media
                else:
                    why = why or "a form with composed members"
            elif media.startswith("text/plain"):
                try:
                    value = self._sample(at, content[media] or {}, "body", self.document.go(at, "schema"))
                except NoRequest as no:
                    why = why or str(no)
                    continue
                return text(value).encode(), media
            else:
                why = why or f"a body of {media}"
        if not body.get("required"):
            return None, None
        raise NoRequest(why or "no body can be made")

    def _credentials(self, scheme, query, fields, cookies):
        kind = scheme.get("type")
        name = str(scheme.get("name"))
        if kind == "apiKey":
            where = scheme.get("in")
            if where == "query":
                query.append(f"{quoted(name)}=x")
            elif where == "cookie":
                cookies.append(f"{name}=x")
            else:
                fields.append((name, "x"))
        elif kind == "basic" or str(scheme.get("scheme")).lower() == "basic":
            fields.append(("Authorization", "Basic eDp5"))
        elif kind != "mutualTLS":
            word = str(scheme.get("scheme") or "Bearer")
            fields.append(("Authorization", ("Bearer" if word.lower() == "bearer" else word) + " x"))


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
    return [f"{key}=" + ",".join(part for inner, member in value.items() for part in (quoted(str(inner)), quoted(member)))]
