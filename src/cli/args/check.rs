//! What `standin check` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};

use super::Reading;
use super::values::{Field, duration, field};
use crate::finding::Severity;

/// `standin check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The OpenAPI document: a file, an address, `-` for standard input. Without one: the bundled invitation API
    #[arg(value_name = "DOCUMENT")]
    pub(crate) documents: Vec<PathBuf>,

    /// The base URL of the API
    #[arg(long, env = "STANDIN_URL", help_heading = "Target")]
    pub(crate) url: Option<String>,
    /// A field to send with every request: `Name: value`; may be repeated
    #[arg(short = 'H', long = "header", env = "STANDIN_HEADER", value_name = "FIELD", value_parser = field, hide_env_values = true, help_heading = "Target")]
    pub(crate) fields: Vec<Field>,
    /// Credentials to send: a bearer token, or `name:password`
    #[arg(
        long,
        env = "STANDIN_AUTH",
        value_name = "TOKEN|NAME:PASSWORD",
        hide_env_values = true,
        help_heading = "Target"
    )]
    pub(crate) auth: Option<Auth>,
    /// Certificates to trust beside those of the system, as PEM
    #[arg(long, env = "STANDIN_CA", value_name = "FILE", help_heading = "Target")]
    pub(crate) ca: Option<PathBuf>,
    /// Accept any certificate
    #[arg(long, env = "STANDIN_INSECURE", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "Target")]
    pub(crate) insecure: bool,
    /// How long to wait for an answer
    #[arg(long, env = "STANDIN_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration, help_heading = "Target")]
    pub(crate) timeout: Duration,
    /// How long to wait for the target to come up
    #[arg(long, env = "STANDIN_WAIT", value_name = "TIME", value_parser = duration, help_heading = "Target")]
    pub(crate) wait: Option<Duration>,

    /// Recorded traffic: HAR, or what `standin mock --record` wrote; may be repeated
    #[arg(long, env = "STANDIN_TRAFFIC", value_name = "FILE", help_heading = "What")]
    pub(crate) traffic: Vec<PathBuf>,
    /// Judge what was recorded, send nothing
    #[arg(long, env = "STANDIN_OFFLINE", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "What")]
    pub(crate) offline: bool,
    /// Only these operations: operationId, `tag:x`, `'GET /path*'`; may be repeated
    #[arg(long, env = "STANDIN_ONLY", value_name = "OPERATION", help_heading = "What")]
    pub(crate) only: Vec<String>,
    /// Not these operations; may be repeated
    #[arg(long, env = "STANDIN_SKIP", value_name = "OPERATION", help_heading = "What")]
    pub(crate) skip: Vec<String>,
    /// Send requests that write, to a target that is not loopback
    #[arg(long, env = "STANDIN_ALLOW_WRITES", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "What")]
    pub(crate) allow_writes: bool,
    /// From which severity on the exit code is 1
    #[arg(long, env = "STANDIN_FAIL_ON", value_name = "SEVERITY", default_value = "error", help_heading = "What")]
    pub(crate) fail_on: FailOn,

    /// Where the parts of the document may come from.
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Credentials, as typed. `Debug` does not tell them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Auth(pub(crate) String);

impl From<&str> for Auth {
    fn from(text: &str) -> Auth {
        Auth(text.to_owned())
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Auth(…)")
    }
}

/// From which severity on findings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Something is wrong
    Error,
    /// Something is off
    Warning,
    /// Anything at all
    Note,
}

impl From<FailOn> for Severity {
    fn from(threshold: FailOn) -> Severity {
        match threshold {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
        }
    }
}
