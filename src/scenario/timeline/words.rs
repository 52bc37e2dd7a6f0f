//! Conditions and replies in words.

use serde_json::Value;

use super::duration;
use crate::contract::Response;
use crate::message::StatusCode;
use crate::scenario::model::{Reply, Rule};
use crate::scenario::when::{Condition, Part, Test};
use crate::scenario::{Chance, Delay, Kind, Rate};
use crate::traffic::Fault;

/// What is answered where a scenario says nothing.
pub(super) const DOCUMENTED: &str = "as documented";

/// The longest that a value is shown.
const SHOWN: usize = 100;

/// Members of error envelopes that hold a sentence for people.
const SENTENCES: [&str; 4] = ["detail", "message", "title", "error"];

/// Which calls a rule decides; `later` when rules stand before it.
pub(super) fn condition(rule: &Rule, later: bool) -> String {
    let conditions: Vec<String> = rule.when.conditions().iter().map(asked).collect();
    let kind = match rule.valid {
        Some(true) => "valid ",
        Some(false) => "invalid ",
        None => "",
    };
    let other = if later { "other " } else { "" };
    let with = if conditions.is_empty() { String::new() } else { format!(" with {}", conditions.join(" and ")) };
    let states: Vec<&str> = rule.states().map(|(_, state)| state).collect();
    let state = if states.is_empty() { String::new() } else { format!(" in state {}", states.join(" or ")) };
    let when = rule.between.map(|between| format!(" at {between}")).unwrap_or_default();
    let calls = format!("{other}{kind}calls{with}{state}{when}");
    match rule.chance.filter(|chance| !Chance::certain(chance)) {
        Some(chance) => format!("{chance} of {calls}"),
        None if rule.always() && !later => "every call".to_owned(),
        None => calls,
    }
}

/// What a rate allows, and of which calls.
pub(super) fn rate(rule: &Rule, rate: &Rate) -> String {
    let Rate { quota, by, .. } = rate;
    let most = quota.limit();
    let many = if most == 1 { "1 call".to_owned() } else { format!("{most} calls") };
    let how = match quota.kind() {
        Kind::Window => format!("{many} in a window of {}", duration::text(quota.per())),
        Kind::Bucket if quota.capacity() == most => format!("{many} per {}", duration::text(quota.per())),
        Kind::Bucket => format!("{many} per {}, {} at once", duration::text(quota.per()), quota.capacity()),
    };
    let each = by.0.as_ref().map(|by| format!(" for each {}", part(by))).unwrap_or_default();
    let of = if rule.unconditional() { String::new() } else { format!(", of {}", condition(rule, false)) };
    format!("at most {how}{each}{of}")
}

fn asked(condition: &Condition) -> String {
    format!("{} {}", part(&condition.part), test(&condition.test))
}

pub(in crate::scenario) fn test(test: &Test) -> String {
    match test {
        Test::OneOf(values) => match values.as_slice() {
            [one] => format!("= {}", value(one)),
            several => format!("one of {}", several.iter().map(value).collect::<Vec<_>>().join(", ")),
        },
        Test::Pattern(pattern) => format!("like /{pattern}/"),
        Test::Absent => "absent".to_owned(),
        Test::Present => "present".to_owned(),
        Test::Schema(_, name) => format!("as {}", cut(name)),
    }
}

pub(in crate::scenario) fn part(part: &Part) -> String {
    match part {
        Part::Path(name) => format!("path {name}"),
        Part::Query(name) => format!("query {name}"),
        Part::Header(name) => format!("header {name}"),
        Part::Cookie(name) => format!("cookie {name}"),
        Part::Body(name, _) if name.is_empty() => "the content".to_owned(),
        Part::Body(name, _) => format!("body {name}"),
    }
}

/// The status with its reason phrase, or why there is none.
pub(super) fn answer(reply: &Reply) -> String {
    match reply.fault {
        Some(Fault::Reset) => return "connection reset".to_owned(),
        Some(Fault::Empty) => return "connection closed".to_owned(),
        Some(Fault::Hang) => return "no answer at all".to_owned(),
        _ => {}
    }
    let Some(status) = reply.status else { return DOCUMENTED.to_owned() };
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or(status.to_string(), |reason| format!("{status} {reason}"))
}

pub(super) fn delay(delay: &Delay) -> String {
    match delay {
        Delay::Fixed(fixed) => format!("after {}", duration::text(*fixed)),
        Delay::Between(from, to) => format!("after {} to {}", duration::text(*from), duration::text(*to)),
        Delay::LogNormal { median, p99 } => {
            format!("after about {}, 1 in 100 over {}", duration::text(*median), duration::text(*p99))
        }
    }
}

/// The sentence of an error, and everything that the reply changes.
pub(super) fn what(reply: &Reply, response: Option<&Response>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let changes = reply.body.as_ref().or(reply.merge.as_ref()).and_then(Value::as_object);
    let said =
        changes.and_then(|members| SENTENCES.iter().find_map(|name| Some((*name, members.get(*name)?.as_str()?))));
    match (said, response) {
        (Some((_, sentence)), _) => parts.push(cut(&format!("{sentence:?}"))),
        (None, Some(response)) if reply.status.is_some() => {
            parts.extend(response.description.lines().next().map(cut).filter(|line| !line.is_empty()));
        }
        _ => {}
    }
    parts.extend(reply.example.as_ref().map(|name| format!("example {name}")));
    match (&reply.body, &reply.merge) {
        (Some(body), _) => parts.push(cut(&format!("body {body}"))),
        (None, None) if reply.template.is_some() => parts.push("content from a template".to_owned()),
        (None, Some(Value::Object(members))) => {
            let others = members.iter().filter(|(name, _)| said.is_none_or(|(known, _)| known != name.as_str()));
            parts.extend(others.map(|(name, value)| match value {
                Value::Null => format!("without {name}"),
                changed => cut(&format!("{name}: {}", self::value(changed))),
            }));
        }
        _ => {}
    }
    for (name, values) in &reply.headers {
        // Names are lower case once read; the usual spelling is easier on the eye.
        let name = spelled(name.as_str());
        if values.is_empty() {
            parts.push(format!("without {name}"));
        }
        for value in values {
            parts.push(cut(&format!("{name}: {}", value.to_str().unwrap_or("…"))));
        }
    }
    match reply.fault {
        Some(Fault::Truncate(share)) => parts.push(format!("cut off after {share} of the content")),
        Some(Fault::Reset | Fault::Empty) => parts.push("nothing is sent".to_owned()),
        Some(Fault::Hang) => parts.push("the connection stays open".to_owned()),
        _ => {}
    }
    for (name, templates) in &reply.filled {
        for template in templates {
            let written = template.place.source.slice(template.place.span);
            parts.push(cut(&format!("{}: {}", spelled(name.as_str()), written.trim_matches(['\'', '"']))));
        }
    }
    parts.extend(reply.go.as_ref().map(|state| format!("goes to state {state}")));
    parts.extend(reply.name.as_ref().map(|name| format!("the reply {name}")));
    if reply.force {
        parts.push("to invalid requests too".to_owned());
    }
    parts.join(" · ")
}

/// A value as one would write it: texts without quotes.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| item["msg"].is_string()) => {
            cut(&items.iter().map(violation).collect::<Vec<_>>().join(", "))
        }
        other => cut(&other.to_string()),
    }
}

/// An item of a list of violations: where, and what.
fn violation(item: &Value) -> String {
    let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    let place: Vec<String> = item["loc"].as_array().into_iter().flatten().map(part).collect();
    format!("{} {:?}", place.join("/"), item["msg"].as_str().unwrap_or_default())
}

pub(super) fn spelled(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    match name {
        "www-authenticate" => "WWW-Authenticate".to_owned(),
        "etag" => "ETag".to_owned(),
        _ => name.split('-').map(capital).collect::<Vec<_>>().join("-"),
    }
}

/// On one line, and not too long.
pub(super) fn cut(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if shown.len() < text.len() { shown + "…" } else { shown }
}
