//! Runs every `fixtures/stateful/*.http` against a mock in memory that keeps what calls make, and holds the answers to snapshots; and
//! what `standin explain --stateful` tells of every document there.
//!
//! A case is a file in the usual `.http` form: requests separated by `###`, comments behind `#`. At the top: `# document: FILE` (else the
//! bundled one), `# world: FILE` for what `--stateful=FILE` takes, `# scenario: FILE`, `# seed: N`. `# name: NAME` before a request names
//! it; `{{NAME/pointer}}` in a later one stands for a value of its answer. Every answer is held to the document, too.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::{Value, json};
use standin::contract::resource::{Resources, World};
use standin::contract::{BasePath, Contract, Mount};
use standin::document::{Documents, Files, Source};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, StatusCode, Target};
use standin::mock::{Mock, Options, Reply, State, Stateful};
use standin::scenario::Scenario;

const BUNDLED: &str = "fixtures/invitation/openapi.yaml";

/// A request, as it is written.
struct Asked {
    name: Option<String>,
    session: Option<String>,
    text: String,
}

#[derive(Default)]
struct Stage {
    document: Option<String>,
    world: Option<String>,
    scenario: Option<String>,
    seed: u64,
}

fn read(text: &str) -> (Stage, Vec<Asked>) {
    let (mut stage, mut requests) = (Stage::default(), Vec::new());
    for part in text.split("\n###") {
        let (mut name, mut session, mut rest) = (None, None, Vec::new());
        for line in part.lines() {
            let comment = line.strip_prefix("# ").and_then(|comment| comment.split_once(": "));
            match comment.filter(|_| rest.is_empty()) {
                Some(("document", value)) => stage.document = Some(value.to_owned()),
                Some(("world", value)) => stage.world = Some(value.to_owned()),
                Some(("scenario", value)) => stage.scenario = Some(value.to_owned()),
                Some(("seed", value)) => stage.seed = value.parse().unwrap(),
                Some(("name", value)) => name = Some(value.to_owned()),
                Some(("session", value)) => session = Some(value.to_owned()),
                _ if rest.is_empty() && (line.starts_with('#') || line.trim().is_empty()) => {}
                _ => rest.push(line),
            }
        }
        if !rest.is_empty() {
            requests.push(Asked { name, session, text: rest.join("\n") });
        }
    }
    (stage, requests)
}

/// The text with the values of earlier answers.
fn filled(text: &str, answers: &HashMap<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (inner, after))) =
        rest.split_once("{{").and_then(|(before, inner)| Some((before, inner.split_once("}}")?)))
    {
        let (name, pointer) = inner.split_once('/').expect("{{NAME/pointer}}");
        let value = answers.get(name).and_then(|answer| answer.pointer(&format!("/{pointer}")));
        let value = value.unwrap_or_else(|| panic!("{inner}: {:?}", answers.get(name)));
        out.push_str(before);
        out.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        rest = after;
    }
    out + rest
}

fn request(text: &str, session: Option<&str>) -> Request {
    let mut lines = text.lines();
    let (method, target) = lines.next().unwrap().split_once(' ').expect("METHOD /target");
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    headers.insert("host", HeaderValue::from_static("localhost:4010"));
    if let Some(session) = session {
        headers.insert("standin-session", HeaderValue::from_str(session).unwrap());
    }
    for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').expect("a field is `Name: value`");
        headers.insert(name.trim().parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.trim()).unwrap());
    }
    let body = lines.collect::<Vec<_>>().join("\n");
    if !body.is_empty() && !headers.contains_key("content-type") {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
    }
    let target = Target::parse(target.trim()).unwrap();
    Request { method: Method::from_bytes(method.as_bytes()).unwrap(), target, headers, body: Body::from(body) }
}

fn contract(file: &str) -> Arc<Contract> {
    let path = Path::new(file);
    let loaded = Documents::load(path.file_name().unwrap().to_str().unwrap(), &Files::beside(path));
    let documents = loaded.documents.unwrap_or_else(|| panic!("{file}: {:?}", loaded.problems));
    let (contract, findings) = Contract::of(vec![Mount::new(Arc::new(documents), "")], &BasePath::Document);
    Arc::new(contract.unwrap_or_else(|| panic!("{file}: {findings:?}")))
}

fn mock(stage: &Stage) -> Mock {
    let contract = contract(stage.document.as_deref().unwrap_or(BUNDLED));
    let text = |file: &String| std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let world = stage.world.as_ref().map_or_else(World::default, |file| {
        let (world, findings) = World::read(&Source::new(file.as_str(), text(file)));
        world.unwrap_or_else(|| panic!("{findings:#?}"))
    });
    let (resources, findings) = Resources::of(&contract, &world);
    assert!(findings.is_empty(), "{findings:#?}");
    let (seeds, findings) = resources.seeds(&world);
    assert!(findings.is_empty(), "{findings:#?}");
    let active = stage.scenario.iter().map(|file| {
        let (scenario, findings) = Scenario::read(&Source::new(file.as_str(), text(file)), &contract);
        Arc::new(scenario.unwrap_or_else(|| panic!("{findings:#?}")))
    });
    let active: Vec<_> = active.collect();
    let stateful = Some(Stateful { resources: Arc::new(resources), seeds: seeds.into() });
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let options = Options { now, stateful, seed: stage.seed, ..Options::default() };
    Mock::new(contract, options, active.clone(), active).0
}

fn shown(reply: &Reply) -> String {
    let mut text = format!("{}  {}\n", reply.answer.status, reply.decision.why);
    for name in ["location", "x-total-count"] {
        if let Some(value) = reply.answer.headers.get(name) {
            text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
    }
    let body = reply.answer.body.bytes();
    match serde_json::from_slice::<Value>(&body) {
        Ok(value) => text.push_str(&format!("{}\n", compact(&value))),
        Err(_) => text.push_str(&format!("{}\n", String::from_utf8_lossy(&body))),
    }
    for note in &reply.decision.notes {
        text.push_str(&format!("  - {note}\n"));
    }
    text
}

/// Lists an item a line, everything else on one.
fn compact(value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let lines: Vec<String> = items.iter().map(|item| format!("  {item}")).collect();
            format!("[\n{}\n]", lines.join(",\n"))
        }
        value => value.to_string(),
    }
}

/// Whatever is answered is what the document allows.
fn held(mock: &Mock, request: &Request, reply: &Reply) {
    let Some(operation) = reply.operation else { return };
    let documented = mock.contract().operation(operation).response(reply.answer.status.as_u16()).is_some();
    if documented {
        let judged = mock.contract().operation(operation).check_response(&request.method, &reply.answer, false);
        assert!(judged.violations.is_empty(), "{} {}: {:#?}", request.method, request.target, judged.violations);
    }
}

#[test]
fn every_case_is_answered_as_its_snapshot_says() {
    insta::glob!("../fixtures/stateful", "*.http", |path| {
        let (stage, requests) = read(&std::fs::read_to_string(path).unwrap());
        let mock = mock(&stage);
        let state = State::new(&mock);
        let mut answers = HashMap::new();
        let mut told = String::new();
        for (number, asked) in requests.iter().enumerate() {
            let text = filled(&asked.text, &answers);
            let request = request(&text, asked.session.as_deref());
            let now = Moment { wall_ns: 0, mono_ns: number as u64 };
            let reply = mock.answer(&state, request.clone(), now);
            held(&mock, &request, &reply);
            if let Some(name) = &asked.name {
                answers.insert(name.clone(), serde_json::from_slice(&reply.answer.body.bytes()).unwrap_or_default());
            }
            told.push_str(&format!("### {text}\n{}\n", shown(&reply)));
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../fixtures/stateful/snapshots" }, {
            insta::assert_snapshot!(told);
        });
    });
}

#[test]
fn what_is_inferred_of_every_document_is_as_its_snapshot_says() {
    insta::glob!("../fixtures/stateful", "*.yaml", |path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("world-") || name.starts_with("scenario-") {
            return;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.current_dir(path.parent().unwrap()).args(["explain", "--stateful", name, "-q"]);
        let told = String::from_utf8(command.output().unwrap().stdout).unwrap();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../fixtures/stateful/snapshots" }, {
            insta::assert_snapshot!(told);
        });
    });
}

#[test]
fn the_file_that_the_reference_shows_fits_the_bundled_document() {
    let page = std::fs::read_to_string("docs/stateful.md").unwrap();
    let (_, after) = page.split_once("```yaml\n").expect("an example");
    let (text, _) = after.split_once("```").unwrap();
    let (world, findings) = World::read(&Source::new("docs/stateful.md", text));
    assert!(findings.is_empty(), "{findings:#?}");
    let (resources, findings) = Resources::of(&contract(BUNDLED), world.as_ref().unwrap());
    assert!(findings.is_empty(), "{findings:#?}");
    let (seeds, findings) = resources.seeds(&world.unwrap());
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(seeds.len(), 2);
}

#[test]
fn what_in_a_file_does_not_fit_the_document_is_told() {
    let text = "collections:\n  invitation: { id: id }\n  invitations: { unique: [mail] }\noperations:\n  get_orgs: { as: document }\n  get_org: { lists: invitations }\n  list_members: { lists: org }\nseed:\n  invitations: [{ email: a@example.com }]\n  /api/v1/org/acme/members:\n    - { role: boss }\n    - { id: 1d0c4f0a-3b5e-4c1e-9a53-0d2b3f6f8a11 }\n    - { id: 1d0c4f0a-3b5e-4c1e-9a53-0d2b3f6f8a11 }\n";
    let (world, findings) = World::read(&Source::new("world.yaml", text));
    assert!(findings.is_empty(), "{findings:#?}");
    let (resources, mut findings) = Resources::of(&contract(BUNDLED), world.as_ref().unwrap());
    findings.extend(resources.seeds(&world.unwrap()).1);
    let told = findings.iter().map(|finding| {
        let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place} [{}] {}; {}\n", finding.rule.id, finding.sentence, finding.help.as_deref().unwrap_or_default())
    });
    insta::assert_snapshot!(told.collect::<String>(), @r##"
    world.yaml:2:3 [stateful-key] no one collection is `invitation`; did you mean `invitations`?
    world.yaml:3:3 [stateful-value] items of /api/v1/org/{org}/invitations have no member `mail`; did you mean `email`?
    world.yaml:5:3 [stateful-value] the document has no operation `get_orgs`; did you mean `get_org`?
    world.yaml:6:3 [stateful-value] the answer of `get_org` has no list of items; name an operation that lists
    world.yaml:7:3 [stateful-value] what `list_members` lists has no `key`, which items of /api/v1/org are told apart by; name an operation that lists such items
    world.yaml:9:3 [stateful-key] no one collection is `invitations`; its items belong to a parent: write `/api/v1/org/{org}/invitations` with values in it
    world.yaml:11:7 [stateful-seed] this is no item of /api/v1/org/{org}/members: `/role` not one of owner, contributor, reader; write it as the document says; what is left out is made up
    world.yaml:13:7 [stateful-seed] another item of /api/v1/org/acme/members has the id `1d0c4f0a-3b5e-4c1e-9a53-0d2b3f6f8a11`: world.yaml:12:7; give it an id of its own, or leave it out: then one is made up
    "##);
}

fn ask(mock: &Mock, state: &State, text: &str) -> (StatusCode, Value) {
    let reply = mock.answer(state, request(text, None), Moment { wall_ns: 0, mono_ns: 0 });
    (reply.answer.status, serde_json::from_slice(&reply.answer.body.bytes()).unwrap_or_default())
}

#[test]
fn sixty_four_at_once_each_have_what_they_made_and_the_list_is_what_is_left() {
    const CLIENTS: usize = 64;
    const EACH: usize = 12;
    let mock = mock(&Stage::default());
    let state = State::new(&mock);
    let path = "/api/v1/org/acme/invitations";
    let made: Vec<(Vec<String>, Vec<String>)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (mock, state) = (&mock, &state);
                scope.spawn(move || {
                    let (mut kept, mut removed) = (Vec::new(), Vec::new());
                    for number in 0..EACH {
                        let body = json!({ "email": format!("c{client}-{number}@example.com"), "role": "reader" });
                        let (status, made) = ask(mock, state, &format!("POST {path}\n\n{body}"));
                        assert_eq!(status, StatusCode::OK);
                        assert_eq!(made["email"], body["email"]);
                        // One that everybody wants is given once.
                        let _ = ask(
                            mock,
                            state,
                            &format!(
                                "POST {path}\n\n{}",
                                json!({ "email": format!("all-{number}@example.com"), "role": "owner" })
                            ),
                        );
                        let id = made["id"].as_str().unwrap().to_owned();
                        if number % 3 == 0 {
                            let gone = format!("DELETE {path}/{id}");
                            assert_eq!(ask(mock, state, &gone).0, StatusCode::NO_CONTENT);
                            assert_eq!(ask(mock, state, &gone).0, StatusCode::NOT_FOUND);
                            removed.push(id);
                        } else {
                            kept.push(id);
                        }
                    }
                    (kept, removed)
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let kept: HashSet<&String> = made.iter().flat_map(|(kept, _)| kept).collect();
    let removed: HashSet<&String> = made.iter().flat_map(|(_, removed)| removed).collect();
    assert_eq!(kept.len() + removed.len(), CLIENTS * EACH, "an id was given twice");
    let (_, listed) = ask(&mock, &state, &format!("GET {path}"));
    let listed = listed.as_array().unwrap();
    let of_all = listed.iter().filter(|item| item["email"].as_str().unwrap().starts_with("all-")).count();
    let own: HashSet<String> = listed
        .iter()
        .filter(|item| !item["email"].as_str().unwrap().starts_with("all-"))
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(of_all, EACH);
    assert_eq!(own, kept.into_iter().cloned().collect());
}

#[test]
fn what_is_kept_outlives_the_mock_and_not_the_session() {
    let (one, other) = (mock(&Stage::default()), mock(&Stage::default()));
    let state = State::new(&one);
    let path = "/api/v1/org/acme/invitations";
    let made = ask(&one, &state, &format!("POST {path}\n\n{}", json!({ "email": "a@example.com", "role": "owner" }))).1;
    assert_eq!(ask(&other, &state, &format!("GET {path}")).1, json!([made]));
    assert_eq!(ask(&other, &State::new(&other), &format!("GET {path}")).1, json!([]));
}
