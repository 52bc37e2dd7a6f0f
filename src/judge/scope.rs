//! Which records the document speaks of.

use crate::contract::Contract;
use crate::message::{MediaType, Method};
use crate::traffic::Exchange;

/// Whether the document speaks of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It is for an operation.
    InScope,
    /// It is no call of an API at all.
    OutOfScope(Aside),
    /// It is a call, and for no operation of the document; an answer of 404 or 405 is right then, in whatever form.
    Unrouted,
}

/// What an exchange is that is no call of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// A page, or what belongs to one: style, script, image, font.
    Page,
    /// A browser asked for leave to send the request proper (Fetch §4.8, CORS preflight).
    Preflight,
    /// A switch to another protocol, such as web sockets.
    Upgrade,
}

/// Finds out whether the document speaks of an exchange, by what was asked and, for pages, by what came.
pub fn scope(contract: &Contract, exchange: &Exchange) -> Scope {
    let request = &exchange.request;
    let field = |name: &str| request.header(name).unwrap_or_default();
    if request.method == Method::OPTIONS && !field("access-control-request-method").is_empty() {
        return Scope::OutOfScope(Aside::Preflight);
    }
    let status = exchange.response().map(|response| response.status.as_u16());
    if status == Some(101) || field("upgrade").eq_ignore_ascii_case("websocket") {
        return Scope::OutOfScope(Aside::Upgrade);
    }
    let routed = contract.route(&request.method, request.target.as_str()).is_ok();
    match (routed, looked_at(exchange)) {
        // An operation may be asked for like a page, by typing its address; then it answers as no page does.
        (true, true) if brings_page(exchange) => Scope::OutOfScope(Aside::Page),
        (true, _) => Scope::InScope,
        (false, looked_at) if looked_at || brings_page(exchange) => Scope::OutOfScope(Aside::Page),
        (false, _) => Scope::Unrouted,
    }
}

/// Whether a browser asked on behalf of a page, not of a script: `Sec-Fetch-Dest` says so, or `Accept` begins as browsers
/// write it for pages and pictures.
fn looked_at(exchange: &Exchange) -> bool {
    match exchange.request.header("sec-fetch-dest") {
        Some(destination) => !matches!(destination.trim(), "empty" | ""),
        None => {
            let accept = exchange.request.header("accept").unwrap_or_default();
            ["text/html,", "text/css,", "image/"].iter().any(|begin| accept.starts_with(begin))
        }
    }
}

/// Whether what came is a page, or what belongs to one.
fn brings_page(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response() else { return false };
    let media = response.header("content-type").and_then(MediaType::parse);
    let Some(media) = media else { return false };
    let (kind, subtype) = media.essence().split_once('/').unwrap_or_default();
    match kind {
        "image" | "font" | "audio" | "video" => true,
        "text" => matches!(subtype, "html" | "css" | "javascript"),
        _ => matches!(
            media.essence(),
            "application/javascript" | "application/x-javascript" | "application/wasm" | "application/manifest+json"
        ),
    }
}
