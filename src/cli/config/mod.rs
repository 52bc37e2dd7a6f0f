//! The file of settings, `standin.yaml`: the flags of each command, by their names, below what is typed and what the environment says.
//!
//! What belongs here: finding the file, reading it by the table of flags that the command line is, and making defaults of what it says. There
//! is no second list of settings: a flag that is added can be set in the file, and `schema` tells an editor of it.

mod read;
mod schema;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, ArgAction, Command};

pub(crate) use schema::schema;

use super::exit::{Exit, Failure};
use crate::document::{Files, Refusal, Retrieve, Source};
use crate::finding::Finding;

/// What the file is called where it lies unasked.
const NAMES: [&str; 2] = ["standin.yaml", "standin.yml"];

/// What names another one in the environment.
const VARIABLE: &str = "STANDIN_CONFIG";

/// A file of settings, read.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file.
    pub(crate) path: PathBuf,
    settings: Vec<Setting>,
}

/// A flag, and what it is set to.
#[derive(Clone, Debug)]
struct Setting {
    /// The command it is set for; `None`: every one that has it.
    command: Option<String>,
    /// The flag, without its dashes; `documents` for what has none.
    key: String,
    values: Vec<String>,
}

impl Config {
    /// The settings that a run has: of the file that is named, or of the one that lies here.
    ///
    /// # Errors
    /// When a file is named that cannot be read, or something in it is no setting.
    pub(crate) fn find(line: &Command, args: &[OsString]) -> Result<Option<Config>, Failure> {
        let path = named(args).or_else(of_environment);
        let path = path.or_else(|| NAMES.iter().map(PathBuf::from).find(|path| path.is_file()));
        path.map(|path| Config::of_file(line, &path)).transpose()
    }

    /// The settings of a file.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is no setting.
    fn of_file(line: &Command, path: &Path) -> Result<Config, Failure> {
        let (config, findings) = Config::of_text(line, path, &source(path)?);
        if findings.is_empty() {
            return Ok(config);
        }
        let failure = Failure::new(Exit::Usage, format!("the settings in `{}` cannot be used", path.display()));
        Err(failure.because(findings, format!("standin lint {}", path.display())))
    }

    /// What is wrong with a file of settings.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn findings(line: &Command, path: &Path) -> Result<Vec<Finding>, Failure> {
        Ok(Config::of_text(line, path, &source(path)?).1)
    }

    /// The settings of a text, and what is wrong with it.
    fn of_text(line: &Command, path: &Path, source: &Arc<Source>) -> (Config, Vec<Finding>) {
        let (mut settings, findings) = read::read(line, source);
        let folder = path.parent().filter(|folder| *folder != Path::new("") && *folder != Path::new("."));
        if let Some(folder) = folder {
            for setting in &mut settings {
                if args(line).any(|(_, arg)| key(arg) == setting.key && is_path(arg)) {
                    setting.values.iter_mut().for_each(|value| *value = beside(folder, value));
                }
            }
        }
        (Config { path: path.to_owned(), settings }, findings)
    }

    /// The command line with these settings as the defaults of a command.
    pub(crate) fn applied(&self, mut line: Command, command: &str) -> Command {
        let path = self.path.display().to_string();
        line = line.mut_arg("config", |arg| arg.default_value(path));
        // What is said for the command counts more than what is said for all: it comes later.
        let (own, all): (Vec<&Setting>, Vec<&Setting>) =
            self.settings.iter().partition(|setting| setting.command.is_some());
        let own = own.into_iter().filter(|setting| setting.command.as_deref() == Some(command));
        for setting in all.into_iter().chain(own) {
            let set = |arg: Arg| match key(&arg) == setting.key {
                // No list is its own default.
                true if arg.get_action().takes_values() || setting.values.len() == 1 => {
                    arg.default_values(setting.values.clone())
                }
                _ => arg,
            };
            line = line.mut_args(set);
            if line.find_subcommand(command).is_some() {
                line = line.mut_subcommand(command, |command| command.mut_args(set));
            }
        }
        line
    }
}

/// The files of settings that a run would have: the one that it has, or those that may come to lie here.
pub(crate) fn files(had: Option<&Path>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = had.map(Path::to_owned).into_iter().collect();
    if had.is_none_or(is_named) {
        files.extend(NAMES.iter().map(PathBuf::from));
    }
    files
}

/// Whether a file is one of settings, by its name.
pub(crate) fn is_named(path: &Path) -> bool {
    path.file_name().is_some_and(|name| NAMES.iter().any(|known| *known == name))
}

/// The text of a file.
fn source(path: &Path) -> Result<Arc<Source>, Failure> {
    let unread = |why: &str| {
        let failure = Failure::new(Exit::Usage, format!("the settings in `{}` cannot be read: {why}", path.display()));
        Err(failure.help("`--config` takes a YAML file; `standin.yaml` is read where it lies"))
    };
    let Some(name) = path.file_name().and_then(OsStr::to_str) else { return unread("no name of a file") };
    match Files::beside(path).get(name) {
        Ok(text) => Ok(Source::new(path.display().to_string(), text)),
        Err(Refusal::Failed(why)) => unread(&why),
        Err(_) => unread("it leads out of its folder"),
    }
}

/// The file that is named among the arguments.
fn named(args: &[OsString]) -> Option<PathBuf> {
    let mut args = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = args.next() {
        if arg == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = arg.to_str().and_then(|arg| arg.strip_prefix("--config=")) {
            return Some(path.into());
        }
    }
    None
}

#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
fn of_environment() -> Option<PathBuf> {
    std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Every flag and argument that can be set, with the command that has it; `None`: every command.
fn args(line: &Command) -> impl Iterator<Item = (Option<&str>, &Arg)> {
    let everywhere = line.get_arguments().map(|arg| (None, arg));
    let of_commands = line.get_subcommands().flat_map(|command| {
        let name = Some(command.get_name());
        command.get_arguments().map(move |arg| (name, arg))
    });
    everywhere.chain(of_commands).filter(|(_, arg)| is_setting(arg))
}

fn is_setting(arg: &Arg) -> bool {
    let kept = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append | ArgAction::SetTrue);
    // Of what has no dashes only the documents are the same each time.
    let named = arg.get_long().map_or(arg.get_id() == "documents", |long| long != "config");
    kept && named
}

/// What a flag is called in the file.
fn key(arg: &Arg) -> &str {
    arg.get_long().unwrap_or(arg.get_id().as_str())
}

/// Whether a list of values can be set.
fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

fn is_switch(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

/// Whether its values are files or folders, or can be.
fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == clap::builder::ValueParser::path_buf().type_id() || key(arg) == "scenario"
}

/// A value that may name a file, seen from the folder that the settings are in.
fn beside(folder: &Path, value: &str) -> String {
    let (mount, file) = match value.split_once('=') {
        Some((mount, file)) if mount.starts_with('/') => (Some(mount), file),
        _ => (None, value),
    };
    let is_file = file.contains(['/', '\\', '.']);
    if file == "-" || !is_file || crate::document::is_address(file) {
        return value.to_owned();
    }
    let file = folder.join(file).display().to_string();
    mount.map_or(file.clone(), |mount| format!("{mount}={file}"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use clap::FromArgMatches;

    use super::{Config, beside, named};
    use crate::cli::args::{self, Command, Line};
    use crate::document::Source;

    fn parsed(yaml: &str, typed: &str) -> Line {
        let line = args::line();
        let (config, findings) = Config::of_text(&line, Path::new("standin.yaml"), &Source::new("standin.yaml", yaml));
        assert!(findings.is_empty(), "{}", crate::report::list(&findings, 9, ""));
        let words: Vec<&str> = typed.split_whitespace().collect();
        let mut line = config.applied(line, words[1]);
        let matches = line.try_get_matches_from_mut(words).unwrap();
        Line::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn what_is_typed_counts_more_than_the_file_and_the_command_more_than_all() {
        let yaml = "seed: 7\nport: 1\nno-auth: true\nmock:\n  documents: [a.yaml, b.yaml]\n  port: 2\n  scenario: one\n  log: json\ncheck: { only: [x, y] }\n";
        let Line { command: Command::Mock(mock), everywhere } = parsed(yaml, "standin mock --scenario two") else {
            unreachable!()
        };
        assert_eq!((mock.port, mock.no_auth), (2, true));
        assert_eq!(mock.scenarios, ["two"]);
        assert_eq!(mock.documents, [PathBuf::from("a.yaml"), PathBuf::from("b.yaml")]);
        assert!(everywhere.seed.is_some() && everywhere.log == Some(args::Log::Json));
        let Line { command: Command::Check(check), everywhere } = parsed(yaml, "standin check") else { unreachable!() };
        assert_eq!(check.only, ["x", "y"]);
        assert_eq!(everywhere.log, None);
        let Line { command: Command::Mock(mock), .. } = parsed(yaml, "standin mock -p 9 c.yaml") else {
            unreachable!()
        };
        assert_eq!((mock.port, mock.documents), (9, vec![PathBuf::from("c.yaml")]));
    }

    #[test]
    fn files_are_looked_for_beside_the_settings() {
        let folder = Path::new("etc");
        for (value, seen) in [
            ("api.yaml", "etc/api.yaml"),
            ("/v1=api.yaml", "/v1=etc/api.yaml"),
            ("throttled", "throttled"),
            ("-", "-"),
            ("https://example.com/a.yaml", "https://example.com/a.yaml"),
        ] {
            assert_eq!(beside(folder, value), seen);
        }
    }

    #[test]
    fn the_file_is_named_before_the_end_of_the_flags() {
        let named = |typed: &str| {
            named(&typed.split_whitespace().map(OsString::from).collect::<Vec<_>>())
                .map(|path| path.display().to_string())
        };
        assert_eq!(named("mock --config a.yaml").as_deref(), Some("a.yaml"));
        assert_eq!(named("--config=b.yaml mock").as_deref(), Some("b.yaml"));
        assert_eq!(named("exec -- npm --config c.yaml"), None);
    }
}
