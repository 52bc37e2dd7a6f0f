//! Reading a request's content, within a limit of size and a limit of time.

use std::error::Error as _;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};
use tokio::time::{Sleep, sleep};

use super::patient::Patient;

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

/// Reads content to its end. Free of copying where it comes in one piece.
pub(super) async fn read(
    mut body: Incoming,
    patient: &Patient,
    limit: usize,
    time: Duration,
) -> Result<Bytes, Trouble> {
    let mut whole = Pieces::default();
    let (mut waited, mut owed) = (false, false);
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|cx| {
        loop {
            let (piece, woken) = patient.ask(|| Pin::new(&mut body).poll_frame(cx));
            owed |= woken;
            match piece {
                // Who would be woken has nothing more to send.
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are read and dropped.
                    let Ok(data) = frame.into_data() else { continue };
                    if whole.len() + data.len() > limit {
                        // hyper finds out that nobody reads on.
                        cx.waker().wake_by_ref();
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
