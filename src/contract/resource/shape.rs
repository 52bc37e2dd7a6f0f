//! Where in an answer, or in a request, an item lies, or a list of them.

use super::words::{HOLDERS, LISTS, fold, singular};
use crate::contract::{Contract, Operation};
use crate::schema::{Schema, Type};

/// The schema of what an operation answers or takes, and where in it the item or the list lies: names of members, from the outside in.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) schema: Schema,
    pub(super) way: Vec<String>,
}

/// What is sent under the first structured media type of a successful answer.
pub(super) fn answered(operation: &Operation) -> Option<(usize, usize, &Schema)> {
    let (_, response) = operation.success().filter(|(status, _)| (200..300).contains(status))?;
    let index = operation.responses.iter().position(|known| std::ptr::eq(known, response))?;
    let content =
        response.content.iter().position(|content| content.codec.is_structured() && content.schema.is_some())?;
    Some((index, content, response.content[content].schema.as_ref()?))
}

/// What is sent under the first structured media type of a request.
pub(super) fn asked(operation: &Operation) -> Option<&Schema> {
    let contents = &operation.request.as_ref()?.content;
    contents.iter().find(|content| content.codec.is_structured() && content.schema.is_some())?.schema.as_ref()
}

pub(super) fn is_object(schema: &Schema) -> bool {
    let types = schema.types();
    types.contains(Type::Object) && !schema.property_names().is_empty()
}

/// The item in a value of this schema: the value itself, or its one member that holds it. `fits` says whether an object can be it.
pub(super) fn item(schema: &Schema, thing: &str, fits: impl Fn(&Schema) -> bool) -> Option<Found> {
    if !is_object(schema) {
        return None;
    }
    if fits(schema) {
        return Some(Found { schema: schema.clone(), way: Vec::new() });
    }
    let names = schema.property_names();
    let held = |name: &String| {
        let member = schema.property(name).filter(|member| is_object(member) && fits(member))?;
        Some(Found { schema: member, way: vec![name.clone()] })
    };
    let named = names.iter().find(|name| fold(name) == singular(thing)).and_then(held);
    named
        .or_else(|| names.iter().filter(|name| HOLDERS.contains(&&*fold(name))).find_map(held))
        .or_else(|| if let [only] = names.as_slice() { held(only) } else { None })
}

/// The list in a value of this schema: the value itself, or the member that holds it; with the schema of what is listed.
pub(super) fn list(schema: &Schema, thing: &str) -> Option<Found> {
    let listed = |schema: &Schema| schema.types().array().then(|| schema.items()).flatten().filter(is_object);
    if let Some(items) = listed(schema) {
        return Some(Found { schema: items, way: Vec::new() });
    }
    if !is_object(schema) {
        return None;
    }
    let within = |schema: &Schema| -> Option<(String, Schema)> {
        let names = schema.property_names();
        let held = |name: &String| Some((name.clone(), listed(&schema.property(name)?)?));
        let named = names.iter().find(|name| singular(name) == singular(thing)).and_then(held);
        // What has an id is a thing of its own, and its lists are parts of it.
        if named.is_none() && names.iter().any(|name| ["id", "uuid", "guid"].contains(&&*fold(name))) {
            return None;
        }
        named.or_else(|| names.iter().filter(|name| LISTS.contains(&&*fold(name))).find_map(held)).or_else(|| {
            let mut all = names.iter().filter_map(held);
            // Of several lists nothing says which is meant.
            all.next().filter(|_| all.next().is_none())
        })
    };
    if let Some((name, schema)) = within(schema) {
        return Some(Found { schema, way: vec![name] });
    }
    let deeper = schema
        .property_names()
        .into_iter()
        .filter(|name| HOLDERS.contains(&&*fold(name)) || LISTS.contains(&&*fold(name)) || name == "_embedded");
    let mut found = deeper.filter_map(|outer| {
        let (inner, listed) = within(&schema.property(&outer).filter(is_object)?)?;
        Some(Found { schema: listed, way: vec![outer, inner] })
    });
    found.next()
}

/// A text that two schemas share when they are one and the same in the document, by whatever reference.
pub(super) fn identity(contract: &Contract, schema: &Schema) -> Option<String> {
    let at = contract.schema_locations(schema).pop()?;
    Some(format!("{}#{}", at.document.source().name(), at.pointer))
}

/// What a schema is called in the document, where it stands among those that are named.
pub(super) fn name(contract: &Contract, schema: &Schema) -> Option<String> {
    let at = contract.schema_locations(schema).pop()?;
    let (above, last) = at.pointer.rsplit_once('/')?;
    (above.ends_with("/schemas") || above == "/definitions").then(|| last.to_owned())
}
