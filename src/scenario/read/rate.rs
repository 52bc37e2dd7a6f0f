//! What stands under `rate`.

use std::sync::Arc;

use super::super::field::RATE;
use super::super::rate::{By, Kind, LimitFields, Quota, Rate};
use super::super::reader::{Members, Reader, excerpt};
use super::super::when::Part;
use super::super::{duration, reader};
use super::reply;
use crate::document::{Node, pointer};
use crate::finding::did_you_mean;
use crate::message::HeaderName;

/// What answers a call that is not allowed, unless the file says otherwise.
const TOO_MANY: u16 = 429;

/// Keys that say something of a rule's answers, and nothing of a rate.
const NOT_BESIDE: [(&str, &str); 3] = [
    ("calls", "a rate says itself which calls are refused: make two rules of it"),
    ("count", "it says which calls `calls` counts: remove it"),
    ("chance", "a rate is asked at every call: remove it, or make two rules of it"),
];

/// Reads a rate; `base` leads to the rule that has it, of which these are the other members.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, rule: &Members<'_>, base: &str) -> Option<Rate> {
    for (key, help) in NOT_BESIDE {
        if let Some(other) = rule.get(key) {
            let span = other.key_span().unwrap_or_default();
            reader.wrong_key(other, span, format!("`{key}` beside `rate`"), help);
        }
    }
    let members = reader.members(node, &RATE);
    for key in ["limit", "per"] {
        if node.get(key).is_none() {
            let help = "write both, such as `{ limit: 3, per: 10s }`";
            reader.wrong(node, format!("a rate needs `{key}`"), help);
        }
    }
    let limit = members.get("limit").and_then(|node| number(reader, node, "limit"));
    let per = members.get("per").and_then(|node| {
        let text = reader.text(node, "per")?;
        let per = reader.told(node, duration::parse(&text))?;
        if per.is_zero() {
            reader.wrong(node, "no time is no rate", "write how long `limit` is for, such as `10s`");
        }
        Some(per)
    });
    let kinds = [("bucket", Kind::Bucket), ("window", Kind::Window)];
    let kind = members.get("kind").and_then(|node| word(reader, node, "kind", &kinds)).unwrap_or_default();
    let burst = members.get("burst").and_then(|node| number(reader, node, "burst"));
    if let Some(node) = members.get("burst").filter(|_| kind == Kind::Window) {
        let help = "it is how much a bucket holds: remove it, or write `kind: bucket`";
        reader.wrong(node, "`burst` of a window", help);
    }
    let fields =
        [("ietf", LimitFields::Ietf), ("x", LimitFields::X), ("both", LimitFields::Both), ("none", LimitFields::None)];
    let fields = members.get("fields").and_then(|node| word(reader, node, "fields", &fields)).unwrap_or_default();
    let by = members.get("by").map_or(Some(By(None)), |node| by(reader, node));
    let refusal = match rule.get("reply") {
        Some(node) => {
            let mut refusal = reply::read(reader, node, pointer::join(base, "reply"))?;
            if refusal.is_ok() || refusal.status.is_some_and(|status| status < 400) {
                let help = "write one of 400 or more, or leave it out for 429";
                reader.wrong(node, "what a rate refuses is answered with the status of an error", help);
            }
            if refusal.fault.is_none_or(|fault| fault.answers()) {
                refusal.status.get_or_insert(TOO_MANY);
            }
            refusal
        }
        None => {
            let mut refusal = reply::plain(reader, node, pointer::join(base, "rate"));
            refusal.status = Some(TOO_MANY);
            refusal
        }
    };
    let place = reader::place(members.get("by").unwrap_or(node));
    let quota = Quota::new(kind, limit?, per?, burst);
    Some(Rate { quota, by: by?, fields, refusal: Arc::new(refusal), place })
}

fn number(reader: &mut Reader, node: Node<'_>, key: &str) -> Option<u64> {
    let text = reader.text(node, key)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && (1..=Quota::MOST).contains(number));
    if number.is_none() {
        let sentence = format!("`{key}` takes a number of calls, not `{}`", excerpt(&text));
        reader.wrong(node, sentence, format!("write one from 1 to {}", Quota::MOST));
    }
    number
}

fn word<T: Copy>(reader: &mut Reader, node: Node<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
    let text = reader.text(node, key)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
    if found.is_none() {
        let known = || words.iter().map(|(word, _)| *word);
        let help = match did_you_mean(&text, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write {}", reader::listed(known()).replace("`, `", "` or `")),
        };
        reader.wrong(node, format!("`{}` is no `{key}` of a rate", excerpt(&text)), help);
    }
    found
}

/// `session`, or a part of the request: `header.authorization`, `path.org`.
fn by(reader: &mut Reader, node: Node<'_>) -> Option<By> {
    let text = reader.text(node, "by")?;
    if text == "session" {
        return Some(By(None));
    }
    let part = match text.split_once('.').filter(|(_, name)| !name.is_empty()) {
        Some(("path", name)) => Some(Part::Path(name.into())),
        Some(("query", name)) => Some(Part::Query(name.into())),
        Some(("cookie", name)) => Some(Part::Cookie(name.into())),
        Some(("header", name)) => HeaderName::from_bytes(name.as_bytes()).ok().map(Part::Header),
        _ => None,
    };
    if part.is_none() {
        let sentence = format!("`{}` is nothing that calls are counted by", excerpt(&text));
        let help = match text.split_once('.') {
            Some(("headers", name)) => format!("did you mean `header.{}`?", excerpt(name)),
            _ => "write `session`, or a part of the request such as `header.authorization`, `path.org`, `query.key` \
                  or `cookie.user`"
                .to_owned(),
        };
        reader.wrong(node, sentence, help);
    }
    part.map(|part| By(Some(part)))
}
