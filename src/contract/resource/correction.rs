//! What a file says of a document's collections, held to the document and carried out; and the items it brings.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::correct::{Of, World};
use super::path::{Step, Way};
use super::shape::{self, answered};
use super::words::fold;
use super::{Act, Collection, Identity, Kept, Resources, Role, Shown, Use, uses};
use crate::contract::Contract;
use crate::finding::{Finding, Place, did_you_mean};
use crate::message::percent_decode;

/// An item that is there from the start.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Its collection.
    pub collection: usize,
    /// Whose it is: a text for each part of the collection's scope.
    pub scope: Vec<Arc<str>>,
    /// Its members, as far as the file says them.
    pub value: Map<String, Value>,
}

/// Carries out what a file says; what names nothing is a finding.
pub(super) fn apply(resources: &mut Resources, contract: &Contract, world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for says in &world.collections {
        match resources.find(&says.name) {
            Some(index) => collection(&mut resources.collections[index], says, &mut findings),
            None => findings.push(unknown(resources, &says.name, &says.place)),
        }
    }
    for says in &world.operations {
        operation(resources, contract, says, &mut findings);
    }
    // What has a beginning is told apart from what has not.
    for seeds in &world.seeds {
        if let Some((index, _)) = resources.place(&seeds.path) {
            resources.collections[index].kept = Kept::Made;
        }
    }
    findings
}

fn unknown(resources: &Resources, name: &str, place: &Place) -> Finding {
    let known = resources.collections.iter().flat_map(|collection| [collection.name.as_str(), &*collection.path]);
    let help = match did_you_mean(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`standin explain --stateful` lists them; where two have one name, write the path".to_owned(),
    };
    Finding::new("stateful-key", format!("no one collection is `{name}`")).at(Some(place.clone())).help(help)
}

fn collection(collection: &mut Collection, says: &Of<super::correct::CollectionSays>, findings: &mut Vec<Finding>) {
    let members = collection.item.as_ref().map(|item| item.schema.property_names()).unwrap_or_default();
    let mut known = |name: &String| {
        let known = members.is_empty() || members.contains(name);
        if !known {
            let near = did_you_mean(name, members.iter().map(String::as_str));
            let help = near
                .map_or_else(|| "name one that the document has".to_owned(), |near| format!("did you mean `{near}`?"));
            let sentence = format!("items of {} have no member `{name}`", collection.path);
            findings.push(Finding::new("stateful-value", sentence).at(Some(says.place.clone())).help(help));
        }
        known
    };
    if let Some(id) = says.says.id.as_ref().filter(|id| known(id)) {
        collection.id = Some(Identity { member: id.clone(), why: format!("{} says so", says.place.source.name()) });
    }
    if let Some(unique) = &says.says.unique
        && unique.iter().all(&mut known)
    {
        collection.unique.clone_from(unique);
        collection.conflict = if unique.is_empty() { None } else { collection.conflict.or(Some(409)) };
    }
    match says.says.keep {
        Some(false) => collection.kept = Kept::Not,
        Some(true) if collection.kept == Kept::Not => collection.kept = Kept::Given,
        _ => {}
    }
}

fn operation(
    resources: &mut Resources,
    contract: &Contract,
    says: &Of<super::correct::OperationSays>,
    findings: &mut Vec<Finding>,
) {
    let mut wrong = |sentence: String, help: &str| {
        findings.push(Finding::new("stateful-value", sentence).at(Some(says.place.clone())).help(help));
    };
    let Some(index) = contract.find(&says.name) else {
        let near = did_you_mean(&says.name, contract.heads().iter().map(|head| &*head.key));
        let help = near.map_or_else(|| "name one of the document".to_owned(), |near| format!("did you mean `{near}`?"));
        return wrong(format!("the document has no operation `{}`", says.name), &help);
    };
    let file = says.place.source.name();
    if says.says.document {
        resources.operations[index].does = Err(format!("{file} says so"));
        return;
    }
    if let Some(name) = &says.says.lists {
        let Some(at) = resources.find(name) else { return findings.push(unknown(resources, name, &says.place)) };
        let collection = &resources.collections[at];
        let listed = lists(collection, at, contract, index, file);
        let id = collection.id.as_ref().map(|id| &id.member);
        // A list of other things has no items of this collection to show.
        let has_id = |does: &Use| {
            let members = does.shown.as_ref().map(|shown| shown.schema.property_names()).unwrap_or_default();
            id.is_none_or(|id| members.is_empty() || members.contains(id))
        };
        match listed {
            Some(does) if has_id(&does) => resources.operations[index].does = Ok(does),
            Some(_) => {
                let id = id.map(String::as_str).unwrap_or_default();
                let path = &collection.path;
                wrong(
                    format!("what `{}` lists has no `{id}`, which items of {path} are told apart by", says.name),
                    "name an operation that lists such items",
                );
            }
            None => {
                wrong(format!("the answer of `{}` has no list of items", says.name), "name an operation that lists");
            }
        }
    }
    let says_act = &says.says;
    if says_act.agreed.is_none() && says_act.refused.is_none() && says_act.takes.is_none() && says_act.makes.is_none() {
        return;
    }
    let Some(does) = acting(resources, index, file) else {
        return wrong(
            format!("the path of `{}` leads through no item", says.name),
            "an action stands behind the path of an item",
        );
    };
    let made = match &says_act.makes {
        Some(name) => match resources.find(name) {
            Some(at) => {
                let own = &resources.collections[does.collection].scope;
                let part = |part: &String| own.iter().position(|known| fold(known) == fold(part));
                let scope: Option<Vec<usize>> = resources.collections[at].scope.iter().map(part).collect();
                let Some(scope) = scope else {
                    return wrong(
                        format!("nothing says under which parent `{name}` would get an item"),
                        "leave `makes` out",
                    );
                };
                Some((at, scope))
            }
            None => return findings.push(unknown(resources, name, &says.place)),
        },
        None => None,
    };
    if let Some((at, _)) = &made {
        resources.collections[*at].kept = Kept::Made;
    }
    let list = |values: &Map<String, Value>| values.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Ok(Use { act: Some(act), .. }) = &mut resources.operations[index].does {
        if let Some(values) = &says_act.agreed {
            act.agreed = list(values);
        }
        if let Some(values) = &says_act.refused {
            act.refused = list(values);
        }
        act.takes = says_act.takes.unwrap_or(act.takes);
        act.makes = made.or(act.makes.take());
    }
}

/// The operation as an action on the item that its path leads through last.
fn acting(resources: &mut Resources, index: usize, file: &str) -> Option<Use> {
    let told = &mut resources.operations[index];
    if !matches!(&told.does, Ok(Use { role: Role::Act, .. })) {
        let item = told.parents.last()?.clone();
        told.does = Ok(Use {
            role: Role::Act,
            collection: item.collection,
            scope: item.scope,
            id: Some(item.id),
            shown: None,
            sent: Vec::new(),
            act: Some(Act { agrees: true, ..Act::default() }),
            makes: None,
            names: None,
            by: Vec::new(),
            why: format!("{file} says so"),
        });
    }
    told.does.as_ref().ok().cloned()
}

fn lists(collection: &Collection, at: usize, contract: &Contract, index: usize, file: &str) -> Option<Use> {
    let (response, content, schema) = answered(contract.operation(index))?;
    let way = Way::of(&format!("{}{}", contract.base_path(index), contract.heads()[index].template));
    let found = shape::list(schema, way.last_text().unwrap_or_default())?;
    Some(Use {
        role: Role::List,
        collection: at,
        scope: uses::scope(collection, false, &way.names()),
        id: None,
        shown: Some(Shown { operation: index, response, content, way: found.way, list: true, schema: found.schema }),
        sent: Vec::new(),
        act: None,
        makes: None,
        names: None,
        by: Vec::new(),
        why: format!("{file} says so"),
    })
}

impl Resources {
    /// The collection that a name or a path with values in it means, and whose items are meant.
    fn place(&self, text: &str) -> Option<(usize, Vec<Arc<str>>)> {
        if let Some(index) = self.find(text).filter(|index| self.collections[*index].scope.is_empty()) {
            return Some((index, Vec::new()));
        }
        let given = Some(Way::of(text)).filter(|way| !way.steps.is_empty())?;
        self.collections.iter().enumerate().find_map(|(index, collection)| {
            let path = Way::of(&collection.path);
            // The base path may be left out.
            let start = path.steps.len().checked_sub(given.steps.len())?;
            if path.steps[..start].iter().any(|step| !matches!(step, Step::Text(_))) {
                return None;
            }
            let mut scope = Vec::new();
            for (known, said) in path.steps[start..].iter().zip(&given.steps) {
                match (known, said) {
                    (Step::Text(known), Step::Text(said)) if known == said => {}
                    (Step::Name(_), Step::Text(said)) => {
                        scope.push(
                            percent_decode(said).map_or_else(|_| said.as_str().into(), |text| text.as_ref().into()),
                        );
                    }
                    _ => return None,
                }
            }
            Some((index, scope))
        })
    }

    /// The items that a file brings, and what is wrong with them.
    pub fn seeds(&self, world: &World) -> (Vec<Seed>, Vec<Finding>) {
        let (mut seeds, mut findings) = (Vec::new(), Vec::new());
        let mut known: HashMap<(usize, Vec<Arc<str>>, String), String> = HashMap::new();
        for listed in &world.seeds {
            let Some((index, scope)) = self.place(&listed.path) else {
                let mut finding = unknown(self, &listed.path, &listed.place);
                if let Some(index) = self.find(&listed.path) {
                    let path = &self.collections[index].path;
                    finding.help = Some(format!("its items belong to a parent: write `{path}` with values in it"));
                }
                findings.push(finding);
                continue;
            };
            let collection = &self.collections[index];
            for (value, place) in &listed.items {
                if let Some(item) = &collection.item {
                    // What is missing is made up, as for a request that makes an item.
                    let wrong = item.schema.explain(value).into_iter().filter(|one| one.keyword != "required");
                    let wrong: Vec<String> = wrong.map(|one| format!("`{}` {}", one.pointer, one.sentence)).collect();
                    if let Some(first) = wrong.first() {
                        let more =
                            if wrong.len() > 1 { format!(", and {} more", wrong.len() - 1) } else { String::new() };
                        let sentence = format!("this is no item of {}: {first}{more}", collection.path);
                        let finding = Finding::new("stateful-seed", sentence).at(Some(place.clone()));
                        findings.push(finding.help("write it as the document says; what is left out is made up"));
                        continue;
                    }
                }
                let id = collection.id.as_ref().and_then(|id| value.get(&id.member));
                let id = id
                    .and_then(|id| id.as_str().map(str::to_owned).or_else(|| id.as_number().map(ToString::to_string)));
                if let Some(id) = id {
                    match known.entry((index, scope.clone(), id)) {
                        Entry::Occupied(first) => {
                            let (_, _, id) = first.key();
                            let sentence =
                                format!("another item of {} has the id `{id}`: {}", listed.path, first.get());
                            let finding = Finding::new("stateful-seed", sentence).at(Some(place.clone()));
                            findings
                                .push(finding.help("give it an id of its own, or leave it out: then one is made up"));
                            continue;
                        }
                        Entry::Vacant(free) => {
                            free.insert(place.to_string());
                        }
                    }
                }
                let value = value.as_object().cloned().unwrap_or_default();
                seeds.push(Seed { collection: index, scope: scope.clone(), value });
            }
        }
        (seeds, findings)
    }
}
