//! What is answered by the number of the call.

use std::sync::Arc;

use super::Reply;

/// Which calls get which reply. What is not named gets what the document says.
#[derive(Debug)]
pub struct Calls {
    /// In the order of their numbers, none overlapping the next.
    steps: Vec<Step>,
    count: Count,
}

/// A run of calls, and the reply to each.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) numbers: Numbers,
    /// `None`: what the document says.
    pub(super) reply: Option<Arc<Reply>>,
}

/// Which calls are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// Those that the rule decided.
    #[default]
    Rule,
    /// All calls of the operation.
    Operation,
}

/// Numbers of calls, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) from: u64,
    /// `None`: every one after `from` too.
    pub(super) to: Option<u64>,
}

impl Calls {
    pub(super) fn new(mut steps: Vec<Step>, count: Count) -> Calls {
        steps.sort_by_key(|step| step.numbers.from);
        Calls { steps, count }
    }

    /// The reply to the call with this number, counted from 1; `None`: what the document says.
    pub fn at(&self, number: u64) -> Option<&Arc<Reply>> {
        let after = self.steps.partition_point(|step| step.numbers.from <= number);
        let step = self.steps.get(after.checked_sub(1)?)?;
        step.reply.as_ref().filter(|_| step.numbers.to.is_none_or(|to| number <= to))
    }

    /// Which calls are counted.
    pub fn count(&self) -> Count {
        self.count
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = (Numbers, Option<&Reply>)> {
        self.steps.iter().map(|step| (step.numbers, step.reply.as_deref()))
    }

    pub(super) fn replies(&self) -> impl Iterator<Item = &Arc<Reply>> {
        self.steps.iter().filter_map(|step| step.reply.as_ref())
    }

    /// Every call in runs, in order and without gaps; runs that get what the document says are joined.
    pub(super) fn runs(&self) -> Vec<(Numbers, Option<&Arc<Reply>>)> {
        let mut runs: Vec<(Numbers, Option<&Arc<Reply>>)> = Vec::new();
        let mut next = Some(1);
        let gaps = self.steps.iter().map(Some).chain([None]);
        for step in gaps {
            let Some(from) = next else { break };
            let before = Numbers { from, to: step.map(|step| step.numbers.from - 1) };
            let own = step.map(|step| (step.numbers, step.reply.as_ref()));
            let gap = before.to.is_none_or(|to| to >= from).then_some((before, None));
            for (numbers, reply) in gap.into_iter().chain(own) {
                match runs.last_mut() {
                    Some((last, None)) if reply.is_none() => last.to = numbers.to,
                    _ => runs.push((numbers, reply)),
                }
            }
            next = step.and_then(|step| step.numbers.to).and_then(|to| to.checked_add(1));
        }
        runs
    }
}

impl Numbers {
    /// Reads `3`, `1-2`, `4+`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub(super) fn parse(text: &str) -> Result<Numbers, (String, String)> {
        let shown = super::reader::excerpt(text);
        let number = |text: &str| match text.parse::<u64>() {
            Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
            _ => Err((
                format!("`{shown}` names no call"),
                "write the number of a call as `3`, from one to another as `1-2`, from one on as `4+`".to_owned(),
            )),
        };
        let numbers = if let Some(from) = text.strip_suffix('+') {
            Numbers { from: number(from)?, to: None }
        } else if let Some((from, to)) = text.split_once('-') {
            Numbers { from: number(from)?, to: Some(number(to)?) }
        } else {
            let one = number(text)?;
            Numbers { from: one, to: Some(one) }
        };
        if numbers.from == 0 {
            return Err((format!("`{shown}` names call 0"), "calls are counted from 1".to_owned()));
        }
        match numbers.to {
            Some(to) if to < numbers.from => {
                Err((format!("`{shown}` ends before it starts"), format!("write `{to}-{}`", numbers.from)))
            }
            _ => Ok(numbers),
        }
    }

    pub(super) fn overlaps(self, other: Numbers) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

impl std::fmt::Display for Numbers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to {
            None => write!(out, "{}+", self.from),
            Some(to) if to == self.from => write!(out, "{to}"),
            Some(to) => write!(out, "{}-{to}", self.from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Calls, Count, Numbers, Step};

    fn numbers(text: &str) -> Numbers {
        Numbers::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_read_and_written_back() {
        for text in ["3", "1-2", "4+", "18446744073709551615"] {
            assert_eq!(numbers(text).to_string(), text);
        }
        assert_eq!(numbers("2-2").to_string(), "2");
        for text in ["", "0", "-1", "+1", "1-", "2-1", "a", "1..2", "1 - 2", "1,2", "0+", "18446744073709551616"] {
            assert!(Numbers::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn overlap_counts_both_ends() {
        for (one, other, overlap) in
            [("1-2", "2-3", true), ("1-2", "3+", false), ("1+", "7", true), ("4", "4", true), ("5-6", "1-4", false)]
        {
            assert_eq!(numbers(one).overlaps(numbers(other)), overlap, "{one} {other}");
            assert_eq!(numbers(other).overlaps(numbers(one)), overlap, "{other} {one}");
        }
    }

    #[test]
    fn runs_cover_every_call_once() {
        let runs = |texts: &[&str]| -> Vec<String> {
            let steps = texts.iter().map(|text| Step { numbers: numbers(text), reply: None }).collect();
            let calls = Calls::new(steps, Count::Rule);
            calls.runs().iter().map(|(numbers, _)| numbers.to_string()).collect()
        };
        assert_eq!(runs(&[]), ["1+"]);
        assert_eq!(runs(&["3", "5-6"]), ["1+"]);
        assert_eq!(runs(&["1+"]), ["1+"]);
        assert_eq!(runs(&["18446744073709551615"]), ["1-18446744073709551615"]);
    }
}
