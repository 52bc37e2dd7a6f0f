//! Every operation × every documented status on demand: the right status, a documented media type, a body that its schema admits, an
//! envelope that says the status it comes with. On the bundled document and on documents of other projects.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says on standard output what it could not run"
)]

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use standin::contract::{BasePath, Content, Contract, In, Operation};
use standin::document::{Document, Documents, Files, Source};
use standin::finding::Violation;
use standin::generate::{Context, NoEcho, Plan, Seed};
use standin::message::{
    Body, HeaderMap, HeaderValue, Method, Moment, Request, StatusRange, Target, percent_encode_query,
    percent_encode_segment,
};
use standin::mock::{Mock, Options, State, ValidCall};

fn mock(path: &str) -> Mock {
    let path = Path::new(path);
    let loaded = Documents::load(path.file_name().unwrap().to_str().unwrap(), &Files::beside(path));
    let (contract, _) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document);
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    Mock::new(Arc::new(contract.unwrap()), Options { now, ..Options::default() }, Vec::new(), Vec::new()).0
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value for a content; of a sequence that is described by its items, a list of one.
fn made_up(content: &Content, context: &Context<'_>) -> Value {
    let schema = content.schema.as_ref().or(content.items.as_ref());
    let value = schema.map_or(Value::Null, |schema| Plan::new(schema, None).value(context));
    if content.is_by_item(content.codec) { Value::Array(vec![value]) } else { value }
}

/// A request that the document allows, every required part of it generated.
fn valid(operation: &Operation, base: &str, seed: u64) -> Request {
    let context = Context { seed: Seed(seed), now: "2026-11-22T12:00:00Z".parse().unwrap(), echo: &NoEcho, size: None };
    let mut path = operation.template.to_string();
    let mut query: Vec<String> = Vec::new();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        let value = parameter
            .schema()
            .map_or(Value::from("x"), |schema| Plan::new(schema, Some(&parameter.name)).value(&context));
        let value = text(&value);
        match parameter.place {
            In::Path => path = path.replace(&format!("{{{}}}", parameter.name), &percent_encode_segment(&value)),
            In::Query => query.push(format!("{}={}", parameter.name, percent_encode_query(&value))),
            In::Header => drop(
                headers
                    .insert(http::HeaderName::from_bytes(parameter.name.as_bytes()).unwrap(), value.parse().unwrap()),
            ),
            In::Cookie => drop(headers.insert("cookie", format!("{}={value}", parameter.name).parse().unwrap())),
        }
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let mut body = Body::Empty;
    let contents = operation.request.iter().flat_map(|body| &body.content);
    if let Some(content) = contents.min_by_key(|content| !content.media.contains("json")) {
        headers.insert("content-type", content.content_type.clone());
        body = Body::from(content.write(None, &made_up(content, &context)));
    }
    let target = Target::parse(&format!("{base}{path}{query}")).unwrap();
    Request { method: operation.method.clone(), target, headers, body }
}

#[test]
fn an_example_that_is_written_out_is_read_as_well() {
    let document = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: ok\n          content:\n\
        \x20           application/xml: { schema: { type: object, properties: { id: { type: integer } } }, example: '<a><id>x</id></a>' }\n\
        \x20           text/xml: { schema: { type: object }, example: '<a>' }\n\
        \x20           application/x-ndjson: { itemSchema: { type: integer }, example: '1' }\n";
    let document = Document::read(Source::new("a.yaml", document)).document.unwrap();
    let (contract, _) = Contract::load(Arc::new(Documents::single(document)), &BasePath::Document);
    let found: Vec<String> = contract
        .unwrap()
        .findings()
        .iter()
        .map(|finding| format!("{} {}", finding.place.as_ref().unwrap(), finding.sentence))
        .collect();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("`/id` not an integer") && found[0].starts_with("a.yaml:10:"), "{found:#?}");
    assert!(found[1].contains("cut off inside of `<a>`") && found[1].starts_with("a.yaml:11:"), "{found:#?}");
}

#[test]
fn a_call_to_try_is_made_up_in_the_form_that_the_operation_takes() {
    for (name, template, begins) in
        [("forms", "/plain", "name="), ("multipart", "/form", "--"), ("xml", "/pets", "<?xml"), ("media", "/text", "")]
    {
        let mock = mock(&format!("fixtures/mock/{name}.yaml"));
        let index = mock.contract().find(&format!("POST {template}")).unwrap();
        let call = ValidCall::new(mock.contract(), index, jiff::Timestamp::UNIX_EPOCH);
        let body = call.and_then(|call| call.body).expect(name);
        assert!(body.starts_with(begins) && !body.is_empty(), "{name}: {body}");
    }
}

/// Whatever is written, in every form that a document has, is read again as valid.
fn every_form(document: &str) {
    let mock = mock(document);
    let state = State::new(&mock);
    for index in 0..mock.contract().heads().len() {
        let operation = mock.contract().operation(index);
        for content in operation.request.iter().flat_map(|body| &body.content) {
            for seed in 0..20 {
                let now = "2026-11-22T12:00:00Z".parse().unwrap();
                let context = Context { seed: Seed(seed), now, echo: &NoEcho, size: None };
                let value = made_up(content, &context);
                let body = content.write(None, &value);
                let mut request = valid(operation, mock.contract().base_path(index), seed);
                request.headers.insert("content-type", content.content_type.clone());
                request.body = Body::from(body.clone());
                let decision = mock.answer(&state, request, Moment::default()).decision;
                let shown = format!(
                    "{document}: {} {} {value}\n{}",
                    operation.key,
                    content.media,
                    String::from_utf8_lossy(&body)
                );
                assert!(decision.violations.is_empty(), "{shown}\n{:?}", told(&decision.violations));
            }
        }
        let contents =
            operation.responses.iter().flat_map(|one| one.content.iter().map(move |content| (one.range, content)));
        for (range, content) in contents {
            for seed in 0..20 {
                let mut request = valid(operation, mock.contract().base_path(index), seed);
                let accept = content.sent.as_ref().map_or("*/*".to_owned(), ToString::to_string);
                request.headers.insert("accept", accept.parse().unwrap());
                request.headers.insert("prefer", format!("code={range}").parse().unwrap());
                let reply = mock.answer(&state, request, Moment::default());
                let judged = operation.check_response(&Method::GET, &reply.answer, false);
                let body = reply.answer.body.bytes();
                let shown =
                    format!("{document}: {} {}\n{}", operation.key, content.media, String::from_utf8_lossy(&body));
                assert!(judged.violations.is_empty(), "{shown}\n{:?}", told(&judged.violations));
            }
        }
    }
}

fn told(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|one| format!("{} {}", one.pointer, one.sentence)).collect()
}

#[test]
fn what_is_made_up_in_any_form_is_read_as_valid() {
    for name in ["forms", "media", "multipart", "sequences", "xml"] {
        every_form(&format!("fixtures/mock/{name}.yaml"));
        every_status(&format!("fixtures/mock/{name}.yaml"), false);
    }
}

fn every_status(document: &str, basic: bool) -> usize {
    let mock = mock(document);
    let state = State::new(&mock);
    let mut tried = 0;
    for index in 0..mock.contract().heads().len() {
        let operation = mock.contract().operation(index);
        for response in &operation.responses {
            let status = match response.range {
                StatusRange::Exact(status) => status,
                StatusRange::Class(class) => u16::from(class) * 100 + 1,
                StatusRange::Default => 500,
            };
            let mut request = valid(operation, mock.contract().base_path(index), u64::from(status));
            if basic {
                request.headers.insert("authorization", HeaderValue::from_static("Basic eDp5"));
            }
            request.headers.insert("prefer", format!("code={status}").parse().unwrap());
            let reply = mock.answer(&state, request, Moment::default());
            let shown = format!("{document}: {} {status}: {:?}", operation.key, reply.decision.violations);
            let answer = reply.answer;
            assert_eq!(answer.status.as_u16(), status, "{shown}");
            let judged = operation.check_response(&Method::GET, &answer, false);
            assert!(
                judged.violations.is_empty(),
                "{shown}: {:#?}\n{}",
                judged.violations,
                String::from_utf8_lossy(&answer.body.bytes())
            );
            if let Ok(body) = serde_json::from_slice::<Value>(&answer.body.bytes())
                && let Some(code) = body.get("code").and_then(Value::as_u64).filter(|code| (100..600).contains(code))
            {
                assert_eq!(code, u64::from(status), "{shown}");
            }
            tried += 1;
        }
    }
    tried
}

#[test]
fn the_bundled_document_answers_every_status_that_it_documents() {
    assert_eq!(every_status("fixtures/invitation/openapi.yaml", false), 12 * 12);
}

#[test]
fn documents_of_other_projects_answer_every_status_that_they_document() {
    assert!(every_status("fixtures/corpus/museum.yaml", true) > 20);
    assert!(every_status("fixtures/corpus/galaxy.yaml", false) > 10);
}

#[test]
fn each_error_of_the_bundled_document_says_its_own_status() {
    let mock = mock("fixtures/invitation/openapi.yaml");
    let state = State::new(&mock);
    let mut told = Vec::new();
    for status in [400, 401, 403, 404, 409, 422, 426, 429, 500, 502, 504] {
        let operation = mock.contract().operation(0);
        let mut request = valid(operation, "", 0);
        request.headers.insert("prefer", format!("code={status}").parse().unwrap());
        let answer = mock.answer(&state, request, Moment::default()).answer;
        let body: Value = serde_json::from_slice(&answer.body.bytes()).unwrap();
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429, "{status}");
        told.push(format!(
            "{status}: {} {} {}",
            body["code"],
            body["type"].as_str().unwrap(),
            body["detail"].as_str().unwrap()
        ));
    }
    insta::assert_snapshot!(told.join("\n"));
}
