//! What arrives is bounded: in size, in time, in number.

use std::io::{Read, Write};
use std::time::Duration;

use standin::server::Limits;

use super::harness::{Server, Setup};

fn post(server: &Server, fields: &str) -> String {
    format!(
        "POST /api/v1/org/acme/invitations HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer x\r\n\
         Content-Type: application/json\r\n{fields}\r\n",
        server.port()
    )
}

fn with(limits: Limits) -> Server {
    Setup { limits, ..Setup::new() }.start()
}

#[test]
fn content_beyond_the_limit_is_413_at_once_when_its_length_is_told() {
    let server = with(Limits { body: 1000, ..Limits::default() });
    let mut client = server.connect();
    client.send(&post(&server, "Content-Length: 1001\r\nOrigin: http://app.test\r\n"));
    let answer = client.answer();
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (413, "the content is larger than 1000 bytes"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://app.test"));
    assert!(answer.header("access-control-expose-headers").unwrap().ends_with(", standin-exchange"));
    assert_eq!(client.rest(), b"", "nothing else can follow on this connection");
}

#[test]
fn content_beyond_the_limit_is_413_and_the_answer_arrives_though_the_client_is_still_sending() {
    let server = with(Limits { body: 100_000, ..Limits::default() });
    for fields in ["Transfer-Encoding: chunked\r\n", "Content-Length: 8000000\r\n"] {
        let mut client = server.connect();
        client.send(&post(&server, fields));
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        for _ in 0..400 {
            client.send(&chunk);
        }
        assert_eq!(client.answer().status, 413);
    }
    assert_eq!(server.stop().summary.statuses, [(413, 2)]);
}

#[test]
fn a_refused_client_may_go_on_sending_and_is_not_cut_off() {
    let server = with(Limits { linger_time: Duration::from_secs(20), ..Limits::default() });
    let mut client = server.connect();
    client.send(&post(&server, "Content-Length: 80000000\r\n"));
    assert_eq!(client.answer().status, 413);
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(10));
        client.try_send(&"x".repeat(100_000)).expect("nobody hung up");
    }
}

#[test]
fn a_first_piece_beyond_the_limit_ends_the_connection_at_once() {
    let server = with(Limits { body: 10, ..Limits::default() });
    let mut client = server.connect();
    // The server has it with the head, and nothing else comes that would wake it.
    client.send(&format!("{}14\r\n{}\r\n", post(&server, "Transfer-Encoding: chunked\r\n"), "x".repeat(20)));
    assert_eq!(client.answer().status, 413);
    client.finish();
    assert_eq!(client.rest(), b"");
}

#[test]
fn content_up_to_the_limit_is_read() {
    let server = with(Limits { body: 1000, ..Limits::default() });
    let mut client = server.connect();
    let body = format!("{:<1000}", r#"{"email":"ada@example.com","role":"reader"}"#);
    client.send(&post(&server, "Content-Length: 1000\r\n"));
    client.send(&body);
    assert_eq!(client.answer().status, 200);
    client.send(&post(&server, "Transfer-Encoding: chunked\r\n"));
    client.send(&format!("3e8\r\n{body}\r\n0\r\n\r\n"));
    assert_eq!(client.answer().status, 200);
    client.send(&post(&server, "Transfer-Encoding: chunked\r\n"));
    client.send(&format!("3e8\r\n{body}\r\n1\r\n \r\n0\r\n\r\n"));
    assert_eq!(client.answer().status, 413);
}

#[test]
fn a_head_beyond_the_limit_is_431() {
    let server = Setup::new().start();
    let mut client = server.connect();
    client.send(&post(&server, &format!("X-Long: {}\r\n", "x".repeat(140_000))));
    assert_eq!(client.answer().status, 431);
    assert_eq!(client.rest(), b"");
    // One that never ends is not waited for.
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\n");
    for _ in 0..140 {
        client.send(&format!("X-Long: {}\r\n", "x".repeat(1000)));
    }
    assert_eq!(client.answer().status, 431);
    let mut client = server.connect();
    client.send(&post(&server, &"X: 1\r\n".repeat(200)));
    assert_eq!(client.answer().status, 431);
    let left = server.stop();
    assert_eq!((left.summary.malformed, left.summary.calls), (3, 0));
}

#[test]
fn a_long_target_is_414_and_one_below_the_limit_is_routed() {
    let server = Setup::new().start();
    for (length, status) in [(63_000, 404), (64_500, 414), (70_000, 414), (120_000, 414)] {
        assert_eq!(server.ask(&format!("GET /{}", "a".repeat(length))).status, status, "{length}");
    }
}

#[test]
fn a_slow_body_is_408() {
    let server = with(Limits { body_time: Duration::from_millis(50), ..Limits::default() });
    let mut client = server.connect();
    client.send(&post(&server, "Content-Length: 43\r\n"));
    client.send("{");
    let answer = client.answer();
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (408, "the content was not whole after 0.05 s"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_slow_head_ends_the_connection() {
    let server = with(Limits { head_time: Duration::from_millis(50), ..Limits::default() });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\n");
    client.rest();
    // Also one that never begins.
    assert_eq!(server.connect().rest(), b"");
    let summary = server.stop().summary;
    assert_eq!(summary.calls, 0);
}

#[test]
fn more_connections_than_the_limit_wait_their_turn() {
    let server = with(Limits { connections: 2, ..Limits::default() });
    let asked = format!("GET /nothing HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port());
    let mut clients: Vec<_> = (0..2).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(&asked);
        assert_eq!(client.answer().status, 404);
    }
    let mut third = server.connect();
    third.send(&asked);
    drop(clients);
    assert_eq!(third.answer().status, 404);
}

#[test]
fn a_client_that_leaves_half_way_is_told_of() {
    let server = Setup::new().start();
    let mut client = server.connect();
    client.send(&post(&server, "Content-Length: 43\r\n"));
    client.send("{");
    drop(client);
    let log = server.log_of(2);
    assert!(log.contains("cut") && log.contains("the client left before its content was whole"), "{log}");
    let summary = server.stop().summary;
    assert_eq!((summary.calls, summary.unanswered), (1, 1));
}

#[test]
fn a_client_that_does_not_read_is_given_up() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-large.yaml", std::process::id()));
    let large = format!(
        "openapi: 3.1.1\ninfo: {{ title: Large, version: '1' }}\npaths:\n  /large:\n    get:\n      responses:\n        '200':\n          \
         description: Much.\n          content: {{ text/plain: {{ example: {} }} }}\n",
        "x".repeat(100_000)
    );
    std::fs::write(&path, large).unwrap();
    let server = Setup {
        limits: Limits { stall_time: Duration::from_millis(50), ..Limits::default() },
        document: path.to_string_lossy().into_owned(),
        ..Setup::new()
    }
    .start();
    std::fs::remove_file(&path).unwrap();
    let mut client = server.connect();
    let head = format!("GET /large HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port());
    // More than the buffers of both sides hold, and nobody reads.
    client.send(&head.repeat(200));
    std::thread::sleep(Duration::from_millis(500));
    let read = client.rest().len();
    assert!(read < 200 * 100_000, "{read} bytes: all of it");
    assert!(read > 0);
}

#[test]
fn a_client_that_reads_slowly_gets_all_of_it() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-slow.yaml", std::process::id()));
    let large = format!(
        "openapi: 3.1.1\ninfo: {{ title: Large, version: '1' }}\npaths:\n  /large:\n    get:\n      responses:\n        '200':\n          \
         description: Much.\n          content: {{ text/plain: {{ example: {} }} }}\n",
        "x".repeat(15_000_000)
    );
    std::fs::write(&path, large).unwrap();
    let server = Setup {
        limits: Limits { head_time: Duration::from_millis(100), ..Limits::default() },
        document: path.to_string_lossy().into_owned(),
        ..Setup::new()
    }
    .start();
    std::fs::remove_file(&path).unwrap();
    for closes in [false, true] {
        let mut client = std::net::TcpStream::connect(server.addresses[0]).unwrap();
        // One answer, more than the buffers of both sides hold. While it is being read nobody waits for a head.
        write!(client, "GET /large HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port()).unwrap();
        if closes {
            client.shutdown(std::net::Shutdown::Write).unwrap();
        }
        client.read_exact(&mut [0]).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        let read = client.read_to_end(&mut Vec::new()).unwrap();
        assert!(read > 15_000_000, "{read} bytes: not all of it");
    }
}

#[test]
fn a_client_that_speaks_tls_is_told_how_not_to() {
    let server = Setup::new().start();
    let mut client = server.connect();
    client.send("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\r\n\r\n");
    assert_eq!(client.answer().status, 400);
    let log = server.log_of(1);
    assert!(log.contains("it looks like TLS: the address begins with http://, not https://"), "{log}");
}
