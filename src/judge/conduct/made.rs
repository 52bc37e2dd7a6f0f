//! A call as it is remembered: small, and without the message.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::Seen;
use crate::contract::{In, Operation};
use crate::finding::{CallMade, Ending, Part};
use crate::message::{Method, Moment, RetryAfter};
use crate::traffic::{Decision, Exchange, Outcome, Why};

/// The most characters of a client's own text that are kept.
const QUOTED: usize = 40;

/// How long it may take until it is noticed that a client has given up: one that only closed its side is still answered for a
/// while, and machines are busy.
pub(super) const NOTICED: Duration = Duration::from_millis(200);

/// The field that tells a retry from a new call, where the document has none for it
/// (draft-ietf-httpapi-idempotency-key-header).
const KEY_FIELD: &str = "Idempotency-Key";

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) operation: Option<Arc<str>>,
    pub(super) number: u64,
    /// When its head came, and when the last byte of its answer had gone, in nanoseconds of its session's clock: for waits.
    pub(super) came: i64,
    pub(super) ended: i64,
    /// The same by the machine's clock, which neither stands still nor is moved: for the order of calls.
    order: (u64, u64),
    pub(super) status: Option<u16>,
    /// What a scenario has for it could not be made: its status is none of the document's.
    pub(super) unmade: bool,
    /// Its answer was cut off.
    pub(super) cut_off: bool,
    /// The client did not wait for an answer. It left up to [`NOTICED`] after its end here.
    pub(super) given_up: bool,
    /// How long its answer asked to wait, counted from its end; and as written.
    pub(super) wait: Option<Duration>,
    pub(super) retry_after: Option<Arc<str>>,
    /// The session's clock stood still.
    frozen: bool,
    /// How far that was ahead of the machine's.
    ahead: i64,
    /// To send it twice comes to the same as to send it once, going by its method (RFC 9110 §9.2.2).
    pub(super) idempotent: bool,
    /// Stands for method, target and content.
    pub(super) digest: u64,
    /// Its idempotency key.
    pub(super) key: Option<Key>,
    /// The name of the field that the key is in.
    pub(super) key_field: Cow<'static, str>,
    /// What it has that the document does not know or forbids.
    pub(super) undocumented: Option<String>,
}

/// An idempotency key: what it is compared by, and its beginning.
#[derive(Clone, Debug)]
pub(super) struct Key {
    digest: u64,
    shown: Arc<str>,
}

/// Why a wait is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untimed {
    /// The session's clock stood still during one of the calls.
    StoodStill,
    /// It shows less than has passed: it was set back, or stood still for a while in between.
    SetBack,
}

impl Untimed {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Untimed::StoodStill => "the clock of the session stood still",
            Untimed::SetBack => "the clock of the session was set back, or stood still for a while",
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.digest == other.digest
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "`{}`", self.shown)
    }
}

impl Made {
    /// `None` for what is no call, and nothing is expected of: preflights, and what was refused before it was looked at.
    pub(super) fn of(seen: &Seen<'_>) -> Option<Made> {
        let Seen { exchange, operation, time, .. } = seen;
        let decision = exchange.decision.as_ref().filter(|decision| decision.why != Why::Preflight)?;
        let undocumented = undocumented(exchange, decision);
        if operation.is_none() && undocumented.is_none() {
            return None;
        }
        let operation = operation.filter(|index| *index < seen.contract.heads().len());
        let operation = operation.map(|index| seen.contract.operation(index));
        let request = &exchange.request;
        let came = time.at(exchange.began.mono_ns);
        let given_up = exchange.outcome == Outcome::Hung;
        let took = if given_up { exchange.took.saturating_sub(NOTICED) } else { exchange.took };
        let began = exchange.began.mono_ns;
        let order = (began, began.saturating_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)));
        let took = i64::try_from(took.as_nanos()).unwrap_or(i64::MAX);
        let retry_after = exchange.response().and_then(|response| response.header("retry-after"));
        let ended =
            Moment { wall_ns: exchange.began.wall_ns.saturating_add(took).saturating_add(time.ahead_ns), mono_ns: 0 };
        let key_field = key_field(operation);
        let key = request.header(&key_field).map(|key| Key { digest: digest(&[key.as_bytes()]), shown: excerpt(key) });
        let method = request.method.as_str().as_bytes();
        Some(Made {
            operation: operation.map(|operation| operation.key.clone()),
            number: decision.call,
            came,
            ended: came.saturating_add(took),
            order,
            status: exchange.response().map(|response| response.status.as_u16()),
            unmade: decision.failed.is_some(),
            cut_off: exchange.is_cut_off(),
            given_up,
            wait: retry_after.and_then(RetryAfter::parse).map(|wait| wait.wait(ended)),
            retry_after: retry_after.map(excerpt),
            frozen: time.frozen,
            ahead: time.ahead_ns,
            idempotent: request.method.is_idempotent() || request.method.as_str() == "QUERY",
            digest: digest(&[method, request.target.as_str().as_bytes(), &request.body.bytes]),
            key,
            key_field,
            undocumented,
        })
    }

    /// Whether it is the same call: the same content, or the same idempotency key, for the same operation.
    pub(super) fn is_like(&self, other: &Made) -> bool {
        let keyed = || self.key.is_some() && self.key == other.key;
        self.operation == other.operation && (self.digest == other.digest || keyed())
    }

    /// Whether it was over when another came: that one may be a retry. Clocks of sessions are moved and stopped, and do not say.
    pub(super) fn is_before(&self, other: &Made) -> bool {
        self.order.1 <= other.order.0
    }

    /// Orders calls by when they came.
    pub(super) fn came_first(&self) -> u64 {
        self.order.0
    }

    /// Orders calls by when they were over.
    pub(super) fn over_first(&self) -> u64 {
        self.order.1
    }

    /// Why the clock of the session does not tell how long it was from this call to a later one.
    pub(super) fn untimed(&self, later: &Made) -> Option<Untimed> {
        if self.frozen || later.frozen {
            Some(Untimed::StoodStill)
        } else if later.ahead < self.ahead {
            Some(Untimed::SetBack)
        } else {
            None
        }
    }

    /// Whether a client may want to try it again: 408, 425, 429, 5xx, or no whole answer.
    pub(super) fn failed(&self) -> bool {
        self.cut_off || self.status.is_none_or(|status| matches!(status, 408 | 425 | 429 | 500..=599))
    }

    /// Whether it failed in a way that leaves open whether it was carried out. 408, 425 and 429 say that it was not.
    pub(super) fn left_open(&self) -> bool {
        self.cut_off || self.status.is_none_or(|status| matches!(status, 500..=599))
    }

    /// The same for a report. `began` is where its session began.
    pub(super) fn told(&self, began: i64) -> CallMade {
        CallMade {
            operation: self.operation.clone(),
            number: self.number,
            at: between(began, self.came),
            ending: match self.status {
                Some(status) if self.cut_off => Ending::CutOff(status),
                Some(status) => Ending::Answered(status),
                None => Ending::Unanswered,
            },
            took: between(self.came, self.ended),
            retry_after: self.retry_after.clone(),
            waited: None,
            wrong: None,
        }
    }
}

/// From one time to a later one; nothing where it is not later.
pub(super) fn between(earlier: i64, later: i64) -> Duration {
    Duration::from_nanos(u64::try_from(later.saturating_sub(earlier)).unwrap_or(0))
}

/// The field that the document has for an idempotency key (its own name, or one such as `X-Idempotency-Key`), else the usual one.
fn key_field(operation: Option<&Operation>) -> Cow<'static, str> {
    let ends = |name: &str| {
        let start = name.len().checked_sub(KEY_FIELD.len());
        start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(KEY_FIELD))
    };
    let parameters = operation.map_or(&[][..], |operation| &operation.parameters);
    let mut fields = parameters.iter().filter(|parameter| parameter.place == In::Header);
    // Names are in lower case here.
    match fields.find(|parameter| ends(&parameter.name)) {
        Some(parameter) if parameter.name.len() > KEY_FIELD.len() => {
            let word = |word: &str| {
                word.get(..1).map_or_else(String::new, str::to_ascii_uppercase) + word.get(1..).unwrap_or_default()
            };
            Cow::Owned(parameter.name.split('-').map(word).collect::<Vec<_>>().join("-"))
        }
        _ => Cow::Borrowed(KEY_FIELD),
    }
}

/// What a request has that the document does not know or forbids. That credentials are missing is not held against it: nothing was
/// sent that is not documented.
fn undocumented(exchange: &Exchange, decision: &Decision) -> Option<String> {
    let request = &exchange.request;
    if exchange.is_for_an_icon() {
        return None;
    }
    if matches!(decision.why, Why::NoOperation | Why::MethodNotAllowed) {
        let path = excerpt(request.target.path());
        return (request.method != Method::OPTIONS).then(|| format!("no operation for {} {path}", request.method));
    }
    if let Some(name) = decision.undocumented.first() {
        return Some(format!("query `{}` is not in the document", excerpt(name)));
    }
    let violation = decision.violations.iter().find(|violation| violation.part != Part::Credentials)?;
    let place = [&*violation.name, violation.pointer.as_str()].into_iter().filter(|part| !part.is_empty());
    let place: Vec<&str> = place.collect();
    let place = if place.is_empty() { String::new() } else { format!(" {}", place.join(" ")) };
    Some(format!("{}{place}: {}", violation.part, violation.sentence))
}

fn digest(parts: &[&[u8]]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

fn excerpt(text: &str) -> Arc<str> {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let cut: String = text.chars().take(QUOTED).map(plain).collect();
    if cut.len() < text.len() { format!("{cut}…").into() } else { cut.into() }
}
