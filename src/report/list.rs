//! Several findings, at most so many of them.

use super::diagnostic::diagnostic;
use super::text::{Text, Tone};
use crate::finding::Finding;

/// The findings one after another, a blank line between them; after the first `limit`, how many more there are and where
/// to see them (`rest`: a command).
pub fn list(findings: &[Finding], limit: usize, rest: &str) -> Text {
    let mut text = Text::default();
    for (index, finding) in findings.iter().take(limit).enumerate() {
        if index > 0 {
            text.plain("\n");
        }
        text.append(diagnostic(finding));
    }
    if let Some(more) = findings.len().checked_sub(limit).filter(|more| *more > 0) {
        text.plain(format!("\n{more} more: "));
        text.push(Tone::Strong, rest);
        text.plain("\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::list;
    use crate::finding::Finding;

    #[test]
    fn what_is_left_out_is_counted() {
        let findings: Vec<Finding> = (0..3).map(|n| Finding::new("syntax", format!("number {n}"))).collect();
        insta::assert_snapshot!(list(&findings, 2, "standin lint a.yaml"), @r"
        error[syntax]: number 0

        error[syntax]: number 1

        1 more: standin lint a.yaml
        ");
        assert!(!list(&findings, 3, "x").to_string().contains("more"));
    }
}
