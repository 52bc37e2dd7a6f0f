//! What differs between two versions of a contract, as its operations are concerned.
//!
//! What belongs here: a number for what is said of each request and of each response ([`Digests`]), and how two lots of them compare
//! ([`Changes`]). How a part of a document becomes a number, with all that it refers to, is in [`walk`]. Not here: what a change
//! means for a client.

mod walk;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::{Contract, Part};
use crate::spec::Head;
use walk::{Sum, Walk};

/// What is said of an operation beside its request: none of it changes what is asked or answered.
const BESIDE: [&str; 7] = ["responses", "description", "summary", "tags", "externalDocs", "operationId", "callbacks"];

/// A number for what a contract says of each request and each response, behind every reference. What changes no message is left out:
/// spaces, the order of members, comments, descriptions of schemas.
#[derive(Debug)]
pub struct Digests(HashMap<Arc<str>, Digest>);

#[derive(Debug)]
struct Digest {
    request: u64,
    /// By the key of the response, in the order of the text.
    responses: Vec<(String, u64)>,
    /// The operation's place among all.
    place: usize,
}

/// What differs between two versions. Operations are named by their keys; lists are in the order of the newer text, what was removed
/// in that of the older.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Operations that there were not.
    pub added: Vec<Arc<str>>,
    /// Operations that there are not any more.
    pub removed: Vec<Arc<str>>,
    /// Operations whose requests are described otherwise.
    pub requests: Vec<Arc<str>>,
    /// Responses that are described otherwise, or are new or gone: the operation, and the status as the document has it.
    pub responses: Vec<(Arc<str>, String)>,
}

impl Changes {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }
}

/// `+1 operation, 2 responses changed`, or that nothing differs.
impl fmt::Display for Changes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return out.write_str("no change in meaning");
        }
        let Changes { added, removed, requests, responses } = self;
        let counted = |before, count, what, after| {
            let s = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{before}{count} {what}{s}{after}"))
        };
        let parts = [
            counted("+", added.len(), "operation", ""),
            counted("-", removed.len(), "operation", ""),
            counted("", requests.len(), "request", " changed"),
            counted("", responses.len(), "response", " changed"),
        ];
        out.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl Digests {
    /// What differs in a newer version.
    pub fn changes(&self, newer: &Digests) -> Changes {
        let mut changes = Changes::default();
        for (key, new) in newer.in_order() {
            let Some(old) = self.0.get(key) else {
                changes.added.push(key.clone());
                continue;
            };
            if old.request != new.request {
                changes.requests.push(key.clone());
            }
            let known: HashMap<&str, u64> = old.responses.iter().map(|(status, sum)| (status.as_str(), *sum)).collect();
            let present: HashSet<&str> = new.responses.iter().map(|(status, _)| status.as_str()).collect();
            let differing = new.responses.iter().filter(|(status, sum)| known.get(status.as_str()) != Some(sum));
            let gone = old.responses.iter().filter(|(status, _)| !present.contains(status.as_str()));
            changes.responses.extend(differing.chain(gone).map(|(status, _)| (key.clone(), status.clone())));
        }
        let removed = self.in_order().into_iter().filter(|(key, _)| !newer.0.contains_key(*key));
        changes.removed.extend(removed.map(|(key, _)| key.clone()));
        changes
    }

    fn in_order(&self) -> Vec<(&Arc<str>, &Digest)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable_by_key(|(_, digest)| digest.place);
        all
    }
}

impl Contract {
    /// A number for all that is said of each request and each response. Takes about as long as to read the texts.
    pub fn digests(&self) -> Digests {
        let mut digests = HashMap::with_capacity(self.heads.len());
        for part in &self.parts {
            let mut walk = Walk::new(&part.mount.documents);
            let general = general(part, &mut walk);
            for place in part.first..part.first + part.operations {
                let head = &self.heads[place];
                let mut request = Sum::default();
                request.text(self.base_path(place));
                let digest = digest(head, place, request, &general, &mut walk);
                digests.insert(head.key.clone(), digest);
            }
        }
        Digests(digests)
    }
}

/// What is said once for all operations of a document.
struct General {
    version: String,
    /// Credentials that are needed where an operation says nothing of them.
    security: u64,
    schemes: u64,
    consumes: u64,
    produces: u64,
    dialect: u64,
}

fn general(part: &Part, walk: &mut Walk<'_>) -> General {
    let root = part.mount.documents.root();
    let mut of = |pointer: &str| root.at(pointer).map_or(0, |value| walk.sum(root, value));
    General {
        version: part.api.version().to_owned(),
        security: of("/security"),
        schemes: of("/components/securitySchemes").wrapping_add(of("/securityDefinitions")),
        consumes: of("/consumes"),
        produces: of("/produces"),
        dialect: of("/jsonSchemaDialect"),
    }
}

fn digest(head: &Head, place: usize, mut request: Sum, general: &General, walk: &mut Walk<'_>) -> Digest {
    let document = &head.at.document;
    let operation = head.at.value();
    request.text(&general.version);
    request.text(head.method.as_str());
    request.text(&head.template);
    request.number(general.dialect);
    for item in head.beside.iter().chain([&head.item]) {
        let shared = item.value().get("parameters");
        request.number(shared.map_or(0, |shared| walk.sum(&item.document, shared)));
    }
    let mut own = 0_u64;
    for (key, value) in operation.as_object().into_iter().flatten() {
        if !BESIDE.contains(&key.as_str()) {
            let mut member = Sum::default();
            member.text(key);
            member.number(walk.sum(document, value));
            // In whatever order they stand.
            own = own.wrapping_add(member.value());
        }
    }
    request.number(own);
    let needs = operation.get("security");
    request.number(if needs.is_none() { general.security } else { 0 });
    // Nothing is changed by the schemes where none is asked for.
    let none = |needs: &Value| needs.as_array().is_some_and(Vec::is_empty);
    let without = needs.map_or(general.security == 0, none);
    request.number(if without { 0 } else { general.schemes });
    request.number(if operation.get("consumes").is_none() { general.consumes } else { 0 });
    let produces = operation.get("produces").map_or(general.produces, |own| walk.sum(document, own));
    let listed = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let responses = listed.filter(|(status, _)| !status.starts_with("x-")).map(|(status, response)| {
        let mut sum = Sum::default();
        sum.text(&general.version);
        sum.number(general.dialect);
        sum.number(produces);
        sum.number(walk.sum(document, response));
        // Errors say it: it is a part of the answer.
        walk.description(document, response, &mut sum);
        (status.clone(), sum.value())
    });
    Digest { request: request.value(), responses: responses.collect(), place }
}
