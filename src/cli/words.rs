//! From what was typed to a command: `standin` and `standin DOCUMENT` mean `mock`; a word that is nearly a command is told so.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{ArgAction, Command};

use super::again::quoted;
use super::exit::Failure;
use crate::finding::did_you_mean;

/// What people type who know another tool, and what it is here.
const NEAR: [(&str, &str); 7] = [
    ("serve", "mock"),
    ("server", "mock"),
    ("start", "mock"),
    ("run", "exec"),
    ("test", "check"),
    ("verify", "check"),
    ("validate", "lint"),
];

/// The arguments, without the name of the program, with the command that they mean put in front where none is given.
///
/// # Errors
/// When the first word is neither a command nor anything like a document.
pub(crate) fn with_command(line: &Command, mut args: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let Some(first) = first_word(line, &args) else {
        let asks = |arg: &OsString| arg == "--help" || arg == "--version" || arg == "-V";
        if !args.iter().any(asks) {
            args.insert(0, "mock".into());
        }
        return Ok(args);
    };
    let commands = || line.get_subcommands().map(Command::get_name);
    let word = first.to_string_lossy().into_owned();
    if word == "help" {
        // `standin help mock` is `standin mock --help`.
        args.retain(|arg| arg != "help");
        args.push("--help".into());
        return Ok(args);
    }
    if commands().any(|command| command == word) {
        return Ok(args);
    }
    let like_a_document = word == "-" || word.contains(['.', '/', '\\', ':']) || Path::new(first).exists();
    if like_a_document {
        args.insert(0, "mock".into());
        return Ok(args);
    }
    let near = NEAR.iter().find(|(near, _)| *near == word).map(|(_, command)| *command);
    let near = near.or_else(|| did_you_mean(&word, commands()));
    let failure = Failure::usage(format!("`{word}` is neither a command nor a file"));
    Err(match near {
        Some(command) => failure.help(format!("did you mean `standin {command}`?")),
        None => failure.help("`standin --help` lists the commands"),
    })
}

/// The command that is named among arguments that have one.
pub(crate) fn command(line: &Command, args: &[OsString]) -> Option<String> {
    first_word(line, args).and_then(OsStr::to_str).map(str::to_owned)
}

/// What was meant where a command for `exec` stands there without `--`, and the flags of that command are none of ours.
pub(crate) fn without_dashes(line: &Command, args: &[OsString], flag: &str) -> Option<Failure> {
    let at = word_at(line, "mock", args).filter(|at| args[*at] == "exec" && !args.iter().any(|arg| arg == "--"))?;
    let (before, mut rest) = (&args[..=at], &args[at + 1..]);
    let mut begin = at + 1;
    // Documents come before it.
    let begin = loop {
        let word = word_at(line, "exec", rest)?;
        let text = rest[word].to_string_lossy();
        let document =
            text.ends_with(".yaml") || text.ends_with(".yml") || text.ends_with(".json") || text.contains("://");
        if !document && !Path::new(&rest[word]).is_file() {
            break begin + word;
        }
        begin += word + 1;
        rest = &rest[word + 1..];
    };
    // A flag before the command is for us, and wrong.
    if args[at + 1..begin].iter().any(|arg| arg.to_string_lossy().starts_with(flag)) {
        return None;
    }
    let said = |args: &[OsString]| args.iter().map(|arg| quoted(&arg.to_string_lossy())).collect::<Vec<_>>();
    let words = [said(before), said(&args[at + 1..begin]), vec!["--".to_owned()], said(&args[begin..])].concat();
    let failure = Failure::usage(format!("`{flag}` is no flag of `standin exec`"));
    Some(failure.help(format!("standin {}", words.join(" "))))
}

/// The first argument that is no flag and no value of one.
fn first_word<'a>(line: &Command, args: &'a [OsString]) -> Option<&'a OsStr> {
    word_at(line, "mock", args).map(|at| args[at].as_os_str())
}

/// Where that is, going by the flags of a command.
fn word_at(line: &Command, command: &str, args: &[OsString]) -> Option<usize> {
    let command = line.find_subcommand(command);
    let flags = || line.get_arguments().chain(command.iter().flat_map(|command| command.get_arguments()));
    let takes_value = |found: Option<&clap::Arg>| {
        found.is_some_and(|arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append))
    };
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.to_string_lossy();
        let value_follows = if text == "--" {
            return (at + 1 < args.len()).then_some(at + 1);
        } else if let Some(long) = text.strip_prefix("--") {
            takes_value(flags().find(|flag| flag.get_long() == Some(long)))
        } else if let Some(shorts) = text.strip_prefix('-').filter(|shorts| !shorts.is_empty()) {
            // `-vp 0`: only the last of a cluster can have its value in the next argument.
            let valued =
                shorts.chars().position(|short| takes_value(flags().find(|flag| flag.get_short() == Some(short))));
            valued.is_some_and(|at| at + 1 == shorts.chars().count())
        } else {
            return Some(at);
        };
        at += if value_follows { 2 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::with_command;
    use crate::cli::args;

    fn completed(typed: &str) -> Result<String, String> {
        let args = typed.split_whitespace().map(OsString::from).collect();
        match with_command(&args::line(), args) {
            Ok(args) => Ok(args.join(" ".as_ref()).into_string().unwrap()),
            Err(failure) => Err(failure.text().to_string()),
        }
    }

    #[test]
    fn without_a_command_mock_is_meant() {
        for (typed, meant) in [
            ("", "mock"),
            ("-p 0", "mock -p 0"),
            ("api.yaml", "mock api.yaml"),
            ("-", "mock -"),
            ("-qp 0 --seed 7 api.yaml", "mock -qp 0 --seed 7 api.yaml"),
            ("--scenario mock", "mock --scenario mock"),
            ("--scenario=mock -v", "mock --scenario=mock -v"),
            ("-- lint.yaml", "mock -- lint.yaml"),
            ("src", "mock src"),
            ("--help", "--help"),
            ("-V", "-V"),
            ("help", "--help"),
            ("help mock", "mock --help"),
            ("lint x", "lint x"),
            ("-v --seed 7 lint x", "-v --seed 7 lint x"),
        ] {
            assert_eq!(completed(typed).as_deref(), Ok(meant), "{typed}");
        }
    }

    #[test]
    fn a_word_that_is_nearly_a_command_is_told_so() {
        insta::assert_snapshot!(completed("serve api.yaml").unwrap_err(), @r"
        error: `serve` is neither a command nor a file
        help: did you mean `standin mock`?
        ");
        for (typed, meant) in [
            ("start", "mock"),
            ("test", "check"),
            ("verify --url x", "check"),
            ("validate a", "lint"),
            ("explian", "explain"),
        ] {
            let help = format!("did you mean `standin {meant}`?");
            assert!(completed(typed).unwrap_err().contains(&help), "{typed}");
        }
        assert!(completed("nothing").unwrap_err().contains("lists the commands"));
    }
}
