//! What stands under `when`.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::super::When;
use super::super::field::{TEST, WHEN};
use super::super::reader::{Reader, at, excerpt, kind};
use super::super::when::{Condition, Part, Test};
use super::schema;
use crate::document::{Node, Span, pointer};
use crate::finding::{Finding, did_you_mean};
use crate::message::HeaderName;

/// How large a compiled expression may be, in bytes.
const EXPRESSION: usize = 1 << 20;

/// Reads the conditions on a request; `pointer` leads to them.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, pointer: &str) -> When {
    let members = reader.members(node, &WHEN);
    let mut conditions = Vec::new();
    for key in WHEN.keys() {
        let Some(named) = members.get(key) else { continue };
        let base = pointer::join(pointer, key);
        for (name, span, value) in named.members() {
            let Some(part) = part(reader, named, key, name, span) else { continue };
            tests(reader, value, (name, &pointer::join(&base, name)), &part, |test| {
                conditions.push(Condition { part: part.clone(), test, place: at(named, span) });
            });
        }
        if named.members().next().is_none() {
            reader.wrong(named, format!("`{key}` asks for nothing"), "name what is asked for, or remove it");
        }
    }
    if node.members().next().is_none() {
        reader.wrong(node, "`when` asks for nothing", "name what a request must be like, or remove it");
    }
    When::new(conditions)
}

pub(super) fn part(reader: &mut Reader, named: Node<'_>, key: &str, name: &str, span: Span) -> Option<Part> {
    match key {
        "path" => Some(Part::Path(name.into())),
        "query" => Some(Part::Query(name.into())),
        "cookie" => Some(Part::Cookie(name.into())),
        "header" => {
            let field = HeaderName::from_bytes(name.as_bytes()).ok();
            if field.is_none() {
                let sentence = format!("`{}` cannot be the name of a field", excerpt(name));
                let help = "letters, digits and `-` make one";
                reader.findings.push(Finding::new("scenario-header", sentence).at(Some(at(named, span))).help(help));
            }
            field.map(Part::Header)
        }
        _ if name.starts_with('/') => {
            let escapes = name.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
            if !escapes {
                let sentence = format!("`{}` is no JSON Pointer", excerpt(name));
                reader.wrong_key(named, span, sentence, "in a pointer `~` is written `~0`, and `/` in a name `~1`");
            }
            escapes.then(|| Part::Body(name.into(), name.to_owned()))
        }
        _ => Some(Part::Body(name.into(), pointer::join("", name))),
    }
}

/// A value, or a mapping that asks for more. With the name of what is asked for, and the pointer to what is asked.
pub(super) fn tests(
    reader: &mut Reader,
    node: Node<'_>,
    (name, at): (&str, &str),
    part: &Part,
    mut add: impl FnMut(Test),
) {
    match node.value() {
        Value::Array(_) => {
            let sentence = format!("`{}` is compared with one value, and here is a list", excerpt(name));
            reader.wrong(node, sentence, "if any of them will do, write `{ one-of: [ … ] }`");
        }
        Value::Object(members) => {
            let inside = matches!(part, Part::Body(..))
                && !members.is_empty()
                && members.keys().all(|key| did_you_mean(key, TEST.fields.iter().map(|field| field.key)).is_none());
            if inside {
                let help = match members.keys().next() {
                    Some(inner) => {
                        let base = if let Part::Body(_, pointer) = part { pointer.as_str() } else { "" };
                        format!(
                            "for a member inside of it, write a JSON Pointer: `{}: …`",
                            excerpt(&pointer::join(base, inner))
                        )
                    }
                    None => String::new(),
                };
                reader.wrong(
                    node,
                    format!("`{}` is compared with one value, and here is a mapping", excerpt(name)),
                    help,
                );
                return;
            }
            asked(reader, node, (name, at), part, add);
        }
        _ => {
            if let Some(value) = expected(reader, node, name, part) {
                add(Test::OneOf(vec![value]));
            }
        }
    }
}

fn asked(reader: &mut Reader, node: Node<'_>, (name, at): (&str, &str), part: &Part, mut add: impl FnMut(Test)) {
    let members = reader.members(node, &TEST);
    if node.members().next().is_none() {
        reader.wrong(node, format!("nothing is asked of `{}`", excerpt(name)), "write a value, or `{ absent: true }`");
    }
    if let Some(node) = members.get("pattern")
        && let Some(text) = reader.text(node, "pattern")
        && let Some(pattern) = pattern(reader, node, &text)
    {
        add(Test::Pattern(pattern));
    }
    if let Some(list) = members.get("one-of") {
        let values: Vec<Value> = list.items().filter_map(|item| expected(reader, item, name, part)).collect();
        if list.items().next().is_none() {
            reader.wrong(list, "`one-of` has no value", "write those that will do");
        }
        add(Test::OneOf(values));
    }
    if let Some(test) = members.get("schema").and_then(|node| schema::read(reader, node, pointer::join(at, "schema"))) {
        add(test);
    }
    if let Some(node) = members.get("absent") {
        match reader.flag(node, "absent") {
            Some(true) if ["pattern", "one-of", "schema"].iter().any(|key| members.get(key).is_some()) => {
                let help = "what is absent has no value: remove one of the two";
                reader.wrong(node, "`absent: true` beside a condition on the value", help);
            }
            Some(true) => add(Test::Absent),
            Some(false) => add(Test::Present),
            None => {}
        }
    }
}

/// A scalar to compare with: its text as written, and in a body its JSON value.
fn expected(reader: &mut Reader, node: Node<'_>, name: &str, part: &Part) -> Option<Value> {
    let Some(text) = node.text() else {
        let sentence = format!("`{}` is compared with single values, and here is {}", excerpt(name), kind(node));
        reader.wrong(node, sentence, "write a value such as `acme`");
        return None;
    };
    match part {
        Part::Body(..) => Some(node.value().clone()),
        _ if node.value().is_null() => {
            let sentence = format!("`{}` is compared with nothing", excerpt(name));
            let help = "if it must not be there, write `{ absent: true }`; a text `null` stands in quotes";
            reader.wrong(node, sentence, help);
            None
        }
        _ => Some(Value::String(text.into_owned())),
    }
}

fn pattern(reader: &mut Reader, node: Node<'_>, text: &str) -> Option<Regex> {
    match RegexBuilder::new(text).size_limit(EXPRESSION).dfa_size_limit(EXPRESSION).build() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            // The parser draws a picture; its last line is the sentence.
            let told = error.to_string();
            let why = told.lines().next_back().unwrap_or("").trim_start_matches("error: ").to_owned();
            let sentence = format!("`{}` is no regular expression that is understood: {why}", excerpt(text));
            reader.wrong(node, sentence, "in single quotes a backslash stands for itself: `'^\\d+$'`");
            None
        }
    }
}
