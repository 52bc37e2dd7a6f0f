//! One connection, from its first byte to its last.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};

use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::service::Inner;
use super::wire::{self, Wire};
use super::{Clock, Limits, outgoing};

/// Who is at the other end, and what is remembered for it.
pub(super) struct Peer {
    address: SocketAddr,
    pub(super) wire: Arc<wire::Shared>,
    /// How the client last called the server: mostly the same as the time before.
    pub(super) base: Mutex<Arc<str>>,
    pub(super) sleep: outgoing::Sleep,
}

impl Peer {
    /// Whether it is on this machine.
    pub(super) fn is_local(&self) -> bool {
        let address: IpAddr = self.address.ip();
        address.to_canonical().is_loopback()
    }
}

/// How far the end of a server has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It goes on.
    Serving,
    /// Requests in flight are answered, no new ones are taken.
    Draining,
    /// All is over.
    Over,
}

/// hyper, set up.
pub(super) fn http(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    // `pipeline_flush` stays off: with it the answer before could be held back by one that waits.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(limits.head)
        .max_buf_size(limits.head.max(64 << 10) * 2);
    http
}

/// Serves a connection until it is closed, or the server is.
pub(super) async fn run<C: Clock>(
    hyper: &http1::Builder,
    inner: &Inner,
    clock: &Arc<C>,
    tcp: TcpStream,
    address: SocketAddr,
    mut stage: watch::Receiver<Stage>,
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
    };
    let limits = &inner.settings.limits;
    let times = wire::Times { stall: limits.stall_time, linger: limits.linger_time };
    let service = service_fn(|request: http::Request<Incoming>| {
        // Before anything is awaited: hyper looks for the end of the stream before it asks for the answer.
        if request.body().is_end_stream() {
            peer.wire.asked();
        }
        inner.answer(&**clock, &peer, request)
    });
    let mut connection = pin!(hyper.serve_connection(TokioIo::new(Wire::new(tcp, wire, times)), service));
    let mut ending = *stage.borrow_and_update() != Stage::Serving;
    if ending {
        connection.as_mut().graceful_shutdown();
    }
    let result = loop {
        tokio::select! {
            biased;
            result = &mut connection => break result,
            // The sender is gone: nobody is left to wait for us.
            changed = stage.changed() => match *stage.borrow_and_update() {
                _ if changed.is_err() => return,
                Stage::Over => return,
                Stage::Draining if !ending => {
                    ending = true;
                    connection.as_mut().graceful_shutdown();
                }
                Stage::Draining | Stage::Serving => {}
            },
        }
    };
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
