//! The server over real loopback sockets, spoken to in raw bytes where the syntax of HTTP matters.

mod admin;
mod control;
pub(crate) mod described;
mod ended;
mod ending;
mod exchange;
mod faults;
mod forgets;
mod framing;
mod harness;
mod limits;
mod log;
mod pages;
mod query;
mod recording;
mod swap;
mod tail;
mod told;
mod verify;
