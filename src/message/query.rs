//! The query of a request target as pairs, before any decoding.

/// The pairs between the `&`s, name and value as they were on the wire; empty pieces are skipped.
///
/// `Some("")` for `a=`, `None` for `a`. Undecoded on purpose: delimiters inside a value are told from those around it only
/// before decoding. Decode with [`form_decode`](super::form_decode).
pub fn query_pairs(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| match piece.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (piece, None),
    })
}

#[cfg(test)]
mod tests {
    use super::query_pairs;

    #[test]
    fn pairs_are_split_and_left_as_they_are() {
        let pairs: Vec<_> = query_pairs("a=1&b&c=&&d=x=y&e=%26+%3D&=z").collect();
        let expected = [
            ("a", Some("1")),
            ("b", None),
            ("c", Some("")),
            ("d", Some("x=y")),
            ("e", Some("%26+%3D")),
            ("", Some("z")),
        ];
        assert_eq!(pairs, expected);
        assert_eq!(query_pairs("").count(), 0);
    }
}
