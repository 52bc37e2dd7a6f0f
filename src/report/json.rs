//! Findings for programs. Members are added over time, never renamed or taken away.

use serde_json::{Value, json};

use super::counts::Counts;
use crate::finding::Finding;

/// The findings about a document, and their counts.
pub fn findings(document: &str, findings: &[Finding]) -> Value {
    let Counts { errors, warnings, notes } = Counts::of(findings);
    json!({
        "document": document,
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "summary": { "errors": errors, "warnings": warnings, "notes": notes },
    })
}

/// One finding. What it does not have is null; lines and columns count from 1, columns in characters.
pub fn finding(finding: &Finding) -> Value {
    let place = finding.place.as_ref();
    let (line, column) = place.map(|place| place.line_column()).unzip();
    json!({
        "rule": finding.rule.id,
        "severity": finding.severity.word(),
        "file": place.map(|place| place.source.name()),
        "line": line,
        "column": column,
        "operation": finding.operation.as_deref(),
        "sentence": finding.sentence,
        "help": finding.help,
    })
}
