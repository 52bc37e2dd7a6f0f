//! A server for as long as a command runs: the command starts when requests are answered, gets the signals that reach this process, and its
//! end is the end of serving.

use std::io;
use std::net::TcpListener;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use tokio::process::Child;

use super::run::runtime;
use super::{Clock, Service, Summary, serve};
use crate::finding::Ended;

/// What came of a command, and of the server beside it.
#[derive(Debug)]
pub struct Beside {
    /// How the command ended; the error where it could not be started.
    pub ended: io::Result<Ended>,
    /// How long it ran.
    pub took: Duration,
    /// What the server counted.
    pub summary: Summary,
}

/// Serves, starts the command, and serves until that has ended. What is in flight then is answered first, for at most
/// [`Limits::drain`](super::Limits::drain).
///
/// Until then this process ends by no signal that it can heed: each is passed on to the command (but for those that a terminal sent to both),
/// and what ends the command ends the run. Processes that the command started and left behind are not waited for.
///
/// # Errors
/// When the system gives no threads or no signals, or a listener cannot be used.
pub fn run_beside(
    listeners: Vec<TcpListener>,
    service: Service,
    clock: impl Clock + Clone,
    command: Command,
) -> io::Result<Beside> {
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let mut done = None;
        let whole = async {
            // Connections wait in the listeners' queues already.
            let began = clock.now();
            let ended = carried_out(command, &mut signals).await;
            done = Some((ended, clock.now().since(began)));
        };
        let summary = serve(listeners, service, clock.clone(), whole).await?;
        let (ended, took) = done.unwrap_or_else(|| (Err(io::Error::other("it was never started")), Duration::ZERO));
        Ok(Beside { ended, took, summary })
    })
}

/// Starts a command and waits for its end.
async fn carried_out(command: Command, signals: &mut Signals) -> io::Result<Ended> {
    let mut child = started(command)?;
    loop {
        let signal = tokio::select! {
            biased;
            status = child.wait() => return status.map(ended),
            signal = signals.next() => signal,
        };
        // Still there: it is waited for here and nowhere else.
        pass_on(signal, &child);
    }
}

#[cfg(not(windows))]
fn started(command: Command) -> io::Result<Child> {
    tokio::process::Command::from(command).spawn()
}

/// `npm` is `npm.cmd` there.
#[cfg(windows)]
fn started(command: Command) -> io::Result<Child> {
    let named = |ending: &str| {
        let mut program = command.get_program().to_owned();
        program.push(ending);
        let mut other = Command::new(program);
        other.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => other.env(name, value),
                None => other.env_remove(name),
            };
        }
        other
    };
    let endings = [named(".cmd"), named(".bat")];
    let mut tried = tokio::process::Command::from(command).spawn();
    for other in endings {
        match tried {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tried = tokio::process::Command::from(other).spawn();
            }
            _ => break,
        }
    }
    tried
}

#[cfg(unix)]
fn ended(status: ExitStatus) -> Ended {
    use std::os::unix::process::ExitStatusExt;
    status.code().map(Ended::Code).or(status.signal().map(Ended::Signal)).unwrap_or(Ended::Code(1))
}

#[cfg(windows)]
fn ended(status: ExitStatus) -> Ended {
    Ended::Code(status.code().unwrap_or(1))
}

#[cfg(unix)]
use unix::{Signals, pass_on};

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;

    use rustix::process::{Pid, Signal, getpgid, getpgrp, kill_process};
    use rustix::termios::tcgetpgrp;
    use tokio::process::Child;
    use tokio::signal::unix::{self, SignalKind};

    /// What is passed on: all that ends a process unless it heeds it, and is meant to be heeded.
    const PASSED_ON: [Signal; 6] = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::USR2];

    /// Signals that reach this process.
    pub(super) struct Signals(Vec<(Signal, unix::Signal)>);

    impl Signals {
        /// Heeds them from now on. What was ignored before is so still: `nohup` means this process and the command.
        pub(super) fn new() -> io::Result<Signals> {
            let ignored = ignored();
            let heeded = PASSED_ON.into_iter().filter(|signal| ignored >> (signal.as_raw() - 1) & 1 == 0);
            let heard = heeded.map(|which| Ok((which, unix::signal(SignalKind::from_raw(which.as_raw()))?)));
            Ok(Signals(heard.collect::<io::Result<_>>()?))
        }

        /// The next one.
        pub(super) async fn next(&mut self) -> Signal {
            poll_fn(|context| {
                for (which, signal) in &mut self.0 {
                    if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                        return Poll::Ready(*which);
                    }
                }
                Poll::Pending
            })
            .await
        }
    }

    /// The signals that this process was started to ignore, a bit each, where the system tells.
    fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    /// Passes a signal on, unless the command has it already.
    pub(super) fn pass_on(signal: Signal, child: &Child) {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let Some(id) = id else { return };
        if matches!(signal, Signal::INT | Signal::QUIT) && came_from_the_terminal(id) {
            return;
        }
        // It may have ended just now: then there is nobody to tell.
        let _ = kill_process(id, signal);
    }

    /// Whether a key (Ctrl-C, Ctrl-\) is what sent it: a terminal sends it to every process in its foreground.
    fn came_from_the_terminal(child: Pid) -> bool {
        let Ok(terminal) = File::open("/dev/tty") else { return false };
        let own = getpgrp();
        tcgetpgrp(&terminal) == Ok(own) && getpgid(Some(child)) == Ok(own)
    }
}

#[cfg(windows)]
use windows::{Signals, pass_on};

#[cfg(windows)]
mod windows {
    use std::io;

    use tokio::process::Child;
    use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

    /// What a console tells its processes.
    pub(super) struct Signals(CtrlC, CtrlBreak, CtrlClose);

    impl Signals {
        /// Heeds it from now on.
        pub(super) fn new() -> io::Result<Signals> {
            Ok(Signals(ctrl_c()?, ctrl_break()?, ctrl_close()?))
        }

        /// The next one.
        pub(super) async fn next(&mut self) {
            let Signals(c, stop, close) = self;
            tokio::select! {
                _ = c.recv() => {}
                _ = stop.recv() => {}
                _ = close.recv() => {}
            }
        }
    }

    /// A console tells all of its processes: the command knows already.
    pub(super) fn pass_on((): (), _: &Child) {}
}
