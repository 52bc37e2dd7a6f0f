//! The file that corrects what is inferred, and holds what is there from the start.
//!
//! ```yaml
//! collections:
//!   invitations: { id: id, unique: [email], keep: true }
//! operations:
//!   list_my_pending_invitations: { lists: invitations }
//!   respond_to_invitation: { agreed: { status: accepted }, refused: { status: declined }, takes: false, makes: members }
//!   upload_photo: { as: document }
//! seed:
//!   /api/v1/org/acme/members:
//!     - { email_address: ada@example.com, role: owner }
//! ```

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::document::{Document, Node, ProblemKind, Source, Span};
use crate::finding::{Finding, Place, did_you_mean};

/// The longest file, in bytes.
const LONGEST: usize = 4 << 20;

/// What a file says: corrections, and items that are there from the start. Empty: nothing was said.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub(super) collections: Vec<Of<CollectionSays>>,
    pub(super) operations: Vec<Of<OperationSays>>,
    /// Items that are there from the start.
    pub(super) seeds: Vec<Seeds>,
}

/// What is said of something that has a name.
#[derive(Clone, Debug)]
pub(super) struct Of<T> {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) says: T,
}

#[derive(Clone, Debug, Default)]
pub(super) struct CollectionSays {
    pub(super) id: Option<String>,
    pub(super) unique: Option<Vec<String>>,
    pub(super) keep: Option<bool>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct OperationSays {
    /// It is answered as the document says.
    pub(super) document: bool,
    /// The collection that it lists.
    pub(super) lists: Option<String>,
    pub(super) agreed: Option<Map<String, Value>>,
    pub(super) refused: Option<Map<String, Value>>,
    pub(super) takes: Option<bool>,
    pub(super) makes: Option<String>,
}

/// Items of one collection under one parent that are there from the start.
#[derive(Clone, Debug)]
pub(super) struct Seeds {
    /// The collection's name, or its path with values in it.
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) items: Vec<(Value, Place)>,
}

const FILE: [&str; 3] = ["collections", "operations", "seed"];
const COLLECTION: [&str; 3] = ["id", "unique", "keep"];
const OPERATION: [&str; 6] = ["as", "lists", "agreed", "refused", "takes", "makes"];

impl World {
    /// Reads a file. `None` when anything in it is an error.
    pub fn read(source: &Arc<Source>) -> (Option<World>, Vec<Finding>) {
        let mut reader = Reader { findings: Vec::new() };
        if source.text().len() > LONGEST {
            let place = Place { source: source.clone(), span: Span::default() };
            let sentence = format!("a file of more than {} MiB", LONGEST >> 20);
            let finding = Finding::new("limits", sentence).at(Some(place)).help("make up fewer items");
            return (None, vec![finding]);
        }
        let read = Document::read(source.clone());
        for problem in &read.problems {
            let rule = match problem.kind {
                ProblemKind::DuplicateKey => "duplicate-key",
                ProblemKind::Limit => "limits",
                _ => "syntax",
            };
            let place = Place { source: source.clone(), span: problem.span };
            let mut finding = Finding::new(rule, problem.message.clone()).at(Some(place));
            finding.help.clone_from(&problem.help);
            reader.findings.push(finding.as_severity(crate::finding::Severity::Error));
        }
        let world = read.document.map(|document| reader.world(document.node()));
        (world.filter(|_| reader.findings.is_empty()), reader.findings)
    }
}

struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn wrong(&mut self, node: Node<'_>, sentence: String, help: &str) {
        self.findings.push(Finding::new("stateful-value", sentence).at(Some(place(node))).help(help));
    }

    /// The members of a mapping, each with a key that it may have.
    fn members<'a>(&mut self, node: Node<'a>, what: &str, known: &[&'static str]) -> Vec<(&'a str, Node<'a>)> {
        if !node.value().is_object() {
            self.wrong(node, format!("{what} is a mapping"), "write its keys on the lines below, indented");
            return Vec::new();
        }
        let (mut members, all) = (Vec::new(), node.members());
        for (key, span, value) in all {
            if known.is_empty() || known.contains(&key) {
                members.push((key, value));
                continue;
            }
            let help = match did_you_mean(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its keys are {}", known.join(", ")),
            };
            let at = Place { source: node.document().source().clone(), span };
            self.findings
                .push(Finding::new("stateful-key", format!("{what} has no key `{key}`")).at(Some(at)).help(help));
        }
        members
    }

    fn world(&mut self, root: Node<'_>) -> World {
        let mut world = World::default();
        for (key, node) in self.members(root, "the file", &FILE) {
            match key {
                "collections" => {
                    for (name, node) in self.members(node, "`collections`", &[]) {
                        let says = self.collection(node);
                        world.collections.push(Of { name: name.to_owned(), place: key_place(node), says });
                    }
                }
                "operations" => {
                    for (name, node) in self.members(node, "`operations`", &[]) {
                        let says = self.operation(node);
                        world.operations.push(Of { name: name.to_owned(), place: key_place(node), says });
                    }
                }
                _ => {
                    for (path, node) in self.members(node, "`seed`", &[]) {
                        let items = self.list(node, path);
                        world.seeds.push(Seeds { path: path.to_owned(), place: key_place(node), items });
                    }
                }
            }
        }
        world
    }

    fn collection(&mut self, node: Node<'_>) -> CollectionSays {
        let mut says = CollectionSays::default();
        for (key, value) in self.members(node, "a collection", &COLLECTION) {
            match key {
                "id" => says.id = self.text(value, key),
                "keep" => says.keep = self.flag(value, key),
                _ => says.unique = self.names(value, key),
            }
        }
        says
    }

    fn operation(&mut self, node: Node<'_>) -> OperationSays {
        let mut says = OperationSays::default();
        for (key, value) in self.members(node, "an operation", &OPERATION) {
            match key {
                "as" => match self.text(value, key).as_deref() {
                    Some("document") => says.document = true,
                    Some(_) => {
                        self.wrong(value, "`as` takes `document`".to_owned(), "write `as: document`, or leave it out")
                    }
                    None => {}
                },
                "lists" => says.lists = self.text(value, key),
                "makes" => says.makes = self.text(value, key),
                "takes" => says.takes = self.flag(value, key),
                "agreed" => says.agreed = self.values(value, key),
                _ => says.refused = self.values(value, key),
            }
        }
        says
    }

    fn text(&mut self, node: Node<'_>, key: &str) -> Option<String> {
        let text = node.text().filter(|text| !text.is_empty()).map(|text| text.into_owned());
        if text.is_none() {
            self.wrong(node, format!("`{key}` takes a name"), "write one behind it");
        }
        text
    }

    fn flag(&mut self, node: Node<'_>, key: &str) -> Option<bool> {
        let flag = node.value().as_bool();
        if flag.is_none() {
            self.wrong(node, format!("`{key}` takes `true` or `false`"), "write one of them");
        }
        flag
    }

    fn names(&mut self, node: Node<'_>, key: &str) -> Option<Vec<String>> {
        let names: Option<Vec<String>> = node
            .value()
            .as_array()
            .map(|items| items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect());
        if names.is_none() {
            self.wrong(node, format!("`{key}` takes a list of members"), "write `[email]`, or `[]` for none");
        }
        names
    }

    fn values(&mut self, node: Node<'_>, key: &str) -> Option<Map<String, Value>> {
        let values = node.value().as_object().cloned();
        if values.is_none() {
            self.wrong(node, format!("`{key}` takes members and their values"), "write `{ status: accepted }`");
        }
        values
    }

    fn list(&mut self, node: Node<'_>, path: &str) -> Vec<(Value, Place)> {
        if !node.value().is_array() {
            self.wrong(node, format!("`{path}` takes a list of items"), "begin each with `- `");
        }
        let mut items = Vec::new();
        for item in node.items() {
            if item.value().is_object() {
                items.push((item.value().clone(), place(item)));
            } else {
                self.wrong(item, "an item is a mapping: members and their values".to_owned(), "write its members");
            }
        }
        items
    }
}

fn place(node: Node<'_>) -> Place {
    Place { source: node.document().source().clone(), span: node.span() }
}

fn key_place(node: Node<'_>) -> Place {
    let span = node.key_span().unwrap_or(node.span());
    Place { source: node.document().source().clone(), span }
}

#[cfg(test)]
mod tests {
    use super::World;
    use crate::document::Source;

    fn told(text: &str) -> String {
        let (world, findings) = World::read(&Source::new("world.yaml", text));
        let findings = findings.iter().map(|finding| {
            let place = finding.place.as_ref().map(|place| place.to_string()).unwrap_or_default();
            format!("{place}: {}; {}\n", finding.sentence, finding.help.as_deref().unwrap_or_default())
        });
        format!("{}\n{}", world.is_some(), findings.collect::<String>())
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(told("collections:\n  pets: { id: id, unique: [name], keep: true }\n"), "true\n");
        insta::assert_snapshot!(told("collection: {}\ncollections:\n  pets: { ids: id, keep: yes, unique: name }\nseed: { pets: { a: 1 } }\noperations: { list: { as: is } }"), @r"
        false
        world.yaml:1:1: the file has no key `collection`; did you mean `collections`?
        world.yaml:3:11: a collection has no key `ids`; did you mean `id`?
        world.yaml:3:26: `keep` takes `true` or `false`; write one of them
        world.yaml:3:39: `unique` takes a list of members; write `[email]`, or `[]` for none
        world.yaml:4:15: `pets` takes a list of items; begin each with `- `
        world.yaml:5:27: `as` takes `document`; write `as: document`, or leave it out
        ");
    }
}
