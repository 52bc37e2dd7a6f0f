//! Which of a response's media types is sent (RFC 9110 §12.5.1). A pure function of the response and `Accept`.

use crate::contract::{Codec, Response};
use crate::message::{self, Accept, HeaderMap, Problem, StatusCode, header};

/// The client accepts nothing of what there is.
pub(super) struct NotAcceptable;

/// The index of the best of what the client accepts: by its preference, then by what can be written, then by the order of the
/// document.
pub(super) fn pick(response: &Response, headers: &HeaderMap) -> Result<usize, NotAcceptable> {
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
    let mut best: Option<((u16, bool), usize)> = None;
    for (index, content) in response.content.iter().enumerate() {
        let Some(media) = &content.sent else { continue };
        let quality = accept.quality(media);
        let rank = (quality, content.codec != Codec::Unknown);
        if quality > 0 && best.is_none_or(|(known, _)| known < rank) {
            best = Some((rank, index));
        }
    }
    best.map(|(_, index)| index).ok_or(NotAcceptable)
}

/// The first content that can be written, else the first.
pub(super) fn first(response: &Response) -> usize {
    let with = |wanted: fn(Codec) -> bool| response.content.iter().position(|content| wanted(content.codec));
    with(|codec| codec == Codec::Json).or_else(|| with(|codec| codec != Codec::Unknown)).unwrap_or(0)
}

/// A 406 that names what there is.
pub(super) fn refusal(response: &Response) -> message::Response {
    let listed: Vec<&str> = response.content.iter().map(|content| &*content.media).collect();
    Problem::new(StatusCode::NOT_ACCEPTABLE).detail(format!("available: {}", listed.join(", "))).to_response()
}
