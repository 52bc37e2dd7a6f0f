//! What waits to be written to the log.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::traffic::Exchange;

/// How many exchanges may wait; beyond it lines are left out, and that is said.
const MOST: usize = 4096;

/// How many bytes of exchanges may wait: their bodies stay in memory until their lines are made.
const HEAVIEST: usize = 16 << 20;

/// The most warnings that wait. They are counted apart, so that none is left out because of many exchanges.
const WARNINGS: usize = 100;

/// What came since the log was last written.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Lines that are complete.
    pub(super) lines: String,
    /// Exchanges whose lines are still to be made, each with its place among the lines.
    pub(super) exchanges: Vec<(usize, Arc<Exchange>)>,
    /// Sentences about the server itself.
    pub(super) warnings: Vec<String>,
    count: usize,
    weight: usize,
}

impl Batch {
    /// Whether so much had come that there will be more at once.
    pub(super) fn is_large(&self) -> bool {
        self.count > MOST / 4
    }
}

/// Takes lines from many threads, without a piece of memory for each, and hands them to one.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    left_out: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    batch: Batch,
    closing: bool,
    /// The thread that writes has nothing to do and wants to be woken.
    idle: bool,
}

impl Queue {
    /// Adds a line that is complete, unless too many wait.
    pub(super) fn line(&self, line: &str) {
        self.add(line.len(), |batch| batch.lines.push_str(line));
    }

    /// Adds an exchange, unless too many wait.
    pub(super) fn exchange(&self, exchange: Arc<Exchange>) {
        self.add(exchange.weight(), |batch| batch.exchanges.push((batch.lines.len(), exchange)));
    }

    fn add(&self, weight: usize, add: impl FnOnce(&mut Batch)) {
        let mut waiting = self.lock();
        // One alone may be heavier: there is always room for one.
        let heavy = waiting.batch.count > 0 && waiting.batch.weight + weight > HEAVIEST;
        if waiting.batch.count >= MOST || heavy {
            self.left_out.fetch_add(1, Relaxed);
            return;
        }
        waiting.batch.count += 1;
        waiting.batch.weight += weight;
        add(&mut waiting.batch);
        self.wake(waiting);
    }

    /// Adds a sentence about the server itself.
    pub(super) fn warning(&self, sentence: String) {
        let mut waiting = self.lock();
        if waiting.batch.warnings.len() < WARNINGS {
            waiting.batch.warnings.push(sentence);
        }
        self.wake(waiting);
    }

    /// How many lines were left out so far.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out.load(Relaxed)
    }

    /// What waits now is the last to be taken.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closing = true;
        self.wake(waiting);
    }

    /// Waits until there is something, and takes it all in exchange for a batch that is done with, whose memory is used again.
    /// Says whether more can come.
    pub(super) fn take(&self, done: &mut Batch) -> bool {
        done.lines.clear();
        done.exchanges.clear();
        done.warnings.clear();
        (done.count, done.weight) = (0, 0);
        let mut waiting = self.lock();
        while waiting.batch.count == 0 && waiting.batch.warnings.is_empty() && !waiting.closing {
            waiting.idle = true;
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.idle = false;
        mem::swap(&mut waiting.batch, done);
        !waiting.closing
    }

    fn wake(&self, waiting: MutexGuard<'_, Waiting>) {
        let idle = waiting.idle;
        drop(waiting);
        if idle {
            self.arrived.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, MOST, Queue, WARNINGS};

    #[test]
    fn what_is_too_much_is_counted_and_warnings_are_not_in_its_way() {
        let queue = Queue::default();
        (0..MOST + 3).for_each(|_| queue.line("x\n"));
        queue.warning("w".to_owned());
        assert_eq!(queue.left_out(), 3);
        let mut batch = Batch::default();
        assert!(queue.take(&mut batch));
        assert_eq!((batch.lines.len(), batch.warnings.len()), (2 * MOST, 1));
        queue.line("y\n");
        (0..WARNINGS + 1).for_each(|_| queue.warning("w".to_owned()));
        queue.close();
        assert!(!queue.take(&mut batch));
        assert_eq!((&*batch.lines, batch.warnings.len()), ("y\n", WARNINGS));
    }
}
