//! Answers that go on: exchanges told to whoever listens, as they end (server-sent events).
//!
//! A listener has a place in the journal and nothing else: no exchange waits for it anywhere. One that is slower than calls come is
//! told how many the journal forgot meanwhile. While nobody listens, an exchange that ends costs a look at one number.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;

use super::outgoing::Sleep;
use super::service::Inner;
use crate::traffic::Exchange;

/// How many may listen at the same time.
pub(super) const MOST: usize = 32;

/// How long nothing is said before something is, so that nobody between takes the connection for dead, and it shows when it is.
const QUIET: Duration = Duration::from_secs(15);

/// How many exchanges are looked at in one go.
const BATCH: usize = 16;

/// How often in a row, before others have their turn.
const ROUNDS: usize = 64;

/// Who listens.
#[derive(Debug, Default)]
pub(super) struct Tails {
    /// How many wait to be woken.
    waiting: AtomicUsize,
    wakers: Mutex<HashMap<u64, Waker>>,
    open: AtomicUsize,
    made: AtomicU64,
    ending: AtomicBool,
}

impl Tails {
    /// An exchange has ended, and is in the journal.
    #[inline]
    pub(super) fn tell(&self) {
        // Whoever has not said yet that it waits looks at the journal once more after it has: nothing is overlooked.
        if self.waiting.load(Relaxed) > 0 {
            self.wake();
        }
    }

    /// All of them are to end.
    pub(super) fn end(&self) {
        self.ending.store(true, Relaxed);
        self.wake();
    }

    fn wake(&self) {
        let wakers = {
            let mut wakers = self.lock();
            self.waiting.store(0, Relaxed);
            std::mem::take(&mut *wakers)
        };
        wakers.into_values().for_each(Waker::wake);
    }

    fn wait(&self, number: u64, waker: &Waker) {
        let mut wakers = self.lock();
        wakers.insert(number, waker.clone());
        self.waiting.store(wakers.len(), Relaxed);
    }

    fn leave(&self, number: u64) {
        let mut wakers = self.lock();
        wakers.remove(&number);
        self.waiting.store(wakers.len(), Relaxed);
        drop(wakers);
        self.open.fetch_sub(1, Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Waker>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is told of an exchange; nothing where it is not asked for.
pub(super) type Teller = Box<dyn Fn(&Inner, &Exchange) -> Option<String> + Send>;

/// Where to begin.
pub(super) struct Start {
    /// The place in the journal after which the first one is.
    pub(super) place: u64,
    /// What is said before anything else.
    pub(super) first: String,
    /// After how many it ends; `None`: never by itself.
    pub(super) limit: Option<usize>,
}

/// The content of an answer that goes on.
pub(super) struct Tail {
    inner: Arc<Inner>,
    number: u64,
    place: u64,
    /// What makes places those of this run.
    run: String,
    first: String,
    left: Option<usize>,
    teller: Teller,
    sleep: Sleep,
    quiet: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    over: bool,
}

impl Tail {
    /// One more that listens; `None` where there are as many as may be.
    pub(super) fn open(inner: Arc<Inner>, start: Start, teller: Teller, sleep: &Sleep) -> Option<Tail> {
        let tails = &inner.tails;
        let more = |open: usize| (open < MOST).then_some(open + 1);
        tails.open.fetch_update(Relaxed, Relaxed, more).ok()?;
        let number = tails.made.fetch_add(1, Relaxed);
        let (Start { place, first, limit }, run) = (start, run(&inner));
        let (sleep, quiet) = (sleep.clone(), None);
        Some(Tail { inner, number, place, run, first, left: limit, teller, sleep, quiet, over: false })
    }

    /// Whether everything has been told.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// What comes next; empty at the end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        if !self.first.is_empty() {
            return Poll::Ready(std::mem::take(&mut self.first).into());
        }
        for _ in 0..ROUNDS {
            if self.over {
                return Poll::Ready(Bytes::new());
            }
            let looked = self.place;
            let text = self.news();
            if self.inner.tails.ending.load(Relaxed) {
                self.over = true;
                return Poll::Ready((text + ": the server stops\n\n").into());
            }
            if !text.is_empty() {
                self.quiet = None;
                return Poll::Ready(text.into());
            }
            if self.place != looked {
                continue;
            }
            self.inner.tails.wait(self.number, cx.waker());
            if self.inner.journal.place() != self.place {
                continue;
            }
            let quiet = self.quiet.get_or_insert_with(|| (self.sleep)(QUIET));
            ready!(quiet.as_mut().poll(cx));
            self.quiet = None;
            // Those that were passed over need not be looked at again.
            return Poll::Ready(format!(":\nid: {}\n\n", self.id()).into());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// What has come since the last time.
    fn news(&mut self) -> String {
        let mut text = String::new();
        let (exchanges, missed) = self.inner.journal.after(self.place, BATCH);
        if missed > 0 {
            text.push_str(&forgotten(missed));
            self.place += missed;
        }
        for exchange in exchanges {
            self.place += 1;
            let Some(told) = (self.teller)(&self.inner, &exchange) else { continue };
            // Writing to a string does not fail.
            let _ = write!(text, "event: exchange\nid: {}\ndata: {told}\n\n", self.id());
            if let Some(left) = &mut self.left {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    self.over = true;
                    break;
                }
            }
        }
        text
    }

    fn id(&self) -> String {
        format!("{}-{}", self.place, self.run)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.inner.tails.leave(self.number);
    }
}

/// That exchanges ended which nobody can be told any more.
pub(super) fn forgotten(count: u64) -> String {
    format!("event: forgotten\ndata: {{\"forgotten\":{count}}}\n\n")
}

/// What is different from run to run: a place in a journal means nothing in another one.
pub(super) fn run(inner: &Inner) -> String {
    let digest = inner.settings.redactor.digest("run");
    digest.chars().rev().take(8).collect()
}
