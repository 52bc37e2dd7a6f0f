//! Exchanges asked for: which ones, page by page, as an archive; and coverage.

use standin::mock::Options;
use standin::traffic::{Exchange, Limits, har};

use super::harness::{Server, Setup};

const STORY: &str = "scenario: third.x\non:\n  list_my_pending_invitations:\n    - when: { header: { x-fault: 'yes' } }\n      reply: { fault: reset }\n    - calls: { 2: 429 }\n";
const INVITE: &str =
    "POST /api/v1/org/acme/invitations?token=hunter2\nAuthorization: Bearer hunter2\nContent-Type: application/json";

/// A server with nine exchanges.
fn told() -> Server {
    let server = Setup { scenario: Some(STORY), ..Setup::new() }.start();
    let list = "GET /api/v1/invitations/me\nAuthorization: Bearer x";
    server.ask(list);
    server.ask(&format!("{list}\nStandin-Session: t1"));
    server.ask(&format!("{list}\nStandin-Session: t1"));
    server.ask_with(INVITE, r#"{"email":"ada@","role":"admin","password":"hunter2"}"#);
    server.ask_with(INVITE, r#"{"email":"ada@example.com","role":"contributor"}"#);
    server.ask("POST /api/v1/org/acme/invitation\nStandin-Session: t1");
    server.ask("PATCH /api/v1/invitations/me");
    server.ask("GET /api/v1/org/acme");
    let mut client = server.connect();
    client.send(
        "GET /api/v1/invitations/me HTTP/1.1\r\nHost: localhost\r\nX-Fault: yes\r\nAuthorization: Bearer x\r\n\r\n",
    );
    client.rest();
    server
}

fn listed(server: &Server, query: &str) -> Vec<u64> {
    let answer = server.ask(&format!("GET /_standin/exchanges?{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let told = answer.json();
    let ids: Vec<u64> = told["exchanges"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect();
    assert_eq!(told["kept"], 9);
    ids
}

#[test]
fn each_parameter_leaves_out_what_is_not_asked_for() {
    let server = told();
    for (query, expected) in [
        ("", &[9, 8, 7, 6, 5, 4, 3, 2, 1][..]),
        ("session=t1", &[6, 3, 2]),
        ("session=default&operation=invite_to_organization", &[5, 4]),
        ("operation=POST%20%2Fapi%2Fv1%2Forg%2F%7Borg%7D%2Finvitations", &[5, 4]),
        ("status=429", &[3]),
        ("status=4XX", &[8, 7, 6, 4, 3]),
        ("status=2xx", &[5, 2, 1]),
        ("status=none", &[9]),
        ("method=post", &[6, 5, 4]),
        ("path=%2Finvitations%2F", &[9, 7, 3, 2, 1]),
        ("path=hunter2", &[]),
        ("why=invalid-request", &[8, 4]),
        ("why=scenario", &[9, 3]),
        ("rule=third.x", &[9, 3]),
        ("rule=third.x%3A6", &[3]),
        ("rule=third.x%3A7", &[]),
        // Also those that it left to the document.
        ("rule=third.x%3Alist_my_pending_invitations%232", &[3, 2, 1]),
        ("rule=third.x%3Aother", &[]),
        ("why=rate", &[]),
        ("fault=any", &[9]),
        ("fault=reset", &[9]),
        ("fault=truncate", &[]),
        ("fault=none&status=none", &[]),
        ("unmatched=true", &[7, 6]),
        ("unmatched=true&session=t1", &[6]),
        ("unmatched=false&since=5", &[9, 8]),
        ("refused=true", &[8, 4]),
        ("since=9", &[]),
        ("before=3", &[2, 1]),
        ("limit=2&since=3", &[9, 8]),
        // As a form sends it.
        ("session=&operation=&status=&method=&path=&why=rate&rule=&fault=&unmatched=", &[]),
        ("session=+t1", &[]),
    ] {
        assert_eq!(listed(&server, query), expected, "{query}");
    }
}

#[test]
fn what_is_misspelt_is_refused_and_nothing_is_left_out_by_mistake() {
    let server = told();
    for (query, sentence) in [
        ("sesion=t1", "there is no parameter `sesion`; did you mean `session`?"),
        (
            "colour=red",
            "there is no parameter `colour`; there are `session`, `operation`, `status`, `method`, `path`, `why`, `rule`, `fault`, `unmatched`, `refused`, `since`, `before`, `limit`",
        ),
        ("status=4x", "`status` is a status such as `404`, a class such as `4XX`, or `none`, not `4x`"),
        ("status=default", "`status` is a status such as `404`, a class such as `4XX`, or `none`, not `default`"),
        ("why=prefr", "`why` is not `prefr`; did you mean `prefer`?"),
        ("fault=rset", "`fault` is not `rset`; did you mean `reset`?"),
        ("unmatched=yes", "`unmatched` is not `yes`; it is one of `true`, `false`"),
        (
            "operation=invite_to_organisation",
            "no operation `invite_to_organisation`; did you mean `invite_to_organization`?",
        ),
        ("rule=thrid.x", "no scenario `thrid.x` is known, or has decided; did you mean `third.x`?"),
        ("since=-1", "`since` is the number of an exchange, not `-1`"),
        ("before=0", "`before` is the number of an exchange, not `0`"),
        ("limit=1001", "`limit` is a number from 1 to 1000"),
        ("limit=1&limit=2", "`limit` is given twice: once, and one value"),
        ("method=a%20b", "`method` is a method such as `POST`, not `a b`"),
    ] {
        for page in ["exchanges", "exchanges.har"] {
            let answer = server.ask(&format!("GET /_standin/{page}?{query}"));
            assert_eq!(answer.status, 400, "{query}");
            assert_eq!(answer.detail(), sentence);
        }
    }
}

#[test]
fn pages_lead_to_older_ones_until_there_are_none() {
    let server = told();
    let mut target = "/_standin/exchanges?limit=2&status=&session=default".to_owned();
    let mut seen = Vec::new();
    loop {
        let told = server.ask(&format!("GET {target}")).json();
        assert_eq!(told["forgotten"], 0);
        seen.extend(told["exchanges"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()));
        let Some(next) = told["next"].as_str() else { break };
        let base = format!("http://localhost:{}", server.port());
        target = next.strip_prefix(&base).unwrap().to_owned();
    }
    assert_eq!(seen, [9, 8, 7, 5, 4, 1]);
    let page = server.ask("GET /_standin/exchanges?limit=2&session=default\nAccept: text/html");
    assert!(
        page.text().contains("href=\"/_standin/exchanges?limit=2&amp;session=default&amp;before=8\">Older"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("name=\"session\" placeholder=\"t1\" value=\"default\""), "{}", page.text());
    assert!(!page.text().contains("<script"));
}

#[test]
fn what_was_forgotten_is_said() {
    let mut setup = Setup::new();
    setup.limits.journal = Limits { exchanges: 3, ..Limits::default() };
    let server = setup.start();
    (0..5).for_each(|_| assert_eq!(server.ask("GET /nothing").status, 404));
    let told = server.ask("GET /_standin/exchanges?limit=1").json();
    assert_eq!((&told["matched"], &told["kept"], &told["forgotten"]), (&3.into(), &3.into(), &2.into()));
}

#[test]
fn an_archive_is_read_back_without_its_secrets() {
    let server = told();
    for head in [
        "GET /_standin/exchanges.har?status=4XX&limit=4",
        "GET /_standin/exchanges?status=4XX&limit=4\nAccept: application/har+json",
    ] {
        let answer = server.ask(head);
        assert_eq!(answer.header("content-type"), Some("application/har+json"));
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
        let read: Vec<Exchange> = har::Entries::new(answer.body).map(|entry| entry.expect("an entry")).collect();
        let told: Vec<(String, u16)> = read
            .iter()
            .map(|one| {
                (one.request.target.path().to_owned(), one.response().map_or(0, |answer| answer.status.as_u16()))
            })
            .collect();
        let expected = [
            ("/api/v1/org/acme/invitations", 422),
            ("/api/v1/org/acme/invitation", 404),
            ("/api/v1/invitations/me", 405),
            ("/api/v1/org/acme", 401),
        ];
        assert_eq!(told, expected.map(|(path, status)| (path.to_owned(), status)));
        assert!(read[0].request.target.as_str().contains("token=redacted:"), "{}", read[0].request.target);
    }
    let all = server.ask("GET /_standin/exchanges.har");
    assert_eq!(har::Entries::new(all.body).count(), 9);
}

#[test]
fn coverage_is_what_was_met_and_what_never_was() {
    let server = told();
    let told = server.ask("GET /_standin/coverage").json();
    assert_eq!((&told["operations"]["met"], &told["unmatched"]), (&3.into(), &2.into()));
    let invite =
        told["by_operation"].as_array().unwrap().iter().find(|one| one["operation"] == "invite_to_organization");
    let invite = invite.unwrap();
    assert_eq!(invite["calls"], 2);
    let answers = |status: &str| {
        let statuses = invite["statuses"].as_array().unwrap();
        statuses.iter().find(|one| one["status"] == status).unwrap()["answers"].as_u64().unwrap()
    };
    assert_eq!((answers("200"), answers("422"), answers("409")), (1, 1, 0));
    let never: Vec<&str> = told["never"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let uncalled = told["by_operation"].as_array().unwrap().iter().filter(|one| one["calls"] == 0);
    let uncalled: Vec<&str> = uncalled.map(|one| one["operation"].as_str().unwrap()).collect();
    assert!(!uncalled.is_empty() && never.starts_with(&uncalled), "{never:?}");
    assert!(never.iter().any(|one| one.starts_with("invite_to_organization ") && one.contains(" 409")), "{never:?}");
    let page = server.ask("GET /_standin/coverage\nAccept: text/html");
    assert!(
        page.text().contains(">invite_to_organization</a></td><td>2</td><td>200 ×1, 422 ×1</td>"),
        "{}",
        page.text()
    );
    // It does not depend on what is kept.
    let mut setup = Setup::new();
    setup.limits.journal = Limits { exchanges: 1, ..Limits::default() };
    setup.options = Options::default();
    let server = setup.start();
    (0..5).for_each(|_| assert_eq!(server.ask("GET /api/v1/org/acme\nAuthorization: Bearer x").status, 200));
    assert_eq!(
        server.ask("GET /_standin/coverage").json()["by_operation"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["calls"].as_u64().unwrap())
            .sum::<u64>(),
        5
    );
}
