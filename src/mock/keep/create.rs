//! Items that are made: out of what was sent, and what the document says of the rest.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::store::{Kept, NoRoom, Scope, Store, Tables};
use super::{At, Outcome, admits};
use crate::contract::resource::{Kept as Keeps, Use};
use crate::finding::Verdict;
use crate::generate::{Context, Echo, Plan, Seed, repair};
use crate::message::StatusRange;
use crate::schema::Schema;

/// How many ids are tried.
const TRIES: u64 = 64;

/// Members that an item has under another name than what it is made of.
pub(super) const ALIKE: [(&str, &str); 4] =
    [("email_address", "email"), ("email", "email_address"), ("user_name", "username"), ("login", "username")];

/// What an item is made of says the members of the same name.
struct From<'a>(&'a [&'a Map<String, Value>]);

impl Echo for From<'_> {
    fn member(&self, name: &str) -> Option<Cow<'_, Value>> {
        let own = |name: &str| self.0.iter().find_map(|members| members.get(name));
        let alike = || ALIKE.iter().filter(|(known, _)| *known == name).find_map(|(_, other)| own(other));
        own(name).or_else(alike).map(Cow::Borrowed)
    }
}

/// An item before it has an id.
pub(super) struct Made {
    value: Map<String, Value>,
    /// The id that whoever made it chose.
    chosen: Option<Value>,
    /// The id that was made up with it.
    drawn: Option<Value>,
}

/// A free id: as text, and as the value of the member.
pub(super) struct Free {
    text: Arc<str>,
    value: Option<Value>,
    /// Another item has it, and goes.
    taken: bool,
}

pub(super) fn text_of(id: &Value) -> Option<Arc<str>> {
    match id {
        Value::String(text) if !text.is_empty() => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

impl At<'_> {
    /// The members of the request that are about the item.
    pub(super) fn sent(&self, does: &Use) -> Option<&Map<String, Value>> {
        let mut body = self.about.call.body().value()?;
        for name in &does.sent {
            body = body.get(name)?;
        }
        body.as_object()
    }

    pub(super) fn seed(&self) -> u64 {
        super::super::build::identity(self.about).narrow("item").0
    }

    /// An item of a collection out of what is said of it: `said` is the client's word, `from` what else it is made of.
    pub(super) fn made(
        &self,
        collection: usize,
        scope: &[Arc<str>],
        said: &Map<String, Value>,
        from: &Map<String, Value>,
        seed: u64,
        sent: Option<&Schema>,
    ) -> Made {
        let known = self.keeping.collection(collection);
        let id = known.id.as_ref().map(|id| id.member.as_str());
        let (Some(item), Some(plan)) = (&known.item, self.keeping.plan(collection)) else {
            return Made { value: said.clone(), chosen: None, drawn: None };
        };
        let sources = [said, from];
        let echo = From(&sources);
        // What is there without having been made is the same whenever it is looked at.
        let now = if known.kept == Keeps::Given { self.about.mock.options().now } else { self.about.now };
        let context = Context { echo: &echo, now, ..self.context(seed) };
        let example = self.example(item).filter(|_| !self.dynamic);
        let from_example = example.is_some();
        let mut value = example.unwrap_or_else(|| match plan.value(&context) {
            Value::Object(members) => members,
            _ => Map::new(),
        });
        let names = item.schema.property_names();
        if from_example {
            for name in names.iter().filter(|name| Some(name.as_str()) != id) {
                if let Some(told) = echo.member(name).filter(|told| admits(&item.schema, name, told) == Some(true)) {
                    value.insert(name.clone(), told.into_owned());
                }
            }
        }
        let drawn = id.and_then(|id| value.get(id).cloned()).filter(|_| !from_example);
        if let Some(sent) = sent {
            leave_out(&item.schema, sent, said, &mut value);
        }
        overlay(&item.schema, said, &mut value, id);
        for (part, text) in known.scope.iter().zip(scope) {
            self.belongs(collection, part, text, said, &mut value);
        }
        if let Some(state) = &known.state
            && let Some(first) = &state.first
            && !said.contains_key(&state.member)
        {
            value.insert(state.member.clone(), Value::String(first.clone()));
        }
        let whole = Value::Object(value);
        let whole = match item.schema.check(&whole) {
            Verdict::Invalid => repair(&item.schema, plan, &whole, &context).value,
            _ => whole,
        };
        let Value::Object(value) = whole else { return Made { value: said.clone(), chosen: None, drawn: None } };
        let chosen = id.and_then(|id| said.get(id).filter(|value| admits(&item.schema, id, value) != Some(false)));
        Made { chosen: chosen.filter(|id| text_of(id).is_some()).cloned(), drawn, value }
    }

    /// The schema of what a request sends.
    pub(super) fn sendable(&self, does: &Use) -> Option<Schema> {
        let contents = self.about.call.operation().request.iter().flat_map(|request| &request.content);
        let mut schema =
            contents.filter(|content| content.codec.is_structured()).find_map(|content| content.schema.clone())?;
        for name in &does.sent {
            schema = schema.property(name)?;
        }
        Some(schema)
    }

    /// The member that says whose an item is says so.
    fn belongs(
        &self,
        collection: usize,
        part: &str,
        text: &str,
        said: &Map<String, Value>,
        value: &mut Map<String, Value>,
    ) {
        let known = self.keeping.collection(collection);
        let Some(item) = &known.item else { return };
        let own = known.id.as_ref().is_some_and(|id| id.member == part);
        let Some(schema) = item.schema.property(part).filter(|_| !own && !said.contains_key(part)) else { return };
        let typed = schema.coerce(text);
        if schema.check(&typed) == Verdict::Valid {
            value.insert(part.to_owned(), typed);
        }
    }

    /// An id that no other item has or had: the one that was chosen, else one that is made up.
    pub(super) fn free_id(
        &self,
        tables: &Tables,
        collection: usize,
        scope: &[Arc<str>],
        made: &Made,
        seed: u64,
    ) -> Option<Free> {
        let known = self.keeping.collection(collection);
        let wanted: Vec<Option<Arc<str>>> = scope.iter().cloned().map(Some).collect();
        if let Some(chosen) = &made.chosen {
            let text = text_of(chosen)?;
            let taken = tables.find(&known.path, &wanted, &text).is_some();
            return Some(Free { text, value: Some(chosen.clone()), taken });
        }
        // Of any parent: a path may leave open which it is.
        let open: Vec<Option<Arc<str>>> = scope.iter().map(|_| None).collect();
        let is_free = |text: &str| {
            tables.find(&known.path, &wanted, text).is_none()
                && !tables.is_gone(&known.path, &wanted, text)
                && (open.is_empty() || tables.find(&known.path, &open, text).is_none())
        };
        let Some(id) = &known.id else {
            let text: Arc<str> = format!("{}", tables.changes + 1).into();
            return Some(Free { text, value: None, taken: false });
        };
        let drawn = made.drawn.clone().into_iter();
        let member = known.item.as_ref().and_then(|item| item.schema.property(&id.member));
        let parameter = self.keeping.ready[collection].named.and_then(|(operation, index)| {
            self.contract().operation(operation).parameters.get(index)?.schema().cloned()
        });
        let plans = self.keeping.ready[collection].ids.get_or_init(|| {
            let of = |schema: &Option<Schema>| schema.as_ref().map(|schema| Plan::new(schema, Some(&id.member)));
            [of(&member), of(&parameter)]
        });
        let fits = |value: &Value| {
            let text = text_of(value)?;
            let by_member = member.as_ref().is_none_or(|schema| schema.check(value) != Verdict::Invalid);
            let by_path =
                parameter.as_ref().is_none_or(|schema| schema.check(&schema.coerce(&text)) != Verdict::Invalid);
            (by_member && by_path && is_free(&text)).then_some(text)
        };
        let seed = Seed(seed).narrow("id");
        let made_up = (0..TRIES).flat_map(|attempt| {
            let context = self.context(seed.nth(attempt).0);
            plans.iter().flatten().map(move |plan| plan.value(&context)).collect::<Vec<_>>()
        });
        // Where few are to be had, the next number is.
        let next = || {
            let numbers = tables.all(&known.path).filter_map(|item| item.id.parse::<i64>().ok());
            Value::from(numbers.max().unwrap_or(0).saturating_add(1))
        };
        let found =
            drawn.chain(made_up).chain(std::iter::once_with(next)).find_map(|value| Some((fits(&value)?, value)));
        found.map(|(text, value)| Free { text, value: Some(value), taken: false })
    }

    /// An item with its id.
    pub(super) fn item(&self, collection: usize, made: Made, scope: Scope, id: Free, request: u64, seed: u64) -> Kept {
        let mut value = made.value;
        if let (Some(told), Some(known)) = (id.value, &self.keeping.collection(collection).id) {
            value.insert(known.member.clone(), told);
        }
        Kept { scope, id: id.text, value: Arc::new(value), request, answered: false, seed }
    }

    pub(super) fn create(&self, store: &Store, does: &Use) -> Outcome {
        let known = self.keeping.collection(does.collection);
        let scope: Option<Scope> = self.scope(&does.scope).into_iter().collect();
        let Some(scope) = scope else { return Outcome::default() };
        let empty = Map::new();
        let mut said = Cow::Borrowed(self.sent(does).unwrap_or(&empty));
        // Whose it is, where its own path does not say so.
        for (parameter, member) in &does.by {
            let schema = known.item.as_ref().and_then(|item| item.schema.property(member));
            let own = self.text(parameter).zip(schema);
            said.to_mut().extend(own.map(|(text, schema)| (member.clone(), schema.coerce(&text))));
        }
        let (said, seed) = (&*said, self.seed());
        let mut made = self.made(does.collection, &scope, said, &empty, seed, self.sendable(does).as_ref());
        if let Some(shown) = does.shown.as_ref().filter(|_| said.keys().any(|name| !made.value.contains_key(name))) {
            // The answer may have room for more of what was sent than a list has.
            overlay(&shown.schema, said, &mut made.value, known.id.as_ref().map(|id| id.member.as_str()));
        }
        for (name, value) in &self.keeping.ready[does.collection].usual {
            if !said.contains_key(name) && made.value.contains_key(name) {
                made.value.insert(name.clone(), value.clone());
            }
        }
        let request = self.request();

        let mut tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        if let Some(refused) = self.twice(&tables, does.collection, &scope, &made.value, Some(request), None) {
            return refused;
        }
        let Some(id) = self.free_id(&tables, does.collection, &scope, &made, seed) else {
            return no_room(format!("no id is free for another item of {}", known.path));
        };
        if id.taken && self.documents(409) {
            return Outcome::refused(409, format!("{} is there already", self.called(does.collection, &id.text)));
        }
        let (text, verb) = (id.text.clone(), if id.taken { "replaced" } else { "created" });
        let item = self.item(does.collection, made, scope, id, request, seed);
        if let Err(NoRoom) = tables.put(&known.path, item.clone()) {
            return full();
        }
        let with = self.with_named(&mut tables, does.collection, &item);
        drop(tables);
        let location = self.leads_to(does, &item);
        let named = || {
            let names = does.names.as_ref()?;
            self.around(names, names.schema.coerce(&item.id), None)
        };
        let value = does.shown.as_ref().and_then(|shown| self.shown(shown, &item)).or_else(named);
        let mut outcome = Outcome::noted(format!("{verb} {}", self.called(does.collection, &text)));
        outcome.notes.extend(with);
        Outcome { value, location, made: true, ..outcome }
    }

    /// What a new item says is below it is there, too: the version that `versionId` names.
    fn with_named(&self, tables: &mut Tables, collection: usize, item: &Kept) -> Vec<String> {
        let own = self.keeping.collection(collection).id.as_ref().map(|id| id.member.as_str());
        let mut notes = Vec::new();
        for below in &self.keeping.ready[collection].below {
            let known = self.keeping.collection(*below);
            // `id` alone is the item's own.
            let Some(id) = known.id.as_ref().filter(|id| id.member.len() > 2 && Some(id.member.as_str()) != own) else {
                continue;
            };
            let named = item.value.get(&id.member).and_then(text_of).is_some();
            if !named || known.scope.len() != item.scope.len() + 1 || known.kept != Keeps::Made {
                continue;
            }
            let scope: Scope = item.scope.iter().cloned().chain([item.id.clone()]).collect();
            let seed = Seed(item.seed).narrow(&known.path).0;
            let said = Map::from_iter([(id.member.clone(), item.value[&id.member].clone())]);
            let made = self.made(*below, &scope, &said, &item.value, seed, None);
            if let Some(free) = self.free_id(tables, *below, &scope, &made, seed) {
                let text = free.text.clone();
                let made = self.item(*below, made, scope, free, 0, seed);
                if tables.put(&known.path, made).is_ok() {
                    notes.push(format!("created {} with it", self.called(*below, &text)));
                }
            }
        }
        notes
    }

    pub(super) fn documents(&self, status: u16) -> bool {
        let exact = StatusRange::Exact(status);
        self.about.call.operation().responses.iter().any(|response| response.range == exact)
    }

    /// An item of a collection whose items nothing makes: it is there, and made up by its id.
    pub(super) fn given(&self, collection: usize, scope: Scope, id: &str) -> Option<Kept> {
        let known = self.keeping.collection(collection);
        if known.kept != Keeps::Given {
            return None;
        }
        let member = &known.id.as_ref()?.member;
        let schema = known.item.as_ref()?.schema.property(member)?;
        let mut parts = vec![b"given".as_slice(), self.about.session.as_bytes(), known.path.as_bytes(), id.as_bytes()];
        parts.extend(scope.iter().map(|part| part.as_bytes()));
        let seed = Seed(self.about.mock.options().seed).hash(&parts);
        let said = Map::from_iter([(member.clone(), schema.coerce(id))]);
        let mut made = self.made(collection, &scope, &Map::new(), &said, seed, None);
        // An id that the member does not admit is kept as what the path says.
        let typed = schema.coerce(id);
        if schema.check(&typed) != Verdict::Invalid {
            made.value.insert(member.clone(), typed);
        }
        Some(Kept { scope, id: id.into(), value: Arc::new(made.value), request: 0, answered: false, seed })
    }
}

/// What could have been sent and was not is not there, unless the document has a value for it, or an item needs one.
fn leave_out(own: &Schema, sent: &Schema, said: &Map<String, Value>, value: &mut Map<String, Value>) {
    let required = own.says("required").unwrap_or_default();
    let is_required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|known| known == name));
    for name in sent.property_names().iter().filter(|name| !said.contains_key(*name)) {
        let Some(member) = own.property(name) else { continue };
        let default = member.says("default").or_else(|| sent.property(name)?.says("default"));
        match default.filter(|_| value.contains_key(name)) {
            Some(default) => {
                value.insert(name.clone(), default);
            }
            None if !is_required(name) => {
                value.shift_remove(name);
            }
            None => {}
        }
    }
}

/// What was sent takes the place of what was made up, where the item's schema has room for it.
pub(super) fn overlay(schema: &Schema, said: &Map<String, Value>, value: &mut Map<String, Value>, but: Option<&str>) {
    let open = schema.property_names().is_empty() || schema.additional().is_some();
    for (name, told) in said.iter().filter(|(name, _)| Some(name.as_str()) != but) {
        if admits(schema, name, told).unwrap_or(open) {
            value.insert(name.clone(), told.clone());
        }
    }
}

pub(super) fn full() -> Outcome {
    no_room(format!(
        "a session keeps at most {} items, {} MiB of them, and all sessions together {} MiB",
        super::super::store::MOST_ITEMS,
        super::super::store::MOST_BYTES >> 20,
        super::super::store::MOST_TOGETHER >> 20
    ))
}

fn no_room(detail: String) -> Outcome {
    Outcome::refused(507, detail)
}
