//! One connection, from its first byte to its last.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::fault::End;
use super::host::Host;
use super::patient::Patient;
use super::service::Inner;
use super::warden::{Stage, Warden};
use super::wire::{self, Wire};
use super::{Clock, Limits, outgoing};

/// Who is at the other end, and what is remembered for it.
pub(super) struct Peer {
    address: SocketAddr,
    pub(super) wire: Arc<wire::Shared>,
    /// How the client last called the server: mostly the same as the time before.
    base: Mutex<Arc<str>>,
    pub(super) sleep: outgoing::Sleep,
    pub(super) patient: Arc<Patient>,
}

impl Peer {
    /// Scheme and authority, where the authority that the client used is well-formed.
    pub(super) fn base(&self, authority: &str) -> Option<Arc<str>> {
        const SCHEME: &str = "http://";
        let mut last = self.base.lock().unwrap_or_else(PoisonError::into_inner);
        if last.get(SCHEME.len()..) != Some(authority) {
            *last = format!("{SCHEME}{}", Host::parse(authority)?.as_str()).into();
        }
        Some(last.clone())
    }

    /// Whether it is on this machine.
    pub(super) fn is_local(&self) -> bool {
        let address: IpAddr = self.address.ip();
        address.to_canonical().is_loopback()
    }
}

/// hyper, set up.
pub(super) fn http(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    // `pipeline_flush` stays off: with it the answer before could be held back by one that waits. Who is idle for too long is
    // for the warden to see.
    http.header_read_timeout(None).max_header_size(limits.head).max_buf_size(limits.head.max(64 << 10) * 2);
    http
}

/// Serves a connection until it is closed, or the server is.
pub(super) async fn run<C: Clock>(
    hyper: &http1::Builder,
    inner: &Inner,
    clock: &Arc<C>,
    tcp: TcpStream,
    address: SocketAddr,
    warden: &Warden,
) {
    // Answers are written in one piece: waiting for more of them only costs time. Failing, it is slower.
    let _ = tcp.set_nodelay(true);
    let wire = Arc::new(wire::Shared::default());
    let sleeper = clock.clone();
    let peer = Peer {
        address,
        wire: wire.clone(),
        base: Mutex::new("".into()),
        sleep: Arc::new(move |duration| Box::pin(sleeper.sleep(duration))),
        patient: Arc::default(),
    };
    let limits = &inner.settings.limits;
    let times = wire::Times { stall: limits.stall_time, linger: limits.linger_time };
    let service = service_fn(|request: http::Request<Incoming>| {
        // Before anything is awaited: hyper looks for the end of the stream before it asks for the answer.
        peer.wire.head_came();
        if request.body().is_end_stream() {
            peer.wire.asked();
        }
        inner.answer(&**clock, &peer, request)
    });
    let entry = warden.admit(&wire);
    let mut connection = pin!(hyper.serve_connection(TokioIo::new(Wire::new(tcp, wire, times)), service));
    let mut ending = false;
    // What a fault leaves hanging is not waited for when the end comes, nor who listens and does not read.
    let hangs = || peer.wire.ends.told() == Some(End::Hang) || peer.wire.is_tailing();
    let mut waker: Option<Waker> = None;
    let result = poll_fn(|outer| {
        let waker = waker.get_or_insert_with(|| peer.patient.waker(outer.waker()));
        let cx = &mut Context::from_waker(waker);
        // First what has come: a request that was there before the end is answered.
        if let Poll::Ready(result) = connection.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        match entry.told.stage(cx) {
            Stage::Draining if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
                match connection.as_mut().poll(cx) {
                    Poll::Pending if hangs() => Poll::Ready(Ok(())),
                    polled => polled,
                }
            }
            Stage::Over => Poll::Ready(Ok(())),
            Stage::Draining if hangs() => Poll::Ready(Ok(())),
            // Unless its head has just come after all.
            _ if entry.told.was_idle() && peer.wire.waits_for_head() => Poll::Ready(Ok(())),
            Stage::Serving | Stage::Draining => Poll::Pending,
        }
    })
    .await;
    if let Err(error) = result
        && error.is_parse()
    {
        inner.counts.malformed();
        let help = match error {
            _ if peer.wire.is_tls() => "; it looks like TLS: the address begins with http://, not https://",
            ref error if error.is_parse_version_h2() => "; only HTTP/1.1 is spoken here",
            _ => "",
        };
        inner.settings.log.warn(format!("a malformed request from {}: {error}{help}", address.ip()));
    }
}
