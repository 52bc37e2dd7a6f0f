//! The parser's errors, said in the author's terms: what is the case, where exactly, and what to do.

use granit_parser::{ErrorKind, ScanError};

use super::super::problem::{Problem, ProblemKind};
use super::super::{Span, json, source};

const SPACES: &str = "indent with spaces; YAML allows no tabs there";
const QUOTE_IT: &str = "put the whole value in quotes";

/// The problem behind an error of the parser.
pub(super) fn explain(text: &str, error: &ScanError) -> Problem {
    let at = source::floor(text, error.marker().byte_offset().unwrap_or(text.len()));
    let rest = text.get(at..).unwrap_or("");
    let one = Span { start: at, end: at + rest.chars().next().map_or(0, char::len_utf8) };
    let problem = |span: Span, message: &str, help: &str| {
        let problem = Problem::new(ProblemKind::Syntax, span, message);
        if help.is_empty() { problem } else { problem.help(help) }
    };
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => json::too_deep_problem(one),
        ErrorKind::UnexpectedCharacter { character } => unexpected(text, at, *character),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => colon(text, at),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::InvalidMappingValueWhitespace => problem(tab(text, at), "a tab is used for indentation", SPACES),
        ErrorKind::MissingAnchorOrAliasName => {
            let sign = rest.chars().next().unwrap_or('*');
            let meaning = if sign == '&' { "an anchor" } else { "an alias" };
            let message = format!("`{sign}` starts {meaning} in YAML, and no name follows");
            problem(one, &message, &format!("if `{sign}` is meant, quote it: `\"{sign}\"`"))
        }
        ErrorKind::UnclosedQuotedScalar => {
            problem(one, "the quote that opens here is never closed", "close it, or remove it")
        }
        ErrorKind::DocumentIndicatorInQuotedScalar => problem(
            one,
            "a line `---` or `...` inside of a quoted text",
            "close the quote before it, or indent the line",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            problem(one, "text after the closing quote", "a quote inside of single quotes is written twice: `'it''s'`")
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            problem(one, "text after the closing quote", "a quote inside of double quotes is written `\\\"`")
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            let span = escape(text, at).unwrap_or(one);
            let message = format!("`{}` is no escape in double quotes", text.get(span.start..span.end).unwrap_or("\\"));
            problem(span, &message, "write a backslash as `\\\\`, or use single quotes, which have no escapes")
        }
        ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => problem(
            one,
            "an escape in these double quotes names no character",
            "single quotes have no escapes, if the text is meant",
        ),
        ErrorKind::UnclosedFlowCollection { open } => bracket(one, *open, "is never closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            bracket(one, *open, &format!("is closed by `{close}`"))
        }
        ErrorKind::UnexpectedEofFlowSequence => bracket(opening(text, at, '['), '[', "is never closed"),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            bracket(opening(text, at, '{'), '{', "is never closed")
        }
        ErrorKind::MisplacedFlowCollectionEnd => problem(
            one,
            &format!("`{}` closes nothing", text_of(text, one)),
            "remove it, or quote the text that it belongs to",
        ),
        ErrorKind::ExpectedFlowMappingSeparator => problem(
            one,
            "`,` or `}` expected in a mapping in braces",
            "a comma or a closing brace is missing before this place",
        ),
        ErrorKind::ExpectedFlowSequenceSeparator => problem(
            one,
            "`,` or `]` expected in a list in brackets",
            "a comma or a closing bracket is missing before this place",
        ),
        ErrorKind::ExpectedBlockMappingKey => expected_key(text, at),
        ErrorKind::ExpectedBlockSequenceEntry => problem(
            one,
            "`-` expected: the list before has this indentation",
            "indent it deeper than the list's key, or start it with `- `",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => problem(
            one,
            "a list item cannot start here",
            "start the list on a line of its own; quote a text that begins with `- `",
        ),
        ErrorKind::MappingKeyNotAllowed => {
            problem(one, "a key cannot start here", "start it on a line of its own; quote a text that begins with `? `")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let line = rest.lines().next().unwrap_or("").trim_end();
            let span = Span { start: at, end: at + line.len() };
            match missing_space(line) {
                Some(key) => {
                    problem(span, "this line is no `key: value`", &format!("put a space after the colon: `{key}: `"))
                }
                None => problem(
                    span,
                    "this line is no `key: value`",
                    "a `:` is missing, or the line should be indented deeper, as text that goes on",
                ),
            }
        }
        ErrorKind::InvalidBlockScalarHeader => problem(
            one,
            "text after `|` or `>` on the same line",
            "put the text on the lines below, indented; or quote it",
        ),
        ErrorKind::InvalidBlockScalarIndent | ErrorKind::ZeroBlockScalarIndent => problem(
            one,
            "the first lines of this text are indented deeper than the rest",
            "indent all lines alike, or say how far: `|2`",
        ),
        ErrorKind::InvalidIndentation | ErrorKind::InvalidQuotedScalarIndent | ErrorKind::InvalidFlowScalarIndent => {
            problem(one, "the indentation fits nothing before it", "indent it like its siblings")
        }
        ErrorKind::BomInsideDocument => {
            problem(one, "a byte-order mark (U+FEFF) in the midst of the text", "remove the invisible character")
        }
        ErrorKind::ExpectedDocumentStart
        | ErrorKind::InvalidDocumentEnd
        | ErrorKind::MissingDocumentEndBeforeDirective => match text.trim_start_matches('\u{feff}').starts_with('%') {
            true => problem(
                Span { start: 0, end: 1 },
                "`%` starts a directive in YAML, and `---` must follow it",
                "put a key that begins with `%` in quotes",
            ),
            false => problem(
                one,
                "something follows the end of the document",
                "remove it, or indent it as a part of what is before",
            ),
        },
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => problem(
            one,
            "a comment stands in the way",
            "put a space before `#`, and no comment inside of a text of several lines; quote a `#` that is text",
        ),
        ErrorKind::PlainScalarStartsWithDashFlowIndicator
        | ErrorKind::FlowMappingValueAdjacentCollection
        | ErrorKind::ExpectedNodeContent => problem(one, "a value was expected", QUOTE_IT),
        ErrorKind::ExpectedTagBang
        | ErrorKind::UndeclaredTagHandle
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::InvalidGlobalTagCharacter
        | ErrorKind::InvalidTagEscape
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::MissingTagUri => problem(one, "`!` starts a tag in YAML, and this is none", QUOTE_IT),
        other => problem(one, &format!("not YAML: {}", words(&format!("{other:?}"))), ""),
    }
}

fn text_of(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or("")
}

/// `InvalidYamlVersion` as `invalid yaml version`; what is in braces is left out.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars().take_while(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn bracket(span: Span, open: char, what: &str) -> Problem {
    let problem = Problem::new(ProblemKind::Syntax, span, format!("the `{open}` that opens here {what}"));
    problem.help(format!("close it; or quote the text, if it only begins with `{open}`"))
}

/// The last such bracket before a place.
fn opening(text: &str, at: usize, bracket: char) -> Span {
    let start = text.get(..at).and_then(|before| before.rfind(bracket)).unwrap_or(at);
    Span { start, end: (start + 1).min(text.len()) }
}

/// The tab at or after a place; else the place.
fn tab(text: &str, at: usize) -> Span {
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
    Span { start, end: (start + 1).min(text.len()) }
}

/// The first escape that YAML does not know, after a place.
fn escape(text: &str, at: usize) -> Option<Span> {
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

fn unexpected(text: &str, at: usize, character: char) -> Problem {
    // The parser names the start of the text that has it.
    let start = text.get(at..).and_then(|rest| rest.find(character)).map_or(at, |found| at + found);
    let span = Span { start, end: (start + character.len_utf8()).min(text.len()) };
    if matches!(character, '@' | '`' | '%') {
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let value = line.split(" #").next().unwrap_or("").trim_end();
        let help = if value.len() > 40 || value.contains('\'') {
            QUOTE_IT.to_owned()
        } else {
            format!("quote it: `'{value}'`")
        };
        let message = format!("a value cannot start with `{character}` unless it is quoted");
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
fn missing_space(line: &str) -> Option<&str> {
    let (key, value) = line.split_once(':')?;
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-$.".contains(c));
    (word && !value.starts_with([' ', '/']) && !value.is_empty()).then_some(key)
}

/// A colon that makes a key where none can be: several causes look alike to the parser.
fn colon(text: &str, at: usize) -> Problem {
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let before = text.get(line_start..at).unwrap_or("");
    let key_start = line_start + (before.len() - before.trim_start().len());
    let colon = Span { start: at, end: (at + 1).min(text.len()) };
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
    let previous_start = line_start.saturating_sub(previous.len() + 1);
    let trimmed = previous.trim_start().trim_start_matches("- ").trim_start();
    if let Some(key) = missing_space(trimmed.trim_end()) {
        let start = previous_start + (previous.len() - trimmed.len()) + key.len();
        let problem = Problem::new(ProblemKind::Syntax, Span { start, end: start + 1 }, "no space after the colon");
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

/// A line that belongs to no open mapping.
fn expected_key(text: &str, at: usize) -> Problem {
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let before = text.get(line_start..at).unwrap_or("");
    let rest = text.get(at..).unwrap_or("");
    let one = Span { start: at, end: at + rest.chars().next().map_or(0, char::len_utf8) };
    if before.trim_end().ends_with(['}', ']', '"', '\'']) {
        let problem = Problem::new(ProblemKind::Syntax, one, "text after a value that ended before it");
        return problem.help("put the whole value in quotes, if its brackets or quotes are text");
    }
    if before.trim().is_empty() || before.trim() == "-" {
        let problem = Problem::new(ProblemKind::Syntax, one, "the indentation fits no line before it");
        return problem.help(format!(
            "column {} is between two levels, or a list stands beside keys: indent it like its siblings",
            before.len() + 1
        ));
    }
    Problem::new(ProblemKind::Syntax, one, "a key was expected").help("write `key: value`, indented like its siblings")
}
