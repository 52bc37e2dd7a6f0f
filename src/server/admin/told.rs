//! How one exchange was decided, for programs: what was written down with it, and what can be found out again.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Asked;
use crate::mock::{Considered, Explained, Negotiated, Outcome, Routed};
use crate::traffic::{Decision, Draw, Drawn, Exchange};

/// All that is told of an exchange beside itself.
pub(super) struct Told {
    pub(super) explained: Explained,
    /// The numbers of the version of the mock that answered, where that is known, and of the one that is served now.
    pub(super) version: (Option<u64>, u64),
    /// What has changed since, so that something is told as it is now and may have been otherwise then.
    pub(super) changed: Vec<&'static str>,
    /// The exchanges of the session around it.
    pub(super) previous: Option<u64>,
    pub(super) next: Option<u64>,
}

impl Told {
    /// Finds it out. `shown` is the exchange without its secrets.
    pub(super) fn of(asked: &Asked<'_>, exchange: &Exchange, shown: &Exchange) -> Told {
        let inner = asked.inner;
        let standing = inner.state.standing(&exchange.session, asked.now);
        let view = standing.as_ref().map(|standing| &standing.view);
        let now = inner.version.load().number;
        let trace = exchange.decision.as_ref().map(|decision| &decision.trace);
        let then = trace.map(|trace| trace.version).filter(|version| *version > 0);
        let mut changed = Vec::new();
        if then.is_some_and(|then| then != now) {
            changed.push("the mock was replaced since: route, negotiation and rules are told as it is now");
        }
        let is_as_it_was = |(life, told): (u64, u64)| life == 0 || view.is_some_and(|view| view.is_as(life, told));
        if !trace.is_none_or(|trace| is_as_it_was((trace.life, trace.told))) {
            changed.push(
                "the session was told something since, began anew or ended: rules are told of what is active in it now",
            );
        }
        let kept = inner.journal.snapshot();
        let others = || kept.iter().filter(|other| other.session == exchange.session).map(|other| other.id);
        Told {
            explained: asked.mock.explain(view, exchange, shown),
            version: (then, now),
            changed,
            previous: others().filter(|id| *id < exchange.id).max(),
            next: others().filter(|id| *id > exchange.id).min(),
        }
    }

    /// All of it, as a value.
    pub(super) fn value(&self, asked: &Asked<'_>, exchange: &Exchange) -> Value {
        let at = |id: u64| format!("{}{}/exchanges/{id}", asked.base, asked.prefix());
        let decision = exchange.decision.as_ref();
        let Told { explained, version: (then, now), changed, previous, next } = self;
        let draws = decision.map_or(&[][..], |decision| &decision.draws);
        let rules: Vec<Value> = explained.rules.iter().map(considered).collect();
        json!({
            "version": { "answered_by": then, "now": now },
            "changed": changed,
            "route": explained.route.as_ref().map(routed),
            "validation": decision.filter(|decision| decision.operation.is_some()).map(validation),
            "negotiation": explained.negotiation.as_ref().map(negotiated),
            "rules": rules,
            "draws": draws.iter().map(|draw| drawn(draw, exchange)).collect::<Vec<_>>(),
            "fault": fault(exchange),
            "previous": previous.map(at),
            "next": next.map(at),
        })
    }
}

fn routed(route: &Routed) -> Value {
    let path = route.path.iter().map(|(name, value)| (name.to_string(), value.as_str().into()));
    json!({
        "method": route.method,
        "template": *route.template,
        "base": route.base,
        "path": path.collect::<serde_json::Map<String, Value>>(),
        "head_by_get": route.head_by_get,
        "place": route.place.to_string(),
    })
}

/// Whether part of a request could not be looked into.
pub(super) fn is_open(decision: &Decision) -> bool {
    decision.notes.iter().any(|note| note.ends_with("not decided") && note.starts_with("part of the request"))
}

fn validation(decision: &Decision) -> Value {
    let verdict = match decision.violations.len() {
        0 if is_open(decision) => "not decided",
        0 => "valid",
        _ => "invalid",
    };
    json!({ "verdict": verdict, "violations": decision.violations.len() })
}

fn negotiated(negotiated: &Negotiated) -> Value {
    let Negotiated { accept, offered, chosen, why } = negotiated;
    let offer =
        |(media, quality): &(Arc<str>, u16)| json!({ "media_type": **media, "quality": f64::from(*quality) / 1000.0 });
    let offered: Vec<Value> = offered.iter().map(offer).collect();
    json!({ "accept": accept, "offered": offered, "chosen": chosen, "why": why })
}

fn considered(considered: &Considered) -> Value {
    let Considered { scenario, rule, line, outcome } = considered;
    let mut told = json!({ "scenario": **scenario, "rule": **rule, "line": line, "outcome": word(outcome) });
    match outcome {
        Outcome::Decided(number) | Outcome::LeftToDocument(number) => told["number"] = (*number).into(),
        Outcome::PassedOver(unmet) => {
            told["part"] = unmet.part.as_str().into();
            told["asked"] = unmet.asked.as_str().into();
            told["found"] = unmet.found.as_deref().map_or(Value::Null, Value::from);
            told["decided"] = unmet.decided.into();
        }
        Outcome::NotAsked(because) => told["because"] = because.as_str().into(),
        Outcome::Allowed | Outcome::Refused | Outcome::Changed => {}
    }
    told
}

/// What came of a rule, in a word or two.
pub(super) fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Decided(_) => "decided",
        Outcome::LeftToDocument(_) => "left it to the document",
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
        Outcome::PassedOver(_) => "passed over",
        Outcome::NotAsked(_) => "not asked",
        Outcome::Changed => "changed since",
    }
}

/// What went into a draw, in order: with the seed, enough to do it again.
pub(super) fn inputs(draw: &Draw, exchange: &Exchange) -> Vec<Value> {
    let kind = match draw.drawn {
        Drawn::Chance { .. } => "chance",
        Drawn::Delay(_) => "delay",
    };
    let decision = exchange.decision.as_ref();
    let operation = decision.and_then(|decision| decision.operation.as_deref()).unwrap_or_default();
    let call = decision.map_or(0, |decision| decision.call);
    let mut inputs: Vec<Value> = vec![kind.into(), Value::from(&*exchange.session), operation.into(), call.into()];
    if let Some((scenario, rule)) = &draw.rule {
        inputs.extend([Value::from(&**scenario), Value::from(&**rule)]);
    }
    inputs
}

fn drawn(draw: &Draw, exchange: &Exchange) -> Value {
    let (number, hit, delay) = match draw.drawn {
        Drawn::Chance { number, hit } => (Some(number.to_string()), Some(hit), None),
        Drawn::Delay(delay) => (None, None, Some(delay.as_secs_f64() * 1e3)),
    };
    json!({
        "of": draw.of,
        "seed": draw.seed.to_string(),
        "inputs": inputs(draw, exchange),
        "number": number,
        "hit": hit,
        "delay_ms": delay,
    })
}

/// How many bytes of content went out before a fault ended the answer; `None`: not even its head did.
pub(super) fn sent(exchange: &Exchange) -> Option<usize> {
    exchange.response().map(|answer| answer.body.bytes.len())
}

fn fault(exchange: &Exchange) -> Value {
    let Some(fault) = exchange.fault() else { return Value::Null };
    let sent = sent(exchange);
    json!({
        "fault": fault.to_string(),
        "told": fault.told(),
        "head_sent": sent.is_some(),
        "content_sent": sent.unwrap_or(0),
    })
}
