//! A command that was not run beside a mock, because something stood in the way: the reports of `standin exec` for that, each in the form of the
//! report that was asked for. Without one, a CI server would take an older file for the result.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;

use super::text::clean;

/// What stood in the way.
#[derive(Clone, Debug)]
pub struct NotRun {
    /// The command, as it was typed.
    pub command: Vec<String>,
    /// The exit code.
    pub code: u8,
    /// What is the case, as a lower-case sentence fragment.
    pub sentence: String,
    /// What to do about it, one remedy each.
    pub help: Vec<String>,
    /// All that is said of it, findings included, as people are shown it.
    pub said: String,
}

/// As JSON: `error` instead of what a run has.
pub fn not_run_json(not_run: &NotRun) -> String {
    let NotRun { command, code, sentence, help, said } = not_run;
    let report = json!({
        "standin": env!("CARGO_PKG_VERSION"),
        "version": super::run_json::VERSION,
        "command": command,
        "error": { "sentence": sentence, "help": help, "said": said },
        "exit": { "code": code, "because": [sentence] },
    });
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// As JUnit XML: the command, as a test case in error.
pub fn not_run_junit(not_run: &NotRun) -> String {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("not-run").set_message(&not_run.sentence).set_description(&not_run.said);
    let mut case = TestCase::new(not_run.command.join(" "), status);
    case.set_classname("standin.command");
    let mut suite = TestSuite::new("standin exec");
    suite.add_test_case(case);
    let mut report = Report::new("standin exec");
    report.add_test_suite(suite);
    // Writing to a text cannot fail.
    report.to_string().unwrap_or_default()
}

/// As Markdown, with an empty line at its end: more may follow.
pub fn not_run_markdown(not_run: &NotRun) -> String {
    let command = super::run_markdown::code(&not_run.command.join(" "));
    let lines: Vec<String> = not_run.said.lines().map(|line| format!("    {}", clean(line))).collect();
    format!("## standin exec: exit {}\n\n{command} was not run:\n\n{}\n\n", not_run.code, lines.join("\n"))
}
