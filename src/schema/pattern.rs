//! Regular expressions: ECMA-262, unanchored, Unicode mode; in linear time where possible, else within a budget.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jsonschema::{Draft, PatternCache, PatternOptions, ValidationOptions};
use serde_json::json;

/// Steps that a backtracking match may take: about half a millisecond. Beyond, its outcome is not decided.
const STEPS: usize = 10_000;
/// Bytes that one compiled expression may take; `^.{0,262144}$` and the like need room.
const COMPILED: usize = 32 << 20;

/// The expressions of all schemas, each compiled once.
pub(super) struct Patterns {
    cache: PatternCache,
    judged: Mutex<HashMap<String, Result<(), String>>>,
    /// Whether one of them needs backtracking.
    backtracks: AtomicBool,
}

impl Patterns {
    pub(super) fn new() -> Patterns {
        Patterns { cache: PatternCache::new(), judged: Mutex::default(), backtracks: AtomicBool::new(false) }
    }

    /// Options for compiling a schema, with these expressions.
    pub(super) fn options(&self) -> ValidationOptions<'static> {
        // Look-around and back references backtrack; whatever has neither is matched in linear time.
        let engine = PatternOptions::fancy_regex().backtrack_limit(STEPS).size_limit(COMPILED);
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .with_pattern_options(engine)
            .with_pattern_cache(self.cache.clone())
    }

    /// Whether an expression can be used.
    ///
    /// # Errors
    /// Why not, as the rest of a sentence that begins with the expression.
    pub(super) fn judge(&self, pattern: &str) -> Result<(), String> {
        if let Some(known) = self.judged.lock().unwrap_or_else(PoisonError::into_inner).get(pattern) {
            return known.clone();
        }
        let judged = self.compile(pattern);
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(pattern.to_owned(), judged.clone());
        judged
    }

    fn compile(&self, pattern: &str) -> Result<(), String> {
        if !jsonschema_regex::is_valid_ecma_regex(pattern) {
            return Err("is not a regular expression of ECMA-262".into());
        }
        let linear = jsonschema_regex::to_rust_regex(pattern).is_ok_and(|rust| regex_syntax::parse(&rust).is_ok());
        if !linear {
            self.backtracks.store(true, Ordering::Release);
        }
        match self.options().build(&json!({ "pattern": pattern })) {
            Ok(_) => Ok(()),
            Err(_) => Err("cannot be compiled: it is too large, or uses what is not supported here".into()),
        }
    }

    /// Whether a match may end without an answer.
    pub(super) fn may_give_up(&self) -> bool {
        self.backtracks.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::json;

    use super::Patterns;

    fn matches(pattern: &str, text: &str) -> bool {
        let patterns = Patterns::new();
        patterns.judge(pattern).unwrap();
        patterns.options().build(&json!({ "pattern": pattern })).unwrap().is_valid(&json!(text))
    }

    #[test]
    fn ecma_262_is_spoken() {
        assert!(matches(r"^\p{L}+$", "Ärger"));
        assert!(!matches(r"^\d+$", "٣"));
        assert!(matches("b", "abc"));
        assert!(matches(r"^(?!admin)\w+$", "ada"));
        assert!(!matches(r"^(?!admin)\w+$", "admin1"));
        assert!(matches(r"^(?<year>\d{4})-\1$", "2026-2026"));
        assert!(matches("^.{0,262144}$", "short"));
    }

    #[test]
    fn what_is_no_expression_is_told() {
        let patterns = Patterns::new();
        for bad in ["(", "(?i)abc", "[a", r"\Z"] {
            assert!(patterns.judge(bad).is_err(), "{bad}");
        }
        assert!(!patterns.may_give_up());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test of how long something takes")]
    fn backtracking_ends() {
        let patterns = Patterns::new();
        let endless = r"^((a|a)+)+\1b$";
        patterns.judge(endless).unwrap();
        assert!(patterns.may_give_up());
        let validator = patterns.options().build(&json!({ "pattern": endless })).unwrap();
        let start = Instant::now();
        assert!(!validator.is_valid(&json!("a".repeat(5_000) + "!")));
        assert!(start.elapsed().as_secs() < 5);
    }
}
