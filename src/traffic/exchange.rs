//! A request and what came of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Decision, Fault, Fields, Why};
use crate::message::{Body, Method, Moment, Request, Response, StatusCode, Target};

/// A request, what came of it, when, and (where a mock answered) why.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number in the journal or file it is from; from 1.
    pub id: u64,
    /// When the head of the request had been read, or the request was sent. Read from a file, the monotonic part is only
    /// comparable within that file.
    pub began: Moment,
    /// The session it belongs to; `default` where nothing names one.
    pub session: Arc<str>,
    /// Scheme and authority that the request went to, such as `https://api.example.com:8443`: never with credentials, never
    /// with a path. `None` where that is not known.
    pub base: Option<Arc<str>>,
    /// What was asked.
    pub request: CapturedRequest,
    /// What came back.
    pub outcome: Outcome,
    /// From `began` until the last byte of the answer, or until waiting for it ended.
    pub took: Duration,
    /// Why a mock answered as it did; `None` for other servers.
    pub decision: Option<Decision>,
}

impl Exchange {
    /// The answer, if there was one.
    pub fn response(&self) -> Option<&CapturedResponse> {
        match &self.outcome {
            Outcome::Answered(response) => Some(response),
            Outcome::Reset | Outcome::Hung | Outcome::TimedOut => None,
        }
    }

    /// The fault that a mock met it with.
    pub fn fault(&self) -> Option<Fault> {
        self.decision.as_ref()?.fault
    }

    /// Whether the client got some of an answer and not all: by a fault, that is. To an answer without content it does nothing.
    ///
    /// Of an exchange as it happened: what is kept of one may have less content for other reasons.
    pub fn is_cut_off(&self) -> bool {
        self.fault().is_some_and(Fault::answers) && self.response().is_some_and(|response| response.body.cut)
    }

    /// Whether a browser made it of itself: it asks any server for an icon, and no document has that.
    pub fn is_for_an_icon(&self) -> bool {
        let Some(decision) = &self.decision else { return false };
        let path = self.request.target.path();
        decision.why == Why::NoOperation && self.request.method == Method::GET && path == "/favicon.ico"
    }

    /// About how many bytes of memory it takes: bodies, fields and target, with an allowance for the rest.
    pub fn weight(&self) -> usize {
        const REST: usize = 1024;
        let request = self.request.target.as_str().len() + self.request.headers.size() + self.request.body.bytes.len();
        let response = self.response().map_or(0, |response| response.headers.size() + response.body.bytes.len());
        REST + request + response + self.decision.as_ref().map_or(0, Decision::weight)
    }

    /// The same exchange with each body cut to at most `limit` bytes.
    #[must_use = "this is a copy: the original keeps its bodies"]
    pub fn cut_to(&self, limit: usize) -> Exchange {
        let mut shorter = self.clone();
        shorter.request.body = shorter.request.body.cut_to(limit);
        if let Outcome::Answered(response) = &mut shorter.outcome {
            response.body = std::mem::take(&mut response.body).cut_to(limit);
        }
        shorter
    }
}

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a final response.
    Answered(CapturedResponse),
    /// The connection ended before there was one.
    Reset,
    /// The server kept the connection and never answered, for as long as there was one: until the client went away, mostly.
    Hung,
    /// The client's own limit ended the wait.
    TimedOut,
}

/// A request as it was seen on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedRequest {
    /// Case-sensitive (RFC 9110 §9.1).
    pub method: Method,
    /// Path and query, undecoded.
    pub target: Target,
    /// Fields in the order they came.
    pub headers: Fields,
    /// The content, as far as it was kept.
    pub body: CapturedBody,
}

impl CapturedRequest {
    /// What is kept of a request: all of it, in memory of its own where the content is not large.
    ///
    /// What comes from a socket shares the buffer that it was read into. Whoever keeps it keeps the whole buffer, and the
    /// connection has to get itself another one for every request.
    pub fn of(request: &Request) -> CapturedRequest {
        const LARGE: usize = 64 << 10;
        let Request { method, target, headers, body } = request;
        let body = body.bytes();
        let body = CapturedBody::whole(if body.len() > LARGE { body } else { Bytes::copy_from_slice(&body) });
        CapturedRequest { method: method.clone(), target: target.clone(), headers: headers.into(), body }
    }

    /// The request again. Where the body was cut, with what was kept: ask [`CapturedBody::cut`] first.
    pub fn to_request(&self) -> Request {
        Request {
            method: self.method.clone(),
            target: self.target.clone(),
            headers: self.headers.to_map(),
            body: Body::from(self.body.bytes.clone()),
        }
    }

    /// The value of a field, when it is text; the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }
}

/// A final response as it was seen on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedResponse {
    /// 101, or 200–999.
    pub status: StatusCode,
    /// Fields in the order they came.
    pub headers: Fields,
    /// The content, as far as it was kept.
    pub body: CapturedBody,
}

impl CapturedResponse {
    /// What is kept of a response: all of it.
    pub fn of(response: &Response) -> CapturedResponse {
        CapturedResponse {
            status: response.status,
            headers: Fields::from(&response.headers),
            body: CapturedBody::whole(response.body.bytes()),
        }
    }

    /// The response again. Where the body was cut, with what was kept: ask [`CapturedBody::cut`] first.
    pub fn to_response(&self) -> Response {
        Response { status: self.status, headers: self.headers.to_map(), body: Body::from(self.body.bytes.clone()) }
    }

    /// The value of a field, when it is text; the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }
}

/// The content of a message, or the beginning of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapturedBody {
    /// What was kept.
    pub bytes: Bytes,
    /// Whether there was more than was kept. A verdict on such content is *not decided*.
    pub cut: bool,
}

impl CapturedBody {
    /// Content that was kept whole.
    pub fn whole(bytes: impl Into<Bytes>) -> CapturedBody {
        CapturedBody { bytes: bytes.into(), cut: false }
    }

    /// The first `limit` bytes of it, in memory of their own; all of it where it is no longer.
    #[must_use = "a body is a value: keep what this returns"]
    pub fn cut_to(self, limit: usize) -> CapturedBody {
        match self.bytes.get(..limit) {
            Some(kept) if kept.len() < self.bytes.len() => {
                CapturedBody { bytes: Bytes::copy_from_slice(kept), cut: true }
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::CapturedRequest;
    use crate::message::{HeaderMap, HeaderValue, Method, Request, Target};

    #[test]
    fn what_is_kept_is_the_same_request_and_lets_go_of_its_buffer() {
        let buffer = Bytes::from(vec![b'x'; 8_192]);
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.append("accept", HeaderValue::from_maybe_shared(buffer.slice(..7)).unwrap());
        headers.append("accept", HeaderValue::from_static(""));
        let target = Target::parse("/api/v1/org/acme?x=%20").unwrap();
        let body = buffer.slice(100..200).into();
        let request = Request { method: Method::POST, target, headers, body };
        let kept = CapturedRequest::of(&request);
        assert_same(&kept.to_request(), &request);
        drop(request);
        assert!(buffer.is_unique());

        let large = Request { body: vec![0; 100_000].into(), ..kept.to_request() };
        assert_same(&CapturedRequest::of(&large).to_request(), &large);
    }

    fn assert_same(one: &Request, other: &Request) {
        assert_eq!((&one.method, &one.target), (&other.method, &other.target));
        assert_eq!((&one.headers, &one.body), (&other.headers, &other.body));
    }
}
