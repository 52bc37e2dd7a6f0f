//! The client against real sockets on loopback: servers that follow a script, written in bytes.

mod plain;
mod proxied;
mod secure;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Client, Options, Origin};
use crate::message::{Body, Request, Target};

/// What a server does when a request has come.
#[derive(Clone)]
enum Step {
    /// Writes these bytes and waits for the next request.
    Write(Vec<u8>),
    /// Writes these bytes and closes.
    Last(Vec<u8>),
    /// Writes these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Writes these bytes and then nothing more, with the connection open.
    Hang(Vec<u8>),
}

fn write(text: &str) -> Step {
    Step::Write(text.into())
}

fn last(text: &str) -> Step {
    Step::Last(text.into())
}

/// What a server has seen, and what it will do next, over all its connections.
#[derive(Default)]
struct Script {
    steps: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<String>>,
    connections: Mutex<usize>,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Script> {
        let script = Script::default();
        script.steps.lock().unwrap().extend(steps);
        Arc::new(script)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Follows the script on one connection; the steps left are for the next. Returns whether to reset it.
    async fn follow(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
        *self.connections.lock().unwrap() += 1;
        while let Some(request) = read_request(stream).await {
            self.requests.lock().unwrap().push(request);
            let step = self.steps.lock().unwrap().pop_front().expect("a request the script does not know");
            let (Step::Write(bytes) | Step::Last(bytes) | Step::Reset(bytes) | Step::Hang(bytes)) = &step;
            stream.write_all(bytes).await.unwrap();
            stream.flush().await.unwrap();
            match step {
                Step::Write(_) => {}
                Step::Last(_) => {
                    let _ = stream.shutdown().await;
                    return false;
                }
                Step::Reset(_) => return true,
                Step::Hang(_) => std::future::pending::<()>().await,
            }
        }
        false
    }
}

/// A request's head and content; `None` when the client closed the connection before.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut content = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut content).await.ok()?;
    bytes.extend(content);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

async fn listen() -> (TcpListener, Origin) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    (listener, origin)
}

/// A server in the clear.
async fn serve(steps: impl IntoIterator<Item = Step>) -> (Origin, Arc<Script>) {
    let (listener, origin) = listen().await;
    let script = Script::new(steps);
    tokio::spawn(accept(listener, script.clone()));
    (origin, script)
}

async fn accept(listener: TcpListener, script: Arc<Script>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let script = script.clone();
        tokio::spawn(async move {
            if script.follow(&mut stream).await {
                reset(stream).await;
            }
        });
    }
}

/// Closes with a reset, after what was written has had time to be read.
async fn reset(stream: TcpStream) {
    tokio::time::sleep(Duration::from_millis(200)).await;
    stream.set_zero_linger().unwrap();
}

fn client() -> Client {
    Client::new(Options::default()).unwrap()
}

fn get(target: &str) -> Request {
    request(Method::GET, target, "")
}

fn request(method: Method, target: &str, body: &str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("x-mine", HeaderValue::from_static("1"));
    Request { method, target: Target::parse(target).unwrap(), headers, body: Body::from(body.to_owned()) }
}
