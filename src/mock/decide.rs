//! Who decides: the client's preference, a scenario's rule, the document.

use std::sync::Arc;

use super::build::{self, About, Wanted};
use super::fill::Filling;
use super::keep::{self, Outcome};
use super::preferences::Preferences;
use super::{Decider, Ruling, meter};
use crate::finding::{Part, Violation};
use crate::generate::Seed;
use crate::message::{Method, Problem, Response, StatusCode, is_bodiless};
use crate::scenario::{Delay, Rate, Reply, Rule};
use crate::traffic::{Decision, Draw, Drawn, Fault, Limit, Why};

/// Chooses the answer and writes down why. `rates` are those whose limits the decision has.
pub(super) fn answer(
    about: &About<'_>,
    preferences: &Preferences,
    decider: Option<Decider<'_>>,
    rates: &[&Ruling],
    decision: &mut Decision,
) -> Response {
    let mut wanted =
        Wanted { dynamic: preferences.dynamic.unwrap_or(about.mock.options().dynamic), ..Wanted::default() };
    let key = &about.call.operation().key;
    let refused = preferences.refused.as_ref();
    match decider {
        Some(Decider::Rate(ruling)) => {
            if let Some(rule) = ruling.rule(key)
                && let Some(rate) = rule.rate()
            {
                decision.why = Why::Rate { name: ruling.scenario.name.clone(), line: rule.line };
                replied(about, ruling, rule, &rate.refusal, &mut wanted, decision);
            }
        }
        _ if refused.is_some() => decision.why = Why::Prefer,
        _ if preferences.decides() => {
            wanted.status = preferences.code;
            wanted.example = preferences.example.as_deref();
            wanted.by_client = true;
            delayed(about, preferences.delay.as_ref(), about.mock.options().seed, None, decision);
            decision.fault = preferences.fault;
            decision.why = Why::Prefer;
        }
        Some(Decider::Rule(ruling, number)) => {
            if let Some(rule) = ruling.rule(key) {
                let name = &ruling.scenario.name;
                match rule.then.reply(number) {
                    Some(reply) => {
                        // One with a name stands elsewhere, maybe in another file: the rule says more.
                        let line = if reply.name.is_some() { rule.line } else { reply.line };
                        decision.why = Why::Scenario { name: name.clone(), line, call: number };
                        replied(about, ruling, rule, reply, &mut wanted, decision);
                    }
                    // Without the number: a log tells a note once.
                    None => {
                        decision.notes.push(format!("counted by {name}:{}, which leaves it to the document", rule.line))
                    }
                }
            }
        }
        None => {}
    }
    let reply = wanted.reply;
    let mut answer = match refused.filter(|_| decision.why == Why::Prefer) {
        Some(why) => {
            decision.notes.push(why.clone());
            Problem::new(StatusCode::BAD_REQUEST).detail(why.clone()).to_response()
        }
        None => built(about, preferences, wanted, decision),
    };
    if !rates.is_empty() {
        let rates = rates.iter().filter_map(|ruling| ruling.rule(key)?.rate());
        let told: Vec<(&Rate, &Limit)> = rates.zip(&decision.limits).collect();
        meter::tell(&mut answer.headers, &told, reply);
    }
    answer
}

/// Notes what a rule replies.
fn replied<'r>(
    about: &About<'_>,
    ruling: &'r Ruling,
    rule: &Rule,
    reply: &'r Reply,
    wanted: &mut Wanted<'r>,
    decision: &mut Decision,
) {
    wanted.status = reply.status;
    wanted.example = reply.example.as_deref();
    wanted.reply = Some(reply);
    wanted.filling = reply.is_filled().then(|| Filling::new(about, ruling, rule));
    // Drawn as chance is: by the scenario's seed and the rule's id.
    let seed = ruling.scenario.seed.unwrap_or(about.mock.options().seed);
    delayed(about, reply.delay.as_ref(), seed, Some((&ruling.scenario.name, &rule.id)), decision);
    decision.fault = reply.fault;
}

/// Builds what is wanted, or what has to be instead.
fn built(about: &About<'_>, preferences: &Preferences, wanted: Wanted<'_>, decision: &mut Decision) -> Response {
    let forced = wanted.reply.is_some_and(|reply| reply.force);
    let error = wanted.status.is_some_and(|status| status >= 400);
    let refused = !decision.violations.is_empty() && !error && !forced;
    let open = decision.violations.is_empty() && decision.fault.is_none_or(Fault::answers) && wanted.is_open();
    let kept = about.store.filter(|_| open).and_then(|store| keep::keep(about, store, wanted.dynamic));
    let mut wanted = wanted;
    let answer = match &kept {
        Some(outcome) => with_kept(about, &mut wanted, outcome, decision),
        None if refused => build::refusal(about, &decision.violations),
        None => build::wanted(about, &wanted),
    };
    if !refused && wanted.by_client && answer.status == StatusCode::BAD_REQUEST && wanted.status != Some(400) {
        // What was asked for is not in the document, and whoever asked has to see that.
        decision.fault = None;
        decision.notes.extend(said(&answer));
    }
    if let Some(failed) = wanted.filling.as_ref().and_then(Filling::failed) {
        decision.notes.push(failed.note.clone());
        decision.failed = Some(failed.told.clone());
    }
    if decision.fault.is_some_and(|fault| !fault.answers()) {
        // Whoever asked for the fault decided: the answer is not sent, whatever it would be.
        note_applied(preferences, &answer, decision);
        return answer;
    }
    // What is cut off is not the whole of it.
    let whole = decision.fault.is_none() || is_without_content(about, &answer);
    decision.example = about.shown.take().filter(|_| whole);
    if refused {
        // Neither a preference nor a reply below 400 makes an invalid request succeed.
        if let Why::Scenario { name, line, .. } = &decision.why
            && wanted.reply.is_some_and(|reply| reply.is_other())
        {
            decision
                .notes
                .push(format!("{name}:{line} answers valid requests only; `force: true` would answer this one"));
        }
        decision.why = Why::InvalidRequest;
    }
    if !refused && answer.status == StatusCode::NOT_ACCEPTABLE && wanted.status != Some(406) {
        decision.why = Why::NotAcceptable;
        decision.notes.extend(said(&answer));
    }
    if decision.fault.is_some() && is_without_content(about, &answer) {
        decision
            .notes
            .push("the answer has no content to cut off: it is sent whole, and its connection closed".to_owned());
    }
    note_applied(preferences, &answer, decision);
    answer
}

/// Builds the answer that what is kept asks for.
fn with_kept<'a>(
    about: &About<'_>,
    wanted: &mut Wanted<'a>,
    outcome: &'a Outcome,
    decision: &mut Decision,
) -> Response {
    decision.notes.extend(outcome.notes.iter().cloned());
    if decision.why == Why::Document {
        decision.why = Why::State;
    }
    if let Some(detail) = &outcome.detail {
        // What a rule says of a success is not said of this.
        decision.why = Why::State;
        *wanted = Wanted { status: outcome.status, ..Wanted::default() };
        let status = outcome.status.and_then(|status| StatusCode::from_u16(status).ok());
        let undocumented = status.filter(|status| about.call.operation().response(status.as_u16()).is_none());
        if let Some(status) = undocumented {
            return Problem::new(status).detail(detail.clone()).to_response();
        }
        return build::wanted(about, wanted);
    }
    wanted.status = outcome.status;
    wanted.kept = outcome.value.as_ref();
    let mut answer = build::wanted(about, wanted);
    keep::fields(about, outcome, &mut answer);
    answer
}

/// Whether the client sees no content of it.
fn is_without_content(about: &About<'_>, answer: &Response) -> bool {
    about.call.request().method == Method::HEAD || is_bodiless(answer.status.as_u16()) || answer.body.is_empty()
}

/// What a problem of ours says, for the log.
fn said(problem: &Response) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(&problem.body.bytes()).ok()?;
    value.get("detail")?.as_str().map(str::to_owned)
}

/// What was asked for and is what the answer is.
fn note_applied(preferences: &Preferences, answer: &Response, decision: &mut Decision) {
    for (name, value) in &preferences.asked {
        let applied = match *name {
            // What a rate refused, it decided alone.
            name if matches!(decision.why, Why::Rate { .. }) => name == "scenario",
            "code" => preferences.code == Some(answer.status.as_u16()),
            "fault" => decision.fault.is_some(),
            "example" | "dynamic" => answer.status != StatusCode::BAD_REQUEST && decision.why != Why::InvalidRequest,
            _ => true,
        };
        if applied {
            decision.applied.push(if value.is_empty() { (*name).to_owned() } else { format!("{name}={value}") });
        }
    }
}

/// Notes how long the answer is held back, drawn for a rule or for the client.
fn delayed(
    about: &About<'_>,
    delay: Option<&Delay>,
    seed: u64,
    rule: Option<(&Arc<str>, &Arc<str>)>,
    decision: &mut Decision,
) {
    let Some(delay) = delay else { return };
    let number = about.number.to_le_bytes();
    let mut parts = vec![b"delay".as_slice(), about.session.as_bytes(), about.call.operation().key.as_bytes(), &number];
    parts.extend(rule.iter().flat_map(|(scenario, rule)| [scenario.as_bytes(), rule.as_bytes()]));
    decision.delay = delay.draw(Seed(Seed(seed).hash(&parts)));
    if !matches!(delay, Delay::Fixed(_)) {
        let rule = rule.map(|(scenario, rule)| (scenario.clone(), rule.clone()));
        decision.draws.push(Draw { rule, of: delay.to_string(), seed, drawn: Drawn::Delay(decision.delay) });
    }
}

/// The statuses that say what is wrong with a request, the most fitting first.
pub(super) fn fitting(violations: &[Violation]) -> &'static [u16] {
    let has = |part: Part| violations.iter().any(|violation| violation.part == part);
    if has(Part::Credentials) {
        &[401, 403]
    } else if has(Part::MediaType) {
        &[415, 422, 400]
    } else {
        &[422, 400]
    }
}
