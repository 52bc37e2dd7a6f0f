//! A server in a process of its own, and what it has cost so far. Linux only: the figures are read from `/proc`.

#![allow(dead_code, reason = "each benchmark needs a part of it")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server in a process of its own; ends with this value.
pub(crate) struct Server {
    process: Child,
    /// The port that it listens on.
    pub(crate) port: u16,
}

impl Server {
    /// Starts it and reads its base URL from the first line of its output. What it logs goes to a file, as it would in use.
    pub(crate) fn start(name: &str, mut command: Command) -> Server {
        let log =
            std::env::temp_dir().join(format!("standin-bench-{}-{}.log", std::process::id(), name.replace(' ', "-")));
        let log = File::create(log).unwrap();
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
        Server { process, port: port.unwrap_or_else(|| panic!("{name} printed no base URL, but `{}`", line.trim())) }
    }

    /// Processor time of the threads that run, to the nanosecond.
    pub(crate) fn spent(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let nanoseconds = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Processor time of all its threads, of those too that have ended: user and system, to the hundredth of a second.
    pub(crate) fn spent_in_all(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The fields after the name, which is in parentheses: the twelfth and the thirteenth of them.
        let fields = stat.rsplit(')').next().unwrap().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Whether a thread of that name runs.
    pub(crate) fn has_thread(&self, name: &str) -> bool {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.into_iter().any(|known| known.trim() == name)
    }

    /// Megabytes resident.
    pub(crate) fn resident(&self) -> f64 {
        self.megabytes("VmRSS:")
    }

    /// The most megabytes that were resident at a time.
    pub(crate) fn peak(&self) -> f64 {
        self.megabytes("VmHWM:")
    }

    fn megabytes(&self, what: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
