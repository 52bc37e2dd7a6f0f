//! JSON text to a tree, through `serde_json`; places are found later, by [`marks`], if someone asks.

mod scan;

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::problem::{Problem, ProblemKind};
use super::{Span, limits, source};

pub(super) use scan::marks;

/// What was read.
pub(super) struct Parsed {
    pub(super) root: Value,
    /// Some object has a key twice: [`marks`] can say where.
    pub(super) duplicates: bool,
}

/// Why it was not.
pub(super) struct Failure {
    pub(super) problem: Problem,
    /// It is JSON, but for a number that no double holds.
    pub(super) only_a_number: bool,
}

/// Reads a text that is JSON, maybe after a byte-order mark.
pub(super) fn parse(text: &str) -> Result<Parsed, Failure> {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let seen = Seen::default();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.disable_recursion_limit();
    let read = Seed { seen: &seen, depth: 0 }.deserialize(&mut deserializer);
    match read.and_then(|root| deserializer.end().map(|()| root)) {
        Ok(root) => Ok(Parsed { root, duplicates: seen.duplicates.get() }),
        Err(error) => Err(explain(text, &error, seen.too_deep.get())),
    }
}

fn explain(text: &str, error: &serde_json::Error, too_deep: bool) -> Failure {
    let offset = match error.classify() {
        serde_json::error::Category::Eof => text.trim_end().len(),
        _ => offset(text, error.line(), error.column()),
    };
    let character = text.get(offset..).and_then(|rest| rest.chars().next());
    let span = Span { start: offset, end: offset + character.map_or(0, char::len_utf8) };
    if too_deep {
        return Failure { problem: too_deep_problem(span), only_a_number: false };
    }
    let told = error.to_string();
    let message = told.split(" at line ").next().unwrap_or(&told);
    let message = message
        .replace("EOF while", "the text ends while")
        .replace("expected ident", "expected `true`, `false` or `null`");
    let help = if message.contains("control character") {
        Some("write a line break inside a string as `\\n`, a tab as `\\t`; or close the string with `\"`")
    } else if message.contains("trailing comma") {
        Some("remove the comma after the last item")
    } else if message.contains("key must be a string") {
        Some("put the key in double quotes; JSON has no comments")
    } else if message.contains("expected `,`") {
        Some("a comma or a quote is missing before this place")
    } else if message.starts_with("the text ends") {
        Some("the text ends too early: a bracket or a quote is not closed")
    } else if message.contains("expected value") || message.contains("`null`") {
        Some("a text needs double quotes; JSON's only words are `true`, `false` and `null`")
    } else if message.contains("surrogate") || message.contains("hex escape") {
        Some("a character beyond U+FFFF takes two escapes, the high one first")
    } else {
        None
    };
    let only_a_number = message.starts_with("number out of range");
    let mut problem = Problem::new(ProblemKind::Syntax, span, format!("not JSON: {message}"));
    problem.help = help.map(str::to_owned);
    Failure { problem, only_a_number }
}

/// What is said about nesting, in JSON as in YAML.
pub(super) fn too_deep_problem(span: Span) -> Problem {
    let message = format!("nested more than {} levels deep", limits::DEPTH);
    Problem::new(ProblemKind::Limit, span, message).help("move inner parts to a place of their own and refer to them")
}

/// `serde_json` counts lines from 1, and bytes of the line up to and with the one it stopped at.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = text.get(mark..).unwrap_or("");
    let start = match line.checked_sub(2) {
        Some(breaks) => {
            body.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').nth(breaks).map_or(0, |(at, _)| at + 1)
        }
        None => 0,
    };
    // Column 0 is the line break before.
    source::floor(text, (mark + start + column).saturating_sub(1))
}

/// What the reading notices beside the values.
#[derive(Default)]
struct Seen {
    too_deep: Cell<bool>,
    duplicates: Cell<bool>,
    /// The items and members of all that is open, the innermost last. A list or an object is made when it is complete, with as much
    /// room as it needs: room to grow would be a third of a large document's tree.
    items: RefCell<Vec<Value>>,
    members: RefCell<Vec<(String, Value)>>,
}

/// Reads one value; knows how deep it is.
#[derive(Clone, Copy)]
struct Seed<'s> {
    seen: &'s Seen,
    depth: usize,
}

impl Seed<'_> {
    /// The same, one level further in.
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == limits::DEPTH {
            self.seen.too_deep.set(true);
            return Err(E::custom("too deep"));
        }
        Ok(Seed { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let first = self.seen.items.borrow().len();
        while let Some(item) = items.next_element_seed(inner)? {
            self.seen.items.borrow_mut().push(item);
        }
        Ok(Value::Array(self.seen.items.borrow_mut().drain(first..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.inner::<A::Error>()?;
        let first = self.seen.members.borrow().len();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            self.seen.members.borrow_mut().push((key, value));
        }
        let mut read = self.seen.members.borrow_mut();
        let mut map = Map::with_capacity(read.len() - first);
        for (key, value) in read.drain(first..) {
            match map.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(_) => self.seen.duplicates.set(true),
            }
        }
        Ok(Value::Object(map))
    }
}
