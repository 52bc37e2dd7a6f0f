//! A value of a document together with where it stands: the thing that all readers of this folder read from.

use serde_json::Value;
use std::sync::Arc;

use crate::document::{Document, Documents, Location, pointer};
use crate::finding::{Finding, Place};

/// How many `$ref`s in a row are followed before a chain counts as endless.
const MOST_HOPS: usize = 64;

/// A value and its place.
#[derive(Clone)]
pub(super) struct Element<'a> {
    documents: &'a Documents,
    document: &'a Arc<Document>,
    pointer: String,
    value: &'a Value,
}

impl<'a> Element<'a> {
    pub(super) fn root(documents: &'a Documents) -> Element<'a> {
        let document = documents.root();
        Element { documents, document, pointer: String::new(), value: document.root() }
    }

    /// The root of a document that was made of parts of one of these.
    pub(super) fn made(documents: &'a Documents, document: &'a Arc<Document>) -> Element<'a> {
        Element { documents, document, pointer: String::new(), value: document.root() }
    }

    /// The element that a location names, if it is there.
    pub(super) fn locate(documents: &'a Documents, at: &Location) -> Option<Element<'a>> {
        let document = documents.shared(&at.document)?;
        let value = document.at(&at.pointer)?;
        Some(Element { documents, document, pointer: at.pointer.clone(), value })
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// The JSON Pointer to it.
    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The document it is in.
    pub(super) fn document(&self) -> &'a Arc<Document> {
        self.document
    }

    pub(super) fn location(&self) -> Location {
        Location { document: self.document.clone(), pointer: self.pointer.clone() }
    }

    /// Where the value stands.
    pub(super) fn place(&self) -> Option<Place> {
        Some(Place::of(self.document, &self.pointer))
    }

    /// Where the value's key stands.
    pub(super) fn key_place(&self) -> Option<Place> {
        Some(Place::of_key(self.document, &self.pointer))
    }

    fn child(&self, token: &str, value: &'a Value) -> Element<'a> {
        Element { pointer: pointer::join(&self.pointer, token), value, ..self.clone() }
    }

    /// A member of an object; `None` when this is none, or has no such member.
    pub(super) fn member(&self, key: &str) -> Option<Element<'a>> {
        let value = self.value.as_object()?.get(key)?;
        Some(self.child(key, value))
    }

    /// The members of an object, in the order of the text; nothing when this is none.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a str, Element<'a>)> + use<'a> {
        let this = self.clone();
        let members = self.value.as_object().into_iter().flatten();
        members.map(move |(key, value)| (key.as_str(), this.child(key, value)))
    }

    /// The items of an array; nothing when this is none.
    pub(super) fn items(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let this = self.clone();
        let items = self.value.as_array().into_iter().flatten();
        items.enumerate().map(move |(index, value)| this.child(&index.to_string(), value))
    }

    /// A member that is a string.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// A member that is a boolean; `false` otherwise.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The value of an example that is in a file of its own.
    pub(super) fn elsewhere(&self, file: &str) -> Result<Element<'a>, Finding> {
        let found = self.documents.resolve(self.document, file);
        let lost = |why: &dyn std::fmt::Display, help: &str| {
            let place = self.member("externalValue").and_then(|member| member.place());
            Finding::new("example-external", format!("the value in `{file}` is not used: {why}")).at(place).help(help)
        };
        let at = found.map_err(|why| lost(&why, why.help()))?;
        Element::locate(self.documents, &at).ok_or_else(|| lost(&"it is not there", "put the file there"))
    }

    /// What a reference that is not under `$ref` leads to, if it leads anywhere.
    pub(super) fn referred(&self, reference: &str) -> Option<Element<'a>> {
        let at = self.documents.resolve(self.document, reference).ok()?;
        Element::locate(self.documents, &at)?.follow().ok()
    }

    /// This element, or what its `$ref` (and that one's, and so on) leads to.
    pub(super) fn follow(self) -> Result<Element<'a>, Finding> {
        let mut here = self;
        for _ in 0..MOST_HOPS {
            let Some(reference) = here.text("$ref") else { return Ok(here) };
            let at = here.documents.resolve(here.document, reference).map_err(|why| {
                // Looked up only here: a place costs more than a reference.
                let place = here.member("$ref").and_then(|member| member.place());
                Finding::new("dangling-ref", format!("`{reference}` leads nowhere: {why}")).at(place).help(why.help())
            })?;
            // What was resolved is there.
            here = Element::locate(here.documents, &at).unwrap_or(here);
        }
        Err(Finding::new(
            "dangling-ref",
            format!("a chain of more than {MOST_HOPS} references, or one that bites its own tail"),
        )
        .at(here.place())
        .help("let one of them say what is meant"))
    }
}
