//! What a document costs when it is twice as large: allocations from its text to an answer of every kind of operation.
//! Twice the size costs twice as much and a little more; whatever is worse would make large documents unusable.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::sync::Arc;
use std::thread;

use allocation_counter::{AllocationInfo, measure};
use standin::contract::{BasePath, Contract};
use standin::document::{Document, Documents, Source};
use standin::message::{Body, HeaderMap, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State, unsatisfiable};

/// The stack of the threads that the server answers on.
const STACK: usize = 2 << 20;
/// How much more twice the size may cost.
const MOST: f64 = 2.3;

/// Reads and compiles a document, looks it through as `lint` does, and calls these targets.
fn cost(text: &str, targets: &[String]) -> AllocationInfo {
    measure(|| {
        let read = Document::read(Source::new("large.json", text));
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        let documents = Arc::new(Documents::single(read.document.unwrap()));
        let contract = Arc::new(Contract::load(documents, &BasePath::Document).0.unwrap());
        let found = contract.findings();
        assert!(found.is_empty(), "{}", found[0].sentence);
        assert!(unsatisfiable(&contract).is_empty());
        let (mock, _) = Mock::new(contract.clone(), Options::default(), Vec::new(), Vec::new());
        let state = State::new(&mock);
        for target in targets {
            let request = Request {
                method: Method::GET,
                target: Target::parse(target).unwrap(),
                headers: HeaderMap::new(),
                body: Body::Empty,
            };
            let reply = mock.answer(&state, request, Moment::default());
            assert_eq!(reply.answer.status.as_u16(), 200, "{target}");
        }
    })
}

fn grows_evenly(what: &str, size: usize, document: fn(usize) -> (String, Vec<String>)) {
    let cost = |size: usize| {
        let (text, targets) = document(size);
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || cost(&text, &targets));
        thread.unwrap().join().unwrap_or_else(|_| panic!("{what}: fails at {size}"))
    };
    let (once, twice) = (cost(size), cost(2 * size));
    let ratio = |a: u64, b: u64| b as f64 / a as f64;
    let (count, bytes) = (ratio(once.count_total, twice.count_total), ratio(once.bytes_total, twice.bytes_total));
    assert!(
        count <= MOST,
        "{what}: {} allocations and {} bytes at {size}, {count:.2} and {bytes:.2} times that at twice the size",
        once.count_total,
        once.bytes_total,
    );
}

fn api(paths: &str, schemas: &str) -> String {
    format!(
        r#"{{"openapi":"3.1.0","info":{{"title":"Large","version":"1"}},"paths":{{{paths}}},"components":{{"schemas":{{{schemas}}}}}}}"#
    )
}

fn path(out: &mut String, path: &str, schema: &str) {
    let comma = if out.is_empty() { "" } else { "," };
    let id = r#""parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"#;
    let id = if path.contains("{id}") { id } else { "" };
    let _ = write!(
        out,
        r#"{comma}"{path}":{{"get":{{{id}"responses":{{"200":{{"description":"","content":{{"application/json":{{"schema":{schema}}}}}}}}}}}}}"#
    );
}

#[test]
fn schemas_that_refer_to_one_another() {
    grows_evenly("mutually recursive schemas", 50, |count| {
        let (mut paths, mut schemas, mut targets) = (String::new(), String::new(), Vec::new());
        for index in 0..count {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(
                schemas,
                r#"{comma}"S{index}":{{"type":"object","required":["name"],"properties":{{"name":{{"type":"string"}}"#
            );
            let (next, far) = ((index + 1) % count, (index * 7 + 3) % count);
            let _ = write!(
                schemas,
                r##","next":{{"$ref":"#/components/schemas/S{next}"}},"all":{{"type":"array","items":{{"$ref":"#/components/schemas/S{far}"}}}}"##
            );
            schemas.push_str("}}");
            path(&mut paths, &format!("/s{index}"), &format!(r##"{{"$ref":"#/components/schemas/S{index}"}}"##));
            targets.push(format!("/s{index}"));
        }
        (api(&paths, &schemas), targets)
    });
}

#[test]
fn operations() {
    grows_evenly("operations", 5_000, |count| {
        let mut paths = String::new();
        for index in 0..count {
            path(
                &mut paths,
                &format!("/group{}/item{index}/{{id}}", index % 70),
                r#"{"type":"object","properties":{"id":{"type":"integer"}}}"#,
            );
        }
        // Every tenth is called: the rest is compiled all the same.
        (api(&paths, ""), (0..count).step_by(10).map(|index| format!("/group{}/item{index}/7", index % 70)).collect())
    });
}

#[test]
fn nesting() {
    for (what, opening, closing) in [
        ("objects", r#"{"type":"object","required":["a"],"properties":{"a":"#, "}}"),
        ("lists", r#"{"type":"array","minItems":1,"maxItems":1,"items":"#, "}"),
        ("compositions", r#"{"allOf":["#, "]}"),
        ("choices", r#"{"oneOf":[{"type":"boolean"},"#, "]}"),
    ] {
        let document = |depth: usize| {
            let mut paths = String::new();
            let schema = format!("{}{}{}", opening.repeat(depth), r#"{"type":"integer"}"#, closing.repeat(depth));
            path(&mut paths, "/deep", &schema);
            (api(&paths, ""), vec!["/deep".to_owned()])
        };
        let (text, targets) = document(100);
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || cost(&text, &targets));
        assert!(thread.unwrap().join().is_ok(), "{what}, nested a hundred deep, on a stack of two megabytes");
    }
    grows_evenly("nested objects", 50, |depth| {
        let mut paths = String::new();
        let opening = r#"{"type":"object","required":["a"],"properties":{"a":"#;
        path(
            &mut paths,
            "/deep",
            &format!("{}{}{}", opening.repeat(depth), r#"{"type":"integer"}"#, "}}".repeat(depth)),
        );
        (api(&paths, ""), vec!["/deep".to_owned()])
    });
}

#[test]
fn enums() {
    grows_evenly("an enum", 25_000, |count| {
        let mut values = String::new();
        for index in 0..count {
            let _ = write!(values, r#"{}"value-{index}""#, if index == 0 { "" } else { "," });
        }
        let mut paths = String::new();
        path(
            &mut paths,
            "/enum",
            &format!(
                r#"{{"type":"object","required":["one"],"properties":{{"one":{{"type":"string","enum":[{values}]}}}}}}"#
            ),
        );
        (api(&paths, ""), vec!["/enum".to_owned()])
    });
}
