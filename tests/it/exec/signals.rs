//! Signals: they reach the command once, and the run ends when the command does.

use std::path::Path;
use std::process::Command;

use super::{exec, last};
use crate::clients::{runs, there};

#[test]
fn a_signal_is_passed_on_and_the_commands_answer_to_it_counts() {
    for signal in ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"] {
        let script = format!(
            "trap 'echo got {signal}; sleep 0.2; echo cleaned up; exit 7' {signal}; kill -{signal} $PPID; for i in $(seq 400); do sleep 0.05; done"
        );
        let ran = exec("", &script);
        assert_eq!((ran.exit, ran.out.as_str()), (7, format!("got {signal}\ncleaned up\n").as_str()), "{}", ran.err);
        assert_eq!(last(&ran), "exit 7: the command ended 7");
    }
}

#[test]
fn a_signal_that_the_command_does_not_heed_ends_both() {
    let ran = exec("", "kill -TERM $PPID; for i in $(seq 400); do sleep 0.05; done");
    assert_eq!(ran.exit, 143, "{}", ran.err);
    assert_eq!(last(&ran), "exit 143: the command was killed by SIGTERM");
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_ignored_from_the_beginning_is_ignored_by_both() {
    // As `nohup` does it.
    let script = format!(
        "trap '' HUP; exec '{}' exec -- sh -c 'kill -HUP $PPID; sleep 0.3; kill -HUP $$; echo alive'",
        env!("CARGO_BIN_EXE_standin")
    );
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), &*out), (Some(0), "alive\n"), "{err}");
}

#[test]
fn a_key_on_a_terminal_reaches_the_command_once_each_time() {
    if !there("python3", runs("python3")) {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/terminal.py");
    let output = Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_standin")).output().expect("python runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("interrupted 8 times\n"), "{out}{err}");
    assert!(out.ends_with("exit 5: the command ended 5\nended with 5\n"), "{out}{err}");
}
