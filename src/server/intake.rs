//! A request's head, held to HTTP (RFC 9112) and to the limits, before anything is decided on it.

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, StatusCode, Version, header};

use super::Limits;
use super::host::Host;
use super::refusal::Refusal;
use super::wire;
use crate::message::Target;

/// What a head asks for.
#[derive(Debug)]
pub(super) struct Head {
    /// Path and query.
    pub(super) target: Target,
    /// The server as a whole is meant: `OPTIONS *`.
    pub(super) whole_server: bool,
}

/// Holds a head to the rules that hyper does not see to, and to the limits.
pub(super) fn check(parts: &Parts, wire: &wire::Shared, limits: &Limits) -> Result<Head, Refusal> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if parts.version >= Version::HTTP_11 => return Err(Refusal::bad("no `Host` field")),
        (Some(_), Some(_)) => return Err(Refusal::bad("more than one `Host` field")),
        _ => {}
    }
    if parts.headers.contains_key(header::HOST) && host(parts).is_none() {
        return Err(Refusal::bad("the `Host` field does not name a host"));
    }
    if parts.method == Method::CONNECT {
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "CONNECT is for proxies, and this is none"));
    }
    let head = target(parts)?;
    if head.target.as_str().len() > limits.target {
        let detail = format!("the request target is longer than {} bytes", limits.target);
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, detail));
    }
    lengths(parts, wire, limits)?;
    Ok(head)
}

/// The host that the client addressed: of the target if it has one, else of the field (RFC 9112 §3.2.2).
pub(super) fn host(parts: &Parts) -> Option<Host<'_>> {
    let field = || parts.headers.get(header::HOST)?.to_str().ok();
    Host::parse(parts.uri.authority().map(|authority| strip_user(authority.as_str())).or_else(field)?)
}

fn strip_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The target, in whichever form it came (RFC 9112 §3.2).
fn target(parts: &Parts) -> Result<Head, Refusal> {
    let Some(target) = parts.uri.path_and_query() else {
        return Err(Refusal::bad("the request target has no path"));
    };
    let text = target.as_str();
    if text == "*" {
        return match parts.method {
            Method::OPTIONS => Ok(Head { target: target.clone().into(), whole_server: true }),
            _ => Err(Refusal::bad("the request target `*` is for OPTIONS only")),
        };
    }
    if text.starts_with('/') {
        return Ok(Head { target: target.clone().into(), whole_server: false });
    }
    // `http://host?query` has an empty path, which is written `/`.
    match PathAndQuery::try_from(format!("/{text}")) {
        Ok(target) => Ok(Head { target: target.into(), whole_server: false }),
        Err(_) => Err(Refusal::bad("the request target cannot be read")),
    }
}

/// How much content is to come, and how it is framed.
fn lengths(parts: &Parts, wire: &wire::Shared, limits: &Limits) -> Result<(), Refusal> {
    if let Some(coding) = parts.headers.get(header::TRANSFER_ENCODING) {
        if wire.both_lengths() {
            return Err(Refusal::bad("both `Content-Length` and `Transfer-Encoding`"));
        }
        let more = parts.headers.get_all(header::TRANSFER_ENCODING).iter().count() > 1;
        if more || !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            let detail = "a transfer coding other than `chunked`";
            return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, detail));
        }
    }
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > limits.body as u64 => Err(too_large(limits)),
        _ => Ok(()),
    }
}

/// That there is more content than the limit.
pub(super) fn too_large(limits: &Limits) -> Refusal {
    let detail = format!("the content is larger than {} bytes", limits.body);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}
