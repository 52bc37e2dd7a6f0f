//! What a run is told at its end beyond numbers: which calls met no operation, which were refused, from which sessions.
//!
//! Kept as exchanges happen, so it does not depend on what the journal forgets. Totals are exact; what is told apart has limits, and
//! says when one was reached. Kept only where somebody asks for it: [`Service::keep_account`].

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use super::Service;
use crate::finding::{Kind, Kinds, Refused, Sessions, Unmatched};
use crate::traffic::{Exchange, Redactor, Why};

/// How many kinds of calls are told apart.
const KINDS: usize = 100;
/// How many sessions are named with a kind.
const NAMED: usize = 16;
/// How many different sessions are counted.
const SESSIONS: usize = 10_000;
/// Segments of a path that are longer are cut: they may be keys.
const SEGMENT: usize = 24;
/// The longest path, pointer, name or sentence that is told, in characters.
const TEXT: usize = 200;

/// What happened, by kind.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Calls that were for no operation.
    pub unmatched: Kinds<Unmatched>,
    /// Calls that the document, or a limit, refused.
    pub refused: Kinds<Refused>,
    /// How many different sessions there were.
    pub sessions: Sessions,
}

impl Service {
    /// Keeps an account from now on. To be said before anything is served.
    #[must_use = "this is the service that keeps one"]
    pub fn keep_account(self) -> Service {
        let inner = self.clone().into_inner();
        inner.counts.keep(Book::new(inner.settings.redactor.clone()));
        self
    }

    /// The account so far; empty where none is kept.
    pub fn account(&self) -> Account {
        let inner = self.clone().into_inner();
        inner.counts.book().map(Book::account).unwrap_or_default()
    }
}

/// An account that is being kept.
#[derive(Debug)]
pub(super) struct Book {
    redactor: Arc<Redactor>,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    unmatched: Page<Unmatched>,
    refused: Page<Refused>,
    sessions: HashSet<Arc<str>>,
    more_sessions: bool,
}

impl Book {
    fn new(redactor: Arc<Redactor>) -> Book {
        Book { redactor, pages: Mutex::default() }
    }

    /// Takes a call into account.
    pub(super) fn call(&self, exchange: &Exchange) {
        let pages = &mut *self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.sessions.contains(&exchange.session) {
            match pages.sessions.len() < SESSIONS {
                true => _ = pages.sessions.insert(exchange.session.clone()),
                false => pages.more_sessions = true,
            }
        }
    }

    /// Takes a call for no operation into account.
    pub(super) fn unmatched(&self, exchange: &Exchange) {
        // Paths and what is said of them may repeat a secret.
        let exchange = self.redactor.redact(exchange);
        let Some(decision) = &exchange.decision else { return };
        let nearest = decision.nearest.first();
        let what = Unmatched {
            method: cut(exchange.request.method.as_str()),
            path: shown(exchange.request.target.path()),
            known_path: decision.why == Why::MethodNotAllowed,
            nearest: nearest.map(|nearest| nearest.operation.to_string()),
            difference: nearest.map(|nearest| cut(&nearest.difference)).unwrap_or_default(),
        };
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).unmatched.add(what, &exchange.session);
    }

    /// Takes a call that was refused into account.
    pub(super) fn refused(&self, exchange: &Exchange, status: u16) {
        let exchange = self.redactor.redact(exchange);
        let Some(decision) = &exchange.decision else { return };
        let first = decision.violations.first();
        let what = Refused {
            status,
            operation: decision.operation.clone(),
            why: decision.why.word().unwrap_or_default(),
            part: first.map(|violation| violation.part),
            name: first.map(|violation| cut(&violation.name)).unwrap_or_default(),
            pointer: first.map(|violation| cut(&violation.pointer)).unwrap_or_default(),
            sentence: first.map(|violation| cut(&violation.sentence)).unwrap_or_default(),
        };
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).refused.add(what, &exchange.session);
    }

    fn account(&self) -> Account {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        Account {
            unmatched: pages.unmatched.kinds(),
            refused: pages.refused.kinds(),
            sessions: Sessions { known: pages.sessions.len() as u64, more: pages.more_sessions },
        }
    }
}

/// Calls by kind, as many kinds as are told apart.
#[derive(Debug)]
pub(super) struct Page<K> {
    kinds: HashMap<K, Seen>,
    total: u64,
    beyond: u64,
}

impl<K> Default for Page<K> {
    fn default() -> Self {
        Page { kinds: HashMap::new(), total: 0, beyond: 0 }
    }
}

#[derive(Debug, Default)]
struct Seen {
    count: u64,
    sessions: BTreeSet<Arc<str>>,
    more_sessions: bool,
}

impl<K: Clone + Eq + Hash + Ord> Page<K> {
    pub(super) fn add(&mut self, what: K, session: &Arc<str>) {
        self.total += 1;
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&what) {
            self.beyond += 1;
            return;
        }
        let seen = self.kinds.entry(what).or_default();
        seen.count += 1;
        if seen.sessions.len() < NAMED {
            seen.sessions.insert(session.clone());
        } else if !seen.sessions.contains(session) {
            seen.more_sessions = true;
        }
    }

    /// The most frequent first, those alike in the order of what they are: the same calls are told alike, whichever came first.
    pub(super) fn kinds(&self) -> Kinds<K> {
        let kind = |(what, seen): (&K, &Seen)| Kind {
            what: what.clone(),
            count: seen.count,
            sessions: seen.sessions.iter().cloned().collect(),
            more_sessions: seen.more_sessions,
        };
        let mut kinds: Vec<Kind<K>> = self.kinds.iter().map(kind).collect();
        kinds.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.what.cmp(&other.what)));
        Kinds { total: self.total, kinds, beyond: self.beyond }
    }
}

/// A path with its long segments cut, itself cut where it is long.
fn shown(path: &str) -> String {
    let mut out = String::new();
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        match segment.chars().nth(SEGMENT) {
            Some(_) => out.extend(segment.chars().take(SEGMENT / 3).chain(['…'])),
            None => out.push_str(segment),
        }
        if out.len() > 4 * TEXT {
            break;
        }
    }
    cut(&out)
}

/// A text, cut where it is long: clients choose how long it is.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, NAMED, Page, shown};
    use crate::finding::Unmatched;

    fn call(path: String) -> Unmatched {
        Unmatched { method: "GET".into(), path, known_path: false, nearest: None, difference: String::new() }
    }

    #[test]
    fn totals_are_exact_whatever_is_told_apart() {
        let mut page = Page::default();
        for number in 0..KINDS + 50 {
            page.add(call(format!("/{number}")), &"default".into());
        }
        for number in 0..NAMED + 3 {
            page.add(call("/7".to_owned()), &format!("t{number}").into());
        }
        let kinds = page.kinds();
        assert_eq!((kinds.total, kinds.beyond, kinds.kinds.len()), ((KINDS + 50 + NAMED + 3) as u64, 50, KINDS));
        assert_eq!(kinds.kinds.iter().map(|kind| kind.count).sum::<u64>() + kinds.beyond, kinds.total);
        let first = &kinds.kinds[0];
        assert_eq!((first.what.path.as_str(), first.count), ("/7", (NAMED + 4) as u64));
        assert!(first.sessions.len() == NAMED && first.more_sessions);
        assert_eq!(kinds.kinds[1].what.path, "/0");
    }

    #[test]
    fn long_paths_and_segments_are_cut() {
        assert_eq!(shown("/api/org/acme"), "/api/org/acme");
        assert_eq!(shown("/key/0123456789abcdef0123456789abcdef/x"), "/key/01234567…/x");
        assert_eq!(shown(&"/a".repeat(5_000)).chars().count(), 201);
        assert_eq!(shown(&"/ü".repeat(5_000)).chars().count(), 201);
    }
}
