//! Scenarios against the bundled document: what is shipped, what is documented, and what is wrong with each file of
//! `fixtures/scenario`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use standin::contract::{BasePath, Call, Contract};
use standin::document::{Documents, Files, Refusal, Source};
use standin::finding::{Finding, Severity};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Target};
use standin::scenario::{Chance, Delay, Rule, Scenario, Then, shipped, timeline};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bundled() -> &'static Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let files = Files::new(root().join("fixtures/invitation"));
        contract(Documents::load("openapi.yaml", &files).documents.unwrap())
    })
}

fn contract(documents: Documents) -> Arc<Contract> {
    Arc::new(Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap())
}

/// A document of a few lines.
fn small(text: &'static str) -> Arc<Contract> {
    let files = move |_: &str| -> Result<String, Refusal> { Ok(text.to_owned()) };
    contract(Documents::load("small.yaml", &files).documents.unwrap())
}

fn read(text: &str, contract: &Contract) -> (Option<Scenario>, Vec<Finding>) {
    Scenario::read(&Source::new("story.yaml", text), contract)
}

/// Findings as a terminal would show them.
fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = finding.place.as_ref().unwrap();
        let _ = writeln!(text, "{place}: {}[{}]: {}", finding.severity, finding.rule.id, finding.sentence);
        let (line, column) = place.line_column();
        let shown = place.source.line(line).unwrap_or("");
        let width = place.source.slice(place.span).lines().next().unwrap_or("").trim_end().chars().count().max(1);
        let _ = writeln!(text, "  {shown}\n  {}{}", " ".repeat(column - 1), "^".repeat(width));
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    text
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_mistake_is_named_with_its_place_and_remedy() {
    let mut seen = 0;
    for path in files("fixtures/scenario") {
        seen += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let (scenario, findings) = Scenario::read(&Source::new(name, text.as_str()), bundled());
        let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(scenario.is_none(), errors, "{name}: an error makes a scenario unusable, and nothing else does");
        assert!(!findings.is_empty(), "{name} is here for what is wrong with it");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../fixtures/scenario" }, {
            insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), told(&findings));
        });
    }
    assert!(seen >= 30, "{seen} cases");
}
