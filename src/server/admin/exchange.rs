//! One exchange, whole: what was asked, what was answered, and why.

use super::told::Told;
use super::{Answer, Asked, exchange_page, problem, value};
use crate::message::StatusCode;
use crate::traffic::ndjson;

/// The exchange with this number, without its secrets: as a page, or as the line that a recording would have, with how it was decided.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    let (inner, id) = (asked.inner, asked.named(0));
    let unknown = |detail: String| problem(StatusCode::NOT_FOUND, detail);
    let number = id.parse().ok().filter(|id| *id > 0);
    let number = number.ok_or_else(|| unknown(format!("`{id}` is no number of an exchange")))?;
    let kept = inner.journal.get(number);
    let exchange = kept.ok_or_else(|| {
        unknown(format!("exchange {number} is not kept: it was pushed out by later ones, or has not been"))
    })?;
    let shown = inner.settings.redactor.redact(&exchange);
    let told = Told::of(asked, &exchange, &shown);
    if asked.page {
        return Ok(exchange_page::page(asked, &shown, &told));
    }
    let mut line = Vec::new();
    let written = ndjson::write(&mut line, &shown).ok().and_then(|()| serde_json::from_slice(&line).ok());
    let Some(mut whole) = written.filter(serde_json::Value::is_object) else {
        return Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "this exchange cannot be written"));
    };
    whole["explained"] = told.value(asked, &shown);
    Ok(value(&whole))
}
