//! What a document costs: processor time and memory at the first answer, when all of it is compiled, when each operation has been
//! called, when each documented answer has been asked for.
//!
//! `cargo bench --bench weight -- FILE …` starts `standin mock FILE` as a process of its own, with default options but for the
//! log, and sends it requests that are made from the document: valid ones where that is possible. Without a file it takes the
//! bundled document. Figures are those of the server's process. Linux only.

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
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use standin::contract::{BasePath, Contract, In, Operation, Parameter};
use standin::document::{Documents, Files};
use standin::generate::{Context, NoEcho, Plan, Seed};
use standin::message::{StatusRange, percent_encode_query, percent_encode_segment};
use standin::mock::ValidCall;

use process::Server;

const STARTS: usize = 20;
/// How long a process must have spent no processor time to count as done with its own work.
const STILL: Duration = Duration::from_millis(300);

fn main() {
    // Cargo adds flags of its own.
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/invitation/openapi.yaml");
    let files = if files.is_empty() { vec![bundled] } else { files.iter().map(PathBuf::from).collect() };
    for file in files {
        let file = fs::canonicalize(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        runtime.block_on(weigh(&file));
    }
}

/// A request that the document allows, as far as one can be made.
struct Ask {
    method: String,
    path: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    /// Every status that is documented for it.
    statuses: Vec<u16>,
}

async fn weigh(file: &Path) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let loaded = Documents::load(name, &Files::beside(file));
    let (contract, _) = Contract::load(Arc::new(loaded.documents.expect("a tree")), &BasePath::Document);
    let contract = Arc::new(contract.expect("an OpenAPI document"));
    let asks: Vec<Ask> = (0..contract.heads().len()).map(|index| ask(&contract, index)).collect();
    let size = fs::metadata(file).unwrap().len() as f64 / 1e6;
    println!("{name}: {size:.1} MB, {} operations", asks.len());
    // What is asked first is a plain call, if there is one.
    let first =
        asks.iter().find(|ask| ask.method == "GET" && ask.body.is_empty()).or(asks.first()).expect("an operation");

    println!("  {:<34} {:>9} {:>9} {:>11} {:>11}", "", "elapsed", "processor", "resident", "at most");
    let began = Instant::now();
    let server = start(file);
    told("listening", &server, began);
    let mut client = Client::new(server.port).await;
    client.ask(first, None).await;
    told("first answer", &server, began);
    still(&server);
    told("all compiled", &server, began);
    client = Client::new(server.port).await;
    for ask in &asks {
        client.ask(ask, None).await;
    }
    told("each operation called once", &server, began);
    println!("    {}", client.summary());
    client = Client::new(server.port).await;
    for ask in &asks {
        for status in &ask.statuses {
            client.ask(ask, Some(*status)).await;
        }
    }
    told("each documented answer asked for", &server, began);
    println!("    {}", client.summary());
    drop(server);

    let (mut elapsed, mut spent) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let began = Instant::now();
        let server = start(file);
        Client::new(server.port).await.ask(first, None).await;
        elapsed.push(began.elapsed().as_secs_f64() * 1e3);
        spent.push(server.spent().as_secs_f64() * 1e3);
    }
    let median = |figures: &mut Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let (elapsed, spent) = (median(&mut elapsed), median(&mut spent));
    println!(
        "  first answer, median of {STARTS} starts: {elapsed:.1} ms after the process started, {spent:.1} ms of processor time\n"
    );
}

fn start(file: &Path) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    // Elsewhere: where it starts it looks for scenarios.
    command.current_dir(std::env::temp_dir()).arg("mock").arg(file).args(["-p", "0", "--log", "off"]);
    Server::start("standin mock", command)
}

fn told(what: &str, server: &Server, began: Instant) {
    let (elapsed, spent) = (began.elapsed().as_secs_f64(), server.spent_in_all().as_secs_f64());
    let (resident, peak) = (server.resident(), server.peak());
    println!("  {what:<34} {elapsed:>7.2} s {spent:>7.2} s {resident:>8.1} MB {peak:>8.1} MB");
}

/// Waits until it does nothing any more. What it has to do a thread does that ends; on a machine with much to do it may not be given
/// time for a while.
fn still(server: &Server) {
    let (mut spent, mut since) = (server.spent_in_all(), Instant::now());
    while since.elapsed() < STILL {
        std::thread::sleep(Duration::from_millis(20));
        let now = server.spent_in_all();
        if now > spent || server.has_thread("compile") {
            (spent, since) = (now, Instant::now());
        }
    }
}

/// One connection after another, and what was answered.
struct Client {
    port: u16,
    sender: SendRequest<Full<Bytes>>,
    answers: BTreeMap<u16, usize>,
    slowest: (Duration, String),
}

impl Client {
    async fn new(port: u16) -> Client {
        Client { port, sender: connect(port).await, answers: BTreeMap::new(), slowest: Default::default() }
    }

    async fn ask(&mut self, ask: &Ask, code: Option<u16>) {
        let mut request =
            hyper::Request::builder().method(ask.method.as_str()).uri(&ask.path).header("host", "localhost");
        for (name, value) in &ask.fields {
            request = request.header(name, value);
        }
        if let Some(code) = code {
            request = request.header("prefer", format!("code={code}"));
        }
        // A template may be such that no request can be made of it.
        let Ok(request) = request.body(Full::new(Bytes::from(ask.body.clone()))) else { return };
        let began = Instant::now();
        if self.sender.ready().await.is_err() {
            self.sender = connect(self.port).await;
        }
        // What is delayed, cut off or endless by design is not waited for.
        let Ok(response) = self.sender.send_request(request).await else { return };
        let status = response.status().as_u16();
        drop(response.into_body().collect().await);
        *self.answers.entry(status).or_default() += 1;
        self.slowest = std::mem::take(&mut self.slowest).max((began.elapsed(), format!("{} {}", ask.method, ask.path)));
    }

    fn summary(&self) -> String {
        let count: usize = self.answers.values().sum();
        let class =
            |class: u16| -> usize { self.answers.range(class * 100..class * 100 + 100).map(|(_, count)| count).sum() };
        let classes: Vec<String> = (1..=5)
            .map(|one| (one, class(one)))
            .filter(|(_, count)| *count > 0)
            .map(|(one, count)| format!("{count} × {one}xx"))
            .collect();
        let (slowest, path) = &self.slowest;
        format!(
            "{count} answers: {}; the slowest took {:.1} ms: {path}",
            classes.join(", "),
            slowest.as_secs_f64() * 1e3
        )
    }
}

async fn connect(port: u16) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    drop(tokio::spawn(connection));
    sender
}

/// A valid request for an operation; where none can be made, the nearest.
fn ask(contract: &Arc<Contract>, index: usize) -> Ask {
    let operation = contract.operation(index);
    let statuses = operation.responses.iter().filter_map(|response| match response.range {
        StatusRange::Exact(status) => Some(status),
        _ => None,
    });
    let statuses = statuses.collect();
    let method = operation.method.to_string();
    if let Some(call) = ValidCall::new(contract, index, jiff::Timestamp::UNIX_EPOCH) {
        let body = call.body.map(String::into_bytes).unwrap_or_default();
        return Ask { method, path: call.path, fields: call.fields, body, statuses };
    }
    let (path, mut fields) = target(operation, contract.base_path(index));
    let mut body = Vec::new();
    let contents = operation.request.iter().flat_map(|request| &request.content);
    if let Some(content) = contents.min_by_key(|content| !content.media.contains("json")) {
        fields.push(("content-type".to_owned(), content.content_type.to_str().unwrap_or_default().to_owned()));
        body = match &content.schema {
            Some(schema) => content.write(None, &Plan::new(schema, None).value(&context(&operation.key))),
            None => content.least(None),
        };
    }
    Ask { method, path, fields, body, statuses }
}

fn context(name: &str) -> Context<'static> {
    Context { seed: Seed(0).narrow(name), now: jiff::Timestamp::UNIX_EPOCH, echo: &NoEcho, size: None, page: None }
}

/// The target of an operation with all that it requires, and the fields that it requires.
fn target(operation: &Operation, base: &str) -> (String, Vec<(String, String)>) {
    let mut path = format!("{base}{}", operation.template);
    let mut fields = vec![("authorization".to_owned(), "Bearer x".to_owned())];
    let mut query = Vec::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        let Parameter { name, place, .. } = parameter;
        let value = parameter.schema().map(|schema| Plan::new(schema, Some(name)).value(&context(name)));
        let written = value.map_or_else(|| "x".to_owned(), |value| parameter.written(&value));
        match place {
            In::Path => path = path.replace(&format!("{{{name}}}"), &percent_encode_segment(&written)),
            In::Query => query.push(format!("{name}={}", percent_encode_query(&written))),
            In::Header => fields.push((name.to_string(), written)),
            In::Cookie => fields.push(("cookie".to_owned(), format!("{name}={written}"))),
            In::QueryString => query.push(written),
        }
    }
    if !query.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&query.join("&"));
    }
    (path, fields)
}
