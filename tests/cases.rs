//! Holds `docs/cases.md`: every subject has a case, every case is there, and is one that a test runs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// The folders of cases, how a case of each ends, and the test that runs whatever lies there.
const FOLDERS: [(&str, &str, &str); 10] = [
    ("schema", ".yaml", "tests/schema.rs"),
    ("generate", ".yaml", "tests/generate.rs"),
    ("document", "", "tests/document.rs"),
    ("mock", ".http", "tests/mock.rs"),
    ("lint", ".yaml", "tests/it/cli/lint.rs"),
    ("multi", "/documents", "tests/multi.rs"),
    ("check", "/traffic", "tests/check/recorded.rs"),
    ("bodies", "/traffic", "tests/check/bodies.rs"),
    ("scenario", ".yaml", "tests/scenario.rs"),
    ("steps", ".yaml", "tests/steps.rs"),
];

/// The rows of the tables: what is said of each subject.
fn rows(page: &str) -> Vec<[String; 3]> {
    let cells = |line: &str| {
        let line = line.replace("\\|", "\u{0}");
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect();
        <[String; 3]>::try_from(cells).unwrap_or_else(|cells| panic!("three columns: {cells:?}"))
    };
    let lines = page.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    lines.map(cells).filter(|row| row[0] != "subject").collect()
}

fn exists(case: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = case.split('/').next().unwrap();
    let Some((_, ending, runner)) = FOLDERS.iter().find(|(name, ..)| *name == folder) else { return false };
    assert!(fs::read_to_string(root.join(runner)).unwrap().contains(&format!("fixtures/{folder}")), "{runner}");
    let path = root.join("fixtures").join(case);
    match *ending {
        "/traffic" => ["traffic.ndjson", "traffic.har"].iter().any(|name| path.join(name).is_file()),
        "/documents" => path.join("documents").is_file(),
        ending => case.ends_with(ending) && path.is_file(),
    }
}

#[test]
fn every_subject_has_a_case_that_is_run() {
    let page = fs::read_to_string("docs/cases.md").unwrap();
    let rows = rows(&page);
    assert_eq!(rows.len(), 76);
    for [subject, cases, decided] in rows {
        let cases: Vec<&str> = cases.split('`').filter(|text| !text.trim().is_empty()).collect();
        assert!(!cases.is_empty() && !decided.is_empty(), "{subject}");
        for case in cases {
            assert!(exists(case), "{subject}: `{case}` is no case");
        }
        // A page that has more to say is there.
        for page in decided.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(Path::new("docs").join(page).is_file(), "{subject}: {page}");
        }
    }
}

/// What `standin lint` tells of a document, and what the mock answers, is not forgotten where the document changes its name.
#[test]
fn every_snapshot_has_its_case() {
    for (folder, cut, ending) in [("fixtures/lint/snapshots", "", ".yaml"), ("fixtures/mock/snapshots", "@", "")] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Some(name) = name.strip_suffix(".snap") else { continue };
            let case = name.split_once(cut).map_or(name, |(_, case)| case);
            let case = if cut.is_empty() { name.replacen('-', "/", 1) } else { format!("mock/{case}") };
            assert!(Path::new("fixtures").join(format!("{case}{ending}")).is_file(), "{folder}/{name}: no {case}");
        }
    }
}
