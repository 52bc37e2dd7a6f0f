//! Where the parts of a document may come from.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};

/// Flags of every command that reads a document.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Document")]
pub(crate) struct Reading {
    /// References may lead anywhere in this folder [default: the one that the document is in]
    #[arg(long, env = "STANDIN_ROOT", value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Fetch references to other servers
    #[arg(long, env = "STANDIN_FETCH", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue)]
    pub(crate) fetch: bool,
    /// Values need not be of this `format`, or of any (`all`); may be repeated
    #[arg(long = "ignore-format", env = "STANDIN_IGNORE_FORMAT", value_name = "NAME", value_delimiter = ',')]
    pub(crate) ignored_formats: Vec<String>,
}
