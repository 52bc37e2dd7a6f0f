//! One binary for all tests that use the built program, or several parts of the library, as a user would.

mod cli;
mod program;
mod server;
