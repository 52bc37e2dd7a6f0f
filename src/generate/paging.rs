//! Which part of a longer list a request asks for, and where the parts before and after it are.

use serde_json::Value;

use super::Seed;

/// The fewest items of a list that is read in pages, and by how much it may be longer.
const FEWEST: u64 = 40;
const SPREAD: u64 = 60;

/// A part of a list that is read in pages.
///
/// The list is the same whichever part of it is asked for: its items are drawn by their place in the whole, and how many there are
/// follows from the seed alone.
#[derive(Clone, Debug)]
pub struct Paging {
    /// How many items come before.
    pub start: u64,
    /// How many items a page has.
    pub size: u64,
    /// The number of the page, as the request counts.
    pub number: u64,
    /// How many items there are on all pages.
    pub total: u64,
    /// What leads to the page after this one, the likeliest first; empty on the last page.
    pub next: Vec<Value>,
    /// What leads to the page before.
    pub previous: Vec<Value>,
}

impl Paging {
    /// How many items the list of a seed has.
    pub fn total(seed: Seed) -> u64 {
        FEWEST + seed.narrow("total").below(SPREAD)
    }

    /// Whether there are items after those of this page.
    pub fn has_next(&self) -> bool {
        self.start.saturating_add(self.size) < self.total
    }

    /// Whether there are items before.
    pub fn has_previous(&self) -> bool {
        self.start > 0 && self.total > 0
    }

    /// How many items this page has.
    pub(super) fn shown(&self) -> u64 {
        self.total.saturating_sub(self.start).min(self.size)
    }
}
