//! Items of one collection under several paths: `/issues/{number}/comments` makes what `/issues/comments/{id}` reads.
//!
//! What belongs here: when two paths mean the same things. They do where the things are called alike, shown by one schema and told apart
//! by one member, and where the shorter path begins as the longer one does. Where that much is so and the rest is not plain, the second
//! path keeps nothing: two worlds of one thing that disagree are worse than one.

use super::identify::Named;
use super::infer::{Seen, parameter_behind};
use super::path::{Step, Way};
use super::shape::{self, answered};
use super::words::{fold, singular};
use super::{Collection, Identity, Kept};
use crate::message::Method;
use crate::schema::{Schema, Type};

/// What is said of the items below a path that may be those of a collection elsewhere.
pub(super) enum Together {
    /// They are its items, told apart by this member.
    One { collection: usize, id: Identity, by: By },
    /// They may be, and it is not plain how.
    Unclear(String),
    /// They are others.
    Apart,
}

/// A collection that fits, with what its items are named by; or why that is not plain.
type Fit = (usize, Result<(Identity, By), String>);

/// Parameters of a path, each with the member of an item that says it.
type By = Vec<(String, String)>;

/// Whether the items below a path are of one of these collections, which calls make; `found` is what the path is by itself.
pub(super) fn together(seen: &Seen<'_>, collections: &[Collection], way: &Way, found: Option<&Collection>) -> Together {
    let contract = seen.contract;
    let Some(thing) = way.last_text().map(singular) else { return Together::Apart };
    let items = format!("{}/{{}}", way.key());
    let mut shown: Vec<String> = seen
        .any(&items)
        .iter()
        .filter_map(|index| {
            let (_, _, schema) = answered(contract.operation(*index))?;
            shape::identity(contract, schema)
        })
        .collect();
    shown.extend(found.and_then(|found| shape::identity(contract, &found.item.as_ref()?.schema)));
    let parameters: Vec<(usize, String)> = seen
        .ways
        .iter()
        .enumerate()
        .filter_map(|(index, other)| Some((index, parameter_behind(other, way)?)))
        .collect();
    let fits = |index: &usize| -> Option<Fit> {
        let collection = &collections[*index];
        let item = collection.item.as_ref()?;
        let schema = shape::identity(contract, &item.schema);
        let same = schema.is_some_and(|schema| shown.contains(&schema));
        let own = Way::of(&collection.path);
        if own.key() == way.key() || singular(&collection.name) != thing || !(shown.is_empty() || same) {
            return None;
        }
        // A longer path without a schema may mean anything: `/managers/teams/{team}` is who manages, and no team.
        let longer = own.steps.len() <= way.steps.len();
        let is_part = if longer { same && is_part(&own, way) } else { is_part(way, &own) };
        if !is_part {
            return None;
        }
        // They have to be named by what they are told apart by.
        let mut id = collection.id.clone();
        for (operation, name) in &parameters {
            let by = Named::new(name, &collection.name, contract.operation(*operation)).member(&item.schema)?;
            if id.as_ref().is_some_and(|id| id.member != by.member) {
                return None;
            }
            id = id.or(Some(by));
        }
        let by = by(collection, way, &item.schema);
        Some((*index, by.and_then(|by| Ok((id.ok_or("no path names an item")?, by)))))
    };
    let mut all = (0..collections.len()).filter_map(|index| fits(&index));
    let Some((index, one)) = all.next() else { return Together::Apart };
    let path = &collections[index].path;
    match one {
        _ if all.next().is_some() => Together::Unclear("several collections have items like these".to_owned()),
        Ok((id, by)) => Together::One { collection: index, id, by },
        Err(why) => Together::Unclear(format!("its items are like those of {path}, and {why}")),
    }
}

/// Whether a longer path begins as a shorter one does, and means a part of the same things: those that are of something else.
fn is_part(short: &Way, long: &Way) -> bool {
    let above = short.above();
    let more = long.steps.get(above.steps.len()..).unwrap_or_default();
    let of_something = !more.windows(2).any(|pair| matches!(pair, [Step::Text(_), Step::Text(_)]));
    long.first(above.steps.len()).key() == above.key() && of_something
}

/// The parameters of a path that the collection's own has not, each with the member of an item that says it.
fn by(collection: &Collection, way: &Way, item: &Schema) -> Result<By, String> {
    let members = item.property_names();
    let more = way.names().into_iter().filter(|name| !collection.scope.iter().any(|part| fold(part) == fold(name)));
    more.map(|name| {
        let is_it = |member: &&String| {
            let types = item.property(member).map(|schema| schema.types());
            fold(member) == fold(&name)
                && types.is_some_and(|types| types.contains(Type::String) || types.contains(Type::Integer))
        };
        let member = members.iter().find(is_it).cloned();
        let none = || format!("nothing in an item says which belong to `{{{name}}}`");
        member.map(|member| (name.clone(), member)).ok_or_else(none)
    })
    .collect()
}

/// Where items that no path of their own names are read by a path that no collection has: it is not plain how that names them.
pub(super) fn read_elsewhere(seen: &Seen<'_>, collection: &Collection, way: &Way) -> Option<String> {
    let contract = seen.contract;
    if collection.id.is_some() || collection.kept != Kept::Made {
        return None;
    }
    let shows = |index: usize| {
        let (_, _, schema) = answered(contract.operation(index))?;
        shape::identity(contract, schema)
    };
    let made = [
        shows(collection.operation),
        collection.item.as_ref().and_then(|item| shape::identity(contract, &item.schema)),
    ];
    let reads = |index: &usize| {
        let other = &seen.ways[*index];
        contract.heads()[*index].method == Method::GET
            && other.last_name().is_some()
            && other.above().key() != way.key()
            && shows(*index).is_some_and(|schema| made.contains(&Some(schema)))
    };
    let index = (0..seen.ways.len()).find(reads)?;
    Some(format!("its items are read at {}, and nothing says how that path names them", seen.ways[index].template()))
}
