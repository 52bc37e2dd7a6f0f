//! A request in, a reply out: synchronous, without input or output.
//!
//! What belongs here: choosing the answer (route ▶ security ▶ validate ▶ decide ▶ negotiate ▶ build ▶ edit) and the state
//! that choosing needs. A [`Mock`] never changes; [`State`] does, and outlives it. Imports every module below it but `spec`.
//! Not here: sockets, sleeping, clocks. Delays and faults are data: the server carries them out.

mod build;
mod cors;
#[allow(dead_code, reason = "to be read and set to 0 is for the admin pages")]
mod counters;
mod decide;
mod edit;
mod envelope;
mod fill;
mod gate;
mod items;
mod keep;
mod key;
mod meter;
mod miss;
mod negotiate;
mod options;
mod paging;
mod preferences;
mod prepared;
mod session;
mod slots;
mod state;
mod store;
mod story;
mod unsatisfiable;
mod valid;
mod words;

use std::sync::Arc;
use std::time::Duration;

pub use keep::Stateful;
pub use options::{Examples, Options};
pub use session::{DEFAULT_SESSION, Full};
pub use state::{State, Touch, Touched};
pub use store::Store;
pub use unsatisfiable::unsatisfiable;
pub use valid::ValidCall;

use crate::contract::{Call, Checked, Contract};
use crate::finding::{Finding, Part, Verdict, Violation};
use crate::message::{BAGGAGE, HeaderMap, Moment, Problem, Request, Response, StatusCode, header};
use crate::scenario::{Rule, Scenario};
use crate::traffic::{Decision, Fault, Why};

use gate::Since;
use meter::Meter;
use preferences::Preferences;
use state::Candidate;

/// A document ready to answer for. Immutable: everything that changes from call to call is in [`State`].
#[derive(Debug)]
pub struct Mock {
    contract: Arc<Contract>,
    options: Options,
    known: Vec<Arc<Scenario>>,
    active: Vec<Arc<Scenario>>,
    expecting: Expecting,
    prepared: prepared::Prepared,
    keeping: Option<keep::Keeping>,
    default_session: Arc<str>,
    /// The number of each operation's counter, where it is not the operation's own.
    slots: Option<Box<[usize]>>,
}

/// What a request is answered with, and why.
#[derive(Debug)]
pub struct Reply {
    /// The request, handed back for the journal.
    pub request: Request,
    /// The answer: every field but `Date`, `Content-Length` and what names an address of the server.
    pub answer: Response,
    /// How long to wait before it is sent.
    pub delay: Duration,
    /// What becomes of it on the wire; `None`: it is sent.
    pub fault: Option<Fault>,
    /// The session the call counted in.
    pub session: Arc<str>,
    /// How the answer was chosen.
    pub decision: Decision,
    /// The place of its operation in [`Contract::heads`].
    pub operation: Option<usize>,
    /// The scenarios that applied to it, where one of them expects something of the client.
    pub expecting: Expecting,
}

/// Scenarios that apply, where one of them expects something of the client; `None` where none does.
pub type Expecting = Option<Arc<[Arc<Scenario>]>>;

fn expecting(scenarios: &[Arc<Scenario>]) -> Expecting {
    scenarios.iter().any(|scenario| !scenario.expect.is_empty()).then(|| scenarios.into())
}

/// A call that waits for what its session knows.
#[derive(Debug)]
pub struct Pending<'m> {
    call: Call<'m>,
    marked: Marked,
    checked: Checked,
    preferences: Preferences,
    session: Arc<str>,
    rates: Vec<Ruling>,
    meters: Vec<Meter>,
    rules: Vec<Ruling>,
    candidates: Vec<Candidate>,
}

/// Which of the fields that change what is answered a request has. Found in one go: nearly always there is none, and to ask a map for
/// each of them takes longer than to look at all that it has.
#[derive(Clone, Copy, Debug, Default)]
struct Marked {
    session: bool,
    prefer: bool,
    origin: bool,
    cookie: bool,
    baggage: bool,
    /// The host has a dot in it: it may name a session.
    dotted: bool,
}

impl Marked {
    fn of(headers: &HeaderMap) -> Marked {
        let mut marked = Marked::default();
        for (name, value) in headers {
            marked.session |= *name == key::FIELD;
            marked.prefer |= *name == preferences::PREFER;
            marked.origin |= *name == header::ORIGIN;
            marked.cookie |= *name == header::COOKIE;
            marked.baggage |= *name == BAGGAGE;
            marked.dotted |= *name == header::HOST && value.as_bytes().contains(&b'.');
        }
        marked
    }
}

/// What a call has to ask its session: each thing as what it is, and as plain data.
#[derive(Debug, Default)]
struct Asked {
    rates: Vec<Ruling>,
    meters: Vec<Meter>,
    rules: Vec<Ruling>,
    candidates: Vec<Candidate>,
}

/// Who decides on a call, where it is neither the document nor the client.
enum Decider<'a> {
    /// A rate that refused it.
    Rate(&'a Ruling),
    /// A rule, and the number of the call among those it decided.
    Rule(&'a Ruling, u64),
}

/// A rule that may decide on a call: a scenario, and which of its rules for the operation.
#[derive(Clone, Debug)]
struct Ruling {
    scenario: Arc<Scenario>,
    index: usize,
}

impl Ruling {
    fn rule(&self, operation: &str) -> Option<&Rule> {
        self.scenario.rules(operation).nth(self.index)
    }
}

/// The first half of answering.
#[derive(Debug)]
pub enum Begun<'m> {
    /// Nothing of the session is needed: this is the reply.
    Ready(Box<Reply>),
    /// [`State::apply`] this, then [`Mock::finish`].
    Call(Box<Pending<'m>>, Touch),
}

impl Reply {
    #[inline]
    fn new(call: Call<'_>, answer: Response, session: Arc<str>, decision: Decision, expecting: Expecting) -> Reply {
        let operation = Some(call.route().operation);
        let (delay, fault) = (decision.delay, decision.fault);
        Reply { request: call.into_request(), answer, delay, fault, session, decision, operation, expecting }
    }
}

impl Mock {
    /// A mock of a contract. `known` are all scenarios that a request can ask for by name, `active` those that apply unasked, in
    /// this order. The findings are those of scenarios whose merges do not fit what they merge into.
    pub fn new(
        contract: Arc<Contract>,
        options: Options,
        known: Vec<Arc<Scenario>>,
        active: Vec<Arc<Scenario>>,
    ) -> (Mock, Vec<Finding>) {
        let prepared = prepared::Prepared::new(&contract);
        let keeping = options.stateful.as_ref().map(|stateful| keep::Keeping::new(stateful, &contract));
        let (default_session, expecting) = (DEFAULT_SESSION.into(), expecting(&active));
        let mock =
            Mock { contract, options, known, active, expecting, prepared, keeping, default_session, slots: None };
        let findings = mock.active.iter().flat_map(|scenario| mock.try_merges(scenario)).collect();
        (mock, findings)
    }

    /// The document, compiled.
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// How it answers.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// All scenarios that a request can ask for.
    pub fn known(&self) -> &[Arc<Scenario>] {
        &self.known
    }

    /// The scenarios that apply unasked, in order.
    pub fn active(&self) -> &[Arc<Scenario>] {
        &self.active
    }

    /// Answers a request, with the state in memory.
    pub fn answer(&self, state: &State, request: Request, now: Moment) -> Reply {
        match self.pending(request) {
            Err(reply) => *reply,
            // A touch that goes nowhere else need not be put together.
            Ok(mut pending) => match state.count(&self.wish(&pending), now) {
                Ok(touched) => {
                    // As `finish` does it: what waits is large, and stays where it is.
                    let (answer, decision) = self.decided(&mut pending, touched);
                    let expecting = self.expecting(&pending.preferences);
                    let Pending { call, session, .. } = pending;
                    Reply::new(call, answer, session, decision, expecting)
                }
                Err(full) => self.full(pending, &full),
            },
        }
    }

    /// Routes a request and holds it to the document.
    pub fn begin(&self, request: Request) -> Begun<'_> {
        match self.pending(request) {
            Ok(pending) => {
                let touch = self.wish(&pending).to_touch();
                Begun::Call(Box::new(pending), touch)
            }
            Err(reply) => Begun::Ready(reply),
        }
    }

    /// The call that waits for its session, or the reply where none is needed.
    fn pending(&self, request: Request) -> Result<Pending<'_>, Box<Reply>> {
        if let Some(answer) = cors::preflight(&self.options, &request) {
            let decision = Decision { why: Why::Preflight, ..Decision::default() };
            return Err(self.ready(request, answer, decision, self.default_session.clone()));
        }
        let marked = Marked::of(&request.headers);
        let session = match key::name(&request, marked, &self.options, &self.default_session) {
            Ok(session) => session,
            Err(why) => {
                let answer = Problem::new(StatusCode::BAD_REQUEST).detail(why.clone()).to_response();
                let decision = Decision { why: Why::Limits, notes: vec![why], ..Decision::default() };
                return Err(self.ready(request, answer, decision, self.default_session.clone()));
            }
        };
        let route = match self.contract.route(&request.method, request.target.path(), request.target.query()) {
            Ok(route) => route,
            Err(miss) => {
                let (answer, decision) = miss::answer(&self.contract, &request, miss);
                return Err(self.ready(request, answer, decision, session));
            }
        };
        let call = Call::new(&self.contract, route, request);
        let preferences = Preferences::read(&call, marked, self);
        let mut checked = call.check(self.options.credentials);
        if marked.prefer && !preferences.asked.is_empty() {
            // What the document says of the field is not said of what is asked of a mock in it.
            let ours = |violation: &Violation| {
                violation.part == Part::Header && *violation.name == *preferences::PREFER.as_str()
            };
            checked.violations.retain(|violation| !ours(violation));
        }
        let Asked { rates, meters, rules, candidates } = self.asked(&call, &mut checked, &preferences);
        Ok(Pending { call, marked, checked, preferences, session, rates, meters, rules, candidates })
    }

    /// The number of an operation's counter.
    fn slot(&self, operation: usize) -> usize {
        self.slots.as_ref().and_then(|slots| slots.get(operation)).copied().unwrap_or(operation)
    }

    /// What a call wants of its session.
    fn wish<'p>(&self, pending: &'p Pending<'_>) -> state::Wish<'p> {
        state::Wish {
            session: &pending.session,
            operation: &pending.call.operation().key,
            slot: self.slot(pending.call.route().operation),
            seed: self.options.seed,
            asked: pending.preferences.scenario.first().map(|scenario| &scenario.name),
            keeps: self.keeping.as_ref().is_some_and(|keeping| keeping.concerns(pending.call.route().operation)),
            meters: &pending.meters,
            candidates: &pending.candidates,
        }
    }

    /// Chooses and builds the answer, now that the session has counted the call.
    pub fn finish(&self, mut pending: Pending<'_>, touched: Touched) -> Reply {
        let (answer, decision) = self.decided(&mut pending, touched);
        let expecting = self.expecting(&pending.preferences);
        let Pending { call, session, .. } = pending;
        Reply::new(call, answer, session, decision, expecting)
    }

    fn decided(&self, pending: &mut Pending<'_>, touched: Touched) -> (Response, Decision) {
        let Pending { call, marked, checked, preferences, session, rates, rules, .. } = pending;
        let mut decision = Decision {
            operation: Some(call.operation().key.clone()),
            call: touched.call,
            notes: std::mem::take(&mut checked.notes),
            violations: std::mem::take(&mut checked.violations),
            undocumented: std::mem::take(&mut checked.undocumented),
            ..Decision::default()
        };
        if checked.undecided {
            decision.notes.push("part of the request could not be looked into: not decided".to_owned());
        }
        if call.route().short {
            let base = self.contract.base_path(call.route().operation).get(call.route().base..).unwrap_or_default();
            decision.notes.push(format!("served without the base path `{base}`"));
        }
        if let Some(evicted) = &touched.evicted {
            decision.notes.push(format!("session `{evicted}` was idle the longest and made room"));
        }
        let refused = touched.metered.refused.and_then(|index| rates.get(index)).map(Decider::Rate);
        let rule = || touched.decided.and_then(|(index, number)| Some(Decider::Rule(rules.get(index)?, number)));
        let decider = refused.or_else(rule);
        if touched.metered.crowded {
            decision.notes.push(meter::CROWDED.to_owned());
        }
        let (rates, limits): (Vec<&Ruling>, _) =
            touched.metered.limits.into_iter().filter_map(|(index, limit)| Some((rates.get(index)?, limit))).unzip();
        decision.limits = limits;
        let seed = preferences.seed;
        let (shown, now) = (Default::default(), self.options.now);
        let store = touched.store.as_deref();
        let about =
            build::About { mock: self, call, session, number: touched.call, seed, store, shown, now, saved: &[] };
        let mut answer = decide::answer(&about, preferences, decider, &rates, &mut decision);
        decision.notes.extend(self.prepared.unsatisfied(call.route().operation));
        edit::sign(&self.options, call.request(), *marked, &mut answer, &decision);
        (answer, decision)
    }

    fn full(&self, pending: Pending<'_>, full: &Full) -> Reply {
        let decision =
            Decision { operation: Some(pending.call.operation().key.clone()), why: Why::Limits, ..Decision::default() };
        let operation = Some(pending.call.route().operation);
        let request = pending.call.into_request();
        Reply { operation, ..*self.ready(request, full.answer(), decision, pending.session) }
    }

    fn ready(&self, request: Request, mut answer: Response, decision: Decision, session: Arc<str>) -> Box<Reply> {
        edit::sign(&self.options, &request, Marked::of(&request.headers), &mut answer, &decision);
        let expecting = self.expecting.clone();
        Box::new(Reply {
            request,
            answer,
            delay: Duration::ZERO,
            fault: None,
            session,
            decision,
            operation: None,
            expecting,
        })
    }

    /// The scenarios that apply to a request: the one it asks for takes the place of the active ones.
    fn expecting(&self, preferences: &Preferences) -> Expecting {
        if preferences.scenario.is_empty() { self.expecting.clone() } else { expecting(&preferences.scenario) }
    }

    /// The rates that have to allow this call and the rules that decide on it if they are drawn, in order: by what they say, and
    /// as plain data.
    fn asked(&self, call: &Call, checked: &mut Checked, preferences: &Preferences) -> Asked {
        let named = preferences.scenario.as_slice();
        let (scenarios, since) =
            if named.is_empty() { (self.active.as_slice(), Since::Session) } else { (named, Since::Asked) };
        let mut asked = Asked::default();
        // Where the client decides, only rates have a say.
        let mut decided = preferences.decides();
        for scenario in scenarios {
            for (index, rule) in scenario.rules(&call.operation().key).enumerate() {
                let fits = rule.valid.is_none_or(|valid| valid == checked.violations.is_empty());
                if !fits || (decided && rule.rate().is_none()) {
                    continue;
                }
                match rule.when.verdict(call) {
                    Verdict::Valid => {}
                    Verdict::Invalid => continue,
                    Verdict::NotDecided => {
                        let (name, line) = (&scenario.name, rule.line);
                        checked
                            .notes
                            .push(format!("{name}:{line} was passed over: whether its `when` holds is not decided"));
                        continue;
                    }
                }
                let ruling = Ruling { scenario: scenario.clone(), index };
                if let Some(rate) = rule.rate() {
                    asked.rates.push(ruling);
                    asked.meters.push(Meter::new(scenario, rule, rate, call, since));
                    continue;
                }
                asked.rules.push(ruling);
                asked.candidates.push(Candidate::new(scenario, rule, since));
                // Only a rule that is drawn, or asks something of its session, can hand on to the next one.
                decided = asked.candidates.last().is_some_and(Candidate::is_certain);
            }
        }
        asked
    }
}
