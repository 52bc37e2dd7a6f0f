//! One request after the other: read, answer, wait, send, remember.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use http::request::Parts;
use hyper::body::{Body as _, Incoming};

use super::body::{self, Trouble};
use super::connection::Peer;
use super::counts::Counts;
use super::held::{Begun, Held};
use super::log::push_number;
use super::outgoing::{self, Outgoing, captured, length_in_time};
use super::refusal::Refusal;
use super::stray::Strays;
use super::tail::Tails;
use super::version::Version;
use super::{Clock, Settings, Summary, fault, front, intake};
use crate::judge::{Conduct, Coverage};
use crate::message::{
    Body, HeaderMap, HeaderName, HeaderValue, Method, Moment, Problem, Request, Response, StatusCode, Target, header,
};
use crate::mock::{DEFAULT_SESSION, Expecting, Mock, Reply, State};
use crate::traffic::{CapturedBody, CapturedRequest, Decision, Exchange, Fault, Journal, Outcome, Why};

/// A mock with all that a server keeps beside it. Give it to [`serve()`](super::serve()) or [`run()`](super::run()).
///
/// The mock can be replaced while it serves ([`Service::swap`]); what is kept beside it stays. Clones are the same one: keep one to ask what happened.
#[derive(Clone, Debug)]
pub struct Service(pub(super) Arc<Inner>);

/// What every connection shares.
#[derive(Debug)]
pub(super) struct Inner {
    /// What is served. A request takes it once, so that all of its answer is of one version.
    pub(super) version: ArcSwap<Version>,
    /// Held while it is replaced.
    swapping: Mutex<()>,
    pub(super) state: Arc<State>,
    /// The path under which the server answers for itself.
    pub(super) admin_prefix: String,
    pub(super) settings: Settings,
    pub(super) journal: Journal,
    /// Who is told of exchanges as they end.
    pub(super) tails: Tails,
    pub(super) counts: Counts,
    pub(super) conduct: Conduct,
    pub(super) strays: Strays,
    /// Scheme and authority under which the server can be reached, where a client does not say how it did.
    own: OnceLock<Arc<str>>,
    ending: AtomicBool,
    /// Itself, for what outlives a request.
    me: Weak<Inner>,
}

impl Service {
    /// A mock, the state that its calls leave behind, and how to serve it.
    pub fn new(mock: Arc<Mock>, state: Arc<State>, settings: Settings) -> Service {
        let counts = Counts::new();
        let (admin_prefix, sessions) = (mock.options().admin_prefix.clone(), mock.options().sessions);
        let coverage = Coverage::new(mock.contract().clone());
        let version = ArcSwap::from_pointee(Version::new(1, mock, &counts, coverage));
        let (conduct, journal) = (Conduct::new(sessions), Journal::new(settings.limits.journal));
        let (own, ending) = (OnceLock::new(), AtomicBool::new(false));
        let swapping = Mutex::default();
        Service(Arc::new_cyclic(|me| Inner {
            version,
            swapping,
            state,
            admin_prefix,
            settings,
            journal,
            tails: Tails::default(),
            counts,
            conduct,
            strays: Strays::default(),
            own,
            ending,
            me: me.clone(),
        }))
    }

    /// Serves another mock from now on. Sessions, counters and the journal stay: an operation counts on where the one of the same key
    /// was, a rule where the one of the same scenario and id was. Requests that have begun are answered by the mock that they began
    /// with, each whole; no request waits.
    pub fn swap(&self, mut mock: Mock) {
        let inner = &*self.0;
        let _alone = inner.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        // Before anything is answered for it: what it calls a secret is to be none in what is logged and recorded.
        mock.contract().secret_names().for_each(|name| inner.settings.redactor.learn(name));
        inner.state.take_in(&mut mock);
        let before = inner.version.load();
        let (number, coverage) = (before.number + 1, before.coverage.carried(mock.contract().clone()));
        inner.version.store(Arc::new(Version::new(number, Arc::new(mock), &inner.counts, coverage)));
    }

    /// The mock that is served now.
    pub fn mock(&self) -> Arc<Mock> {
        self.0.mock()
    }

    /// The last exchanges.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// The counts so far, and nothing else: how long it took, the log and the recording are known at the end.
    pub fn counts(&self) -> Summary {
        self.0.counts.summary()
    }

    pub(super) fn into_inner(self) -> Arc<Inner> {
        self.0
    }
}

/// The answer to a request, or nothing where there is nobody to answer.
pub(super) type Answered = Result<http::Response<Outgoing>, Gone>;

/// An answer that is there, or one that is waited for. The latter is apart, because it takes much room, which would be moved about
/// with every request.
enum Due<'a> {
    Now(http::Response<Outgoing>),
    Later(Pin<Box<dyn Future<Output = http::Response<Outgoing>> + Send + 'a>>),
}

/// There is nobody to answer: the connection is to be closed.
#[derive(Debug)]
pub(super) struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the client left before its request was whole")
    }
}

impl std::error::Error for Gone {}

impl Inner {
    /// Itself, to be kept.
    pub(super) fn me(&self) -> Option<Arc<Inner>> {
        self.me.upgrade()
    }

    /// The mock that is served now.
    pub(super) fn mock(&self) -> Arc<Mock> {
        self.version.load().mock.clone()
    }

    /// Answers a request.
    pub(super) async fn answer<C: Clock>(&self, clock: &C, peer: &Peer, request: http::Request<Incoming>) -> Answered {
        let began = clock.now();
        let (parts, incoming) = request.into_parts();
        let noted = intake::Noted::of(&parts.headers);
        let addressed = noted.authority(&parts.uri).and_then(|authority| peer.base(authority));
        let head = intake::check(&parts, &noted, addressed.is_some(), &peer.wire, &self.settings.limits);
        let base = addressed.unwrap_or_else(|| self.own());
        let head = match head {
            Ok(head) => head,
            Err(refusal) => return Ok(self.refuse(clock, peer, began, base, parts, refusal)),
        };
        if head.whole_server {
            return Ok(self.send(peer, &parts.method, self.whole_server()));
        }
        if self.is_admin(&head.target) {
            // Apart, because it takes room that other requests need not have.
            return Box::pin(self.admin(peer, began, &base, &parts, &head.target, incoming)).await;
        }
        if let Some(response) = self.front(&base, &parts, &head.target) {
            return Ok(self.send(peer, &parts.method, response));
        }
        let limits = &self.settings.limits;
        let content = if incoming.is_end_stream() {
            Body::Empty
        } else {
            match body::read(incoming, &peer.patient, limits.body, limits.body_time).await {
                Ok(bytes) => {
                    peer.wire.asked();
                    Body::from(bytes)
                }
                Err(trouble) => return self.unread(clock, peer, began, base, parts, trouble),
            }
        };
        let mut request = Request { method: parts.method, target: head.target, headers: parts.headers, body: content };
        if let Some(authority) = parts.uri.authority() {
            intake::named_by_target(&mut request.headers, authority);
        }
        match self.reply(clock, peer, began, base, request) {
            Due::Now(answer) => Ok(answer),
            Due::Later(answer) => Ok(answer.await),
        }
    }

    /// Asks the mock; what it says is sent now, or when it says.
    fn reply<'a, C: Clock>(
        &'a self,
        clock: &'a C,
        peer: &'a Peer,
        began: Moment,
        base: Arc<str>,
        request: Request,
    ) -> Due<'a> {
        let (method, target) = (request.method.clone(), request.target.clone());
        let version = self.version.load();
        let answered = |reply| self.begun(reply, version.number, began, &base);
        let replied = caught(|| answered(version.mock.answer(&self.state, request, began)));
        let (begun, answer, delay) = replied.unwrap_or_else(|| answered(self.panicked(method, target)));
        if delay.is_zero() && begun.so_far().fault().is_none() {
            return Due::Now(self.finish(clock, peer, &version, begun, answer));
        }
        Due::Later(Box::pin(self.later(clock, peer, Guard::into_inner(version), begun, answer, delay)))
    }

    /// What is kept of a reply, what is sent of it, and when.
    #[inline]
    fn begun(&self, reply: Reply, version: u64, began: Moment, base: &Arc<str>) -> (Begun, Response, Duration) {
        let Reply { request, answer, delay, session, mut decision, operation, expecting, .. } = reply;
        decision.trace.version = version;
        let exchange = Exchange {
            id: self.journal.next_id(),
            began,
            session,
            base: Some(base.clone()),
            request: CapturedRequest::of(&request),
            outcome: Outcome::Hung,
            took: Duration::ZERO,
            decision: Some(decision),
        };
        (Begun::new(exchange, operation, expecting), answer, delay)
    }

    /// Waits, and sends an answer then, or as much of it as a fault leaves.
    async fn later<C: Clock>(
        &self,
        clock: &C,
        peer: &Peer,
        version: Arc<Version>,
        begun: Begun,
        answer: Response,
        delay: Duration,
    ) -> http::Response<Outgoing> {
        let method = begun.so_far().request.method.clone();
        let fault = begun.so_far().fault();
        let answer = self.complete(&version, begun.so_far(), answer);
        let held = Held::new(self, &version, clock, begun);
        if !delay.is_zero() {
            clock.sleep(delay).await;
        }
        let Some(fault) = fault else {
            held.answered(captured(&method, &answer, answer.body.len()), length_in_time(&answer.body));
            return self.send(peer, &method, answer);
        };
        let Fault::Truncate(share) = fault else {
            drop(answer);
            match fault::unanswered(fault, held, &peer.wire, &self.settings.limits).await {}
        };
        let whole = answer.body.len();
        let cut = Response { body: fault::beginning(answer.body, share.of(whole)), ..answer };
        held.answered(captured(&method, &cut, whole), length_in_time(&cut.body));
        peer.wire.answering();
        let body = Outgoing::cut(cut.body, whole, peer.wire.clone(), &peer.sleep);
        outgoing::response(cut.status, cut.headers, body)
    }

    /// Sends an answer and remembers the exchange.
    fn finish<C: Clock>(
        &self,
        clock: &C,
        peer: &Peer,
        version: &Version,
        begun: Begun,
        answer: Response,
    ) -> http::Response<Outgoing> {
        let answer = self.complete(version, begun.so_far(), answer);
        let method = begun.so_far().request.method.clone();
        let response = captured(&method, &answer, answer.body.len());
        Held::new(self, version, clock, begun).answered(response, length_in_time(&answer.body));
        self.send(peer, &method, answer)
    }

    /// Remembers an exchange: counts, coverage, verdicts, journal, log, recording.
    /// `operation` is the place of its operation in [`Contract::heads`](crate::contract::Contract::heads) of that version, `expecting`
    /// is what is expected of the client, where something is.
    pub(super) fn keep(
        &self,
        exchange: Arc<Exchange>,
        version: &Version,
        operation: Option<usize>,
        expecting: Expecting,
    ) {
        self.learn(&exchange, version, operation, expecting.as_deref());
        self.settings.log.exchange(&exchange);
        if let Some(recorder) = &self.settings.recorder {
            recorder.exchange(&exchange);
        }
        self.journal.push(exchange);
        self.tails.tell();
    }

    /// Refuses a request whose content is not read.
    fn refuse<C: Clock>(
        &self,
        clock: &C,
        peer: &Peer,
        began: Moment,
        base: Arc<str>,
        parts: Parts,
        refusal: Refusal,
    ) -> http::Response<Outgoing> {
        let version = self.version.load();
        let answer = refusal.answer(version.mock.options(), &parts.headers);
        let begun = self.refused(began, base, parts, refusal);
        self.finish(clock, peer, &version, begun, answer)
    }

    fn refused(&self, began: Moment, base: Arc<str>, parts: Parts, refusal: Refusal) -> Begun {
        let target = parts.uri.path_and_query().map(Target::from);
        let exchange = Exchange {
            id: self.journal.next_id(),
            began,
            session: DEFAULT_SESSION.into(),
            base: Some(base),
            request: CapturedRequest {
                method: parts.method,
                target: target.unwrap_or_else(|| (&http::uri::PathAndQuery::from_static("/")).into()),
                headers: parts.headers.into(),
                body: CapturedBody { bytes: bytes::Bytes::new(), cut: true },
            },
            outcome: Outcome::Hung,
            took: Duration::ZERO,
            decision: Some(refusal.decision()),
        };
        Begun::new(exchange, None, None)
    }

    /// Content that could not be read to its end.
    fn unread<C: Clock>(
        &self,
        clock: &C,
        peer: &Peer,
        began: Moment,
        base: Arc<str>,
        parts: Parts,
        trouble: Trouble,
    ) -> Answered {
        let refusal = match trouble {
            Trouble::TooLarge => intake::too_large(&self.settings.limits),
            Trouble::TooSlow => {
                let seconds = self.settings.limits.body_time.as_secs_f64();
                Refusal::new(StatusCode::REQUEST_TIMEOUT, format!("the content was not whole after {seconds} s"))
            }
            Trouble::Malformed => Refusal::bad("the chunks of the content are malformed"),
            Trouble::Gone => {
                let refusal = Refusal::bad("the client left before its content was whole");
                Held::new(self, &self.version.load(), clock, self.refused(began, base, parts, refusal)).broken();
                return Err(Gone);
            }
        };
        Ok(self.refuse(clock, peer, began, base, parts, refusal))
    }

    /// What is answered when the mock panicked, which it never should.
    fn panicked(&self, method: Method, target: Target) -> Reply {
        self.settings.log.warn(format!(
            "an error in standin itself, on {method} {}: it was answered with 500, and serving goes on; please report it, with the lines above",
            target.path()
        ));
        let request = Request { method, target, headers: HeaderMap::new(), body: Body::Empty };
        let detail = "an error in standin itself; please report it";
        let answer = Problem::new(StatusCode::INTERNAL_SERVER_ERROR).detail(detail).to_response();
        let why = Why::Other("internal-error".into());
        let decision =
            Decision { why, notes: vec![detail.to_owned()], failed: Some(detail.into()), ..Decision::default() };
        let session = DEFAULT_SESSION.into();
        Reply {
            request,
            answer,
            delay: Duration::ZERO,
            fault: None,
            session,
            decision,
            operation: None,
            expecting: None,
        }
    }

    /// Adds what only the server knows, and takes out what cannot be sent.
    fn complete(&self, version: &Version, begun: &Exchange, mut answer: Response) -> Response {
        outgoing::sendable(&mut answer);
        let options = version.mock.options();
        if options.plain {
            return answer;
        }
        // Put together by hand: this is done for every answer.
        let base = begun.base.as_deref().unwrap_or_default();
        let parts = [base, &options.admin_prefix, "/exchanges/"];
        let digits = begun.id.checked_ilog10().unwrap_or_default() as usize + 1;
        // Of just the right size, it becomes a field value as it is.
        let mut address = String::with_capacity(parts.iter().map(|part| part.len()).sum::<usize>() + digits);
        parts.iter().for_each(|part| address.push_str(part));
        push_number(&mut address, begun.id, 1);
        if let Ok(address) = HeaderValue::from_maybe_shared(bytes::Bytes::from(address)) {
            answer.headers.insert(&EXCHANGE, address);
        }
        if let Some(exposed) = answer.headers.get_mut(header::ACCESS_CONTROL_EXPOSE_HEADERS)
            && let Ok(listed) = exposed.to_str()
            && let Ok(more) = HeaderValue::from_str(&format!("{listed}, {}", EXCHANGE.as_str()))
        {
            *exposed = more;
        }
        answer
    }

    pub(super) fn send(&self, peer: &Peer, method: &Method, answer: Response) -> http::Response<Outgoing> {
        peer.wire.answering();
        let body = if outgoing::is_seen(method) || !matches!(answer.body, Body::Sequence(_)) {
            answer.body
        } else {
            // Its length is told, and nobody waits for its pieces.
            Body::from(answer.body.bytes())
        };
        outgoing::response(answer.status, answer.headers, Outgoing::new(body, peer.wire.clone(), &peer.sleep))
    }

    /// `OPTIONS *`: what the server can do at all (RFC 9110 §9.3.7).
    fn whole_server(&self) -> Response {
        let version = self.version.load();
        let mut methods: Vec<&str> = version.mock.contract().heads().iter().map(|head| head.method.as_str()).collect();
        methods.extend(["HEAD", "OPTIONS"]);
        methods.sort_unstable();
        methods.dedup();
        let mut response = Response::empty(StatusCode::NO_CONTENT);
        response.headers.extend(HeaderValue::from_str(&methods.join(", ")).ok().map(|allow| (header::ALLOW, allow)));
        response
    }

    /// What the server answers for itself at `/`, where the document has nothing there.
    fn front(&self, base: &Arc<str>, parts: &Parts, target: &Target) -> Option<Response> {
        (target.path() == "/").then(|| front::page(&self.version.load().mock, parts, base)).flatten()
    }

    /// Scheme and authority that are ours.
    fn own(&self) -> Arc<str> {
        self.own.get().cloned().unwrap_or_else(|| "http://localhost".into())
    }

    /// Says where the server can be reached.
    pub(super) fn reached_at(&self, own: String) {
        // Said once, by `serve`.
        let _ = self.own.set(own.into());
    }

    /// From now on an exchange without an answer is one that was cut off.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

static EXCHANGE: HeaderName = HeaderName::from_static("standin-exchange");

/// What comes of `work`, or nothing when it panics. A panic leaves nothing half-done that another request would trip over:
/// the mock's state is counters.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_is_caught() {
        std::panic::set_hook(Box::new(|_| {}));
        let nothing: Option<u8> = caught(|| panic!("on purpose"));
        let _ = std::panic::take_hook();
        assert_eq!(nothing, None);
        assert_eq!(caught(|| 7), Some(7));
    }
}
