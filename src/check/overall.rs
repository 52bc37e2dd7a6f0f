//! Findings about the run as a whole.

use super::fold::fingerprint;
use super::{Live, Mode, Plan};
use crate::finding::{Difference, Finding, Severity, Summary, rule};

/// The one finding there is when every answer is a 404 that the document does not describe.
pub(super) fn wrong_base_url(plan: &Plan, live: &Live, answers: u64, example: Option<&str>) -> Difference {
    let bases = plan.contract.base_paths();
    let base = bases.iter().find(|base| !base.is_empty());
    let all = if answers == 1 { "the only answer is".to_owned() } else { format!("all {answers} answers are") };
    let sentence = format!(
        "{all} 404 in a form that the document does not describe: `{}` is probably not where the API is",
        live.url
    );
    let help = match (live.url.path.as_str(), base) {
        ("", Some(base)) => {
            format!("requests went to `{}{base}`; give the right path in `--url`: it then replaces `{base}`", live.url)
        }
        ("", None) => "the document gives no base path; if the API lives under one, give it in `--url`".to_owned(),
        (path, Some(base)) if path.trim_end_matches('/') == *base => {
            format!("`{base}` is the document's own base path; is another program at `{}`?", live.url.origin)
        }
        (path, Some(base)) => {
            format!("`{path}` took the place of the document's `{base}`; without a path, `--url` appends that")
        }
        (path, None) => format!("requests went below `{path}`; if the API lives elsewhere, give that path in `--url`"),
    };
    let mut whole = whole(
        "wrong-base-url",
        sentence,
        Some(help),
        rule("wrong-base-url").map_or(Severity::Error, |rule| rule.severity),
    );
    whole.answer = example.unwrap_or_default().to_owned();
    (whole.seen, whole.of) = (answers, answers);
    whole
}

/// The finding there is when nothing could be judged.
pub(super) fn nothing_judged(plan: &Plan, summary: &Summary) -> Difference {
    let records = &summary.records;
    let skipped = records.skipped() > 0;
    let (sentence, help) = match () {
        () if records.total() == 0 => ("the traffic holds no record".to_owned(), "record some requests first"),
        () if skipped => (
            "no request was sent: those that are for an operation write, or are not known to be valid".to_owned(),
            "`--allow-writes` sends them; `--offline` judges the recorded answers",
        ),
        () if records.not_selected > 0 => {
            ("no record is for an operation that was asked for".to_owned(), "see `--only` and `--skip`")
        }
        () if records.unrouted > 0 => (
            "no record is for an operation of the document".to_owned(),
            "is it traffic of this API, recorded under its base path?",
        ),
        () if records.other_host > 0 => {
            ("every record is of another host than the document's servers".to_owned(), "is it traffic of this API?")
        }
        () => ("no record is a call of the API".to_owned(), "is it traffic of this API?"),
    };
    let severity = if skipped && matches!(plan.mode, Mode::Live(_)) { Severity::Warning } else { Severity::Error };
    whole("nothing-judged", sentence, Some(help.to_owned()), severity)
}

fn whole(id: &'static str, sentence: String, help: Option<String>, severity: Severity) -> Difference {
    let mut finding = Finding::new(id, sentence).as_severity(severity);
    finding.help = help;
    Difference {
        finding,
        request: String::new(),
        status: None,
        part: None,
        name: String::new(),
        pointer: String::new(),
        keyword: "run",
        expected: None,
        got: None,
        answer: String::new(),
        again: None,
        seen: 1,
        of: 1,
        fingerprint: fingerprint(&[id]),
        record: None,
    }
}
