//! A mock in a test: opened from a file, started on a free port of this machine, gone when it is dropped.
//!
//! What belongs here: the few lines that a test needs, on top of all the rest. Nothing of it is needed by the program. Not here:
//! choosing answers (`mock`), sockets (`server`).
//!
//! Every mock has a port, a state and a journal of its own, so that tests in one process do not meet; the document is compiled once
//! and shared by all of them.

mod error;
mod open;
mod running;
mod session;
mod shared;

pub use error::Error;
pub use open::Mock;
pub use running::Running;
pub use session::Session;
