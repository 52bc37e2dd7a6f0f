//! Who may use the admin pages: programs and people on this machine, under a name that can only mean this machine, or whoever has the
//! token; and in no case a script of another page. The name matters because any name may be made to resolve to 127.0.0.1 (DNS
//! rebinding).

use http::request::Parts;

use super::super::connection::Peer;
use super::super::host::Host;
use super::super::intake;
use super::super::refusal::Refusal;
use crate::message::{Method, StatusCode, header};

/// Why a request may not use them.
pub(super) fn check(peer: &Peer, parts: &Parts, token: Option<&str>) -> Result<(), Refusal> {
    let refused = |detail| Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    let trusted = token.is_some_and(|token| has(parts, token));
    if !trusted && !peer.is_local() {
        return refused(match token {
            Some(_) => {
                "admin pages are for the machine that standin runs on, and for those who send its token: `Authorization: Bearer …`"
            }
            None => "admin pages are for the machine that standin runs on; `--admin-token` lets others use them",
        });
    }
    let host = intake::host(parts);
    let Some(host) = host.filter(|host| trusted || host.is_local()) else {
        return refused("admin pages are for requests to a local name, such as `localhost` or `127.0.0.1`");
    };
    if !parts.headers.get_all(header::ORIGIN).iter().all(|origin| is_own(origin.as_bytes(), host)) {
        return refused("admin pages are not for scripts of other origins");
    }
    // What a browser fetches for a page of another origin without saying which: images, scripts, frames, forms.
    let leads_here = parts.method == Method::GET
        && is(parts, "sec-fetch-mode", "navigate")
        && is(parts, "sec-fetch-dest", "document");
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    match from(parts) {
        From::Elsewhere if !leads_here => refused("admin pages are not for scripts, forms and frames of other origins"),
        From::Nowhere if !reads => refused("nothing is changed in advance"),
        _ => Ok(()),
    }
}

/// Whether a request has the token. How long that takes does not depend on how much of it is right.
fn has(parts: &Parts, token: &str) -> bool {
    let mut fields = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return false };
    let Some((scheme, given)) = field.as_bytes().split_at_checked(b"Bearer ".len()) else { return false };
    let same =
        |one: &[u8], other: &[u8]| one.iter().zip(other).fold(0, |differ, (one, other)| differ | (one ^ other)) == 0;
    scheme.eq_ignore_ascii_case(b"Bearer ") && given.len() == token.len() && same(given, token.as_bytes())
}

fn is_own(origin: &[u8], host: Host<'_>) -> bool {
    let authority = origin.strip_prefix(b"http://");
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str().as_bytes()))
}

/// Where a browser says that a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// From a page of this server, from somebody who typed the address; or it is no browser, or one that does not say.
    Itself,
    /// From a page of another origin.
    Elsewhere,
    /// From nobody yet: it fetches in advance.
    Nowhere,
}

/// Where a request comes from, as the browser says, which pages cannot set.
pub(super) fn from(parts: &Parts) -> From {
    let site = parts.headers.get("sec-fetch-site").map(|site| site.as_bytes());
    if !site.is_none_or(|site| matches!(site, b"same-origin" | b"none")) {
        return From::Elsewhere;
    }
    let in_advance = |name: &&str| {
        let value = parts.headers.get(*name).and_then(|value| value.as_bytes().get(..b"prefetch".len()));
        value.is_some_and(|value| value.eq_ignore_ascii_case(b"prefetch"))
    };
    if ["sec-purpose", "purpose", "x-moz"].iter().any(in_advance) { From::Nowhere } else { From::Itself }
}

fn is(parts: &Parts, name: &str, value: &str) -> bool {
    parts.headers.get(name).is_some_and(|known| known.as_bytes() == value.as_bytes())
}
