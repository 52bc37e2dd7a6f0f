//! A text, what it is called, and its lines.

use std::sync::{Arc, OnceLock};

/// A text and what it is called.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Where each line starts; found when first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// A text under the name that messages use for it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), text: text.into(), lines: OnceLock::new() })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset, both from 1; the column counts characters, without a byte-order mark.
    ///
    /// An offset past the end is the end; one inside a character is that character's start.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = floor(&self.text, offset);
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0);
        (line, self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1)
    }

    /// The text of a line, counted from 1, without its line break; `None` past the last.
    pub fn line(&self, number: usize) -> Option<&str> {
        let lines = self.lines();
        let start = *lines.get(number.checked_sub(1)?)?;
        let end = lines.get(number).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end)?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// The text of a span; empty where the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            // A byte-order mark belongs to no line, so that columns count what an editor shows.
            let first = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(first).chain(breaks).collect()
        })
    }
}

/// The nearest start of a character at or before `offset`.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn columns_count_characters_and_no_byte_order_mark() {
        let source = Source::new("a", "\u{feff}ab\r\nä€x\n\nlast");
        let places = ["a", "b", "ä", "€", "x", "last"].map(|part| {
            let at = source.text().find(part).unwrap_or_default();
            source.line_column(at)
        });
        assert_eq!(places, [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (4, 1)]);
        assert_eq!(source.line_column(9999), (4, 5));
        let lines: Vec<_> = (0..6).map(|number| source.line(number)).collect();
        assert_eq!(lines, [None, Some("ab"), Some("ä€x"), Some(""), Some("last"), None]);
    }

    #[test]
    fn any_offset_has_a_place() {
        for text in ["", "\u{feff}", "\n", "€\n€"] {
            let source = Source::new("a", text);
            for offset in 0..10 {
                let (line, column) = source.line_column(offset);
                assert!(line >= 1 && column >= 1, "{text:?} {offset}");
            }
        }
    }
}
