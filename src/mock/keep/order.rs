//! Which items a list has, and in which order, by the names of the query's parameters.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::super::store::Kept;
use crate::contract::{Call, In, Operation};
use crate::message::{form_decode, query_pairs};

/// Parameters that name the member to order by, and those that say in which direction.
const BY: [&str; 8] = ["sort", "sortby", "orderby", "ordering", "order", "sortfield", "orderfield", "sortkey"];
const DIRECTION: [&str; 7] = ["order", "sortdir", "sortorder", "direction", "dir", "sortdirection", "orderdirection"];
/// Parameters whose text is looked for anywhere in an item.
const ANYWHERE: [&str; 5] = ["q", "search", "query", "filter", "searchtext"];
/// Values that choose nothing.
const ALL: [&str; 3] = ["all", "any", "*"];

fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).flat_map(char::to_lowercase).collect()
}

/// What the query asks for, of the parameters that the document has.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// Members, and the texts of which each must have one.
    pub(super) equal: Vec<(String, Vec<String>)>,
    pub(super) anywhere: Vec<String>,
    /// Members that the document has a value for where none is asked for; an item without the member is not kept out by that.
    pub(super) usual: Vec<(String, String)>,
    /// Members to order by, and whether downwards.
    pub(super) by: Vec<(String, bool)>,
}

pub(super) fn is_all(text: &str) -> bool {
    ALL.contains(&text.to_ascii_lowercase().as_str())
}

/// The query's parameters that have a value where none is asked for.
pub(super) fn defaults(operation: &Operation) -> impl Iterator<Item = (&str, Value)> {
    let query = operation.parameters.iter().filter(|parameter| parameter.place == In::Query);
    query.filter_map(|parameter| {
        let value = parameter.schema()?.says("default")?;
        let plain = value.is_string() || value.is_number() || value.is_boolean();
        plain.then(|| (&*parameter.name, value))
    })
}

/// What the query's parameters of a list ask for where nothing is sent; made once.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    /// Parameters, the members that they name, and the text that each must have.
    members: Vec<(String, String, String)>,
    /// Parameters that say an order, with what they say.
    orders: Vec<(String, String)>,
}

impl Defaults {
    /// `has` says whether items have a member, and `can` whether it can have a value.
    pub(super) fn of(
        operation: &Operation,
        has: impl Fn(&str) -> Option<String>,
        can: impl Fn(&str, &Value) -> bool,
    ) -> Defaults {
        let mut found = Defaults::default();
        for (name, value) in defaults(operation) {
            let Some(text) = text_of(&value) else { continue };
            let folded = fold(name);
            match has(name) {
                Some(member) if can(&member, &value) && !is_all(&text) => {
                    found.members.push((name.to_owned(), member, text));
                }
                None if BY.contains(&&*folded) || DIRECTION.contains(&&*folded) => {
                    found.orders.push((name.to_owned(), text));
                }
                _ => {}
            }
        }
        found
    }
}

/// A default as it would stand in a query.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

impl Asked {
    /// Reads the query; `has` says whether items have a member.
    pub(super) fn of(call: &Call<'_>, defaults: &Defaults, has: impl Fn(&str) -> Option<String>) -> Asked {
        let query = call.request().target.query().unwrap_or_default();
        let known = |name: &str| {
            let mut own = call.operation().parameters.iter().filter(|parameter| parameter.place == In::Query);
            own.any(|parameter| *parameter.name == *name || name.strip_suffix("[]") == Some(&parameter.name))
        };
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in query_pairs(query) {
            let decoded = |text: &str| form_decode(text).map_or_else(|_| text.to_owned(), |text| text.into_owned());
            let name = decoded(name);
            if known(&name) {
                pairs.push((name, decoded(value.unwrap_or_default())));
            }
        }
        let given = |name: &str| pairs.iter().any(|(known, _)| known.trim_end_matches("[]") == name);
        let usual = defaults.members.iter().filter(|(name, _, _)| !given(name));
        let usual = usual.map(|(_, member, text)| (member.clone(), text.clone())).collect();
        let more: Vec<(String, String)> = defaults.orders.iter().filter(|(name, _)| !given(name)).cloned().collect();
        pairs.extend(more);
        Asked { usual, ..Asked::by(&pairs, has) }
    }

    fn by(pairs: &[(String, String)], has: impl Fn(&str) -> Option<String>) -> Asked {
        let mut asked = Asked::default();
        let directed = pairs.iter().find_map(|(name, value)| {
            let direction = DIRECTION.contains(&&*fold(name)).then(|| direction(value)).flatten();
            direction.filter(|_| has(name).is_none())
        });
        for (name, value) in pairs {
            let plain = name.trim_end_matches("[]");
            let folded = fold(plain);
            if let Some(member) = has(plain) {
                let texts = value.split(',').map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
                let texts: Vec<String> = texts.filter(|text| !is_all(text)).collect();
                match asked.equal.iter_mut().find(|(known, _)| *known == member) {
                    Some((_, known)) => known.extend(texts),
                    None if texts.is_empty() => {}
                    None => asked.equal.push((member, texts)),
                }
            } else if ANYWHERE.contains(&folded.as_str()) && !value.is_empty() {
                asked.anywhere.push(value.to_lowercase());
            } else if BY.contains(&folded.as_str()) {
                for part in value.split(',') {
                    let (text, down) = ordering(part.trim());
                    if let Some(member) = has(text) {
                        asked.by.push((member, down.or(directed).unwrap_or(false)));
                    }
                }
            }
        }
        asked
    }

    /// Whether an item is one of those that are asked for.
    pub(super) fn admits(&self, item: &Map<String, Value>) -> bool {
        let equal = |(name, texts): &(String, Vec<String>)| {
            item.get(name).is_some_and(|value| texts.iter().any(|text| is(value, text)))
        };
        let holds = |text: &String| {
            item.values().any(|value| value.as_str().is_some_and(|own| own.to_lowercase().contains(text)))
        };
        let usual = |(name, text): &(String, String)| item.get(name).is_none_or(|value| is(value, text));
        self.equal.iter().all(equal) && self.usual.iter().all(usual) && self.anywhere.iter().all(holds)
    }

    /// Puts items in order; those that are alike stay as they were made.
    pub(super) fn sort(&self, items: &mut [Kept]) {
        if self.by.is_empty() {
            return;
        }
        items.sort_by(|one, other| {
            let compared = self.by.iter().map(|(name, down)| {
                let (one, other) = (told(&one.value, name), told(&other.value, name));
                match (one, other) {
                    (Some(one), Some(other)) if *down => compare(other, one),
                    (Some(one), Some(other)) => compare(one, other),
                    // What has no such member comes last.
                    (one, other) => one.is_none().cmp(&other.is_none()),
                }
            });
            compared.fold(Ordering::Equal, Ordering::then)
        });
    }
}

/// A member and a direction: `-created_at`, `created_at:desc`, `created_at desc`, `created_at`.
fn ordering(text: &str) -> (&str, Option<bool>) {
    if let Some(name) = text.strip_prefix('-') {
        return (name, Some(true));
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    match text.rsplit_once([':', ' ', '.']).map(|(name, end)| (name, direction(end))) {
        Some((name, Some(down))) => (name, Some(down)),
        _ => (text, None),
    }
}

/// Whether a word means downwards.
fn direction(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "desc" | "descending" | "-1" | "down" => Some(true),
        "asc" | "ascending" | "1" | "up" => Some(false),
        _ => None,
    }
}

/// Whether a value is what a text says; of a list, one of its items.
fn is(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| is(item, text)),
        Value::Number(own) => {
            own.to_string() == text
                || own.as_f64().zip(text.parse::<f64>().ok()).is_some_and(|(one, other)| one == other)
        }
        Value::Null => text.is_empty() || text == "null",
        Value::Bool(own) => own.to_string() == text || text == if *own { "1" } else { "0" },
        Value::Object(_) => false,
    }
}

/// What an item says of itself under a name.
fn told<'v>(item: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    item.get(name).filter(|value| !value.is_null())
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Asked;

    fn asked(query: &[(&str, &str)]) -> Asked {
        let pairs: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Asked::by(&pairs, |name| ["role", "created_at", "tags", "size"].contains(&name).then(|| name.to_owned()))
    }

    #[test]
    fn members_are_asked_for_by_their_names() {
        let item = json!({ "role": "owner", "tags": ["a", "b"], "size": 5, "note": "A Large One" });
        let item = item.as_object().unwrap();
        for (query, fits) in [
            (&[("role", "owner")][..], true),
            (&[("role", "reader")], false),
            (&[("role", "reader,owner")], true),
            (&[("role", "all")], true),
            (&[("tags[]", "b"), ("size", "5.0")], true),
            (&[("q", "large")], true),
            (&[("q", "small")], false),
            (&[("created_at", "x")], false),
            (&[("unknown", "x")], true),
        ] {
            assert_eq!(asked(query).admits(item), fits, "{query:?}");
        }
    }

    #[test]
    fn an_order_is_read_in_the_usual_ways() {
        let by = |query: &[(&str, &str)]| asked(query).by;
        let down = vec![("created_at".to_owned(), true)];
        for query in [
            &[("sort", "-created_at")][..],
            &[("sort", "created_at:desc")],
            &[("order_by", "created_at desc")],
            &[("sort_by", "created_at"), ("sort_dir", "desc")],
            &[("sort", "created_at"), ("order", "DESC")],
        ] {
            assert_eq!(by(query), down, "{query:?}");
        }
        assert_eq!(by(&[("order", "role,-size")]), [("role".to_owned(), false), ("size".to_owned(), true)]);
        assert_eq!(by(&[("sort", "colour")]), []);
    }
}
