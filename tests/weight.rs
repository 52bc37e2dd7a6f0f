//! What a large document weighs: the bytes that are held once it is read and has answered, once all of it is compiled, once each operation
//! has been called. Counted, not timed: the same on every machine. A bound is what was measured and a little more; it only goes down.
//!
//! What a process takes beside these bytes (program, stacks, room between) `cargo bench --bench weight -- FILE` shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use standin::contract::{BasePath, Contract};
use standin::document::{Document, Documents, Files, Source};
use standin::message::{Body, HeaderMap, HeaderValue, Moment, Request, Target};
use standin::mock::{Mock, Options, State, ValidCall};

/// Bytes per byte of text, and allocations: most of them.
struct Most {
    /// Held after the first answer, the text itself among them; and how many allocations it took to get there.
    answered: f64,
    allocations: u64,
    /// Held once every operation is compiled, and every schema.
    compiled: f64,
    /// Held once each operation has been called.
    called: f64,
}

/// Makes a call of an operation that the document allows; `false` where none can be made up.
fn call(mock: &Mock, state: &State, index: usize) -> bool {
    let Some(call) = ValidCall::new(mock.contract(), index, jiff::Timestamp::UNIX_EPOCH) else { return false };
    let fields = call.fields.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::try_from(value).unwrap()));
    let request = Request {
        method: call.method,
        target: Target::parse(&call.path).unwrap(),
        headers: fields.collect::<HeaderMap>(),
        body: call.body.map_or(Body::Empty, |body| Body::from(body.into_bytes())),
    };
    let reply = mock.answer(state, request, Moment::default());
    assert!(reply.answer.status.as_u16() < 500, "{}: {}", call.path, reply.answer.status);
    true
}

/// Reads a document, calls one operation, compiles all, calls every operation.
fn weigh(name: &str, size: usize, read: impl FnOnce() -> Documents, most: &Most) {
    let mut made = None;
    let answered = measure(|| {
        let contract = Contract::load(Arc::new(read()), &BasePath::Document).0.unwrap();
        let mock = Mock::new(Arc::new(contract), Options::default(), Vec::new(), Vec::new()).0;
        let state = State::new(&mock);
        assert!(
            (0..mock.contract().heads().len()).any(|index| call(&mock, &state, index)),
            "{name}: nothing can be called"
        );
        made = Some((mock, state));
    });
    let (mock, state) = made.unwrap();
    let mut findings = 0;
    let compiled = measure(|| findings = mock.contract().findings().len());
    let mut calls = 0;
    let called =
        measure(|| calls = (0..mock.contract().heads().len()).filter(|index| call(&mock, &state, *index)).count());
    let held =
        |so_far: &[&AllocationInfo]| so_far.iter().map(|part| part.bytes_current as f64).sum::<f64>() / size as f64;
    let measured = [
        ("bytes after the first answer", held(&[&answered]), most.answered),
        ("allocations to the first answer", answered.count_total as f64, most.allocations as f64),
        ("bytes when all is compiled", held(&[&answered, &compiled]), most.compiled),
        ("bytes when each operation has been called", held(&[&answered, &compiled, &called]), most.called),
    ];
    let over: Vec<_> = measured.iter().filter(|(_, figure, most)| figure > most).collect();
    assert!(
        over.is_empty(),
        "{name}, {size} bytes, {calls} of {} operations called, {findings} findings; over the bound: {over:?}, of {measured:?}",
        mock.contract().heads().len(),
    );
}

/// A document as generators write it: many operations, schemas that are used by many of them, much text.
fn generated(operations: usize) -> String {
    let words = "Says what it is, at some length, as documents do. ".repeat(3);
    let mut text = String::from(r#"{"openapi": "3.0.3", "info": {"title": "Generated", "version": "1"}, "paths": {"#);
    for index in 0..operations {
        let comma = if index == 0 { "" } else { "," };
        let (schema, error) = (index % (operations / 4), index % 7);
        let _ = write!(
            text,
            r##"{comma}
  "/group{}/items{index}/{{id}}": {{ "get": {{
    "operationId": "get-item-{index}", "summary": "Get an item", "description": "{words}",
    "parameters": [{{ "name": "id", "in": "path", "required": true, "schema": {{ "type": "integer" }} }}, {{ "$ref": "#/components/parameters/page" }}],
    "responses": {{
      "200": {{ "description": "An item", "content": {{ "application/json": {{ "schema": {{ "$ref": "#/components/schemas/item-{schema}" }},
        "examples": {{ "default": {{ "value": {{ "id": {index}, "name": "An item", "tags": ["one", "two", "three"] }} }} }} }} }} }},
      "404": {{ "description": "Not found", "content": {{ "application/json": {{ "schema": {{ "$ref": "#/components/schemas/error-{error}" }} }} }} }}
    }} }} }}"##,
            index % 50,
        );
    }
    text.push_str(r#"}, "components": { "parameters": { "page": { "name": "page", "in": "query", "schema": { "type": "integer", "default": 1 } } }, "schemas": {"#);
    for index in 0..7 {
        let _ = write!(
            text,
            r#""error-{index}": {{ "type": "object", "properties": {{ "message": {{ "type": "string" }}, "status": {{ "type": "string" }} }} }}, "#
        );
    }
    for index in 0..operations / 4 {
        let comma = if index == 0 { "" } else { ", " };
        let next = (index * 7 + 1) % (operations / 4);
        let _ = write!(
            text,
            r##"{comma}"item-{index}": {{ "title": "Item", "description": "{words}", "type": "object", "required": ["id", "name"], "properties": {{
  "id": {{ "type": "integer", "format": "int64", "description": "{words}" }}, "name": {{ "type": "string", "description": "{words}" }},
  "html_url": {{ "type": "string", "format": "uri" }}, "created_at": {{ "type": "string", "format": "date-time" }},
  "tags": {{ "type": "array", "items": {{ "type": "string" }} }}, "state": {{ "type": "string", "enum": ["open", "closed"] }},
  "next": {{ "$ref": "#/components/schemas/item-{next}" }} }} }}"##
        );
    }
    text.push_str("}}}");
    text
}

#[test]
fn a_generated_document() {
    let text = generated(1_000);
    let most = Most { answered: 7.9, allocations: 142_000, compiled: 23.4, called: 25.5 };
    let size = text.len();
    let read = || {
        let read = Document::read(Source::new("generated.json", text));
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        Documents::single(read.document.unwrap())
    };
    weigh("generated", size, read, &most);
}

/// The folder of real documents, if the environment names one.
#[expect(clippy::disallowed_methods, reason = "a test may be told where real documents lie")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("STANDIN_CORPUS").map(PathBuf::from);
    assert!(folder.is_some() || std::env::var_os("CI").is_none(), "STANDIN_CORPUS is not set");
    folder
}

#[expect(clippy::print_stderr, reason = "what was not run must be said")]
fn real(name: &str, most: &Most) {
    let Some(folder) = corpus() else {
        eprintln!("{name}: not run: STANDIN_CORPUS names no folder");
        return;
    };
    let path = folder.join(name);
    let size = std::fs::metadata(&path).unwrap().len();
    let file = Path::new(name).file_name().unwrap().to_str().unwrap();
    let read = || Documents::load(file, &Files::beside(&path)).documents.unwrap();
    weigh(name, usize::try_from(size).unwrap(), read, most);
}

#[test]
fn the_document_of_github() {
    let most = Most { answered: 4.1, allocations: 590_000, compiled: 8.3, called: 10.4 };
    real("github-octokit/generated/api.github.com.json", &most);
}

#[test]
fn the_document_of_stripe() {
    let most = Most { answered: 4.0, allocations: 180_000, compiled: 11.8, called: 17.7 };
    real("stripe/openapi/spec3.json", &most);
}
