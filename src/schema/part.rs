//! The schemas of members and items, wherever a schema says something of them: in itself, behind a reference, in a branch.

use serde_json::Value;

use super::Schema;
use super::node::Node;

/// How deep applicators in place are looked through.
const DEPTH: usize = 12;
/// How many items of a list are asked for a schema of their own.
const MOST_FIRST: usize = 64;

impl Schema {
    /// The schema of the items of a list that it admits. Of several branches, the first that says something.
    pub fn items(&self) -> Option<Schema> {
        find(&self.node(), DEPTH, &|node| node.child(&["items"]).filter(|items| items.value().is_object()).map(schema))
    }

    /// The schemas of its first items, where each has one of its own.
    pub fn first_items(&self) -> Vec<Schema> {
        let at = |place: usize| {
            let place = place.to_string();
            find(&self.node(), DEPTH, &|node| node.child(&["prefixItems", &place]).map(schema))
        };
        (0..MOST_FIRST).map_while(at).collect()
    }

    /// The schema of a member that it describes by name. Of several branches, the first that says something.
    pub fn property(&self, name: &str) -> Option<Schema> {
        find(&self.node(), DEPTH, &|node| node.child(&["properties", name]).map(schema))
    }

    /// The schema of a member: the one of that name, else that of the members without one.
    pub fn member(&self, name: &str) -> Option<Schema> {
        self.property(name).or_else(|| self.additional())
    }

    /// The schema of the members that it describes by no name.
    pub fn additional(&self) -> Option<Schema> {
        find(&self.node(), DEPTH, &|node| {
            node.child(&["additionalProperties"]).filter(|node| node.value().is_object()).map(schema)
        })
    }

    /// What a keyword says of a value: in itself, behind a reference, in a branch. Of several, the first.
    pub fn says(&self, keyword: &str) -> Option<Value> {
        find(&self.node(), DEPTH, &|node| node.get(keyword).cloned())
    }

    /// The names of the members that it describes, each once, in the order of the document.
    pub fn property_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        collect(&self.node(), DEPTH, &mut names);
        names
    }
}

fn schema(node: Node<'_>) -> Schema {
    node.schema()
}

fn find<'a, T>(node: &Node<'a>, depth: usize, wanted: &impl Fn(&Node<'a>) -> Option<T>) -> Option<T> {
    if let Some(found) = wanted(node) {
        return Some(found);
    }
    let depth = depth.checked_sub(1)?;
    inside(node).find_map(|inside| find(&inside, depth, wanted))
}

fn collect(node: &Node<'_>, depth: usize, names: &mut Vec<String>) {
    for (name, _) in node.properties() {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    if let Some(depth) = depth.checked_sub(1) {
        inside(node).for_each(|inside| collect(&inside, depth, names));
    }
}

/// What speaks of the same value.
fn inside<'a>(node: &Node<'a>) -> impl Iterator<Item = Node<'a>> + use<'a> {
    let lists: Vec<Node<'a>> = ["allOf", "oneOf", "anyOf"].iter().flat_map(|keyword| node.branches(keyword)).collect();
    node.reference().into_iter().chain(lists)
}
