//! Texts that a regular expression of ECMA-262 matches, of a wanted length.

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema_regex::RepeatedClass;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::Seed;
use super::draw::Draws;

/// How often another text is drawn when one does not fit.
const TRIES: u64 = 48;
/// From which on each length is tried, and from which on any character is.
const EACH: u64 = 20;
const PLAIN: u64 = 36;
/// The longest text that is made for an expression, in characters.
const LONGEST: usize = 65_536;
/// Bytes that a compiled expression may take. What is larger is left to the schema's own check.
const COMPILED: usize = 2 << 20;

/// Tells whether a text matches.
#[derive(Debug)]
enum Check {
    Regex(Regex),
    /// `^[…]{0,262144}$` and the like are too large for an automaton, and simple.
    Class(RepeatedClass),
}

/// An expression to draw texts for.
#[derive(Debug)]
pub(super) struct Pattern {
    hir: Hir,
    /// All must hold. The first is the expression itself; then look-ahead at its start.
    checks: Vec<(Check, bool)>,
    /// Whether `checks` say all there is to say.
    complete: bool,
}

/// The expressions of one schema, each compiled once.
#[derive(Default)]
pub(super) struct Patterns(HashMap<String, Option<Arc<Pattern>>>);

impl Patterns {
    pub(super) fn get(&mut self, pattern: &str) -> Option<Arc<Pattern>> {
        if let Some(known) = self.0.get(pattern) {
            return known.clone();
        }
        let made = Pattern::new(pattern).map(Arc::new);
        self.0.insert(pattern.to_owned(), made.clone());
        made
    }
}

impl Pattern {
    /// `None` where it is no expression, or one of which no text can be drawn.
    pub(super) fn new(pattern: &str) -> Option<Pattern> {
        let (aheads, rest) = split(pattern);
        let mut complete = true;
        let mut checks = Vec::new();
        // What stands in the way of drawing is taken out, and left to the check.
        let (rest, whole, hir) = match parsed(&rest) {
            Some((rust, hir)) => (rust, true, hir),
            None => {
                let (rust, hir) = parsed(&without_groups(&rest))?;
                (rust, false, hir)
            }
        };
        complete &= whole;
        match compile(&rest).filter(|_| whole) {
            Some(regex) => checks.push((regex, true)),
            None => complete = false,
        }
        for (ahead, wanted) in aheads {
            let rust = jsonschema_regex::to_rust_regex(&ahead).ok();
            match rust.and_then(|rust| compile(&format!("^(?:{rust})"))) {
                Some(regex) => checks.push((regex, wanted)),
                None => complete = false,
            }
        }
        Some(Pattern { hir, checks, complete })
    }

    /// Whether [`Pattern::admits`] is the whole truth.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether the expression matches, as far as is known here.
    pub(super) fn admits(&self, text: &str) -> bool {
        self.checks.iter().all(|(check, wanted)| {
            let matches = match check {
                Check::Regex(regex) => regex.is_match(text),
                Check::Class(class) => class.is_match(text),
            };
            matches == *wanted
        })
    }

    /// A text that it matches, between these lengths in characters, and that also suits the caller.
    pub(super) fn sample(&self, seed: Seed, least: usize, most: usize, suits: impl Fn(&str) -> bool) -> Option<String> {
        let shortest = length(&self.hir);
        if shortest > most || least > LONGEST || shortest > LONGEST {
            return None;
        }
        (0..TRIES).find_map(|attempt| {
            let mut draws = Draws::new(seed.nth(attempt));
            // A few characters more than needed read better than the bare minimum; later, every length has its turn.
            let extra = match attempt {
                0..EACH => 5 + draws.below(6),
                // Look-ahead may ask for a length: one after the other.
                EACH..PLAIN => attempt - EACH,
                _ => draws.below(attempt * 5),
            };
            let aim = shortest.max(least).saturating_add(extra as usize).min(most).min(LONGEST);
            let mut writer = Writer {
                slack: aim - shortest.min(aim),
                flexible: flexible(&self.hir),
                draws,
                // Letters and digits first; when that does not do, everything that may be written.
                plain: attempt < PLAIN,
                text: String::new(),
            };
            writer.write(&self.hir)?;
            let mut text = writer.text;
            let missing = least.saturating_sub(text.chars().count());
            if missing > 0 {
                // An expression without an end says nothing of what comes after, one without a start nothing of what comes before.
                let more = std::iter::repeat_n('a', missing);
                if attempt % 2 == 0 {
                    text.extend(more);
                } else {
                    text.insert_str(0, &more.collect::<String>());
                }
            }
            (text.chars().count() <= most && self.admits(&text) && suits(&text)).then_some(text)
        })
    }
}

fn parsed(pattern: &str) -> Option<(String, Hir)> {
    let rust = jsonschema_regex::to_rust_regex(pattern).ok()?.into_owned();
    let hir = regex_syntax::parse(&rust).ok()?;
    Some((rust, hir))
}

fn compile(rust: &str) -> Option<Check> {
    if let Some(class) = RepeatedClass::from_translated(rust) {
        return Some(Check::Class(class));
    }
    RegexBuilder::new(rust).size_limit(COMPILED).build().ok().map(Check::Regex)
}

/// Look-ahead at the start, and the rest of the expression: `^(?!x)(?=y)z` to `(x, no)`, `(y, yes)` and `^z`.
fn split(pattern: &str) -> (Vec<(String, bool)>, String) {
    let (anchor, mut rest) = match pattern.strip_prefix('^') {
        Some(rest) => ("^", rest),
        None => return (Vec::new(), pattern.to_owned()),
    };
    let mut aheads = Vec::new();
    while let Some((wanted, after)) = rest
        .strip_prefix("(?=")
        .map(|after| (true, after))
        .or_else(|| rest.strip_prefix("(?!").map(|after| (false, after)))
    {
        let Some(end) = group_end(after) else { break };
        aheads.push((after[..end].to_owned(), wanted));
        rest = &after[end + 1..];
    }
    (aheads, format!("{anchor}{rest}"))
}

/// The expression without look-around and with back references left out: something to draw from, no more.
fn without_groups(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = ["(?=", "(?!", "(?<=", "(?<!"].iter().filter_map(|open| rest.find(open)).min() {
        out.push_str(&rest[..at]);
        let inner = &rest[at + if rest[at..].starts_with("(?<") { 4 } else { 3 }..];
        match group_end(inner) {
            Some(end) => rest = &inner[end + 1..],
            None => return out,
        }
    }
    out.push_str(rest);
    out
}

/// Where the group that these characters stand in ends.
fn group_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_class = false;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class && depth == 0 => return Some(at),
            ')' if !in_class => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The least number of characters that it matches.
fn length(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).map_or(literal.0.len(), |text| text.chars().count())
        }
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => length(&repetition.sub).saturating_mul(repetition.min as usize),
        HirKind::Capture(capture) => length(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(length).fold(0, usize::saturating_add),
        HirKind::Alternation(branches) => branches.iter().map(length).min().unwrap_or(0),
    }
}

/// How many parts of it can be longer than they must be.
fn flexible(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => 0,
        HirKind::Repetition(repetition) if repetition.max != Some(repetition.min) => 1,
        HirKind::Repetition(repetition) => flexible(&repetition.sub).saturating_mul(repetition.min as usize),
        HirKind::Capture(capture) => flexible(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(flexible).fold(0, usize::saturating_add),
        HirKind::Alternation(_) => 1,
    }
}

struct Writer {
    /// Characters that may still be written beyond what must be.
    slack: usize,
    /// Parts to come that can take some of them.
    flexible: usize,
    draws: Draws,
    plain: bool,
    text: String,
}

impl Writer {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        if self.text.len() > LONGEST * 4 {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let character = self.character(class)?;
                self.text.push(character);
            }
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part))?,
            HirKind::Alternation(branches) => {
                self.flexible = self.flexible.saturating_sub(1);
                let shortest = branches.iter().map(length).min()?;
                let room = shortest.saturating_add(self.slack);
                let fitting: Vec<&Hir> = branches.iter().filter(|branch| length(branch) <= room).collect();
                let long: Vec<&Hir> = fitting.iter().copied().filter(|branch| flexible(branch) > 0).collect();
                // Of `0|[1-9][0-9]*` the second says more.
                let fitting =
                    if self.slack >= 4 && !long.is_empty() && self.draws.below(8) > 0 { long } else { fitting };
                let chosen = *fitting.get(self.draws.below(fitting.len() as u64) as usize)?;
                self.slack = room - length(chosen);
                self.flexible = self.flexible.saturating_add(flexible(chosen));
                self.write(chosen)?;
            }
            HirKind::Repetition(repetition) => {
                let each = length(&repetition.sub);
                let mut times = repetition.min as usize;
                if repetition.max != Some(repetition.min) {
                    self.flexible = self.flexible.saturating_sub(1);
                    // The last part that can take what is left takes it all.
                    let share = match self.flexible {
                        0 => self.slack,
                        others => {
                            self.draws.below((self.slack / (others + 1) * 2 + 1).min(self.slack + 1) as u64) as usize
                        }
                    };
                    let more = share / each.max(1);
                    let most = repetition.max.map_or(usize::MAX, |max| (max - repetition.min) as usize);
                    let inner = flexible(&repetition.sub) > 0;
                    let more = match each {
                        0 => self.draws.below(2) as usize,
                        // What is inside can take what is left as well.
                        _ if inner => self.draws.below(more.min(LONGEST) as u64 + 1) as usize,
                        _ => more,
                    };
                    let more = more.min(most);
                    self.slack = self.slack.saturating_sub(more.saturating_mul(each));
                    self.flexible =
                        self.flexible.saturating_add(flexible(&repetition.sub).saturating_mul(times + more));
                    times += more;
                }
                for _ in 0..times {
                    let before = self.text.len();
                    self.write(&repetition.sub)?;
                    if self.text.len() == before {
                        break;
                    }
                }
            }
        }
        Some(())
    }

    /// A character of a class; one that is easy to read and to type where there is one.
    fn character(&mut self, class: &Class) -> Option<char> {
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => {
                class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
            }
            Class::Bytes(class) => {
                class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
            }
        };
        let kinds: &[&[(u32, u32)]] = &[
            &[(0x61, 0x7a), (0x30, 0x39)],
            &[(0x41, 0x5a), (0x61, 0x7a), (0x30, 0x39)],
            &[(0x20, 0x7e)],
            &[(0xa0, 0x10_ffff)],
        ];
        let kinds = if self.plain { kinds } else { &kinds[2..] };
        let everything: &[(u32, u32)] = &[(0, 0x10_ffff)];
        for kind in kinds.iter().copied().chain([everything]) {
            let shared: Vec<(u32, u32)> = ranges
                .iter()
                .flat_map(|&(from, to)| kind.iter().map(move |&(least, most)| (from.max(least), to.min(most))))
                .filter(|(from, to)| from <= to)
                .collect();
            let count: u64 = shared.iter().map(|(from, to)| u64::from(to - from) + 1).sum();
            if count == 0 {
                continue;
            }
            let mut drawn = self.draws.below(count);
            for (from, to) in shared {
                let width = u64::from(to - from) + 1;
                if drawn < width {
                    // No range of a class has a surrogate in it.
                    return char::from_u32(from + drawn as u32).or_else(|| char::from_u32(from));
                }
                drawn -= width;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seed;
    use super::Pattern;

    #[test]
    fn texts_match_their_expression() {
        let cases = [
            (r"^[a-z0-9-]{3,20}$", 0, 100),
            (r"^[A-Z]{2}$", 0, 100),
            (r"^\d{3}-\d{4}$", 0, 100),
            (r"^(GET|POST)$", 0, 100),
            (r"^[\w.+-]+@[\w-]+\.[\w.]+$", 30, 40),
            (r"^(?!-)[a-z-]{1,20}$", 0, 20),
            (r"^(?=.*\d)(?=.*[a-z])[a-z0-9]{8,}$", 0, 20),
            (r"foo", 10, 12),
            (r"^foo", 10, 12),
            (r"^.{0,262144}$", 5, 10),
            (r"^[^\s]+$", 1, 5),
            (r"^\p{L}+$", 4, 8),
            (r"^a*b*c*$", 9, 9),
            (r"^(ab|cdefg)+$", 7, 7),
            (r"^[a-f0-9]{40}$", 0, 100),
            (r"^$", 0, 5),
            (r"^(\d{4})(-\d{2})?$", 7, 7),
            (r"^[0-9]{1,19}(\.[0-9]{1,2})?$", 0, 22),
            (r"^\S(.*\S)?$", 12, 30),
            (r"\bword\b", 0, 10),
        ];
        for (expression, least, most) in cases {
            let pattern = Pattern::new(expression).unwrap();
            let validator = jsonschema::validator_for(&serde_json::json!({"pattern": expression})).unwrap();
            for number in 0..20 {
                let text = pattern.sample(Seed(1).nth(number), least, most, |_| true);
                let text = text.unwrap_or_else(|| panic!("{expression} between {least} and {most}"));
                assert!(validator.is_valid(&text.as_str().into()), "`{text}` for {expression}");
                assert!((least..=most).contains(&text.chars().count()), "`{text}` for {expression}");
            }
        }
    }

    #[test]
    fn what_cannot_be_is_not_made() {
        assert!(Pattern::new("(").is_none());
        assert!(Pattern::new(r"^[a-z]{5}$").unwrap().sample(Seed(0), 0, 3, |_| true).is_none());
        assert!(Pattern::new(r"^[a-z]{3}$").unwrap().sample(Seed(0), 5, 9, |_| true).is_none());
        assert!(Pattern::new(r"^(a{1000}){1000}$").unwrap().sample(Seed(0), 0, usize::MAX, |_| true).is_none());
    }

    #[test]
    fn what_is_not_decided_here_is_said() {
        assert!(Pattern::new(r"^a(?=b)b$").is_some_and(|pattern| !pattern.is_complete()));
        assert!(Pattern::new(r"^(?!x)[a-z]+$").is_some_and(|pattern| pattern.is_complete()));
    }
}
