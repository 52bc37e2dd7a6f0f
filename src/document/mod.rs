//! Text to a tree that knows line and column; JSON Pointer; files behind [`Retrieve`].
//!
//! What belongs here: reading YAML and JSON, and finding one's way in what was read. Imports nothing of this
//! crate. Not here: any knowledge of OpenAPI or scenarios.
//!
//! What a text means, where tools differ:
//! - YAML is read by the core schema of YAML 1.2: `no`, `on` and `2024-01-01` are strings, `012` is twelve, `0o14` too.
//!   A key is its text as written: `200:` is `"200"`, `1.10:` is `"1.10"`, `on:` is `"on"`.
//! - Where a mapping has a key twice, the **first** one counts, in YAML and in JSON; the second is a [`Problem`].
//! - `<<` takes over the members of the mapping (or list of mappings) under it in YAML; what the mapping says itself wins,
//!   then the earlier of a list. A quoted `"<<"`, and any in JSON, is a key like others.
//! - An integer beyond 64 bits is held as the nearest double. A number that no double holds (`1e400`, `.inf`, `.nan`) is
//!   kept as the string that was written, with a [`Problem`].
//! - Text that starts with `{` or `[` is JSON; if it is not, it is read as the YAML that it then may be.
//! - Of several YAML documents in one text, the first is read; the next is a [`Problem`].

mod documents;
mod files;
mod json;
mod limits;
mod loading;
mod made;
mod marks;
mod node;
pub mod pointer;
mod problem;
mod read;
mod reference;
mod source;
pub mod uri;
mod yaml;

pub use documents::{Documents, Location};
pub use files::{Files, Refusal, Retrieve, text_of};
pub use loading::Loaded;
pub use made::Made;
pub use node::Node;
pub use problem::{Problem, ProblemKind};
pub use read::{Document, Read};
pub use reference::{Unresolved, is_address};
pub use source::{Source, Span};
