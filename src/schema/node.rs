//! A walk through a schema in normal form, for making values. References are followed without knowing of documents.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::document::{Location, pointer};
use crate::message::Direction;

use super::normal::{REFERENCE, children};
use super::reference::name_of;
use super::types::TypeSet;
use super::unit::Unit;
use super::{Schema, Schemas, coerce};

/// How many references in a row are followed.
const CHAIN: usize = 64;

/// A schema inside of a compiled schema. Cheap to clone.
///
/// Its [`Node::value`] is JSON Schema 2020-12, of whatever version the document is: `true`, `false` or an object. `nullable`
/// has become a type; members that must not travel in this direction are `false`; `required` lists what this direction
/// asks for; keywords without effect are gone. `readOnly`, `title`, `default`, `example`, `examples`, `format`,
/// `discriminator`, `xml`, `contentEncoding`, `contentMediaType` and `contentSchema` are kept. Instead of `$ref` there is
/// [`Node::reference`], possibly beside other keywords, all of which hold.
#[derive(Clone)]
pub struct Node<'a> {
    schemas: &'a Arc<Schemas>,
    unit: &'a Unit,
    value: &'a Value,
    /// From the unit's normal form.
    pointer: String,
}

/// Which schema a node is: equal for equal places, to notice that a walk goes round in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity(u32, usize);

impl<'a> Node<'a> {
    pub(super) fn root(schemas: &'a Arc<Schemas>, unit: &'a Unit) -> Node<'a> {
        Node { schemas, unit, value: &unit.normal(schemas).value, pointer: String::new() }
    }

    /// The schema: `true`, `false`, or an object of keywords.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The keywords; none for `true` and `false`.
    pub fn keywords(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }

    /// The value of a keyword.
    pub fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.value.get(keyword)
    }

    /// What it refers to, if it refers to something.
    pub fn reference(&self) -> Option<Node<'a>> {
        let target = self.unit.follow(self.schemas, self.value.get(REFERENCE)?)?;
        Some(Node::root(self.schemas, target))
    }

    /// What it refers to, and so on, while there is nothing beside the reference; itself otherwise.
    pub fn resolve(&self) -> Node<'a> {
        let mut node = self.clone();
        for _ in 0..CHAIN {
            let alone = node.keywords().is_some_and(|keywords| keywords.len() == 1);
            match node.reference().filter(|_| alone) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    /// The schema at a path from here: `["properties", "email"]`, `["items"]`, `["allOf", "0"]`.
    pub fn child(&self, path: &[&str]) -> Option<Node<'a>> {
        let mut below = self.pointer.clone();
        let mut value = self.value;
        for token in path {
            value = match value {
                Value::Object(members) => members.get(*token)?,
                Value::Array(items) => items.get(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
            below = pointer::join(&below, token);
        }
        Some(Node { value, pointer: below, ..*self })
    }

    /// The schemas in the list under a keyword (`allOf`, `anyOf`, `oneOf`, `prefixItems`); none where there is no list.
    pub fn branches(&self, keyword: &str) -> Vec<Node<'a>> {
        let count = self.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).filter_map(|index| self.child(&[keyword, &index.to_string()])).collect()
    }

    /// The members that it describes itself, in the order of the document; not those behind references and `allOf`.
    pub fn properties(&self) -> Vec<(&'a str, Node<'a>)> {
        let members = self.get("properties").and_then(Value::as_object).into_iter().flatten();
        members.filter_map(|(name, _)| Some((name.as_str(), self.child(&["properties", name])?))).collect()
    }

    /// All schemas right under it, under whatever keyword, and what it refers to.
    pub fn children(&self) -> Vec<Node<'a>> {
        let mut nodes: Vec<_> = self.reference().into_iter().collect();
        if let Some(keywords) = self.keywords() {
            children(keywords, |_, path, value| {
                nodes.push(Node { value, pointer: format!("{}{path}", self.pointer), ..*self });
            });
        }
        nodes
    }

    /// The JSON types that it admits; as [`Schema::types`].
    pub fn types(&self) -> TypeSet {
        coerce::types(self.schemas, self.unit, self.value)
    }

    /// Which way the values travel that it is for.
    pub fn direction(&self) -> Direction {
        self.unit.direction
    }

    /// Which schema it is.
    pub fn identity(&self) -> Identity {
        Identity(self.unit.number, std::ptr::from_ref(self.value) as usize)
    }

    /// Where it stands in the documents.
    pub fn location(&self) -> Location {
        self.unit.normal(self.schemas).origin(&self.unit.location, &self.pointer)
    }

    /// The last token of its place: `Invitation` of `#/components/schemas/Invitation`.
    pub fn name(&self) -> Option<String> {
        name_of(&self.location())
    }

    /// The same schema, compiled on its own: to check a value made for it.
    pub fn schema(&self) -> Schema {
        self.schemas.schema_in(&self.location(), self.unit.direction, &self.unit.scope)
    }
}
