//! Single rules that go before every scenario of a session: what a test says of one operation between its calls.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, Asked, body, done, not_arranged, problem, sessions, unusable, value};
use crate::message::{Response, StatusCode};
use crate::mock::Override;
use crate::scenario::{Scenario, operation_named};

/// Those of a session.
pub(super) fn list(asked: &Asked<'_>) -> Answer {
    let standing = sessions::standing(asked)?;
    let overrides = standing.arranged().into_iter().flat_map(|arranged| &arranged.overrides).map(shown);
    Ok(value(&json!({ "on": overrides.collect::<Vec<_>>() })))
}

/// The one for an operation.
pub(super) fn one(asked: &Asked<'_>) -> Answer {
    let (standing, operation) = (sessions::standing(asked)?, operation(asked)?);
    let mut overrides = standing.arranged().into_iter().flat_map(|arranged| &arranged.overrides);
    match overrides.find(|found| found.operation == operation) {
        Some(found) => Ok(value(&shown(found))),
        None => Err(problem(StatusCode::NOT_FOUND, format!("`{operation}` is not overridden in this session"))),
    }
}

fn shown(found: &Override) -> Value {
    json!({ "operation": *found.operation, "rule": found.kept.scenario.source.text() })
}

/// The operation that the path names: its key, or `*` for all.
fn operation(asked: &Asked<'_>) -> Result<Arc<str>, Box<Response>> {
    let wanted = asked.named(1);
    if wanted == "*" {
        return Ok("*".into());
    }
    let unknown = |(sentence, help)| problem(StatusCode::NOT_FOUND, format!("{sentence}; {help}"));
    operation_named(asked.mock.contract(), wanted).map_err(unknown)
}

/// Puts one before all others.
pub(super) fn put(asked: &Asked<'_>) -> Answer {
    let (name, operation, source) = (asked.session()?, operation(asked)?, asked.source("rule".to_owned())?);
    let strict = !asked.query("strict").any(|strict| strict == "false");
    // No scenario of a file can be called so: its counters are its own.
    let own: Arc<str> = format!("override of {operation}").into();
    let (rule, mut findings) = Scenario::read_rule(&source, own, &operation, strict, asked.mock.contract());
    let Some(rule) = rule else {
        let sentence = format!("this is no rule for `{operation}`, and nothing has changed");
        return Err(unusable(sentence, &findings));
    };
    let (rule, merges) = asked.mock.adopt(rule);
    findings.extend(merges);
    if body::is_broken(&findings) {
        let sentence = format!("this is no rule for `{operation}`, and nothing has changed");
        return Err(unusable(sentence, &findings));
    }
    let put = asked.inner.state.put_before(&name, &operation, rule, asked.now);
    asked.tell(&put.map_err(not_arranged)?);
    Ok(value(&json!({ "operation": *operation, "findings": body::told(&findings) })))
}

/// Takes one away.
pub(super) fn take_away(asked: &Asked<'_>) -> Answer {
    let (name, operation) = (asked.session()?, operation(asked)?);
    asked.inner.state.put_back(&name, &operation, asked.now).map_err(not_arranged)?;
    Ok(done())
}
