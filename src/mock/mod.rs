//! A request in, a reply out: synchronous, without input or output.
//!
//! What belongs here: choosing the answer (route ▶ security ▶ validate ▶ decide ▶ negotiate ▶ build ▶ edit) and the state
//! that choosing needs. A [`Mock`] never changes; [`State`] does, and outlives it. Imports every module below it but `spec`.
//! Not here: sockets, sleeping, clocks. Delays and faults are data: the server carries them out.

mod arrange;
mod arranged;
mod build;
mod choose;
mod clock;
mod cors;
mod counters;
mod decide;
mod edit;
mod envelope;
mod explain;
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
mod rehearse;
mod saved;
mod session;
mod sessions;
mod slots;
mod state;
mod store;
mod story;
mod unsatisfiable;
mod valid;
mod view;
mod words;

use std::sync::Arc;
use std::time::Duration;

pub use arrange::{Counts, NotArranged, Standing};
pub use arranged::{Activated, Arranged, Kept, Override};
pub use clock::SessionClock;
pub use explain::{Considered, Explained, Negotiated, Outcome, Routed};
pub use gate::{Gate, Since};
pub use keep::Stateful;
pub use key::session_name;
pub use options::{Examples, Options};
pub use saved::{Values, Writes};
pub use session::DEFAULT_SESSION;
pub use sessions::{Ended, Full};
pub use state::{NotCounted, State, Touch, Touched};
pub use store::Store;
pub use unsatisfiable::unsatisfiable;
pub use valid::ValidCall;
pub use view::View;

use crate::contract::{Call, Checked, Contract};
use crate::finding::{Finding, Part, Violation};
use crate::message::{BAGGAGE, HeaderMap, Moment, Problem, Request, Response, StatusCode, header};
use crate::scenario::Scenario;
use crate::traffic::{Decision, Draw, Drawn, Fault, Ruled, Why};

use choose::{Chosen, Ruling};
use preferences::Preferences;

/// A document ready to answer for. Immutable: everything that changes from call to call is in [`State`].
#[derive(Debug)]
pub struct Mock {
    contract: Arc<Contract>,
    options: Options,
    known: Vec<Arc<Scenario>>,
    active: Vec<Arc<Scenario>>,
    /// Those that are active, where one of them expects something of the client.
    expecting: Option<Arc<[Arc<Scenario>]>>,
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

/// What is needed to judge the client by; `None` where nothing is expected of it.
pub type Expecting = Option<Box<Expectant>>;

/// The scenarios that apply to a call of which one expects something of the client, and by which clock.
#[derive(Clone, Debug)]
pub struct Expectant {
    /// All that apply.
    pub scenarios: Arc<[Arc<Scenario>]>,
    /// The clock of the session.
    pub clock: SessionClock,
    /// Tells the session from others that had its name before, and from what it was before it began anew; `None` where a request
    /// makes no session, because it is for no operation.
    pub life: Option<u64>,
}

fn expecting(scenarios: &[Arc<Scenario>]) -> Option<Arc<[Arc<Scenario>]>> {
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
    view: View,
    chosen: Chosen,
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

/// Who decides on a call, where it is neither the document nor the client.
enum Decider<'a> {
    /// A rate that refused it.
    Rate(&'a Ruling),
    /// A rule, and the number of the call among those it decided.
    Rule(&'a Ruling, u64),
}

/// The first half of answering.
#[derive(Debug)]
pub enum Begun<'m> {
    /// Nothing of the session is needed: this is the reply.
    Ready(Box<Reply>),
    /// [`State::apply`] this, then [`Mock::finish`]; where the session has changed meanwhile, [`Mock::again`] first.
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

    /// A scenario that came while the mock serves, as one of its own: with the seed that counts, and with findings on merges that do
    /// not fit what they merge into.
    pub fn adopt(&self, mut scenario: Scenario) -> (Arc<Scenario>, Vec<Finding>) {
        if self.options.seed_for_all {
            scenario.seed = None;
        }
        let findings = self.try_merges(&scenario);
        (Arc::new(scenario), findings)
    }

    /// Answers a request, with the state in memory.
    pub fn answer(&self, state: &State, request: Request, now: Moment) -> Reply {
        match self.pending(state, request, now) {
            Err(reply) => *reply,
            Ok(mut pending) => loop {
                // A touch that goes nowhere else need not be put together.
                if let Some(touched) = state.count(&self.wish(&pending), &pending.view) {
                    // As `finish` does it: what waits is large, and stays where it is.
                    let (answer, mut decision, writes) = self.decided(&mut pending, touched);
                    if let Some(writes) = writes {
                        decision.notes.extend(state.write(&pending.view, &writes));
                    }
                    let expecting = self.expecting(&pending.preferences, &pending.view);
                    let Pending { call, session, .. } = pending;
                    return Reply::new(call, answer, session, decision, expecting);
                }
                // Only a change of what the session was told leads here.
                if let Err(full) = self.choose(state, &mut pending, now) {
                    return self.full(pending.call, pending.session, &full);
                }
            },
        }
    }

    /// Routes a request and holds it to the document.
    pub fn begin(&self, state: &State, request: Request, now: Moment) -> Begun<'_> {
        match self.pending(state, request, now) {
            Ok(pending) => self.begun(pending),
            Err(reply) => Begun::Ready(reply),
        }
    }

    /// Looks at the session again, where [`State::apply`] says that it has changed.
    pub fn again<'m>(&'m self, state: &State, mut pending: Box<Pending<'m>>, now: Moment) -> Begun<'m> {
        match self.choose(state, &mut pending, now) {
            Ok(()) => self.begun(*pending),
            Err(full) => Begun::Ready(Box::new(self.full(pending.call, pending.session, &full))),
        }
    }

    fn begun<'m>(&'m self, pending: Pending<'m>) -> Begun<'m> {
        let touch = self.wish(&pending).to_touch();
        Begun::Call(Box::new(pending), touch)
    }

    /// The call that waits for its session, or the reply where none is needed.
    fn pending(&self, state: &State, request: Request, now: Moment) -> Result<Pending<'_>, Box<Reply>> {
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
        let view = match state.view(&session, now) {
            Ok(view) => view,
            Err(full) => return Err(Box::new(self.full(call, session, &full))),
        };
        let preferences = Preferences::read(&call, marked, self, &view);
        let mut checked = call.check(self.options.credentials);
        if marked.prefer && !preferences.asked.is_empty() {
            // What the document says of the field is not said of what is asked of a mock in it.
            let ours = |violation: &Violation| {
                violation.part == Part::Header && *violation.name == *preferences::PREFER.as_str()
            };
            checked.violations.retain(|violation| !ours(violation));
        }
        let chosen = Chosen::of(self, &view, &call, &checked, &preferences);
        Ok(Pending { call, marked, checked, preferences, session, view, chosen })
    }

    /// Looks at the session as it is by now, and chooses among its rules again.
    fn choose(&self, state: &State, pending: &mut Pending<'_>, now: Moment) -> Result<(), Full> {
        let mut view = state.view(&pending.session, now)?;
        // What ended the first time has ended for this call.
        view.ended.splice(..0, std::mem::take(&mut pending.view.ended));
        pending.preferences = Preferences::read(&pending.call, pending.marked, self, &view);
        pending.chosen = Chosen::of(self, &view, &pending.call, &pending.checked, &pending.preferences);
        pending.view = view;
        Ok(())
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
            valid: pending.checked.violations.is_empty(),
            generation: pending.view.generation,
            asked: pending.preferences.scenario.first().map(|scenario| &scenario.name),
            keeps: self.keeping.as_ref().is_some_and(|keeping| keeping.concerns(pending.call.route().operation)),
            meters: &pending.chosen.meters,
            candidates: &pending.chosen.candidates,
        }
    }

    /// Chooses and builds the answer, now that the session has counted the call. What it leaves in the session is for
    /// [`State::keep`], before the answer is sent.
    pub fn finish(&self, mut pending: Pending<'_>, touched: Touched) -> (Reply, Option<Writes>) {
        let (answer, decision, writes) = self.decided(&mut pending, touched);
        let expecting = self.expecting(&pending.preferences, &pending.view);
        let Pending { call, session, .. } = pending;
        (Reply::new(call, answer, session, decision, expecting), writes)
    }

    fn decided(&self, pending: &mut Pending<'_>, touched: Touched) -> (Response, Decision, Option<Writes>) {
        let Pending { call, marked, checked, preferences, session, view, chosen } = pending;
        let mut decision = Decision {
            operation: Some(call.operation().key.clone()),
            call: touched.call,
            notes: std::mem::take(&mut checked.notes),
            violations: std::mem::take(&mut checked.violations),
            undocumented: std::mem::take(&mut checked.undocumented),
            ..Decision::default()
        };
        decision.notes.append(&mut chosen.notes);
        (decision.trace.life, decision.trace.told, decision.trace.gates) = (view.life, view.generation, touched.gates);
        if checked.undecided {
            decision.notes.push("part of the request could not be looked into: not decided".to_owned());
        }
        if call.route().short {
            let base = self.contract.base_path(call.route().operation).get(call.route().base..).unwrap_or_default();
            decision.notes.push(format!("served without the base path `{base}`"));
        }
        sessions::note(&view.ended, &mut decision.notes);
        let Chosen { rates, rules, candidates, .. } = &*chosen;
        let refused = touched.metered.refused.and_then(|index| rates.get(index)).map(Decider::Rate);
        let rule = || touched.decided.and_then(|(index, number)| Some(Decider::Rule(rules.get(index)?, number)));
        let decider = refused.or_else(rule);
        for (index, number, hit) in &touched.draws {
            let Some(candidate) = candidates.get(*index) else { continue };
            decision.draws.push(Draw {
                rule: Some((candidate.scenario.clone(), candidate.rule.clone())),
                of: candidate.chance.map(|chance| chance.to_string()).unwrap_or_default(),
                seed: candidate.seed.unwrap_or(self.options.seed),
                drawn: Drawn::Chance { number: *number, hit: *hit },
            });
        }
        if let Some((index, number)) = touched.decided
            && let Some(state::Candidate { scenario, rule, .. }) = candidates.get(index)
        {
            decision.trace.rule = Some(Ruled { scenario: scenario.clone(), rule: rule.clone(), number });
        }
        if let Some((scenario, state)) = &touched.moved {
            decision.notes.push(format!("{scenario} goes to state `{state}`"));
        }
        if touched.metered.crowded {
            decision.notes.push(meter::CROWDED.to_owned());
        }
        let (rates, limits): (Vec<&Ruling>, _) =
            touched.metered.limits.into_iter().filter_map(|(index, limit)| Some((rates.get(index)?, limit))).unzip();
        decision.limits = limits;
        let seed = preferences.seed;
        let shown = Default::default();
        let now = view.clock().moved(self.options.now);
        let kept = touched.saved.as_ref().map_or(&[][..], |saved| saved);
        let store = touched.store.as_deref();
        let about =
            build::About { mock: self, call, session, number: touched.call, seed, store, shown, now, saved: kept };
        let mut answer = decide::answer(&about, preferences, decider, &rates, &mut decision);
        let decided = touched.decided.and_then(|(index, _)| rules.get(index));
        let writes = decided.and_then(|ruling| {
            let rule = ruling.rule(&call.operation().key)?;
            saved::writes(&about, ruling, rule, &answer, &mut decision)
        });
        decision.notes.extend(self.prepared.unsatisfied(call.route().operation));
        edit::sign(&self.options, call.request(), *marked, &mut answer, &decision);
        (answer, decision, writes)
    }

    fn full(&self, call: Call<'_>, session: Arc<str>, full: &Full) -> Reply {
        let decision =
            Decision { operation: Some(call.operation().key.clone()), why: Why::Limits, ..Decision::default() };
        let operation = Some(call.route().operation);
        Reply { operation, ..*self.ready(call.into_request(), full.answer(), decision, session) }
    }

    fn ready(&self, request: Request, mut answer: Response, decision: Decision, session: Arc<str>) -> Box<Reply> {
        edit::sign(&self.options, &request, Marked::of(&request.headers), &mut answer, &decision);
        let clock = SessionClock::default();
        let expecting = self.expecting.clone().map(|scenarios| Box::new(Expectant { scenarios, clock, life: None }));
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

    /// The scenarios that apply to a request: the one it asks for takes the place of the active ones of its session.
    fn expecting(&self, preferences: &Preferences, view: &View) -> Expecting {
        let scenarios = match view.told(self) {
            _ if !preferences.scenario.is_empty() => expecting(&preferences.scenario),
            Some(active) => expecting(&active),
            None => self.expecting.clone(),
        };
        scenarios.map(|scenarios| Box::new(Expectant { scenarios, clock: view.clock(), life: Some(view.life) }))
    }
}
