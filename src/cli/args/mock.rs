//! What `standin mock` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};

use super::values::duration;
use super::{Keeping, Reading};
use crate::contract::BasePath;

/// `standin mock`.
#[derive(Debug, Args)]
pub(crate) struct MockArgs {
    /// OpenAPI documents: a file, an address, `-` for standard input; `/mount=FILE` places one. Without any: the bundled invitation API
    #[arg(value_name = "DOCUMENT")]
    pub(crate) documents: Vec<PathBuf>,

    /// The port to listen on; 0 takes a free one
    #[arg(short, long, env = "STANDIN_PORT", default_value_t = 4010, help_heading = "Where")]
    pub(crate) port: u16,
    /// The address or host name to listen on [default: 127.0.0.1 and ::1]
    #[arg(short = 'h', long, env = "STANDIN_HOST", help_heading = "Where")]
    pub(crate) host: Option<String>,
    /// Under which path the operations are: as the servers say and without (default), `strict`, `none`, or `/x`
    #[arg(long, env = "STANDIN_BASE_PATH", value_name = "strict|none|/x", value_parser = base_path, help_heading = "Where")]
    pub(crate) base_path: Option<BasePath>,
    /// The path under which the server answers for itself
    #[arg(long, env = "STANDIN_ADMIN_PREFIX", value_name = "PATH", default_value = "/_standin", value_parser = prefix, help_heading = "Where")]
    pub(crate) admin_prefix: String,

    /// The token with which the server's own pages can be used from other machines, as `Authorization: Bearer TOKEN`
    #[arg(long, env = "STANDIN_ADMIN_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = token, help_heading = "Where")]
    pub(crate) admin_token: Option<String>,

    /// A story to tell, by name or file; may be repeated
    #[arg(long = "scenario", env = "STANDIN_SCENARIO", value_name = "NAME|FILE", help_heading = "What")]
    pub(crate) scenarios: Vec<String>,
    /// The folder that scenarios are found in by name [default: scenarios]
    #[arg(long = "scenarios", env = "STANDIN_SCENARIOS", value_name = "DIR", help_heading = "What")]
    pub(crate) folder: Option<PathBuf>,
    /// Delay every answer: `300ms`, `200ms..2s`
    #[arg(long, env = "STANDIN_DELAY", value_name = "TIME", help_heading = "What")]
    pub(crate) delay: Option<String>,
    /// Let a share of the calls fail: `10%=502,1%=504`; on the wire: `5%=reset`, `empty`, `hang`, `truncate:40%`
    #[arg(long, env = "STANDIN_FAIL", value_name = "SHARE=STATUS|FAULT", help_heading = "What")]
    pub(crate) fail: Option<String>,
    /// Make answers up, even where the document has examples
    #[arg(short, long, env = "STANDIN_DYNAMIC", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "What")]
    pub(crate) dynamic: bool,
    /// What becomes of an example that its own schema forbids
    #[arg(long, env = "STANDIN_EXAMPLES", default_value = "repair", help_heading = "What")]
    pub(crate) examples: ExamplesAs,

    /// What calls make is kept.
    #[command(flatten)]
    pub(crate) keeping: Keeping,

    /// Let requests through without credentials
    #[arg(long, env = "STANDIN_NO_AUTH", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "How")]
    pub(crate) no_auth: bool,
    /// Send no fields for browsers of other origins
    #[arg(long, env = "STANDIN_NO_CORS", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "How")]
    pub(crate) no_cors: bool,
    /// Refuse requests that name no session
    #[arg(long, env = "STANDIN_REQUIRE_SESSION", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "How")]
    pub(crate) require_session: bool,
    /// The most sessions at a time; the one that was idle the longest makes room
    #[arg(long, env = "STANDIN_SESSIONS", value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "How")]
    pub(crate) sessions: u32,
    /// How long a session may be idle before it ends
    #[arg(long, env = "STANDIN_SESSION_IDLE", value_name = "TIME", default_value = "1h", value_parser = duration, help_heading = "How")]
    pub(crate) session_idle: Duration,
    /// Send no `Standin-` fields
    #[arg(long, env = "STANDIN_PLAIN", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "How")]
    pub(crate) plain: bool,
    /// Do not follow changes of files
    #[arg(long, env = "STANDIN_NO_WATCH", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "How")]
    pub(crate) no_watch: bool,
    /// Write every exchange to a file, for `standin check --traffic`
    #[arg(long, env = "STANDIN_RECORD", value_name = "FILE", help_heading = "How")]
    pub(crate) record: Option<PathBuf>,

    /// Where the parts of a document may come from.
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// What becomes of an example that its own schema forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExamplesAs {
    /// It is mended, member by member
    Repair,
    /// It is served as it is
    AsIs,
}

fn base_path(text: &str) -> Result<BasePath, String> {
    match text {
        "strict" => Ok(BasePath::Strict),
        "none" => Ok(BasePath::None),
        path if path.starts_with('/') => Ok(BasePath::Only(path.to_owned())),
        _ => Err("`strict`, `none`, or a path that starts with `/` is meant".to_owned()),
    }
}

fn token(text: &str) -> Result<String, String> {
    // As long as nobody guesses; what `openssl rand -hex 16` makes is twice that.
    const SHORTEST: usize = 16;
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && text.len() >= SHORTEST {
        Ok(text.to_owned())
    } else {
        Err(format!("at least {SHORTEST} visible ASCII characters are meant"))
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    let known = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let dots = path.split('/').any(|segment| matches!(segment, "." | ".."));
    if path.len() > 1 && path.starts_with('/') && path.chars().all(known) && !dots {
        Ok(path.to_owned())
    } else {
        Err("a path such as `/_standin` is meant: letters, digits, `-`, `_`, `.`, `~`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{base_path, prefix};
    use crate::contract::BasePath;

    #[test]
    fn base_paths_and_prefixes_start_with_a_slash() {
        assert_eq!(base_path("/v1"), Ok(BasePath::Only("/v1".to_owned())));
        assert_eq!(base_path("none"), Ok(BasePath::None));
        assert!(base_path("v1").is_err() && base_path("").is_err());
        assert_eq!(prefix("/_own/"), Ok("/_own".to_owned()));
        assert!(
            prefix("/").is_err() && prefix("own").is_err() && prefix("/a b").is_err() && prefix("/a/../b").is_err()
        );
    }
}
