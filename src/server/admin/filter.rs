//! Which exchanges are asked for: the parameters of a query, each of which leaves some out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Asked, problem};
use crate::finding::did_you_mean;
use crate::message::{Response, StatusCode, StatusRange, form_decode, percent_decode, query_pairs};
use crate::scenario::operation_named;
use crate::traffic::{Decision, Exchange, Fault, Limit, Why};

/// The parameters that leave exchanges out.
const FILTERS: [&str; 11] =
    ["session", "operation", "status", "method", "path", "why", "rule", "fault", "unmatched", "refused", "since"];

/// The parameters of a page of a list, beside them.
pub(super) const PAGED: [&str; 2] = ["before", "limit"];

/// The most exchanges that are listed at once.
pub(super) const MOST: usize = 1000;

/// The longest value that a parameter has, in bytes; targets of requests are no longer either.
const LONGEST: usize = 8 << 10;

/// What is asked for. What is not given, anything will do for.
#[derive(Debug, Default)]
pub(super) struct Filter {
    session: Option<String>,
    operation: Option<Arc<str>>,
    status: Option<Status>,
    method: Option<String>,
    path: Option<String>,
    why: Option<String>,
    rule: Option<(String, Option<Which>)>,
    fault: Option<Faulty>,
    unmatched: Option<bool>,
    refused: Option<bool>,
    since: Option<u64>,
    before: Option<u64>,
    /// How many, at most.
    pub(super) limit: Option<usize>,
}

/// Which rule of a scenario.
#[derive(Debug)]
enum Which {
    /// The one that stands at this line.
    Line(u32),
    /// The one with this id, also where it left the answer to the document.
    Id(String),
}

#[derive(Clone, Copy, Debug)]
enum Status {
    Of(StatusRange),
    /// There was no answer.
    None,
}

#[derive(Clone, Copy, Debug)]
enum Faulty {
    Any,
    None,
    Named(&'static str),
}

impl Filter {
    /// Reads the query. `more` are the parameters that the page takes beside those that leave exchanges out. An empty value is none: a
    /// form sends those as well.
    pub(super) fn read(asked: &Asked<'_>, more: &[&str]) -> Result<Filter, Box<Response>> {
        Filter::understood(asked, more).map_err(|sentence| problem(StatusCode::BAD_REQUEST, sentence))
    }

    fn understood(asked: &Asked<'_>, more: &[&str]) -> Result<Filter, String> {
        let mut filter = Filter::default();
        let mut seen = BTreeSet::new();
        for (name, value) in query_pairs(asked.target.query().unwrap_or_default()) {
            let name = decoded(name)?;
            let known = || FILTERS.iter().chain(more).copied();
            let Some(name) = known().find(|known| **known == *name) else {
                let near = did_you_mean(&name, known()).map(|near| format!("did you mean `{near}`?"));
                let listed = || format!("there are `{}`", known().collect::<Vec<_>>().join("`, `"));
                return Err(format!("there is no parameter `{}`; {}", shown(&name), near.unwrap_or_else(listed)));
            };
            let value = decoded(value.unwrap_or_default())?;
            if value.is_empty() {
                continue;
            }
            if !seen.insert(name) {
                return Err(format!("`{name}` is given twice: once, and one value"));
            }
            filter.take(name, &value, asked)?;
        }
        Ok(filter)
    }

    fn take(&mut self, name: &str, value: &str, asked: &Asked<'_>) -> Result<(), String> {
        match name {
            "session" => self.session = Some(value.to_owned()),
            "operation" => self.operation = Some(operation(value, asked)?),
            "status" => self.status = Some(status(value)?),
            "method" => self.method = Some(method(value)?),
            "path" => self.path = Some(value.to_owned()),
            "why" => self.why = Some(one_of(name, value, Why::kinds())?.to_owned()),
            "rule" => self.rule = Some(rule(value, asked)?),
            "fault" => {
                self.fault = Some(match one_of(name, value, Fault::names().chain(["any", "none"]))? {
                    "any" => Faulty::Any,
                    "none" => Faulty::None,
                    named => Faulty::Named(named),
                });
            }
            "unmatched" => self.unmatched = Some(one_of(name, value, ["true", "false"])? == "true"),
            "refused" => self.refused = Some(one_of(name, value, ["true", "false"])? == "true"),
            "since" => self.since = Some(number(name, value, 0)?),
            "before" => self.before = Some(number(name, value, 1)?),
            _ => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                self.limit = Some(limit.ok_or_else(|| format!("`limit` is a number from 1 to {MOST}"))?);
            }
        }
        Ok(())
    }

    /// The number that all are beyond.
    pub(super) fn since(&self) -> Option<u64> {
        self.since
    }

    /// Whether an exchange is asked for.
    pub(super) fn matches(&self, exchange: &Exchange) -> bool {
        let decision = exchange.decision.as_ref();
        let why = decision.map(|decision| &decision.why);
        let status = exchange.response().map(|response| response.status.as_u16());
        let path = || percent_decode(exchange.request.target.path()).unwrap_or_default();
        self.session.as_ref().is_none_or(|session| **session == *exchange.session)
            && self.since.is_none_or(|since| exchange.id > since)
            && self.before.is_none_or(|before| exchange.id < before)
            && (self.operation.as_ref())
                .is_none_or(|wanted| decision.is_some_and(|decision| decision.operation.as_ref() == Some(wanted)))
            && self.status.is_none_or(|wanted| match wanted {
                Status::Of(range) => status.is_some_and(|status| range.covers(status)),
                Status::None => status.is_none(),
            })
            && self.method.as_ref().is_none_or(|method| *method == exchange.request.method.as_str())
            && self.why.as_ref().is_none_or(|wanted| why.is_some_and(|why| why.kind() == *wanted))
            && self.rule.as_ref().is_none_or(|(name, which)| match which {
                None => decided_in(why).is_some_and(|(known, _)| *known == **name),
                Some(Which::Line(line)) => decided_in(why) == Some((name, *line)),
                Some(Which::Id(id)) => decision.is_some_and(|decision| has_decided(decision, name, id)),
            })
            && self.fault.is_none_or(|wanted| match (wanted, exchange.fault()) {
                (Faulty::Any, fault) => fault.is_some(),
                (Faulty::None, fault) => fault.is_none(),
                (Faulty::Named(name), fault) => fault.is_some_and(|fault| fault.name() == name),
            })
            && self.unmatched.is_none_or(|wanted| wanted == why.is_some_and(Why::is_unmatched))
            && self.refused.is_none_or(|wanted| wanted == why.is_some_and(Why::is_refused))
            && self.path.as_ref().is_none_or(|part| path().contains(&**part))
    }
}

/// The scenario that decided, and the line of what decided in it.
fn decided_in(why: Option<&Why>) -> Option<(&str, u32)> {
    match why? {
        Why::Scenario { name, line, .. } | Why::Rate { name, line } => Some((name, *line)),
        _ => None,
    }
}

/// Whether a rule decided on a call, or refused it.
fn has_decided(decision: &Decision, name: &str, id: &str) -> bool {
    let ruled = decision.trace.rule.as_ref().is_some_and(|ruled| (&*ruled.scenario, &*ruled.rule) == (name, id));
    let refused = |limit: &Limit| !limit.allowed && (&*limit.scenario, &*limit.rule) == (name, id);
    ruled || decision.limits.iter().any(refused)
}

fn decoded(text: &str) -> Result<Cow<'_, str>, String> {
    form_decode(text)
        .ok()
        .filter(|text| text.len() <= LONGEST)
        .ok_or_else(|| "the query cannot be decoded, or a part of it is too long".to_owned())
}

/// As much of a text as an answer repeats.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

fn one_of<'a>(name: &str, value: &str, known: impl IntoIterator<Item = &'a str>) -> Result<&'a str, String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(found) = known.iter().find(|known| **known == value) {
        return Ok(found);
    }
    let help = match did_you_mean(value, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it is one of `{}`", known.join("`, `")),
    };
    Err(format!("`{name}` is not `{}`; {help}", shown(value)))
}

fn number(name: &str, value: &str, least: u64) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| format!("`{name}` is the number of an exchange, not `{}`", shown(value)))
}

fn status(value: &str) -> Result<Status, String> {
    if value == "none" {
        return Ok(Status::None);
    }
    match StatusRange::parse(&value.to_ascii_uppercase()) {
        Some(range @ (StatusRange::Exact(_) | StatusRange::Class(_))) => Ok(Status::Of(range)),
        _ => {
            Err(format!("`status` is a status such as `404`, a class such as `4XX`, or `none`, not `{}`", shown(value)))
        }
    }
}

fn method(value: &str) -> Result<String, String> {
    match http::Method::from_bytes(value.as_bytes()) {
        // Methods are case-sensitive, and nobody means another one by small letters.
        Ok(_) => Ok(value.to_ascii_uppercase()),
        Err(_) => Err(format!("`method` is a method such as `POST`, not `{}`", shown(value))),
    }
}

/// The key of an operation: of the document, or of an exchange that is kept, since a document may have had another one before.
fn operation(value: &str, asked: &Asked<'_>) -> Result<Arc<str>, String> {
    operation_named(asked.mock.contract(), value).or_else(|(sentence, help)| {
        let kept = asked.inner.journal.snapshot();
        let mut kept = kept.iter().filter_map(|exchange| exchange.decision.as_ref()?.operation.clone());
        kept.find(|key| **key == *value).ok_or_else(|| format!("{sentence}; {help}"))
    })
}

/// The name of a scenario and, where one is said, the rule in it: by its line, or by its id.
fn rule(value: &str, asked: &Asked<'_>) -> Result<(String, Option<Which>), String> {
    let kept = asked.inner.journal.snapshot();
    let decided = kept.iter().filter_map(|exchange| decided_in(Some(&exchange.decision.as_ref()?.why)));
    let counted = kept.iter().filter_map(|exchange| Some(&*exchange.decision.as_ref()?.trace.rule.as_ref()?.scenario));
    let known = asked.mock.known().iter().map(|scenario| &*scenario.name);
    let known: BTreeSet<&str> = decided.map(|(name, _)| name).chain(counted).chain(known).collect();
    // Names and ids may have a colon in them.
    let behind = |name: &&str| value.strip_prefix(*name).filter(|rest| rest.is_empty() || rest.starts_with(':'));
    if let Some((name, rest)) = known.iter().rev().find_map(|name| Some((name, behind(name)?))) {
        let which = rest.strip_prefix(':').map(|which| {
            let line = which.parse().map(Which::Line);
            line.unwrap_or_else(|_| Which::Id(which.to_owned()))
        });
        return Ok(((*name).to_owned(), which));
    }
    let name = value.split_once(':').map_or(value, |(name, _)| name);
    let help = match did_you_mean(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`rule` is `SCENARIO`, `SCENARIO:LINE` as `Standin-Why` has it, or `SCENARIO:ID`".to_owned(),
    };
    Err(format!("no scenario `{}` is known, or has decided; {help}", shown(name)))
}
