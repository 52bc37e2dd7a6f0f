//! What a template comes to: its own text, and the values between, each kept as what it is until it is known what they are
//! written into.
//!
//! While a template is rendered, each value is written as JSON between two control characters. Neither can stand in the JSON
//! of a value, where they are escaped; so the two kinds of text are told apart afterwards, and a value keeps its type.

use serde_json::Value;

use super::Syntax;

/// What stands before a value, and what behind it.
const OPEN: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// Whether a text has what sets values apart: it could not be told from one.
pub(super) fn is_ambiguous(text: &str) -> bool {
    text.contains([OPEN, CLOSE])
}

/// A value, as it is written while a template is rendered.
pub(super) fn written(value: &Value) -> String {
    format!("{OPEN}{value}{CLOSE}")
}

/// What was rendered, taken apart.
#[derive(Debug)]
pub(super) struct Pieces<'t>(Vec<Piece<'t>>);

#[derive(Debug)]
enum Piece<'t> {
    Text(&'t str),
    Value(Value),
}

impl<'t> Pieces<'t> {
    pub(super) fn of(rendered: &'t str) -> Pieces<'t> {
        let mut pieces = Vec::new();
        let mut rest = rendered;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let (json, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            pieces.extend((!before.is_empty()).then_some(Piece::Text(before)));
            pieces.push(Piece::Value(serde_json::from_str(json).unwrap_or(Value::Null)));
            rest = after;
        }
        pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
        Pieces(pieces)
    }

    /// The value, where there is one and nothing else but space.
    pub(super) fn single(&self) -> Option<&Value> {
        let mut rest = self.0.iter().filter(|piece| !matches!(piece, Piece::Text(text) if text.trim().is_empty()));
        match (rest.next(), rest.next()) {
            (Some(Piece::Value(value)), None) => Some(value),
            _ => None,
        }
    }

    /// All of it as one text, with the values written as the syntax around them asks.
    pub(super) fn text(&self, syntax: Syntax) -> String {
        let mut text = String::new();
        let mut quoted = false;
        for piece in &self.0 {
            match piece {
                Piece::Text(own) => {
                    text.push_str(own);
                    if syntax == Syntax::Json {
                        quoted = is_quoted_after(own, quoted);
                    }
                }
                Piece::Value(value) => match syntax {
                    Syntax::Json if !quoted => text.push_str(&value.to_string()),
                    Syntax::Json => {
                        let inner = Value::String(plain(value)).to_string();
                        text.push_str(inner.get(1..inner.len() - 1).unwrap_or_default());
                    }
                    Syntax::Xml => escape(&plain(value), &mut text),
                    Syntax::Plain => text.push_str(&plain(value)),
                },
            }
        }
        text
    }
}

/// A value in a text: a string as it is, everything else as JSON writes it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether JSON is inside of a string after a piece of it.
fn is_quoted_after(text: &str, mut quoted: bool) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                characters.next();
            }
            _ => {}
        }
    }
    quoted
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Pieces, written};
    use crate::scenario::template::Syntax;

    fn rendered(parts: &[(&str, Value)]) -> String {
        parts.iter().map(|(text, value)| format!("{text}{}", written(value))).collect()
    }

    #[test]
    fn values_are_text_inside_of_quotes_and_json_outside() {
        let nasty = "a\"b\\\n\u{2}é";
        let text = rendered(&[
            (r#"{"in": ""#, json!(nasty)),
            (r#" and ", "escaped \" ": "#, json!(nasty)),
            (r#", "n": "#, json!(1.50)),
            (r#", "list": "#, json!([1, {"a": null}])),
            (r#", "told": "it is "#, json!({"a": "b"})),
        ]) + "\"}";
        let value: Value = serde_json::from_str(&Pieces::of(&text).text(Syntax::Json)).unwrap();
        assert_eq!(value["in"], format!("{nasty} and "));
        assert_eq!(value["escaped \" "], nasty);
        assert_eq!(value["list"], json!([1, {"a": null}]));
        assert_eq!(value["told"], r#"it is {"a":"b"}"#);
    }

    #[test]
    fn other_texts_have_them_as_they_are_or_as_xml_asks() {
        let text = rendered(&[("<a>", json!("x < \"y\" & z")), ("</a>", json!(true))]);
        assert_eq!(Pieces::of(&text).text(Syntax::Xml), "<a>x &lt; &quot;y&quot; &amp; z</a>true");
        assert_eq!(Pieces::of(&text).text(Syntax::Plain), "<a>x < \"y\" & z</a>true");
    }

    #[test]
    fn a_single_value_keeps_its_type() {
        assert_eq!(Pieces::of(&rendered(&[(" ", json!(7))])).single(), Some(&json!(7)));
        assert_eq!(Pieces::of(&rendered(&[("a", json!(7))])).single(), None);
        assert_eq!(Pieces::of(&rendered(&[("", json!(7)), ("", json!(8))])).single(), None);
        assert_eq!(Pieces::of("text").single(), None);
    }
}
