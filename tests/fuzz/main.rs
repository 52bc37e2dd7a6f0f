//! What fuzzing found, tried again: each file under `fixtures/fuzz/documents` as a document, each under `fixtures/fuzz/requests` as the
//! bytes of a connection; and requests to every operation, drawn by number. README.md says how to look for more.
//!
//! `STANDIN_REQUESTS=20000 cargo test --test fuzz` draws more of them; `STANDIN_REQUESTS_FROM=7000` starts at another one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and may be told how much to do"
)]

mod documents;
mod guard;
mod requests;
mod spoil;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use guard::{TIME, guarded};
use requests::Server;
use spoil::{Chance, spoilt_text};

/// How many connections are drawn unless the environment says otherwise.
const COUNT: u64 = 500;

fn inputs(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect()
}

fn wanted(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Panics of any thread from now on, also of those that are caught.
fn panics() -> &'static Mutex<Vec<String>> {
    static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |why| {
        PANICS.lock().unwrap().push(why.to_string());
        before(why);
    }));
    &PANICS
}

#[test]
fn documents_that_were_found_are_lived_through() {
    let mut wrong = Vec::new();
    for (file, bytes) in inputs("documents") {
        if let Err(why) = guarded(TIME, || documents::live_through(&bytes)) {
            wrong.push(format!("{}: {why}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn requests_are_lived_through() {
    let server = Server::start();
    let panics = panics();
    let mut wrong = Vec::new();
    let mut tried = |name: String, bytes: &[u8]| {
        if let Err(why) = guarded(TIME, || server.live_through(bytes)) {
            wrong.push(format!("{name}: {why}"));
        }
        wrong.extend(panics.lock().unwrap().drain(..).map(|why| format!("{name}: {why}")));
    };
    for (file, bytes) in inputs("requests") {
        tried(file.display().to_string(), &bytes);
    }
    let from = wanted("STANDIN_REQUESTS_FROM", 0);
    for number in from..from + wanted("STANDIN_REQUESTS", COUNT) {
        let mut chance = Chance(number);
        let mut bytes = Vec::new();
        for _ in 0..=chance.below(3) {
            bytes.extend(wire::drawn(&server.contract, &mut chance));
        }
        if chance.below(4) == 0 {
            bytes = spoilt_text(&String::from_utf8_lossy(&bytes), &mut chance).into_bytes();
        }
        tried(format!("drawn {number}"), &bytes);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
