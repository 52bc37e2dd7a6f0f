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

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};
use standin::contract::{BasePath, Contract};
use standin::document::{Document, Documents, Source};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State, ValidCall, unsatisfiable};

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
/// Texts that stand where they should not.
const TOKENS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\t",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "<<: ",
    "%",
    "$ref",
    "\u{feff}",
    "\0",
    "é",
    "99999999999999999999",
    "1e400",
    "-0",
    "null",
    "!!binary ",
];
/// Members that mean something to a document or a schema.
const NAMES: [&str; 30] = [
    "$ref",
    "type",
    "properties",
    "required",
    "items",
    "allOf",
    "oneOf",
    "not",
    "if",
    "enum",
    "const",
    "pattern",
    "format",
    "minimum",
    "maxLength",
    "minItems",
    "$defs",
    "$id",
    "$anchor",
    "$dynamicRef",
    "additionalProperties",
    "unevaluatedProperties",
    "discriminator",
    "example",
    "examples",
    "content",
    "schema",
    "parameters",
    "responses",
    "servers",
];

/// SplitMix64: the same numbers everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A text with a few bytes other than they were; still UTF-8, as every text is by the time it is read.
fn spoilt_text(text: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let end = (at + 1 + chance.below(40)).min(bytes.len());
        match chance.below(6) {
            0 => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => drop(bytes.splice(at..at, chance.one(&TOKENS).bytes())),
            4 => drop(bytes.splice(at..end, chance.one(&TOKENS).bytes())),
            _ => bytes.truncate(end),
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A value that is rarely meant.
fn odd(chance: &mut Chance, pointers: &[String]) -> Value {
    match chance.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(18_446_744_073_709_551_615_u64),
        4 => json!(1e308),
        5 => json!(""),
        6 => json!([]),
        7 => json!({}),
        8 => json!(["null", "string"]),
        9 => json!("(?=a)(a|aa)+$[\\p{L}"),
        10 => json!([[[[{ "type": "array" }]]]]),
        11 => json!(0.1),
        _ => json!({ "$ref": format!("#{}", chance.one(pointers)) }),
    }
}

/// A tree with a few nodes other than they were.
fn spoilt_tree(tree: &Value, chance: &mut Chance) -> Value {
    let mut tree = tree.clone();
    for _ in 0..=chance.below(3) {
        let mut pointers = Vec::new();
        list(&tree, &mut String::new(), &mut pointers);
        let at = chance.one(&pointers);
        let other = tree.pointer(&chance.one(&pointers)).cloned().unwrap_or_default();
        let strange = odd(chance, &pointers);
        let Some(node) = tree.pointer_mut(&at) else { continue };
        match (chance.below(6), node) {
            (0, node) => *node = strange,
            (1, node) => *node = other,
            (2, Value::Object(members)) => {
                let name = members.keys().nth(chance.below(members.len())).cloned();
                name.and_then(|name| members.shift_remove(&name));
            }
            (3, Value::Object(members)) => {
                members.insert(chance.one(&NAMES).to_owned(), strange);
            }
            (4, Value::Object(members)) => {
                let renamed = chance.below(members.len());
                let name = chance.one(&NAMES);
                let old: Map<String, Value> = std::mem::take(members);
                members.extend(
                    old.into_iter()
                        .enumerate()
                        .map(|(index, (key, value))| (if index == renamed { name.to_owned() } else { key }, value)),
                );
            }
            (_, Value::Array(items)) => items.push(other),
            (_, node) => *node = json!({ "allOf": [node.clone(), other] }),
        }
    }
    tree
}

fn list(node: &Value, at: &mut String, pointers: &mut Vec<String>) {
    pointers.push(at.clone());
    let length = at.len();
    let mut below = |token: &str, child: &Value, at: &mut String| {
        at.push('/');
        at.push_str(&token.replace('~', "~0").replace('/', "~1"));
        list(child, at, pointers);
        at.truncate(length);
    };
    match node {
        Value::Object(members) => members.iter().for_each(|(name, child)| below(name, child, at)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, child)| below(&index.to_string(), child, at)),
        _ => {}
    }
}

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
