//! Why a mock could not be opened or started, or what a test should not have done.

use std::fmt;

use crate::finding::Finding;
use crate::report;

/// The findings that are shown at most.
const SHOWN: usize = 20;

/// What went wrong: a sentence, what to do about it, and the findings behind it. `Display` shows all of them, and so does `Debug`,
/// because that is what a test prints when it ends with an error.
pub struct Error {
    sentence: String,
    help: Option<String>,
    findings: Vec<Finding>,
}

impl Error {
    pub(super) fn new(sentence: impl Into<String>) -> Error {
        Error { sentence: sentence.into(), help: None, findings: Vec::new() }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Error {
        self.help = Some(help.into());
        self
    }

    pub(super) fn because(mut self, findings: Vec<Finding>) -> Error {
        self.findings = findings;
        self
    }

    /// What is wrong with the document or the scenario, where that is the cause.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence)?;
        if let Some(help) = &self.help {
            write!(out, "\nhelp: {help}")?;
        }
        if self.findings.is_empty() {
            return Ok(());
        }
        write!(out, "\n{}", report::list(&self.findings, SHOWN, "standin lint"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Error {}
