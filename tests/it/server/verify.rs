//! What tests ask of what happened: claims on calls, and the verdicts on clients.

use serde_json::{Value, json};
use standin::traffic::Limits;

use super::harness::{Answer, Server, Setup};

const LIST: &str = "GET /api/v1/invitations/me\nAuthorization: Bearer x";

fn kept(exchanges: usize) -> Server {
    let mut setup = Setup::new();
    setup.limits.journal = Limits { exchanges, ..Limits::default() };
    setup.start()
}

fn invite(server: &Server, session: &str, email: &str) -> u16 {
    let head = format!(
        "POST /api/v1/org/acme/invitations\nAuthorization: Bearer hunter2\nContent-Type: application/json\nStandin-Session: {session}"
    );
    server.ask_with(&head, &json!({ "email": email, "role": "contributor" }).to_string()).status.as_u16()
}

fn ask(server: &Server, claim: &Value) -> Answer {
    server.ask_with("POST /_standin/verify\nContent-Type: application/json", &claim.to_string())
}

fn claimed(server: &Server, claim: &Value) -> Value {
    let answer = ask(server, claim);
    assert_eq!(answer.status, 200, "{claim}: {}", answer.text());
    answer.json()
}

fn verdict(server: &Server, claim: &Value) -> String {
    claimed(server, claim)["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn calls_are_counted_whatever_the_journal_forgot() {
    let server = kept(1);
    for _ in 0..5 {
        assert_eq!(invite(&server, "t1", "ada@example.com"), 200);
    }
    assert_eq!(invite(&server, "t2", "ada@example.com"), 200);
    let of = |more: &str| -> Value {
        serde_json::from_str(&format!(r#"{{"operation":"invite_to_organization","session":"t1"{more}}}"#)).unwrap()
    };
    let told = claimed(&server, &of(r#","times":5"#));
    assert_eq!((&told["verdict"], &told["count"], &told["wanted"]), (&"kept".into(), &5.into(), &"exactly 5".into()));
    for (more, expected) in [
        ("", "kept"),
        (r#","times":4"#, "broken"),
        (r#","at_least":5"#, "kept"),
        (r#","at_least":6"#, "broken"),
        (r#","at_most":5"#, "kept"),
        (r#","at_most":4"#, "broken"),
        (r#","at_least":2,"at_most":7"#, "kept"),
        // What the last one was like is known, and what the others were like is not.
        (r#","when":{"path":{"org":"acme"}},"times":5"#, "not decided"),
        (r#","when":{"path":{"org":"acme"}},"at_most":5"#, "kept"),
        (r#","when":{"path":{"org":"acme"}},"at_least":1"#, "not decided"),
        (r#","when":{"path":{"org":"acme"}},"at_least":6"#, "broken"),
        (r#","status":200,"times":6"#, "broken"),
    ] {
        assert_eq!(verdict(&server, &of(more)), expected, "{more}");
    }
    let told = claimed(&server, &of(r#","when":{"path":{"org":"acme"}},"times":5"#));
    assert_eq!((&told["count"], &told["at_least"], &told["at_most"]), (&Value::Null, &0.into(), &5.into()));
    assert_eq!(told["reason"], "5 of 5 calls are not over yet, or the journal has forgotten them");
    // The operation by method and path; sessions apart; and one that was never called.
    let other = json!({ "operation": "POST /api/v1/org/{org}/invitations", "session": "t2", "times": 1 });
    assert_eq!(verdict(&server, &other), "kept");
    assert_eq!(verdict(&server, &json!({ "operation": "get_org", "session": "t2", "times": 0 })), "kept");
    assert_eq!(
        verdict(&server, &json!({ "operation": "invite_to_organization", "times": 0 })),
        "kept",
        "the default session"
    );
}

#[test]
fn what_calls_were_like_is_looked_up_and_what_was_not_as_claimed_is_told_without_secrets() {
    let server = Setup::new().start();
    for email in ["ada@example.com", "ada@", "bob@example.com", "ada@example.com"] {
        invite(&server, "t1", email);
    }
    let claim = |when: Value, more: Value| {
        let mut claim = json!({ "operation": "invite_to_organization", "session": "t1", "when": when });
        claim.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claim
    };
    let ada = json!({ "body": { "/email": "ada@example.com" } });
    assert_eq!(verdict(&server, &claim(ada.clone(), json!({ "times": 2 }))), "kept");
    let told = claimed(&server, &claim(ada, json!({ "times": 3 })));
    assert_eq!((&told["verdict"], &told["count"]), (&"broken".into(), &2.into()));
    let at = |id: u64| format!("http://localhost:{}/_standin/exchanges/{id}", server.port());
    assert_eq!(told["exchanges"], json!([at(4), at(1)]));
    assert_eq!(
        told["others"],
        json!([
            { "exchange": at(3), "differs": r#"body /email is "bob@example.com", asked for is "ada@example.com""# },
            { "exchange": at(2), "differs": r#"body /email is "ada@", asked for is "ada@example.com""# },
        ])
    );
    let refused = claimed(
        &server,
        &json!({ "operation": "invite_to_organization", "session": "t1", "status": "4XX", "times": 2 }),
    );
    assert_eq!((&refused["count"], &refused["others"][0]["differs"]), (&1.into(), &"it was answered 200".into()));
    let secret = claimed(&server, &claim(json!({ "header": { "authorization": "Bearer other" } }), json!({})));
    assert_eq!(secret["verdict"], "broken");
    let text = secret.to_string();
    assert!(!text.contains("hunter2") && text.contains("header authorization is \\\"Bearer redacted:"), "{text}");
}

#[test]
fn only_what_was_called_since_the_session_began_counts() {
    let server = Setup::new().start();
    let once = |session: &str| json!({ "operation": "list_my_pending_invitations", "session": session, "times": 1, "status": 200 });
    let list = |session: &str| assert_eq!(server.ask(&format!("{LIST}\nStandin-Session: {session}")).status, 200);
    list("default");
    list("default");
    assert_eq!(verdict(&server, &once("default")), "broken");
    server.ask("POST /_standin/reset");
    assert_eq!(claimed(&server, &once("default"))["count"], 0);
    list("default");
    assert_eq!(verdict(&server, &once("default")), "kept");
    // A session that was never there was never called in; of one that has ended, nobody knows.
    assert_eq!(claimed(&server, &once("t1"))["count"], 0);
    list("t1");
    server.ask("DELETE /_standin/sessions/t1");
    let told = claimed(&server, &once("t1"));
    assert_eq!(
        (&told["verdict"], &told["reason"]),
        (&"not decided".into(), &"the session `t1` has ended, and its counts with it".into())
    );
    list("t1");
    assert_eq!(verdict(&server, &once("t1")), "kept");
}

#[test]
fn a_claim_that_cannot_be_read_is_refused_with_what_was_meant() {
    let server = Setup::new().start();
    for (claim, status, sentence) in [
        (json!([]), 422, "send `{\"operation\": \"…\", \"session\": \"t1\", \"times\": 3}`"),
        (
            json!({ "session": "t1" }),
            422,
            "no `operation` is named: send `{\"operation\": \"…\", \"session\": \"t1\", \"times\": 3}`",
        ),
        (json!({ "operation": "get_orgs" }), 422, "no operation `get_orgs`; did you mean `get_org`?"),
        (json!({ "operation": "get_org", "at-least": 3 }), 422, "a claim has no `at-least`; did you mean `at_least`?"),
        (json!({ "operation": "get_org", "times": -1 }), 422, "`times` takes a whole number from 0 on"),
        (
            json!({ "operation": "get_org", "times": 1, "at_most": 2 }),
            422,
            "`times` is exact: it goes with neither `at_least` nor `at_most`",
        ),
        (json!({ "operation": "get_org", "at_least": 3, "at_most": 2 }), 422, "at least 3 and at most 2 is never"),
        (
            json!({ "operation": "get_org", "status": "default" }),
            422,
            "`status` is a status such as `404`, or a class: `\"4XX\"`",
        ),
        (json!({ "operation": "get_org", "session": 1 }), 422, "`session` takes a text"),
    ] {
        let answer = ask(&server, &claim);
        assert_eq!((answer.status.as_u16(), &*answer.detail()), (status, sentence), "{claim}");
    }
    let answer = ask(&server, &json!({ "operation": "get_org", "when": { "bdy": {} } }));
    assert_eq!(answer.status, 422);
    let findings = answer.json()["findings"].to_string();
    assert!(findings.contains("did you mean `body`") || findings.contains("`body`"), "{findings}");
    assert!(findings.contains("\"line\":null"), "{findings}");
}

const EXPECTING: &str = "scenario: strict\non:\n  list_my_pending_invitations:\n    - calls: { 1: { status: 429, headers: { Retry-After: 60 } } }\nexpect:\n  list_my_pending_invitations: { honours-retry-after: true, at-most: 4 }\n";

#[test]
fn verdicts_are_those_of_all_sessions_or_of_one() {
    let server = Setup { scenario: Some(EXPECTING), ..Setup::new() }.start();
    let told = |path: &str| server.ask(&format!("GET /_standin{path}")).json();
    // Not decided before anything was called.
    assert_eq!((&told("/verify")["verdict"], &told("/verify")["session"]), (&"not decided".into(), &Value::Null));
    for session in ["hasty", "hasty", "patient"] {
        server.ask(&format!("{LIST}\nStandin-Session: {session}"));
    }
    server.ask("GET /nothing\nStandin-Session: patient");
    server.ask("GET /api/v1/org/acme\nStandin-Session: patient");
    let all = told("/verify");
    assert_eq!(
        (&all["verdict"], &all["calls"], &all["unmatched"], &all["refused"]),
        (&"broken".into(), &5.into(), &1.into(), &1.into())
    );
    assert_eq!((&all["verdicts"]["broken"], &all["verdicts"]["kept"]), (&1.into(), &2.into()));
    let hasty = told("/sessions/hasty/verify");
    assert_eq!(
        (&hasty["verdict"], &hasty["session"], &hasty["unmatched"]),
        (&"broken".into(), &"hasty".into(), &0.into())
    );
    let broken = &hasty["verdicts"]["broken_ones"][0];
    assert_eq!(
        (&broken["expectation"], &broken["calls"][0]["retry_after"]),
        (&"honours-retry-after".into(), &"60".into())
    );
    assert!(broken["calls"][1]["wrong"].as_str().unwrap().ends_with("too early"), "{broken}");
    let patient = told("/sessions/patient/verify");
    let counts = ["calls", "unmatched", "refused"].map(|name| patient[name].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 1]);
    assert_eq!(patient["verdicts"]["broken"], 0);
    // A page tells the same.
    let page = server.ask("GET /_standin/sessions/hasty/verify\nAccept: text/html");
    assert!(page.text().contains("<strong>broken</strong>") && page.text().contains("too early"), "{}", page.text());
    // Begun anew, it has done nothing yet; over all sessions, what happened has happened.
    server.ask("POST /_standin/sessions/patient/reset");
    let patient = told("/sessions/patient/verify");
    assert_eq!(["calls", "unmatched", "refused"].map(|name| patient[name].as_u64().unwrap()), [0, 0, 0]);
    server.ask("DELETE /_standin/sessions/hasty");
    assert_eq!(server.ask("GET /_standin/sessions/hasty/verify").status, 404);
    assert_eq!(told("/verify")["verdicts"]["broken"], 1);
    // One that only had a call for no operation is none; ended, it begins at nothing all the same.
    server.ask("GET /nothing\nStandin-Session: lost");
    assert_eq!(server.ask("DELETE /_standin/sessions/lost").status, 404);
    server.ask(&format!("{LIST}\nStandin-Session: lost"));
    assert_eq!(told("/sessions/lost/verify")["unmatched"], 0);
    server.ask("GET /nothing\nStandin-Session: lost");
    assert_eq!(told("/sessions/lost/verify")["unmatched"], 1);
}
