//! What is served, replaced while it serves: no request fails, every answer is of one version, and every call is counted.
//!
//! `cargo bench --bench hold -- reload` does it ten thousand times, `STANDIN_SWAPS=10000 cargo test --test it server::swap` does so without a release.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::harness::{Answer, Client, Server, Setup, contract};
use standin::contract::Contract;
use standin::document::Source;
use standin::mock::{Mock, Options};
use standin::scenario::Scenario;

/// The words that name the versions.
const WORDS: [&str; 2] = ["one", "two-and-longer"];

/// A rule that counts, in either version.
const STORY: &str = "scenario: counted\non: { checked: [{ id: third, when: { query: { told: '1' } }, calls: { 3: 418 } }] }\nstrict: false\n";

fn mock(contract: &Arc<Contract>) -> Mock {
    let (scenario, findings) = Scenario::read(&Source::new("story.yaml", STORY), contract);
    let scenario = Arc::new(scenario.unwrap_or_else(|| panic!("{findings:?}")));
    Mock::new(contract.clone(), Options::default(), vec![scenario.clone()], vec![scenario]).0
}

fn versions() -> [Arc<Contract>; 2] {
    ["one", "two"].map(|name| Arc::new(contract(&format!("fixtures/reload/{name}.yaml"))))
}

fn server() -> Server {
    Setup { document: "fixtures/reload/one.yaml".to_owned(), scenario: Some(STORY), ..Setup::new() }.start()
}

/// The version that an answer is of, which all of it must agree on.
fn version(answer: &Answer, target: &str) -> usize {
    let named = |word: &str| {
        let field = answer.header("x-version").is_some_and(|value| value.contains(word));
        (field, answer.text().matches(word).count())
    };
    let of: Vec<usize> = (0..2).filter(|index| named(WORDS[*index]) != (false, 0)).collect();
    let least = if target == "/made" { 10 } else { 2 };
    match *of.as_slice() {
        [index] if named(WORDS[index]).0 && named(WORDS[index]).1 >= least => index,
        _ => panic!("{target}: of {of:?}: {:?} {}", answer.headers, answer.text()),
    }
}

/// The requests of one client until it is told to stop: how many there were of each operation, and of each version.
fn call(mut client: Client, number: usize, over: &AtomicBool) -> ([u64; 3], [u64; 2]) {
    let (mut calls, mut versions, mut turn) = ([0; 3], [0; 2], number);
    while !over.load(Ordering::Relaxed) || turn < number + 30 {
        let (which, target, status) = [(0, "/shown", 200), (1, "/made", 200), (2, "/checked", 422)][turn % 3];
        let delay = if turn % 17 == 0 { "Prefer: delay=3ms\r\n" } else { "" };
        let session = format!("Standin-Session: s{}\r\n", turn % 2);
        let head = format!("Host: localhost\r\n{delay}{session}");
        client.send(&match which {
            2 => format!(
                "POST {target} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
            ),
            _ => format!("GET {target} HTTP/1.1\r\n{head}\r\n"),
        });
        let answer = client.answer();
        assert_eq!(answer.status, status, "{target}: {}", answer.text());
        versions[version(&answer, target)] += 1;
        calls[which] += 1;
        turn += 1;
    }
    (calls, versions)
}

#[expect(clippy::disallowed_methods, reason = "a test may be told to do more")]
fn swaps() -> usize {
    std::env::var("STANDIN_SWAPS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

#[test]
fn no_request_fails_and_no_answer_is_of_two_versions() {
    let server = server();
    let contracts = versions();
    let over = AtomicBool::new(false);
    let (calls, seen) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|number| (number, server.connect())).collect();
        let over = &over;
        let clients: Vec<_> =
            clients.into_iter().map(|(number, client)| scope.spawn(move || call(client, number, over))).collect();
        for turn in 1..=swaps() {
            server.service.swap(mock(&contracts[turn % 2]));
            if turn % 16 == 0 {
                // The others are to have their turns, too.
                std::thread::yield_now();
            }
        }
        over.store(true, Ordering::Relaxed);
        let mut sums = ([0; 3], [0; 2]);
        for client in clients {
            let (calls, versions) = client.join().expect("every answer was of one version");
            sums.0.iter_mut().zip(calls).for_each(|(sum, count)| *sum += count);
            sums.1.iter_mut().zip(versions).for_each(|(sum, count)| *sum += count);
        }
        sums
    });
    assert!(seen.iter().all(|count| *count > 0), "only one version was seen: {seen:?}");
    // By key, wherever the operation stood in the version that answered.
    let counted = server.service.counts();
    let of = |key: &str| counted.operations.iter().find(|(known, _)| **known == *key).map(|(_, calls)| *calls);
    assert_eq!(["shown", "made", "checked"].map(of), calls.map(Some));
    assert_eq!(counted.calls, calls.iter().sum::<u64>());
    // The numbers of the calls go on in each session: the next one of an operation has that of all so far, and one.
    let next = |session: &str| {
        server.ask(&format!("GET /shown\nStandin-Session: {session}"));
        let last = server.service.journal().snapshot().last().cloned().expect("it is kept");
        last.decision.as_ref().expect("it is decided").call
    };
    assert_eq!(next("s0") + next("s1"), calls[0] + 2);
    let left = server.stop();
    assert_eq!(left.summary.unanswered, 0);
}

#[test]
fn rules_and_operations_count_on_where_they_were() {
    let server = server();
    let contracts = versions();
    let told = |session: &str| {
        let head = format!("POST /checked?told=1\nStandin-Session: {session}\nContent-Type: application/json");
        let answer = server.ask_with(&head, "{}");
        (answer.status.as_u16(), server.service.journal().snapshot().last().cloned().expect("it is kept"))
    };
    let call = |told: &(u16, Arc<standin::traffic::Exchange>)| told.1.decision.as_ref().map(|decision| decision.call);
    assert_eq!(told("a").0, 422);
    assert_eq!(told("b").0, 422);
    server.service.swap(mock(&contracts[1]));
    // An operation that the first version did not have, in a session that was there before.
    for number in 1..=3 {
        assert_eq!(server.ask("GET /more\nStandin-Session: a").status, 204);
        let last = server.service.journal().snapshot().last().cloned().expect("it is kept");
        assert_eq!(last.decision.as_ref().map(|decision| decision.call), Some(number));
    }
    let second = told("a");
    assert_eq!((second.0, call(&second)), (422, Some(2)));
    server.service.swap(mock(&contracts[0]));
    let third = told("a");
    assert_eq!((third.0, call(&third)), (418, Some(3)), "the third call that the rule decides, over three versions");
    assert_eq!(told("b").0, 422, "of another session it is the second");
    // What is not in the document any more is still counted, behind what is.
    let counted: Vec<_> =
        server.service.counts().operations.iter().map(|(key, calls)| format!("{key} {calls}")).collect();
    assert_eq!(counted, ["shown 0", "made 0", "checked 5", "more 3"]);
    assert_eq!(server.ask("GET /more").status, 404);
    server.service.swap(mock(&contracts[1]));
    server.ask("GET /more\nStandin-Session: a");
    let last = server.service.journal().snapshot().last().cloned().expect("it is kept");
    assert_eq!(last.decision.as_ref().map(|decision| decision.call), Some(4), "it came back, and counts on");
}

#[test]
fn what_a_new_version_calls_a_secret_is_none_in_what_is_shown() {
    let secret = "0123456789abcdef";
    let text = |key: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: a, version: a}}\npaths: {{/a: {{get: {{operationId: a, security: [{{k: []}}], responses: {{'204': {{description: a}}}}}}}}}}\ncomponents: {{securitySchemes: {{k: {{type: apiKey, in: header, name: {key}}}}}}}\n"
        )
    };
    let server = Setup::new().start();
    let shown = |server: &Server| {
        let answer = server.ask(&format!("GET /a\nX-Odd: {secret}"));
        let at = answer
            .header("standin-exchange")
            .and_then(|at| at.split_once("/_standin/"))
            .expect("an address")
            .1
            .to_owned();
        server.ask(&format!("GET /_standin/{at}")).text().to_owned()
    };
    assert!(shown(&server).contains(secret), "nothing says that it is one");
    let text = text("X-Odd");
    let retrieve = move |_: &str| Ok(text.clone());
    let documents = standin::document::Documents::load("a.yaml", &retrieve).documents.expect("a document");
    let contract = Contract::load(Arc::new(documents), &standin::contract::BasePath::Document).0.expect("a contract");
    server.service.swap(Mock::new(Arc::new(contract), Options::default(), Vec::new(), Vec::new()).0);
    assert!(!shown(&server).contains(secret));
}
