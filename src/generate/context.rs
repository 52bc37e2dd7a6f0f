//! What a value is made for.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::{Paging, Seed};

/// What a generated value depends on, beside the schema.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// Chance, already narrowed to what is asked for: session, operation, identity.
    pub seed: Seed,
    /// The moment around which dates lie.
    pub now: jiff::Timestamp,
    /// What the request says.
    pub echo: &'c dyn Echo,
    /// How many items a page should have. Held to the schema's bounds, and to 1,000.
    pub size: Option<usize>,
    /// Which part of a longer list is shown, where the list is read in pages. Then `size` is not looked at.
    pub page: Option<&'c Paging>,
}

/// What a request says that the answer should say again.
pub trait Echo {
    /// The request's value for a member of that name. It is taken where the member's own schema admits it.
    fn member(&self, name: &str) -> Option<Cow<'_, Value>>;
}

/// No request.
#[derive(Clone, Copy, Debug)]
pub struct NoEcho;

impl Echo for NoEcho {
    fn member(&self, _: &str) -> Option<Cow<'_, Value>> {
        None
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Context { seed, now, echo: _, size, page } = self;
        out.debug_struct("Context")
            .field("seed", seed)
            .field("now", now)
            .field("size", size)
            .field("page", page)
            .finish_non_exhaustive()
    }
}
