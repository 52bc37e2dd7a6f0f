//! What a call costs in allocations, from the request in memory to the reply in memory. A bound is what was measured; it only goes down.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use allocation_counter::measure;
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files};
use standin::message::{Body, HeaderMap, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State};

fn mock() -> Mock {
    let path = Path::new("fixtures/invitation/openapi.yaml");
    let loaded = Documents::load("openapi.yaml", &Files::beside(path));
    let (contract, _) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document);
    Mock::new(Arc::new(contract.unwrap()), Options::default(), Vec::new(), Vec::new()).0
}

fn request(method: Method, target: &str, body: &'static str) -> Request {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "localhost:4010"),
        ("authorization", "Bearer x"),
        ("accept", "*/*"),
        ("content-type", "application/json"),
        ("user-agent", "a client"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Request {
        method,
        target: Target::parse(target).unwrap(),
        headers,
        body: Body::from(bytes::Bytes::from_static(body.as_bytes())),
    }
}

/// Allocations of one call, once everything that is made once has been made.
fn allocations(mock: &Mock, request: &Request) -> u64 {
    let state = State::new(mock);
    for _ in 0..3 {
        mock.answer(&state, request.clone(), Moment::default());
    }
    let request = request.clone();
    let mut reply = None;
    let counted = measure(|| reply = Some(mock.answer(&state, request, Moment::default())));
    assert!(reply.is_some_and(|reply| reply.answer.status.as_u16() < 500));
    counted.count_total
}

#[test]
fn a_call_allocates_no_more_than_it_did() {
    let mock = mock();
    let invite =
        request(Method::POST, "/api/v1/org/acme/invitations", r#"{"email":"ada@example.com","role":"contributor"}"#);
    let mut asked = request(Method::GET, "/api/v1/invitations/me", "");
    let list = asked.clone();
    asked.headers.insert("prefer", HeaderValue::from_static("code=429"));
    let nowhere = request(Method::GET, "/nowhere", "");
    let counted = [
        ("a validated invitation", &invite, 60),
        ("a list", &list, 60),
        ("an error on demand", &asked, 60),
        ("no operation", &nowhere, 120),
    ]
    .map(|(what, request, most)| (what, allocations(&mock, request), most));
    let over: Vec<_> = counted.iter().filter(|(_, count, most)| count > most).collect();
    assert!(over.is_empty(), "over the bound: {over:?}, of {counted:?}");
}
