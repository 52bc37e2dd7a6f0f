//! What a session keeps with `--stateful`: items by collection, behind one small lock. Collections go by their paths and items by
//! their ids, so that what is kept outlives a reload. What an item is and what becomes of it is said in `keep`.
//!
//! Bounded: so many items, so many bytes of them, in a session and in all sessions together, and the ids of so many that are gone.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Map, Value};

/// The most items of a session.
pub(super) const MOST_ITEMS: usize = 10_000;
/// The most bytes of memory that the items of a session take, about.
pub(super) const MOST_BYTES: usize = 32 << 20;
/// The most bytes of memory that the items of all sessions together take, about.
pub(super) const MOST_TOGETHER: usize = 256 << 20;
/// How many ids of items that are gone a session remembers.
const MOST_GONE: usize = 10_000;
/// The most bytes of these ids: a client chooses how long they are.
const MOST_GONE_BYTES: usize = 1 << 20;

/// Whose an item is: a text for each part of its collection's scope.
pub(super) type Scope = Arc<[Arc<str>]>;

/// An item that is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) scope: Scope,
    pub(super) id: Arc<str>,
    pub(super) value: Arc<Map<String, Value>>,
    /// Of the request that made it: what another like it is known by.
    pub(super) request: u64,
    /// It was answered, and waits no longer: no list has it.
    pub(super) answered: bool,
    /// What is made up for it when it is shown comes from this.
    pub(super) seed: u64,
}

/// The items of one collection, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Table {
    items: BTreeMap<u64, Kept>,
    by_id: HashMap<(Scope, Arc<str>), u64>,
}

/// Everything that a session keeps.
#[derive(Debug, Default)]
pub(super) struct Tables {
    tables: HashMap<Arc<str>, Table>,
    /// Items that are gone, the oldest first.
    gone: VecDeque<(Arc<str>, Scope, Arc<str>)>,
    gone_ids: HashSet<(Arc<str>, Scope, Arc<str>)>,
    gone_bytes: usize,
    items: usize,
    bytes: usize,
    /// What all sessions together have.
    together: Arc<AtomicUsize>,
    /// How often something changed.
    pub(super) changes: u64,
    /// Whether what is there from the start was put there.
    pub(super) begun: bool,
}

/// There is no room for another item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

/// What one session keeps.
#[derive(Debug, Default)]
pub struct Store {
    tables: Mutex<Tables>,
}

impl Store {
    /// What is kept, for one call alone. Not to be held over a wait.
    pub(super) fn open(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// How many items are kept.
    pub fn items(&self) -> usize {
        self.open().items
    }

    /// Nothing yet; `together` is what all sessions have.
    pub(super) fn new(together: &Arc<AtomicUsize>) -> Store {
        Store { tables: Mutex::new(Tables::new(together)) }
    }

    /// Forgets everything: the session begins anew.
    pub fn clear(&self) {
        let mut tables = self.open();
        let fresh = Tables::new(&tables.together);
        *tables = fresh;
    }
}

impl PartialEq for Store {
    fn eq(&self, other: &Store) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Store {}

/// About how many bytes of memory a value takes beside its own place: mostly what allocators and tables add to its texts. A small item takes
/// ten times what it is as JSON.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        // Texts have room to grow, as a rule.
        Value::String(text) => text.len() + text.len() / 4 + PIECE,
        Value::Array(items) => PIECE + items.iter().map(|item| PLACE + weight(item)).sum::<usize>(),
        Value::Object(members) => 2 * PIECE + members_weight(members),
    }
}

fn members_weight(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| name.len() + PIECE + 2 * PLACE + weight(value)).sum()
}

/// What a piece of memory takes beside its content.
const PIECE: usize = 16;
/// What a value takes where it stands in a list. In a table it takes twice as much: its name, and room for others.
const PLACE: usize = size_of::<Value>();
/// What an item takes beside its members: its places in the tables.
const ITEM: usize = 1024;

/// How many bytes the id of an item that is gone takes.
fn gone_weight(scope: &Scope, id: &str) -> usize {
    id.len() + scope.iter().map(|part| part.len()).sum::<usize>()
}

impl Kept {
    fn weight(&self) -> usize {
        ITEM + gone_weight(&self.scope, &self.id) + members_weight(&self.value)
    }
}

/// Whether an item is one of those that are meant: a part that is `None` may be any.
pub(super) fn within(scope: &[Arc<str>], wanted: &[Option<Arc<str>>]) -> bool {
    scope.iter().zip(wanted).all(|(part, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == part))
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.together.fetch_sub(self.bytes, Relaxed);
    }
}

impl Tables {
    fn new(together: &Arc<AtomicUsize>) -> Tables {
        let mut tables = Tables::default();
        tables.together = together.clone();
        tables
    }

    /// The items of a collection, in the order in which they were made.
    pub(super) fn all(&self, collection: &str) -> impl Iterator<Item = &Kept> {
        self.tables.get(collection).into_iter().flat_map(|table| table.items.values())
    }

    fn number(&self, collection: &str, scope: &[Option<Arc<str>>], id: &str) -> Option<u64> {
        let table = self.tables.get(collection)?;
        let whole: Option<Scope> = scope.iter().cloned().collect();
        match whole {
            Some(scope) => table.by_id.get(&(scope, id.into())).copied(),
            // Its path does not say whose it is; ids do not repeat over parents, as a rule.
            None => table
                .items
                .iter()
                .find(|(_, item)| *item.id == *id && within(&item.scope, scope))
                .map(|(number, _)| *number),
        }
    }

    /// The item of an id.
    pub(super) fn find(&self, collection: &str, scope: &[Option<Arc<str>>], id: &str) -> Option<&Kept> {
        self.tables.get(collection)?.items.get(&self.number(collection, scope, id)?)
    }

    /// Whether an item was there and is gone.
    pub(super) fn is_gone(&self, collection: &Arc<str>, scope: &[Option<Arc<str>>], id: &str) -> bool {
        let whole: Option<Scope> = scope.iter().cloned().collect();
        whole.is_some_and(|scope| self.gone_ids.contains(&(collection.clone(), scope, id.into())))
    }

    /// Puts an item there; one of the same id goes.
    pub(super) fn put(&mut self, collection: &Arc<str>, item: Kept) -> Result<(), NoRoom> {
        let wanted: Vec<Option<Arc<str>>> = item.scope.iter().cloned().map(Some).collect();
        let known = self.number(collection, &wanted, &item.id);
        let old = known.and_then(|number| self.tables.get(collection)?.items.get(&number)).map_or(0, Kept::weight);
        let bytes = self.bytes - old + item.weight();
        if bytes > MOST_BYTES || (known.is_none() && self.items >= MOST_ITEMS) {
            return Err(NoRoom);
        }
        let all = |all: usize| all.saturating_sub(self.bytes).checked_add(bytes).filter(|all| *all <= MOST_TOGETHER);
        self.together.fetch_update(Relaxed, Relaxed, all).map_err(|_| NoRoom)?;
        self.changes += 1;
        let number = known.unwrap_or(self.changes);
        let table = self.tables.entry(collection.clone()).or_default();
        let key = (item.scope.clone(), item.id.clone());
        if !self.gone_ids.is_empty() && self.gone_ids.remove(&(collection.clone(), key.0.clone(), key.1.clone())) {
            self.gone.retain(|gone| (&gone.0, &gone.1, &gone.2) != (collection, &key.0, &key.1));
            self.gone_bytes -= gone_weight(&key.0, &key.1);
        }
        table.by_id.insert(key, number);
        table.items.insert(number, item);
        self.items += usize::from(known.is_none());
        self.bytes = bytes;
        Ok(())
    }

    /// Takes an item away.
    pub(super) fn take(&mut self, collection: &Arc<str>, scope: &[Option<Arc<str>>], id: &str) -> Option<Kept> {
        let number = self.number(collection, scope, id)?;
        let item = self.forget(collection, number)?;
        self.remember_gone(collection, item.scope.clone(), item.id.clone());
        Some(item)
    }

    fn forget(&mut self, collection: &str, number: u64) -> Option<Kept> {
        let table = self.tables.get_mut(collection)?;
        let item = table.items.remove(&number)?;
        table.by_id.remove(&(item.scope.clone(), item.id.clone()));
        self.items -= 1;
        self.bytes -= item.weight();
        self.together.fetch_sub(item.weight(), Relaxed);
        self.changes += 1;
        Some(item)
    }

    /// Remembers that an item is gone which was there without having been made.
    pub(super) fn remember_gone(&mut self, collection: &Arc<str>, scope: Scope, id: Arc<str>) {
        let gone = (collection.clone(), scope, id);
        if self.gone_ids.insert(gone.clone()) {
            self.gone_bytes += gone_weight(&gone.1, &gone.2);
            self.gone.push_back(gone);
        }
        while (self.gone.len() > MOST_GONE || self.gone_bytes > MOST_GONE_BYTES)
            && let Some(oldest) = self.gone.pop_front()
        {
            self.gone_bytes -= gone_weight(&oldest.1, &oldest.2);
            self.gone_ids.remove(&oldest);
        }
    }

    /// Takes away the items of a collection whose scope begins so.
    pub(super) fn take_below(&mut self, collection: &str, scope: &[Arc<str>]) -> usize {
        let Some(table) = self.tables.get(collection) else { return 0 };
        let below = table.items.iter().filter(|(_, item)| item.scope.starts_with(scope));
        let below: Vec<u64> = below.map(|(number, _)| *number).collect();
        below.iter().filter(|number| self.forget(collection, **number).is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::{Kept, MOST_BYTES, MOST_GONE, MOST_GONE_BYTES, MOST_ITEMS, MOST_TOGETHER, NoRoom, Store, Tables};

    fn kept(scope: &str, id: &str, size: usize) -> Kept {
        let value = json!({ "id": id, "text": "x".repeat(size) }).as_object().cloned().unwrap();
        Kept {
            scope: [Arc::from(scope)].into(),
            id: id.into(),
            value: Arc::new(value),
            request: 0,
            answered: false,
            seed: 0,
        }
    }

    #[test]
    fn items_have_their_parents_and_ids_and_go_with_them() {
        let pets: Arc<str> = "/o/{o}/pets".into();
        let mut tables = Tables::default();
        for (scope, id) in [("a", "1"), ("b", "1"), ("a", "2")] {
            tables.put(&pets, kept(scope, id, 1)).unwrap();
        }
        assert_eq!(tables.all(&pets).count(), 3);
        let a = [Some(Arc::from("a"))];
        assert!(tables.find(&pets, &a, "2").is_some() && tables.find(&pets, &[Some("b".into())], "2").is_none());
        assert_eq!(&*tables.find(&pets, &[None], "2").unwrap().scope[0], "a");
        assert!(tables.take(&pets, &a, "1").is_some() && tables.take(&pets, &a, "1").is_none());
        assert!(tables.is_gone(&pets, &a, "1") && !tables.is_gone(&pets, &[Some("b".into())], "1"));
        tables.put(&pets, kept("a", "1", 1)).unwrap();
        assert!(!tables.is_gone(&pets, &a, "1"));
        assert_eq!(tables.take_below(&pets, &["a".into()]), 2);
        assert_eq!(tables.all(&pets).count(), 1);
    }

    #[test]
    fn there_is_room_for_so_many_and_no_more() {
        let pets: Arc<str> = "/pets".into();
        let mut tables = Tables::default();
        for number in 0..MOST_ITEMS {
            tables.put(&pets, kept("", &number.to_string(), 1)).unwrap();
        }
        assert_eq!(tables.put(&pets, kept("", "one more", 1)), Err(NoRoom));
        // Another value for one that is there takes no more room.
        assert_eq!(tables.put(&pets, kept("", "7", 2)), Ok(()));
        assert_eq!(tables.put(&pets, kept("", "7", MOST_BYTES)), Err(NoRoom));
        for number in 0..MOST_ITEMS {
            tables.take(&pets, &[Some("".into())], &number.to_string()).unwrap();
        }
        assert_eq!((tables.items, tables.bytes), (0, 0));
        for number in 0..MOST_GONE + 5 {
            tables.remember_gone(&pets, [].into(), number.to_string().into());
        }
        assert_eq!((tables.gone.len(), tables.gone_ids.len()), (MOST_GONE, MOST_GONE));
        // Long ones are fewer.
        for number in 0..2_000 {
            tables.remember_gone(&pets, [].into(), format!("{number:01000}").into());
        }
        assert_eq!((tables.gone.len(), tables.gone_ids.len()), (MOST_GONE_BYTES / 1_000, MOST_GONE_BYTES / 1_000));
    }

    #[test]
    fn all_sessions_have_so_much_room_together_and_give_it_back() {
        let (pets, together) = ("/pets".into(), Arc::default());
        // One value for all: what is counted is not what is shared.
        let large = kept("", "a", MOST_BYTES / 5 * 4 - 2_000);
        let full: Vec<Tables> = (0..MOST_TOGETHER / MOST_BYTES)
            .map(|_| {
                let mut tables = Tables::new(&together);
                tables.put(&pets, large.clone()).unwrap();
                tables
            })
            .collect();
        let mut other = Tables::new(&together);
        assert_eq!(other.put(&pets, large.clone()), Err(NoRoom));
        other.put(&pets, kept("", "a", 10)).unwrap();
        assert_eq!(other.put(&pets, large.clone()), Err(NoRoom), "what is there counts once");
        drop(full);
        other.put(&pets, large.clone()).unwrap();
        other.take(&pets, &[Some("".into())], "a").unwrap();
        assert_eq!(together.load(Relaxed), 0);
        other.put(&pets, kept("", "b", 10)).unwrap();
        let store = Store { tables: Mutex::new(other) };
        store.clear();
        assert_eq!(together.load(Relaxed), 0);
        store.open().put(&pets, kept("", "c", 10)).unwrap();
        assert!(together.load(Relaxed) > 0);
        drop(store);
        assert_eq!(together.load(Relaxed), 0);
    }
}
