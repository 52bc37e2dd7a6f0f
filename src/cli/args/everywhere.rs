//! What every command takes.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};

use super::values::{Report, Seeding, report, seeding, time};

/// Flags of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Everywhere {
    /// Say less: results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", env = "STANDIN_QUIET", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue)]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, env = "STANDIN_VERBOSE", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue)]
    pub(crate) verbose: bool,
    /// The form of the log on standard error [default: pretty; with `exec`: off, unless -v]
    #[arg(long, global = true, env = "STANDIN_LOG", value_name = "FORM")]
    pub(crate) log: Option<Log>,
    /// Where all chance comes from: a number, another text, or `random` [default: the scenario's, else 0]
    #[arg(long, global = true, env = "STANDIN_SEED", value_name = "N|random", value_parser = seeding)]
    pub(crate) seed: Option<Seeding>,
    /// The time that generated dates lie around, such as `2026-01-31T12:00:00Z` [default: now]
    #[arg(long, global = true, env = "STANDIN_NOW", value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<jiff::Timestamp>,
    /// A file of settings: flags by their names [default: standin.yaml, where it lies here]
    #[arg(long, global = true, env = "STANDIN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The form of results on standard output
    #[arg(long, global = true, env = "STANDIN_FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Also write the results to a file; may be repeated
    #[arg(long = "report", global = true, env = "STANDIN_REPORT", value_name = "FORMAT=FILE", value_parser = report)]
    pub(crate) reports: Vec<Report>,
    /// Print help
    #[arg(long, global = true, action = ArgAction::HelpShort)]
    help: Option<bool>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// A line a request, for people
    Pretty,
    /// A JSON object a request
    Json,
    /// None
    Off,
}

/// The form of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}
