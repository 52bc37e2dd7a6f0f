#!/usr/bin/env python3
"""Holds standin's answers to the documents they were made from, by a validator that is not standin's.

For each document: starts `standin mock`, sends every operation valid requests (a plain one in each media type, and one with everything
that it may say), then asks for each documented response by `Prefer: code=`, and judges status, media type, header fields and body.
What no answer can satisfy has to be a finding of `standin lint`, about that very place. One line of counts a document; exit code 1
when anything does not hold.
"""

import argparse
import collections
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.setrecursionlimit(4_000)

from bodies import Bodies, Unsaid, Unsound  # noqa: E402
from document import Document, Unread  # noqa: E402
from evidence import Evidence  # noqa: E402
from fields import wrong  # noqa: E402
from mock import Lint, Mock  # noqa: E402
from request import Requests  # noqa: E402
from samples import Maker  # noqa: E402
from shapes import Shapes  # noqa: E402
from verdict import Impossible, Judge  # noqa: E402

EMPTY = (204, 205, 304)


class Case:
    """One document, judged."""

    def __init__(self, binary, path, chosen):
        self.binary, self.path, self.chosen = binary, os.path.abspath(path), chosen
        self.counts = collections.Counter()
        self.unjudged = collections.Counter()
        self.mismatches = []
        self.named = []

    def run(self):
        try:
            document = Document(self.path)
            root = document.tree()
        except (Unread, RecursionError) as why:
            document, root = None, os.path.dirname(self.path)
            self.unjudged[str(why)] += 1
        lint = Lint(self.binary, self.path, root)
        try:
            mock = Mock(self.binary, self.path, root)
        except Unread as why:
            # What the judge can read, and says which version it is of, standin has to read.
            if lint.code() != 3 or (document and re.match(r"(2|3)\.", document.version)):
                self.mismatches.append(f"does not start: {why}")
            reason = lint.findings[0]["sentence"] if lint.findings else str(why)
            self.unjudged[f"not read by standin: {reason}"] += 1
            return
        if document is None:
            # It starts, and that is all that can be said.
            mock.stop()
            return
        try:
            self.document, self.judge, self.mock = document, Judge(document), mock
            self.evidence = Evidence(document, lint)
            self.shapes = Shapes(document, self.judge.old)
            self.bodies = Bodies(document, self.judge, self.shapes)
            requests = Requests(document, Maker(document), self.judge, self.shapes)
            for operation in document.operations():
                if self.chosen and not re.search(self.chosen, operation.name):
                    continue
                self.counts["operations"] += 1
                self.operation(operation, requests)
            if mock.process.poll() is not None:
                self.mismatches.append(f"the mock ended with {mock.process.returncode}")
            if lint.code() not in (0, 1):
                self.mismatches.append(f"lint ends with {lint.code()}: {lint.told[:200]}")
        finally:
            mock.stop()

    def operation(self, operation, requests):
        responses = list(operation.responses())
        made, failed = requests.make(operation)
        for why in failed:
            kind = "a way to write a request" if made else "no valid request"
            self.unjudged[f"{kind}: {short(str(why))}"] += 1
        if not made:
            self.counts["no valid request"] += 1
        for index, request in enumerate(made):
            self.plain(operation, request, responses, index == 0)
        base = made[0] if made else requests.guess(operation)
        for key, place, response in responses:
            if place is None:
                where = self.document.go(operation.place, "responses", key)
                found = self.evidence.inside({"dangling-ref"}, where)
                self.settle(found, operation, key, base, f"the response: {response}")
                continue
            self.on_demand(operation, key, place, response, base, responses, bool(made))

    def plain(self, operation, request, responses, first):
        status, fields, body = self.mock.send(request)
        why = fields.get("Standin-Why", "") if status else ""
        self.counts["requests"] += 1
        if status == 0:
            return self.mismatch(operation, "-", request, f"no answer: {body.decode()}")
        if 200 <= status < 300 and first:
            self.counts["2xx"] += 1
        if "no-operation" in why:
            return self.unreached(operation, status, request)
        if why.startswith("invalid-request"):
            reason = body.decode("utf-8", "replace")[:300]
            return self.settle(self.shadowed(operation), operation, status, request, f"a valid request was refused: {reason}")
        listed = self.document.go(operation.place, "responses")
        chosen = pick(status, responses)
        if chosen is None:
            found = self.evidence.inside({"status-key", "dangling-ref"}, listed)
            found = found or self.evidence.exactly({"no-responses"}, operation.place, listed)
            found = found or self.evidence.exactly({"no-responses"}, self.document.go(operation.item, operation.method.lower()))
            return self.settle(found, operation, status, request, f"the status is not documented ({why})")
        better = [key for key, place, _ in responses if place is not None and re.fullmatch("[23](..)", str(key)) and status >= 400]
        if better:
            return self.mismatch(operation, status, request, f"{status} for a valid request, though {better[0]} is documented ({why})")
        return self.body(operation, chosen, status, fields, body, request, ())

    def on_demand(self, operation, key, place, response, request, responses, valid):
        extra = (("Prefer", f"code={key}"),)
        status, fields, body = self.mock.send(request, extra)
        why = fields.get("Standin-Why", "") if status else ""
        self.counts["asked"] += 1
        if status == 0:
            return self.mismatch(operation, key, request, f"no answer: {body.decode()}", extra)
        if "no-operation" in why:
            return self.unreached(operation, key, request, extra)
        chosen = pick(status, responses)
        if chosen is None or chosen[0] != key:
            if why.startswith("invalid-request") and not valid and not re.fullmatch("[45]..|default", str(key)):
                self.unjudged["an asked success of a request that is not valid"] += 1
                return None
            where = self.document.go(operation.place, "responses", key)
            found = self.evidence.exactly({"status-key", "dangling-ref"}, where, self.document.go(where, "$ref"))
            found = found or self.shadowed(operation)
            text = body.decode("utf-8", "replace")[:200]
            return self.settle(found, operation, key, request, f"asked for {key}, came {status} ({why}): {text}", extra)
        self.body(operation, (key, place, response), status, fields, body, request, extra)
        if status not in EMPTY and operation.method != "HEAD":
            came = essence_of(fields.get("Content-Type") or "")
            for media in self.content(operation, response):
                if re.fullmatch(r"[^\s;*/]+/[^\s;*/]+(;.*)?", media) and essence_of(media) != came:
                    self.as_media(operation, key, place, response, media, request, extra)
        return None

    def as_media(self, operation, key, place, response, media, request, extra):
        """The same response in another of its media types."""
        extra = (*extra, ("Accept", media))
        status, fields, body = self.mock.send(request, extra)
        self.counts["asked"] += 1
        came = fields.get("Content-Type") or "" if status else ""
        if essence_of(came) != essence_of(media):
            found = self.evidence.exactly({"media-type"}, self.document.go(place, "content", media))
            text = body.decode("utf-8", "replace")[:200]
            return self.settle(found, operation, key, request, f"asked for {media}, came {status} `{came}`: {text}", extra)
        return self.body(operation, (key, place, response), status, fields, body, request, extra)

    def content(self, operation, response):
        """Media type: what is said of it."""
        content = response.get("content")
        if self.judge.swagger and not isinstance(content, dict):
            content = self.produced(operation, response)
        return content if isinstance(content, dict) else {}

    def unreached(self, operation, key, request, extra=()):
        """No operation was found: lint says of this path, or of the reference that its operations are behind, why."""
        path = (self.document.path, "/paths/" + token(operation.template))
        found = self.evidence.exactly({"path-template", "ambiguous-path"}, path)
        found = found or self.evidence.exactly({"dangling-ref"}, path, self.document.go(path, "$ref"))
        found = found or self.evidence.inside({"ambiguous-path"}, (self.document.path, "/paths"), saying=f"`{operation.template}`")
        return self.settle(found, operation, key, request, "no operation was found for the request", extra)

    def shadowed(self, operation):
        """The finding that another path of the document answers to the same requests."""
        return self.evidence.exactly({"ambiguous-path"}, (self.document.path, "/paths/" + token(operation.template)))

    def body(self, operation, chosen, status, fields, body, request, extra):
        key, place, response = chosen
        if place is None:
            self.unjudged["the response leads nowhere"] += 1
            return None
        for name, at, sentence in wrong(self.document, self.judge, self.shapes, place, response, fields):
            found = self.evidence.inside({"schema-unsatisfiable", "dangling-ref", "parameter"}, at, *self.evidence.reachable(at))
            return self.settle(found, operation, key, request, sentence, extra)
        content = self.content(operation, response)
        if status in EMPTY or operation.method == "HEAD":
            if body:
                return self.mismatch(operation, key, request, f"content where there can be none: {body[:80]}", extra)
            if content and status in EMPTY and str(status) == str(key):
                found = self.evidence.inside({"content-never-sent"}, place)
                return self.settle(found, operation, key, request, f"content is documented, and {status} has none", extra)
            return self.held()
        if not content:
            return self.held()
        media = (fields.get("Content-Type") or "").strip()
        if not body and not media:
            found = self.evidence.inside({"media-type", "dangling-ref"}, place)
            return self.settle(found, operation, key, request, f"no content, documented is {list(content)}", extra)
        known = fitting(media, content)
        if known is None:
            found = self.evidence.inside({"media-type", "dangling-ref"}, self.document.go(place, "content"))
            return self.settle(found, operation, key, request, f"`{media}` is not documented ({list(content)})", extra)
        at = place if content[known] is response else self.document.go(place, "content", known)
        try:
            at, _ = self.document.follow(at)
            checks = self.bodies.read(media, body, at)
        except Unsound as why:
            if isinstance(self.shown(place, at), str):
                # An example that is a text is sent as it is: what is wrong with it is the author's, and lint may say so.
                found = self.evidence.inside({"example-invalid"}, at, place)
                return self.settle(found, operation, key, request, f"`{media}`: {why}", extra)
            return self.mismatch(operation, key, request, f"`{media}`: {why}: {body[:200]}", extra)
        except Unsaid as why:
            found = self.evidence.exactly({"media-type"}, self.document.go(place, "content", known))
            if found:
                return self.settle(found, operation, key, request, f"`{known}` is no media type", extra)
            return self.not_judged(f"no specification says: {why}")
        except Unread as why:
            return self.not_judged(str(why))
        for schema, readings in checks:
            best = None
            try:
                for reading in readings:
                    errors = self.judge.errors(schema, reading)
                    if best is None or not errors:
                        best = errors
                    if not errors:
                        break
            except (Impossible, Unread) as why:
                return self.undecided(operation, key, request, schema, why, extra)
            if best:
                told = "; ".join(f"{pointer} {sentence}" for pointer, sentence, _ in best)
                trails = [self.evidence.trail(schema, way) for _, _, way in best]
                found = [self.evidence.exactly({"schema-unsatisfiable"}, *trail) for trail in trails]
                found = [one or self.evidence.inside({"schema-unsatisfiable"}, trail[-1]) for one, trail in zip(found, trails)]
                # Each thing that is wrong has to be named.
                one = found[0] if all(found) else None
                return self.settle(one, operation, key, request, f"invalid body at {told}", extra)
        return self.held()

    def produced(self, operation, response):
        """The media types of a response in Swagger 2.0, all of them with the response as description."""
        if "schema" not in response:
            return {}
        produces = operation.value.get("produces", self.document.root.get("produces"))
        produces = [media for media in produces if isinstance(media, str)] if isinstance(produces, list) else []
        if not produces:
            examples = response.get("examples")
            produces = [key for key in examples if "/" in key] if isinstance(examples, dict) else []
            produces = produces or (["application/octet-stream"] if (response["schema"] or {}).get("type") == "file" else ["application/json"])
        return {media: response for media in produces}

    def shown(self, place, at):
        """The example that stands beside a schema."""
        holder = self.document.at(at)
        if not isinstance(holder, dict):
            return None
        if self.judge.swagger:
            return next((value for value in (holder.get("examples") or {}).values() if isinstance(value, str)), None)
        if "example" in holder:
            return holder["example"]
        for name in holder.get("examples") or {}:
            try:
                _, example = self.document.follow(self.document.go(at, "examples", name))
            except Unread:
                continue
            if isinstance(example, dict) and isinstance(example.get("value", example.get("serializedValue")), str):
                return example.get("value", example.get("serializedValue"))
        return None

    def undecided(self, operation, key, request, schema, why, extra):
        """What the validator cannot say: named, where it is a reference that leads nowhere; else told."""
        told = r"Unresolvable: (\S+)|(?:PointerToNowhere|NoSuchAnchor): '([^']*)'|(\S+) is not in a file|(\S+) leads nowhere"
        for name in re.findall(told, str(why)):
            name = "".join(name)
            fragment = name.rpartition("#")[2] if name.startswith("file:") else name
            found = self.evidence.inside({"dangling-ref"}, *self.evidence.reachable(schema), saying=fragment)
            if found:
                return self.settle(found, operation, key, request, f"a reference that leads nowhere: {name}", extra)
        return self.not_judged(f"the validator cannot say: {short(str(why))}")

    def not_judged(self, why):
        self.counts["not judged"] += 1
        self.unjudged[why] += 1

    def held(self):
        self.counts["valid"] += 1

    def settle(self, finding, operation, key, request, what, extra=()):
        """Not as documented: an impossibility where lint names it, else a mismatch."""
        if not finding:
            return self.mismatch(operation, key, request, what, extra)
        self.counts["impossible"] += 1
        place = f"{finding['line']}:{finding['column']} {finding['rule']}: {finding['sentence'][:160]}"
        self.named.append(f"{operation.name} {key}: {what}\n      lint: {place}")
        return None

    def mismatch(self, operation, key, request, what, extra=()):
        self.counts["invalid"] += 1
        curl = request.curl(self.mock.url, extra)
        self.mismatches.append(f"{operation.name}  {key}\n    {what}\n    {curl[:600]}")


def essence_of(media):
    return media.split(";")[0].strip().lower()


def token(text):
    return text.replace("~", "~0").replace("/", "~1")


def short(text):
    return text if len(text) <= 110 else text[:110] + "…"


def pick(status, responses):
    """The documented response for a status: exact, class, default."""
    for wanted in (str(status), f"{status // 100}XX", "default"):
        for entry in responses:
            if entry[0] == wanted:
                return entry
    return None


def fitting(media, content):
    """The key of `content` that fits a media type best."""
    essence = media.split(";")[0].strip().lower()
    best = None
    for key in content:
        plain = key.split(";")[0].strip().lower()
        rank = None
        if plain == essence:
            rank = 3 if key.replace(" ", "").lower() == media.replace(" ", "").lower() else 2
        elif plain == "*/*" or plain == "*":
            rank = 0
        elif plain.endswith("/*") and essence.startswith(plain[:-1]):
            rank = 1
        elif "/*+" in plain and essence.startswith(plain.split("*")[0]) and essence.endswith(plain.split("*")[1]):
            rank = 1
        if rank is not None and (best is None or rank > best[0]):
            best = (rank, key)
    return best[1] if best else None


def documents(paths):
    """Files as given; a folder stands for those of its documents that its manifest.json lists."""
    for path in paths:
        if os.path.isdir(path):
            with open(os.path.join(path, "manifest.json"), encoding="utf-8") as opened:
                for entry in json.load(opened)["documents"]:
                    yield os.path.join(path, entry["path"])
        else:
            yield path


def line(counts):
    words = [f"{counts['operations']} operations", f"{counts['2xx']} answered 2xx", f"{counts['requests']} valid requests"]
    words += [f"{counts['asked']} on demand", f"{counts['valid']} valid", f"{counts['invalid']} invalid"]
    words += [f"{counts['impossible']} impossible and named", f"{counts['not judged']} not judged"]
    return ", ".join([*words, f"{counts['no valid request']} without a valid request"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="+", help="documents, or a folder with a manifest.json")
    parser.add_argument("--standin", default="target/debug/standin", help="the program [target/debug/standin]")
    parser.add_argument("--only", help="operations whose `METHOD /template` matches this expression")
    parser.add_argument("--shown", type=int, default=10, help="how many mismatches of a document are printed [10]")
    parser.add_argument("--verbose", action="store_true", help="also what was not judged, and each named impossibility")
    options = parser.parse_args()
    failed, total, tried = 0, collections.Counter(), 0
    for path in documents(options.documents):
        began = time.monotonic()
        case = Case(options.standin, path, options.only)
        case.run()
        tried += 1
        total += case.counts
        words = line(case.counts)
        if not case.counts["operations"] and case.unjudged and not case.mismatches:
            words = next(iter(case.unjudged))
        print(f"{path}   {words}   {time.monotonic() - began:.1f} s", flush=True)
        if options.verbose:
            for reason, count in case.unjudged.most_common():
                print(f"    {count} × {reason}")
            for named in case.named:
                print(f"    {named}")
        for mismatch in case.mismatches[: options.shown]:
            print(f"  {mismatch}")
        if len(case.mismatches) > options.shown:
            print(f"  … and {len(case.mismatches) - options.shown} more")
        failed += bool(case.mismatches)
    if tried > 1:
        print(f"{tried} documents   {line(total)}")
    if failed:
        print(f"{failed} documents were not answered as they say")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
