//! Percent-encoding (RFC 3986 §2.1) and its form variant, where `+` is a space.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The decoded bytes are not UTF-8, so there is no text to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8;

impl fmt::Display for NotUtf8 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("percent-encoded bytes that are not UTF-8")
    }
}

impl std::error::Error for NotUtf8 {}

/// Decodes a segment of a path, where `+` is a plus. A `%` without two hexadecimal digits stays as it is.
///
/// # Errors
/// When the decoded bytes are not UTF-8.
pub fn percent_decode(text: &str) -> Result<Cow<'_, str>, NotUtf8> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    percent_decode_str(text).decode_utf8().map_err(|_| NotUtf8)
}

/// Decodes a name or value of a query or of `application/x-www-form-urlencoded`, where `+` is a space.
///
/// # Errors
/// When the decoded bytes are not UTF-8.
pub fn form_decode(text: &str) -> Result<Cow<'_, str>, NotUtf8> {
    if !text.contains('+') {
        return percent_decode(text);
    }
    let spaced = text.replace('+', " ");
    percent_decode(&spaced).map(|decoded| Cow::Owned(decoded.into_owned()))
}

/// The four marks that are never encoded (RFC 3986 §2.3).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Further characters of a path segment (RFC 3986 §3.3) that are no delimiters of any OpenAPI style.
const SEGMENT: &AsciiSet =
    &QUERY.remove(b'!').remove(b'$').remove(b'\'').remove(b'(').remove(b')').remove(b'*').remove(b':').remove(b'@');

/// Encodes text for one segment of a path; `/` is encoded, and so are `,` `;` `=` `&` `+`, which delimit values there.
pub fn percent_encode_segment(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, SEGMENT).into()
}

/// Characters that no request target can hold as they are.
const TARGET: &AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'#').add(b'<').add(b'>').add(b'?');

/// Encodes what a path cannot hold as it is; what it can is left alone, `%` and `/` too.
pub fn percent_encode_target(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, TARGET).into()
}

/// Encodes text for a name or value in a query: all but letters, digits and `-._~`. A space becomes `%20`, which every reader knows.
pub fn percent_encode_query(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, QUERY).into()
}

/// Further characters that a form may show as they are: those that are reserved (RFC 3986 §2.2) and divide nothing there.
const RESERVED: &AsciiSet = &QUERY
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b':')
    .remove(b';')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@');

/// Encodes text for a name or value of `application/x-www-form-urlencoded`: a space becomes `+`. With `reserved`, characters
/// that are reserved elsewhere and divide nothing here stay as they are.
pub fn form_encode(text: &str, reserved: bool) -> Cow<'_, str> {
    let encoded: Cow<'_, str> = utf8_percent_encode(text, if reserved { RESERVED } else { QUERY }).into();
    if encoded.contains("%20") { Cow::Owned(encoded.replace("%20", "+")) } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::{NotUtf8, form_decode, form_encode, percent_decode, percent_encode_query, percent_encode_segment};

    #[test]
    fn plus_is_a_space_only_in_forms() {
        assert_eq!(percent_decode("a+b%20c%2Fd"), Ok("a+b c/d".into()));
        assert_eq!(form_decode("a+b%20c%2B"), Ok("a b c+".into()));
    }

    #[test]
    fn what_is_no_encoding_stays() {
        for text in ["%", "%4", "%zz", "100%", "ü", ""] {
            assert_eq!(percent_decode(text), Ok(text.into()));
            assert_eq!(form_decode(text), Ok(text.into()));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        assert_eq!(percent_decode("a%FF"), Err(NotUtf8));
        assert_eq!(form_decode("+%C3%28"), Err(NotUtf8));
    }

    #[test]
    fn encoding_is_undone_by_decoding() {
        let text = "a b/c?d#e%f&g=h+i,j;k:l@m~ü\"<>\u{0}";
        assert_eq!(percent_encode_segment(text), "a%20b%2Fc%3Fd%23e%25f%26g%3Dh%2Bi%2Cj%3Bk:l@m~%C3%BC%22%3C%3E%00");
        assert_eq!(percent_decode(&percent_encode_segment(text)), Ok(text.into()));
        assert_eq!(form_decode(&percent_encode_query(text)), Ok(text.into()));
        assert_eq!(form_decode(&form_encode(text, false)), Ok(text.into()));
        assert_eq!(form_decode(&form_encode(text, true)), Ok(text.into()));
        assert_eq!(form_encode("a b/c?&=+%", true), "a+b/c?%26%3D%2B%25");
    }
}
