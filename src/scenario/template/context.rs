//! What templates are told: the request, its number and session, the time, and what was kept of earlier calls.

use std::sync::Arc;

use jiff::Timestamp;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, Serde};

use super::language::{DRAWS, Draws};
use crate::contract::{Call, In};
use crate::generate::Seed;
use crate::message::{cookies, form_decode, query_pairs};

/// The names that every template knows, beside functions.
pub(super) const NAMES: [&str; 5] = ["request", "call", "session", "now", "saved"];

/// Those of them that the templates of a step do not know.
pub(in crate::scenario) const OF_CALLS: [&str; 3] = ["request", "call", "session"];

/// The members of `request`.
pub(super) const REQUEST: [&str; 8] = ["method", "target", "path", "query", "header", "cookie", "body", "raw"];

/// The longest content of a request that templates see as text, in bytes.
const RAW: usize = 1 << 20;

/// What an answer is made from.
#[derive(Debug)]
pub struct Facts<'f> {
    /// The request, with its operation.
    pub call: &'f Call<'f>,
    /// Its number in session and operation.
    pub number: u64,
    /// The session it counts in.
    pub session: &'f str,
    /// The session's time.
    pub now: Timestamp,
    /// What values are drawn from: already narrowed to session, operation, call and rule.
    pub seed: Seed,
    /// What was kept of earlier calls, by name.
    pub saved: &'f [(Arc<str>, serde_json::Value)],
}

/// The same, as templates see it. All templates of one answer share one, so that each draws on.
#[derive(Clone, Debug)]
pub struct Context(pub(super) Value);

/// What every template is told.
fn known(saved: &[(Arc<str>, serde_json::Value)], now: Timestamp, seed: Seed) -> Vec<(&'static str, Value)> {
    let saved = saved.iter().map(|(name, value)| (name.to_string(), Value::from(Serde(value))));
    // To the second, as times are written.
    let written = Timestamp::from_second(now.as_second()).unwrap_or(now);
    vec![
        ("now", Value::from(written.to_string())),
        ("saved", Value::from_pairs(saved)),
        (DRAWS, Value::from_object(Draws::new(seed, now))),
    ]
}

impl Context {
    /// What the templates of a step are told: there is no request yet.
    pub(in crate::scenario) fn of_step(saved: &[(Arc<str>, serde_json::Value)], now: Timestamp, seed: Seed) -> Context {
        Context(Value::from_pairs(known(saved, now, seed)))
    }
}

impl Facts<'_> {
    /// What templates are told.
    pub fn context(&self) -> Context {
        let mut members = known(self.saved, self.now, self.seed);
        members.extend([
            ("request", self.request()),
            ("call", Value::from(self.number)),
            ("session", Value::from(self.session)),
        ]);
        Context(Value::from_pairs(members))
    }

    fn request(&self) -> Value {
        let (call, request) = (self.call, self.call.request());
        let path = self.documented(In::Path, |name| call.path(name).map(|text| text.into_owned()));
        let mut query = self.documented(In::Query, |name| call.query(name).map(|text| text.into_owned()));
        for (name, value) in query_pairs(request.target.query().unwrap_or_default()) {
            let decoded =
                |text| form_decode(text).map(|text| text.into_owned()).unwrap_or_else(|_| str::to_owned(text));
            let name = decoded(name);
            if !query.iter().any(|(known, _)| *known == name) {
                query.push((name, Value::from(decoded(value.unwrap_or_default()))));
            }
        }
        let mut cookie = self.documented(In::Cookie, |name| call.cookie(name).map(str::to_owned));
        for (name, value) in cookies(&request.headers) {
            if !cookie.iter().any(|(known, _)| known == name) {
                cookie.push((name.to_owned(), Value::from(value)));
            }
        }
        let mut header = self.documented(In::Header, |name| call.header(name).map(str::to_owned));
        for (name, value) in &request.headers {
            if !header.iter().any(|(known, _)| known.eq_ignore_ascii_case(name.as_str())) {
                header.push((name.as_str().to_owned(), Value::from(String::from_utf8_lossy(value.as_bytes()))));
            }
        }
        let mut members = vec![
            ("method", Value::from(request.method.as_str())),
            ("target", Value::from(request.target.as_str())),
            ("path", Value::from_pairs(path)),
            ("query", Value::from_pairs(query)),
            ("cookie", Value::from_pairs(cookie)),
            ("header", Value::from_object(Fields(header))),
        ];
        if let Some(body) = call.body().value() {
            members.push(("body", Value::from(Serde(body))));
        }
        let bytes = request.body.bytes();
        if bytes.len() <= RAW {
            members.push(("raw", Value::from(String::from_utf8_lossy(&bytes))));
        }
        Value::from_pairs(members)
    }

    /// The parameters that the document describes, as the types that their schemas ask for.
    fn documented(&self, place: In, text: impl Fn(&str) -> Option<String>) -> Vec<(String, Value)> {
        let parameters = self.call.operation().parameters.iter().filter(|parameter| parameter.place == place);
        let found = parameters.filter_map(|parameter| {
            let text = text(&parameter.name)?;
            let value = match parameter.schema() {
                Some(schema) => Value::from(Serde(schema.coerce(&text))),
                None => Value::from(text),
            };
            Some((parameter.name.to_string(), value))
        });
        found.collect()
    }
}

/// Header fields by name: in upper or lower case, and with `_` for `-`, so that `request.header.x_mode` can be written.
#[derive(Debug)]
struct Fields(Vec<(String, Value)>);

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let asked = key.as_str()?;
        let same = |name: &str, swap: bool| {
            name.len() == asked.len()
                && name
                    .bytes()
                    .zip(asked.bytes())
                    .all(|(one, other)| one.eq_ignore_ascii_case(&other) || (swap && one == b'-' && other == b'_'))
        };
        let find = |swap| self.0.iter().find(|(name, _)| same(name, swap)).map(|(_, value)| value.clone());
        find(false).or_else(|| find(true))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Value::from(name.to_ascii_lowercase())).collect())
    }
}
