//! Waking the task of a connection, but not in vain.
//!
//! With each piece of content hyper wakes the connection to send more, also when that was the last piece. Nearly always it is: the
//! task would be polled a second time for every request, for nothing.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, ThreadId};

/// Wakes a task, unless the thread that wakes it is just asking for content: whoever asks then decides.
#[derive(Debug, Default)]
pub(super) struct Patient {
    task: OnceLock<Waker>,
    asking: Mutex<Asking>,
}

#[derive(Debug, Default)]
struct Asking {
    /// Who asks right now. Other threads, such as the one that has seen the socket become readable, are not patient.
    by: Option<ThreadId>,
    /// Whether the task was to be woken meanwhile.
    woken: bool,
}

impl Patient {
    /// A waker that stands for a task's own. All wakers of a task are alike: the first one is kept.
    pub(super) fn waker(self: &Arc<Self>, task: &Waker) -> Waker {
        self.task.get_or_init(|| task.clone());
        Waker::from(self.clone())
    }

    /// Asks for content, and says whether the task was to be woken for that.
    pub(super) fn ask<T>(&self, ask: impl FnOnce() -> Poll<T>) -> (Poll<T>, bool) {
        /// However it is left.
        struct Done<'p>(&'p Patient);
        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.lock().by = None;
            }
        }
        *self.lock() = Asking { by: Some(thread::current().id()), woken: false };
        let done = Done(self);
        let piece = ask();
        drop(done);
        (piece, self.lock().woken)
    }

    fn lock(&self) -> MutexGuard<'_, Asking> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Patient {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        {
            let mut asking = self.lock();
            if asking.by.is_some_and(|by| by == thread::current().id()) {
                asking.woken = true;
                return;
            }
        }
        if let Some(task) = self.task.get() {
            task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::task::{Poll, Wake, Waker};

    use super::Patient;

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn only_who_asks_waits() {
        let counted = Arc::new(Counted::default());
        let woken = || counted.0.load(SeqCst);
        let patient = Arc::new(Patient::default());
        let waker = patient.waker(&Waker::from(counted.clone()));
        waker.wake_by_ref();
        assert_eq!(woken(), 1);
        let asked = patient.ask(|| {
            waker.wake_by_ref();
            Poll::Ready(())
        });
        assert_eq!((asked, woken()), ((Poll::Ready(()), true), 1));
        // Another thread wakes whatever this one does.
        let asked = patient.ask(|| {
            std::thread::scope(|scope| scope.spawn(|| waker.wake_by_ref()).join().unwrap());
            Poll::<()>::Pending
        });
        assert_eq!((asked, woken()), ((Poll::Pending, false), 2));
        waker.wake();
        assert_eq!(woken(), 3);
    }

    #[test]
    fn who_panics_asks_no_more() {
        let counted = Arc::new(Counted::default());
        let patient = Arc::new(Patient::default());
        let waker = patient.waker(&Waker::from(counted.clone()));
        std::panic::set_hook(Box::new(|_| {}));
        let asked = std::panic::AssertUnwindSafe(|| patient.ask(|| -> Poll<()> { panic!("on purpose") }));
        assert!(std::panic::catch_unwind(asked).is_err());
        let _ = std::panic::take_hook();
        waker.wake();
        assert_eq!(counted.0.load(SeqCst), 1);
    }
}
