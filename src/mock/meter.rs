//! Rates: what a call asks of them, how they are kept in a session, and the fields that tell of them.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::gate::{Gate, Since};
use crate::contract::Call;
use crate::generate::Seed;
use crate::message::{HeaderMap, HeaderName, HeaderValue, header};
use crate::scenario::{LimitFields, Move, Quota, Rate, Reply, Rule, Scenario, Standing};
use crate::traffic::Limit;

/// The most standings of rates that a session keeps. Beyond it goes the one that is full again first: a full one says nothing.
const MOST: usize = 4_096;

/// Said where one goes that was not full again.
pub(super) const CROWDED: &str =
    "more values of a rate than a session keeps: the one that would have been full again first was forgotten";

/// A rate that a call has to ask.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// The rule's id, stable over reloads.
    pub rule: Arc<str>,
    /// What it asks of the session.
    pub gate: Gate,
    /// The state that a refused call goes to.
    pub moves: Option<Arc<[Move]>>,
    /// What is allowed.
    pub quota: Quota,
    /// What the call is counted with. Made of scenario, rule, quota and the value that it goes by, which may be a secret.
    pub key: u128,
}

impl Meter {
    pub(super) fn new(scenario: &Scenario, rule: &Rule, rate: &Rate, call: &Call<'_>, since: Since) -> Meter {
        let value = rate.by.value(call);
        let (there, value) = value.as_deref().map_or(([0], ""), |value| ([1], value));
        let quota = rate.quota.bytes();
        let parts = [scenario.name.as_bytes(), rule.id.as_bytes(), &quota, &there, value.as_bytes()];
        let half = |seed: u64| u128::from(Seed(seed).hash(&parts));
        Meter {
            scenario: scenario.name.clone(),
            rule: rule.id.clone(),
            gate: Gate::new(scenario, rule, since),
            moves: rule.moves.clone(),
            quota: rate.quota,
            key: half(0) << 64 | half(1),
        }
    }
}

/// Where the rates of a session stand.
#[derive(Debug, Default)]
pub(super) struct Standings {
    kept: HashMap<u128, Kept>,
    /// When each of them is full again, the first one first.
    full: BTreeSet<(u64, u128)>,
}

#[derive(Debug)]
struct Kept {
    scenario: Arc<str>,
    standing: Standing,
    full_ns: u64,
}

/// What the rates said to a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    /// Where each stands that was asked: its place among those of the call, and what it says.
    pub limits: Vec<(usize, Limit)>,
    /// The place of the first that refused the call.
    pub refused: Option<usize>,
    /// Whether one that was not full again had to be forgotten.
    pub crowded: bool,
}

impl Standings {
    /// Asks every rate: an allowed call takes one from each, a refused one from none.
    pub(super) fn ask<'m>(&mut self, meters: impl Iterator<Item = (usize, &'m Meter)>, now_ns: u64) -> Metered {
        let mut asked: Vec<(usize, &Meter, Standing)> = Vec::new();
        for (index, meter) in meters {
            // The same rate can be met twice, where a scenario is named twice.
            if asked.iter().all(|(_, other, _)| other.key != meter.key) {
                let kept = self.kept.get(&meter.key).map(|kept| kept.standing);
                let standing = kept.map_or_else(|| meter.quota.fresh(now_ns), |kept| meter.quota.at(kept, now_ns));
                asked.push((index, meter, standing));
            }
        }
        let taken: Vec<_> = asked.iter().map(|(_, meter, standing)| meter.quota.take(*standing)).collect();
        let refused = taken.iter().position(Option::is_none);
        let mut told = Metered { refused: refused.map(|place| asked[place].0), ..Metered::default() };
        for ((index, meter, before), taken) in asked.into_iter().zip(taken) {
            let standing = match taken {
                Some(taken) if refused.is_none() => {
                    let full_ns = meter.quota.full_ns(taken);
                    let kept = Kept { scenario: meter.scenario.clone(), standing: taken, full_ns };
                    told.crowded |= self.keep(meter.key, kept, now_ns);
                    taken
                }
                _ => before,
            };
            let limit = Limit {
                scenario: meter.scenario.clone(),
                rule: meter.rule.clone(),
                limit: meter.quota.capacity(),
                remaining: meter.quota.left(standing),
                more_in: meter.quota.more_in(standing, now_ns),
                allowed: taken.is_some(),
            };
            told.limits.push((index, limit));
        }
        told
    }

    /// Has the rates of a scenario start anew.
    pub(super) fn forget(&mut self, scenario: &str) {
        let Standings { kept, full } = self;
        kept.retain(|key, kept| {
            let stays = *kept.scenario != *scenario;
            if !stays {
                full.remove(&(kept.full_ns, *key));
            }
            stays
        });
    }

    /// Keeps where a rate stands; whether something that still said something had to go for it.
    fn keep(&mut self, key: u128, kept: Kept, now_ns: u64) -> bool {
        let (mut crowded, full_ns) = (false, kept.full_ns);
        if let Some(before) = self.kept.insert(key, kept) {
            self.full.remove(&(before.full_ns, key));
        } else if self.kept.len() > MOST
            && let Some((first_ns, first)) = self.full.pop_first()
        {
            self.kept.remove(&first);
            crowded = first_ns > now_ns;
        }
        self.full.insert((full_ns, key));
        crowded
    }
}

static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static X_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Writes the fields that tell of rates; those that a reply names are as it says.
///
/// `RateLimit-Policy` and `RateLimit` are those of draft-ietf-httpapi-ratelimit-headers-10: lists of all rates, each by the id of its
/// rule. The others have one value each: that of the tightest rate.
pub(super) fn tell(headers: &mut HeaderMap, told: &[(&Rate, &Limit)], reply: Option<&Reply>) {
    let named = |name: &HeaderName| reply.is_some_and(|reply| reply.headers.iter().any(|(known, _)| known == name));
    let shown = |of: fn(LimitFields) -> bool| told.iter().filter(move |(rate, _)| of(rate.fields));
    // What the document calls its own fields is told there, too: made-up numbers beside the true ones would be worse than none.
    if let Some(limit) = tightest(shown(|fields| fields != LimitFields::None)) {
        let own = headers.iter_mut().filter(|(name, _)| !named(name));
        for (name, value) in own {
            match likely(name.as_str()) {
                Some("limit") => *value = limit.limit.into(),
                Some("remaining") => *value = limit.remaining.into(),
                Some("reset") => *value = limit.seconds().into(),
                _ => {}
            }
        }
    }
    let mut set = |name: &HeaderName, value: HeaderValue| {
        if !named(name) {
            headers.insert(name, value);
        }
    };
    let (mut policy, mut limits) = (String::new(), String::new());
    for (rate, limit) in shown(|fields| matches!(fields, LimitFields::Ietf | LimitFields::Both)) {
        let comma = if policy.is_empty() { "" } else { ", " };
        let twice = told.iter().filter(|(_, other)| other.rule == limit.rule).count() > 1;
        let name = if twice { name(&[&limit.scenario, "/", &limit.rule]) } else { name(&[&limit.rule]) };
        let window = whole_seconds(rate.quota.refill());
        let _ = write!(policy, "{comma}{name};q={};w={window}", limit.limit);
        let _ = write!(limits, "{comma}{name};r={}", limit.remaining);
        if limit.more_in.is_some() {
            let _ = write!(limits, ";t={}", limit.seconds());
        }
    }
    for (name, text) in [(&POLICY, policy), (&LIMIT, limits)] {
        if let Some(value) = HeaderValue::from_str(&text).ok().filter(|_| !text.is_empty()) {
            set(name, value);
        }
    }
    if let Some(limit) = tightest(shown(|fields| matches!(fields, LimitFields::X | LimitFields::Both))) {
        set(&X_LIMIT, limit.limit.into());
        set(&X_REMAINING, limit.remaining.into());
        set(&X_RESET, limit.seconds().into());
    }
    let wait = told.iter().filter(|(_, limit)| !limit.allowed).map(|(_, limit)| limit.seconds()).max();
    if let Some(wait) = wait {
        set(&header::RETRY_AFTER, wait.into());
    }
}

/// The rate that leaves least: the fewest calls, and of those that leave equally few, the one that does so longest.
fn tightest<'l>(told: impl Iterator<Item = &'l (&'l Rate, &'l Limit)>) -> Option<&'l Limit> {
    let limits = told.map(|(_, limit)| *limit);
    limits.min_by_key(|limit| (limit.remaining, std::cmp::Reverse(limit.more_in)))
}

/// Which number a field is for, as many call it: `X-Rate-Limit-Remaining`, `RateLimit-Reset`.
fn likely(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("x-").unwrap_or(name);
    rest.strip_prefix("ratelimit-").or_else(|| rest.strip_prefix("rate-limit-"))
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// A string of structured fields (RFC 9651): what it cannot hold is shown as `?`.
fn name(parts: &[&str]) -> String {
    let mut text = String::from("\"");
    for c in parts.iter().flat_map(|part| part.chars()) {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            ' '..='~' => text.push(c),
            _ => text.push('?'),
        }
    }
    text.push('"');
    text
}
