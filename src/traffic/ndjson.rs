//! Recorded exchanges, one a line: the format that `mock --record` writes.
//!
//! Each line is a JSON object whose first member, `standin`, is the version of the format, 1. Members that a reader does not
//! know are ignored, so later versions may add some. What is written is read back exactly, but for the places of violations
//! (written as `file:line:column`, for people) and for waits beyond 500 years. A file cut in the middle gives what is whole.

use std::io::{self, BufRead, Write};

use super::records::sentence;
use super::written::Line;
use super::{Exchange, Lost, LostKind};

/// The longest line that is read, in bytes: a body of 48 MiB in base64, and all the rest.
pub const LONGEST: usize = 65 << 20;

/// Writes an exchange and a line feed, in one call of `out`.
///
/// It is written as it is: take secrets out first, with [`Redactor`](super::Redactor).
///
/// # Errors
/// When writing fails.
pub fn write(out: &mut impl Write, exchange: &Exchange) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Line::of(exchange))?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Reads one line.
///
/// # Errors
/// Why it is no exchange, as a lower-case sentence fragment.
pub fn parse(line: &[u8]) -> Result<Exchange, String> {
    serde_json::from_slice::<Line<'_>>(line).map_err(|error| sentence(&error))?.into_exchange()
}

/// Reads line by line; holds one line at a time.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    over: bool,
}

impl<R: BufRead> Lines<R> {
    /// What there is in `input`.
    pub fn new(input: R) -> Lines<R> {
        Lines { input, line: Vec::new(), number: 0, over: false }
    }

    /// Reads up to and with the next line feed, and keeps at most [`LONGEST`] bytes and one. Whether there was a line feed.
    fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        loop {
            let available = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() {
                return Ok(false);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let piece = &available[..end.unwrap_or(available.len())];
            let room = (LONGEST + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            let used = piece.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    fn lost(&mut self, kind: LostKind, why: String) -> Lost {
        self.over = matches!(kind, LostKind::Cut | LostKind::Failed);
        Lost { line: self.number, kind, why }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Exchange, Lost>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            self.number += 1;
            let terminated = match self.advance() {
                Ok(terminated) => terminated,
                Err(error) => return Some(Err(self.lost(LostKind::Failed, format!("reading failed: {error}")))),
            };
            self.over = !terminated;
            let mut line = self.line.trim_ascii();
            if self.number == 1 {
                line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
            }
            if line.is_empty() {
                continue;
            }
            if self.line.len() > LONGEST {
                let why = format!("longer than {} MiB", LONGEST >> 20);
                return Some(Err(self.lost(LostKind::Unreadable, why)));
            }
            return Some(match parse(line) {
                Ok(mut exchange) => {
                    if exchange.id == 0 {
                        exchange.id = self.number;
                    }
                    Ok(exchange)
                }
                Err(_) if !terminated => {
                    Err(self.lost(LostKind::Cut, "the file ends in the middle of this line".to_owned()))
                }
                Err(why) => Err(self.lost(LostKind::Unreadable, why)),
            });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, parse, write};
    use crate::traffic::samples::{self, assert_same};
    use crate::traffic::{Exchange, LostKind};

    fn text(exchanges: &[Exchange]) -> Vec<u8> {
        let mut text = Vec::new();
        for exchange in exchanges {
            write(&mut text, exchange).unwrap();
        }
        text
    }

    #[test]
    fn what_is_written_is_read_back() {
        for seed in 0..2_000 {
            let exchange = samples::random(seed);
            let text = text(std::slice::from_ref(&exchange));
            assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
            assert_same(&parse(&text).unwrap(), &exchange);
        }
    }

    #[test]
    fn a_line_is_for_people_too() {
        let line = String::from_utf8(text(&[samples::exchange()])).unwrap();
        insta::assert_snapshot!(line.trim_end(), @r#"{"standin":1,"id":7,"began":"2026-11-22T12:04:10Z","mono_ns":42,"session":"default","base":"http://localhost:4010","request":{"method":"POST","target":"/api/v1/org/acme/invitations?dry=1","headers":[["content-type","application/json"],["accept","*/*"]],"body":"{\"email\":\"ada@\",\"role\":\"reader\"}"},"answer":{"status":422,"headers":[["content-type","application/json"]],"body":"{\"code\":422,\"detail\":\"Validation error\",\"type\":\"validation_error\"}"},"took_ns":312000,"decision":{"operation":"invite_to_organization","call":1,"why":"invalid-request","violations":[{"part":"body","pointer":"/email","keyword":"format","sentence":"not an e-mail address","got":"\"ada@\""}]}}"#);
    }

    #[test]
    fn members_nobody_knows_are_ignored_and_most_may_be_missing() {
        let least =
            br#"{"standin":1,"later":[{}],"request":{"method":"GET","target":"/a?b","x":1},"answer":{"status":204}}"#;
        let exchange = Lines::new(&least[..]).next().unwrap().unwrap();
        assert_eq!((exchange.id, exchange.request.target.as_str()), (1, "/a?b"));
        assert_eq!(exchange.response().unwrap().status, 204);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_and_the_next_one_is_read() {
        let good = text(&[samples::exchange()]);
        for (bad, why) in [
            (
                "{\"standin\":2,\"request\":{\"method\":\"GET\",\"target\":\"/\"}}",
                "written by a later version (2, this reads 1)",
            ),
            ("{\"id\":2}", "the member `standin` is missing"),
            ("nonsense", "not well-formed JSON: expected ident"),
            (
                "{\"standin\":1,\"request\":{\"method\":\"G T\",\"target\":\"/\"},\"no_answer\":\"reset\"}",
                "`G T` is no method",
            ),
            (
                "{\"standin\":1,\"request\":{\"method\":\"GET\",\"target\":\"a\"},\"no_answer\":\"reset\"}",
                "`a` is no request target",
            ),
            ("{\"standin\":1,\"request\":{\"method\":\"GET\",\"target\":\"/\"}}", "neither `answer` nor `no_answer`"),
            (
                "{\"standin\":1,\"request\":{\"method\":\"GET\",\"target\":\"/\"},\"answer\":{\"status\":20}}",
                "20 is no status",
            ),
            ("\u{0}\u{ff}", "not well-formed JSON: expected value"),
            ("null", "null where an object is expected"),
        ] {
            let mut file = good.clone();
            file.extend_from_slice(b"\n\r\n");
            file.extend_from_slice(bad.as_bytes());
            file.push(b'\n');
            file.extend_from_slice(&good);
            let read: Vec<_> = Lines::new(file.as_slice()).collect();
            let [Ok(_), Err(lost), Ok(_)] = read.as_slice() else { panic!("{bad}: {read:?}") };
            assert_eq!((lost.line, lost.kind, lost.why.as_str()), (4, LostKind::Unreadable, why));
        }
    }

    #[test]
    fn a_file_cut_anywhere_gives_what_is_whole_and_says_what_is_lost() {
        let exchanges = [samples::random(1), samples::random(2), samples::random(3)];
        let whole = text(&exchanges);
        let ends: Vec<_> = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
        for cut in 0..=whole.len() {
            let read: Vec<_> = Lines::new(&whole[..cut]).collect();
            // The last line is whole without its line feed, too.
            let good = ends.iter().filter(|end| **end <= cut + 1).count();
            assert_eq!(read.iter().filter(|read| read.is_ok()).count(), good, "{cut}");
            let lost: Vec<_> = read.iter().filter_map(|read| read.as_ref().err()).collect();
            let in_the_middle = cut > 0 && !ends.contains(&cut) && !ends.contains(&(cut + 1));
            assert_eq!(lost.len(), usize::from(in_the_middle), "{cut}");
            assert!(lost.iter().all(|lost| lost.kind == LostKind::Cut && lost.line == good as u64 + 1), "{lost:?}");
        }
    }
}
