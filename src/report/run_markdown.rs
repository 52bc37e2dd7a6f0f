//! A command that ran beside a mock, as Markdown: for the summary of a CI step, or a comment.

use super::run_text::{of_nothing, refused, sessions, unmade, unmatched};
use super::text::clean;
use crate::finding::{Expected, Grouped, Kind, Kinds, Run, Took, plural};

/// How many rows a table has.
const ROWS: usize = 50;
/// How much of what was never met is listed.
const NEVER: usize = 200;

/// The text, with an empty line at its end: more may follow.
pub fn run_markdown(run: &Run) -> String {
    let mut out = String::new();
    let line = |out: &mut String, text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(&mut out, format!("## standin exec: exit {}\n", run.exit.code));
    let (calls, seen) = (plural(run.calls, "call"), sessions(run.sessions));
    let command = code(&run.command.join(" "));
    line(
        &mut out,
        format!(
            "{command} {} after {}: {seen}, {calls}, {}\n",
            run.ended,
            Took(run.took),
            plain(&run.seeds.to_string())
        ),
    );
    let because: Vec<String> = run.exit.because.iter().map(|why| plain(why)).collect();
    line(&mut out, format!("**{}**\n", because.join(", ")));
    table(&mut out, ["unmatched", "remark"], &run.unmatched, unmatched);
    table(&mut out, ["refused (warnings)", "remark"], &run.refused, refused);
    table(&mut out, ["could not be made", "why"], &run.unmade, unmade);
    if !run.verdicts.is_empty() {
        line(&mut out, "| expected of the client | kept | broken | not decided |\n|---|---:|---:|---:|".to_owned());
        for expected in run.verdicts.expectations.iter().take(ROWS) {
            let Expected { kept, broken, not_decided, .. } = expected;
            line(&mut out, format!("| {} | {kept} | {broken} | {not_decided} |", about(expected)));
        }
        line(&mut out, rest(run.verdicts.expectations.len()));
        for broken in run.verdicts.broken.iter().take(ROWS) {
            line(&mut out, format!("- {}", sentence(&broken.to_string())));
        }
        if !run.verdicts.broken.is_empty() {
            let more = run.verdicts.broken() - run.verdicts.broken.len().min(ROWS) as u64;
            line(&mut out, if more > 0 { format!("- and {} more broken\n", Grouped(more)) } else { String::new() });
        }
    }
    let covered = &run.covered;
    let shares = crate::finding::Measure::ALL.map(|measure| format!("{} {}", measure.word(), measure.share(covered)));
    line(&mut out, format!("Coverage: {}\n", shares.join(", ")));
    for floor in run.floors.iter().filter(|floor| floor.is_of_nothing(covered)) {
        line(&mut out, format!("Note: {}\n", sentence(&of_nothing(*floor))));
    }
    let mut never = covered.never();
    let named: Vec<String> = never.by_ref().take(NEVER).map(|name| format!("- {}", sentence(&name))).collect();
    if !named.is_empty() {
        line(&mut out, format!("<details><summary>Never met</summary>\n\n{}", named.join("\n")));
        let more = never.count();
        line(
            &mut out,
            if more > 0 { format!("- and {more} more\n\n</details>\n") } else { "\n</details>\n".to_owned() },
        );
    }
    let fence = "`".repeat(longest_run(&run.again).max(2) + 1);
    line(&mut out, format!("Again:\n\n{fence}sh\n{}\n{fence}\n", clean(&run.again)));
    out
}

fn about(expected: &Expected) -> String {
    let operation = expected.operation.as_deref().unwrap_or("*");
    format!("{}:{} {} {}", plain(&expected.scenario), expected.line, plain(operation), code(&expected.expectation))
}

/// A table of kinds of calls; nothing where there was none.
fn table<K>(out: &mut String, heads: [&str; 2], kinds: &Kinds<K>, told: fn(&K) -> [String; 2]) {
    if kinds.total == 0 {
        return;
    }
    let [what, more] = heads;
    out.push_str(&format!("| {what}: {} | {more} | calls | sessions |\n|---|---|---:|---|\n", Grouped(kinds.total)));
    for Kind { what, count, sessions, more_sessions } in kinds.kinds.iter().take(ROWS) {
        let [what, more] = told(what);
        let named: Vec<String> = sessions.iter().map(|session| plain(session)).collect();
        let dots = if *more_sessions { " …" } else { "" };
        out.push_str(&format!("| {} | {} | {count} | {}{dots} |\n", code(&what), sentence(&more), named.join(" ")));
    }
    out.push_str(&rest(kinds.kinds.len()));
    if kinds.beyond > 0 {
        out.push_str(&format!("\nand {} of other kinds\n", plural(kinds.beyond, "call")));
    }
    out.push('\n');
}

/// How many rows are left out.
fn rest(rows: usize) -> String {
    if rows > ROWS { format!("\nand {} more\n", rows - ROWS) } else { String::new() }
}

/// A text that is shown as it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        if "\\`*_{}[]<>|#~!&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A sentence with backticks around what is code.
fn sentence(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        1 if !part.is_empty() => code(part),
        _ => plain(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// A text as code, also in a table.
fn code(text: &str) -> String {
    let text = clean(text).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    // A blank keeps ticks at the ends apart from those around.
    let space = if ticks.len() > 1 { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// The longest row of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{code, plain, sentence};

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(plain("a*b_c <script> [x](y) | `z`\n# h"), r"a\*b\_c \<script\> \[x\](y) \| \`z\`\\n\# h");
        assert_eq!(code("GET /a|b"), "`GET /a\\|b`");
        assert_eq!(code("`x` y"), "`` `x` y ``");
        assert_eq!(code("a``b"), "``` a``b ```");
        assert_eq!(sentence("`a*`, not `b|c` *"), r"`a*`, not `b\|c` \*");
        assert_eq!(sentence("`a` <b> ` c"), r"\`a\` \<b\> \` c");
    }
}
