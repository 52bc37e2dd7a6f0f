//! A server on a thread of its own, for a program that does other things meanwhile; and what stops one.

use std::io;
use std::net::TcpListener;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Clock, Service, Summary, serve};

/// Stops a server when it is dropped.
#[derive(Debug)]
pub struct Stop {
    _sender: oneshot::Sender<()>,
}

/// Something to drop, and what is over when it is dropped: the `shutdown` of [`serve()`](super::serve()).
pub fn stop() -> (Stop, impl Future<Output = ()> + Send + 'static) {
    let (sender, dropped) = oneshot::channel::<()>();
    (Stop { _sender: sender }, async move {
        // Nothing is ever sent: it ends when the sender is gone.
        let _ = dropped.await;
    })
}

/// A server on a thread of its own. Stops when it is dropped, without waiting for its end.
#[derive(Debug)]
pub struct Standing {
    stop: Stop,
    thread: JoinHandle<io::Result<Summary>>,
}

/// Serves on a new thread, with a runtime that is its own. Requests are answered from now on: those that come before the thread
/// is ready wait in the listeners' queues.
///
/// # Errors
/// When the system gives no thread.
pub fn start(listeners: Vec<TcpListener>, service: Service, clock: impl Clock) -> io::Result<Standing> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = stop();
    let thread = std::thread::Builder::new().name("standin".to_owned());
    let thread = thread.spawn(move || runtime.block_on(serve(listeners, service, clock, stopped)))?;
    Ok(Standing { stop, thread })
}

impl Standing {
    /// Stops it, waits for its end, and says what it came to.
    ///
    /// # Errors
    /// When a listener could not be used.
    pub fn end(self) -> io::Result<Summary> {
        let Standing { stop, thread } = self;
        drop(stop);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that served has panicked")))
    }
}
