//! Which of a response's media types is sent (RFC 9110 §12.5.1). A pure function of the response and `Accept`.

use crate::contract::{Codec, Content, Response};
use crate::message::{self, Accept, HeaderMap, MediaType, Problem, StatusCode, header};

/// The client accepts nothing of what there is.
pub(super) struct NotAcceptable;

/// What is sent.
pub(super) struct Picked {
    /// The entry's index.
    pub(super) index: usize,
    /// The media type, where the entry is a range and the client does not accept what is usually meant by it.
    pub(super) media: Option<MediaType>,
}

/// The best of what the client accepts: by its preference, then by what can be written, what is named before what lies in
/// a range, then by the order of the document. A range
/// that is usually JSON is JSON, if that is acceptable at all; of others, the client has the choice.
pub(super) fn pick(response: &Response, headers: &HeaderMap) -> Result<Picked, NotAcceptable> {
    let mut lines = headers.get_all(header::ACCEPT).iter();
    match (lines.next(), lines.next()) {
        (None, _) => return Ok(first(response)),
        // What most programs send that are not browsers.
        (Some(accept), None) if accept == "*/*" => return Ok(first(response)),
        _ => {}
    }
    let accept = Accept::parse(headers);
    if accept.accepts_anything() {
        return Ok(first(response));
    }
    let mut best: Option<((u16, bool, bool), Picked)> = None;
    let mut offer = |quality: u16, codec: Codec, picked: Picked| {
        let named = !response.content[picked.index].media.contains('*');
        let rank = (quality, codec != Codec::Binary, named);
        if quality > 0 && best.as_ref().is_none_or(|(known, _)| *known < rank) {
            best = Some((rank, picked));
        }
    };
    for (index, content) in response.content.iter().enumerate() {
        let quality = content.sent.as_ref().map_or(0, |media| accept.quality(media));
        if quality > 0 {
            offer(quality, content.codec, Picked { index, media: None });
            // A range that is JSON stays JSON, though browsers name XML before anything else.
            if content.codec == Codec::Json {
                continue;
            }
        }
        let closest = |media: &MediaType| response.entry(media).is_some_and(|entry| std::ptr::eq(entry, content));
        for media in content.others(accept.named()).into_iter().filter(closest) {
            offer(accept.quality(&media), Codec::of_type(&media), Picked { index, media: Some(media) });
        }
    }
    best.map(|(_, picked)| picked).ok_or(NotAcceptable)
}

/// The first content that is JSON, else the first that is more than bytes, else the first.
pub(super) fn first(response: &Response) -> Picked {
    let with = |wanted: fn(Codec) -> bool| response.content.iter().position(|content| wanted(content.codec));
    let index = with(|codec| codec == Codec::Json).or_else(|| with(|codec| codec != Codec::Binary)).unwrap_or(0);
    Picked { index, media: None }
}

/// The entry that a media type is of, or else any: what is written has a form of its own.
pub(super) fn named(response: &Response, media: Option<MediaType>) -> Picked {
    let is_it = |content: &Content| {
        media.as_ref().zip(content.range.as_ref()).is_some_and(|(media, range)| range.matches(media).is_some())
    };
    let index = response.content.iter().position(is_it).unwrap_or_else(|| first(response).index);
    Picked { index, media }
}

/// A 406 that names what there is.
pub(super) fn refusal(response: &Response) -> message::Response {
    let listed: Vec<&str> = response.content.iter().map(|content| &*content.media).collect();
    Problem::new(StatusCode::NOT_ACCEPTABLE).detail(format!("available: {}", listed.join(", "))).to_response()
}
