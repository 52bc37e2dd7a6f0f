//! What tests do through the admin pages between their calls: scenarios, single rules, clocks and counters of sessions; and who may not.

use std::net::{SocketAddr, UdpSocket};

use serde_json::json;

use super::described::GONE;
use super::harness::{Answer, Client, Server, Setup};

const LIST: &str = "GET /api/v1/invitations/me\nAuthorization: Bearer x";

const THIRD: &str = "scenario: third\non:\n  list_my_pending_invitations:\n    - calls: { 3: 429 }\n";

fn server() -> Server {
    Setup { scenario: Some(THIRD), ..Setup::new() }.start()
}

fn next(server: &Server, session: &str, calls: usize) -> Vec<u16> {
    let call = || server.ask(&format!("{LIST}\nStandin-Session: {session}")).status.as_u16();
    (0..calls).map(|_| call()).collect()
}

fn put(server: &Server, path: &str, kind: &str, body: &str) -> Answer {
    server.ask_with(&format!("PUT /_standin{path}\nContent-Type: {kind}"), body)
}

#[test]
fn a_session_is_told_what_to_do_and_no_other_one_is() {
    let server = server();
    let uploaded = put(&server, "/sessions/a/scenarios/gone", "application/yaml", GONE);
    assert_eq!(uploaded.json(), json!({ "name": "gone", "summary": "It is gone.", "findings": [] }));
    assert_eq!(next(&server, "a", 1), [200], "it is not active yet");
    let active = put(&server, "/sessions/a/scenarios", "application/json", r#"{"active":["gone","third"]}"#).json();
    assert_eq!(active["active"][0]["name"], "gone");
    assert_eq!((next(&server, "a", 1), next(&server, "b", 3)), (vec![504], vec![200, 200, 429]));
    // A bad one changes nothing, and says where it is wrong.
    let bad = put(&server, "/sessions/a/scenarios/gone", "application/yaml", &GONE.replace("504", "405"));
    let problem = bad.json();
    assert_eq!(
        (bad.status.as_u16(), &problem["findings"][0]["line"], &problem["findings"][0]["column"]),
        (422, &json!(5), &json!(14))
    );
    assert_eq!(next(&server, "a", 1), [504]);
    let unknown = put(&server, "/sessions/a/scenarios", "application/json", r#"{"active":["thrid"]}"#);
    assert_eq!(unknown.detail(), "there is no scenario `thrid`; did you mean `third`?");
    assert_eq!(next(&server, "a", 1), [504]);
    // From its beginning, each time.
    for _ in 0..2 {
        put(&server, "/sessions/a/scenarios", "application/json", r#"{"active":["third"]}"#);
        assert_eq!(next(&server, "a", 4), [200, 200, 429, 200]);
    }
    assert_eq!(server.ask("POST /_standin/sessions/a/reset").status, 204);
    assert_eq!(next(&server, "a", 3), [200, 200, 429]);
    assert_eq!(server.ask("DELETE /_standin/sessions/a").status, 204);
    assert_eq!(server.ask("GET /_standin/sessions/a").status, 404);
    assert_eq!(next(&server, "a", 3), [200, 200, 429]);
}

#[test]
fn one_rule_goes_before_every_scenario() {
    let server = server();
    let on = "/sessions/a/on/list_my_pending_invitations";
    assert_eq!(put(&server, on, "application/json", "409").status, 200);
    let first = server.ask(&format!("{LIST}\nStandin-Session: a"));
    assert_eq!(first.status, 409);
    assert_eq!(first.header("standin-why"), Some("scenario override of list_my_pending_invitations:1 call 1"));
    assert_eq!((next(&server, "a", 2), next(&server, "b", 1)), (vec![409, 409], vec![200]));
    // It counts for itself, and where it leaves a call to others the scenario counts on.
    put(&server, on, "application/json", r#"{"calls":[500,404]}"#);
    assert_eq!(next(&server, "a", 3), [500, 404, 404]);
    put(&server, on, "application/yaml", "when: { header: { x-test: 'yes' } }\nreply: { status: 502, delay: 1ms }\n");
    assert_eq!(next(&server, "a", 3), [200, 200, 429]);
    assert_eq!(server.ask(&format!("{LIST}\nStandin-Session: a\nX-Test: yes")).status, 502);
    // For an operation by its method and path, for all of them, and what a request asks for itself.
    put(&server, "/sessions/a/on/GET%20%2Fapi%2Fv1%2Finvitations%2Fme", "application/json", r#""ok""#);
    put(&server, "/sessions/a/on/*", "application/json", "500");
    assert_eq!(next(&server, "a", 1), [200]);
    assert_eq!(server.ask("GET /api/v1/org/acme\nStandin-Session: a\nAuthorization: Bearer x").status, 500);
    assert_eq!(server.ask(&format!("{LIST}\nStandin-Session: a\nPrefer: code=404")).status, 404);
    let listed = server.ask("GET /_standin/sessions/a/on").json();
    assert_eq!(listed["on"][1], json!({ "operation": "*", "rule": "500" }));
    assert_eq!(server.ask("DELETE /_standin/sessions/a/on/*").status, 204);
    assert_eq!(server.ask("GET /api/v1/org/acme\nStandin-Session: a\nAuthorization: Bearer x").status, 200);

    let unknown = put(&server, "/sessions/a/on/list_my_pending_invitation", "application/json", "409");
    assert_eq!(unknown.status, 404);
    assert!(unknown.detail().contains("did you mean `list_my_pending_invitations`?"), "{}", unknown.detail());
    let bad = put(&server, on, "application/json", "{\n  \"reply\": 409,\n  \"chnace\": \"5%\"\n}");
    assert_eq!((bad.status.as_u16(), &bad.json()["findings"][0]["line"]), (422, &json!(3)));
    assert!(bad.json()["findings"][0]["help"].as_str().unwrap().contains("`chance`"));
}

#[test]
fn counters_and_clocks_are_those_of_the_session() {
    let server = server();
    next(&server, "a", 2);
    next(&server, "default", 1);
    let counters = server.ask("GET /_standin/sessions/a/counters").json();
    assert_eq!(counters["calls"], json!({ "list_my_pending_invitations": 2 }));
    assert_eq!(
        counters["rules"][0],
        json!({ "scenario": "third", "rule": "list_my_pending_invitations#1", "calls": 2 })
    );
    let sessions = server.ask("GET /_standin/sessions").json();
    let named: Vec<_> =
        sessions["sessions"].as_array().unwrap().iter().map(|one| (&one["name"], &one["calls"])).collect();
    assert_eq!(named, [(&json!("default"), &json!(1)), (&json!("a"), &json!(2))]);

    let set = |body: &str| put(&server, "/sessions/a/clock", "application/json", body).json();
    let frozen = set(r#"{"frozen":true}"#);
    let later = set(r#"{"advance":"1h"}"#);
    let seconds =
        |clock: &serde_json::Value| clock["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_nanosecond();
    assert_eq!(seconds(&later) - seconds(&frozen), 3_600_000_000_000);
    assert_eq!(later["frozen"], true);
    assert_eq!(server.ask("GET /_standin/sessions/a/clock").json()["now"], later["now"], "it stands still");
    let set_back = set(r#"{"frozen":false,"offset":"0s"}"#);
    assert!(set_back["offset_ms"].as_i64().unwrap().abs() < 60_000 && set_back["frozen"] == false, "{set_back}");
    assert_eq!(server.ask("POST /_standin/reset").status, 204);
    assert_eq!(server.ask("GET /_standin/sessions/a/counters").json(), json!({ "calls": {}, "rules": [] }));
    assert_eq!(server.ask("DELETE /_standin/sessions").json(), json!({ "ended": 1 }));
}

#[test]
fn a_browser_takes_up_a_session_without_code() {
    let server = server();
    let used = server
        .ask("GET /_standin/use?session=t1&scenario=third&to=http://localhost:5173/a%3Fb%23c\nSec-Fetch-Site: none");
    assert_eq!((used.status.as_u16(), used.header("location")), (303, Some("http://localhost:5173/a?b#c")));
    let cookie = used.header("set-cookie").unwrap();
    assert_eq!(cookie, "standin-session=t1; Path=/; SameSite=Lax; HttpOnly");
    let answer = server.ask(&format!("{LIST}\nCookie: {}", cookie.split(';').next().unwrap()));
    assert_eq!(answer.status, 200);
    assert_eq!(server.ask("GET /_standin/sessions/t1").json()["calls"], 1);
    // Again: the scenario starts at its beginning. To the default session: the cookie goes.
    server.ask("GET /_standin/use?session=t1&scenario=third");
    assert_eq!(next(&server, "t1", 3), [200, 200, 429]);
    server.ask("GET /_standin/use?session=alone");
    assert_eq!(server.ask("GET /_standin/sessions/alone").status, 200, "there as soon as it is named");
    let led = server.ask("GET /_standin/use?session=t1&to=/%C3%A9");
    assert_eq!(led.header("location"), Some("/%C3%A9"));
    let back = server.ask("GET /_standin/use?session=default");
    assert_eq!(back.header("set-cookie"), Some("standin-session=; Path=/; SameSite=Lax; HttpOnly; Max-Age=0"));
    // Said to be in advance, it changes nothing, wherever it comes from.
    for site in ["cross-site", "none"] {
        let reset = server.ask(&format!("POST /_standin/reset\nSec-Fetch-Site: {site}\nSec-Purpose: Prefetch"));
        assert_eq!(reset.status, 403, "{site}");
    }
    // A form for people.
    let form = server.ask("GET /_standin/use\nAccept: text/html");
    assert!(form.text().contains("<option>third</option>") && form.header("set-cookie").is_none());
    assert!(form.header("content-security-policy").unwrap().contains("form-action 'self'"));
}

#[test]
fn another_page_has_to_ask_before_it_puts_a_browser_in_a_session() {
    let server = server();
    let navigate = "Accept: text/html\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document";
    for site in ["cross-site", "same-site"] {
        let asked = server.ask(&format!(
            "GET /_standin/use?session=t1&scenario=third&to=/%22%3E\n{navigate}\nSec-Fetch-Site: {site}"
        ));
        assert_eq!(asked.status, 200);
        assert!(asked.header("set-cookie").is_none() && asked.text().contains("Do so"), "{}", asked.text());
        assert!(asked.text().contains("value=\"/&quot;&gt;\""), "{}", asked.text());
        assert_eq!(server.ask("GET /_standin/sessions/t1").status, 404, "nothing has changed");
    }
    for purpose in ["Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch"] {
        let asked = server.ask(&format!("GET /_standin/use?session=t1\n{navigate}\nSec-Fetch-Site: none\n{purpose}"));
        assert_eq!((asked.status.as_u16(), asked.header("set-cookie")), (403, None));
    }
    assert_eq!(server.ask("HEAD /_standin/use?session=t1").header("set-cookie"), None);
    assert_eq!(server.ask("GET /_standin/sessions/t1").status, 404);
    let own = server.ask(&format!("GET /_standin/use?session=t1\n{navigate}\nSec-Fetch-Site: same-origin"));
    assert!(own.header("set-cookie").is_some());
}

/// What a browser can be made to send by a page of another origin, and what a program on another machine can.
#[test]
fn nothing_is_changed_by_whom_it_is_not_for() {
    let server = server();
    let port = server.port();
    next(&server, "a", 1);
    let body = r#"{"active":[]}"#;
    for (fields, status) in [
        // A simple request, with and without saying where it comes from.
        ("Origin: http://evil.test\nContent-Type: text/plain", 403),
        ("Origin: null\nContent-Type: application/json", 403),
        ("Content-Type: text/plain", 415),
        ("Content-Type: text/plain; charset=application/json", 415),
        ("Content-Type: application/x-www-form-urlencoded", 415),
        ("Content-Type: multipart/form-data; boundary=x", 415),
        ("Content-Type: application/json\nContent-Type: text/plain", 415),
        ("X: y", 415),
        // One of the same machine, on another port or of another scheme.
        ("Origin: http://localhost:1\nContent-Type: application/json", 403),
        (&format!("Origin: https://localhost:{port}\nContent-Type: application/json"), 403),
        // A name that was made to lead here.
        (&format!("Host: evil.test:{port}\nOrigin: http://evil.test:{port}\nContent-Type: application/json"), 403),
        (&format!("Host: evil.test:{port}\nContent-Type: application/json"), 403),
        // A browser that says no origin, and says where from.
        ("Sec-Fetch-Site: cross-site\nContent-Type: application/json", 403),
        ("Sec-Fetch-Site: same-site\nContent-Type: application/json", 403),
        (
            "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\nContent-Type: application/json",
            403,
        ),
    ] {
        for method in ["PUT /_standin/sessions/a/scenarios", "DELETE /_standin/sessions/a", "POST /_standin/reset"] {
            // What takes nothing comes without a type from programs, which may.
            if fields == "X: y" && !method.starts_with("PUT") {
                continue;
            }
            let answer = server.ask_with(&format!("{method}\n{fields}"), body);
            assert_eq!(answer.status.as_u16(), status, "{method} {fields}");
            assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{answer:?}");
        }
        let preflight = format!("OPTIONS /_standin/sessions/a/scenarios\n{fields}\nAccess-Control-Request-Method: PUT");
        assert!(server.ask(&preflight).status.as_u16() >= 400);
    }
    // Images, scripts and frames of another page see nothing, either.
    for dest in ["image", "script", "iframe"] {
        let mode = if dest == "iframe" { "navigate" } else { "no-cors" };
        let fields = format!("Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: {mode}\nSec-Fetch-Dest: {dest}");
        assert_eq!(server.ask(&format!("GET /_standin/use?session=t1\n{fields}")).status, 403);
        assert_eq!(server.ask(&format!("GET /_standin/exchanges\n{fields}")).status, 403);
    }
    assert_eq!(server.ask("GET /_standin/sessions/a").json()["calls"], 1);
    assert_eq!(server.ask("GET /_standin/sessions/t1").status, 404);
    assert_eq!(next(&server, "a", 2), [200, 429]);
}

#[test]
fn whoever_has_the_token_may_from_elsewhere() {
    let token = "0123456789abcdef";
    let setup = Setup { scenario: Some(THIRD), host: "0.0.0.0", admin_token: Some(token), ..Setup::new() };
    let server = setup.start();
    // A name of another machine, as one would have it there.
    let host = "Host: mock.test";
    assert_eq!(server.ask(&format!("GET /_standin/sessions\n{host}\nAuthorization: Bearer {token}")).status, 200);
    for wrong in
        ["Bearer 0123456789abcdee", "Bearer 0123456789abcde", "Bearer ", "Basic 0123456789abcdef", "0123456789abcdef"]
    {
        assert_eq!(
            server.ask(&format!("GET /_standin/sessions\n{host}\nAuthorization: {wrong}")).status,
            403,
            "{wrong}"
        );
    }
    let twice = format!("GET /_standin/sessions\n{host}\nAuthorization: Bearer {token}\nAuthorization: Bearer {token}");
    assert_eq!(server.ask(&twice).status, 403);
    // Not even then for a page of another origin.
    let origin = format!("GET /_standin/sessions\n{host}\nOrigin: http://evil.test\nAuthorization: Bearer {token}");
    assert_eq!(server.ask(&origin).status, 403);
    // Here nobody needs it.
    assert_eq!(server.ask("GET /_standin/sessions").status, 200);

    let outside = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        // Nothing is sent: this only asks which address would be used.
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    let Some(outside) = outside.ok().filter(|address| !address.ip().is_loopback() && !address.ip().is_unspecified())
    else {
        println!("no address but loopback: not tried");
        return;
    };
    let mut client = Client::to(SocketAddr::new(outside.ip(), server.port()));
    for (field, status) in [("X: y", 403), ("Authorization: Bearer 0123456789abcdef", 204)] {
        client
            .send(&format!("POST /_standin/reset HTTP/1.1\r\nHost: mock.test\r\nContent-Length: 0\r\n{field}\r\n\r\n"));
        assert_eq!(client.answer().status, status, "{field}");
    }
}

#[test]
fn the_prefix_can_be_another_for_all_of_it() {
    let mut setup = Setup { scenario: Some(THIRD), ..Setup::new() };
    setup.options.admin_prefix = "/own/pages".to_owned();
    let server = setup.start();
    let set =
        server.ask_with("PUT /own/pages/sessions/a/scenarios\nContent-Type: application/json", r#"{"active":[]}"#);
    assert_eq!(set.status, 200);
    assert_eq!(next(&server, "a", 3), [200, 200, 200]);
    assert!(server.ask("GET /own/pages/use\nAccept: text/html").text().contains("action=\"/own/pages/use\""));
    assert_eq!(server.ask("PUT /_standin/sessions/a/scenarios").header("standin-why"), Some("no-operation"));
    assert_eq!(server.ask("GET /own/pages/nothing").json()["paths"][0], "/own/pages/exchanges");
}

#[test]
fn sessions_that_end_are_named_in_the_log() {
    let mut setup = Setup { scenario: Some(THIRD), ..Setup::new() };
    setup.options.sessions = 2;
    let server = setup.start();
    for session in ["a", "b", "c"] {
        put(&server, &format!("/sessions/{session}/clock"), "application/json", r#"{"frozen":true}"#);
    }
    assert_eq!(next(&server, "d", 1), [200]);
    let log = server.stop().log;
    assert!(log.contains("session `a` was idle the longest and made room"), "{log}");
    assert!(log.contains("session `b` was idle the longest and made room"), "{log}");
}
