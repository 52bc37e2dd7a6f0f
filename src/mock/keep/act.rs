//! Actions: an item moves to another state, and may turn into an item of another collection.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::store::{Kept, NoRoom, Scope, Store};
use super::change::with_members;
use super::create::full;
use super::{At, Outcome};
use crate::contract::resource::{Act, Use};

impl At<'_> {
    pub(super) fn act(&self, store: &Store, does: &Use) -> Outcome {
        let (Some(item), Some(act)) = (self.item_of(does), &does.act) else { return Outcome::default() };
        let (scope, Some(id)) = (self.scope(&item.scope), self.text(&item.id)) else { return Outcome::default() };
        let known = self.keeping.collection(item.collection);
        let agreed = act.is_agreed(self.about.call.body().value());
        let mut tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        let Some(mut kept) = self.look(&tables, item.collection, &scope, &id) else {
            return self.missing(format!("{} is not there", self.called(item.collection, &id)));
        };
        if let Some(why) = self.too_late(&kept, item.collection, act, agreed) {
            let why = format!("{} {why}", self.called(item.collection, &id));
            return match act.again {
                Some(status) => Outcome::refused(status, why),
                None if kept.answered => self.missing(why),
                None => Outcome::noted(format!("{why}: nothing changed")),
            };
        }
        let value = Arc::make_mut(&mut kept.value);
        let empty = Map::new();
        let said = self.sent(does).unwrap_or(&empty);
        if let Some(schema) = known.item.as_ref().map(|item| &item.schema) {
            if act.merges {
                with_members(schema, said, value, known.id.as_ref().map(|id| id.member.as_str()));
            }
            value.extend(if agreed { &act.agreed } else { &act.refused }.iter().cloned());
            self.touch(schema, &empty, value, tables.changes);
        }
        kept.answered = act.takes;
        let mut made = None;
        if let Some((target, parts)) = act.makes.as_ref().filter(|_| agreed) {
            let other = self.keeping.collection(*target);
            let scope: Scope = parts.iter().filter_map(|part| kept.scope.get(*part).cloned()).collect();
            let seed = self.seed();
            // What it is made of has an id of its own.
            let mut from = (*kept.value).clone();
            if let Some(id) = &known.id {
                from.shift_remove(&id.member);
            }
            let new = self.made(*target, &scope, &empty, &from, seed, None);
            let Some(free) = self.free_id(&tables, *target, &scope, &new, seed) else { return full() };
            let new = self.item(*target, new, scope, free, 0, seed);
            if let Err(NoRoom) = tables.put(&other.path, new.clone()) {
                return full();
            }
            made = Some((*target, new));
        }
        let verb = match (act.answers, agreed) {
            (true, true) => "agreed:",
            (true, false) => "refused:",
            _ => "acted on",
        };
        let mut outcome = self.put_back(&mut tables, item.collection, kept, does, verb);
        drop(tables);
        if let Some((target, new)) = made {
            outcome.notes.push(format!("created {}", self.called(target, &new.id)));
            let other = self.keeping.collection(target);
            if let Some(schema) = other.item.as_ref().map(|item| &item.schema).filter(|_| does.shown.is_none()) {
                outcome.value = Some(self.alone(schema, self.keeping.plan(target), &new));
            }
        }
        outcome
    }

    /// Why an action comes too late for an item.
    fn too_late(&self, kept: &Kept, collection: usize, act: &Act, agreed: bool) -> Option<String> {
        if kept.answered {
            return Some("was answered before".to_owned());
        }
        let state = self.keeping.collection(collection).state.as_ref()?;
        let now = kept.value.get(&state.member).and_then(Value::as_str)?;
        let moves = if agreed { &act.agreed } else { &act.refused };
        let (_, target) = moves.iter().find(|(member, _)| *member == state.member)?;
        let first = state.first.as_deref();
        let late = target.as_str() == Some(now) || (act.answers && first.is_some_and(|first| first != now));
        late.then(|| format!("is {now} already"))
    }
}
