//! A chaos run is given again by its printed line: what a client gets is a function of the seed and of the calls, whoever calls beside it.
//!
//! The command that runs beside the mock is this very test binary, told to be a client. It has many sessions call at once, in another
//! order and with other waits each time, writes down every byte that it got, and fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use super::{Ran, exec_in};
use crate::program::Folder;
use crate::serving::Serving;

const CHAOS: &str = r#"scenario: chaos
summary: A bit of everything that can go wrong.
strict: false
on:
  invite_to_organization:
    - rate: { limit: 9, per: 1h, kind: window }
    - { chance: 20%, reply: { fault: reset, delay: 0ms..12ms } }
    - calls:
        2: 409
        4-5: { status: 502, delay: 1ms..9ms }
        7: { fault: { truncate: 41.5% } }
  get_org:
    - rate: { limit: 12, per: 30m, burst: 14, by: header.x-key }
    - { chance: 15%, reply: { fault: { truncate: 37% }, delay: { median: 2ms, p99: 15ms } } }
    - { chance: 15%, reply: { fault: empty } }
    - chance: 50%
      reply:
        status: 404
        template: '{"code": 404, "type": "{{ pick("gone", "never", "moved") }}", "detail": "{{ uuid() }} {{ email() }} {{ now }} {{ call }} {{ session }}"}'
        headers: { Retry-After: '{{ int(1, 30) }}', X-Drawn: '{{ company() }}' }
  "*":
    - { chance: 12%, reply: { status: 503, delay: 0ms..10ms } }
    - { chance: 10%, reply: { fault: reset } }
    - { chance: 30%, reply: { fault: { truncate: 63% }, delay: 0ms..10ms } }
"#;

/// Sessions with one client each, whose calls are in order.
const ALONE: usize = 6;
/// Sessions in which several clients make the same calls at once: which of them makes the third one is theirs to find out.
const SHARED: usize = 3;
const CLIENTS: usize = 4;
const CALLS: usize = 18;

/// What a client asks for, and for which operation.
fn request(turn: usize) -> (&'static str, &'static str, &'static str, &'static str) {
    match turn % 4 {
        0 => (
            "invite_to_organization",
            "POST",
            "/api/v1/org/acme/invitations",
            r#"{"email":"ada@example.com","role":"reader"}"#,
        ),
        1 => ("get_org", "GET", "/api/v1/org/acme", ""),
        2 => ("list_organization_invitations", "GET", "/api/v1/org/acme/invitations", ""),
        _ => ("list_members", "GET", "/api/v1/org/acme/members", ""),
    }
}

/// All that comes on a connection for one request, and how it ended. One that is to be kept ends with its answer.
fn received(stream: &mut TcpStream, kept: bool) -> (Vec<u8>, &'static str) {
    let mut bytes = Vec::new();
    let mut room = [0; 16 << 10];
    loop {
        if kept && is_whole(&bytes) {
            return (bytes, "kept");
        }
        match stream.read(&mut room) {
            Ok(0) => return (bytes, "closed"),
            Ok(count) => bytes.extend_from_slice(&room[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (bytes, "reset"),
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
}

/// Whether these are an answer with all of its content.
fn is_whole(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let Some((head, content)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    length.is_some_and(|length: usize| content.len() >= length)
}

/// What was got by session and operation, each answer without the fields that name the time and this run's address of the exchange.
#[derive(Default)]
struct Got(Mutex<BTreeMap<(String, &'static str), Vec<String>>>);

impl Got {
    /// Makes a call: on the connection that there is, where it is to be kept, else on one of its own.
    fn call(&self, port: u16, session: &str, turn: usize, kept: &mut Option<Option<TcpStream>>) {
        let (operation, method, target, body) = request(turn);
        let mut stream = kept.as_mut().and_then(Option::take).unwrap_or_else(|| {
            let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
            stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
            stream
        });
        let connection = if kept.is_some() { "keep-alive" } else { "close" };
        let fields = format!(
            "Host: localhost\r\nAuthorization: Bearer x\r\nX-Key: k\r\nConnection: {connection}\r\nContent-Type: application/json\r\n"
        );
        let head = format!("{method} {target} HTTP/1.1\r\n{fields}Standin-Session: {session}\r\n");
        let text = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).expect("it reads");
        let (bytes, end) = received(&mut stream, kept.is_some());
        if let (Some(kept), "kept") = (kept, end) {
            *kept = Some(stream);
        }
        let text = String::from_utf8(bytes).expect("text");
        let (head, content) = text.split_once("\r\n\r\n").unwrap_or_default();
        let mut shown = format!("{end} after {} bytes of content\n", content.len());
        for line in head.lines() {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            if name != "date" && name != "standin-exchange" {
                writeln!(shown, "{line}").expect("memory");
            }
        }
        shown.push_str(content);
        self.0.lock().expect("nobody panicked").entry((session.to_owned(), operation)).or_default().push(shown);
    }

    /// All of it as text. Where several clients were at it, their answers in the order of their texts.
    fn told(self) -> String {
        let mut told = String::new();
        for ((session, operation), mut answers) in self.0.into_inner().expect("nobody panicked") {
            if session.starts_with("shared") {
                answers.sort();
            }
            for (number, answer) in (1..).zip(answers) {
                writeln!(told, "=== {session} {operation} {number}\n{answer}").expect("memory");
            }
        }
        told
    }
}

/// Asks the admin pages for something; it has to work.
fn set(port: u16, path: &str, body: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let fields = format!(
        "Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    write!(stream, "PUT /_standin{path} HTTP/1.1\r\n{fields}\r\n\r\n{body}").expect("it reads");
    let text = String::from_utf8(received(&mut stream, false).0).expect("text");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

/// Has all clients call. The clocks of their sessions stand still: what rates say goes by them, and by nothing else then.
fn calls(port: u16, turn: usize, shared: usize) -> String {
    let got = Got::default();
    let sessions = (0..ALONE).map(|number| format!("alone-{number}"));
    let sessions: Vec<String> = sessions.chain((0..shared).map(|number| format!("shared-{number}"))).collect();
    for session in &sessions {
        set(port, &format!("/sessions/{session}/clock"), r#"{"frozen":true}"#);
    }
    std::thread::scope(|scope| {
        let got = &got;
        let mut clients: Vec<(usize, &String, usize)> = Vec::new();
        for (number, session) in sessions.iter().enumerate() {
            let count = if session.starts_with("shared") { CLIENTS } else { 1 };
            clients.extend((0..count).map(|client| (number, session, client)));
        }
        if turn.is_multiple_of(2) {
            clients.reverse();
        }
        for (number, session, client) in clients {
            let work = move || {
                // Every other client keeps its connection, for as long as nothing breaks it.
                let mut kept = number.is_multiple_of(2).then_some(None);
                for call in 0..if session.starts_with("shared") { CALLS } else { 4 * CALLS } {
                    // Each run has an order of its own.
                    std::thread::sleep(Duration::from_millis(((call + 3 * number + client) * turn % 5) as u64));
                    let backwards = session.starts_with("shared") && (client + turn).is_multiple_of(2);
                    got.call(port, session, if backwards { CALLS - 1 - call } else { call }, &mut kept);
                }
            };
            let client = scope.spawn(work);
            if turn == 3 {
                // One after the other.
                client.join().expect("a client");
            }
        }
    });
    got.told()
}

/// What `exec` runs in the tests below: a client that cannot live with what it gets.
#[test]
#[ignore = "a command for `standin exec`, and no test"]
#[expect(clippy::disallowed_methods, reason = "it is a command, and told by the environment where to call")]
fn client() {
    let Ok(url) = std::env::var("STANDIN_URL") else { return };
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let turn = (1..).find(|turn| !Path::new(&format!("got.{turn}")).exists()).expect("a number");
    let shared = if Path::new("kept").exists() { 0 } else { SHARED };
    fs::write(format!("got.{turn}"), calls(port, turn, shared)).expect("a file");
    panic!("the API is broken");
}

/// Where two texts differ, or nothing.
fn difference(one: &str, other: &str) -> Option<String> {
    let parts = |text: &str| text.split("=== ").map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(one), parts(other));
    let at = one.iter().zip(&other).position(|(one, other)| one != other);
    match at {
        Some(at) => Some(format!("first\n{}\nthen\n{}", one[at], other[at])),
        None => (one.len() != other.len()).then(|| format!("{} answers, then {}", one.len(), other.len())),
    }
}

/// Runs a client that fails beside a mock, and then what its last lines say, twice; gives what came of the first run.
fn run_again(folder: &Folder, flags: &str) -> String {
    let program = std::env::current_exe().expect("a program");
    let script = format!("exec '{}' exec::chaos::client --exact --ignored", program.display());
    let first = exec_in(folder, flags, &script);
    assert_eq!(first.exit, 101, "{}", first.err);
    let again = first.err.lines().find_map(|line| line.strip_prefix("  again       ")).expect("the line").to_owned();
    for turn in [2, 3] {
        let line = format!("standin() {{ '{}' \"$@\"; }}; {again}", env!("CARGO_BIN_EXE_standin"));
        let ran = Command::new("bash").args(["-c", &line]).current_dir(folder.path()).output().expect("bash runs");
        let ran = Ran::of(ran);
        assert_eq!(ran.exit, 101, "{}", ran.err);
        let difference = difference(&folder.read("got.1"), &folder.read(&format!("got.{turn}")));
        assert_eq!(difference, None, "{again}");
    }
    folder.read("got.1")
}

#[test]
fn the_printed_line_of_a_chaos_run_that_failed_gives_it_again() {
    let folder = Folder::new().with("chaos.yaml", CHAOS);
    let got = run_again(&folder, "--scenario chaos.yaml --dynamic --seed random");
    // It was chaos, and more than one kind of it.
    let count = |what: &str| got.matches(what).count();
    for (what, least) in [
        ("\nkept after ", 100),
        ("\nreset after 0 bytes of content\n", 15),
        ("\nclosed after 0 bytes of content\n", 2),
        (" 429 Too Many Requests", 20),
        (" 502 Bad Gateway", 5),
        (" 503 ", 10),
        ("\nx-drawn: ", 10),
        ("\nratelimit: \"", 50),
        ("\nretry-after: ", 30),
    ] {
        assert!(count(what) >= least, "{what}: {}", count(what));
    }
    let cut = got.split("=== ").filter(|answer| {
        let content = answer.split(" after ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
        let length = answer.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        length.is_some_and(|length: usize| content.is_some_and(|content| content > 0 && content < length))
    });
    assert!(cut.count() > 30);
}

#[test]
fn so_does_the_one_of_a_run_in_which_what_calls_make_is_kept() {
    // In a session whose calls come in another order something else is kept: here each has a client of its own.
    let folder = Folder::new().with("chaos.yaml", CHAOS).with("kept", "");
    let got = run_again(&folder, "--scenario chaos.yaml --stateful --seed 11 --plain");
    assert!(got.contains("=== alone-0 ") && !got.contains("standin-why"));
}

#[test]
fn a_mock_started_with_what_its_first_line_says_is_the_same() {
    let start = |more: &[&str]| {
        let folder = Folder::new().with("chaos.yaml", CHAOS).with("log", "");
        let serving =
            Serving::start_in(folder, &[&["mock", "--scenario", "chaos.yaml", "--log", "off"], more].concat());
        serving.until("  now ");
        serving
    };
    let first = start(&["--seed", "random"]);
    let log = first.folder.read("log");
    let said =
        |word: &str| log.split_whitespace().skip_while(|found| *found != word).nth(1).expect("a value").to_owned();
    let (seed, now) = (said("seed"), said("now"));
    let one = calls(first.port(), 1, SHARED);
    let second = start(&["--seed", &seed, "--now", &now]);
    assert_eq!(difference(&one, &calls(second.port(), 2, SHARED)), None, "--seed {seed} --now {now}");
    // With another seed it is another run.
    let third = start(&["--seed", "3", "--now", &now]);
    assert!(difference(&one, &calls(third.port(), 2, SHARED)).is_some());
}
