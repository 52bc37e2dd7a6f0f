//! What the items of a collection are told apart by: the member that stands in their paths.

use super::Identity;
use super::words::{beyond, fold, is_id, singular, words};
use crate::contract::{Contract, In, Operation};
use crate::schema::{Schema, Type, TypeSet};

/// Folded members that tell things from each other, the most telling first.
const TELLING: [&str; 11] =
    ["slug", "key", "id", "uuid", "number", "login", "username", "handle", "name", "code", "sha"];
/// Folded parameters that name somebody, and the members that do.
const PEOPLE: [&str; 6] = ["username", "user", "login", "handle", "nickname", "screenname"];
const PEOPLES: [&str; 8] = ["username", "login", "handle", "nickname", "slug", "key", "id", "uuid"];

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
            let names = types.contains(Type::String) || types.contains(Type::Integer);
            names && self.types.is_none_or(|own| !whole(own) || types.contains(Type::Integer))
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
        let thing = singular(self.thing);
        if is_id(&fold(parameter)) {
            let usual = ["id".to_owned(), format!("{thing}id"), "uuid".to_owned(), "guid".to_owned()];
            let found = usual.iter().find_map(|wanted| find(wanted));
            return identity(found?, format!("`{{{parameter}}}` of the path is an id"));
        }
        let words = words(parameter);
        let last = words.last().map(String::as_str).unwrap_or_default();
        if let Some(member) = find(last).filter(|_| words.len() > 1 && TELLING.contains(&last)) {
            return identity(member, format!("`{{{parameter}}}` of the path ends so"));
        }
        // Nothing but the thing itself is named: by what people name it, else by its id. A number never stands where texts do, unless
        // the path says that an id does.
        let text = |types: TypeSet| types.contains(Type::String) && !types.contains(Type::Integer);
        let fits = |member: &String| {
            let whole = item.property(member).is_some_and(|schema| !schema.types().contains(Type::String));
            !(whole && self.types.is_some_and(text))
        };
        let find = |wanted: &&str| find(wanted).filter(fits);
        let is_person = PEOPLE.contains(&&*fold(parameter));
        let names = fold(parameter);
        let is_thing = names.contains(&thing) || thing.contains(&names) || words.len() == 1;
        let found = match () {
            () if is_person => PEOPLES.iter().find_map(find),
            () if is_thing => TELLING.iter().find_map(find),
            () => None,
        };
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
