//! Documents that nobody wrote: put together from parts of one that was, so that what is said of them names the parts' places.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::marks::{Mark, Marks};
use super::{Document, Node};

/// A tree put together from parts of one document. Each value knows the place it is told at.
#[derive(Clone, Debug)]
pub struct Made {
    value: Value,
    marks: Vec<Mark>,
}

impl Made {
    /// A part of the document, as it stands there.
    pub fn part(node: &Node<'_>) -> Made {
        Made { value: node.value().clone(), marks: node.marks().to_vec() }
    }

    /// A value that is written nowhere; it, and all that is in it, is told to stand where a part does.
    pub fn new(value: Value, at: &Node<'_>) -> Made {
        let mut marks = Vec::new();
        mark(&value, Mark::new(at.span(), at.key_span()), &mut marks);
        Made { value, marks }
    }

    /// An object of such values, told to stand where a part does. Of two members with one name, the first counts.
    pub fn object(members: impl IntoIterator<Item = (String, Made)>, at: &Node<'_>) -> Made {
        let mut object = Map::new();
        let mut marks = vec![Mark::new(at.span(), at.key_span())];
        for (name, member) in members {
            if !object.contains_key(&name) {
                object.insert(name, member.value);
                marks.extend(member.marks);
            }
        }
        marks[0].size = u32::try_from(marks.len()).unwrap_or(u32::MAX);
        Made { value: Value::Object(object), marks }
    }
}

/// The marks of a value and of all that is in it, in preorder.
fn mark(value: &Value, at: Mark, marks: &mut Vec<Mark>) {
    let own = marks.len();
    marks.push(at);
    match value {
        Value::Object(members) => members.values().for_each(|member| mark(member, at, marks)),
        Value::Array(items) => items.iter().for_each(|item| mark(item, at, marks)),
        _ => {}
    }
    marks[own].size = u32::try_from(marks.len() - own).unwrap_or(u32::MAX);
}

impl Document {
    /// A document of a tree that was put together from parts of this one: with its text and its path, so that places and
    /// references are those of this one. [`super::Documents`] does not list it.
    pub fn made(&self, made: Made) -> Document {
        Document {
            source: self.source.clone(),
            root: made.value,
            marks: OnceLock::from(Marks(made.marks)),
            path: self.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Made;
    use crate::document::{Document, Source};

    #[test]
    fn parts_keep_their_places() {
        let text = "list:\n- {name: a, items: {type: string}}\n- {name: b}\n";
        let document = Document::read(Source::new("a", text)).document.expect("a tree");
        let at = |pointer: &str| document.node_at(pointer).expect(pointer);
        let members =
            at("/list/0").members().map(|(name, _, part)| (name.to_owned(), Made::part(&part))).collect::<Vec<_>>();
        let first = Made::object(members, &at("/list/0"));
        let second = Made::new(json!({ "deep": [1, 2] }), &at("/list/1"));
        let whole = Made::object([("x".to_owned(), first), ("y".to_owned(), second)], &at("/list"));
        let made = document.made(whole);
        assert_eq!(
            made.root(),
            &json!({ "x": { "name": "a", "items": { "type": "string" } }, "y": { "deep": [1, 2] } })
        );
        for (pointer, origin) in
            [("/x", "/list/0"), ("/x/items/type", "/list/0/items/type"), ("/y/deep/1", "/list/1"), ("", "/list")]
        {
            assert_eq!(made.span_near(pointer), document.span_near(origin), "{pointer}");
        }
        assert_eq!(made.key_span("/x/items"), document.key_span("/list/0/items"));
    }
}
