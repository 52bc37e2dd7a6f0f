//! The resolved model: what the document says, with every reference followed and the differences between versions gone.
//!
//! What belongs here: reading an OpenAPI document into plain types, one finding for everything in it that cannot be used.
//! Imports `message`, `document`, `finding`, `schema`. Not here: routers, validators, anything that happens per request.

mod api;
mod content;
mod element;
mod link;
mod method;
mod operation;
mod outline;
mod parameter;
mod path;
mod response;
mod security;
mod server;
mod swagger;
mod version;

pub use api::{Api, Head};
pub use content::{Content, Encoding, Encodings, Example, RequestBody};
pub use operation::Operation;
pub use parameter::{In, Parameter, Style};
pub use response::Response;
pub use security::{Requirement, Scheme, SchemeKind};
pub use server::Server;
