//! What a client sees of a fault, byte by byte, and what is remembered of it.

use std::io::{ErrorKind, Read};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use standin::message::Moment;
use standin::server::{Format, Limits, ManualClock};
use standin::traffic::{Exchange, Fault, Outcome, Records};

use super::harness::{Client, Server, Setup, Written, eventually};

/// A call of an operation whose answers are small, without its fault.
const REMOVE: &str = "DELETE /api/v1/org/acme/members/3fa85f64-5717-4562-b3fc-2c963f66afa6";

/// The content of its answer.
const REMOVED: &str = "{\"user_deleted\":false}";

/// A whole request, with these fields beside the usual ones.
fn request(first: &str, fields: &[&str]) -> String {
    let mut text = format!("{first} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n");
    for field in fields {
        text.push_str(&format!("{field}\r\n"));
    }
    text + "\r\n"
}

/// How a connection ended, after these bytes.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    InGoodOrder,
    Reset,
}

/// All that comes on a connection, and how it ended.
fn all(client: &mut Client) -> (String, Ended) {
    let mut bytes = Vec::new();
    let mut room = [0; 16 << 10];
    let ended = loop {
        match client.stream().read(&mut room) {
            Ok(0) => break Ended::InGoodOrder,
            Ok(count) => bytes.extend_from_slice(&room[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break Ended::Reset,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&bytes)),
        }
    };
    (String::from_utf8(bytes).unwrap(), ended)
}

/// The answers in a text, as head and content each: the last one may be cut anywhere.
fn answers(mut text: &str) -> Vec<(&str, &str)> {
    let mut answers = Vec::new();
    while !text.is_empty() {
        let (head, rest) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no whole head: {text:?}"));
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse::<usize>().unwrap());
        let content;
        (content, text) = rest.split_at(length.min(rest.len()));
        answers.push((head, content));
    }
    answers
}

/// What the server has of an exchange, as a recording would have it.
fn told(server: &Server, id: u64) -> serde_json::Value {
    server.ask(&format!("GET /_standin/exchanges/{id}")).json()
}

#[test]
fn every_fault_is_what_it_says_to_the_byte() {
    let server = Setup::new().start();
    for (fault, expected) in [("reset", Ended::Reset), ("empty", Ended::InGoodOrder)] {
        let mut client = server.connect();
        client.send(&request(REMOVE, &[&format!("Prefer: fault={fault}")]));
        assert_eq!(all(&mut client), (String::new(), expected), "{fault}");
    }
    // Of 22 bytes.
    for (share, length) in [("0%", 0), ("4.5%", 0), ("4.6%", 1), ("40%", 8), ("50%", 11), ("99.9999%", 21)] {
        let mut client = server.connect();
        client.send(&request(REMOVE, &[&format!("Prefer: fault=truncate:{share}"), "Origin: http://app.test"]));
        let (text, ended) = all(&mut client);
        assert_eq!(ended, Ended::InGoodOrder);
        let [(head, content)] = answers(&text)[..] else { panic!("{text}") };
        assert_eq!(content, &REMOVED[..length], "{share}");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        for field in [
            "content-length: 22".to_owned(),
            format!("preference-applied: fault=truncate:{share}"),
            "access-control-allow-origin: http://app.test".to_owned(),
        ] {
            assert!(head.lines().any(|line| line == field), "{field} in {head}");
        }
        assert!(!head.contains("\r\nconnection:"), "the head says nothing of the end to come: {head}");
    }
}

#[test]
fn what_happened_is_told_afterwards() {
    let server = Setup::new().start();
    for fault in ["reset", "empty", "truncate:40%"] {
        let mut client = server.connect();
        client.send(&request(REMOVE, &[&format!("Prefer: fault={fault}")]));
        all(&mut client);
    }
    let mut hanging = server.connect();
    hanging.send(&request(REMOVE, &["Prefer: fault=hang"]));
    drop(hanging);
    eventually("the end of what hung", || (server.log_of(1).lines().count() >= 4).then_some(()));

    for (id, fault) in [(1, "reset"), (2, "empty")] {
        let told = told(&server, id);
        assert_eq!((&told["no_answer"], &told["decision"]["fault"]), (&"reset".into(), &fault.into()), "{told}");
        assert_eq!(told["decision"]["applied"][0], format!("fault={fault}"));
    }
    let cut = told(&server, 3);
    assert_eq!((&cut["answer"]["body"], &cut["answer"]["cut"]), (&REMOVED[..8].into(), &true.into()), "{cut}");
    assert_eq!((&cut["answer"]["status"], &cut["decision"]["fault"]), (&200.into(), &"truncate:40%".into()));
    let hung = told(&server, 4);
    assert_eq!((&hung["no_answer"], &hung["decision"]["fault"]), (&"hung".into(), &"hang".into()), "{hung}");
    let page = server.ask("GET /_standin/exchanges/3\nAccept: text/html");
    assert!(
        page.text().contains("truncate:40%: the connection was closed after 40% of the content"),
        "{}",
        page.text()
    );
    assert!(server.ask("GET /_standin/exchanges/4\nAccept: text/html").text().contains("No answer: none was to come"));

    let left = server.stop();
    let lines: Vec<String> =
        left.log.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let after = |line: &str| line.split_once(" ms ").map_or(line, |(_, after)| after).to_owned();
    let ends: Vec<String> = lines.iter().map(|line| after(line)).collect();
    assert_eq!(
        ends,
        [
            "remove_member #1 prefer fault reset",
            "remove_member #2 prefer fault empty",
            "remove_member #3 prefer fault truncate:40%",
            "remove_member #4 prefer fault hang",
        ]
    );
    for (line, status) in lines.iter().zip([" cut ", " cut ", " 200 ", " --- "]) {
        assert!(line.contains(status), "{line}");
    }
    let summary = left.summary;
    assert_eq!((summary.calls, summary.faults, summary.unanswered), (4, 4, 0));
    assert_eq!(summary.statuses, [(200, 1)]);
}

#[test]
fn the_log_for_programs_and_a_recording_name_the_fault() {
    let written = Written::default();
    let mut setup = Setup { record: Some((Box::new(written.clone()), "traffic.ndjson".to_owned())), ..Setup::new() };
    setup.format = Format::Json;
    let server = setup.start();
    for fault in ["reset", "truncate:40%"] {
        let mut client = server.connect();
        client.send(&request(REMOVE, &[&format!("Prefer: fault={fault}")]));
        all(&mut client);
    }
    let left = server.stop();
    let lines: Vec<serde_json::Value> = left.log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["fault"], &lines[0]["no_answer"]), (&"reset".into(), &"reset".into()));
    assert_eq!((&lines[1]["fault"], &lines[1]["status"]), (&"truncate:40%".into(), &200.into()));

    let recorded: Vec<Exchange> =
        Records::read(written.text().as_bytes()).unwrap().map(|record| record.expect("a whole record")).collect();
    assert_eq!((recorded[0].fault(), &recorded[0].outcome), (Some(Fault::Reset), &Outcome::Reset));
    assert_eq!(recorded[1].fault(), Fault::parse("truncate:40%").ok());
    let body = &recorded[1].response().unwrap().body;
    assert_eq!((&*body.bytes, body.cut), (&REMOVED.as_bytes()[..8], true));
}

#[test]
fn what_was_answered_before_arrives_whole() {
    let mut setup = Setup::new();
    setup.scenario = Some("scenario: s\non: { list_members: [{ reply: { headers: { X-Large: yes } } }] }\n");
    let server = setup.start();
    let list = "GET /api/v1/org/acme/members?page_size=100";
    let whole = server.ask(&format!("{list}\nAuthorization: Bearer x")).body;
    for (fault, ended, last) in [
        ("reset", Ended::Reset, None),
        ("empty", Ended::InGoodOrder, None),
        ("truncate:40%", Ended::InGoodOrder, Some(&REMOVED[..8])),
    ] {
        let faulty = request(REMOVE, &[&format!("Prefer: fault={fault}")]);
        // One after the other.
        let mut client = server.connect();
        for _ in 0..2 {
            client.send(&request(list, &[]));
            assert_eq!(client.answer().body, whole);
        }
        client.send(&faulty);
        let (text, how) = all(&mut client);
        assert_eq!(how, ended, "{fault}");
        assert_eq!(answers(&text).first().map(|(_, content)| *content), last, "{fault}");

        // All at once, with one more behind that is never answered.
        let mut client = server.connect();
        client.send(&(request(list, &[]) + &request(list, &[]) + &faulty + &request(list, &[])));
        let (text, how) = all(&mut client);
        assert_eq!(how, ended, "{fault}");
        let came = answers(&text);
        assert_eq!(came.len(), 2 + usize::from(last.is_some()), "{fault}");
        assert!(came[..2].iter().all(|(_, content)| content.as_bytes() == whole), "{fault}");
        assert_eq!(came.get(2).map(|(_, content)| *content), last, "{fault}");
    }
}

#[test]
fn an_answer_that_is_read_slowly_arrives_whole_before_a_fault() {
    let mut setup = Setup::new();
    setup.scenario = Some(LARGE.get_or_init(|| {
        let body = "x".repeat(1_000_000);
        format!("scenario: s\nstrict: false\non: {{ list_members: [{{ reply: {{ body: {body} }} }}] }}\n")
    }));
    let server = setup.start();
    let list = request("GET /api/v1/org/acme/members", &[]);
    let mut client = server.connect();
    // More than sockets hold.
    client.send(&(list.repeat(12) + &request(REMOVE, &["Prefer: fault=truncate:50%"])));
    std::thread::sleep(Duration::from_millis(300));
    let (text, ended) = all(&mut client);
    assert_eq!(ended, Ended::InGoodOrder);
    let came = answers(&text);
    assert_eq!(came.len(), 13);
    assert!(came[..12].iter().all(|(_, content)| content.len() == 1_000_002));
    assert_eq!(came[12].1, &REMOVED[..11]);
}

static LARGE: std::sync::OnceLock<String> = std::sync::OnceLock::new();

#[test]
fn an_answer_without_content_is_whole_and_the_last_one() {
    let server = Setup::new().start();
    let list = "/api/v1/org/acme/members";
    let mut client = server.connect();
    let head = request(&format!("HEAD {list}"), &["Prefer: fault=truncate:40%"]);
    client.send(&(head + &request(&format!("GET {list}"), &[])));
    let (text, ended) = all(&mut client);
    assert_eq!(ended, Ended::InGoodOrder);
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    assert_eq!(text.matches("HTTP/1.1").count(), 1);
    let told = told(&server, 1);
    assert_eq!(told["answer"]["cut"], serde_json::Value::Null);
    assert!(server.stop().log.contains("the answer has no content to cut off"));

    let server = Setup { document: "tests/it/server/odd.yaml".to_owned(), ..Setup::new() }.start();
    let mut client = server.connect();
    client.send(&(request("GET /nothing", &["Prefer: fault=truncate:40%"]) + &request("GET /nothing", &[])));
    let (text, ended) = all(&mut client);
    assert_eq!(ended, Ended::InGoodOrder);
    assert!(text.starts_with("HTTP/1.1 204 No Content\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    assert_eq!(text.matches("HTTP/1.1").count(), 1);
}

#[test]
fn a_delay_comes_before_its_fault() {
    let clock = ManualClock::at(Moment { wall_ns: 0, mono_ns: 0 });
    let server = Setup::new().clock(clock.clone()).start();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (id, (fault, ended, length)) in (1..).zip([
        ("reset", Ended::Reset, 0),
        ("empty", Ended::InGoodOrder, 0),
        ("truncate:50%", Ended::InGoodOrder, 11),
    ]) {
        let mut client = server.connect();
        client.send(&request(REMOVE, &[&format!("Prefer: delay=1h, fault={fault}")]));
        runtime.block_on(clock.until_waited_for(1));
        clock.advance(Duration::from_secs(3600));
        let (text, how) = all(&mut client);
        assert_eq!(how, ended, "{fault}");
        assert_eq!(answers(&text).iter().map(|(_, content)| content.len()).sum::<usize>(), length);
        assert_eq!(told(&server, id)["took_ns"], 3_600_000_000_000_u64);
    }
}

#[test]
fn a_connection_hangs_until_the_client_leaves() {
    let mut setup = Setup::new();
    setup.limits = Limits { connections: 1, ..Limits::default() };
    let server = setup.start();
    for behind in [String::new(), request(REMOVE, &[])] {
        let mut client = server.connect();
        // What was asked before is answered; what is asked behind is not.
        client.send(&(request(REMOVE, &[]) + &request(REMOVE, &["Prefer: fault=hang"]) + &behind));
        assert_eq!(client.answer().text(), REMOVED);
        client.stream().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let nothing = client.stream().read(&mut [0; 16]).unwrap_err();
        assert!(matches!(nothing.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{nothing}");
        // It counts among those that are open, and makes room when it is gone.
        let mut waiting = server.connect();
        waiting.send(&request(REMOVE, &["Connection: close"]));
        waiting.stream().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        assert!(waiting.stream().read(&mut [0; 16]).is_err());
        drop(client);
        waiting.stream().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(waiting.answer().text(), REMOVED);
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test may look at the clock")]
fn a_hanging_connection_does_not_hold_up_the_end() {
    let mut setup = Setup::new();
    setup.limits = Limits { drain: Duration::from_secs(60), ..Limits::default() };
    let server = setup.start();
    let mut hanging: Vec<Client> = (0..20).map(|_| server.connect()).collect();
    for client in &mut hanging {
        client.send(&request(REMOVE, &["Prefer: fault=hang"]));
    }
    eventually("all of them hang", || {
        let told = server.ask(&format!("{REMOVE}\nAuthorization: Bearer x"));
        let exchange = told.header("standin-exchange").unwrap();
        (exchange.rsplit('/').next().unwrap().parse::<u64>().unwrap() > 20).then_some(())
    });
    let began = Instant::now();
    let left = server.stop();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!((left.summary.faults, left.summary.unanswered), (20, 0));
    assert_eq!(left.log.matches("fault hang").count(), 20);
    for client in &mut hanging {
        assert_eq!(all(client).0, "");
    }
}

#[test]
fn a_connection_hangs_no_longer_than_the_limit() {
    let mut setup = Setup::new();
    setup.limits = Limits { hang_time: Duration::from_millis(200), ..Limits::default() };
    let server = setup.start();
    let mut client = server.connect();
    client.send(&request(REMOVE, &["Prefer: fault=hang"]));
    assert_eq!(all(&mut client), (String::new(), Ended::InGoodOrder));
    assert_eq!(told(&server, 1)["no_answer"], "hung");
}

#[test]
fn a_fault_holds_for_a_request_with_content_that_is_still_being_sent() {
    let server = Setup::new().start();
    let content = format!("{{\"email\":\"ada@example.com\",\"role\":\"reader\",\"x\":\"{}\"}}", "y".repeat(200_000));
    let length = format!("Content-Length: {}", content.len());
    let invite = |fault: &str| {
        let fields = ["Content-Type: application/json", &length, &format!("Prefer: fault={fault}")];
        request("POST /api/v1/org/acme/invitations", &fields)
    };
    for (fault, ended) in [("reset", Ended::Reset), ("empty", Ended::InGoodOrder)] {
        let mut client = server.connect();
        client.send(&invite(fault));
        for piece in content.as_bytes().chunks(50_000) {
            client.send(std::str::from_utf8(piece).unwrap());
        }
        assert_eq!(all(&mut client), (String::new(), ended), "{fault}");
    }
}

#[test]
fn every_third_call_is_reset_and_no_other_with_64_clients() {
    const CLIENTS: u64 = 64;
    const CALLS: u64 = 60;
    let mut setup = Setup::new();
    let story = EVERY_THIRD.get_or_init(|| {
        let thirds: Vec<String> =
            (1..=CLIENTS * CALLS / 3).map(|third| format!("{}: {{ fault: reset }}", third * 3)).collect();
        format!("scenario: every-third\non: {{ remove_member: [{{ calls: {{ {} }} }}] }}\n", thirds.join(", "))
    });
    setup.scenario = Some(story);
    let server = setup.start();
    let (answered, reset) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let address = server.addresses[0];
    let threads: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (answered, reset) = (answered.clone(), reset.clone());
            std::thread::spawn(move || {
                let mut client = Client::to(address);
                for _ in 0..CALLS {
                    client.send(&request(REMOVE, &[]));
                    match client.try_answer("DELETE") {
                        Some(answer) => {
                            assert_eq!(answer.text(), REMOVED);
                            answered.fetch_add(1, Relaxed);
                        }
                        None => {
                            reset.fetch_add(1, Relaxed);
                            client = Client::to(address);
                        }
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((answered.load(Relaxed), reset.load(Relaxed)), (CLIENTS * CALLS * 2 / 3, CLIENTS * CALLS / 3));
    let summary = server.stop().summary;
    assert_eq!((summary.calls, summary.faults), (CLIENTS * CALLS, CLIENTS * CALLS / 3));
    assert_eq!(summary.statuses, [(200, CLIENTS * CALLS * 2 / 3)]);
}

static EVERY_THIRD: std::sync::OnceLock<String> = std::sync::OnceLock::new();

#[test]
fn curl_says_what_happened() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("not run: there is no curl here");
        return;
    }
    let server = Setup::new().start();
    let url = format!("http://localhost:{}{}", server.port(), REMOVE.trim_start_matches("DELETE "));
    for (fault, code, said) in [
        ("reset", 56, "Recv failure: Connection reset by peer"),
        ("empty", 52, "Empty reply from server"),
        ("truncate:40%", 18, "14 bytes"),
        ("hang", 28, "0 bytes received"),
    ] {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--noproxy", "*", "--max-time", if fault == "hang" { "1" } else { "20" }, "-X", "DELETE"]);
        curl.args(["-H", "Authorization: Bearer x", "-H", &format!("Prefer: fault={fault}"), &url]);
        let out = curl.output().unwrap();
        let error = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{fault}: {error}");
        assert!(error.contains(said), "{fault}: {error}");
        let expected = if fault.starts_with("truncate") { &REMOVED[..8] } else { "" };
        assert_eq!(String::from_utf8_lossy(&out.stdout), expected);
    }
}
