//! From a document's paths to its collections.

use std::collections::{HashMap, HashSet};

use super::identify::{Named, linked};
use super::path::{Step, Way};
use super::shape::{self, answered, asked};
use super::together::{Together, read_elsewhere, together};
use super::words::{IDENTIFYING, STATES, fold};
use super::{Collection, Identity, Kept, Resources, Shown, State, uses};
use crate::contract::{Contract, Operation};
use crate::message::{Method, StatusRange};
use crate::schema::Schema;

/// States that things begin in, the likeliest first.
const FIRST: [&str; 14] = [
    "pending",
    "open",
    "new",
    "created",
    "draft",
    "invited",
    "submitted",
    "requested",
    "queued",
    "waiting",
    "todo",
    "active",
    "available",
    "inactive",
];

/// Where items of a path belong: a collection, by its own path or by another one.
pub(super) struct Home {
    pub(super) collection: usize,
    /// Whether it is the collection's own path.
    pub(super) own: bool,
    /// Whether calls make items by this path, which is not the collection's own.
    pub(super) joins: bool,
    /// Parameters of this path that choose among the items by a member.
    pub(super) by: Vec<(String, String)>,
}

impl Collection {
    /// It is not plain whose its items are: none is kept, whatever is done to them.
    fn is_unclear(&mut self, why: String) {
        (self.kept, self.id, self.why) = (Kept::Not, None, why);
    }
}

impl Home {
    fn own(collection: usize) -> Home {
        Home { collection, own: true, joins: false, by: Vec::new() }
    }
}

/// The operations of a document by their paths.
pub(super) struct Seen<'c> {
    pub(super) contract: &'c Contract,
    pub(super) ways: Vec<Way>,
    by_key: HashMap<String, Vec<usize>>,
    /// Where the items below a path belong, by its key.
    pub(super) homes: HashMap<String, Home>,
}

impl<'c> Seen<'c> {
    fn new(contract: &'c Contract) -> Seen<'c> {
        let heads = contract.heads().iter().enumerate();
        let ways: Vec<Way> =
            heads.map(|(index, head)| Way::of(&format!("{}{}", contract.base_path(index), head.template))).collect();
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, way) in ways.iter().enumerate().filter(|(_, way)| way.is_plain()) {
            by_key.entry(way.key()).or_default().push(index);
        }
        Seen { contract, ways, by_key, homes: HashMap::new() }
    }

    /// The operation of a method at a path.
    pub(super) fn at(&self, key: &str, method: &Method) -> Option<usize> {
        let known = self.by_key.get(key)?;
        known.iter().copied().find(|index| self.contract.heads()[*index].method == *method)
    }

    pub(super) fn any(&self, key: &str) -> &[usize] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }
}

/// The collections of a document, and what its operations do to them.
pub(super) fn infer(contract: &Contract) -> Resources {
    let mut seen = Seen::new(contract);
    let mut collections: Vec<Collection> = Vec::new();
    let mut open: Vec<(Way, Option<Collection>)> = Vec::new();
    for way in candidates(&seen) {
        match collection(&seen, &way) {
            Some(found) if found.kept == Kept::Made => {
                seen.homes.insert(way.key(), Home::own(collections.len()));
                collections.push(found);
            }
            found => open.push((way, found)),
        }
    }
    join(&mut seen, &mut collections);
    // What nothing makes by its own path may be what is made by another one.
    let made = collections.len();
    for (way, mut found) in open {
        match together(&seen, &collections[..made], &way, found.as_ref()) {
            Together::One { collection, id, by } => {
                collections[collection].id.get_or_insert(id);
                seen.homes.insert(way.key(), Home { collection, own: false, joins: false, by });
                continue;
            }
            Together::Unclear(why) => {
                if let Some(found) = &mut found {
                    found.is_unclear(why);
                }
            }
            Together::Apart => {}
        }
        if let Some(found) = found {
            seen.homes.insert(way.key(), Home::own(collections.len()));
            collections.push(found);
        }
    }
    for collection in &mut collections {
        let way = Way::of(&collection.path);
        if let Some(why) = read_elsewhere(&seen, collection, &way) {
            collection.is_unclear(why);
        }
    }
    uses::all(&seen, collections)
}

/// Items that two paths make, the shorter one for all of them and the longer one for some, are of one collection: of the shorter one.
fn join(seen: &mut Seen<'_>, collections: &mut [Collection]) {
    for index in 0..collections.len() {
        let way = Way::of(&collections[index].path);
        let own = &collections[index];
        let shorter: Vec<usize> = (0..collections.len())
            .filter(|at| {
                *at != index && collections[*at].scope.len() < own.scope.len() && collections[*at].kept == Kept::Made
            })
            .collect();
        for at in shorter {
            match together(seen, &collections[at..=at], &way, Some(own)) {
                Together::One { by, .. } => {
                    seen.homes.insert(way.key(), Home { collection: at, own: false, joins: true, by });
                    let why = format!("its items are those of {}", collections[at].path);
                    (collections[index].kept, collections[index].why) = (Kept::Not, why);
                }
                Together::Unclear(why) => collections[index].is_unclear(why),
                Together::Apart => continue,
            }
            break;
        }
    }
}

/// The paths that may be of collections, in the order of the document: what a parameter stands behind, and what is posted to and listed.
fn candidates(seen: &Seen<'_>) -> Vec<Way> {
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for way in seen.ways.iter().filter(|way| way.is_plain()) {
        let behind = way.steps.windows(2).enumerate();
        let behind = behind.filter(|(_, pair)| matches!(pair, [Step::Text(_), Step::Name(_)]));
        let lengths = behind.map(|(index, _)| index + 1);
        let posted = way.last_text().is_some_and(|_| {
            let key = way.key();
            seen.at(&key, &Method::POST).is_some() && seen.at(&key, &Method::GET).is_some()
        });
        for length in lengths.chain(posted.then_some(way.steps.len())) {
            let way = way.first(length);
            if known.insert(way.key()) {
                found.push(way);
            }
        }
    }
    found
}

/// Where the operation shows an item, or the items, of a collection.
pub(super) fn shown(
    contract: &Contract,
    operation: usize,
    list: bool,
    thing: &str,
    fits: impl Fn(&Schema) -> bool,
) -> Option<Shown> {
    let (response, content, schema) = answered(contract.operation(operation))?;
    let found = if list { shape::list(schema, thing) } else { shape::item(schema, thing, fits) }?;
    Some(Shown { operation, response, content, way: found.way, list, schema: found.schema })
}

fn collection(seen: &Seen<'_>, way: &Way) -> Option<Collection> {
    let contract = seen.contract;
    let thing = way.last_text()?;
    let key = way.key();
    let items = format!("{key}/{{}}");
    let at = |method| seen.at(&key, &method);
    let of = |method| seen.at(&items, &method);
    let (get, post) = (at(Method::GET), at(Method::POST));
    let [read, put, patch, delete, change] =
        [of(Method::GET), of(Method::PUT), of(Method::PATCH), of(Method::DELETE), of(Method::POST)];

    // Where one parameter follows another, neither names an item alone.
    let follows = |other: &Way| !matches!(other.steps.get(way.steps.len() + 1), Some(Step::Name(_)));
    let behind = || seen.ways.iter().position(|other| parameter_behind(other, way).is_some() && follows(other));
    let named_by = seen.any(&items).first().copied().or_else(behind);
    let parameter = named_by.and_then(|index| Some((index, parameter_behind(&seen.ways[index], way)?)));
    let mut named = parameter.as_ref().map(|(index, name)| Named::new(name, thing, contract.operation(*index)));
    if let (Some(named), Some(post)) = (&mut named, post) {
        named.linked = linked(contract, contract.operation(post), named.parameter, &[]);
    }
    let identified = |schema: &Schema| named.as_ref().is_none_or(|named| named.member(schema).is_some());
    let whole =
        |index: usize| answered(contract.operation(index)).and_then(|(_, _, schema)| shape::identity(contract, schema));
    let one = |index: Option<usize>| shown(contract, index?, false, thing, identified);
    // What is answered with the thing that it lies below makes nothing: it is done to that.
    let above = way.above();
    let parent = above.last_name().and_then(|_| whole(seen.at(&above.key(), &Method::GET)?));
    let posted = one(post).filter(|found| parent.is_none() || shape::identity(contract, &found.schema) != parent);
    // What is answered with the same as it was made with is one thing, whatever lists are in it.
    let whole =
        |index: usize| answered(contract.operation(index)).and_then(|(_, _, schema)| shape::identity(contract, schema));
    let is_thing = get.zip(post).is_some_and(|(get, post)| whole(get).is_some() && whole(get) == whole(post));
    let listed = get.filter(|_| !is_thing).and_then(|index| shown(contract, index, true, thing, identified));
    // What is no list and has no items behind it is no collection; nor is that of which two parameters name an item.
    let by_two = || seen.ways.iter().any(|other| parameter_behind(other, way).is_some());
    if parameter.is_none() && (listed.is_none() || by_two()) {
        return None;
    }
    let item =
        one(read).or_else(|| listed.clone()).or_else(|| posted.clone()).or_else(|| one(put)).or_else(|| one(patch));
    // What an item looks like may be told by what is sent alone.
    let item = item.or_else(|| read.and_then(|index| shown(contract, index, false, thing, |_| true)))?;
    let id = named.as_ref().and_then(|named| named.member(&item.schema));

    let creates =
        post.filter(|index| makes(contract.operation(*index), posted.is_some(), listed.is_some(), id.as_ref()));
    let put_makes = put.is_some_and(|index| documents(contract.operation(index), 201));
    let changed = [put, patch, delete].iter().any(Option::is_some) || one(change).is_some();
    if creates.is_none() && !changed && read.is_none() && listed.is_none() {
        return None;
    }
    let unnamed = parameter.is_some() && id.is_none();
    let kept = match () {
        () if unnamed => Kept::Not,
        () if creates.is_some() || put_makes => Kept::Made,
        () if changed => Kept::Given,
        () => Kept::Not,
    };
    let conflict = creates.map(|index| contract.operation(index)).filter(|operation| documents(operation, 409));
    let why = match (creates, kept) {
        _ if unnamed => "no member of an item is what paths name it by".to_owned(),
        (Some(index), _) => format!("`{}` makes an item", contract.heads()[index].key),
        (None, Kept::Made) => "PUT of an item that is not there is documented as 201".to_owned(),
        (None, Kept::Given) => {
            "items are changed or removed, and nothing makes one: each is there until it is removed".to_owned()
        }
        (None, Kept::Not) => "items are only read".to_owned(),
    };
    let representative = creates.or(get).or(read).or(named_by)?;
    let scope = seen.ways[representative].first(way.steps.len()).names();
    Some(Collection {
        name: thing.to_owned(),
        path: seen.ways[representative].first(way.steps.len()).template().into(),
        scope,
        unique: conflict.map(|operation| unique(operation, &item.schema)).unwrap_or_default(),
        conflict: conflict.map(|_| 409),
        state: state(&item.schema),
        item: Some(item),
        id,
        kept,
        single: false,
        operation: representative,
        why,
    })
}

/// Whether a POST makes an item: its answer shows one, or what it made can be found otherwise.
fn makes(operation: &Operation, shown: bool, listed: bool, id: Option<&Identity>) -> bool {
    let succeeds = operation.success().is_some_and(|(status, _)| (200..300).contains(&status));
    let sent = asked(operation);
    let named = || id.zip(sent).is_some_and(|(id, sent)| sent.property_names().contains(&id.member));
    let list_answered = answered(operation).is_some_and(|(_, _, schema)| schema.types().array());
    succeeds && !list_answered && (shown || (sent.is_some() && (listed || named())))
}

/// Whether a status is documented by its own number.
pub(super) fn documents(operation: &Operation, status: u16) -> bool {
    operation.responses.iter().any(|response| response.range == StatusRange::Exact(status))
}

/// The first member of those that things are told apart by, of what is sent and kept.
fn unique(operation: &Operation, item: &Schema) -> Vec<String> {
    let sent = asked(operation).map(Schema::property_names).unwrap_or_default();
    let kept = item.property_names();
    let both = |wanted: &&str| sent.iter().find(|name| fold(name) == **wanted && kept.contains(name)).cloned();
    IDENTIFYING.iter().find_map(both).into_iter().collect()
}

fn state(item: &Schema) -> Option<State> {
    let names = item.property_names();
    let member = names.into_iter().find(|name| STATES.contains(&&*fold(name)))?;
    let schema = item.property(&member)?;
    let listed = schema.says("enum")?;
    let all: Vec<String> = listed.as_array()?.iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect();
    if all.len() < 2 {
        return None;
    }
    let default = schema.says("default").and_then(|value| Some(value.as_str()?.to_owned()));
    let first = default.filter(|value| all.contains(value));
    let likely = || FIRST.iter().find_map(|wanted| all.iter().find(|value| fold(value) == **wanted).cloned());
    Some(State { first: first.or_else(likely), member, all })
}

/// The parameter that stands right behind a path.
pub(super) fn parameter_behind(way: &Way, path: &Way) -> Option<String> {
    let length = path.steps.len();
    let behind = way.first(length + 1);
    let name = behind.last_name()?;
    (behind.above().key() == path.key()).then(|| name.to_owned())
}
