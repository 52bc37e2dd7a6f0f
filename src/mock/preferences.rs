//! What a client asks for by name: `Prefer: code=504, example=NAME` (RFC 7240), or the same as `__code=504` in the query.

use std::sync::Arc;
use std::time::Duration;

use super::{Marked, Mock, View};
use crate::contract::{Call, Operation};
use crate::generate::Seed;
use crate::message::{HeaderName, Prefer, StatusRange};
use crate::scenario::{Delay, Scenario};
use crate::traffic::Fault;

/// The preferences that are ours. Others belong to the API or to nobody, and are left alone (RFC 7240 §2).
const NAMES: [&str; 7] = ["code", "example", "dynamic", "seed", "scenario", "delay", "fault"];

pub(super) static PREFER: HeaderName = HeaderName::from_static("prefer");

/// What a request asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Preferences {
    /// The status.
    pub(super) code: Option<u16>,
    /// A named example.
    pub(super) example: Option<String>,
    /// Generated instead of taken from an example.
    pub(super) dynamic: Option<bool>,
    /// Where what is made up comes from, instead of the seed of the run.
    pub(super) seed: Option<Seed>,
    /// The scenarios to apply instead of the active ones: one or none.
    pub(super) scenario: Vec<Arc<Scenario>>,
    /// How long to hold the answer back.
    pub(super) delay: Option<Delay>,
    /// What becomes of the answer on the wire.
    pub(super) fault: Option<Fault>,
    /// What was understood, as it was written.
    pub(super) asked: Vec<(&'static str, String)>,
    /// Why what was asked for is refused; nothing else is set then.
    pub(super) refused: Option<String>,
}

impl Preferences {
    /// Whether the client decides, and no rule does.
    pub(super) fn decides(&self) -> bool {
        self.code.is_some()
            || self.example.is_some()
            || self.delay.is_some()
            || self.fault.is_some()
            || self.refused.is_some()
    }

    /// Reads the `Prefer` fields; without any of ours there, the query.
    pub(super) fn read(call: &Call, marked: Marked, mock: &Mock, view: &View) -> Preferences {
        Preferences::understood(call, marked, mock, view)
            .unwrap_or_else(|why| Preferences { refused: Some(why), ..Preferences::default() })
    }

    fn understood(call: &Call, marked: Marked, mock: &Mock, view: &View) -> Result<Preferences, String> {
        let mut read = Preferences::default();
        let mut any = false;
        if marked.prefer {
            let field = Prefer::parse(&call.request().headers);
            for (name, value) in field.iter() {
                any |= read.take(name, value, call, mock, view)?;
            }
        }
        if !any && call.request().target.query().is_some_and(|query| query.contains("__")) {
            for name in NAMES {
                if let Some(value) = call.query(&format!("__{name}")) {
                    read.take(name, &value, call, mock, view)?;
                }
            }
            if let Some(url) = call.query("__server") {
                server(&url, call)?;
            }
        }
        Ok(read)
    }

    /// Takes one preference; whether it was one of ours.
    fn take(&mut self, name: &str, value: &str, call: &Call, mock: &Mock, view: &View) -> Result<bool, String> {
        let Some(known) = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name)) else { return Ok(false) };
        match *known {
            "code" => self.code = Some(code(value, call.operation())?),
            "example" => self.example = Some(value.to_owned()),
            "dynamic" => {
                self.dynamic = Some(match value {
                    "" | "true" | "1" => true,
                    "false" | "0" => false,
                    other => return Err(format!("`Prefer: dynamic={other}`: takes true or false")),
                });
            }
            "delay" => {
                let delay =
                    Delay::parse(value).map_err(|(why, help)| format!("`Prefer: delay={value}`: {why}; {help}"))?;
                if longest(&delay) > LONGEST_DELAY {
                    return Err(format!("`Prefer: delay={value}`: at most {} s", LONGEST_DELAY.as_secs()));
                }
                self.delay = Some(delay);
            }
            "fault" => {
                let fault = Fault::parse(value);
                self.fault = Some(fault.map_err(|(why, help)| format!("`Prefer: fault={value}`: {why}; {help}"))?);
            }
            "seed" if value.is_empty() => return Err("`Prefer: seed=`: takes a number or another text".to_owned()),
            "seed" => self.seed = Some(Seed::of_text(value)),
            _ => self.scenario = vec![scenario(value, mock, view)?],
        }
        self.asked.push((known, value.to_owned()));
        Ok(true)
    }
}

/// Whether the document has this server for the operation: its URL, every variable at its default.
fn server(url: &str, call: &Call) -> Result<(), String> {
    let plain = |url: &str| url.trim_end_matches('/').to_owned();
    let servers = &call.contract().heads()[call.route().operation].servers;
    if servers.iter().any(|server| plain(&server.url) == plain(url)) {
        return Ok(());
    }
    let listed: Vec<&str> = servers.iter().map(|server| &*server.url).collect();
    let listed = if listed.is_empty() { "it has none".to_owned() } else { format!("it has {}", listed.join(", ")) };
    Err(format!("`__server={url}`: the document has no such server for {}; {listed}", call.operation().key))
}

/// The longest delay that a request may ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(3_600);

fn longest(delay: &Delay) -> Duration {
    match delay {
        Delay::Fixed(delay) => *delay,
        Delay::Between(_, longest) => *longest,
        Delay::LogNormal { p99, .. } => *p99,
    }
}

/// The status that is asked for: itself, or as the document writes its keys (`4XX`, `default`).
fn code(value: &str, operation: &Operation) -> Result<u16, String> {
    let refused = || format!("`Prefer: code={value}`: takes a status from 200 to 599, `2XX` to `5XX`, or `default`");
    let key = if value.eq_ignore_ascii_case("default") { "default".to_owned() } else { value.to_ascii_uppercase() };
    match StatusRange::parse(&key).ok_or_else(refused)? {
        StatusRange::Exact(code @ 200..=599) => Ok(code),
        // No status of HTTP, but one that can be sent, and some documents have such.
        StatusRange::Exact(code @ 600..=999) if operation.response(code).is_some() => Ok(code),
        StatusRange::Class(class @ 2..=5) => Ok(first_of(class, operation)),
        StatusRange::Default => {
            let falls = |code: &u16| operation.response(*code).is_some_and(|found| found.range == StatusRange::Default);
            (500..600)
                .chain(400..500)
                .find(falls)
                .ok_or_else(|| format!("`Prefer: code={value}`: {} has no `default` response", operation.key))
        }
        StatusRange::Exact(_) | StatusRange::Class(_) => Err(refused()),
    }
}

/// The plainest status that the document's own `4XX` covers; without such a key the first status of the class, else its plainest.
fn first_of(class: u8, operation: &Operation) -> u16 {
    let plain = u16::from(class) * 100;
    let whole = StatusRange::Class(class);
    if operation.responses.iter().any(|response| response.range == whole) {
        let falls = |code: &u16| operation.response(*code).is_some_and(|found| found.range == whole);
        return (plain..plain + 100).find(falls).unwrap_or(plain);
    }
    let exact = operation.responses.iter().filter_map(|response| match response.range {
        StatusRange::Exact(code) if code / 100 == u16::from(class) => Some(code),
        _ => None,
    });
    exact.min().unwrap_or(plain)
}

fn scenario(name: &str, mock: &Mock, view: &View) -> Result<Arc<Scenario>, String> {
    view.scenario(mock, name).cloned().ok_or_else(|| view.unknown(mock, name))
}
