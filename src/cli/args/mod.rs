//! Arguments as typed. They can only be malformed here: whether a file exists or a port is free is asked later.
//!
//! Every flag can also be given as `STANDIN_<FLAG>` in the environment; a test holds that.

mod check;
mod everywhere;
mod exec;
mod help;
mod mock;
mod prism;
mod reading;
mod stateful;
mod values;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use check::{Auth, CheckArgs};
pub(crate) use everywhere::{Everywhere, Format, Log};
pub(crate) use exec::{ExecArgs, URL};
pub(crate) use mock::{ExamplesAs, MockArgs};
pub(crate) use prism::translated;
pub(crate) use reading::Reading;
pub(crate) use stateful::Keeping;
pub(crate) use values::{Kind, Report, Seeding};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "standin",
    version,
    about = "Stands in for an HTTP API: serves it from its OpenAPI document, and holds the real one to it",
    disable_help_flag = true,
    disable_help_subcommand = true,
    infer_long_args = false,
    subcommand_required = true,
    help_template = help::TOP,
    after_help = help::EXAMPLES,
    max_term_width = 100,
)]
pub(crate) struct Line {
    /// Which command.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What holds for each of them.
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API (the default): realistic answers, every documented error on demand, scenarios
    #[command(after_help = help::MOCK)]
    Mock(MockArgs),
    /// Hold a live API to the document: replay recorded traffic, judge every answer
    #[command(after_help = help::CHECK)]
    Check(CheckArgs),
    /// Run a command beside a mock of the API, and judge what it did with it
    #[command(after_help = help::EXEC, override_usage = "standin exec [DOCUMENT]... [FLAGS] -- COMMAND...")]
    Exec(ExecArgs),
    /// Tell what is wrong with a document: file, line, column, remedy
    #[command(after_help = help::LINT)]
    Lint(LintArgs),
    /// Explain a scenario or a rule; without either, list them
    #[command(after_help = help::EXPLAIN)]
    Explain(ExplainArgs),
    /// Print a completion script
    #[command(after_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
}

/// The command line as `clap` reads it.
pub(crate) fn line() -> clap::Command {
    // One sentence tells of all of them; a line each would double the help.
    let quiet = |arg: clap::Arg| arg.hide_env(true);
    let line = Line::command().mut_args(quiet).mut_subcommands(|command| command.mut_args(quiet));
    // Nobody has to know the port beforehand: the command is told.
    let of_exec = |arg: clap::Arg| match arg.get_id().as_str() {
        "port" => arg.default_value("0"),
        // It never watches.
        "no_watch" => arg.hide(true),
        _ => arg,
    };
    line.mut_subcommand("exec", |exec| exec.mut_args(of_exec))
}

/// `standin lint`.
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// OpenAPI documents: a file, an address, `-` for standard input; `/mount=FILE` places one. Scenarios for them, and `standin.yaml`.
    /// Without any: the bundled invitation API
    #[arg(value_name = "DOCUMENT")]
    pub(crate) documents: Vec<PathBuf>,
    /// Print the JSON Schema of a format, for editors
    #[arg(long, env = "STANDIN_SCHEMA", value_name = "FORMAT")]
    pub(crate) schema: Option<SchemaOf>,
    /// What is kept while the steps of scenarios are taken.
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    /// Where its parts may come from.
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// A format of ours that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// `standin.yaml`
    Config,
    /// Scenarios
    Scenario,
}

/// `standin explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A rule, or a scenario by its name or file; with `--stateful`, a document
    #[arg(value_name = "SCENARIO|RULE")]
    pub(crate) what: Option<String>,
    /// The documents that the scenario is for [default: the bundled one for shipped scenarios, else the one that lies here]
    #[arg(value_name = "DOCUMENT")]
    pub(crate) documents: Vec<PathBuf>,
    /// What is kept of a document.
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    /// Where its parts may come from.
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// `standin completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// For which shell
    pub(crate) shell: clap_complete::Shell,
}
