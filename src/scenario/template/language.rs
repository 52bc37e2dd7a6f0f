//! What templates can say: functions that make values up, filters on times, and the limits of a rendering.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use minijinja::value::{Object, Rest};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::pieces;
use crate::generate::{Seed, between, named, uuid};
use crate::scenario::duration;

/// The work that one rendering may take: for the largest answers of an API, not for computing.
const FUEL: u64 = 200_000;

/// The context's member that holds what is drawn from. No template can name it.
pub(super) const DRAWS: &str = "(draws)";

/// Functions that stand for a member's name.
const NAMED: [(&str, &str); 15] = [
    ("name", "name"),
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("username", "username"),
    ("email", "email"),
    ("phone", "phone"),
    ("company", "company"),
    ("city", "city"),
    ("country", "country"),
    ("street", "street"),
    ("url", "url"),
    ("title", "title"),
    ("sentence", "description"),
    ("date", "date"),
    ("time", "timestamp"),
];

/// The names of all functions, beside those for every member of [`super::context::NAMES`].
pub(super) fn functions() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name).chain(["uuid", "int", "pick", "made", "range", "dict", "namespace"])
}

/// What one rendering draws from: each draw is the next of the call's seed.
#[derive(Debug)]
pub(super) struct Draws {
    seed: Seed,
    now: Timestamp,
    next: AtomicU64,
}

impl Object for Draws {}

impl Draws {
    pub(super) fn new(seed: Seed, now: Timestamp) -> Draws {
        Draws { seed, now, next: AtomicU64::new(0) }
    }

    fn next(&self) -> Seed {
        self.seed.nth(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn of(state: &State<'_, '_>) -> Result<Arc<Draws>, Error> {
        let draws = state.lookup(DRAWS).and_then(|value| value.downcast_object::<Draws>());
        draws.ok_or_else(|| wrong("there is nothing to draw from here"))
    }
}

fn wrong(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

/// An empty set of templates, with everything that they can use.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Not none, so that a piece that was rendered before is known for one.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("by place".into()));
    environment.set_formatter(|out, _, value| {
        let json = match value.as_str() {
            Some(text) if value.is_safe() => return out.write_str(text).map_err(Error::from),
            _ => serde_json::to_value(value)
                .map_err(|error| wrong(format!("a value that cannot be written: {error}")))?,
        };
        out.write_str(&pieces::written(&json)).map_err(Error::from)
    });
    environment.remove_global("debug");
    for name in ["e", "escape", "safe", "pprint"] {
        environment.remove_filter(name);
    }
    for (function, member) in NAMED {
        environment.add_function(function, move |state: &State<'_, '_>, which: Option<u64>| {
            made(&*Draws::of(state)?, member, which.unwrap_or(0))
        });
    }
    environment.add_function("made", |state: &State<'_, '_>, member: &str, which: Option<u64>| {
        made(&*Draws::of(state)?, member, which.unwrap_or(0))
    });
    environment.add_function("uuid", |state: &State<'_, '_>, name: Option<&str>| {
        let draws = Draws::of(state)?;
        Ok::<_, Error>(uuid(name.map_or_else(|| draws.next(), |name| draws.seed.narrow(name))))
    });
    environment.add_function("int", |state: &State<'_, '_>, least: i64, most: i64| match least <= most {
        true => Ok(between(Draws::of(state)?.next(), least, most)),
        false => Err(wrong(format!("int({least}, {most}) has its ends the wrong way round"))),
    });
    environment.add_function("pick", |state: &State<'_, '_>, first: &Value, rest: Rest<Value>| {
        let listed: Vec<Value> = match rest.is_empty() {
            true => first.try_iter()?.take(10_000).collect(),
            false => std::iter::once(first.clone()).chain(rest.0).collect(),
        };
        let drawn = Draws::of(state)?.next().below(listed.len() as u64);
        usize::try_from(drawn)
            .ok()
            .and_then(|drawn| listed.get(drawn).cloned())
            .ok_or_else(|| wrong("pick() from nothing"))
    });
    environment.add_filter("plus", |time: &str, length: &str| moved(time, length, 1));
    environment.add_filter("minus", |time: &str, length: &str| moved(time, length, -1));
    environment.add_filter("date", |time: &str| Ok::<_, Error>(utc(time)?.date().to_string()));
    environment.add_filter("unix", |time: &str| Ok::<_, Error>(moment(time)?.as_second()));
    environment.add_filter("strftime", |time: &str, format: &str| {
        jiff::fmt::strtime::format(
            format,
            &utc(time)?.to_zoned(jiff::tz::TimeZone::UTC).map_err(|e| wrong(e.to_string()))?,
        )
        .map_err(|error| wrong(format!("`{format}` formats no time: {error}")))
    });
    environment
}

fn made(draws: &Draws, member: &str, which: u64) -> Result<String, Error> {
    named(member, draws.next(), (draws.seed, which), draws.now)
        .ok_or_else(|| wrong(format!("nothing is known of a member called `{member}`")))
}

fn moment(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|_| wrong(format!("`{text}` is no time such as `2026-07-15T10:36:17Z`")))
}

fn utc(text: &str) -> Result<jiff::civil::DateTime, Error> {
    Ok(jiff::tz::Offset::UTC.to_datetime(moment(text)?))
}

/// A time so much later, or earlier. Beside the units of the format, days are known.
fn moved(time: &str, length: &str, sign: i32) -> Result<String, Error> {
    let days = length.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()).filter(|days| *days <= 100_000);
    let length = match days {
        Some(days) => SignedDuration::from_hours(days * 24),
        None => {
            let read = duration::parse(length).map_err(|(sentence, help)| wrong(format!("{sentence}: {help}")))?;
            SignedDuration::try_from(read).map_err(|error| wrong(error.to_string()))?
        }
    };
    let moved = moment(time)?.checked_add(length * sign).map_err(|error| wrong(error.to_string()))?;
    Ok(moved.to_string())
}
