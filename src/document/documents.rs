//! A document and the files that its references reach: where a reference leads. How they are read is in [`super::loading`].

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::reference::{Unresolved, decode, has_scheme, path_from, split};
use super::{Document, is_address, pointer, uri};

/// A value in one of several documents.
#[derive(Clone, Debug)]
pub struct Location {
    /// The document it stands in.
    pub document: Arc<Document>,
    /// JSON Pointer to it, not percent-encoded.
    pub pointer: String,
}

impl Location {
    /// The value; null where there is none, which [`Documents::resolve`] never gives.
    pub fn value(&self) -> &Value {
        self.document.at(&self.pointer).unwrap_or(&Value::Null)
    }

    /// The place of a member or an item of it.
    #[must_use = "a location is a value: keep what this returns"]
    pub fn join(&self, token: &str) -> Location {
        Location { document: self.document.clone(), pointer: pointer::join(&self.pointer, token) }
    }
}

/// A root document and every file that references reach from it, each read once.
#[derive(Debug)]
pub struct Documents {
    /// The root first; each knows its number.
    pub(super) all: Vec<Arc<Document>>,
    /// By path from the root's folder, or by address: which of `all`, or why it is none.
    pub(super) files: HashMap<String, Result<usize, Unresolved>>,
    /// By the address that a document gives itself.
    pub(super) named: HashMap<String, usize>,
}

impl Documents {
    /// One document alone; other files are not there.
    pub fn single(mut document: Document) -> Documents {
        let name = document.source().name();
        document.path = name.rsplit('/').next().unwrap_or(name).to_owned();
        document.own = own_address(document.root());
        let files = HashMap::from([(document.path.clone(), Ok(0))]);
        let named = document.own.iter().map(|own| (own.clone(), 0)).collect();
        Documents { all: vec![Arc::new(document)], files, named }
    }

    /// The document that was asked for.
    pub fn root(&self) -> &Arc<Document> {
        &self.all[0]
    }

    /// Every document that was read, the root first.
    pub fn all(&self) -> &[Arc<Document>] {
        &self.all
    }

    /// The same document, shared; `None` when it is none of these.
    pub fn shared(&self, document: &Document) -> Option<&Arc<Document>> {
        self.all.get(document.number).filter(|known| std::ptr::eq(Arc::as_ptr(known), document))
    }

    /// What a reference in one of these documents names.
    ///
    /// # Errors
    /// When it names nothing that is there, and why.
    pub fn resolve(&self, from: &Document, reference: &str) -> Result<Location, Unresolved> {
        let (file, fragment) = split(reference)?;
        let document = self.document(from, file)?.clone();
        if !fragment.is_empty() && !fragment.starts_with('/') && !fragment.starts_with("%2F") {
            return Err(Unresolved::Anchor { name: fragment.to_owned() });
        }
        let decoded = decode(fragment)?;
        if document.at(&decoded).is_some() {
            return Ok(Location { document, pointer: decoded });
        }
        // Authors forget to encode a `%` that is a part of a key.
        if document.at(fragment).is_some() {
            return Ok(Location { document, pointer: fragment.to_owned() });
        }
        let (near, missing) = nearest(&document, &decoded);
        Err(Unresolved::Dangling { near: Location { document, pointer: near }, missing })
    }

    /// The document that a reference without its fragment names: by the address that it gives itself, else by where it lies.
    fn document(&self, from: &Document, file: &str) -> Result<&Arc<Document>, Unresolved> {
        if file.is_empty() {
            // A document that nobody wrote speaks of the one that it is made of.
            let written = || self.all.get(from.number).filter(|_| from.made_of.is_some());
            return self.shared(from).or_else(written).ok_or_else(|| unread(from.path.clone()));
        }
        if let Some(index) = self.named_by(from, file) {
            return Ok(&self.all[index]);
        }
        let path = path_of(from, file)?;
        match self.files.get(&path) {
            Some(Ok(index)) => Ok(&self.all[*index]),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(unread(path)),
        }
    }

    /// Which document gives itself the address that a reference names.
    fn named_by(&self, from: &Document, file: &str) -> Option<usize> {
        if self.named.is_empty() {
            return None;
        }
        let whole = || uri::join(from.own.as_deref().unwrap_or(&from.path), file);
        let address = if has_scheme(file) { file.to_owned() } else { whole() };
        self.named.get(&address).copied()
    }
}

fn unread(path: String) -> Unresolved {
    if is_address(&path) {
        return Unresolved::Remote { address: path };
    }
    Unresolved::Unavailable { path, reason: "it was not read with the document".to_owned() }
}

/// The address that a document gives itself, without a fragment: `$self` of OpenAPI 3.2, `$id` of a schema.
pub(super) fn own_address(root: &Value) -> Option<String> {
    let said = root.get("$self").or_else(|| root.get("$id"))?.as_str()?;
    let address = said.split('#').next().unwrap_or(said);
    has_scheme(address).then(|| address.to_owned())
}

/// Where the text is that a reference names: beside the file that refers to it, or at an address.
///
/// What lies beside a document that gives itself an address is taken for what lies beside that address: so the reference
/// `https://example.com/api/pets.yaml` in a document that calls itself `https://example.com/api/openapi.yaml` is to the file
/// `pets.yaml` beside it.
pub(super) fn path_of(from: &Document, file: &str) -> Result<String, Unresolved> {
    let beside = || {
        let own = from.own.as_deref().filter(|_| has_scheme(file))?;
        let folder = own.rfind('/').and_then(|end| own.get(..=end)).filter(|folder| !folder.ends_with("//"))?;
        file.strip_prefix(folder).filter(|rest| !rest.is_empty() && !rest.starts_with('/'))
    };
    path_from(&from.path, beside().unwrap_or(file))
}

/// The longest part of a pointer that names something, and the token after it.
fn nearest(document: &Document, wanted: &str) -> (String, String) {
    let mut near = String::new();
    for token in pointer::tokens(wanted) {
        let next = pointer::join(&near, &token);
        if document.at(&next).is_none() {
            return (near, token.into_owned());
        }
        near = next;
    }
    (near, String::new())
}
