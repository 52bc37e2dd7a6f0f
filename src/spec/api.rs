//! The whole of a document: its version, its servers, its security, and the heads of its operations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::element::Element;
use super::method::operations;
use super::operation::{Operation, operation};
use super::outline::{self, Part};
use super::path;
use super::security::{Requirement, Scheme, referred, requirements, schemes};
use super::server::{self, Server};
use super::swagger;
use super::version::version;
use crate::document::{Documents, Location};
use crate::finding::{Finding, Place};
use crate::message::Method;
use crate::schema::Dialect;

/// An OpenAPI or Swagger document, read as far as routing needs; operations are read one by one with [`Api::operation`].
#[derive(Debug)]
pub struct Api {
    documents: Arc<Documents>,
    dialect: Dialect,
    version: String,
    title: String,
    schemes: Vec<Scheme>,
    security: Vec<Requirement>,
    heads: Vec<Head>,
    /// Every operationId.
    ids: HashSet<Arc<str>>,
}

/// What is known of an operation before it is read whole.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its name in messages, scenarios and reports: the operationId where it has one of its own, else `METHOD /template`.
    pub key: Arc<str>,
    /// The method.
    pub method: Method,
    /// The path template.
    pub template: Arc<str>,
    /// Its own servers, its path item's, or the document's; empty where none are listed.
    pub servers: Arc<[Server]>,
    /// Where the operation stands.
    pub at: Location,
    /// Where its path item stands.
    pub item: Location,
    /// Where the path item stands that refers to that one, if it says something beside its `$ref`.
    pub beside: Option<Location>,
}

impl Api {
    /// Reads the heads. `None` when the root is no OpenAPI document of a version that is understood.
    pub fn read(documents: Arc<Documents>) -> (Option<Api>, Vec<Finding>) {
        let mut findings = Vec::new();
        let root = Element::root(&documents);
        let Some((dialect, version)) = version(&root, &mut findings) else { return (None, findings) };
        outline::look_at(&root, Part::Document, dialect != Dialect::V2_0, &mut findings);
        let (mut schemes, servers) = match dialect {
            Dialect::V2_0 => swagger::document(&root, &mut findings),
            _ => (schemes(&root, &mut findings), server::read(&root).unwrap_or_default()),
        };
        if dialect == Dialect::V3_1 {
            referred(&root, &mut schemes, &mut findings);
        }
        let security = requirements(&root, &schemes, dialect, &mut findings).unwrap_or_default();
        let (heads, ids) = heads(&root, dialect, &servers, &mut schemes, &mut findings);
        let title = root.member("info").and_then(|info| info.text("title")).unwrap_or("untitled").to_owned();
        if heads.is_empty() {
            findings.push(
                Finding::new("no-operations", "the document describes no operation")
                    .at(root.member("paths").and_then(|paths| paths.key_place()).or_else(|| root.place()))
                    .help("describe at least one under `paths`"),
            );
        }
        let api = Api { dialect, version, title, schemes, security, heads, ids, documents: documents.clone() };
        (Some(api), findings)
    }

    /// The operation with this head, read whole, and what cannot be used in it.
    pub fn operation(&self, head: &Head) -> (Operation, Vec<Finding>) {
        operation(self, head)
    }

    /// Hands over the heads of all operations, in the order of the text: once.
    pub fn take_heads(&mut self) -> Vec<Head> {
        std::mem::take(&mut self.heads)
    }

    /// The files it is made of.
    pub fn documents(&self) -> &Arc<Documents> {
        &self.documents
    }

    /// The dialect of its schemas.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The text of `openapi`, or of `swagger`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it is written in: `OpenAPI`, or `Swagger` as it was called before.
    pub fn language(&self) -> &'static str {
        if self.dialect == Dialect::V2_0 { "Swagger" } else { "OpenAPI" }
    }

    /// `info.title`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Every operationId.
    pub(super) fn ids(&self) -> &HashSet<Arc<str>> {
        &self.ids
    }

    /// The security schemes.
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// What an operation needs that says nothing of its own.
    pub fn security(&self) -> &[Requirement] {
        &self.security
    }
}

fn heads(
    root: &Element<'_>,
    dialect: Dialect,
    servers: &[Server],
    schemes: &mut Vec<Scheme>,
    findings: &mut Vec<Finding>,
) -> (Vec<Head>, HashSet<Arc<str>>) {
    let mut heads: Vec<Head> = Vec::new();
    let mut named: HashMap<Arc<str>, Location> = HashMap::new();
    let Some(paths) = root.member("paths") else { return (heads, HashSet::new()) };
    let shared: Arc<[Server]> = servers.into();
    for (template, element) in paths.members() {
        if template.starts_with("x-") {
            continue;
        }
        let rooted;
        let template = match template.starts_with('/') {
            true => template,
            false => {
                rooted = format!("/{template}");
                findings.push(
                    Finding::new(
                        "path-template",
                        format!("the path `{template}` does not start with `/`: served as `{rooted}`"),
                    )
                    .at(element.key_place())
                    .help(format!("write `{rooted}`")),
                );
                &rooted
            }
        };
        path::look_at(template, || element.key_place(), findings);
        // What stands beside a `$ref` counts, too: undefined is only what both say (OpenAPI 3.1.2 §4.8.9).
        let beside = Some(element.clone()).filter(|own| own.member("$ref").is_some() && says_more(own));
        let item = match element.follow() {
            Ok(item) => Some(item),
            Err(finding) => {
                findings.push(finding);
                None
            }
        };
        let items: Vec<&Element<'_>> = beside.iter().chain(item.as_ref()).collect();
        let Some(item) = items.last().copied() else { continue };
        let item_servers: Option<Arc<[Server]>> = items.iter().find_map(|item| server::read(item)).map(Into::into);
        let template: Arc<str> = template.into();
        let mut found: Vec<(Method, Element<'_>)> = Vec::new();
        for item in &items {
            outline::look_at(item, Part::PathItem, dialect != Dialect::V2_0, findings);
            let fresh = operations(item, dialect, findings);
            let fresh = fresh.into_iter().filter(|(method, _)| !found.iter().any(|(known, _)| known == method));
            let fresh: Vec<_> = fresh.collect();
            found.extend(fresh);
        }
        for (method, operation) in found {
            let operation = match operation.follow() {
                Ok(operation) => operation,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            if dialect == Dialect::V3_1 {
                referred(&operation, schemes, findings);
            }
            let key = key(&operation, &method, &template, &mut named, findings);
            let own = server::read(&operation).map(Into::into);
            let servers = own.or_else(|| item_servers.clone()).unwrap_or_else(|| shared.clone());
            heads.push(Head {
                key,
                method,
                template: template.clone(),
                servers,
                at: operation.location(),
                item: item.location(),
                beside: beside.as_ref().map(Element::location),
            });
        }
    }
    (heads, named.into_keys().collect())
}

/// Whether a path item says more than which other one it is.
fn says_more(item: &Element<'_>) -> bool {
    let other = |key: &str| !key.starts_with("x-") && !matches!(key, "$ref" | "summary" | "description");
    item.members().any(|(key, _)| other(key))
}

fn key(
    operation: &Element<'_>,
    method: &Method,
    template: &str,
    named: &mut HashMap<Arc<str>, Location>,
    findings: &mut Vec<Finding>,
) -> Arc<str> {
    let plain: Arc<str> = format!("{method} {template}").into();
    let Some(id) = operation.text("operationId").filter(|id| !id.trim().is_empty()) else { return plain };
    let id: Arc<str> = id.into();
    // Places are looked up only where they are told: they cost more than all else that is read here.
    if let Some(first) = named.get(&id) {
        let first = Place::of(&first.document, &format!("{}/operationId", first.pointer));
        findings.push(
            Finding::new("duplicate-operation-id", format!("operationId `{id}` is taken (first at {first})"))
                .at(operation.member("operationId").and_then(|id| id.place()))
                .help(format!("give it a name of its own; until then it is called `{plain}`")),
        );
        return plain;
    }
    named.insert(id.clone(), operation.location());
    id
}
