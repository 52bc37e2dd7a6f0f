//! From the bytes of a message's content to a value, once.

use serde_json::Value;

use super::content::{Codec, Content, fitting};
use crate::message::{Body, HeaderMap, MediaType, header};

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
        /// What it holds.
        value: Value,
    },
    /// It claims to be the documented content at this index, and is not.
    Broken {
        /// Index into the list of contents.
        content: usize,
        /// Why not, as a sentence fragment.
        sentence: String,
    },
    /// It is of the documented content at this index, which is not understood: nothing can be said of it.
    NotUnderstood {
        /// Index into the list of contents.
        content: usize,
    },
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
        return decoded(index, contents[index].codec, &bytes);
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
    decoded(index, media.as_ref().map_or(content.codec, Codec::of_type), &bytes)
}

fn decoded(content: usize, codec: Codec, bytes: &[u8]) -> Received {
    match codec {
        // A parser may ignore a byte order mark, though nobody may send one (RFC 8259 §8.1).
        Codec::Json => match json(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)) {
            Ok(value) => Received::Value { content, value },
            Err(error) => Received::Broken { content, sentence: not_json(&error) },
        },
        Codec::Text => match std::str::from_utf8(bytes) {
            Ok(text) => Received::Value { content, value: Value::String(text.to_owned()) },
            Err(_) => Received::NotUnderstood { content },
        },
        Codec::Unknown => Received::NotUnderstood { content },
    }
}

fn json(bytes: &[u8]) -> serde_json::Result<Value> {
    // Knowing that all of it is text is less work than finding that out string by string.
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // Fails where the text ends, or before.
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// serde_json's sentence ends in its own line and column; ours says them in words.
fn not_json(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    format!("not well-formed JSON: {what} (line {}, column {})", error.line(), error.column())
}
