//! How an exchange was decided, told when somebody asks: route, validation, rules, chance, rates, faults, negotiation, neighbours.

use std::hash::Hasher;
use std::sync::Arc;

use serde_json::{Value, json};
use siphasher::sip::SipHasher24;
use standin::document::Source;
use standin::mock::{Mock, Options};
use standin::scenario::Scenario;

use super::harness::{Server, Setup, contract};

const LIST: &str = "GET /api/v1/invitations/me\nAuthorization: Bearer x";

/// Every kind of rule that can be passed over, then one that decides and one that is not asked.
const STORY: &str = "scenario: story
state: closed
on:
  list_my_pending_invitations:
    - { id: limited, rate: { limit: 3, per: 1h } }
    - { id: broken, valid: false, reply: 500 }
    - { id: marked, when: { header: { x-test: 'yes', x-api-key: right } }, reply: { status: 500, go: open } }
    - { id: opened, state: open, reply: 500 }
    - { id: later, between: 1h..2h, reply: 500 }
    - { id: rarely, chance: 0.000001%, reply: 500 }
    - { id: third, calls: { 2: { status: 429, delay: 1ms..2ms } } }
    - { id: never, reply: 500 }
";

fn server() -> Server {
    Setup { scenario: Some(STORY), ..Setup::new() }.start()
}

fn explained(server: &Server, id: u64) -> Value {
    server.ask(&format!("GET /_standin/exchanges/{id}")).json()["explained"].clone()
}

/// What came of each rule, a line each.
fn rules(explained: &Value) -> Vec<String> {
    let rules = explained["rules"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or("nothing").to_owned();
    let line = |rule: &Value| {
        let (id, outcome) = (text(&rule["rule"]), text(&rule["outcome"]));
        match &*outcome {
            "passed over" => {
                format!("{id}: {} is {}, not {}", text(&rule["part"]), text(&rule["found"]), text(&rule["asked"]))
            }
            "not asked" => format!("{id}: {}", text(&rule["because"])),
            _ => format!("{id}: {outcome} {}", rule["number"]),
        }
    };
    rules.map(line).collect()
}

#[test]
fn each_rule_that_did_not_decide_says_what_was_not_so() {
    let server = server();
    let call = || server.ask(&format!("{LIST}\nX-Test: yes\nX-Api-Key: hunter2")).status.as_u16();
    assert_eq!([call(), call(), call(), call()], [200, 429, 200, 429]);
    let told = explained(&server, 2);
    assert_eq!(told["version"], json!({ "answered_by": 1, "now": 1 }));
    assert_eq!((&told["changed"], &told["validation"]["verdict"]), (&json!([]), &"valid".into()));
    let mut lines = rules(&told);
    let key = lines.remove(2);
    assert!(key.starts_with("marked: header x-api-key is \"redacted:") && key.ends_with("not \"right\""), "{key}");
    let (after, drawn) = (lines.remove(3), lines.remove(3));
    assert!(
        after.starts_with("later: between is 0.") && after.ends_with(" s after it became active, not 1h..2h"),
        "{after}"
    );
    assert!(drawn.starts_with("rarely: chance is ") && drawn.ends_with("%, not below 0.000001%"), "{drawn}");
    assert_eq!(
        lines,
        [
            "limited: allowed null",
            "broken: request is valid, not invalid",
            "opened: state is closed, not open",
            "third: decided 2",
            "never: story:11 decided",
        ]
    );
    assert_eq!(rules(&explained(&server, 1))[6], "third: left it to the document 1");
    let refused = explained(&server, 4);
    assert_eq!(rules(&refused)[0], "limited: refused null");
    assert_eq!(rules(&refused)[1], "broken: story:5 decided");
    // A client that decides, and one that is refused.
    server.ask(&format!("{LIST}\nPrefer: code=404\nStandin-Session: t1"));
    assert_eq!(rules(&explained(&server, 5))[1], "broken: the client decided");
    server.ask("GET /api/v1/invitations/me\nStandin-Session: t1");
    let invalid = explained(&server, 6);
    assert_eq!((&invalid["validation"]["verdict"], &*rules(&invalid)[1]), (&"invalid".into(), "broken: decided 2"));
}

#[test]
fn a_draw_can_be_done_again_from_what_is_told_of_it() {
    let server = server();
    for session in ["a", "b", "b"] {
        server.ask(&format!("{LIST}\nStandin-Session: {session}"));
    }
    let (mut numbers, mut delays) = (Vec::new(), 0);
    for id in 1..=3 {
        for draw in explained(&server, id)["draws"].as_array().unwrap() {
            let inputs: Vec<Vec<u8>> = draw["inputs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|input| match input {
                    Value::String(text) => text.as_bytes().to_vec(),
                    number => number.as_u64().unwrap().to_le_bytes().to_vec(),
                })
                .collect();
            let mut hasher = SipHasher24::new_with_keys(
                draw["seed"].as_str().unwrap().parse().unwrap(),
                u64::from_be_bytes(*b"standin1"),
            );
            for input in &inputs {
                hasher.write(&(input.len() as u64).to_le_bytes());
                hasher.write(input);
            }
            match draw["number"].as_str() {
                Some(number) => {
                    assert_eq!((number, &draw["hit"]), (&*hasher.finish().to_string(), &false.into()), "{draw}");
                    numbers.push(number.to_owned());
                }
                None => delays += 1,
            }
        }
    }
    numbers.dedup();
    assert_eq!((numbers.len(), delays), (3, 1));
}

#[test]
fn what_was_sent_is_told_with_what_was_asked_for_and_offered() {
    let server = Setup { document: "tests/it/server/offered.yaml".to_owned(), ..Setup::new() }.start();
    for (id, (accept, status, chosen, why)) in [
        (None, 200, Some("application/json"), "the client asked for nothing in particular"),
        (Some("*/*"), 200, Some("application/json"), "the client asked for nothing in particular"),
        (Some("text/csv, application/json;q=0.5"), 200, Some("text/csv"), "it is the most welcome"),
        (
            Some("image/png"),
            406,
            Some("application/problem+json"),
            "the client accepts nothing of what the document offers",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let field = accept.map(|accept| format!("\nAccept: {accept}")).unwrap_or_default();
        assert_eq!(server.ask(&format!("GET /two{field}")).status, status);
        let told = explained(&server, id as u64 + 1)["negotiation"].clone();
        assert_eq!((told["accept"].as_str(), told["chosen"].as_str()), (accept, chosen));
        assert!(told["why"].as_str().unwrap().starts_with(why), "{told}");
        let qualities: Vec<f64> =
            told["offered"].as_array().unwrap().iter().map(|one| one["quality"].as_f64().unwrap()).collect();
        let expected = match accept {
            Some("image/png") => [0.0, 0.0],
            Some("text/csv, application/json;q=0.5") => [1.0, 0.5],
            _ => [1.0, 1.0],
        };
        assert_eq!(qualities, expected);
    }
    server.ask("GET /two?code=x\nAccept: image/png\nPrefer: code=422");
    let error = explained(&server, 5)["negotiation"].clone();
    assert_eq!(
        (&error["chosen"], &error["why"]),
        (&"application/json".into(), &"the client does not accept it: errors are sent all the same".into())
    );
    assert_eq!(server.ask("DELETE /two").status, 204);
    assert_eq!(explained(&server, 6)["negotiation"]["why"], "the answer has no content");
    let route = &explained(&server, 6)["route"];
    assert_eq!((&route["method"], &route["template"]), (&"DELETE".into(), &"/two".into()));
    assert!(route["place"].as_str().unwrap().starts_with("offered.yaml:"), "{route}");
}

#[test]
fn faults_say_where_on_the_wire_and_misses_what_was_near() {
    let server = Setup::new().start();
    for fault in ["truncate:50%", "reset"] {
        let mut client = server.connect();
        client.send(&format!("GET /api/v1/org/acme HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nPrefer: fault={fault}\r\n\r\n"));
        let sent = client.rest();
        let id = if fault == "reset" { 2 } else { 1 };
        let told = explained(&server, id);
        let content = sent.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| sent.len() - at - 4);
        let expected = json!([fault != "reset", content]);
        assert_eq!(json!([told["fault"]["head_sent"], told["fault"]["content_sent"]]), expected);
        assert_eq!(told["route"]["path"], json!({ "org": "acme" }));
    }
    assert_eq!(server.ask("GET /nothing\nHost: a b").status, 400);
    let refused = explained(&server, 3);
    assert_eq!(
        (&refused["version"]["answered_by"], &refused["changed"]),
        (&Value::Null, &json!([])),
        "no mock was asked"
    );
    assert_eq!(server.ask("POST /api/v1/org/acme/invitation").status, 404);
    let told = explained(&server, 4);
    assert_eq!((&told["route"], &told["rules"], &told["validation"]), (&Value::Null, &json!([]), &Value::Null));
    let page = server.ask("GET /_standin/exchanges/4\nAccept: text/html");
    let row = "<td>POST /api/v1/org/{org}/invitations</td><td>`invitation`, not `invitations`</td>";
    assert!(page.text().contains(row), "{}", page.text());
}

#[test]
fn neighbours_are_those_of_the_session() {
    let server = Setup::new().start();
    for session in ["a", "b", "a", "b", "a"] {
        server.ask(&format!("{LIST}\nStandin-Session: {session}"));
    }
    let at = |id: u64| Value::from(format!("http://localhost:{}/_standin/exchanges/{id}", server.port()));
    for (id, previous, next) in
        [(1, Value::Null, at(3)), (2, Value::Null, at(4)), (3, at(1), at(5)), (5, at(3), Value::Null)]
    {
        let told = explained(&server, id);
        assert_eq!((&told["previous"], &told["next"]), (&previous, &next));
    }
    let page = server.ask("GET /_standin/exchanges/3\nAccept: text/html");
    for link in [
        "href=\"/_standin/exchanges/1\">← previous (1)",
        "href=\"/_standin/exchanges/5\">next → (5)",
        "href=\"/_standin/exchanges?session=a\">session a",
    ] {
        assert!(page.text().contains(link), "{link}: {}", page.text());
    }
}

/// A mock of another version of the document, with the same story.
fn replace(server: &Server, document: &str, story: &str) {
    let contract = Arc::new(contract(document));
    let (scenario, findings) = Scenario::read(&Source::new("story.yaml", story), &contract);
    let scenario = Arc::new(scenario.unwrap_or_else(|| panic!("{findings:?}")));
    let (mock, _) = Mock::new(contract, Options::default(), vec![scenario.clone()], vec![scenario]);
    server.service.swap(mock);
}

#[test]
fn what_has_changed_since_is_said() {
    let server = server();
    server.ask(LIST);
    server.ask(&format!("{LIST}\nStandin-Session: t1"));
    assert_eq!(explained(&server, 2)["changed"], json!([]));
    let path = "/_standin/sessions/t1/scenarios\nContent-Type: application/json";
    server.ask_with(&format!("PUT {path}"), r#"{"active":[]}"#);
    let told = explained(&server, 2);
    assert!(told["changed"][0].as_str().unwrap().starts_with("the session was told something since"), "{told}");
    assert_eq!((&told["rules"], &explained(&server, 1)["changed"]), (&json!([]), &json!([])));
    // What decided was written down: a rule that would have been asked before it is one that came since.
    let edited = STORY.replace("    - { id: broken", "    - { id: added, reply: 404 }\n    - { id: broken");
    replace(&server, "fixtures/invitation/openapi.yaml", &edited);
    let told = explained(&server, 1);
    assert_eq!(told["version"], json!({ "answered_by": 1, "now": 2 }));
    assert!(told["changed"][0].as_str().unwrap().starts_with("the mock was replaced since"), "{told}");
    let lines = rules(&told);
    assert_eq!((&*lines[1], &*lines[7]), ("added: changed since null", "third: left it to the document 1"));
    let page = server.ask("GET /_standin/exchanges/1\nAccept: text/html");
    for part in ["version 1 of the mock; now it is version 2", "As of now: the mock was replaced since"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    // Ended, and begun again under the same name.
    server.ask("DELETE /_standin/sessions/t1");
    server.ask(&format!("{LIST}\nStandin-Session: t1"));
    assert_eq!(explained(&server, 2)["changed"].as_array().unwrap().len(), 2);
    assert_eq!(explained(&server, 3)["changed"], json!([]));
}

/// Counters go by number, and what stands before an operation gives it another place, not another number.
#[test]
fn counts_are_those_of_their_operations_when_others_come_before_them() {
    const EMPTY: &str = "scenario: story\non:\n  '*': [{ chance: 0%, reply: 500 }]\nstrict: false\n";
    let server =
        Setup { document: "fixtures/reload/counted.yaml".to_owned(), scenario: Some(EMPTY), ..Setup::new() }.start();
    let call =
        |path: &str, times: usize| (0..times).for_each(|_| assert_eq!(server.ask(&format!("GET {path}")).status, 200));
    call("/b", 2);
    call("/c", 3);
    replace(&server, "fixtures/reload/counted-more.yaml", EMPTY);
    call("/a", 5);
    call("/b", 1);
    call("/c", 1);
    let counters = server.ask("GET /_standin/sessions/default/counters").json();
    assert_eq!(counters["calls"], json!({ "get_a": 5, "get_b": 3, "get_c": 4 }));
    let coverage = server.ask("GET /_standin/coverage").json();
    let met: Vec<_> = coverage["by_operation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["operation"].as_str().unwrap(), one["calls"].as_u64().unwrap()))
        .collect();
    assert_eq!(met, [("get_a", 5), ("get_b", 3), ("get_c", 4)]);
    for (operation, times) in [("get_a", 5), ("get_b", 3), ("get_c", 4)] {
        let claim = json!({ "operation": operation, "times": times }).to_string();
        let told = server.ask_with("POST /_standin/verify\nContent-Type: application/json", &claim).json();
        assert_eq!((&told["verdict"], &told["count"]), (&"kept".into(), &times.into()), "{told}");
        let listed = server.ask(&format!("GET /_standin/exchanges?operation={operation}")).json();
        assert_eq!(listed["matched"], times);
    }
    let sessions = server.ask("GET /_standin/sessions").json();
    assert_eq!(sessions["sessions"][0]["calls"], 12);
    let page = server.ask("GET /_standin/coverage\nAccept: text/html");
    assert!(page.text().contains(">get_b</a></td><td>3</td><td>200 ×3</td>"), "{}", page.text());
    let summary = server.stop().summary;
    assert_eq!(
        summary.operations.iter().map(|(key, calls)| (&**key, *calls)).collect::<Vec<_>>(),
        [("get_a", 5), ("get_b", 3), ("get_c", 4)]
    );
}
