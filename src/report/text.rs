//! Text for people, in pieces that know what they are.

use std::borrow::Cow;
use std::fmt;

use crate::finding::Severity;

/// What a piece of text is; colours follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// To be seen first.
    Strong,
    /// Around what matters: gutters, hints.
    Faint,
    /// Something wrong.
    Error,
    /// Something off.
    Warning,
    /// Something worth knowing.
    Note,
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Tone {
        match severity {
            Severity::Note => Tone::Note,
            Severity::Warning => Tone::Warning,
            Severity::Error => Tone::Error,
        }
    }
}

/// Text for people. Its `Display` is the text without any colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pieces: Vec<(Tone, String)>,
}

impl Text {
    /// The pieces, in order.
    pub fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.pieces.iter().map(|(tone, piece)| (*tone, piece.as_str()))
    }

    /// Adds a piece.
    pub fn push(&mut self, tone: Tone, piece: impl Into<String>) {
        self.pieces.push((tone, piece.into()));
    }

    /// Adds a piece that is nothing in particular.
    pub fn plain(&mut self, piece: impl Into<String>) {
        self.push(Tone::Plain, piece);
    }

    /// Adds all of another text.
    pub fn append(&mut self, other: Text) {
        self.pieces.extend(other.pieces);
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text { pieces: vec![(Tone::Plain, text)] }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        text.to_owned().into()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|(_, piece)| out.write_str(piece))
    }
}

/// The text on one line and without power over a terminal: control characters, and those that change the direction of
/// writing, are written as escapes.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(powerful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if powerful(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Whether a character does something other than stand where it is.
pub(super) fn powerful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_text_has_no_power_over_a_terminal() {
        assert_eq!(clean("plain – ü"), "plain – ü");
        assert_eq!(clean("a\u{1b}[31m\nb\u{202e}c"), "a\\u{1b}[31m\\nb\\u{202e}c");
    }
}
