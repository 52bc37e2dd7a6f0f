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

/// Reads a document, compiles it, says what is wrong with it, and asks which operation a request is for.
fn told(text: &str, path: &str, query: &str) -> AllocationInfo {
    measure(|| {
        let read = Document::read(Source::new("large.json", text));
        let documents = Arc::new(Documents::single(read.document.unwrap()));
        let (contract, found) = Contract::load(documents, &BasePath::Document);
        let contract = contract.unwrap();
        assert!(!(found.is_empty() && contract.findings().is_empty() && unsatisfiable(&contract).is_empty()));
        assert!(contract.route(&Method::GET, path, Some(query)).is_ok(), "{path}");
    })
}

fn told_evenly(what: &str, size: usize, text: fn(usize) -> String, path: fn(usize) -> String, query: &str) {
    let cost = |size: usize| told(&text(size), &path(size), &query.repeat(size));
    let (once, twice) = (cost(size), cost(2 * size));
    let ratio = |a: u64, b: u64| b as f64 / a as f64;
    let (count, bytes) = (ratio(once.count_total, twice.count_total), ratio(once.bytes_total, twice.bytes_total));
    assert!(count <= MOST && bytes <= MOST, "{what}: {count:.2} and {bytes:.2} times that at twice the size");
}

const ANSWERED: &str = r#""responses":{"200":{"description":""}}"#;

#[test]
fn findings_about_names() {
    let links = |size: usize| {
        let one = |index| {
            let link = format!(r#""links":{{"l":{{"operationId":"pickThing{index:05}"}}}}"#);
            let said = format!(r#""responses":{{"200":{{"description":"",{link}}}}}"#);
            format!(r#""/q{index}":{{"get":{{"operationId":"takeThing{index:05}",{said}}}}}"#)
        };
        api(&(0..size).map(one).collect::<Vec<_>>().join(","), "")
    };
    told_evenly("links that lead nowhere", 600, links, |_| "/q0".to_owned(), "a&");
    let names = |size: usize| {
        let path: String = (0..size).map(|index| format!("/{{a{index:05}}}")).collect();
        api(&format!(r#""{path}":{{"get":{{{ANSWERED}}}}}"#), "")
    };
    told_evenly("parameters that nobody describes", 500, names, |size| "/a".repeat(size), "a&");
}

#[test]
fn paths_that_ask_for_something_in_the_query() {
    let marks = |size: usize| {
        let one = |index| format!(r#""/q?action=a{index:05}":{{"get":{{{ANSWERED}}}}}"#);
        api(&(0..size).map(one).collect::<Vec<_>>().join(","), "")
    };
    told_evenly("operations told apart by the query", 500, marks, |_| "/q".to_owned(), "action=b&");
}

#[test]
fn values_that_are_looked_for() {
    let wide = |size: usize| {
        let member = |index| format!(r##""m{index}":{{"$ref":"#/components/schemas/node"}}"##);
        let members = (0..size).map(member).collect::<Vec<_>>().join(",");
        let node = format!(r#""node":{{"type":"object","pattern":"^a+$","properties":{{{members}}}}}"#);
        let never = r##"{"allOf":[{"$ref":"#/components/schemas/node"}],"not":{"type":"object"}}"##;
        let mut paths = String::new();
        path(&mut paths, "/q", never);
        api(&paths, &node)
    };
    told_evenly("members of members that are not found", 10, wide, |_| "/q".to_owned(), "a&");
}
