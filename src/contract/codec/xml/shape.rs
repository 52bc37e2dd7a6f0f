//! How an object's members stand in an element, by their `xml` keywords.

use serde_json::Value;

use crate::schema::{Node, Schema, TypeSet};

/// How many parts of a schema are looked at for the name of a root element.
const NODES: usize = 100;

/// What a schema's `xml` keyword says.
#[derive(Clone, Debug, Default)]
pub(super) struct Xml {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) node: Kind,
    /// Whether a list has an element of its own around its items.
    pub(super) wrapped: bool,
}

/// What a member is in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Element,
    Attribute,
    Text,
    Cdata,
    /// Nothing of its own: what is in it stands in the element around.
    None,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// As the schema calls it.
    pub(super) name: String,
    /// As its element or attribute is called.
    pub(super) tag: String,
    pub(super) xml: Xml,
    pub(super) schema: Schema,
    /// Where it is a list.
    pub(super) list: Option<List>,
}

/// The items of a list.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) tag: String,
    pub(super) xml: Xml,
    pub(super) schema: Option<Schema>,
}

impl Xml {
    pub(super) fn of(schema: &Schema) -> Xml {
        let Some(said) = schema.says("xml") else { return Xml::default() };
        let text = |key: &str| said.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let flag = |key: &str| said.get(key).and_then(Value::as_bool).unwrap_or(false);
        let node = match said.get("nodeType").and_then(Value::as_str) {
            Some("attribute") => Kind::Attribute,
            Some("text") => Kind::Text,
            Some("cdata") => Kind::Cdata,
            Some("none") => Kind::None,
            Some(_) => Kind::Element,
            None if flag("attribute") => Kind::Attribute,
            None => Kind::Element,
        };
        // Since 3.2 a list is wrapped by being an element.
        let wrapped = flag("wrapped") || (said.get("nodeType").is_some() && node == Kind::Element);
        Xml { name: text("name"), namespace: text("namespace"), prefix: text("prefix"), node, wrapped }
    }
}

/// The members that a schema describes.
pub(super) fn members(schema: &Schema) -> Vec<Member> {
    let names = schema.property_names().into_iter();
    names.filter_map(|name| schema.property(&name).map(|own| Member::new(name, own))).collect()
}

impl Member {
    pub(super) fn new(name: String, schema: Schema) -> Member {
        let types = schema.types();
        let xml = Xml::of(&schema);
        let tag = tag(xml.name.as_deref().unwrap_or(&name));
        let only = types.array() && types != TypeSet::ANY && !types.object();
        let list = only.then(|| list(&schema, if xml.wrapped { &tag } else { &name }));
        Member { name, tag, xml, schema, list }
    }
}

/// The items of a list: by their own name, else by that of the list.
pub(super) fn list(schema: &Schema, name: &str) -> List {
    let items = schema.items();
    let xml = items.as_ref().map(Xml::of).unwrap_or_default();
    List { tag: tag(xml.name.as_deref().unwrap_or(name)), xml, schema: items }
}

/// The name of the root element: of the keyword, else of the component.
pub(super) fn root(schema: &Schema, xml: &Xml) -> String {
    xml.name.as_deref().map(tag).or_else(|| component(schema)).unwrap_or_else(|| "root".to_owned())
}

/// The names that a root element may have; none where any will do.
///
/// What a schema says itself holds. Where only parts of it speak (`allOf`, `oneOf`, `anyOf`), the specification does not say
/// whose name it is: each of theirs will do, and so will the component's.
pub(super) fn roots(schema: &Schema) -> Vec<String> {
    let mut named = Vec::new();
    let mut budget = NODES;
    if !gather(&schema.node(), &mut budget, &mut named) && !named.is_empty() {
        named.extend(component(schema));
    }
    named
}

/// Gathers the names of a schema, and says whether it has one of its own.
fn gather(node: &Node<'_>, budget: &mut usize, named: &mut Vec<String>) -> bool {
    let Some(left) = budget.checked_sub(1) else { return false };
    *budget = left;
    let own = node.get("xml").and_then(|xml| xml.get("name")).and_then(Value::as_str);
    if let Some(own) = own.filter(|name| !name.is_empty()) {
        named.push(tag(own));
        return true;
    }
    if let Some(target) = node.reference()
        && gather(&target, budget, named)
    {
        return true;
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        for branch in node.branches(keyword) {
            gather(&branch, budget, named);
        }
    }
    false
}

/// What the component is called that a schema is.
fn component(schema: &Schema) -> Option<String> {
    let location = schema.node().resolve().location();
    let folders = ["/components/schemas/", "/definitions/", "/$defs/"].iter();
    let name = folders.filter_map(|folder| location.pointer.strip_prefix(folder)).find(|name| !name.contains('/'));
    name.map(tag)
}

/// A name as XML admits it: `_` for what it does not.
pub(super) fn tag(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, char) in name.chars().enumerate() {
        let letter = char.is_alphabetic() || char == '_';
        let later = char.is_ascii_digit() || matches!(char, '-' | '.');
        if index == 0 && later {
            out.push('_');
        }
        out.push(if letter || later { char } else { '_' });
    }
    if out.is_empty() { "_".to_owned() } else { out }
}
