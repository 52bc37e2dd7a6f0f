//! One media type of a request body or a response, compiled.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

pub use super::codec::Codec;
use super::codec::{Encodings, Fields};
use crate::document::Location;
use crate::finding::{Verdict, Violation};
use crate::message::{HeaderValue, MediaRange, MediaType, StatusRange};
use crate::schema::{Schema, Type};
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
    /// What each item of a sequence has to satisfy (`itemSchema`).
    pub items: Option<Schema>,
    /// Its examples: `example` first, then `examples` in order.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Location,
    /// How the members of a form are written.
    pub(super) encodings: Encodings,
    /// The members of a form, once they were asked for.
    pub(super) members: OnceLock<Fields>,
}

/// The most violations of the items of a sequence that are told.
const MOST: usize = 100;

pub use spec::Example;

impl Content {
    /// Whether what its schemas say of a value that was read by a codec holds.
    pub fn check(&self, codec: Codec, value: &Value) -> Verdict {
        let (whole, each) = self.schemas(codec, value);
        let whole = whole.map_or(Verdict::Valid, |schema| schema.check(value));
        let Some((each, items)) = each else { return whole };
        items.iter().map(|item| each.check(item)).fold(whole, |known, verdict| match (known, verdict) {
            (Verdict::Invalid, _) | (_, Verdict::Invalid) => Verdict::Invalid,
            (Verdict::NotDecided, _) | (_, Verdict::NotDecided) => Verdict::NotDecided,
            _ => Verdict::Valid,
        })
    }

    /// Whether its schemas speak of the items of a sequence alone, and not of all of it.
    pub fn is_by_item(&self, codec: Codec) -> bool {
        let types = self.schema.as_ref().map(Schema::types);
        let whole = types.map_or(self.items.is_none(), |types| types.array() || types.contains(Type::String));
        (codec.is_sequential() || (codec == Codec::Multipart && self.items.is_some())) && !whole
    }

    /// The field value of a media type that this entry covers.
    pub fn content_type(&self, media: Option<&MediaType>) -> HeaderValue {
        media.map_or_else(|| self.content_type.clone(), super::compile::content_type)
    }

    /// What else a range stands for, as far as its schema's values can be written so: the media types named, then the usual ones.
    pub fn others(&self, named: impl Iterator<Item = MediaType>) -> Vec<MediaType> {
        let Some(range) = self.range.as_ref().filter(|_| self.media.contains('*')) else { return Vec::new() };
        // A page is for people, and not what a range of an API means.
        let page = |media: &MediaType| matches!(media.essence(), "text/html" | "application/xhtml+xml");
        let named = named.filter(|media| range.matches(media).is_some() && !page(media));
        named.chain(usual(range)).filter(|media| self.can_write(media)).collect()
    }

    /// Whether an example is the value that its schema speaks of, and not the text that it is written as.
    pub fn shows(&self, value: &Value) -> bool {
        match self.codec {
            Codec::Json => true,
            Codec::Binary => false,
            Codec::Text => {
                !value.is_string() || self.schema.as_ref().is_some_and(|own| own.types().contains(Type::String))
            }
            _ => !value.is_string(),
        }
    }

    /// Everything that its schemas have against a value that was read by a codec.
    pub fn explain(&self, codec: Codec, value: &Value) -> Vec<Violation> {
        let (whole, each) = self.schemas(codec, value);
        let mut violations = whole.map(|schema| schema.explain(value)).unwrap_or_default();
        for (index, item) in each.iter().flat_map(|(_, items)| items.iter().enumerate()) {
            if violations.len() >= MOST {
                break;
            }
            let found = each.iter().flat_map(|(schema, _)| schema.explain(item));
            violations.extend(found.map(|one| Violation { pointer: format!("/{index}{}", one.pointer), ..one }));
        }
        violations
    }

    /// The schema of the value, and that of each of its items: of a sequence, a schema that speaks of no list is that of an item.
    fn schemas<'c>(
        &'c self,
        codec: Codec,
        value: &'c Value,
    ) -> (Option<&'c Schema>, Option<(&'c Schema, &'c [Value])>) {
        let whole = self.schema.as_ref();
        let (true, Value::Array(items)) = (codec.is_sequential() || self.items.is_some(), value) else {
            return (whole, None);
        };
        let list = whole.filter(|schema| schema.types().array());
        let each = self.items.as_ref().or(whole.filter(|_| list.is_none()));
        (list, each.map(|each| (each, items.as_slice())))
    }
}

/// The media type that is sent for a key: itself, or for a range the most usual one in it.
pub(super) fn sent(media: &str) -> Option<MediaType> {
    if let Some(media) = MediaType::parse(media).filter(|media| !media.essence().contains('*')) {
        return Some(media);
    }
    let range = MediaRange::parse(media)?;
    usual(&range).next()
}

/// Media types that ranges are usually meant for, the most usual first.
const USUAL: [&str; 16] = [
    "application/json",
    "text/plain",
    "application/xml",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/svg+xml",
    "text/html",
    "text/csv",
    "audio/mpeg",
    "video/mp4",
    "font/woff2",
];

/// The usual media types in a range; of a range that has none of them, one of our own.
pub(super) fn usual(range: &MediaRange) -> impl Iterator<Item = MediaType> {
    let known = USUAL.iter().filter_map(|usual| MediaType::parse(usual)).filter(|media| range.matches(media).is_some());
    let known: Vec<MediaType> = known.collect();
    let own = known.is_empty().then(|| MediaType::parse(&range.essence().replace('*', "vnd.standin"))).flatten();
    known.into_iter().chain(own)
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
