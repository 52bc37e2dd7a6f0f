//! A connection's bytes, in the clear or under TLS; the first one of an answer is noted.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::clock;

/// A connection to a server.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// The first byte since an answer is awaited. Whoever sends looks at it from outside the connection.
#[derive(Default)]
pub(super) struct Received(Mutex<Option<First>>);

/// When the first byte came, and what it was.
#[derive(Clone, Copy)]
pub(super) struct First {
    pub(super) when: Instant,
    pub(super) byte: u8,
}

impl Received {
    /// From now on an answer is awaited.
    pub(super) fn restart(&self) {
        *self.lock() = None;
    }

    /// The first byte, when there was one.
    pub(super) fn first(&self) -> Option<First> {
        *self.lock()
    }

    fn note(&self, read: &[u8]) {
        if let Some(&byte) = read.first() {
            self.lock().get_or_insert_with(|| First { when: clock::now(), byte });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<First>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that notes what is read from it.
pub(super) struct Noted {
    pub(super) stream: Stream,
    pub(super) received: Arc<Received>,
}

impl AsyncRead for Noted {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let noted = self.get_mut();
        let before = buffer.filled().len();
        let polled = match &mut noted.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buffer),
        };
        noted.received.note(buffer.filled().get(before..).unwrap_or_default());
        polled
    }
}

impl AsyncWrite for Noted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bytes),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_write_vectored(cx, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(tcp) => tcp.is_write_vectored(),
            Stream::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}
