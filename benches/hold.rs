//! What holds under load, and what it holds in memory: 64 clients with 10,000 calls each over 10,000 sessions, every counter and every limit
//! looked at; then a million requests of all kinds, with the memory of the process after each hundred thousand.
//!
//! `cargo bench --bench hold` starts `standin mock` as a process of its own, with default options but for the log and the number of
//! sessions, and a scenario that counts and limits. It ends with 1 where a count is wrong, or memory grew by more than docs/limits.md says.
//! `-- exact` and `-- memory` run one half. Linux only: memory is read from `/proc`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a benchmark prints, reads clocks and stops at what it did not expect"
)]

mod process;

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::sync::Barrier;

use process::Server;

const CLIENTS: usize = 64;
const ROUNDS: usize = 10_000;
/// What a session may do in a day; no token comes back while this runs.
const ALLOWED: usize = 40;

const REQUESTS: usize = 1_000_000;
const WARM: usize = 100_000;
/// What docs/limits.md says that a process may hold more than when it was warm, in megabytes.
const BOUND: f64 = 32.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let asked = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let mut holds = true;
    if asked("exact") {
        holds &= local.block_on(&runtime, exact());
    }
    if asked("memory") {
        holds &= local.block_on(&runtime, memory());
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn start(scenario: &str, flags: &[&str]) -> Server {
    let file = std::env::temp_dir().join(format!("standin-hold-{}.yaml", std::process::id()));
    std::fs::write(&file, scenario).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    command.current_dir(std::env::temp_dir()).args(["mock", "-p", "0", "--log", "off", "--scenario"]).arg(&file);
    command.args(flags);
    let server = Server::start("standin mock", command);
    drop(std::fs::remove_file(file));
    server
}

/// Every session gets one call of each client at the same time. Its third allowed call is answered with 409, and of all of them only as many
/// are allowed as the rate says: whatever the order, the numbers are the same in each session.
async fn exact() -> bool {
    let scenario = format!(
        "scenario: held\non:\n  invite_to_organization:\n    - rate: {{ limit: {ALLOWED}, per: 24h }}\n    - calls: {{ 3: 409 }}\n"
    );
    let server = start(&scenario, &["--sessions", "10001"]);
    let together = Rc::new(Barrier::new(CLIENTS));
    let began = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let together = together.clone();
            let port = server.port;
            tokio::task::spawn_local(async move {
                let mut sender = connect(port).await;
                let mut statuses = Vec::with_capacity(ROUNDS);
                for round in 0..ROUNDS {
                    together.wait().await;
                    let session = format!("s{round}");
                    let body = r#"{"email":"ada@example.com","role":"reader"}"#;
                    statuses.push(ask(&mut sender, "POST", "/api/v1/org/acme/invitations", Some(&session), body).await);
                }
                statuses
            })
        })
        .collect();
    let mut sessions: Vec<BTreeMap<u16, usize>> = vec![BTreeMap::new(); ROUNDS];
    for client in clients {
        for (session, status) in sessions.iter_mut().zip(client.await.unwrap()) {
            *session.entry(status).or_default() += 1;
        }
    }
    let expected = BTreeMap::from([(200, ALLOWED - 1), (409, 1), (429, CLIENTS - ALLOWED)]);
    let wrong = sessions.iter().filter(|session| **session != expected).count();
    let mut sender = connect(server.port).await;
    let counted = calls(&mut sender, "s0").await;
    println!(
        "{} calls by {CLIENTS} clients in {ROUNDS} sessions, {:.1} s: each session has to answer {expected:?}; {wrong} sessions did not; the mock counted {counted} calls in `s0`; {:.1} MB resident",
        CLIENTS * ROUNDS,
        began.elapsed().as_secs_f64(),
        server.resident(),
    );
    if let Some((number, session)) = sessions.iter().enumerate().find(|(_, session)| **session != expected) {
        println!("  the first of them is s{number}: {session:?}");
    }
    wrong == 0 && counted == CLIENTS as u64
}

/// How many calls the mock counted in a session.
async fn calls(sender: &mut SendRequest<Full<Bytes>>, session: &str) -> u64 {
    let path = format!("/_standin/sessions/{session}");
    let request = request("GET", &path, None, "");
    sender.ready().await.unwrap();
    let response = sender.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    value["calls"].as_u64().unwrap_or_else(|| panic!("{path}: {value}"))
}

/// All kinds of requests: valid, invalid, for nothing, in twice as many sessions as there may be, with a story that counts, draws and
/// expects something of its clients.
async fn memory() -> bool {
    let scenario = "scenario: held\non:\n  invite_to_organization:\n    - rate: { limit: 1000, per: 1s, by: header.authorization }\n    - chance: 5%\n      reply: 502\n    - calls: { 3: 429 }\nexpect:\n  invite_to_organization: { honours-retry-after: true, at-most: 100000000 }\n";
    let server = start(scenario, &[]);
    let mut sender = connect(server.port).await;
    let mut answers: BTreeMap<u16, usize> = BTreeMap::new();
    let (mut warm, mut most) = (0.0, 0.0_f64);
    let began = Instant::now();
    println!("{REQUESTS} requests of all kinds; resident megabytes after each hundred thousand:");
    for number in 1..=REQUESTS {
        let session = (number % 3 > 0).then(|| format!("m{}", number / 7 % 2_000));
        let invitation = format!(r#"{{"email":"ada{number}@example.com","role":"reader"}}"#);
        let broken = format!(r#"{{"email":"ada{number}","role":7}}"#);
        let (method, path, body) = match number % 8 {
            0..=3 => ("POST", format!("/api/v1/org/org{}/invitations", number % 1_000), invitation.as_str()),
            4 => ("GET", "/api/v1/invitations/me".to_owned(), ""),
            5 => ("GET", format!("/api/v1/org/acme/members?page={number}"), ""),
            6 => ("POST", "/api/v1/org/acme/invitations".to_owned(), broken.as_str()),
            _ => ("GET", format!("/nowhere/{number}"), ""),
        };
        *answers.entry(ask(&mut sender, method, &path, session.as_deref(), body).await).or_default() += 1;
        if number % WARM == 0 {
            let resident = server.resident();
            println!("  {number:>9} {resident:>7.1}");
            if number == WARM {
                warm = resident;
            }
            most = most.max(resident);
        }
    }
    let holds = most <= warm + BOUND;
    println!(
        "  {answers:?} in {:.1} s; warm {warm:.1} MB, at most {most:.1} MB since, {BOUND} MB more are allowed: {}",
        began.elapsed().as_secs_f64(),
        if holds { "holds" } else { "does not hold" }
    );
    holds
}

async fn connect(port: u16) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    drop(tokio::task::spawn_local(connection));
    sender
}

/// Sends a request; the status of the answer.
async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    method: &str,
    path: &str,
    session: Option<&str>,
    body: &str,
) -> u16 {
    let request = request(method, path, session, body);
    sender.ready().await.unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    drop(response.into_body().collect().await.unwrap());
    status
}

fn request(method: &str, path: &str, session: Option<&str>, body: &str) -> hyper::Request<Full<Bytes>> {
    let mut request = hyper::Request::builder().method(method).uri(path).header("host", "localhost");
    request = request.header("authorization", "Bearer x");
    if let Some(session) = session {
        request = request.header("standin-session", session);
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap()
}
