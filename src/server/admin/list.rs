//! The last exchanges, one line each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::html::Page;
use super::super::log::summarised;
use super::super::service::Inner;
use super::{refused, value};
use crate::message::{Problem, Response, StatusCode, Target, form_decode, query_pairs};
use crate::traffic::Exchange;

/// How many are listed unless asked otherwise, and at most.
const USUAL: usize = 50;
const MOST: usize = 1000;

/// The newest exchanges first.
pub(super) fn answer(inner: &Inner, base: &str, target: &Target, page: bool) -> Response {
    let Some(limit) = limit(target) else {
        let detail = format!("`limit` is a number from 1 to {MOST}");
        return refused(&Problem::new(StatusCode::BAD_REQUEST).detail(detail));
    };
    let exchanges = inner.journal.snapshot();
    let kept = exchanges.len();
    let shown: Vec<Exchange> = exchanges
        .iter()
        .rev()
        .take(limit)
        .map(|exchange: &Arc<Exchange>| inner.settings.redactor.redact(exchange))
        .collect();
    let prefix = format!("{}/exchanges", inner.mock().options().admin_prefix);
    if page {
        return table(&shown, &prefix, kept, inner.journal.forgotten());
    }
    let listed: Vec<Value> =
        shown.iter().map(|exchange| summarised(exchange, Some(format!("{base}{prefix}/{}", exchange.id)))).collect();
    value(&json!({ "exchanges": listed, "kept": kept, "forgotten": inner.journal.forgotten() }))
}

fn limit(target: &Target) -> Option<usize> {
    let mut pairs = query_pairs(target.query().unwrap_or_default());
    let Some((_, value)) = pairs.find(|(name, _)| *name == "limit") else { return Some(USUAL) };
    let limit = form_decode(value.unwrap_or_default()).ok()?.parse().ok()?;
    (1..=MOST).contains(&limit).then_some(limit)
}

fn table(exchanges: &[Exchange], prefix: &str, kept: usize, forgotten: u64) -> Response {
    let mut page = Page::new("Exchanges");
    page.element("p", format_args!("The newest first: {} of {kept} kept, {forgotten} forgotten.", exchanges.len()));
    page.raw("<table>\n");
    for exchange in exchanges {
        page.raw("<tr><td>");
        page.link(format_args!("{prefix}/{}", exchange.id), exchange.id);
        page.raw("</td><td>");
        let status =
            exchange.response().map_or_else(|| "no answer".to_owned(), |response| response.status.as_str().to_owned());
        page.text(status);
        page.raw("</td><td><code>");
        page.text(format_args!("{} {}", exchange.request.method, exchange.request.target));
        page.raw("</code></td><td>");
        if let Some(decision) = &exchange.decision {
            if let Some(operation) = &decision.operation {
                page.text(format_args!("{operation} #{} ", decision.call));
            }
            page.element("small", &decision.why);
        }
        page.raw("</td></tr>\n");
    }
    page.raw("</table>\n");
    page.into_response()
}
