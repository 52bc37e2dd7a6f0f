//! What a validated invitation costs, beside a bare hyper server in the same run.
//!
//! `cargo bench --bench serve` starts two servers as processes of their own, `standin mock` with its default options and a
//! hyper server that reads the body and answers fixed JSON, and sends both the same invitations over keep-alive connections, in
//! alternating rounds. Cost is processor time of the server's process, user and system together. It also measures how soon
//! after its start a process has answered, and what it holds in memory when idle.
//!
//! Linux only: processor time is read from `/proc`. Nothing here is a test; the figures depend on the machine, the ratio less.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a benchmark prints, reads clocks and stops at what it did not expect"
)]

mod process;

use std::cell::Cell;
use std::convert::Infallible;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use process::Server;

const ROUNDS: usize = 7;
const CONNECTIONS: usize = 16;
const WARM_UP: usize = 2_000;
/// A second or two for each server: what else the machine does is spread over both.
const REQUESTS: usize = 150_000;
const STARTS: usize = 20;

const BODY: &str = r#"{"email":"ada@example.com","role":"contributor"}"#;

/// About what the mock answers to an invitation.
const FIXED: &str = r#"{"created_at":"2026-11-22T09:41:22Z","email":"ada@example.com","expires_at":"2026-11-29T09:41:22Z","id":"7d4c3c6f-8a44-4c2a-9f55-0f3a9a0a7f11","invited_by":"0b7f3f0e-55b1-4f0a-8f0d-6c2f6c1f9a20","org_id":"c1f5b2d8-2f52-4a5c-a8d1-3b8e5f7d9e02","org_name":"Acme","role":"contributor"}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "bare") {
        return bare();
    }
    let rounds = option(&arguments, "--rounds").unwrap_or(ROUNDS);
    let requests = option(&arguments, "--requests").unwrap_or(REQUESTS);

    println!(
        "{rounds} rounds of {requests} invitations over {CONNECTIONS} connections, each server in turn; processor time of the server, user + system"
    );
    let hyper = Server::start("bare hyper", bare_command());
    let standin = Server::start("standin mock", mock_command());
    load(&hyper, WARM_UP);
    load(&standin, WARM_UP);
    let mut ratios = Vec::new();
    println!("\n  round   bare hyper   standin mock   ratio");
    for round in 1..=rounds {
        let (a, b) = (load(&hyper, requests), load(&standin, requests));
        let each = |spent: Duration| spent.as_secs_f64() * 1e6 / requests as f64;
        ratios.push(each(b) / each(a));
        println!("  {round:>5}   {:>7.2} µs   {:>9.2} µs   {:>5.2}", each(a), each(b), each(b) / each(a));
    }
    println!(
        "\nprocessor time per validated invitation, median of {rounds}: {:.2} × bare hyper's (aim: at most 2)",
        median(&mut ratios)
    );
    println!("memory after that: {:.1} MB resident", standin.resident());
    drop((hyper, standin));

    let mut starts: Vec<f64> = (0..STARTS).map(|_| first_answer().as_secs_f64() * 1e3).collect();
    println!("first answer after process start, median of {STARTS}: {:.1} ms (aim: at most 30)", median(&mut starts));
    let idle = Server::start("standin mock", mock_command());
    load(&idle, 1);
    std::thread::sleep(Duration::from_millis(500));
    println!("idle: {:.1} MB resident (aim: under 15)", idle.resident());
}

fn option(arguments: &[String], name: &str) -> Option<usize> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1)?.parse().ok()
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn mock_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    command.args(["mock", "-p", "0"]);
    command
}

fn bare_command() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("bare");
    command
}

/// Sends that many invitations; what that cost the server.
fn load(server: &Server, requests: usize) -> Duration {
    let before = server.spent();
    client(server.port, CONNECTIONS, requests);
    // Less where a thread has ended, such as the one that compiles in the background.
    server.spent().saturating_sub(before)
}

/// From the start of the process to the last byte of its first answer.
fn first_answer() -> Duration {
    let began = Instant::now();
    let server = Server::start("standin mock", mock_command());
    client(server.port, 1, 1);
    began.elapsed()
}

/// Sends requests over several connections from one thread. Each connection is a client of its own: it sends its next request
/// when it has its answer, whatever the others do.
fn client(port: u16, connections: usize, requests: usize) {
    let request = format!(
        "POST /api/v1/org/acme/invitations HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: Bearer x\r\naccept: */*\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let request: Rc<str> = request.into();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    // Tasks of their own: an answer wakes the client that it is for, and no other.
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let left = Rc::new(Cell::new(requests));
        let started = |_| tokio::task::spawn_local(one_client(port, request.clone(), left.clone()));
        for client in (0..connections).map(started).collect::<Vec<_>>() {
            client.await.unwrap();
        }
    });
}

async fn one_client(port: u16, request: Rc<str>, left: Rc<Cell<usize>>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 16 * 1024];
    while left.get() > 0 {
        left.set(left.get() - 1);
        stream.write_all(request.as_bytes()).await.unwrap();
        answer(&mut stream, &mut buffer).await;
    }
}

/// Reads one answer with a `Content-Length`, and stops the benchmark if it is no 200. The client shares the processors with the server:
/// it looks at no more than it must.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    const LENGTH: &[u8] = b"\r\ncontent-length: ";
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server closed the connection");
        filled += read;
        let Some(end) = memmem::find(&buffer[..filled], b"\r\n\r\n") else { continue };
        let head = &buffer[..end + 2];
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(head));
        let length = &head[memmem::find(head, LENGTH).unwrap() + LENGTH.len()..];
        let digits = length.iter().take_while(|byte| byte.is_ascii_digit());
        let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
        if filled >= end + 4 + length {
            return;
        }
    }
}

/// The yardstick: hyper as it comes, which reads the body and answers fixed JSON.
fn bare() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://localhost:{}", listener.local_addr().unwrap().port());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| async move {
                    drop(request.into_body().collect().await);
                    let mut response = hyper::Response::new(Full::new(Bytes::from_static(FIXED.as_bytes())));
                    response
                        .headers_mut()
                        .insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
                    Ok::<_, Infallible>(response)
                });
                drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
            });
        }
    });
}
