//! The compiled contract: route a request, check a request, check a response.
//!
//! What belongs here: everything that a document says, in the form in which it is asked per message. Compiled once, then
//! only read. Imports `message`, `document`, `finding`, `schema`, `spec`. Not here: choosing answers, state, clocks,
//! input and output.

mod base;
mod body;
mod call;
mod changes;
mod checked;
mod codec;
mod compile;
mod content;
mod mark;
mod mount;
mod nearest;
mod operation;
mod parameter;
mod request;
pub mod resource;
mod response;
mod router;
mod security;
mod style;
mod template;

use std::sync::{Arc, OnceLock};

pub use base::BasePath;
pub use body::Received;
pub use call::Call;
pub use changes::{Changes, Digests};
pub use checked::Checked;
pub use content::{Codec, Content, Example};
pub use mount::Mount;
pub use nearest::Nearest;
pub use operation::{Operation, RequestBody, Response};
pub use parameter::Parameter;
pub use response::Judged;
pub use router::{Miss, Route};
pub use security::{Alternative, Challenge};

pub use crate::spec::{Head, In, Scheme, SchemeKind};

use crate::document::{Documents, Location};
use crate::finding::Finding;
use crate::message::{Direction, StatusRange};
use crate::schema::{Schema, Schemas};
use crate::spec::Api;

/// A document, or several in one, compiled. Shared behind an `Arc`, never changed.
///
/// Routing is ready when it is made; an operation is compiled when it is first asked for, and its schemas when a value
/// first meets them. Of several documents there is one list of operations and one table of paths: who asks for an operation
/// need not know which document it is of.
#[derive(Debug)]
pub struct Contract {
    parts: Vec<Part>,
    heads: Vec<Head>,
    schemes: Vec<Scheme>,
    title: String,
    version: String,
    router: router::Router,
    bases: base::Bases,
    operations: Vec<OnceLock<(Operation, Vec<Finding>)>>,
    /// Templates by segment, for finding the nearest: with their base path, and without.
    spelled: OnceLock<Vec<[Vec<template::Segment>; 2]>>,
}

/// One of the documents.
#[derive(Debug)]
struct Part {
    mount: Mount,
    api: Api,
    schemas: Arc<Schemas>,
    /// The index of its first operation, and how many it has.
    first: usize,
    operations: usize,
    /// The index of its first security scheme.
    schemes: usize,
}

impl Contract {
    /// Compiles a document as far as routing needs. `None` when it is no OpenAPI document that is understood; the findings
    /// are those of the document as a whole ([`Contract::findings`] has those of every operation).
    pub fn load(documents: Arc<Documents>, base_path: &BasePath) -> (Option<Contract>, Vec<Finding>) {
        Contract::of(vec![Mount::new(documents, "")], base_path)
    }

    /// Compiles several documents into one contract, as [`Contract::load`] does one: `None` when none of them is understood.
    ///
    /// Documents may be placed at the same path. Where two operations answer to the same requests, that is a finding, and the
    /// one of the earlier document is served. Operations of one name in two documents are called `NAME#operationId`, by the
    /// names of the documents.
    pub fn of(mut mounts: Vec<Mount>, base_path: &BasePath) -> (Option<Contract>, Vec<Finding>) {
        mount::distinguish(&mut mounts);
        let (mut parts, mut heads, mut schemes, mut findings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for mount in mounts {
            let (api, found) = Api::read(mount.documents.clone());
            findings.extend(found);
            let Some(mut api) = api else { continue };
            let own = api.take_heads();
            let schemas = Schemas::without(mount.ignored.clone(), mount.documents.clone(), api.dialect());
            let (first, operations) = (heads.len(), own.len());
            heads.extend(own);
            let others = schemes.len();
            schemes.extend_from_slice(api.schemes());
            parts.push(Part { mount, api, schemas, first, operations, schemes: others });
        }
        if parts.is_empty() {
            return (None, findings);
        }
        if parts.len() > 1 {
            mount::qualify(&parts, &mut heads);
        }
        let listed = |of: &dyn Fn(&Part) -> String| {
            let mut texts: Vec<String> = Vec::new();
            for text in parts.iter().map(of) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            texts.join(", ")
        };
        let title = listed(&|part| part.api.title().to_owned());
        let version = listed(&|part| part.api.version().to_owned());
        let bases = base::Bases::new(&parts, &heads, base_path);
        let router = router::Router::new(&heads, &bases, &mut findings);
        let operations = heads.iter().map(|_| OnceLock::new()).collect();
        let spelled = OnceLock::new();
        (Some(Contract { parts, heads, schemes, title, version, router, bases, operations, spelled }), findings)
    }

    /// The operation at an index, compiled now if it was not yet.
    pub fn operation(&self, index: usize) -> &Operation {
        &self.compiled(index).0
    }

    /// Whether every operation has been compiled by now.
    pub fn is_compiled(&self) -> bool {
        self.operations.iter().all(|operation| operation.get().is_some())
    }

    fn compiled(&self, index: usize) -> &(Operation, Vec<Finding>) {
        self.operations[index].get_or_init(|| {
            let head = &self.heads[index];
            let Part { api, schemas, schemes, .. } = self.part(index);
            let (read, findings) = api.operation(head);
            (compile::operation(schemas, head, *schemes, read), findings)
        })
    }

    /// The document that an operation is of.
    fn part(&self, operation: usize) -> &Part {
        let after = self.parts.partition_point(|part| part.first <= operation);
        &self.parts[after.saturating_sub(1)]
    }

    /// What is known of every operation without compiling it, in the order of the text; indices are those of [`Contract::operation`].
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The index of the operation with this key (operationId, or `METHOD /template`), or of the one whose method and template it writes
    /// out. Before either the name of a document may stand, as `NAME#`.
    pub fn find(&self, key: &str) -> Option<usize> {
        let found = self.heads.iter().position(|head| &*head.key == key).or_else(|| {
            let (method, template) = key.split_once(' ')?;
            let written = |head: &Head| head.method.as_str() == method && &*head.template == template.trim();
            let mut written = (0..self.heads.len()).filter(|index| written(&self.heads[*index]));
            // In two documents it means neither.
            written.next().filter(|_| self.parts.len() == 1 || written.next().is_none())
        });
        found.or_else(|| {
            let (name, key) = key.split_once('#')?;
            let part = self.parts.iter().find(|part| part.mount.name == name)?;
            let own = part.first..part.first + part.operations;
            let plain = |index: &usize| {
                let head = &self.heads[*index];
                let written = key.split_once(' ');
                *head.key == *key
                    || written.is_some_and(|(method, template)| {
                        head.method.as_str() == method && &*head.template == template.trim()
                    })
            };
            own.clone().find(plain)
        })
    }

    /// Compiles every operation and every schema, and returns all that is wrong with them, in the order of the text.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.router.overlaps(&self.heads, &self.bases);
        for index in 0..self.operations.len() {
            let (operation, found) = self.compiled(index);
            findings.extend(found.iter().cloned());
            operation.warm();
            findings.extend(operation.wrong_examples().map(|finding| finding.about(operation.key.clone())));
        }
        findings.extend(self.parts.iter().flat_map(|part| part.schemas.findings()));
        findings
    }

    /// `info.title`; those of several documents, with commas between.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The text of `openapi`, or of `swagger`; those of several documents, with commas between.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it is written in: `OpenAPI`, or `Swagger` as it was called before; `API` where there are documents of both.
    pub fn language(&self) -> &'static str {
        let mut languages = self.parts.iter().map(|part| part.api.language());
        let first = languages.next().unwrap_or("API");
        if languages.all(|language| language == first) { first } else { "API" }
    }

    /// The documents it was compiled from, and where each is placed, with the number of its operations and the version of OpenAPI or
    /// Swagger that it is written in.
    pub fn mounts(&self) -> impl ExactSizeIterator<Item = (&Mount, usize, &str)> {
        self.parts.iter().map(|part| (&part.mount, part.operations, part.api.version()))
    }

    /// The security schemes, by the indices that [`Alternative`] holds.
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// What the API keys are called, wherever they are sent.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.schemes.iter().filter_map(|scheme| match &scheme.kind {
            SchemeKind::ApiKey { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// Where a schema stands, and every place that its `$ref`s lead to, in order. Ends where one leads nowhere.
    pub fn schema_locations(&self, schema: &Schema) -> Vec<Location> {
        let mut found: Vec<Location> = vec![schema.location().clone()];
        while let Some(at) = found.last()
            && found.len() < 32
            && let Some(reference) =
                at.document.at(&at.pointer).and_then(|raw| raw.get("$ref")).and_then(|reference| reference.as_str())
            && let Some(documents) = self.documents_with(at)
            && let Ok(next) = documents.resolve(&at.document, reference)
        {
            found.push(next);
        }
        found
    }

    /// The schema that a reference within a document names (`#/components/schemas/Invitation`): that of the first document that
    /// has it.
    pub fn schema_at(&self, reference: &str, direction: Direction) -> Option<Schema> {
        self.parts.iter().find_map(|part| {
            let at = part.mount.documents.resolve(part.mount.documents.root(), reference).ok()?;
            Some(part.schemas.schema(&at, direction))
        })
    }

    fn documents_with(&self, at: &Location) -> Option<&Documents> {
        let mut documents = self.parts.iter().map(|part| &*part.mount.documents);
        documents.find(|documents| documents.shared(&at.document).is_some())
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
