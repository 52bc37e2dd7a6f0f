//! Alike findings, told once: the same operation, rule, status, place and keyword.

use std::collections::{BTreeMap, HashMap};

use crate::finding::{Difference, Part, Severity};
use crate::generate::Seed;
use crate::judge::Observed;
use crate::message::MediaType;

/// How many different findings are kept.
const MOST: usize = 1_000;

/// What makes two findings the same: nothing of it depends on values or on the wording of sentences.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    operation: usize,
    rule: &'static str,
    status: Option<u16>,
    part: &'static str,
    name: String,
    pattern: String,
    keyword: &'static str,
}

impl Key {
    pub(super) fn new(operation: usize, status: Option<u16>, observed: &Observed) -> Key {
        Key {
            operation,
            rule: observed.rule,
            status,
            part: observed.violation.part.word(),
            name: observed.violation.name.to_string(),
            // Each undocumented media type is one of its own: it is a form, not a value.
            pattern: match observed.violation.part {
                Part::MediaType => essence(observed.violation.got.as_deref().unwrap_or_default()),
                _ => observed.pattern.clone(),
            },
            keyword: observed.violation.keyword,
        }
    }

    /// Six hexadecimal digits that are the same from run to run and from version to version.
    pub(super) fn fingerprint(&self, operation: &str) -> String {
        let status = self.status.map_or(String::new(), |status| status.to_string());
        fingerprint(&[operation, self.rule, &status, self.part, &self.name, &self.pattern, self.keyword])
    }
}

/// Type and subtype, without parameters.
fn essence(media: &str) -> String {
    MediaType::parse(media).map_or_else(|| media.to_owned(), |media| media.essence().to_owned())
}

/// Six hexadecimal digits of a hash that is stable from version to version.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    format!("{:06x}", Seed(0).hash(&parts) >> 40)
}

/// How many findings there were of each severity.
pub(super) type Beyond = BTreeMap<Severity, u64>;

/// Findings, folded.
#[derive(Default)]
pub(super) struct Fold {
    places: HashMap<Key, usize>,
    kept: Vec<(Key, Difference)>,
    /// Findings beyond the limit, told apart no more: how many of which severity.
    beyond: Beyond,
}

impl Fold {
    /// Counts a finding once more, if it is known. Whether it is.
    pub(super) fn again(&mut self, key: &Key) -> bool {
        let Some((_, known)) = self.places.get(key).and_then(|place| self.kept.get_mut(*place)) else { return false };
        known.seen += 1;
        true
    }

    /// Whether there is room for another one. Where there is none, its severity is counted.
    pub(super) fn room(&mut self, severity: Severity) -> bool {
        let room = self.kept.len() < MOST;
        if !room {
            *self.beyond.entry(severity).or_default() += 1;
        }
        room
    }

    pub(super) fn add(&mut self, key: Key, difference: Difference) {
        self.places.insert(key.clone(), self.kept.len());
        self.kept.push((key, difference));
    }

    /// Everything, errors first; `of` says how many answers could have had a finding.
    pub(super) fn finish(self, of: impl Fn(usize, &'static str, Option<u16>) -> u64) -> (Vec<Difference>, Beyond) {
        let mut all: Vec<Difference> = self
            .kept
            .into_iter()
            .map(|(key, mut difference)| {
                difference.of = of(key.operation, key.rule, key.status).max(difference.seen);
                difference
            })
            .collect();
        all.sort_by_key(|difference| std::cmp::Reverse(difference.finding.severity));
        (all, self.beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn fingerprints_stay() {
        assert_eq!(
            fingerprint(&["list_members", "response-body", "200", "body", "", "/*/joined_at", "type"]),
            "3a3f00"
        );
        assert_ne!(fingerprint(&["a", "bc"]), fingerprint(&["ab", "c"]));
    }
}
