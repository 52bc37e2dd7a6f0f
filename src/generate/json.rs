//! JSON text, written piece by piece: what needs no escaping, which is nearly everything, is known at a glance.

use std::fmt;

use serde_json::Value;

/// Appends a value.
pub(super) fn value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => string(text, out),
        // Writing to a vector does not fail.
        other => drop(serde_json::to_writer(out, other)),
    }
}

/// Appends a text, in quotation marks.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escaped(text, out);
    out.push(b'"');
}

/// The inside of a string that is being written.
pub(super) struct Quoted<'o>(pub(super) &'o mut Vec<u8>);

impl fmt::Write for Quoted<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        escaped(piece, self.0);
        Ok(())
    }
}

fn escaped(text: &str, out: &mut Vec<u8>) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    // What is rare is left to the full serializer.
    let quoted = serde_json::to_string(text).unwrap_or_default();
    out.extend_from_slice(quoted.get(1..quoted.len() - 1).unwrap_or_default().as_bytes());
}

/// Whether no byte has to be escaped in a string (RFC 8259 §7). Looks at eight at once.
fn is_plain(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    if words.iter().any(|word| is_special(u64::from_le_bytes(*word))) {
        return false;
    }
    match bytes.last_chunk::<8>() {
        // Some bytes are looked at twice, which is less work than one by one.
        Some(last) => rest.is_empty() || !is_special(u64::from_le_bytes(*last)),
        None => rest.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\'),
    }
}

/// Whether one of the eight bytes is a control character, a quotation mark or a reverse solidus.
fn is_special(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const TOPS: u64 = ONES << 7;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')))) & TOPS != 0
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::{Value, json};

    use super::{Quoted, value};

    fn written(of: &Value) -> String {
        let mut text = Vec::new();
        value(of, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn it_writes_what_the_full_serializer_writes() {
        for value in [json!({"a": [1, null, "x"]}), json!("äöü 漢字 \u{7f}\u{80}"), json!(""), json!(1.5), json!(null)]
        {
            assert_eq!(written(&value), value.to_string());
        }
    }

    #[test]
    fn every_byte_is_escaped_wherever_it_stands() {
        for byte in 0..=0x7f_u8 {
            for before in 0..18 {
                for after in [0, 1, 7, 8, 9] {
                    let text = format!("{}{}{}", "a".repeat(before), char::from(byte), "z".repeat(after));
                    assert_eq!(written(&Value::String(text.clone())), serde_json::to_string(&text).unwrap());
                }
            }
        }
    }

    #[test]
    fn pieces_are_escaped_as_the_whole_is() {
        let mut text = Vec::new();
        ["a\"b", "", "c\n"].iter().for_each(|piece| Quoted(&mut text).write_str(piece).unwrap());
        assert_eq!(text, br#"a\"bc\n"#);
    }
}
