//! The binary: arguments in, exit code out.

use std::process::ExitCode;

use standin::cli::{Streams, run};

fn main() -> ExitCode {
    run(std::env::args_os(), &mut Streams::process())
}
