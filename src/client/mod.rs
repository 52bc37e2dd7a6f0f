//! One request over a socket, and its answer with timings.
//!
//! What belongs here: connecting (names, proxies, TLS), sending, reading, and saying why that failed. Imports `message`.
//! Not here: verdicts on answers, redirects (each answer is handed back as it came), content codings, the environment.

mod clock;
mod connect;
mod error;
mod exchange;
mod options;
mod origin;
mod pool;
mod proxy;
mod runtime;
mod sent;
mod socket;
mod tls;
mod trust;

use std::time::Duration;

pub use error::{ClientError, Peer, Phase, SendError, Untrusted};
pub use exchange::sets;
pub use options::{Options, ProxyVariables};
pub use origin::{BaseUrl, Origin, Scheme, UrlError, split_url};
pub use runtime::{block_on, wait_for};
pub use sent::{Broken, Sent, Timings};

use crate::message::Request;
use connect::Deadline;
use exchange::{Answer, Failure};
use pool::{Connection, Pool};
use proxy::{Proxies, Proxy};
use tls::Tls;

/// Sends requests over HTTP/1.1, in the clear or over TLS, keeping connections open between them.
///
/// To be used inside a tokio runtime with I/O and time. Requests may be sent concurrently, each on its own connection.
pub struct Client {
    options: Options,
    proxies: Proxies,
    tls: Tls,
    pool: Pool,
}

impl Client {
    /// A client with these options. Reads the files of `ca` now, the system's certificates when they are first needed.
    ///
    /// # Errors
    /// When a file of certificates cannot be used.
    pub fn new(options: Options) -> Result<Client, ClientError> {
        let tls = Tls::new(&options)?;
        let proxies = Proxies::new(&options.proxies);
        let pool = Pool::new(options.idle_per_origin);
        Ok(Client { options, proxies, tls, pool })
    }

    /// Sends a request to an origin and reads the answer to its end or to the limit.
    ///
    /// `Host`, `Content-Length` and the fields that belong to a connection (RFC 9110 §7.6.1) are set here, whatever the request
    /// has; everything else goes out as it is. No redirect is followed, nothing is decoded but a transfer coding.
    ///
    /// A request is sent a second time only when a connection that had been idle ended before any byte of the answer, and the
    /// method is idempotent (RFC 9110 §9.2.2) or not a byte of the request had been sent.
    ///
    /// # Errors
    /// When there is no answer with a whole head; see [`SendError`]. An answer that breaks off later is [`Sent::broken`].
    pub async fn send(&self, origin: &Origin, request: Request) -> Result<Sent, SendError> {
        let started = clock::now();
        let deadline = Deadline::after(self.options.timeout);
        let proxy = self.proxy(origin)?;
        let repeatable = request.method.is_idempotent();
        let finish = |(answer, reusable): (Answer, Option<Connection>), connect, tls, reused| {
            let total = clock::now() - started;
            if let Some(connection) = reusable {
                self.pool.put(origin, connection);
            }
            let timings = Timings { connect, tls, first_byte: answer.first_byte, total };
            Sent { response: answer.response, timings, cut: answer.cut, broken: answer.broken, reused }
        };

        let outgoing = exchange::outgoing(origin, proxy, &request)?;
        let at = answering(origin, proxy);
        if let Some(connection) = self.pool.take(origin, repeatable) {
            match self.exchange(connection, outgoing.clone(), &at, deadline).await {
                Ok(done) => return Ok(finish(done, Duration::ZERO, Duration::ZERO, true)),
                Err(Failure { unanswered, unsent, .. }) if unanswered && (repeatable || unsent) => {}
                Err(Failure { error, .. }) => return Err(error),
            }
        }
        let opened = connect::open(origin, proxy, &self.tls, deadline.min(self.connect_deadline())).await?;
        let connection = exchange::begin(opened.stream, &at).await?;
        match self.exchange(connection, outgoing, &at, deadline).await {
            Ok(done) => Ok(finish(done, opened.connect, opened.tls, false)),
            Err(Failure { error, .. }) => Err(error),
        }
    }

    /// Waits until a connection to the origin can be opened, TLS included; none is kept, no request is sent.
    ///
    /// Through a proxy in the clear this says only that the proxy is there.
    ///
    /// # Errors
    /// When it still cannot after that long, with the last reason; at once when waiting will not mend it, such as an unknown
    /// certificate.
    pub async fn wait_until_reachable(&self, origin: &Origin, patience: Duration) -> Result<(), SendError> {
        const PAUSE: Duration = Duration::from_millis(100);
        let deadline = Deadline::after(patience);
        let proxy = self.proxy(origin)?;
        let mut reason = None;
        loop {
            let error = match connect::open(origin, proxy, &self.tls, deadline.min(self.connect_deadline())).await {
                Ok(opened) if connect::closes_at_once(&opened.stream).await => {
                    SendError::Closed { at: answering(origin, proxy) }
                }
                Ok(_) => return Ok(()),
                Err(error) if error.may_pass() => error,
                Err(error) => return Err(error),
            };
            // An attempt cut short by the end of the waiting says less than the one before it.
            let cut_short = matches!(error, SendError::Timeout { .. }) && deadline.left().is_zero();
            if reason.is_none() || !cut_short {
                reason = Some(error);
            }
            if let Some(reason) = reason.take_if(|_| deadline.left() <= PAUSE) {
                return Err(reason);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn exchange(
        &self,
        connection: Connection,
        request: http::Request<http_body_util::Full<bytes::Bytes>>,
        at: &Peer,
        deadline: Deadline,
    ) -> Result<(Answer, Option<Connection>), Failure> {
        exchange::exchange(connection, request, at, deadline, self.options.body_limit).await
    }

    fn proxy(&self, origin: &Origin) -> Result<Option<&Proxy>, SendError> {
        let proxy = self.proxies.for_origin(origin).transpose();
        proxy.map_err(|why| SendError::ProxyUnusable { why: why.to_owned() })
    }

    fn connect_deadline(&self) -> Deadline {
        Deadline::after(self.options.connect_timeout)
    }
}

/// Who answers: in the clear it is the proxy, with what it got.
fn answering(origin: &Origin, proxy: Option<&Proxy>) -> Peer {
    match proxy {
        Some(proxy) if origin.scheme() == Scheme::Http => Peer { address: proxy.address(), proxy: true },
        _ => Peer { address: origin.address(), proxy: false },
    }
}

#[cfg(test)]
mod tests;
