//! The order of work: record by record, from its scope to its verdict.

use std::sync::Arc;

use super::command::Connection;
use super::describe::{About, difference};
use super::fold::{Fold, Key};
use super::live::{Came, Target};
use super::outgoing::{Credentials, Unsent, kept, outgoing};
use super::scan::{Scan, scan};
use super::tally::Tally;
use super::veil::Veil;
use super::{Live, Mode, Outcome, Plan, Source, World, address, overall};
use crate::contract::Contract;
use crate::finding::{Event, Failure, Judged, RecordId, Start, Verdict};
use crate::judge::{Judgement, Observed, Scope, judge, scope};
use crate::message::{HeaderName, Method, Target as Address};
use crate::traffic::{Exchange, Lost, LostKind};

/// A status that is in question when every answer has it.
const NOT_FOUND: u16 = 404;

struct Run<'r> {
    contract: &'r Arc<Contract>,
    plan: &'r Plan,
    live: Option<&'r Live>,
    world: World<'r>,
    sink: &'r mut dyn FnMut(Event),
    scan: Scan,
    veil: Veil,
    tally: Tally,
    fold: Fold,
    given: Vec<HeaderName>,
    outcome: Outcome,
    /// Records that were come to.
    come_to: u64,
    /// Answers that were 404 and not as documented, where something else had been recorded; none once there was another.
    not_found: Option<u64>,
}

pub(super) async fn run(plan: &Plan, world: World<'_>, sink: &mut dyn FnMut(Event)) -> Outcome {
    let began = (world.now)();
    let live = match &plan.mode {
        Mode::Offline => None,
        Mode::Live(live) => Some(&**live),
    };
    let scan = match scan(&plan.contract, &plan.traffic) {
        Ok(scan) => scan,
        Err(failure) => {
            sink(Event::Failed(failure.clone()));
            return Outcome { failure: Some(failure), ..Outcome::default() };
        }
    };
    let mut run = Run {
        contract: &plan.contract,
        plan,
        live,
        world,
        sink,
        scan,
        veil: Veil::new(&plan.contract, &plan.key, live),
        tally: Tally::new(&plan.contract),
        fold: Fold::default(),
        given: live.iter().flat_map(|live| &live.fields).map(|(name, _)| name.clone()).collect(),
        outcome: Outcome::default(),
        come_to: 0,
        not_found: Some(0),
    };
    run.start();
    match live {
        None => run.all(None).await,
        Some(live) => match Target::reach(live).await {
            Ok(mut target) => run.all(Some(&mut target)).await,
            Err(failure) => run.fail(failure),
        },
    }
    run.finish(world.now, began)
}

impl Run<'_> {
    fn start(&mut self) {
        let example = self.live.and_then(|live| self.example(live));
        let start = Start {
            document: self.plan.document.clone(),
            title: self.contract.title().to_owned(),
            language: self.contract.language(),
            version: self.contract.version().to_owned(),
            operations: self.contract.heads().len(),
            traffic: self.plan.traffic.iter().map(Source::name).collect(),
            records: self.scan.records,
            example,
            reads_only: self.live.and_then(Live::reads_only),
        };
        (self.sink)(Event::Started(start));
    }

    /// The URL that the first recorded request goes to; where there is none, that of the first operation.
    fn example(&self, live: &Live) -> Option<String> {
        let url = match &self.scan.example {
            Some((method, target)) => self.url(live, method, target)?,
            None => {
                let head = self.contract.heads().first()?;
                let base = if live.url.path.is_empty() { self.contract.base_path(0) } else { "" };
                format!("{}{base}{}", live.url.to_string().trim_end_matches('/'), head.template)
            }
        };
        Some(self.veil.url(&url))
    }

    fn url(&self, live: &Live, method: &Method, recorded: &Address) -> Option<String> {
        let route = self.contract.route(method, recorded.path()).ok()?;
        let target = address::target(self.contract, &live.url, route, recorded)?;
        Some(format!("{}{target}", live.url.origin))
    }

    async fn all(&mut self, mut target: Option<&mut Target<'_>>) {
        for source in &self.plan.traffic {
            let records = match source.records() {
                Ok(records) => records,
                Err(failure) => return self.fail(failure),
            };
            let file = source.name();
            for (index, record) in records.enumerate() {
                if (self.world.stop)() {
                    self.outcome.stopped = true;
                    return;
                }
                self.come_to += 1;
                let id = RecordId { file: file.clone(), number: index as u64 + 1 };
                match record {
                    Ok(exchange) => self.record(id, exchange, target.as_deref_mut()).await,
                    Err(lost) => self.lose(id, &lost),
                }
                if self.outcome.failure.is_some() {
                    return;
                }
            }
        }
    }

    fn lose(&mut self, record: RecordId, lost: &Lost) {
        if lost.kind == LostKind::NotHttp {
            self.tally.records.not_http += 1;
            return;
        }
        self.tally.records.lost += 1;
        self.outcome.lost = true;
        (self.sink)(Event::Lost { record, line: lost.line, why: lost.why.clone() });
    }

    fn fail(&mut self, failure: Failure) {
        self.outcome.failure = Some(failure);
    }

    /// One record, from its scope to its verdict.
    async fn record(&mut self, id: RecordId, recorded: Exchange, target: Option<&mut Target<'_>>) {
        if !self.scan.hosts.are_of(&recorded) {
            self.tally.records.other_host += 1;
            return;
        }
        let scope = scope(self.contract, &recorded);
        let route = self.contract.route(&recorded.request.method, recorded.request.target.as_str());
        let (Scope::InScope, Ok(route)) = (scope, route) else {
            self.tally.aside(self.contract, scope, &recorded);
            return;
        };
        if self.plan.selected.as_ref().is_some_and(|selected| !selected.contains(&route.operation)) {
            self.tally.records.not_selected += 1;
            return;
        }
        let (Some(target), Some(live)) = (target, self.live) else {
            return self.verdict(id, &recorded, None, None);
        };
        let (request, credentials) = match outgoing(self.contract, live, route, &recorded) {
            Ok(ready) => ready,
            Err(Unsent::NotDecided(why)) => return self.undecided(id, route.operation, &recorded, why.to_owned()),
            Err(Unsent::Writes) => return self.tally.skipped(route.operation, true),
            Err(Unsent::NotValid) => return self.tally.skipped(route.operation, false),
        };
        let captured = request.captured.clone();
        let came = target.send(&recorded, request, self.world).await;
        if matches!(came, Came::Answer(..) | Came::Nothing(_)) {
            self.tally.sent += 1;
            self.remark(&credentials);
        }
        match came {
            Came::Answer(exchange, wrong) => {
                let was = recorded.response().map(|response| response.status.as_u16());
                self.verdict(id, &exchange, Some(was), wrong);
            }
            Came::Nothing(wrong) => {
                let silent = Exchange { request: captured, outcome: crate::traffic::Outcome::Reset, ..recorded };
                self.verdict(id, &silent, Some(None), Some(wrong));
            }
            Came::Unsendable(why) => self.undecided(id, route.operation, &recorded, why),
            Came::Unreachable(failure) => {
                self.come_to -= 1;
                self.fail(failure);
            }
        }
    }

    /// What a request had to go without.
    fn remark(&mut self, credentials: &Credentials) {
        for (left_out, whose) in [(credentials.redacted, "redacted"), (credentials.foreign, "of another host")] {
            if left_out {
                self.tally.remark(&format!(
                    "recorded credentials are {whose}: sent without; give them with `-H` or `--auth`"
                ));
            }
        }
    }

    /// A record of an operation that could not be sent.
    fn undecided(&mut self, record: RecordId, operation: usize, recorded: &Exchange, why: String) {
        self.tally.judged(operation, Verdict::NotDecided, &[why]);
        let recorded = recorded.response().map(|response| response.status.as_u16());
        self.tell(record, operation, None, recorded, Verdict::NotDecided, Default::default());
    }

    /// Judges an exchange, recorded or (with the status that had been recorded) live.
    fn verdict(&mut self, id: RecordId, exchange: &Exchange, was: Option<Option<u16>>, wrong: Option<Observed>) {
        let mut judgement = judge(self.contract, exchange);
        let Some(operation) = judgement.operation else { return };
        let status = exchange.response().map(|response| response.status.as_u16());
        if wrong.is_some() {
            // That it broke off is why: one reason is enough.
            judgement.undecided.clear();
        }
        judgement.findings.extend(wrong);
        let page = judgement.scope != Scope::InScope;
        if page {
            judgement.undecided.push("a page came where an operation was asked for like a page".to_owned());
        }
        if let Some(status) = status {
            self.tally.answered(self.contract, operation, status);
        }
        if let (Some(Some(was)), Some(status)) = (was, status) {
            self.tally.other_status += u64::from(was != status);
        }
        let verdict = judgement.verdict();
        self.question(status, was.flatten(), page || !judgement.findings.is_empty());
        self.tally.judged(operation, verdict, &judgement.undecided);
        self.keep(&id, operation, exchange, &judgement);
        self.tell(id, operation, status, was.flatten(), verdict, exchange.took);
    }

    /// Whether still every answer is a 404 from somewhere else.
    fn question(&mut self, status: Option<u16>, was: Option<u16>, differs: bool) {
        let Some(status) = status else { return };
        let elsewhere = status == NOT_FOUND && was != Some(NOT_FOUND) && differs;
        self.not_found = self.not_found.filter(|_| elsewhere).map(|count| count + 1);
    }

    fn keep(&mut self, id: &RecordId, operation: usize, exchange: &Exchange, judgement: &Judgement) {
        let status = exchange.response().map(|response| response.status.as_u16());
        let mut fresh: Vec<(Key, &Observed)> = Vec::new();
        let mut met: Vec<Key> = Vec::new();
        for observed in &judgement.findings {
            let key = Key::new(operation, status, observed);
            // Many items of a list may be wrong in the same way: that is one answer.
            if met.contains(&key) {
                continue;
            }
            met.push(key.clone());
            if !self.fold.again(&key) && self.fold.room(observed.severity) {
                fresh.push((key, observed));
            }
        }
        if fresh.is_empty() {
            return;
        }
        let violations = fresh.iter().map(|(_, observed)| observed.violation.clone()).collect();
        let mut covered = self.veil.cover(exchange, violations);
        let kept = kept(self.contract, operation, &covered.exchange.request.headers.to_map());
        covered.exchange.request.headers = kept.into();
        let request = &covered.exchange.request;
        let url = match self.live {
            Some(live) => self.url(live, &request.method, &request.target),
            None => Some(format!("{}{}", exchange.base.as_deref().unwrap_or("http://localhost"), request.target)),
        };
        let none: &[std::path::PathBuf] = &[];
        let connection = Connection {
            insecure: self.live.is_some_and(|live| live.client.insecure),
            ca: self.live.map_or(none, |live| &live.client.ca),
            given: &self.given,
        };
        for ((key, observed), violation) in fresh.into_iter().zip(&covered.violations) {
            let about = About {
                contract: self.contract,
                operation,
                key: &key,
                record: id.clone(),
                url: url.clone(),
                connection: &connection,
            };
            let told = difference(&about, observed, violation, &covered);
            self.fold.add(key, told);
        }
    }

    fn tell(
        &mut self,
        record: RecordId,
        operation: usize,
        status: Option<u16>,
        recorded: Option<u16>,
        verdict: Verdict,
        took: std::time::Duration,
    ) {
        let operation = self.contract.heads()[operation].key.clone();
        (self.sink)(Event::Judged(Judged { record, operation, status, recorded, verdict, took }));
    }

    fn finish(mut self, now: &(dyn Fn() -> crate::message::Moment + Sync), began: crate::message::Moment) -> Outcome {
        self.tally.records.not_reached = self.scan.records.saturating_sub(self.come_to);
        let (mut found, beyond) = {
            let tally = &self.tally;
            self.fold.finish(|operation, rule, status| tally.could_have(operation, rule, status))
        };
        let mut summary = self.tally.into_summary();
        if let (Some(live), Some(answers @ 1..)) = (self.live, self.not_found) {
            let example = found.first().map(|first| first.answer.clone());
            found = vec![overall::wrong_base_url(self.plan, live, answers, example.as_deref())];
        } else if summary.records.judged() == 0
            && summary.records.lost < summary.records.total().max(1)
            && self.outcome.failure.is_none()
            && !self.outcome.stopped
        {
            found.push(overall::nothing_judged(self.plan, &summary));
        }
        for difference in &found {
            summary.count(difference.finding.severity, 1);
        }
        for (severity, count) in beyond {
            summary.count(severity, count);
            summary.not_shown += count;
        }
        summary.reads_only = self.live.and_then(Live::reads_only);
        summary.took = now().since(began);
        summary.seed = self.plan.seed;
        self.outcome.worst = summary.worst();
        for difference in found {
            (self.sink)(Event::Found(Box::new(difference)));
        }
        if let Some(failure) = &self.outcome.failure {
            (self.sink)(Event::Failed(failure.clone()));
        }
        (self.sink)(Event::Finished(Box::new(summary)));
        self.outcome
    }
}
