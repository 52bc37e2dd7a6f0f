//! Field values: lists, parameters, quoted strings, repeated fields (RFC 9110 §5).

use std::borrow::Cow;

use http::{HeaderMap, header};

/// The elements of a comma-separated list (RFC 9110 §5.6.1), trimmed; empty ones are skipped, commas in quoted strings do not count.
pub fn list_elements(text: &str) -> impl Iterator<Item = &str> {
    split(text, b",").filter(|element| !element.is_empty())
}

/// The `;name=value` pairs of a text that starts with the first of them (RFC 9110 §5.6.6), values unquoted.
///
/// Tolerant: a pair without `=` or without a name is skipped, so is an empty one; blanks around `=` do not count.
pub fn parameters(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    split(text, b";").filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let name = name.trim_end();
        is_token(name).then(|| (name, unquote(value.trim_start())))
    })
}

/// What a field says when its lines are joined with `, ` (RFC 9110 §5.3); `None` when there is none.
///
/// `Set-Cookie` is never joined: its first line is returned. Bytes that are not UTF-8 become U+FFFD.
pub fn field_value<'h>(headers: &'h HeaderMap, name: &str) -> Option<Cow<'h, str>> {
    let mut lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = lines.next()?;
    if name.eq_ignore_ascii_case(header::SET_COOKIE.as_str()) {
        return Some(first);
    }
    Some(lines.fold(first, |mut joined, line| {
        let text = joined.to_mut();
        text.push_str(", ");
        text.push_str(&line);
        joined
    }))
}

/// The text inside a quoted string with its escapes resolved (RFC 9110 §5.6.4); anything else comes back as it is.
pub fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for c in inner.chars() {
        escaped = c == '\\' && !escaped;
        if !escaped {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
}

/// The text as a parameter value: itself when it is a token, else a quoted string.
pub fn quote(text: &str) -> Cow<'_, str> {
    if is_token(text) {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

/// Whether this is a token (RFC 9110 §5.6.2): at least one character, all of them `tchar`.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// The lines of a field that are UTF-8; others cannot be read as text and are left out.
pub(super) fn lines<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    headers.get_all(name).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
}

/// The trimmed pieces between separators, those in quoted strings left out of account.
pub(super) fn split<'t>(text: &'t str, separators: &'static [u8]) -> Split<'t> {
    Split { rest: Some(text), separators }
}

pub(super) struct Split<'t> {
    rest: Option<&'t str>,
    separators: &'static [u8],
}

impl<'t> Iterator for Split<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest?;
        let end = piece_end(text.as_bytes(), self.separators);
        self.rest = text.get(end + 1..);
        Some(text.get(..end).unwrap_or_default().trim())
    }
}

/// Where the first piece ends.
///
/// A quotation mark opens a string only where a value or an element begins, and only if it is closed again: a stray one is an
/// ordinary character, so that it spoils its own element and not all that follow.
fn piece_end(text: &[u8], separators: &[u8]) -> usize {
    let mut at = 0;
    let mut value_begins = true;
    while let Some(&byte) = text.get(at) {
        if separators.contains(&byte) {
            return at;
        }
        if byte == b'"'
            && value_begins
            && let Some(close) = closing_quote(text, at)
        {
            at = close;
        }
        if !matches!(byte, b' ' | b'\t') {
            value_begins = matches!(byte, b'=' | b',' | b';');
        }
        at += 1;
    }
    text.len()
}

fn closing_quote(text: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{field_value, list_elements, parameters, quote, unquote};

    #[test]
    fn commas_in_quoted_strings_do_not_split() {
        let elements: Vec<_> = list_elements(r#"a, ,b="x, \"y", c"d, e"#).collect();
        assert_eq!(elements, ["a", r#"b="x, \"y""#, "c\"d", "e"]);
        assert_eq!(list_elements(r#""never closed, next"#).collect::<Vec<_>>(), ["\"never closed", "next"]);
        assert_eq!(list_elements("").count(), 0);
    }

    #[test]
    fn parameters_are_unquoted_and_nonsense_is_skipped() {
        let pairs: Vec<_> = parameters(r#";charset=utf-8; b = "x;\"y" ;flag; =2;;q=1"#).collect();
        assert_eq!(pairs, [("charset", "utf-8".into()), ("b", r#"x;"y"#.into()), ("q", "1".into())]);
    }

    #[test]
    fn quoting_and_unquoting_are_inverse() {
        for text in ["token", "two words", r#"a"b\c"#, "", "ü", r"\"] {
            assert_eq!(unquote(&quote(text)), text);
        }
        assert_eq!(quote("token"), "token");
        assert_eq!(quote("two words"), "\"two words\"");
        assert_eq!(unquote("\""), "\"");
    }

    #[test]
    fn repeated_fields_are_joined_except_set_cookie() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-a", "1"), ("x-a", "2"), ("set-cookie", "a=1"), ("set-cookie", "b=2")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers.append("x-b", HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(field_value(&headers, "X-A").as_deref(), Some("1, 2"));
        assert_eq!(field_value(&headers, "Set-Cookie").as_deref(), Some("a=1"));
        assert_eq!(field_value(&headers, "x-b").as_deref(), Some("\u{fffd}"));
        assert_eq!(field_value(&headers, "x-c"), None);
    }
}
