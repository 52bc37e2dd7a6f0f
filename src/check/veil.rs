//! Secrets kept out of reports.
//!
//! Two nets, one behind the other: the redactor takes out what is a secret by its name, and then every text is searched for the
//! values of credentials that were given for the run or carried by the request.

use base64::Engine as _;
use serde_json::Value;

use super::Live;
use crate::contract::{Contract, In, SchemeKind};
use crate::finding::Violation;
use crate::message::{HeaderName, HeaderValue, cookies, form_decode, header, percent_encode_query, query_pairs};
use crate::traffic::{CapturedRequest, Decision, Exchange, Redactor, is_secret_name};

/// What stands for a secret in a text.
const HIDDEN: &str = "***";
/// A shorter one would be found in the middle of words.
const SHORTEST: usize = 4;
/// A field that does not say by its name that it is secret is taken for one from this length on.
const OPAQUE: usize = 16;

/// Whether a request shows by this field who asks.
pub(super) fn is_credential(contract: &Contract, name: &HeaderName) -> bool {
    let key = |scheme: &crate::contract::SchemeKind| matches!(scheme, SchemeKind::ApiKey { place: In::Header, name: own } if own.eq_ignore_ascii_case(name.as_str()));
    *name == header::AUTHORIZATION
        || *name == header::COOKIE
        || is_secret_name(name.as_str())
        || contract.schemes().iter().any(|scheme| key(&scheme.kind))
}

/// Takes secrets out of what is reported. One for a run.
pub(super) struct Veil {
    redactor: Redactor,
    /// The document's own names for keys in the query.
    keys: Vec<String>,
    given: Vec<String>,
}

impl Veil {
    pub(super) fn new(contract: &Contract, key: &[u8; 32], live: Option<&Live>) -> Veil {
        let mut redactor = Redactor::new(key);
        let mut keys = Vec::new();
        for scheme in contract.schemes() {
            if let SchemeKind::ApiKey { name, .. } = &scheme.kind {
                redactor = redactor.knowing(name.clone());
                keys.push(name.clone());
            }
        }
        let mut given = Vec::new();
        for (name, value) in live.iter().flat_map(|live| &live.fields) {
            let credential = is_credential(contract, name);
            if credential || value.len() >= OPAQUE {
                redactor = redactor.knowing(name.as_str());
                field(name, value, &mut given);
            }
        }
        Veil { redactor, keys, given }
    }

    /// An exchange without its secrets, what rules have against it likewise, and the secrets that a text about it must not hold.
    pub(super) fn cover(&self, exchange: &Exchange, violations: Vec<Violation>) -> Covered {
        let mut secrets = self.given.clone();
        self.carried(&exchange.request, &mut secrets);
        let decision = Decision { violations, ..Decision::default() };
        let open = exchange;
        let mut exchange = self.redactor.redact(&Exchange { decision: Some(decision), ..open.clone() });
        replaced(&open.request.body.bytes, &exchange.request.body.bytes, &mut secrets);
        if let (Some(open), Some(covered)) = (open.response(), exchange.response()) {
            replaced(&open.body.bytes, &covered.body.bytes, &mut secrets);
        }
        let violations = exchange.decision.take().unwrap_or_default().violations;
        Covered { exchange, violations, secrets }
    }

    /// The secrets that a request carries.
    fn carried(&self, request: &CapturedRequest, known: &mut Vec<String>) {
        let headers = request.headers.to_map();
        for (name, value) in &headers {
            let key = self.is_key(name.as_str());
            if *name == header::AUTHORIZATION || *name == header::COOKIE || is_secret_name(name.as_str()) || key {
                field(name, value, known);
            }
        }
        for (_, value) in cookies(&headers) {
            add(value, known);
        }
        for (name, value) in request.target.query().into_iter().flat_map(query_pairs) {
            let name = form_decode(name).unwrap_or_default();
            if is_secret_name(&name) || self.is_key(&name) {
                add(value.unwrap_or_default(), known);
                add(&form_decode(value.unwrap_or_default()).unwrap_or_default(), known);
            }
        }
    }

    /// A URL without secrets in its query.
    pub(super) fn url(&self, url: &str) -> String {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let pair = |(name, value): (&str, Option<&str>)| {
            let plain = form_decode(name).unwrap_or_default();
            match value {
                Some(_) if is_secret_name(&plain) || self.is_key(&plain) => format!("{name}={HIDDEN}"),
                Some(value) => format!("{name}={value}"),
                None => name.to_owned(),
            }
        };
        let pairs: Vec<String> = query_pairs(query).map(pair).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        hide(&format!("{address}{query}"), &self.given)
    }

    fn is_key(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.eq_ignore_ascii_case(name))
    }
}

/// An exchange that can be shown, together with what is said about it.
pub(super) struct Covered {
    pub(super) exchange: Exchange,
    pub(super) violations: Vec<Violation>,
    /// To be hidden from every text about it.
    pub(super) secrets: Vec<String>,
}

/// Adds what the redactor took out of content that is JSON or a form: elsewhere in a report it would be in plain sight.
fn replaced(open: &[u8], covered: &[u8], known: &mut Vec<String>) {
    if open == covered {
        return;
    }
    if let (Ok(open), Ok(covered)) = (serde_json::from_slice::<Value>(open), serde_json::from_slice::<Value>(covered)) {
        let mut pairs = vec![(&open, &covered)];
        while let Some((open, covered)) = pairs.pop() {
            match (open, covered) {
                (Value::Array(open), Value::Array(covered)) => pairs.extend(open.iter().zip(covered)),
                (Value::Object(open), Value::Object(covered)) => pairs.extend(open.values().zip(covered.values())),
                (Value::String(open), covered) if covered != open.as_str() => add(open, known),
                (Value::Number(open), Value::String(_)) => add(&open.to_string(), known),
                _ => {}
            }
        }
    } else if let (Ok(open), Ok(covered)) = (std::str::from_utf8(open), std::str::from_utf8(covered)) {
        for ((_, open), (_, covered)) in query_pairs(open).zip(query_pairs(covered)) {
            let open = open.filter(|_| open != covered).unwrap_or_default();
            add(open, known);
            add(&form_decode(open).unwrap_or_default(), known);
        }
    }
}

/// What is secret about a field: its value, and the parts of it.
fn field(name: &HeaderName, value: &HeaderValue, known: &mut Vec<String>) {
    let text = String::from_utf8_lossy(value.as_bytes());
    add(text.trim(), known);
    if *name == header::COOKIE {
        for pair in text.split(';') {
            add(pair.split_once('=').map_or(pair, |(_, value)| value).trim(), known);
        }
        return;
    }
    let Some((scheme, credentials)) = text.trim().split_once(' ') else { return };
    add(credentials.trim(), known);
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(plain) = base64::engine::general_purpose::STANDARD.decode(credentials.trim())
        && let Some((_, password)) = String::from_utf8_lossy(&plain).split_once(':')
    {
        add(password, known);
    }
}

/// Adds a secret, as it is and as JSON and addresses write it.
fn add(secret: &str, known: &mut Vec<String>) {
    let json = serde_json::to_string(secret).unwrap_or_default();
    for form in [secret, json.trim_matches('"'), &percent_encode_query(secret)] {
        if form.len() >= SHORTEST && !form.starts_with("redacted:") && !known.iter().any(|known| known == form) {
            known.push(form.to_owned());
        }
    }
}

/// A text without these secrets, nor the beginning of one where the text was cut.
pub(super) fn hide(text: &str, secrets: &[String]) -> String {
    let mut text = text.to_owned();
    // The longest first: one may hold another.
    let mut secrets: Vec<&String> = secrets.iter().collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in &secrets {
        if text.contains(secret.as_str()) {
            text = text.replace(secret.as_str(), HIDDEN);
        }
    }
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find('…')) {
        let cut = from + found;
        let before = &text[..cut];
        let begins = |secret: &&&String| {
            (SHORTEST..secret.len())
                .rev()
                .find(|length| secret.get(..*length).is_some_and(|begin| before.ends_with(begin)))
        };
        if let Some(length) = secrets.iter().filter_map(|secret| begins(&secret)).max() {
            text.replace_range(cut - length..cut, HIDDEN);
            from = cut - length + HIDDEN.len() + '…'.len_utf8();
        } else {
            from = cut + '…'.len_utf8();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{add, field, hide};
    use crate::message::{HeaderValue, header};

    #[test]
    fn a_secret_is_hidden_in_every_form_and_where_it_was_cut() {
        let mut known = Vec::new();
        add("s3cr\"t key", &mut known);
        assert_eq!(hide(r#"a s3cr"t key b "s3cr\"t key" c s3cr%22t%20key"#, &known), r#"a *** b "***" c ***"#);
        assert_eq!(hide("it is s3cr\"t…", &known), "it is ***…");
        assert_eq!(hide("it is s3c… and …", &known), "it is s3c… and …");
    }

    #[test]
    fn the_parts_of_a_field_are_secret_too() {
        let mut known = Vec::new();
        field(&header::AUTHORIZATION, &HeaderValue::from_static("Basic YWRhOmxvdmVsYWNl"), &mut known);
        assert_eq!(hide("lovelace YWRhOmxvdmVsYWNl ada", &known), "*** *** ada");
        field(&header::COOKIE, &HeaderValue::from_static("sid=0123456; theme=d"), &mut known);
        assert_eq!(hide("0123456 d", &known), "*** d");
    }
}
