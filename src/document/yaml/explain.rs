//! The parser's errors, said in the author's terms: what is the case, where exactly, and what to do.

use granit_parser::{ErrorKind, ScanError};

use super::super::problem::{Problem, ProblemKind};
use super::super::{Span, json, source};
use super::cause::{
    QUOTE_IT, bracket, colon, escape, expected_item, expected_key, in_brackets, missing_space, not_meant, one, opening,
    tab, unexpected,
};

const SPACES: &str = "indent with spaces; YAML allows no tabs there";

/// The problem behind an error of the parser.
pub(super) fn explain(text: &str, error: &ScanError) -> Problem {
    let at = source::floor(text, error.marker().byte_offset().unwrap_or(text.len()));
    let rest = text.get(at..).unwrap_or("");
    let one = one(text, at);
    let problem = |span: Span, message: &str, help: &str| {
        let problem = Problem::new(ProblemKind::Syntax, span, message);
        if help.is_empty() { problem } else { problem.help(help) }
    };
    if let Some(problem) = not_meant(text, at) {
        return problem;
    }
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => json::too_deep_problem(one),
        ErrorKind::UnexpectedCharacter { character } => unexpected(text, at, *character),
        ErrorKind::MappingValueNotAllowed => colon(text, at),
        ErrorKind::InvalidColonPlacement => in_brackets(text, at, "a key that needs a line of its own"),
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
        ErrorKind::ExpectedFlowMappingSeparator => in_brackets(text, at, "`,` or `}` expected"),
        ErrorKind::ExpectedFlowSequenceSeparator => in_brackets(text, at, "`,` or `]` expected"),
        ErrorKind::ExpectedBlockMappingKey => expected_key(text, at),
        ErrorKind::ExpectedBlockSequenceEntry => expected_item(text, at),
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
                super::cause::one(text, text.find('%').unwrap_or(at)),
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
