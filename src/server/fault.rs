//! Faults, carried out: how a connection ends that is not to give its answer, or not all of it.
//!
//! The service says so to the wire ([`Ends`]), and then never answers. hyper flushes once all that it has to send is written, and never
//! writes anything again: that is when the wire does as it was told ([`Ending`]). So what was answered before is sent whole, also where
//! requests are pipelined.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};

use super::held::Held;
use super::wire::Shared;
use super::{Clock, Limits};
use crate::message::Body;
use crate::traffic::Fault;

/// How long a client is given to read what was sent just before a reset, which may take it away again.
const SETTLE: Duration = Duration::from_millis(100);

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// In good order.
    Close,
    /// At once.
    Reset,
    /// Not, until the client leaves.
    Hang,
}

/// What a wire is told of its end.
#[derive(Debug, Default)]
pub(super) struct Ends(AtomicU8);

impl Ends {
    /// From now on that is how the connection ends, as soon as all is sent that was to be sent before. Whether it was to end otherwise.
    pub(super) fn tell(&self, end: End) -> bool {
        let told = end as u8 + 1;
        self.0.swap(told, Relaxed) != told
    }

    /// The same, said from within a task that has nothing more to send.
    pub(super) fn tell_from(&self, end: End, cx: &Context<'_>) {
        if self.tell(end) {
            // hyper flushes in the same turn, mostly, but need not.
            cx.waker().wake_by_ref();
        }
    }

    /// What was told.
    pub(super) fn told(&self) -> Option<End> {
        match self.0.load(Relaxed) {
            0 => None,
            1 => Some(End::Close),
            2 => Some(End::Reset),
            _ => Some(End::Hang),
        }
    }

    /// Tells it, and waits for an answer that never comes.
    async fn forever(&self, end: End) -> Infallible {
        poll_fn(|cx| {
            self.tell_from(end, cx);
            Poll::Pending
        })
        .await
    }
}

/// What a wire remembers while its connection ends.
#[derive(Debug, Default)]
pub(super) struct Ending {
    shut: bool,
    until: Option<Pin<Box<Sleep>>>,
}

impl Ending {
    /// Goes on ending a connection; over when there is an error, which hyper gives up at. `read` says whether the client has read what
    /// was sent last, as far as that shows; `linger` is how long it is given to stop sending.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        tcp: &mut TcpStream,
        end: End,
        read: bool,
        linger: Duration,
    ) -> Poll<io::Result<()>> {
        let over = |kind: io::ErrorKind| Poll::Ready(Err(kind.into()));
        match end {
            End::Reset => {
                if !read {
                    ready!(self.wait(cx, SETTLE));
                }
                // Failing, it is closed in good order: there is no other way to tell the client.
                let _ = tcp.set_zero_linger();
                over(io::ErrorKind::ConnectionReset)
            }
            End::Close => {
                if !self.shut {
                    // Failing, there is nobody left to close it for.
                    let _ = ready!(Pin::new(&mut *tcp).poll_shutdown(cx));
                    self.shut = true;
                }
                // Whoever is still sending would be reset, and what was sent before would be lost with it.
                if discard(tcp, cx).is_pending() {
                    ready!(self.wait(cx, linger));
                }
                over(io::ErrorKind::ConnectionAborted)
            }
            End::Hang => {
                ready!(discard(tcp, cx));
                over(io::ErrorKind::ConnectionAborted)
            }
        }
    }

    fn wait(&mut self, cx: &mut Context<'_>, time: Duration) -> Poll<()> {
        self.until.get_or_insert_with(|| Box::pin(sleep(time))).as_mut().poll(cx)
    }
}

/// Reads what comes and throws it away. Ready when nothing more will come.
pub(super) fn discard(tcp: &mut TcpStream, cx: &mut Context<'_>) -> Poll<()> {
    let mut room = [0; 4096];
    loop {
        let mut buf = ReadBuf::new(&mut room);
        match ready!(Pin::new(&mut *tcp).poll_read(cx, &mut buf)) {
            Ok(()) if !buf.filled().is_empty() => {}
            // The end, or a connection that is no more: nothing is lost.
            _ => return Poll::Ready(()),
        }
    }
}

/// Carries out a fault that sends nothing of an answer, and never returns: the connection ends first.
pub(super) async fn unanswered<C: Clock>(
    fault: Fault,
    held: Held<'_, C>,
    wire: &Shared,
    limits: &Limits,
) -> Infallible {
    match fault {
        Fault::Reset => {
            held.broken();
            wire.ends.forever(End::Reset).await
        }
        Fault::Hang => {
            // Elapsed, there is still no answer. Held, the exchange ends when the connection does.
            let _ = timeout(limits.hang_time, wire.ends.forever(End::Hang)).await;
            held.hung();
            wire.ends.forever(End::Close).await
        }
        _ => {
            held.broken();
            wire.ends.forever(End::Close).await
        }
    }
}

/// The first bytes of content, so many, with the waits before them.
pub(super) fn beginning(body: Body, mut left: usize) -> Body {
    let Body::Sequence(pieces) = body else {
        let mut bytes = body.bytes();
        bytes.truncate(left);
        return bytes.into();
    };
    let mut kept = Vec::new();
    for (wait, mut bytes) in pieces {
        if left == 0 {
            break;
        }
        bytes.truncate(left);
        left -= bytes.len();
        kept.push((wait, bytes));
    }
    Body::Sequence(kept)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::beginning;
    use crate::message::Body;

    #[test]
    fn content_is_cut_where_it_is_told_in_one_piece_or_in_many() {
        let piece = |seconds: u64, text: &'static str| (Duration::from_secs(seconds), Bytes::from(text));
        let pieces = || Body::Sequence(vec![piece(1, "abc"), piece(2, ""), piece(3, "def"), piece(4, "g")]);
        let cut = |left| match beginning(pieces(), left) {
            Body::Sequence(pieces) => pieces,
            other => panic!("{other:?}"),
        };
        assert_eq!(cut(0), []);
        assert_eq!(cut(2), [piece(1, "ab")]);
        // What follows the last byte is not waited for.
        assert_eq!(cut(3), [piece(1, "abc")]);
        assert_eq!(cut(5), [piece(1, "abc"), piece(2, ""), piece(3, "de")]);
        assert_eq!(beginning(pieces(), 100), pieces());
        let whole = Body::from("abc".to_owned());
        assert_eq!(beginning(whole.clone(), 2), Body::from("ab".to_owned()));
        assert_eq!(beginning(whole.clone(), 0), Body::Empty);
        assert_eq!(beginning(whole.clone(), 3), whole);
    }
}
