//! Where requests go: an origin (RFC 9110 §4.3.1), and URLs that begin with one.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::message::Target;

/// How to speak to an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear; port 80 unless told otherwise.
    Http,
    /// Over TLS; port 443 unless told otherwise.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port that a URL need not name.
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// Scheme, host and port. Displays as `https://api.example.com`, without the scheme's own port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads the text of a URL that has no path (or only `/`), no query and no fragment.
    ///
    /// # Errors
    /// When it is no such URL, or carries user-info.
    pub fn parse(text: &str) -> Result<Origin, UrlError> {
        let base = BaseUrl::parse(text)?;
        if base.path.len() > 1 { Err(UrlError::Path(base.path)) } else { Ok(base.origin) }
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The name or address in lower case; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, named in the URL or not.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as the `Host` field has them: the scheme's own port is left out, IPv6 addresses are in brackets.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() { bracketed(&self.host).into_owned() } else { self.address() }
    }

    /// `host:port`, with the port always.
    pub fn address(&self) -> String {
        address(&self.host, self.port)
    }

    /// The address, when the host is written as one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Whether this is the same machine by its very name (RFC 6761 §6.3): `localhost`, `*.localhost`, 127.0.0.0/8, `::1`.
    pub fn is_loopback(&self) -> bool {
        match self.ip() {
            Some(ip) => ip.to_canonical().is_loopback(),
            None => is_localhost(&self.host),
        }
    }
}

/// `host:port`, an IPv6 address in brackets.
pub(super) fn address(host: &str, port: u16) -> String {
    format!("{}:{port}", bracketed(host))
}

fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { format!("[{host}]").into() } else { host.into() }
}

/// Whether the name is `localhost` or below it.
pub(super) fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

/// The URL a live API is reached under: what the paths of its document are appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// Whom to connect to.
    pub origin: Origin,
    /// As it was written, percent-encoded: empty when there was none, `/` when it was only that.
    pub path: String,
}

impl BaseUrl {
    /// Reads a URL with or without a path.
    ///
    /// # Errors
    /// When it is not `http://` or `https://` with a host, or has user-info, a query or a fragment.
    pub fn parse(text: &str) -> Result<BaseUrl, UrlError> {
        let (origin, rest) = divide(text.trim())?;
        if rest.contains('#') {
            return Err(UrlError::Fragment);
        }
        if rest.contains('?') {
            return Err(UrlError::Query);
        }
        if !rest.is_empty() && Target::parse(rest).is_none() {
            return Err(UrlError::Characters(rest.to_owned()));
        }
        Ok(BaseUrl { origin, path: rest.to_owned() })
    }

    /// The target for a path (with its query) of the API; slashes at the end of the base path do not double.
    ///
    /// `None` when the result is no target: `path` does not start with `/`, or holds what no request line can carry.
    pub fn join(&self, path: &str) -> Option<Target> {
        if !path.starts_with('/') {
            return None;
        }
        Target::parse(&format!("{}{path}", self.path.trim_end_matches('/')))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.origin, self.path)
    }
}

/// Divides a whole URL, as recorded traffic has them, into whom to connect to and what to ask for; a fragment is dropped.
///
/// # Errors
/// When it is not `http://` or `https://` with a host, or has user-info.
pub fn split_url(text: &str) -> Result<(Origin, Target), UrlError> {
    let (origin, rest) = divide(text.trim())?;
    let rest = rest.split('#').next().unwrap_or_default();
    let target = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    match Target::parse(&target) {
        Some(target) => Ok((origin, target)),
        None => Err(UrlError::Characters(target)),
    }
}

/// The origin, and what follows it.
fn divide(text: &str) -> Result<(Origin, &str), UrlError> {
    let (scheme, rest) = text.split_once("://").ok_or_else(|| UrlError::NoScheme(text.to_owned()))?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err(UrlError::Scheme(scheme.to_owned())),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    if authority.contains('@') {
        return Err(UrlError::UserInfo);
    }
    let (host, port) = host_and_port(authority)?;
    Ok((Origin { scheme, host, port: port.unwrap_or(scheme.default_port()) }, rest))
}

/// Reads `host`, `host:port` or `[ipv6]:port`; the host in lower case, without brackets.
pub(super) fn host_and_port(authority: &str) -> Result<(String, Option<u16>), UrlError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(|| UrlError::Host(authority.to_owned()))?;
            let address: Ipv6Addr = host.parse().map_err(|_| UrlError::Host(authority.to_owned()))?;
            (address.to_string(), port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
            if host.is_empty() {
                return Err(UrlError::NoHost);
            }
            if host.len() > 253 || host.starts_with('.') || host.contains("..") || !host.bytes().all(known) {
                return Err(UrlError::Host(host.to_owned()));
            }
            (host.to_ascii_lowercase(), port)
        }
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some("") => None,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port != 0).ok_or_else(|| UrlError::Port(digits.to_owned()))?)
        }
        Some(other) => return Err(UrlError::Port(other.to_owned())),
        None => return Err(UrlError::Host(authority.to_owned())),
    };
    Ok((host, port))
}

/// Why a text is not the URL that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// Nothing before the host.
    NoScheme(String),
    /// Neither `http` nor `https`.
    Scheme(String),
    /// No host.
    NoHost,
    /// Not a name or address.
    Host(String),
    /// Not 1–65535.
    Port(String),
    /// `user:password@`.
    UserInfo,
    /// `?` where none belongs.
    Query,
    /// `#` where none belongs.
    Fragment,
    /// A path where only an origin belongs.
    Path(String),
    /// Characters that must be percent-encoded.
    Characters(String),
}

impl fmt::Display for UrlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlError::NoScheme(text) => write!(out, "`{text}` does not start with `http://` or `https://`"),
            UrlError::Scheme(scheme) => write!(out, "scheme `{scheme}` is neither `http` nor `https`"),
            UrlError::NoHost => write!(out, "the URL names no host"),
            UrlError::Host(host) => write!(out, "`{host}` is not a host name or address"),
            UrlError::Port(port) => write!(out, "`{port}` is not a port (1 to 65535)"),
            // The text itself is not repeated: it holds a secret.
            UrlError::UserInfo => write!(out, "the URL carries a user name or password"),
            UrlError::Query => write!(out, "the URL has a query, which a base URL cannot have"),
            UrlError::Fragment => write!(out, "the URL has a fragment, which a base URL cannot have"),
            UrlError::Path(path) => write!(out, "the URL has a path, `{path}`, where only an origin belongs"),
            UrlError::Characters(path) => write!(out, "`{path}` holds characters that must be percent-encoded"),
        }
    }
}

impl std::error::Error for UrlError {}

impl UrlError {
    /// What to do about it, where that is not plain from the sentence.
    pub fn help(&self) -> Option<String> {
        match self {
            UrlError::NoScheme(text) => Some(format!("write `http://{text}` or `https://{text}`")),
            UrlError::UserInfo => Some("send credentials as a field: `-H 'Authorization: Basic …'`".to_owned()),
            UrlError::Host(host) if !host.is_ascii() => {
                Some("write an international name in its ASCII form (`xn--…`)".to_owned())
            }
            UrlError::Query | UrlError::Fragment => Some("leave it out: paths are appended to the URL".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BaseUrl, Origin, UrlError, split_url};

    #[test]
    fn origins_are_read_and_written() {
        for (text, shown, authority, address) in [
            ("http://localhost", "http://localhost", "localhost", "localhost:80"),
            ("HTTPS://Api.Example.COM:443/", "https://api.example.com", "api.example.com", "api.example.com:443"),
            ("http://127.0.0.1:4010", "http://127.0.0.1:4010", "127.0.0.1:4010", "127.0.0.1:4010"),
            ("https://[::1]", "https://[::1]", "[::1]", "[::1]:443"),
            ("http://[0:0::1]:80", "http://[::1]", "[::1]", "[::1]:80"),
            (" http://h: ", "http://h", "h", "h:80"),
            ("http://h80", "http://h80", "h80", "h80:80"),
        ] {
            let origin = Origin::parse(text).expect(text);
            assert_eq!(origin.to_string(), shown);
            assert_eq!(origin.authority(), authority);
            assert_eq!(origin.address(), address);
        }
    }

    #[test]
    fn what_is_no_base_url_says_why() {
        let text = |text: &str| text.to_owned();
        for (url, error) in [
            ("localhost:4010", UrlError::NoScheme(text("localhost:4010"))),
            ("", UrlError::NoScheme(text(""))),
            ("ftp://h", UrlError::Scheme(text("ftp"))),
            ("http://", UrlError::NoHost),
            ("http://:80", UrlError::NoHost),
            ("http:///path", UrlError::NoHost),
            ("http://a b", UrlError::Host(text("a b"))),
            ("http://bücher.example", UrlError::Host(text("bücher.example"))),
            ("http://[::1", UrlError::Host(text("[::1"))),
            ("http://[fe80::1%25eth0]", UrlError::Host(text("[fe80::1%25eth0]"))),
            ("http://[::1]80", UrlError::Host(text("[::1]80"))),
            ("http://h:0", UrlError::Port(text("0"))),
            ("http://h:65536", UrlError::Port(text("65536"))),
            ("http://h:+80", UrlError::Port(text("+80"))),
            ("http://::1", UrlError::NoHost),
            ("http://ada:secret@h/v1", UrlError::UserInfo),
            ("http://h/v1?x", UrlError::Query),
            ("http://h/v1#x", UrlError::Fragment),
            ("http://h/a b", UrlError::Characters(text("/a b"))),
        ] {
            assert_eq!(BaseUrl::parse(url), Err(error), "{url}");
        }
        assert!(!UrlError::UserInfo.to_string().contains("secret"));
        assert_eq!(Origin::parse("http://h/v1"), Err(UrlError::Path(text("/v1"))));
        assert_eq!(BaseUrl::parse("h:1").unwrap_err().help().as_deref(), Some("write `http://h:1` or `https://h:1`"));
    }

    #[test]
    fn paths_are_appended_to_the_base() {
        for (base, joined) in [
            ("http://h", "/pets?x=/"),
            ("http://h/", "/pets?x=/"),
            ("http://h/v1", "/v1/pets?x=/"),
            ("http://h/v1//", "/v1/pets?x=/"),
        ] {
            let base = BaseUrl::parse(base).unwrap();
            assert_eq!(base.join("/pets?x=/").unwrap().as_str(), joined);
            assert_eq!(base.join("pets"), None);
            assert_eq!(base.join("/a b"), None);
        }
        assert_eq!(BaseUrl::parse("http://h/v1/").unwrap().to_string(), "http://h/v1/");
    }

    #[test]
    fn recorded_urls_are_divided() {
        for (url, origin, target) in [
            ("https://h/a?b=c#d", "https://h", "/a?b=c"),
            ("http://h:8080?x", "http://h:8080", "/?x"),
            ("http://h#x", "http://h", "/"),
        ] {
            let (found, rest) = split_url(url).unwrap();
            assert_eq!((found.to_string().as_str(), rest.as_str()), (origin, target));
        }
        assert_eq!(split_url("http://u@h/"), Err(UrlError::UserInfo));
    }

    #[test]
    fn loopback_is_known_by_name_and_address() {
        for (host, loopback) in [
            ("localhost", true),
            ("LOCALHOST.", true),
            ("t1.localhost", true),
            ("127.8.0.1", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("localhost.example.com", false),
            ("notlocalhost", false),
            ("127.0.0.1.example.com", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(Origin::parse(&format!("http://{host}:1")).unwrap().is_loopback(), loopback, "{host}");
        }
    }
}
