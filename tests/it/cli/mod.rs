//! The command line: what is printed where, and with which exit code a run ends.

mod check;
mod explain;
mod lint;
#[cfg(unix)]
mod mock;
#[cfg(unix)]
mod sources;
mod usage;
