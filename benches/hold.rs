//! What holds under load, and what it holds in memory: 64 clients with 10,000 calls each over 10,000 sessions, every counter and every limit
//! looked at; a million requests of all kinds, with the memory of the process after each hundred thousand; ten thousand versions of what is
//! served, one after the other under load, and how soon an edit of a file is served.
//!
//! `cargo bench --bench hold` starts `standin mock` as a process of its own, with default options but for the log and the number of
//! sessions, and a scenario that counts and limits. It ends with 1 where a count is wrong, memory grew by more than docs/limits.md says, a
//! request failed, or an answer was of two versions. `-- exact`, `-- memory` and `-- reload [FILE …]` run one part; the last takes documents to
//! edit copies of. Linux only: memory is read from `/proc`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a benchmark prints, reads clocks and stops at what it did not expect"
)]

mod exact;
mod process;
mod swaps;

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;

use process::Server;

const REQUESTS: usize = 1_000_000;
const WARM: usize = 100_000;
/// What docs/limits.md says that a process may hold more than when it was warm, in megabytes.
const BOUND: f64 = 32.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    const PARTS: [&str; 3] = ["exact", "memory", "reload"];
    let (parts, files): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|argument| PARTS.contains(&&**argument));
    let asked = |name: &str| parts.is_empty() || parts.iter().any(|part| part == name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let mut holds = true;
    if asked("exact") {
        holds &= local.block_on(&runtime, exact::exact());
    }
    if asked("memory") {
        holds &= local.block_on(&runtime, memory());
    }
    if asked("reload") {
        holds &= local.block_on(&runtime, swaps::swaps());
        local.block_on(&runtime, swaps::edits(&files));
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
        // Now and then a large one: the journal is full by number, and by weight.
        let broken = format!(
            r#"{{"email":"ada{number}","role":7,"note":"{}"}}"#,
            "x".repeat(if number % 1_000 == 6 { 300_000 } else { 0 })
        );
        let (method, path, body) = match number % 8 {
            0..=3 => ("POST", format!("/api/v1/org/org{}/invitations", number % 1_000), invitation.as_str()),
            4 => ("GET", "/api/v1/invitations/me".to_owned(), ""),
            5 => ("GET", format!("/api/v1/org/acme/members?page={number}"), ""),
            6 => ("POST", "/api/v1/org/acme/invitations".to_owned(), broken.as_str()),
            _ => ("GET", format!("/nowhere/{number}"), ""),
        };
        *answers.entry(ask(&mut sender, method, &path, session.as_deref(), "", body).await).or_default() += 1;
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

/// Sends a request; the status of the answer. `key` is the value of a field, where there is one.
async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    method: &str,
    path: &str,
    session: Option<&str>,
    key: &str,
    body: &str,
) -> u16 {
    let mut request = request(method, path, session, body);
    if !key.is_empty() {
        request.headers_mut().insert("x-key", key.parse().unwrap());
    }
    sender.ready().await.unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    drop(response.into_body().collect().await.unwrap());
    status
}

/// What a page of the admin API says, which must not refuse.
async fn value(sender: &mut SendRequest<Full<Bytes>>, method: &str, path: &str, body: &str) -> serde_json::Value {
    sender.ready().await.unwrap();
    let response = sender.send_request(request(method, path, None, body)).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
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
