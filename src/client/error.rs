//! Why a request got no answer, and why a client could not be made; each with its remedy.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The other end of a connection: an origin's server, or a proxy. Displays as `` `host:port` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// `host:port`.
    pub address: String,
    /// Whether it is a proxy on the way there.
    pub proxy: bool,
}

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}`{}`", if self.proxy { "the proxy " } else { "" }, self.address)
    }
}

/// How far an exchange came before its time was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Name lookup and connection, a proxy's tunnel included.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request and waiting for the head of the answer.
    Answer,
}

/// Why a certificate is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Untrusted {
    /// No known authority signed it.
    UnknownIssuer,
    /// The authority it names is known by another key: it was made anew, or somebody else uses its name.
    OtherKey,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is for other names: these.
    OtherName(Vec<String>),
    /// Something else, in the words of the TLS library.
    Other(String),
}

impl fmt::Display for Untrusted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Untrusted::UnknownIssuer => out.write_str("no known authority issued it"),
            Untrusted::OtherKey => out.write_str("the authority that it names is known here with another key"),
            Untrusted::Expired => out.write_str("it has expired"),
            Untrusted::NotYetValid => out.write_str("it is not valid yet"),
            Untrusted::OtherName(names) if names.is_empty() => out.write_str("it is not for this name"),
            Untrusted::OtherName(names) => write!(out, "it is for `{}`, not for this name", names.join("`, `")),
            Untrusted::Other(why) => out.write_str(why),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// Nothing listens there.
    Refused {
        /// Who did.
        at: Peer,
    },
    /// The name has no address.
    NameNotFound {
        /// Whose name.
        at: Peer,
    },
    /// No connection, for another reason.
    Unreachable {
        /// Who is.
        at: Peer,
        /// In the operating system's words.
        why: String,
    },
    /// The time was over before the head of the answer was there.
    Timeout {
        /// Who was too slow.
        at: Peer,
        /// What was under way.
        during: Phase,
        /// The limit that was reached.
        limit: Duration,
    },
    /// The certificate is not trusted.
    TlsUntrusted {
        /// Who showed it.
        at: Peer,
        /// What is wrong with it.
        why: Untrusted,
    },
    /// What answered does not speak TLS.
    NotTls {
        /// Who answered.
        at: Peer,
    },
    /// The TLS handshake failed for another reason.
    TlsOther {
        /// With whom.
        at: Peer,
        /// In the TLS library's words.
        why: String,
    },
    /// The connection was closed before a single byte of the answer.
    Closed {
        /// Who closed it.
        at: Peer,
    },
    /// The connection was reset before a single byte of the answer.
    Reset {
        /// Who reset it.
        at: Peer,
    },
    /// What came is no HTTP answer, or broke off within its head.
    Malformed {
        /// Who sent it.
        at: Peer,
        /// What is wrong with it.
        why: String,
        /// Whether it looks like TLS.
        tls: bool,
    },
    /// The proxy does not connect to the origin.
    ProxyRefused {
        /// The proxy.
        at: Peer,
        /// Its status.
        status: u16,
        /// The origin's `host:port`.
        target: String,
    },
    /// The proxy that is set for the origin cannot be used.
    ProxyUnusable {
        /// Which variable, and why; without its value.
        why: String,
    },
    /// The request cannot be sent as it is.
    Unsendable {
        /// Why.
        why: String,
    },
}

impl fmt::Display for SendError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendError::Refused { at } => write!(out, "{at} refused the connection"),
            SendError::NameNotFound { at } => write!(out, "no address is known for {at}"),
            SendError::Unreachable { at, why } => write!(out, "{at} cannot be reached: {why}"),
            SendError::Timeout { at, during, limit } => match during {
                Phase::Connect => write!(out, "no connection to {at} within {limit:?}"),
                Phase::Tls => write!(out, "no TLS handshake with {at} within {limit:?}"),
                Phase::Answer => write!(out, "no answer from {at} within {limit:?}"),
            },
            SendError::TlsUntrusted { at, why } => write!(out, "the certificate of {at} is not trusted: {why}"),
            SendError::NotTls { at } => write!(out, "{at} does not speak TLS"),
            SendError::TlsOther { at, why } => write!(out, "the TLS handshake with {at} failed: {why}"),
            SendError::Closed { at } => write!(out, "{at} closed the connection without an answer"),
            SendError::Reset { at } => write!(out, "{at} reset the connection without an answer"),
            SendError::Malformed { at, why, .. } => write!(out, "what {at} sent is no HTTP answer: {why}"),
            SendError::ProxyRefused { at, status, target } => {
                write!(out, "{at} answered {status} when asked to connect to `{target}`")
            }
            SendError::ProxyUnusable { why } => write!(out, "the proxy cannot be used: {why}"),
            SendError::Unsendable { why } => write!(out, "the request cannot be sent: {why}"),
        }
    }
}

impl std::error::Error for SendError {}

impl SendError {
    /// The other end it is about, when a connection was under way.
    pub fn peer(&self) -> Option<&Peer> {
        match self {
            SendError::Refused { at }
            | SendError::NameNotFound { at }
            | SendError::Unreachable { at, .. }
            | SendError::Timeout { at, .. }
            | SendError::TlsUntrusted { at, .. }
            | SendError::NotTls { at }
            | SendError::TlsOther { at, .. }
            | SendError::Closed { at }
            | SendError::Reset { at }
            | SendError::Malformed { at, .. }
            | SendError::ProxyRefused { at, .. } => Some(at),
            SendError::ProxyUnusable { .. } | SendError::Unsendable { .. } => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        const TRUST: &str = "`--ca FILE` trusts the authority in that PEM file; `--insecure` accepts any certificate";
        let help = match self {
            SendError::ProxyUnusable { .. } => "set it to `http://host:port`, or name the host in NO_PROXY",
            SendError::ProxyRefused { status: 407, .. } => {
                "the proxy wants credentials: `http://user:password@host:port` in its variable"
            }
            SendError::ProxyRefused { .. } => "name the host in NO_PROXY to reach it directly",
            SendError::TlsUntrusted { why: Untrusted::UnknownIssuer, .. } => TRUST,
            SendError::TlsUntrusted { why: Untrusted::OtherName(_), .. } => {
                "use a name the certificate is for; `--insecure` accepts any certificate"
            }
            SendError::TlsUntrusted { why: Untrusted::Expired | Untrusted::NotYetValid, .. } => {
                "check this machine's date; `--insecure` accepts any certificate"
            }
            SendError::TlsUntrusted { .. } => TRUST,
            SendError::NotTls { .. } => "if it is meant to be plain HTTP, write `http://`",
            SendError::Malformed { tls: true, .. } => "it looks like TLS: write `https://`",
            SendError::Timeout { during: Phase::Answer, .. } => "`--timeout 2m` waits longer",
            _ if self.peer().is_some_and(|peer| peer.proxy) => {
                "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; NO_PROXY names hosts to reach directly"
            }
            SendError::Refused { .. } => "is it running? `--wait 30s` waits until it is",
            SendError::NameNotFound { .. } => "check the host's spelling in the URL",
            SendError::Timeout { .. } | SendError::Unreachable { .. } => {
                "check host and port; `--wait 30s` waits until it can be reached"
            }
            _ => return None,
        };
        Some(help.to_owned())
    }

    /// Whether waiting may mend it: what listens may only be starting.
    pub(super) fn may_pass(&self) -> bool {
        matches!(
            self,
            SendError::Refused { .. }
                | SendError::NameNotFound { .. }
                | SendError::Unreachable { .. }
                | SendError::Timeout { .. }
                | SendError::Closed { .. }
                | SendError::Reset { .. }
                | SendError::ProxyRefused { status: 500..=599, .. }
        )
    }
}

/// Why a client cannot be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// A file of certificates cannot be read.
    CaUnreadable {
        /// Which.
        file: PathBuf,
        /// In the operating system's words.
        why: String,
    },
    /// A file of certificates holds none, or one that is none.
    CaUnusable {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for ClientError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::CaUnreadable { file, why } => write!(out, "`{}` cannot be read: {why}", file.display()),
            ClientError::CaUnusable { file, why } => write!(out, "`{}` {why}", file.display()),
        }
    }
}

impl std::error::Error for ClientError {}

impl ClientError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            ClientError::CaUnreadable { .. } | ClientError::CaUnusable { .. } => {
                Some("`--ca` takes a PEM file: text with `-----BEGIN CERTIFICATE-----`".to_owned())
            }
        }
    }
}
