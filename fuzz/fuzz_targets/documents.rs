//! Bytes as a document: what `tests/fuzz/documents.rs` does with it has to end, and quietly. Half of the mutations are of its tree.
#![no_main]

#[path = "../../tests/fuzz/documents.rs"]
mod documents;
#[path = "../../tests/fuzz/guard.rs"]
mod guard;
#[path = "../../tests/fuzz/spoil.rs"]
mod spoil;

use std::time::Duration;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use serde_json::Value;
use standin::document::{Document, Source};

/// What is 2 s in a debug build: to watch coverage takes its time, too.
const TIME: Duration = Duration::from_millis(700);

fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = guard::guarded(TIME, || documents::live_through(bytes)) {
        panic!("{why}");
    }
});

fuzz_mutator!(|bytes: &mut [u8], size: usize, most: usize, seed: u32| {
    let mut chance = spoil::Chance(seed.into());
    let text = String::from_utf8_lossy(&bytes[..size]).into_owned();
    let spoilt = match chance.below(4) {
        0 => return fuzzer_mutate(bytes, size, most),
        1 if !text.is_empty() => spoil::spoilt_text(&text, &mut chance),
        _ => match tree(text) {
            Some(tree) => spoil::spoilt_tree(&tree, &mut chance).to_string(),
            None => return fuzzer_mutate(bytes, size, most),
        },
    };
    if spoilt.len() > most {
        return fuzzer_mutate(bytes, size, most);
    }
    bytes[..spoilt.len()].copy_from_slice(spoilt.as_bytes());
    spoilt.len()
});

fn tree(text: String) -> Option<Value> {
    Document::read(Source::new("input", text)).document?.at("").cloned()
}
