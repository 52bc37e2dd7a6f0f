//! Requests as they stand on the wire, to the operations of a contract: mostly right, and somewhere not.
#![allow(unreachable_pub, reason = "shared by path: the fuzz target and the tests")]

use standin::contract::{Contract, In, Operation, Parameter};
use standin::generate::{Context, NoEcho, Plan, Seed};
use standin::mock::Options;

use crate::spoil::{Chance, spoilt_text};

/// What may stand for a parameter's value, beside one that is right.
const VALUES: [&str; 26] = [
    "",
    "1",
    "-0",
    "1e400",
    "99999999999999999999999",
    "true",
    "null",
    "a,b,,c",
    "a|b",
    "a%20b",
    "a=1,b=2",
    ".a.b",
    ";x=1;y",
    "%",
    "%zz",
    "%ff%fe",
    "%00",
    "%2F..%2F",
    "%F0%9F%98%80",
    "{\"a\":[1,{\"b\":null}]}",
    "%7B%22a%22%3A1%7D",
    "\u{e9}",
    "2026-02-30T25:61:61Z",
    "0x10",
    "a;b",
    "+",
];

/// Fields that mean something to a server or to a mock.
const FIELDS: [&str; 34] = [
    "Accept: */*",
    "Accept: application/xml;q=0.5, text/*;q=2, */*;q=0",
    "Accept: ,;q=,,a/b/c;=",
    "Accept-Encoding: gzip, br;q=0",
    "Authorization: Bearer x",
    "Authorization: Basic eDp5",
    "Authorization: Basic %",
    "Authorization: Digest a=\"b\\\"",
    "Cookie: a=b; c; =d; e=\"f;g\"",
    "Connection: close",
    "Connection: keep-alive, upgrade",
    "Upgrade: h2c",
    "Expect: 100-continue",
    "Expect: nothing",
    "Content-Encoding: gzip",
    "Content-Encoding: br",
    "Content-Encoding: zstd, deflate",
    "Content-Length: 5",
    "Content-Length: -1",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Host: [::1]:99999",
    "Prefer: code=404",
    "Prefer: code=2XX, example=nobody, delay=10ms",
    "Prefer: dynamic=true; seed=18446744073709551615",
    "Prefer: code=\"5\\\"",
    "Standin-Session: t1",
    "Standin-Session: ../%00",
    "Origin: https://example.com",
    "Access-Control-Request-Method: DELETE",
    "Access-Control-Request-Headers: a, b,,c",
    "X-HTTP-Method-Override: PUT",
    "Range: bytes=0-,5-2",
    "If-None-Match: *",
];

/// What content may say that it is.
const TYPES: [&str; 14] = [
    "application/json",
    "application/json; charset=utf-16",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/mixed; boundary=\"a b\"",
    "application/xml",
    "text/plain; charset=iso-8859-1",
    "application/octet-stream",
    "application/jsonl",
    "text/event-stream",
    "application/json-seq",
    ";;=\"",
];

/// Content of many kinds.
const BODIES: [&str; 16] = [
    "{}",
    "[1e999]",
    "{\"a\":\"\\ud800\"}",
    "a=1&b=2&a=3&c%5Bd%5D=4&=&&x",
    "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"a\"; filename*=utf-8''%zz\r\nContent-Type: image/png\r\n\r\n\u{89}\r\n--x\r\n\r\n--x--",
    "--x\r\n--x\r\n--x--",
    "<a b=\"1\"><c>2</c><![CDATA[3]]><!-- --></a>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;&#x110000;</a>",
    "<a><b></a>",
    "{\"a\":1}\n{\"b\":2}\n\n{",
    "data: {\"a\":1}\nid: 1\nevent\n\ndata\n\n:\n",
    "\u{1e}{\"a\":1}\n\u{1e}2",
    "\u{1f}\u{8b}\u{8}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\u{feff}null",
];

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "QUERY", "M-SEARCH"];

/// A request to one of the operations.
pub fn drawn(contract: &Contract, chance: &mut Chance) -> Vec<u8> {
    let index = chance.below(contract.heads().len());
    let operation = contract.operation(index);
    let mut target = format!("{}{}", contract.base_path(index), operation.template);
    let mut query = Vec::new();
    let mut fields = vec!["Host: localhost".to_owned()];
    for parameter in &operation.parameters {
        let value = value(parameter, chance);
        let name = &parameter.name;
        match parameter.place {
            In::Path => target = target.replace(&format!("{{{name}}}"), &value),
            In::Query | In::QueryString => query.push(match chance.below(6) {
                0 => format!("{name}[a]={value}&{name}[b][c]={value}"),
                1 => format!("{name}={value}&{name}={value}"),
                2 => format!("{name}[]={value}"),
                3 => name.to_string(),
                _ => format!("{name}={value}"),
            }),
            In::Header => fields.push(format!("{name}: {value}")),
            In::Cookie => fields.push(format!("Cookie: {name}={value}")),
        }
    }
    if chance.below(4) > 0 {
        fields.push("Authorization: Bearer x".to_owned());
    }
    for _ in 0..chance.below(3) {
        fields.push(chance.one(&FIELDS).to_owned());
    }
    if chance.below(8) == 0 {
        target.push_str(chance.one(&["//", "/..", "%2e", "?", "/%", ";a=b"]));
    }
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    let method = if chance.below(8) == 0 { chance.one(&METHODS).to_owned() } else { operation.method.to_string() };
    let body = body(operation, &mut fields, chance);
    let mut request = format!("{method} {} HTTP/1.1\r\n{}\r\n", target.replace(' ', "%20"), fields.join("\r\n"));
    let mut content = body;
    match chance.below(6) {
        _ if content.is_empty() => request.push_str("\r\n"),
        0 => {
            request.push_str("Transfer-Encoding: chunked\r\n\r\n");
            let half = content.len() / 2;
            let mut chunked = Vec::new();
            for part in [&content[..half], &content[half..]].into_iter().filter(|part| !part.is_empty()) {
                chunked.extend(format!("{:x};a=b\r\n", part.len()).into_bytes());
                chunked.extend(part);
                chunked.extend(b"\r\n");
            }
            chunked.extend(b"0\r\nTrailer: x\r\n\r\n");
            content = chunked;
        }
        1 => request.push_str(&format!("Content-Length: {}\r\n\r\n", content.len() + chance.below(5))),
        _ => request.push_str(&format!("Content-Length: {}\r\n\r\n", content.len())),
    }
    [request.as_bytes(), &content].concat()
}

fn context(chance: &mut Chance) -> Context<'static> {
    Context { seed: Seed(chance.next()), now: Options::default().now, echo: &NoEcho, size: None, page: None }
}

/// A value of a parameter, as plain text.
fn value(parameter: &Parameter, chance: &mut Chance) -> String {
    if chance.below(3) == 0 {
        return chance.one(&VALUES).to_owned();
    }
    let Some(schema) = parameter.schema() else { return chance.one(&VALUES).to_owned() };
    match Plan::new(schema, Some(&parameter.name)).value(&context(chance)) {
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| item.to_string().replace('"', "")).collect();
            items.join(chance.one(&[",", "|", "%20", "."]))
        }
        other => other.to_string(),
    }
}

/// What an operation takes, or something else.
fn body(operation: &Operation, fields: &mut Vec<String>, chance: &mut Chance) -> Vec<u8> {
    let Some(request) = &operation.request else {
        return if chance.below(6) == 0 { chance.one(&BODIES).as_bytes().to_vec() } else { Vec::new() };
    };
    let content = match request.content.len() {
        0 => None,
        count => request.content.get(chance.below(count)),
    };
    let media = match content {
        Some(content) if chance.below(5) > 0 => content.content_type.to_str().unwrap_or("a/b").to_owned(),
        _ => chance.one(&TYPES).to_owned(),
    };
    let schema = content.and_then(|content| content.schema.as_ref().or(content.items.as_ref()));
    let bytes = match (content, schema) {
        (Some(content), Some(schema)) if chance.below(4) > 0 => {
            content.write(None, &Plan::new(schema, None).value(&context(chance)))
        }
        _ => chance.one(&BODIES).as_bytes().to_vec(),
    };
    fields.push(format!("Content-Type: {media}"));
    if chance.below(2) == 0 || bytes.is_empty() {
        return bytes;
    }
    spoilt_text(&String::from_utf8_lossy(&bytes), chance).into_bytes()
}
