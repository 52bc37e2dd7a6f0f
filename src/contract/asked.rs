//! What a template says behind `?` (`/rest?method=list`): pairs that tell apart operations of one path. OpenAPI knows no query in a
//! path; documents have one where the real API looks at its query to see what is wanted.

use crate::message::{form_decode, query_pairs};

/// The pairs of one template, decoded. Most templates have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pairs: Box<[(String, Option<String>)]>,
}

impl Asked {
    pub(super) fn of(template: &str) -> Asked {
        let query = template.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        // A value in braces may be any.
        let value = |value: &str| (!value.starts_with('{')).then(|| decoded(value));
        let pairs = query_pairs(query).map(|(name, wanted)| (decoded(name), wanted.and_then(value)));
        // Braces alone name what is described elsewhere: `{?limit}` of other notations.
        Asked { pairs: pairs.filter(|(name, _)| !name.contains(['{', '}'])).collect() }
    }

    /// How much it says.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether it speaks of a pair with this name, as it was on the wire.
    pub(super) fn names(&self, raw: &str) -> bool {
        self.pairs.iter().any(|(name, _)| same(raw, name))
    }

    /// Whether a query says all of it.
    pub(super) fn fits(&self, query: &str) -> bool {
        self.pairs.iter().all(|(name, wanted)| {
            query_pairs(query).any(|(key, value)| {
                same(key, name) && wanted.as_ref().is_none_or(|wanted| same(value.unwrap_or_default(), wanted))
            })
        })
    }
}

fn decoded(text: &str) -> String {
    form_decode(text).map_or_else(|_| text.to_owned(), |text| text.into_owned())
}

fn same(raw: &str, wanted: &str) -> bool {
    form_decode(raw).is_ok_and(|text| text == wanted)
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn every_pair_has_to_be_in_the_query() {
        for (template, query, fits) in [
            ("/rest", "", true),
            ("/rest", "a=1", true),
            ("/rest?a=1", "a=1", true),
            ("/rest?a=1", "b=2&a=%31", true),
            ("/rest?a=1", "a=2", false),
            ("/rest?a=1&b=2", "a=1", false),
            ("/rest?acl", "acl", true),
            ("/rest?acl", "acl=", true),
            ("/rest?acl", "", false),
            ("/rest?id={id}", "id=7", true),
            ("/rest?id={id}", "", false),
            ("/rest?{query}", "", true),
            ("/rest?a=1#b", "a=1", true),
        ] {
            assert_eq!(Asked::of(template).fits(query), fits, "{template} {query}");
        }
    }
}
