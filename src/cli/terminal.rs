//! Where output goes: text gets its colours here, at the last moment, and only on a terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use clap::builder::styling::{AnsiColor, Style};

use crate::report::{Text, Tone};

/// The three streams of a process, or of a test.
pub struct Streams {
    /// Results.
    pub out: Terminal,
    /// What is said to people.
    pub err: Terminal,
    /// What `-` reads.
    pub input: Box<dyn Read>,
}

impl Streams {
    /// Those of this process.
    pub fn process() -> Streams {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_colour, err_colour) = (colour(&out), colour(&err));
        Streams {
            out: Terminal::new(out, out_colour),
            err: Terminal::new(err, err_colour),
            input: Box::new(io::stdin()),
        }
    }
}

/// Whether text for this stream is coloured: on a terminal that can, unless `NO_COLOR` says no.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
fn colour(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !set("NO_COLOR") && !dumb
}

/// One stream; clones write to the same one. A failure to write is kept until the end: output that nobody reads stops
/// nothing.
#[derive(Clone)]
pub struct Terminal {
    shared: Arc<Mutex<Shared>>,
    colour: bool,
}

struct Shared {
    sink: Box<dyn Write + Send>,
    failure: Option<io::Error>,
}

impl Terminal {
    /// A stream, coloured or not.
    pub fn new(sink: impl Write + Send + 'static, colour: bool) -> Terminal {
        Terminal { shared: Arc::new(Mutex::new(Shared { sink: Box::new(sink), failure: None })), colour }
    }

    /// Whether text is coloured.
    pub fn is_coloured(&self) -> bool {
        self.colour
    }

    /// Writes a text.
    pub fn text(&mut self, text: &Text) {
        if !self.colour {
            return self.put(&text.to_string());
        }
        let mut coloured = String::new();
        for (tone, piece) in text.pieces() {
            let style = style(tone);
            coloured.push_str(&format!("{style}{piece}{style:#}"));
        }
        self.put(&coloured);
    }

    /// Writes a line; the line break is added.
    pub fn line(&mut self, line: &str) {
        self.put(&format!("{line}\n"));
    }

    /// Writes what `clap` has to say.
    pub(crate) fn styled(&mut self, text: &clap::builder::StyledStr) {
        let text = if self.colour { text.ansi().to_string() } else { text.to_string() };
        self.put(&text);
    }

    fn put(&mut self, text: &str) {
        // Kept where it happened.
        let _ = self.write_all(text.as_bytes());
    }

    /// What went wrong with writing; a reader that went away early (`| head`) is no failure.
    pub fn failure(&self) -> Option<String> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = shared.failure.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
        failure.map(io::Error::to_string)
    }
}

/// Bytes as they are, all of them or, after a failure, none. What is written at once stays together.
impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Shared { sink, failure } = &mut *shared;
        if failure.is_none() {
            *failure = sink.write_all(bytes).and_then(|()| sink.flush()).err();
        }
        match failure {
            Some(failure) => Err(failure.kind().into()),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Faint => AnsiColor::Cyan.on_default(),
        Tone::Error => AnsiColor::Red.on_default().bold(),
        Tone::Warning => AnsiColor::Yellow.on_default().bold(),
        Tone::Note => AnsiColor::Green.on_default().bold(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::Terminal;
    use crate::report::{Text, Tone};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn colours_only_where_asked_for() {
        let mut text = Text::from("a ");
        text.push(Tone::Error, "b");
        let written = |colour| {
            let shared = Shared::default();
            Terminal::new(shared.clone(), colour).text(&text);
            let bytes = shared.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(written(false), "a b");
        assert_eq!(written(true), "a \u{1b}[1m\u{1b}[31mb\u{1b}[0m");
    }

    #[test]
    fn a_failure_to_write_is_kept() {
        let mut terminal = Terminal::new(Full, false);
        assert!(terminal.failure().is_none());
        terminal.line("a");
        assert_eq!(terminal.failure(), Some("no storage space".to_owned()));
    }
}
