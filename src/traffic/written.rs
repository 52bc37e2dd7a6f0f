//! The shape of a line of recorded traffic, and the way there and back.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    CapturedBody, CapturedRequest, CapturedResponse, Decision, Exchange, Fault, Fields, Nearest, Outcome, Trace, draw,
    limit,
};
use crate::finding::{Part, Violation};
use crate::message::{HeaderMap, HeaderName, HeaderValue, Method, Moment, StatusCode, Target};

/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;

/// Text that is borrowed from the line where the line holds it as it is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'a, T: Into<Cow<'a, str>>> From<T> for Text<'a> {
    fn from(text: T) -> Self {
        Text(text.into())
    }
}

impl Text<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    standin: u32,
    #[serde(default)]
    id: u64,
    #[serde(default, borrow)]
    began: Option<Text<'a>>,
    #[serde(default)]
    mono_ns: u64,
    #[serde(default, borrow)]
    session: Option<Text<'a>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    base: Option<Text<'a>>,
    #[serde(borrow)]
    request: Asked<'a>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    no_answer: Option<NoAnswer>,
    #[serde(default)]
    took_ns: u64,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    decision: Option<Decided<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    method: Text<'a>,
    #[serde(borrow)]
    target: Text<'a>,
    #[serde(default, borrow)]
    headers: Vec<(Text<'a>, Text<'a>)>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    body: Option<Text<'a>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    body_base64: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_default")]
    cut: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Answer<'a> {
    status: u16,
    #[serde(default, borrow)]
    headers: Vec<(Text<'a>, Text<'a>)>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    body: Option<Text<'a>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    body_base64: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_default")]
    cut: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NoAnswer {
    Reset,
    Hung,
    TimedOut,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Decided<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    operation: Option<Text<'a>>,
    #[serde(skip_serializing_if = "is_default")]
    call: u64,
    #[serde(borrow)]
    why: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    violations: Vec<Against<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    nearest: Vec<Near<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    undocumented: Vec<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    example: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    applied: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "is_default")]
    delay_ns: u64,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    fault: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    draws: Vec<draw::Told<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    limits: Vec<limit::Told<'a>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Against<'a> {
    #[serde(borrow)]
    part: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Text::is_empty")]
    name: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Text::is_empty")]
    pointer: Text<'a>,
    #[serde(borrow)]
    keyword: Text<'a>,
    #[serde(borrow)]
    sentence: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    expected: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    got: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    place: Option<Text<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Near<'a> {
    #[serde(borrow)]
    operation: Text<'a>,
    #[serde(default, borrow)]
    difference: Text<'a>,
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A field's value as text: a character for each byte (ISO 8859-1), so that any value can be written and read back.
pub(super) fn field_text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => value.iter().copied().map(char::from).collect::<String>().into(),
    }
}

/// The way back. Text with characters beyond ISO 8859-1, which [`field_text`] never writes, becomes UTF-8.
pub(super) fn field_value(text: &str) -> Option<HeaderValue> {
    if text.is_ascii() {
        return HeaderValue::from_str(text).ok();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(char).ok()).collect();
    HeaderValue::from_bytes(&bytes.unwrap_or_else(|| text.as_bytes().to_vec())).ok()
}

fn write_fields(headers: &Fields) -> Vec<(Text<'_>, Text<'_>)> {
    headers.iter().map(|(name, value)| (name.into(), field_text(value).into())).collect()
}

fn read_fields(fields: &[(Text<'_>, Text<'_>)]) -> Result<Fields, String> {
    let mut headers = HeaderMap::with_capacity(fields.len().min(64));
    for (Text(name), Text(value)) in fields {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no field name"))?;
        let value = field_value(value).ok_or_else(|| format!("the value of `{name}` is none that a field can have"))?;
        headers.try_append(key, value).map_err(|_| "too many fields".to_owned())?;
    }
    Ok(headers.into())
}

fn write_body(body: &CapturedBody) -> (Option<Text<'_>>, Option<Text<'_>>) {
    match std::str::from_utf8(&body.bytes) {
        Ok("") => (None, None),
        Ok(text) => (Some(text.into()), None),
        Err(_) => (None, Some(STANDARD.encode(&body.bytes).into())),
    }
}

fn read_body(text: Option<Text<'_>>, base64: Option<Text<'_>>, cut: bool) -> Result<CapturedBody, String> {
    let bytes = match (text, base64) {
        (Some(Text(text)), _) => Bytes::from(text.into_owned()),
        (None, Some(Text(base64))) => {
            STANDARD.decode(base64.as_bytes()).map_err(|error| format!("a body that is not base64: {error}"))?.into()
        }
        (None, None) => Bytes::new(),
    };
    Ok(CapturedBody { bytes, cut })
}

impl<'a> Line<'a> {
    pub(super) fn of(exchange: &'a Exchange) -> Line<'a> {
        let request = &exchange.request;
        let (body, body_base64) = write_body(&request.body);
        let asked = Asked {
            method: request.method.as_str().into(),
            target: request.target.as_str().into(),
            headers: write_fields(&request.headers),
            body,
            body_base64,
            cut: request.body.cut,
        };
        let (answer, no_answer) = match &exchange.outcome {
            Outcome::Answered(response) => (Some(Answer::of(response)), None),
            Outcome::Reset => (None, Some(NoAnswer::Reset)),
            Outcome::Hung => (None, Some(NoAnswer::Hung)),
            Outcome::TimedOut => (None, Some(NoAnswer::TimedOut)),
        };
        Line {
            standin: VERSION,
            id: exchange.id,
            began: Some(exchange.began.timestamp().to_string().into()),
            mono_ns: exchange.began.mono_ns,
            session: Some((&*exchange.session).into()),
            base: exchange.base.as_deref().map(Text::from),
            request: asked,
            answer,
            no_answer,
            took_ns: nanoseconds(exchange.took),
            decision: exchange.decision.as_ref().map(Decided::of),
        }
    }

    pub(super) fn into_exchange(self) -> Result<Exchange, String> {
        if self.standin > VERSION {
            return Err(format!("written by a later version ({}, this reads {VERSION})", self.standin));
        }
        let wall_ns = match &self.began {
            None => 0,
            Some(Text(text)) => began(text).ok_or_else(|| format!("`{text}` is no point in time"))?,
        };
        let request = self.request;
        let method = &request.method.0;
        let target = &request.target.0;
        let captured = CapturedRequest {
            method: Method::from_bytes(method.as_bytes()).map_err(|_| format!("`{method}` is no method"))?,
            target: Target::parse(target).ok_or_else(|| format!("`{target}` is no request target"))?,
            headers: read_fields(&request.headers)?,
            body: read_body(request.body, request.body_base64, request.cut)?,
        };
        let outcome = match (self.answer, self.no_answer) {
            (Some(answer), _) => Outcome::Answered(answer.into_response()?),
            (None, Some(NoAnswer::Reset)) => Outcome::Reset,
            (None, Some(NoAnswer::Hung)) => Outcome::Hung,
            (None, Some(NoAnswer::TimedOut)) => Outcome::TimedOut,
            (None, None) => return Err("neither `answer` nor `no_answer`".to_owned()),
        };
        Ok(Exchange {
            id: self.id,
            began: Moment { wall_ns, mono_ns: self.mono_ns },
            session: self.session.map_or_else(|| "default".into(), |Text(name)| Arc::from(&*name)),
            base: self.base.map(|Text(base)| Arc::from(&*base)),
            request: captured,
            outcome,
            took: Duration::from_nanos(self.took_ns),
            decision: self.decision.map(Decided::into_decision),
        })
    }
}

/// Nanoseconds since the epoch, where they fit.
pub(super) fn began(text: &str) -> Option<i64> {
    let timestamp: jiff::Timestamp = text.parse().ok()?;
    i64::try_from(timestamp.as_nanosecond()).ok()
}

impl<'a> Answer<'a> {
    fn of(response: &'a CapturedResponse) -> Answer<'a> {
        let (body, body_base64) = write_body(&response.body);
        Answer {
            status: response.status.as_u16(),
            headers: write_fields(&response.headers),
            body,
            body_base64,
            cut: response.body.cut,
        }
    }

    fn into_response(self) -> Result<CapturedResponse, String> {
        Ok(CapturedResponse {
            status: StatusCode::from_u16(self.status).map_err(|_| format!("{} is no status", self.status))?,
            headers: read_fields(&self.headers)?,
            body: read_body(self.body, self.body_base64, self.cut)?,
        })
    }
}

impl<'a> Decided<'a> {
    fn of(decision: &'a Decision) -> Decided<'a> {
        Decided {
            operation: decision.operation.as_deref().map(Text::from),
            call: decision.call,
            why: decision.why.to_string().into(),
            violations: decision.violations.iter().map(Against::of).collect(),
            notes: decision.notes.iter().map(|note| note.as_str().into()).collect(),
            nearest: decision.nearest.iter().map(Near::of).collect(),
            undocumented: decision.undocumented.iter().map(|name| name.as_str().into()).collect(),
            example: decision.example.as_deref().map(Text::from),
            applied: decision.applied.iter().map(|applied| applied.as_str().into()).collect(),
            delay_ns: nanoseconds(decision.delay),
            fault: decision.fault.map(|fault| fault.to_string().into()),
            draws: decision.draws.iter().map(draw::Told::of).collect(),
            limits: decision.limits.iter().map(limit::Told::of).collect(),
        }
    }

    fn into_decision(self) -> Decision {
        let texts = |texts: Vec<Text<'_>>| texts.into_iter().map(|Text(text)| text.into_owned()).collect();
        Decision {
            operation: self.operation.map(|Text(operation)| Arc::from(&*operation)),
            call: self.call,
            why: self.why.0.parse().unwrap_or_default(),
            violations: self.violations.into_iter().map(Against::into_violation).collect(),
            notes: texts(self.notes),
            // It is among the notes.
            failed: None,
            nearest: self.nearest.into_iter().map(Near::into_nearest).collect(),
            undocumented: texts(self.undocumented),
            example: self.example.map(|Text(example)| Arc::from(&*example)),
            applied: texts(self.applied),
            delay: Duration::from_nanos(self.delay_ns),
            // A later version may have others: what came of the call is told by the rest of the line.
            fault: self.fault.and_then(|Text(text)| Fault::parse(&text).ok()),
            draws: self.draws.into_iter().map(draw::Told::into_draw).collect(),
            limits: self.limits.into_iter().map(limit::Told::into_limit).collect(),
            trace: Trace::default(),
        }
    }
}

impl<'a> Near<'a> {
    fn of(nearest: &'a Nearest) -> Near<'a> {
        Near { operation: (&*nearest.operation).into(), difference: nearest.difference.as_str().into() }
    }

    fn into_nearest(self) -> Nearest {
        Nearest { operation: Arc::from(&*self.operation.0), difference: self.difference.0.into_owned() }
    }
}

const PARTS: [Part; 8] =
    [Part::Credentials, Part::Path, Part::Query, Part::Header, Part::Cookie, Part::MediaType, Part::Body, Part::Status];

/// The keywords that a violation can name; one that is not here is read as the last.
#[rustfmt::skip]
pub(super) const KEYWORDS: &[&str] = &[
    "additionalItems", "additionalProperties", "allOf", "anyOf", "const", "contains", "contentEncoding", "contentMediaType",
    "dependencies", "dependentRequired", "dependentSchemas", "discriminator", "else", "enum", "exclusiveMaximum",
    "exclusiveMinimum", "false", "format", "if", "items", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum",
    "minContains", "minItems", "minLength", "minProperties", "minimum", "missing", "multipleOf", "not", "nullable", "oneOf",
    "pattern", "patternProperties", "prefixItems", "properties", "propertyNames", "readOnly", "required", "security", "then",
    "type", "undocumented", "unevaluatedItems", "unevaluatedProperties", "uniqueItems", "unparsable", "writeOnly", "other",
];

impl<'a> Against<'a> {
    fn of(violation: &'a Violation) -> Against<'a> {
        Against {
            part: violation.part.word().into(),
            name: (&*violation.name).into(),
            pointer: violation.pointer.as_str().into(),
            keyword: violation.keyword.into(),
            sentence: violation.sentence.as_str().into(),
            expected: violation.expected.as_deref().map(Text::from),
            got: violation.got.as_deref().map(Text::from),
            place: violation.place.as_ref().map(|place| place.to_string().into()),
        }
    }

    fn into_violation(self) -> Violation {
        let owned = |text: Option<Text<'_>>| text.map(|Text(text)| text.into_owned());
        Violation {
            part: PARTS.into_iter().find(|part| part.word() == self.part.0).unwrap_or(Part::Body),
            name: Arc::from(&*self.name.0),
            pointer: self.pointer.0.into_owned(),
            keyword: KEYWORDS.iter().find(|keyword| **keyword == self.keyword.0).unwrap_or(&"other"),
            sentence: self.sentence.0.into_owned(),
            expected: owned(self.expected),
            got: owned(self.got),
            place: None,
        }
    }
}
