//! How many findings of which severity there are.

use std::fmt;

use crate::finding::{Finding, Severity};

/// Findings, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many errors.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// How many notes.
    pub notes: usize,
}

impl Counts {
    /// The counts of these findings.
    pub fn of(findings: &[Finding]) -> Counts {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Counts { errors: count(Severity::Error), warnings: count(Severity::Warning), notes: count(Severity::Note) }
    }

    /// How many in all.
    pub fn total(self) -> usize {
        self.errors + self.warnings + self.notes
    }
}

/// `2 errors, 1 warning`; `no findings` where there are none. Severities that did not occur are left out.
impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let mut separator = "";
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(out, "{separator}{count} {word}{}", if count == 1 { "" } else { "s" })?;
            separator = ", ";
        }
        if separator.is_empty() { out.write_str("no findings") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn only_what_occurred_is_told() {
        assert_eq!(Counts::default().to_string(), "no findings");
        assert_eq!(Counts { errors: 1, warnings: 0, notes: 2 }.to_string(), "1 error, 2 notes");
    }
}
