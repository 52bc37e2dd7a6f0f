//! A document and the files that its references reach.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::problem::{Problem, ProblemKind};
use super::reference::{Unresolved, decode, path_from, split};
use super::{Document, Refusal, Retrieve, Source, Span, limits, pointer};

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
    /// The root first.
    all: Vec<Arc<Document>>,
    /// By path from the root's folder: which of `all`, or why it is none.
    files: HashMap<String, Result<usize, Unresolved>>,
}

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// `None` where the root is no tree.
    pub documents: Option<Documents>,
    /// What is wrong with the texts, file by file.
    ///
    /// A reference that leads nowhere is no problem yet: it may be a part of an example. [`Documents::resolve`] tells.
    pub problems: Vec<(Arc<Source>, Problem)>,
}

impl Documents {
    /// Reads the document called `name` and every file that a `$ref` in it reaches, and so on.
    ///
    /// `retrieve` is asked for paths from the folder that `name` is in; messages put that folder before them.
    pub fn load(name: &str, retrieve: &dyn Retrieve) -> Loaded {
        let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
        let (folder, file) = name.split_at(name.rfind(separators).map_or(0, |at| at + 1));
        let mut loading =
            Loading { folder, retrieve, all: Vec::new(), files: HashMap::new(), problems: Vec::new(), bytes: 0 };
        let mut queue = VecDeque::from([file.to_owned()]);
        while let Some(path) = queue.pop_front() {
            if loading.files.contains_key(&path) {
                continue;
            }
            let read = loading.read(&path);
            if let Ok(index) = read {
                queue.extend(loading.all.get(index).into_iter().flat_map(|document| reached(document)));
            }
            let root_failed = loading.all.is_empty();
            loading.files.insert(path, read);
            if root_failed {
                break;
            }
        }
        let Loading { all, files, problems, .. } = loading;
        Loaded { documents: (!all.is_empty()).then_some(Documents { all, files }), problems }
    }

    /// One document alone; other files are not there.
    pub fn single(mut document: Document) -> Documents {
        let name = document.source().name();
        document.path = name.rsplit('/').next().unwrap_or(name).to_owned();
        let files = HashMap::from([(document.path.clone(), Ok(0))]);
        Documents { all: vec![Arc::new(document)], files }
    }

    /// The document that was asked for.
    pub fn root(&self) -> &Arc<Document> {
        &self.all[0]
    }

    /// Every document that was read, the root first.
    pub fn all(&self) -> &[Arc<Document>] {
        &self.all
    }

    /// What a reference in one of these documents names.
    ///
    /// # Errors
    /// When it names nothing that is there, and why.
    pub fn resolve(&self, from: &Document, reference: &str) -> Result<Location, Unresolved> {
        let (file, fragment) = split(reference)?;
        let path = if file.is_empty() { from.path.clone() } else { path_from(&from.path, file)? };
        let document = match self.files.get(&path) {
            Some(Ok(index)) => self.all.get(*index),
            Some(Err(reason)) => return Err(reason.clone()),
            None => None,
        };
        let Some(document) = document.cloned() else {
            return Err(Unresolved::Unavailable { path, reason: "it was not read with the document".to_owned() });
        };
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
}

struct Loading<'l> {
    folder: &'l str,
    retrieve: &'l dyn Retrieve,
    all: Vec<Arc<Document>>,
    files: HashMap<String, Result<usize, Unresolved>>,
    problems: Vec<(Arc<Source>, Problem)>,
    bytes: usize,
}

impl Loading<'_> {
    /// Reads one file; tells its problems, if it is the root or named like a document.
    fn read(&mut self, path: &str) -> Result<usize, Unresolved> {
        let unavailable = |reason: String| Unresolved::Unavailable { path: path.to_owned(), reason };
        if self.all.len() >= limits::FILES || self.bytes >= limits::ALL_FILES {
            return Err(unavailable("the document is spread over too many files".to_owned()));
        }
        let name = format!("{}{path}", self.folder);
        let text = match self.retrieve.get(path) {
            Ok(text) => text,
            Err(refusal) => {
                if self.all.is_empty() {
                    let message = match &refusal {
                        Refusal::Outside => "cannot be read: it lies outside of its folder".to_owned(),
                        Refusal::Failed(reason) => format!("cannot be read: {reason}"),
                    };
                    let problem = Problem::new(ProblemKind::Unavailable, Span::default(), message);
                    self.problems.push((Source::new(name, ""), problem));
                }
                return Err(match refusal {
                    Refusal::Outside => Unresolved::Outside { path: path.to_owned() },
                    Refusal::Failed(reason) => unavailable(reason),
                });
            }
        };
        self.bytes += text.len();
        let source = Source::new(name, text);
        let read = Document::read(source.clone());
        let broken = read.problems.last().map_or_else(String::new, |problem| {
            let (line, column) = source.line_column(problem.span.start);
            format!("{line}:{column}: {}", problem.message)
        });
        // An example may refer to anything, a picture too: what is not named like a document is not judged as one.
        let ending = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        if self.all.is_empty() || matches!(ending.as_str(), "yaml" | "yml" | "json") {
            self.problems.extend(read.problems.into_iter().map(|problem| (source.clone(), problem)));
        }
        let Some(mut document) = read.document else { return Err(unavailable(broken)) };
        path.clone_into(&mut document.path);
        self.all.push(Arc::new(document));
        Ok(self.all.len() - 1)
    }
}

/// The paths of the other files that a document refers to.
fn reached(document: &Document) -> Vec<String> {
    let mut paths = Vec::new();
    let mut open = vec![document.root()];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(reference) if key == "$ref" && !reference.starts_with('#') => {
                            let path = split(reference).and_then(|(file, _)| path_from(&document.path, file));
                            paths.extend(path.ok());
                        }
                        Value::Object(_) | Value::Array(_) => open.push(member),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths
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
