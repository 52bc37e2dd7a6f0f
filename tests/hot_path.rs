//! What a call costs in allocations, from the request in memory to the reply in memory. A bound is what was measured; it only goes down.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use allocation_counter::measure;
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::message::{Body, HeaderMap, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State, Stateful};
use standin::scenario::Scenario;

fn contract(file: &str) -> Arc<Contract> {
    let path = Path::new(file);
    let loaded = Documents::load(path.file_name().unwrap().to_str().unwrap(), &Files::beside(path));
    let (contract, _) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document);
    Arc::new(contract.unwrap())
}

fn mock() -> Mock {
    let contract = contract("fixtures/invitation/openapi.yaml");
    Mock::new(contract, Options::default(), Vec::new(), Vec::new()).0
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
    allocations_in(mock, &State::new(mock), request)
}

/// The same where there is a state already.
fn allocations_in(mock: &Mock, state: &State, request: &Request) -> u64 {
    for _ in 0..3 {
        mock.answer(state, request.clone(), Moment::default());
    }
    let request = request.clone();
    let mut reply = None;
    let counted = measure(|| reply = Some(mock.answer(state, request, Moment::default())));
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

#[test]
fn a_rate_costs_a_few_allocations_however_many_values_it_counts_apart() {
    let contract = contract("fixtures/invitation/openapi.yaml");
    let list = request(Method::GET, "/api/v1/invitations/me", "");
    let cost = |rates: &str, values: usize| {
        let text = format!("scenario: s\non:\n  list_my_pending_invitations:\n{rates}");
        let (scenario, findings) = Scenario::read(&Source::new("s.yaml", text), &contract);
        let scenario = Arc::new(scenario.unwrap_or_else(|| panic!("{findings:?}")));
        let mock = Mock::new(contract.clone(), Options::default(), vec![scenario.clone()], vec![scenario]).0;
        let state = State::new(&mock);
        for value in 0..values {
            let mut other = list.clone();
            other.headers.insert("x-key", HeaderValue::from_str(&value.to_string()).unwrap());
            mock.answer(&state, other, Moment::default());
        }
        allocations_in(&mock, &state, &list)
    };
    let bucket = "    - rate: { limit: 1000000, per: 1s }\n";
    let window = "    - rate: { limit: 1000000, per: 1s, kind: window, by: header.x-key }\n";
    let refused = "    - rate: { limit: 1, per: 24h }\n";
    let counted = [
        ("none", cost("    - { when: { query: { page: \"0\" } }, reply: 404 }\n", 0), 10),
        ("one", cost(bucket, 0), 35),
        ("one without fields", cost("    - rate: { limit: 1000000, per: 1s, fields: none }\n", 0), 15),
        ("two", cost(&format!("{bucket}{window}"), 0), 40),
        ("two, one of many values", cost(&format!("{bucket}{window}"), 4_000), 40),
        ("one that refuses", cost(refused, 0), 80),
    ];
    let over: Vec<_> = counted.iter().filter(|(_, count, most)| count > most).collect();
    assert!(over.is_empty(), "over the bound: {over:?}, of {counted:?}");
}

#[test]
fn what_is_kept_costs_what_is_answered_of_it_and_not_what_there_is() {
    let contract = contract("fixtures/stateful/shop.yaml");
    let stateful = Some(Stateful::inferred(&contract));
    let options = Options { stateful, ..Options::default() };
    let mock = Mock::new(contract, options, Vec::new(), Vec::new()).0;
    let create = request(Method::POST, "/v1/categories/tea/products", r#"{"name":"a","price":1}"#);
    let counted = [10, 1_000].map(|items| {
        let state = State::new(&mock);
        mock.answer(&state, request(Method::POST, "/v1/categories", r#"{"slug":"tea"}"#), Moment::default());
        let mut id = String::new();
        for number in 0..items {
            let body = format!(r#"{{"name":"p{number}","price":{number}}}"#);
            let one = Request { body: Body::from(body), ..create.clone() };
            let reply = mock.answer(&state, one, Moment::default());
            assert_eq!(reply.answer.status.as_u16(), 201, "{:?}", reply.answer);
            let made: serde_json::Value = serde_json::from_slice(&reply.answer.body.bytes()).unwrap();
            id = made["id"].as_str().map_or_else(|| made["id"].to_string(), str::to_owned);
        }
        let read = request(Method::GET, &format!("/v1/categories/tea/products/{id}"), "");
        let list = request(Method::GET, "/v1/categories/tea/products?per_page=10", "");
        let gone = request(Method::GET, "/v1/categories/tea/products/0", "");
        // One of them, ten of them, none of them, one more.
        [(&read, 130), (&list, 410), (&gone, 90), (&create, 265)]
            .map(|(request, most)| (allocations_in(&mock, &state, request), most))
    });
    let over = counted.iter().flatten().filter(|(count, most)| count > most).count();
    assert!(over == 0, "over the bound: {counted:?}");
}
