//! Recording: every exchange, without its secrets, as a line of a file, written by a thread of its own.
//!
//! Back-pressure: nothing waits for the disk. At most [`QUEUE`] exchanges and [`QUEUED_BYTES`] bytes of content wait to be
//! written; what comes when that is full is not recorded, counted as lost, and told. When writing fails, recording is over:
//! that is told at once, nothing more is written (a line cut in the middle stays the last one), and serving goes on.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, mem, thread};

use super::Log;
use super::summary::Recorded;
use crate::traffic::{Exchange, Redactor, ndjson};

/// The most exchanges that wait to be written.
const QUEUE: usize = 4096;

/// The most bytes of content that wait to be written.
const QUEUED_BYTES: usize = 64 << 20;

/// How long the thread rests between two batches; so what was answered is in the file soon after.
const REST: Duration = Duration::from_millis(50);

/// How long the end waits for what is queued to be written.
const LAST: Duration = Duration::from_secs(10);

/// A batch is written when it grows beyond this, in bytes.
const BATCH: usize = 256 << 10;

/// The beginning of every line that a recording has.
const MARK: &[u8] = b"{\"standin\":";

/// A recording under way.
pub struct Recorder {
    queue: SyncSender<Entry>,
    progress: Arc<Progress>,
    ended: Mutex<Option<Receiver<()>>>,
    name: String,
}

enum Entry {
    Exchange(Arc<Exchange>),
    Close,
}

/// What both sides know.
#[derive(Debug, Default)]
struct Progress {
    over: AtomicBool,
    queued: AtomicUsize,
    written: AtomicU64,
    lost: AtomicU64,
    stopped: Mutex<Option<String>>,
}

impl Recorder {
    /// Opens a file to record to. An older recording is overwritten; a file that is something else is not.
    ///
    /// # Errors
    /// When it cannot be opened, or is something else.
    pub fn open(path: &Path) -> Result<File, RecordError> {
        let failed = |error| RecordError::Open { path: path.to_owned(), error };
        // Devices and pipes are whatever they are.
        if path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0) {
            let mut head = Vec::new();
            File::open(path).and_then(|file| file.take(MARK.len() as u64).read_to_end(&mut head)).map_err(failed)?;
            if head != MARK {
                return Err(RecordError::NotARecording { path: path.to_owned() });
            }
        }
        File::create(path).map_err(failed)
    }

    /// Records to `out`, which messages call `name`. What goes wrong later is said in `log`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        out: impl Write + Send + 'static,
        name: impl Into<String>,
        redactor: Arc<Redactor>,
        log: Log,
    ) -> io::Result<Recorder> {
        let name = name.into();
        let (queue, entries) = sync_channel(QUEUE);
        let progress = Arc::new(Progress::default());
        let (ending, ended) = channel();
        let writer = Writer {
            out,
            name: name.clone(),
            redactor,
            log,
            progress: progress.clone(),
            batch: Vec::new(),
            lost: 0,
            _ending: ending,
        };
        thread::Builder::new().name("recorder".to_owned()).spawn(move || writer.run(&entries))?;
        Ok(Recorder { queue, progress, ended: Mutex::new(Some(ended)), name })
    }

    /// Records an exchange, soon. Never waits.
    pub(super) fn exchange(&self, exchange: &Arc<Exchange>) {
        let progress = &self.progress;
        let bytes = bytes(exchange);
        let fits = progress.queued.fetch_add(bytes, Ordering::Relaxed) <= QUEUED_BYTES;
        if progress.over.load(Ordering::Relaxed)
            || !fits
            || self.queue.try_send(Entry::Exchange(exchange.clone())).is_err()
        {
            progress.queued.fetch_sub(bytes, Ordering::Relaxed);
            progress.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what is queued and ends. What came of it all.
    pub(super) fn close(&self) -> Recorded {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let in_time = ended.is_none_or(|ended| {
            const PAUSE: Duration = Duration::from_millis(5);
            let mut patience = LAST;
            while matches!(self.queue.try_send(Entry::Close), Err(TrySendError::Full(_))) && !patience.is_zero() {
                thread::sleep(PAUSE);
                patience = patience.saturating_sub(PAUSE);
            }
            // Disconnected when the thread is over, which is what is waited for.
            ended.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected)
        });
        let mut stopped = self.progress.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !in_time && stopped.is_none() {
            stopped = Some("what was queued could not be written in time".to_owned());
        }
        Recorded {
            name: self.name.clone(),
            written: self.progress.written.load(Ordering::Relaxed),
            lost: self.progress.lost.load(Ordering::Relaxed),
            stopped,
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Recorder").field("name", &self.name).field("progress", &self.progress).finish_non_exhaustive()
    }
}

/// What an exchange takes of the room for content.
fn bytes(exchange: &Exchange) -> usize {
    exchange.request.body.bytes.len() + exchange.response().map_or(0, |response| response.body.bytes.len())
}

/// What the thread owns.
struct Writer<W> {
    out: W,
    name: String,
    redactor: Arc<Redactor>,
    log: Log,
    progress: Arc<Progress>,
    batch: Vec<u8>,
    /// How many of the lost were told.
    lost: u64,
    /// Goes when this does.
    _ending: Sender<()>,
}

impl<W: Write> Writer<W> {
    fn run(mut self, entries: &Receiver<Entry>) {
        while let Ok(first) = entries.recv() {
            let mut next = Some(first);
            let mut closing = false;
            while let Some(entry) = next {
                match entry {
                    Entry::Exchange(exchange) => self.exchange(&exchange),
                    Entry::Close => closing = true,
                }
                if self.batch.len() > BATCH {
                    self.flush();
                }
                next = entries.try_recv().ok();
            }
            self.flush();
            self.tell_lost();
            if closing {
                return;
            }
            thread::sleep(REST);
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        self.progress.queued.fetch_sub(bytes(exchange), Ordering::Relaxed);
        // Into memory, where writing does not fail; if it did, the line would be missing and counted.
        if self.is_over() || ndjson::write(&mut self.batch, &self.redactor.redact(exchange)).is_err() {
            self.progress.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_over(&self) -> bool {
        self.progress.over.load(Ordering::Relaxed)
    }

    fn flush(&mut self) {
        let batch = mem::take(&mut self.batch);
        let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        let mut rest = batch.as_slice();
        while !rest.is_empty() {
            let error = match self.out.write(rest) {
                Ok(0) => io::ErrorKind::WriteZero.into(),
                Ok(count) => {
                    self.progress.written.fetch_add(lines(&rest[..count]), Ordering::Relaxed);
                    rest = &rest[count..];
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            self.progress.lost.fetch_add(lines(rest), Ordering::Relaxed);
            self.stop(&error);
            return;
        }
        if let Err(error) = self.out.flush() {
            self.stop(&error);
        }
        self.batch = batch;
        self.batch.clear();
    }

    fn stop(&mut self, error: &io::Error) {
        if self.progress.over.swap(true, Ordering::Relaxed) {
            return;
        }
        let written = self.progress.written.load(Ordering::Relaxed);
        self.log.warn(format!(
            "recording to `{}` stopped after {written} exchanges: {error}; make room or give another file to `--record`; serving goes on",
            self.name
        ));
        *self.progress.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }

    fn tell_lost(&mut self) {
        let lost = self.progress.lost.load(Ordering::Relaxed);
        if lost > self.lost && !self.is_over() {
            self.log.warn(format!(
                "{} exchanges are missing from `{}` here: they came faster than they could be written",
                lost - self.lost,
                self.name
            ));
            self.lost = lost;
        }
    }
}

/// Why a file cannot be recorded to.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// It cannot be opened.
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It holds something else, which would be overwritten.
    NotARecording {
        /// The file.
        path: PathBuf,
    },
}

impl RecordError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            RecordError::Open { .. } => "give a file in a folder that exists and that you may write to".to_owned(),
            RecordError::NotARecording { .. } => "give another file, or delete this one".to_owned(),
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Open { path, error } => write!(out, "cannot record to `{}`: {error}", path.display()),
            RecordError::NotARecording { path } => {
                write!(out, "`{}` is no recording, and would be overwritten", path.display())
            }
        }
    }
}

impl Error for RecordError {}
