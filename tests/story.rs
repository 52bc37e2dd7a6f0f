//! What sessions remember of scenarios: exact however many ask at once, and the same whatever runs beside.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, Reply, State};
use standin::scenario::Scenario;

const SECOND: u64 = 1_000_000_000;

fn bundled() -> &'static Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let path = Path::new("fixtures/invitation/openapi.yaml");
        let loaded = Documents::load("openapi.yaml", &Files::beside(path));
        Arc::new(Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document).0.unwrap())
    })
}

/// A mock with these scenarios active, in this order.
fn mock(seed: u64, stories: &[&str]) -> Mock {
    let read = |text: &&str| {
        let (scenario, findings) = Scenario::read(&Source::new("story.yaml", *text), bundled());
        Arc::new(scenario.unwrap_or_else(|| panic!("{findings:#?}")))
    };
    let active: Vec<Arc<Scenario>> = stories.iter().map(read).collect();
    Mock::new(bundled().clone(), Options { seed, ..Options::default() }, active.clone(), active).0
}

fn at(ns: u64) -> Moment {
    Moment { wall_ns: 0, mono_ns: ns }
}

/// A call of `get_org` in a session; `fields` are further ones.
fn get(session: &str, fields: &[(&str, &str)]) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    for (name, value) in [("standin-session", session)].iter().chain(fields) {
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Request { method: Method::GET, target: Target::parse("/api/v1/org/acme").unwrap(), headers, body: Body::Empty }
}

fn status(reply: &Reply) -> u16 {
    reply.answer.status.as_u16()
}

/// Has this many threads do something at once.
fn threads(many: usize, work: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for thread in 0..many {
            let work = &work;
            scope.spawn(move || work(thread));
        }
    });
}

#[test]
fn a_rate_allows_exactly_its_limit_however_many_ask_at_once() {
    for (kind, more) in [("bucket", 37), ("window", 100)] {
        let story = format!(
            "scenario: s\non:\n  get_org:\n    - rate: {{ limit: 100, per: 10s, kind: {kind} }}\n    - calls: {{ 1+: 404 }}\n"
        );
        let mock = mock(0, &[&story]);
        let state = State::new(&mock);
        let allowed: [[AtomicU64; 3]; 4] = Default::default();
        // The clock stands still within a round; the second is 3.7 s after the first, the third a full refill later.
        for (round, ns) in [0, 37 * SECOND / 10, 14 * SECOND].into_iter().enumerate() {
            threads(64, |thread| {
                for call in 0..40 {
                    let session = (thread + call) % 4;
                    let reply = mock.answer(&state, get(&format!("s{session}"), &[]), at(ns));
                    let limit = &reply.decision.limits[0];
                    assert_eq!(limit.allowed, status(&reply) == 404, "{limit:?}");
                    assert!(limit.allowed || (status(&reply) == 429 && limit.remaining == 0));
                    allowed[session][round].fetch_add(u64::from(limit.allowed), Ordering::Relaxed);
                }
            });
        }
        let second = if kind == "bucket" { more } else { 0 };
        for session in &allowed {
            let counts: Vec<u64> = session.iter().map(|count| count.load(Ordering::Relaxed)).collect();
            assert_eq!(counts, [100, second, 100], "{kind}");
        }
    }
}

#[test]
fn a_call_that_one_rate_refuses_takes_nothing_from_another() {
    let first = "scenario: first\non:\n  get_org:\n    - rate: { limit: 10, per: 1h }\n";
    let second = "scenario: second\non:\n  \"*\":\n    - rate: { limit: 7, per: 1h, by: header.x-key }\n  get_org:\n    - reply: 404\n";
    let mock = mock(0, &[first, second]);
    let state = State::new(&mock);
    let allowed = [AtomicU64::new(0), AtomicU64::new(0)];
    threads(16, |thread| {
        let key = thread % 2;
        for _ in 0..20 {
            let reply = mock.answer(&state, get("s", &[("x-key", ["a", "b"][key])]), at(5));
            allowed[key].fetch_add(u64::from(status(&reply) == 404), Ordering::Relaxed);
        }
    });
    let [a, b] = allowed.map(AtomicU64::into_inner);
    assert!(a + b == 10 && a <= 7 && b <= 7, "{a} and {b}");
    // Whichever is left has what the other scenario refused.
    let reply = mock.answer(&state, get("s", &[("x-key", "c")]), at(5));
    let remaining: Vec<u64> = reply.decision.limits.iter().map(|limit| limit.remaining).collect();
    assert_eq!((status(&reply), remaining), (429, vec![0, 7]));
}

#[test]
fn a_session_keeps_a_bounded_number_of_keys_and_those_that_say_something() {
    let story = "scenario: s\non:\n  get_org:\n    - rate: { limit: 1, per: 10s, by: header.x-key }\n";
    let mock = mock(0, &[story]);
    let state = State::new(&mock);
    let ask = |key: usize, ns: u64| mock.answer(&state, get("s", &[("x-key", &key.to_string())]), at(ns));
    let noted = |reply: &Reply| reply.decision.notes.iter().any(|note| note.starts_with("more values of a rate"));
    for key in 0..4_096 {
        let reply = ask(key, key as u64);
        assert!(status(&reply) == 200 && !noted(&reply));
    }
    assert_eq!(status(&ask(0, 5_000)), 429, "all of them are kept");
    assert!(noted(&ask(5_000, 5_000)), "one had to go that was not full again");
    assert_eq!(status(&ask(1, 5_000)), 429, "it was the one that would be full first, and no other");
    assert_eq!(status(&ask(0, 5_000)), 200);
    // Ten seconds later all of them are full: they go without a word.
    for key in 10_000..14_096 {
        let reply = ask(key, 20 * SECOND + key as u64);
        assert!(status(&reply) == 200 && !noted(&reply), "{key}");
    }
    assert_eq!(status(&ask(14_095, 20 * SECOND + 14_096)), 429);
}

#[test]
fn a_scenario_that_is_named_twice_asks_its_rate_once() {
    let story = "scenario: s\non:\n  get_org:\n    - rate: { limit: 2, per: 10s }\n";
    let mock = mock(0, &[story, story]);
    let state = State::new(&mock);
    let statuses: Vec<u16> = (0..3).map(|_| status(&mock.answer(&state, get("s", &[]), at(0)))).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let mut told = BTreeMap::new();
    let reply = mock.answer(&state, get("s", &[]), at(0));
    for (name, value) in &reply.answer.headers {
        told.insert(name.to_string(), value.to_str().unwrap().to_owned());
    }
    assert_eq!(told["ratelimit"], "\"get_org#1\";r=0;t=5");
}
