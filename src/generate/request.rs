//! What a valid request needs, by the document's examples, else made up: values of parameters, content, credentials.

use serde_json::Value;

use super::{Context, Plan, repair};
use crate::contract::{Codec, Content, Contract, In, Operation, Parameter, RequestBody, SchemeKind};
use crate::finding::Verdict;
use crate::schema::Schema;

/// How many items a list has that is described by its items.
const ITEMS: u64 = 3;

/// A value that is made up for a content: of a sequence that is described by its items, a list of some.
pub fn made_up(content: &Content, codec: Codec, plan: &Plan, context: &Context<'_>) -> Value {
    if !content.is_by_item(codec) {
        return plan.value(context);
    }
    let one = |number| plan.value(&Context { seed: context.seed.narrow(&format!("item {number}")), ..*context });
    Value::Array((0..ITEMS).map(one).collect())
}

/// A value for a parameter: its first example, else one that its schema admits; `None` where nothing says what it is.
pub fn argument(parameter: &Parameter, context: &Context<'_>) -> Option<Value> {
    let shown = parameter.examples.iter().chain(parameter.content().into_iter().flat_map(|content| &content.examples));
    let schema = parameter.schema();
    // A number may be shown as the text that it is written as.
    let coerced = |schema: &Schema, value: &Value| match value {
        Value::String(text) => schema.check(&schema.coerce(text)),
        _ => Verdict::Invalid,
    };
    let forbids = |schema: &Schema, value: &Value| {
        schema.check(value) == Verdict::Invalid && coerced(schema, value) == Verdict::Invalid
    };
    let fits = |value: &&Value| !is_nothing(value) && schema.is_none_or(|schema| !forbids(schema, value));
    if let Some(example) = shown.map(|example| &example.value).find(fits) {
        return Some(example.clone());
    }
    match parameter.content() {
        Some(content) => {
            let schema = content.schema.as_ref().or(content.items.as_ref())?;
            Some(made_up(content, content.codec, &Plan::new(schema, Some(&parameter.name)), context))
        }
        None => Some(Plan::new(parameter.schema()?, Some(&parameter.name)).value(context)),
    }
}

/// Whether nothing would be left of it in a path or a query.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Content that a request of an operation can have, and what it is content of: JSON where it may be; `None` where nothing but bytes will do.
pub fn content<'o>(request: &'o RequestBody, context: &Context<'_>) -> Option<(&'o Content, Vec<u8>)> {
    let with = |wanted: fn(Codec) -> bool| request.content.iter().find(|content| wanted(content.codec));
    let content = with(|codec| codec == Codec::Json).or_else(|| with(|codec| codec != Codec::Binary))?;
    let schema = content.schema.as_ref().or(content.items.as_ref());
    let made = |schema| made_up(content, content.codec, &Plan::new(schema, None), context);
    let bytes = match (content.examples.first(), schema) {
        (Some(example), Some(schema)) if content.shows(&example.value) && forbids(content, &example.value) => {
            // What can stay of it stays.
            let value = match content.is_by_item(content.codec) {
                true => made(schema),
                false => repair(schema, &Plan::new(schema, None), &example.value, context).value,
            };
            content.write(None, &value)
        }
        (Some(example), _) => content.write(None, &example.value),
        (None, Some(schema)) => content.write(None, &made(schema)),
        (None, None) => content.least(None),
    };
    Some((content, bytes))
}

fn forbids(content: &Content, value: &Value) -> bool {
    content.check(content.codec, &content.meant(value)) == Verdict::Invalid
}

/// Credentials that will do for an operation, each with its place and name; nothing where none are needed, `None` where none can be made
/// up.
pub fn credentials(contract: &Contract, operation: &Operation) -> Option<Vec<(In, String, String)>> {
    let alternatives = &operation.security;
    if alternatives.is_empty() || alternatives.iter().any(|alternative| alternative.schemes.is_empty()) {
        return Some(Vec::new());
    }
    let fields = |schemes: &[usize]| -> Option<Vec<(In, String, String)>> {
        schemes.iter().map(|scheme| credential(&contract.schemes().get(*scheme)?.kind)).collect()
    };
    alternatives.iter().find_map(|alternative| fields(&alternative.schemes))
}

fn credential(kind: &SchemeKind) -> Option<(In, String, String)> {
    let authorization = |value: &str| Some((In::Header, "Authorization".to_owned(), value.to_owned()));
    match kind {
        SchemeKind::Bearer => authorization("Bearer x"),
        SchemeKind::Basic => authorization("Basic eDp5"),
        SchemeKind::OtherHttp(word) => authorization(&format!("{word} x")),
        SchemeKind::ApiKey { place, name } => Some((*place, name.clone(), "x".to_owned())),
        SchemeKind::Unseen(_) => None,
    }
}
