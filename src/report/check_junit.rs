//! A check, for CI servers: JUnit XML, one test case an operation, and one for the run where that went wrong.

use std::collections::HashMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::finding::{Difference, Event, Failure, OperationCounts, Severity, Summary};

/// Gathers events; a document at the end.
#[derive(Debug)]
pub struct CheckJunit {
    fail_on: Severity,
    document: String,
    took: HashMap<String, Duration>,
    found: Vec<Difference>,
    lost: Vec<String>,
    failure: Option<Failure>,
    summary: Option<Summary>,
}

impl CheckJunit {
    /// Findings from `fail_on` on fail their test case; others are told in its output.
    pub fn new(fail_on: Severity) -> CheckJunit {
        CheckJunit {
            fail_on,
            document: String::new(),
            took: HashMap::new(),
            found: Vec::new(),
            lost: Vec::new(),
            failure: None,
            summary: None,
        }
    }

    /// Takes an event into account.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Started(start) => self.document = start.document.clone(),
            Event::Judged(judged) => *self.took.entry(judged.operation.to_string()).or_default() += judged.took,
            Event::Lost { record, why, .. } => self.lost.push(format!("{record}: {why}")),
            Event::Failed(failure) => self.failure = Some(failure.clone()),
            Event::Found(difference) => self.found.push((**difference).clone()),
            Event::Finished(summary) => self.summary = Some((**summary).clone()),
        }
    }

    /// The document.
    pub fn finish(self) -> String {
        let mut report = Report::new("standin check");
        let name = if self.document.is_empty() { "standin check" } else { &self.document };
        let mut suite = TestSuite::new(name);
        if let Some(case) = self.run() {
            suite.add_test_case(case);
        }
        let operations = self.summary.iter().flat_map(|summary| &summary.operations);
        suite.add_test_cases(operations.map(|counts| self.operation(counts)));
        if let Some(summary) = &self.summary {
            suite.set_time(summary.took);
            report.set_time(summary.took);
        }
        report.add_test_suite(suite);
        // Writing to a text cannot fail.
        report.to_string().unwrap_or_default()
    }

    /// The test case of the run as a whole, where there is something to say of it.
    fn run(&self) -> Option<TestCase> {
        let whole: Vec<&Difference> = self.found.iter().filter(|found| found.finding.operation.is_none()).collect();
        let mut texts: Vec<String> = Vec::new();
        if let Some(failure) = &self.failure {
            texts.push(failure.sentence.clone());
            texts.extend(failure.help.clone());
        }
        texts.extend(self.lost.iter().map(|lost| format!("lost: {lost}")));
        let error = !texts.is_empty();
        texts.extend(whole.iter().map(|found| told(found)));
        let first = match whole.first() {
            Some(found) if !error => found.finding.sentence.clone(),
            _ => texts.first()?.clone(),
        };
        let failed = whole.iter().any(|found| found.finding.severity >= self.fail_on);
        let mut status = match (error, failed) {
            (true, _) => TestCaseStatus::non_success(NonSuccessKind::Error),
            (false, true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
            (false, false) => TestCaseStatus::success(),
        };
        status.set_message(first.lines().next().unwrap_or_default());
        status.set_type(whole.first().map_or("run", |found| found.finding.rule.id));
        status.set_description(texts.join("\n\n"));
        let mut case = TestCase::new("the run", status);
        case.set_classname("standin");
        Some(case)
    }

    fn operation(&self, counts: &OperationCounts) -> TestCase {
        let about = |found: &&Difference| found.finding.operation.as_deref() == Some(&*counts.key);
        let (grave, light): (Vec<&Difference>, Vec<&Difference>) =
            self.found.iter().filter(about).partition(|found| found.finding.severity >= self.fail_on);
        let status = match grave.first() {
            Some(first) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let more = if grave.len() > 1 { format!(" (and {} more)", grave.len() - 1) } else { String::new() };
                status.set_message(format!("{}{more}", first.finding.sentence));
                status.set_type(first.finding.rule.id);
                status.set_description(grave.iter().map(|found| told(found)).collect::<Vec<_>>().join("\n\n"));
                status
            }
            None => match unproved(counts) {
                Some(why) => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(why);
                    status
                }
                None => TestCaseStatus::success(),
            },
        };
        let mut case = TestCase::new(counts.request.as_str(), status);
        case.set_classname(counts.key.as_ref());
        if let Some(took) = self.took.get(&*counts.key) {
            case.set_time(*took);
        }
        let mut lines: Vec<String> = light.iter().map(|found| told(found)).collect();
        if counts.not_decided > 0 && counts.valid + counts.invalid > 0 {
            lines.push(format!("{} not decided", counts.not_decided));
        }
        if counts.proved_little() {
            let statuses: Vec<String> = counts.statuses.keys().map(u16::to_string).collect();
            lines.push(format!("proved little: answered only {}", statuses.join(", ")));
        }
        if !lines.is_empty() {
            case.set_system_out(lines.join("\n\n"));
        }
        case
    }
}

/// Why an operation counts as skipped: nothing was found out about it.
fn unproved(counts: &OperationCounts) -> Option<String> {
    match () {
        () if counts.valid + counts.invalid > 0 => None,
        () if counts.not_decided > 0 => Some(format!("not decided ({} records)", counts.not_decided)),
        () if counts.skipped_writes > 0 => {
            Some("not sent: it writes, and the target is not to be written to".to_owned())
        }
        () if counts.skipped_invalid > 0 => Some("not sent: the requests are not known to be valid".to_owned()),
        () => Some("no record of it".to_owned()),
    }
}

/// A finding as plain text.
fn told(difference: &Difference) -> String {
    let finding = &difference.finding;
    let head = format!("{} {} {}", finding.severity, finding.rule.id, difference.fingerprint);
    let mut lines = vec![format!("{head}: {} of {}", difference.seen, difference.of), finding.sentence.clone()];
    lines.extend(finding.place.as_ref().map(|place| format!("document: {place}")));
    lines.extend((!difference.answer.is_empty()).then(|| format!("got: {}", difference.answer)));
    lines.extend(difference.again.as_ref().map(|again| format!("again: {again}")));
    lines.extend(finding.help.as_ref().map(|help| format!("remedy: {help}")));
    lines.join("\n")
}
