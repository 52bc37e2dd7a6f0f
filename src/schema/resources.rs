//! Schemas with addresses and names of their own: `$id`, `$anchor`, `$dynamicAnchor` (JSON Schema 2020-12 core, 8.2).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::document::{Document, Location, pointer};

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
        let mut resources = Resources { all: Vec::new(), shared: Vec::new() };
        for document in documents {
            let address = format!("file:///{}", document.source().name());
            let root = resources.add(document, "", address);
            resources.search(document, document.root(), &mut String::new(), root, 0);
        }
        let mut names: Vec<_> = resources.all.iter().flat_map(|resource| resource.dynamic.iter().cloned()).collect();
        names.sort();
        resources.shared =
            names.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0].clone()).collect();
        resources
    }

    fn add(&mut self, document: &Arc<Document>, pointer: &str, address: String) -> usize {
        let (document, pointer) = (document.clone(), pointer.to_owned());
        self.all.push(Resource { document, pointer, address, anchors: HashMap::new(), dynamic: Vec::new() });
        self.all.len() - 1
    }

    fn search(&mut self, document: &Arc<Document>, value: &Value, at: &mut String, inside: usize, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let mut inside = inside;
        if let Value::Object(members) = value {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            if let Some(id) = text("$id") {
                let address = join(&self.all[inside].address, id.split('#').next().unwrap_or(id));
                inside = self.add(document, at, address);
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

    /// What a reference names, where a resource or a name is concerned; `None` where the documents know better.
    pub(super) fn resolve(&self, at: &Location, reference: &str) -> Option<Result<Location, String>> {
        let base = &self.all[self.holding(at)?];
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = match address {
            "" => base,
            address => {
                let wanted = join(&base.address, address);
                self.all.iter().find(|resource| resource.address == wanted)?
            }
        };
        let fragment = percent_decode_str(fragment).decode_utf8_lossy();
        let inside = match fragment.as_ref() {
            "" => Some(String::new()),
            path if path.starts_with('/') => {
                // In the root of the same document, the documents find it, and tell better what is missing.
                if resource.pointer.is_empty() && address.is_empty() {
                    return None;
                }
                Some(path.to_owned())
            }
            name => {
                let found = resource.anchors.get(name).map(|pointer| pointer[resource.pointer.len()..].to_owned());
                if found.is_none() {
                    return Some(Err(format!("leads nowhere: there is no anchor `{name}`")));
                }
                found
            }
        };
        let pointer = format!("{}{}", resource.pointer, inside?);
        let found = resource.document.at(&pointer).is_some();
        let location = Location { document: resource.document.clone(), pointer };
        Some(if found { Ok(location) } else { Err(format!("leads nowhere: there is no `{}`", location.pointer)) })
    }

    /// The innermost resource that a place is in.
    fn holding(&self, at: &Location) -> Option<usize> {
        let holds = |resource: &Resource| {
            let rest = at.pointer.strip_prefix(resource.pointer.as_str());
            Arc::ptr_eq(&resource.document, &at.document)
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let holding = self.all.iter().enumerate().filter(|(_, resource)| holds(resource));
        holding.max_by_key(|(_, resource)| resource.pointer.len()).map(|(index, _)| index)
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

/// A reference resolved against an address, as far as schemas need it (RFC 3986, 5.2).
fn join(base: &str, reference: &str) -> String {
    let scheme = |text: &str| text.find(':').filter(|end| !text[..*end].contains('/'));
    if scheme(reference).is_some() || reference.is_empty() {
        return if reference.is_empty() { base } else { reference }.to_owned();
    }
    let after_scheme = scheme(base).map_or(0, |end| end + 1);
    let rest = &base[after_scheme..];
    let authority = match rest.strip_prefix("//") {
        Some(rest) => after_scheme + 2 + rest.find('/').unwrap_or(rest.len()),
        None => after_scheme,
    };
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{}//{rest}", &base[..after_scheme]);
    }
    let folder = if reference.starts_with('/') {
        ""
    } else {
        base[authority..].rfind('/').map_or("/", |end| &base[authority..=authority + end])
    };
    let mut segments: Vec<&str> = Vec::new();
    let path = format!("{folder}{reference}");
    for segment in path.trim_start_matches('/').split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let slash = if authority > after_scheme || path.starts_with('/') { "/" } else { "" };
    format!("{}{slash}{}", &base[..authority], segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn addresses_are_joined() {
        let base = "https://example.com/schemas/tree.json";
        assert_eq!(join(base, "node.json"), "https://example.com/schemas/node.json");
        assert_eq!(join(base, "../x"), "https://example.com/x");
        assert_eq!(join(base, "/y/./z"), "https://example.com/y/z");
        assert_eq!(join(base, "urn:tree"), "urn:tree");
        assert_eq!(join(base, "//other/a"), "https://other/a");
        assert_eq!(join(base, ""), base);
        assert_eq!(join("https://example.com", "a"), "https://example.com/a");
        assert_eq!(join("file:///api.yaml", "tree"), "file:///tree");
    }
}
