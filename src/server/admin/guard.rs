//! Who may see the admin pages: programs and people on this machine, under a name that can only mean this machine, and no
//! script of another page. The name matters because any name may be made to resolve to 127.0.0.1 (DNS rebinding).

use http::request::Parts;

use super::super::connection::Peer;
use super::super::intake;
use super::super::refusal::Refusal;
use crate::message::{StatusCode, header};

/// Why a request may not see them.
pub(super) fn check(peer: &Peer, parts: &Parts) -> Result<(), Refusal> {
    let refused = |detail| Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    if !peer.is_local() {
        return refused("admin pages are for the machine that standin runs on");
    }
    let Some(host) = intake::host(parts).filter(|host| host.is_local()) else {
        return refused("admin pages are for requests to a local name, such as `localhost` or `127.0.0.1`");
    };
    let is_own = |origin: &[u8]| {
        let authority = origin.strip_prefix(b"http://");
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str().as_bytes()))
    };
    if !parts.headers.get_all(header::ORIGIN).iter().all(|origin| is_own(origin.as_bytes())) {
        return refused("admin pages are not for scripts of other origins");
    }
    Ok(())
}
