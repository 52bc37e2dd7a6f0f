//! The last exchanges: one line each, page by page; or whole, as an archive (HAR).

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::html::Page;
use super::super::log::summarised;
use super::filter::{Filter, PAGED};
use super::{Answer, Asked, events, problem, text, value};
use crate::message::{Response, StatusCode, query_pairs};
use crate::traffic::{Exchange, Fault, Why, har};

/// How many are listed unless asked otherwise.
const USUAL: usize = 50;

/// The most operations that the form lists.
const LISTED: usize = 500;

/// What an archive is called. There is no registered name for it.
const ARCHIVE: &str = "application/har+json";

/// A part of what is kept.
struct Part {
    /// The newest first, by their numbers.
    exchanges: Vec<Arc<Exchange>>,
    /// How many are asked for, of those that are kept.
    matched: usize,
    kept: usize,
    forgotten: u64,
}

impl Part {
    fn of(asked: &Asked<'_>, filter: &Filter, limit: usize) -> Part {
        let journal = &asked.inner.journal;
        // First the number: what is forgotten in between is rather counted too little than shown and counted.
        let (forgotten, mut exchanges) = (journal.forgotten(), journal.snapshot());
        let kept = exchanges.len();
        exchanges.retain(|exchange| filter.matches(exchange));
        exchanges.sort_unstable_by_key(|exchange| std::cmp::Reverse(exchange.id));
        let matched = exchanges.len();
        exchanges.truncate(limit);
        Part { exchanges, matched, kept, forgotten }
    }

    /// The number before which the rest begins, where there is one.
    fn rest(&self) -> Option<u64> {
        (self.exchanges.len() < self.matched).then(|| self.exchanges.last().map(|exchange| exchange.id)).flatten()
    }

    /// Without secrets.
    fn shown(&self, asked: &Asked<'_>) -> Vec<Exchange> {
        self.exchanges.iter().map(|exchange| asked.inner.settings.redactor.redact(exchange)).collect()
    }
}

/// Those that are asked for, the newest first; in the form that is asked for.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    if asked.accepts(events::EVENTS) {
        return events::answer(asked);
    }
    if asked.accepts(ARCHIVE) {
        return archive(asked);
    }
    let filter = Filter::read(asked, &PAGED)?;
    let part = Part::of(asked, &filter, filter.limit.unwrap_or(USUAL));
    let prefix = format!("{}/exchanges", asked.prefix());
    let next = part.rest().map(|rest| format!("{prefix}?{}", before(asked.target.query().unwrap_or_default(), rest)));
    if asked.page {
        return Ok(table(asked, &part, &prefix, next.as_deref()));
    }
    let more = |exchange: &Exchange| Some(format!("{}{prefix}/{}", asked.base, exchange.id));
    let listed: Vec<Value> = part.shown(asked).iter().map(|exchange| summarised(exchange, more(exchange))).collect();
    let Part { matched, kept, forgotten, .. } = part;
    let mut told = json!({ "exchanges": listed, "matched": matched, "kept": kept, "forgotten": forgotten });
    if let Some(next) = next {
        told["next"] = format!("{}{next}", asked.base).into();
    }
    Ok(value(&told))
}

/// The query again, for what comes before this number.
fn before(query: &str, number: u64) -> String {
    let others =
        query_pairs(query).filter(|(name, value)| *name != "before" && value.is_some_and(|value| !value.is_empty()));
    let mut query: Vec<String> = others.map(|(name, value)| format!("{name}={}", value.unwrap_or_default())).collect();
    query.push(format!("before={number}"));
    query.join("&")
}

/// Those that are asked for, whole, the oldest first: all of them, unless there is a limit.
pub(super) fn archive(asked: &Asked<'_>) -> Answer {
    let filter = Filter::read(asked, &PAGED)?;
    let part = Part::of(asked, &filter, filter.limit.unwrap_or(usize::MAX));
    let exchanges = part.shown(asked);
    let mut archive = Vec::new();
    match har::write(&mut archive, exchanges.iter().rev()).map(|()| String::from_utf8(archive)) {
        Ok(Ok(archive)) => Ok(text(ARCHIVE, archive)),
        _ => Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "these exchanges cannot be written")),
    }
}

fn table(asked: &Asked<'_>, part: &Part, prefix: &str, next: Option<&str>) -> Response {
    let mut page = Page::new("Exchanges");
    form(asked, &mut page, prefix);
    let (shown, Part { matched, kept, forgotten, .. }) = (part.exchanges.len(), part);
    page.element(
        "p",
        format_args!("The newest first: {shown} of {matched} that are asked for, {kept} kept, {forgotten} forgotten."),
    );
    page.raw("<table>\n");
    for exchange in part.shown(asked) {
        row(&mut page, &exchange, prefix);
    }
    page.raw("</table>\n");
    if let Some(next) = next {
        page.raw("<p>");
        page.link(next, "Older ones");
        page.raw("</p>\n");
    }
    page.into_response()
}

fn row(page: &mut Page, exchange: &Exchange, prefix: &str) {
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
    page.raw("</td><td>");
    page.element("small", &exchange.session);
    page.raw("</td></tr>\n");
}

/// What leaves exchanges out, to be filled in.
fn form(asked: &Asked<'_>, page: &mut Page, prefix: &str) {
    let picked = |name| asked.query(name).next().unwrap_or_default();
    page.form(prefix);
    page.raw("<p>");
    page.input("Session", "session", picked("session"), "t1");
    let operations = asked.mock.contract().heads().iter().take(LISTED).map(|head| &*head.key);
    page.choice("Operation", "operation", operations, &picked("operation"));
    page.input("Status", "status", picked("status"), "4XX");
    page.input("Method", "method", picked("method"), "POST");
    page.input("Path", "path", picked("path"), "/invitations");
    page.choice("Decided by", "why", Why::kinds(), &picked("why"));
    page.input("Rule", "rule", picked("rule"), "throttled:6");
    page.choice("Fault", "fault", Fault::names().chain(["any", "none"]), &picked("fault"));
    page.choice("Unmatched", "unmatched", ["true", "false"], &picked("unmatched"));
    page.choice("Refused", "refused", ["true", "false"], &picked("refused"));
    page.raw("<button>Show</button> ");
    page.link(prefix, "all");
    page.text(" · ");
    let query = asked.target.query().map(|query| format!("?{query}")).unwrap_or_default();
    page.link(format_args!("{prefix}.har{query}"), "as HAR");
    page.raw("</p>\n</form>\n");
}
