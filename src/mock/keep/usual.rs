//! What a list shows where a call asks for nothing: a new item is one of those, as it would be lost otherwise.

use serde_json::Value;

use super::admits;
use super::list::same;
use super::order::{defaults, is_all};
use crate::contract::Contract;
use crate::contract::resource::{Collection, Role, Told};

/// The members that the list of a collection's own path asks for by its defaults.
pub(super) fn usual(
    collection: &Collection,
    contract: &Contract,
    operation: usize,
    told: &Told,
) -> Vec<(String, Value)> {
    let lists = told.does.as_ref().is_ok_and(|does| does.role == Role::List);
    let head = &contract.heads()[operation];
    let path = format!("{}{}", contract.base_path(operation), head.template);
    let Some(item) = collection.item.as_ref().filter(|_| lists && path == *collection.path) else { return Vec::new() };
    let names = item.schema.property_names();
    let member = |(name, value): (&str, Value)| {
        let member = names.iter().find(|member| same(member, name))?;
        // The state that an item has when it is made is said elsewhere.
        let first = collection.state.as_ref().filter(|state| state.first.is_some());
        let is_state = first.is_some_and(|state| state.member == *member);
        let plain = !is_state && !value.as_str().is_some_and(is_all);
        (plain && admits(&item.schema, member, &value) == Some(true)).then(|| (member.clone(), value))
    };
    defaults(contract.operation(operation)).filter_map(member).collect()
}
