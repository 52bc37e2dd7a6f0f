//! What a test claims of calls: so many of an operation in a session, maybe only those of a kind. Held to what happened.
//!
//! How often an operation was called is counted, and exact. What the calls were like is looked up in the journal; those that it has
//! forgotten may have been like it or not, and a claim that hangs on them is *not decided*.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Answer, Asked, body, problem, refused, value};
use crate::contract::Call;
use crate::document::Source;
use crate::finding::{Finding, Verdict, did_you_mean};
use crate::message::{Problem, Response, StatusCode, StatusRange};
use crate::mock::{DEFAULT_SESSION, session_name};
use crate::scenario::{Rule, Scenario, operation_named};
use crate::traffic::{CapturedRequest, Exchange};

const MEMBERS: [&str; 7] = ["operation", "session", "times", "at_least", "at_most", "when", "status"];

const MEANT: &str = r#"send `{"operation": "…", "session": "t1", "times": 3}`"#;

/// How many exchanges are named.
const NAMED: usize = 20;

/// How many calls of a kind there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    least: u64,
    most: Option<u64>,
}

/// A claim.
struct Claim {
    operation: Arc<str>,
    session: Arc<str>,
    wanted: Wanted,
    /// A scenario with one rule, for its conditions.
    when: Option<Scenario>,
    status: Option<StatusRange>,
}

/// What there is to hold a claim to.
#[derive(Debug, Default)]
struct Found {
    /// Calls that are as claimed.
    like: Vec<u64>,
    /// Calls that are not.
    unlike: Vec<Arc<Exchange>>,
    /// Calls of which that cannot be told; `None`: any number.
    open: Option<u64>,
    /// Why not.
    reason: Option<String>,
    /// How many are as claimed, where they are counted and not looked at.
    counted: Option<u64>,
}

impl Found {
    fn least(&self) -> u64 {
        self.counted.unwrap_or(self.like.len() as u64)
    }
}

impl Wanted {
    /// The verdict, where between `found` and `found + open` calls are as claimed.
    fn verdict(self, found: u64, open: Option<u64>) -> Verdict {
        // No more can be claimed.
        let could = open.map_or(u64::MAX, |open| found + open);
        let enough = |count: u64| count >= self.least;
        let few = |count: u64| self.most.is_none_or(|most| count <= most);
        if !few(found) || !enough(could) {
            Verdict::Invalid
        } else if enough(found) && few(could) {
            Verdict::Valid
        } else {
            Verdict::NotDecided
        }
    }

    fn told(self) -> String {
        match (self.least, self.most) {
            (least, Some(most)) if least == most => format!("exactly {most}"),
            (0, Some(most)) => format!("at most {most}"),
            (least, Some(most)) => format!("{least} to {most}"),
            (least, None) => format!("at least {least}"),
        }
    }
}

/// Holds a claim to what happened.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    let claim = read(asked)?;
    let found = found(asked, &claim);
    let least = found.least();
    let verdict = match claim.wanted.verdict(least, found.open) {
        Verdict::Valid => "kept",
        Verdict::Invalid => "broken",
        Verdict::NotDecided => "not decided",
    };
    let at = |id: &u64| format!("{}{}/exchanges/{id}", asked.base, asked.prefix());
    let unlike =
        |exchange: &Arc<Exchange>| json!({ "exchange": at(&exchange.id), "differs": claim.differs(asked, exchange) });
    let shown = found.unlike.iter().rev().take(if verdict == "kept" { 0 } else { NAMED });
    Ok(value(&json!({
        "verdict": verdict,
        "operation": *claim.operation,
        "session": *claim.session,
        "wanted": claim.wanted.told(),
        "count": if found.open == Some(0) { Value::from(least) } else { Value::Null },
        "at_least": least,
        "at_most": found.open.map(|open| least + open),
        "reason": found.reason,
        "exchanges": found.like.iter().rev().take(NAMED).map(at).collect::<Vec<_>>(),
        "others": shown.map(unlike).collect::<Vec<_>>(),
    })))
}

fn found(asked: &Asked<'_>, claim: &Claim) -> Found {
    let (state, journal) = (&asked.inner.state, &asked.inner.journal);
    let (mock, session) = (&asked.mock, &claim.session);
    let Some(life) = state.life(session, asked.now) else { return gone(asked, session) };
    // First how many there were: one that comes meanwhile is rather seen than missed.
    let counts = state.counts(mock, session, asked.now).unwrap_or_default();
    let total = counts.calls.iter().find(|(key, _)| *key == claim.operation).map_or(0, |(_, calls)| *calls);
    let is_one = |exchange: &&Arc<Exchange>| {
        let of_it = |decision: &crate::traffic::Decision| {
            decision.operation.as_ref() == Some(&claim.operation) && decision.trace.life == life
        };
        exchange.session == *session && exchange.decision.as_ref().is_some_and(of_it)
    };
    let kept = journal.snapshot();
    let mut calls: Vec<&Arc<Exchange>> = kept.iter().filter(is_one).collect();
    calls.sort_unstable_by_key(|exchange| exchange.id);
    let (is_plain, seen) = (claim.when.is_none() && claim.status.is_none(), calls.len() as u64);
    let (mut found, mut open) = (Found::default(), 0);
    for exchange in calls {
        match claim.is_met(asked, exchange) {
            Verdict::Valid => found.like.push(exchange.id),
            Verdict::Invalid => found.unlike.push(exchange.clone()),
            Verdict::NotDecided => open += 1,
        }
    }
    if is_plain {
        return Found { counted: Some(total), open: Some(0), ..found };
    }
    if open > 0 {
        found.reason = Some(format!("whether {open} of the calls are like that cannot be told"));
    }
    let lost = total.saturating_sub(seen);
    found.open = Some(open + lost);
    if lost > 0 {
        found.reason = Some(format!("{lost} of {total} calls are not over yet, or the journal has forgotten them"));
    }
    found
}

/// That there is no such session now: nothing was called in it, or that cannot be told any more.
fn gone(asked: &Asked<'_>, session: &Arc<str>) -> Found {
    let journal = &asked.inner.journal;
    let called =
        |exchange: &Arc<Exchange>| exchange.decision.as_ref().is_some_and(|decision| decision.operation.is_some());
    let ended = journal.snapshot().iter().any(|exchange| exchange.session == *session && called(exchange));
    if !ended && journal.forgotten() == 0 {
        return Found { counted: Some(0), open: Some(0), ..Found::default() };
    }
    let reason = match ended {
        true => format!("the session `{session}` has ended, and its counts with it"),
        false => format!("there is no session `{session}`, and whether there was one the journal has forgotten"),
    };
    Found { reason: Some(reason), ..Found::default() }
}

impl Claim {
    /// Whether a call is as claimed.
    fn is_met(&self, asked: &Asked<'_>, exchange: &Exchange) -> Verdict {
        if let Some(wanted) = self.status
            && !exchange.response().is_some_and(|answer| wanted.covers(answer.status.as_u16()))
        {
            return Verdict::Invalid;
        }
        let Some(rule) = self.rule() else { return Verdict::Valid };
        let Some(call) = self.again(asked, &exchange.request) else { return Verdict::NotDecided };
        // Of content that was cut, what is not there may have been.
        if exchange.request.body.cut && rule.when.reads_content() {
            let elsewhere = rule.when.unmet(&call, None).is_some_and(|unmet| unmet.decided && !unmet.in_body);
            return if elsewhere { Verdict::Invalid } else { Verdict::NotDecided };
        }
        rule.when.verdict(&call)
    }

    /// In what a call is not as claimed, without its secrets.
    fn differs(&self, asked: &Asked<'_>, exchange: &Exchange) -> String {
        match (self.status, exchange.response().map(|answer| answer.status.as_u16())) {
            (Some(_), None) => return "it was not answered".to_owned(),
            (Some(wanted), Some(status)) if !wanted.covers(status) => return format!("it was answered {status}"),
            _ => {}
        }
        let shown = asked.inner.settings.redactor.redact(exchange);
        let shown = self.again(asked, &shown.request);
        let unmet = |call: Call<'_>| self.rule()?.when.unmet(&call, shown.as_ref());
        let unmet = self.again(asked, &exchange.request).and_then(unmet);
        unmet.map_or_else(|| "it was not like that".to_owned(), |unmet| unmet.to_string())
    }

    fn rule(&self) -> Option<&Rule> {
        self.when.as_ref()?.rules(&self.operation).next()
    }

    /// A call once more; nothing where it is for another operation, by the document as it is now.
    fn again<'a>(&self, asked: &'a Asked<'_>, request: &CapturedRequest) -> Option<Call<'a>> {
        let contract = asked.mock.contract();
        let route = contract.route(&request.method, request.target.path(), request.target.query()).ok()?;
        let is_same = contract.heads()[route.operation].key == self.operation;
        is_same.then(|| Call::new(contract, route, request.to_request()))
    }
}

fn wrong(sentence: impl Into<String>) -> Box<Response> {
    problem(StatusCode::UNPROCESSABLE_ENTITY, sentence)
}

fn read(asked: &Asked<'_>) -> Result<Claim, Box<Response>> {
    let content = asked.json()?;
    let members = content.as_object().ok_or_else(|| wrong(MEANT))?;
    for name in members.keys() {
        if !MEMBERS.contains(&name.as_str()) {
            let near = did_you_mean(name, MEMBERS).map(|near| format!("did you mean `{near}`?"));
            let near = near.unwrap_or_else(|| format!("there are `{}`", MEMBERS.join("`, `")));
            let name: String = name.chars().take(60).collect();
            return Err(wrong(format!("a claim has no `{name}`; {near}")));
        }
    }
    let text = |name: &str| match members.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| wrong(format!("`{name}` takes a text"))),
    };
    let operation = text("operation")?.ok_or_else(|| wrong(format!("no `operation` is named: {MEANT}")))?;
    let operation = operation_named(asked.mock.contract(), operation)
        .map_err(|(sentence, help)| wrong(format!("{sentence}; {help}")))?;
    let session = text("session")?.unwrap_or(DEFAULT_SESSION);
    let session = session_name(session).map_err(wrong)?;
    let status = match members.get("status") {
        None => None,
        Some(status) => {
            Some(range(status).ok_or_else(|| wrong("`status` is a status such as `404`, or a class: `\"4XX\"`"))?)
        }
    };
    let wanted = wanted(members).map_err(wrong)?;
    let when = members.get("when").map(|when| conditions(asked, when, &operation)).transpose()?;
    Ok(Claim { operation, session, wanted, when, status })
}

fn range(value: &Value) -> Option<StatusRange> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_ascii_uppercase);
    StatusRange::parse(&text).filter(|range| *range != StatusRange::Default)
}

fn wanted(members: &Map<String, Value>) -> Result<Wanted, String> {
    let number = |name: &str| match members.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| format!("`{name}` takes a whole number from 0 on")),
    };
    match (number("times")?, number("at_least")?, number("at_most")?) {
        (Some(times), None, None) => Ok(Wanted { least: times, most: Some(times) }),
        (Some(_), ..) => Err("`times` is exact: it goes with neither `at_least` nor `at_most`".to_owned()),
        (None, Some(least), Some(most)) if least > most => Err(format!("at least {least} and at most {most} is never")),
        (None, Some(least), most) => Ok(Wanted { least, most }),
        (None, None, Some(most)) => Ok(Wanted { least: 0, most: Some(most) }),
        (None, None, None) => Ok(Wanted { least: 1, most: None }),
    }
}

/// Conditions on requests, as a rule of a scenario has them.
fn conditions(asked: &Asked<'_>, when: &Value, operation: &Arc<str>) -> Result<Scenario, Box<Response>> {
    let rule = json!({ "when": when, "reply": "ok" }).to_string();
    let contract = asked.mock.contract();
    let (read, findings) = Scenario::read_rule(&Source::new("when", rule), "claim".into(), operation, true, contract);
    read.ok_or_else(|| {
        // It is not the text that was sent: lines and columns in it would lead astray.
        let findings: Vec<Finding> = findings.into_iter().map(|finding| Finding { place: None, ..finding }).collect();
        let sentence = "`when` cannot be used: it is written as in a rule of a scenario";
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail(sentence);
        refused(&problem.with("findings", body::told(&findings)))
    })
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use crate::finding::Verdict::{Invalid, NotDecided, Valid};

    #[test]
    fn what_was_forgotten_decides_nothing() {
        let exactly = |times| Wanted { least: times, most: Some(times) };
        let least = |least| Wanted { least, most: None };
        let most = |most| Wanted { least: 0, most: Some(most) };
        for (wanted, found, open, verdict) in [
            (exactly(3), 3, 0, Valid),
            (exactly(3), 2, 0, Invalid),
            (exactly(3), 2, 1, NotDecided),
            (exactly(3), 3, 1, NotDecided),
            (exactly(3), 4, 9, Invalid),
            (exactly(3), 1, 1, Invalid),
            (exactly(0), 0, 0, Valid),
            (least(2), 2, 7, Valid),
            (least(2), 1, 7, NotDecided),
            (least(2), 1, 0, Invalid),
            (most(2), 2, 0, Valid),
            (most(2), 1, 1, Valid),
            (most(2), 2, 1, NotDecided),
            (most(2), 3, 5, Invalid),
        ] {
            assert_eq!(wanted.verdict(found, Some(open)), verdict, "{wanted:?} {found} {open}");
        }
        assert_eq!([exactly(0), least(1), most(9)].map(|wanted| wanted.verdict(0, None)), [NotDecided; 3]);
        assert_eq!(least(0).verdict(0, None), Valid);
    }
}
