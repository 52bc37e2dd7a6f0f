//! The command line: arguments to options, outcomes to exit codes.
//!
//! What belongs here: what was typed (`args`), what is needed for it (`plan`), one file a command, and how a run ends
//! (`exit`). Imports everything but `schema` and `spec`. Not here: anything that a library user would want.

mod again;
mod args;
mod check;
mod config;
mod exec;
mod exit;
mod explain;
mod fetch;
mod head;
mod inputs;
mod lint;
mod load;
mod mock;
mod plan;
mod reload;
mod resources;
mod select;
mod start;
mod stories;
mod terminal;
mod tries;
mod version;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};

pub use terminal::{Streams, Terminal};

use again::Again;
use args::{Command, Line};
use config::Config;
use exit::{Exit, Failure};
use plan::Plan;

/// Runs a command line, the name of the program first. Can be called any number of times in a process.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: &mut Streams) -> ExitCode {
    let exit = outcome(args, streams);
    match streams.out.failure() {
        Some(error) if matches!(exit, Exit::Clean | Exit::Findings) => {
            let failure = Failure::new(Exit::Unreachable, format!("standard output cannot be written: {error}"));
            streams.err.text(&failure.text());
            failure.exit.into()
        }
        _ => exit.into(),
    }
}

fn outcome(args: impl IntoIterator<Item = OsString>, streams: &mut Streams) -> Exit {
    let args: Vec<OsString> = args.into_iter().skip(1).collect();
    let typed = args.clone();
    let done = match parse(args.clone()) {
        Ok(typed) => {
            for note in &typed.notes {
                streams.err.text(&format!("note: {note}\n").into());
            }
            carry_out(&typed, args, streams)
        }
        Err(Refused::Line(error)) => return refuse(error, &typed, streams),
        Err(Refused::Command(failure)) => Err(failure),
    };
    done.unwrap_or_else(|failure| {
        streams.err.text(&failure.text());
        failure.exit
    })
}

fn carry_out(Typed { line, again, .. }: &Typed, words: Vec<OsString>, streams: &mut Streams) -> Result<Exit, Failure> {
    let plan = Plan::new(&line.everywhere);
    match &line.command {
        Command::Lint(args) => lint::lint(args, &plan, streams),
        Command::Explain(args) => explain::explain(args, &plan, streams),
        Command::Completions(args) => completions(args, &plan, streams),
        Command::Mock(args) => mock::mock(args, &plan, words, streams),
        Command::Check(args) => check::check(args, &plan, streams),
        Command::Exec(args) => exec::exec(args, &plan, again, streams),
    }
}

enum Refused {
    Line(clap::Error),
    Command(Failure),
}

/// The command line, what is to be said of it, and how it is typed again.
struct Typed {
    line: Line,
    notes: Vec<String>,
    again: Again,
}

fn parse(args: Vec<OsString>) -> Result<Typed, Refused> {
    let mut line = args::line();
    let (args, notes) = args::translated(args);
    let args = words::with_command(&line, args).map_err(Refused::Command)?;
    let command = words::command(&line, &args);
    // Settings that are to be looked at need not be such that a run can have them.
    let itself = command.as_deref() == Some("lint") && args.iter().any(|arg| config::is_named(arg.as_ref()));
    let config = if itself { None } else { Config::find(&line, &args).map_err(Refused::Command)? };
    if let (Some(config), Some(command)) = (&config, &command) {
        line = config.applied(line, command);
    }
    // The first argument is the name of the program.
    let args = std::iter::once("standin".into()).chain(args);
    let matches = line.try_get_matches_from_mut(args).map_err(Refused::Line)?;
    let again = Again::of(&line, &matches);
    let line = Line::from_arg_matches(&matches).map_err(|error| Refused::Line(error.format(&mut line)))?;
    Ok(Typed { line, notes, again })
}

/// What the same words mean now, where they start a mock: a file of settings may say something else. What is drawn or read off a clock
/// stays as it is in `before`.
///
/// # Errors
/// When the settings cannot be used.
fn mock_again(words: &[OsString], before: &Plan) -> Result<(args::MockArgs, Plan), Failure> {
    let unusable = |sentence: String| Failure::usage(format!("the settings cannot be used: {sentence}"));
    let line = match parse(words.to_vec()) {
        Ok(Typed { line, .. }) => line,
        Err(Refused::Command(failure)) => return Err(failure),
        Err(Refused::Line(error)) => {
            let said = error.render().to_string();
            let said = said.lines().next().unwrap_or_default();
            return Err(unusable(said.trim_start_matches("error: ").to_owned()));
        }
    };
    let Line { everywhere, command: Command::Mock(args) } = line else {
        return Err(unusable("they are of another command".to_owned()));
    };
    let plan = Plan::new(&everywhere).going_on(before, &everywhere);
    Ok((args, plan))
}

/// Says what `clap` has to say: help and versions as results, everything else as an error.
fn refuse(mut error: clap::Error, typed: &[OsString], streams: &mut Streams) -> Exit {
    if let (ErrorKind::UnknownArgument, Some(ContextValue::String(flag))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    {
        if let Some(failure) = words::without_dashes(&args::line(), typed, flag) {
            streams.err.text(&failure.text());
            return failure.exit;
        }
        // `-- --flag` would be a document, or a command.
        error.remove(ContextKind::Suggested);
    }
    let error = &error;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            streams.out.styled(&error.render());
            Exit::Clean
        }
        _ if is_bare_h(error) => {
            let failure = Failure::usage("`-h` takes the host to listen on, as in `standin mock -h 0.0.0.0`");
            streams.err.text(&failure.help("use --help for help").text());
            Exit::Usage
        }
        _ if is_of_a_field(error) => {
            let failure = Failure::usage("-H: a header field is meant, and what was given is none");
            let help = "write it as `X-Api-Key: secret`; what was given is not shown, since it may be a secret";
            streams.err.text(&failure.help(help).text());
            Exit::Usage
        }
        _ => {
            streams.err.styled(&error.render());
            Exit::Usage
        }
    }
}

/// Whether the error is about the value of `--header`, which `clap` would show.
fn is_of_a_field(error: &clap::Error) -> bool {
    let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg) else { return false };
    error.kind() == ErrorKind::ValueValidation && arg.starts_with("--header")
}

/// Whether the error is `-h` without a host, which is how people ask for help elsewhere.
fn is_bare_h(error: &clap::Error) -> bool {
    let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg) else { return false };
    let valueless = matches!(error.get(ContextKind::InvalidValue), None | Some(ContextValue::String(_)));
    match error.kind() {
        ErrorKind::UnknownArgument => arg == "-h",
        ErrorKind::InvalidValue => arg.starts_with("--host") && valueless,
        _ => false,
    }
}

fn completions(args: &args::CompletionsArgs, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    plan.no_reports("completions")?;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::line(), "standin", &mut script);
    streams.out.text(&String::from_utf8_lossy(&script).into_owned().into());
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use clap::ArgAction;

    use super::{Exit, Streams, Terminal, args, outcome};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn run(line: &str) -> (Exit, String) {
        let kept = Kept::default();
        let mut streams = Streams {
            out: Terminal::new(kept.clone(), false),
            err: Terminal::new(kept.clone(), false),
            input: Box::new(io::empty()),
        };
        let words = std::iter::once("standin").chain(line.split_whitespace()).map(Into::into);
        let exit = outcome(words, &mut streams);
        let bytes = kept.0.lock().unwrap().clone();
        (exit, String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn it_can_run_any_number_of_times_in_a_process() {
        assert_eq!(run("explain nothing").0, Exit::Usage);
        for line in ["lint", "explain", "explain throttled-then-recovers", "completions fish"] {
            let first = run(line);
            assert_eq!(first.0, Exit::Clean, "{line}: {}", first.1);
            assert_eq!(first, run(line), "{line}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        args::line().debug_assert();
    }

    #[test]
    fn every_flag_can_be_given_in_the_environment_under_its_name() {
        let line = args::line();
        let flags = line.get_arguments().chain(line.get_subcommands().flat_map(|command| command.get_arguments()));
        let mut count = 0;
        let printed = |flag: &&clap::Arg| matches!(flag.get_action(), ArgAction::HelpShort | ArgAction::Version);
        for flag in flags.filter(|flag| !flag.is_positional() && !printed(flag)) {
            let long = flag.get_long().unwrap();
            let name = format!("STANDIN_{}", long.to_uppercase().replace('-', "_"));
            assert_eq!(flag.get_env().and_then(|env| env.to_str()), Some(name.as_str()), "--{long}");
            count += 1;
        }
        assert!(count > 30, "only {count} flags were seen");
    }
}
