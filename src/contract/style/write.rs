//! From a value to the text of a header field (`simple`, and what Swagger 2.0 has beside it) and to a whole query.

use serde_json::Value;

use super::separator;
use crate::contract::{Codec, Parameter};
use crate::message::percent_encode_query;
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
