//! Bodies that nobody meant: seeded mutations of valid ones in every form, and large ones. Whatever comes, there is an answer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use allocation_counter::measure;
use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files};
use standin::generate::{Context, NoEcho, Plan, Seed};
use standin::message::{Body, HeaderMap, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, State};

/// Mutations of each body.
const EACH: u64 = 150;

/// What parsers stumble over.
const PIECES: [&[u8]; 30] = [
    b"%",
    b"%FF",
    b"&",
    b"=",
    b"[",
    b"][",
    b"[]",
    b"+",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"--",
    b"--standin-between-parts-7d1f0c2b9a",
    b"--standin-between-parts-7d1f0c2b9a--",
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"Content-Disposition: form-data; name=\"",
    b"\"",
    b"<",
    b"</",
    b"/>",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY b '&b;&b;'>]>",
    b"&b;",
    b"&#0;",
    b"xmlns:x=''",
    b"\x1e",
    b"\0",
    b"\xff\xfe",
    b"data:",
];

fn mock(name: &str) -> Mock {
    let path = format!("fixtures/mock/{name}.yaml");
    let loaded = Documents::load(&format!("{name}.yaml"), &Files::beside(Path::new(&path)));
    let (contract, _) = Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document);
    Mock::new(Arc::new(contract.unwrap()), Options::default(), Vec::new(), Vec::new()).0
}

fn request(target: &str, media: &HeaderValue, body: Vec<u8>) -> Request {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, media.clone())]);
    Request { method: Method::POST, target: Target::parse(target).unwrap(), headers, body: Body::from(body) }
}

/// The same sequence of numbers for a seed, each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn mutated(mut body: Vec<u8>, numbers: &mut Numbers) -> Vec<u8> {
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(body.len() + 1);
        let end = at + numbers.below((body.len() - at).min(40) + 1);
        match numbers.below(4) {
            0 => drop(body.splice(at..at, PIECES[numbers.below(PIECES.len())].iter().copied())),
            1 => drop(body.drain(at..end)),
            2 => {
                let again = body[at..end].to_vec();
                body.splice(at..at, again);
            }
            _ => {
                if let Some(byte) = body.get_mut(at) {
                    *byte = numbers.below(256) as u8;
                }
            }
        }
    }
    body
}

#[test]
fn whatever_comes_is_answered() {
    let (mut tried, mut refused) = (0, 0);
    for name in ["forms", "media", "multipart", "sequences", "xml"] {
        let mock = mock(name);
        let state = State::new(&mock);
        for index in 0..mock.contract().heads().len() {
            let operation = mock.contract().operation(index);
            for content in operation.request.iter().flat_map(|request| &request.content) {
                let Some(schema) = content.schema.as_ref().or(content.items.as_ref()) else { continue };
                let plan = Plan::new(schema, None);
                let mut numbers = Numbers(index as u64);
                for seed in 0..EACH {
                    let now = jiff::Timestamp::UNIX_EPOCH;
                    let value = plan.value(&Context { seed: Seed(seed), now, echo: &NoEcho, size: None, page: None });
                    let body = mutated(content.write(None, &value), &mut numbers);
                    let reply = mock.answer(
                        &state,
                        request(&operation.template, &content.content_type, body),
                        Moment::default(),
                    );
                    let status = reply.answer.status.as_u16();
                    assert!(status < 500, "{} {}: {status}", operation.key, content.media);
                    tried += 1;
                    refused += u32::from(status >= 400);
                }
            }
        }
    }
    // Neither all nor none of it is still valid.
    assert!(tried > 2_000 && refused > tried / 5 && refused < tried, "{refused} of {tried}");
}

#[test]
fn twice_as_much_costs_twice() {
    let part = "--b\nContent-Disposition: form-data; name=\"tags\"\n\nred\n";
    type Make = fn(usize) -> String;
    let cases: [(&str, &str, &str, Make); 6] = [
        ("forms", "/plain", "application/x-www-form-urlencoded", |n| (0..n).map(|i| format!("x{i}=1&")).collect()),
        ("forms", "/plain", "application/x-www-form-urlencoded", |n| "sizes=1&".repeat(n)),
        ("forms", "/styled", "application/x-www-form-urlencoded", |n| {
            (0..n).map(|i| format!("lines[{i}][price]=1&")).collect()
        }),
        ("xml", "/books", "text/xml", |n| format!("<book>{}</book>", "<author>a</author>".repeat(n))),
        ("sequences", "/lines", "application/jsonl", |n| "{\"level\":1}\n".repeat(n)),
        ("sequences", "/events", "text/event-stream", |n| "data: ab\n\n".repeat(n)),
    ];
    for (name, target, media, make) in cases {
        let mock = mock(name);
        let state = State::new(&mock);
        let media = HeaderValue::from_static(media);
        let cost = |n: usize| {
            let request = request(target, &media, make(n).into_bytes());
            mock.answer(&state, request.clone(), Moment::default());
            measure(|| drop(mock.answer(&state, request, Moment::default()))).count_total
        };
        let (once, twice) = (cost(2_000), cost(4_000));
        assert!(twice as f64 <= 2.3 * once as f64, "{name} {target}: {once} and {twice}");
    }
    let mock = mock("multipart");
    let media = HeaderValue::from_static("multipart/form-data; boundary=b");
    let cost = |n: usize| {
        let request = request("/form", &media, format!("{}--b--", part.repeat(n)).into_bytes());
        let state = State::new(&mock);
        mock.answer(&state, request.clone(), Moment::default());
        measure(|| drop(mock.answer(&state, request, Moment::default()))).count_total
    };
    assert!(cost(900) as f64 <= 2.3 * cost(450) as f64);
}
