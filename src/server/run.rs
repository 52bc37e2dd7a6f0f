//! A whole server for a program that has no runtime of its own: threads, signals, serving, the end.

use std::io;
use std::net::TcpListener;

use super::{Clock, Service, Summary, serve};

/// The most threads that serve.
const THREADS: usize = 8;

/// Serves until the program is told to stop (Ctrl-C, or SIGTERM where there is such a thing). `started` is called once, when
/// requests are answered and a signal would be heeded.
///
/// # Errors
/// When the system gives no threads or no signals, or a listener cannot be used.
pub fn run(
    listeners: Vec<TcpListener>,
    service: Service,
    clock: impl Clock,
    started: impl FnOnce(),
) -> io::Result<Summary> {
    runtime()?.block_on(async {
        let stop = signals()?;
        // Connections wait in the listeners' queues from the beginning: none is refused.
        started();
        serve(listeners, service, clock, stop).await
    })
}

/// The threads that serve.
pub(super) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(threads).thread_name("serve").enable_io().enable_time().build()
}

#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(windows)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    let mut close = tokio::signal::windows::ctrl_close()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = close.recv() => {}
        }
    })
}
