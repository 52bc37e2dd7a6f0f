//! What an input may cost: a small stack, so much processor time and memory. Where one of them is passed the input is a find.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "shared by path: the fuzz targets and the tests, which fail by panicking"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// The stack of a thread of the server.
pub const STACK: usize = 2 << 20;
/// Processor time that no input takes, in a debug build.
pub const TIME: Duration = Duration::from_secs(2);
/// Bytes that are allocated at a time.
pub const MEMORY: u64 = 256 << 20;

/// Does the work on a thread of its own, and says what should not have been.
pub fn guarded(time: Duration, work: impl FnOnce() -> Result<(), String> + Send) -> Result<(), String> {
    let measured = || {
        let before = spent();
        let mut outcome = Ok(());
        let memory = allocation_counter::measure(|| {
            outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|why| Err(words(&*why)));
        });
        outcome?;
        let took = spent().saturating_sub(before);
        if took > time {
            return Err(format!("took {took:?} of processor time"));
        }
        if memory.bytes_max > MEMORY {
            return Err(format!("held {} MiB", memory.bytes_max >> 20));
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, measured).unwrap();
        thread.join().unwrap_or_else(|why| Err(words(&*why)))
    })
}

fn words(why: &dyn std::any::Any) -> String {
    let text = why.downcast_ref::<String>().map(String::as_str).or_else(|| why.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a word"))
}

/// Processor time of this thread so far; nothing where the system does not tell.
fn spent() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default())
}
