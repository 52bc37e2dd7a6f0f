//! Reading a document and every file that it refers to, each once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::documents::{own_address, path_of};
use super::problem::{Problem, ProblemKind};
use super::reference::{Unresolved, path_from, split};
use super::{Document, Documents, Refusal, Retrieve, Source, Span, is_address, limits};

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
    /// Reads the document called `name` and every file that it refers to, and so on: with `$ref`, with the `mapping` and the
    /// `defaultMapping` of a discriminator, with the `externalValue` of an example.
    ///
    /// `name` is a path or an address. `retrieve` is asked for paths from the folder that `name` is in, and for whole addresses;
    /// messages put that folder before paths. What is on a network is asked for last: a file may call itself by that address.
    pub fn load(name: &str, retrieve: &dyn Retrieve) -> Loaded {
        let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
        let folder = if is_address(name) { 0 } else { name.rfind(separators).map_or(0, |at| at + 1) };
        let (folder, file) = name.split_at(folder);
        let documents = Documents { all: Vec::new(), files: HashMap::new(), named: HashMap::new() };
        let mut loading = Loading { folder, retrieve, documents, problems: Vec::new(), bytes: 0 };
        let mut near = VecDeque::from([file.to_owned()]);
        let mut far = VecDeque::new();
        while let Some(path) = near.pop_front().or_else(|| far.pop_front()) {
            let Documents { files, named, .. } = &loading.documents;
            if files.contains_key(&path) || named.contains_key(&path) {
                continue;
            }
            let read = loading.read(&path);
            if let Ok(index) = read {
                for reached in reached(&loading.documents.all[index]) {
                    if is_address(&reached) { far.push_back(reached) } else { near.push_back(reached) }
                }
            }
            let root_failed = loading.documents.all.is_empty();
            loading.documents.files.insert(path, read);
            if root_failed {
                break;
            }
        }
        let Loading { documents, problems, .. } = loading;
        Loaded { documents: (!documents.all.is_empty()).then_some(documents), problems }
    }
}

struct Loading<'l> {
    folder: &'l str,
    retrieve: &'l dyn Retrieve,
    documents: Documents,
    problems: Vec<(Arc<Source>, Problem)>,
    bytes: usize,
}

impl Loading<'_> {
    /// Reads one file; tells its problems, if it is the root or named like a document.
    fn read(&mut self, path: &str) -> Result<usize, Unresolved> {
        let unavailable = |reason: String| Unresolved::Unavailable { path: path.to_owned(), reason };
        let all = &mut self.documents.all;
        if all.len() >= limits::FILES || self.bytes >= limits::ALL_FILES {
            return Err(unavailable("the document is spread over too many files".to_owned()));
        }
        let name = if is_address(path) { path.to_owned() } else { format!("{}{path}", self.folder) };
        let text = match self.retrieve.get(path) {
            Ok(text) => text,
            Err(refusal) => {
                if all.is_empty() {
                    let message = match &refusal {
                        Refusal::Outside => "cannot be read: it lies outside of its folder".to_owned(),
                        Refusal::Remote => "is on a network, and is not fetched".to_owned(),
                        Refusal::Failed(reason) => format!("cannot be read: {reason}"),
                    };
                    let problem = Problem::new(ProblemKind::Unavailable, Span::default(), message);
                    self.problems.push((Source::new(name, ""), problem));
                }
                return Err(match refusal {
                    Refusal::Outside => Unresolved::Outside { path: path.to_owned() },
                    Refusal::Remote => Unresolved::Remote { address: path.to_owned() },
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
        if all.is_empty() || matches!(ending.as_str(), "yaml" | "yml" | "json") {
            self.problems.extend(read.problems.into_iter().map(|problem| (source.clone(), problem)));
        }
        let Some(mut document) = read.document else { return Err(unavailable(broken)) };
        path.clone_into(&mut document.path);
        document.number = all.len();
        document.own = own_address(document.root());
        if let Some(own) = &document.own {
            // The first of two that call themselves alike keeps the name; the other is found by where it lies.
            self.documents.named.entry(own.clone()).or_insert(document.number);
        }
        all.push(Arc::new(document));
        Ok(all.len() - 1)
    }
}

/// Where the other texts are that a document refers to, in a steady order.
fn reached(document: &Document) -> Vec<String> {
    let mut paths = Vec::new();
    // Rare, and not to be looked for in each of a million objects.
    let has_ids = document.source().text().contains("$id");
    // Beside each value the path that relative references in it start from, where a schema around it has an `$id`.
    let mut open: Vec<(&Value, Option<String>)> = vec![(document.root(), None)];
    while let Some((value, base)) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, base.clone()))),
            Value::Object(members) => {
                let id = has_ids.then(|| members.get("$id")).flatten();
                let id = id.and_then(Value::as_str).map(|id| id.split('#').next().unwrap_or(id));
                let from = base.as_deref().unwrap_or(&document.path);
                // An `$id` on a network is a name only: what it refers to lies beside the file.
                let here = |path: &String| !is_address(path) || is_address(&document.path);
                let base = id.and_then(|id| path_from(from, id).ok()).filter(here).or(base);
                for (key, member) in members {
                    if key == "mapping" && members.contains_key("propertyName") {
                        // A name of a schema of this document looks like a file without a folder and an ending.
                        let tags = member.as_object().into_iter().flat_map(|tags| tags.values());
                        let files = tags.filter_map(Value::as_str).filter(|to| to.contains(['/', '.', '#']));
                        files.for_each(|to| reach(document, base.as_deref(), to, &mut paths));
                    }
                    if key == "security" {
                        // A scheme may be named by reference, since OpenAPI 3.2.
                        let names =
                            member.as_array().into_iter().flatten().filter_map(Value::as_object).flat_map(Map::keys);
                        let files = names.filter(|name| name.contains('#'));
                        files.for_each(|to| reach(document, base.as_deref(), to, &mut paths));
                    }
                    match member {
                        // As there.
                        Value::String(to)
                            if key == "defaultMapping"
                                && members.contains_key("propertyName")
                                && to.contains(['/', '.', '#']) =>
                        {
                            reach(document, base.as_deref(), to, &mut paths);
                        }
                        Value::String(reference)
                            if matches!(key.as_str(), "$ref" | "$dynamicRef" | "externalValue") =>
                        {
                            reach(document, base.as_deref(), reference, &mut paths);
                        }
                        Value::Object(_) | Value::Array(_) => open.push((member, base.clone())),
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

fn reach(document: &Document, base: Option<&str>, reference: &str, paths: &mut Vec<String>) {
    let Ok((file, _)) = split(reference) else { return };
    if !file.is_empty() {
        paths.extend(path_of(document, file).ok());
        paths.extend(base.and_then(|base| path_from(base, file).ok()));
    }
}
