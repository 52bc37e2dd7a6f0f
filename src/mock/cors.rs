//! Browsers of other origins (the Fetch standard, "CORS protocol"): everything that they ask for is allowed, by name, with
//! credentials, on every answer. `*` never works with credentials and is never sent.

use super::Options;
use crate::message::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};

/// The answer to a preflight; `None` when the request is none, or nobody is let through.
pub(super) fn preflight(options: &Options, request: &Request) -> Option<Response> {
    if !options.cors || request.method != Method::OPTIONS {
        return None;
    }
    request.headers.get(header::ORIGIN)?;
    let method = request.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    let mut answer = Response::empty(StatusCode::NO_CONTENT);
    answer.headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    if let Some(fields) = request.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields.clone());
    }
    if request.headers.contains_key("access-control-request-private-network") {
        let name = HeaderName::from_static("access-control-allow-private-network");
        answer.headers.insert(name, HeaderValue::from_static("true"));
    }
    // Ten minutes: the longest that every browser honours.
    answer.headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    answer.headers.insert(
        header::VARY,
        HeaderValue::from_static("origin, access-control-request-method, access-control-request-headers"),
    );
    Some(answer)
}

/// Lets the origin that asked read the answer: every field of it, exposed by name.
pub(super) fn allow(options: &Options, request: &Request, headers: &mut HeaderMap) {
    if !options.cors {
        return;
    }
    let Some(origin) = request.headers.get(header::ORIGIN) else { return };
    let preflight = headers.contains_key(header::ACCESS_CONTROL_ALLOW_METHODS);
    if !preflight {
        vary(headers);
        if let Ok(exposed) = HeaderValue::from_str(&exposed(headers)) {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
}

/// The names of all fields that a script may read. `Content-Length` and `Date` are added by the server.
fn exposed(headers: &HeaderMap) -> String {
    let mut names = String::new();
    for name in
        headers.keys().filter(|name| *name != header::SET_COOKIE && !name.as_str().starts_with("access-control-"))
    {
        names.push_str(name.as_str());
        names.push_str(", ");
    }
    names.push_str("content-length, date");
    names
}

fn vary(headers: &mut HeaderMap) {
    let known = headers.get(header::VARY).and_then(|value| value.to_str().ok());
    let value = match known {
        None => HeaderValue::from_static("origin"),
        Some(known)
            if known.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin") || name.trim() == "*") =>
        {
            return;
        }
        Some(known) => match HeaderValue::from_str(&format!("{known}, origin")) {
            Ok(value) => value,
            Err(_) => return,
        },
    };
    headers.insert(header::VARY, value);
}
