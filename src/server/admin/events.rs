//! Exchanges as they end: where a listener begins, and what it is told.

use http::HeaderName;

use super::super::html;
use super::super::log::summarised;
use super::super::tail::{self, Start, Tail, Teller};
use super::filter::Filter;
use super::{Answer, Asked, problem};
use crate::message::{HeaderValue, Method, Response, StatusCode, header};

/// What they are called.
pub(super) const EVENTS: &str = "text/event-stream";

/// The parameters beside those that leave exchanges out.
const MORE: [&str; 1] = ["limit"];

/// Where a browser was when its connection broke.
const LAST: HeaderName = HeaderName::from_static("last-event-id");

/// Those that are asked for, from now on, or from where it is said; until the client goes away.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    let filter = Filter::read(asked, &MORE)?;
    let mut response = Response::empty(StatusCode::OK);
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENTS));
    html::guarded(&mut response.headers);
    if asked.parts.method == Method::HEAD {
        return Ok(response);
    }
    let start = start(asked, &filter);
    let prefix = format!("{}{}/exchanges", asked.base, asked.prefix());
    let teller: Teller = Box::new(move |inner, exchange| {
        filter.matches(exchange).then(|| {
            let exchange = inner.settings.redactor.redact(exchange);
            summarised(&exchange, Some(format!("{prefix}/{}", exchange.id))).to_string()
        })
    });
    let opened = asked.inner.me().and_then(|inner| Tail::open(inner, start, teller, asked.sleep));
    let Some(tail) = opened else {
        let detail = format!("{} listen already, and no more may: end one of them", tail::MOST);
        let mut refusal = problem(StatusCode::SERVICE_UNAVAILABLE, detail);
        refusal.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return Err(refusal);
    };
    asked.tail.set(Some(tail));
    Ok(response)
}

/// The place after the last event that the client saw; without one, the beginning where a number is named, else the end.
fn start(asked: &Asked<'_>, filter: &Filter) -> Start {
    let (journal, limit) = (&asked.inner.journal, filter.limit);
    let mut first = "retry: 1000\n\n".to_owned();
    let last = asked.parts.headers.get(LAST).filter(|last| !last.is_empty());
    let place = match last.map(|last| last.to_str().unwrap_or_default()) {
        Some(last) => {
            let read = last.split_once('-').filter(|(_, run)| *run == tail::run(asked.inner));
            let place = read.and_then(|(place, _)| place.parse().ok()).filter(|place| *place <= journal.place());
            if place.is_none() {
                first.push_str("event: restarted\ndata: {}\n\n");
            }
            place.unwrap_or_else(|| journal.beginning())
        }
        None => match filter.since() {
            Some(since) => {
                let beginning = journal.beginning();
                let oldest = journal.snapshot().iter().map(|exchange| exchange.id).min();
                if beginning > 0 && oldest.is_none_or(|oldest| oldest > since + 1) {
                    first.push_str(&tail::forgotten(beginning));
                }
                beginning
            }
            None => journal.place(),
        },
    };
    Start { place, first, limit }
}
