//! Who may see the admin pages: programs and people on this machine, under a name that can only mean this machine, and no
//! script of another page. The name matters because any name may be made to resolve to 127.0.0.1 (DNS rebinding).

use http::request::Parts;

use super::super::connection::Peer;
use super::super::intake;
use crate::message::{Problem, StatusCode, header};

/// Why a request may not see them.
pub(super) fn check(peer: &Peer, parts: &Parts) -> Result<(), Problem> {
    let refused = |detail: String| Err(Problem::new(StatusCode::FORBIDDEN).detail(detail));
    if !peer.is_local() {
        return refused("admin pages are for the machine that standin runs on".to_owned());
    }
    let Some(host) = intake::host(parts).filter(|host| host.is_local()) else {
        return refused("admin pages are for requests to a local name, such as `localhost` or `127.0.0.1`".to_owned());
    };
    let is_own = |origin: &[u8]| {
        let authority = origin.strip_prefix(b"http://");
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str().as_bytes()))
    };
    if !parts.headers.get_all(header::ORIGIN).iter().all(|origin| is_own(origin.as_bytes())) {
        return refused("admin pages are not for scripts of other origins".to_owned());
    }
    Ok(())
}
