#!/usr/bin/env python3
"""Holds standin's answers to the documents they were made from, by a validator that is not standin's.

For each document: starts `standin mock`, sends every operation a valid request, then asks for each documented response by
`Prefer: code=`, and judges status, media type, required fields and body. What no answer can satisfy has to be a finding of
`standin lint`. One line of counts a document; exit code 1 when anything does not hold.
"""

import argparse
import collections
import http.client
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.setrecursionlimit(4_000)

from document import Document, Unread  # noqa: E402
from request import NoRequest, Requests  # noqa: E402
from samples import Maker  # noqa: E402
from verdict import Impossible, Judge  # noqa: E402

# What lint says of something that cannot be answered as documented, by what is missing from the answer.
NAMED = {
    "path": {"path-template", "ambiguous-path", "parameter", "dangling-ref"},
    "status": {"status-key", "no-responses", "dangling-ref", "body-not-allowed"},
    "body": {"body-not-allowed", "dangling-ref", "media-type"},
    "media": {"media-type", "dangling-ref"},
    "schema": {"schema-unsatisfiable", "dangling-ref"},
    "header": {"schema-unsatisfiable", "dangling-ref", "parameter"},
    "reference": {"dangling-ref"},
}
SLOWEST = 20.0


class Mock:
    """A running `standin mock`."""

    def __init__(self, binary, document):
        command = [binary, "mock", document, "-p", "0", "--log", "off"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.process.wait()
            raise Unread(f"exit {self.process.returncode}: {self.process.stderr.read().strip()[:300]}")
        self.port = int(self.url.rsplit(":", 1)[1])
        self.connection = None

    def send(self, request, extra=()):
        """(status, fields, body); a broken connection is an answer too: status 0."""
        for attempt in range(2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOWEST)
                self.connection.putrequest(request.method, request.target, skip_accept_encoding=True)
                for name, value in [*request.fields, *extra]:
                    self.connection.putheader(name, value.encode("latin-1"))
                if request.body is not None:
                    self.connection.putheader("Content-Length", str(len(request.body)))
                self.connection.endheaders(request.body)
                answer = self.connection.getresponse()
                body = answer.read()
                return answer.status, answer.headers, body
            except (OSError, http.client.HTTPException) as why:
                self.connection = None
                if attempt or self.process.poll() is not None:
                    return 0, {}, f"{type(why).__name__}: {why}".encode()

    def stop(self):
        self.process.terminate()
        try:
            self.process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


class Case:
    """One document, judged."""

    def __init__(self, binary, path, chosen):
        self.binary, self.path = binary, path
        self.counts = collections.Counter()
        self.unjudged = collections.Counter()
        self.mismatches = []
        self.chosen = chosen
        self.named = []

    def run(self):
        try:
            document = Document(self.path)
        except Unread as why:
            document = None
            self.unjudged[str(why)] += 1
        lint = subprocess.run([self.binary, "lint", self.path, "--format", "json"], capture_output=True, text=True, timeout=300)
        try:
            self.findings = json.loads(lint.stdout)["findings"]
        except ValueError:
            self.mismatches.append(f"lint printed no findings: exit {lint.returncode} {lint.stderr[:200]}")
            return
        if lint.returncode == 3:
            reason = self.findings[0]["sentence"] if self.findings else "exit 3 without a finding"
            self.unjudged[f"not read by standin: {reason}"] += 1
            return
        if document is None:
            return
        try:
            mock = Mock(self.binary, self.path)
        except Unread as why:
            self.mismatches.append(f"does not start: {why}")
            return
        try:
            self.document, self.judge, self.mock = document, Judge(document), mock
            requests = Requests(document, Maker(document), self.judge)
            for operation in document.operations():
                if self.chosen and not re.search(self.chosen, operation.name):
                    continue
                self.counts["operations"] += 1
                self.operation(operation, requests)
            if mock.process.poll() is not None:
                self.mismatches.append(f"the mock ended with {mock.process.returncode}")
        finally:
            mock.stop()

    def operation(self, operation, requests):
        key = operation.value.get("operationId")
        names = {operation.name, key if isinstance(key, str) else operation.name}
        told = f"`{operation.template}`"
        self.about = [
            finding
            for finding in self.findings
            if finding["operation"] in names
            or told in finding["sentence"]
        ]
        responses = list(operation.responses())
        try:
            request = requests.make(operation)
        except (NoRequest, Unread) as why:
            self.counts["no valid request"] += 1
            self.unjudged[f"no valid request: {short(str(why))}"] += 1
            request = None
        if request is not None:
            self.plain(operation, request, responses)
        base = request or self.fallback(operation)
        for key, place, response in responses:
            if place is None:
                self.impossible(operation, key, base, f"the response: {response}", "reference")
                continue
            self.counts["documented"] += 1
            self.on_demand(operation, key, place, response, base, responses)

    def fallback(self, operation):
        """A request that reaches the operation, valid or not: an asked error is answered in any case."""
        from request import Request

        path = re.sub(r"\{[^}]*\}", "x", operation.base() + operation.template).replace("#", "%23").replace(" ", "%20")
        return Request(operation.method, path, [], None)

    def plain(self, operation, request, responses):
        status, fields, body = self.mock.send(request)
        why = fields.get("Standin-Why", "") if status else ""
        self.counts["requests"] += 1
        if status == 0:
            return self.mismatch(operation, "-", request, f"no answer: {body.decode()}")
        if 200 <= status < 300:
            self.counts["2xx"] += 1
        if "no-operation" in why:
            return self.impossible(operation, status, request, "no operation was found for the request", "path")
        if why.startswith("invalid-request"):
            reason = body.decode("utf-8", "replace")[:300]
            return self.mismatch(operation, status, request, f"a valid request was refused: {reason}")
        chosen = pick(status, responses)
        if chosen is None:
            return self.impossible(operation, status, request, f"the status is not documented ({why})", "status")
        self.body(operation, chosen, status, fields, body, request, ())

    def on_demand(self, operation, key, place, response, request, responses):
        extra = (("Prefer", f"code={key}"),)
        status, fields, body = self.mock.send(request, extra)
        why = fields.get("Standin-Why", "") if status else ""
        self.counts["asked"] += 1
        if status == 0:
            return self.mismatch(operation, key, request, f"no answer: {body.decode()}", extra)
        if "no-operation" in why:
            return self.impossible(operation, key, request, "no operation was found for the request", "path", extra)
        expected = covers(key, status, responses)
        if not expected:
            if why.startswith("invalid-request") and not re.fullmatch("[45]..|default", str(key)):
                self.unjudged["an asked success of a request that is not valid"] += 1
                return None
            text = body.decode("utf-8", "replace")[:200]
            return self.impossible(operation, key, request, f"asked for {key}, came {status} ({why}): {text}", "status", extra)
        self.body(operation, (key, place, response), status, fields, body, request, extra)

    def body(self, operation, chosen, status, fields, body, request, extra):
        key, place, response = chosen
        if place is None:
            self.unjudged["the response leads nowhere"] += 1
            return
        self.counts["answers"] += 1
        for sentence in self.fields(place, response, fields):
            return self.impossible(operation, key, request, sentence, "header", extra)
        content = response.get("content")
        if self.judge.swagger:
            produces = operation.value.get("produces") or self.document.root.get("produces") or ["application/json"]
            content = {media: response for media in produces} if "schema" in response else {}
        if not isinstance(content, dict) or not content:
            if body and status in (204, 304):
                return self.mismatch(operation, key, request, f"{status} with content", extra)
            self.counts["valid"] += 1
            return None
        if operation.method == "HEAD" or status in (204, 205, 304):
            if body:
                return self.mismatch(operation, key, request, f"content where there can be none: {body[:80]}", extra)
            self.counts["valid"] += 1
            return None
        media = (fields.get("Content-Type") or "").strip()
        if not body:
            return self.impossible(operation, key, request, f"no content, documented is {list(content)}", "body", extra)
        known = fitting(media, content)
        if known is None:
            return self.impossible(operation, key, request, f"`{media}` is not documented ({list(content)})", "media", extra)
        if self.judge.swagger:
            schema = self.document.go(place, "schema")
        else:
            schema = self.document.go(place, "content", known, "schema")
        if self.document.at(schema) is None:
            self.counts["valid"] += 1
            return None
        essence = media.split(";")[0].strip().lower()
        if essence.endswith("json"):
            try:
                value = json.loads(body)
            except ValueError as why:
                return self.mismatch(operation, key, request, f"not JSON: {why}", extra)
        elif essence.startswith("text/") and essence not in ("text/event-stream", "text/xml", "text/csv"):
            value = body.decode("utf-8", "replace")
            kinds = self.document.follow(schema)[1]
            kinds = kinds.get("type") if isinstance(kinds, dict) else None
            if kinds not in (None, "string") and not (isinstance(kinds, list) and "string" in kinds):
                try:
                    value = json.loads(value)
                except ValueError:
                    pass
        else:
            self.unjudged[f"bodies of {essence}"] += 1
            self.counts["not judged"] += 1
            return None
        try:
            errors = self.judge.errors(schema, value)
        except (Impossible, Unread) as why:
            self.counts["not judged"] += 1
            self.unjudged[f"the validator cannot say: {short(str(why))}"] += 1
            return None
        if not errors:
            self.counts["valid"] += 1
            return None
        told = "; ".join(f"{pointer} {sentence}" for pointer, sentence in errors)
        return self.impossible(operation, key, request, f"invalid body at {told}", "schema", extra)

    def fields(self, place, response, fields):
        """What is wrong with header fields, as sentences."""
        described = response.get("headers")
        for name in described if isinstance(described, dict) else {}:
            if name.lower() in ("content-type", "content-length", "transfer-encoding", "connection", "date"):
                continue
            try:
                at, header = self.document.follow(self.document.go(place, "headers", name))
            except Unread:
                continue
            if not isinstance(header, dict):
                continue
            value = fields.get(name)
            if value is None:
                if header.get("required") is True:
                    yield f"the required field {name} is missing"
                continue
            schema = self.document.go(at, "schema")
            if self.document.at(schema) is None:
                continue
            try:
                if all(self.judge.errors(schema, reading, strict=False) for reading in readings(value)):
                    yield f"the field {name} has the value `{value}`, which its schema forbids"
            except (Impossible, Unread):
                continue

    def impossible(self, operation, key, request, what, kind, extra=()):
        """Not as documented: an impossibility where lint names it, else a mismatch."""
        about = [finding for finding in self.about if finding["rule"] in NAMED[kind]]
        if kind == "path" and operation.item != (self.document.path, "/paths/" + token(operation.template)):
            # A path item that leads nowhere has no operations that could be named.
            about += [finding for finding in self.findings if finding["rule"] == "dangling-ref" and not finding["operation"]]
        if about:
            self.counts["impossible"] += 1
            finding = about[0]
            self.named.append(f"{operation.name} {key}: {what}\n      lint: {finding['line']}:{finding['column']} {finding['rule']}: {finding['sentence'][:160]}")
            return
        self.mismatch(operation, key, request, what, extra)

    def mismatch(self, operation, key, request, what, extra=()):
        self.counts["invalid"] += 1
        curl = request.curl(self.mock.url, extra)
        self.mismatches.append(f"{operation.name}  {key}\n    {what}\n    {curl[:600]}")


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


def covers(key, status, responses):
    chosen = pick(status, responses)
    return chosen is not None and chosen[0] == key


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
        if rank is not None and (best is None or rank > best[0]):
            best = (rank, key)
    return best[1] if best else None


def readings(value):
    """What the text of a field may mean."""
    yield value
    try:
        yield json.loads(value)
    except ValueError:
        pass
    items = [item.strip() for item in value.split(",")]
    yield items
    try:
        yield [json.loads(item) for item in items]
    except ValueError:
        pass


def documents(paths):
    """Files as given; a folder stands for those of its documents that its manifest.json lists."""
    for path in paths:
        if os.path.isdir(path):
            with open(os.path.join(path, "manifest.json"), encoding="utf-8") as opened:
                for entry in json.load(opened)["documents"]:
                    yield os.path.join(path, entry["path"])
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="+", help="documents, or a folder with a manifest.json")
    parser.add_argument("--standin", default="target/debug/standin", help="the program [target/debug/standin]")
    parser.add_argument("--only", help="operations whose `METHOD /template` matches this expression")
    parser.add_argument("--shown", type=int, default=10, help="how many mismatches of a document are printed [10]")
    parser.add_argument("--verbose", action="store_true", help="also what was not judged, and each named impossibility")
    options = parser.parse_args()
    failed = 0
    for path in documents(options.documents):
        began = time.monotonic()
        case = Case(options.standin, path, options.only)
        case.run()
        counts = case.counts
        words = [f"{counts['operations']} operations", f"{counts['2xx']} answered 2xx", f"{counts['asked']} on demand"]
        words += [f"{counts['valid']} valid", f"{counts['invalid']} invalid", f"{counts['impossible']} impossible and named"]
        words += [f"{counts['not judged']} not judged", f"{counts['no valid request']} without a valid request"]
        if not counts["operations"] and case.unjudged and not case.mismatches:
            words = [next(iter(case.unjudged))]
        print(f"{path}   {', '.join(words)}   {time.monotonic() - began:.1f} s", flush=True)
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
    if failed:
        print(f"{failed} documents were not answered as they say")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
