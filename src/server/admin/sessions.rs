//! Sessions: which there are, how each is, and its end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::html::Page;
use super::{Answer, Asked, clock, done, no_session, value};
use crate::message::Response;
use crate::mock::{Since, Standing};

/// Every session there is.
pub(super) fn list(asked: &Asked<'_>) -> Answer {
    let (standings, ended) = asked.inner.state.standings(asked.now);
    asked.tell(&ended);
    if asked.page {
        return Ok(page(asked, &standings));
    }
    let options = asked.mock.options();
    Ok(value(&json!({
        "sessions": standings.iter().map(|standing| shown(asked, standing)).collect::<Vec<_>>(),
        "most": options.sessions,
        "idle_ms": milliseconds(options.session_idle),
    })))
}

/// One session.
pub(super) fn one(asked: &Asked<'_>) -> Answer {
    Ok(value(&shown(asked, &standing(asked)?)))
}

/// The session that the path names, if it is there.
pub(super) fn standing(asked: &Asked<'_>) -> Result<Standing, Box<Response>> {
    let name = asked.session()?;
    asked.inner.state.standing(&name, asked.now).ok_or_else(|| no_session(&name))
}

/// Ends a session.
pub(super) fn end(asked: &Asked<'_>) -> Answer {
    let name = asked.session()?;
    asked.inner.strays.forget(&name);
    if asked.inner.state.end(&name, asked.now) { Ok(done()) } else { Err(no_session(&name)) }
}

/// Ends all of them.
pub(super) fn end_all(asked: &Asked<'_>) -> Answer {
    asked.inner.strays.forget_all();
    Ok(value(&json!({ "ended": asked.inner.state.end_all(asked.now) })))
}

/// Has a session start from the beginning.
pub(super) fn reset(asked: &Asked<'_>) -> Answer {
    let name = asked.session()?;
    asked.inner.strays.forget(&name);
    if asked.inner.state.reset(&name, asked.now) { Ok(done()) } else { Err(no_session(&name)) }
}

/// Has all of them start from the beginning.
pub(super) fn reset_all(asked: &Asked<'_>) -> Answer {
    asked.inner.strays.forget_all();
    asked.inner.state.reset_all(asked.now);
    Ok(done())
}

/// How many calls there were of each operation, and how many each rule decided.
pub(super) fn counters(asked: &Asked<'_>) -> Answer {
    let name = asked.session()?;
    let counts = asked.inner.state.counts(&asked.mock, &name, asked.now).ok_or_else(|| no_session(&name))?;
    let calls: serde_json::Map<String, Value> =
        counts.calls.into_iter().map(|(operation, calls)| (operation.to_string(), calls.into())).collect();
    let rule = |(scenario, rule, calls): &(Arc<str>, Arc<str>, u64)| json!({ "scenario": **scenario, "rule": **rule, "calls": calls });
    Ok(value(&json!({ "calls": calls, "rules": counts.rules.iter().map(rule).collect::<Vec<_>>() })))
}

fn shown(asked: &Asked<'_>, standing: &Standing) -> Value {
    let arranged = standing.arranged();
    let uploaded = standing.view.uploaded().iter().map(|kept| &*kept.scenario.name);
    let overridden = arranged.into_iter().flat_map(|arranged| &arranged.overrides).map(|found| &*found.operation);
    json!({
        "name": *standing.name,
        "age_ms": milliseconds(standing.age),
        "idle_ms": milliseconds(standing.idle),
        "calls": standing.calls,
        "active": active(asked, standing),
        "uploaded": uploaded.collect::<Vec<_>>(),
        "overrides": overridden.collect::<Vec<_>>(),
        "clock": clock::shown(standing, asked.now),
    })
}

/// What is active in a session, in order, and for how long by its clock.
pub(super) fn active(asked: &Asked<'_>, standing: &Standing) -> Value {
    let now_ns = standing.view.now.mono_ns;
    let active = standing.view.active(&asked.mock).map(|(scenario, since)| {
        let since_ns = if let Since::At(since_ns) = since { since_ns } else { now_ns };
        let past = Duration::from_nanos(now_ns.saturating_sub(since_ns));
        json!({ "name": *scenario.name, "for_ms": milliseconds(past) })
    });
    active.collect()
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn page(asked: &Asked<'_>, standings: &[Standing]) -> Response {
    /// As many as a browser shows without trouble.
    const SHOWN: usize = 1_000;
    let mut page = Page::new("Sessions");
    page.raw("<table>\n<tr><th>session</th><th>calls</th><th>active</th><th>idle for</th></tr>\n");
    for standing in standings.iter().take(SHOWN) {
        let names: Vec<&str> = standing.view.active(&asked.mock).map(|(scenario, _)| &*scenario.name).collect();
        let idle = format!("{:.1} s", standing.idle.as_secs_f64());
        page.row([&standing.name, &standing.calls, &names.join(", "), &idle]);
    }
    page.raw("</table>\n");
    if let Some(more) = standings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        page.element("p", format_args!("And {more} more."));
    }
    page.into_response()
}
