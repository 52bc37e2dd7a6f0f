//! The tokens of a JSON text, also of one that is damaged or cut: for finding things in it without parsing it.

use std::ops::Range;

/// A token. Nothing is checked: what is no JSON comes out as tokens too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `{` or `[`.
    Open(u8),
    /// `}` or `]`.
    Close(u8),
    /// `:`.
    Colon,
    /// `,`.
    Comma,
    /// A string with its quotes; `whole` when it has the second one.
    String {
        /// Whether it ends.
        whole: bool,
    },
    /// A number, a word, or anything else.
    Scalar,
}

/// The tokens of a text and where each stands. Neither recursive nor allocating.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// From this byte on.
    pub(super) fn new(text: &'a [u8], at: usize) -> Tokens<'a> {
        Tokens { text, at }
    }

    /// The end of the string that begins at the current place, and whether it is whole.
    fn string(&self) -> (usize, bool) {
        let mut at = self.at + 1;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
                None => return (self.text.len(), false),
                Some(found) if rest[found] == b'"' => return (at + found + 1, true),
                Some(found) => at = (at + found + 2).min(self.text.len()),
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let start = self.at;
        let (token, end) = match self.text[start] {
            open @ (b'{' | b'[') => (Token::Open(open), start + 1),
            close @ (b'}' | b']') => (Token::Close(close), start + 1),
            b':' => (Token::Colon, start + 1),
            b',' => (Token::Comma, start + 1),
            b'"' => {
                let (end, whole) = self.string();
                (Token::String { whole }, end)
            }
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"{}[]:,\"".contains(byte);
                (
                    Token::Scalar,
                    self.text[start..].iter().position(ends).map_or(self.text.len(), |length| start + length),
                )
            }
        };
        self.at = end;
        Some((token, start..end))
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, Tokens};

    fn tokens(text: &str) -> Vec<(Token, &str)> {
        Tokens::new(text.as_bytes(), 0).map(|(token, range)| (token, &text[range])).collect()
    }

    #[test]
    fn tokens_are_told_apart() {
        let whole = Token::String { whole: true };
        assert_eq!(
            tokens(r#" {"a\"}": -1.50e3,[true] } "#),
            [
                (Token::Open(b'{'), "{"),
                (whole, r#""a\"}""#),
                (Token::Colon, ":"),
                (Token::Scalar, "-1.50e3"),
                (Token::Comma, ","),
                (Token::Open(b'['), "["),
                (Token::Scalar, "true"),
                (Token::Close(b']'), "]"),
                (Token::Close(b'}'), "}"),
            ]
        );
    }

    #[test]
    fn a_text_may_end_anywhere() {
        let cut = Token::String { whole: false };
        assert_eq!(tokens(r#"{"ab"#), [(Token::Open(b'{'), "{"), (cut, "\"ab")]);
        assert_eq!(tokens(r#""ab\"#), [(cut, r#""ab\"#)]);
        assert_eq!(tokens(r#""ab\\"#), [(cut, r#""ab\\"#)]);
        assert_eq!(tokens("12"), [(Token::Scalar, "12")]);
        assert_eq!(tokens(" \n"), []);
    }
}
