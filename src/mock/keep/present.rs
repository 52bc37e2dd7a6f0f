//! Items as answers show them: what is kept, as far as the schema of the answer has room for it, in what the document puts around it.

use serde_json::{Map, Value};

use super::super::store::Kept;
use super::At;
use super::document::with_context;
use crate::contract::resource::Shown;
use crate::finding::Verdict;
use crate::generate::{Context, Paging, Plan, repair};
use crate::schema::Schema;

/// Puts a value where names of members lead.
fn set(whole: &mut Value, way: &[String], value: Value) {
    let mut at = whole;
    for name in way {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(members) = at else { return };
        at = members.entry(name.clone()).or_insert(Value::Null);
    }
    *at = value;
}

/// The value where names of members lead.
pub(super) fn within<'v>(mut value: &'v Value, way: &[String]) -> Option<&'v Value> {
    for name in way {
        value = value.get(name)?;
    }
    Some(value)
}

/// The schema of an answer's items, ready for many of them.
struct Room<'a> {
    schema: &'a Schema,
    plan: Option<&'a Plan>,
    /// The members that it has by name; none: any may be there.
    names: Vec<String>,
}

impl<'a> Room<'a> {
    fn new(schema: &'a Schema, plan: Option<&'a Plan>) -> Room<'a> {
        let names = if schema.additional().is_some() { Vec::new() } else { schema.property_names() };
        Room { schema, plan, names }
    }

    /// The members that there is room for; where one is missing or does not fit, another is made up: the same each time.
    fn shown(&self, at: &At<'_>, item: &Kept) -> Value {
        let has_room = |name: &String| self.names.is_empty() || self.names.contains(name);
        let members = item.value.iter().filter(|(name, _)| has_room(name));
        let value = Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect());
        match (self.schema.check(&value), self.plan) {
            (Verdict::Invalid, Some(plan)) => repair(self.schema, plan, &value, &at.context(item.seed)).value,
            _ => value,
        }
    }
}

impl At<'_> {
    fn plan_of(&self, shown: &Shown) -> Option<&Plan> {
        let made = self.keeping.shown.get(shown.operation)?;
        made.get_or_init(|| Some(Plan::new(&shown.schema, None))).as_ref()
    }

    /// The example of an item that the document shows at a place.
    pub(super) fn example(&self, shown: &Shown) -> Option<Map<String, Value>> {
        let operation = self.contract().operation(shown.operation);
        let content = operation.responses.get(shown.response)?.content.get(shown.content)?;
        let prepared = self.about.mock.prepared.at(operation, shown.operation).response(shown.response)?;
        let (ready, _) = prepared.content(shown.content).example(self.about.mock, content)?;
        let found = within(&ready.value, &shown.way)?;
        let item = if shown.list { found.as_array()?.first()? } else { found };
        item.as_object().cloned()
    }

    /// One item in what an answer puts around it.
    pub(super) fn shown(&self, shown: &Shown, item: &Kept) -> Option<Value> {
        let own = Room::new(&shown.schema, self.plan_of(shown)).shown(self, item);
        self.around(shown, own, None)
    }

    /// An item as an answer that is nothing but such an item shows it.
    pub(super) fn alone(&self, schema: &Schema, plan: Option<&Plan>, item: &Kept) -> Value {
        Room::new(schema, plan).shown(self, item)
    }

    /// A list of items in what an answer puts around it.
    pub(super) fn listed(&self, shown: &Shown, items: &[Kept], page: &Paging) -> Option<Value> {
        let room = Room::new(&shown.schema, self.plan_of(shown));
        let items = items.iter().map(|item| room.shown(self, item)).collect();
        self.around(shown, Value::Array(items), Some(page))
    }

    pub(super) fn around(&self, shown: &Shown, inner: Value, page: Option<&Paging>) -> Option<Value> {
        if shown.way.is_empty() {
            return Some(inner);
        }
        let operation = self.about.call.operation();
        let response = operation.responses.get(shown.response)?;
        let content = response.content.get(shown.content)?;
        let prepared = self.about.mock.prepared.response(self.about.call, response).content(shown.content);
        // What an example says of the number of items is not so here.
        let example = prepared.example(self.about.mock, content).filter(|_| page.is_none() && !self.dynamic);
        let mut whole = match example {
            Some((ready, _)) => ready.value.clone(),
            None => with_context(self.about, page, |context| Some(prepared.plan(content)?.value(context)))?,
        };
        set(&mut whole, &shown.way, inner.clone());
        let schema = content.schema.as_ref()?;
        if schema.check(&whole) == Verdict::Invalid
            && let Some(plan) = prepared.plan(content)
        {
            let mended = |context: &Context<'_>| Some(repair(schema, plan, &whole, context).value);
            whole = with_context(self.about, page, mended)?;
            // What is kept is told, even where the document asks for more of it.
            set(&mut whole, &shown.way, inner);
        }
        Some(whole)
    }
}
