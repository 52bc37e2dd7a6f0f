//! Documents that nobody wrote: put together from parts of one that was, so that what is said of them names the parts' places.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::Document;
use super::marks::{Mark, Marks};

/// A tree put together from parts of one document. Each value knows the place it is told at.
#[derive(Clone, Debug)]
pub struct Made {
    value: Value,
    origin: Origin,
}

/// Where a value is told to stand: pointers into the document that it is made of.
#[derive(Clone, Debug)]
enum Origin {
    /// A part: it and all that is in it stand where they are written.
    Part(String),
    /// It, and all that is in it, at one place.
    At(String),
    /// An object at a place, whose members know theirs.
    Object(String, Vec<Origin>),
}

impl Made {
    /// A part of the document, which stands at a pointer.
    pub fn part(value: &Value, at: &str) -> Made {
        Made { value: value.clone(), origin: Origin::Part(at.to_owned()) }
    }

    /// A value that is written nowhere; it, and all that is in it, is told to stand at a pointer.
    pub fn new(value: Value, at: &str) -> Made {
        Made { value, origin: Origin::At(at.to_owned()) }
    }

    /// An object of such values, told to stand at a pointer. Of two members with one name, the first counts.
    pub fn object(members: impl IntoIterator<Item = (String, Made)>, at: &str) -> Made {
        let (mut object, mut origins) = (Map::new(), Vec::new());
        for (name, member) in members {
            if !object.contains_key(&name) {
                object.insert(name, member.value);
                origins.push(member.origin);
            }
        }
        Made { value: Value::Object(object), origin: Origin::Object(at.to_owned(), origins) }
    }
}

/// The tree that another is made of, as far as places go.
#[derive(Debug)]
pub(super) struct Source {
    document: Arc<Document>,
    origin: Origin,
}

impl Source {
    /// The table of places of the tree that was made.
    pub(super) fn marks(&self, made: &Value) -> Marks {
        let mut marks = Vec::new();
        self.write(made, &self.origin, &mut marks);
        Marks::new(marks)
    }

    fn write(&self, value: &Value, origin: &Origin, marks: &mut Vec<Mark>) {
        let (Origin::Part(at) | Origin::At(at) | Origin::Object(at, _)) = origin;
        let known = self.document.marks();
        let (entry, ..) = known.find(self.document.root(), at);
        let Some(mark) = known.get(entry) else { return };
        match origin {
            Origin::Part(_) => {
                let size = mark.size as usize;
                marks.extend_from_slice(known.table.get(entry..entry + size).unwrap_or_default());
            }
            Origin::At(_) => everywhere(value, mark, marks),
            Origin::Object(_, members) => {
                let own = open(mark, marks);
                for (value, origin) in value.as_object().into_iter().flat_map(Map::values).zip(members) {
                    self.write(value, origin, marks);
                }
                close(own, marks);
            }
        }
    }
}

/// A value and all that is in it, at one place.
fn everywhere(value: &Value, at: Mark, marks: &mut Vec<Mark>) {
    let own = open(at, marks);
    match value {
        Value::Object(members) => members.values().for_each(|member| everywhere(member, at, marks)),
        Value::Array(items) => items.iter().for_each(|item| everywhere(item, at, marks)),
        _ => {}
    }
    close(own, marks);
}

fn open(at: Mark, marks: &mut Vec<Mark>) -> usize {
    marks.push(at);
    marks.len() - 1
}

fn close(own: usize, marks: &mut [Mark]) {
    marks[own].size = u32::try_from(marks.len() - own).unwrap_or(u32::MAX);
}

impl Document {
    /// A document of a tree that was put together from parts of this one: with its text and its path, so that places and
    /// references are those of this one. [`super::Documents`] does not list it.
    pub fn made(self: &Arc<Self>, made: Made) -> Document {
        Document {
            source: self.source.clone(),
            root: made.value,
            marks: OnceLock::new(),
            made_of: Some(Source { document: self.clone(), origin: made.origin }),
            path: self.path.clone(),
            number: self.number,
            own: self.own.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::Made;
    use crate::document::{Document, Source};

    #[test]
    fn parts_keep_their_places() {
        let text = "list:\n- {name: a, items: {type: string}}\n- {name: b}\n";
        let document = Arc::new(Document::read(Source::new("a", text)).document.expect("a tree"));
        let part = |pointer: &str| Made::part(document.at(pointer).expect(pointer), pointer);
        let first = [("name", part("/list/0/name")), ("items", part("/list/0/items")), ("name", part("/list/1/name"))];
        let first = Made::object(first.map(|(name, made)| (name.to_owned(), made)), "/list/0");
        let second = Made::new(json!({ "deep": [1, 2] }), "/list/1");
        let whole = Made::object([("x".to_owned(), first), ("y".to_owned(), second)], "/list");
        let made = document.made(whole);
        let expected = json!({ "x": { "name": "a", "items": { "type": "string" } }, "y": { "deep": [1, 2] } });
        assert_eq!(made.root(), &expected);
        for (pointer, origin) in
            [("/x", "/list/0"), ("/x/items/type", "/list/0/items/type"), ("/y/deep/1", "/list/1"), ("", "/list")]
        {
            assert_eq!(made.span_near(pointer), document.span_near(origin), "{pointer}");
        }
        assert_eq!(made.key_span("/x/items"), document.key_span("/list/0/items"));
    }
}
