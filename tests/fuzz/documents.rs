//! Everything that is done with a document: read, looked through, compiled, every operation called validly and asked for every
//! answer that it documents. Bytes in, a sentence out that says what should not be.
#![allow(unreachable_pub, reason = "shared by path: the fuzz target and the tests")]

use std::sync::Arc;

use serde_json::Value;
use standin::contract::{BasePath, Codec, Contract};
use standin::document::{Document, Documents, Source};
use standin::finding::Verdict;
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, StatusRange, Target};
use standin::mock::{Mock, Options, State, ValidCall, unsatisfiable};

/// Operations that are called; of a document that fits into an input there are rarely more.
const OPERATIONS: usize = 24;

/// Lives through the document, or says how it failed.
pub fn live_through(bytes: &[u8]) -> Result<(), String> {
    let read = Document::read(Source::new("input", String::from_utf8_lossy(bytes).into_owned()));
    let Some(document) = read.document else {
        return if read.problems.is_empty() { Err("neither a document nor a problem".to_owned()) } else { Ok(()) };
    };
    let (contract, findings) = Contract::load(Arc::new(Documents::single(document)), &BasePath::Document);
    let Some(contract) = contract else {
        return if findings.is_empty() { Err("neither a contract nor a finding".to_owned()) } else { Ok(()) };
    };
    let contract = Arc::new(contract);
    // What `lint` prints.
    let mut told = findings;
    told.extend(contract.findings());
    told.extend(unsatisfiable(&contract));
    for finding in &told {
        let _ = finding.place.as_ref().map(ToString::to_string);
        if finding.sentence.is_empty() {
            return Err(format!("a finding of {} without a sentence", finding.rule.id));
        }
    }
    let (mock, _) = Mock::new(contract.clone(), Options::default(), Vec::new(), Vec::new());
    let state = State::new(&mock);
    for index in 0..contract.heads().len().min(OPERATIONS) {
        let operation = contract.operation(index);
        let call = ValidCall::new(&contract, index, Options::default().now);
        let mut wanted: Vec<Option<u16>> = vec![None];
        wanted.extend(operation.responses.iter().map(|response| match response.range {
            StatusRange::Exact(status) => Some(status),
            StatusRange::Class(class) => Some(u16::from(class) * 100),
            StatusRange::Default => Some(599),
        }));
        for code in wanted {
            let template = format!("{}{}", contract.base_path(index), operation.template);
            let Some(request) = request(call.as_ref(), &template, &operation.method, code) else { continue };
            let of = format!("{} {} code={code:?}", request.method, request.target);
            answered(&mock, &state, request, told.is_empty()).map_err(|why| format!("{of}: {why}"))?;
        }
    }
    Ok(())
}

/// A request to the operation, the valid one where there is one.
fn request(call: Option<&ValidCall>, template: &str, method: &Method, code: Option<u16>) -> Option<Request> {
    let path = call.map_or_else(|| template.replace(['{', '}'], ""), |call| call.path.clone());
    let mut headers = HeaderMap::new();
    for (name, value) in call.into_iter().flat_map(|call| &call.fields) {
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    if let Some(code) = code {
        headers.insert("prefer", HeaderValue::try_from(format!("code={code}")).ok()?);
    }
    let body = call.and_then(|call| call.body.clone()).map_or(Body::Empty, |body| Body::from(body.into_bytes()));
    Some(Request { method: method.clone(), target: Target::parse(&path)?, headers, body })
}

/// Whether the answer is one: of a document without findings, one that its schema admits.
fn answered(mock: &Mock, state: &State, request: Request, sound: bool) -> Result<(), String> {
    let method = request.method.clone();
    let path = request.target.path().to_owned();
    let reply = mock.answer(state, request, Moment::default());
    let status = reply.answer.status.as_u16();
    if status < 200 {
        return Err(format!("answered {status}"));
    }
    if status == 501 && sound {
        return Err("501, and no finding says why".to_owned());
    }
    let media = reply.answer.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    let is_json = essence == "application/json" || essence == "application/problem+json";
    let bytes = reply.answer.body.bytes();
    if !is_json || bytes.is_empty() {
        return Ok(());
    }
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        // Of a document that is not right, an example may be a text that is no JSON.
        Err(_) if !sound => return Ok(()),
        Err(error) => return Err(format!("{media} that is none: {error}")),
    };
    let contract = mock.contract();
    let Ok(route) = contract.route(&method, &path, None) else { return Ok(()) };
    let response = contract.operation(route.operation).response(status);
    let declared = response.into_iter().flat_map(|response| &response.content);
    let Some(content) = declared.into_iter().find(|content| &*content.media == essence) else { return Ok(()) };
    if sound && content.codec == Codec::Json && content.check(Codec::Json, &value) == Verdict::Invalid {
        return Err(format!("{value} is not what the schema asks for: {:?}", content.explain(Codec::Json, &value)));
    }
    Ok(())
}
