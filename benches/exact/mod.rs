//! Every counter and every limit, with 64 clients at once in each of 10,000 sessions.
//!
//! Each session gets one call of each client at the same time. Which client is the third one is left to chance; how many are, is not:
//! what each session has to answer is said beforehand, for every kind of limit. Then the clocks of some sessions are moved, and what
//! has flowed in by then is said as well.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::Barrier;

use super::{ask, connect, start, value};

const CLIENTS: usize = 64;
const ROUNDS: usize = 10_000;
/// Of so many sessions the counters are read, and of half of them the clocks are moved.
const SAMPLED: usize = 200;

/// Nothing comes back while this runs, and half of it with half a day.
const SCENARIO: &str = "scenario: held
on:
  invite_to_organization:
    - rate: { limit: 15, per: 24h }
    - calls: { 3: 409 }
  get_org:
    - rate: { limit: 9, per: 24h, kind: window }
  list_members:
    - rate: { limit: 3, per: 24h, by: header.x-key }
  list_organization_invitations:
    - rate: { limit: 4, per: 24h, kind: window, by: path.org }
";

/// What a client asks for.
struct Part {
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    key: &'static str,
    body: &'static str,
    clients: usize,
    /// What all of them together are answered: 200, 409 and 429; at first, half a day later, a day later.
    expected: [[usize; 3]; 3],
}

const INVITATION: &str = r#"{"email":"ada@example.com","role":"reader"}"#;

const fn part(operation: &'static str, path: &'static str, key: &'static str, clients: usize) -> Part {
    Part { operation, method: "GET", path, key, body: "", clients, expected: [[0; 3]; 3] }
}

const PARTS: [Part; 7] = [
    // Fifteen, of which one is the third; half of fifteen, rounded down; the other half of the one that was split, and seven and a half.
    Part {
        method: "POST",
        body: INVITATION,
        expected: [[14, 1, 9], [7, 0, 17], [8, 0, 16]],
        ..part("invite_to_organization", "/api/v1/org/acme/invitations", "", 24)
    },
    // A window is as it was until it is over.
    Part { expected: [[9, 0, 7], [0, 0, 16], [9, 0, 7]], ..part("get_org", "/api/v1/org/acme", "", 16) },
    Part { expected: [[3, 0, 1], [1, 0, 3], [2, 0, 2]], ..part("list_members", "/api/v1/org/acme/members", "a", 4) },
    Part { expected: [[3, 0, 1], [1, 0, 3], [2, 0, 2]], ..part("list_members", "/api/v1/org/acme/members", "b", 4) },
    Part { expected: [[3, 0, 1], [1, 0, 3], [2, 0, 2]], ..part("list_members", "/api/v1/org/acme/members", "", 4) },
    Part {
        expected: [[4, 0, 2], [0, 0, 6], [4, 0, 2]],
        ..part("list_organization_invitations", "/api/v1/org/acme/invitations", "", 6)
    },
    Part {
        expected: [[4, 0, 2], [0, 0, 6], [4, 0, 2]],
        ..part("list_organization_invitations", "/api/v1/org/other/invitations", "", 6)
    },
];

/// The statuses that sessions answered, by the part that asked.
type Answers = BTreeMap<(usize, usize), BTreeMap<u16, usize>>;

/// Has every client call once in every one of these sessions, all of them at the same time in each.
async fn call(port: u16, sessions: usize) -> Answers {
    let together = Rc::new(Barrier::new(CLIENTS));
    let clients: Vec<_> = PARTS
        .iter()
        .enumerate()
        .flat_map(|(index, part)| (0..part.clients).map(move |_| (index, part)))
        .map(|(index, part)| {
            let together = together.clone();
            tokio::task::spawn_local(async move {
                let mut sender = connect(port).await;
                let mut statuses = Vec::with_capacity(sessions);
                for session in 0..sessions {
                    together.wait().await;
                    let name = format!("s{session}");
                    statuses.push(ask(&mut sender, part.method, part.path, Some(&name), part.key, part.body).await);
                }
                (index, statuses)
            })
        })
        .collect();
    assert_eq!(clients.len(), CLIENTS);
    let mut answers = Answers::new();
    for client in clients {
        let (index, statuses) = client.await.unwrap();
        for (session, status) in statuses.into_iter().enumerate() {
            *answers.entry((session, index)).or_default().entry(status).or_default() += 1;
        }
    }
    answers
}

/// How many sessions did not answer as they have to; names the first of them.
fn wrong(answers: &Answers, turn: usize) -> usize {
    let mut wrong = 0;
    for ((session, index), statuses) in answers {
        let part = &PARTS[*index];
        let expected = [200, 409, 429].into_iter().zip(part.expected[turn]).filter(|(_, count)| *count > 0);
        let expected: BTreeMap<u16, usize> = expected.collect();
        if *statuses != expected {
            if wrong == 0 {
                println!("  s{session}: {} with key `{}`: {statuses:?}, not {expected:?}", part.operation, part.key);
            }
            wrong += 1;
        }
    }
    wrong
}

pub(crate) async fn exact() -> bool {
    let server = start(SCENARIO, &["--sessions", "10001"]);
    let began = Instant::now();
    let answers = call(server.port, ROUNDS).await;
    let mut wrongs = wrong(&answers, 0);
    println!(
        "{} calls by {CLIENTS} clients at once in {ROUNDS} sessions, {:.1} s, {:.1} MB resident: {} limits and one counter in each, {wrongs} wrong",
        CLIENTS * ROUNDS,
        began.elapsed().as_secs_f64(),
        server.resident(),
        PARTS.len()
    );

    // What the mock counted: of each session all calls, of some each operation and each rule.
    let mut sender = connect(server.port).await;
    let sessions = value(&mut sender, "GET", "/_standin/sessions", "").await;
    let counted = |session: &&serde_json::Value| session["calls"] == CLIENTS as u64;
    let counted = sessions["sessions"].as_array().unwrap().iter().filter(counted).count();
    let mut operations: BTreeMap<&str, usize> = BTreeMap::new();
    PARTS.iter().for_each(|part| *operations.entry(part.operation).or_default() += part.clients);
    let mut sampled = 0;
    for session in (0..ROUNDS).step_by(ROUNDS / SAMPLED) {
        let counters = value(&mut sender, "GET", &format!("/_standin/sessions/s{session}/counters"), "").await;
        let calls = operations.iter().all(|(operation, calls)| counters["calls"][operation] == *calls as u64);
        let rules = counters["rules"].as_array().unwrap();
        let decided = rules.len() == 1 && rules[0]["rule"] == "invite_to_organization#2" && rules[0]["calls"] == 15;
        sampled += usize::from(calls && decided);
    }
    println!(
        "  the mock counted {CLIENTS} calls in {counted} sessions, and each operation and rule right in {sampled} of {SAMPLED}"
    );

    // Half a day later, and another half: what has flowed in is allowed, to the call.
    for turn in [1, 2] {
        for session in 0..SAMPLED / 2 {
            value(&mut sender, "PUT", &format!("/_standin/sessions/s{session}/clock"), r#"{"advance":"12h"}"#).await;
        }
        let wrong = wrong(&call(server.port, SAMPLED / 2).await, turn);
        println!("  {} hours later, in {} sessions: {wrong} wrong", turn * 12, SAMPLED / 2);
        wrongs += wrong;
    }
    let holds = wrongs == 0 && counted == ROUNDS && sampled == SAMPLED;
    println!("  {}", if holds { "holds" } else { "does not hold" });
    holds
}
