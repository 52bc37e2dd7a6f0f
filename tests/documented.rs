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
use standin::contract::{BasePath, Content, Contract, In, Operation, Parameter};
use standin::document::{Document, Documents, Files, Source};
use standin::finding::Violation;
use standin::generate::{Context, NoEcho, Plan, Seed};
use standin::message::{
    Body, HeaderMap, HeaderValue, Method, Moment, Request, StatusRange, Target, percent_encode_query,
    percent_encode_segment,
};
use standin::mock::{Mock, Options, State, ValidCall};

fn mock(path: &Path, credentials: bool) -> Mock {
    let loaded = Documents::load(path.file_name().unwrap().to_str().unwrap(), &Files::beside(path));
    let (contract, _) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document);
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    Mock::new(Arc::new(contract.unwrap()), Options { now, credentials, ..Options::default() }, Vec::new(), Vec::new()).0
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as it stands in a path or a query, percent-encoded: of a list, each item, with what the parameter puts between them.
fn encoded(parameter: &Parameter, value: &Value, encode: fn(&str) -> String) -> String {
    let Value::Array(items) = value else { return encode(&text(value)) };
    let separator = match parameter.written(&serde_json::json!(["", ""])).as_str() {
        "," => ",".to_owned(),
        other => encode(other),
    };
    items.iter().map(|item| encode(&text(item))).collect::<Vec<_>>().join(&separator)
}

/// A value for a content; of a sequence that is described by its items, a list of one.
fn made_up(content: &Content, context: &Context<'_>) -> Value {
    let schema = content.schema.as_ref().or(content.items.as_ref());
    let value = schema.map_or(Value::Null, |schema| Plan::new(schema, None).value(context));
    if content.is_by_item(content.codec) { Value::Array(vec![value]) } else { value }
}

/// A request that the document allows, every required part of it generated.
fn valid(operation: &Operation, base: &str, seed: u64) -> Request {
    let context = Context {
        seed: Seed(seed),
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        echo: &NoEcho,
        size: None,
        page: None,
    };
    let mut path = operation.template.to_string();
    let mut query: Vec<String> = Vec::new();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        let value = parameter
            .schema()
            .map_or(Value::from("x"), |schema| Plan::new(schema, Some(&parameter.name)).value(&context));
        let written = parameter.written(&value);
        match parameter.place {
            In::Path => {
                let value = encoded(parameter, &value, |text| percent_encode_segment(text).to_string());
                path = path.replace(&format!("{{{}}}", parameter.name), &value);
            }
            In::Query => {
                // A list of one is written alike whether its name is repeated or not.
                let value = match value {
                    Value::Array(items) => Value::Array(items.into_iter().take(1).collect()),
                    value => value,
                };
                let value = encoded(parameter, &value, |text| percent_encode_query(text).to_string());
                query.push(format!("{}={value}", parameter.name));
            }
            In::QueryString => query.push(parameter.whole_query(&value)),
            In::Header => drop(
                headers
                    .insert(http::HeaderName::from_bytes(parameter.name.as_bytes()).unwrap(), written.parse().unwrap()),
            ),
            In::Cookie => drop(headers.insert("cookie", format!("{}={written}", parameter.name).parse().unwrap())),
        }
    }
    // Some templates have a query of their own.
    let sign = if path.contains('?') { "&" } else { "?" };
    let query = if query.is_empty() { String::new() } else { format!("{sign}{}", query.join("&")) };
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
        let mock = mock(Path::new(&format!("fixtures/mock/{name}.yaml")), true);
        let index = mock.contract().find(&format!("POST {template}")).unwrap();
        let call = ValidCall::new(mock.contract(), index, jiff::Timestamp::UNIX_EPOCH);
        let body = call.and_then(|call| call.body).expect(name);
        assert!(body.starts_with(begins) && !body.is_empty(), "{name}: {body}");
    }
}

/// Whatever is written, in every form that a document has, is read again as valid.
fn every_form(document: &str) {
    let mock = mock(Path::new(document), true);
    let state = State::new(&mock);
    for index in 0..mock.contract().heads().len() {
        let operation = mock.contract().operation(index);
        for content in operation.request.iter().flat_map(|body| &body.content) {
            for seed in 0..20 {
                let now = "2026-11-22T12:00:00Z".parse().unwrap();
                let context = Context { seed: Seed(seed), now, echo: &NoEcho, size: None, page: None };
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
    every_status_of(&mock(Path::new(document), true), document, basic, |_, _| true)
}

/// Asks for each operation and status that are wanted.
fn every_status_of(mock: &Mock, document: &str, basic: bool, wanted: impl Fn(usize, &Request) -> bool) -> usize {
    let state = State::new(mock);
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
            if !wanted(index, &request) {
                continue;
            }
            if basic {
                request.headers.insert("authorization", HeaderValue::from_static("Basic eDp5"));
            }
            request.headers.insert("prefer", format!("code={status}").parse().unwrap());
            let reply = mock.answer(&state, request, Moment::default());
            let told = reply.decision.violations.iter();
            let told: Vec<_> =
                told.map(|one| format!("{} {}{} {}", one.part, one.name, one.pointer, one.sentence)).collect();
            let shown = format!("{document}: {} {status}: {told:?}", operation.key);
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
fn documents_of_openapi_3_2_answer_every_status_that_they_document() {
    assert_eq!(every_status("fixtures/mock/methods.yaml", false), 8);
    assert_eq!(every_status("fixtures/mock/queries.yaml", false), 16);
}

#[test]
fn a_call_to_try_has_the_method_and_the_whole_query_of_its_operation() {
    let call = |name: &str, operation: &str| {
        let mock = mock(Path::new(&format!("fixtures/mock/{name}.yaml")), true);
        let index = mock.contract().find(operation).unwrap();
        ValidCall::new(mock.contract(), index, jiff::Timestamp::UNIX_EPOCH).expect(operation)
    };
    let asked = call("methods", "query_books");
    assert_eq!((asked.method.as_str(), asked.body.as_deref()), ("QUERY", Some(r#"{"title":"Emma","most":12}"#)));
    assert_eq!(call("methods", "copy_book").method, "COPY");
    assert!(call("queries", "by_form").path.starts_with("/form?text="));
}

#[test]
fn a_document_of_swagger_2_answers_every_status_that_it_documents() {
    assert_eq!(every_status("fixtures/mock/swagger.yaml", false), 31);
}

/// Every document of Swagger 2.0 and of OpenAPI 3.2 below `STANDIN_CORPUS`, if that is set. Left out: operations that another one
/// hides, and those whose body is of a form that this test cannot write.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test may be told where real documents lie")]
fn documents_of_swagger_2_and_openapi_3_2_answer_every_status_that_they_document() {
    let mut open: Vec<_> = std::env::var_os("STANDIN_CORPUS").map(std::path::PathBuf::from).into_iter().collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let of = |lines: &[&str]| lines.iter().any(|line| text.contains(line));
        let is_2_0 = of(&["\"swagger\": \"2.0\"", "swagger: \"2.0\"", "swagger: '2.0'"]);
        let is_3_2 = of(&["\"openapi\": \"3.2.", "openapi: \"3.2.", "openapi: '3.2.", "openapi: 3.2."]);
        let readable = || Documents::load(&name, &Files::beside(&path)).documents.is_some();
        if !(is_2_0 || is_3_2) || !readable() {
            continue;
        }
        let mock = mock(&path, false);
        let contract = mock.contract();
        let tried = every_status_of(&mock, &name, false, |index, request| {
            let body = contract.operation(index).request.as_ref().is_some_and(|body| body.required);
            let route = contract.route(&request.method, request.target.path(), request.target.query());
            route.is_ok_and(|route| route.operation == index) && !(body && request.body.is_empty())
        });
        println!("{name}: {tried} answers of {} operations", contract.heads().len());
        // A file of components alone has no operations.
        assert!(tried > 0 || contract.heads().is_empty(), "{name}");
    }
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
    let mock = mock(Path::new("fixtures/invitation/openapi.yaml"), true);
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
