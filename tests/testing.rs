//! Mocks in tests, as a user of the library writes them: two hundred side by side, one document, scenarios by file and by text.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use standin::server::ManualClock;
use standin::{Mock, Running};

const DOCUMENT: &str = "fixtures/invitation/openapi.yaml";
const INVITE: &str = "invite_to_organization";

/// Sends a request on a connection of its own; the status and the content of the answer.
fn send(url: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let authority = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, content) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), content.to_owned())
}

fn invite(mock: &Running, email: &str) -> (u16, String) {
    send(mock.url(), "POST", "/api/v1/org/acme/invitations", &format!(r#"{{"email":"{email}","role":"reader"}}"#))
}

#[test]
fn two_hundred_mocks_in_one_process_do_not_meet() {
    let first = Mock::open(DOCUMENT).unwrap();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..200 {
            scope.spawn(|| {
                let number = next.fetch_add(1, Relaxed);
                let throttled = number % 3 + 1;
                let story = format!("scenario: s\non: {{ {INVITE}: [{{ calls: {{ {throttled}: 429 }} }}] }}\n");
                let mock = Mock::open(DOCUMENT).unwrap().scenario_text(story).seed(number as u64).start().unwrap();
                for call in 1..=3 {
                    let email = format!("m{number}-{call}@example.com");
                    let (status, content) = invite(&mock, &email);
                    assert_eq!(
                        status,
                        if call == throttled { 429 } else { 200 },
                        "mock {number}, call {call}: {content}"
                    );
                    assert!(status == 429 || content.contains(&email), "{content}");
                }
                assert_eq!(mock.calls(INVITE).unwrap(), 3);
                assert_eq!(mock.exchanges().len(), 3);
                mock.verify().unwrap();
                assert_eq!(mock.stop().unwrap().calls, 3);
            });
        }
    });
    assert_eq!(next.into_inner(), 200);
    assert!(Arc::ptr_eq(first.contract(), Mock::open(DOCUMENT).unwrap().contract()), "compiled once");
}

#[test]
fn a_document_that_changed_is_read_anew() {
    let folder = folder("changed");
    let file = folder.join("pets.yaml");
    let write = |title: &str| {
        std::fs::write(&file, format!("openapi: 3.1.0\ninfo: {{ title: {title}, version: '1' }}\npaths: {{}}\n"))
            .unwrap();
    };
    write("one");
    let one = Mock::open(&file).unwrap();
    assert!(Arc::ptr_eq(one.contract(), Mock::open(&file).unwrap().contract()));
    write("two");
    assert_eq!(Mock::open(&file).unwrap().contract().title(), "two");
    assert_eq!(one.contract().title(), "one");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_scenario_is_a_name_a_file_or_a_text() {
    for name in ["throttled-then-recovers", "scenarios/throttled-then-recovers.yaml"] {
        let mock = Mock::open(DOCUMENT).unwrap().scenario(name).start().unwrap();
        let statuses: Vec<u16> = (0..4).map(|_| invite(&mock, "ada@example.com").0).collect();
        assert_eq!(statuses, [200, 200, 429, 200], "{name}");
    }
}

#[test]
fn the_same_seed_and_time_give_the_same_bytes() {
    let now: jiff::Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let answer = |seed| {
        let mock = Mock::open(DOCUMENT).unwrap().seed(seed).now(now).start().unwrap();
        invite(&mock, "ada@example.com").1
    };
    assert_eq!(answer(7), answer(7));
    assert_ne!(answer(7), answer(8));
}

#[test]
fn it_runs_on_a_runtime_that_is_there_and_stops_when_it_is_dropped() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = runtime.block_on(async {
        let clock = ManualClock::at(Default::default());
        let (mock, serving) = Mock::open(DOCUMENT).unwrap().listen(clock).unwrap();
        let served = tokio::spawn(serving);
        let url = mock.url().to_owned();
        let asked = url.clone();
        let (status, _) =
            tokio::task::spawn_blocking(move || send(&asked, "GET", "/api/v1/invitations/me", "")).await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(mock.calls("list_my_pending_invitations").unwrap(), 1);
        drop(mock);
        served.await.unwrap();
        url
    });
    assert!(TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err(), "still listening");
}

#[test]
fn between_calls_a_test_says_what_is_answered() {
    let mock = Mock::open(DOCUMENT).unwrap().start().unwrap();
    assert_eq!(invite(&mock, "ada@example.com").0, 200);
    mock.reply(INVITE, 409).unwrap();
    assert_eq!(invite(&mock, "ada@example.com").0, 409);
    mock.reply(INVITE, "{ calls: { 2: { status: 429, headers: { Retry-After: 7 } } } }").unwrap();
    assert_eq!([0; 3].map(|_| invite(&mock, "ada@example.com").0), [200, 429, 200]);
    mock.reply("*", "503").unwrap_err();
    mock.reply("*", "{ fault: empty }").unwrap();
    mock.session("default").unwrap().no_reply(INVITE).unwrap();
    mock.session("default").unwrap().no_reply("*").unwrap();
    assert_eq!(invite(&mock, "ada@example.com").0, 200);
}

fn invite_in(session: &str, mock: &Running) -> u16 {
    let url = mock.url().replacen("localhost", &format!("{session}.localhost"), 1);
    let authority = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(mock.url().strip_prefix("http://").unwrap()).unwrap();
    let body = r#"{"email":"ada@example.com","role":"reader"}"#;
    write!(
        stream,
        "POST /api/v1/org/acme/invitations HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer[9..12].parse().unwrap()
}

#[test]
fn each_session_is_told_for_itself() {
    let mock = Mock::open(DOCUMENT).unwrap().offer("throttled-then-recovers").start().unwrap();
    let (one, other) = (mock.session("t1").unwrap(), mock.session("t2").unwrap());
    one.activate(&["throttled-then-recovers"]).unwrap();
    other.reply(INVITE, 404).unwrap();
    for (first, second) in [(200, 404), (200, 404), (429, 404), (200, 404)] {
        assert_eq!((invite_in("t1", &mock), invite_in("t2", &mock)), (first, second));
    }
    assert_eq!((one.calls(INVITE).unwrap(), other.calls(INVITE).unwrap(), mock.calls(INVITE).unwrap()), (4, 4, 8));
    assert_eq!(invite(&mock, "ada@example.com").0, 200);
    one.reset();
    assert_eq!([0; 3].map(|_| invite_in("t1", &mock)), [200, 200, 429]);
    let unknown = one.activate(&["throtled-then-recovers"]).unwrap_err().to_string();
    assert!(unknown.contains("did you mean `throttled-then-recovers`?"), "{unknown}");
}

#[test]
fn the_clock_of_a_session_is_the_tests() {
    let story = format!("scenario: s\non: {{ {INVITE}: [{{ between: 30s..45s, reply: 504 }}] }}\n");
    let mock = Mock::open(DOCUMENT).unwrap().scenario_text(story).start().unwrap();
    let session = mock.session("t1").unwrap();
    session.freeze().unwrap();
    let mut answered = Vec::new();
    for _ in 0..4 {
        answered.push(invite_in("t1", &mock));
        session.advance(std::time::Duration::from_secs(15)).unwrap();
    }
    assert_eq!(answered, [200, 200, 504, 200]);
    assert_eq!(invite(&mock, "ada@example.com").0, 200);
}

#[test]
fn what_a_scenario_expects_of_the_client_is_verified() {
    let story =
        format!("scenario: s\non: {{ {INVITE}: [{{ reply: 429 }}] }}\nexpect: {{ {INVITE}: {{ at-most: 2 }} }}\n");
    let mock = Mock::open(DOCUMENT).unwrap().scenario_text(story).start().unwrap();
    for _ in 0..2 {
        invite(&mock, "ada@example.com");
    }
    mock.verify().unwrap();
    invite(&mock, "ada@example.com");
    let told = mock.verify().unwrap_err().to_string();
    assert!(told.starts_with("1 expectation was broken by the client\n  default  at-most"), "{told}");
}

#[test]
fn what_is_wrong_says_what_to_do() {
    let told = |error: standin::testing::Error| error.to_string();
    insta::assert_snapshot!(told(Mock::open("fixtures/invitation/none.yaml").unwrap_err()), @r"
    no document can be read at `fixtures/invitation/none.yaml`: No such file or directory (os error 2)
    help: a relative path starts where the tests run, which is the package's folder under `cargo test`
    ");
    let mock = Mock::open(DOCUMENT).unwrap();
    insta::assert_snapshot!(told(mock.clone().scenario("throtled-then-recovers").start().unwrap_err()), @r"
    the scenario `throtled-then-recovers` cannot be read from `scenarios/throtled-then-recovers.yaml`: No such file or directory (os error 2)
    help: did you mean `throttled-then-recovers`?
    ");
    let story = "scenario: s\non:\n  invite_to_organisation: [{ reply: 409 }]\n";
    insta::assert_snapshot!(told(mock.clone().scenario_text(story).start().unwrap_err()), @r"
    the scenario `scenario` cannot be used
    scenario:3:3: error[unknown-operation]: no operation `invite_to_organisation`
     3 |   invite_to_organisation: [{ reply: 409 }]
       |   ^^^^^^^^^^^^^^^^^^^^^^
    help: did you mean `invite_to_organization`?
    ");
    insta::assert_snapshot!(told(Mock::text("pets.yaml", "openapi: [").unwrap_err()), @r"
    the document `pets.yaml` cannot be used
    pets.yaml:1:10: error[syntax]: the `[` that opens here is never closed
     1 | openapi: [
       |          ^
    help: close it; or quote the text, if it only begins with `[`
    ");
    let running = mock.start().unwrap();
    insta::assert_snapshot!(told(running.calls("invite_to_organisation").unwrap_err()), @r"
    the document has no operation `invite_to_organisation`
    help: did you mean `invite_to_organization`?
    ");
    send(running.url(), "GET", "/api/v1/org/acme/invitation", "");
    insta::assert_snapshot!(told(running.verify().unwrap_err()), @r"
    1 request was for no operation of the document
      GET /api/v1/org/acme/invitation: nearest is GET /api/v1/org/{org}/invitations: `invitation`, not `invitations`
    ");
    insta::assert_snapshot!(told(running.reply("invite_to_organisation", 409).unwrap_err()), @r"
    the document has no operation `invite_to_organisation`
    help: did you mean `invite_to_organization`?
    ");
    insta::assert_snapshot!(told(running.reply(INVITE, 418).unwrap_err()), @r"
    `418` is no reply for `invite_to_organization`
    reply:1:1: error[scenario-status]: 418 is not documented for `invite_to_organization`
     1 | 418
       | ^^^
    help: it has 200, 400, 401, 403, 404, 409, 422, 426, 429, 500, 502, 504; `strict: false` lets a scenario answer otherwise
    ");
    insta::assert_snapshot!(told(running.session("a b").unwrap_err()), @"a session has a name of 1 to 128 visible ASCII characters without quotes, commas and semicolons");
}

#[test]
fn a_story_is_proved_by_its_steps() {
    let open = || Mock::open("fixtures/invitation/openapi.yaml").unwrap();
    for story in ["throttled-then-recovers", "token-expires"] {
        open().scenario(story).rehearse().unwrap();
    }
    open().stateful().scenario("already-invited").rehearse().unwrap();
    let wrong = "scenario: wrong\non: { get_org: [{ calls: { 2: 404 } }] }\nsteps:\n  - { call: get_org, times: 2 }\n";
    insta::assert_snapshot!(open().scenario_text(wrong).rehearse().unwrap_err().to_string(), @r"
    the story `wrong` does not go as its steps tell it
    scenario:4:13: error[scenario-step]: step 1 (`get_org`): expected a status below 400, and 404 came
     4 |   - { call: get_org, times: 2 }
       |             ^^^^^^^
    help: time 2 of 2, call 2 of the operation: the rule on line 2 of `wrong` decided
    ");
    let none = "scenario: none\non: { get_org: [{ reply: 404 }] }\n";
    insta::assert_snapshot!(open().scenario_text(none).rehearse().unwrap_err().to_string(), @r"
    no scenario has steps
    help: write them under `steps:`, beside `on:`
    ");
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("testing-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
