//! The compiled contract: route a request, check a request, check a response.
//!
//! What belongs here: everything that a document says, in the form in which it is asked per message. Compiled once, then
//! only read. Imports `message`, `document`, `finding`, `schema`, `spec`. Not here: choosing answers, state, clocks,
//! input and output.

mod base;
mod body;
mod call;
mod checked;
mod codec;
mod compile;
mod content;
mod nearest;
mod operation;
mod parameter;
mod request;
mod response;
mod router;
mod security;
mod style;
mod template;

use std::sync::{Arc, OnceLock};

pub use base::BasePath;
pub use body::Received;
pub use call::Call;
pub use checked::Checked;
pub use content::{Codec, Content, Example};
pub use nearest::Nearest;
pub use operation::{Operation, RequestBody, Response};
pub use parameter::Parameter;
pub use response::Judged;
pub use router::{Miss, Route};
pub use security::{Alternative, Challenge};

pub use crate::spec::{Head, In, Scheme, SchemeKind};

use crate::document::{Documents, Location};
use crate::finding::Finding;
use crate::message::StatusRange;
use crate::schema::{Schema, Schemas};
use crate::spec::Api;

/// A document, compiled. Shared behind an `Arc`, never changed.
///
/// Routing is ready when it is made; an operation is compiled when it is first asked for, and its schemas when a value
/// first meets them.
#[derive(Debug)]
pub struct Contract {
    api: Api,
    schemas: Arc<Schemas>,
    router: router::Router,
    bases: base::Bases,
    operations: Vec<OnceLock<(Operation, Vec<Finding>)>>,
    /// Templates by segment, for finding the nearest: with their base path, and without.
    spelled: OnceLock<Vec<[Vec<template::Segment>; 2]>>,
}

impl Contract {
    /// Compiles a document as far as routing needs. `None` when it is no OpenAPI document that is understood; the findings
    /// are those of the document as a whole ([`Contract::findings`] has those of every operation).
    pub fn load(documents: Arc<Documents>, base_path: &BasePath) -> (Option<Contract>, Vec<Finding>) {
        let (api, mut findings) = Api::read(documents.clone());
        let Some(api) = api else { return (None, findings) };
        let schemas = Schemas::new(documents, api.dialect());
        let router = router::Router::new(api.heads(), &mut findings);
        let bases = base::Bases::new(&api, base_path);
        let operations = api.heads().iter().map(|_| OnceLock::new()).collect();
        (Some(Contract { api, schemas, router, bases, operations, spelled: OnceLock::new() }), findings)
    }

    /// The operation at an index, compiled now if it was not yet.
    pub fn operation(&self, index: usize) -> &Operation {
        &self.compiled(index).0
    }

    fn compiled(&self, index: usize) -> &(Operation, Vec<Finding>) {
        self.operations[index].get_or_init(|| {
            let (read, findings) = self.api.operation(index);
            (compile::operation(&self.api, &self.schemas, index, read), findings)
        })
    }

    /// What is known of every operation without compiling it, in the order of the text; indices are those of [`Contract::operation`].
    pub fn heads(&self) -> &[Head] {
        self.api.heads()
    }

    /// The index of the operation with this key (operationId, or `METHOD /template`), or of the one whose method and template it writes out.
    pub fn find(&self, key: &str) -> Option<usize> {
        let heads = self.api.heads();
        heads.iter().position(|head| &*head.key == key).or_else(|| {
            let (method, template) = key.split_once(' ')?;
            heads.iter().position(|head| head.method.as_str() == method && &*head.template == template.trim())
        })
    }

    /// Compiles every operation and every schema, and returns all that is wrong with them, in the order of the text.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for index in 0..self.operations.len() {
            let (operation, found) = self.compiled(index);
            findings.extend(found.iter().cloned());
            operation.warm();
            findings.extend(operation.wrong_examples().map(|finding| finding.about(operation.key.clone())));
        }
        findings.extend(self.schemas.findings());
        findings
    }

    /// `info.title`.
    pub fn title(&self) -> &str {
        self.api.title()
    }

    /// The text of `openapi`, or of `swagger`.
    pub fn version(&self) -> &str {
        self.api.version()
    }

    /// What it is written in: `OpenAPI`, or `Swagger` as it was called before.
    pub fn language(&self) -> &'static str {
        self.api.language()
    }

    /// The files it was compiled from.
    pub fn documents(&self) -> &Arc<Documents> {
        self.api.documents()
    }

    /// The security schemes, by the indices that [`Alternative`] holds.
    pub fn schemes(&self) -> &[Scheme] {
        self.api.schemes()
    }

    /// Where a schema stands, and every place that its `$ref`s lead to, in order. Ends where one leads nowhere.
    pub fn schema_locations(&self, schema: &Schema) -> Vec<Location> {
        let mut found: Vec<Location> = vec![schema.location().clone()];
        while let Some(at) = found.last()
            && found.len() < 32
            && let Some(reference) =
                at.document.at(&at.pointer).and_then(|raw| raw.get("$ref")).and_then(|reference| reference.as_str())
            && let Ok(next) = self.documents().resolve(&at.document, reference)
        {
            found.push(next);
        }
        found
    }

    /// The base paths under which operations are served, the most usual first; empty texts stand for none.
    pub fn base_paths(&self) -> &[String] {
        self.bases.listed()
    }
}

impl Operation {
    /// The response that covers a status: its own entry, else its class, else `default`.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let with = |range: StatusRange| self.responses.iter().find(|response| response.range == range);
        with(StatusRange::Exact(status))
            .or_else(|| with(StatusRange::Class((status / 100) as u8)))
            .or_else(|| with(StatusRange::Default))
    }

    /// What a valid request is answered with unless something else is asked for, and its status: the lowest 2xx, else `2XX` or `default`
    /// as 200, else the lowest 3xx, else whatever final status comes first. `None` when nothing can be answered.
    pub fn success(&self) -> Option<(u16, &Response)> {
        let exact = |response: &Response| match response.range {
            StatusRange::Exact(status) if status >= 200 => Some(status),
            _ => None,
        };
        let lowest = |class: u16| self.responses.iter().filter_map(exact).filter(|status| status / 100 == class).min();
        let first = || {
            self.responses.iter().find_map(|response| match response.range {
                StatusRange::Class(class) if class >= 2 => Some(u16::from(class) * 100),
                _ => exact(response),
            })
        };
        let general = || self.response(200).map(|_| 200);
        let status = lowest(2).or_else(general).or_else(|| lowest(3)).or_else(first)?;
        Some((status, self.response(status)?))
    }
}
