//! `standin` stands in for an HTTP API: it serves the API from its OpenAPI document, and holds the real API to it.
//!
//! The program `standin` is the usual way in. The library is the same thing in parts, for four depths of use:
//!
//! - **In a test.** A [`Mock`] is opened from a file and started on a free port; it ends when it is dropped.
//! - **Answers in memory.** A [`contract::Contract`] is a compiled document; a [`mock::Mock`] of it takes a request and gives the
//!   answer and why, synchronously, without a socket, a clock or a runtime. What changes from call to call is in a
//!   [`mock::State`]. The example below does this.
//! - **Over a socket.** [`server`] serves a mock; [`check`] sends recorded traffic through a [`client`] and holds each answer to
//!   the contract.
//! - **The parts.** [`document`] reads YAML and JSON with line and column, [`schema`] checks values and says what is wrong with
//!   them, [`contract`] routes and checks messages, [`generate`] makes values, [`scenario`] reads stories, [`traffic`] reads
//!   recordings, [`judge`] holds one exchange to a contract, [`report`] writes what was found.
//!
//! What is wrong with a document or an answer is data: a [`finding::Finding`] with a rule and a place. Time, seed and files are
//! arguments: with the same ones, the same calls get the same bytes.
//!
//! ```
//! use std::sync::Arc;
//!
//! use standin::contract::{BasePath, Contract};
//! use standin::document::{Document, Documents, Source};
//! use standin::message::{Body, HeaderMap, Method, Moment, Request, Target};
//! use standin::mock::{Mock, Options, State};
//!
//! let text = r#"
//! openapi: 3.1.0
//! info: { title: Pets, version: '1' }
//! paths:
//!   /pets/{id}:
//!     get:
//!       operationId: get_pet
//!       parameters:
//!         - { name: id, in: path, required: true, schema: { type: integer } }
//!       responses:
//!         '200':
//!           description: a pet
//!           content:
//!             application/json:
//!               schema:
//!                 type: object
//!                 required: [id, name]
//!                 properties: { id: { type: integer }, name: { type: string, minLength: 1 } }
//!         '404': { description: none }
//! "#;
//! let read = Document::read(Source::new("pets.yaml", text));
//! let documents = Documents::single(read.document.ok_or("not a document")?);
//! let (contract, findings) = Contract::load(Arc::new(documents), &BasePath::default());
//! let contract = Arc::new(contract.ok_or("not an OpenAPI document")?);
//! assert!(findings.is_empty());
//!
//! let (mock, _) = Mock::new(contract, Options::default(), Vec::new(), Vec::new());
//! let state = State::new(&mock);
//! let get = |target: &str| {
//!     let target = Target::parse(target).ok_or("not a target")?;
//!     let request = Request { method: Method::GET, target, headers: HeaderMap::new(), body: Body::default() };
//!     Ok::<_, &str>(mock.answer(&state, request, Moment::default()))
//! };
//!
//! let reply = get("/pets/7")?;
//! assert_eq!(reply.answer.status, 200);
//! let pet: serde_json::Value = serde_json::from_slice(&reply.answer.body.bytes())?;
//! assert_eq!(pet["id"], 7);
//!
//! let reply = get("/pets/seven")?;
//! assert_eq!(reply.answer.status, 422);
//! assert_eq!(reply.decision.violations[0].sentence, "not an integer");
//! assert_eq!(reply.decision.violations[0].place.as_ref().map(ToString::to_string).as_deref(), Some("pets.yaml:9:65"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub mod testing;
pub mod traffic;

pub use testing::{Mock, Running};
