//! Heads, lengths, connections: what RFC 9112 asks of a server.

use std::time::Duration;

use standin::server::{Clock, SystemClock};

use super::harness::{Server, Setup};

const MINE: &str = "/api/v1/invitations/me";

fn get(server: &Server, more: &str) -> String {
    format!("GET {MINE} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer x\r\n{more}\r\n", server.port())
}

/// What comes of raw bytes; the connection is closed after one answer.
fn refused(server: &Server, bytes: &str) -> u16 {
    let mut client = server.connect();
    client.send(bytes);
    let answer = client.answer();
    assert_eq!(client.rest(), b"", "closed after {bytes:?}");
    answer.status.as_u16()
}

#[test]
fn a_connection_is_kept_and_requests_may_be_pipelined() {
    let server = Setup::new().start();
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(&get(&server, ""));
        assert_eq!(client.answer().status, 200);
    }
    client.send(&get(&server, "").repeat(5));
    for call in 4..=8 {
        let answer = client.answer();
        assert_eq!(answer.status, 200);
        assert!(answer.header("standin-exchange").unwrap().ends_with(&format!("/exchanges/{call}")));
    }
    client.send(&get(&server, "Connection: close\r\n"));
    assert_eq!(client.answer().header("connection"), Some("close"));
    assert_eq!(client.rest(), b"");
    assert_eq!(server.stop().summary.calls, 9);
}

#[test]
fn a_pipelined_answer_does_not_wait_for_the_next_one() {
    let server = Setup::new().start();
    let mut client = server.connect();
    client.send(&get(&server, ""));
    client.send(&get(&server, "Prefer: delay=60s\r\n"));
    assert_eq!(client.answer().status, 200);
}

#[test]
fn head_has_the_length_of_get_and_no_content() {
    let server = Setup::new().start();
    let whole = server.ask(&format!("GET {MINE}\nAuthorization: Bearer x"));
    let head = server.ask(&format!("HEAD {MINE}\nAuthorization: Bearer x"));
    assert_eq!((whole.status, head.status), (200.try_into().unwrap(), 200.try_into().unwrap()));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
    assert_eq!(head.header("content-length"), Some(&*whole.body.len().to_string()));
    // On a connection that is kept, too: a byte of content would be taken for the next answer.
    let mut client = server.connect();
    client.send(&get(&server, "").replacen("GET", "HEAD", 1));
    client.send(&get(&server, ""));
    assert_eq!(client.answer_to("HEAD").status, 200);
    assert_eq!(client.answer().body, whole.body);
}

#[test]
fn a_request_has_one_host() {
    let server = Setup::new().start();
    for (fields, detail) in [
        ("", "no `Host` field"),
        ("Host: localhost\r\nHost: localhost\r\n", "more than one `Host` field"),
        ("Host: a\r\nHost: b\r\n", "more than one `Host` field"),
        ("Host: a b\r\n", "the `Host` field does not name a host"),
        ("Host: \r\n", "the `Host` field does not name a host"),
        ("Host: a/b\r\n", "the `Host` field does not name a host"),
        ("Host: user@a\r\n", "the `Host` field does not name a host"),
    ] {
        let mut client = server.connect();
        client.send(&format!("GET {MINE} HTTP/1.1\r\n{fields}\r\n"));
        let answer = client.answer();
        assert_eq!((answer.status.as_u16(), &*answer.detail()), (400, detail), "{fields:?}");
        assert_eq!(answer.header("standin-why"), Some("limits"));
    }
    // HTTP/1.0 knew no Host.
    let mut client = server.connect();
    client.send(&format!("GET {MINE} HTTP/1.0\r\nAuthorization: Bearer x\r\n\r\n"));
    let answer = client.answer();
    assert_eq!(answer.status, 200);
    let own = format!("http://localhost:{}/_standin/exchanges/", server.port());
    assert!(answer.header("standin-exchange").unwrap().starts_with(&own));
    assert_eq!(client.rest(), b"");
    assert_eq!(server.stop().summary.refused, 7);
}

#[test]
fn both_lengths_are_refused_and_the_connection_closed() {
    let server = Setup::new().start();
    for lengths in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "transfer-encoding:chunked\r\nx-other: 1\r\ncontent-length:0\r\n",
    ] {
        let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let request = format!("POST /a HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n{smuggled}");
        assert_eq!(refused(&server, &request), 400, "{lengths:?}");
        // In pieces, and not as the first request of a connection.
        let mut client = server.connect();
        client.send(&get(&server, ""));
        assert_eq!(client.answer().status, 200);
        let (first, second) = request.split_at(60);
        client.send(first);
        std::thread::sleep(Duration::from_millis(20));
        client.send(second);
        assert_eq!(client.answer().detail(), "both `Content-Length` and `Transfer-Encoding`");
        assert_eq!(client.rest(), b"");
    }
    let left = server.stop();
    assert!(!left.log.contains("smuggled"), "{}", left.log);
}

#[test]
fn lengths_that_mean_nothing_are_refused() {
    let server = Setup::new().start();
    for lengths in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: 3x\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
    ] {
        let status = refused(&server, &format!("POST /a HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\nabc"));
        assert!((400..=413).contains(&status), "{lengths:?}: {status}");
    }
    let coded = "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(&server, coded), 501);
    let twice = "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(&server, twice), 501);
}

#[test]
fn chunks_are_read_and_malformed_ones_are_refused() {
    let server = Setup::new().start();
    let head = format!(
        "POST /api/v1/org/acme/invitations HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer x\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.port()
    );
    let body = r#"{"email":"ada@example.com","role":"reader"}"#;
    let (first, second) = body.split_at(11);
    let mut client = server.connect();
    client.send(&format!(
        "{head}{:x};a=b\r\n{first}\r\n{:X}\r\n{second}\r\n0\r\nX-Trailer: 1\r\n\r\n",
        first.len(),
        second.len()
    ));
    let answer = client.answer();
    assert_eq!(answer.status, 200, "{}", answer.text());
    client.send(&format!("{head}zz\r\nabc\r\n0\r\n\r\n"));
    let answer = client.answer();
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (400, "the chunks of the content are malformed"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_target_may_be_absolute() {
    let server = Setup::new().start();
    let mut client = server.connect();
    let port = server.port();
    client.send(&format!(
        "GET http://t1.localhost:{port}{MINE}?page_size=3 HTTP/1.1\r\nHost: elsewhere\r\nAuthorization: Bearer x\r\n\r\n"
    ));
    let answer = client.answer();
    assert_eq!(answer.status, 200);
    // The target's authority counts, not the field (RFC 9112 §3.2.2).
    let expected = format!("http://t1.localhost:{port}/_standin/exchanges/1");
    assert_eq!(answer.header("standin-exchange"), Some(&*expected));
    client.send("GET http://localhost?a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.answer().status, 404);
    let log = server.stop().log;
    assert!(log.contains(&format!("GET {MINE}?page_size=3 ")), "{log}");
    assert!(log.contains("[t1]"), "the label is of the target, too: {log}");
    assert!(log.contains("GET /?a "), "{log}");
}

#[test]
fn the_server_as_a_whole_has_options() {
    let server = Setup::new().start();
    let mut client = server.connect();
    client.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answer = client.answer();
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("allow"), Some("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"));
    assert_eq!(refused(&server, "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400);
    assert_eq!(refused(&server, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"), 501);
}

#[test]
fn what_is_no_http_is_counted_and_refused() {
    let mut setup = Setup::new();
    setup.format = standin::server::Format::Off;
    let server = setup.start();
    let nonsense = [
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded: 1\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    for bytes in nonsense {
        let status = refused(&server, bytes);
        assert!(status == 400 || status == 505, "{bytes:?}: {status}");
    }
    // And it goes on.
    assert_eq!(server.ask(&format!("GET {MINE}\nAuthorization: Bearer x")).status, 200);
    let left = server.stop();
    assert!(left.summary.malformed >= 6, "{:?}", left.summary);
    assert_eq!(left.summary.malformed + left.summary.refused, nonsense.len() as u64);
    assert_eq!(left.summary.calls, 1 + left.summary.refused);
}

#[test]
fn odd_targets_are_answered() {
    let server = Setup::new().start();
    for target in [
        "/%",
        "/%zz/%00",
        "/api/v1/org/%ff%fe/members",
        "//",
        "/../..",
        "/?%",
        "/a?b=%&&&=",
        "/api/v1/org/%2F/members",
        "/a#b",
    ] {
        let answer = server.ask(&format!("GET {target}\nAuthorization: Bearer x"));
        assert!(answer.status.as_u16() < 500, "{target}: {}", answer.status);
    }
}

#[test]
fn a_client_may_close_its_side_once_it_has_asked() {
    let server = Setup::new().start();
    let body = r#"{"email":"ada@example.com","role":"reader"}"#;
    let post = get(&server, "Content-Type: application/json\r\n").replacen("GET", "POST", 1);
    let post = post.replacen(MINE, "/api/v1/org/acme/invitations", 1);
    let with = |field: &str, content: &str| post.replacen("\r\n\r\n", &format!("\r\n{field}\r\n\r\n{content}"), 1);
    let (first, second) = body.split_at(11);
    let requests = [
        get(&server, ""),
        get(&server, "Connection: close\r\n"),
        with(&format!("Content-Length: {}", body.len()), body),
        with("Transfer-Encoding: chunked", &format!("b\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", second.len())),
    ];
    let clock = SystemClock::new();
    let began = clock.now();
    for request in requests.iter().cycle().take(60) {
        let mut client = server.connect();
        client.send(request);
        client.finish();
        let answer = client.answer();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(client.rest(), b"");
    }
    // None of them was kept waiting for its end.
    let took = clock.now().since(began);
    assert!(took < Duration::from_secs(2), "{took:?}");
    let mut client = server.connect();
    client.send(&get(&server, "").repeat(3));
    client.send(&requests[2]);
    client.finish();
    for _ in 0..4 {
        assert_eq!(client.answer().status, 200);
    }
    assert_eq!(client.rest(), b"");
}

#[test]
fn content_is_asked_for_only_if_it_will_be_read() {
    let server = Setup::new().start();
    let mut client = server.connect();
    let body = r#"{"email":"ada@example.com","role":"reader"}"#;
    let head = |length: usize| {
        format!(
            "POST /api/v1/org/acme/invitations HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer x\r\n\
             Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n",
            server.port()
        )
    };
    client.send(&head(body.len()));
    assert_eq!(client.answer().status, 100);
    client.send(body);
    assert_eq!(client.answer().status, 200);
    client.send(&head(11 << 20));
    assert_eq!(client.answer().status, 413);
    assert_eq!(client.rest(), b"");
}
