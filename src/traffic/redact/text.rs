//! Secrets in content: JSON, forms and queries, XML, multipart. Found by tokens, so that damaged content is covered too, and
//! replaced in place, so that the rest stays as it was.

use std::borrow::Cow;
use std::ops::Range;

use super::Pass;
use crate::message::{MediaType, form_decode};
use crate::traffic::json::{Token, Tokens};

/// How deep JSON within strings of JSON is looked into.
const DEPTH: usize = 3;

/// A copy of a text that differs in some stretches; none is made while there is no difference.
struct Edits<'a> {
    text: &'a [u8],
    edited: Vec<u8>,
    upto: usize,
}

impl<'a> Edits<'a> {
    fn new(text: &'a [u8]) -> Edits<'a> {
        Edits { text, edited: Vec::new(), upto: 0 }
    }

    /// Replaces a stretch that comes after all those replaced so far.
    fn replace(&mut self, range: Range<usize>, by: &[u8]) {
        self.edited.extend_from_slice(&self.text[self.upto..range.start]);
        self.edited.extend_from_slice(by);
        self.upto = range.end;
    }

    fn end(mut self) -> Cow<'a, [u8]> {
        if self.upto == 0 {
            return self.text.into();
        }
        self.edited.extend_from_slice(&self.text[self.upto..]);
        self.edited.into()
    }
}

fn find(text: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(word.len()).position(|window| window == word).map(|at| from + at)
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// One edit after the other.
fn then<'a>(first: Cow<'a, [u8]>, next: impl FnOnce(&[u8]) -> Cow<'_, [u8]>) -> Cow<'a, [u8]> {
    match next(&first) {
        Cow::Owned(edited) => Cow::Owned(edited),
        Cow::Borrowed(_) => first,
    }
}

impl Pass<'_> {
    /// Content of a type that is known, or of any.
    pub(super) fn content<'t>(&mut self, text: &'t [u8], media_type: Option<&MediaType>) -> Cow<'t, [u8]> {
        let essence = media_type.map_or("", MediaType::essence);
        if essence == "application/x-www-form-urlencoded" {
            return self.pairs(text, true);
        }
        if essence.starts_with("multipart/")
            && let Some(boundary) = media_type.and_then(|media_type| media_type.param("boundary"))
        {
            return self.multipart(text, boundary);
        }
        let xml = text.trim_ascii_start().starts_with(b"<");
        let members = if xml { self.xml(text) } else { self.json(text, DEPTH) };
        then(members, |text| self.pairs(text, false))
    }

    /// Pairs `name=value` behind `?`, `&` or `#`, wherever in a text; at its very beginning too, if `at_start`.
    pub(super) fn pairs<'t>(&mut self, text: &'t [u8], at_start: bool) -> Cow<'t, [u8]> {
        let mut edits = Edits::new(text);
        let mut start = at_start.then_some(0);
        let mut at = 0;
        loop {
            if let Some(begin) = start.take() {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"?&#\"<>\\`)".contains(byte);
                let end = text[begin..].iter().position(ends).map_or(text.len(), |length| begin + length);
                if let Some(equals) = text[begin..end].iter().position(|byte| *byte == b'=') {
                    let (name, value) = (lossy(&text[begin..begin + equals]), begin + equals + 1..end);
                    if self.redactor.is_secret(&form_decode(&name).unwrap_or(Cow::Borrowed(&name))) && !value.is_empty()
                    {
                        let plain = lossy(&text[value.clone()]);
                        let digest = self.digest(&form_decode(&plain).unwrap_or(Cow::Borrowed(&plain)));
                        edits.replace(value, digest.as_bytes());
                    }
                }
                at = end;
            }
            match text[at..].iter().position(|byte| matches!(byte, b'?' | b'&' | b'#')) {
                None => return edits.end(),
                Some(found) => {
                    at += found + 1;
                    start = Some(at);
                }
            }
        }
    }

    /// Members of JSON: strings and numbers, and all that are within a member that has such a name.
    fn json<'t>(&mut self, text: &'t [u8], depth: usize) -> Cow<'t, [u8]> {
        let mut edits = Edits::new(text);
        let mut tokens = Tokens::new(text, 0).peekable();
        // Whether the key before this has such a name; how deep things are nested, and from where on all is secret.
        let (mut named, mut nested, mut within) = (false, 0_usize, None);
        while let Some((token, range)) = tokens.next() {
            match token {
                Token::Open(_) => {
                    if std::mem::take(&mut named) && within.is_none() {
                        within = Some(nested);
                    }
                    nested += 1;
                }
                Token::Close(_) => {
                    nested = nested.saturating_sub(1);
                    within = within.filter(|from| *from < nested);
                    named = false;
                }
                Token::Comma => named = false,
                Token::Colon => {}
                Token::String { whole } => {
                    let string = string(&text[range.clone()], whole);
                    if matches!(tokens.peek(), Some((Token::Colon, _))) {
                        named = self.redactor.is_secret(&string);
                    } else if std::mem::take(&mut named) || within.is_some() {
                        if !string.is_empty() {
                            let digest = self.digest(&string);
                            let end = if whole { range.end - 1 } else { range.end };
                            edits.replace(range.start + 1..end, digest.as_bytes());
                        }
                    } else if depth > 1 && whole && string.contains(['"', '<']) {
                        // JSON or XML in a string.
                        if let Cow::Owned(inner) = self.nested(string.as_bytes(), depth - 1)
                            && let Ok(inner) = serde_json::to_vec(&lossy(&inner))
                        {
                            edits.replace(range, &inner);
                        }
                    }
                }
                Token::Scalar => {
                    let word = &text[range.clone()];
                    let harmless = [&b"true"[..], b"false", b"null"].iter().any(|known| known.starts_with(word));
                    if (std::mem::take(&mut named) || within.is_some()) && !harmless {
                        let digest = self.digest(&lossy(word));
                        edits.replace(range, format!("\"{digest}\"").as_bytes());
                    }
                }
            }
        }
        edits.end()
    }

    fn nested<'t>(&mut self, text: &'t [u8], depth: usize) -> Cow<'t, [u8]> {
        if text.trim_ascii_start().starts_with(b"<") { self.xml(text) } else { self.json(text, depth) }
    }

    /// Elements of XML up to the next end tag, and attributes.
    fn xml<'t>(&mut self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let redactor = self.redactor;
        let local = |name: &[u8]| redactor.is_secret(lossy(name).rsplit(':').next().unwrap_or_default());
        let mut edits = Edits::new(text);
        let mut at = 0;
        while let Some(open) = find(text, b"<", at) {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
            let name = text[open + 1..].iter().position(ends).map_or(text.len(), |length| open + 1 + length);
            at = name;
            // Attributes, up to the end of the tag.
            while let Some(found) = text[at..].iter().position(|byte| matches!(byte, b'=' | b'>' | b'<')) {
                let equals = at + found;
                at = equals;
                let quote = match text.get(equals + 1) {
                    Some(quote @ (b'"' | b'\'')) if text[equals] == b'=' => *quote,
                    _ if text[equals] == b'=' => {
                        at += 1;
                        continue;
                    }
                    _ => break,
                };
                let value = equals + 2;
                let end =
                    text[value..].iter().position(|byte| *byte == quote).map_or(text.len(), |length| value + length);
                let start =
                    text[..equals].iter().rposition(|byte| byte.is_ascii_whitespace()).map_or(0, |space| space + 1);
                if local(&text[start..equals]) && value < end {
                    let digest = self.digest(&lossy(&text[value..end]));
                    edits.replace(value..end, digest.as_bytes());
                }
                at = (end + 1).min(text.len());
            }
            if text.get(at) == Some(&b'>') && text[at - 1] != b'/' && local(&text[open + 1..name]) {
                let end = find(text, b"</", at).unwrap_or(text.len());
                let secret = lossy(&text[at + 1..end]);
                if !secret.trim().is_empty() {
                    let digest = self.digest(&secret);
                    edits.replace(at + 1..end, digest.as_bytes());
                }
                at = end;
            }
        }
        edits.end()
    }

    /// Parts of multipart content, by the names of their `Content-Disposition`.
    fn multipart<'t>(&mut self, text: &'t [u8], boundary: &str) -> Cow<'t, [u8]> {
        let delimiter = format!("--{boundary}");
        let mut edits = Edits::new(text);
        let mut at = find(text, delimiter.as_bytes(), 0);
        while let Some(start) = at {
            let start = start + delimiter.len();
            at = find(text, delimiter.as_bytes(), start);
            let mut end = at.unwrap_or(text.len());
            let Some(blank) = find(&text[..end], b"\r\n\r\n", start) else { continue };
            if text[blank + 4..end].ends_with(b"\r\n") {
                end -= 2;
            }
            let (head, content) = (lossy(&text[start..blank]), blank + 4..end);
            if content.is_empty() {
                continue;
            }
            if part_name(&head).is_some_and(|name| self.redactor.is_secret(name)) {
                let digest = self.digest(&lossy(&text[content.clone()]));
                edits.replace(content, digest.as_bytes());
            } else if let Cow::Owned(redacted) = self.content(&text[content.clone()], None) {
                edits.replace(content, &redacted);
            }
        }
        edits.end()
    }
}

/// What a string of JSON says; as far as that can be told, where it is damaged or cut.
fn string(token: &[u8], whole: bool) -> Cow<'_, str> {
    let inner = &token[1..token.len() - usize::from(whole)];
    if whole
        && inner.contains(&b'\\')
        && let Ok(decoded) = serde_json::from_slice::<String>(token)
    {
        return decoded.into();
    }
    lossy(inner)
}

/// The `name` parameter in the head of a part.
fn part_name(head: &str) -> Option<&str> {
    let line = head
        .lines()
        .find(|line| line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:")))?;
    let name = line.split(';').map(str::trim).find_map(|parameter| parameter.strip_prefix("name="))?;
    Some(name.trim_matches('"'))
}
