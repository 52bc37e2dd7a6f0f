//! HTTP messages held in memory, and the grammar of their parts (RFC 9110, 9112, 6265, 7240, 9457).
//!
//! What belongs here: a request, a response, a body, and the small languages that header fields and
//! request targets are written in. Imports nothing of this crate. Not here: sockets, OpenAPI words, verdicts.

mod body;
mod direction;
mod moment;
mod request;
mod response;
mod status_range;
mod target;

pub use body::Body;
pub use direction::Direction;
pub use moment::Moment;
pub use request::Request;
pub use response::Response;
pub use status_range::StatusRange;
pub use target::Target;

pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
