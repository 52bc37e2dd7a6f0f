//! Schemas with addresses and names of their own: `$id`, `$anchor`, `$dynamicAnchor` (JSON Schema 2020-12 core, 8.2).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::document::{Document, Location, pointer, uri};

use super::Schemas;

/// How deep documents are searched; they are never deeper than the `document` module lets them be.
const DEPTH: usize = 300;

/// Which resource was entered first of those that have a dynamic anchor, by the anchor's name: the dynamic scope, as far
/// as it matters. Empty wherever names are not shared, which is nearly everywhere.
pub(super) type Scope = Arc<BTreeMap<String, usize>>;

/// Every schema resource of the documents.
#[derive(Debug)]
pub(super) struct Resources {
    all: Vec<Resource>,
    /// By address.
    addresses: HashMap<String, usize>,
    /// By document (its address in memory) and pointer.
    places: HashMap<usize, HashMap<String, usize>>,
    /// Names of dynamic anchors that several resources have.
    shared: Vec<String>,
}

#[derive(Debug)]
struct Resource {
    document: Arc<Document>,
    pointer: String,
    /// Its address, without a fragment.
    address: String,
    /// Names to pointers.
    anchors: HashMap<String, String>,
    dynamic: Vec<String>,
}

/// What came of looking for a reference among addresses and names.
pub(super) enum Found {
    /// It is there.
    There(Location),
    /// It names nothing, and why.
    Nowhere(String),
    /// A pointer into a document that was found by its address.
    Within(Arc<Document>, String),
    /// Nothing has that address, which is told where it is known: the documents have to look.
    Elsewhere(Option<String>),
}

impl Schemas {
    /// `None` where no document uses them, which is nearly always.
    pub(super) fn resources(&self) -> Option<&Resources> {
        let find = || {
            let uses = |document: &Arc<Document>| {
                let text = document.source().text();
                text.contains("$id") || text.contains("$anchor") || text.contains("$dynamicAnchor")
            };
            let documents = self.documents.all();
            (!self.dialect.is_before_3_1() && documents.iter().any(uses)).then(|| Resources::of(documents))
        };
        self.resources.get_or_init(find).as_ref()
    }
}

impl Resources {
    fn of(documents: &[Arc<Document>]) -> Resources {
        let mut resources =
            Resources { all: Vec::new(), addresses: HashMap::new(), places: HashMap::new(), shared: Vec::new() };
        for document in documents {
            let root = resources.add(document, "", document.address());
            resources.search(document, document.root(), &mut String::new(), root, 0);
        }
        let mut names: Vec<_> = resources.all.iter().flat_map(|resource| resource.dynamic.iter().cloned()).collect();
        names.sort();
        resources.shared =
            names.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0].clone()).collect();
        resources
    }

    fn add(&mut self, document: &Arc<Document>, pointer: &str, address: String) -> usize {
        let number = self.all.len();
        self.addresses.entry(address.clone()).or_insert(number);
        self.places.entry(Arc::as_ptr(document) as usize).or_default().insert(pointer.to_owned(), number);
        let (document, pointer) = (document.clone(), pointer.to_owned());
        self.all.push(Resource { document, pointer, address, anchors: HashMap::new(), dynamic: Vec::new() });
        number
    }

    fn search(&mut self, document: &Arc<Document>, value: &Value, at: &mut String, inside: usize, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let mut inside = inside;
        if let Value::Object(members) = value {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            if let Some(name) = text("$id").and_then(|id| id.strip_prefix('#')).filter(|name| !name.is_empty()) {
                // Up to draft 7 this is how an anchor is written.
                self.all[inside].anchors.insert(name.to_owned(), at.clone());
            } else if let Some(id) = text("$id") {
                let id = percent_decode_str(id.split('#').next().unwrap_or(id)).decode_utf8_lossy();
                // At the root it is known already: an `$id` is what the document calls itself.
                if !at.is_empty() || !id.contains(':') {
                    let address = uri::join(&self.all[inside].address, &id);
                    inside = self.add(document, at, address);
                }
            }
            for name in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = text(name) {
                    self.all[inside].anchors.insert(anchor.to_owned(), at.clone());
                }
            }
            if let Some(anchor) = text("$dynamicAnchor") {
                self.all[inside].dynamic.push(anchor.to_owned());
            }
        }
        let members = value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value));
        let items = value.as_array().into_iter().flatten().enumerate().map(|(index, value)| (index.to_string(), value));
        for (token, child) in members.chain(items) {
            let data = matches!(token.as_str(), "enum" | "const" | "default" | "example" | "examples");
            if (child.is_object() || child.is_array()) && !data && !token.starts_with("x-") {
                let back = at.len();
                at.push('/');
                at.push_str(&pointer::escape(&token));
                self.search(document, child, at, inside, depth + 1);
                at.truncate(back);
            }
        }
    }

    /// What a reference names, as far as addresses and names know.
    pub(super) fn resolve(&self, at: &Location, reference: &str) -> Found {
        let Some(base) = self.holding(at).map(|index| &self.all[index]) else { return Found::Elsewhere(None) };
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = match address {
            "" => base,
            address => {
                let address = uri::join(&base.address, &percent_decode_str(address).decode_utf8_lossy());
                match self.addresses.get(&address) {
                    Some(index) => &self.all[*index],
                    None => return Found::Elsewhere(Some(format!("{address}#{fragment}"))),
                }
            }
        };
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        let pointer = match decoded.as_ref() {
            "" => resource.pointer.clone(),
            // The documents tell better what is missing.
            path if path.starts_with('/') && resource.pointer.is_empty() => {
                return Found::Within(resource.document.clone(), format!("#{fragment}"));
            }
            path if path.starts_with('/') => format!("{}{path}", resource.pointer),
            name => match resource.anchors.get(name) {
                Some(pointer) => pointer.clone(),
                None => return Found::Nowhere(format!("there is no anchor `{name}`")),
            },
        };
        match resource.document.at(&pointer).is_some() {
            true => Found::There(Location { document: resource.document.clone(), pointer }),
            false => Found::Nowhere(format!("there is no `{pointer}`")),
        }
    }

    /// The innermost resource that a place is in.
    fn holding(&self, at: &Location) -> Option<usize> {
        let places = self.places.get(&(Arc::as_ptr(&at.document) as usize))?;
        let mut pointer = at.pointer.as_str();
        loop {
            if let Some(found) = places.get(pointer) {
                return Some(*found);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }

    /// The dynamic scope once the resource at a place has been entered.
    pub(super) fn enter(&self, scope: &Scope, at: &Location) -> Scope {
        let Some(index) = self.holding(at).filter(|_| !self.shared.is_empty()) else { return scope.clone() };
        let new = |name: &&String| self.shared.contains(name) && !scope.contains_key(*name);
        let mut names = self.all[index].dynamic.iter().filter(new).peekable();
        if names.peek().is_none() {
            return scope.clone();
        }
        let mut entered = BTreeMap::clone(scope);
        entered.extend(names.map(|name| (name.clone(), index)));
        Arc::new(entered)
    }

    /// Where a dynamic anchor is in a scope.
    pub(super) fn dynamic(&self, scope: &Scope, name: &str) -> Option<Location> {
        let resource = &self.all[*scope.get(name)?];
        let pointer = resource.anchors.get(name)?.clone();
        Some(Location { document: resource.document.clone(), pointer })
    }

    /// Every place where a dynamic anchor of that name is.
    pub(super) fn all_dynamic(&self, name: &str) -> Vec<Location> {
        let having = self.all.iter().filter(|resource| resource.dynamic.iter().any(|anchor| anchor == name));
        let place = |resource: &Resource| {
            let pointer = resource.anchors.get(name)?.clone();
            Some(Location { document: resource.document.clone(), pointer })
        };
        having.filter_map(place).collect()
    }
}
