//! The binary: arguments in, exit code out.

use std::process::ExitCode;

use standin::cli::{Streams, run};

/// Most of what a call allocates is small and freed soon, some of it by another thread: a third less processor time a call than with
/// the system's allocator (`cargo bench --bench serve`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    run(std::env::args_os(), &mut Streams::process())
}
