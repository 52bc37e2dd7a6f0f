//! A request's head, held to HTTP (RFC 9112) and to the limits, before anything is decided on it.

use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};

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

/// What matters of a head's fields here, found in one go.
#[derive(Debug, Default)]
pub(super) struct Noted<'p> {
    hosts: usize,
    host: Option<&'p HeaderValue>,
    length: Option<&'p HeaderValue>,
    codings: usize,
    coding: Option<&'p HeaderValue>,
}

impl<'p> Noted<'p> {
    pub(super) fn of(headers: &'p HeaderMap) -> Noted<'p> {
        let mut noted = Noted::default();
        for (name, value) in headers {
            if *name == header::HOST {
                noted.hosts += 1;
                noted.host.get_or_insert(value);
            } else if *name == header::CONTENT_LENGTH {
                noted.length.get_or_insert(value);
            } else if *name == header::TRANSFER_ENCODING {
                noted.codings += 1;
                noted.coding.get_or_insert(value);
            }
        }
        noted
    }

    /// The authority that the client addressed: of the target if it has one, else of the field (RFC 9112 §3.2.2).
    pub(super) fn authority(&self, uri: &'p Uri) -> Option<&'p str> {
        let field = || self.host?.to_str().ok();
        uri.authority().map(|authority| strip_user(authority.as_str())).or_else(field)
    }
}

/// Holds a head to the rules that hyper does not see to, and to the limits. `addressed` says whether its authority is
/// well-formed.
pub(super) fn check(
    parts: &Parts,
    noted: &Noted<'_>,
    addressed: bool,
    wire: &wire::Shared,
    limits: &Limits,
) -> Result<Head, Refusal> {
    match noted.hosts {
        0 if parts.version >= Version::HTTP_11 => return Err(Refusal::bad("no `Host` field")),
        2.. => return Err(Refusal::bad("more than one `Host` field")),
        1 if !addressed => return Err(Refusal::bad("the `Host` field does not name a host")),
        _ => {}
    }
    if parts.method == Method::CONNECT {
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "CONNECT is for proxies, and this is none"));
    }
    let head = target(parts)?;
    if head.target.as_str().len() > limits.target {
        let detail = format!("the request target is longer than {} bytes", limits.target);
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, detail));
    }
    lengths(noted, wire, limits)?;
    Ok(head)
}

/// The host that the client addressed.
pub(super) fn host(parts: &Parts) -> Option<Host<'_>> {
    Host::parse(Noted::of(&parts.headers).authority(&parts.uri)?)
}

/// A target that names its host counts more than the field, which is to be taken for the same (RFC 9112 §3.2.2).
pub(super) fn named_by_target(headers: &mut HeaderMap, authority: &Authority) {
    if let Ok(host) = HeaderValue::from_str(strip_user(authority.as_str())) {
        headers.insert(header::HOST, host);
    }
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
            Method::OPTIONS => Ok(Head { target: target.into(), whole_server: true }),
            _ => Err(Refusal::bad("the request target `*` is for OPTIONS only")),
        };
    }
    if text.starts_with('/') {
        return Ok(Head { target: target.into(), whole_server: false });
    }
    // `http://host?query` has an empty path, which is written `/`.
    match PathAndQuery::try_from(format!("/{text}")) {
        Ok(target) => Ok(Head { target: (&target).into(), whole_server: false }),
        Err(_) => Err(Refusal::bad("the request target cannot be read")),
    }
}

/// How much content is to come, and how it is framed.
fn lengths(noted: &Noted<'_>, wire: &wire::Shared, limits: &Limits) -> Result<(), Refusal> {
    if let Some(coding) = noted.coding {
        if wire.both_lengths() {
            return Err(Refusal::bad("both `Content-Length` and `Transfer-Encoding`"));
        }
        if noted.codings > 1 || !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            let detail = "a transfer coding other than `chunked`";
            return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, detail));
        }
    }
    let length = noted.length.and_then(|value| value.to_str().ok());
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
