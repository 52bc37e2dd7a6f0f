//! A command that ran beside a mock, for people.

use super::text::{Text, Tone, clean};
use crate::finding::{Floor, Grouped, Kind, Kinds, Refused, Run, Sessions, Took, Unmade, Unmatched, Verdicts, plural};

/// How many kinds of calls are told.
const TOLD: usize = 10;
/// How many sessions are named with each.
const NAMED: usize = 6;
/// Characters of the command that are shown in the first line.
const COMMAND: usize = 60;

/// What is said when the command has ended.
pub fn run_text(run: &Run) -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, "standin exec");
    let command = clean(&run.command.join(" ")).into_owned();
    let shown = match command.char_indices().nth(COMMAND) {
        Some((at, _)) => format!("{}…", &command[..at]),
        None => command,
    };
    text.plain(format!(": \"{shown}\" {} after {}", run.ended, Took(run.took)));
    text.plain(format!(
        "    {}, {}, {}\n",
        sessions(run.sessions),
        plural(run.calls, "call"),
        clean(&run.seeds.to_string())
    ));
    if run.calls == 0 {
        row(&mut text, Tone::Warning, "note", "no call came: does the command use the address in STANDIN_URL?");
    }
    kinds(&mut text, Tone::Error, "unmatched", &run.unmatched, unmatched);
    kinds(&mut text, Tone::Warning, "refused", &run.refused, |what| {
        let [what, sentence] = refused(what);
        [format!("{what} (warning)"), sentence]
    });
    kinds(&mut text, Tone::Error, "not made", &run.unmade, unmade);
    verdicts(&mut text, &run.verdicts);
    if run.icons > 0 {
        let calls = plural(run.icons, "call");
        row(&mut text, Tone::Plain, "beside", &format!("{calls} for /favicon.ico, which a browser makes of itself"));
    }
    row(&mut text, Tone::Plain, "coverage", &run.covered.to_string());
    for floor in run.floors.iter().filter(|floor| floor.is_of_nothing(&run.covered)) {
        row(&mut text, Tone::Warning, "note", &of_nothing(*floor));
    }
    row(&mut text, Tone::Plain, "again", &run.again);
    let tone = if run.exit.code == 0 { Tone::Strong } else { Tone::Error };
    text.push(tone, format!("exit {}", run.exit.code));
    text.plain(format!(": {}\n", clean(&run.exit.because.join(", "))));
    text
}

/// `50 sessions`; `more than 10,000 sessions`.
pub(super) fn sessions(sessions: Sessions) -> String {
    let more = if sessions.more { "more than " } else { "" };
    format!("{more}{}", plural(sessions.known, "session"))
}

fn row(text: &mut Text, tone: Tone, name: &str, content: &str) {
    text.push(tone, format!("  {name:11}"));
    text.plain(format!(" {}\n", clean(content)));
}

/// What became of what scenarios expect; nothing where they expect nothing.
fn verdicts(text: &mut Text, verdicts: &Verdicts) {
    if verdicts.is_empty() {
        return;
    }
    let tone = if verdicts.broken() > 0 { Tone::Error } else { Tone::Plain };
    row(text, tone, "verdicts", &verdicts.to_string());
    for broken in verdicts.broken.iter().take(TOLD) {
        row(text, Tone::Error, "  broken", &broken.to_string());
    }
    let more = verdicts.broken() - verdicts.broken.len().min(TOLD) as u64;
    if more > 0 {
        row(text, Tone::Error, "", &format!("and {} more broken", Grouped(more)));
    }
}

/// A row for each kind of calls; nothing where there was none.
fn kinds<K>(text: &mut Text, tone: Tone, name: &str, kinds: &Kinds<K>, said: fn(&K) -> [String; 2]) {
    if kinds.total == 0 {
        return;
    }
    text.push(tone, format!("  {name:11}"));
    text.plain(format!(" {}", Grouped(kinds.total)));
    let several = kinds.kinds.len() > 1 || kinds.beyond > 0;
    let told: Vec<[String; 3]> = kinds.kinds.iter().take(TOLD).map(|kind| columns(kind, several, said)).collect();
    let width = |column: usize| told.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for (index, [what, more, sessions]) in told.iter().enumerate() {
        let indent = match index {
            0 => "   ".to_owned(),
            _ => " ".repeat(17 + Grouped(kinds.total).to_string().len()),
        };
        let line = format!("{indent}{what:first$}   {more:second$}    {sessions}");
        text.plain(format!("{}\n", line.trim_end()));
    }
    let untold = kinds.kinds.len().saturating_sub(TOLD) as u64;
    if untold > 0 {
        let calls = kinds.kinds.iter().skip(TOLD).map(|kind| kind.count).sum::<u64>();
        let rest = format!("and {} ({}); a report has them", plural(untold, "kind"), plural(calls, "call"));
        text.plain(format!("{:14}{rest}\n", ""));
    }
    if kinds.beyond > 0 {
        text.plain(format!("{:14}and {} of more kinds than are told apart\n", "", plural(kinds.beyond, "call")));
    }
}

fn columns<K>(kind: &Kind<K>, several: bool, said: fn(&K) -> [String; 2]) -> [String; 3] {
    let count = if several { format!("{} × ", Grouped(kind.count)) } else { String::new() };
    let [what, more] = said(&kind.what);
    [format!("{count}{}", clean(&what)), clean(&more).into_owned(), named(kind)]
}

/// The sessions of a kind; nothing where there is only the one of those that name none.
fn named<K>(kind: &Kind<K>) -> String {
    if matches!(&*kind.sessions, [one] if &**one == "default") && !kind.more_sessions {
        return String::new();
    }
    let mut named: Vec<String> = kind.sessions.iter().take(NAMED).map(|session| clean(session).into_owned()).collect();
    let more = kind.sessions.len() - named.len();
    if more > 0 || kind.more_sessions {
        named.push(if kind.more_sessions { "…".to_owned() } else { format!("+{more}") });
    }
    named.join(" ")
}

/// What a call for no operation was, and what it may have meant.
pub(super) fn unmatched(what: &Unmatched) -> [String; 2] {
    let Unmatched { method, path, known_path, nearest, difference } = what;
    let nearest = nearest.as_ref().map(|nearest| match difference.as_str() {
        "" => format!("nearest: {nearest}"),
        difference => format!("nearest: {nearest} ({difference})"),
    });
    let no_method = known_path.then(|| "the path has no such method".to_owned());
    [format!("{method} {path}"), no_method.into_iter().chain(nearest).collect::<Vec<_>>().join("; ")]
}

/// Whose answer could not be made, and why.
pub(super) fn unmade(what: &Unmade) -> [String; 2] {
    [what.to_string(), what.sentence.clone()]
}

/// What there is to say of a share that is asked for of nothing.
pub(super) fn of_nothing(floor: Floor) -> String {
    format!("`--fail-under {floor}` asks for nothing: the document has no {}", floor.what.word())
}

/// What a refused call was answered with and for which operation, and what was wrong.
pub(super) fn refused(what: &Refused) -> [String; 2] {
    let operation = what.operation.as_deref().unwrap_or(what.why);
    let at = what.at().map(|at| format!(", {at}")).unwrap_or_default();
    [format!("{} {operation}{at}", what.status), what.sentence.clone()]
}
