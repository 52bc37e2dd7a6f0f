//! From elements to the value that a schema speaks of.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::text::typed;
use super::Reading;
use super::shape::{self, Kind, Member, Xml};
use super::tree::Element;
use crate::document::pointer;
use crate::finding::{Part, Place, Violation};
use crate::schema::{Identity, Schema, Type, TypeSet};

pub(super) fn read(schema: &Schema, root: &Element) -> Reading {
    let mut walk = Walk { shapes: HashMap::new(), flaws: Vec::new() };
    let xml = Xml::of(schema);
    let names = shape::roots(schema);
    if !names.is_empty() && !names.contains(&root.name) {
        let listed = names.join("` or `");
        walk.flaw(schema, "", format!("the root element is `{}`, not `{listed}`", root.name), names.join(", "));
    } else if xml.name.as_deref().is_none_or(|name| shape::tag(name) == root.name) {
        walk.namespace(schema, "", &xml, root.namespace.as_deref());
    }
    let value = walk.value(root, Some(schema), "");
    Reading { value, flaws: walk.flaws, open: Vec::new() }
}

/// An element of which nothing is known: its text, or an object of what is in it.
pub(super) fn plain(element: &Element) -> Value {
    if element.nil {
        return Value::Null;
    }
    if element.children.is_empty() {
        return Value::String(element.text.clone());
    }
    let mut members = Map::new();
    for attribute in &element.attributes {
        gathered(&mut members, &attribute.name, Value::String(attribute.value.clone()));
    }
    for child in &element.children {
        gathered(&mut members, &child.name, plain(child));
    }
    Value::Object(members)
}

/// What comes several times is a list.
fn gathered(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        Some(Value::Array(items)) => items.push(value),
        Some(known) => *known = Value::Array(vec![known.take(), value]),
        None => drop(members.insert(name.to_owned(), value)),
    }
}

struct Walk {
    /// What was found out about a schema once.
    shapes: HashMap<Identity, Rc<Vec<Member>>>,
    flaws: Vec<Violation>,
}

impl Walk {
    fn flaw(&mut self, schema: &Schema, at: &str, sentence: String, expected: String) {
        let location = schema.location();
        self.flaws.push(Violation {
            part: Part::Body,
            name: "".into(),
            pointer: at.to_owned(),
            keyword: "xml",
            sentence,
            expected: Some(expected),
            got: None,
            place: Some(Place::of(&location.document, &location.pointer)),
        });
    }

    fn namespace(&mut self, schema: &Schema, at: &str, xml: &Xml, found: Option<&str>) {
        if let Some(wanted) = xml.namespace.as_deref().filter(|wanted| found != Some(*wanted)) {
            let found = found.map_or_else(|| "no namespace".to_owned(), |found| format!("the namespace `{found}`"));
            self.flaw(schema, at, format!("it is in {found}, not in `{wanted}`"), wanted.to_owned());
        }
    }

    fn value(&mut self, element: &Element, schema: Option<&Schema>, at: &str) -> Value {
        let Some(schema) = schema else { return plain(element) };
        if element.nil {
            return Value::Null;
        }
        let types = schema.types();
        if types.object() {
            let members = self.members(schema);
            if !members.is_empty() || !types.scalar() || (types == TypeSet::ANY && !element.children.is_empty()) {
                return self.object(element, schema, &members, at);
            }
        }
        if types.array() && (!types.scalar() || !element.children.is_empty()) {
            return self.items(&element.children, schema.items().as_ref(), at);
        }
        if !element.children.is_empty() {
            return plain(element);
        }
        text(schema, &element.text)
    }

    fn members(&mut self, schema: &Schema) -> Rc<Vec<Member>> {
        let key = schema.node().identity();
        self.shapes.entry(key).or_insert_with(|| Rc::new(shape::members(schema))).clone()
    }

    fn items<'e>(
        &mut self,
        elements: impl IntoIterator<Item = &'e Element>,
        schema: Option<&Schema>,
        at: &str,
    ) -> Value {
        let elements = elements.into_iter().enumerate();
        Value::Array(elements.map(|(index, one)| self.value(one, schema, &format!("{at}/{index}"))).collect())
    }

    fn object(&mut self, element: &Element, schema: &Schema, known: &[Member], at: &str) -> Value {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, child) in element.children.iter().enumerate() {
            by_name.entry(&child.name).or_default().push(index);
        }
        let mut used = vec![false; element.children.len()];
        let mut read = vec![false; element.attributes.len()];
        let mut members = Map::new();
        for member in known {
            let at = pointer::join(at, &member.name);
            let mut take = |tag: &str| -> Vec<&Element> {
                let found = by_name.get(tag).map(Vec::as_slice).unwrap_or_default();
                let fresh: Vec<usize> = found.iter().copied().filter(|index| !used[*index]).collect();
                fresh.iter().for_each(|index| used[*index] = true);
                fresh.into_iter().map(|index| &element.children[index]).collect()
            };
            let value = match (member.xml.node, &member.list) {
                (Kind::Attribute, _) => {
                    let found = element.attributes.iter().position(|attribute| attribute.name == member.tag);
                    found.map(|index| {
                        read[index] = true;
                        text(&member.schema, &element.attributes[index].value)
                    })
                }
                (Kind::Text | Kind::Cdata, _) => Some(text(&member.schema, &element.text)),
                (_, Some(list)) if !member.xml.wrapped => {
                    let found = take(&list.tag);
                    for child in &found {
                        self.namespace(
                            list.schema.as_ref().unwrap_or(schema),
                            &at,
                            &list.xml,
                            child.namespace.as_deref(),
                        );
                    }
                    (!found.is_empty()).then(|| self.items(found, list.schema.as_ref(), &at))
                }
                (Kind::None, None) => {
                    let inner = self.members(&member.schema);
                    let held = inner.iter().any(|inner| by_name.contains_key(&*inner.tag));
                    held.then(|| {
                        inner.iter().for_each(|inner| drop(take(&inner.tag)));
                        self.object(element, &member.schema, &inner, &at)
                    })
                }
                (_, list) => {
                    let found = take(&member.tag);
                    for child in &found {
                        self.namespace(&member.schema, &at, &member.xml, child.namespace.as_deref());
                    }
                    let mut values = found.into_iter().map(|child| match list {
                        Some(list) => self.items(&child.children, list.schema.as_ref(), &at),
                        None => self.value(child, Some(&member.schema), &at),
                    });
                    match (values.next(), values.next()) {
                        (Some(first), Some(second)) => {
                            let more: Vec<Value> = values.collect();
                            Some(Value::Array([first, second].into_iter().chain(more).collect()))
                        }
                        (first, _) => first,
                    }
                }
            };
            if let Some(value) = value {
                members.insert(member.name.clone(), value);
            }
        }
        // The rest is what the document does not describe by name.
        let other = schema.additional();
        for (attribute, _) in element.attributes.iter().zip(read).filter(|(one, read)| !read && one.namespace.is_none())
        {
            gathered(&mut members, &attribute.name, Value::String(attribute.value.clone()));
        }
        for (child, _) in element.children.iter().zip(used).filter(|(_, used)| !used) {
            let value = self.value(child, other.as_ref(), &pointer::join(at, &child.name));
            gathered(&mut members, &child.name, value);
        }
        Value::Object(members)
    }
}

/// A text by its schema; space around what is no string does not count.
fn text(schema: &Schema, text: &str) -> Value {
    let types = schema.types();
    if types.contains(Type::String) {
        return typed(schema, text);
    }
    if types.array() && !types.scalar() {
        // `xs:list`: items apart by space.
        let item = schema.items();
        let items = text.split_whitespace();
        let value = |one: &str| item.as_ref().map_or_else(|| Value::String(one.to_owned()), |item| item.coerce(one));
        return Value::Array(items.map(value).collect());
    }
    match typed(schema, text.trim()) {
        Value::String(_) => Value::String(text.to_owned()),
        value => value,
    }
}
