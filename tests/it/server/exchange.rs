//! What the server adds to an answer, and what it takes out.

use std::fmt::Write as _;

use standin::message::Moment;
use standin::mock::Options;
use standin::server::ManualClock;

use super::harness::{Server, Setup};

const MINE: &str = "GET /api/v1/invitations/me\nAuthorization: Bearer x";

#[test]
fn every_answer_says_where_its_exchange_is_told() {
    let server = Setup::new().start();
    let port = server.port();
    for (id, (host, expected)) in [
        (format!("localhost:{port}"), format!("localhost:{port}")),
        (format!("T1.localhost:{port}"), format!("T1.localhost:{port}")),
        ("mock.internal".to_owned(), "mock.internal".to_owned()),
        (format!("[::1]:{port}"), format!("[::1]:{port}")),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = server.ask(&format!("{MINE}\nHost: {host}"));
        let expected = format!("http://{expected}/_standin/exchanges/{}", id + 1);
        assert_eq!(answer.header("standin-exchange"), Some(&*expected));
    }
    // Errors too, and those of the server itself.
    assert!(server.ask("GET /nothing").header("standin-exchange").is_some());
    assert!(server.ask(&format!("GET /{}", "a".repeat(17_000))).header("standin-exchange").is_some());
}

#[test]
fn plain_answers_have_no_field_of_ours() {
    let mut setup = Setup::new();
    setup.options = Options { plain: true, ..Options::default() };
    let server = setup.start();
    for head in [MINE.to_owned(), "GET /nothing".to_owned(), format!("GET /{}", "a".repeat(17_000))] {
        let answer = server.ask(&format!("{head}\nOrigin: http://app.test"));
        let text = format!("{:?}", answer.headers);
        assert!(!text.contains("standin"), "{text}");
    }
}

#[test]
fn pages_of_other_origins_may_read_the_address_of_the_exchange() {
    let server = Setup::new().start();
    for head in [MINE, "GET /nothing", "GET /api/v1/invitations/me"] {
        let answer = server.ask(&format!("{head}\nOrigin: http://app.test"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://app.test"));
        let exposed: Vec<_> = answer.header("access-control-expose-headers").unwrap().split(", ").collect();
        for (name, _) in &answer.headers {
            let name = name.as_str();
            // What is between caches and servers says nothing to a script.
            let is_for_scripts = !name.starts_with("access-control-") && !matches!(name, "connection" | "vary");
            assert!(!is_for_scripts || exposed.contains(&name), "{head}: {name} is not in {exposed:?}");
        }
    }
    let preflight = "OPTIONS /api/v1/invitations/me\nOrigin: http://app.test\nAccess-Control-Request-Method: GET";
    assert_eq!(server.ask(preflight).status, 204);
}

#[test]
fn lengths_are_told_by_the_server_alone() {
    // A document that promises wrong lengths and codings, and content where there is none.
    let server = Setup { document: "tests/it/server/odd.yaml".to_owned(), ..Setup::new() }.start();
    let mut client = server.connect();
    for _ in 0..2 {
        for (path, status) in [("/length", 200), ("/coding", 200), ("/nothing", 204), ("/reset", 205)] {
            let mut head = String::new();
            write!(head, "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port()).unwrap();
            client.send(&head);
            let answer = client.answer();
            assert_eq!(answer.status, status, "{path}: {}", String::from_utf8_lossy(&answer.body));
            assert!(answer.header("transfer-encoding").is_none());
            assert_eq!(answer.body.is_empty(), matches!(status, 204 | 205), "{path}");
        }
    }
}

#[test]
fn a_delay_is_kept_to_by_the_servers_clock() {
    let clock = ManualClock::at(Moment { wall_ns: 0, mono_ns: 0 });
    let server = Setup::new().clock(clock.clone()).start();
    let mut client = server.connect();
    client.send(&format!(
        "GET /api/v1/invitations/me HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer x\r\nPrefer: delay=1h\r\n\r\n",
        server.port()
    ));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(clock.until_waited_for(1));
    clock.advance(std::time::Duration::from_secs(3600));
    let answer = client.answer();
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (200, Some("delay=1h")));
    let told = server.ask("GET /_standin/exchanges/1").json();
    assert_eq!(told["took_ns"], 3_600_000_000_000_u64);
}

#[test]
fn numbers_go_up_from_one_and_are_never_given_twice() {
    let server = Setup::new().start();
    let ask = |server: &Server| {
        let mut client = server.connect();
        let head = format!("GET /nothing HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port());
        std::thread::spawn(move || {
            let mut ids = Vec::new();
            for _ in 0..25 {
                client.send(&head);
                let answer = client.answer();
                let address = answer.header("standin-exchange").unwrap();
                ids.push(address.rsplit('/').next().unwrap().parse::<u64>().unwrap());
            }
            ids
        })
    };
    let threads: Vec<_> = (0..4).map(|_| ask(&server)).collect();
    let mut ids: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=100).collect::<Vec<_>>());
}
