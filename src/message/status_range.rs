//! The keys of a Responses Object (OpenAPI 3.1.2 §4.8.16).

use std::fmt;

/// Whether an answer with this status never has content: 204, 205 and 304 (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
pub fn is_bodiless(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// What a key of `responses` covers. Ordered from the most to the least specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusRange {
    /// One status, such as `404`.
    Exact(u16),
    /// A class, such as `4XX`: the first digit.
    Class(u8),
    /// `default`: every status that no other key covers.
    Default,
}

impl StatusRange {
    /// Whether it is one status, of those that never have content.
    pub fn is_bodiless(self) -> bool {
        matches!(self, StatusRange::Exact(status) if is_bodiless(status))
    }

    /// Reads a key. `None` when it is not one the specification knows.
    pub fn parse(key: &str) -> Option<StatusRange> {
        if key == "default" {
            return Some(StatusRange::Default);
        }
        match key.as_bytes() {
            [class @ b'1'..=b'5', b'X', b'X'] => Some(StatusRange::Class(class - b'0')),
            [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9'] => key.parse().ok().map(StatusRange::Exact),
            _ => None,
        }
    }

    /// Whether a response with this status falls under the key, were it the only one.
    pub fn covers(self, status: u16) -> bool {
        match self {
            StatusRange::Exact(exact) => exact == status,
            StatusRange::Class(class) => u16::from(class) == status / 100,
            StatusRange::Default => true,
        }
    }
}

impl fmt::Display for StatusRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatusRange::Exact(status) => write!(out, "{status}"),
            StatusRange::Class(class) => write!(out, "{class}XX"),
            StatusRange::Default => out.write_str("default"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StatusRange;

    #[test]
    fn keys_are_read_as_the_specification_writes_them() {
        for (key, range) in [
            ("200", Some(StatusRange::Exact(200))),
            ("4XX", Some(StatusRange::Class(4))),
            ("default", Some(StatusRange::Default)),
            ("4xx", None),
            ("20", None),
            ("Default", None),
        ] {
            assert_eq!(StatusRange::parse(key), range, "{key}");
        }
    }
}
