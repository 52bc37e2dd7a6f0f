//! From an origin to an open connection: name lookup, TCP, a proxy's tunnel, TLS.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{timeout, timeout_at};

use super::clock;
use super::error::{Peer, Phase, SendError};
use super::origin::{self, Origin, Scheme};
use super::proxy::Proxy;
use super::socket::Stream;
use super::tls::Tls;

/// A moment by which something must be done, and the limit it came from.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    pub(super) when: Instant,
    pub(super) limit: Duration,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Deadline {
        let now = clock::now();
        // A limit beyond what the clock can say is a limit of many years.
        let when = now.checked_add(limit).unwrap_or(now + Duration::from_secs(u32::MAX.into()));
        Deadline { when, limit }
    }

    /// The one that comes first.
    pub(super) fn min(self, other: Deadline) -> Deadline {
        if other.when < self.when { other } else { self }
    }

    /// How much time is left.
    pub(super) fn left(self) -> Duration {
        self.when.saturating_duration_since(clock::now())
    }

    /// What the future yields; `None` when the time was over before.
    pub(super) async fn hold<T>(self, future: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.when.into(), future).await.ok()
    }
}

/// An open connection and what it took.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) connect: Duration,
    pub(super) tls: Duration,
}

/// Opens a connection to an origin, through the proxy if there is one.
pub(super) async fn open(
    origin: &Origin,
    proxy: Option<&Proxy>,
    tls: &Tls,
    deadline: Deadline,
) -> Result<Opened, SendError> {
    let server = Peer { address: origin.address(), proxy: false };
    let (host, port, hop) = match proxy {
        Some(proxy) => (proxy.host.as_str(), proxy.port, Peer { address: proxy.address(), proxy: true }),
        None => (origin.host(), origin.port(), server.clone()),
    };
    let late = |at: &Peer, during| SendError::Timeout { at: at.clone(), during, limit: deadline.limit };

    let started = clock::now();
    let tunnelled = async {
        let mut tcp = dial(host, port, &hop, deadline).await?;
        if let (Some(proxy), Scheme::Https) = (proxy, origin.scheme()) {
            tunnel(&mut tcp, proxy, &server.address, &hop).await?;
        }
        Ok(tcp)
    };
    let tcp = deadline.hold(tunnelled).await.unwrap_or_else(|| Err(late(&hop, Phase::Connect)))?;
    let connected = clock::now();
    let connect = connected - started;
    if origin.scheme() == Scheme::Http {
        return Ok(Opened { stream: Stream::Plain(tcp), connect, tls: Duration::ZERO });
    }
    let handshake = tls.connect(tcp, origin.host(), &server);
    let stream = deadline.hold(handshake).await.unwrap_or_else(|| Err(late(&server, Phase::Tls)))?;
    Ok(Opened { stream: Stream::Tls(Box::new(stream)), connect, tls: clock::now() - connected })
}

/// Connects to the first address that answers. The next one is tried when one fails, and beside it when one is slow (RFC 8305 §5).
async fn dial(host: &str, port: u16, at: &Peer, deadline: Deadline) -> Result<TcpStream, SendError> {
    const SLOW: Duration = Duration::from_millis(250);
    let mut failed = SendError::NameNotFound { at: at.clone() };
    let mut untried = addresses(host, port).await.map_err(|_| failed.clone())?.into_iter();
    let mut attempts = JoinSet::new();
    loop {
        if let Some(address) = untried.next() {
            attempts.spawn(TcpStream::connect(address));
        }
        tokio::select! {
            attempt = attempts.join_next() => {
                let error = match attempt {
                    None => return Err(failed),
                    Some(Ok(Ok(tcp))) => {
                        // Only a matter of speed: a connection without it works too.
                        let _ = tcp.set_nodelay(true);
                        return Ok(tcp);
                    }
                    Some(Ok(Err(error))) => dial_error(&error, at, deadline.limit),
                    Some(Err(ended)) => SendError::Unreachable { at: at.clone(), why: ended.to_string() },
                };
                // Of several addresses, one that refused says most.
                if !matches!(failed, SendError::Refused { .. }) {
                    failed = error;
                }
            }
            () = tokio::time::sleep(SLOW), if untried.len() > 0 => {}
        }
    }
}

/// The addresses of a host. `localhost` and the names below it are this machine whatever a resolver says (RFC 6761 §6.3).
async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![(ip, port).into()]);
    }
    if origin::is_localhost(host) {
        return Ok(vec![(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()]);
    }
    Ok(lookup_host((host, port)).await?.take(ADDRESSES).collect())
}

/// More addresses than these are not tried.
const ADDRESSES: usize = 8;

fn dial_error(error: &io::Error, at: &Peer, limit: Duration) -> SendError {
    let at = at.clone();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => SendError::Refused { at },
        io::ErrorKind::TimedOut => SendError::Timeout { at, during: Phase::Connect, limit },
        _ => SendError::Unreachable { at, why: error.to_string() },
    }
}

/// Whether what accepted the connection closed it at once, as forwarders of ports do when nothing listens behind them.
pub(super) async fn closes_at_once(stream: &Stream) -> bool {
    const AT_ONCE: Duration = Duration::from_millis(50);
    match stream {
        Stream::Plain(tcp) => {
            let mut byte = [0];
            matches!(timeout(AT_ONCE, tcp.peek(&mut byte)).await, Ok(Ok(0) | Err(_)))
        }
        // A handshake tells that there is somebody.
        Stream::Tls(_) => false,
    }
}

/// Asks a proxy to pass bytes on to `target` (RFC 9110 §9.3.6).
async fn tunnel(tcp: &mut TcpStream, proxy: &Proxy, target: &str, at: &Peer) -> Result<(), SendError> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(authorization) = &proxy.authorization {
        request.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
    }
    request.push_str("\r\n");
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => SendError::Reset { at: at.clone() },
        _ => SendError::Unreachable { at: at.clone(), why: error.to_string() },
    };
    let malformed = |why: &str| SendError::Malformed { at: at.clone(), why: why.to_owned(), tls: false };

    tcp.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // Byte by byte is slow and exact: what follows the head belongs to the tunnel.
        match tcp.read_u8().await {
            Ok(byte) if head.len() < TUNNEL_HEAD => head.push(byte),
            Ok(_) => return Err(malformed("its head is too long")),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && head.is_empty() => {
                return Err(SendError::Closed { at: at.clone() });
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(malformed("it broke off within its head"));
            }
            Err(error) => return Err(broken(error)),
        }
    }
    match status(&head) {
        Some(200..=299) => Ok(()),
        Some(status) => Err(SendError::ProxyRefused { at: at.clone(), status, target: target.to_owned() }),
        None => Err(malformed("its first line is no status line")),
    }
}

/// Bytes of a proxy's answer that are read.
const TUNNEL_HEAD: usize = 16 * 1024;

/// The status of a head.
fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let digits = rest.strip_prefix(b"0 ").or(rest.strip_prefix(b"1 "))?.get(..3)?;
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|status| *status >= 100)
}
