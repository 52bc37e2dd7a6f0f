//! The `Prefer` field: what the client would like, if it can be had (RFC 7240).

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};

use super::fields;

/// The preferences of a request, in the order they were stated, one a name.
///
/// Parameters after `;` are read as further preferences: `Prefer: code=404; example=gone` is how users of other mock servers
/// write two. Names are compared without case; the first of a name counts. What cannot be read is skipped.
#[derive(Clone, Debug, Default)]
pub struct Prefer<'h>(Vec<(&'h str, Cow<'h, str>)>);

/// Nobody states more; a hostile field is cut here.
const PREFERENCES: usize = 64;

impl<'h> Prefer<'h> {
    /// Reads the field, of which there may be several.
    pub fn parse(headers: &'h HeaderMap) -> Prefer<'h> {
        let mut preferences: Vec<(&'h str, Cow<'h, str>)> = Vec::new();
        let stated = fields::lines(headers, &PREFER).flat_map(|line| fields::split(line, b",;")).filter_map(read);
        for (name, value) in stated {
            if preferences.len() == PREFERENCES {
                break;
            }
            if !preferences.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                preferences.push((name, value));
            }
        }
        Prefer(preferences)
    }

    /// Whether nothing is preferred.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a preference, unquoted; the empty string when it was stated without one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// Names, as the client wrote them, and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'h str, &str)> {
        self.0.iter().map(|(name, value)| (*name, &**value))
    }
}

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// One preference: a token, and after `=` a token or quoted string. A value that is neither is taken as it is written.
fn read(text: &str) -> Option<(&str, Cow<'_, str>)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let name = name.trim_end();
    fields::is_token(name).then(|| (name, fields::unquote(value.trim_start())))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::Prefer;

    fn pairs(lines: &[&str]) -> Vec<(String, String)> {
        let headers: HeaderMap =
            lines.iter().map(|line| (super::PREFER, HeaderValue::from_str(line).unwrap())).collect();
        Prefer::parse(&headers).iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn all_ways_to_write_two_preferences() {
        let expected = [("code".to_owned(), "404".to_owned()), ("example".to_owned(), "a, b; \"c\"".to_owned())];
        for lines in [
            &[r#"code=404, example="a, b; \"c\"""#][..],
            &[r#"code=404; example="a, b; \"c\"""#],
            &["code = 404", r#"example ="a, b; \"c\"""#],
            &[r#"code="404",,; example="a, b; \"c\"", ="x""#],
        ] {
            assert_eq!(pairs(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_first_of_a_name_counts_and_case_does_not() {
        let headers: HeaderMap =
            [(super::PREFER, HeaderValue::from_static("Code=404, code=500, respond-async, dynamic=\"\""))]
                .into_iter()
                .collect();
        let prefer = Prefer::parse(&headers);
        assert_eq!(prefer.get("CODE"), Some("404"));
        assert_eq!(prefer.get("respond-async"), Some(""));
        assert_eq!(prefer.get("dynamic"), Some(""));
        assert_eq!(prefer.get("wait"), None);
        assert_eq!(prefer.iter().count(), 3);
    }

    #[test]
    fn loose_values_are_taken_as_written() {
        assert_eq!(pairs(&["example=two words"]), [("example".to_owned(), "two words".to_owned())]);
        assert_eq!(pairs(&["no token=1, (x)"]), []);
        assert!(Prefer::parse(&HeaderMap::new()).is_empty());
    }

    #[test]
    fn the_number_of_preferences_is_bounded() {
        let many = (0..500).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join(",");
        assert_eq!(pairs(&[&many]).len(), super::PREFERENCES);
    }
}
