//! One finding, as editors and people read it.

use super::text::{Text, Tone, clean, powerful};
use super::width::width;
use crate::finding::{Finding, Place};

/// The columns of a source line that are shown at most.
const SHOWN: usize = 100;
/// The columns before the caret that are kept when a line is cut.
const BEFORE: usize = 40;
/// The columns that a tab takes.
const TAB: usize = 4;

/// The finding on lines of its own: `file:line:column: error[rule]: sentence`, the source line with a caret under what is
/// meant, and the remedy. Ends in a line break. Without a place it begins with the severity and has no source line.
pub fn diagnostic(finding: &Finding) -> Text {
    let mut text = Text::default();
    if let Some(place) = &finding.place {
        text.push(Tone::Strong, format!("{}: ", clean(&place.to_string())));
    }
    let tone = Tone::from(finding.severity);
    text.push(tone, format!("{}[{}]", finding.severity, finding.rule.id));
    text.push(Tone::Strong, format!(": {}", clean(&finding.sentence)));
    text.plain("\n");
    if let Some(place) = &finding.place {
        snippet(place, tone, &mut text);
    }
    if let Some(help) = &finding.help {
        text.push(Tone::Faint, "help: ");
        text.plain(format!("{}\n", clean(help)));
    }
    text
}

/// The source line and the carets under it; nothing where the line is blank.
fn snippet(place: &Place, tone: Tone, text: &mut Text) {
    let (number, _) = place.line_column();
    let (line, at) = place.source.line_around(place.span.start);
    if line.trim_start().is_empty() {
        return;
    }
    // No more than is shown: a document may be one line, and what is meant all of it.
    let meant: String =
        place.source.slice(place.span).chars().take(SHOWN).take_while(|c| !"\r\n".contains(*c)).collect();
    let cut = Cut::around(line, at, meant.trim_end().chars().count());
    let number = number.to_string();
    text.push(Tone::Faint, format!(" {number} | "));
    text.plain(format!("{}\n", cut.shown));
    text.push(Tone::Faint, format!(" {:1$} | ", "", number.len()));
    text.push(tone, format!("{}{}\n", " ".repeat(cut.indent), "^".repeat(cut.carets)));
}

/// The part of a line that is shown.
struct Cut {
    shown: String,
    /// Columns before the first caret.
    indent: usize,
    /// At least one.
    carets: usize,
}

impl Cut {
    /// What is shown of a line for the `meant` characters that start at the byte `at`.
    fn around(line: &str, at: usize, meant: usize) -> Cut {
        let (before, after) = line.split_at_checked(at).unwrap_or((line, ""));
        let fits = line.len() <= 4 * SHOWN && columns(line) <= SHOWN;

        let mut head: Vec<char> = before.chars().rev().collect_within(if fits { usize::MAX } else { BEFORE });
        head.reverse();
        let mut shown = String::new();
        if before.chars().nth(head.len()).is_some() && !fits {
            shown.push('…');
        }
        let mut indent = shown.chars().count();
        for c in head {
            indent += show(c, &mut shown);
        }

        let tail: Vec<char> = after.chars().collect_within(if fits { usize::MAX } else { SHOWN - indent.min(SHOWN) });
        let mut carets = 0;
        for (index, c) in tail.iter().enumerate() {
            let columns = show(*c, &mut shown);
            carets += if index < meant { columns } else { 0 };
        }
        if after.chars().nth(tail.len()).is_some() {
            shown.push('…');
        }
        Cut { shown, indent, carets: carets.max(1) }
    }
}

trait Within: Iterator<Item = char> + Sized {
    /// The first characters, as many as fit in so many columns.
    fn collect_within(self, limit: usize) -> Vec<char> {
        let mut taken: usize = 0;
        self.take_while(|c| {
            taken = taken.saturating_add(taken_by(*c));
            taken <= limit
        })
        .collect()
    }
}

impl<I: Iterator<Item = char>> Within for I {}

fn columns(line: &str) -> usize {
    line.chars().map(taken_by).sum()
}

fn taken_by(c: char) -> usize {
    match c {
        '\t' => TAB,
        c if powerful(c) => 1,
        c => width(c),
    }
}

/// Adds a character in a form that takes its columns and does nothing else; returns the columns.
fn show(c: char, out: &mut String) -> usize {
    match c {
        '\t' => out.extend(std::iter::repeat_n(' ', TAB)),
        c if powerful(c) => out.push('\u{fffd}'),
        c => out.push(c),
    }
    taken_by(c)
}

#[cfg(test)]
mod tests {
    use super::diagnostic;
    use crate::document::{Source, Span};
    use crate::finding::{Finding, Place};

    /// The diagnostic for the part of a text between `«` and `»`.
    fn shown(marked: &str) -> String {
        let start = marked.find('«').unwrap();
        let end = marked.find('»').unwrap() - '«'.len_utf8();
        let source = Source::new("api.yaml", marked.replace(['«', '»'], ""));
        let place = Place { source, span: Span { start, end } };
        let finding = Finding::new("dangling-ref", "`#/x` leads nowhere").at(Some(place)).help("mend it");
        diagnostic(&finding).to_string()
    }

    #[test]
    fn the_place_the_line_a_caret_and_the_remedy() {
        insta::assert_snapshot!(shown("a: 1\nb:\n  $ref: «'#/x'»\n"), @r"
        api.yaml:3:9: error[dangling-ref]: `#/x` leads nowhere
         3 |   $ref: '#/x'
           |         ^^^^^
        help: mend it
        ");
    }

    #[test]
    fn tabs_and_wide_characters_keep_the_caret_in_place() {
        insta::assert_snapshot!(shown("\t名前\u{1b}: «日本\te\u{301}»x"), @r"
        api.yaml:1:7: error[dangling-ref]: `#/x` leads nowhere
         1 |     名前�: 日本    éx
           |            ^^^^^^^^^
        help: mend it
        ");
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let long = format!("{{{}, \"b\": «{{\"c\": 1}}»{}}}", "\"a\": [0]".repeat(40), ", \"d\": 2".repeat(40));
        insta::assert_snapshot!(shown(&long), @r#"
        api.yaml:1:329: error[dangling-ref]: `#/x` leads nowhere
         1 | …]"a": [0]"a": [0]"a": [0]"a": [0], "b": {"c": 1}, "d": 2, "d": 2, "d": 2, "d": 2, "d": 2, "d": 2, "…
           |                                          ^^^^^^^^
        help: mend it
        "#);
    }

    #[test]
    fn a_span_of_many_lines_is_underlined_on_its_first_and_an_empty_one_by_one_caret() {
        let lines = |text: &str| shown(text).lines().nth(2).map(str::to_owned);
        assert_eq!(lines("a: «{\n  b: 1,\n}»").as_deref(), Some("   |    ^"));
        assert_eq!(lines("a: «»").as_deref(), Some("   |    ^"));
        assert_eq!(lines("«»"), None);
    }

    #[test]
    fn any_span_of_any_text_is_shown() {
        let source = Source::new("a", "\u{feff}a\r\n\t€\n\n\u{202e}b");
        for start in 0..source.text().len() + 2 {
            for end in start..source.text().len() + 3 {
                let place = Place { source: source.clone(), span: Span { start, end } };
                let text = diagnostic(&Finding::new("syntax", "x\ny").at(Some(place))).to_string();
                assert!(text.lines().count() <= 3 && !text.contains('\u{202e}'), "{text}");
            }
        }
    }
}
