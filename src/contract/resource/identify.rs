//! What the items of a collection are told apart by: the member that stands in their paths.

use super::Identity;
use super::words::{beyond, fold, is_id};
use crate::contract::{Contract, In, Operation};
use crate::schema::{Schema, Type, TypeSet};

/// What is known of the parameter that ends the paths of items.
pub(super) struct Named<'a> {
    pub(super) parameter: &'a str,
    /// What the collection is called.
    pub(super) thing: &'a str,
    /// The types of the parameter's value.
    pub(super) types: Option<TypeSet>,
    /// The member that a link names for it.
    pub(super) linked: Option<String>,
}

impl<'a> Named<'a> {
    pub(super) fn new(parameter: &'a str, thing: &'a str, operation: &Operation) -> Named<'a> {
        let is_it = |known: &&crate::contract::Parameter| known.place == In::Path && *known.name == *parameter;
        let schema = operation.parameters.iter().find(is_it).and_then(|known| known.schema());
        Named { parameter, thing, types: schema.map(Schema::types), linked: None }
    }

    /// The member of an item that this parameter names it by.
    pub(super) fn member(&self, item: &Schema) -> Option<Identity> {
        let names = item.property_names();
        let fits = |name: &String| {
            let Some(types) = item.property(name).map(|schema| schema.types()) else { return false };
            let whole = |types: TypeSet| types.contains(Type::Integer) && !types.contains(Type::String);
            // A text never stands where only numbers do.
            types.scalar() && self.types.is_none_or(|own| !whole(own) || types.contains(Type::Integer))
        };
        let find = |wanted: &str| names.iter().find(|name| fold(name) == wanted && fits(name)).cloned();
        let identity = |member: String, why: String| Some(Identity { member, why });
        let parameter = self.parameter;
        if let Some(member) = self.linked.as_ref().filter(|linked| names.contains(linked)) {
            return identity(member.clone(), format!("a link gives it for `{{{parameter}}}`"));
        }
        if let Some(member) = find(&fold(parameter)) {
            return identity(member, format!("`{{{parameter}}}` of the path is called so"));
        }
        let beyond = beyond(parameter, self.thing);
        if let Some(member) = find(&beyond).filter(|_| !beyond.is_empty()) {
            return identity(member, format!("`{{{parameter}}}` of the path ends so"));
        }
        let thing = super::words::singular(self.thing);
        if is_id(&fold(parameter)) {
            let usual = ["id".to_owned(), format!("{thing}id"), "uuid".to_owned(), "guid".to_owned()];
            let found = usual.iter().find_map(|wanted| find(wanted));
            return identity(found?, format!("`{{{parameter}}}` of the path is an id"));
        }
        // Nothing but the thing itself is named: by what people name it, else by its id.
        let ends = ["slug", "key", "id", "uuid", "name", "code", "username", "login"];
        let found = ends.iter().find_map(|wanted| find(wanted));
        identity(found?, format!("`{{{parameter}}}` of the path names it, and this member tells it from others"))
    }
}

/// The member that the links of a creating operation give for a parameter.
pub(super) fn linked(contract: &Contract, operation: &Operation, parameter: &str, way: &[String]) -> Option<String> {
    let (_, response) = operation.success()?;
    let links = response.at.document.at(&response.at.pointer)?.get("links")?.as_object()?;
    for link in links.values() {
        let named = link.get("operationId").and_then(|id| id.as_str());
        // A link that leads nowhere is told of elsewhere.
        if named.is_some_and(|id| contract.find(id).is_none()) {
            continue;
        }
        let Some(parameters) = link.get("parameters").and_then(|parameters| parameters.as_object()) else { continue };
        for (name, expression) in parameters {
            let pointer = expression.as_str().and_then(|text| text.strip_prefix("$response.body#/"));
            let Some(pointer) = pointer.filter(|_| name.strip_prefix("path.").unwrap_or(name) == parameter) else {
                continue;
            };
            let tokens: Vec<&str> = pointer.split('/').collect();
            if let Some((last, above)) = tokens.split_last()
                && above.iter().copied().eq(way.iter().map(String::as_str))
            {
                return Some(last.replace("~1", "/").replace("~0", "~"));
            }
        }
    }
    None
}
