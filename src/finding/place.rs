//! Where in a text something stands.

use std::fmt;
use std::sync::Arc;

use crate::document::{Document, Source, Span};

/// A stretch of a source text. Cheap to clone; turned into line and column only when printed.
#[derive(Clone, Debug)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The stretch of it, in bytes.
    pub span: Span,
}

impl Place {
    /// The place of the value that `pointer` names, or of its nearest ancestor that exists.
    pub fn of(document: &Document, pointer: &str) -> Place {
        Place { source: document.source().clone(), span: document.span_near(pointer) }
    }

    /// The place of the key under which the value that `pointer` names stands; of the value, where it has no key.
    pub fn of_key(document: &Document, pointer: &str) -> Place {
        let span = document.key_span(pointer).unwrap_or_else(|| document.span_near(pointer));
        Place { source: document.source().clone(), span }
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        self.source.line_column(self.span.start)
    }
}

/// `file:line:column`.
impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(out, "{}:{line}:{column}", self.source.name())
    }
}
