//! Which origins are reached through which proxy.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;

use super::options::ProxyVariables;
use super::origin::{Origin, Scheme, address, host_and_port};

/// An HTTP proxy that is spoken to in the clear. No `Debug`: it may hold a password.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<String>,
}

/// The proxy variables, read once. One that cannot be used is told only when an origin would need it.
pub(super) struct Proxies {
    http: Option<Result<Proxy, String>>,
    https: Option<Result<Proxy, String>>,
    exceptions: Vec<Exception>,
    loopback: bool,
}

/// An element of `NO_PROXY`.
struct Exception {
    hosts: Hosts,
    port: Option<u16>,
}

enum Hosts {
    All,
    /// The name and those below it.
    Domain(String),
    /// Addresses that share this many leading bits with this one.
    Block(IpAddr, u32),
}

impl Proxies {
    pub(super) fn new(variables: &ProxyVariables) -> Proxies {
        let read = |own: (&str, &Option<String>)| {
            let (name, value) = [own, ("ALL_PROXY", &variables.all)].into_iter().find_map(|(name, value)| {
                Some((name, value.as_deref()?.trim())).filter(|(_, value)| !value.is_empty())
            })?;
            Some(Proxy::parse(value).map_err(|why| format!("{name} {why}")))
        };
        let exceptions = variables.no_proxy.as_deref().unwrap_or_default();
        Proxies {
            http: read(("HTTP_PROXY", &variables.http)),
            https: read(("HTTPS_PROXY", &variables.https)),
            exceptions: exceptions.split([',', ' ', '\t']).filter_map(Exception::parse).collect(),
            loopback: variables.loopback,
        }
    }

    /// The proxy for an origin; `None` when it is reached directly, `Err` says why the one that is set cannot be used.
    pub(super) fn for_origin(&self, origin: &Origin) -> Option<Result<&Proxy, &str>> {
        let proxy = match origin.scheme() {
            Scheme::Http => self.http.as_ref(),
            Scheme::Https => self.https.as_ref(),
        }?;
        let direct = origin.is_loopback() && !self.loopback || self.exceptions.iter().any(|e| e.covers(origin));
        (!direct).then(|| proxy.as_ref().map_err(String::as_str))
    }
}

impl Proxy {
    fn parse(text: &str) -> Result<Proxy, String> {
        // No text of the variable is repeated in a message: it may hold a password.
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        if !scheme.eq_ignore_ascii_case("http") {
            return Err("names a proxy that is not `http://`, and no other kind is supported".to_owned());
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user_info, address) = match authority.rsplit_once('@') {
            Some((user_info, address)) => (Some(user_info), address),
            None => (None, authority),
        };
        let (host, port) = host_and_port(address).map_err(|_| "is not the URL of a proxy".to_owned())?;
        let authorization = user_info.map(|user_info| {
            let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
            let mut plain: Vec<u8> = percent_decode_str(user).collect();
            plain.push(b':');
            plain.extend(percent_decode_str(password));
            format!("Basic {}", BASE64_STANDARD.encode(plain))
        });
        Ok(Proxy { host, port: port.unwrap_or(80), authorization })
    }

    /// `host:port`.
    pub(super) fn address(&self) -> String {
        address(&self.host, self.port)
    }
}

impl Exception {
    fn parse(text: &str) -> Option<Exception> {
        if let Ok(address) = text.parse() {
            return Some(Exception { hosts: Hosts::block(address, None)?, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, digits))
                if !host.is_empty() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) =>
            {
                // A port that no origin can have covers none.
                (host, Some(digits.parse().ok()?))
            }
            _ => (text, None),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let (address, bits) = match host.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (host, None),
        };
        let hosts = if host == "*" {
            Hosts::All
        } else if let Ok(address) = address.parse() {
            Hosts::block(address, bits)?
        } else {
            let domain = host.trim_start_matches('*').trim_matches('.');
            if domain.is_empty() {
                return None;
            }
            Hosts::Domain(domain.to_ascii_lowercase())
        };
        Some(Exception { hosts, port })
    }

    fn covers(&self, origin: &Origin) -> bool {
        if self.port.is_some_and(|port| port != origin.port()) {
            return false;
        }
        match &self.hosts {
            Hosts::All => true,
            Hosts::Domain(domain) => {
                let host = origin.host().strip_suffix('.').unwrap_or(origin.host());
                host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Hosts::Block(start, bits) => match (start, origin.ip().map(|ip| ip.to_canonical())) {
                (IpAddr::V4(start), Some(IpAddr::V4(ip))) => {
                    (u32::from(*start) ^ u32::from(ip)).checked_shr(32 - bits).unwrap_or(0) == 0
                }
                (IpAddr::V6(start), Some(IpAddr::V6(ip))) => {
                    (u128::from(*start) ^ u128::from(ip)).checked_shr(128 - bits).unwrap_or(0) == 0
                }
                _ => false,
            },
        }
    }
}

impl Hosts {
    /// `None` when there are more bits than the address has.
    fn block(address: IpAddr, bits: Option<u32>) -> Option<Hosts> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Hosts::Block(address, bits))
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    use super::super::origin::{BaseUrl, split_url};
    use super::{Origin, Proxies, ProxyVariables};

    fn proxies(no_proxy: &str) -> Proxies {
        let text = |text: &str| Some(text.to_owned());
        Proxies::new(&ProxyVariables {
            http: text("http://a%40b:p%3Aw@proxy:3128/"),
            https: text(""),
            all: text("other"),
            no_proxy: text(no_proxy),
            loopback: false,
        })
    }

    fn proxy_of(proxies: &Proxies, url: &str) -> Option<String> {
        proxies
            .for_origin(&Origin::parse(url).unwrap())
            .map(|proxy| proxy.unwrap_or_else(|why| panic!("{why}")).address())
    }

    #[test]
    fn the_scheme_chooses_the_variable() {
        let proxies = proxies("");
        assert_eq!(proxy_of(&proxies, "http://example.com").as_deref(), Some("proxy:3128"));
        assert_eq!(proxy_of(&proxies, "https://example.com").as_deref(), Some("other:80"));
        let http = proxies.for_origin(&Origin::parse("http://example.com").unwrap()).unwrap().ok().unwrap();
        assert_eq!(http.authorization.as_deref(), Some("Basic YUBiOnA6dw=="));
        let none = Proxies::new(&ProxyVariables::default());
        assert_eq!(proxy_of(&none, "http://example.com"), None);
    }

    #[test]
    fn this_machine_is_reached_directly_unless_asked() {
        let variables = ProxyVariables { all: Some("proxy:1".to_owned()), ..ProxyVariables::default() };
        for url in ["http://localhost:1", "https://127.0.0.1", "http://t1.localhost", "http://[::1]"] {
            assert_eq!(proxy_of(&Proxies::new(&variables), url), None);
            let asked = Proxies::new(&ProxyVariables { loopback: true, ..variables.clone() });
            assert_eq!(proxy_of(&asked, url).as_deref(), Some("proxy:1"));
        }
    }

    #[test]
    fn exceptions_are_names_ports_addresses_and_blocks() {
        let url = |host: &str| format!("http://{host}");
        for (exception, covered, not_covered) in [
            ("*", "example.com", None),
            ("example.com", "example.com", Some("myexample.com")),
            ("example.com", "api.example.com:81", Some("example.com.org")),
            (".example.com", "api.example.com", Some("example.org")),
            ("*.Example.com", "example.com", Some("com")),
            ("a,  example.com:81", "example.com:81", Some("example.com")),
            ("10.1.2.3", "10.1.2.3", Some("10.1.2.4")),
            ("10.0.0.0/8", "10.255.0.1", Some("11.0.0.1")),
            ("10.0.0.0/8:81", "10.255.0.1:81", Some("10.255.0.1")),
            ("0.0.0.0/0", "11.0.0.1", Some("example.com")),
            ("fd00::/8", "[fd12::1]", Some("[fe12::1]")),
            ("::/0", "[fd12::1]", Some("1.2.3.4")),
            ("[fd12::1]:81", "[fd12::1]:81", Some("[fd12::1]")),
            ("fd12::1", "[fd12::1]:9", Some("[fd12::2]")),
        ] {
            let proxies = proxies(exception);
            assert_eq!(proxy_of(&proxies, &url(covered)), None, "{exception}");
            if let Some(not_covered) = not_covered {
                assert!(proxy_of(&proxies, &url(not_covered)).is_some(), "{exception} {not_covered}");
            }
        }
    }

    #[test]
    fn nonsense_in_exceptions_covers_nothing() {
        for exception in [",,", "10.0.0.0/99", "example.com:99999", "..", "/", ":", "[", "*:x"] {
            assert!(proxy_of(&proxies(exception), "http://example.com").is_some(), "{exception}");
        }
    }

    #[test]
    fn an_unusable_proxy_is_told_without_its_secret() {
        for value in ["socks5://u:secret@h", "https://u:secret@h", "http://u:secret@", "http://u:secret@h:99999"] {
            let proxies = Proxies::new(&ProxyVariables { all: Some(value.to_owned()), ..ProxyVariables::default() });
            let why = proxies.for_origin(&Origin::parse("http://example.com").unwrap()).unwrap().err().unwrap();
            assert!(why.starts_with("ALL_PROXY ") && !why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn any_text_can_be_read() {
        const PIECES: [&str; 18] = [
            "http://", "HTTPS://", "a", "[", "]", "::1", ":", "80", "99999", "/", "?", "#", "@", ".", "*", ",",
            "10.0.0.0", "ü",
        ];
        let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
        for _ in 0..30_000 {
            let text: String =
                (0..random.random_range(0..10)).map(|_| PIECES[random.random_range(0..PIECES.len())]).collect();
            if let Ok(base) = BaseUrl::parse(&text) {
                assert_eq!(BaseUrl::parse(&base.to_string()), Ok(base.clone()), "{text}");
                assert_eq!(split_url(&text).unwrap().0, base.origin, "{text}");
            }
            let variables =
                ProxyVariables { all: Some(text.clone()), no_proxy: Some(text), ..ProxyVariables::default() };
            let _ = Proxies::new(&variables).for_origin(&Origin::parse("http://10.0.0.1").unwrap());
        }
    }
}
