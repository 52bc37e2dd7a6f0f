//! Sessions in memory: what is told one holds there and nowhere else, from its beginning, and exactly, however many calls there are at once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::message::{Body, HeaderMap, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, NotArranged, Options, Reply, Since, State};
use standin::scenario::Scenario;

const LIST: &str = "list_my_pending_invitations";

struct Stage {
    mock: Mock,
    state: State,
}

fn contract() -> Arc<Contract> {
    let path = Path::new("fixtures/invitation/openapi.yaml");
    let loaded = Documents::load("openapi.yaml", &Files::beside(path));
    Arc::new(Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document).0.unwrap())
}

fn scenario(name: &str, rules: &str, contract: &Contract) -> Arc<Scenario> {
    let text = format!("scenario: {name}\non:\n  {LIST}: [{rules}]\n");
    let (scenario, findings) = Scenario::read(&Source::new(format!("{name}.yaml"), text), contract);
    Arc::new(scenario.unwrap_or_else(|| panic!("{findings:?}")))
}

/// A mock with three scenarios, of which `own` is active.
fn stage(options: Options) -> Stage {
    let contract = contract();
    let third = scenario("third", "{ calls: { 3: 429 } }", &contract);
    let own = scenario("own", "{ calls: { 1: 500 } }", &contract);
    let gone = scenario("gone", "{ reply: 504 }", &contract);
    let mock = Mock::new(contract, options, vec![own.clone(), third, gone], vec![own]).0;
    let state = State::new(&mock);
    Stage { mock, state }
}

fn at(seconds: u64) -> Moment {
    Moment { wall_ns: 0, mono_ns: seconds * 1_000_000_000 }
}

impl Stage {
    fn ask(&self, session: &str, prefer: &'static str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        headers.insert("standin-session", HeaderValue::from_str(session).unwrap());
        if !prefer.is_empty() {
            headers.insert("prefer", HeaderValue::from_static(prefer));
        }
        let target = Target::parse("/api/v1/invitations/me").unwrap();
        self.mock.answer(&self.state, Request { method: Method::GET, target, headers, body: Body::Empty }, at(1))
    }

    /// The statuses of the next calls.
    fn next(&self, session: &str, calls: usize) -> Vec<u16> {
        (0..calls).map(|_| self.ask(session, "").answer.status.as_u16()).collect()
    }

    fn activate(&self, session: &str, names: &[&str]) {
        self.state.activate(&self.mock, &session.into(), Some(names), at(1)).unwrap();
    }

    /// The number of calls, and the numbers that rules have counted.
    fn counts(&self, session: &str) -> (u64, Vec<(String, u64)>) {
        let counts = self.state.counts(&self.mock, session, at(1)).unwrap();
        let rules = counts.rules.into_iter().map(|(scenario, _, number)| (scenario.to_string(), number)).collect();
        (counts.calls.iter().map(|(_, count)| count).sum(), rules)
    }
}

#[test]
fn what_is_active_is_so_in_one_session_and_starts_at_its_beginning() {
    let stage = stage(Options::default());
    stage.activate("a", &["third"]);
    assert_eq!(stage.next("a", 4), [200, 200, 429, 200]);
    assert_eq!(stage.next("b", 2), [500, 200], "another session has what is active in the mock");
    assert_eq!(stage.next("default", 2), [500, 200]);
    // Again: from the beginning, though the operation has been called.
    stage.activate("a", &["third"]);
    assert_eq!(stage.next("a", 3), [200, 200, 429]);
    // In the order in which they are named; no scenario at all; what is active in the mock.
    stage.activate("a", &["third", "gone"]);
    assert_eq!(stage.next("a", 2), [200, 200], "a rule that counts decides every call");
    stage.activate("a", &["gone", "third"]);
    assert_eq!(stage.next("a", 2), [504, 504]);
    stage.activate("a", &[]);
    assert_eq!(stage.next("a", 1), [200]);
    stage.state.activate(&stage.mock, &"a".into(), None, at(1)).unwrap();
    assert_eq!(stage.next("a", 2), [500, 200]);
    stage.activate("default", &["gone"]);
    assert_eq!((stage.next("default", 1), stage.next("b", 1)), (vec![504], vec![200]));

    let unknown = stage.state.activate(&stage.mock, &"a".into(), Some(&["thrid"]), at(1)).unwrap_err();
    assert_eq!(unknown, NotArranged::Unknown("there is no scenario `thrid`; did you mean `third`?".to_owned()));
    assert_eq!(stage.next("a", 1), [200], "nothing is lost with a bad one");
}

#[test]
fn a_session_has_scenarios_of_its_own() {
    let stage = stage(Options::default());
    let contract = stage.mock.contract().clone();
    let own = |status: u16| scenario("third", &format!("{{ calls: {{ 2: {status} }} }}"), &contract);
    stage.activate("a", &["third"]);
    stage.activate("b", &["third"]);
    assert_eq!(stage.next("a", 1), [200]);
    stage.state.upload(&"a".into(), own(502), at(1)).unwrap();
    assert_eq!(stage.next("a", 3), [200, 502, 200], "what is active is the session's own, from its beginning");
    assert_eq!(stage.next("b", 3), [200, 200, 429]);
    stage.state.upload(&"a".into(), own(504), at(1)).unwrap();
    assert_eq!(stage.next("a", 3), [200, 504, 200]);
    // `Prefer` finds it, too.
    stage.state.upload(&"a".into(), scenario("only", "{ reply: 404 }", &contract), at(1)).unwrap();
    assert_eq!(stage.ask("a", "scenario=only").answer.status, 404);
    assert_eq!(stage.ask("b", "scenario=only").answer.status, 400);
    stage.state.take_back("a", "third", at(1)).unwrap();
    assert_eq!(stage.next("a", 3), [200, 200, 200], "it is not active any more");
    assert!(matches!(stage.state.take_back("a", "third", at(1)), Err(NotArranged::Unknown(_))));
    assert!(matches!(stage.state.take_back("nobody", "third", at(1)), Err(NotArranged::Unknown(_))));
}

#[test]
fn one_rule_goes_before_scenarios_and_leaves_their_rates() {
    let stage = stage(Options::default());
    let contract = stage.mock.contract().clone();
    let limited = scenario("limited", "{ rate: { limit: 2, per: 1m } }, { reply: 404 }", &contract);
    stage.state.upload(&"a".into(), limited, at(1)).unwrap();
    stage.activate("a", &["limited"]);
    let rule =
        Scenario::read_rule(&Source::new("rule", "409"), "override".into(), &LIST.into(), true, &contract).0.unwrap();
    stage.state.put_before(&"a".into(), &LIST.into(), Arc::new(rule), at(1)).unwrap();
    assert_eq!(stage.next("a", 3), [409, 409, 429]);
    assert_eq!(stage.next("b", 1), [500]);
    // From the beginning, and both go on.
    stage.state.reset("a", at(1));
    assert_eq!(stage.next("a", 3), [409, 409, 429]);
    stage.state.reset("a", at(1));
    stage.state.put_back("a", LIST, at(1)).unwrap();
    assert_eq!(stage.next("a", 3), [404, 404, 429]);
    assert!(matches!(stage.state.put_back("a", LIST, at(1)), Err(NotArranged::Unknown(_))));
}

#[test]
fn there_is_an_end_to_what_sessions_are_told() {
    let stage = stage(Options::default());
    let contract = stage.mock.contract().clone();
    for number in 0..32 {
        let own = scenario(&format!("s{number}"), "{ reply: 404 }", &contract);
        stage.state.upload(&"a".into(), own, at(1)).unwrap();
    }
    let more = || scenario("more", "{ reply: 404 }", &contract);
    assert!(matches!(stage.state.upload(&"a".into(), more(), at(1)), Err(NotArranged::TooMuch(_))));
    stage.state.upload(&"b".into(), more(), at(1)).unwrap();
    // A megabyte of text each: sixteen of them fit, and room is given back when a session ends.
    let large = |name: &str| {
        let text = format!("scenario: {name}\non:\n  {LIST}: [{{ reply: 404 }}]\n#{}\n", "x".repeat(1_000_000));
        Arc::new(Scenario::read(&Source::new("large.yaml", text), &contract).0.unwrap())
    };
    for number in 0..16 {
        stage.state.upload(&"c".into(), large(&format!("l{number}")), at(1)).unwrap();
    }
    assert!(matches!(stage.state.upload(&"b".into(), large("l"), at(1)), Err(NotArranged::TooMuch(_))));
    assert!(stage.state.end("c", at(1)));
    stage.state.upload(&"b".into(), large("l"), at(1)).unwrap();
    let many: Vec<&str> = vec!["third"; 65];
    let too_many = stage.state.activate(&stage.mock, &"a".into(), Some(&many), at(1));
    assert!(matches!(too_many, Err(NotArranged::TooMuch(_))));
}

#[test]
fn reset_begins_again_and_the_end_forgets_what_was_told() {
    let stage = stage(Options::default());
    stage.activate("a", &["third"]);
    stage.next("a", 2);
    assert_eq!(stage.counts("a"), (2, vec![("third".to_owned(), 2)]));
    assert!(stage.state.reset("a", at(1)) && !stage.state.reset("nobody", at(1)));
    assert_eq!(stage.counts("a"), (0, Vec::new()));
    let reply = stage.ask("a", "");
    assert_eq!(reply.decision.call, 1);
    assert_eq!(stage.next("a", 2), [200, 429]);
    stage.next("default", 1);
    stage.state.reset_all(at(1));
    assert_eq!(stage.next("a", 3), [200, 200, 429]);
    assert_eq!(stage.next("default", 1), [500]);

    assert!(stage.state.end("a", at(1)) && !stage.state.end("a", at(1)));
    assert_eq!(stage.next("a", 2), [500, 200], "it is another one now");
    stage.activate("default", &["gone"]);
    assert!(stage.state.end("default", at(1)), "the default one begins anew");
    assert_eq!(stage.next("default", 2), [500, 200]);
    stage.next("b", 1);
    assert_eq!((stage.state.end_all(at(1)), stage.state.sessions()), (2, 1));
}

#[test]
fn conditions_go_by_the_clock_of_the_session() {
    let stage = stage(Options::default());
    let session = "a".into();
    stage.state.set_clock(&session, at(1), |clock| clock.freeze(at(1))).unwrap();
    stage.state.set_clock(&session, at(2), |clock| clock.advance(Duration::from_secs(30))).unwrap();
    let shown = |name: &str| stage.state.view(&name.into(), at(60)).unwrap().now;
    assert_eq!((shown("a").mono_ns, shown("b"), shown("default")), (31_000_000_000, at(60), at(60)));
    // Since when something is active is told by that clock.
    stage.activate("a", &["third"]);
    let view = stage.state.view(&session, at(90)).unwrap();
    let active: Vec<_> = view.active(&stage.mock).map(|(scenario, since)| (&*scenario.name, since)).collect();
    assert_eq!(active, [("third", Since::At(31_000_000_000))]);
    // What was set goes with the end of the session.
    stage.state.end("a", at(60));
    assert_eq!(shown("a"), at(60));
}

#[test]
fn since_when_the_mocks_own_scenarios_are_active() {
    let stage = stage(Options::default());
    let since = |name: &str, now: Moment| {
        let view = stage.state.view(&name.into(), now).unwrap();
        view.active(&stage.mock).map(|(_, since)| since).next()
    };
    stage.state.begins(at(5));
    let then = |seconds: u64| Some(Since::At(at(seconds).mono_ns));
    assert_eq!((since("default", at(9)), since("a", at(10)), since("a", at(20))), (then(5), then(10), then(10)));
    stage.state.reset_all(at(30));
    assert_eq!((since("default", at(40)), since("a", at(40))), (then(30), then(30)));
}

#[test]
fn a_call_that_chose_before_a_change_does_not_count_after_it() {
    let stage = stage(Options::default());
    stage.activate("a", &["third"]);
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    headers.insert("standin-session", HeaderValue::from_static("a"));
    let target = Target::parse("/api/v1/invitations/me").unwrap();
    let request = Request { method: Method::GET, target, headers, body: Body::Empty };
    let begun = stage.mock.begin(&stage.state, request, at(1));
    let standin::mock::Begun::Call(pending, touch) = begun else { panic!("it is a call") };
    stage.activate("a", &["gone"]);
    assert_eq!(stage.state.apply(&touch, at(1)), Err(standin::mock::NotCounted::Changed));
    assert_eq!(stage.counts("a"), (0, Vec::new()));
    let standin::mock::Begun::Call(pending, touch) = stage.mock.again(&stage.state, pending, at(1)) else { panic!() };
    let touched = stage.state.apply(&touch, at(1)).unwrap();
    assert_eq!(stage.mock.finish(*pending, touched).0.answer.status, 504);
}

#[test]
fn each_activation_has_its_third_call_while_many_call() {
    let stage = stage(Options::default());
    let throttled = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    const TIMES: usize = 200;
    /// Ends the calls, also where the test fails.
    struct End<'o>(&'o AtomicBool);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.store(true, Relaxed);
        }
    }
    std::thread::scope(|scope| {
        let _end = End(&over);
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Relaxed) {
                    let reply = stage.ask("a", "");
                    if reply.answer.status == 429 {
                        throttled.fetch_add(1, Relaxed);
                    }
                }
            });
        }
        for _ in 0..TIMES {
            stage.activate("a", &["third"]);
            // Of the calls since then the third is throttled, and no other one.
            let counted = || stage.counts("a").1.into_iter().find(|(name, _)| name == "third");
            while counted().is_none_or(|(_, number)| number < 4) {
                std::thread::yield_now();
            }
        }
    });
    assert_eq!(throttled.into_inner(), TIMES);
}

#[test]
fn as_many_sessions_as_there_may_be_and_the_log_names_those_that_end() {
    let stage = stage(Options { sessions: 10_000, session_idle: Duration::from_secs(10), ..Options::default() });
    for number in 0..10_000 {
        assert_eq!(stage.next(&format!("s{number}"), 2), [500, 200]);
    }
    assert_eq!(stage.state.sessions(), 10_001);
    assert!((0..10_000).all(|number| stage.counts(&format!("s{number}")).0 == 2));
    let notes = stage.ask("one-more", "").decision.notes;
    assert!(notes.contains(&"session `s0` was idle the longest and made room".to_owned()), "{notes:?}");
    assert_eq!(stage.state.sessions(), 10_001);
    let (standings, ended) = stage.state.standings(at(100));
    assert_eq!((standings.len(), ended.len()), (1, 10_000));
}

#[test]
fn what_came_with_files_that_are_gone_is_forgotten_at_last() {
    let contract = contract();
    let stays = scenario("stays", "{ calls: { 3: 429 } }", &contract);
    let mut state = State::new(&Mock::new(contract.clone(), Options::default(), Vec::new(), Vec::new()).0);
    for number in 0..1_100 {
        let renamed = scenario(&format!("s{number}"), "{ calls: { 1: ok } }", &contract);
        let active = vec![renamed, stays.clone()];
        let mut mock = Mock::new(contract.clone(), Options::default(), active.clone(), active).0;
        state.take_in(&mut mock);
        let stage = Stage { mock, state };
        stage.ask("a", "scenario=stays");
        stage.ask("a", "");
        let Stage { mock, state: back } = stage;
        let rules = back.counts(&mock, "a", at(1)).unwrap().rules;
        assert!(rules.len() <= 1_002, "{}", rules.len());
        let of = |name: &str| rules.iter().find(|(scenario, ..)| **scenario == *name).map(|(.., calls)| *calls);
        assert_eq!((of("stays"), of(&format!("s{number}"))), (Some(number + 1), Some(1)), "what is there counts on");
        state = back;
    }
}
