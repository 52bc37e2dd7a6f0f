//! How a call was decided, told once more: for people who look at an exchange, long after it was answered.
//!
//! Nothing of this is kept while calls are answered. It is found out again from the call, by the document and the scenarios as they are
//! when somebody asks, and from what the decision wrote down because it could not be found out again: what was drawn, where rates and
//! states stood, which rule it was. Whoever asks is told where the mock or the session has changed since.

use std::sync::Arc;

use super::choose::rulings;
use super::preferences::Preferences;
use super::{Marked, Mock, View};
use crate::contract::{self, Call};
use crate::finding::Place;
use crate::message::{Accept, HeaderMap, MediaType, percent_decode};
use crate::scenario::{Rule, Scenario, Unmet};
use crate::traffic::{CapturedRequest, Decision, Drawn, Exchange, Limit, Why, percent};

/// How a call was decided.
#[derive(Debug, Default)]
pub struct Explained {
    /// The operation it was for, by the document as it is now.
    pub route: Option<Routed>,
    /// In which form it was answered.
    pub negotiation: Option<Negotiated>,
    /// The rules that might have decided, in the order in which they are asked.
    pub rules: Vec<Considered>,
}

/// The operation that a call was for.
#[derive(Debug)]
pub struct Routed {
    /// Its method.
    pub method: String,
    /// Its template.
    pub template: Arc<str>,
    /// What stands before the template.
    pub base: String,
    /// The path parameters: each name, and what stood there.
    pub path: Vec<(Arc<str>, String)>,
    /// Where it stands in the document.
    pub place: Place,
    /// The request was HEAD, and GET served it.
    pub head_by_get: bool,
}

/// Which of several media types an answer has, and why.
#[derive(Debug)]
pub struct Negotiated {
    /// What was asked for.
    pub accept: Option<String>,
    /// What the document offers for this status, and how welcome each is, in thousandths.
    pub offered: Vec<(Arc<str>, u16)>,
    /// What was sent.
    pub chosen: Option<String>,
    /// Why.
    pub why: &'static str,
}

/// A rule that was looked at.
#[derive(Debug)]
pub struct Considered {
    /// Its scenario.
    pub scenario: Arc<str>,
    /// Its id.
    pub rule: Arc<str>,
    /// The line it stands on.
    pub line: u32,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of looking at a rule.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It decided; the number of the call, as it counts them.
    Decided(u64),
    /// It decided, and left the answer to the document.
    LeftToDocument(u64),
    /// A rate, which let the call through.
    Allowed,
    /// A rate, which refused it.
    Refused,
    /// Something that it asks for was not so: this was the first.
    PassedOver(Unmet),
    /// Somebody had decided before.
    NotAsked(String),
    /// By what it says now it would have been asked, and it was not.
    Changed,
}

impl Mock {
    /// Tells how an exchange was decided. `view` is its session as it is now, where it is there; `shown` is the exchange without its
    /// secrets.
    pub fn explain(&self, view: Option<&View>, exchange: &Exchange, shown: &Exchange) -> Explained {
        let Some(decision) = &exchange.decision else { return Explained::default() };
        let (Some(call), shown) = (self.called(&exchange.request), self.called(&shown.request)) else {
            return Explained::default();
        };
        if decision.operation.as_deref() != Some(&*call.operation().key) {
            return Explained::default();
        }
        Explained {
            route: Some(self.routed(shown.as_ref().unwrap_or(&call))),
            negotiation: negotiated(&call, exchange, decision),
            rules: self.considered(view, &call, shown.as_ref(), exchange, decision),
        }
    }

    fn called(&self, request: &CapturedRequest) -> Option<Call<'_>> {
        let route = self.contract.route(&request.method, request.target.path(), request.target.query()).ok()?;
        Some(Call::new(&self.contract, route, request.to_request()))
    }

    fn routed(&self, call: &Call<'_>) -> Routed {
        let (operation, route) = (call.operation(), call.route());
        let mut path = Vec::new();
        call.path_values(|name, raw| {
            path.push((name.clone(), percent_decode(raw).map_or_else(|_| raw.to_owned(), |text| text.into_owned())));
        });
        Routed {
            method: operation.method.to_string(),
            template: operation.template.clone(),
            base: self.contract.base_path(route.operation).get(..route.base).unwrap_or_default().to_owned(),
            path,
            place: Place::of_key(&operation.at.document, &operation.at.pointer),
            head_by_get: route.head_by_get,
        }
    }

    /// The rules for a call, as they are now, each with what came of it then.
    fn considered(
        &self,
        view: Option<&View>,
        call: &Call<'_>,
        shown: Option<&Call<'_>>,
        exchange: &Exchange,
        decision: &Decision,
    ) -> Vec<Considered> {
        let none = View::nowhere(exchange.began);
        let view = view.unwrap_or(&none);
        let marked = Marked::of(&call.request().headers);
        let preferences = Preferences::read(call, marked, self, view);
        let mut told = Telling { decision, by: preferences.decides().then(|| "the client decided".to_owned()) };
        let mut considered = Vec::new();
        for (scenario, _) in rulings(self, view, call, &preferences) {
            for rule in scenario.rules(&call.operation().key) {
                let outcome = told.outcome(scenario, rule, call, shown);
                if let Outcome::Decided(_) | Outcome::LeftToDocument(_) | Outcome::Refused = outcome {
                    told.by.get_or_insert_with(|| format!("{}:{} decided", scenario.name, rule.line));
                }
                let (scenario, line) = (scenario.name.clone(), rule.line);
                considered.push(Considered { scenario, rule: rule.id.clone(), line, outcome });
            }
        }
        considered
    }
}

/// What is known while the rules are gone through.
struct Telling<'d> {
    decision: &'d Decision,
    /// Who has decided by now.
    by: Option<String>,
}

impl Telling<'_> {
    fn outcome(&self, scenario: &Scenario, rule: &Rule, call: &Call<'_>, shown: Option<&Call<'_>>) -> Outcome {
        let decision = self.decision;
        let is_it = |(name, id): (&str, &str)| *name == *scenario.name && *id == *rule.id;
        if rule.rate().is_some() {
            let limit = |limit: &&Limit| is_it((&limit.scenario, &limit.rule));
            // Rates are asked whoever decides.
            return match decision.limits.iter().find(limit) {
                Some(limit) if limit.allowed => Outcome::Allowed,
                Some(_) => Outcome::Refused,
                None => self.unmet(rule, call, shown, is_it).map_or(Outcome::Changed, Outcome::PassedOver),
            };
        }
        if let Some(by) = &self.by {
            return Outcome::NotAsked(by.clone());
        }
        if matches!(decision.why, Why::Rate { .. }) {
            return Outcome::NotAsked("a rate refused the call".to_owned());
        }
        if let Some(ruled) = decision.trace.rule.as_ref().filter(|ruled| is_it((&ruled.scenario, &ruled.rule))) {
            let left = rule.then.reply(ruled.number).is_none();
            return if left { Outcome::LeftToDocument(ruled.number) } else { Outcome::Decided(ruled.number) };
        }
        self.unmet(rule, call, shown, is_it).map_or(Outcome::Changed, Outcome::PassedOver)
    }

    /// The first thing that a rule asked for and that was not so.
    fn unmet(
        &self,
        rule: &Rule,
        call: &Call<'_>,
        shown: Option<&Call<'_>>,
        is_it: impl Fn((&str, &str)) -> bool,
    ) -> Option<Unmet> {
        let violations = self.decision.violations.len();
        if let Some(valid) = rule.valid
            && valid != (violations == 0)
        {
            let found = if valid { format!("invalid ({violations} violations)") } else { "valid".to_owned() };
            return Some(Unmet::of("request", if valid { "valid" } else { "invalid" }, Some(found)));
        }
        if let Some(unmet) = rule.when.unmet(call, shown) {
            return Some(unmet);
        }
        let gate = self.decision.trace.gates.iter().find(|gate| is_it((&gate.scenario, &gate.rule)));
        if let Some(gate) = gate.filter(|gate| !gate.held) {
            let states = rule.states.iter().flat_map(|states| states.iter());
            let states: Vec<&str> = states.map(|state| &**state).collect();
            let state = gate.state.as_deref();
            if !states.is_empty() && !state.is_some_and(|state| states.contains(&state)) {
                return Some(Unmet::of("state", states.join(" or "), state.map(str::to_owned)));
            }
            let between = rule.between.map(|between| between.to_string()).unwrap_or_default();
            let after = format!("{:.3} s after it became active", gate.after.as_secs_f64());
            return Some(Unmet::of("between", between, Some(after)));
        }
        let draws = self.decision.draws.iter();
        let mut draws = draws.filter(|draw| draw.rule.as_ref().is_some_and(|(name, id)| is_it((name, id))));
        let (of, number) = draws.find_map(|draw| match draw.drawn {
            Drawn::Chance { number, hit: false } => Some((draw.of.clone(), number)),
            _ => None,
        })?;
        Some(Unmet::of("chance", format!("below {of}"), Some(percent(number))))
    }
}

/// Which media type was sent, and why.
fn negotiated(call: &Call<'_>, exchange: &Exchange, decision: &Decision) -> Option<Negotiated> {
    let answer = exchange.response()?;
    let headers: &HeaderMap = &call.request().headers;
    let accept = Accept::parse(headers);
    let refused = decision.why == Why::NotAcceptable;
    let operation = call.operation();
    // Of what was not acceptable, there is an answer of another status.
    let success = |response: &&contract::Response| (200..300).any(|status| response.range.covers(status));
    let response =
        if refused { operation.responses.iter().find(success) } else { operation.response(answer.status.as_u16()) };
    let offered = response.map_or(&[][..], |response| &response.content);
    let offered: Vec<(Arc<str>, u16)> = offered
        .iter()
        .map(|content| (content.media.clone(), content.sent.as_ref().map_or(0, |media| accept.quality(media))))
        .collect();
    let chosen = answer.header("content-type").map(str::to_owned);
    let asked: Vec<&str> = headers.get_all("accept").iter().filter_map(|line| line.to_str().ok()).collect();
    let welcome = |chosen: &str| {
        let media = MediaType::parse(chosen);
        media.map_or(0, |media| accept.quality(&media))
    };
    let documented = response.is_some_and(|response| {
        let media = chosen.as_deref().and_then(MediaType::parse);
        media.is_some_and(|media| response.entry(&media).is_some())
    });
    let why = match chosen.as_deref() {
        _ if refused => "the client accepts nothing of what the document offers",
        None => "the answer has no content",
        Some(_) if !documented => "the document has no such content for this answer: it is the mock's own, or a rule's",
        Some(_) if offered.len() == 1 && accept.accepts_anything() => "it is all that the document offers",
        Some(_) if accept.accepts_anything() => {
            "the client asked for nothing in particular: JSON goes first, then what is more than bytes, then the order of the document"
        }
        Some(chosen) if welcome(chosen) == 0 => "the client does not accept it: errors are sent all the same",
        Some(_) => {
            "it is the most welcome; of equals, what can be written goes first, then what is named in the document, then its order"
        }
    };
    let accept = (!asked.is_empty()).then(|| asked.join(", "));
    Some(Negotiated { accept, offered, chosen, why })
}
