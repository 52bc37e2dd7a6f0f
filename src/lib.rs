//! `standin` stands in for an HTTP API: it serves the API from its OpenAPI document, and holds the real API to it.

pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod contract;
pub mod document;
pub mod finding;
pub mod generate;
pub mod judge;
pub mod message;
pub mod mock;
pub mod report;
pub mod scenario;
pub mod schema;
pub mod server;
pub mod spec;
pub mod traffic;
