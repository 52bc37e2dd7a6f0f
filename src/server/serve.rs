//! Accepting connections, and ending.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::connection;
use super::service::Inner;
use super::warden::{Stage, Warden};
use super::{Clock, Service, Summary};

/// How long accepting rests when the system has nothing left to accept with.
const REST: Duration = Duration::from_millis(100);

/// How long the last connections are given to be closed when all is over.
const LAST: Duration = Duration::from_secs(1);

/// What the tasks of a server share.
struct Server<C> {
    inner: Arc<Inner>,
    http: http1::Builder,
    clock: Arc<C>,
    slots: Arc<Semaphore>,
    warden: Warden,
}

/// Serves on these listeners until `shutdown` is over, then answers what is in flight, for at most
/// [`Limits::drain`](super::Limits::drain), and says what it came to. Log and recording are written to their end by then.
///
/// Needs a Tokio runtime with its drivers for input, output and time.
///
/// # Errors
/// When a listener cannot be used.
pub async fn serve(
    listeners: Vec<TcpListener>,
    service: Service,
    clock: impl Clock,
    shutdown: impl Future<Output = ()>,
) -> io::Result<Summary> {
    let inner = service.into_inner();
    inner.reached_at(base_url(&listeners));
    let connections = inner.settings.limits.connections.max(1);
    let server = Arc::new(Server {
        http: connection::http(&inner.settings.limits),
        clock: Arc::new(clock),
        slots: Arc::new(Semaphore::new(connections as usize)),
        warden: Warden::default(),
        inner,
    });
    let began = server.clock.now();
    server.inner.state.begins(began);
    let mut accepting = Vec::with_capacity(listeners.len());
    for listener in listeners {
        listener.set_nonblocking(true)?;
        accepting.push(tokio::net::TcpListener::from_std(listener)?);
    }
    tokio::select! {
        biased;
        () = shutdown => {}
        () = accept(&server, accepting) => {}
        () = server.warden.watch(server.inner.settings.limits.head_time) => {}
    }
    // First: who listens has an answer that ends with this.
    server.inner.tails.end();
    server.warden.tell(Stage::Draining);
    if timeout(server.inner.settings.limits.drain, server.slots.acquire_many(connections)).await.is_err() {
        server.inner.end();
        server.warden.tell(Stage::Over);
        let _ = timeout(LAST, server.slots.acquire_many(connections)).await;
    }
    let inner = &server.inner;
    let mut summary = inner.summary();
    summary.took = server.clock.now().since(began);
    // In this order: what goes wrong with the recording is told in the log.
    summary.recorded = inner.settings.recorder.as_ref().map(|recorder| recorder.close());
    inner.settings.log.close();
    summary.log_left_out = inner.settings.log.left_out();
    Ok(summary)
}

/// Takes a connection whenever there is a slot for it. Ends, and with it the listeners, when it is dropped.
async fn accept<C: Clock>(server: &Arc<Server<C>>, listeners: Vec<tokio::net::TcpListener>) {
    let log = &server.inner.settings.log;
    let (mut told, mut told_full) = (false, false);
    let mut turn = 0;
    // The semaphore is never closed.
    while let Ok(slot) = server.slots.clone().acquire_owned().await {
        if server.slots.available_permits() == 0 && !told_full {
            told_full = true;
            let most = server.inner.settings.limits.connections;
            log.warn(format!("{most} connections are open: more have to wait until some of them are closed"));
        }
        match next(&listeners, &mut turn).await {
            Ok((tcp, address)) => {
                let server = server.clone();
                tokio::spawn(async move {
                    connection::run(&server.http, &server.inner, &server.clock, tcp, address, &server.warden).await;
                    drop(slot);
                });
            }
            // The client was gone before it was its turn.
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                if !told {
                    told = true;
                    let more = "connections wait; a higher limit on open files (`ulimit -n`) may help";
                    log.warn(format!("cannot accept a connection: {error}; {more}"));
                }
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// The next connection of any listener; each has its turn to be looked at first.
async fn next(listeners: &[tokio::net::TcpListener], turn: &mut usize) -> io::Result<(TcpStream, SocketAddr)> {
    *turn = turn.wrapping_add(1);
    let first = *turn % listeners.len().max(1);
    poll_fn(|cx| {
        let (before, after) = listeners.split_at(first.min(listeners.len()));
        for listener in after.iter().chain(before) {
            if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    })
    .await
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Where to reach a server that listens there: `localhost` where that leads there, else the first address.
pub fn base_url(listeners: &[TcpListener]) -> String {
    match listeners.iter().find_map(|listener| listener.local_addr().ok()) {
        Some(first)
            if first.ip() == Ipv4Addr::LOCALHOST
                || first.ip() == Ipv6Addr::LOCALHOST
                || first.ip().is_unspecified() =>
        {
            format!("http://localhost:{}", first.port())
        }
        Some(first) => format!("http://{first}"),
        None => "http://localhost".to_owned(),
    }
}
