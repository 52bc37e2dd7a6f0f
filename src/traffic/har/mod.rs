//! HTTP Archive 1.2: what browsers and proxies save. Read leniently, written strictly.
//!
//! Not all of an exchange fits into a HAR. Written: request, outcome, start, duration, and (as a comment) who decided. Read:
//! the same but for the last. Bodies in a HAR are decoded already, so `Content-Encoding`, `Content-Length` and
//! `Transfer-Encoding` of an answer are left out when reading. HTTP/2 pseudo-fields (`:method`) are no fields.

mod entries;
mod entry;
mod loose;
mod write;

pub use entries::{Entries, MOST};
pub use write::write;

#[cfg(test)]
mod tests;
