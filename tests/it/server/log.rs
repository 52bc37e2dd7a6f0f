//! The log, in its two shapes.

use std::time::Duration;

use standin::message::Moment;
use standin::server::{Format, ManualClock};

use super::harness::{Server, Setup};

/// 2026-11-22T12:04:31Z.
const THEN: Moment = Moment { wall_ns: 1_795_349_071_000_000_000, mono_ns: 0 };

const THROTTLED: &str = "scenario: throttled
on:
  list_members:
    - calls:
        2: { status: 429, headers: { Retry-After: 2 } }
";

/// A little story, told with a clock that stands still.
fn story(server: &Server) {
    let mut lines = 0;
    let mut ask = |head: &str, body: &str, more: usize| {
        let answer = server.ask_with(head, body);
        // In order, though connections are many.
        lines += more;
        server.log_of(lines);
        answer
    };
    let invite =
        "POST /api/v1/org/acme/invitations\nAuthorization: Bearer secret-token\nContent-Type: application/json";
    ask(invite, r#"{"email":"ada@example.com","role":"reader"}"#, 1);
    ask(
        &invite.replace(" HTTP", "").replacen("invitations", "invitations?dry=1", 1),
        r#"{"email":"ada@","role":"admin"}"#,
        5,
    );
    ask("POST /api/v1/org/acme/invitation\nAuthorization: Bearer x", "", 2);
    ask("GET /api/v1/invitations/me", "", 3);
    ask("GET /api/v1/invitations/me\nAuthorization: Bearer x\nPrefer: code=404\nStandin-Session: t1", "", 1);
    ask("GET /api/v1/org/acme/members\nAuthorization: Bearer x\nStandin-Session: t1", "", 1);
    ask("GET /api/v1/org/acme/members\nAuthorization: Bearer x\nStandin-Session: t1", "", 1);
    ask("GET /nothing/at/all?api_key=hunter2&page=2&a=%1b[31m", "", 2);
    ask(&format!("GET /{}", "a".repeat(64_500)), "", 2);
}

fn told(format: Format) -> String {
    let clock = ManualClock::at(THEN);
    let setup = Setup { format, scenario: Some(THROTTLED), ..Setup::new() };
    let server = setup.clock(clock.clone()).start();
    let port = server.port().to_string();
    if format == Format::Json {
        server.ask_with(
            "POST /api/v1/org/acme/invitations?dry=1\nAuthorization: Bearer x\nContent-Type: application/json",
            r#"{"email":"ada@","role":"admin","password":"hunter2"}"#,
        );
        server.ask("GET /nothing?token=hunter2\nStandin-Session: t1");
    } else {
        story(&server);
    }
    clock.advance(Duration::from_secs(1));
    server.stop().log.replace(&port, "PORT")
}

#[test]
fn for_people() {
    let log = told(Format::Pretty { colour: false });
    assert!(!log.contains("hunter2") && !log.contains('\u{1b}'), "{log}");
    insta::assert_snapshot!(log);
}

#[test]
fn in_colour_it_says_the_same() {
    let coloured = told(Format::Pretty { colour: true });
    assert!(coloured.contains("\u{1b}[33m422\u{1b}[0m"), "{coloured}");
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, told(Format::Pretty { colour: false }));
}

#[test]
fn for_programs() {
    let log = told(Format::Json);
    assert!(!log.contains("hunter2"), "{log}");
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    insta::assert_snapshot!(log);
}

#[test]
fn for_nobody() {
    let server = Setup { format: Format::Off, ..Setup::new() }.start();
    server.ask("GET /nothing");
    assert_eq!(server.stop().log, "");
}

#[test]
fn a_note_on_the_document_is_told_once() {
    let server = Setup { document: "tests/it/server/based.yaml".to_owned(), ..Setup::new() }.start();
    for _ in 0..3 {
        assert_eq!(server.ask("GET /pets").status, 200);
    }
    let log = server.stop().log;
    assert_eq!(log.matches("served without the base path").count(), 1, "{log}");
}

#[test]
fn lines_that_are_too_many_are_counted() {
    // A log whose reader sleeps.
    struct Stuck;
    impl std::io::Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            std::thread::sleep(Duration::from_millis(300));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let server = Setup::new().start_with_log(Stuck);
    let head = format!("GET /nothing HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port());
    let mut client = server.connect();
    let mut asked = 0;
    // More than fit into the queue while the first line is being written.
    while asked < 9000 {
        client.send(&head.repeat(100));
        for _ in 0..100 {
            client.answer();
        }
        asked += 100;
    }
    let summary = server.stop().summary;
    assert_eq!(summary.calls, 9000);
    assert!(summary.log_left_out > 0, "{summary:?}");
}
