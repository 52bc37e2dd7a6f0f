//! A text, what it is called, and its lines.

use std::sync::{Arc, OnceLock};

/// How many bytes of a line are counted for a column; of what is before them the count is known.
const STRETCH: usize = 4096;

/// A text and what it is called.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Where each line starts; found when first asked for.
    lines: OnceLock<Vec<usize>>,
    /// How many characters are before each stretch of the text; counted when first asked for a column of a long line.
    before: OnceLock<Vec<usize>>,
}

impl Source {
    /// A text under the name that messages use for it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), text: text.into(), lines: OnceLock::new(), before: OnceLock::new() })
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
        (line, self.characters(start, offset) + 1)
    }

    /// Characters between two boundaries. A text may be one line and a column of it be asked for many times.
    fn characters(&self, start: usize, end: usize) -> usize {
        if end.saturating_sub(start) <= 2 * STRETCH {
            return self.text.get(start..end).map_or(0, |between| between.chars().count());
        }
        let counts = self.before.get_or_init(|| {
            let stretches = self.text.as_bytes().chunks(STRETCH);
            stretches
                .scan(0, |sum, stretch| {
                    let before = *sum;
                    *sum += begun(stretch);
                    Some(before)
                })
                .collect()
        });
        let before = |at: usize| {
            let stretch = (at / STRETCH).min(counts.len().saturating_sub(1));
            let rest = self.text.as_bytes().get(stretch * STRETCH..at).map_or(0, begun);
            counts.get(stretch).copied().unwrap_or(0) + rest
        };
        before(end) - before(start)
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

    /// The line that an offset is in, without its line break, and how many bytes of it are before that offset.
    pub fn line_around(&self, offset: usize) -> (&str, usize) {
        let offset = floor(&self.text, offset);
        let number = self.lines().partition_point(|start| *start <= offset).max(1);
        let start = self.lines().get(number - 1).copied().unwrap_or(0);
        (self.line(number).unwrap_or(""), offset.saturating_sub(start))
    }

    /// The line that an offset is in, without the blanks around it; of a line of more than so many bytes, only those after the
    /// offset, as many as that.
    pub fn excerpt(&self, offset: usize, most: usize) -> &str {
        let (line, at) = self.line_around(offset);
        let part = if line.len() <= most { Some(line) } else { line.get(at..floor(line, at + most)) };
        part.unwrap_or("").trim()
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

/// How many characters begin in bytes of UTF-8.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
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
    fn columns_of_long_lines_are_counted_alike() {
        let text = format!("first\n{}", "aä€😀".repeat(3_000));
        let source = Source::new("a", text.as_str());
        for (characters, (at, _)) in text["first\n".len()..].char_indices().enumerate().step_by(97) {
            assert_eq!(source.line_column("first\n".len() + at), (2, characters + 1));
        }
        assert_eq!(source.line_column(text.len()), (2, 12_001));
    }

    #[test]
    fn an_excerpt_is_a_line_or_the_beginning_of_what_is_meant() {
        let source = Source::new("a", "\u{feff}one\n  two €three\nlast");
        let at = |part: &str| source.text().find(part).unwrap_or_default();
        assert_eq!(source.excerpt(at("one"), 40), "one");
        assert_eq!(source.excerpt(at("€"), 40), "two €three");
        assert_eq!(source.excerpt(at("€"), 5), "€th");
        assert_eq!(source.excerpt(at("last"), 40), "last");
        assert_eq!(source.excerpt(999, 40), "last");
        assert_eq!(Source::new("a", "").excerpt(0, 40), "");
        assert_eq!(Source::new("a", "\u{feff}x").excerpt(0, 40), "x");
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
