//! Text to a tree that knows line and column; JSON Pointer; files behind [`Retrieve`].
//!
//! What belongs here: reading YAML and JSON, and finding one's way in what was read. Imports nothing of this
//! crate. Not here: any knowledge of OpenAPI or scenarios.

use std::sync::Arc;

use serde_json::Value;

/// A text and what it is called.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// A text under the name that messages use for it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), text: text.into() })
    }
    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..offset];
        (before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }
}

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One parsed text.
#[derive(Debug)]
pub struct Document {
    source: Arc<Source>,
    root: Value,
}

impl Document {
    /// STUB for the skeleton.
    pub fn read(source: Arc<Source>) -> Option<Document> {
        let root = serde_yaml::from_str(source.text()).ok()?;
        Some(Document { source, root })
    }
    /// The text it was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }
    /// The whole tree.
    pub fn root(&self) -> &Value {
        &self.root
    }
    /// The value that a JSON Pointer names.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }
    /// Where the value stands, or its nearest ancestor.
    pub fn span_near(&self, _pointer: &str) -> Span {
        Span::default()
    }
    /// Where its key stands.
    pub fn key_span(&self, _pointer: &str) -> Option<Span> {
        None
    }
}

/// A value in one of several documents.
#[derive(Clone, Debug)]
pub struct Location {
    /// The document it stands in.
    pub document: Arc<Document>,
    /// JSON Pointer to it, not percent-encoded.
    pub pointer: String,
}
/// stub
pub mod pointer {
    /// stub
    pub fn join(p: &str, t: &str) -> String {
        format!("{p}/{}", t.replace('~', "~0").replace('/', "~1"))
    }
}
/// stub
#[derive(Debug)]
pub struct Documents(Vec<Arc<Document>>);
impl Documents {
    /// stub
    pub fn root(&self) -> &Arc<Document> {
        &self.0[0]
    }
    /// stub
    pub fn all(&self) -> &[Arc<Document>] {
        &self.0
    }
    /// stub
    pub fn resolve(&self, _: &Document, r: &str) -> Result<Location, String> {
        Err(r.to_owned())
    }
}
