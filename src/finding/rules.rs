//! The table of rules: everything that `standin` can find, once. Reports, `standin explain` and the options derive from it.

use super::Severity;

/// One kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable, kebab-case; what reports, `--fail-on` and `standin explain` use.
    pub id: &'static str,
    /// What a finding of it weighs unless said otherwise.
    pub severity: Severity,
    /// What it sees, in a sentence.
    pub what: &'static str,
    /// Why it matters, in a sentence.
    pub why: &'static str,
    /// A smallest case.
    pub example: &'static str,
    /// What to do, in a sentence.
    pub remedy: &'static str,
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

macro_rules! rules {
    ($($id:literal $severity:ident what $what:literal why $why:literal example $example:literal remedy $remedy:literal)*) => {
        /// Every rule, in the order in which `standin explain` lists them.
        pub static RULES: &[Rule] = &[$(Rule {
            id: $id, severity: Severity::$severity, what: $what, why: $why, example: $example, remedy: $remedy,
        }),*];
    };
}

rules! {
    // Reading a text.
    "syntax" Error
        what "the text is not well-formed YAML or JSON"
        why "nothing after the place can be trusted"
        example "`info: {title: A`"
        remedy "mend the text at the place named"
    "duplicate-key" Warning
        what "a mapping has the same key twice"
        why "tools differ in which of the two they use"
        example "`{a: 1, a: 2}`"
        remedy "keep one of them"
    "limits" Error
        what "the text is nested too deeply, or its aliases grow too large"
        why "a limit keeps a small file from filling the memory"
        example "nine aliases of nine aliases of nine …"
        remedy "write it flatter"
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
    }
}
