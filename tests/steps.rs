//! The steps of scenarios, taken against a mock: each file of `fixtures/steps`, and every shipped scenario.
//!
//! `# document: NAME` in a file's first lines is the document of `fixtures/steps/documents` that it is for (the bundled one without it),
//! `# stateful` keeps what calls make.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test says where")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::finding::Finding;
use standin::message::{Moment, header};
use standin::mock::{Mock, Options, Reply, Stateful};
use standin::scenario::{Scenario, Step, shipped};

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
