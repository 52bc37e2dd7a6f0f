//! The entries of an archive, each found without parsing the rest, so that a damaged file still gives what is whole.

use super::entry;
use crate::traffic::json::{Token, Tokens};
use crate::traffic::{Exchange, Lost, LostKind};

/// How much of a HAR is read, in bytes (1 GiB); what is longer counts as cut.
pub const MOST: u64 = 1 << 30;

/// The exchanges of an archive, one after the other.
#[derive(Debug)]
pub struct Entries {
    text: Vec<u8>,
    /// Where the next entry is looked for; `None` when there is none left.
    at: Option<usize>,
    number: u64,
    /// Up to where line feeds have been counted, and how many there were.
    counted: (usize, u64),
    /// What is wrong before the first entry.
    trouble: Option<Lost>,
}

impl Entries {
    /// What there is in the text of an archive.
    pub fn new(text: Vec<u8>) -> Entries {
        let (at, trouble) = match find(&text) {
            Ok(at) => (Some(at), None),
            Err((kind, why)) => (None, Some(Lost { line: 0, kind, why: why.to_owned() })),
        };
        Entries { text, at, number: 0, counted: (0, 0), trouble }
    }

    /// The line, from 1, where this byte stands. Asked for in ascending order.
    fn line(&mut self, at: usize) -> u64 {
        let (from, before) = self.counted;
        let more = self.text[from..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = (at, before + more);
        before + more + 1
    }

    fn lost(&mut self, at: usize, kind: LostKind, why: impl Into<String>) -> Lost {
        Lost { line: self.line(at), kind, why: why.into() }
    }
}

impl Iterator for Entries {
    type Item = Result<Exchange, Lost>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(trouble) = self.trouble.take() {
            return Some(Err(trouble));
        }
        let at = self.at.take()?;
        let next = Tokens::new(&self.text, at).find(|(token, _)| *token != Token::Comma);
        let Some((token, range)) = next else {
            let why = match self.number {
                0 => "the file ends before the first entry".to_owned(),
                number => format!("the file ends after entry {number}, and the list of entries does not"),
            };
            return Some(Err(self.lost(self.text.len(), LostKind::Cut, why)));
        };
        if matches!(token, Token::Close(_)) {
            return None;
        }
        self.number += 1;
        let number = self.number;
        let Some(end) = end_of_value(&self.text, range.start) else {
            let why = format!("the file ends in the middle of entry {number}");
            return Some(Err(self.lost(range.start, LostKind::Cut, why)));
        };
        self.at = Some(end);
        Some(entry::read(&self.text[range.start..end], number).map_err(|(kind, why)| {
            let why = format!("entry {number}: {why}");
            self.lost(range.start, kind, why)
        }))
    }
}

/// One past the value that begins here; `None` when the text ends first.
fn end_of_value(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (token, range) in Tokens::new(text, start) {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            Token::String { whole: false } => return None,
            Token::String { whole: true } | Token::Scalar | Token::Colon | Token::Comma => {}
        }
        if depth == 0 {
            return Some(range.end);
        }
    }
    None
}

/// One past the `[` of `log.entries`.
fn find(text: &[u8]) -> Result<usize, (LostKind, &'static str)> {
    let begin = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let (mut depth, mut in_log) = (0_usize, false);
    let (mut last, mut key) = (0..0, 0..0);
    for (token, range) in Tokens::new(text, begin) {
        match token {
            Token::Open(open) => {
                let key = &text[std::mem::take(&mut key)];
                in_log |= depth == 1 && open == b'{' && key == b"\"log\"";
                if depth == 2 && in_log && open == b'[' && key == b"\"entries\"" {
                    return Ok(range.end);
                }
                depth += 1;
            }
            Token::Close(_) => {
                depth = depth.saturating_sub(1);
                in_log &= depth > 1;
                if depth == 0 {
                    return Err((LostKind::Unreadable, "no list `log.entries`"));
                }
            }
            Token::String { .. } => last = range,
            Token::Colon => key = std::mem::take(&mut last),
            Token::Comma => key = 0..0,
            Token::Scalar => {}
        }
    }
    Err((LostKind::Cut, "the file ends before `log.entries`"))
}
