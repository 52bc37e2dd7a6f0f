//! Changes after which an item would not be what its schema says: they are refused. To answer as if they were made would be worse.

use serde_json::{Map, Value};

use super::{At, Outcome};
use crate::contract::resource::Use;
use crate::finding::Verdict;
use crate::schema::{Schema, Type, TypeSet};

impl At<'_> {
    /// The refusal of what does not fit: with the documented status, else with ours.
    pub(super) fn unfit(&self, detail: String) -> Outcome {
        let status = [422, 400].into_iter().find(|status| self.documents(*status)).unwrap_or(422);
        Outcome::refused(status, detail)
    }

    /// The refusal of members that a request may have and an item cannot.
    pub(super) fn misfit(&self, does: &Use, said: &Map<String, Value>) -> Option<Outcome> {
        let known = self.keeping.collection(does.collection);
        let schema = known.item.as_ref().map(|item| &item.schema)?;
        let id = known.id.as_ref().map(|id| id.member.as_str());
        // Looked at where something is wrong, and that is seldom.
        let is_required = |name: &str| {
            let required = schema.says("required").unwrap_or_default();
            required.as_array().is_some_and(|names| names.iter().any(|known| known == name))
        };
        let wrong = |(name, told): &(&String, &Value)| {
            let Some(own) = schema.property(name).filter(|_| Some(name.as_str()) != id) else { return false };
            if own.check(told) != Verdict::Invalid || own.says("readOnly") == Some(Value::Bool(true)) {
                return false;
            }
            let asked = self.sendable(does).and_then(|sent| sent.property(name));
            if told.is_null() || unsets(Some(&own), told) {
                return is_required(name) && own.check(&Value::Null) == Verdict::Invalid;
            }
            said_alike(&own, asked.as_ref(), told)
        };
        let (name, told) = said.iter().find(wrong)?;
        let explained = schema.property(name).and_then(|own| own.explain(told).into_iter().next());
        let why = explained.map_or_else(|| "does not fit".to_owned(), |one| one.sentence);
        Some(self.unfit(format!("`{name}` of an item of {}: {why}", known.path)))
    }
}

/// Whether a text is empty to take a member away that cannot be an empty text.
pub(super) fn unsets(own: Option<&Schema>, told: &Value) -> bool {
    told.as_str().is_some_and(str::is_empty) && own.is_some_and(|own| own.check(told) == Verdict::Invalid)
}

/// Whether an item says a member as a request does: then a value that the item cannot have is wrong. What is said by an id and shown as an
/// object is said in another way, and nothing follows from that.
fn said_alike(own: &Schema, asked: Option<&Schema>, told: &Value) -> bool {
    let plain = |types: TypeSet| !types.array() && !types.object();
    let meets = |own: &Schema, asked: Option<&Schema>| {
        let types = own.types().without(Type::Null);
        let both = asked.map_or(types, |asked| types.and(asked.types()));
        plain(types) && both.scalar()
    };
    match told {
        Value::Array(_) => {
            let all = own.types().without(Type::Null);
            let items = asked.map(Schema::items);
            all == TypeSet::only(Type::Array)
                && own.items().is_some_and(|own| match &items {
                    Some(Some(asked)) => meets(&own, Some(asked)),
                    Some(None) => false,
                    None => meets(&own, None),
                })
        }
        Value::Object(_) => false,
        _ => meets(own, asked),
    }
}
