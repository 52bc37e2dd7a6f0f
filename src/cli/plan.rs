//! What was typed, turned into what is needed. Here the world is looked at: the clock, chance for a seed, files to write.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Everywhere, Format, Kind, Log, Report, Seeding};
use super::exit::{Exit, Failure};
use super::terminal::Streams;
use crate::finding::Seeds;
use crate::report::Text;
use crate::scenario::Scenario;

/// What holds for every command.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Say results and errors only.
    pub(crate) quiet: bool,
    /// Say more.
    pub(crate) verbose: bool,
    /// The form of the log.
    pub(crate) log: Log,
    /// Whether that was said.
    pub(crate) log_given: bool,
    /// Where all chance comes from.
    pub(crate) seed: u64,
    /// Whether that was said; a scenario's own seed gives way to it.
    pub(crate) seed_given: bool,
    /// The time that generated dates lie around.
    pub(crate) now: jiff::Timestamp,
    /// The file of settings that it comes from in part.
    pub(crate) config: Option<PathBuf>,
    /// The form of results on standard output.
    pub(crate) format: Format,
    reports: Vec<Report>,
}

impl Plan {
    /// The plan behind these flags.
    pub(crate) fn new(everywhere: &Everywhere) -> Plan {
        Plan {
            quiet: everywhere.quiet,
            verbose: everywhere.verbose,
            log: everywhere.log.unwrap_or(Log::Pretty),
            log_given: everywhere.log.is_some(),
            seed: match everywhere.seed {
                None => 0,
                Some(Seeding::Number(seed)) => seed,
                Some(Seeding::Random) => random(),
            },
            seed_given: everywhere.seed.is_some(),
            now: everywhere.now.unwrap_or_else(now),
            config: everywhere.config.clone(),
            format: everywhere.format,
            reports: everywhere.reports.clone(),
        }
    }

    /// The same plan, with what `before` drew or read off a clock where these flags leave it to that.
    pub(crate) fn going_on(self, before: &Plan, everywhere: &Everywhere) -> Plan {
        let drawn = matches!(everywhere.seed, Some(Seeding::Random));
        let seed = if drawn && before.seed_given { before.seed } else { self.seed };
        Plan { seed, now: everywhere.now.unwrap_or(before.now), ..self }
    }

    /// Whose seeds hold, where these scenarios apply.
    pub(crate) fn seeds(&self, active: &[Arc<Scenario>]) -> Seeds {
        let own = active.iter().filter_map(|scenario| Some((scenario.name.clone(), scenario.seed?)));
        Seeds { run: self.seed, own: own.collect(), scenarios: active.len() }
    }

    /// The same plan, with another form of the log.
    pub(crate) fn logging(&self, log: Log) -> Plan {
        Plan { log, ..self.clone() }
    }

    /// Says something to people, unless they asked for quiet.
    pub(crate) fn say(&self, streams: &mut Streams, text: &Text) {
        if !self.quiet {
            streams.err.text(text);
        }
    }

    /// The reports that were asked for.
    pub(crate) fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// Refuses reports that would write over one another, or over what the command reads.
    ///
    /// # Errors
    /// When one would.
    pub(crate) fn spare<'p>(&self, read: impl IntoIterator<Item = &'p Path>) -> Result<(), Failure> {
        let real = |file: &Path| fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let mut taken: Vec<PathBuf> = read.into_iter().map(real).collect();
        let inputs = taken.len();
        for report in &self.reports {
            let (name, file) = (report.file.display(), real(&report.file));
            match taken.iter().position(|other| *other == file) {
                Some(other) if other < inputs => {
                    let failure = Failure::usage(format!("--report: `{name}` is read, and would be overwritten"));
                    return Err(failure.help("give the report a file of its own"));
                }
                Some(_) => {
                    let failure = Failure::usage(format!("--report: `{name}` was given for two reports"));
                    return Err(failure.help("give each a file of its own"));
                }
                None => taken.push(file),
            }
        }
        Ok(())
    }

    /// The files of JSON reports, for a command that writes no others.
    ///
    /// # Errors
    /// When a report in another form was asked for.
    pub(crate) fn json_reports(&self, command: &str) -> Result<impl Iterator<Item = &Path>, Failure> {
        if self.reports.iter().any(|report| report.kind != Kind::Json) {
            let failure = Failure::usage(format!("`standin {command}` writes reports as JSON only"));
            return Err(failure.help("--report json=FILE"));
        }
        Ok(self.reports.iter().map(|report| report.file.as_path()))
    }

    /// Refuses reports, for a command that has none.
    ///
    /// # Errors
    /// When one was asked for.
    pub(crate) fn no_reports(&self, command: &str) -> Result<(), Failure> {
        if self.reports.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format!("`standin {command}` writes no reports")).help("leave `--report` out"))
    }

    /// Refuses reports as Markdown, for a command that writes none.
    ///
    /// # Errors
    /// When one was asked for.
    pub(crate) fn no_markdown(&self, command: &str) -> Result<(), Failure> {
        if self.reports.iter().all(|report| report.kind != Kind::Markdown) {
            return Ok(());
        }
        let failure = Failure::usage(format!("`standin {command}` writes reports as JSON and JUnit only"));
        Err(failure.help("--report json=FILE, --report junit=FILE"))
    }

    /// Finds out before long work whether the reports can be written. Nothing that is there is changed.
    ///
    /// # Errors
    /// When one cannot.
    pub(crate) fn writable(&self) -> Result<(), Failure> {
        for Report { file, .. } in &self.reports {
            if let Err(error) = fs::OpenOptions::new().append(true).create(true).open(file) {
                return Err(unwritten(file, &error));
            }
        }
        Ok(())
    }

    /// Writes a report behind what is in the file already.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn append(&self, file: &Path, text: &str) -> Result<(), Failure> {
        let opened = fs::OpenOptions::new().append(true).create(true).open(file);
        opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| unwritten(file, &error))
    }

    /// Writes a report.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, file: &Path, text: &str) -> Result<(), Failure> {
        fs::write(file, text).map_err(|error| unwritten(file, &error))
    }
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Unreachable, format!("the report `{}` cannot be written: {error}", file.display()))
}

#[expect(clippy::disallowed_methods, reason = "the command line is where the clock is read")]
fn now() -> jiff::Timestamp {
    // Whole seconds: it is printed, and what is printed gives the same bytes again.
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// A seed that nobody knows beforehand, short enough to be typed again.
fn random() -> u64 {
    unknown() >> 32
}

/// A key for the digests of one run, which nobody is to know.
pub(crate) fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    for part in key.chunks_exact_mut(8) {
        part.copy_from_slice(&unknown().to_le_bytes());
    }
    key
}

/// A number that nobody knows: the standard library keys its hash tables with such, from the system's own source.
fn unknown() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(u64::from(std::process::id()));
    hasher.finish()
}
