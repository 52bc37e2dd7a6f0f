//! What of a recorded request is sent again, and whether it is.

use std::sync::Arc;

use super::veil::is_credential;
use super::{Live, address};
use crate::contract::{Call, Contract, In, Route, SchemeKind};
use crate::finding::Verdict;
use crate::judge::holds_digest;
use crate::message::{HeaderMap, HeaderName, Method, Request, form_decode, header, query_pairs};
use crate::traffic::{CapturedRequest, Exchange, is_secret_name};

/// Fields that belong to the recorded connection, to the browser or to its cache: sent again they would say something untrue, give
/// away where the recording was made, or ask for an answer without content.
const LEFT_OUT: [HeaderName; 22] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::UPGRADE_INSECURE_REQUESTS,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::ORIGIN,
    header::REFERER,
    header::DNT,
    header::PRAGMA,
    header::CACHE_CONTROL,
    header::ACCEPT_ENCODING,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::FORWARDED,
    HeaderName::from_static("priority"),
];

/// Fields by which a client asks that another method be acted on than the one on the request line.
const OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// A request ready to be sent.
pub(super) struct Outgoing {
    pub(super) request: Request,
    /// The same, with the recorded target: what is judged.
    pub(super) captured: CapturedRequest,
}

/// Why a request is not sent.
pub(super) enum Unsent {
    /// It cannot be told what it was.
    NotDecided(&'static str),
    /// It writes.
    Writes,
    /// It is not known to be valid.
    NotValid,
}

/// What happened to recorded credentials.
#[derive(Default)]
pub(super) struct Credentials {
    /// Redacted ones were left out, and nothing was given in their place.
    pub(super) redacted: bool,
    /// Those of another host were left out, and nothing was given in their place.
    pub(super) foreign: bool,
}

/// Makes a request of a recorded one.
pub(super) fn outgoing(
    contract: &Arc<Contract>,
    live: &Live,
    route: Route,
    recorded: &Exchange,
) -> Result<(Outgoing, Credentials), Unsent> {
    let request = &recorded.request;
    if request.body.cut {
        return Err(Unsent::NotDecided("the recorded request was captured only in part: not sent"));
    }
    if holds_digest(request.target.as_str()) || holds_digest(&String::from_utf8_lossy(&request.body.bytes)) {
        return Err(Unsent::NotDecided("the recorded request holds redacted values: not sent"));
    }
    if !own_host(live, recorded) && keys_in_query(contract, request) {
        return Err(Unsent::NotDecided("the recorded request holds a key of another host in its query: not sent"));
    }
    let mut credentials = Credentials::default();
    let headers = fields(contract, live, route, recorded, &mut credentials);
    if headers.iter().any(|(_, value)| holds_digest(&String::from_utf8_lossy(value.as_bytes()))) {
        return Err(Unsent::NotDecided("the recorded request holds redacted values: not sent"));
    }
    let (method, asked) = (request.method.clone(), request.target.clone());
    let request = Request { method, target: asked, headers, body: request.body.bytes.clone().into() };
    let captured = CapturedRequest::of(&request);
    let target = address::target(contract, &live.url, route, &request.target)
        .ok_or(Unsent::NotDecided("its path cannot be put behind the base URL: not sent"))?;
    if live.reads_only().is_some() {
        if !reads(&captured) {
            return Err(Unsent::Writes);
        }
        let call = Call::new(contract, route, request.clone());
        if call.check(false).verdict() != Verdict::Valid {
            return Err(Unsent::NotValid);
        }
    }
    let request = Request { target, ..request };
    Ok((Outgoing { request, captured }, credentials))
}

/// Whether the query shows who asks.
fn keys_in_query(contract: &Contract, request: &CapturedRequest) -> bool {
    let mut pairs = request.target.query().into_iter().flat_map(query_pairs);
    pairs.any(|(name, value)| {
        let name = form_decode(name).unwrap_or_default();
        let key =
            |kind: &SchemeKind| matches!(kind, SchemeKind::ApiKey { place: In::Query, name: own } if *own == *name);
        value.is_some_and(|value| !value.is_empty())
            && (is_secret_name(&name) || contract.schemes().iter().any(|scheme| key(&scheme.kind)))
    })
}

/// Whether a request is safe (RFC 9110 §9.2.1) by its method, and says nothing of another one.
fn reads(request: &CapturedRequest) -> bool {
    let overrides = request.headers.iter().any(|(name, _)| OVERRIDES.contains(&name));
    let pairs = request.target.query().into_iter().flat_map(query_pairs);
    let in_query = pairs.into_iter().any(|(name, _)| name.eq_ignore_ascii_case("_method"));
    matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::QUERY) && !overrides && !in_query
}

fn fields(
    contract: &Contract,
    live: &Live,
    route: Route,
    recorded: &Exchange,
    credentials: &mut Credentials,
) -> HeaderMap {
    let own = own_host(live, recorded);
    let given = |name: &HeaderName| live.fields.iter().any(|(known, _)| known == name);
    let mut headers = HeaderMap::new();
    let mut had_credentials = false;
    for (name, value) in &recorded.request.headers.to_map() {
        let credential = is_credential(contract, name);
        had_credentials |= credential;
        if left_out(contract, route.operation, name) || given(name) {
            continue;
        }
        if credential && holds_digest(&String::from_utf8_lossy(value.as_bytes())) {
            credentials.redacted = true;
        } else if credential && !own {
            credentials.foreign = true;
        } else {
            // As many as there were, so there is room.
            let _ = headers.try_append(name.clone(), value.clone());
        }
    }
    // Who asked without credentials and was refused is asked for the same again.
    let refused = recorded.response().is_some_and(|response| response.status.as_u16() == 401);
    let without = !had_credentials && refused;
    for (index, (name, value)) in live.fields.iter().enumerate() {
        if is_credential(contract, name) && without {
            continue;
        }
        let first = !live.fields.iter().take(index).any(|(known, _)| known == name);
        if first {
            headers.insert(name.clone(), value.clone());
        } else {
            headers.append(name.clone(), value.clone());
        }
    }
    let given_some = live.fields.iter().any(|(name, _)| is_credential(contract, name));
    credentials.redacted &= !given_some;
    credentials.foreign &= !given_some;
    headers
}

/// The recorded fields that a request would be sent with, so that a command that asks again is the request that would be sent.
pub(super) fn kept(contract: &Contract, operation: usize, headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in headers.keys().filter(|name| left_out(contract, operation, name)) {
        kept.remove(name);
    }
    kept
}

/// Fields that the document lists as parameters are always sent.
fn left_out(contract: &Contract, operation: usize, name: &HeaderName) -> bool {
    let browsers = LEFT_OUT.contains(name) || name.as_str().starts_with("sec-") || *name == header::USER_AGENT;
    let operation = contract.operation(operation);
    browsers
        && !operation
            .parameters
            .iter()
            .any(|parameter| parameter.place == In::Header && *parameter.name == *name.as_str())
}

/// Whether a request was recorded with the very server that it goes to now: only then may it carry the recorded credentials. All
/// names and ports of this machine are one server.
fn own_host(live: &Live, recorded: &Exchange) -> bool {
    let base = recorded.base.as_deref().and_then(|base| crate::client::Origin::parse(base).ok());
    let Some(base) = base else { return false };
    let target = &live.url.origin;
    base == *target || (base.is_loopback() && target.is_loopback())
}

/// The name by which this program asks.
pub(super) fn user_agent() -> http::HeaderValue {
    http::HeaderValue::from_static(concat!("standin/", env!("CARGO_PKG_VERSION")))
}
