//! The command line: what is printed where, and with which exit code a run ends.

mod check;
#[cfg(unix)]
mod config;
mod explain;
mod lint;
#[cfg(unix)]
mod mock;
mod own_pages;
#[cfg(unix)]
mod sources;
mod usage;
