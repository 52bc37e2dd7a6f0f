//! Exchanges told as they end: server-sent events.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use standin::message::Moment;
use standin::server::ManualClock;
use standin::traffic::Limits;

use super::harness::{Client, Server, Setup, eventually};

const LIST: &str = "GET /api/v1/invitations/me\nAuthorization: Bearer x";
const INVITE: &str =
    "POST /api/v1/org/acme/invitations?token=hunter2\nAuthorization: Bearer hunter2\nContent-Type: application/json";

/// One event: its fields, comments left out.
#[derive(Debug, Default, PartialEq)]
struct Event {
    kind: String,
    id: String,
    told: Value,
}

/// Somebody who listens.
struct Listener {
    client: Client,
    text: String,
}

impl Listener {
    fn new(server: &Server, head: &str) -> Listener {
        Listener::over(server.connect(), server, head)
    }

    fn over(mut client: Client, server: &Server, head: &str) -> Listener {
        let (first, fields) = head.split_once('\n').unwrap_or((head, "X-None: 1"));
        let fields = fields.replace('\n', "\r\n");
        client.send(&format!("{first} HTTP/1.1\r\nHost: localhost:{}\r\n{fields}\r\n\r\n", server.port()));
        let head = client.head();
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
        assert!(head.contains("cache-control: no-store") && !head.contains("access-control"), "{head}");
        Listener { client, text: String::new() }
    }

    /// What comes up to the next empty line; nothing at the end.
    fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = self.client.chunk().filter(|chunk| !chunk.is_empty())?;
            self.text.push_str(&String::from_utf8(chunk).unwrap());
        }
    }

    fn event(&mut self) -> Option<Event> {
        loop {
            let mut event = Event::default();
            for line in self.block()?.lines() {
                match line.split_once(": ") {
                    Some(("event", kind)) => event.kind = kind.to_owned(),
                    Some(("id", id)) => event.id = id.to_owned(),
                    Some(("data", told)) => event.told = serde_json::from_str(told).unwrap(),
                    _ => {}
                }
            }
            if !event.kind.is_empty() {
                return Some(event);
            }
        }
    }

    fn exchange(&mut self) -> (u64, String) {
        let event = self.event().expect("an event");
        assert_eq!(event.kind, "exchange");
        (event.told["id"].as_u64().unwrap(), event.id)
    }
}

fn kept(exchanges: usize) -> Setup {
    let mut setup = Setup::new();
    setup.limits.journal = Limits { exchanges, ..Limits::default() };
    setup
}

/// `curl -N`, which shows what comes as it comes.
struct Curl(Child);

impl Curl {
    fn start(arguments: &[&str]) -> (Curl, BufReader<impl Read + use<>>) {
        let mut command = Command::new("curl");
        let mut child = command.arg("-sN").args(arguments).stdout(Stdio::piped()).spawn().expect("curl");
        let out = BufReader::new(child.stdout.take().unwrap());
        (Curl(child), out)
    }
}

impl Drop for Curl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn curl_shows_each_exchange_as_it_ends_and_no_secret() {
    let server = Setup::new().start();
    server.ask(LIST);
    let url = format!("http://localhost:{}/_standin/exchanges?operation=invite_to_organization", server.port());
    let (_curl, mut out) = Curl::start(&["-H", "Accept: text/event-stream", &url]);
    let mut lines = String::new();
    let mut until = |part: &str| {
        while !lines.contains(part) {
            assert!(out.read_line(&mut lines).unwrap() > 0, "no {part} in {lines}");
        }
        lines.clone()
    };
    until("retry: 1000\n\n");
    server.ask(LIST);
    server.ask_with(INVITE, r#"{"email":"hunter2","role":"admin"}"#);
    let told = until("event: exchange\nid: 3-");
    assert!(!told.contains("list_my_pending_invitations"), "{told}");
    let told = until("}\n\n");
    assert!(told.contains("\"status\":422") && !told.contains("hunter2"), "{told}");
    server.ask_with(INVITE, r#"{"email":"ada@example.com","role":"contributor"}"#);
    let told = until("event: exchange\nid: 4-");
    assert_eq!(told.matches("event: exchange").count(), 2);
}

#[test]
fn who_comes_back_goes_on_where_it_was_and_is_told_what_was_forgotten() {
    let server = kept(3).start();
    let mut listener = Listener::new(&server, "GET /_standin/exchanges/tail");
    server.ask(LIST);
    let (first, after_first) = listener.exchange();
    assert_eq!(first, 1);
    drop(listener);
    (0..3).for_each(|_| _ = server.ask(LIST));
    let again = |last: &str| Listener::new(&server, &format!("GET /_standin/exchanges/tail\nLast-Event-ID: {last}"));
    let mut listener = again(&after_first);
    assert_eq!([listener.exchange().0, listener.exchange().0, listener.exchange().0], [2, 3, 4]);
    (0..2).for_each(|_| _ = server.ask(LIST));
    let mut listener = again(&after_first);
    let forgotten = listener.event().unwrap();
    assert_eq!((&*forgotten.kind, forgotten.told), ("forgotten", json!({ "forgotten": 2 })));
    let (id, last) = listener.exchange();
    assert_eq!(id, 4);
    // It goes on with what happens while it listens.
    assert_eq!([listener.exchange().0, listener.exchange().0], [5, 6]);
    server.ask(LIST);
    assert_eq!(listener.exchange().0, 7);
    assert_eq!([again(&last).exchange().0], [5]);
    // A place of another run means nothing in this one, and neither does nonsense.
    for other in ["1-00000000", "4000000-0", "x", "-"] {
        let mut listener = again(other);
        assert_eq!(listener.event().unwrap().kind, "restarted");
        assert_eq!([listener.exchange().0, listener.exchange().0, listener.exchange().0], [5, 6, 7]);
    }
    // From a number on.
    assert_eq!(Listener::new(&server, "GET /_standin/exchanges/tail?since=6").exchange().0, 7);
    let mut listener = Listener::new(&server, "GET /_standin/exchanges/tail?since=2&limit=2");
    assert_eq!(listener.event().unwrap().kind, "forgotten");
    assert_eq!((listener.exchange().0, listener.exchange().0, listener.event()), (5, 6, None));
}

#[test]
fn an_exchange_that_ends_late_is_told_and_not_left_out() {
    let clock = ManualClock::at(Moment { wall_ns: 0, mono_ns: 0 });
    let server = Setup::new().clock(clock.clone()).start();
    let mut listener = Listener::new(&server, "GET /_standin/exchanges/tail");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut client = server.connect();
    client.send(
        "GET /api/v1/invitations/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nPrefer: delay=1s\r\n\r\n",
    );
    runtime.block_on(clock.until_waited_for(2));
    server.ask(LIST);
    let (id, last) = listener.exchange();
    assert_eq!(id, 2);
    clock.advance(Duration::from_secs(1));
    client.answer();
    assert_eq!(listener.exchange().0, 1);
    let mut again = Listener::new(&server, &format!("GET /_standin/exchanges/tail\nLast-Event-ID: {last}"));
    assert_eq!(again.exchange().0, 1);
    // When nothing happens, something is said, and how far it has looked.
    let mut quiet = Listener::new(&server, "GET /_standin/exchanges/tail?status=599");
    assert_eq!(quiet.block().unwrap(), "retry: 1000");
    runtime.block_on(clock.until_waited_for(3));
    clock.advance(Duration::from_secs(15));
    let said = quiet.block().unwrap();
    assert!(said.starts_with(":\nid: 2-"), "{said}");
}

/// A client with as little room as there is for what it does not read.
fn small(server: &Server) -> Client {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let address = server.addresses.iter().find(|address| address.is_ipv4()).expect("IPv4");
    socket.connect(&(*address).into()).unwrap();
    Client::over(TcpStream::from(socket))
}

#[test]
fn a_slow_reader_holds_nobody_up_and_is_told_what_it_missed() {
    const CALLS: u64 = 3_000;
    let server = kept(10).start();
    let mut slow = Listener::over(small(&server), &server, "GET /_standin/exchanges/tail");
    let mut client = server.connect();
    let path = "x".repeat(7_000);
    for _ in 0..CALLS {
        client.send(&format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert_eq!(client.answer().status, 404);
    }
    let (mut seen, mut forgotten, mut last) = (0, 0, 0);
    while seen + forgotten < CALLS {
        let event = slow.event().expect("an event");
        match &*event.kind {
            "exchange" => {
                let id = event.told["id"].as_u64().unwrap();
                assert!(id > last, "in order");
                (seen, last) = (seen + 1, id);
            }
            _ => forgotten += event.told["forgotten"].as_u64().unwrap(),
        }
    }
    assert_eq!((seen + forgotten, last), (CALLS, CALLS));
    assert!(forgotten > 0, "it was too fast for this test: {seen}");
}

#[test]
fn so_many_may_listen_and_who_is_gone_makes_room() {
    let server = Setup::new().start();
    let mut listeners: Vec<Listener> =
        (0..32).map(|_| Listener::new(&server, "GET /_standin/exchanges/tail")).collect();
    let refused = server.ask("GET /_standin/exchanges/tail");
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (503, Some("1")));
    assert_eq!(refused.detail(), "32 listen already, and no more may: end one of them");
    assert_eq!(server.ask("HEAD /_standin/exchanges/tail").status, 200);
    server.ask(LIST);
    for listener in &mut listeners {
        assert_eq!(listener.exchange().0, 1);
    }
    // One is closed by the client, without a word; nothing happens that would be told it.
    listeners.pop();
    eventually("room", || {
        Some(()).filter(|()| server.ask("GET /_standin/exchanges/tail?since=0&limit=1").status == 200)
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this is about how long the end takes")]
fn the_end_is_told_and_waits_for_nobody_who_listens() {
    let mut setup = Setup::new();
    setup.limits.drain = Duration::from_secs(60);
    let mut server = setup.start();
    let mut reading = Listener::new(&server, "GET /_standin/exchanges/tail");
    let _stuck = Listener::over(small(&server), &server, "GET /_standin/exchanges/tail");
    let mut client = server.connect();
    let path = "x".repeat(7_000);
    for _ in 0..900 {
        client.send(&format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        client.answer();
        reading.exchange();
    }
    drop(client);
    let began = Instant::now();
    server.tell_to_stop();
    assert_eq!((reading.block().as_deref(), reading.block()), (Some(": the server stops"), None));
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
