//! An archive, written.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::message::{cookie_pairs, form_decode, query_pairs};
use crate::traffic::written::field_text;
use crate::traffic::{CapturedBody, CapturedRequest, CapturedResponse, Exchange, Fields, Outcome};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    started_date_time: String,
    time: f64,
    request: Asked<'a>,
    response: Answer<'a>,
    cache: Nothing,
    timings: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// What a mock did to the connection.
    #[serde(rename = "_fault", skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    method: &'a str,
    url: String,
    http_version: &'a str,
    cookies: Vec<Pair<'a>>,
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    headers_size: i64,
    body_size: usize,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    text: Cow<'a, str>,
    #[serde(rename = "_encoding", skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    #[serde(rename = "_cut", skip_serializing_if = "is_false")]
    cut: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status: u16,
    status_text: &'a str,
    http_version: &'a str,
    cookies: Vec<Pair<'a>>,
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i64,
    body_size: i64,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: usize,
    mime_type: &'a str,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    #[serde(rename = "_cut", skip_serializing_if = "is_false")]
    cut: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Writes an archive of these exchanges, an entry at a time.
///
/// They are written as they are: take secrets out first, with [`Redactor`](crate::traffic::Redactor).
///
/// # Errors
/// When writing fails.
pub fn write<'a>(out: &mut impl Write, exchanges: impl IntoIterator<Item = &'a Exchange>) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    write!(out, r#"{{"log":{{"version":"1.2","creator":{{"name":"standin","version":"{version}"}},"entries":["#)?;
    for (number, exchange) in exchanges.into_iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        out.write_all(&serde_json::to_vec(&Entry::of(exchange))?)?;
    }
    out.write_all(b"\n]}}\n")
}

/// A body as text and, where it is none, the name of what makes it text.
fn text(body: &CapturedBody) -> (Cow<'_, str>, Option<&'static str>) {
    match std::str::from_utf8(&body.bytes) {
        Ok(text) => (text.into(), None),
        Err(_) => (STANDARD.encode(&body.bytes).into(), Some("base64")),
    }
}

fn fields(headers: &Fields) -> Vec<Pair<'_>> {
    headers.iter().map(|(name, value)| Pair { name: name.into(), value: field_text(value) }).collect()
}

/// The values of a field that are text.
fn lines<'a>(headers: &'a Fields, name: &str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(known, _)| *known == name).filter_map(|(_, value)| std::str::from_utf8(value).ok())
}

fn pair<'a>((name, value): (&'a str, &'a str)) -> Pair<'a> {
    Pair { name: name.into(), value: value.into() }
}

impl<'a> Entry<'a> {
    fn of(exchange: &'a Exchange) -> Entry<'a> {
        let time = exchange.took.as_secs_f64() * 1_000.0;
        Entry {
            started_date_time: exchange.began.timestamp().to_string(),
            time,
            request: Asked::of(&exchange.request, exchange.base.as_deref().unwrap_or("http://localhost")),
            response: match &exchange.outcome {
                Outcome::Answered(response) => Answer::of(response),
                Outcome::Reset => Answer::none("reset"),
                Outcome::Hung => Answer::none("hung"),
                Outcome::TimedOut => Answer::none("timed out"),
            },
            cache: Nothing {},
            timings: Timings { send: 0.0, wait: time, receive: 0.0 },
            comment: exchange.decision.as_ref().map(|decision| decision.why.to_string()),
            fault: exchange.fault().map(|fault| fault.to_string()),
        }
    }
}

impl<'a> Asked<'a> {
    fn of(request: &'a CapturedRequest, base: &str) -> Asked<'a> {
        let decoded = |text: &'a str| form_decode(text).unwrap_or(text.into());
        let (content, encoding) = text(&request.body);
        let post_data = PostData {
            mime_type: request.header("content-type").unwrap_or_default(),
            text: content,
            encoding,
            cut: request.body.cut,
        };
        Asked {
            method: request.method.as_str(),
            url: format!("{base}{}", request.target),
            http_version: "HTTP/1.1",
            cookies: lines(&request.headers, "cookie").flat_map(cookie_pairs).map(pair).collect(),
            headers: fields(&request.headers),
            query_string: query_pairs(request.target.query().unwrap_or_default())
                .map(|(name, value)| Pair { name: decoded(name), value: decoded(value.unwrap_or_default()) })
                .collect(),
            post_data: (request.body != CapturedBody::default()).then_some(post_data),
            headers_size: -1,
            body_size: request.body.bytes.len(),
        }
    }
}

impl<'a> Answer<'a> {
    fn of(response: &'a CapturedResponse) -> Answer<'a> {
        let set = lines(&response.headers, "set-cookie")
            .filter_map(|value| value.split(';').next().unwrap_or(value).split_once('='));
        let (content, encoding) = text(&response.body);
        Answer {
            status: response.status.as_u16(),
            status_text: response.status.canonical_reason().unwrap_or_default(),
            http_version: "HTTP/1.1",
            cookies: set.map(|(name, value)| pair((name.trim(), value.trim()))).collect(),
            headers: fields(&response.headers),
            content: Content {
                size: response.body.bytes.len(),
                mime_type: response.header("content-type").unwrap_or("x-unknown"),
                text: content,
                encoding,
                cut: response.body.cut,
            },
            redirect_url: response.header("location").unwrap_or_default(),
            headers_size: -1,
            body_size: i64::try_from(response.body.bytes.len()).unwrap_or(-1),
            error: None,
        }
    }

    /// Status 0 is how browsers write that no answer came.
    fn none(error: &'a str) -> Answer<'a> {
        let content = Content { size: 0, mime_type: "x-unknown", text: "".into(), encoding: None, cut: false };
        Answer {
            status: 0,
            status_text: "",
            http_version: "",
            cookies: Vec::new(),
            headers: Vec::new(),
            content,
            redirect_url: "",
            headers_size: -1,
            body_size: -1,
            error: Some(error),
        }
    }
}
