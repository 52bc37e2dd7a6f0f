//! The authority a client addressed: `host[:port]` (RFC 9110 §7.2).

use std::net::{IpAddr, Ipv6Addr};

/// A well-formed `host[:port]`, without user information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Host<'t> {
    text: &'t str,
    name: &'t str,
}

impl<'t> Host<'t> {
    /// Reads it. `None` when it is empty, or holds what a host cannot hold.
    pub(super) fn parse(text: &'t str) -> Option<Host<'t>> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                address.parse::<Ipv6Addr>().ok()?;
                (&text[..address.len() + 2], port.strip_prefix(':').or(port.is_empty().then_some("")))
            }
            None => match text.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (text, Some("")),
            },
        };
        let port = port?;
        let well_formed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte);
        let named = name.starts_with('[') || (!name.is_empty() && name.bytes().all(well_formed));
        let numbered =
            port.is_empty() || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok());
        (named && numbered && text.len() <= 300).then_some(Host { text, name })
    }

    /// As it was written.
    pub(super) fn as_str(self) -> &'t str {
        self.text
    }

    /// Whether it can only mean this machine: `localhost`, `*.localhost`, 127.0.0.0/8, `[::1]`.
    pub(super) fn is_local(self) -> bool {
        let name = self.name.strip_suffix('.').unwrap_or(self.name);
        if let Some(v6) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            return v6.parse::<Ipv6Addr>().is_ok_and(|address| address.to_canonical().is_loopback());
        }
        if let Ok(address) = name.parse::<IpAddr>() {
            return address.is_loopback();
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        last.eq_ignore_ascii_case("localhost") && !name.starts_with('.')
    }
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn local_is_what_can_only_mean_this_machine() {
        for host in [
            "localhost",
            "LOCALHOST:4010",
            "t1.localhost:80",
            "localhost.",
            "127.0.0.1:4010",
            "127.9.8.7",
            "[::1]",
            "[::1]:65535",
        ] {
            assert!(Host::parse(host).is_some_and(Host::is_local), "{host}");
        }
        for host in [
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "10.0.0.1",
            "127.0.0.1.nip.io",
            "[::]",
            "0.0.0.0",
            "[fe80::1]",
            "0177.0.0.1",
            "2130706433",
        ] {
            assert!(Host::parse(host).is_some_and(|host| !host.is_local()), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in [
            "", ":80", "a b", "a/b", "a@b", "a:b", "a:65536", "[::1", "::1", "[x]", "[::1]x", "a\\b", "a\"b", "<b>",
            "ü",
        ] {
            assert_eq!(Host::parse(host), None, "{host}");
        }
        for host in ["a", "a:", "a_b.c:1", "%41"] {
            assert_eq!(Host::parse(host).map(Host::as_str), Some(host));
        }
    }
}
