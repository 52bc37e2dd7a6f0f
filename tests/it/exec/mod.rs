//! `standin exec`: a command beside a mock, run as a user would run it, from a shell.

mod process;
mod signals;

use std::os::unix::process::CommandExt;

use crate::program::{Folder, Ran};

/// Runs `standin exec FLAGS -- sh -c SCRIPT` in a folder, in a process group of its own: whoever runs the tests may sit at a terminal.
fn exec_in(folder: &Folder, flags: &str, script: &str) -> Ran {
    let words = ["exec"].into_iter().chain(flags.split_whitespace()).chain(["--", "sh", "-c", script]);
    Ran::of(folder.command(words).process_group(0).output().expect("the program runs"))
}

fn exec(flags: &str, script: &str) -> Ran {
    exec_in(&Folder::new(), flags, script)
}

/// The last line: the exit code and why.
fn last(ran: &Ran) -> &str {
    ran.err.lines().last().unwrap_or_default()
}
