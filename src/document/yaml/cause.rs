//! What the author did, read from the text around the place where the parser stopped: several causes look alike to it.

use super::super::Span;
use super::super::problem::{Problem, ProblemKind};

pub(super) const QUOTE_IT: &str = "put the whole value in quotes";

pub(super) fn bracket(span: Span, open: char, what: &str) -> Problem {
    let problem = Problem::new(ProblemKind::Syntax, span, format!("the `{open}` that opens here {what}"));
    problem.help(format!("close it; or quote the text, if it only begins with `{open}`"))
}

/// Something that cannot stand inside of brackets: most often they should have ended before.
pub(super) fn in_brackets(text: &str, at: usize, what: &str) -> Problem {
    let before = text.get(..at).unwrap_or("");
    let mut depth = 0_usize;
    // Brackets in quotes or comments mislead this; it only helps to find the one that is meant.
    let open = before.bytes().enumerate().rev().find(|(_, byte)| {
        match byte {
            b'}' | b']' => depth += 1,
            b'{' | b'[' if depth == 0 => return true,
            b'{' | b'[' => depth -= 1,
            _ => {}
        }
        false
    });
    // The parser names the colon; its key is what the author sees.
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let key = before.get(line..).unwrap_or("");
    let word = key.rfind([',', '{', '[', ' ']).map_or(0, |end| end + 1);
    let is_colon = text.get(at..).is_some_and(|rest| rest.starts_with(':'));
    let span = if is_colon && line + word < at { Span { start: line + word, end: at } } else { one(text, at) };
    let problem = Problem::new(ProblemKind::Syntax, span, format!("{what} inside of brackets"));
    match open {
        Some((open, byte)) => {
            let number = before.get(..open).map_or(0, |before| before.matches('\n').count()) + 1;
            problem.help(format!(
                "close the `{}` of line {number} before this place, or put a comma between",
                char::from(byte)
            ))
        }
        None => problem,
    }
}

/// The character at a place.
pub(super) fn one(text: &str, at: usize) -> Span {
    Span { start: at, end: at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8) }
}

/// The last such bracket before a place.
pub(super) fn opening(text: &str, at: usize, bracket: char) -> Span {
    let start = text.get(..at).and_then(|before| before.rfind(bracket)).unwrap_or(at);
    one(text, start)
}

/// The tab at or after a place; else the place.
pub(super) fn tab(text: &str, at: usize) -> Span {
    // The parser names the place before it, or one behind it.
    let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let indentation = |start: usize| {
        text.get(start..).and_then(|rest| {
            rest.find(|c: char| c != ' ')
                .filter(|found| rest.get(*found..).is_some_and(|rest| rest.starts_with('\t')))
                .map(|found| start + found)
        })
    };
    let later = || {
        let mut start = at;
        (0..100).find_map(|_| {
            start += text.get(start..)?.find('\n')? + 1;
            indentation(start)
        })
    };
    let found = indentation(line)
        .or_else(later)
        .or_else(|| text.get(at..).and_then(|rest| rest.find('\t')).map(|found| at + found));
    let start = found.unwrap_or(at);
    one(text, start)
}

/// The first escape that YAML does not know, after a place.
pub(super) fn escape(text: &str, at: usize) -> Option<Span> {
    let mut letters = text.get(at..)?.char_indices();
    while let Some((offset, letter)) = letters.next() {
        if letter == '\\' {
            let (_, escaped) = letters.next()?;
            if !"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(escaped) {
                return Some(Span { start: at + offset, end: at + offset + 1 + escaped.len_utf8() });
            }
        }
    }
    None
}

pub(super) fn unexpected(text: &str, at: usize, character: char) -> Problem {
    // The parser names the start of the text that has it.
    let start = text.get(at..).and_then(|rest| rest.find(character)).map_or(at, |found| at + found);
    let span = Span { start, end: (start + character.len_utf8()).min(text.len()) };
    if matches!(character, '@' | '`' | '%') {
        let called = if character == '`' { "a backtick".to_owned() } else { format!("`{character}`") };
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let value = line.split(" #").next().unwrap_or("").trim_end();
        let help = if value.len() > 40 || value.contains('\'') {
            QUOTE_IT.to_owned()
        } else {
            format!("quote it: `'{value}'`")
        };
        let message = format!("a value cannot start with {called} unless it is quoted");
        return Problem::new(ProblemKind::Syntax, span, message).help(help);
    }
    let code = u32::from(character);
    let message = format!("the character U+{code:04X} is not allowed in YAML");
    let help = if character == '\0' {
        "is it a text file, saved as UTF-8?".to_owned()
    } else {
        format!("remove it, or write it as `\\u{code:04x}` in double quotes")
    };
    Problem::new(ProblemKind::Syntax, span, message).help(help)
}

/// `key` of a line that starts `key:value`.
pub(super) fn missing_space(line: &str) -> Option<&str> {
    let (key, value) = line.split_once(':')?;
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-$.".contains(c));
    (word && !value.starts_with([' ', '/']) && !value.is_empty()).then_some(key)
}

/// A colon that makes a key where none can be: several causes look alike to the parser.
pub(super) fn colon(text: &str, at: usize) -> Problem {
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let before = text.get(line_start..at).unwrap_or("");
    let key_start = line_start + (before.len() - before.trim_start().len());
    let colon = one(text, at);
    // A second colon on the line: `summary: Note: this`.
    if let Some((key, value)) = before.split_once(": ")
        && !value.trim().is_empty()
    {
        let problem = Problem::new(ProblemKind::Syntax, colon, "a second `: ` on the same line");
        let key = key.trim_start().trim_start_matches("- ");
        return problem.help(format!("put the value of `{key}` in quotes"));
    }
    // The line before has `key:value`.
    let previous = text.get(..line_start).and_then(|before| before.lines().next_back()).unwrap_or("");
    let previous_end = line_start.saturating_sub(1);
    let previous_start = text.get(..previous_end).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let trimmed = previous.trim_start().trim_start_matches("- ").trim_start();
    if let Some(key) = missing_space(trimmed.trim_end()) {
        let start = previous_start + (previous.len() - trimmed.len()) + key.len();
        let problem = Problem::new(ProblemKind::Syntax, one(text, start), "no space after the colon");
        return problem.help(format!("write `{key}: `, with a space"));
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let key = Span { start: key_start, end: at };
    if indent(before) > indent(previous) && previous.contains(": ") {
        let problem =
            Problem::new(ProblemKind::Syntax, key, "indented deeper than the line before, which has a value already");
        return problem.help("indent it like the line before, or remove that line's value");
    }
    Problem::new(ProblemKind::Syntax, key, "a key cannot stand here")
        .help("the line before is no `key: value`: a `:` is missing there, or the indentation differs")
}

/// Texts that nobody meant to be YAML.
pub(super) fn not_meant(text: &str, at: usize) -> Option<Problem> {
    let problem = |at, message: &str, help: &str| Problem::new(ProblemKind::Syntax, one(text, at), message).help(help);
    let body = text.trim_start_matches('\u{feff}').trim_start();
    if body.starts_with("<!") || body.starts_with("<html") || body.starts_with("<?xml") {
        let start = text.len() - body.len();
        return Some(problem(start, "the text is HTML or XML", "was a web page saved in place of the document?"));
    }
    // The parser may have come a few lines further, since all of them could be one text.
    let start = text.get(..at)?.rmatch_indices('\n').map(|(end, _)| end + 1).chain([0]).nth(1).unwrap_or(0);
    let lines = text.get(start..)?.split_inclusive('\n').take(8);
    let mut line_start = start;
    for line in lines {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line.trim_end() == "=======" {
            return Some(problem(
                line_start,
                "the mark of a merge conflict",
                "settle the conflict and remove its marks",
            ));
        }
        line_start += line.len();
    }
    None
}

/// A line that belongs to no open list.
pub(super) fn expected_item(text: &str, at: usize) -> Problem {
    let before = text.get(..at).unwrap_or("");
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
    let dash = before.lines().rev().find(|line| line.trim_start().starts_with('-'));
    if dash.is_some_and(|line| line.len() - line.trim_start().len() != column) {
        return expected_key(text, at);
    }
    Problem::new(ProblemKind::Syntax, one(text, at), "`-` expected: the list before has this indentation")
        .help("indent it deeper than the list's key, or start it with `- `")
}

/// A line that belongs to no open mapping.
pub(super) fn expected_key(text: &str, at: usize) -> Problem {
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let before = text.get(line_start..at).unwrap_or("");
    let here = one(text, at);
    if before.trim_end().ends_with(['}', ']', '"', '\'']) {
        let problem = Problem::new(ProblemKind::Syntax, here, "text after a value that ended before it");
        return problem.help("put the whole value in quotes, if its brackets or quotes are text");
    }
    if before.trim() == "-" {
        let dash = line_start + before.len() - before.trim_start().len();
        let span = one(text, dash);
        let problem = Problem::new(ProblemKind::Syntax, span, "a list item where a key is expected");
        return problem.help("indent the list below its key, or write `key: value`");
    }
    if before.trim().is_empty() {
        let problem = Problem::new(ProblemKind::Syntax, here, "the indentation fits no line before it");
        return problem.help(format!("column {} is between two levels: indent it like its siblings", before.len() + 1));
    }
    Problem::new(ProblemKind::Syntax, here, "a key was expected").help("write `key: value`, indented like its siblings")
}
