//! Places in a JSON text that is known to be well-formed.

use std::collections::HashMap;

use super::super::marks::{Mark, Marks};
use super::super::problem::{Problem, Problems};
use super::Span;

/// An object or a list whose end has not been seen.
struct Open {
    entry: usize,
    /// The keys seen so far, where they are to be compared; `None` in lists, and where nobody asked.
    keys: Option<HashMap<String, Span>>,
    object: bool,
    /// The value being read is the second under its key, and does not count.
    repeated: bool,
}

/// The table of places. With `problems`, also tells each key that an object has twice; without, there must be none.
///
/// Does not recurse, and does not fail: a text that is not JSON gives a table that does not fit.
pub(in super::super) fn marks(text: &str, problems: Option<&mut Vec<Problem>>) -> Marks {
    let bytes = text.as_bytes();
    let compare = problems.is_some();
    let mut told = Problems::default();
    let mut marks: Vec<Mark> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut key: Option<Span> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                let object = byte == b'{';
                let keys = (object && compare).then(HashMap::new);
                open.push(Open { entry: marks.len(), keys, object, repeated: false });
                marks.push(Mark::new(Span { start: at, end: at + 1 }, key.take()));
                at += 1;
            }
            b'}' | b']' => {
                at += 1;
                if let Some(closed) = open.pop() {
                    let size = marks.len().saturating_sub(closed.entry);
                    if let Some(mark) = marks.get_mut(closed.entry) {
                        mark.set_end(at);
                        mark.size = u32::try_from(size).unwrap_or(u32::MAX);
                    }
                    settle(&mut open, &mut marks, closed.entry);
                }
            }
            b'"' => {
                let span = Span { start: at, end: string_end(bytes, at) };
                at = span.end;
                match open.last_mut() {
                    Some(parent) if parent.object && key.is_none() => {
                        key = Some(span);
                        if let Some(keys) = &mut parent.keys {
                            let raw = text.get(span.start..span.end).unwrap_or("");
                            let name: String = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
                            parent.repeated = keys.contains_key(&name);
                            match keys.get(&name) {
                                Some(first) => told.repeated_key(text, &name, *first, span),
                                None => drop(keys.insert(name, span)),
                            }
                        }
                    }
                    _ => {
                        marks.push(Mark::new(span, key.take()));
                        let entry = marks.len() - 1;
                        settle(&mut open, &mut marks, entry);
                    }
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let end = bytes
                    .iter()
                    .skip(at)
                    .position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E'));
                let span = Span { start: at, end: end.map_or(bytes.len(), |length| at + length) };
                at = span.end;
                marks.push(Mark::new(span, key.take()));
                let entry = marks.len() - 1;
                settle(&mut open, &mut marks, entry);
            }
            _ => at += 1,
        }
    }
    if let Some(problems) = problems {
        problems.extend(told.finish());
    }
    Marks::new(marks)
}

/// A value is complete: forget its entries if it does not count.
fn settle(open: &mut [Open], marks: &mut Vec<Mark>, entry: usize) {
    if let Some(parent) = open.last_mut()
        && std::mem::take(&mut parent.repeated)
    {
        marks.truncate(entry);
    }
}

/// One past the quote that closes the string that starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}
