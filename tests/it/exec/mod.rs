//! `standin exec`: a command beside a mock, run as a user would run it, from a shell.

mod chaos;
mod process;
mod reports;
mod signals;

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::program::{Folder, Ran};

/// Runs `standin exec FLAGS -- sh -c SCRIPT` in a folder, in a process group of its own: whoever runs the tests may sit at a terminal.
fn exec_in(folder: &Folder, flags: &str, script: &str) -> Ran {
    let words = ["exec"].into_iter().chain(flags.split_whitespace()).chain(["--", "sh", "-c", script]);
    Ran::of(heeding(folder.command(words)).process_group(0).output().expect("the program runs"))
}

/// The same command, heeding all signals: whoever runs the tests may do so in the background of a script, where some are ignored.
fn heeding(command: Command) -> Command {
    let known = Command::new("env").args(["--default-signal", "true"]).stderr(Stdio::null()).status();
    if !known.is_ok_and(|status| status.success()) {
        return command;
    }
    let mut heeding = Command::new("env");
    heeding.arg("--default-signal").arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => heeding.env(name, value),
            None => heeding.env_remove(name),
        };
    }
    heeding.current_dir(command.get_current_dir().expect("a folder"));
    heeding
}

fn exec(flags: &str, script: &str) -> Ran {
    exec_in(&Folder::new(), flags, script)
}

/// The last line: the exit code and why.
fn last(ran: &Ran) -> &str {
    ran.err.lines().last().unwrap_or_default()
}
