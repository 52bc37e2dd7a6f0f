//! Items that are changed: what is sent takes the place of what was there.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::store::{Kept, NoRoom, Scope, Store, Tables};
use super::create::{full, overlay};
use super::misfit::unsets;
use super::{At, Outcome, admits};
use crate::contract::resource::{Role, Use};
use crate::finding::Verdict;
use crate::message::Method;
use crate::scenario::merge_patch;
use crate::schema::Schema;

/// Folded names of members that say when an item was changed last.
const CHANGED: [&str; 9] = [
    "updatedat",
    "modifiedat",
    "updated",
    "modified",
    "lastmodified",
    "lastupdated",
    "updatedon",
    "modifiedon",
    "lastmodifiedat",
];

impl At<'_> {
    pub(super) fn change(&self, store: &Store, does: &Use) -> Outcome {
        let Some(item) = self.item_of(does) else { return Outcome::default() };
        let (scope, Some(id)) = (self.scope(&item.scope), self.text(&item.id)) else { return Outcome::default() };
        let known = self.keeping.collection(item.collection);
        let empty = Map::new();
        if self.about.call.body().value().is_some_and(Value::is_array) {
            return self.patched(store, does, &scope, &id);
        }
        let said = self.sent(does).unwrap_or(&empty);
        // Made before the lock is taken, for the case that it is needed.
        let whole: Option<Scope> = scope.iter().cloned().collect();
        let seed = self.seed();
        let new = does.makes.zip(whole).map(|(status, scope)| {
            let told = known
                .id
                .as_ref()
                .zip(known.item.as_ref())
                .and_then(|(id, item)| Some((id.member.clone(), item.schema.property(&id.member)?)));
            let mut said = said.clone();
            said.extend(told.map(|(member, schema)| (member, schema.coerce(&id))));
            (
                status,
                scope.clone(),
                self.made(item.collection, &scope, &said, &empty, seed, self.sendable(does).as_ref()),
            )
        });

        let mut tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        let Some(mut kept) =
            self.look(&tables, item.collection, &scope, &id).filter(|kept| !kept.answered && self.is_of(does, kept))
        else {
            let Some((status, scope, made)) = new else {
                return self.missing(format!("{} is not there", self.called(item.collection, &id)));
            };
            let Some(free) = self.free_id(&tables, item.collection, &scope, &made, seed) else { return full() };
            let kept = Kept { id: id.clone(), ..self.item(item.collection, made, scope, free, 0, seed) };
            if let Some(refused) = self.twice(&tables, item.collection, &kept.scope, &kept.value, None, Some(&id)) {
                return refused;
            }
            if let Err(NoRoom) = tables.put(&known.path, kept.clone()) {
                return full();
            }
            drop(tables);
            let value = does.shown.as_ref().and_then(|shown| self.shown(shown, &kept));
            let location = Some(self.about.call.request().target.path().to_owned());
            let noted = Outcome::noted(format!("created {}", self.called(item.collection, &id)));
            return Outcome { status: Some(status), value, location, made: true, ..noted };
        };
        let before = kept.value.clone();
        if let Some(refused) = self.misfit(does, said) {
            return refused;
        }
        let value = Arc::make_mut(&mut kept.value);
        if let Some(schema) = known.item.as_ref().map(|item| &item.schema) {
            let own = known.id.as_ref().map(|id| id.member.as_str());
            if does.role == Role::Replace {
                self.let_go(does, said, schema, value, own);
                overlay(schema, said, value, own);
            } else {
                merge(schema, said, value, own);
            }
            self.touch(schema, said, value, tables.changes);
        } else {
            value.extend(said.clone());
        }
        if let Some(refused) = self.alike(&tables, item.collection, &before, &kept) {
            return refused;
        }
        self.put_back(&mut tables, item.collection, kept, does, "changed")
    }

    /// Keeps a changed item, and shows it.
    pub(super) fn put_back(
        &self,
        tables: &mut Tables,
        collection: usize,
        kept: Kept,
        does: &Use,
        verb: &str,
    ) -> Outcome {
        let known = self.keeping.collection(collection);
        let id = kept.id.clone();
        if let Err(NoRoom) = tables.put(&known.path, kept.clone()) {
            return full();
        }
        let value = does.shown.as_ref().and_then(|shown| self.shown(shown, &kept));
        Outcome { value, ..Outcome::noted(format!("{verb} {}", self.called(collection, &id))) }
    }

    /// What can be sent, and was not, goes with a replacement: as far as an item can be without it.
    fn let_go(
        &self,
        does: &Use,
        said: &Map<String, Value>,
        schema: &Schema,
        value: &mut Map<String, Value>,
        id: Option<&str>,
    ) {
        let sent = self.sendable(does);
        let required = schema.says("required").unwrap_or_default();
        let required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|known| known == name));
        for name in sent.as_ref().map(Schema::property_names).unwrap_or_default() {
            if said.contains_key(&name) || required(&name) || Some(name.as_str()) == id {
                continue;
            }
            let own = schema.property(&name);
            // The server's own members are not the client's to let go.
            if own.as_ref().and_then(|own| own.says("readOnly")) == Some(Value::Bool(true)) {
                continue;
            }
            match own.and_then(|own| own.says("default")) {
                Some(default) if value.contains_key(&name) => {
                    value.insert(name, default);
                }
                _ => {
                    value.shift_remove(&name);
                }
            }
        }
    }

    /// The member that says when it was changed says so: each change of a session is a second after the one before.
    pub(super) fn touch(
        &self,
        schema: &Schema,
        said: &Map<String, Value>,
        value: &mut Map<String, Value>,
        changes: u64,
    ) {
        let after = i64::try_from(changes).unwrap_or(i64::MAX).saturating_add(1);
        let Ok(now) = self.about.now.checked_add(jiff::SignedDuration::from_secs(after)) else { return };
        let names: Vec<String> =
            value.keys().filter(|name| !said.contains_key(*name) && is_changed(name)).cloned().collect();
        for name in names {
            let text = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
            let told = [Value::String(text), Value::from(now.as_second()), Value::from(now.as_millisecond())];
            // Of numbers the one that is like the one that was there: seconds, or thousandths.
            let milliseconds = value[&name].as_f64().is_some_and(|old| old > 1e11);
            let fits = |told: &&Value| {
                let unit = told.as_i64().is_none_or(|number| (number > 100_000_000_000) == milliseconds);
                unit && admits(schema, &name, told) == Some(true)
            };
            if let Some(told) = told.iter().find(fits) {
                value.insert(name, told.clone());
            }
        }
    }

    /// A JSON Patch (RFC 6902): as far as it can be carried out, all of it or nothing.
    fn patched(&self, store: &Store, does: &Use, scope: &[Option<Arc<str>>], id: &Arc<str>) -> Outcome {
        let known = self.keeping.collection(does.collection);
        let mut tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        let Some(mut kept) =
            self.look(&tables, does.collection, scope, id).filter(|kept| !kept.answered && self.is_of(does, kept))
        else {
            return self.missing(format!("{} is not there", self.called(does.collection, id)));
        };
        let steps = self.about.call.body().value().and_then(Value::as_array).cloned().unwrap_or_default();
        let is_patch = steps.iter().all(|step| step.get("op").is_some() && step.get("path").is_some());
        if !is_patch || self.about.call.request().method != Method::PATCH {
            return Outcome::noted("a list changes no item: answered as the document says".to_owned());
        }
        let mut whole = Value::Object((*kept.value).clone());
        for step in &steps {
            if apply(&mut whole, step).is_none() {
                let status = [409, 422, 400].into_iter().find(|status| self.documents(*status)).unwrap_or(409);
                return Outcome::refused(status, format!("the patch does not fit: {step}"));
            }
        }
        let Value::Object(mut members) = whole else { return Outcome::default() };
        if let Some(own) = &known.id {
            members.extend(kept.value.get(&own.member).map(|value| (own.member.clone(), value.clone())));
        }
        if let Some(schema) = known.item.as_ref().map(|item| &item.schema) {
            let (was, is) = (Value::Object((*kept.value).clone()), Value::Object(members.clone()));
            if schema.check(&is) == Verdict::Invalid && schema.check(&was) != Verdict::Invalid {
                let wrong = schema.explain(&is).into_iter().next();
                let wrong = wrong.map(|one| format!("`{}` {}", one.pointer, one.sentence)).unwrap_or_default();
                return self.unfit(format!("it would be no item of {} any more: {wrong}", known.path));
            }
            self.touch(schema, &Map::new(), &mut members, tables.changes);
        }
        let before = std::mem::replace(&mut kept.value, Arc::new(members));
        if let Some(refused) = self.alike(&tables, does.collection, &before, &kept) {
            return refused;
        }
        self.put_back(&mut tables, does.collection, kept, does, "changed")
    }
}

fn is_changed(name: &str) -> bool {
    let folded: String = name.chars().filter(char::is_ascii_alphanumeric).flat_map(char::to_lowercase).collect();
    CHANGED.contains(&folded.as_str())
}

/// What is sent becomes members of an item, as a merge does it.
pub(super) fn with_members(
    schema: &Schema,
    said: &Map<String, Value>,
    value: &mut Map<String, Value>,
    id: Option<&str>,
) {
    merge(schema, said, value, id);
}

/// A merge (RFC 7396): null takes a member away, unless the member may be null.
fn merge(schema: &Schema, said: &Map<String, Value>, value: &mut Map<String, Value>, id: Option<&str>) {
    let open = schema.property_names().is_empty() || schema.additional().is_some();
    for (name, told) in said.iter().filter(|(name, _)| Some(name.as_str()) != id) {
        let own = schema.property(name);
        // An empty text where none can be takes a member away, too.
        let null = Value::Null;
        let told = if told == "" && unsets(own.as_ref(), told) { &null } else { told };
        if told.is_null() && admits(schema, name, told) != Some(true) {
            value.shift_remove(name);
            continue;
        }
        let mut merged = value.get(name).cloned().unwrap_or_default();
        merge_patch(&mut merged, told);
        if own.map_or(open, |own| own.check(&merged) != crate::finding::Verdict::Invalid) {
            value.insert(name.clone(), merged);
        }
    }
}

/// One step of a JSON Patch; `None` where it cannot be carried out.
fn apply(whole: &mut Value, step: &Value) -> Option<()> {
    let path = step.get("path")?.as_str()?;
    let value = || step.get("value").cloned();
    match step.get("op")?.as_str()? {
        "test" => (whole.pointer(path) == step.get("value")).then_some(()),
        "replace" => {
            *whole.pointer_mut(path)? = value()?;
            Some(())
        }
        "add" => add(whole, path, value()?),
        "remove" => remove(whole, path).map(drop),
        "move" => {
            let moved = remove(whole, step.get("from")?.as_str()?)?;
            add(whole, path, moved)
        }
        "copy" => {
            let copied = whole.pointer(step.get("from")?.as_str()?)?.clone();
            add(whole, path, copied)
        }
        _ => None,
    }
}

fn holder<'v>(whole: &'v mut Value, path: &str) -> Option<(&'v mut Value, String)> {
    let (above, last) = path.rsplit_once('/')?;
    Some((whole.pointer_mut(above)?, last.replace("~1", "/").replace("~0", "~")))
}

fn add(whole: &mut Value, path: &str, value: Value) -> Option<()> {
    match holder(whole, path)? {
        (Value::Object(members), last) => {
            members.insert(last, value);
        }
        (Value::Array(items), last) => {
            let at = if last == "-" { items.len() } else { last.parse().ok().filter(|at| *at <= items.len())? };
            items.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(whole: &mut Value, path: &str) -> Option<Value> {
    match holder(whole, path)? {
        (Value::Object(members), last) => members.shift_remove(&last),
        (Value::Array(items), last) => {
            let at: usize = last.parse().ok().filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::apply;

    #[test]
    fn a_patch_is_carried_out_step_by_step_or_does_not_fit() {
        let patched = |steps: Value| {
            let mut whole = json!({ "name": "a", "tags": ["x", "y"] });
            steps.as_array().unwrap().iter().try_for_each(|step| apply(&mut whole, step)).map(|()| whole)
        };
        assert_eq!(
            patched(json!([
                { "op": "replace", "path": "/name", "value": "b" },
                { "op": "add", "path": "/tags/1", "value": "z" },
                { "op": "remove", "path": "/tags/0" },
                { "op": "copy", "from": "/name", "path": "/tags/-" },
                { "op": "test", "path": "/tags/2", "value": "b" },
            ])),
            Some(json!({ "name": "b", "tags": ["z", "y", "b"] }))
        );
        for wrong in [
            json!([{ "op": "replace", "path": "/none", "value": 1 }]),
            json!([{ "op": "test", "path": "/name", "value": "b" }]),
            json!([{ "op": "add", "path": "/tags/9", "value": 1 }]),
        ] {
            assert_eq!(patched(wrong.clone()), None, "{wrong}");
        }
    }
}
