//! Recordings replayed.

use std::time::Duration;

use standin::check::{Ending, Live, Mode, Source};
use standin::finding::Event;
use standin::message::{HeaderName, HeaderValue, Response};

use super::server::{Does, MEMBER, Server, json, members, response};
use super::{Ran, file, live, plan};

fn recording() -> Source {
    file("fixtures/check/as-documented/traffic.ndjson")
}

fn with_token(mut live: Live) -> Mode {
    live.fields =
        vec![(HeaderName::from_static("authorization"), HeaderValue::from_static("Bearer planted-given-secret"))];
    Mode::Live(Box::new(live))
}

/// A server that answers as documented, but for one operation.
async fn broken(line: &'static str, answer: fn() -> Response) -> Ran {
    let server =
        Server::start(move |asked| Does::Answer(if asked.line() == line { answer() } else { members("/v1", asked) }))
            .await;
    let ran = Ran::of(&plan(recording(), with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert!(!ran.reports().contains("planted"), "{}", ran.reports());
    ran
}

#[tokio::test]
async fn an_api_that_does_as_documented_has_no_finding() {
    let server = Server::start(|asked| Does::Answer(members("/v1", asked))).await;
    let ran = Ran::of(&plan(recording(), with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert_eq!(ran.ending(), Ending::Clean, "{}", ran.text());
    assert!(ran.found().is_empty());
    assert_eq!((ran.summary().sent, ran.summary().other_status, ran.summary().records.valid), (6, 0, 6));
    assert_eq!(
        server.lines(),
        [
            "GET /v1/orgs/acme/members",
            "POST /v1/orgs/acme/members",
            "GET /v1/orgs/acme/members/m1",
            "GET /v1/orgs/acme/members/m9",
            "DELETE /v1/orgs/acme/members/m1",
            "GET /v1/orgs/acme/members"
        ]
    );
    assert_eq!(server.connections(), 1);
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), Some("Bearer planted-given-secret"));
    assert_eq!(asked[1].body, r#"{"email":"ada@example.com"}"#);
    // Recorded without credentials, and refused: so it is asked for again.
    assert_eq!(asked[5].header("authorization"), None);
    assert!(asked.iter().all(|asked| asked.header("user-agent").unwrap().starts_with("standin/")));
}

#[tokio::test]
async fn one_broken_answer_is_one_finding_that_names_it() {
    type Case = (&'static str, fn() -> Response, &'static str, &'static str);
    let cases: [Case; 6] = [
        (
            "GET /v1/orgs/acme/members/m1",
            || json(200, r#"{"id":7,"role":"owner","joined_at":"2026-01-02T03:04:05Z"}"#),
            "response-body",
            "200 body /id: 7, not a string",
        ),
        (
            "POST /v1/orgs/acme/members",
            || json(201, r#"{"id":"m","role":"owner"}"#),
            "response-body",
            "201 body /joined_at: missing",
        ),
        ("GET /v1/orgs/acme/members/m1", || json(203, MEMBER), "undocumented-status", "203 is not documented"),
        (
            "GET /v1/orgs/acme/members/m1",
            || response(200, &[("content-type", "text/plain")], MEMBER),
            "response-media-type",
            "200 media type: `text/plain` is not application/json",
        ),
        (
            "GET /v1/orgs/acme/members/m9",
            || json(404, r#"{"code":401,"detail":"none"}"#),
            "envelope-status",
            "404 body /code: 401, the answer is 404",
        ),
        (
            "GET /v1/orgs/acme/members/m9",
            || json(404, r#"{"code":404,"detail":["planted-given-secret"]}"#),
            "response-body",
            "404 body /detail: [\"redacted:054fee9b121a2b40\"], not a string",
        ),
    ];
    for (line, answer, rule, sentence) in cases {
        let ran = broken(line, answer).await;
        assert_eq!(ran.rules(), [rule], "{line}\n{}", ran.text());
        let found = ran.found()[0];
        assert_eq!(found.finding.sentence, sentence);
        assert_eq!(found.request.split(' ').next(), line.split(' ').next());
        assert!(found.again.as_ref().unwrap().contains("$STANDIN_TOKEN"), "{found:?}");
        assert_eq!(ran.ending(), Ending::Findings);
    }
}

#[tokio::test]
async fn what_is_recorded_while_it_is_checked_is_no_part_of_it() {
    // The mock that is checked may be recording into the very file: each request would add another one.
    let text = std::fs::read_to_string("fixtures/check/as-documented/traffic.ndjson").unwrap().repeat(60);
    assert!(text.len() > 128 * 1024, "more than is read at once");
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("growing-{}.ndjson", std::process::id()));
    std::fs::write(&path, &text).unwrap();
    let (growing, line) = (path.clone(), text.lines().next().unwrap().to_owned() + "\n");
    let server = Server::start(move |asked| {
        let mut file = std::fs::OpenOptions::new().append(true).open(&growing).unwrap();
        std::io::Write::write_all(&mut file, line.as_bytes()).unwrap();
        Does::Answer(members("/v1", asked))
    })
    .await;
    let mode = with_token(live(&format!("http://127.0.0.1:{}", server.port)));
    let ran = Ran::of(&plan(Source::File(path.clone()), mode)).await;
    std::fs::remove_file(path).unwrap();
    let Some(Event::Started(start)) = ran.events.first() else { panic!() };
    assert_eq!((start.records, ran.summary().records.total(), ran.summary().sent), (360, 360, 360));
    assert_eq!(ran.ending(), Ending::Clean, "{}", ran.text());
}

#[tokio::test]
async fn content_after_the_head_that_was_asked_for_is_not_taken_for_the_next_answer() {
    let record = std::fs::read_to_string("fixtures/check/as-documented/traffic.ndjson").unwrap();
    let get = record.lines().find(|line| line.contains("\"GET\"") && line.contains("/members/m1\"")).unwrap();
    let text = format!("{}\n{get}\n", get.replace("\"GET\"", "\"HEAD\""));
    let source = Source::Memory { name: "heads".to_owned(), bytes: text.into() };
    let server = Server::start(|asked| match asked.method.as_str() {
        "HEAD" => Does::HeadWithContent(members("/v1", asked)),
        _ => Does::Answer(members("/v1", asked)),
    })
    .await;
    let ran = Ran::of(&plan(source, with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert_eq!(server.lines(), ["HEAD /v1/orgs/acme/members/m1", "GET /v1/orgs/acme/members/m1"]);
    assert_eq!((ran.ending(), ran.summary().records.valid), (Ending::Clean, 2), "{}", ran.text());
}

#[tokio::test]
async fn the_url_says_where_the_api_lives() {
    for (path, prefix) in [("", "/v1"), ("/", ""), ("/api/v2", "/api/v2"), ("/api/v2/", "/api/v2")] {
        let server = Server::start(move |asked| Does::Answer(members(prefix, asked))).await;
        let ran =
            Ran::of(&plan(recording(), with_token(live(&format!("http://127.0.0.1:{}{path}", server.port))))).await;
        assert_eq!(ran.ending(), Ending::Clean, "{path}: {}", ran.text());
        assert!(server.lines()[0].ends_with(&format!("GET {prefix}/orgs/acme/members")));
        let Some(Event::Started(start)) = ran.events.first() else { panic!() };
        let example = format!("http://127.0.0.1:{}{prefix}/orgs/acme/members", server.port);
        assert_eq!(start.example.as_deref(), Some(example.as_str()));
        assert!(ran.text().lines().next().unwrap().contains(&example));
    }
}

#[tokio::test]
async fn a_wrong_base_url_is_one_finding() {
    let server = Server::start(|asked| Does::Answer(members("/elsewhere", asked))).await;
    for (path, remedy) in [("/v2", "took the place of the document's `/v1`"), ("/v1", "the document's own base path")] {
        let mut plan = plan(recording(), with_token(live(&format!("http://127.0.0.1:{}{path}", server.port))));
        plan.selected = Some(vec![0, 1]);
        let ran = Ran::of(&plan).await;
        assert_eq!(ran.rules(), ["wrong-base-url"], "{}", ran.text());
        assert!(ran.text().contains(remedy), "{}", ran.text());
    }
    let mut plan = plan(recording(), with_token(live(&format!("http://127.0.0.1:{}/v2", server.port))));
    plan.selected = Some(vec![0, 1]);
    let ran = Ran::of(&plan).await;
    assert_eq!(ran.ending(), Ending::Findings);
    let found = ran.found()[0];
    assert!(
        found.finding.sentence.contains("/v2`") && found.finding.help.as_ref().unwrap().contains("/v1"),
        "{found:?}"
    );
}

#[tokio::test]
async fn nobody_there_is_one_clear_error() {
    let server = Server::start(|_| Does::Close).await;
    let ran = Ran::of(&plan(recording(), with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert_eq!(ran.ending(), Ending::Failed);
    assert_eq!(ran.summary().records.total(), 6, "{:?}", ran.summary().records);
    assert!(ran.outcome.failure.unwrap().sentence.starts_with("3 requests in a row got no answer"));

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut target = live(&format!("http://127.0.0.1:{free}"));
    for wait in [None, Some(Duration::from_millis(150))] {
        target.wait = wait;
        let ran = Ran::of(&plan(recording(), Mode::Live(Box::new(target.clone())))).await;
        assert_eq!(ran.ending(), Ending::Failed);
        assert_eq!(ran.summary().records.not_reached, 6);
        assert!(!ran.text().contains("remark: "), "{}", ran.text());
        let failure = ran.outcome.failure.clone().unwrap();
        assert!(failure.sentence.contains("refused the connection") && failure.help.unwrap().contains("--wait"));
        assert_eq!(ran.text().matches("refused").count(), 1);
    }
}

#[tokio::test]
async fn a_request_without_an_answer_is_a_finding_and_the_run_goes_on() {
    let server = Server::start(|asked| match asked.line().as_str() {
        "POST /v1/orgs/acme/members" => Does::Close,
        "GET /v1/orgs/acme/members/m1" => Does::BreakOff(json(200, MEMBER)),
        _ => Does::Answer(members("/v1", asked)),
    })
    .await;
    let ran = Ran::of(&plan(recording(), with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    let seen: Vec<_> = ran.found().iter().map(|found| (found.finding.rule.id, found.keyword, found.status)).collect();
    assert_eq!(seen, [("no-answer", "closed", None), ("no-answer", "closed", Some(200))], "{}", ran.text());
    assert_eq!((ran.summary().records.invalid, ran.summary().records.valid), (2, 4));
    assert!(!ran.text().contains("not decided: "), "{}", ran.text());
}

#[tokio::test]
async fn answers_of_another_status_and_operations_that_proved_little_are_told() {
    let server = Server::start(|_| Does::Answer(json(404, r#"{"code":404,"detail":"none"}"#))).await;
    let mut plan = plan(recording(), with_token(live(&format!("http://127.0.0.1:{}", server.port))));
    plan.selected = Some(vec![2, 3]);
    let ran = Ran::of(&plan).await;
    assert_eq!(ran.ending(), Ending::Clean, "{}", ran.text());
    assert_eq!(ran.summary().other_status, 2);
    let text = ran.text();
    assert!(text.contains("2 proved little: get_member answered only 404; remove_member answered only 404"), "{text}");
    assert!(text.contains("2 answers had another status than was recorded"), "{text}");
}

#[tokio::test]
async fn redacted_and_foreign_credentials_are_left_out_and_that_is_told() {
    let server = Server::start(|asked| Does::Answer(members("/v1", asked))).await;
    for (traffic, told) in [
        ("fixtures/check/as-documented/traffic.ndjson", "5 × recorded credentials are redacted"),
        ("fixtures/check/firefox/traffic.har", "2 × recorded credentials are of another host"),
    ] {
        let ran =
            Ran::of(&plan(file(traffic), Mode::Live(Box::new(live(&format!("http://127.0.0.1:{}", server.port))))))
                .await;
        assert!(ran.text().contains(told), "{}", ran.text());
        assert!(!ran.reports().contains("planted"));
    }
    assert!(
        server.asked().iter().all(|asked| asked.header("authorization").is_none() && asked.header("cookie").is_none())
    );
}

#[tokio::test]
async fn a_key_of_another_host_in_the_query_stays_at_home() {
    let server = Server::start(|asked| Does::Answer(members("/v1", asked))).await;
    let traffic = file("fixtures/check/secrets/traffic.har");
    let ran = Ran::of(&plan(traffic, with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert!(ran.text().contains("1 × the recorded request holds a key of another host in its query"), "{}", ran.text());
    let asked = server.asked();
    assert!(asked.len() == 4 && asked.iter().all(|asked| !asked.target.contains("planted")), "{asked:?}");
    assert!(asked.iter().all(|asked| asked.header("x-api-key").is_none() && asked.header("cookie").is_none()));
    assert!(!ran.reports().contains("planted"));
}

#[tokio::test]
async fn what_belongs_to_the_browser_stays_there() {
    let server = Server::start(|asked| Does::Answer(members("/v1", asked))).await;
    let traffic = file("fixtures/check/chrome/traffic.har");
    let ran = Ran::of(&plan(traffic, with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert_eq!(ran.ending(), Ending::Clean, "{}", ran.text());
    for asked in server.asked() {
        assert!(asked.target.starts_with("/v1/orgs/acme/members"), "{asked:?}");
        for name in ["origin", "referer", "sec-fetch-dest", "if-none-match"] {
            assert!(asked.header(name).is_none(), "{name} in {asked:?}");
        }
        // The browser took `gzip`: content in a coding could not be looked into.
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
    }
    let records = ran.summary().records;
    assert_eq!((records.other_host, records.preflight, records.not_http, records.page), (3, 1, 2, 1), "{records:?}");
}

#[tokio::test]
async fn what_was_redacted_or_cut_is_not_sent() {
    let server = Server::start(|asked| Does::Answer(members("/v1", asked))).await;
    let traffic = file("fixtures/check/redacted/traffic.ndjson");
    let ran = Ran::of(&plan(traffic, with_token(live(&format!("http://127.0.0.1:{}", server.port))))).await;
    assert_eq!(
        server.lines(),
        ["GET /v1/orgs/acme/members/m1", "GET /v1/orgs/acme/members/m2", "GET /v1/orgs/acme/members/m3"]
    );
    assert_eq!(ran.summary().records.not_decided, 2, "{}", ran.text());
}
