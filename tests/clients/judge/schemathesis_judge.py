#!/usr/bin/env python3
"""Schemathesis as an outside judge of the mock: it makes requests from a document, valid and invalid, sends them to
`standin mock` and compares each answer with the document.

    tests/clients/judge/schemathesis --root CORPUS      # the documents of schemathesis.yaml, in fixtures/ and below CORPUS
    tests/clients/judge/schemathesis openapi.yaml …     # these documents

For each document it prints the operations, the requests, the failures by check and what of them `schemathesis.yaml` lists as the
judge's own error, by entry; then each failure that is not listed. It exits with 0 when there is none of these. An operation of
which no valid request was accepted is a failure, too.

Every check runs but `use_after_free` and `ensure_resource_availability`, which ask for a memory that a mock has only with
`--stateful`. With that, the mock keeps what requests make, and the judge goes from one request to the next by what it got (its
stateful phase): these two checks run, and those that hold an answer to the document. It gives up soon, so it does so with several seeds
(`--seeds`). Where in all of them nothing was made, nothing removed, or nothing of it asked for again, they prove nothing: that is a
failure. Numbers are fixed: the judge's seed, the mock's seed and its `--now`.

Credentials: the mock lets any well-formed credential through, and a scenario refuses by its value. So that the judge can
give credentials and try others, the mock is started with a scenario that knows the judge's credentials alone.
"""

import argparse
import base64
import collections
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
LEFT_OUT = "use_after_free,ensure_resource_availability"
# With them, what may be asked of every answer. That what is gone is answered with 404 need not be documented, nor in which form.
STATEFUL = f"{LEFT_OUT},not_a_server_error,response_headers_conformance,response_schema_conformance"
NOW = "2026-01-31T12:00:00Z"
WORD = "judge"
BEARER = f"Bearer {WORD}"
BASIC = "Basic " + base64.b64encode(f"{WORD}:{WORD}".encode()).decode()


class Texts(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML without dates: what looks like one is a text, as JSON has it."""


Texts.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in Texts.yaml_implicit_resolvers.items()
}


def read(path):
    """A document as a tree."""
    text = path.read_text(encoding="utf-8-sig")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=Texts)


def followed(tree, pointer):
    """What a JSON Pointer leads to."""
    for part in pointer.split("/")[1:]:
        tree = tree[part.replace("~1", "/").replace("~0", "~")]
    return tree


def unmarked(document, pointers, folder):
    """A copy of a document for the judge alone, in which these schemas are not `writeOnly`."""
    tree = read(document)
    for pointer in pointers:
        del followed(tree, pointer)["writeOnly"]
    copy = pathlib.Path(folder) / "unmarked.json"
    copy.write_text(json.dumps(tree))
    return copy


def linked(document, links, folder):
    """A copy of a document for the judge alone, with links between its operations: how a client goes from one to the next."""
    tree = read(document)
    operations = {
        operation["operationId"]: operation
        for item in tree["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for source, targets in links.items():
        responses = operations[source]["responses"]
        success = next(responses[status] for status in responses if str(status).startswith("2"))
        for target, parameters in targets.items():
            success.setdefault("links", {})[target] = {"operationId": target, "parameters": parameters}
    copy = pathlib.Path(folder) / "linked.json"
    copy.write_text(json.dumps(tree))
    return copy


def schemes(path):
    """The security schemes of a document by name, references to other files followed once."""
    tree = read(path)
    found = (tree.get("components") or {}).get("securitySchemes") or tree.get("securityDefinitions") or {}
    for name, scheme in found.items():
        if isinstance(scheme, dict) and "$ref" in scheme:
            file, _, pointer = scheme["$ref"].partition("#")
            scheme = followed(read(path.parent / file) if file else tree, pointer)
        if isinstance(scheme, dict):
            yield name, scheme


def credentials(path):
    """The judge's credentials: fields, parts of its configuration, and where the mock finds each of them."""
    fields, settings, known = {}, [], []
    for name, scheme in schemes(path):
        kind, place = scheme.get("type"), scheme.get("in")
        if kind == "apiKey" and place == "header":
            fields[scheme["name"]] = WORD
        elif kind == "apiKey":
            settings.append(f'[auth.openapi.{json.dumps(name)}]\napi_key = "{WORD}"\n')
            known.append((place, scheme["name"], WORD))
        elif kind == "basic" or (kind == "http" and scheme.get("scheme", "").lower() == "basic"):
            fields.setdefault("Authorization", BASIC)
        elif kind in ("http", "oauth2", "openIdConnect"):
            fields["Authorization"] = BEARER
    known += [("header", field.lower(), value) for field, value in fields.items()]
    return fields, settings, known


def story(known):
    """The scenario that knows these credentials alone: who shows some of them, and nothing else, is answered as ever; 401 for others."""
    shown = [some for count in range(1, len(known) + 1) for some in itertools.combinations(known, count)]
    right = []
    for some in shown:
        when = collections.defaultdict(dict)
        for place, name, value in known:
            when[place][name] = value if (place, name, value) in some else {"absent": True}
        right.append({"when": dict(when), "calls": {"1+": "ok"}})
    wrong = [{"when": {place: {name: {"absent": False}}}, "reply": 401} for place, name, _ in known]
    return {"scenario": "known-credentials", "strict": False, "on": {"*": right + wrong}}


class Mock:
    """The program, serving one document for as long as the block runs."""

    def __init__(self, program, document, folder, known, root=None, stateful=False):
        self.command = [program, "mock", str(document), "-p", "0", "--log", "off", "--seed", "0", "--now", NOW]
        if stateful:
            self.command += ["--stateful"]
        if root:
            self.command += ["--root", str((document.parent / root).resolve())]
        if known:
            file = pathlib.Path(folder) / "known-credentials.yaml"
            file.write_text(yaml.safe_dump(story(known), sort_keys=False))
            self.command += ["--scenario", str(file)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit(f"the mock does not start:\n{self.process.stderr.read()}")
        # Nobody reads what it says from here on; a full pipe would stop it.
        self.process.stderr.close()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def judged(mock, document, options, fields, settings, folder, stateful=0):
    """Runs Schemathesis, `stateful` being the seed of its stateful phase; its summary, and every failed check with the request and the answer."""
    config = pathlib.Path(folder) / "schemathesis.toml"
    config.write_text("\n".join(settings))
    report, events = pathlib.Path(folder) / "report.json", pathlib.Path(folder) / "events.ndjson"
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    if not program.is_file():
        raise SystemExit(f"Schemathesis is not installed beside {sys.executable}: tests/clients/judge/schemathesis installs it")
    command = [str(program), "--config-file", str(config), "run", str(document), "--url", mock.url, "--no-color"]
    command += ["--phases", "stateful", "--checks", STATEFUL] if stateful else ["--exclude-checks", LEFT_OUT]
    command += ["--workers", "1", "--continue-on-failure"]
    # A deterministic run has one course, whatever the number of examples.
    command += ["--seed", str(stateful)] if stateful else ["--generation-deterministic"]
    command += ["--report", "json,ndjson", "--report-json-path", str(report), "--report-ndjson-path", str(events)]
    command += ["--output-sanitize", "false", "--output-truncate", "false", "--warnings", "off", "--no-shrink"]
    command += ["--suppress-health-check", "all", *options]
    for field, value in fields.items():
        command += ["-H", f"{field}: {value}"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    if not report.exists() or ran.returncode not in (0, 1):
        raise SystemExit(f"Schemathesis does not run:\n{ran.stdout}")
    summary = json.loads(report.read_text())
    if stateful:
        return summary, [*failures(events), *errors(events)]
    return summary, [*failures(events), *errors(events), *refused(summary)]


def lived(events):
    """How many things were made, how many removed, and how often one that was removed was asked for."""
    made = removed = missed = 0
    for line in events.open(encoding="utf-8"):
        recorder = (json.loads(line).get("ScenarioFinished") or {}).get("recorder") or {}
        gone = []
        for told in (recorder.get("interactions") or {}).values():
            request, status = told.get("request") or {}, (told.get("response") or {}).get("status_code") or 0
            path = re.sub(r"^https?://[^/]+|[?#].*$", "", request.get("uri") or "").rstrip("/")
            accepted = 200 <= status < 300
            made += accepted and request.get("method") == "POST"
            if accepted and request.get("method") == "DELETE":
                removed += 1
                gone.append(path)
            elif status in (404, 410):
                missed += any(path == one or path.startswith(one + "/") for one in gone)
    return made, removed, missed


def unproved(life):
    """Checks of what is gone say nothing where nothing went, or nobody asked for it."""
    made, removed, missed = life
    if not (made and removed and missed):
        yield {
            "check": "nothing_proved",
            "operation": "",
            "message": f"{made} things were made, {removed} removed, and {missed} times one of those was asked for",
            "mode": "positive",
            "case": "",
            "request": "",
            "answer": "",
        }


def failures(events):
    for line in events.open(encoding="utf-8"):
        finished = json.loads(line).get("ScenarioFinished")
        recorder = (finished or {}).get("recorder") or {}
        for case, checks in (recorder.get("checks") or {}).items():
            for check in checks:
                if check["status"] != "failure":
                    continue
                failure = check["failure_info"]["failure"]
                # A check may send a request of its own; that is the one which failed.
                told = (recorder.get("interactions") or {}).get(failure.get("case_id") or case) or {}
                meta = ((recorder["cases"].get(case) or {}).get("value") or {}).get("meta") or {}
                yield {
                    "check": check["name"],
                    "operation": failure["operation"],
                    "message": f'{failure["title"]}. {failure["message"]}',
                    "mode": (meta.get("generation") or {}).get("mode") or "",
                    "case": ((meta.get("phase") or {}).get("data") or {}).get("description") or "",
                    **exchange(told),
                }


def exchange(told):
    """The request and the answer of one recorded exchange, as text."""
    request, response = told.get("request") or {}, told.get("response") or {}

    def text(body):
        return base64.b64decode((body or {}).get("$base64") or "").decode("utf-8", "replace")

    left_out = ("authorization", "date", "content-length", "standin-exchange")
    fields = " ".join(
        f"{name}: {', '.join(values)};"
        for name, values in (request.get("headers") or {}).items()
        if name.lower() not in left_out
    )
    media_type = ", ".join((response.get("headers") or {}).get("content-type") or ["no content-type"])
    uri = re.sub(r"^https?://[^/]+", "", request.get("uri") or "")
    return {
        "request": f'{request.get("method")} {uri} {fields} {text(request.get("body"))}'.strip(),
        "answer": f'{response.get("status_code")} {media_type} {text(response.get("content"))}',
    }


def errors(events):
    """What the judge could not do at all."""
    for line in events.open(encoding="utf-8"):
        event = json.loads(line)
        told = event.get("NonFatalError") or event.get("FatalError")
        if told:
            yield {
                "check": "error",
                "operation": str(told.get("label")),
                "message": json.dumps(told.get("value") or told),
                "mode": "",
                "case": str(told.get("phase")),
                "request": "",
                "answer": "",
            }


def refused(summary):
    """The operations of which no valid request was accepted: the judge lets them pass, as 401 or 404 may be meant."""
    for operation, phases in summary["valid_rates"].items():
        if not any(rates["accepted"] for rates in phases.values()):
            yield {
                "check": "nothing_accepted",
                "operation": operation,
                "message": f"Of the valid requests, none was accepted: {json.dumps(phases)}",
                "mode": "positive",
                "case": "",
                "request": "",
                "answer": "",
            }


def names(checks):
    return checks if isinstance(checks, list) else [checks]


def listed(entries, name, failure):
    """The entry of the list that a failure belongs to: everything that the entry names has to fit."""
    for entry in entries:
        fits = re.search(entry["document"], name) and failure["check"] in names(entry["check"])
        if fits and all(
            re.search(entry[part], failure[part], re.DOTALL)
            for part in ("operation", "mode", "message", "case", "request", "answer")
            if part in entry
        ):
            return entry
    return None


def shortened(text, most=400):
    """One line; what is long is cut in its middle."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most // 2]} … {line[-most // 2 :]}"


def told_of(counts):
    return ", ".join(f"{what} {count}" for what, count in counts.most_common()) or "none"


def judge(program, name, document, told, options, entries, shown, seeds=0):
    """One document: what was found that nobody has listed. `told` is what the list says of the document; with `seeds`, it lives."""
    fields, settings, known = credentials(document)
    options = [*options, *(["--include-path-regex", told["paths"]] if told.get("paths") else [])]
    with tempfile.TemporaryDirectory() as folder:
        with Mock(program, document, folder, known, told.get("root"), seeds > 0) as mock:
            seen = unmarked(document, told["unmarked"], folder) if "unmarked" in told else document
            seen = linked(document, told["links"], folder) if "links" in told else seen
            cases, found, life = 0, [], (0, 0, 0)
            for seed in range(1, seeds + 1) if seeds else [0]:
                summary, more = judged(mock, seen, options, fields, settings, folder, seed)
                cases, found = cases + summary["test_cases"]["generated"], found + more
                if seeds:
                    life = tuple(map(sum, zip(life, lived(pathlib.Path(folder) / "events.ndjson"))))
                if not summary["complete"]:
                    break
    found += unproved(life) if seeds else []
    unlisted = []
    counts, own = collections.Counter(), collections.Counter()
    for failure in found:
        entry = listed(entries, name, failure)
        if entry:
            entry["seen"] = True
            own[entry["name"]] += 1
        else:
            counts[failure["check"]] += 1
            unlisted.append(failure)
    operations = summary["operations"]
    tried = f'{operations["tested"]} of {operations["selected"]} operations'
    tried += f' (a part of {operations["total"]})' if told.get("paths") else ""
    tried += " (unmarked)" if "unmarked" in told else ""
    print(f"{name}: {tried}, {cases} requests, failures: {told_of(counts)}; listed: {told_of(own)}")
    if seeds:
        print("  {} made, {} removed, {} times one of those was asked for".format(*life))
    if not summary["complete"]:
        print(f'  the run is not complete: {summary["stop_reason"]}')
    kinds = collections.Counter()
    for failure in unlisted:
        key = failure["check"], failure["operation"], failure["case"]
        kinds[key] += 1
        if kinds[key] == 1 and len(kinds) <= shown:
            print(f'  {failure["check"]} · {failure["operation"]} · {failure["mode"]} · {failure["case"]}')
            for part in ("message", "request", "answer"):
                print(f"    {part}: " + shortened(failure[part]))
    sys.stdout.flush()
    return len(unlisted) + (not summary["complete"])


def entry_of(documents, path):
    """A document that was given, with what the list says of it: its folder of references, not the part of it to try."""
    entry = next((one for one in documents if path.endswith("/" + one["path"])), {})
    return {"path": path, "root": entry.get("root"), **{part: entry[part] for part in ("links",) if part in entry}}


def main():
    arguments = argparse.ArgumentParser(description="Schemathesis as an outside judge of the mock")
    arguments.add_argument("documents", nargs="*", help="OpenAPI documents; without any, those of schemathesis.yaml")
    arguments.add_argument("--program", default=str(REPOSITORY / "target/debug/standin"), help="the program to judge")
    arguments.add_argument("--root", help="the folder of the documents that schemathesis.yaml lists and fixtures/ has not")
    arguments.add_argument("--only", default="", help="only documents whose name this pattern finds")
    arguments.add_argument("--stateful", action="store_true", help="what is made, removed and asked for afterwards")
    arguments.add_argument("--seeds", type=int, default=5, help="with --stateful: how many runs, each with a seed of its own (5)")
    arguments.add_argument("--max-examples", default="5", help="requests of each kind for an operation (5)")
    arguments.add_argument("--shown", type=int, default=20, help="how many kinds of failure of a document are printed (20)")
    arguments.add_argument("--include-path-regex", help="only these paths")
    given = arguments.parse_args()
    # Who ends this run ends its mock, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    file = yaml.safe_load((HERE / "schemathesis.yaml").read_text())
    if given.documents:
        known = file["stateful" if given.stateful else "documents"]
        chosen = [entry_of(known, os.path.abspath(path)) for path in given.documents]
    else:
        chosen = file["stateful"] if given.stateful else file["documents"]
        chosen = [one for one in chosen if re.search(given.only, one["path"])]
    entries = file["own-errors"] or []
    failed = missing = 0
    for one in chosen:
        places = [REPOSITORY / one["path"], *([pathlib.Path(given.root) / one["path"]] if given.root else [])]
        document = next((place.resolve() for place in places if place.is_file()), None)
        if document is None:
            missing += 1
            print(f'{one["path"]}: not here' + ("" if given.root else "; --root names the folder that it is in"))
            continue
        if given.include_path_regex:
            one = {**one, "paths": given.include_path_regex}
        name = one["path"] if not given.documents else str(document)
        options = ["--max-examples", given.max_examples]
        failed += judge(given.program, name, document, one, options, entries, given.shown, given.seeds if given.stateful else 0)
    stale = [entry for entry in entries if "seen" not in entry]
    whole = not (given.stateful or given.documents or given.only or given.include_path_regex or missing)
    for entry in stale if whole else []:
        seldom = entry.get("seldom", False)
        failed += not seldom
        print(f'listed, but it did not happen{" this time" if seldom else ""}: {entry["name"]} ({entry["document"]})')
    if missing == len(chosen):
        print("no document was tried")
        return 1
    # Who names a folder or a document means that it is there.
    return 1 if failed or (missing and (given.root or given.documents)) else 0


if __name__ == "__main__":
    sys.exit(main())
