//! Archives as browsers and proxies write them, and our own.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Entries, write};
use crate::message::{HeaderMap, Method};
use crate::traffic::{CapturedBody, Exchange, Fault, Lost, LostKind, Outcome, samples};

fn read(archive: &str) -> Vec<Result<Exchange, Lost>> {
    Entries::new(archive.as_bytes().to_vec()).collect()
}

/// The only entry of an archive.
fn entry(entry: Value) -> Result<Exchange, Lost> {
    let archive = json!({"log": {"version": "1.2", "pages": [], "entries": [entry]}});
    let mut read = read(&archive.to_string());
    assert_eq!(read.len(), 1);
    read.pop().unwrap()
}

/// An answer with this content, over this request.
fn with(request: Value, response: Value) -> Value {
    let mut entry = json!({
        "startedDateTime": "2026-11-22T13:04:10.250+01:00", "time": 12.5,
        "request": {"method": "GET", "url": "https://api.example.com/a", "headers": []},
        "response": {"status": 200, "headers": [], "content": {}},
    });
    for (name, part) in [("request", request), ("response", response)] {
        for (member, value) in part.as_object().unwrap() {
            entry[name][member] = value.clone();
        }
    }
    entry
}

#[test]
fn an_entry_of_chrome_is_read() {
    let exchange = entry(json!({
        "_initiator": {"type": "script", "stack": {"callFrames": [{"url": "x", "lineNumber": 1}]}},
        "_priority": "High", "_resourceType": "fetch", "cache": {}, "connection": "443", "pageref": "page_1",
        "request": {
            "method": "POST", "url": "https://API.example.com:443/api/v1/org/acme/invitations?dry=1#top", "httpVersion": "h2",
            "headers": [
                {"name": ":authority", "value": "api.example.com"}, {"name": ":method", "value": "POST"},
                {"name": "content-type", "value": "application/json"}, {"name": "x-empty", "value": null}
            ],
            "queryString": [{"name": "dry", "value": "1"}], "cookies": [], "headersSize": -1, "bodySize": 27,
            "postData": {"mimeType": "application/json", "text": "{\"email\":\"ada@example.com\"}"}
        },
        "response": {
            "status": 200, "statusText": "", "httpVersion": "h2",
            "headers": [
                {"name": "content-type", "value": "application/json"}, {"name": "content-encoding", "value": "br"},
                {"name": "content-length", "value": "12"}, {"name": "set-cookie", "value": "a=1; Path=/\nb=2"}
            ],
            "content": {"size": 16, "mimeType": "application/json", "text": "{\"role\":\"owner\"}", "compression": 4},
            "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 40, "_error": null
        },
        "serverIPAddress": "[::1]", "startedDateTime": "2026-11-22T12:04:10.250Z", "time": 12.5,
        "timings": {"blocked": 1.2, "_blocked_queueing": 1.1, "send": 0.1, "wait": 10, "receive": 1}
    }))
    .unwrap();
    assert_eq!(exchange.base.as_deref(), Some("https://api.example.com"));
    assert_eq!(exchange.request.target.as_str(), "/api/v1/org/acme/invitations?dry=1");
    assert_eq!(exchange.request.headers.iter().count(), 2);
    assert_eq!(exchange.request.body, CapturedBody::whole(r#"{"email":"ada@example.com"}"#));
    assert_eq!(exchange.began.wall_ns, 1_795_349_050_250_000_000);
    assert_eq!(exchange.took, Duration::from_micros(12_500));
    let response = exchange.response().unwrap();
    assert_eq!(response.body, CapturedBody::whole(r#"{"role":"owner"}"#));
    let fields: Vec<_> =
        response.headers.iter().map(|(name, value)| (name, std::str::from_utf8(value).unwrap())).collect();
    assert_eq!(fields, [("content-type", "application/json"), ("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2")]);
}

#[test]
fn addresses_are_split_and_mended() {
    let target = |url: &str| {
        entry(with(json!({"url": url}), json!({}))).map(|e| (e.base.unwrap().to_string(), e.request.target.to_string()))
    };
    for (url, base, path) in [
        ("http://localhost:4010", "http://localhost:4010", "/"),
        ("http://user:pw@Host:80?a=b", "http://host", "/?a=b"),
        ("https://[::1]:8443/a b/ü?q=<x>|{y}", "https://[::1]:8443", "/a%20b/%C3%BC?q=%3Cx%3E|{y}"),
        ("HTTPS://h/a%2Fb?", "https://h", "/a%2Fb?"),
    ] {
        assert_eq!(target(url), Ok((base.to_owned(), path.to_owned())), "{url}");
    }
    for (url, kind) in [
        ("data:text/plain,x", LostKind::NotHttp),
        ("blob:https://a.example/1", LostKind::NotHttp),
        ("wss://a.example/", LostKind::NotHttp),
        ("/a", LostKind::Unreadable),
        ("https:///a", LostKind::Unreadable),
        ("", LostKind::Unreadable),
    ] {
        assert_eq!(target(url).unwrap_err().kind, kind, "{url}");
    }
}

#[test]
fn bodies_that_are_missing_or_shorter_than_they_were_are_cut() {
    let answer = |response: Value| entry(with(json!({}), response)).unwrap().response().unwrap().body.clone();
    let cut = |bytes: &'static str| CapturedBody { bytes: bytes.into(), cut: true };
    let length = json!([{"name": "Content-Length", "value": "9"}]);
    let latin = json!([{"name": "Content-Type", "value": "text/plain; charset=iso-8859-1"}]);
    for (response, body) in [
        (json!({"content": {"size": 5, "text": "aGVsbG8=", "encoding": "base64"}}), CapturedBody::whole("hello")),
        (json!({"content": {"text": "aGVs\n bG8", "encoding": "Base64"}}), CapturedBody::whole("hello")),
        (json!({"content": {"text": "?", "encoding": "base64"}}), cut("")),
        (json!({"content": {"size": 8, "text": "hello"}}), CapturedBody::whole("hello")),
        (json!({"content": {"size": 9, "text": "hello"}}), cut("hello")),
        (json!({"content": {"size": 90, "text": "hello"}, "headers": latin}), CapturedBody::whole("hello")),
        (json!({"content": {"size": 9, "comment": "Response bodies are not included."}}), cut("")),
        (json!({"content": {"size": 0}, "bodySize": 9}), cut("")),
        (json!({"content": {"size": -1}, "headers": length}), cut("")),
        (json!({"content": {"size": 0, "text": ""}, "bodySize": -1}), CapturedBody::default()),
        (json!({"content": null, "status": 204, "headers": length}), CapturedBody::default()),
    ] {
        assert_eq!(answer(response.clone()), body, "{response}");
    }
}

#[test]
fn request_bodies_are_put_together() {
    let sent = |request: Value| entry(with(request, json!({}))).unwrap().request;
    let params = json!([{"name": "a b", "value": "1&2"}, {"name": "c", "value": "%20"}]);
    let form = sent(
        json!({"method": "POST", "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "", "params": params}}),
    );
    assert_eq!(form.body, CapturedBody::whole("a%20b=1%262&c=%20"));
    assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
    let file = json!([{"name": "f", "fileName": "a.png"}]);
    assert!(sent(json!({"postData": {"mimeType": "multipart/form-data; boundary=x", "params": file}})).body.cut);
    assert!(sent(json!({"bodySize": 5})).body.cut);
    assert_eq!(sent(json!({"bodySize": -1, "postData": null})).body, CapturedBody::default());
    // Content that was not kept leaves its length behind.
    let none = json!({"mimeType": "application/json", "text": "", "params": []});
    assert!(sent(json!({"bodySize": 43, "postData": none})).body.cut);
    let length = json!([{"name": "Content-Length", "value": "43"}]);
    assert!(sent(json!({"headers": length, "bodySize": -1, "postData": none})).body.cut);
    assert_eq!(sent(json!({"bodySize": 0, "postData": none})).body, CapturedBody::default());
}

#[test]
fn content_that_was_kept_as_it_came_is_not_taken_for_text() {
    let answer = |content: Value| {
        let gzip = json!([{"name": "content-encoding", "value": "gzip"}]);
        let exchange = entry(with(json!({}), json!({"headers": gzip, "content": content}))).unwrap();
        exchange.response().unwrap().header("content-encoding").map(str::to_owned)
    };
    assert_eq!(answer(json!({"text": "{}"})), None);
    assert_eq!(answer(json!({"text": "e30=", "encoding": "base64"})), None);
    assert_eq!(
        answer(json!({"text": "H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==", "encoding": "base64"})),
        Some("gzip".to_owned())
    );
}

#[test]
fn no_answer_is_told_from_an_answer() {
    let outcome = |response: Value| entry(with(json!({}), response)).unwrap().outcome;
    assert_eq!(outcome(json!({"status": 0, "_error": "net::ERR_CONNECTION_RESET"})), Outcome::Reset);
    assert_eq!(outcome(json!({"status": 0, "_error": "net::ERR_TIMED_OUT"})), Outcome::TimedOut);
    assert_eq!(outcome(json!({"status": -1})), Outcome::Reset);
    assert_eq!(outcome(json!({"status": null})), Outcome::Reset);
    let without = json!({"request": {"method": "GET", "url": "http://a.example"}});
    assert_eq!(entry(without).unwrap().outcome, Outcome::Reset);
    for (status, code) in [(json!("404"), 404), (json!(304), 304), (json!(599), 599)] {
        let Outcome::Answered(response) = outcome(json!({"status": status})) else { panic!("{code}") };
        assert_eq!(response.status, code);
    }
}

#[test]
fn what_is_wrong_with_an_entry_is_said_and_the_next_one_is_read() {
    let good = with(json!({}), json!({}));
    let bad = [
        (json!({}), "the member `request` is missing"),
        (json!(7), "integer `7` where an object is expected"),
        (with(json!({"method": "G T"}), json!({})), "`G T` is no method"),
        (with(json!({}), json!({"status": 1_000})), "1000 is no status"),
        (with(json!({"headers": 5}), json!({})), "integer `5` where a list is expected"),
    ];
    for (bad, why) in bad {
        let text = format!("{{\n\"log\": {{\"entries\":\n[{good},\n{bad},\n{good}]}}}}");
        let read = read(&text);
        let [Ok(_), Err(lost), Ok(last)] = read.as_slice() else { panic!("{bad}: {read:?}") };
        assert_eq!(
            (lost.line, lost.kind, lost.why.as_str()),
            (4, LostKind::Unreadable, format!("entry 2: {why}").as_str())
        );
        assert_eq!(last.id, 3);
    }
}

#[test]
fn what_is_no_archive_is_said() {
    for (text, kind, why) in [
        ("{}", LostKind::Unreadable, "no list `log.entries`"),
        ("{\"entries\":[]}", LostKind::Unreadable, "no list `log.entries`"),
        ("{\"log\":{\"x\":{\"entries\":[]}}}", LostKind::Unreadable, "no list `log.entries`"),
        ("{\"a\":{\"log\":{\"entries\":[]}}}", LostKind::Unreadable, "no list `log.entries`"),
        ("{\"log\":{\"creator\":{\"na", LostKind::Cut, "the file ends before `log.entries`"),
        ("", LostKind::Cut, "the file ends before `log.entries`"),
        ("{\"log\":{\"entries\":[", LostKind::Cut, "the file ends before the first entry"),
    ] {
        let read = read(text);
        let [Err(lost)] = read.as_slice() else { panic!("{text}: {read:?}") };
        assert_eq!((lost.kind, lost.why.as_str()), (kind, why), "{text}");
    }
    assert_eq!(read("\u{feff}{\"log\":{\"entries\":[]}}").len(), 0);
}

fn archive(count: u64) -> (Vec<Exchange>, String) {
    let exchanges: Vec<_> = (0..count)
        .map(|seed| {
            let mut exchange = samples::random(seed);
            exchange.base = Some("http://localhost:4010".into());
            exchange
        })
        .collect();
    let mut text = Vec::new();
    write(&mut text, &exchanges).unwrap();
    (exchanges, String::from_utf8(text).unwrap())
}

#[test]
fn what_is_written_is_read_back() {
    let (exchanges, text) = archive(1_000);
    let read = read(&text);
    assert_eq!(read.len(), exchanges.len());
    for (read, written) in read.into_iter().zip(exchanges) {
        let read = read.unwrap();
        assert_eq!((&read.request.target, &read.request.body), (&written.request.target, &written.request.body));
        assert_eq!(fields(&read.request.headers.to_map()), fields(&written.request.headers.to_map()));
        assert_eq!(read.began.wall_ns, written.began.wall_ns);
        match (read.outcome, written.outcome) {
            (Outcome::Answered(read), Outcome::Answered(written)) => {
                assert_eq!((read.status, &read.body), (written.status, &written.body));
                assert_eq!(fields(&read.headers.to_map()), fields(&written.headers.to_map()));
            }
            (read, written) => assert_eq!(read, written),
        }
    }
}

fn fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

#[test]
fn what_is_written_is_what_the_format_asks_for() {
    let mut text = Vec::new();
    let mut unanswered = samples::exchange();
    unanswered.outcome = Outcome::Hung;
    unanswered.request.method = Method::GET;
    unanswered.request.body = CapturedBody::default();
    write(&mut text, [&samples::exchange(), &unanswered]).unwrap();
    let mut archive: Value = serde_json::from_slice(&text).unwrap();
    archive["log"]["creator"]["version"] = "0".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&archive).unwrap());
}

#[test]
fn a_fault_is_named_and_what_came_of_it_is_read_back() {
    for (fault, outcome, error) in [
        ("reset", Outcome::Reset, json!("reset")),
        ("empty", Outcome::Reset, json!("reset")),
        ("hang", Outcome::Hung, json!("hung")),
        ("truncate:40%", samples::exchange().cut_to(10).outcome, Value::Null),
    ] {
        let mut exchange = samples::exchange();
        exchange.outcome = outcome.clone();
        exchange.decision.as_mut().unwrap().fault = Fault::parse(fault).ok();
        let mut written = Vec::new();
        write(&mut written, [&exchange]).unwrap();
        let archive: Value = serde_json::from_slice(&written).unwrap();
        let entry = &archive["log"]["entries"][0];
        assert_eq!((&entry["_fault"], &entry["response"]["_error"]), (&json!(fault), &error));
        assert_eq!(read(std::str::from_utf8(&written).unwrap())[0].as_ref().unwrap().outcome, outcome, "{fault}");
    }
}

#[test]
fn an_archive_cut_anywhere_gives_what_is_whole_and_says_what_is_lost() {
    let (_, text) = archive(4);
    let bytes = text.as_bytes();
    // Where each entry ends: each is a line of its own, ended by a comma or by the end of the list.
    let ends: Vec<_> = text
        .match_indices('\n')
        .map(|(at, _)| at)
        .skip(1)
        .take(4)
        .map(|at| if bytes[at - 1] == b',' { at - 1 } else { at })
        .collect();
    let list_ends = text.rfind(']').unwrap() + 1;
    for cut in 0..=bytes.len() {
        let read: Vec<_> = Entries::new(bytes[..cut].to_vec()).collect();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(read.iter().filter(|read| read.is_ok()).count(), whole, "{cut}");
        let lost: Vec<_> = read.iter().filter_map(|read| read.as_ref().err()).collect();
        assert_eq!(lost.len(), usize::from(cut < list_ends), "{cut}");
        assert!(lost.iter().all(|lost| lost.kind == LostKind::Cut), "{lost:?}");
    }
}
