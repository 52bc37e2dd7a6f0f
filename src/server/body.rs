//! Reading a request's content, within a limit of size and a limit of time.

use std::cell::Cell;
use std::error::Error as _;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming};
use tokio::time::{Sleep, sleep};

/// Why content could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is more of it than the limit.
    TooLarge,
    /// It took too long.
    TooSlow,
    /// Its chunks are malformed.
    Malformed,
    /// The client left before it was whole.
    Gone,
}

thread_local! {
    /// Whether this thread asks for content right now, and whether somebody was to be woken for that.
    static ASKING: Cell<Asking> = const { Cell::new(Asking { now: false, woken: false }) };
}

#[derive(Clone, Copy)]
struct Asking {
    now: bool,
    woken: bool,
}

/// Wakes the task of a connection, unless this thread is just asking for its content: whoever asks then decides.
///
/// With each piece of content hyper wakes the connection to send more, also when that was the last piece. Nearly always it is: the
/// task would be polled a second time for every request, for nothing.
#[derive(Debug)]
pub(super) struct Patient(Waker);

impl Patient {
    /// A waker for the connection of the task that is polled now.
    pub(super) fn waker(task: &Waker) -> Waker {
        // The wakers of a task are all alike.
        Waker::from(Arc::new(Patient(task.clone())))
    }
}

impl Wake for Patient {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Other threads, and what else happens on this one, are never in the middle of it.
        match ASKING.get() {
            Asking { now: true, .. } => ASKING.set(Asking { now: true, woken: true }),
            Asking { now: false, .. } => self.0.wake_by_ref(),
        }
    }
}

/// What comes next of content; `None` at its end.
type Piece = Option<Result<Frame<Bytes>, hyper::Error>>;

/// Asks for the next piece, and says whether the connection was to be woken for that.
fn ask(body: &mut Incoming, cx: &mut Context<'_>) -> (Poll<Piece>, bool) {
    /// However it is left.
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            ASKING.set(Asking { now: false, woken: false });
        }
    }
    ASKING.set(Asking { now: true, woken: false });
    let done = Done;
    let piece = Pin::new(body).poll_frame(cx);
    let woken = ASKING.get().woken;
    drop(done);
    (piece, woken)
}

/// Reads content to its end. Free of copying where it comes in one piece.
pub(super) async fn read(mut body: Incoming, limit: usize, time: Duration) -> Result<Bytes, Trouble> {
    let mut whole = Pieces::default();
    let (mut waited, mut owed) = (false, false);
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|cx| {
        loop {
            let (piece, woken) = ask(&mut body, cx);
            owed |= woken;
            match piece {
                // Whom there is to wake has nothing more to send.
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are read and dropped.
                    let Ok(data) = frame.into_data() else { continue };
                    if whole.len() + data.len() > limit {
                        return Poll::Ready(Err(Trouble::TooLarge));
                    }
                    whole.push(data);
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(if is_malformed(&error) { Trouble::Malformed } else { Trouble::Gone }));
                }
                // Content that does not come with its head is mostly there in the next round: no timer for that.
                Poll::Pending if !waited => {
                    waited = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => {
                    if std::mem::take(&mut owed) {
                        cx.waker().wake_by_ref();
                    }
                    let timer = timer.get_or_insert_with(|| Box::pin(sleep(time)));
                    ready!(timer.as_mut().poll(cx));
                    return Poll::Ready(Err(Trouble::TooSlow));
                }
            }
        }
    })
    .await?;
    Ok(whole.into_bytes())
}

/// Whether content broke off because of what it was, and not because the connection did.
fn is_malformed(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
}

/// One piece, or several put together.
#[derive(Debug, Default)]
struct Pieces {
    first: Bytes,
    joined: BytesMut,
}

impl Pieces {
    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    fn push(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&piece);
    }

    fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Pieces;

    #[test]
    fn pieces_are_put_together_in_order() {
        for pieces in [&[][..], &["a"], &["ab", "", "c"], &["", "a", "b", "c"]] {
            let mut whole = Pieces::default();
            for piece in pieces {
                whole.push(Bytes::from_static(piece.as_bytes()));
            }
            assert_eq!(whole.len(), pieces.concat().len());
            assert_eq!(whole.into_bytes(), pieces.concat());
        }
    }
}
