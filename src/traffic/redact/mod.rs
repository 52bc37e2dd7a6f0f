//! Secrets taken out of an exchange, before it reaches a disk.
//!
//! A secret becomes `redacted:` and 16 hexadecimal digits: the first 64 bits of HMAC-SHA-256 under a key that
//! is made for one run and kept nowhere. So the same secret has the same digest throughout a run, and nobody can find out
//! from the digest what it was. What counts as a secret is said by names: see [`is_secret_name`]. Content of any other kind
//! stays byte for byte as it was, numbers and spaces included, and so does content that is damaged or cut; lengths in
//! `Content-Length` are left as they were sent.

mod names;
mod text;

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use ring::hmac;

pub use names::is_secret_name;

use super::{CapturedBody, Decision, Exchange, Outcome};
use crate::finding::{Part, Violation};
use crate::message::{HeaderMap, HeaderName, HeaderValue, MediaType, Target, decode_content, header};
use names::is_secret_field;

const PREFIX: &str = "redacted:";
const DIGITS: usize = 16;
/// A shorter secret is found in the middle of many words.
const SHORTEST: usize = 4;

/// Whether this is a digest that stands for a secret, alone or behind the scheme of an `Authorization` field. What a schema
/// asks of such a value is *not decided*.
pub fn is_redacted(text: &str) -> bool {
    let text = text.split_once(' ').map_or(text, |(_, credentials)| credentials);
    let digits = text.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == DIGITS && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Takes secrets out of exchanges. One for a run.
#[derive(Debug)]
pub struct Redactor {
    key: hmac::Key,
    names: RwLock<Vec<String>>,
}

impl Redactor {
    /// With a key that must be random, and of this run alone.
    pub fn new(key: &[u8; 32]) -> Redactor {
        Redactor { key: hmac::Key::new(hmac::HMAC_SHA256, key), names: RwLock::default() }
    }

    /// The same, knowing that this name too, in whatever case, is that of a secret: an API key of the document may have any.
    #[must_use = "a redactor is a value: keep what this returns"]
    pub fn knowing(self, name: impl Into<String>) -> Redactor {
        self.learn(name);
        self
    }

    /// From now on this name too is that of a secret: a document may get an API key while it is served.
    pub fn learn(&self, name: impl Into<String>) {
        let name = name.into();
        if !self.knows(&name) {
            self.names.write().unwrap_or_else(PoisonError::into_inner).push(name);
        }
    }

    fn knows(&self, name: &str) -> bool {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether this is the name of a secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.knows(name) || is_secret_name(name)
    }

    fn is_secret_field(&self, name: &str) -> bool {
        self.knows(name) || is_secret_field(name)
    }

    /// What stands for this secret: `redacted:` and 16 hexadecimal digits. A digest stands for itself.
    pub fn digest(&self, secret: &str) -> String {
        if is_redacted(secret) {
            return secret.to_owned();
        }
        let tag = hmac::sign(&self.key, secret.as_bytes());
        let mut digest = String::with_capacity(PREFIX.len() + DIGITS);
        digest.push_str(PREFIX);
        for byte in tag.as_ref().iter().take(DIGITS / 2) {
            for half in [byte >> 4, byte & 15] {
                digest.push(char::from_digit(u32::from(half), 16).unwrap_or_default());
            }
        }
        digest
    }

    /// The exchange without its secrets: those in fields (`Authorization`, `Cookie`, `Set-Cookie`, `Proxy-Authorization`,
    /// and fields with names such as `X-API-Key`), in queries and forms, in members of JSON, elements and attributes of XML,
    /// parts of multipart content, and where the decision repeats them.
    #[must_use = "this is a copy: the original keeps its secrets"]
    pub fn redact(&self, exchange: &Exchange) -> Exchange {
        let mut pass = Pass { redactor: self, seen: Vec::new() };
        let mut exchange = exchange.clone();
        let request = &mut exchange.request;
        if let Cow::Owned(target) = pass.pairs(request.target.as_str().as_bytes(), false) {
            let parsed = std::str::from_utf8(&target).ok().and_then(Target::parse);
            // A digest is made of characters that a query may hold, so parsing does not fail; if it did, the query would go.
            request.target =
                parsed.or_else(|| Target::parse(request.target.path())).unwrap_or_else(|| request.target.clone());
        }
        let mut headers = request.headers.to_map();
        request.body = pass.body(&request.body, &mut headers);
        request.headers = pass.fields(&headers).into();
        if let Outcome::Answered(response) = &mut exchange.outcome {
            let mut headers = response.headers.to_map();
            response.body = pass.body(&response.body, &mut headers);
            response.headers = pass.fields(&headers).into();
        }
        if let Some(decision) = &mut exchange.decision {
            pass.decision(decision);
        }
        exchange
    }
}

/// The most bytes that content in a content coding may come to.
const LARGEST: usize = 64 << 20;

/// Schemes of credentials that clients send without any when they have none.
const SCHEMES: [&str; 5] = ["Basic", "Bearer", "Digest", "Negotiate", "Token"];

/// The work on one exchange.
struct Pass<'r> {
    redactor: &'r Redactor,
    /// Secrets that were found, and what stands for them: sentences about the exchange may repeat them.
    seen: Vec<(String, String)>,
}

impl Pass<'_> {
    fn digest(&mut self, secret: &str) -> String {
        let digest = self.redactor.digest(secret);
        // A very short one would be found in the middle of words.
        if secret.len() >= SHORTEST && secret != digest && !self.seen.iter().any(|(seen, _)| seen == secret) {
            self.seen.push((secret.to_owned(), digest.clone()));
        }
        digest
    }

    fn fields(&mut self, headers: &HeaderMap) -> HeaderMap {
        let mut redacted = HeaderMap::with_capacity(headers.keys_len());
        for (name, value) in headers {
            let value = match self.field(name, value.as_bytes()) {
                Cow::Borrowed(_) => value.clone(),
                // Cannot fail: a value stays within the bytes it had, and digests are text.
                Cow::Owned(bytes) => HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static("redacted:")),
            };
            // As many as there were, so there is room.
            let _ = redacted.try_append(name, value);
        }
        redacted
    }

    fn field<'v>(&mut self, name: &HeaderName, value: &'v [u8]) -> Cow<'v, [u8]> {
        let text = String::from_utf8_lossy(value);
        let redacted = match *name {
            header::AUTHORIZATION | header::PROXY_AUTHORIZATION => match text.split_once(' ') {
                Some((scheme, credentials)) => format!("{scheme} {}", self.digest(credentials.trim())),
                // The name of a scheme alone, which is no secret, and which sentences about it use.
                None if SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(text.trim())) => return value.into(),
                None => self.digest(&text),
            },
            header::COOKIE => text.split(';').map(|cookie| self.cookie(cookie)).collect::<Vec<_>>().join(";"),
            header::SET_COOKIE => match text.split_once(';') {
                Some((cookie, attributes)) => format!("{};{attributes}", self.cookie(cookie)),
                None => self.cookie(&text),
            },
            _ if self.redactor.is_secret_field(name.as_str()) => self.digest(&text),
            // Addresses in `Referer`, `Location`, `Link` and the like.
            _ => return self.pairs(value, false),
        };
        redacted.into_bytes().into()
    }

    fn cookie(&mut self, cookie: &str) -> String {
        match cookie.split_once('=') {
            Some((name, value)) => format!("{name}={}", self.digest(value.trim())),
            None if cookie.trim().is_empty() => cookie.to_owned(),
            None => self.digest(cookie.trim()),
        }
    }

    /// Content in a content coding is looked into without it. Where there are secrets in it, it stays without; and where it
    /// cannot be looked into, none of it stays.
    fn body(&mut self, body: &CapturedBody, headers: &mut HeaderMap) -> CapturedBody {
        if body.bytes.is_empty() {
            return body.clone();
        }
        match decode_content(headers, &body.bytes, LARGEST) {
            Ok(None) => self.plain(body, headers),
            Ok(Some(bytes)) => {
                let redacted = self.plain(&CapturedBody { bytes: bytes.clone(), cut: body.cut }, headers);
                if redacted.bytes == bytes {
                    return body.clone();
                }
                headers.remove(header::CONTENT_ENCODING);
                redacted
            }
            Err(_) => CapturedBody { bytes: Bytes::new(), cut: true },
        }
    }

    fn plain(&mut self, body: &CapturedBody, headers: &HeaderMap) -> CapturedBody {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(MediaType::parse);
        let redacted = self.content(&body.bytes, media_type.as_ref());
        match redacted {
            Cow::Borrowed(_) => body.clone(),
            Cow::Owned(bytes) => CapturedBody { bytes: Bytes::from(bytes), cut: body.cut },
        }
    }

    fn decision(&mut self, decision: &mut Decision) {
        for violation in &mut decision.violations {
            self.violation(violation);
        }
        for note in decision.notes.iter_mut().chain(&mut decision.undocumented).chain(&mut decision.failed) {
            self.sentence(note);
        }
    }

    fn violation(&mut self, violation: &mut Violation) {
        let Violation { part, name, pointer, got, sentence, .. } = violation;
        let secret = matches!(part, Part::Credentials | Part::Cookie)
            || self.redactor.is_secret(name)
            || pointer.split('/').any(|token| self.redactor.is_secret(token));
        if let Some(got) = got {
            if secret {
                let plain = serde_json::from_str::<String>(got).unwrap_or_else(|_| got.clone());
                let digest = self.digest(&plain);
                *sentence = without(sentence, &plain, &digest);
                *got = format!("\"{digest}\"");
            } else {
                self.sentence(got);
            }
        }
        self.sentence(sentence);
    }

    /// A text about the exchange.
    fn sentence(&mut self, text: &mut String) {
        if let Cow::Owned(redacted) = self.content(text.as_bytes(), None) {
            *text = String::from_utf8_lossy(&redacted).into_owned();
        }
        for (secret, digest) in &self.seen {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), digest);
            }
        }
    }
}

/// A sentence with a digest for a secret. A short one is in the middle of many words: there it is not the secret.
fn without(sentence: &str, secret: &str, digest: &str) -> String {
    if secret.is_empty() || secret.len() >= SHORTEST {
        return if secret.is_empty() { sentence.to_owned() } else { sentence.replace(secret, digest) };
    }
    let (mut out, mut rest) = (String::with_capacity(sentence.len()), sentence);
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let begun = before.chars().next_back().or_else(|| out.chars().next_back()).is_some_and(char::is_alphanumeric);
        let goes_on = after.chars().next().is_some_and(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if begun || goes_on { secret } else { digest });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests;
