//! What a path template says behind `?` or `#`: which queries it is for.
//!
//! A path has neither, and OpenAPI has no form for this; real documents tell operations apart so, `/users?v=2` from `/users`
//! and `/{bucket}#acl` from `/{bucket}`, where the client sends what stands there as its query.

use std::borrow::Cow;
use std::sync::Arc;

use crate::message::{Expression, form_decode, query_pairs};

/// How many members of the query a template may ask for; more are not looked at.
const MOST: usize = 64;

/// One member of the query that a template asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    name: Box<str>,
    wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// That it is there.
    Any,
    /// That it says this.
    Exactly(Box<str>),
    /// That it is there, as the text of a path parameter.
    Parameter(Arc<str>),
}

impl Mark {
    /// What a template asks of a query; nothing where it ends with its path.
    pub(super) fn all(template: &str) -> Vec<Mark> {
        let behind = after_path(template, '?').or_else(|| after_path(template, '#'));
        let Some((_, text)) = behind else { return Vec::new() };
        // One may follow the other.
        let text = text.replace(['?', '#'], "&");
        let marks = query_pairs(&text).map(|(name, value)| {
            let parameter =
                |text: &str| Some(Arc::from(Expression::parse(text.strip_prefix('{')?.strip_suffix('}')?).name));
            let wanted = match value {
                Some(value) => parameter(value).map_or_else(|| Wanted::of(value), Wanted::Parameter),
                None => parameter(name).map_or(Wanted::Any, Wanted::Parameter),
            };
            Mark { name: decoded(name.trim_matches(['{', '}'])).into_owned().into(), wanted }
        });
        marks.take(MOST).collect()
    }

    /// Whether a query has all that is asked for.
    pub(super) fn fit(marks: &[Mark], query: Option<&Query<'_>>) -> bool {
        marks.iter().all(|mark| query.is_some_and(|query| query.has(mark)))
    }

    /// Whether one of them is of this name, as it was on the wire.
    pub(super) fn named(marks: &[Mark], raw: &str) -> bool {
        marks.iter().any(|mark| decoded(raw) == *mark.name)
    }

    /// Hands over the raw text of each path parameter that stands in the query.
    pub(super) fn values<'r>(marks: &[Mark], query: Option<&'r str>, mut each: impl FnMut(&Arc<str>, &'r str)) {
        for mark in marks {
            let Wanted::Parameter(parameter) = &mark.wanted else { continue };
            let mut pairs = query.into_iter().flat_map(query_pairs);
            if let Some((_, text)) = pairs.find(|(name, _)| decoded(name) == *mark.name) {
                each(parameter, text.unwrap_or_default());
            }
        }
    }

    /// As it is written in messages.
    pub(super) fn spelling(marks: &[Mark]) -> String {
        let spelled = marks.iter().map(|mark| match &mark.wanted {
            Wanted::Exactly(value) => format!("`{}={value}`", mark.name),
            _ => format!("`{}`", mark.name),
        });
        spelled.collect::<Vec<_>>().join(" and ")
    }
}

/// The pairs of a query, decoded and in order: many operations may ask about a long one.
pub(super) struct Query<'q>(Vec<(Cow<'q, str>, Cow<'q, str>)>);

impl<'q> Query<'q> {
    pub(super) fn of(raw: &'q str) -> Query<'q> {
        let mut pairs: Vec<_> =
            query_pairs(raw).map(|(name, value)| (decoded(name), decoded(value.unwrap_or_default()))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Query(pairs)
    }

    fn has(&self, mark: &Mark) -> bool {
        let name = &*mark.name;
        if let Wanted::Exactly(value) = &mark.wanted {
            return self.0.binary_search_by(|(known, said)| (&**known, &**said).cmp(&(name, &**value))).is_ok();
        }
        self.0.binary_search_by(|(known, _)| (**known).cmp(name)).is_ok()
    }
}

impl Wanted {
    fn of(value: &str) -> Wanted {
        if value.is_empty() || value.contains('{') {
            Wanted::Any
        } else {
            Wanted::Exactly(decoded(value).into_owned().into())
        }
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    form_decode(text).unwrap_or(Cow::Borrowed(text))
}

/// A template's path and what stands behind a character that no path has; `None` without it.
pub(super) fn after_path(template: &str, behind: char) -> Option<(&str, &str)> {
    // In a parameter's name it is no part of the path.
    let mut braces = 0;
    let at = template.char_indices().find_map(|(at, c)| {
        braces += i32::from(c == '{') - i32::from(c == '}');
        (c == behind && braces <= 0).then_some(at)
    })?;
    Some((&template[..at], &template[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::{Mark, Query};

    #[test]
    fn a_query_fits_what_the_template_says_behind_its_path() {
        let fits = |template: &str, query: Option<&str>| Mark::fit(&Mark::all(template), query.map(Query::of).as_ref());
        assert!(fits("/a", None) && fits("/a", Some("x")));
        assert!(fits("/a?v=2", Some("x=1&v=2")) && !fits("/a?v=2", Some("v=3")) && !fits("/a?v=2", None));
        assert!(fits("/{b}#acl", Some("acl")) && fits("/{b}#acl", Some("acl=")) && !fits("/{b}#acl", Some("acls")));
        assert!(fits("/a#x&id=y z", Some("x&id=y+z")));
        assert!(fits("/a?id={id}", Some("id=7")) && !fits("/a?id={id}", Some("no=7")));
        assert!(fits("/{a?b}", None));
    }

    #[test]
    fn a_parameter_of_the_path_may_stand_in_the_query() {
        let mut found = Vec::new();
        Mark::values(&Mark::all("/a?x=1&id={name}"), Some("id=7&x=1"), |name, text| {
            found.push(format!("{name}={text}"))
        });
        assert_eq!(found, ["name=7"]);
    }
}
