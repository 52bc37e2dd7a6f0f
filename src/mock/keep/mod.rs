//! What `--stateful` adds to an answer: the item that was made is the one that is read, listed, changed and removed.
//!
//! Order: what is generated is generated first; then, behind the store's one lock, the parents are looked for, what is refused is
//! refused, and the change is made; then the answer is put together out of what was there at that moment. Whatever else decides on a
//! call (a rule, `Prefer`, an invalid request, a media type that cannot be had) comes before: then nothing is kept and nothing read.

mod act;
mod change;
mod create;
mod document;
mod lead;
mod list;
mod misfit;
mod order;
mod present;
mod single;
mod twice;
mod usual;

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

pub(super) use self::lead::fields;
use self::usual::usual;
use super::build::About;
use super::negotiate;
use super::store::{Kept, Scope, Store, Tables};
use crate::contract::resource::{Collection, Item, Kept as Keeps, Resources, Role, Seed, Use, World};
use crate::contract::{Contract, In, Parameter};
use crate::finding::Verdict;
use crate::generate::{Context, NoEcho, Plan};
use crate::message::StatusRange;

/// What is kept, of which collections, and what is there from the start.
#[derive(Clone, Debug)]
pub struct Stateful {
    /// The collections.
    pub resources: Arc<Resources>,
    /// What is in them from the start.
    pub seeds: Arc<[Seed]>,
}

impl Stateful {
    /// What a document says by itself, with nothing in it from the start.
    pub fn inferred(contract: &Contract) -> Stateful {
        let (resources, _) = Resources::of(contract, &World::default());
        Stateful { resources: Arc::new(resources), seeds: Arc::new([]) }
    }
}

/// The same, ready for calls.
#[derive(Debug)]
pub(super) struct Keeping {
    pub(super) resources: Arc<Resources>,
    seeds: Arc<[Seed]>,
    /// How what an operation shows is made, by operation.
    shown: Vec<OnceLock<Option<Plan>>>,
    /// What a list is asked for by nothing, by operation.
    defaults: Vec<OnceLock<order::Defaults>>,
    /// By collection.
    ready: Vec<Ready>,
}

/// What is made once for a collection.
#[derive(Debug)]
struct Ready {
    /// How an item is made.
    plan: OnceLock<Option<Plan>>,
    /// How an id is made: by what the member says, and by what the path says.
    ids: OnceLock<[Option<Plan>; 2]>,
    /// The parameter that names an item in a path: its operation, and its index there.
    named: Option<(usize, usize)>,
    /// Whether an item's path is the collection's with the id behind it.
    own_path: bool,
    /// The operation that reads an item, by no other member than its id.
    read: Option<usize>,
    /// Members that its list asks for where a call asks for nothing: a new item is one of those.
    usual: Vec<(String, Value)>,
    /// The collections below its items.
    below: Vec<usize>,
    /// Those that get items by actions on items of this one.
    turns_into: Vec<usize>,
}

/// What comes of a call.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Another status than that of success.
    pub(super) status: Option<u16>,
    /// The content; `None`: as the document says.
    pub(super) value: Option<Value>,
    /// What the answer says where the document has nothing for its status.
    pub(super) detail: Option<String>,
    /// Whether an item was made.
    pub(super) made: bool,
    /// Where the item that was made can be read.
    pub(super) location: Option<String>,
    /// How many items a list has on all of its pages.
    pub(super) total: Option<usize>,
    pub(super) notes: Vec<String>,
}

impl Outcome {
    fn refused(status: u16, detail: String) -> Outcome {
        Outcome { status: Some(status), notes: vec![detail.clone()], detail: Some(detail), ..Outcome::default() }
    }

    fn noted(note: String) -> Outcome {
        Outcome { notes: vec![note], ..Outcome::default() }
    }
}

impl Keeping {
    pub(super) fn new(stateful: &Stateful, contract: &Contract) -> Keeping {
        let resources = stateful.resources.clone();
        let ready = (0..resources.collections.len()).map(|index| Ready::new(&resources, index, contract)).collect();
        let shown = resources.operations.iter().map(|_| OnceLock::new()).collect();
        let defaults = resources.operations.iter().map(|_| OnceLock::new()).collect();
        Keeping { resources, seeds: stateful.seeds.clone(), shown, defaults, ready }
    }

    /// Whether an operation needs what is kept.
    pub(super) fn concerns(&self, operation: usize) -> bool {
        self.resources.does(operation).is_some() || !self.resources.parents(operation).is_empty()
    }

    fn collection(&self, index: usize) -> &Collection {
        &self.resources.collections[index]
    }

    fn plan(&self, collection: usize) -> Option<&Plan> {
        let item = self.collection(collection).item.as_ref()?;
        self.ready[collection].plan.get_or_init(|| Some(Plan::new(&item.schema, None))).as_ref()
    }
}

impl Ready {
    fn new(resources: &Resources, index: usize, contract: &Contract) -> Ready {
        let collection = &resources.collections[index];
        let told = || resources.operations.iter().enumerate();
        let by_use = told().filter_map(|(operation, told)| {
            let does = told.does.as_ref().ok().filter(|does| does.collection == index)?;
            Some((operation, does.id.clone()?))
        });
        let by_parent = told().flat_map(|(operation, told)| {
            let own = told.parents.iter().filter(|item| item.collection == index);
            own.map(move |item| (operation, item.id.clone()))
        });
        let mut named = by_use.chain(by_parent).filter_map(|(operation, name)| {
            let is_it = |known: &Parameter| known.place == In::Path && *known.name == *name;
            Some((operation, contract.operation(operation).parameters.iter().position(is_it)?))
        });
        let path = format!("{}/{{", collection.path.trim_end_matches('/'));
        let at =
            |operation: usize| format!("{}{}", contract.base_path(operation), contract.heads()[operation].template);
        let below = resources.collections.iter().enumerate();
        let below = below.filter(|(_, other)| other.path.starts_with(&path)).map(|(index, _)| index);
        let turns = told().filter_map(|(_, told)| {
            let does = told.does.as_ref().ok().filter(|does| does.collection == index)?;
            Some(does.act.as_ref()?.makes.as_ref()?.0)
        });
        Ready {
            plan: OnceLock::new(),
            ids: OnceLock::new(),
            named: named.next(),
            own_path: told().any(|(operation, _)| at(operation).starts_with(&path)),
            read: told()
                .find(|(_, told)| {
                    let does = told.does.as_ref().ok().filter(|does| does.collection == index);
                    does.is_some_and(|does| does.role == Role::Read && does.by.is_empty() && does.shown.is_some())
                })
                .map(|(operation, _)| operation),
            usual: told().flat_map(|(operation, told)| usual(collection, contract, operation, told)).collect(),
            below: below.collect(),
            turns_into: turns.collect(),
        }
    }
}

/// A call, and what it is about.
struct At<'a> {
    about: &'a About<'a>,
    keeping: &'a Keeping,
    dynamic: bool,
}

impl<'a> At<'a> {
    fn contract(&self) -> &'a Contract {
        self.about.call.contract()
    }

    /// The text of a path parameter.
    fn text(&self, name: &str) -> Option<Arc<str>> {
        self.about.call.path(name).map(|text| text.as_ref().into())
    }

    fn scope(&self, names: &[Option<String>]) -> Vec<Option<Arc<str>>> {
        names.iter().map(|name| self.text(name.as_ref()?)).collect()
    }

    /// Whether an item is one of those that the path is about: by the members that say so.
    fn is_of(&self, does: &Use, kept: &Kept) -> bool {
        does.by.iter().all(|(parameter, member)| {
            let said = kept.value.get(member).and_then(create::text_of);
            said == self.text(parameter)
        })
    }

    fn item_of(&self, does: &Use) -> Option<Item> {
        Some(Item { collection: does.collection, scope: does.scope.clone(), id: does.id.clone()? })
    }

    fn context(&self, seed: u64) -> Context<'static> {
        let seed = crate::generate::Seed(seed);
        Context { seed, now: self.about.mock.options().now, echo: &NoEcho, size: None, page: None }
    }

    /// The status for what is not there: documented ones first.
    fn missing(&self, what: String) -> Outcome {
        let documented = |status: &u16| {
            let exact = StatusRange::Exact(*status);
            self.about.call.operation().responses.iter().any(|response| response.range == exact)
        };
        Outcome::refused([404, 410].into_iter().find(documented).unwrap_or(404), what)
    }

    /// An id, named for people.
    fn called(&self, collection: usize, id: &str) -> String {
        format!("{}/{id}", self.keeping.collection(collection).name)
    }

    /// An item that is there: kept; or given by nature, and then made up.
    fn look(&self, tables: &Tables, collection: usize, scope: &[Option<Arc<str>>], id: &str) -> Option<Kept> {
        let known = self.keeping.collection(collection);
        if let Some(kept) = tables.find(&known.path, scope, id) {
            return Some(kept.clone());
        }
        let whole: Option<Scope> = scope.iter().cloned().collect();
        let given = known.kept == Keeps::Given && !tables.is_gone(&known.path, scope, id);
        whole.filter(|_| given).and_then(|scope| self.given(collection, scope, id))
    }

    /// The first of the items that have to be there and is not.
    fn missing_parent(&self, tables: &Tables) -> Option<Outcome> {
        let parents = self.keeping.resources.parents(self.about.call.route().operation);
        parents.iter().find_map(|parent| {
            let known = self.keeping.collection(parent.collection);
            let id = if known.single { Arc::from("") } else { self.text(&parent.id)? };
            let scope = self.scope(&parent.scope);
            let there = match known.kept {
                Keeps::Made => tables.find(&known.path, &scope, &id).is_some(),
                Keeps::Given => !tables.is_gone(&known.path, &scope, &id),
                Keeps::Not => true,
            };
            let what = || if known.single { known.name.clone() } else { self.called(parent.collection, &id) };
            (!there).then(|| self.missing(format!("{} is not there", what())))
        })
    }
}

/// Whether a schema's member takes a value; `None` where it has no such member.
fn admits(schema: &crate::schema::Schema, name: &str, value: &Value) -> Option<bool> {
    let member = schema.property(name)?;
    Some(member.check(value) != Verdict::Invalid)
}

/// What a session's store makes of a call; `None`: nothing, it is answered as the document says.
pub(super) fn keep(about: &About<'_>, store: &Store, dynamic: bool) -> Option<Outcome> {
    let keeping = about.mock.keeping.as_ref()?;
    let operation = about.call.route().operation;
    if !keeping.concerns(operation) || !is_acceptable(about) {
        return None;
    }
    let at = At { about, keeping, dynamic };
    at.begin(store);
    let Some(does) = keeping.resources.does(operation) else {
        return at.missing_parent(&store.open());
    };
    if keeping.collection(does.collection).single {
        return Some(at.single(store, does));
    }
    Some(match does.role {
        Role::Create => at.create(store, does),
        Role::List => at.list(store, does),
        Role::Read => at.read(store, does),
        Role::Replace | Role::Merge => at.change(store, does),
        Role::Remove => at.remove(store, does),
        Role::Act => at.act(store, does),
    })
}

/// Whether the client takes what it would get: if not, nothing happens.
fn is_acceptable(about: &About<'_>) -> bool {
    let Some((_, response)) = about.call.operation().success() else { return false };
    response.content.is_empty() || negotiate::pick(response, &about.call.request().headers).is_ok()
}

impl At<'_> {
    fn read(&self, store: &Store, does: &Use) -> Outcome {
        let Some(item) = self.item_of(does) else { return Outcome::default() };
        let (scope, Some(id)) = (self.scope(&item.scope), self.text(&item.id)) else { return Outcome::default() };
        let tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        let found = self.look(&tables, item.collection, &scope, &id).filter(|kept| self.is_of(does, kept));
        drop(tables);
        match found {
            Some(kept) => {
                let value = does.shown.as_ref().and_then(|shown| self.shown(shown, &kept));
                Outcome { value, ..Outcome::noted(format!("read {}", self.called(item.collection, &id))) }
            }
            None => self.missing(format!("{} is not there", self.called(item.collection, &id))),
        }
    }

    fn remove(&self, store: &Store, does: &Use) -> Outcome {
        let Some(item) = self.item_of(does) else { return Outcome::default() };
        let (scope, Some(id)) = (self.scope(&item.scope), self.text(&item.id)) else { return Outcome::default() };
        let mut tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        let found = self.look(&tables, item.collection, &scope, &id);
        let found = found.filter(|kept| !kept.answered && self.is_of(does, kept));
        let Some(kept) = found else {
            return self.missing(format!("{} is not there", self.called(item.collection, &id)));
        };
        let path = &self.keeping.collection(item.collection).path;
        if tables.take(path, &scope, &id).is_none() {
            tables.remember_gone(path, kept.scope.clone(), kept.id.clone());
            tables.changes += 1;
        }
        let below: Vec<Arc<str>> = kept.scope.iter().cloned().chain([kept.id.clone()]).collect();
        let mut went = 0;
        for other in &self.keeping.ready[item.collection].below {
            went += tables.take_below(&self.keeping.collection(*other).path, &below);
        }
        drop(tables);
        let with = match went {
            0 => String::new(),
            1 => ", and one item below it".to_owned(),
            more => format!(", and {more} items below it"),
        };
        let value = does.shown.as_ref().and_then(|shown| self.shown(shown, &kept));
        Outcome { value, ..Outcome::noted(format!("removed {}{with}", self.called(item.collection, &id))) }
    }

    /// Puts what is there from the start into a session that begins.
    fn begin(&self, store: &Store) {
        let mut tables = store.open();
        if std::mem::replace(&mut tables.begun, true) {
            return;
        }
        for (number, seed) in self.keeping.seeds.iter().enumerate() {
            let scope: Scope = seed.scope.iter().cloned().collect();
            let known = self.keeping.collection(seed.collection);
            let number = number as u64;
            let own = crate::generate::Seed(self.about.mock.options().seed).narrow("seed").nth(number).0;
            let schema = known.item.as_ref().map(|item| &item.schema);
            let made = self.made(seed.collection, &scope, &seed.value, &Map::new(), own, schema);
            if let Some(id) = self.free_id(&tables, seed.collection, &scope, &made, own) {
                let item = self.item(seed.collection, made, scope, id, 0, own);
                // There is less in a file than may be kept.
                let _ = tables.put(&known.path, item);
            }
        }
    }
}
