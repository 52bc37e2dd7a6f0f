//! Verdicts on clients: each file of `fixtures/conduct` is a list of calls, what is expected of who makes them, and what that comes to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says where; helpers of tests are not known as such"
)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;
use standin::contract::{BasePath, Call, Contract};
use standin::document::{Document, Documents, Files, Source};
use standin::finding::Verdicts;
use standin::judge::{Conduct, Coverage, Seen, SessionTime};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, StatusCode, Target};
use standin::mock::{Mock, Options, State};
use standin::scenario::Scenario;
use standin::traffic::{CapturedBody, CapturedRequest, CapturedResponse, Decision, Exchange, Fault, Outcome, Why};

/// When every case begins: Sun, 22 Nov 2026 12:00:00 GMT.
const BEGIN: i64 = 1_795_348_800_000_000_000;
const SECOND: f64 = 1e9;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bundled() -> &'static Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let files = Files::new(root().join("fixtures/invitation"));
        let documents = Documents::load("openapi.yaml", &files).documents.unwrap();
        Arc::new(Contract::load(Arc::new(documents), &BasePath::Document).0.unwrap())
    })
}

fn scenario(text: &str) -> Arc<Scenario> {
    let (scenario, findings) = Scenario::read(&Source::new("story.yaml", text), bundled());
    Arc::new(scenario.unwrap_or_else(|| panic!("{findings:?}\n{text}")))
}

/// What a call is, and what came of it.
struct Made {
    request: Request,
    session: Arc<str>,
    began: u64,
    took: Duration,
    outcome: Outcome,
    time: SessionTime,
    fault: Option<Fault>,
    /// Its number, where calls do not end in the order in which they began.
    number: Option<u64>,
}

fn headers(fields: Option<&Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields.and_then(Value::as_object).into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(&text).unwrap());
    }
    headers
}

impl Made {
    /// Reads one item of `calls`.
    fn read(item: &Value) -> Made {
        let known = [
            "at",
            "took",
            "session",
            "call",
            "body",
            "fields",
            "answer",
            "answer-fields",
            "cut-off",
            "content",
            "number",
            "frozen",
            "ahead",
        ];
        let item = item.as_object().unwrap();
        assert!(item.keys().all(|key| known.contains(&key.as_str())), "{item:?}: known are {known:?}");
        let (method, target) = item["call"].as_str().unwrap().split_once(' ').unwrap();
        let mut fields = headers(item.get("fields"));
        fields.insert("authorization", HeaderValue::from_static("Bearer x"));
        let body = item.get("body").map_or(Body::Empty, |body| {
            fields.insert("content-type", HeaderValue::from_static("application/json"));
            Body::from(body.to_string())
        });
        let outcome = match &item["answer"] {
            Value::String(word) if word == "hung" => Outcome::Hung,
            Value::String(word) if word == "reset" => Outcome::Reset,
            status => Outcome::Answered(CapturedResponse {
                status: StatusCode::from_u16(u16::try_from(status.as_u64().unwrap()).unwrap()).unwrap(),
                headers: (&headers(item.get("answer-fields"))).into(),
                // A fault cuts off what there is.
                body: CapturedBody {
                    cut: item.contains_key("cut-off") && item.get("content").is_none_or(|content| content != false),
                    ..CapturedBody::default()
                },
            }),
        };
        let seconds = |key: &str| item.get(key).map_or(0.0, |value| value.as_f64().unwrap());
        Made {
            request: Request {
                method: Method::from_bytes(method.as_bytes()).unwrap(),
                target: Target::parse(target).unwrap(),
                headers: fields,
                body,
            },
            session: item.get("session").map_or("default", |name| name.as_str().unwrap()).into(),
            began: (seconds("at") * SECOND).round() as u64,
            took: Duration::from_secs_f64(seconds("took")),
            outcome,
            time: SessionTime {
                ahead_ns: (seconds("ahead") * SECOND) as i64,
                frozen: item.get("frozen").is_some_and(|frozen| frozen.as_bool().unwrap()),
            },
            number: item.get("number").and_then(Value::as_u64),
            fault: item
                .get("cut-off")
                .map(|share| Fault::parse(&format!("truncate:{}", share.as_str().unwrap())).unwrap()),
        }
    }

    /// The exchange as a mock would have kept it, and its operation.
    fn exchange(self, numbers: &mut HashMap<(Arc<str>, usize), u64>) -> (Exchange, Option<usize>) {
        let request = CapturedRequest::of(&self.request);
        let (method, target) = (self.request.method.clone(), self.request.target.clone());
        let route = bundled().route(&method, target.path(), target.query()).ok();
        let decision = match route {
            None => Decision { why: Why::NoOperation, ..Decision::default() },
            Some(route) => {
                let number = numbers.entry((self.session.clone(), route.operation)).or_default();
                *number += 1;
                let call = Call::new(bundled(), route, self.request);
                let checked = call.check(true);
                Decision {
                    operation: Some(call.operation().key.clone()),
                    call: self.number.unwrap_or(*number),
                    violations: checked.violations,
                    undocumented: checked.undocumented,
                    fault: self.fault,
                    ..Decision::default()
                }
            }
        };
        let exchange = Exchange {
            id: 1,
            began: Moment { wall_ns: BEGIN + self.began as i64, mono_ns: 1_000_000 + self.began },
            session: self.session,
            base: None,
            request,
            outcome: self.outcome,
            took: self.took,
            decision: Some(decision),
        };
        (exchange, route.map(|route| route.operation))
    }
}

fn told(verdicts: &Verdicts) -> String {
    let mut text = String::new();
    for expected in &verdicts.expectations {
        let operation = expected.operation.as_deref().unwrap_or("*");
        let counts = [("kept", expected.kept), ("broken", expected.broken), ("not decided", expected.not_decided)];
        let counts: Vec<String> =
            counts.iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("{n} {word}")).collect();
        let reasons: Vec<String> = expected.reasons.iter().map(|reason| reason.what.clone()).collect();
        let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
        let _ = writeln!(text, "{operation} {}: {}{why}", expected.expectation, counts.join(", "));
    }
    for broken in &verdicts.broken {
        let _ = writeln!(text, "{broken}");
    }
    text
}

#[test]
fn every_case_comes_to_what_it_says() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(root().join("fixtures/conduct")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let document = Document::read(Source::new(name.clone(), text)).document.unwrap();
        let case = document.root().as_object().unwrap();
        assert!(case.keys().eq(["expect", "calls", "comes-to"]), "{name}: expect, calls, comes-to");
        let scenario = scenario(&format!("scenario: story\nexpect: {}", case["expect"]));
        let conduct = Conduct::new(10_000);
        let mut numbers = HashMap::new();
        for item in case["calls"].as_array().unwrap() {
            let made = Made::read(item);
            let time = made.time;
            let (exchange, operation) = made.exchange(&mut numbers);
            let scenarios = std::slice::from_ref(&scenario);
            let seen = Seen { exchange: &exchange, operation, contract: bundled(), scenarios, time, life: None };
            conduct.see(&seen, &|_, _| true);
        }
        let comes = told(&conduct.report(&[scenario]));
        if comes != case["comes-to"].as_str().unwrap() {
            wrong.push(format!("{name} comes to\n{comes}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 15, "{seen} cases");
}

/// A call of the bundled document, `milliseconds` after the beginning.
fn call(session: &str, milliseconds: u64, status: u16) -> Exchange {
    let outcome = Outcome::Answered(CapturedResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: (&HeaderMap::new()).into(),
        body: CapturedBody::default(),
    });
    let request = Request {
        method: Method::GET,
        target: Target::parse("/api/v1/invitations/me").unwrap(),
        headers: HeaderMap::new(),
        body: Body::Empty,
    };
    Exchange {
        id: 1,
        began: Moment { wall_ns: BEGIN, mono_ns: milliseconds * 1_000_000 },
        session: session.into(),
        base: None,
        request: CapturedRequest::of(&request),
        outcome,
        took: Duration::ZERO,
        decision: Some(Decision { call: 1, ..Decision::default() }),
    }
}

fn see(conduct: &Conduct, scenario: &Arc<Scenario>, exchange: &Exchange) {
    see_in(conduct, scenario, exchange, None, &|_, _| true);
}

fn see_in(
    conduct: &Conduct,
    scenario: &Arc<Scenario>,
    exchange: &Exchange,
    life: Option<u64>,
    lives_on: &dyn Fn(&str, u64) -> bool,
) {
    let operation = bundled().find("list_my_pending_invitations");
    let (scenarios, time) = (std::slice::from_ref(scenario), SessionTime::default());
    conduct.see(&Seen { exchange, operation, contract: bundled(), scenarios, time, life }, lives_on);
}

#[test]
fn with_64_clients_at_once_nothing_is_lost() {
    const CLIENTS: u64 = 64;
    const CALLS: u64 = 400;
    const SESSIONS: u64 = 16;
    let each = CLIENTS * CALLS / SESSIONS;
    let scenario = scenario(&format!(
        "scenario: story\nexpect:\n  list_my_pending_invitations: {{ at-most: {} }}\n  \"*\": {{ at-most: {each}, meets: [200, 429] }}",
        each - 3
    ));
    let (conduct, coverage) = (Conduct::new(10_000), Coverage::new(bundled().clone()));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (conduct, coverage, scenario) = (&conduct, &coverage, &scenario);
            scope.spawn(move || {
                for number in 0..CALLS {
                    let session = format!("s{}", (client + number) % SESSIONS);
                    let exchange = call(&session, number, [200, 429, 599, 204][(number / SESSIONS % 4) as usize]);
                    coverage.count(&exchange, bundled().find("list_my_pending_invitations"));
                    see(conduct, scenario, &exchange);
                }
            });
        }
    });
    let verdicts = conduct.report(&[scenario]);
    // One verdict each for 16 sessions, and three calls too many in each.
    assert_eq!((verdicts.kept(), verdicts.broken(), verdicts.not_decided()), (2 * SESSIONS, SESSIONS, 0));
    assert_eq!((verdicts.broken.len() as u64, verdicts.not_shown), (SESSIONS, 0));
    assert!(verdicts.broken.iter().all(|broken| broken.times == 3), "{:?}", verdicts.broken);
    let covered = coverage.report();
    let operation = covered.operations.iter().find(|one| &*one.key == "list_my_pending_invitations").unwrap();
    let answers = |range: &str| operation.statuses.iter().find(|status| status.range == range).unwrap().answers;
    let quarter = CLIENTS * CALLS / 4;
    assert_eq!(operation.calls, CLIENTS * CALLS);
    // 400 calls are 25 rounds of 16: the first of the four has one round more.
    assert_eq!((answers("200"), answers("429")), (quarter + CLIENTS * 12, quarter - CLIENTS * 4));
    assert_eq!(operation.undocumented, [(204, quarter - CLIENTS * 4), (599, quarter - CLIENTS * 4)]);
}

#[test]
fn sessions_that_make_room_stay_in_the_counts() {
    let scenario = scenario("scenario: story\nexpect: { list_my_pending_invitations: { meets: [200], at-most: 1 } }");
    let conduct = Conduct::new(10_000);
    for number in 0..25_000_u64 {
        see(&conduct, &scenario, &call(&format!("s{number}"), number, if number % 2 == 0 { 200 } else { 429 }));
    }
    // The first one is not judged any more: what it does now is a session of its own.
    see(&conduct, &scenario, &call("s0", 30_000, 200));
    let verdicts = conduct.report(std::slice::from_ref(&scenario));
    let counts: Vec<_> = verdicts.expectations.iter().map(|one| (one.kept, one.broken, one.not_decided)).collect();
    assert_eq!(counts, [(25_001, 0, 0), (12_501, 12_500, 0)], "{:?}", verdicts.expectations);
    assert_eq!((verdicts.broken.len(), verdicts.not_shown), (100, 12_400));
    assert_eq!(&*verdicts.broken[0].expectation, "meets", "what was broken first is told first");
}

#[test]
fn a_session_that_ended_is_judged_apart_from_the_one_that_has_its_name() {
    let scenario = scenario("scenario: story\nexpect: { list_my_pending_invitations: { at-most: 2, meets: [200] } }");
    let counts = |conduct: &Conduct| {
        let verdicts = conduct.report(std::slice::from_ref(&scenario));
        verdicts.expectations.iter().map(|one| (one.kept, one.broken)).collect::<Vec<_>>()
    };
    let conduct = Conduct::new(10);
    let call = |time: u64, status: u16, life: Option<u64>| {
        see_in(&conduct, &scenario, &call("a", time, status), life, &|_, _| true);
    };
    // What was for no operation came before the session was made, and is of its first life.
    [None, Some(4), None].into_iter().for_each(|life| call(1, 200, life));
    assert_eq!(counts(&conduct), [(0, 1), (1, 0)], "three calls of one session");
    // Ended and made again: two calls are not five.
    (0..2).for_each(|_| call(2, 429, Some(9)));
    assert_eq!(counts(&conduct), [(1, 1), (1, 1)], "it meets nothing of what the one before it met");
    // An answer that came late counts for the session that it was called in.
    call(3, 200, Some(4));
    assert_eq!(counts(&conduct), [(2, 1), (2, 1)]);
    call(4, 200, Some(9));
    assert_eq!(counts(&conduct), [(1, 2), (3, 0)], "three calls of the one that is there");
}

#[test]
fn only_what_is_not_there_any_more_makes_room() {
    let scenario = scenario("scenario: story\nexpect: { list_my_pending_invitations: { at-most: 2 } }");
    let conduct = Conduct::new(100);
    // A hundred sessions call once at the beginning and twice at the end, while ten thousand others come and go.
    let stays = |name: &str| name.starts_with("stays");
    let all = |prefix: &'static str, count: u64, time: u64, each: u64| {
        for number in (0..count).flat_map(|number| (0..each).map(move |_| number)) {
            let exchange = call(&format!("{prefix}{number}"), time + number, 200);
            see_in(&conduct, &scenario, &exchange, Some(number + 1), &|name, _| stays(name));
        }
    };
    all("stays", 100, 0, 1);
    all("goes", 10_000, 1_000, 1);
    all("stays", 100, 20_000, 2);
    let verdicts = conduct.report(&[scenario]);
    let counts: Vec<_> = verdicts.expectations.iter().map(|one| (one.kept, one.broken, one.not_decided)).collect();
    assert_eq!(counts, [(10_000, 100, 0)], "each of the hundred has called three times");
}

#[test]
fn what_a_session_is_not_held_to_any_more_is_counted_and_gone() {
    let conduct = Conduct::new(10);
    for number in 0..3_000 {
        let one =
            scenario(&format!("scenario: s{number}\nexpect: {{ list_my_pending_invitations: {{ at-most: 1 }} }}"));
        (0..2).for_each(|_| see(&conduct, &one, &call("a", number, 200)));
    }
    let verdicts = conduct.report(&[]);
    assert_eq!(verdicts.expectations.len(), 3_000);
    assert!(verdicts.expectations.iter().all(|one| (one.kept, one.broken) == (0, 1)));
}

#[test]
fn an_edited_expectation_begins_anew() {
    let conduct = Conduct::new(10_000);
    let told = |most: u64| {
        scenario(&format!("scenario: story\nexpect: {{ list_my_pending_invitations: {{ at-most: {most} }} }}"))
    };
    let (one, two) = (told(1), told(2));
    (0..3).for_each(|number| see(&conduct, &one, &call("s", number, 200)));
    (3..5).for_each(|number| see(&conduct, &two, &call("s", number, 200)));
    let verdicts = conduct.report(&[two]);
    let counts: Vec<_> =
        verdicts.expectations.iter().map(|one| (one.expectation.as_str(), one.kept, one.broken)).collect();
    assert_eq!(counts, [("at-most: 1", 0, 1), ("at-most: 2", 1, 0)]);
    assert_eq!(verdicts.broken[0].times, 2);
}

#[test]
fn the_scenario_that_a_request_asks_for_judges_it() {
    let named = |name: &str| scenario(&format!("scenario: {name}\nexpect: {{ get_org: {{ at-most: 1 }} }}"));
    let plain = scenario("scenario: plain\non: { get_org: [{ reply: 404 }] }");
    let all = vec![named("a"), named("b"), plain.clone()];
    let (mock, _) = Mock::new(bundled().clone(), Options::default(), all.clone(), vec![all[0].clone(), plain.clone()]);
    let (silent, _) = Mock::new(bundled().clone(), Options::default(), all, vec![plain]);
    let ask = |mock: &Mock, target: &str, prefer: Option<&'static str>| {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        headers.extend(prefer.map(|prefer| (HeaderName::from_static("prefer"), HeaderValue::from_static(prefer))));
        let target = Target::parse(target).unwrap();
        let request = Request { method: Method::GET, target, headers, body: Body::Empty };
        let reply = mock.answer(&State::new(mock), request, Moment::default());
        reply
            .expecting
            .map(|all| all.scenarios.iter().map(|scenario| scenario.name.to_string()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(ask(&mock, "/api/v1/org/acme", None).as_deref(), Some("a plain"));
    assert_eq!(ask(&mock, "/api/v1/nowhere", None).as_deref(), Some("a plain"));
    assert_eq!(ask(&mock, "/api/v1/org/acme", Some("scenario=b")).as_deref(), Some("b"));
    assert_eq!(ask(&mock, "/api/v1/org/acme", Some("scenario=plain")), None);
    assert_eq!(ask(&silent, "/api/v1/org/acme", None), None);
    assert_eq!(ask(&silent, "/api/v1/org/acme", Some("scenario=b")).as_deref(), Some("b"));
}
