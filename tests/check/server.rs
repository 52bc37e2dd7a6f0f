//! A server that answers as a test wants it, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use standin::message::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Target};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a server was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// As it was on the wire: to a proxy, a whole URL.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Method and target.
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// What it does.
pub(super) enum Does {
    Answer(Response),
    /// Sends the content, too, where only a head was asked for, and a moment after it.
    HeadWithContent(Response),
    /// Ends the connection without an answer.
    Close,
    /// Sends the answer's head and half of its content, then ends the connection.
    BreakOff(Response),
}

type Answers = Arc<dyn Fn(&Asked) -> Does + Send + Sync>;

pub(super) struct Server {
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<Mutex<u32>>,
}

impl Server {
    pub(super) async fn start(answers: impl Fn(&Asked) -> Does + Send + Sync + 'static) -> Server {
        Server::with(None, answers).await
    }

    pub(super) async fn with(
        tls: Option<TlsAcceptor>,
        answers: impl Fn(&Asked) -> Does + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server { port, asked: Arc::default(), connections: Arc::default() };
        let (asked, connections, answers): (_, _, Answers) =
            (server.asked.clone(), server.connections.clone(), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                tokio::spawn(connection(stream, tls.clone(), asked.clone(), answers.clone()));
            }
        });
        server
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }

    pub(super) fn connections(&self) -> u32 {
        *self.connections.lock().unwrap()
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, asked: Arc<Mutex<Vec<Asked>>>, answers: Answers) {
    match tls {
        None => serve(stream, asked, answers).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                serve(stream, asked, answers).await;
            }
        }
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, asked: Arc<Mutex<Vec<Asked>>>, answers: Answers) {
    while let Some(request) = read(&mut stream).await {
        asked.lock().unwrap().push(request.clone());
        let mut late: Option<Vec<u8>> = None;
        let (response, share, last) = match answers(&request) {
            Does::Answer(response) => (response, 1, false),
            Does::HeadWithContent(response) => {
                late = Some(response.body.bytes().to_vec());
                (response, 1, false)
            }
            Does::BreakOff(response) => (response, 2, true),
            Does::Close => return,
        };
        let body = response.body.bytes();
        let mut head = format!("HTTP/1.1 {}\r\n", response.status.as_u16());
        for (name, value) in &response.headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        if response.status != StatusCode::NO_CONTENT {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        let content = if request.method == Method::HEAD { &[] } else { &body[..body.len() / share] };
        if stream.write_all(&[head.as_bytes(), b"\r\n", content].concat()).await.is_err() || last {
            return;
        }
        if let Some(late) = late {
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
            let _ = stream.write_all(&late).await;
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.parse().ok()?, words.next()?.to_owned());
    let mut headers = HeaderMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let length = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { method, target, headers, body: String::from_utf8(body).unwrap() })
}

pub(super) fn response(status: u16, fields: &[(&'static str, &str)], body: &str) -> Response {
    let mut response = Response::empty(StatusCode::from_u16(status).unwrap());
    for (name, value) in fields {
        response.headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    response.body = body.to_owned().into();
    response
}

pub(super) fn json(status: u16, body: &str) -> Response {
    response(status, &[("content-type", "application/json")], body)
}

pub(super) const MEMBER: &str = r#"{"id":"m1","role":"owner","joined_at":"2026-01-02T03:04:05Z"}"#;

/// The members of `fixtures/check/openapi.yaml` as it documents them, below a base path.
pub(super) fn members(base: &str, asked: &Asked) -> Response {
    let target = Target::parse(&asked.target).unwrap();
    let none = || json(404, r#"{"code":404,"detail":"none"}"#);
    let Some(path) = target.path().strip_prefix(base) else {
        return response(404, &[("content-type", "text/html")], "<h1>Not Found</h1>");
    };
    match (asked.method.as_str(), path) {
        ("GET", "/orgs/acme/members") if asked.header("authorization").is_none() => {
            json(401, r#"{"code":401,"detail":"who?"}"#)
        }
        ("GET", "/orgs/acme/members") => {
            response(200, &[("content-type", "application/json"), ("x-total", "1")], &format!("[{MEMBER}]"))
        }
        ("POST", "/orgs/acme/members") => json(201, MEMBER),
        ("GET" | "HEAD", "/orgs/acme/members/m1") => json(200, MEMBER),
        ("DELETE", "/orgs/acme/members/m1") => Response::empty(StatusCode::NO_CONTENT),
        _ => none(),
    }
}
