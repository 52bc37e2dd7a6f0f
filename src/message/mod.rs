//! HTTP messages held in memory, and the grammar of their parts (RFC 9110, 9112, 6265, 7240, 9457).
//!
//! What belongs here: a request, a response, a body, and the small languages that header fields and
//! request targets are written in. Imports nothing of this crate. Not here: sockets, OpenAPI words, verdicts.

mod accept;
mod baggage;
mod body;
mod coding;
mod cookie;
mod date;
mod direction;
mod fields;
mod media_type;
mod moment;
mod percent;
mod prefer;
mod problem;
mod query;
mod request;
mod response;
mod status_range;
mod target;
mod template;

pub use accept::Accept;
pub use baggage::{BAGGAGE, baggage_member};
pub use body::Body;
pub use coding::{CODINGS, CodingError, decode_content};
pub use cookie::{cookie_pairs, cookies};
pub use date::{RetryAfter, http_date, parse_http_date, retry_after};
pub use direction::Direction;
pub use fields::{field_value, list_elements, parameters, quote, unquote};
pub use media_type::{MediaRange, MediaType, Specificity};
pub use moment::Moment;
pub use percent::{
    NotUtf8, form_decode, form_encode, percent_decode, percent_encode_query, percent_encode_segment,
    percent_encode_target,
};
pub use prefer::Prefer;
pub use problem::Problem;
pub use query::query_pairs;
pub use request::Request;
pub use response::Response;
pub use status_range::{StatusRange, is_bodiless};
pub use target::Target;
pub(crate) use template::{Expression, expand, expressions};

pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

#[cfg(test)]
mod noise;
