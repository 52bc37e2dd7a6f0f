//! A check, for people.

use super::text::{Text, Tone, clean};
use crate::finding::{Difference, Event, Judged, OperationCounts, Severity, Start, Summary, Verdict, plural};

/// How many names a line lists.
const LISTED: usize = 6;
/// Characters of a line of the document.
const SOURCE: usize = 100;
/// The longest line of the document that is taken whole, in bytes: it may be one line.
const LINE: usize = 1_000;

/// Turns events into lines, one event after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckText {
    /// Tell each record as it is judged.
    pub each: bool,
}

impl CheckText {
    /// What is to be printed for an event; may be empty.
    pub fn lines(&self, event: &Event) -> Text {
        match event {
            Event::Started(start) => started(start),
            Event::Judged(judged) if self.each => one(judged),
            Event::Judged(_) => Text::default(),
            Event::Lost { record, line, why } => {
                let mut text = Text::default();
                text.push(Tone::Error, "lost");
                let line = if *line > 0 { format!(", line {line}") } else { String::new() };
                text.plain(format!("   {}{line}: {}\n", clean(&record.to_string()), clean(why)));
                text
            }
            Event::Failed(failure) => {
                let mut text = Text::default();
                text.push(Tone::Error, "error");
                text.push(Tone::Strong, format!(": {}\n", clean(&failure.sentence)));
                if let Some(help) = &failure.help {
                    text.push(Tone::Faint, "help: ");
                    text.plain(format!("{}\n", clean(help)));
                }
                text
            }
            Event::Found(difference) => found(difference),
            Event::Finished(summary) => finished(summary),
        }
    }
}

/// The first line names the document and where requests go, and says so when not all of them go.
fn started(start: &Start) -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, concat!("standin ", env!("CARGO_PKG_VERSION")));
    let operations = plural(start.operations as u64, "operation");
    text.plain(format!("   {}   {} {}, {operations}", clean(&start.document), start.language, clean(&start.version)));
    match &start.example {
        Some(example) => text.plain(format!("   at {}", clean(example))),
        None => text.plain("   judging what was recorded, nothing is sent"),
    }
    if let Some(why) = &start.reads_only {
        text.push(Tone::Warning, format!("   only GET, HEAD, OPTIONS, QUERY and valid requests: {}", clean(why)));
    }
    let files: Vec<_> = start.traffic.iter().map(|file| clean(file)).collect();
    text.plain(format!("\n  traffic   {}   {}\n\n", files.join(" "), plural(start.records, "record")));
    text
}

fn one(judged: &Judged) -> Text {
    let (tone, word) = match judged.verdict {
        Verdict::Valid => (Tone::Plain, "ok"),
        Verdict::Invalid => (Tone::Error, "differs"),
        Verdict::NotDecided => (Tone::Warning, "not decided"),
    };
    let mut text = Text::default();
    text.push(tone, format!("{word:11}"));
    let status = judged.status.map_or("–".to_owned(), |status| status.to_string());
    let recorded = match judged.recorded {
        Some(recorded) if Some(recorded) != judged.status => format!(" (recorded {recorded})"),
        _ => String::new(),
    };
    text.plain(format!("  {status}{recorded}  {}  {}\n", clean(&judged.operation), clean(&judged.record.to_string())));
    text
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Note => Tone::Note,
        Severity::Warning => Tone::Warning,
        Severity::Error => Tone::Error,
    }
}

fn found(difference: &Difference) -> Text {
    let finding = &difference.finding;
    let mut text = Text::default();
    text.push(tone(finding.severity), finding.severity.word());
    text.push(Tone::Strong, format!("  {}", finding.rule.id));
    if let Some(operation) = &finding.operation {
        text.plain(format!("  {}", clean(operation)));
    }
    if !difference.request.is_empty() && finding.operation.as_deref() != Some(&*difference.request) {
        text.plain(format!("  {}", clean(&difference.request)));
    }
    if finding.operation.is_some() {
        text.plain(format!("      {} of {}", difference.seen, plural(difference.of, "answer")));
    }
    text.push(Tone::Faint, format!("   {}\n", difference.fingerprint));
    row(&mut text, "what", &finding.sentence);
    // A note takes two lines: it is not what a reader came for.
    if finding.severity == Severity::Note {
        return text;
    }
    if let Some(place) = &finding.place {
        let source = place.source.excerpt(place.span.start, LINE);
        row(&mut text, "document", &format!("{place}   {}", cut(source, SOURCE)));
    }
    if !difference.answer.is_empty() {
        row(&mut text, "got", &difference.answer);
    }
    if let Some(again) = &difference.again {
        row(&mut text, "again", again);
    }
    if let Some(help) = &finding.help {
        let more = format!("       standin explain {}", finding.rule.id);
        row(&mut text, "remedy", &format!("{help}{more}"));
    }
    text.plain("\n");
    text
}

fn row(text: &mut Text, name: &str, content: &str) {
    text.push(Tone::Faint, format!("  {name:9} "));
    text.plain(format!("{}\n", clean(content)));
}

fn finished(summary: &Summary) -> Text {
    let mut text = Text::default();
    if summary.notes > 0 {
        text.plain("\n");
    }
    let records = &summary.records;
    let all = summary.operations.len();
    let sent = if summary.sent > 0 { plural(summary.sent, "request") } else { plural(records.judged(), "record") };
    text.push(Tone::Strong, format!("{} of {}", summary.operations_checked(), plural(all as u64, "operation")));
    text.plain(format!(" checked, {sent}, {:.1} s, seed {}    ", summary.took.as_secs_f64(), summary.seed));
    let tone = summary.worst().map_or(Tone::Plain, tone);
    text.push(tone, format!("{}, {}", plural(summary.errors, "error"), plural(summary.warnings, "warning")));
    if summary.notes > 0 {
        text.plain(format!(", {}", plural(summary.notes, "note")));
    }
    text.plain(format!(", {} not decided\n", records.not_decided));
    text.plain(counts(summary));

    let skipped: Vec<&OperationCounts> = summary.operations.iter().filter(|one| one.only_skipped()).collect();
    let why = summary.reads_only.as_deref().unwrap_or("not asked for");
    let writes = skipped.iter().filter(|one| one.skipped_writes > 0).count();
    if writes > 0 {
        text.plain(format!("{writes} not called: they write, and {}\n", clean(why)));
    }
    if skipped.len() > writes {
        let number = skipped.len() - writes;
        text.plain(format!("{number} not called: the requests are not known to be valid, and {}\n", clean(why)));
    }
    if records.skipped() > 0 {
        let left_out = format!("{} left out: {} write", records.skipped(), records.skipped_writes);
        text.plain(format!("{left_out}, {} are not known to be valid\n", records.skipped_invalid));
    }
    proved_little(summary, &mut text);
    if summary.other_status > 0 {
        text.plain(format!("{} had another status than was recorded\n", plural(summary.other_status, "answer")));
    }
    for (word, counted) in
        [("not decided", &summary.undecided), ("no operation", &summary.unrouted), ("remark", &summary.remarks)]
    {
        for one in counted {
            text.push(Tone::Faint, format!("{word}: "));
            text.plain(format!("{} × {}\n", one.count, clean(&one.what)));
        }
    }
    if summary.not_shown > 0 {
        text.plain(format!("{} more findings are not shown\n", summary.not_shown));
    }
    text
}

/// Where every record went; what did not occur is left out.
fn counts(summary: &Summary) -> String {
    let records = &summary.records;
    let parts = [
        (records.valid, "as documented"),
        (records.invalid, "not as documented"),
        (records.not_decided, "not decided"),
        (records.skipped(), "not sent"),
        (records.not_selected, "for operations not asked for"),
        (records.unrouted, "for no operation"),
        (records.other_host, "of other hosts"),
        (records.page, "of pages"),
        (records.preflight, "of preflights"),
        (records.not_http, "not HTTP"),
        (records.lost, "lost"),
        (records.not_reached, "not reached"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    format!(
        "{}: {}\n",
        plural(records.total(), "record"),
        if told.is_empty() { "nothing".into() } else { told.join(", ") }
    )
}

fn proved_little(summary: &Summary, text: &mut Text) {
    let little: Vec<&OperationCounts> = summary.operations.iter().filter(|one| one.proved_little()).collect();
    if little.is_empty() {
        return;
    }
    let mut told: Vec<String> = little
        .iter()
        .take(LISTED)
        .map(|one| {
            let statuses: Vec<String> = one.statuses.keys().map(u16::to_string).collect();
            format!("{} answered only {}", clean(&one.key), statuses.join(", "))
        })
        .collect();
    if little.len() > LISTED {
        told.push(format!("and {} more", little.len() - LISTED));
    }
    text.plain(format!("{} proved little: {}\n", little.len(), told.join("; ")));
}

fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
