//! The end: what is in flight is finished, within bounds.

use std::time::Duration;

use standin::message::Moment;
use standin::server::{Limits, ManualClock};

use super::harness::{Client, Server, Setup};

const NOON: Moment = Moment { wall_ns: 1_795_348_800_000_000_000, mono_ns: 0 };

fn delayed(server: &Server) -> Client {
    let mut client = server.connect();
    client.send(&format!(
        "GET /api/v1/invitations/me HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer x\r\nPrefer: delay=5s\r\n\r\n",
        server.port()
    ));
    client
}

fn wait_for(clock: &ManualClock, waiting: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(clock.until_waited_for(waiting));
}

#[test]
fn a_delayed_answer_in_flight_is_still_sent() {
    let clock = ManualClock::at(NOON);
    let mut setup = Setup::new();
    setup.limits = Limits { drain: Duration::from_secs(60), ..Limits::default() };
    let mut server = setup.clock(clock.clone()).start();
    let mut idle = server.connect();
    idle.send(&format!("GET /nothing HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port()));
    assert_eq!(idle.answer().status, 404);
    let mut waiting = delayed(&server);
    wait_for(&clock, 1);
    server.tell_to_stop();
    // Connections that wait for nothing are closed at once, and no new ones are taken.
    assert_eq!(idle.rest(), b"");
    clock.advance(Duration::from_secs(5));
    assert_eq!(waiting.answer().status, 200);
    assert_eq!(waiting.rest(), b"");
    let port = server.port();
    let left = server.stop();
    assert_eq!((left.summary.calls, left.summary.unanswered), (2, 0));
    assert!(left.log.contains("200  5.00 s  list_my_pending_invitations #1  prefer"), "{}", left.log);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn what_takes_longer_than_the_end_is_cut_off_and_told() {
    let clock = ManualClock::at(NOON);
    let mut setup = Setup::new();
    setup.limits = Limits { drain: Duration::from_millis(30), ..Limits::default() };
    let server = setup.clock(clock.clone()).start();
    let mut waiting = delayed(&server);
    wait_for(&clock, 1);
    let left = server.stop();
    assert_eq!(waiting.rest(), b"");
    assert_eq!((left.summary.calls, left.summary.unanswered), (1, 1));
    assert!(left.log.contains("cut  0.0 ms  list_my_pending_invitations #1"), "{}", left.log);
}

#[test]
fn a_client_that_does_not_wait_is_told_of() {
    let clock = ManualClock::at(NOON);
    let server = Setup::new().clock(clock.clone()).start();
    let waiting = delayed(&server);
    wait_for(&clock, 1);
    clock.advance(Duration::from_secs(1));
    drop(waiting);
    let log = server.log_of(1);
    assert!(log.contains("---  1.00 s  the client did not wait  list_my_pending_invitations #1"), "{log}");
    let answer = server.ask("GET /_standin/exchanges/1");
    assert_eq!(answer.json()["no_answer"], "hung");
    let summary = server.stop().summary;
    assert_eq!((summary.calls, summary.unanswered), (1, 1));
}

#[test]
fn the_summary_counts_what_happened() {
    let server = Setup::new().start();
    let bearer = "Authorization: Bearer x";
    server.ask(&format!("GET /api/v1/invitations/me\n{bearer}"));
    server.ask(&format!("GET /api/v1/invitations/me\n{bearer}"));
    server.ask("GET /api/v1/invitations/me");
    server.ask("GET /api/v1/invitation/me");
    server.ask("PUT /api/v1/invitations/me");
    server.ask("GET /_standin/health");
    server.ask("OPTIONS /api/v1/invitations/me\nOrigin: http://a.test\nAccess-Control-Request-Method: GET");
    let summary = server.stop().summary;
    assert_eq!((summary.calls, summary.refused, summary.unmatched), (5, 1, 2));
    assert_eq!(summary.statuses, [(200, 2), (401, 1), (404, 1), (405, 1)]);
    let called: Vec<_> = summary.operations.iter().filter(|(_, calls)| *calls > 0).collect();
    assert_eq!(called, [&("list_my_pending_invitations".into(), 3)]);
    assert!(summary.never_called().any(|operation| &**operation == "get_org"));
    let covered = &summary.coverage;
    assert_eq!((covered.operations().met, covered.statuses().met, covered.unmatched), (1, 2, 2));
    assert!(covered.never().any(|never| never.starts_with("list_my_pending_invitations 400 403 ")));
    assert!(summary.verdicts.is_empty());
    assert_eq!(summary.to_string().lines().count(), 6);
}

#[test]
fn one_client_many_calls_and_the_journal_forgets_while_the_counts_do_not() {
    let mut setup = Setup::new();
    setup.limits.journal.exchanges = 10;
    setup.format = standin::server::Format::Off;
    let server = setup.start();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let mut client = server.connect();
            let request = format!("GET /nothing HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port());
            std::thread::spawn(move || {
                for _ in 0..50 {
                    client.send(&request);
                    assert_eq!(client.answer().status, 404);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let listed = server.ask("GET /_standin/exchanges").json();
    assert_eq!((listed["kept"].as_u64(), listed["forgotten"].as_u64()), (Some(10), Some(390)));
    assert_eq!(server.ask("GET /_standin/exchanges/1").status, 404);
    let summary = server.stop().summary;
    assert_eq!((summary.calls, summary.unmatched), (400, 400));
}
