//! One binary for all tests that use the built program, or several parts of the library, as a user would.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says on standard output what it could not run"
)]

mod cli;
mod clients;
mod exact;
#[cfg(unix)]
mod exec;
mod program;
mod readme;
mod reload;
mod server;
mod serving;
