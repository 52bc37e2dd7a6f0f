//! One request on one connection, and its answer.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::clock;
use super::connect::Deadline;
use super::error::{Peer, Phase, SendError};
use super::origin::{Origin, Scheme};
use super::pool::Connection;
use super::proxy::Proxy;
use super::sent::Broken;
use super::socket::{Noted, Received, Stream};
use crate::message::{Body, Request, Response};

/// What came back on a connection.
pub(super) struct Answer {
    pub(super) response: Response,
    /// From handing over the request to the first byte of the answer.
    pub(super) first_byte: Duration,
    pub(super) cut: bool,
    pub(super) broken: Option<Broken>,
}

/// Why nothing did.
pub(super) struct Failure {
    pub(super) error: SendError,
    /// The connection ended before a byte of an answer: a new one may fare better.
    pub(super) unanswered: bool,
    /// Not a byte of the request went out either.
    pub(super) unsent: bool,
}

/// A request in the form it goes out in: fields that belong to the connection are replaced.
pub(super) fn outgoing(
    origin: &Origin,
    proxy: Option<&Proxy>,
    request: &Request,
) -> Result<http::Request<Full<Bytes>>, SendError> {
    let unsendable = |why: &str| SendError::Unsendable { why: why.to_owned() };
    if request.method == Method::CONNECT {
        return Err(unsendable("CONNECT asks for a tunnel, not for an answer"));
    }
    let forwarded = proxy.filter(|_| origin.scheme() == Scheme::Http);
    let target = request.target.as_str();
    let uri = match forwarded {
        Some(_) => Uri::try_from(format!("{origin}{target}")),
        None => Uri::try_from(target),
    };
    let mut outgoing = http::Request::new(Full::new(request.body.bytes()));
    *outgoing.method_mut() = request.method.clone();
    *outgoing.uri_mut() = uri.map_err(|_| unsendable("its target is no URL"))?;
    *outgoing.headers_mut() = fields(origin, request)?;
    if let Some(authorization) = forwarded.and_then(|proxy| proxy.authorization.as_deref()) {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| unsendable("the proxy's credentials"))?;
        value.set_sensitive(true);
        outgoing.headers_mut().insert(header::PROXY_AUTHORIZATION, value);
    }
    Ok(outgoing)
}

/// `Host` first (RFC 9110 §7.2), then the request's own fields, then the length of its content.
fn fields(origin: &Origin, request: &Request) -> Result<HeaderMap, SendError> {
    let host = HeaderValue::from_str(&origin.authority())
        .map_err(|_| SendError::Unsendable { why: "its host is no field value".to_owned() })?;
    let mut fields = HeaderMap::with_capacity(request.headers.len() + 2);
    fields.insert(header::HOST, host);
    for (name, value) in &request.headers {
        if !REPLACED.contains(name) {
            fields.append(name, value.clone());
        }
    }
    let expected = matches!(request.method, Method::POST | Method::PUT | Method::PATCH);
    if expected || !request.body.is_empty() {
        fields.insert(header::CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    Ok(fields)
}

/// Fields of one connection or of its framing: a recorded one would be wrong on this connection.
const REPLACED: [HeaderName; 10] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Whether a field is the client's own to set: what a request says there is not sent.
pub fn sets(name: &HeaderName) -> bool {
    REPLACED.contains(name)
}

/// Starts HTTP/1.1 on an open stream. What drives it runs until the connection is closed.
pub(super) async fn begin(stream: Stream, at: &Peer) -> Result<Connection, SendError> {
    let received = std::sync::Arc::new(Received::default());
    let io = TokioIo::new(Noted { stream, received: received.clone() });
    let (sender, driver) = http1::Builder::new()
        .max_headers(FIELDS)
        .handshake(io)
        .await
        .map_err(|error| SendError::Unreachable { at: at.clone(), why: error.to_string() })?;
    tokio::spawn(async move {
        // Its errors reach whoever waits for an answer; without one, nobody misses them.
        let _ = driver.await;
    });
    Ok(Connection { sender, received })
}

/// Fields of an answer that are accepted.
const FIELDS: usize = 256;

/// Sends a request and reads its answer. Gives the connection back when it can carry another.
pub(super) async fn exchange(
    mut connection: Connection,
    request: http::Request<Full<Bytes>>,
    at: &Peer,
    deadline: Deadline,
    body_limit: usize,
) -> Result<(Answer, Option<Connection>), Failure> {
    let fatal = |error| Failure { error, unanswered: false, unsent: false };
    let received = connection.received.clone();
    let head_only = *request.method() == Method::HEAD;
    received.restart();
    let started = clock::now();
    let head = match deadline.hold(connection.sender.try_send_request(request)).await {
        Some(Ok(head)) => head,
        Some(Err(mut failed)) => {
            let unsent = failed.take_message().is_some();
            let error = head_error(failed.error(), &received, at);
            return Err(Failure { error, unanswered: received.first().is_none(), unsent });
        }
        None => {
            return Err(fatal(SendError::Timeout { at: at.clone(), during: Phase::Answer, limit: deadline.limit }));
        }
    };
    let first_byte = received.first().map_or_else(clock::now, |first| first.when).saturating_duration_since(started);
    let (head, incoming) = head.into_parts();
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        let why = "it switches to another protocol unasked".to_owned();
        return Err(fatal(SendError::Malformed { at: at.clone(), why, tls: false }));
    }
    // Some servers send what belongs to a GET all the same: on the same connection it would be read as the next answer.
    let stray = head_only && announces_content(&head.headers);
    let content = content(incoming, deadline, body_limit).await;
    let response = Response { status: head.status, headers: head.headers, body: Body::from(content.bytes) };
    let reusable = if stray || content.cut || content.broken.is_some() { None } else { ready(connection).await };
    Ok((Answer { response, first_byte, cut: content.cut, broken: content.broken }, reusable))
}

/// Whether a head says that content follows, or would follow if the request were a GET.
fn announces_content(fields: &HeaderMap) -> bool {
    fields.contains_key(header::TRANSFER_ENCODING)
        || fields.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// The connection, once it is ready for the next request; `None` when it will not be.
async fn ready(mut connection: Connection) -> Option<Connection> {
    // The driver needs a turn to notice that the answer has been read. It never becomes ready while the server, having answered,
    // does not read the rest of the request.
    const TURN: Duration = Duration::from_millis(50);
    let became = tokio::time::timeout(TURN, connection.sender.ready()).await;
    matches!(became, Ok(Ok(()))).then_some(connection)
}

struct Content {
    bytes: Vec<u8>,
    cut: bool,
    broken: Option<Broken>,
}

async fn content(mut incoming: Incoming, deadline: Deadline, limit: usize) -> Content {
    let mut content = Content { bytes: Vec::new(), cut: false, broken: None };
    loop {
        let data = match deadline.hold(incoming.frame()).await {
            None => {
                content.broken = Some(Broken::Timeout);
                return content;
            }
            Some(None) => return content,
            Some(Some(Err(error))) => {
                content.broken = Some(broken(&error));
                return content;
            }
            Some(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => data,
                // Trailers are no part of the content.
                Err(_) => continue,
            },
        };
        let room = limit - content.bytes.len();
        content.bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
        if data.len() > room {
            content.cut = true;
            return content;
        }
    }
}

fn broken(error: &hyper::Error) -> Broken {
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionReset) => Broken::Reset,
        Some(io::ErrorKind::UnexpectedEof) => Broken::Closed,
        _ if error.is_incomplete_message() => Broken::Closed,
        _ => Broken::Malformed(innermost(error)),
    }
}

/// What it means that no head came.
fn head_error(error: &hyper::Error, received: &Received, at: &Peer) -> SendError {
    let at = at.clone();
    let kind = io_kind(error);
    match received.first() {
        None if matches!(kind, Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)) => {
            SendError::Reset { at }
        }
        None if error.is_user() => SendError::Unsendable { why: error.to_string() },
        None => SendError::Closed { at },
        // 0x15 begins an alert record (RFC 8446 §5.1): what a TLS server sends to those who speak HTTP in the clear.
        Some(first) if first.byte == 0x15 => {
            SendError::Malformed { at, why: "it starts with a TLS alert".to_owned(), tls: true }
        }
        Some(_) if error.is_incomplete_message() || kind.is_some() => {
            SendError::Malformed { at, why: "it broke off within its head".to_owned(), tls: false }
        }
        Some(_) => SendError::Malformed { at, why: innermost(error), tls: false },
    }
}

fn io_kind(error: &hyper::Error) -> Option<io::ErrorKind> {
    error.source()?.downcast_ref::<io::Error>().map(io::Error::kind)
}

/// The sentence nearest to the cause.
fn innermost(error: &hyper::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
