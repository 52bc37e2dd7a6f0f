//! From bytes to text, by the `charset` of a media type.

use std::borrow::Cow;

use super::Unread;
use crate::message::MediaType;

/// The text that bytes are. Without a `charset` they are UTF-8; what is none then is not guessed at.
pub(super) fn decode<'b>(media: Option<&MediaType>, bytes: &'b [u8]) -> Result<Cow<'b, str>, Unread> {
    decode_as(media.and_then(|media| media.param("charset")), bytes)
}

/// The text that bytes are in a charset, if one is said.
pub(super) fn decode_as<'b>(charset: Option<&str>, bytes: &'b [u8]) -> Result<Cow<'b, str>, Unread> {
    let Some(charset) = charset else {
        return utf8(bytes).ok_or_else(|| Unread::Open("a text without `charset` that is not UTF-8".to_owned()));
    };
    let named = charset.to_ascii_lowercase();
    match named.as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => {
            utf8(bytes).ok_or_else(|| Unread::Broken(format!("not a text in {named}")))
        }
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" | "windows-1252" | "cp1252" => {
            Ok(Cow::Owned(latin(bytes)))
        }
        "utf-16" | "utf-16le" | "utf-16be" => {
            let text = wide(bytes, named.ends_with("le"));
            text.map(Cow::Owned).ok_or_else(|| Unread::Broken(format!("not a text in {named}")))
        }
        _ => Err(Unread::Open(format!("texts in `{}` are not read", charset.chars().take(40).collect::<String>()))),
    }
}

fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok().map(Cow::Borrowed)
}

/// One character a byte (ISO 8859-1): for text in it, and for bytes that stand as a string, one character each.
pub(super) fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// UTF-16; a byte order mark decides, else big-endian unless told otherwise (RFC 2781 §4.3).
fn wide(bytes: &[u8], little: bool) -> Option<String> {
    let (bytes, little) = match bytes {
        [0xfe, 0xff, rest @ ..] => (rest, false),
        [0xff, 0xfe, rest @ ..] => (rest, true),
        all => (all, little),
    };
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::{Unread, decode};
    use crate::message::MediaType;

    #[test]
    fn a_charset_says_how_a_text_is_read() {
        for (media, bytes, text) in [
            ("text/plain", "ü".as_bytes(), Some("ü")),
            ("text/plain; charset=UTF-8", b"\xEF\xBB\xBFa", Some("a")),
            ("text/plain; charset=ISO-8859-1", b"\xfc", Some("ü")),
            ("text/plain; charset=utf-16", b"\xff\xfe\xfc\x00", Some("ü")),
            ("text/plain; charset=utf-16", b"\x00\xfc", Some("ü")),
            ("text/plain; charset=utf-8", b"\xfc", None),
            ("text/plain; charset=utf-16", b"\xd8\x00", None),
        ] {
            let read = decode(MediaType::parse(media).as_ref(), bytes);
            match (read, text) {
                (Ok(read), Some(text)) => assert_eq!(read, text, "{media}"),
                (Err(Unread::Broken(_)), None) => {}
                (read, text) => panic!("{media}: {read:?} {text:?}"),
            }
        }
        for (media, bytes) in [("text/plain", &b"\xfc"[..]), ("text/plain; charset=big5", b"a")] {
            assert!(matches!(decode(MediaType::parse(media).as_ref(), bytes), Err(Unread::Open(_))), "{media}");
        }
    }
}
