//! Reading a tree by hand, place by place: for formats that are small and owe their author good messages.

use std::borrow::Cow;

use serde_json::Value;

use super::{Document, Span};

/// A value in a document, and its place. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    document: &'a Document,
    value: &'a Value,
    entry: usize,
}

impl<'a> Node<'a> {
    pub(super) fn new(document: &'a Document, value: &'a Value, entry: usize) -> Node<'a> {
        Node { document, value, entry }
    }

    /// The document it is in.
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// The value, by the core schema of YAML 1.2.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.document.marks().get(self.entry).map(|mark| mark.span()).unwrap_or_default()
    }

    /// Where its key stands, if it has one.
    pub fn key_span(&self) -> Option<Span> {
        self.document.marks().get(self.entry)?.key_span()
    }

    /// The text of a scalar: as written where it is plain (`2`, `1.50`, `on`), decoded where it is quoted or a block.
    ///
    /// What is left out (`key:` and nothing more) is the empty text, and its value is null. `None` for mappings and lists.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self.value {
            Value::Object(_) | Value::Array(_) => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            // Quotes here mean a tag: `!!int "3"`.
            _ => Some(Cow::Borrowed(self.document.source().slice(self.span()).trim_matches(['"', '\'']))),
        }
    }

    /// The members of a mapping: key, where the key stands, value. Nothing for any other value.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, Span, Node<'a>)> + use<'a> {
        let (document, members) = (self.document, self.value.as_object());
        document.marks().children(self.entry).zip(members.into_iter().flatten()).map(move |(entry, (key, value))| {
            let node = Node::new(document, value, entry);
            (key.as_str(), node.key_span().unwrap_or_default(), node)
        })
    }

    /// The member of a mapping with this key.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.members().find(|(name, ..)| *name == key).map(|(.., node)| node)
    }

    /// The items of a list. Nothing for any other value.
    pub fn items(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let (document, items) = (self.document, self.value.as_array());
        document
            .marks()
            .children(self.entry)
            .zip(items.into_iter().flatten())
            .map(move |(entry, value)| Node::new(document, value, entry))
    }

    /// The JSON Pointer to it.
    pub fn pointer(&self) -> String {
        self.document.marks().pointer(self.document.root(), self.entry)
    }
}
