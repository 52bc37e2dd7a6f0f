//! `application/x-www-form-urlencoded` (OpenAPI 3.1.2 §4.8.15.1): a member a name, a list by repeating the name.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::field::{Field, Fields};
use super::text::plain;
use super::{Reader, Unread, charset};
use crate::message::{form_decode, form_encode, query_pairs};
use crate::schema::{Schema, Type};
use crate::spec::Style;

/// How many pairs a form may have.
const PAIRS: usize = 10_000;
/// How many brackets a name may have.
const BRACKETS: usize = 12;

pub(super) fn read(reader: &Reader<'_>, bytes: &[u8]) -> Result<Value, Unread> {
    let text = charset::decode(reader.media, bytes)?;
    let unknown = Fields::default();
    let fields = reader.fields.unwrap_or(&unknown);
    // Texts by name, still encoded, in the order in which the names came.
    let mut found: Vec<(Cow<'_, str>, Vec<&str>)> = Vec::new();
    let mut known: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for (count, (name, value)) in query_pairs(text.trim_end_matches(['\r', '\n'])).enumerate() {
        if count == PAIRS {
            return Err(Unread::Broken(format!("more than {PAIRS} names and values")));
        }
        let name = decoded(name)?;
        let index = *known.entry(name.clone()).or_insert_with(|| {
            found.push((name, Vec::new()));
            found.len() - 1
        });
        found[index].1.push(value.unwrap_or_default());
    }
    let spread: Vec<(&Field, Vec<String>)> = fields.listed.iter().filter_map(spread).collect();
    let mut members = Map::new();
    let mut deep = Map::new();
    for (name, raw) in found {
        if let Some(field) = fields.named(&name) {
            members.insert(name.into_owned(), listed(field, &raw)?);
        } else if let Some((field, way)) = bracketed(fields, &name) {
            let texts: Result<Vec<Value>, Unread> =
                raw.iter().map(|text| Ok(Value::String(decoded(text)?.into_owned()))).collect();
            plant(&mut deep, &field.name, &way, texts?);
        } else if let Some((field, _)) = spread.iter().find(|(_, names)| names.iter().any(|known| *known == name)) {
            let member = Field::new(String::new(), field.schema.as_ref().and_then(|own| own.property(&name)), None, 1);
            let value = listed(&member, &raw)?;
            let object = members.entry(field.name.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(name.into_owned(), value);
            }
        } else {
            members.insert(name.into_owned(), listed(&fields.other, &raw)?);
        }
    }
    for (name, tree) in deep {
        let schema = fields.named(&name).and_then(|field| field.schema.clone());
        members.insert(name, grown(tree, schema));
    }
    Ok(Value::Object(members))
}

fn decoded(text: &str) -> Result<Cow<'_, str>, Unread> {
    form_decode(text).map_err(|_| Unread::Broken("percent-encoding that is no UTF-8".to_owned()))
}

/// A member whose own members stand in the form under their own names: `style: form` with `explode`, and an object.
fn spread(field: &Field) -> Option<(&Field, Vec<String>)> {
    let style = field.encoding.as_ref()?.style;
    let object = field.admits(Type::Object) && !field.is_list();
    let names = field.schema.as_ref().filter(|_| object && style == Some((Style::Form, true)))?.property_names();
    Some((field, names))
}

/// The value of one name: split first, decoded afterwards.
fn listed(field: &Field, raw: &[&str]) -> Result<Value, Unread> {
    let pieces: Vec<&str> = match (field.encoding.as_ref().and_then(|encoding| encoding.style), raw) {
        (Some((Style::Form | Style::SpaceDelimited | Style::PipeDelimited, true)) | None, _) | (_, [_, _, ..]) => {
            raw.to_vec()
        }
        (Some((style, _)), _) => {
            let text = raw.first().copied().unwrap_or_default();
            // The delimiter that is written the other way is part of a value.
            let delimiters: &[&str] = match style {
                Style::SpaceDelimited if text.contains("%20") => &["%20"],
                Style::SpaceDelimited => &["+"],
                Style::PipeDelimited if text.contains('|') => &["|"],
                Style::PipeDelimited => &["%7C", "%7c"],
                _ => &[","],
            };
            let container = field.is_list() || field.admits(Type::Object);
            let pieces = if container { split(text, delimiters) } else { vec![text] };
            if field.admits(Type::Object) && !field.is_list() && pieces.len().is_multiple_of(2) {
                return pairs(field, &pieces);
            }
            if field.is_list() {
                let texts: Result<Vec<_>, _> = pieces.iter().map(|piece| decoded(piece)).collect();
                let item = field.item.as_deref();
                let items =
                    texts?.iter().map(|text| item.map_or_else(|| field.value(text), |item| item.value(text))).collect();
                return Ok(Value::Array(items));
            }
            pieces
        }
    };
    let texts: Result<Vec<_>, _> = pieces.into_iter().map(decoded).collect();
    Ok(field.values(&texts?))
}

/// `R,100,G,200`.
fn pairs(field: &Field, pieces: &[&str]) -> Result<Value, Unread> {
    let mut members = Map::new();
    for pair in pieces.chunks(2) {
        let name = decoded(pair[0])?;
        let schema = field.schema.as_ref().and_then(|own| own.property(&name));
        members.insert(name.into_owned(), Field::new(String::new(), schema, None, 0).value(&decoded(pair[1])?));
    }
    Ok(Value::Object(members))
}

fn split<'t>(text: &'t str, delimiters: &[&str]) -> Vec<&'t str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((at, length)) =
        delimiters.iter().filter_map(|delimiter| Some((rest.find(delimiter)?, delimiter.len()))).min()
    {
        pieces.push(&rest[..at]);
        rest = &rest[at + length..];
    }
    pieces.push(rest);
    pieces
}

/// `color[R]`, and deeper: the member `color`, and the way from there. The specification defines one bracket; more are read as
/// they are usually meant, whatever the style is.
pub(super) fn bracketed<'f>(fields: &'f Fields, name: &str) -> Option<(&'f Field, Vec<String>)> {
    let (base, rest) = name.split_once('[')?;
    let field = fields.named(base)?;
    let way: Vec<String> = rest.strip_suffix(']')?.split("][").map(str::to_owned).collect();
    (way.len() <= BRACKETS && (field.is_list() || field.admits(Type::Object))).then_some((field, way))
}

/// The value of names with brackets, each taken apart into the way that it names, by the schema of what they lead into.
pub(in crate::contract) fn tree(texts: Vec<(String, String)>, schema: Option<Schema>) -> Value {
    let mut deep = Map::new();
    for (name, text) in texts {
        let way = || name.strip_prefix('[')?.strip_suffix(']');
        let way: Vec<String> = way().map(|way| way.split("][").map(str::to_owned).collect()).unwrap_or_default();
        if (1..=BRACKETS).contains(&way.len()) {
            plant(&mut deep, "", &way, vec![Value::String(text)]);
        }
    }
    deep.remove("").map_or(Value::Null, |tree| grown(tree, schema))
}

/// Puts texts at a place in a tree: objects are branches, lists of texts are leaves.
pub(super) fn plant(tree: &mut Map<String, Value>, name: &str, way: &[String], texts: Vec<Value>) {
    let below = tree.entry(name.to_owned());
    match way.split_first() {
        Some((next, way)) => {
            if let Value::Object(branch) = below.or_insert_with(|| Value::Object(Map::new())) {
                plant(branch, next, way, texts);
            }
        }
        None => {
            if let Value::Array(leaf) = below.or_insert_with(|| Value::Array(Vec::new())) {
                leaf.extend(texts);
            }
        }
    }
}

/// A tree of texts as the value that the schema speaks of.
pub(super) fn grown(tree: Value, schema: Option<Schema>) -> Value {
    let field = Field::new(String::new(), schema, None, 1);
    match tree {
        Value::Object(branch) => {
            let places = branch.keys().all(|key| key.bytes().all(|byte| byte.is_ascii_digit()));
            let (list, object) = (field.is_list(), field.admits(Type::Object));
            if places && list && !(object && branch.keys().all(|key| !key.is_empty())) {
                let item = field.schema.as_ref().and_then(Schema::items);
                let mut items = Vec::with_capacity(branch.len());
                for (key, tree) in branch {
                    match tree {
                        // `a[]=1&a[]=2`
                        Value::Array(leaf) if key.is_empty() => {
                            items.extend(leaf.into_iter().map(|text| grown(Value::Array(vec![text]), item.clone())));
                        }
                        tree => items.push(grown(tree, item.clone())),
                    }
                }
                return Value::Array(items);
            }
            let schema = field.schema;
            let member = |name: &str| schema.as_ref().and_then(|own| own.member(name));
            Value::Object(branch.into_iter().map(|(name, tree)| (name.clone(), grown(tree, member(&name)))).collect())
        }
        Value::Array(leaf) => field.values(&leaf.iter().filter_map(Value::as_str).collect::<Vec<_>>()),
        other => other,
    }
}

/// Writes a form.
pub(super) fn write(fields: Option<&Fields>, value: &Value) -> Vec<u8> {
    let unknown = Fields::default();
    let fields = fields.unwrap_or(&unknown);
    let mut out = String::new();
    let Value::Object(members) = value else {
        return form_encode(&plain(value), false).into_owned().into_bytes();
    };
    for (name, value) in members {
        let field = fields.named(name).unwrap_or(&fields.other);
        let encoding = field.encoding.as_ref();
        let reserved = encoding.is_some_and(|encoding| encoding.reserved);
        let encoded = |value: &Value| form_encode(&written(value), reserved).into_owned();
        let style = encoding.and_then(|encoding| encoding.style);
        let mut pair = |name: &str, value: &str| {
            let separator = if out.is_empty() { "" } else { "&" };
            out.push_str(&format!("{separator}{}={value}", form_encode(name, false)));
        };
        match (style, value) {
            (Some((Style::DeepObject, _)), Value::Object(_) | Value::Array(_)) => {
                deep(name, value, &mut |name, value| pair(name, &encoded(value)));
            }
            (None | Some((_, true)), Value::Array(items)) => items.iter().for_each(|item| pair(name, &encoded(item))),
            (Some((style, false)), Value::Array(items)) => {
                let delimiter = match style {
                    Style::SpaceDelimited => "%20",
                    Style::PipeDelimited => "|",
                    _ => ",",
                };
                pair(name, &items.iter().map(encoded).collect::<Vec<_>>().join(delimiter));
            }
            (Some((Style::Form, true)), Value::Object(own)) => {
                own.iter().for_each(|(member, value)| pair(member, &encoded(value)));
            }
            (Some((_, false)), Value::Object(own)) => {
                let pieces =
                    own.iter().flat_map(|(member, value)| [form_encode(member, false).into_owned(), encoded(value)]);
                pair(name, &pieces.collect::<Vec<_>>().join(","));
            }
            (_, value) => pair(name, &encoded(value)),
        }
    }
    out.into_bytes()
}

/// `color[R]`; deeper, brackets go on, with the places of items, as those who write such forms do it.
pub(super) fn deep(name: &str, value: &Value, pair: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| deep(&format!("{name}[{member}]"), value, pair));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, value)| deep(&format!("{name}[{place}]"), value, pair));
        }
        value => pair(name, value),
    }
}

/// Objects and lists inside are JSON; nothing is an empty text.
fn written(value: &Value) -> String {
    if value.is_null() { String::new() } else { plain(value) }
}
