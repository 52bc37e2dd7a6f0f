//! Which of a response's media types is sent (RFC 9110 §12.5.1). A pure function of the response and `Accept`.

use crate::contract::{Codec, Content, Response};
use crate::message::{self, Accept, HeaderMap, HeaderValue, MediaType, Problem, StatusCode};

/// The content that is sent.
pub(super) struct Picked {
    /// Index into the response's contents.
    pub(super) index: usize,
    /// The `Content-Type`.
    pub(super) media_type: HeaderValue,
    /// How a value is written.
    pub(super) codec: Codec,
}

/// The client accepts nothing of what there is.
pub(super) struct NotAcceptable;

/// The best of what the client accepts: by its preference, then by what can be written, then by the order of the document.
pub(super) fn pick(response: &Response, headers: &HeaderMap) -> Result<Picked, NotAcceptable> {
    let accept = Accept::parse(headers);
    if accept.accepts_anything() {
        return Ok(first(response));
    }
    let mut best: Option<((u16, bool), usize, MediaType)> = None;
    for (index, content) in response.content.iter().enumerate() {
        let Some(media) = concrete(content) else { continue };
        let quality = accept.quality(&media);
        let rank = (quality, content.codec != Codec::Unknown);
        if quality > 0 && best.as_ref().is_none_or(|(known, _, _)| *known < rank) {
            best = Some((rank, index, media));
        }
    }
    let (_, index, media) = best.ok_or(NotAcceptable)?;
    Ok(picked(response, index, Some(media)))
}

/// The first content that can be written, else the first.
pub(super) fn first(response: &Response) -> Picked {
    let index = response.content.iter().position(|content| content.codec == Codec::Json);
    let index = index.or_else(|| response.content.iter().position(|content| content.codec != Codec::Unknown));
    let index = index.unwrap_or(0);
    picked(response, index, response.content.get(index).and_then(concrete))
}

fn picked(response: &Response, index: usize, media: Option<MediaType>) -> Picked {
    let media = media.map(|media| media.to_string());
    let text = media
        .as_deref()
        .or_else(|| response.content.get(index).map(|content| &*content.media))
        .unwrap_or("application/json");
    let codec = response.content.get(index).map_or(Codec::Json, |content| content.codec);
    Picked {
        index,
        codec,
        media_type: HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/json")),
    }
}

/// The media type that is sent for a key: itself, or for a range the most usual one in it.
fn concrete(content: &Content) -> Option<MediaType> {
    MediaType::parse(&content.media).filter(|media| !media.essence().contains('*')).or_else(|| {
        let usual = match content.range.as_ref()?.essence() {
            "text/*" => "text/plain",
            "image/*" => "image/png",
            _ => "application/json",
        };
        MediaType::parse(usual)
    })
}

/// A 406 that names what there is.
pub(super) fn refusal(response: &Response) -> message::Response {
    let listed: Vec<&str> = response.content.iter().map(|content| &*content.media).collect();
    Problem::new(StatusCode::NOT_ACCEPTABLE).detail(format!("available: {}", listed.join(", "))).to_response()
}
