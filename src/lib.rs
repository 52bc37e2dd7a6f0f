//! `standin` stands in for an HTTP API: it serves the API from its OpenAPI document, and holds the real API to it.

pub mod document;
pub mod finding;
pub mod message;
pub mod schema;
