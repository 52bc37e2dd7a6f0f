//! Media types and media ranges (RFC 9110 §8.3.1, §12.5.1).

use std::borrow::Cow;
use std::fmt;

use super::fields;

/// A media type, such as the value of `Content-Type`. Type, subtype and parameter names are held in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaType(Name);

/// A media range: a media type, `type/*` or `*/*`; what `Accept` lists and what the keys of OpenAPI's `content` are.
///
/// Beyond the standard, `type/*+suffix` is understood as every subtype with that suffix, as documents made by ASP.NET mean it,
/// and a lone `*` as `*/*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaRange(Name);

/// How closely a media range describes a media type it matches. The greater one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Specificity {
    /// `*/*`
    Anything,
    /// `type/*`
    Type,
    /// `type/*+suffix`
    Suffix,
    /// `type/subtype`
    Exact,
    /// `type/subtype` and this many parameters that agree.
    Parameters(u8),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Name {
    /// `type/subtype` in lower case.
    essence: Box<str>,
    /// Names in lower case, values unquoted, the first of each name.
    parameters: Box<[(Box<str>, Box<str>)]>,
}

impl MediaType {
    /// Reads a media type. `None` when it is none, or a range.
    ///
    /// Tolerant in its parameters: an unreadable one is skipped, and the first of several with one name counts.
    pub fn parse(text: &str) -> Option<MediaType> {
        Name::parse(text).filter(|name| !name.essence.contains('*')).map(MediaType)
    }

    /// `type/subtype`, in lower case and without parameters.
    pub fn essence(&self) -> &str {
        &self.0.essence
    }

    /// What follows the last `+` of the subtype (RFC 6838 §4.2.8): `json` of `application/problem+json`.
    pub fn suffix(&self) -> Option<&str> {
        self.0.essence.rsplit_once('+').map(|(_, suffix)| suffix).filter(|suffix| !suffix.is_empty())
    }

    /// Whether its content is one JSON text: `application/json`, `text/json`, or the suffix `+json`.
    pub fn is_json(&self) -> bool {
        matches!(self.essence(), "application/json" | "text/json") || self.suffix() == Some("json")
    }

    /// Whether its content is JSON texts, one a line.
    pub fn is_json_lines(&self) -> bool {
        matches!(
            self.essence(),
            "application/jsonl"
                | "application/jsonlines"
                | "application/ndjson"
                | "application/x-jsonlines"
                | "application/x-ndjson"
        )
    }

    /// The value of a parameter, unquoted; the name in any case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.0.param(name)
    }
}

impl MediaRange {
    /// Reads a media range. `None` when it is none. A `q` is a parameter like any other here: see [`Accept`](super::Accept).
    pub fn parse(text: &str) -> Option<MediaRange> {
        Name::parse(text).map(MediaRange)
    }

    /// `type/subtype`, `type/*` or `*/*`, in lower case and without parameters.
    pub fn essence(&self) -> &str {
        &self.0.essence
    }

    /// The value of a parameter, unquoted; the name in any case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.0.param(name)
    }

    /// The one media type it names; `None` when it has a wildcard.
    pub fn media_type(&self) -> Option<MediaType> {
        (!self.0.essence.contains('*')).then(|| MediaType(self.0.clone()))
    }

    /// Whether the media type lies in this range, and how closely the range describes it.
    ///
    /// Every parameter of the range must stand in the media type with the same value; further ones of the media type do not
    /// matter. `charset` alone never prevents a match, whatever either side says: it only adds to the specificity when both agree.
    pub fn matches(&self, media_type: &MediaType) -> Option<Specificity> {
        let parameters = self.0.parameters.iter().map(|(name, value)| (&**name, &**value));
        measure(&self.0.essence, parameters, media_type)
    }
}

/// The reading that `MediaRange` and `Accept` share. `essence` may be in any case.
pub(super) fn measure<N: AsRef<str>, V: AsRef<str>>(
    essence: &str,
    parameters: impl Iterator<Item = (N, V)>,
    media_type: &MediaType,
) -> Option<Specificity> {
    let base = measure_essence(essence, media_type.essence())?;
    let mut agreeing: u8 = 0;
    for (name, value) in parameters {
        let (name, value) = (name.as_ref(), value.as_ref());
        let charset = name.eq_ignore_ascii_case("charset");
        match media_type.param(name) {
            Some(own) if own == value || charset && own.eq_ignore_ascii_case(value) => {
                agreeing = agreeing.saturating_add(1);
            }
            _ if charset => {}
            _ => return None,
        }
    }
    Some(if base == Specificity::Exact && agreeing > 0 { Specificity::Parameters(agreeing) } else { base })
}

fn measure_essence(range: &str, essence: &str) -> Option<Specificity> {
    if range.eq_ignore_ascii_case(essence) {
        return Some(Specificity::Exact);
    }
    if matches!(range, "*/*" | "*") {
        return Some(Specificity::Anything);
    }
    let (range_type, range_subtype) = range.split_once('/')?;
    let (own_type, own_subtype) = essence.split_once('/')?;
    if !range_type.eq_ignore_ascii_case(own_type) {
        return None;
    }
    match range_subtype.strip_prefix('*')? {
        "" => Some(Specificity::Type),
        suffix => {
            let start = own_subtype.len().checked_sub(suffix.len())?;
            // At least one character before the suffix: `*+json` is not `+json`.
            (start > 0 && own_subtype.get(start..)?.eq_ignore_ascii_case(suffix)).then_some(Specificity::Suffix)
        }
    }
}

/// Whether this is `type/subtype` with wildcards only where they mean something.
pub(super) fn is_essence(text: &str) -> bool {
    let Some((own_type, subtype)) = text.split_once('/') else {
        return text == "*";
    };
    if !fields::is_token(own_type) || !fields::is_token(subtype) {
        return false;
    }
    match subtype.strip_prefix('*') {
        Some("") => own_type == "*" || !own_type.contains('*'),
        Some(suffix) => suffix.len() > 1 && suffix.starts_with('+') && !suffix.contains('*') && !own_type.contains('*'),
        None => !text.contains('*'),
    }
}

/// The essence and the parameters that follow it.
pub(super) fn divide(text: &str) -> (&str, &str) {
    let end = text.find(';').unwrap_or(text.len());
    let (essence, parameters) = text.split_at(end);
    (essence.trim(), parameters)
}

impl Name {
    fn parse(text: &str) -> Option<Name> {
        let (essence, rest) = divide(text);
        if !is_essence(essence) {
            return None;
        }
        let essence = if essence == "*" { "*/*".into() } else { essence.to_ascii_lowercase().into_boxed_str() };
        let mut parameters: Vec<(Box<str>, Box<str>)> = Vec::new();
        for (name, value) in fields::parameters(rest).take(PARAMETERS) {
            let name = name.to_ascii_lowercase();
            if !parameters.iter().any(|(known, _)| **known == *name) {
                parameters.push((name.into(), value.into()));
            }
        }
        Some(Name { essence, parameters: parameters.into() })
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

/// No media type has more; a hostile one is cut here.
const PARAMETERS: usize = 32;

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.essence)?;
        for (name, value) in &self.parameters {
            let value: Cow<'_, str> = fields::quote(value);
            write!(out, "; {name}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for MediaRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::{MediaRange, MediaType, Specificity};

    fn specificity(range: &str, media_type: &str) -> Option<Specificity> {
        MediaRange::parse(range).unwrap().matches(&MediaType::parse(media_type).unwrap())
    }

    #[test]
    fn parts_of_a_media_type() {
        let media_type = MediaType::parse(r#" Application/Vnd.X+JSON ;Charset="UTF-8"; v=1;v=2; "#).unwrap();
        assert_eq!(media_type.essence(), "application/vnd.x+json");
        assert_eq!(media_type.suffix(), Some("json"));
        assert_eq!(media_type.param("charset"), Some("UTF-8"));
        assert_eq!(media_type.param("V"), Some("1"));
        assert_eq!(media_type.to_string(), "application/vnd.x+json; charset=UTF-8; v=1");
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for text in ["", "json", "/", "a/", "/b", "a/b/c", "a b/c", "*/*", "text/*", "application/*+json", "a/\u{fc}"] {
            assert_eq!(MediaType::parse(text), None, "{text}");
        }
        for text in ["", "json", "*/json", "te*t/x", "a/*b", "a/*+", "*/*+json", "a/**"] {
            assert_eq!(MediaRange::parse(text), None, "{text}");
        }
    }

    #[test]
    fn json_is_known_by_name_and_suffix() {
        for text in ["application/json", "application/problem+json", "application/merge-patch+JSON; a=b", "text/json"] {
            assert!(MediaType::parse(text).unwrap().is_json(), "{text}");
        }
        for text in ["application/jsonl", "application/x-ndjson", "text/plain", "application/json-seq"] {
            assert!(!MediaType::parse(text).unwrap().is_json(), "{text}");
        }
        assert!(MediaType::parse("application/x-ndjson").unwrap().is_json_lines());
    }

    #[test]
    fn the_closest_range_is_the_greatest() {
        let media_type = "application/problem+json; charset=utf-8; v=1";
        let ranges = [
            "*/*",
            "application/*",
            "application/*+json",
            "application/problem+json",
            "Application/Problem+JSON; v=1",
            "application/problem+json;V=1;charset=UTF-8",
        ];
        let found: Vec<_> = ranges.iter().map(|range| specificity(range, media_type).expect(range)).collect();
        assert!(found.is_sorted_by(|a, b| a < b), "{found:?}");
    }

    #[test]
    fn parameters_of_the_range_must_hold_but_for_charset() {
        assert_eq!(specificity("application/json; v=2", "application/json; v=1"), None);
        assert_eq!(specificity("application/json; v=2", "application/json"), None);
        assert_eq!(specificity("application/json", "application/json; v=2"), Some(Specificity::Exact));
        assert_eq!(
            specificity("application/json;charset=UTF-8", "application/json; charset=utf-8"),
            Some(Specificity::Parameters(1))
        );
        assert_eq!(specificity("application/json;charset=utf-8", "application/json"), Some(Specificity::Exact));
        assert_eq!(specificity("text/a;charset=utf-8", "text/a;charset=latin1"), Some(Specificity::Exact));
        assert_eq!(specificity("text/*", "application/json"), None);
        assert_eq!(specificity("application/*+json", "application/json"), None);
    }

    #[test]
    fn a_range_without_wildcard_is_a_media_type() {
        assert_eq!(MediaRange::parse("text/a;b=c").unwrap().media_type(), MediaType::parse("text/a; b=c"));
        assert_eq!(MediaRange::parse("text/*").unwrap().media_type(), None);
        assert_eq!(MediaRange::parse("*").unwrap().to_string(), "*/*");
    }
}
