//! The steps of scenarios, taken against a mock: each file of `fixtures/steps`, and every shipped scenario.
//!
//! `# document: NAME` in a file's first lines is the document of `fixtures/steps/documents` that it is for (the bundled one without it),
//! `# stateful` keeps what calls make.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test says where")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use standin::client::{self, Client, Origin, SendError};
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::finding::Finding;
use standin::generate::Seed;
use standin::message::{Moment, header, retry_after};
use standin::mock::{Mock, Options, Reply, Stateful};
use standin::scenario::{Break, Came, Scenario, Step, Telling, Wait, shipped};

const DAY: &str = "2026-11-22T12:00:00Z";

fn contract(path: &Path) -> Arc<Contract> {
    let name = path.file_name().unwrap().to_str().unwrap();
    let loaded = Documents::load(name, &Files::beside(path));
    Arc::new(Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document).0.unwrap())
}

fn bundled() -> Arc<Contract> {
    contract(Path::new("fixtures/invitation/openapi.yaml"))
}

fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = finding.place.as_ref().unwrap();
        let _ = writeln!(text, "{place}: {}[{}]: {}", finding.severity, finding.rule.id, finding.sentence);
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    text
}

/// Takes the steps of a scenario; what was called, and what is said of it.
fn taken(scenario: Scenario, contract: &Arc<Contract>, stateful: bool) -> (String, Vec<Finding>) {
    let now: jiff::Timestamp = DAY.parse().unwrap();
    let stateful = stateful.then(|| Stateful::inferred(contract));
    let options = Options { now, stateful, ..Options::default() };
    let scenario = Arc::new(scenario);
    let (mock, findings) = Mock::new(contract.clone(), options, vec![scenario.clone()], vec![scenario.clone()]);
    assert!(findings.is_empty(), "{}", told(&findings));
    let mut text = String::new();
    let start = Moment { wall_ns: i64::try_from(now.as_nanosecond()).unwrap(), mono_ns: 7 };
    let findings = mock.rehearse(&scenario, start, |step, reply| call(&mut text, step, reply));
    (text, findings)
}

fn call(text: &mut String, step: &Step, reply: &Reply) {
    let request = &reply.request;
    let answer = match reply.fault {
        Some(fault) => format!("{} ({fault})", reply.answer.status.as_u16()),
        None => reply.answer.status.as_u16().to_string(),
    };
    let why = reply.decision.why.to_string();
    let _ = writeln!(text, "{} {} {} -> {answer} {why}", step.number, request.method, request.target.as_str());
    for (name, value) in &request.headers {
        if *name != header::CONTENT_LENGTH && value != "Bearer x" {
            let _ = writeln!(text, "    {name}: {}", value.to_str().unwrap());
        }
    }
    if !request.body.is_empty() {
        let _ = writeln!(text, "    {}", String::from_utf8_lossy(&request.body.bytes()).trim_end());
    }
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir("fixtures/steps").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn steps_are_taken_and_held_to_what_they_say() {
    let mut seen = 0;
    for path in files() {
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let said = |what: &str| text.lines().find_map(|line| line.strip_prefix(what)).map(str::trim);
        let contract = match said("# document:") {
            Some(document) => contract(&Path::new("fixtures/steps/documents").join(document)),
            None => bundled(),
        };
        let (scenario, findings) = Scenario::read(&Source::new(name, text.as_str()), &contract);
        let scenario = scenario.unwrap_or_else(|| panic!("{}", told(&findings)));
        let (calls, findings) = taken(scenario, &contract, said("# stateful").is_some());
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../fixtures/steps" }, {
            insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), format!("{calls}---\n{}", told(&findings)));
        });
    }
    assert!(seen >= 6, "{seen} cases");
}

#[test]
fn every_shipped_scenario_goes_as_it_is_told() {
    let contract = bundled();
    let mut told_by_a_client = 0;
    for (name, text) in shipped() {
        let (scenario, findings) = Scenario::read(&Source::new(format!("{name}.yaml"), *text), &contract);
        let scenario = scenario.unwrap_or_else(|| panic!("{}", told(&findings)));
        told_by_a_client += usize::from(!scenario.steps.is_empty());
        let (calls, findings) = taken(scenario, &contract, false);
        assert!(findings.is_empty(), "{name}\n{}{calls}", told(&findings));
    }
    assert!(told_by_a_client >= 9, "{told_by_a_client} shipped scenarios have steps");
}

/// Takes the steps of a scenario over a socket, against a mock that is served; waits as long as they say.
fn taken_over_a_socket(text: &str, contract: &Arc<Contract>) -> Vec<Finding> {
    let scenario = Scenario::read(&Source::new("story.yaml", text), contract).0.unwrap();
    let mock = standin::Mock::of(contract.clone()).scenario_text(text).start().unwrap();
    let origin = Origin::parse(mock.url()).unwrap();
    let options =
        client::Options { timeout: Duration::from_millis(1500), idle_per_origin: 0, ..client::Options::default() };
    let client = Client::new(options).unwrap();
    let take = async {
        let (mut findings, mut kept, mut asked_for) = (Vec::new(), Vec::new(), None);
        for step in &scenario.steps {
            let seed = Seed(scenario.seed.unwrap_or(0));
            let now = DAY.parse().unwrap();
            for _ in 0..step.times {
                match step.wait.as_ref() {
                    None => {}
                    Some(Wait::For(time)) => tokio::time::sleep(*time).await,
                    Some(Wait::RetryAfter(_)) => tokio::time::sleep(asked_for.unwrap_or_default()).await,
                }
                let telling = Telling { contract, now, seed, saved: &kept, credentials: true };
                let request = step.request(&telling).unwrap();
                let sent = client.send(&origin, request).await;
                let fault = match &sent {
                    Ok(sent) => sent.broken.as_ref().map(|_| Break::Truncate),
                    Err(SendError::Closed { .. }) => Some(Break::Empty),
                    Err(SendError::Timeout { .. }) => Some(Break::Hang),
                    Err(SendError::Reset { .. }) => Some(Break::Reset),
                    Err(error) => panic!("{error}"),
                };
                let answer = sent.as_ref().ok().map(|sent| &sent.response);
                asked_for =
                    answer.and_then(|answer| retry_after(&answer.headers)).map(|wait| wait.wait(Moment::default()));
                let operation = contract.operation(contract.find(&step.operation).unwrap());
                let judged = step.judge(operation, Came { answer, fault }, &telling.context(step)).unwrap();
                findings.extend(judged.misses.into_iter().map(|miss| miss.finding(step)));
                kept.extend(judged.kept);
            }
        }
        findings
    };
    client::wait_for(take).unwrap()
}

/// What a step sends and what is said of its answer know nothing of who carries it out.
#[test]
fn the_same_steps_are_taken_over_a_socket() {
    let contract = bundled();
    for name in ["already-invited", "connection-drops", "throttled-then-recovers"] {
        let (_, text) = shipped().iter().find(|(known, _)| *known == name).unwrap();
        let findings = taken_over_a_socket(text, &contract);
        assert!(findings.is_empty(), "{name}\n{}", told(&findings));
    }
    let too_early = shipped().iter().find(|(known, _)| *known == "throttled-then-recovers").unwrap().1;
    let findings = taken_over_a_socket(&too_early.replace("times: 2", "times: 3"), &contract);
    assert_eq!(findings.len(), 2, "{}", told(&findings));
}

#[test]
fn the_examples_of_the_reference_go_as_they_are_told() {
    let page = fs::read_to_string("docs/scenarios.md").unwrap();
    let contract = bundled();
    let blocks = page.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut examples = 0;
    for text in blocks.filter(|text| text.contains("\nsteps:")) {
        examples += 1;
        let (scenario, findings) = Scenario::read(&Source::new("page.yaml", format!("{text}\n")), &contract);
        let scenario = scenario.unwrap_or_else(|| panic!("{}", told(&findings)));
        let (calls, findings) = taken(scenario, &contract, false);
        assert!(findings.is_empty(), "{text}\n{}{calls}", told(&findings));
    }
    assert!(examples >= 2, "{examples} examples");
}

/// What a step sends that names its operation and nothing else, for every operation of a document: those that the document forbids, with
/// what it says, and how many operations there are.
fn bare(path: &Path) -> (Vec<String>, usize) {
    let contract = contract(path);
    let text = "scenario: bare\nsteps: [{ call: KEY }]\n";
    let (mut forbidden, mut all) = (Vec::new(), 0);
    for head in contract.heads() {
        let text = text.replace("KEY", &serde_json::to_string(&*head.key).unwrap());
        let (scenario, findings) = Scenario::read(&Source::new("bare.yaml", text), &contract);
        let Some(scenario) = scenario else {
            forbidden.push(format!("{}: {}", head.key, told(&findings).lines().next().unwrap()));
            continue;
        };
        let scenario = Arc::new(scenario);
        let (mock, _) = Mock::new(contract.clone(), Options::default(), vec![], vec![scenario.clone()]);
        all += 1;
        let mut called = false;
        let found = mock.rehearse(&scenario, Moment::default(), |_, reply| {
            called = true;
            if let Some(violation) = reply.decision.violations.first() {
                let said =
                    format!("{} {}{}: {}", violation.part, violation.name, violation.pointer, violation.sentence);
                forbidden.push(format!("{}: {said}", head.key));
            } else if reply.decision.operation.as_ref() != Some(&head.key) {
                forbidden.push(format!("{}: goes to {:?}", head.key, reply.decision.operation));
            }
        });
        // An operation may have no answer below 400; what counts here is what was sent.
        forbidden.extend(found.iter().filter(|_| !called).map(|finding| finding.sentence.clone()));
    }
    (forbidden, all)
}

#[test]
fn a_step_without_anything_else_sends_what_the_document_asks_for() {
    for (path, operations) in [
        ("fixtures/invitation/openapi.yaml", 12),
        ("fixtures/corpus/museum.yaml", 8),
        ("fixtures/corpus/galaxy.yaml", 9),
        ("fixtures/corpus/xero-projects.yaml", 16),
        ("fixtures/steps/documents/styles.yaml", 3),
    ] {
        let (forbidden, all) = bare(Path::new(path));
        assert!(forbidden.is_empty(), "{path}\n{}", forbidden.join("\n"));
        assert_eq!(all, operations, "{path}");
    }
}

#[test]
fn a_story_is_the_same_each_time_it_is_told() {
    let contract = bundled();
    let text = fs::read_to_string("fixtures/steps/clock.yaml").unwrap();
    let tell = || {
        let scenario = Scenario::read(&Source::new("clock.yaml", text.as_str()), &contract).0.unwrap();
        taken(scenario, &contract, false).0
    };
    assert_eq!(tell(), tell());
}
