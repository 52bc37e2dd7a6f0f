//! How large the smallest value of a schema is at least: what doubles with every step is not tried out.

use std::collections::HashMap;

use serde_json::Value;

use crate::schema::{Identity, Node, Type, TypeSet};

/// How deep it is looked. What is deeper counts as one value.
const DEPTH: usize = 64;
/// From so many items on, a list is not made anyway, and for that reason.
const MOST: u64 = 10_000;

/// About how many values every value of the schema has, or fewer.
pub(super) fn least(node: &Node<'_>) -> usize {
    weigh(node, DEPTH, &mut HashMap::new())
}

fn weigh(node: &Node<'_>, depth: usize, known: &mut HashMap<Identity, usize>) -> usize {
    if depth == 0 {
        return 1;
    }
    // What leads back to itself counts as one value, too.
    if let Some(weight) = known.insert(node.identity(), 1) {
        known.insert(node.identity(), weight);
        return weight;
    }
    let mut weight = inside(node, depth, known);
    for whole in node.reference().into_iter().chain(node.branches("allOf")) {
        weight = weight.max(weigh(&whole, depth - 1, known));
    }
    for choice in ["anyOf", "oneOf"] {
        let branches = node.branches(choice);
        let lightest = branches.iter().map(|branch| weigh(branch, depth - 1, known)).min();
        weight = weight.max(lightest.unwrap_or(1));
    }
    known.insert(node.identity(), weight);
    weight
}

/// What has to be in a value that can only be an object, or only a list.
fn inside(node: &Node<'_>, depth: usize, known: &mut HashMap<Identity, usize>) -> usize {
    let required = node.get("required").and_then(Value::as_array);
    let count = node.get("minItems").and_then(Value::as_u64).filter(|count| (1..MOST).contains(count));
    let only = |one| node.types() == TypeSet::only(one);
    let mut weight: usize = 1;
    if let Some(names) = required.filter(|_| only(Type::Object)) {
        for name in names.iter().filter_map(Value::as_str) {
            let member = node.child(&["properties", name]);
            weight = weight.saturating_add(member.map_or(1, |member| weigh(&member, depth - 1, known)));
        }
    }
    if let Some(count) = count.filter(|_| only(Type::Array)) {
        let item = node.child(&["items"]).filter(|_| node.get("prefixItems").is_none());
        let each = item.map_or(1, |item| weigh(&item, depth - 1, known));
        weight = weight.saturating_add(each.saturating_mul(usize::try_from(count).unwrap_or(usize::MAX)));
    }
    weight
}
