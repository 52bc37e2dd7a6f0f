//! The log: a line a request, written by a thread of its own, so that no answer waits for it.
//!
//! What belongs here: the thread and its batches. The shapes of lines are in [`pretty`] and [`json`], what waits to be written
//! in [`queue`].

mod json;
mod pretty;
mod queue;
mod text;

pub(super) use json::summarised;
pub(super) use text::number as push_number;

use std::collections::HashSet;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, thread};

use queue::{Batch, Queue};

use crate::message::query_pairs;
use crate::traffic::{Exchange, Redactor};

/// How long the thread rests between two batches: within it exchanges queue up without waking anybody.
const REST: Duration = Duration::from_millis(20);

/// A batch is written when it grows beyond this, in bytes.
const BATCH: usize = 64 << 10;

/// How long the end waits for what is queued to be written: whoever reads the log may have stopped.
const LAST: Duration = Duration::from_secs(2);

/// The most notes that are remembered, so that each is told once.
const NOTES: usize = 1000;

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, in colour or not.
    Pretty {
        /// With escape sequences for a terminal.
        colour: bool,
    },
    /// A JSON object a line.
    Json,
    /// Only what went wrong with the server itself.
    Off,
}

/// A log that is being written. Clones write to the same one.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    format: Format,
    redactor: Arc<Redactor>,
    queue: Arc<Queue>,
    ended: Mutex<Option<Receiver<()>>>,
}

impl Log {
    /// Starts a log that writes to `out`. `redactor` takes secrets out of it; `exchanges_at` is the path under which an exchange
    /// is found by its number, `None` where it is not to be named.
    pub fn start(
        format: Format,
        out: impl Write + Send + 'static,
        redactor: Arc<Redactor>,
        exchanges_at: Option<String>,
    ) -> Log {
        let queue = Arc::new(Queue::default());
        let (ending, ended) = channel();
        let writer = Writer {
            format,
            out,
            redactor: redactor.clone(),
            exchanges_at,
            queue: queue.clone(),
            told: HashSet::new(),
            text: String::new(),
            _ending: ending,
        };
        // Without a thread there is no log; everything else goes on.
        let started = thread::Builder::new().name("log".to_owned()).spawn(move || writer.run());
        let ended = Mutex::new(started.is_ok().then_some(ended));
        Log(Arc::new(Shared { format, redactor, queue, ended }))
    }

    /// A log that goes nowhere.
    pub fn off() -> Log {
        let queue = Arc::new(Queue::default());
        queue.close();
        let redactor = Arc::new(Redactor::new(&[0; 32]));
        Log(Arc::new(Shared { format: Format::Off, redactor, queue, ended: Mutex::new(None) }))
    }

    /// Writes a line about an exchange, soon. Never waits: when too many are queued already, the line is left out.
    pub(super) fn exchange(&self, exchange: &Arc<Exchange>) {
        match self.0.format {
            Format::Off => {}
            // Of a plain exchange everything is at hand, and still warm: writing its line here costs less than having another
            // core fetch what it is about.
            Format::Pretty { colour } if !is_sensitive(exchange, &self.0.redactor) => {
                let mut line = String::with_capacity(160);
                pretty::line(&mut line, exchange, colour, || None, &mut |_| false);
                self.0.queue.line(&line);
            }
            _ => self.0.queue.exchange(exchange.clone()),
        }
    }

    /// Writes a line about the server itself, soon, whatever the format. Never waits either.
    pub(super) fn warn(&self, sentence: impl Into<String>) {
        self.0.queue.warning(sentence.into());
    }

    /// How many lines were left out so far.
    pub(super) fn left_out(&self) -> u64 {
        self.0.queue.left_out()
    }

    /// Writes what is queued and ends. What comes later is not written.
    pub(super) fn close(&self) {
        self.0.queue.close();
        let ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Disconnected when the thread is over, which is what is waited for.
        let _ = ended.map(|ended| ended.recv_timeout(LAST));
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Log").field("format", &self.0.format).finish_non_exhaustive()
    }
}

/// What the thread owns.
struct Writer<W> {
    format: Format,
    out: W,
    redactor: Arc<Redactor>,
    exchanges_at: Option<String>,
    queue: Arc<Queue>,
    told: HashSet<String>,
    text: String,
    /// Goes when this does.
    _ending: Sender<()>,
}

impl<W: Write> Writer<W> {
    fn run(mut self) {
        let mut told = 0;
        let mut batch = Batch::default();
        loop {
            let more = self.queue.take(&mut batch);
            let mut written = 0;
            for (at, exchange) in &batch.exchanges {
                self.text.push_str(batch.lines.get(written..*at).unwrap_or_default());
                self.exchange(exchange);
                written = *at;
                if self.text.len() > BATCH {
                    self.flush();
                }
            }
            self.text.push_str(batch.lines.get(written..).unwrap_or_default());
            batch.warnings.iter().for_each(|sentence| self.warning(sentence));
            let left_out = self.queue.left_out();
            if left_out > told {
                self.warning(&format!(
                    "{} lines left out here: requests came faster than they could be logged",
                    left_out - told
                ));
                told = left_out;
            }
            self.flush();
            if !more {
                return;
            }
            if !batch.is_large() {
                thread::sleep(REST);
            }
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        // Redaction looks into bodies: only where something of them is shown.
        let redacted = is_sensitive(exchange, &self.redactor).then(|| self.redactor.redact(exchange));
        let exchange = redacted.as_ref().unwrap_or(exchange);
        let more = || Some(format!("{}{}/{}", exchange.base.as_deref()?, self.exchanges_at.as_deref()?, exchange.id));
        match self.format {
            Format::Pretty { colour } => {
                let told = &mut self.told;
                let mut first_time = |note: &str| told.len() < NOTES && told.insert(note.to_owned());
                pretty::line(&mut self.text, exchange, colour, more, &mut first_time);
            }
            Format::Json => json::line(&mut self.text, exchange, more()),
            Format::Off => {}
        }
    }

    fn warning(&mut self, sentence: &str) {
        match self.format {
            Format::Json => json::warning(&mut self.text, sentence),
            Format::Pretty { colour } => pretty::warning(&mut self.text, sentence, colour),
            Format::Off => pretty::warning(&mut self.text, sentence, false),
        }
    }

    /// Writes the batch. A log that cannot be written is no reason to stop serving, and there is no other place to say so.
    fn flush(&mut self) {
        if !self.text.is_empty() {
            let _ = self.out.write_all(self.text.as_bytes()).and_then(|()| self.out.flush());
            self.text.clear();
        }
    }
}

/// Whether the lines about an exchange could show a secret.
fn is_sensitive(exchange: &Exchange, redactor: &Redactor) -> bool {
    let told = |decision: &crate::traffic::Decision| {
        !(decision.violations.is_empty() && decision.notes.is_empty() && decision.nearest.is_empty())
    };
    let query = exchange.request.target.query().unwrap_or_default();
    exchange.decision.as_ref().is_some_and(told)
        || query.contains('%')
        || query_pairs(query).any(|(name, _)| redactor.is_secret(name))
}
