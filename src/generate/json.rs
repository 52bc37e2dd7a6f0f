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

/// Where a generated text is written to.
pub(super) trait Text: fmt::Write {
    /// Writes ASCII characters none of which is escaped in JSON: digits, letters, what stands between them in a date.
    fn write_plain(&mut self, characters: &[u8]) -> fmt::Result {
        self.write_str(std::str::from_utf8(characters).unwrap_or_default())
    }
}

impl Text for String {}

/// The inside of a string that is being written.
pub(super) struct Quoted<'o>(pub(super) &'o mut Vec<u8>);

impl fmt::Write for Quoted<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        escaped(piece, self.0);
        Ok(())
    }
}

impl Text for Quoted<'_> {
    fn write_plain(&mut self, characters: &[u8]) -> fmt::Result {
        debug_assert!(is_plain(characters) && characters.is_ascii());
        self.0.extend_from_slice(characters);
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

/// Whether no byte has to be escaped in a string (RFC 8259 §7). Many are looked at at once; some twice, which is less work
/// than one by one.
fn is_plain(bytes: &[u8]) -> bool {
    if let (pieces, Some(last)) = (bytes.as_chunks().0, bytes.last_chunk()) {
        return pieces.iter().chain([last]).all(are_plain::<16>);
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => are_plain::<8>(first) && are_plain::<8>(last),
        _ => bytes.iter().all(|byte| are_plain(&[*byte])),
    }
}

/// The same for a known number of bytes, without a branch between them.
fn are_plain<const N: usize>(bytes: &[u8; N]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & (*byte >= 0x20) & (*byte != b'"') & (*byte != b'\\'))
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
            for before in 0..35 {
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
