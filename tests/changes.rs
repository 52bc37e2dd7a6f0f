//! What differs between two versions of a document: each case of `fixtures/changes/cases.yaml`, both ways.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use standin::contract::{BasePath, Changes, Contract};
use standin::document::{Document, Documents, Refusal, Source};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/changes")
}

/// The contract, with the text of a file changed.
fn contract(file: &str, change: impl Fn(String) -> String) -> Contract {
    let retrieve = |path: &str| -> Result<String, Refusal> {
        let text = fs::read_to_string(folder().join(path)).map_err(|error| Refusal::Failed(error.to_string()))?;
        Ok(if path == file { change(text) } else { text })
    };
    let documents = Documents::load("openapi.yaml", &retrieve).documents.unwrap();
    Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap()
}

fn named(changes: &Changes) -> Vec<String> {
    let Changes { added, removed, requests, responses } = changes;
    let (added, removed) = (added.iter().map(|key| format!("+{key}")), removed.iter().map(|key| format!("-{key}")));
    let responses = responses.iter().map(|(key, status)| format!("{key} {status}"));
    added.chain(removed).chain(requests.iter().map(|key| key.to_string())).chain(responses).collect()
}

#[test]
fn what_a_change_comes_to() {
    let source = Source::new("cases.yaml", fs::read_to_string(folder().join("cases.yaml")).unwrap());
    let cases = Document::read(source).document.unwrap();
    let before = contract("", |text| text);
    let (old, again) = (before.digests(), contract("", |text| text).digests());
    assert!(old.changes(&again).is_empty(), "the same texts are the same contract");
    let cases = cases.root().as_array().unwrap();
    assert!(cases.len() > 20);
    for case in cases {
        let text = |key: &str| case.get(key).and_then(|value| value.as_str());
        let (from, to) = (text("from").unwrap(), text("to").unwrap());
        let after = contract(text("file").unwrap_or("openapi.yaml"), |text| {
            let count = text.matches(from).count();
            assert!(count == 1 || (count > 1 && case.get("everywhere").is_some()), "`{from}` is there {count} times");
            text.replace(from, to)
        });
        let new = after.digests();
        let changes = old.changes(&new);
        let names: Vec<&str> = case
            .get("names")
            .and_then(|names| names.as_array())
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str())
            .collect();
        let what = text("what").unwrap();
        assert_eq!(
            (changes.to_string().as_str(), named(&changes)),
            (text("says").unwrap(), names.iter().map(|name| (*name).to_owned()).collect()),
            "{what}"
        );
        // As much is told when it is taken back.
        let back = new.changes(&old);
        assert_eq!(
            (back.requests.len(), back.responses.len()),
            (changes.requests.len(), changes.responses.len()),
            "{what}"
        );
        assert_eq!((back.added, back.removed), (changes.removed, changes.added), "{what}");
    }
}

/// A chain and a ring of thousands of references take neither much stack nor a time that grows with the square of their number.
#[test]
fn long_ways_are_gone_once() {
    let document = |last: &str| {
        const LINKS: usize = 5_000;
        let mut text = String::from("openapi: 3.1.0\ninfo: {title: a, version: a}\npaths:\n");
        for number in 0..200 {
            text += &format!(
                "  /p{number}: {{get: {{operationId: p{number}, responses: {{'200': {{description: a, content: {{application/json: {{schema: {{$ref: '#/components/schemas/S{}'}}}}}}}}}}}}}}\n",
                number * 20
            );
        }
        text += "components:\n  schemas:\n";
        for number in 0..LINKS {
            text +=
                &format!("    S{number}: {{properties: {{next: {{$ref: '#/components/schemas/S{}'}}}}}}\n", number + 1);
        }
        text + &format!("    S{LINKS}: {last}\n")
    };
    let load = |text: String| {
        let documents = Documents::load("a.yaml", &move |_: &str| -> Result<String, Refusal> { Ok(text.clone()) });
        Contract::load(Arc::new(documents.documents.unwrap()), &BasePath::Document).0.unwrap()
    };
    let digests = ["{type: string}", "{type: integer}", "{$ref: '#/components/schemas/S0'}"]
        .map(|last| load(document(last)).digests());
    assert_eq!(digests[0].changes(&digests[1]).to_string(), "200 responses changed");
    assert_eq!(digests[1].changes(&digests[2]).to_string(), "200 responses changed");
}
