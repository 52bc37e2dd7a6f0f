//! Where a recorded request goes now.

use crate::client::BaseUrl;
use crate::contract::{Contract, Route};
use crate::message::Target;

/// The target at the live API for a recorded one: what follows the base path is kept.
///
/// A URL with a path is taken as it is, in place of recorded origin and base path (`https://host/` means no base path at all);
/// one without gets the base path that the document gives the operation.
pub(super) fn target(contract: &Contract, url: &BaseUrl, route: Route, recorded: &Target) -> Option<Target> {
    let rest = recorded.as_str().get(route.base..)?;
    if url.path.is_empty() {
        Target::parse(&format!("{}{rest}", contract.base_path(route.operation)))
    } else {
        url.join(rest)
    }
}
