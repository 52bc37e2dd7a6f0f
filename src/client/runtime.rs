//! A runtime for a program that has none of its own, and an end that the user can call for.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Carries out work that sends requests, to its end. `stop` is set when the user asks for the end (Ctrl-C, or SIGTERM where
/// there is such a thing), for the work to look at; asked again, the work is dropped where it is, and there is no outcome.
///
/// # Errors
/// When the system gives no runtime or no signals.
pub fn block_on<F: Future>(stop: &AtomicBool, work: F) -> io::Result<Option<F::Output>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let mut asked = Asked::listen()?;
        let ended = async {
            asked.once().await;
            stop.store(true, Ordering::Relaxed);
            asked.once().await;
        };
        tokio::select! {
            outcome = work => Ok(Some(outcome)),
            () = ended => Ok(None),
        }
    })
}

/// Carries out work that sends a request or two, to its end. The user ends it by ending the process.
///
/// # Errors
/// When the system gives no runtime.
pub fn wait_for<F: Future>(work: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    Ok(runtime.block_on(work))
}

#[cfg(unix)]
struct Asked {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Asked {
    fn listen() -> io::Result<Asked> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Asked { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn once(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Asked {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Asked {
    fn listen() -> io::Result<Asked> {
        Ok(Asked { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn once(&mut self) {
        let _ = self.interrupt.recv().await;
    }
}
