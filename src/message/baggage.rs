//! The `baggage` field (W3C Baggage): what is handed on from service to service, beside a trace.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};

use super::{fields, percent_decode};

/// The field.
pub static BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// The value of a member, percent-decoded; the first one where there are several. Its properties, behind `;`, are left out.
///
/// # Errors
/// The value as it is written, where that is no text when it is decoded.
pub fn baggage_member<'h>(headers: &'h HeaderMap, name: &str) -> Option<Result<Cow<'h, str>, &'h str>> {
    let members = fields::lines(headers, &BAGGAGE).flat_map(|line| line.split(','));
    let mut pairs = members.filter_map(|member| member.split(';').next()?.split_once('='));
    let (_, value) = pairs.find(|(known, _)| known.trim() == name)?;
    Some(percent_decode(value.trim()).map_err(|_| value.trim()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::baggage_member;

    #[test]
    fn a_member_is_found_in_any_line() {
        let mut headers = HeaderMap::new();
        headers.append("baggage", HeaderValue::from_static("user=ada , empty=,flag; session=t0"));
        headers.append("baggage", HeaderValue::from_static(" session = t%201;ttl=3;x=y,session=t2,odd=%ff"));
        let member = |name| baggage_member(&headers, name).map(Result::unwrap);
        assert_eq!(member("session").as_deref(), Some("t 1"));
        assert_eq!(member("user").as_deref(), Some("ada"));
        assert_eq!(member("empty").as_deref(), Some(""));
        assert_eq!(baggage_member(&headers, "odd"), Some(Err("%ff")));
        assert_eq!((member("flag"), member("ttl"), member("Session")), (None, None, None));
    }
}
