//! The bytes below HTTP: what hyper does not see to.
//!
//! - A request with both `Content-Length` and `Transfer-Encoding` may be an attempt to smuggle another one past somebody
//!   (RFC 9112 §6.1). hyper takes the one and drops the other without a trace, so heads are looked at as they pass.
//! - A client may close its side once it has asked (RFC 9112 §9.6). It still gets what is answered at once; one that is kept
//!   waiting is taken to be gone.
//! - A client that does not read its answer is not waited for without end.
//! - A connection that is closed while the client is still sending would be reset, and the answer lost with it. So what comes
//!   is read for a while, and thrown away (RFC 9112 §9.6).
//! - A fault ends a connection in a way of its own, once all is sent that was to be sent before.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use memchr::{memchr, memrchr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::fault::{Ending, Ends, discard};

/// How long a client that closed its side is given its answer.
const GRACE: Duration = Duration::from_millis(100);

/// What the service and the wire of one connection know of each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    phase: AtomicU8,
    turns: AtomicU32,
    /// Bytes are to be sent that the client has not made room for.
    blocked: AtomicBool,
    unread: AtomicBool,
    both_lengths: AtomicBool,
    tls: AtomicBool,
    /// Its answer goes on until somebody ends it.
    tails: AtomicBool,
    /// How the connection ends, where a fault asks for it.
    pub(super) ends: Ends,
}

/// There is no request, or not all of its head.
const IDLE: u8 = 0;
/// An answer is being thought about.
const BUSY: u8 = 1;
/// An answer is being sent.
const ANSWERING: u8 = 2;
/// A head has come, its content is still to come.
const READING: u8 = 3;

impl Shared {
    /// The head of a request has come.
    pub(super) fn head_came(&self) {
        // Only one task writes it.
        self.turns.store(self.turns.load(Relaxed).wrapping_add(1), Relaxed);
        self.phase.store(READING, Relaxed);
    }

    /// How many heads have come so far; it begins again when there are too many to count.
    pub(super) fn turns(&self) -> u32 {
        self.turns.load(Relaxed)
    }

    /// Whether the client is the one to go on, with a head.
    pub(super) fn waits_for_head(&self) -> bool {
        self.phase.load(Relaxed) == IDLE && !self.blocked.load(Relaxed)
    }

    /// A request has come, and all of its content.
    pub(super) fn asked(&self) {
        self.unread.store(false, Relaxed);
        self.phase.store(BUSY, Relaxed);
    }

    /// Its answer is being sent.
    pub(super) fn answering(&self) {
        self.phase.store(ANSWERING, Relaxed);
    }

    /// Its answer has been handed over to the last byte.
    pub(super) fn answered(&self) {
        self.phase.store(IDLE, Relaxed);
    }

    /// An answer begins that goes on for as long as there is a client, or it is over.
    pub(super) fn tails(&self, begins: bool) {
        self.tails.store(begins, Relaxed);
        if begins {
            // That the client has closed its side is to be noticed: there is no end that it would wait for.
            self.phase.store(BUSY, Relaxed);
        }
    }

    /// Whether such an answer is being sent.
    pub(super) fn is_tailing(&self) -> bool {
        self.tails.load(Relaxed)
    }

    /// Whether some head on this connection had both lengths, or some content looked like one that has.
    pub(super) fn both_lengths(&self) -> bool {
        self.both_lengths.load(Relaxed)
    }

    /// Whether the client began to speak TLS, as for an `https` address.
    pub(super) fn is_tls(&self) -> bool {
        self.tls.load(Relaxed)
    }
}

/// How a TLS connection begins: a handshake record of version 3.
const TLS: &[u8] = &[0x16, 0x03];

/// How long is waited for a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// To read what it asked for.
    pub(super) stall: Duration,
    /// To stop sending what nobody will read.
    pub(super) linger: Duration,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    shared: Arc<Shared>,
    heads: Heads,
    silent: bool,
    /// The client has closed its side, and hyper was not told.
    unsaid: bool,
    grace: Option<Pin<Box<Sleep>>>,
    times: Times,
    stalled: Option<Pin<Box<Sleep>>>,
    linger: Option<Pin<Box<Sleep>>>,
    /// Nothing was written since the client was heard of last: it has read what came before, unless it asks ahead.
    heard: bool,
    ending: Ending,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream, shared: Arc<Shared>, times: Times) -> Wire {
        let (heads, ending) = (Heads::default(), Ending::default());
        let (grace, stalled, linger) = (None, None, None);
        Wire { tcp, shared, heads, silent: true, unsaid: false, grace, times, stalled, linger, heard: true, ending }
    }

    /// The client has closed its side.
    fn end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let end = match self.shared.phase.load(Relaxed) {
            // hyper would stop in the middle. It is woken as soon as all is sent.
            ANSWERING => Poll::Pending,
            BUSY => {
                let grace = self.grace.get_or_insert_with(|| Box::pin(sleep(GRACE)));
                grace.as_mut().poll(cx).map(Ok)
            }
            // hyper may have all of the content, and the service not yet: it is given one round to take it.
            READING if !self.unsaid => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            // hyper has all of the answer, and the client not yet.
            IDLE if self.shared.blocked.load(Relaxed) => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        };
        self.unsaid = end.is_pending();
        end
    }

    /// What came of writing: an error, if the client has not read for too long.
    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.shared.blocked.store(written.is_pending(), Relaxed);
        if written.is_ready() {
            self.heard = false;
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.times.stall)));
        stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let room = buf.remaining();
        ready!(Pin::new(&mut this.tcp).poll_read(cx, buf))?;
        let fresh = buf.filled().get(before..).unwrap_or_default();
        if fresh.is_empty() && room > 0 {
            return this.end(cx);
        }
        this.heard = true;
        this.shared.unread.store(true, Relaxed);
        if std::mem::take(&mut this.silent) {
            this.shared.tls.store(fresh.starts_with(TLS), Relaxed);
        }
        if this.heads.look(fresh) {
            this.shared.both_lengths.store(true, Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.tcp).poll_write(cx, bytes);
        this.written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.tcp).poll_write_vectored(cx, slices);
        this.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.tcp).poll_flush(cx))?;
        // All is written that came before.
        if let Some(end) = this.shared.ends.told() {
            return this.ending.poll(cx, &mut this.tcp, end, this.heard, this.times.linger);
        }
        if this.unsaid && this.shared.phase.load(Relaxed) == IDLE {
            this.unsaid = false;
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.tcp).poll_shutdown(cx))?;
            if !this.shared.unread.load(Relaxed) {
                return Poll::Ready(Ok(()));
            }
        }
        if discard(&mut this.tcp, cx).is_pending() {
            let linger = this.linger.get_or_insert_with(|| Box::pin(sleep(this.times.linger)));
            ready!(linger.as_mut().poll(cx));
        }
        Poll::Ready(Ok(()))
    }
}

/// Looks for heads with both lengths in a stream, line by line; a line may come in pieces.
///
/// It does not know heads from content. So content that has the two lines in one paragraph counts as well; a head that has
/// them never goes unseen, because a head is a paragraph of lines.
#[derive(Debug, Default)]
struct Heads {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    length: bool,
    encoding: bool,
}

/// As much of a line as matters.
const NAME: usize = "transfer-encoding:".len();

impl Heads {
    /// Takes in what came, and says whether there was a paragraph with both.
    fn look(&mut self, bytes: &[u8]) -> bool {
        if self.is_at_start()
            && let Some(tail) = plain(bytes)
        {
            self.line.clear();
            self.line.extend_from_slice(if tail.is_empty() { b"" } else { ELSE });
            return false;
        }
        let mut both = false;
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let line;
            (line, rest) = rest.split_at(length);
            let ended = line.last() == Some(&b'\n');
            if ended && self.line.is_empty() {
                both |= self.ended(line);
                continue;
            }
            let room = NAME.saturating_sub(self.line.len());
            self.line.extend_from_slice(&line[..line.len().min(room)]);
            if ended {
                let whole = std::mem::take(&mut self.line);
                both |= self.ended(&whole);
                self.line = whole;
                self.line.clear();
            }
        }
        both
    }

    /// Whether nothing of a paragraph has come yet that could be of use.
    fn is_at_start(&self) -> bool {
        (self.line.is_empty() || self.line == ELSE) && !self.length && !self.encoding
    }

    fn ended(&mut self, line: &[u8]) -> bool {
        let is = |name: &[u8]| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        match line.first() {
            Some(b'c' | b'C') => self.length |= is(b"content-length:"),
            Some(b't' | b'T') => self.encoding |= is(b"transfer-encoding:"),
            Some(b'\n') => (self.length, self.encoding) = (false, false),
            Some(b'\r') if line.len() <= 2 => (self.length, self.encoding) = (false, false),
            _ => {}
        }
        self.length && self.encoding
    }
}

/// What stands for the beginning of a line that is no field.
const ELSE: &[u8] = b"?";

/// What follows the last line, if no line of what came says how it is encoded, and no paragraph is left half-way: so it is with
/// nearly all requests, and told without going from line to line. What follows is content mostly; were it the beginning of a
/// line, it would be the first of a head, which is no field.
fn plain(bytes: &[u8]) -> Option<&[u8]> {
    let last = memrchr(b'\n', bytes)?;
    let (lines, tail) = (&bytes[..last], &bytes[last + 1..]);
    let paragraph = lines.ends_with(b"\n") || lines.ends_with(b"\n\r");
    let begins = |byte: u8| byte | 0x20 == b't';
    // All pairs are looked at, which takes fewer steps than to stop at the first.
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let encoded = pairs.fold(false, |found, (before, byte)| found | (*before == b'\n') & begins(*byte));
    (paragraph && !encoded && !bytes.first().is_some_and(|byte| begins(*byte))).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::Heads;

    /// Whether it is seen, in one piece and in every two pieces, and byte by byte: always the same.
    fn seen(text: &str) -> bool {
        let whole = Heads::default().look(text.as_bytes());
        for at in 0..text.len() {
            let mut heads = Heads::default();
            let (first, second) = text.as_bytes().split_at(at);
            let split = heads.look(first) | heads.look(second);
            assert_eq!(split, whole, "cut at {at}: {text:?}");
        }
        let mut heads = Heads::default();
        let bytes = text.as_bytes().chunks(1).fold(false, |seen, byte| heads.look(byte) | seen);
        assert_eq!(bytes, whole, "{text:?}");
        whole
    }

    #[test]
    fn both_lengths_in_one_head_are_seen() {
        for head in [
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: chunked\r\nx: y\r\ncontent-length:3\r\n\r\n",
            "POST / HTTP/1.1\nContent-Length: 3\nTransfer-Encoding: chunked\n\n",
            "body of the last onePOST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        ] {
            assert!(seen(head), "{head:?}");
        }
    }

    #[test]
    fn one_length_at_a_time_is_fine() {
        for head in [
            "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nX-Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length-X: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\nPOST /content-length:3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "PUT / HTTP/1.1\r\n\r\n{content-length:3}\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "\r\r\r",
        ] {
            assert!(!seen(head), "{head:?}");
        }
    }
}
