//! From a value to what stands on the wire for it: a field, a part of the path, pairs of the query, cookies, a whole query.

use serde_json::Value;

use super::separator;
use crate::contract::{Codec, In, Parameter};
use crate::message::{percent_encode_query, percent_encode_segment};
use crate::spec::Style;

impl Parameter {
    /// A value as the text of this field (OpenAPI 3.1.2 §4.8.12.2).
    pub fn written(&self, value: &Value) -> String {
        if let Some(content) = self.content() {
            return String::from_utf8_lossy(&content.write(None, value)).into_owned();
        }
        let nested: Vec<Style> = self.nested.iter().map(|(style, _)| *style).collect();
        text(value, self.style, &nested, self.explode)
    }

    /// A value as the whole query, where this is what the parameter is (OpenAPI 3.2.0 §4.12.4).
    pub fn whole_query(&self, value: &Value) -> String {
        let written = self.content().map(|content| (content.codec, content.write(None, value)));
        let Some((codec, bytes)) = written else { return String::new() };
        let text = String::from_utf8_lossy(&bytes);
        if codec == Codec::Form { text.into_owned() } else { percent_encode_query(&text).into_owned() }
    }

    /// A value as this part of a path, percent-encoded; `spans`: it may have `/` in it (OpenAPI 3.1.2 §4.8.12.2).
    pub fn segment(&self, value: &Value, spans: bool) -> String {
        let encoded = |text: &str| match spans {
            true => text.split('/').map(percent_encode_segment).collect::<Vec<_>>().join("/"),
            false => percent_encode_segment(text).into_owned(),
        };
        if self.content.is_some() {
            return encoded(&self.written(value));
        }
        let (name, style) = (encoded(&self.name), self.style);
        let start = match style {
            Style::Label => ".".to_owned(),
            // Members stand under names of their own.
            Style::Matrix if self.explode && value.is_object() => ";".to_owned(),
            Style::Matrix => format!(";{name}="),
            _ => String::new(),
        };
        let between = match (style, self.explode) {
            (Style::Label, true) => ".".to_owned(),
            (Style::Matrix, true) if value.is_array() => format!(";{name}="),
            (Style::Matrix, true) => ";".to_owned(),
            _ => percent_delimiter(style).to_owned(),
        };
        // A dot is nothing special elsewhere, and stays as it is.
        let dotless = |text: &str| encoded(text).replace('.', "%2E");
        let encoded: &dyn Fn(&str) -> String = if between == "." { &dotless } else { &encoded };
        start + &self.joined(value, &between, encoded)
    }

    /// A value as pairs of the query, names and values percent-encoded; nothing of it may be left.
    pub fn query_pairs(&self, value: &Value) -> Vec<(String, String)> {
        let encoded = |text: &str| percent_encode_query(text).into_owned();
        let name = encoded(&self.name);
        if self.content.is_some() {
            return vec![(name, encoded(&self.written(value)))];
        }
        match (self.style, value) {
            (Style::DeepObject, Value::Object(_)) => {
                let mut pairs = Vec::new();
                brackets(&self.name, value, &mut |name, text| pairs.push((encoded(name), encoded(text))));
                pairs
            }
            (_, Value::Array(items)) if self.explode => {
                items.iter().map(|item| (name.clone(), encoded(&self.below(item)))).collect()
            }
            (Style::Form, Value::Object(members)) if self.explode => {
                members.iter().map(|(member, value)| (encoded(member), encoded(&self.below(value)))).collect()
            }
            (style, value) => vec![(name, self.joined(value, percent_delimiter(style), &encoded))],
        }
    }

    /// A value as cookies, each `name=value`. `form` percent-encodes; `style: cookie` (OpenAPI 3.2) sends what is there.
    pub fn cookie_pairs(&self, value: &Value) -> Vec<(String, String)> {
        let own = self.style == Style::Cookie;
        let encoded = |text: &str| if own { text.to_owned() } else { percent_encode_query(text).into_owned() };
        let name = self.name.to_string();
        match value {
            value if self.content.is_some() => vec![(name, percent_encode_query(&self.written(value)).into_owned())],
            Value::Array(items) if own && self.explode => {
                items.iter().map(|item| (name.clone(), self.below(item))).collect()
            }
            Value::Object(members) if own && self.explode => {
                members.iter().map(|(member, value)| (member.clone(), self.below(value))).collect()
            }
            value => vec![(name, self.joined(value, ",", &encoded))],
        }
    }

    /// The items or members of a value, each encoded, with a delimiter between.
    fn joined(&self, value: &Value, between: &str, encoded: &dyn Fn(&str) -> String) -> String {
        let pieces: Vec<String> = match value {
            Value::Array(items) => items.iter().map(|item| encoded(&self.below(item))).collect(),
            Value::Object(members) if self.explode && self.place == In::Path => members
                .iter()
                .map(|(name, value)| format!("{}={}", encoded(name), encoded(&self.below(value))))
                .collect(),
            Value::Object(members) => {
                members.iter().flat_map(|(name, value)| [encoded(name), encoded(&self.below(value))]).collect()
            }
            scalar => vec![encoded(&plain(scalar))],
        };
        pieces.join(between)
    }

    /// The text of an item or a member, which may be a list itself (Swagger 2.0).
    fn below(&self, value: &Value) -> String {
        let mut nested = self.nested.iter().map(|(style, _)| *style);
        match nested.next() {
            Some(style) => text(value, style, &nested.collect::<Vec<_>>(), false),
            None => plain(value),
        }
    }
}

/// What stands between the items of a list, percent-encoded where it has to be.
fn percent_delimiter(style: Style) -> &'static str {
    match style {
        Style::SpaceDelimited => "%20",
        Style::PipeDelimited => "%7C",
        Style::TabDelimited => "%09",
        _ => ",",
    }
}

/// `color[R]`; deeper, brackets go on, with the places of items.
fn brackets(name: &str, value: &Value, pair: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| brackets(&format!("{name}[{member}]"), value, pair));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, value)| brackets(&format!("{name}[{place}]"), value, pair));
        }
        value => pair(name, &plain(value)),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text(value: &Value, style: Style, nested: &[Style], explode: bool) -> String {
    let inner = nested.split_first();
    let below = |value: &Value| match inner {
        Some((style, nested)) => text(value, *style, nested, explode),
        None => text(value, style, &[], explode),
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(below).collect::<Vec<_>>().join(separator(style)),
        Value::Object(members) => {
            let sign = if explode { "=" } else { "," };
            let pairs = members.iter().map(|(name, value)| format!("{name}{sign}{}", below(value)));
            pairs.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}
