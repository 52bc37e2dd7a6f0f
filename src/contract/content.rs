//! One media type of a request body or a response, compiled.

use std::sync::Arc;

use crate::document::Location;
use crate::message::{HeaderValue, MediaRange, MediaType, StatusRange};
use crate::schema::Schema;
use crate::spec;

/// One entry of a `content` map.
#[derive(Debug)]
pub struct Content {
    /// The key as written.
    pub media: Arc<str>,
    /// The key, read; `None` when it is no media type.
    pub range: Option<MediaRange>,
    /// The media type under which a value is sent: the key, or the most usual one in its range.
    pub sent: Option<MediaType>,
    /// The same as a field value.
    pub content_type: HeaderValue,
    /// How its bytes become a value.
    pub codec: Codec,
    /// What the value has to satisfy.
    pub schema: Option<Schema>,
    /// Its examples: `example` first, then `examples` in order.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Location,
}

/// How bytes become a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// JSON (RFC 8259): `application/json` and everything that ends in `+json`.
    Json,
    /// Text in one piece, a string to its schema.
    Text,
    /// Nothing that is understood: verdicts on it are not decided.
    Unknown,
}

pub use spec::Example;

impl Codec {
    /// The codec for a media type or range as written in a document.
    pub fn of(media: &str) -> Codec {
        match MediaType::parse(media) {
            Some(media) if Codec::of_type(&media) != Codec::Unknown => Codec::of_type(&media),
            // A range promises no form: the most usual one is assumed where a value has to be written.
            None if media.trim() == "*/*" || media.trim() == "application/*" => Codec::Json,
            _ => Codec::Unknown,
        }
    }

    /// The codec for a media type.
    pub fn of_type(media: &MediaType) -> Codec {
        if media.is_json() {
            Codec::Json
        } else if matches!(media.essence(), "text/event-stream" | "text/xml") {
            // A schema speaks of what is in them, event by event or as a tree, and not of their text.
            Codec::Unknown
        } else if media.essence().starts_with("text/") && media.suffix().is_none() {
            Codec::Text
        } else {
            Codec::Unknown
        }
    }
}

/// The media type that is sent for a key: itself, or for a range the most usual one in it.
pub(super) fn sent(media: &str) -> Option<MediaType> {
    if let Some(media) = MediaType::parse(media).filter(|media| !media.essence().contains('*')) {
        return Some(media);
    }
    let usual = match MediaRange::parse(media)?.essence() {
        "text/*" => "text/plain",
        "image/*" => "image/png",
        _ => "application/json",
    };
    MediaType::parse(usual)
}

/// The content whose range fits a media type best (OpenAPI 3.1.2 §4.8.13: the most specific key applies).
pub(super) fn fitting<'c>(contents: &'c [Content], media: &MediaType) -> Option<&'c Content> {
    let fits = contents.iter().filter_map(|content| Some((content.range.as_ref()?.matches(media)?, content)));
    // `max_by_key` would keep the last of equals; the first in the text is meant.
    fits.fold(None, |best: Option<(_, &Content)>, (specificity, content)| match best {
        Some((known, _)) if known >= specificity => best,
        _ => Some((specificity, content)),
    })
    .map(|(_, content)| content)
}

/// What the keys of a list of contents say, for messages.
pub(super) fn listed(contents: &[Content]) -> String {
    let keys: Vec<&str> = contents.iter().map(|content| &*content.media).collect();
    keys.join(", ")
}

/// A status in a message: `404`, or `404 (4XX)` when a range covers it.
pub(super) fn status_text(status: u16, range: StatusRange) -> String {
    match range {
        StatusRange::Exact(_) => status.to_string(),
        range => format!("{status} ({range})"),
    }
}
