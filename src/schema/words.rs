//! What is wrong with a value, in words: the only place where sentences about schemas are made.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::format;
use super::shape::{cut, short};
use super::types::{Type, TypeSet};

/// How many names or values a list shows.
const LISTED: usize = 8;

/// A sentence fragment, and what was expected.
pub(super) struct Words {
    pub(super) sentence: String,
    pub(super) expected: Option<String>,
}

impl Words {
    pub(super) fn new(sentence: impl Into<String>, expected: impl Into<String>) -> Words {
        Words { sentence: sentence.into(), expected: Some(expected.into()) }
    }

    pub(super) fn alone(sentence: impl Into<String>) -> Words {
        Words { sentence: sentence.into(), expected: None }
    }

    fn not(expected: impl Into<String>) -> Words {
        let expected = expected.into();
        Words { sentence: format!("not {expected}"), expected: Some(expected) }
    }

    fn longer(what: &str, limit: u64, unit: &str) -> Words {
        let limit = plural(limit, unit);
        Words::new(format!("{what} {limit}"), format!("at most {limit}"))
    }

    fn shorter(what: &str, limit: u64, unit: &str) -> Words {
        let limit = plural(limit, unit);
        Words::new(format!("{what} {limit}"), format!("at least {limit}"))
    }
}

/// What one failed keyword comes to. Compositions are told elsewhere.
pub(super) fn say(kind: &Kind, keyword: &str) -> Words {
    match kind {
        Kind::Type { kind } => Words::not(types(kind).phrase()),
        Kind::Enum { options } => one_of(options),
        Kind::Constant { expected_value } => Words::not(value(expected_value)),
        Kind::Format { format } => match format::phrase(format) {
            Some(phrase) => Words::not(phrase),
            None => Words::not(format!("of format `{format}`")),
        },
        Kind::Pattern { pattern } => {
            let pattern = cut(pattern, 120);
            Words::new(format!("does not match `{pattern}`"), format!("text that matches `{pattern}`"))
        }
        Kind::Required { .. } if keyword == "dependentRequired" => {
            Words::alone("missing, though another member asks for it")
        }
        Kind::Required { .. } => Words::alone("missing"),
        Kind::Minimum { limit } => Words::new(format!("less than {limit}"), format!("at least {limit}")),
        Kind::Maximum { limit } => Words::new(format!("more than {limit}"), format!("at most {limit}")),
        Kind::ExclusiveMinimum { limit } => Words::not(format!("more than {limit}")),
        Kind::ExclusiveMaximum { limit } => Words::not(format!("less than {limit}")),
        Kind::MultipleOf { multiple_of } => Words::not(format!("a multiple of {multiple_of}")),
        Kind::MinLength { limit } => Words::shorter("shorter than", *limit, "character"),
        Kind::MaxLength { limit } => Words::longer("longer than", *limit, "character"),
        Kind::MinItems { limit } => Words::shorter("fewer than", *limit, "item"),
        Kind::MaxItems { limit } => Words::longer("more than", *limit, "item"),
        Kind::AdditionalItems { limit } => {
            Words::longer("more than", u64::try_from(*limit).unwrap_or(u64::MAX), "item")
        }
        Kind::MinProperties { limit } => Words::shorter("fewer than", *limit, "member"),
        Kind::MaxProperties { limit } => Words::longer("more than", *limit, "member"),
        Kind::UniqueItems => Words::alone("has two equal items"),
        Kind::UnevaluatedItems { .. } => Words::alone("has items that no schema speaks about"),
        Kind::Contains if keyword == "maxContains" => {
            Words::alone("has too many items of the kind that it must contain")
        }
        Kind::Contains => Words::alone("has not enough items of the kind that it must contain"),
        Kind::Not { .. } => Words::alone("is what it must not be"),
        Kind::FalseSchema => Words::alone("not allowed"),
        other => Words::alone(format!("does not satisfy `{}`", other.keyword())),
    }
}

fn types(kind: &TypeKind) -> TypeSet {
    let one = |name: &str| Type::of_word(name).map_or(TypeSet::NONE, TypeSet::only);
    match kind {
        TypeKind::Single(kind) => one(kind.as_str()),
        TypeKind::Multiple(kinds) => kinds.iter().fold(TypeSet::NONE, |set, kind| set.or(one(kind.as_str()))),
    }
}

fn one_of(options: &Value) -> Words {
    match options.as_array().map(Vec::as_slice).unwrap_or_default() {
        [] => Words::alone("no value is allowed"),
        [single] => Words::not(value(single)),
        options => Words::not(format!("one of {}", list(options.iter().map(value), ", "))),
    }
}

/// The range of a format of numbers.
pub(super) fn width(format: &str) -> Words {
    match format::width(format) {
        Some((least, most)) => Words::new(format!("not an {format}"), format!("a whole number from {least} to {most}")),
        None => Words::not(format!("of format `{format}`")),
    }
}

/// Names or values, cut where there are too many; `last` stands before the last one.
pub(super) fn list(entries: impl ExactSizeIterator<Item = String>, last: &str) -> String {
    let count = entries.len();
    let mut text = String::new();
    for (index, entry) in entries.take(LISTED).enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == count { last } else { ", " });
        }
        text.push_str(&entry);
    }
    if count > LISTED {
        text.push_str(&format!(", … ({count} in all)"));
    }
    text
}

/// A plain word as it is, anything else as JSON text.
fn value(value: &Value) -> String {
    let plain = |text: &&String| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./:+@".contains(c));
    match value {
        Value::String(text) if plain(&text) && !matches!(text.as_str(), "null" | "true" | "false") => cut(text, 40),
        other => short(other),
    }
}

fn plural(count: u64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
