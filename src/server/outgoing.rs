//! From a response in memory to one that hyper sends.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as HyperBody, Frame, SizeHint};

use super::fault::End;
use super::tail::Tail;
use super::wire;
use crate::message::{Body, HeaderMap, Method, Problem, Response, StatusCode, header, is_bodiless};
use crate::traffic::{CapturedBody, CapturedResponse};

/// Waits, by whatever clock the server has.
pub(super) type Sleep = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Makes a response such as can be sent: a final status, and content only where there may be some. Fields that say how long it is or
/// how it is framed do not come here: neither a document's nor a scenario's is taken over. That is for hyper to say, which knows; a
/// client would hang on a wrong one.
pub(super) fn sendable(response: &mut Response) {
    if response.status.is_informational() {
        let detail = format!("the answer would be {}, which is not a final status", response.status.as_u16());
        *response = Problem::new(StatusCode::INTERNAL_SERVER_ERROR).detail(detail).to_response();
    }
    debug_assert!(
        [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter().all(|name| !response.headers.contains_key(name))
    );
    if is_bodiless(response.status.as_u16()) {
        response.body = Body::Empty;
    }
}

/// Whether the client sees the content: not of an answer to HEAD, which has but its length.
pub(super) fn is_seen(method: &Method) -> bool {
    *method != Method::HEAD
}

/// An answer as the client sees it, of which all would be so long.
pub(super) fn captured(method: &Method, answer: &Response, whole: usize) -> CapturedResponse {
    let mut seen = CapturedResponse::of(answer);
    if is_seen(method) {
        seen.body.cut = seen.body.bytes.len() < whole;
    } else {
        seen.body = CapturedBody::default();
    }
    seen
}

/// How long content takes that is sent in pieces with waits between.
pub(super) fn length_in_time(body: &Body) -> Duration {
    match body {
        Body::Sequence(pieces) => pieces.iter().map(|(wait, _)| *wait).sum(),
        _ => Duration::ZERO,
    }
}

/// An answer on its way.
pub(super) fn response(status: StatusCode, headers: HeaderMap, body: Outgoing) -> http::Response<Outgoing> {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The content of an answer on its way.
pub(super) struct Outgoing {
    content: Content,
    wire: Arc<wire::Shared>,
}

enum Content {
    Whole(Bytes),
    Pieces(Pieces),
    Cut(Box<Cut>),
    Tail(Box<Tail>),
}

/// Content that ends before its time.
struct Cut {
    pieces: Pieces,
    /// How long all of it would be.
    whole: u64,
}

struct Pieces {
    rest: VecDeque<(Duration, Bytes)>,
    left: u64,
    sleep: Sleep,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Outgoing {
    /// Content, and the connection that it goes over.
    pub(super) fn new(body: Body, wire: Arc<wire::Shared>, sleep: &Sleep) -> Outgoing {
        let content = match body {
            Body::Sequence(pieces) => Content::Pieces(Pieces::new(pieces, sleep)),
            body => Content::Whole(body.bytes()),
        };
        Outgoing { content, wire }
    }

    /// Content that goes on for as long as there is a client.
    pub(super) fn tail(tail: Tail, wire: Arc<wire::Shared>) -> Outgoing {
        wire.tails(true);
        Outgoing { content: Content::Tail(Box::new(tail)), wire }
    }

    /// The beginning of content that says to be so long; after it, the connection is closed.
    pub(super) fn cut(beginning: Body, whole: usize, wire: Arc<wire::Shared>, sleep: &Sleep) -> Outgoing {
        let pieces = match beginning {
            Body::Sequence(pieces) => pieces,
            body => vec![(Duration::ZERO, body.bytes())],
        };
        let cut = Cut { pieces: Pieces::new(pieces, sleep), whole: whole as u64 };
        Outgoing { content: Content::Cut(Box::new(cut)), wire }
    }
}

impl HyperBody for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let next = match &mut this.content {
            Content::Whole(bytes) => std::mem::take(bytes),
            Content::Pieces(pieces) => ready!(pieces.poll(cx)),
            Content::Cut(cut) => {
                let next = ready!(cut.pieces.poll(cx));
                if next.is_empty() {
                    // hyper waits for more, and meanwhile sends what it has.
                    this.wire.ends.tell_from(End::Close, cx);
                    return Poll::Pending;
                }
                next
            }
            Content::Tail(tail) => ready!(tail.poll(cx)),
        };
        if this.is_end_stream() {
            this.wire.answered();
        }
        Poll::Ready((!next.is_empty()).then(|| Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Pieces(pieces) => pieces.left == 0,
            Content::Cut(cut) => cut.whole == 0,
            Content::Tail(tail) => tail.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.content {
            Content::Whole(bytes) => bytes.len() as u64,
            Content::Pieces(pieces) => pieces.left,
            Content::Cut(cut) => cut.whole,
            Content::Tail(_) => return SizeHint::default(),
        })
    }
}

impl Pieces {
    fn new(pieces: Vec<(Duration, Bytes)>, sleep: &Sleep) -> Pieces {
        let left = pieces.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        Pieces { rest: pieces.into(), left, sleep: sleep.clone(), waiting: None }
    }

    /// The next piece that is not empty; empty at the end.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        while let Some((wait, _)) = self.rest.front() {
            if !wait.is_zero() {
                let waiting = self.waiting.get_or_insert_with(|| (self.sleep)(*wait));
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            if let Some((_, bytes)) = self.rest.pop_front()
                && !bytes.is_empty()
            {
                self.left -= bytes.len() as u64;
                return Poll::Ready(bytes);
            }
        }
        Poll::Ready(Bytes::new())
    }
}

/// hyper drops content when it has sent it, and when it will not send it.
impl Drop for Outgoing {
    fn drop(&mut self) {
        match self.content {
            Content::Cut(_) => _ = self.wire.ends.tell(End::Close),
            Content::Tail(_) => self.wire.tails(false),
            Content::Whole(_) | Content::Pieces(_) => {}
        }
        self.wire.answered();
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Outgoing").field("size", &self.size_hint().exact()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use bytes::Bytes;
    use hyper::body::Body as _;

    use super::super::fault::End;
    use super::{Outgoing, Sleep, sendable};
    use crate::message::{Body, Response, StatusCode};

    #[test]
    fn cut_content_says_how_long_it_would_be_gives_its_beginning_and_ends_the_connection() {
        let wire = Arc::default();
        let sleep: Sleep = Arc::new(|_| Box::pin(std::future::ready(())));
        let pieces = ["ab", "", "c"].map(|piece| (Duration::from_secs(1), Bytes::from(piece)));
        let mut cut = Outgoing::cut(Body::Sequence(pieces.into()), 7, Arc::clone(&wire), &sleep);
        assert_eq!((cut.size_hint().exact(), cut.is_end_stream()), (Some(7), false));
        let cx = &mut Context::from_waker(Waker::noop());
        for piece in ["ab", "c"] {
            let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut cut).poll_frame(cx) else { panic!("a frame") };
            assert_eq!(frame.into_data().unwrap(), piece);
            assert_eq!(wire.ends.told(), None);
        }
        assert!(Pin::new(&mut cut).poll_frame(cx).is_pending());
        assert_eq!((wire.ends.told(), cut.is_end_stream()), (Some(End::Close), false));

        // Where no content is sent, its end is the end.
        let wire = Arc::default();
        let cut = Outgoing::cut(Body::Empty, 0, Arc::clone(&wire), &sleep);
        assert!(cut.is_end_stream());
        drop(cut);
        assert_eq!(wire.ends.told(), Some(End::Close));
    }

    #[test]
    fn content_goes_where_there_may_be_some() {
        let mut response = Response::empty(StatusCode::OK);
        response.body = Body::from("x".to_owned());
        sendable(&mut response);
        assert_eq!(response.body.len(), 1);
        response.status = StatusCode::NO_CONTENT;
        sendable(&mut response);
        assert!(response.body.is_empty());
    }

    #[test]
    fn an_interim_status_is_no_answer() {
        let mut response = Response::empty(StatusCode::SWITCHING_PROTOCOLS);
        sendable(&mut response);
        assert_eq!(response.status, 500);
    }
}
