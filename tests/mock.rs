//! Runs every `fixtures/mock/*.http` against a mock in memory and holds the answers to snapshots.
//!
//! A case is a file in the usual `.http` form: requests separated by `###`, comments behind `#`. Comments at the top set the stage:
//! `# document: FILE` (else the bundled one; several with blanks between, as `/mount=FILE` too), `# scenario: NAME or FILE`, `# seed: N`,
//! `# option: no-auth | plain | dynamic | as-is | require-session | no-cors`, `# base-path: MODE`. `# send: N` before a request sends
//! it N times, and `# at: 31s` sets the clock for it and those after it, counted from the start of the mock; `# ignore-format: NAME` has a format of schemas assert nothing; `# content: base64` says that its content is written in Base64, and `# lines: crlf` that its lines end as they do in HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says on standard output what it could not run"
)]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use standin::contract::{BasePath, Contract, Mount};
use standin::document::{Documents, Files, Source};
use standin::finding::Severity;
use standin::generate::Seed;
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Examples, Mock, Options, Reply, State};
use standin::scenario::{self, Delay, Scenario};

struct Stage {
    document: String,
    scenarios: Vec<String>,
    options: Options,
    base_path: BasePath,
    ignored_formats: Vec<String>,
}

/// A request, how often it is sent, and when, if that matters.
struct Sent {
    times: usize,
    at: Option<Duration>,
    request: Request,
}

fn read(text: &str) -> (Stage, Vec<Sent>) {
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let mut stage = Stage {
        document: "fixtures/invitation/openapi.yaml".to_owned(),
        scenarios: Vec::new(),
        options: Options { now, ..Options::default() },
        base_path: BasePath::Document,
        ignored_formats: Vec::new(),
    };
    let mut requests = Vec::new();
    let mut at = None;
    for part in text.split("\n###") {
        let mut times = 1;
        let (mut base64, mut crlf) = (false, false);
        let mut lines = part.lines().peekable();
        while let Some(line) = lines.peek() {
            if let Some(comment) =
                line.trim_start_matches('#').trim().split_once(": ").filter(|_| line.starts_with('#'))
            {
                match comment {
                    ("document", value) => stage.document = value.to_owned(),
                    ("scenario", value) => stage.scenarios.push(value.to_owned()),
                    ("seed", value) => stage.options.seed = value.parse().unwrap(),
                    ("content", "base64") => base64 = true,
                    ("lines", "crlf") => crlf = true,
                    ("at", value) => at = Some(Delay::parse(value).unwrap().draw(Seed(0))),
                    ("send", value) => times = value.parse().unwrap(),
                    ("ignore-format", name) => stage.ignored_formats.push(name.to_owned()),
                    ("option", "no-auth") => stage.options.credentials = false,
                    ("option", "no-cors") => stage.options.cors = false,
                    ("option", "plain") => stage.options.plain = true,
                    ("option", "dynamic") => stage.options.dynamic = true,
                    ("option", "as-is") => stage.options.examples = Examples::AsIs,
                    ("option", "require-session") => stage.options.require_session = true,
                    ("option", other) => panic!("no option `{other}`"),
                    ("base-path", "strict") => stage.base_path = BasePath::Strict,
                    ("base-path", "none") => stage.base_path = BasePath::None,
                    ("base-path", path) => stage.base_path = BasePath::Only(path.to_owned()),
                    _ => {}
                }
            } else if !line.trim().is_empty() && !line.starts_with('#') {
                break;
            }
            lines.next();
        }
        let Some(first) = lines.next() else { continue };
        let (method, target) = first.split_once(' ').expect("a request starts with METHOD /target");
        let mut headers = HeaderMap::new();
        for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
            let (name, value) = line.split_once(':').expect("a field is `Name: value`");
            let name: HeaderName = name.trim().parse().unwrap();
            headers.append(name, HeaderValue::from_bytes(value.trim().as_bytes()).unwrap());
        }
        let body = lines.collect::<Vec<_>>().join(if crlf { "\r\n" } else { "\n" });
        let body = body.trim_end();
        let request = Request {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            target: Target::parse(target.trim()).expect("a target that a request line can carry"),
            headers,
            body: if base64 { BASE64_STANDARD.decode(body).unwrap().into() } else { Body::from(body.to_owned()) },
        };
        requests.push(Sent { times, at, request });
    }
    (stage, requests)
}

fn contract(stage: &Stage) -> Arc<Contract> {
    let mounts = stage.document.split_whitespace().map(|word| {
        let (place, file) = word.split_once('=').unwrap_or(("", word));
        let path = Path::new(file);
        let loaded = Documents::load(path.file_name().unwrap().to_str().unwrap(), &Files::beside(path));
        let documents = loaded.documents.unwrap_or_else(|| panic!("{file}: {:?}", loaded.problems));
        Mount::new(Arc::new(documents), place).ignoring_formats(&stage.ignored_formats)
    });
    Arc::new(Contract::of(mounts.collect(), &stage.base_path).0.expect("documents that can be served"))
}

fn scenarios(stage: &Stage, contract: &Contract) -> (Vec<Arc<Scenario>>, Vec<Arc<Scenario>>) {
    let load = |name: &str, text: &str| {
        let (scenario, findings) = Scenario::read(&Source::new(name, text), contract);
        Arc::new(scenario.unwrap_or_else(|| panic!("{name}: {findings:#?}")))
    };
    let bundled = stage.document == "fixtures/invitation/openapi.yaml";
    let shipped = scenario::shipped().iter().filter(|_| bundled);
    let mut known: Vec<Arc<Scenario>> = shipped.map(|(name, text)| load(&format!("{name}.yaml"), text)).collect();
    let mut active = Vec::new();
    for wanted in &stage.scenarios {
        let found = known.iter().find(|scenario| *scenario.name == **wanted).cloned();
        active.push(found.unwrap_or_else(|| {
            let file = format!("fixtures/mock/{wanted}");
            let scenario =
                load(wanted, &std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}")));
            known.push(scenario.clone());
            scenario
        }));
    }
    (known, active)
}

fn shown(reply: &Reply) -> String {
    let answer = &reply.answer;
    let operation =
        reply.decision.operation.as_ref().map(|key| format!("  {key} #{}", reply.decision.call)).unwrap_or_default();
    let session = if &*reply.session == "default" { String::new() } else { format!("  [{}]", reply.session) };
    let mut text = format!("{}{operation}{session}\n", answer.status);
    if !reply.delay.is_zero() {
        text.push_str(&format!("(after {:?})\n", reply.delay));
    }
    if let Some(fault) = reply.fault {
        text.push_str(&format!("(fault {fault})\n"));
    }
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or("(not text)")));
    }
    let body = answer.body.bytes();
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(value) => text.push_str(&format!("\n{}\n", serde_json::to_string_pretty(&value).unwrap())),
        Err(_) if body.is_empty() => {}
        Err(_) => match std::str::from_utf8(&body) {
            Ok(body) => text.push_str(&format!("\n{}\n", body.replace('\r', "").replace('\u{1e}', "(RS)"))),
            Err(_) => {
                let shown = |byte: &u8| if matches!(byte, b' '..=b'~' | b'\n') { char::from(*byte) } else { '·' };
                let lines: String = body.iter().filter(|byte| **byte != b'\r').map(shown).collect();
                text.push_str(&format!("\n({} bytes)\n{lines}\n", body.len()));
            }
        },
    }
    for violation in &reply.decision.violations {
        let place = violation.place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
        text.push_str(&format!(
            "  ! {} {}{} {} ({}){place}\n",
            violation.part, violation.name, violation.pointer, violation.sentence, violation.keyword
        ));
    }
    for note in &reply.decision.notes {
        text.push_str(&format!("  - {note}\n"));
    }
    text
}

#[test]
fn every_case_is_answered_as_its_snapshot_says() {
    insta::glob!("../fixtures/mock", "*.http", |path| {
        let (stage, requests) = read(&std::fs::read_to_string(path).unwrap());
        let contract = contract(&stage);
        let (known, active) = scenarios(&stage, &contract);
        let (mock, findings) = Mock::new(contract, stage.options.clone(), known, active);
        // A note says what could not be tried on a sample.
        assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{findings:#?}");
        let state = State::new(&mock);
        let mut told = String::new();
        for (number, Sent { times, at, request }) in requests.iter().enumerate() {
            for time in 0..*times {
                let mono_ns = at.map_or(number as u64, |at| u64::try_from(at.as_nanos()).unwrap());
                let now = Moment { wall_ns: 0, mono_ns };
                let reply = mock.answer(&state, request.clone(), now);
                let again = if *times > 1 { format!(" ({} of {times})", time + 1) } else { String::new() };
                told.push_str(&format!("### {} {}{again}\n{}\n", request.method, request.target, shown(&reply)));
            }
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../fixtures/mock/snapshots" }, {
            insta::assert_snapshot!(told);
        });
    });
}

#[test]
fn templates_are_tried_on_one_call() {
    let (stage, _) = read("# document: fixtures/mock/templates.yaml\nGET /orders/1\n");
    let contract = contract(&stage);
    let text = "
scenario: tried
on:
  change:
    - when: { body: { note: a } }
      reply: { status: 201, template: { id: '{{ request.path.number }}', note: '{{ request.body.note }}' } }
    - when: { body: { note: b } }
      reply: { status: 201, template: '{ \"id\": \"{{ uuid() }}\", }' }
    - when: { body: { note: c } }
      reply: { status: 201, template: '{ \"id\": \"{{ uuid() | uper }}\" }', headers: { X-Count: 'many of {{ request.path.number }}' } }
    - reply: { status: 201, template: { id: '{{ saved.id | default(uuid()) }}', number: '{{ request.path.number }}' } }
";
    let (scenario, findings) = Scenario::read(&Source::new("story.yaml", text), &contract);
    let warned: Vec<&str> = findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(warned, ["scenario-saved"]);
    let scenario = Arc::new(scenario.unwrap());
    let (_, findings) = Mock::new(contract, Options::default(), vec![scenario.clone()], vec![scenario]);
    let told: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {}: {}", finding.place.as_ref().unwrap(), finding.severity, finding.sentence))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    story.yaml:6:45 error: the schema for 201 of `change` forbids `/id`: not a string
    story.yaml:8:39 error: for `change`: what the template comes to is no JSON: trailing comma, in `{ "id": "44851b23-b436-4f11-bc90-02a68c0c7173", }`
    story.yaml:10:61 error: for `change`: the template fails: filter uper is unknown
    story.yaml:10:94 error: the field `x-count` of 201 of `change`: not an integer
    "#);
}
