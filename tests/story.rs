//! What sessions remember of scenarios: exact however many ask at once, and the same whatever runs beside.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::message::{Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Request, Target};
use standin::mock::{Mock, Options, Reply, State};
use standin::scenario::Scenario;
use standin::traffic::Drawn;

const SECOND: u64 = 1_000_000_000;

fn bundled() -> &'static Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let path = Path::new("fixtures/invitation/openapi.yaml");
        let loaded = Documents::load("openapi.yaml", &Files::beside(path));
        Arc::new(Contract::load(Arc::new(loaded.documents.unwrap()), &BasePath::Document).0.unwrap())
    })
}

/// A mock with these scenarios active, in this order.
fn mock(seed: u64, stories: &[&str]) -> Mock {
    let read = |text: &&str| {
        let (scenario, findings) = Scenario::read(&Source::new("story.yaml", *text), bundled());
        Arc::new(scenario.unwrap_or_else(|| panic!("{findings:#?}")))
    };
    let active: Vec<Arc<Scenario>> = stories.iter().map(read).collect();
    Mock::new(bundled().clone(), Options { seed, ..Options::default() }, active.clone(), active).0
}

fn at(ns: u64) -> Moment {
    Moment { wall_ns: 0, mono_ns: ns }
}

/// A call of `get_org` in a session; `fields` are further ones.
fn get(session: &str, fields: &[(&str, &str)]) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    for (name, value) in [("standin-session", session)].iter().chain(fields) {
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Request { method: Method::GET, target: Target::parse("/api/v1/org/acme").unwrap(), headers, body: Body::Empty }
}

fn status(reply: &Reply) -> u16 {
    reply.answer.status.as_u16()
}

/// Has this many threads do something at once.
fn threads(many: usize, work: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for thread in 0..many {
            let work = &work;
            scope.spawn(move || work(thread));
        }
    });
}

#[test]
fn a_rate_allows_exactly_its_limit_however_many_ask_at_once() {
    for (kind, more) in [("bucket", 37), ("window", 100)] {
        let story = format!(
            "scenario: s\non:\n  get_org:\n    - rate: {{ limit: 100, per: 10s, kind: {kind} }}\n    - calls: {{ 1+: 404 }}\n"
        );
        let mock = mock(0, &[&story]);
        let state = State::new(&mock);
        let allowed: [[AtomicU64; 3]; 4] = Default::default();
        // The clock stands still within a round; the second is 3.7 s after the first, the third a full refill later.
        for (round, ns) in [0, 37 * SECOND / 10, 14 * SECOND].into_iter().enumerate() {
            threads(64, |thread| {
                for call in 0..40 {
                    let session = (thread + call) % 4;
                    let reply = mock.answer(&state, get(&format!("s{session}"), &[]), at(ns));
                    let limit = &reply.decision.limits[0];
                    assert_eq!(limit.allowed, status(&reply) == 404, "{limit:?}");
                    assert!(limit.allowed || (status(&reply) == 429 && limit.remaining == 0));
                    allowed[session][round].fetch_add(u64::from(limit.allowed), Ordering::Relaxed);
                }
            });
        }
        let second = if kind == "bucket" { more } else { 0 };
        for session in &allowed {
            let counts: Vec<u64> = session.iter().map(|count| count.load(Ordering::Relaxed)).collect();
            assert_eq!(counts, [100, second, 100], "{kind}");
        }
    }
}

#[test]
fn a_call_that_one_rate_refuses_takes_nothing_from_another() {
    let first = "scenario: first\non:\n  get_org:\n    - rate: { limit: 10, per: 1h }\n";
    let second = "scenario: second\non:\n  \"*\":\n    - rate: { limit: 7, per: 1h, by: header.x-key }\n  get_org:\n    - reply: 404\n";
    let mock = mock(0, &[first, second]);
    let state = State::new(&mock);
    let allowed = [AtomicU64::new(0), AtomicU64::new(0)];
    threads(16, |thread| {
        let key = thread % 2;
        for _ in 0..20 {
            let reply = mock.answer(&state, get("s", &[("x-key", ["a", "b"][key])]), at(5));
            allowed[key].fetch_add(u64::from(status(&reply) == 404), Ordering::Relaxed);
        }
    });
    let [a, b] = allowed.map(AtomicU64::into_inner);
    assert!(a + b == 10 && a <= 7 && b <= 7, "{a} and {b}");
    // Whichever is left has what the other scenario refused.
    let reply = mock.answer(&state, get("s", &[("x-key", "c")]), at(5));
    let remaining: Vec<u64> = reply.decision.limits.iter().map(|limit| limit.remaining).collect();
    assert_eq!((status(&reply), remaining), (429, vec![0, 7]));
}

#[test]
fn a_session_keeps_a_bounded_number_of_keys_and_those_that_say_something() {
    let story = "scenario: s\non:\n  get_org:\n    - rate: { limit: 1, per: 10s, by: header.x-key }\n";
    let mock = mock(0, &[story]);
    let state = State::new(&mock);
    let ask = |key: usize, ns: u64| mock.answer(&state, get("s", &[("x-key", &key.to_string())]), at(ns));
    let noted = |reply: &Reply| reply.decision.notes.iter().any(|note| note.starts_with("more values of a rate"));
    for key in 0..4_096 {
        let reply = ask(key, key as u64);
        assert!(status(&reply) == 200 && !noted(&reply));
    }
    assert_eq!(status(&ask(0, 5_000)), 429, "all of them are kept");
    assert!(noted(&ask(5_000, 5_000)), "one had to go that was not full again");
    assert_eq!(status(&ask(1, 5_000)), 429, "it was the one that would be full first, and no other");
    assert_eq!(status(&ask(0, 5_000)), 200);
    // Ten seconds later all of them are full: they go without a word.
    for key in 10_000..14_096 {
        let reply = ask(key, 20 * SECOND + key as u64);
        assert!(status(&reply) == 200 && !noted(&reply), "{key}");
    }
    assert_eq!(status(&ask(14_095, 20 * SECOND + 14_096)), 429);
}

#[test]
fn a_scenario_that_is_named_twice_asks_its_rate_once() {
    let story = "scenario: s\non:\n  get_org:\n    - rate: { limit: 2, per: 10s }\n";
    let mock = mock(0, &[story, story]);
    let state = State::new(&mock);
    let statuses: Vec<u16> = (0..3).map(|_| status(&mock.answer(&state, get("s", &[]), at(0)))).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let mut told = BTreeMap::new();
    let reply = mock.answer(&state, get("s", &[]), at(0));
    for (name, value) in &reply.answer.headers {
        told.insert(name.to_string(), value.to_str().unwrap().to_owned());
    }
    assert_eq!(told["ratelimit"], "\"get_org#1\";r=0;t=5");
}

/// What was drawn for chances, call by call: the numbers, and whether each hit.
fn draws(reply: &Reply) -> Vec<(u64, bool)> {
    let chances = reply.decision.draws.iter().filter_map(|draw| match draw.drawn {
        Drawn::Chance { number, hit } => Some((number, hit)),
        Drawn::Delay(_) => None,
    });
    chances.collect()
}

const CHANCES: &str = "scenario: luck
on:
  get_org:
    - chance: 10%
      reply: 404
    - chance: 25%
      reply: 502
  '*':
    - chance: 50%
      reply: { delay: 200ms..2s }
";

#[test]
fn chances_come_out_right_and_rules_have_nothing_to_do_with_each_other() {
    for seed in [0, 7] {
        let mock = mock(seed, &[CHANCES]);
        let state = State::new(&mock);
        // How often each of the three was asked, and hit; and the pairs of the first two calls in a row.
        let (mut asked, mut hits, mut runs) = ([0_u32; 3], [0_u32; 3], [0_u32; 4]);
        let mut last = false;
        let mut tenths = [[0_u32; 10]; 3];
        for _ in 0..10_000 {
            let drawn = draws(&mock.answer(&state, get("s", &[]), at(0)));
            for (rule, (number, hit)) in drawn.iter().enumerate() {
                asked[rule] += 1;
                hits[rule] += u32::from(*hit);
                tenths[rule][usize::try_from((u128::from(*number) * 10) >> 64).unwrap()] += 1;
            }
            runs[usize::from(last) * 2 + usize::from(drawn[0].1)] += 1;
            last = drawn[0].1;
        }
        assert_eq!(asked[0], 10_000);
        assert_eq!(asked[1], 10_000 - hits[0], "one that does not hit hands on to the next");
        assert_eq!(asked[2], asked[1] - hits[1]);
        for (rule, chance) in [0.1, 0.25, 0.5].into_iter().enumerate() {
            let (asked, hits) = (f64::from(asked[rule]), f64::from(hits[rule]));
            // Four times the standard deviation: of a fair draw one seed in 16,000 is beyond it.
            let bound = 4.0 * (asked * chance * (1.0 - chance)).sqrt();
            assert!((hits - asked * chance).abs() < bound, "seed {seed}, rule {rule}: {hits} of {asked}");
            // Chi-square over tenths, nine degrees of freedom: 27.9 is exceeded once in 1,000.
            let even = asked / 10.0;
            let chi: f64 = tenths[rule].iter().map(|count| (f64::from(*count) - even).powi(2) / even).sum();
            assert!(chi < 27.9, "seed {seed}, rule {rule}: {chi}");
        }
        // A hit says nothing of the call after it: chi-square over the four pairs, one degree of freedom, 10.8 once in 1,000.
        let [nn, nh, hn, hh] = runs.map(f64::from);
        let all = nn + nh + hn + hh;
        let chi = all * (nn * hh - nh * hn).powi(2) / ((nn + nh) * (hn + hh) * (nn + hn) * (nh + hh));
        assert!(chi < 10.8, "seed {seed}: {chi}");
    }
}

/// Whether 0 and 1 come in the share that they should, and whether neighbours have nothing to do with each other: four times the standard
/// deviation, which of a fair draw one in 16,000 is beyond.
fn is_fair(hits: &[bool], chance: f64) {
    let all = hits.len() as f64;
    let count = |hit: &dyn Fn(usize) -> bool| (0..hits.len()).filter(|at| hit(*at)).count() as f64;
    let bound = 4.0 * (all * chance * (1.0 - chance)).sqrt();
    let found = count(&|at| hits[at]);
    assert!((found - all * chance).abs() < bound, "{found} of {all}, and not {chance}");
    let both = count(&|at| hits[at] && hits[(at + 1) % hits.len()]);
    let square = chance * chance;
    let bound = 4.0 * (all * square * (1.0 - square)).sqrt() * 1.5;
    assert!((both - all * square).abs() < bound, "{both} pairs of {all}");
}

/// Tests that run side by side have sessions of their own and call once: there, too, one in ten meets what one in ten is to meet. And a
/// suite that runs again and again with another seed meets something else each time.
#[test]
fn chances_come_out_right_over_sessions_operations_and_seeds() {
    let story = "scenario: luck\non:\n  '*':\n    - { chance: 10%, reply: { status: 404, delay: 100ms..200ms } }\nstrict: false\n";
    let hit = |reply: &Reply| draws(reply)[0].1;
    let one = mock(0, &[story]);
    let state = State::new(&one);
    let sessions: Vec<Reply> =
        (0..5_000).map(|number| one.answer(&state, get(&format!("t{number}"), &[]), at(0))).collect();
    is_fair(&sessions.iter().map(hit).collect::<Vec<_>>(), 0.1);
    // Delays of those that met it: as many in each tenth. Nine degrees of freedom: 27.9 is exceeded once in 1,000.
    let delays: Vec<u128> = sessions.iter().filter(|reply| hit(reply)).map(|reply| reply.delay.as_micros()).collect();
    let mut tenths = [0_u32; 10];
    delays.iter().for_each(|delay| tenths[usize::try_from((delay - 100_000) / 10_000).unwrap()] += 1);
    let even = delays.len() as f64 / 10.0;
    let chi: f64 = tenths.iter().map(|count| (f64::from(*count) - even).powi(2) / even).sum();
    assert!(chi < 27.9, "{tenths:?}");
    // Of the same session, another operation draws for itself.
    let mut list = get("s", &[]);
    list.target = Target::parse("/api/v1/org/acme/members").unwrap();
    let pairs: Vec<[bool; 2]> = (0..4_000)
        .map(|_| [get("s", &[]), list.clone()].map(|request| hit(&one.answer(&state, request, at(0)))))
        .collect();
    [0, 1].iter().for_each(|index| is_fair(&pairs.iter().map(|pair| pair[*index]).collect::<Vec<_>>(), 0.1));
    let both: Vec<bool> = pairs.iter().map(|pair| pair[0] && pair[1]).collect();
    is_fair(&both, 0.01);
    let seeds: Vec<bool> = (0..400)
        .map(|seed| {
            let mock = mock(seed, &[story]);
            hit(&mock.answer(&State::new(&mock), get("s", &[]), at(0)))
        })
        .collect();
    is_fair(&seeds, 0.1);
}

#[test]
fn numbers_of_two_rules_are_independent() {
    let story = "scenario: two\non:\n  get_org:\n    - { chance: 0%, reply: 404 }\n    - { chance: 0%, reply: 502 }\n";
    let mock = mock(3, &[story]);
    let state = State::new(&mock);
    let mut table = [[0_u32; 4]; 4];
    for _ in 0..10_000 {
        let drawn = draws(&mock.answer(&state, get("s", &[]), at(0)));
        let quarter = |number: u64| usize::try_from(number >> 62).unwrap();
        table[quarter(drawn[0].0)][quarter(drawn[1].0)] += 1;
    }
    let chi: f64 = table.iter().flatten().map(|count| (f64::from(*count) - 625.0).powi(2) / 625.0).sum();
    // Fifteen degrees of freedom: 37.7 is exceeded once in 1,000.
    assert!(chi < 37.7, "{chi}");
}

/// Status, delay and draws of each call of a session, in order.
type Run = Vec<(u16, std::time::Duration, Vec<(u64, bool)>)>;

fn run(mock: &Mock, state: &State, session: &str, calls: usize) -> Run {
    let once = |_| {
        let reply = mock.answer(state, get(session, &[]), at(0));
        (status(&reply), reply.delay, draws(&reply))
    };
    (0..calls).map(once).collect()
}

#[test]
fn a_session_draws_the_same_whatever_runs_beside_it() {
    let mock = mock(7, &[CHANCES]);
    let alone = State::new(&mock);
    let expected = ["a", "b"].map(|session| run(&mock, &alone, session, 500));
    assert!(expected[0] != expected[1], "sessions draw for themselves");
    let beside = State::new(&mock);
    threads(16, |thread| {
        let session = ["a", "b"].get(thread).map_or_else(|| format!("other-{thread}"), ToString::to_string);
        let drawn = run(&mock, &beside, &session, 500);
        if let Some(expected) = expected.get(thread) {
            assert!(&drawn == expected, "session {session}");
        }
    });
    // The same calls in one session by several threads: what each number of a call gets is the same.
    let shared = State::new(&mock);
    threads(8, |_| {
        for _ in 0..50 {
            let reply = mock.answer(&shared, get("a", &[]), at(0));
            let call = usize::try_from(reply.decision.call).unwrap();
            let (expected_status, delay, drawn) = &expected[0][call - 1];
            assert_eq!((status(&reply), reply.delay, &draws(&reply)), (*expected_status, *delay, drawn));
        }
    });
}

#[test]
fn a_draw_is_told_with_all_that_went_into_it() {
    let mock = mock(
        7,
        &["scenario: own-seed\nseed: 9\non:\n  get_org:\n    - { id: rare, chance: 0.5%, reply: 404 }\n", CHANCES],
    );
    let state = State::new(&mock);
    let told: Vec<String> = (0..200)
        .flat_map(|_| mock.answer(&state, get("s", &[]), at(0)).decision.draws)
        .map(|draw| {
            let (scenario, rule) = draw.rule.unwrap();
            format!("{scenario} {rule} {} {}", draw.of, draw.seed)
        })
        .collect();
    let mut kinds: Vec<&str> = told.iter().map(String::as_str).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "luck *#1 200ms..2s 7",
            "luck *#1 50% 7",
            "luck get_org#1 10% 7",
            "luck get_org#2 25% 7",
            "own-seed rare 0.5% 9"
        ]
    );
    // A number that is told decides: below the chance is a hit.
    let replies: Vec<Reply> = (0..200).map(|_| mock.answer(&state, get("t", &[]), at(0))).collect();
    for draw in replies.iter().flat_map(|reply| &reply.decision.draws).filter(|draw| draw.of == "25%") {
        assert!(matches!(draw.drawn, Drawn::Chance { number, hit } if hit == (number < 1 << 62)), "{draw:?}");
    }
    // What a client asks for is drawn, too, and belongs to no rule.
    let reply = mock.answer(&state, get("s", &[("prefer", "delay=1ms..1s")]), at(0));
    let [draw] = reply.decision.draws.as_slice() else { panic!("{:?}", reply.decision.draws) };
    assert_eq!((&draw.rule, draw.of.as_str(), draw.drawn), (&None, "1ms..1s", Drawn::Delay(reply.delay)));
    // What is not drawn is not told.
    let reply = mock.answer(&state, get("s", &[("prefer", "delay=1ms")]), at(0));
    assert!(reply.decision.draws.is_empty());
}

#[test]
fn of_many_calls_at_once_one_finds_the_first_state() {
    let story = "scenario: s\nstate: open\non:\n  get_org:\n    - state: open\n      reply: { go: done }\n    - state: done\n      reply: 404\n";
    let mock = mock(0, &[story]);
    let state = State::new(&mock);
    let first: [AtomicU64; 3] = Default::default();
    threads(32, |thread| {
        for call in 0..10 {
            let session = (thread + call) % 3;
            let reply = mock.answer(&state, get(&format!("s{session}"), &[]), at(0));
            first[session].fetch_add(u64::from(status(&reply) == 200), Ordering::Relaxed);
        }
    });
    assert_eq!(first.map(AtomicU64::into_inner), [1, 1, 1]);
}

#[test]
fn a_scenario_that_is_activated_again_remembers_nothing_and_another_does() {
    let story = |name: &str| {
        format!(
            "scenario: {name}\nstate: open\non:\n  get_org:\n    - rate: {{ limit: 2, per: 1h }}\n    - when: {{ header: {{ x-for: {name} }} }}\n      \
             state: open\n      reply: {{ go: done }}\n      save: {{ {name}: '{{{{ session }}}}' }}\n    \
             - when: {{ header: {{ x-for: {name} }} }}\n      reply: {{ status: 404, template: {{ code: 404, type: not_found_error, \
             detail: '{{{{ saved.first is defined }}}} {{{{ saved.second is defined }}}}' }} }}\n"
        )
    };
    let mock = mock(0, &[&story("first"), &story("second")]);
    let state = State::new(&mock);
    let session: Arc<str> = "s".into();
    let activate = |names: &[&str]| state.activate(&mock, &session, Some(names), at(0)).unwrap();
    let ask = |name: &str| {
        let reply = mock.answer(&state, get("s", &[("x-for", name)]), at(0));
        let body: serde_json::Value = serde_json::from_slice(&reply.answer.body.bytes()).unwrap();
        let said = if status(&reply) == 404 { body["detail"].as_str().unwrap().to_owned() } else { String::new() };
        (status(&reply), said, reply.decision.limits.iter().map(|limit| limit.remaining).collect::<Vec<_>>())
    };
    activate(&["first"]);
    assert_eq!(ask("first"), (200, String::new(), vec![1]));
    activate(&["second"]);
    assert_eq!(ask("second"), (200, String::new(), vec![1]));
    assert_eq!(ask("second"), (404, "true true".to_owned(), vec![0]));
    assert_eq!(ask("second").0, 429);
    activate(&["second"]);
    assert_eq!(ask("second"), (200, String::new(), vec![1]), "its rate and its state are as at first");
    assert_eq!(ask("second"), (404, "true true".to_owned(), vec![0]));
    activate(&["second", "first"]);
    // All that both kept is gone: what the first one keeps is kept after the templates of this call.
    assert_eq!(ask("first"), (200, String::new(), vec![1, 1]));
    assert_eq!(ask("first"), (404, "true false".to_owned(), vec![0, 0]));
    assert!(state.reset("s", at(0)));
    assert_eq!(ask("second"), (200, String::new(), vec![1, 1]));
}

#[test]
fn rates_and_stretches_of_time_go_by_the_clock_of_the_session() {
    let story =
        "scenario: s\non:\n  get_org:\n    - rate: { limit: 1, per: 10s }\n    - between: 30s..45s\n      reply: 502\n";
    let mock = mock(0, &[story]);
    let state = State::new(&mock);
    let session: Arc<str> = "s".into();
    let ask = |second: u64| {
        let reply = mock.answer(&state, get("s", &[]), at(second * SECOND));
        let wait = reply.answer.headers.get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
        (status(&reply), wait)
    };
    let wait = |seconds: &str| Some(seconds.to_owned());
    assert_eq!(ask(100), (200, None));
    state.set_clock(&session, at(101 * SECOND), |clock| clock.freeze(at(101 * SECOND))).unwrap();
    assert_eq!((ask(105), ask(200)), ((429, wait("9")), (429, wait("9"))));
    state.set_clock(&session, at(200 * SECOND), |clock| clock.advance(std::time::Duration::from_secs(9))).unwrap();
    assert_eq!((ask(201), ask(202)), ((200, None), (429, wait("10"))));
    state.set_clock(&session, at(202 * SECOND), |clock| clock.advance(std::time::Duration::from_secs(20))).unwrap();
    assert_eq!(ask(203), (502, None), "thirty seconds after its first call");
    assert_eq!(
        status(&mock.answer(&state, get("t", &[]), at(203 * SECOND))),
        200,
        "another session has a clock of its own"
    );
}
