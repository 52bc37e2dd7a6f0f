//! What the document says of a call's answer, where what is kept is only a part of it.

use serde_json::Value;

use super::super::build::{About, FromRequest, identity, page_size};
use super::super::paging;
use crate::contract::resource::Shown;
use crate::generate::{Context, Paging};

/// Makes something for a call: with a page of a list of known length, else with the one that would be made up.
pub(super) fn with_context<T>(about: &About<'_>, page: Option<&Paging>, make: impl FnOnce(&Context<'_>) -> T) -> T {
    let echo = FromRequest {
        call: about.call,
        prepared: about.mock.prepared.operation(about.call),
        members: about.call.body().value().and_then(Value::as_object),
    };
    let seed = identity(about);
    let made_up = if page.is_none() { paging::asked(about.call, seed) } else { None };
    let size = page_size(about.call);
    make(&Context { seed, now: about.mock.options().now, echo: &echo, size, page: page.or(made_up.as_ref()) })
}

/// The whole answer as the document says it.
pub(super) fn as_documented(about: &About<'_>, shown: &Shown, dynamic: bool) -> Option<Value> {
    let response = about.call.operation().responses.get(shown.response)?;
    let content = response.content.get(shown.content)?;
    let prepared = about.mock.prepared.response(about.call, response).content(shown.content);
    if let Some((ready, _)) = prepared.example(about.mock, content).filter(|_| !dynamic) {
        return Some(ready.value.clone());
    }
    let plan = prepared.plan(content)?;
    Some(with_context(about, None, |context| plan.value(context)))
}
