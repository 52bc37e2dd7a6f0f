//! What is taken out, and what stays.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Redactor, is_redacted, without};
use crate::finding::{Part, Violation};
use crate::message::{HeaderMap, HeaderValue, Target, header};
use crate::traffic::samples::{self, Numbers, headers};
use crate::traffic::{CapturedBody, Exchange, Outcome, ndjson};

fn redactor() -> Redactor {
    Redactor::new(&[7; 32])
}

/// A redacted body: each digest replaced by `#`, so that what is around it can be seen.
fn body(content_type: &'static str, body: &str) -> String {
    let mut exchange = samples::exchange();
    exchange.decision = None;
    exchange.request.headers = headers(&[("content-type", content_type)]);
    exchange.request.body = CapturedBody::whole(body.to_owned());
    let redacted = redactor().redact(&exchange);
    hide(std::str::from_utf8(&redacted.request.body.bytes).unwrap())
}

fn hide(text: &str) -> String {
    let mut pieces = text.split("redacted:");
    let mut hidden = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        hidden.push('#');
        hidden.push_str(&piece[16..]);
    }
    hidden
}

#[test]
fn a_digest_keeps_equality_and_nothing_else() {
    let (one, other) = (redactor(), Redactor::new(&[8; 32]));
    assert_eq!(one.digest("hunter2"), one.digest("hunter2"));
    assert_ne!(one.digest("hunter2"), one.digest("hunter3"));
    assert_ne!(one.digest("hunter2"), other.digest("hunter2"));
    assert_eq!(one.digest(&one.digest("hunter2")), one.digest("hunter2"));
    // HMAC-SHA-256 as everybody computes it (checked with another implementation).
    assert_eq!(one.digest("hunter2"), "redacted:326eb4f6783e519f");
}

#[test]
fn a_digest_is_known_as_such() {
    assert!(is_redacted(&redactor().digest("")));
    assert!(is_redacted("Bearer redacted:0123456789abcdef"));
    for text in ["redacted:", "redacted:0123456789ABCDEF", "redacted:0123456789abcdef0", "Bearer x", "", "bob"] {
        assert!(!is_redacted(text), "{text}");
    }
}

#[test]
fn json_is_redacted_in_place() {
    for (before, after) in [
        (r#"{ "password" : "x",  "n": 1.50 }"#, r##"{ "password" : "#",  "n": 1.50 }"##),
        (r#"{"a":[{"apiKey":"x\"y"}],"token":12345}"#, r##"{"a":[{"apiKey":"#"}],"token":"#"}"##),
        (r#"{"p\u0061ssword":"x"}"#, r##"{"p\u0061ssword":"#"}"##),
        (
            r#"{"credentials":{"user":"u","list":["a",1,true,null]},"user":"v"}"#,
            r##"{"credentials":{"user":"#","list":["#","#",true,null]},"user":"v"}"##,
        ),
        (r#"{"token":null,"secret":true,"password":""}"#, r#"{"token":null,"secret":true,"password":""}"#),
        (
            r#"{"max_tokens":4,"key":"acme","email":"ada@example.com"}"#,
            r#"{"max_tokens":4,"key":"acme","email":"ada@example.com"}"#,
        ),
        (r#"{"raw":"{\"password\":\"x\",\"n\":1}"}"#, r##"{"raw":"{\"password\":\"#\",\"n\":1}"}"##),
        (
            r#"{"next":"https://a.example/?page=2&token=abc&x=1"}"#,
            r##"{"next":"https://a.example/?page=2&token=#&x=1"}"##,
        ),
        // Damaged, and cut.
        (r#"{"password":"hunt"#, r##"{"password":"#"##),
        (r#"{"password":12"#, r##"{"password":"#""##),
        (r#"{"password":tru"#, r#"{"password":tru"#),
        (r#"]]}{"password":"x"}}{"token":"y""#, r##"]]}{"password":"#"}}{"token":"#""##),
        ("{\"a\":1}\n{\"token\":\"y\"}\n", "{\"a\":1}\n{\"token\":\"#\"}\n"),
        ("data: {\"token\":\"y\"}\n\n", "data: {\"token\":\"#\"}\n\n"),
    ] {
        assert_eq!(body("application/json", before), after, "{before}");
    }
}

#[test]
fn forms_parts_and_xml_are_redacted_in_place() {
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        body(form, "username=ada&password=a%20b&client%5Fsecret=c&scope="),
        "username=ada&password=#&client%5Fsecret=#&scope="
    );
    assert_eq!(body(form, "password=x"), "password=#");
    let parts = "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nx\r\ny\r\n--B\r\ncontent-disposition: form-data; \
                 filename=\"token\"; name=\"n\"\r\n\r\nz\r\n--B\r\nContent-Disposition: form-data; name=j\r\n\r\n{\"token\":\"t\"}\r\n--B--\r\n";
    let redacted = parts.replace("x\r\ny", "#").replace("\"t\"", "\"#\"");
    assert_eq!(body("multipart/form-data; boundary=B", parts), redacted);
    let secret = parts.find("x\r\ny").unwrap();
    assert_eq!(body("multipart/form-data; boundary=B", &parts[..secret + 4]), format!("{}#", &parts[..secret]));
    assert_eq!(
        body(
            "application/xml",
            "<a><n:password x='1'>s</n:password><b token=\"t\" c=\"d\"/><secret><![CDATA[s]]></secret><e>f</e></a>"
        ),
        "<a><n:password x='1'>#</n:password><b token=\"#\" c=\"d\"/><secret>#</secret><e>f</e></a>"
    );
}

#[test]
fn content_in_a_coding_is_looked_into_or_does_not_stay() {
    let coded = |text: &str, coding: &'static str| {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(text.as_bytes()).unwrap();
        let bytes = out.finish().unwrap();
        let mut exchange = samples::exchange();
        exchange.request.headers = headers(&[("content-type", "application/json"), ("content-encoding", coding)]);
        exchange.request.body = CapturedBody::whole(bytes);
        (exchange.request.clone(), redactor().redact(&exchange).request)
    };
    let (plain, redacted) = coded(r#"{"a": 1}"#, "gzip");
    assert_eq!(plain, redacted);
    let (_, redacted) = coded(r#"{"token": "t"}"#, "gzip");
    assert_eq!(hide(std::str::from_utf8(&redacted.body.bytes).unwrap()), r##"{"token": "#"}"##);
    assert_eq!(redacted.header("content-encoding"), None);
    let (_, redacted) = coded(r#"{"token": "t"}"#, "compress");
    assert_eq!(redacted.body, CapturedBody { bytes: Default::default(), cut: true });
}

#[test]
fn equal_secrets_are_equal_wherever_they_stand() {
    let mut exchange = samples::exchange();
    exchange.request.target = Target::parse("/a?access_token=a%22b&x=%20").unwrap();
    exchange.request.headers = headers(&[("authorization", "Bearer a\"b"), ("x-api-key", "a\"b")]);
    exchange.request.body = CapturedBody::whole(r#"{"token":"a\"b"}"#);
    let redacted = redactor().redact(&exchange);
    let digest = redactor().digest("a\"b");
    assert_eq!(redacted.request.target.as_str(), format!("/a?access_token={digest}&x=%20"));
    assert_eq!(redacted.request.header("authorization"), Some(format!("Bearer {digest}").as_str()));
    assert_eq!(redacted.request.header("x-api-key"), Some(digest.as_str()));
    assert_eq!(redacted.request.body.bytes, format!(r#"{{"token":"{digest}"}}"#));
}

#[test]
fn a_name_that_says_nothing_can_be_made_known() {
    let mut exchange = samples::exchange();
    exchange.request.target = Target::parse("/a?Key=abc&x=abc").unwrap();
    exchange.request.headers = headers(&[("x-tenant", "abc")]);
    let redacted = redactor().knowing("key").knowing("X-Tenant").redact(&exchange).request;
    assert_eq!(hide(redacted.target.as_str()), "/a?Key=#&x=abc");
    assert_eq!(redacted.header("x-tenant").map(hide).as_deref(), Some("#"));
    assert_eq!(redactor().redact(&exchange).request, exchange.request);
}

#[test]
fn fields_are_redacted_by_their_own_grammar() {
    let mut exchange = samples::exchange();
    exchange.request.headers = headers(&[
        ("cookie", "a=1; b=\"2\"; c"),
        ("proxy-authorization", "Basic dTpw"),
        ("referer", "https://a.example/x?token=1&page=2"),
        ("accept", "*/*"),
    ]);
    let mut more = exchange.request.headers.to_map();
    more.insert("x-secret", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    exchange.request.headers = more.into();
    let Outcome::Answered(response) = &mut exchange.outcome else { panic!() };
    response.headers = headers(&[
        ("set-cookie", "sid=1; Path=/; HttpOnly"),
        ("set-cookie", "theme=2"),
        ("access-control-allow-credentials", "true"),
        ("location", "/done#access_token=1&state=2"),
    ]);
    let redacted = redactor().redact(&exchange);
    let shown = |headers: &HeaderMap| -> Vec<String> {
        headers.iter().map(|(name, value)| format!("{name}: {}", hide(value.to_str().unwrap()))).collect()
    };
    assert_eq!(
        shown(&redacted.request.headers.to_map()),
        [
            "cookie: a=#; b=#;#",
            "proxy-authorization: Basic #",
            "referer: https://a.example/x?token=#&page=2",
            "accept: */*",
            "x-secret: #"
        ]
    );
    assert_eq!(
        shown(&redacted.response().unwrap().headers.to_map()),
        [
            "set-cookie: sid=#; Path=/; HttpOnly",
            "set-cookie: theme=#",
            "access-control-allow-credentials: true",
            "location: /done#access_token=#&state=2"
        ]
    );
}

#[test]
fn what_is_said_about_an_exchange_repeats_no_secret() {
    let mut exchange = samples::exchange();
    let mut more = exchange.request.headers.to_map();
    more.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer s3cr3t-token"));
    exchange.request.headers = more.into();
    exchange.request.body = CapturedBody::whole(r#"{"password":"ab","email":"ada@"}"#);
    let decision = exchange.decision.as_mut().unwrap();
    let about = |pointer: &str, got: &str, sentence: &str| Violation {
        part: Part::Body,
        name: "".into(),
        pointer: pointer.to_owned(),
        keyword: "minLength",
        sentence: sentence.to_owned(),
        expected: None,
        got: Some(got.to_owned()),
        place: None,
    };
    decision.violations = vec![
        about("/password", "\"ab\"", "`ab` is shorter than 8"),
        about("", r#"{"password":"ab","email":"ada@"}"#, "`name` is missing"),
        about("/email", "\"ada@\"", "not an e-mail address"),
    ];
    decision.notes = vec!["`s3cr3t-token` is no token that this session knows".to_owned()];
    let redacted = redactor().redact(&exchange);
    let decision = redacted.decision.unwrap();
    let shown: Vec<_> =
        decision.violations.iter().map(|v| hide(&format!("{} {}", v.got.as_ref().unwrap(), v.sentence))).collect();
    assert_eq!(
        shown,
        [
            r##""#" `#` is shorter than 8"##,
            r##"{"password":"#","email":"ada@"} `name` is missing"##,
            "\"ada@\" not an e-mail address"
        ]
    );
    assert_eq!(hide(&decision.notes[0]), "`#` is no token that this session knows");
}

fn bytes(exchange: &Exchange) -> Vec<u8> {
    let mut line = Vec::new();
    ndjson::write(&mut line, exchange).unwrap();
    line
}

#[test]
fn what_holds_no_secret_stays_as_it_is_and_redacting_twice_changes_nothing() {
    let plain = samples::exchange();
    assert_eq!(bytes(&redactor().redact(&plain)), bytes(&plain));
    for seed in 0..500 {
        let once = redactor().redact(&samples::random(seed));
        assert_eq!(bytes(&redactor().redact(&once)), bytes(&once), "{seed}");
    }
}

#[test]
fn noise_is_no_trouble_and_leaks_nothing() {
    let pieces = [
        "{",
        "}",
        "[",
        "\"",
        "\\",
        "\"password\"",
        ":",
        ",",
        "<",
        ">",
        "</",
        "token=",
        "?",
        "&",
        "--B",
        "\r\n\r\n",
        "name=\"secret\"",
        " ",
        "é",
        "1",
    ];
    for seed in 0..20_000 {
        let mut n = Numbers(seed);
        let mut text: String = (0..n.below(30)).map(|_| n.one(&pieces)).collect();
        let whole = n.below(2) == 0;
        if whole {
            text = format!("{{\"a\":{},\"password\":\"hunter2\"}}", serde_json::to_string(&text).unwrap());
        }
        let content_type = n.one(&[
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=B",
            "text/xml",
        ]);
        let json = content_type == "application/json";
        let redacted = body(content_type, &text);
        assert!(!(whole && json && redacted.contains("hunter2")), "{text}");
    }
}

#[test]
fn the_name_of_a_scheme_alone_is_no_secret() {
    let mut exchange = samples::exchange();
    let sentence = "e.g. `Authorization: Bearer x`";
    let violation = Violation {
        part: Part::Credentials,
        name: "authorization".into(),
        pointer: String::new(),
        keyword: "malformed",
        sentence: sentence.to_owned(),
        expected: None,
        got: None,
        place: None,
    };
    exchange.decision.get_or_insert_default().violations = vec![violation];
    for (field, shown) in [("Bearer", "Bearer"), ("basic", "basic"), ("hunter2", "#"), ("Bearer hunter2", "Bearer #")] {
        exchange.request.headers = headers(&[("authorization", field)]);
        let redacted = redactor().redact(&exchange);
        assert_eq!(hide(redacted.request.header("authorization").unwrap()), shown);
        assert_eq!(redacted.decision.unwrap().violations[0].sentence, sentence, "{field}");
    }
}

#[test]
fn a_short_secret_is_no_part_of_words() {
    assert_eq!(without("must not be `s`, not in a response", "s", "#"), "must not be `#`, not in a response");
    assert_eq!(without("s is \"s\" as it is", "s", "#"), "# is \"#\" as it is");
    assert_eq!(without("hunter2 and hunter22", "hunter2", "#"), "# and #2");
    assert_eq!(without("nothing", "", "#"), "nothing");
}
