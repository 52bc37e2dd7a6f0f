//! One text, read.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::marks::Marks;
use super::problem::{Problem, ProblemKind};
use super::{Node, Source, Span, is_address, json, limits, made, pointer, uri, yaml};

/// One parsed text. Immutable; shared behind an `Arc`.
#[derive(Debug)]
pub struct Document {
    pub(super) source: Arc<Source>,
    pub(super) root: Value,
    /// For JSON found when the first place is asked for.
    pub(super) marks: OnceLock<Marks>,
    /// What it was made of, where nobody wrote it.
    pub(super) made_of: Option<made::Source>,
    /// Its path from the folder of the root document, where it is one of several.
    pub(super) path: String,
    /// Which of several it is.
    pub(super) number: usize,
    /// The address that it gives itself (`$self`, or `$id` at its root), without a fragment.
    pub(super) own: Option<String>,
}

/// What came of reading a text.
#[derive(Debug)]
pub struct Read {
    /// The tree; `None` where the text is no tree. It may be there in spite of problems.
    pub document: Option<Document>,
    /// What is wrong, in the order in which it was seen; at most about a hundred.
    pub problems: Vec<Problem>,
}

impl Document {
    /// Reads a text, YAML or JSON by its looks.
    ///
    /// Never panics, and needs little stack; what is too deep or grows too large is a problem.
    pub fn read(source: Arc<Source>) -> Read {
        let text = source.text();
        if text.len() > limits::TEXT {
            let message = format!("the text is longer than {} MiB", limits::TEXT >> 20);
            return Read { document: None, problems: vec![Problem::new(ProblemKind::Limit, Span::default(), message)] };
        }
        let looks_json = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with(['{', '[']);
        let (root, marks, problems) = if looks_json { read_json(&source) } else { read_yaml(text) };
        let document = root.map(|root| {
            let (made_of, path, number, own) = (None, String::new(), 0, None);
            Document { source, root, marks, made_of, path, number, own }
        });
        Read { document, problems }
    }

    /// The text it was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// What its text is called where it is one of several: its path from the folder of the root document, or its address on a
    /// network.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address that references in it start from: the one that it gives itself, that on a network, or one made up for its file.
    pub fn address(&self) -> String {
        match &self.own {
            Some(own) => own.clone(),
            None if is_address(&self.path) => self.path.clone(),
            // So far down that `..` does not run out.
            None => uri::join(&format!("file:///{}", "_/".repeat(16)), &self.path),
        }
    }

    /// The whole tree.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The value that a JSON Pointer names.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        pointer::find(&self.root, pointer)
    }

    /// The whole tree, for typed reading.
    pub fn node(&self) -> Node<'_> {
        Node::new(self, &self.root, 0)
    }

    /// The value that a JSON Pointer names, for typed reading.
    pub fn node_at(&self, pointer: &str) -> Option<Node<'_>> {
        let (entry, value, exact) = self.marks().find(&self.root, pointer);
        exact.then(|| Node::new(self, value, entry))
    }

    /// Where the value that a pointer names stands, or its nearest ancestor that exists.
    ///
    /// What came through an alias stands where its anchor is.
    pub fn span_near(&self, pointer: &str) -> Span {
        let (entry, ..) = self.marks().find(&self.root, pointer);
        self.marks().get(entry).map(|mark| mark.span()).unwrap_or_default()
    }

    /// Where its key stands, quotes included; `None` for items, the root, and what does not exist.
    pub fn key_span(&self, pointer: &str) -> Option<Span> {
        let (entry, _, exact) = self.marks().find(&self.root, pointer);
        if exact { self.marks().get(entry)?.key_span() } else { None }
    }

    pub(super) fn marks(&self) -> &Marks {
        self.marks.get_or_init(|| match &self.made_of {
            Some(made_of) => made_of.marks(&self.root),
            None => json::marks(self.source.text(), None),
        })
    }
}

type Parts = (Option<Value>, OnceLock<Marks>, Vec<Problem>);

fn read_yaml(text: &str) -> Parts {
    let loaded = yaml::load(text);
    (loaded.root, OnceLock::from(loaded.marks), loaded.problems)
}

fn read_json(source: &Source) -> Parts {
    let text = source.text();
    let failure = match json::parse(text) {
        Ok(parsed) => {
            let (marks, mut problems) = (OnceLock::new(), Vec::new());
            if parsed.duplicates {
                // Rare enough to pay for the table of places at once.
                let _ = marks.set(json::marks(text, Some(&mut problems)));
            }
            return (Some(parsed.root), marks, problems);
        }
        Err(failure) if failure.problem.kind == ProblemKind::Limit => {
            return (None, OnceLock::new(), vec![failure.problem]);
        }
        Err(failure) => failure,
    };
    // `{a: 1}` is YAML. What is named `.json` should be JSON all the same, and is told so.
    let (root, marks, mut problems) = read_yaml(text);
    let named = |ending: &str| {
        source
            .name()
            .get(source.name().len().saturating_sub(ending.len())..)
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    let quoted_keys = text
        .trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .trim_start_matches(['{', '[', ' ', '\t', '\r', '\n'])
        .starts_with('"');
    let meant_json = named(".json") || (root.is_none() && quoted_keys && !named(".yaml") && !named(".yml"));
    if meant_json && !(root.is_some() && failure.only_a_number) {
        if root.is_none() {
            problems.clear();
        }
        problems.insert(0, failure.problem);
    }
    (root, marks, problems)
}
