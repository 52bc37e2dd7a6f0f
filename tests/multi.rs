//! Documents of several files, and several documents in one: each folder of `fixtures/multi` is a case.
//!
//! Its file `documents` says what is served, as on the command line: files, and `/mount=FILE`. The snapshot tells the operations and
//! all that is wrong.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use standin::contract::{BasePath, Contract, Mount};
use standin::document::{Documents, Files, Refusal, Retrieve};
use standin::finding::Finding;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/multi");
    let mut cases: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.join("documents").is_file());
    cases.sort();
    cases
}

fn told(finding: &Finding) -> String {
    let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    format!("{place}{}[{}]: {}{help}\n", finding.severity.word(), finding.rule.id, finding.sentence)
}

#[test]
fn every_case_is_read_as_its_snapshot_says() {
    let cases = cases();
    assert!(cases.len() > 2);
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let words = std::fs::read_to_string(case.join("documents")).unwrap();
        let mut text = String::new();
        let mut mounts = Vec::new();
        for word in words.split_whitespace() {
            let (place, file) = word.split_once('=').unwrap_or(("", word));
            let loaded = Documents::load(file, &Files::beside(&case.join(file)));
            for (source, problem) in &loaded.problems {
                let (line, column) = source.line_column(problem.span.start);
                let _ = writeln!(text, "{}:{line}:{column}: {}", source.name(), problem.message);
            }
            mounts.extend(loaded.documents.map(|documents| Mount::new(Arc::new(documents), place)));
        }
        let (contract, mut findings) = Contract::of(mounts, &BasePath::Document);
        let contract = contract.unwrap();
        for (index, head) in contract.heads().iter().enumerate() {
            let path = format!("{}{}", contract.base_path(index), head.template);
            let _ = writeln!(text, "{} {path}   {}", head.method, head.key);
        }
        findings.extend(contract.findings());
        findings.iter().for_each(|finding| text.push_str(&told(finding)));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

/// Files in memory, and how often each was asked for.
struct Counted {
    files: HashMap<String, String>,
    asked: Mutex<HashMap<String, usize>>,
}

impl Retrieve for Counted {
    fn get(&self, path: &str) -> Result<String, Refusal> {
        *self.asked.lock().unwrap().entry(path.to_owned()).or_default() += 1;
        self.files.get(path).cloned().ok_or_else(|| Refusal::Failed("no such file".to_owned()))
    }
}

#[test]
fn a_file_is_read_once_however_many_references_go_there() {
    const FILES: usize = 3000;
    let schema = |number: usize| {
        let next = format!("{{type: object, properties: {{next: {{$ref: 'S{}.yaml'}}, ", (number * 7 + 1) % FILES);
        let shared: String =
            (0..10).map(|member| format!("m{member}: {{$ref: './x/../S0.yaml#/$defs/A'}}, ")).collect();
        format!("{next}{shared}gone: {{$ref: gone.yaml}}}}, $defs: {{A: {{type: string}}}}}}")
    };
    let mut files: HashMap<String, String> =
        (0..FILES).map(|number| (format!("s/S{number}.yaml"), schema(number))).collect();
    let paths: String = (0..FILES).fold(String::new(), |mut paths, number| {
        let _ = write!(
            paths,
            "  /p{number}: {{get: {{responses: {{'200': {{description: ok, content: {{application/json: "
        );
        let _ = writeln!(paths, "{{schema: {{$ref: 's/S{number}.yaml'}}}}}}}}}}}}}}");
        paths
    });
    files.insert("api.yaml".to_owned(), format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n{paths}"));
    let files = Counted { files, asked: Mutex::default() };
    let loaded = Documents::load("api.yaml", &files);
    let documents = Arc::new(loaded.documents.unwrap());
    assert_eq!(documents.all().len(), FILES + 1);
    let asked = files.asked.into_inner().unwrap();
    assert_eq!((asked.len(), asked.values().max()), (FILES + 2, Some(&1)));
    // Everything is compiled, and the one file that is missing is told at each of the references to it.
    let contract = Contract::load(documents, &BasePath::Document).0.unwrap();
    let findings = contract.findings();
    assert_eq!(findings.len(), FILES, "{:?}", findings.first());
    assert!(findings.iter().all(|finding| finding.sentence.contains("`s/gone.yaml` cannot be used: no such file")));
}
