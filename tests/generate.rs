//! Values from schemas: each case in `fixtures/generate` says what must hold of them; real documents must be satisfied.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files};
use standin::finding::Verdict;
use standin::generate::{Context, NoEcho, Plan, Seed};

fn context(seed: u64) -> Context<'static> {
    Context { seed: Seed(seed), now: "2026-07-15T12:00:00Z".parse().unwrap(), echo: &NoEcho, size: None }
}

fn corpus() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("STANDIN_CORPUS") else { return Vec::new() };
    let mut files = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.extension().and_then(|end| end.to_str()) {
                _ if path.is_dir() => open.push(path),
                Some("yaml" | "yml" | "json") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// Every schema of every response of every operation of every document below `STANDIN_CORPUS`, if that is set: a value that
/// the schema admits, for each of five seeds, or a finding.
#[test]
fn real_documents_are_satisfied() {
    let mut wrong = Vec::new();
    for path in corpus() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(documents) = Documents::load(&name, &Files::beside(&path)).documents else { continue };
        let Some(contract) = Contract::load(Arc::new(documents), &BasePath::Document).0 else { continue };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut told = Vec::new();
        let start = std::time::Instant::now();
        let (mut longest, mut size) = (std::time::Duration::ZERO, 0);
        for index in 0..contract.heads().len() {
            let operation = contract.operation(index);
            let contents = operation
                .responses
                .iter()
                .flat_map(|response| response.content.iter().map(move |one| (response.range, one)));
            for (range, content) in contents {
                let Some(schema) = &content.schema else { continue };
                let t = std::time::Instant::now();
                let plan = Plan::new(schema, None);
                let findings = plan.findings();
                if t.elapsed() > longest {
                    longest = t.elapsed();
                }
                *counts.entry("schemas").or_default() += 1;
                if let Some(finding) = findings.first() {
                    *counts.entry("findings").or_default() += 1;
                    told.push(format!(
                        "{} {range}: {}: {}",
                        operation.key,
                        finding.place.as_ref().unwrap(),
                        finding.sentence
                    ));
                    continue;
                }
                for seed in 0..5 {
                    let value = plan.value(&context(seed));
                    let mut text = Vec::new();
                    plan.write(&context(seed), &mut text);
                    size = size.max(text.len());
                    if serde_json::from_slice::<Value>(&text).unwrap() != value {
                        wrong.push(format!("{name}: {} {range}: written otherwise", operation.key));
                    }
                    match schema.check(&value) {
                        Verdict::Valid => *counts.entry("valid").or_default() += 1,
                        Verdict::NotDecided => *counts.entry("not decided").or_default() += 1,
                        Verdict::Invalid => {
                            let why = schema.explain(&value);
                            let why = why.first().map(|one| format!("{} {}", one.pointer, one.sentence));
                            wrong.push(format!("{name}: {} {range} seed {seed}: {why:?}", operation.key));
                        }
                    }
                }
            }
        }
        println!("{name}: {counts:?} {:?} longest {longest:?} largest {size}", start.elapsed());
        told.sort();
        told.dedup();
        for line in told.iter().take(12) {
            println!("   {line}");
        }
    }
    println!("{} wrong", wrong.len());
    assert!(wrong.is_empty(), "\n{}", wrong[..wrong.len().min(60)].join("\n"));
}

#[test]
fn show() {
    let Some(path) = std::env::var_os("DOC") else { return };
    let path = Path::new(&path);
    let only = std::env::var("OP").ok();
    let documents =
        Documents::load(path.file_name().unwrap().to_str().unwrap(), &Files::beside(path)).documents.unwrap();
    let contract = Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap();
    for index in 0..contract.heads().len() {
        let operation = contract.operation(index);
        if only.as_ref().is_some_and(|only| !operation.key.contains(only.as_str())) {
            continue;
        }
        for response in &operation.responses {
            for content in &response.content {
                let Some(schema) = &content.schema else { continue };
                if only.is_none() && !response.range.covers(200) {
                    continue;
                }
                println!(
                    "== {} {}: {}",
                    operation.key,
                    response.range,
                    serde_json::to_string_pretty(&Plan::new(schema, None).value(&context(0))).unwrap()
                );
            }
        }
    }
}
