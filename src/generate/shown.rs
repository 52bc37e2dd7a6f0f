//! Examples and defaults that the document shows for members: the best vocabulary there is, where they are not lies.

use serde_json::Value;

use super::build::{At, Builder};
use super::facets::Facets;
use super::form::Form;
use super::meaning::{Meaning, meaning};
use super::number;
use crate::finding::Verdict;
use crate::schema::Type;

/// How many values an example may have in all to be used for a member.
const LARGE: usize = 200;

impl Builder<'_> {
    /// The form of what is shown for a member; `None` where nothing is, or where it had better be made up.
    ///
    /// In lists, items should differ: there, what a name or format explains is made up, and the rest is as shown.
    pub(super) fn shown(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        if !self.vocabulary || at.depth == 0 || self.is_distrusted(&at.path) {
            return None;
        }
        let examples = facets.nodes.iter().filter_map(|node| {
            node.get("example")
                .or_else(|| node.get("examples").and_then(Value::as_array).and_then(|listed| listed.first()))
        });
        let named = meaning(&at.words).map(|(meaning, _)| meaning);
        if let Some(example) = examples.into_iter().find(|example| usable(facets, example)) {
            return self.example(facets, at, example, named);
        }
        let mut defaults = facets.all("default").filter(|default| usable(facets, default));
        let default = defaults.find(|default| !default.is_object() && !default.is_array())?;
        // A number whose meaning is known is likelier than the zero it starts with.
        let known = named.is_some() && default.is_number() || matches!(named, Some(Meaning::Page(_))) && at.paged;
        (!known && admits(facets, default)).then(|| Form::Fixed(default.clone()))
    }

    fn example(&mut self, facets: &Facets<'_>, at: &At, example: &Value, named: Option<Meaning>) -> Option<Form> {
        match example {
            Value::String(text) => {
                if matches!(facets.format(), Some("date-time" | "date" | "time" | "uuid"))
                    || matches!(named, Some(Meaning::Moment(_)))
                {
                    return None;
                }
                let identifies = matches!(named, Some(Meaning::Id | Meaning::Token | Meaning::Hash | Meaning::Code));
                if identifies
                    && text.len() >= 4
                    && text.len() <= 100
                    && text.is_ascii()
                    && text.contains(|c: char| c.is_ascii_digit())
                {
                    return self.string(facets, at, Some(text));
                }
                let tells_apart =
                    named.is_some_and(|named| !is_shared(named)) || named.is_none() && facets.format().is_some();
                if at.lists > 0 && tells_apart {
                    return None;
                }
                admits(facets, example).then(|| Form::Fixed(example.clone()))
            }
            Value::Number(shown) => {
                if matches!(named, Some(Meaning::Page(_))) && at.paged || matches!(named, Some(Meaning::Moment(_))) {
                    return None;
                }
                let integer = !facets.types.contains(Type::Number) || shown.is_u64() || shown.is_i64();
                let numbers = number::numbers(&facets.limits(integer), named, number::Lean::None)?;
                if !numbers.admits(shown) {
                    return None;
                }
                let differs = at.lists > 0 || matches!(named, Some(Meaning::Id));
                Some(if differs {
                    Form::Number(numbers.around(shown, matches!(named, Some(Meaning::Id))))
                } else {
                    Form::Fixed(example.clone())
                })
            }
            Value::Bool(_) => Some(Form::Fixed(example.clone())),
            Value::Array(_) | Value::Object(_) => {
                let described = facets.has("properties") || at.lists > 0;
                (!described && size(example) <= LARGE && admits(facets, example)).then(|| Form::Fixed(example.clone()))
            }
            Value::Null => None,
        }
    }

    fn is_distrusted(&self, path: &str) -> bool {
        // What stands in something that turned out wrong is not trusted either.
        self.distrusted.iter().any(|bad| {
            let inside = |outer: &str, inner: &str| {
                inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            inside(bad, path) || inside(path, bad)
        })
    }
}

/// Whether things of one kind commonly have the same.
fn is_shared(meaning: Meaning) -> bool {
    use Meaning as M;
    matches!(
        meaning,
        M::Kind
            | M::Status
            | M::State
            | M::Role
            | M::Level
            | M::Category
            | M::Version
            | M::CurrencyCode
            | M::Currency
            | M::Country
            | M::CountryCode
            | M::Locale
            | M::Language
            | M::Timezone
            | M::Environment
            | M::Method
            | M::MediaType
            | M::Extension
            | M::Unit
            | M::Branch
            | M::Symbol
            | M::Icon
            | M::Value
            | M::Key
    )
}

fn usable(facets: &Facets<'_>, value: &Value) -> bool {
    let says_something = match value {
        Value::Null => false,
        // What editors put in where nobody wrote anything.
        Value::String(text) => !text.is_empty() && text != "string",
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    says_something && facets.admits_type(value) && !facets.never.contains(&value)
}

fn admits(facets: &Facets<'_>, value: &Value) -> bool {
    let simple = match value {
        Value::Bool(_) => true,
        Value::String(text) => {
            let length = text.chars().count();
            let long = facets.smallest("maxLength").is_some_and(|most| length > most);
            if long || facets.largest("minLength").is_some_and(|least| length < least) {
                return false;
            }
            facets.format().is_none() && !facets.has("pattern")
        }
        _ => false,
    };
    simple && facets.hard.is_empty() && facets.negated.is_empty()
        || facets.nodes.iter().all(|node| node.schema().check(value) == Verdict::Valid)
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
