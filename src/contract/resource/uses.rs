//! What each operation does to the items of the collections.

use std::collections::HashMap;

use super::action;
use super::infer::{Home, Seen, documents, parameter_behind, shown};
use super::path::{Step, Way};
use super::shape::{self, answered, asked};
use super::words::fold;
use super::{Collection, Item, Kept, Resources, Role, Shown, Told, Use};
use crate::contract::Operation;
use crate::message::Method;
use crate::schema::Schema;

pub(super) fn all(seen: &Seen<'_>, mut collections: Vec<Collection>) -> Resources {
    let count = seen.ways.len();
    let mut does: Vec<Option<Result<Use, String>>> = (0..count).map(|index| own(seen, &collections, index)).collect();
    for (index, told) in does.iter_mut().enumerate().filter(|(_, told)| told.is_none()) {
        *told = action::action(seen, &collections, index);
    }
    for told in does.iter().flatten().flatten() {
        // What an action makes is there because of it alone.
        if let Some((made, _)) = told.act.as_ref().and_then(|act| act.makes.as_ref()) {
            collections[*made].kept = Kept::Made;
            collections[*made].why = format!("`{}` makes an item", seen.contract.heads()[operation(&does, told)].key);
        }
        let acted = &mut collections[told.collection];
        if told.role == Role::Act && acted.kept == Kept::Not {
            acted.kept = Kept::Given;
            "something happens to items, and nothing makes one: each is there from the start"
                .clone_into(&mut acted.why);
        }
    }
    for (index, told) in does.iter_mut().enumerate().filter(|(_, told)| told.is_none()) {
        *told = Some(listed(seen, &collections, index));
    }
    let singles = super::single::all(seen, &mut does, collections.len());
    collections.extend(singles);
    // A state begins somewhere only where something moves it.
    for (index, collection) in collections.iter_mut().enumerate() {
        let moves = |told: &Use| {
            let member = collection.state.as_ref().map(|state| &state.member);
            let act = told.act.as_ref().filter(|_| told.collection == index);
            act.is_some_and(|act| act.agreed.iter().chain(&act.refused).any(|(name, _)| Some(name) == member))
        };
        if !does.iter().flatten().flatten().any(moves)
            && let Some(state) = &mut collection.state
        {
            state.first = None;
        }
    }
    let singles: HashMap<String, usize> = collections
        .iter()
        .enumerate()
        .filter(|(_, collection)| collection.single)
        .map(|(index, collection)| (seen.ways[collection.operation].key(), index))
        .collect();
    let parents = (0..count).map(|index| parents(seen, &collections, &singles, &seen.ways[index]));
    let operations = does
        .into_iter()
        .zip(parents)
        .map(|(does, parents)| Told { does: does.unwrap_or_else(|| Err(NOTHING.to_owned())), parents });
    Resources { operations: operations.collect(), collections }
}

/// What is said of an operation that has nothing to do with any collection.
const NOTHING: &str = "its path leads to no collection";

fn operation(does: &[Option<Result<Use, String>>], one: &Use) -> usize {
    does.iter().position(|told| matches!(told, Some(Ok(told)) if std::ptr::eq(told, one))).unwrap_or(0)
}

/// For each part of a collection's scope, the parameter of a path that says it: by its place on the collection's own path, else by name.
pub(super) fn scope(collection: &Collection, own: bool, names: &[String]) -> Vec<Option<String>> {
    let by_name = |wanted: &String| names.iter().find(|name| fold(name) == fold(wanted)).cloned();
    let by_place = |(place, _): (usize, &String)| names.get(place).cloned();
    match own {
        true => collection.scope.iter().enumerate().map(by_place).collect(),
        false => collection.scope.iter().map(by_name).collect(),
    }
}

/// The items that a path leads through before its last segment, and the things of which a path has one.
fn parents(seen: &Seen<'_>, collections: &[Collection], singles: &HashMap<String, usize>, way: &Way) -> Vec<Item> {
    if !way.is_plain() {
        return Vec::new();
    }
    let inner = || (2..way.steps.len()).map(|length| way.first(length));
    let single = |way: Way| {
        let collection = *singles.get(&way.key())?;
        Some(Item { collection, scope: way.names().into_iter().map(Some).collect(), id: String::new() })
    };
    let kept = |item: &Item| {
        let collection = &collections[item.collection];
        collection.kept != Kept::Not && collection.id.is_some()
    };
    let items = inner().filter_map(|way| item(seen, collections, &way)).filter(kept);
    items.chain(inner().filter_map(single)).collect()
}

/// The item that a path names by its last segment.
pub(super) fn item(seen: &Seen<'_>, collections: &[Collection], way: &Way) -> Option<Item> {
    let id = way.last_name()?;
    let above = way.above();
    let Home { collection, own, .. } = seen.homes.get(&above.key())?;
    let scope = scope(&collections[*collection], *own, &above.names());
    Some(Item { collection: *collection, scope, id: id.to_owned() })
}

/// Where an operation shows an item of a collection: an object of the same schema, or one that has the same id.
pub(super) fn shows(seen: &Seen<'_>, collection: &Collection, operation: usize) -> Option<Shown> {
    let contract = seen.contract;
    let same = collection.item.as_ref().and_then(|item| shape::identity(contract, &item.schema));
    let by_schema = shown(contract, operation, false, &collection.name, |schema| {
        same.is_some() && shape::identity(contract, schema) == same
    });
    by_schema.or_else(|| {
        let id = &collection.id.as_ref()?.member;
        shown(contract, operation, false, &collection.name, |schema| schema.property_names().contains(id))
    })
}

/// Where the body of a request holds the item: itself, or in the member that answers have for it, too.
fn sent(seen: &Seen<'_>, operation: usize, shown: Option<&Shown>) -> Vec<String> {
    let way = shown.map(|shown| shown.way.clone()).unwrap_or_default();
    let wrapped =
        asked(seen.contract.operation(operation)).is_some_and(|schema| match schema.property_names().as_slice() {
            [only] => way.first() == Some(only),
            _ => false,
        });
    if wrapped { way } else { Vec::new() }
}

/// What an operation does by its own path and method.
fn own(seen: &Seen<'_>, collections: &[Collection], index: usize) -> Option<Result<Use, String>> {
    let contract = seen.contract;
    let way = &seen.ways[index];
    let method = &contract.heads()[index].method;
    if !way.is_plain() {
        return Some(Err("its path has segments that are more than one parameter, or that span several".to_owned()));
    }
    let with = |role: Role, collection: usize, shown: Option<Shown>, why: &str| Use {
        role,
        collection,
        scope: Vec::new(),
        id: None,
        sent: sent(seen, index, shown.as_ref()),
        shown,
        act: None,
        makes: None,
        names: None,
        by: Vec::new(),
        why: why.to_owned(),
    };
    if let Some(item) = item(seen, collections, way) {
        let collection = &collections[item.collection];
        if collection.id.is_none() && collection.kept == Kept::Not {
            return Some(Err(format!("{}: {}", collection.path, collection.why)));
        }
        if collection.id.is_none() {
            return Some(Err(format!("no member of an item is what `{{{}}}` of the path names", item.id)));
        }
        let shown = shows(seen, collection, index);
        let (role, why) = match *method {
            Method::GET if shown.is_some() => (Role::Read, "GET of an item's path"),
            Method::GET if tells(contract.operation(index)) => {
                (Role::Read, "GET of an item's path tells whether it is there")
            }
            Method::GET => return Some(Err("its answer does not show the item".to_owned())),
            Method::PUT => (Role::Replace, "PUT to an item's path"),
            Method::PATCH => (Role::Merge, "PATCH of an item's path"),
            Method::POST if shown.is_some() => (Role::Merge, "POST to an item's path, answered with the item"),
            Method::DELETE => (Role::Remove, "DELETE of an item's path"),
            _ => return Some(Err(format!("{method} says nothing about an item"))),
        };
        let makes = (role == Role::Replace && documents(contract.operation(index), 201)).then_some(201);
        return Some(Ok(Use {
            scope: item.scope,
            id: Some(item.id),
            makes,
            by: seen.homes.get(&way.above().key()).map(|home| home.by.clone()).unwrap_or_default(),
            ..with(role, item.collection, shown, why)
        }));
    }
    let home = seen.homes.get(&way.key()).filter(|home| home.own || home.joins)?;
    let (at, by) = (&home.collection, home.by.clone());
    let collection = &collections[*at];
    let scope = scope(collection, home.own, &way.names());
    match *method {
        Method::GET => {
            let shown = shown(contract, index, true, &collection.name, |_| true);
            let none = "its answer has no list of items, or several".to_owned();
            Some(shown.ok_or(none).map(|shown| Use {
                scope,
                by,
                ..with(Role::List, *at, Some(shown), "GET of the collection's path")
            }))
        }
        Method::POST if home.joins || (seen.at(&way.key(), method) == Some(index) && collection.operation == index) => {
            // What nothing names is shown by an answer that has what was sent, whatever else it has.
            let names = asked(contract.operation(index)).map(Schema::property_names).unwrap_or_default();
            let has_sent = |schema: &Schema| schema.property_names().iter().any(|name| names.contains(name));
            let shown = shows(seen, collection, index).or_else(|| {
                let found = || shown(contract, index, false, &collection.name, has_sent);
                collection.id.is_none().then(found).flatten()
            });
            let names = if shown.is_none() { names_it(seen, index) } else { None };
            Some(Ok(Use { scope, by, names, ..with(Role::Create, *at, shown, "POST to the collection's path") }))
        }
        Method::POST => Some(Err("neither its answer nor a list shows what it would have made".to_owned())),
        _ => Some(Err(format!("{method} is about the collection as a whole"))),
    }
}

/// Whether an operation shows nothing and tells by its status whether something is there.
fn tells(operation: &Operation) -> bool {
    let nothing = operation.success().is_some_and(|(status, response)| status == 204 && response.content.is_empty());
    nothing && documents(operation, 404)
}

/// The member of the answer to a POST that is called as the parameter which names an item behind its path.
fn names_it(seen: &Seen<'_>, index: usize) -> Option<Shown> {
    let way = &seen.ways[index];
    let parameter = seen.ways.iter().find_map(|other| parameter_behind(other, way))?;
    let (response, content, schema) = answered(seen.contract.operation(index))?;
    let member = schema.property_names().into_iter().find(|name| fold(name) == fold(&parameter))?;
    let schema = schema.property(&member)?;
    Some(Shown { operation: index, response, content, way: vec![member], list: false, schema })
}

/// A list of the items of one collection under another path.
fn listed(seen: &Seen<'_>, collections: &[Collection], index: usize) -> Result<Use, String> {
    let contract = seen.contract;
    let way = &seen.ways[index];
    if contract.heads()[index].method != Method::GET {
        return Err(NOTHING.to_owned());
    }
    let Some((response, content, schema)) = answered(contract.operation(index)) else { return Err(NOTHING.to_owned()) };
    let thing = way.last_text().unwrap_or_default();
    let Some(found) = shape::list(schema, thing) else { return Err(NOTHING.to_owned()) };
    let Some(own) = shape::identity(contract, &found.schema) else { return Err(NOTHING.to_owned()) };
    let same = |at: &usize| {
        let item = collections[*at].item.as_ref().and_then(|item| shape::identity(contract, &item.schema));
        collections[*at].kept != Kept::Not && item.as_deref() == Some(&own)
    };
    let mut fitting = (0..collections.len()).filter(same);
    let Some(at) = fitting.next() else { return Err("it lists what no operation makes or changes".to_owned()) };
    if fitting.next().is_some() {
        return Err("several collections have items like those that it lists".to_owned());
    }
    let collection = &collections[at];
    // What cannot be listed by its path cannot be listed whole by another one.
    if collection.kept == Kept::Given {
        return Err(format!("nothing makes {}, so what it lists is made up", collection.name));
    }
    let names: Vec<String> = way
        .steps
        .iter()
        .filter_map(|step| if let Step::Name(name) = step { Some(name) } else { None })
        .cloned()
        .collect();
    let scope = scope(collection, false, &names);
    let members = found.schema.property_names();
    let mut by = Vec::new();
    for name in names.iter().filter(|name| !scope.iter().flatten().any(|known| known == *name)) {
        match members.iter().find(|member| fold(member) == fold(name)) {
            Some(member) => by.push((name.clone(), member.clone())),
            None => return Err(format!("nothing in an item says which belong to `{{{name}}}`")),
        }
    }
    let called = shape::name(contract, &found.schema).unwrap_or_else(|| "item".to_owned());
    Ok(Use {
        role: Role::List,
        collection: at,
        scope,
        id: None,
        shown: Some(Shown { operation: index, response, content, way: found.way, list: true, schema: found.schema }),
        sent: Vec::new(),
        act: None,
        makes: None,
        names: None,
        by,
        why: format!("it lists `{called}`, as {} does", collection.path),
    })
}
