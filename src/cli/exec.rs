//! `standin exec`: run a command beside a mock, and judge what it did with it.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use super::again::{Again, quoted};
use super::args::{ExecArgs, Format, Kind, Log, Report, URL};
use super::exit::{Exit, Failure};
use super::head::head;
use super::load::{Input, Placed, Subject};
use super::mock::{self, Ready};
use super::plan::Plan;
use super::terminal::Streams;
use crate::finding::{Conclusion, Ended, Grouped, Run, plural};
use crate::mock::{Mock, State};
use crate::report::{self, Counts, Text, Tone};
use crate::server::{self, Beside, Service, SystemClock};

/// Serves, runs the command, tells what was seen, and ends with the command's code or its own.
///
/// # Errors
/// When the document, a scenario, the port, a file or the command cannot be used.
pub(super) fn exec(args: &ExecArgs, plan: &Plan, again: &Again, streams: &mut Streams) -> Result<Exit, Failure> {
    let (program, arguments) = args.command.split_first().ok_or_else(|| no_command(args))?;
    if plan.format == Format::Json {
        let failure = Failure::usage("`--format json` is for standard output, which is the command's");
        return Err(failure.help("--report json=FILE"));
    }
    let placed = Placed::all(&args.mock.documents)?;
    if placed.iter().any(|placed| placed.input == Input::Stdin) {
        let failure = Failure::usage("`-` is standard input, which is the command's");
        return Err(failure.help("give the document as a file"));
    }
    plan.spare(placed.iter().filter_map(|placed| placed.input.file()))?;
    plan.writable()?;

    let log = if plan.log_given || plan.verbose { plan.log } else { Log::Off };
    let serving = plan.logging(log);
    let ready = mock::ready(&args.mock, &serving, streams)?;
    let Ready { subject, contract, mock, findings, listeners, url, settings, .. } = ready;
    let mut command = Command::new(program);
    command.args(arguments).env(URL, &url);
    command.envs(args.variables.iter().map(|variable| (&variable.name, variable.value(&url))));
    let shown: Vec<String> = args.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    plan.say(streams, &started(args, &subject, &mock, &url, &Counts::of(&findings)));
    let lint = format!("standin lint{}", subject.arguments());
    let terminal = (plan.verbose && log != Log::Off).then(|| streams.err.clone());
    mock::compile(contract.clone(), findings, log, lint, terminal);

    let service = Service::new(mock.clone(), Arc::new(State::new(&mock)), settings).keep_account();
    let ran = server::run_beside(listeners, service.clone(), SystemClock::new(), command);
    let ran = ran.map_err(|error| Failure::new(Exit::Unreachable, format!("cannot serve: {error}")))?;
    let ended = *ran.ended.as_ref().map_err(|error| not_started(program, error))?;
    let recorded = ran.summary.recorded.as_ref().and_then(|recorded| recorded.stopped.clone());
    let mut run = run(&subject, &mock, &service, ran, ended, plan);
    run.command = shown;
    run.floors = args.fail_under.clone();
    run.again = again.line(plan);
    run.exit = conclusion(&run, recorded);
    tell(&run, plan, streams)
}

/// What is said before the command has its say.
fn started(args: &ExecArgs, subject: &Subject, mock: &Mock, url: &str, counts: &Counts) -> Text {
    let mut text = head(subject);
    text.plain("  listening   ");
    text.push(Tone::Strong, url);
    let names = std::iter::once(URL).chain(args.variables.iter().map(|variable| variable.name.as_str()));
    text.plain(format!("   in {}\n", names.collect::<Vec<_>>().join(", ")));
    for scenario in mock.active() {
        text.plain(format!("  scenario    {}\n", scenario.name));
    }
    if counts.total() > 0 {
        let lint = format!("standin lint{}", subject.arguments());
        text.push(Tone::Warning, "  findings    ");
        text.plain(format!("{counts}: {lint}\n"));
    }
    text
}

/// What it came to, but for what only this command knows.
fn run(subject: &Subject, mock: &Mock, service: &Service, ran: Beside, ended: Ended, plan: &Plan) -> Run {
    let (account, contract, summary) = (service.account(), mock.contract(), ran.summary);
    let requests = contract.heads().iter().enumerate().map(|(index, head)| {
        (head.key.clone(), format!("{} {}{}", head.method, contract.base_path(index), head.template))
    });
    Run {
        document: match subject.is_bundled() {
            true => "bundled invitation API".to_owned(),
            false => subject.name(),
        },
        command: Vec::new(),
        ended,
        took: ran.took,
        seeds: plan.seeds(mock.active()),
        now: plan.now.to_string(),
        scenarios: mock.active().iter().map(|scenario| scenario.name.to_string()).collect(),
        sessions: account.sessions,
        calls: summary.calls,
        unanswered: summary.unanswered,
        statuses: summary.statuses.into_iter().collect(),
        covered: summary.coverage,
        requests: requests.collect(),
        floors: Vec::new(),
        verdicts: summary.verdicts,
        unmatched: account.unmatched,
        refused: account.refused,
        unmade: summary.unmade,
        icons: summary.icons,
        again: String::new(),
        exit: Conclusion::default(),
    }
}

/// With which code to end, and why: the command's own goes before everything that was seen.
fn conclusion(run: &Run, recording_stopped: Option<String>) -> Conclusion {
    let mut because = Vec::new();
    if run.ended != Ended::Code(0) {
        because.push(format!("the command {}", run.ended));
    }
    let seen = because.len();
    if run.unmatched.total > 0 {
        because.push(format!("{} unmatched", Grouped(run.unmatched.total)));
    }
    if run.unmade.total > 0 {
        because.push(format!("{} could not be made", plural(run.unmade.total, "answer")));
    }
    if run.verdicts.broken() > 0 {
        because.push(format!("{} broken", plural(run.verdicts.broken(), "verdict")));
    }
    for floor in run.floors.iter().filter(|floor| floor.is_missed(&run.covered)) {
        let (what, share) = (floor.what.word(), floor.what.share(&run.covered));
        because.push(format!("{what} {share} (under {}%)", floor.percent));
    }
    let mut code = if because.len() > seen { Exit::Findings.code() } else { Exit::Clean.code() };
    if let Some(why) = recording_stopped {
        because.push(format!("the recording is not whole ({why})"));
        code = if code == 0 { Exit::Unreachable.code() } else { code };
    }
    if because.is_empty() {
        let calls = if run.calls == 0 { "no call came" } else { "every call met an operation" };
        because.extend(["the command ended 0".to_owned(), calls.to_owned()]);
        because.extend((!run.verdicts.is_empty()).then(|| "no verdict was broken".to_owned()));
    }
    Conclusion { code: if run.ended.code() == 0 { code } else { run.ended.code() }, because }
}

/// Says it, and writes the reports.
fn tell(run: &Run, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    if !plan.quiet || run.exit.code != 0 {
        // What the command wrote last may have no end of line.
        streams.err.text(&"\n".into());
        streams.err.text(&report::run_text(run));
    }
    let mut exit = Exit::Command(run.exit.code);
    for Report { kind, file } in plan.reports() {
        let written = match kind {
            Kind::Json => plan.write(file, &report::run_json(run)),
            Kind::Junit => plan.write(file, &report::run_junit(run)),
            // A step's summary is one file for all that the step does.
            Kind::Markdown => plan.append(file, &report::run_markdown(run)),
        };
        if let Err(failure) = written {
            streams.err.text(&failure.text());
            // What the command came to counts more.
            exit = if run.exit.code == 0 { failure.exit } else { exit };
        }
    }
    Ok(exit)
}

fn no_command(args: &ExecArgs) -> Failure {
    let documents: Vec<String> = args.mock.documents.iter().map(|word| word.display().to_string()).collect();
    let failure = Failure::usage("which command is to be run? It stands behind `--`");
    let likely = args.mock.documents.iter().any(|document| document.exists()) || documents.is_empty();
    let before =
        if likely { documents.iter().map(|word| format!(" {}", quoted(word))).collect() } else { String::new() };
    let behind = if likely { "npm test".to_owned() } else { documents.join(" ") };
    failure.help(format!("standin exec{before} -- {behind}"))
}

/// Why a command could not be started, with the code that a shell has for that.
fn not_started(program: &OsStr, error: &io::Error) -> Failure {
    let (name, path) = (program.to_string_lossy(), Path::new(program));
    let is_path = path.components().count() > 1;
    match error.kind() {
        io::ErrorKind::NotFound if is_path && path.exists() => {
            let failure =
                Failure::new(Exit::Command(127), format!("`{name}` cannot be run: its interpreter is not there"));
            failure.help("its first line, `#!…`, names a program that this machine does not have")
        }
        io::ErrorKind::NotFound if is_path => {
            Failure::new(Exit::Command(127), format!("no such command: `{name}`")).help("there is no such file")
        }
        io::ErrorKind::NotFound => {
            let failure = Failure::new(Exit::Command(127), format!("no such command: `{name}`"));
            failure.help("is it installed, and on the PATH? What a shell knows needs one: `sh -c '…'`")
        }
        io::ErrorKind::PermissionDenied if path.is_dir() => {
            Failure::new(Exit::Command(126), format!("`{name}` is a folder, and no command"))
        }
        io::ErrorKind::PermissionDenied => {
            let failure = Failure::new(Exit::Command(126), format!("`{name}` cannot be run: permission denied"));
            failure.help(format!("chmod +x {}", quoted(&name)))
        }
        _ if is_without_form(error) => {
            let sentence =
                format!("`{name}` cannot be run: it is no program of this machine, and names none that runs it");
            let failure = Failure::new(Exit::Command(126), sentence);
            let script = if is_path { quoted(&name) } else { format!("\"$(command -v {})\"", quoted(&name)) };
            failure.help(format!("a script says on its first line what runs it, as in `#!/bin/sh`; else: sh {script}"))
        }
        _ => Failure::new(Exit::Command(126), format!("`{name}` cannot be run: {error}")),
    }
}

/// Whether the system does not know what kind of a program it is: a script without `#!`, mostly.
fn is_without_form(error: &io::Error) -> bool {
    // The same on Linux, macOS and the BSDs.
    const ENOEXEC: i32 = 8;
    cfg!(unix) && error.raw_os_error() == Some(ENOEXEC)
}
