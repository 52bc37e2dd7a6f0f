//! Spoils small documents and requests, two thousand times in the same ways, and holds that nothing breaks on them: no panic,
//! no hang, always an answer or findings. What once failed is a file under `fixtures/mutations/found` and is run first.
//!
//! `STANDIN_MUTATIONS=20000 cargo test --test mutations` tries more of them; `STANDIN_MUTATIONS_FROM=7000` starts at another one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and may be told how much to do"
)]

#[path = "fuzz/spoil.rs"]
mod spoil;

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use standin::contract::{BasePath, Contract};
use standin::document::{Document, Documents, Source};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State, ValidCall, unsatisfiable};

use spoil::{Chance, spoilt_text, spoilt_tree};

/// How many are tried unless the environment says otherwise.
const COUNT: u64 = 2_000;
/// The stack that documents are read on: that of a thread of the server.
const STACK: usize = 2 << 20;
/// No document of this size may take longer; a debug build on a busy machine stays far below.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is spoilt.
const DOCUMENTS: [&str; 5] = [
    "fixtures/mutations/seed.yaml",
    "fixtures/mock/tolerance.yaml",
    "fixtures/mock/styles.yaml",
    "fixtures/mock/shapes.yaml",
    "fixtures/mock/routing.yaml",
];

/// A request to the operation, spoilt in the same way; `None` where no request line could carry it.
fn spoilt_request(call: Option<&ValidCall>, template: &str, method: &Method, chance: &mut Chance) -> Option<Request> {
    let path = call.map_or_else(|| template.replace(['{', '}'], ""), |call| call.path.clone());
    let bits = [
        "%",
        "%2F",
        "//",
        "?",
        "&a=",
        "=%zz",
        "a[b]=1",
        "|",
        ",",
        "..",
        ";x=1",
        "%00",
        "%F0%9F%98%80",
        "limit=1&limit=x",
    ];
    let mut target = path.into_bytes();
    for _ in 0..chance.below(3) {
        let at = chance.below(target.len()).max(1).min(target.len());
        let bit = chance.one(&bits);
        target.splice(at..at, bit.bytes());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in call.into_iter().flat_map(|call| &call.fields) {
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    let fields =
        ["accept", "content-type", "prefer", "authorization", "cookie", "x-trace", "standin-session", "content-length"];
    let values = [
        "",
        "*/*",
        "application/json; charset=latin-1",
        "code=4XX",
        "example=rex",
        "dynamic=maybe",
        "Basic x",
        "\"",
        ";;",
        "a=b; c",
    ];
    for _ in 0..chance.below(3) {
        let (name, value): (&'static str, &'static str) = (chance.one(&fields), chance.one(&values));
        headers.append(name, HeaderValue::from_static(value));
    }
    let body = call.and_then(|call| call.body.clone()).unwrap_or_else(|| r#"{"name":["\ud800",1e999]}"#.to_owned());
    let body = match chance.below(4) {
        0 => spoilt_text(&body, chance).into_bytes(),
        1 => Vec::new(),
        2 => vec![b'['; 400],
        _ => body.into_bytes(),
    };
    let methods = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE];
    let method = if chance.below(5) == 0 { chance.one(&methods) } else { method.clone() };
    let target = Target::parse(std::str::from_utf8(&target).ok()?)?;
    Some(Request { method, target, headers, body: Body::from(body) })
}

/// Everything that is done with a document: read, compiled, looked through, served. The sentence says what should not be.
fn live_through(text: &str, chance: &mut Chance) -> Result<(), String> {
    let read = Document::read(Source::new("spoilt", text));
    let Some(document) = read.document else {
        return if read.problems.is_empty() { Err("neither a document nor a problem".to_owned()) } else { Ok(()) };
    };
    let documents = Arc::new(Documents::single(document));
    let (contract, findings) = Contract::load(documents, &BasePath::Document);
    let Some(contract) = contract else {
        return if findings.is_empty() { Err("neither a contract nor a finding".to_owned()) } else { Ok(()) };
    };
    let contract = Arc::new(contract);
    let mut count = contract.findings().len();
    count += unsatisfiable(&contract).len();
    let (mock, _) = Mock::new(contract.clone(), Options::default(), Vec::new(), Vec::new());
    let state = State::new(&mock);
    for (index, head) in contract.heads().iter().enumerate().take(12) {
        let call = ValidCall::new(&contract, index, Options::default().now);
        for _ in 0..2 {
            let Some(request) = spoilt_request(call.as_ref(), &head.template, &head.method, chance) else { continue };
            let told = format!("{} {}", request.method, request.target);
            let reply = mock.answer(&state, request, Moment::default());
            if reply.answer.status.as_u16() < 200 {
                return Err(format!("{told}: answered {}", reply.answer.status));
            }
            if reply.answer.status.as_u16() == 501 && count == 0 {
                return Err(format!("{told}: 501, and no finding says why"));
            }
        }
    }
    Ok(())
}

fn spoilt(number: u64, trees: &[(String, Value)]) -> (String, Chance) {
    let mut chance = Chance(number);
    let (text, tree) = &trees[chance.below(trees.len())];
    let text =
        if chance.below(3) == 0 { spoilt_text(text, &mut chance) } else { spoilt_tree(tree, &mut chance).to_string() };
    (text, chance)
}

fn wanted(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs one text on a thread with a small stack, and says what became of it.
fn guarded(text: String, mut chance: Chance) -> Result<(), String> {
    let (send, receive) = channel();
    let running = thread::Builder::new().stack_size(STACK).spawn(move || {
        let _ = send.send(live_through(&text, &mut chance));
    });
    let running = running.map_err(|error| error.to_string())?;
    match receive.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Err(format!("took longer than {PATIENCE:?}")),
        Err(RecvTimeoutError::Disconnected) => {
            let why = running.join().err();
            let text = why.as_ref().and_then(|why| why.downcast_ref::<String>().map(String::as_str));
            let text = text.or_else(|| why.as_ref().and_then(|why| why.downcast_ref::<&str>().copied()));
            Err(format!("panicked: {}", text.unwrap_or("without a word")))
        }
    }
}

#[test]
fn what_once_failed_is_lived_through() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mutations/found");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for number in 0..20 {
            let outcome = guarded(text.clone(), Chance(number));
            assert!(outcome.is_ok(), "{}: {}", file.display(), outcome.unwrap_err());
        }
    }
}

#[test]
fn nothing_breaks_on_what_is_spoilt() {
    let trees: Vec<(String, Value)> = DOCUMENTS
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
            let read = Document::read(Source::new(*path, text.as_str()));
            let tree = read.document.unwrap().at("").unwrap().clone();
            (text, tree)
        })
        .collect();
    let from = wanted("STANDIN_MUTATIONS_FROM", 0);
    let count = wanted("STANDIN_MUTATIONS", COUNT);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for lane in 0..2 {
            let (trees, failures) = (&trees, &failures);
            scope.spawn(move || {
                for number in (from + lane..from + count).step_by(2) {
                    let (text, chance) = spoilt(number, trees);
                    if let Err(why) = guarded(text.clone(), chance) {
                        let path = std::env::temp_dir().join(format!("standin-mutation-{number}"));
                        let _ = std::fs::write(&path, text);
                        failures.lock().unwrap().push(format!("{number}: {why}; the text is in {}", path.display()));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {count} failed:\n{}", failures.len(), failures.join("\n"));
}
