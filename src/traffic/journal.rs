//! The last exchanges of a run, in memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Exchange;

/// How much a [`Journal`] keeps; whichever limit is met first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes, by [`Exchange::weight`].
    pub bytes: usize,
}

/// 1,000 exchanges, 8 MiB.
impl Default for Limits {
    fn default() -> Self {
        Limits { exchanges: 1_000, bytes: 8 << 20 }
    }
}

/// A ring of the last exchanges: a new one pushes out the oldest. Shared by reference; nothing is formatted on the way in.
///
/// An exchange that alone takes more than a quarter of the bytes is kept with its bodies cut; one that is too large even so
/// is not kept. Counts of a run are never
/// derived from a journal, because it forgets.
///
/// Kept apart from what stands beside it in memory, which is mostly read and not written.
#[derive(Debug)]
#[repr(align(128))]
pub struct Journal {
    limits: Limits,
    ids: AtomicU64,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    /// With their weights, so that nothing has to be weighed again on the way out.
    entries: VecDeque<(Arc<Exchange>, usize)>,
    bytes: usize,
    forgotten: u64,
    /// How many were ever kept.
    kept: u64,
}

impl Journal {
    /// An empty journal.
    pub fn new(limits: Limits) -> Journal {
        Journal { limits, ids: AtomicU64::new(0), ring: Mutex::default() }
    }

    /// A number for the next exchange, from 1; never the same twice. Taken before the exchange is over, so that its answer
    /// can name it.
    pub fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Keeps an exchange. Constant time, apart from what it pushes out.
    pub fn push(&self, exchange: Arc<Exchange>) {
        let mut exchange = exchange;
        let mut weight = exchange.weight();
        let most = self.limits.bytes / 4;
        if weight > most {
            exchange = Arc::new(exchange.cut_to(most / 4));
            weight = exchange.weight();
        }
        if weight > self.limits.bytes {
            self.lock().forgotten += 1;
            return;
        }
        // Dropped after the lock: freeing bodies is no business of whoever waits for it.
        let mut first = None;
        let mut others = Vec::new();
        {
            let mut ring = self.lock();
            while let Some(oldest) = ring.entries.front().map(|(_, weight)| *weight)
                && (ring.entries.len() >= self.limits.exchanges.max(1) || ring.bytes + weight > self.limits.bytes)
            {
                ring.bytes -= oldest;
                ring.forgotten += 1;
                let out = ring.entries.pop_front();
                if first.is_none() { first = out } else { others.extend(out) }
            }
            ring.bytes += weight;
            ring.kept += 1;
            ring.entries.push_back((exchange, weight));
        }
        drop((first, others));
    }

    /// The exchange with this number, while it is kept.
    pub fn get(&self, id: u64) -> Option<Arc<Exchange>> {
        // From the end, and all of it: exchanges end in another order than they begin.
        self.lock().entries.iter().rev().map(|(exchange, _)| exchange).find(|exchange| exchange.id == id).cloned()
    }

    /// All that is kept, in the order in which exchanges ended.
    pub fn snapshot(&self) -> Vec<Arc<Exchange>> {
        self.lock().entries.iter().map(|(exchange, _)| exchange.clone()).collect()
    }

    /// The place of the exchange that was kept last: how many ever were.
    pub fn place(&self) -> u64 {
        self.lock().kept
    }

    /// The place before the oldest that is kept.
    pub fn beginning(&self) -> u64 {
        self.lock().beginning()
    }

    /// What is kept behind a place, in order, so many at most; and how many behind it were kept once and are no longer. The place of
    /// the first is one more than the place and that number.
    pub fn after(&self, place: u64, most: usize) -> (Vec<Arc<Exchange>>, u64) {
        let ring = self.lock();
        let missed = ring.beginning().saturating_sub(place);
        let skipped = usize::try_from(place.saturating_sub(ring.beginning())).unwrap_or(usize::MAX);
        let behind = ring.entries.iter().skip(skipped).take(most);
        (behind.map(|(exchange, _)| exchange.clone()).collect(), missed)
    }

    /// How many exchanges are kept.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many exchanges were pushed out.
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    /// Forgets everything; numbers go on.
    pub fn clear(&self) {
        let out = {
            let mut ring = self.lock();
            ring.bytes = 0;
            ring.forgotten += ring.entries.len() as u64;
            std::mem::take(&mut ring.entries)
        };
        drop(out);
    }

    /// A panic elsewhere leaves the ring whole: nothing in here panics half-way.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn beginning(&self) -> u64 {
        self.kept - self.entries.len() as u64
    }
}

impl Default for Journal {
    fn default() -> Self {
        Journal::new(Limits::default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::samples::exchange;
    use super::{Journal, Limits};
    use crate::traffic::{CapturedBody, Exchange};

    fn numbered(id: u64, body: usize) -> Arc<Exchange> {
        let mut exchange = exchange();
        exchange.id = id;
        exchange.request.body = CapturedBody::whole(vec![b'x'; body]);
        Arc::new(exchange)
    }

    #[test]
    fn the_count_is_bounded_and_the_oldest_goes_first() {
        let journal = Journal::new(Limits { exchanges: 3, bytes: 1 << 20 });
        for id in 1..=5 {
            journal.push(numbered(id, 10));
        }
        assert_eq!(journal.snapshot().iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!((journal.len(), journal.forgotten()), (3, 2));
        assert!(journal.get(2).is_none());
        assert_eq!(journal.get(4).map(|exchange| exchange.id), Some(4));
    }

    #[test]
    fn the_bytes_are_bounded_and_counted_right() {
        let journal = Journal::new(Limits { exchanges: 1_000, bytes: 100_000 });
        for id in 1..=100 {
            journal.push(numbered(id, 100 * usize::try_from(id).unwrap()));
            let kept: usize = journal.snapshot().iter().map(|exchange| exchange.weight()).sum();
            assert!(kept <= 100_000, "{kept}");
            assert_eq!(journal.lock().bytes, kept);
        }
        assert!(journal.len() > 3);
    }

    #[test]
    fn what_is_behind_a_place_is_found_and_what_is_missing_is_counted() {
        let journal = Journal::new(Limits { exchanges: 3, bytes: 1 << 20 });
        let after = |place, most| {
            let (exchanges, missed) = journal.after(place, most);
            (exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), missed)
        };
        assert_eq!((after(0, 9), journal.place(), journal.beginning()), ((vec![], 0), 0, 0));
        for id in [1, 3, 2, 5, 4] {
            journal.push(numbered(id, 10));
        }
        assert_eq!((journal.place(), journal.beginning()), (5, 2));
        assert_eq!(after(0, 9), (vec![2, 5, 4], 2));
        assert_eq!(after(1, 2), (vec![2, 5], 1));
        assert_eq!(after(3, 9), (vec![5, 4], 0));
        assert_eq!((after(5, 9), after(7, 9)), ((vec![], 0), (vec![], 0)));
        journal.clear();
        assert_eq!((after(4, 9), journal.place(), journal.beginning()), ((vec![], 1), 5, 5));
    }

    #[test]
    fn an_exchange_that_is_too_large_is_kept_without_the_end_of_its_body() {
        let journal = Journal::new(Limits { exchanges: 1_000, bytes: 100_000 });
        journal.push(numbered(1, 100));
        journal.push(numbered(2, 1_000_000));
        let kept = journal.get(2).unwrap();
        assert!(kept.request.body.cut);
        assert_eq!(kept.request.body.bytes.len(), 6_250);
        assert!(journal.get(1).is_some(), "a large one does not push out everything");
    }

    #[test]
    fn clearing_counts_what_is_forgotten_and_numbers_go_on() {
        let journal = Journal::default();
        let id = journal.next_id();
        journal.push(numbered(id, 1));
        journal.clear();
        assert!(journal.is_empty());
        assert_eq!((journal.forgotten(), journal.lock().bytes), (1, 0));
        assert_eq!(journal.next_id(), id + 1);
    }

    #[test]
    fn many_threads_lose_nothing() {
        let journal = Journal::new(Limits { exchanges: 10_000, bytes: 1 << 30 });
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..100).for_each(|_| journal.push(numbered(journal.next_id(), 5))));
            }
        });
        let mut ids: Vec<_> = journal.snapshot().iter().map(|exchange| exchange.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, (1..=800).collect::<Vec<_>>());
    }
}
