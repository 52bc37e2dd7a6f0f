//! The `Cookie` field (RFC 6265 §4.2.1).

use http::{HeaderMap, header};

use super::fields;

/// The cookies of a request, name and value as they were on the wire: neither decoded nor stripped of quotation marks.
///
/// HTTP/2 splits the field into several, so all are read. A piece without `=` or without a name is skipped; repeated names are
/// all returned, in order.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    fields::lines(headers, &header::COOKIE).flat_map(cookie_pairs)
}

/// The pairs of one `Cookie` field's value.
pub fn cookie_pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name, value.trim()))
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::cookies;

    #[test]
    fn pairs_of_all_fields_in_order() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; b=\"x y\";c=d=e;;flag; =v;  f= "));
        headers.append(header::COOKIE, HeaderValue::from_bytes(b"lost=\xff").unwrap());
        headers.append(header::COOKIE, HeaderValue::from_static("a=%20"));
        let pairs: Vec<_> = cookies(&headers).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "\"x y\""), ("c", "d=e"), ("f", ""), ("a", "%20")]);
    }
}
