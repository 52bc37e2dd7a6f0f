//! From the bytes of a message's content to a value, once.

use serde_json::Value;

use super::codec::Unread;
use super::content::{Codec, Content, fitting};
use crate::finding::Violation;
use crate::message::{Body, CodingError, HeaderMap, MediaType, decode_content, header};

/// The most bytes that content in a content coding may come to.
const LARGEST: usize = 16 << 20;

/// The content of a message, as far as it is understood.
#[derive(Clone, Debug)]
pub enum Received {
    /// There is none.
    Absent,
    /// Its media type is not among the documented ones. The value is there when it is JSON all the same.
    Undocumented {
        /// The media type it claims; `None` when the field is missing or unreadable.
        media: Option<String>,
        /// What it holds, when that is JSON.
        value: Option<Value>,
    },
    /// A value of the documented content at this index.
    Value {
        /// Index into the list of contents.
        content: usize,
        /// How it was read.
        codec: Codec,
        /// What it holds.
        value: Value,
        /// What is wrong with it beside what the schema says of the value.
        flaws: Vec<Violation>,
        /// What could not be looked into.
        open: Vec<String>,
    },
    /// It claims to be the documented content at this index, and is not.
    Broken {
        /// Index into the list of contents.
        content: usize,
        /// Why not, as a sentence fragment.
        sentence: String,
    },
    /// It is of the documented content at this index, and nothing can be said of it.
    NotUnderstood {
        /// Index into the list of contents.
        content: usize,
        /// Why not, as a sentence fragment.
        why: String,
    },
    /// The content coding that lies on it could not be taken off.
    Coded(CodingError),
}

impl Received {
    /// The value, when there is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Received::Value { value, .. } => Some(value),
            Received::Undocumented { value, .. } => value.as_ref(),
            _ => None,
        }
    }
}

/// Takes the content codings off a request's body, then reads it.
pub(super) fn receive_coded(contents: &[Content], headers: &HeaderMap, body: &Body) -> Received {
    if !headers.contains_key(header::CONTENT_ENCODING) || body.is_empty() {
        return receive(contents, headers, body);
    }
    match decode_content(headers, &body.bytes(), LARGEST) {
        Ok(Some(bytes)) => receive(contents, headers, &Body::from(bytes)),
        Ok(None) => receive(contents, headers, body),
        Err(error) => Received::Coded(error),
    }
}

/// Reads a body against the contents that the document lists. A body without a `Content-Type` counts as the first
/// listed content that is JSON, else as the first (RFC 9110 §8.3 leaves the guess to the recipient).
pub(super) fn receive(contents: &[Content], headers: &HeaderMap, body: &Body) -> Received {
    if body.is_empty() {
        return Received::Absent;
    }
    let bytes = body.bytes();
    let claimed = headers.get(header::CONTENT_TYPE);
    // The usual case, letter for letter.
    if let Some(claimed) = claimed
        && let Some(index) = contents.iter().position(|content| content.media.as_bytes() == claimed.as_bytes())
        && !contents[index].media.contains('*')
    {
        let content = &contents[index];
        return decoded(index, content, content.codec, content.sent.as_ref(), &bytes);
    }
    let media = claimed.and_then(|value| value.to_str().ok()).and_then(MediaType::parse);
    let content = match (&media, claimed) {
        (Some(media), _) => fitting(contents, media),
        (None, Some(_)) => None,
        (None, None) => contents.iter().find(|content| content.codec == Codec::Json).or(contents.first()),
    };
    let Some(content) = content else {
        let value = media.as_ref().filter(|media| media.is_json()).and_then(|_| serde_json::from_slice(&bytes).ok());
        let media = claimed.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        return Received::Undocumented { media, value };
    };
    let index = contents.iter().position(|known| std::ptr::eq(known, content)).unwrap_or_default();
    // Under a range the claimed type says how to read it.
    let codec = media.as_ref().map_or(content.codec, Codec::of_type);
    decoded(index, content, codec, media.as_ref().or(content.sent.as_ref()), &bytes)
}

fn decoded(index: usize, content: &Content, codec: Codec, media: Option<&MediaType>, bytes: &[u8]) -> Received {
    match content.read(codec, media, bytes) {
        Ok(read) => Received::Value { content: index, codec, value: read.value, flaws: read.flaws, open: read.open },
        Err(Unread::Broken(sentence)) => Received::Broken { content: index, sentence },
        Err(Unread::Open(why)) => Received::NotUnderstood { content: index, why },
    }
}
