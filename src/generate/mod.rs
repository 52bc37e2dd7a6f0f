//! Values from a schema and a seed, and what a valid request needs of them.
//!
//! What belongs here: making things up, reproducibly. Imports `message`, `finding`, `schema`, `contract`. Not here: clocks,
//! a source of randomness other than the seed, input and output.
//!
//! How it works. A [`Plan`] reads a schema once, when it is first needed: schemas that hold together are put together
//! (`facets`), choices are made and recursion is cut (`build` and its kin), and what comes of it is a tree of forms
//! (`form`) that knows neither schemas nor choices. Writing a value walks that tree (`emit`); what each text says comes from
//! the member's name (`meaning`, `text`, `vocabulary`). What could only be found out by trying is tried against the schema
//! when the plan is made; where that does not settle it for every seed, each value is checked when it is made.

mod array;
mod build;
mod choose;
mod context;
mod draw;
mod emit;
mod facets;
mod form;
mod json;
mod least;
mod meaning;
mod mend;
mod name;
mod named;
mod number;
mod object;
mod paging;
mod pattern;
mod plan;
mod request;
mod search;
mod seed;
mod shown;
mod string;
mod text;
mod time;
mod vocabulary;

pub use context::{Context, Echo, NoEcho};
pub use mend::{Repaired, repair};
pub use named::{between, named, uuid};
pub use paging::Paging;
pub use plan::Plan;
pub use request::{argument, content, credentials, made_up};
pub use seed::Seed;
