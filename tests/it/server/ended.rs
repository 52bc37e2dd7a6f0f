//! Sessions that end or begin anew: what a client did in one is judged, and not mixed with what it does in the next one of that name.

use std::time::Duration;

use standin::mock::Options;

use super::harness::{Server, Setup};

/// Two calls are as many as may be: three of them in one session are too many, and two in each of two sessions are not.
const TWICE: &str = "scenario: twice\nexpect:\n  list_my_pending_invitations: { at-most: 2 }\n";

fn server(options: Options) -> Server {
    Setup { scenario: Some(TWICE), options, ..Setup::new() }.start()
}

fn call(server: &Server, session: &str, calls: usize) {
    for _ in 0..calls {
        let answer =
            server.ask(&format!("GET /api/v1/invitations/me\nAuthorization: Bearer x\nStandin-Session: {session}"));
        assert_eq!(answer.status, 200);
    }
}

/// In how many sessions it was kept, and in how many broken.
fn verdicts(server: &Server) -> (u64, u64) {
    let verdicts = server.service.verdicts();
    (verdicts.kept(), verdicts.broken())
}

#[test]
fn ended_or_reset_by_request_a_session_is_judged_for_itself() {
    let ends = [
        ("a", "DELETE /_standin/sessions/a", 204),
        ("a", "POST /_standin/sessions/a/reset", 204),
        ("a", "DELETE /_standin/sessions", 200),
        ("a", "POST /_standin/reset", 204),
        ("default", "DELETE /_standin/sessions/default", 204),
        ("default", "POST /_standin/sessions/default/reset", 204),
        ("default", "POST /_standin/reset", 204),
    ];
    for (session, request, status) in ends {
        let server = server(Options::default());
        call(&server, session, 2);
        assert_eq!(server.ask(request).status, status, "{request}");
        call(&server, session, 2);
        assert_eq!(verdicts(&server), (2, 0), "{request}");
        assert_eq!(server.ask(request).status, status, "{request}");
        call(&server, session, 3);
        assert_eq!(verdicts(&server), (2, 1), "{request}");
        let broken = server.stop().summary.verdicts.broken;
        assert_eq!((broken.len(), &*broken[0].session), (1, session), "{request}");
    }
}

#[test]
fn a_call_for_no_operation_is_of_the_session_that_is_there() {
    const KNOWN: &str = "scenario: known\nexpect:\n  '*': { nothing-undocumented: true }\n";
    let server = Setup { scenario: Some(KNOWN), ..Setup::new() }.start();
    let nowhere = || assert_eq!(server.ask("GET /nowhere\nStandin-Session: a").status, 404);
    // It makes no session, and the one that is made then has it.
    nowhere();
    call(&server, "a", 1);
    assert_eq!(verdicts(&server), (0, 1));
    server.ask("DELETE /_standin/sessions/a");
    call(&server, "a", 1);
    assert_eq!(verdicts(&server), (1, 1));
    nowhere();
    assert_eq!(verdicts(&server), (0, 2));
}

#[test]
fn one_that_made_room_or_was_idle_too_long_is_another_when_it_comes_back() {
    let crowded = server(Options { sessions: 2, ..Options::default() });
    for session in ["a", "b", "c", "a", "b", "c"] {
        call(&crowded, session, 2);
    }
    assert_eq!(verdicts(&crowded), (6, 0));
    // What is still there is the same.
    call(&crowded, "c", 1);
    assert_eq!(verdicts(&crowded), (5, 1));

    let idle = server(Options { session_idle: Duration::from_millis(40), ..Options::default() });
    call(&idle, "a", 2);
    std::thread::sleep(Duration::from_millis(60));
    call(&idle, "a", 2);
    assert_eq!(verdicts(&idle), (2, 0));
}
