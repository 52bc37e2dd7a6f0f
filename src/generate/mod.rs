//! Values from a schema and a seed.
//!
//! What belongs here: making things up, reproducibly. Imports `message`, `finding`, `schema`, `contract`. Not here: clocks,
//! a source of randomness other than the seed, input and output.

mod plan;
mod seed;

pub use plan::*;
pub use seed::Seed;
