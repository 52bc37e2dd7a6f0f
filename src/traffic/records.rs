//! Recorded traffic of either format, one exchange after the other.

use std::fmt;
use std::io::{self, BufRead, Read};

use super::Exchange;
use super::har::{self, Entries};
use super::json::{Token, Tokens};
use super::ndjson::Lines;

/// How recorded traffic is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// HTTP Archive 1.2: one JSON document, what browsers and proxies save.
    Har,
    /// One exchange a line: what [`ndjson`](super::ndjson) writes.
    Ndjson,
}

impl Format {
    /// What a file that begins with `head` is, by the keys of its outermost object. A few kilobytes are enough; `None` when they
    /// look like neither.
    pub fn detect(head: &[u8]) -> Option<Format> {
        let begin = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let (mut depth, mut last) = (0_usize, 0..0);
        for (token, range) in Tokens::new(head, begin) {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                Token::String { .. } => last = range,
                Token::Colon if depth == 1 => match &head[last.clone()] {
                    b"\"standin\"" => return Some(Format::Ndjson),
                    b"\"log\"" => return Some(Format::Har),
                    _ => {}
                },
                Token::Colon | Token::Comma => {}
                Token::Scalar if depth == 0 => return None,
                Token::Scalar => {}
            }
        }
        None
    }
}

/// A record that yields no exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Where it begins, from 1; 0 where that is not known.
    pub line: u64,
    /// What became of it.
    pub kind: LostKind,
    /// Why, as a lower-case sentence fragment.
    pub why: String,
}

/// Why a record yields no exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostKind {
    /// It is not what the format asks for. What follows it is read.
    Unreadable,
    /// The file ends in the middle of it. Nothing follows.
    Cut,
    /// It is whole, and no HTTP exchange: a `data:` or `blob:` address, say.
    NotHttp,
    /// Reading the file failed. Nothing follows.
    Failed,
}

impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(out, "line {}: ", self.line)?;
        }
        out.write_str(&self.why)
    }
}

/// Reads recorded traffic: an iterator over what is whole, and over what is lost.
#[derive(Debug)]
pub struct Records<R>(Reader<R>);

#[derive(Debug)]
enum Reader<R> {
    Har(Entries),
    Ndjson(Lines<R>),
}

impl<R: BufRead> Records<R> {
    /// Finds out the format from the beginning of `input`. NDJSON is read as it is asked for; a HAR is read into memory
    /// here, up to [`har::MOST`] bytes.
    ///
    /// # Errors
    /// When reading fails, and (as [`io::ErrorKind::InvalidData`]) when the input is neither.
    pub fn read(mut input: R) -> io::Result<Records<R>> {
        match Format::detect(input.fill_buf()?) {
            Some(format) => Records::read_as(format, input),
            None => {
                let why = "neither a HAR nor recorded exchanges, one a line";
                Err(io::Error::new(io::ErrorKind::InvalidData, why))
            }
        }
    }

    /// The same, where the format is known.
    ///
    /// # Errors
    /// When reading a HAR fails.
    pub fn read_as(format: Format, input: R) -> io::Result<Records<R>> {
        Ok(Records(match format {
            Format::Ndjson => Reader::Ndjson(Lines::new(input)),
            Format::Har => {
                let mut text = Vec::new();
                input.take(har::MOST).read_to_end(&mut text)?;
                Reader::Har(Entries::new(text))
            }
        }))
    }

    /// What it is read as.
    pub fn format(&self) -> Format {
        match &self.0 {
            Reader::Har(_) => Format::Har,
            Reader::Ndjson(_) => Format::Ndjson,
        }
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Exchange, Lost>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Reader::Har(entries) => entries.next(),
            Reader::Ndjson(lines) => lines.next(),
        }
    }
}

/// What serde says about a text, in the words of JSON, and without its own count of lines.
pub(super) fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(sentence, _)| sentence);
    if !error.is_data() {
        return format!("not well-formed JSON: {text}");
    }
    if let Some(member) = text.strip_prefix("missing field ") {
        return format!("the member {member} is missing");
    }
    let Some((got, expected)) = text.strip_prefix("invalid type: ").and_then(|text| text.split_once(", expected "))
    else {
        return text.to_owned();
    };
    let expected = match expected {
        "a sequence" => "a list",
        expected if expected.starts_with("struct ") => "an object",
        expected => expected,
    };
    format!("{got} where {expected} is expected")
}

#[cfg(test)]
mod tests {
    use super::{Format, Records};
    use crate::traffic::{har, ndjson, samples};

    #[test]
    fn the_format_is_seen_from_the_beginning() {
        for (head, format) in [
            ("{\"standin\":1,\"id\":4", Some(Format::Ndjson)),
            ("\u{feff} {\n  \"log\" : {", Some(Format::Har)),
            ("{\"comment\": \"\", \"log\": {}}", Some(Format::Har)),
            ("openapi: 3.1.1", None),
            ("{\"id\": 1, \"a\": {\"log\": 1}, \"standin\": 1", Some(Format::Ndjson)),
            ("{\"log\":{\"creator\":{\"standin\":1", Some(Format::Har)),
            ("{\"openapi\": \"3.1.1\"}", None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(Format::detect(head.as_bytes()), format, "{head}");
        }
    }

    #[test]
    fn either_format_gives_the_same_exchanges() {
        let exchange = samples::exchange();
        let (mut lines, mut archive) = (Vec::new(), Vec::new());
        ndjson::write(&mut lines, &exchange).unwrap();
        har::write(&mut archive, [&exchange]).unwrap();
        for text in [lines, archive] {
            let read: Vec<_> = Records::read(text.as_slice()).unwrap().map(Result::unwrap).collect();
            assert_eq!(read.len(), 1);
            assert_eq!(read[0].request, exchange.request);
            assert_eq!(read[0].outcome, exchange.outcome);
        }
        assert!(Records::read(&b"hello"[..]).is_err());
    }
}
