//! `standin lint`: what is wrong with documents.

use super::args::{Format, LintArgs};
use super::exit::{Exit, Failure};
use super::head::head;
use super::load::{Placed, Subject, any_at};
use super::plan::Plan;
use super::terminal::Streams;
use crate::finding::Severity;
use crate::report::{self, Counts};

/// Lints documents, as one server would serve them together: their findings are the result.
///
/// # Errors
/// When the text of one cannot be had, or a report cannot be written.
pub(crate) fn lint(args: &LintArgs, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    let placed = Placed::all(&args.documents)?;
    plan.spare(placed.iter().filter_map(|placed| placed.input.file()))?;
    let mut subject = Subject::load(placed, &Default::default(), &args.reading, &mut streams.input)?;
    subject.look_everywhere();

    plan.say(streams, &head(&subject));
    let json = report::findings(&subject.name(), &subject.findings);
    match plan.format {
        Format::Text => streams.out.text(&report::list(&subject.findings, usize::MAX, "")),
        Format::Json => streams.out.line(&format!("{json:#}")),
    }
    for file in plan.json_reports("lint")? {
        plan.write(file, &format!("{json:#}\n"))?;
    }
    let exit = match &subject.contract {
        None => Exit::Unusable,
        Some(_) if any_at(&subject.findings, Severity::Error) => Exit::Findings,
        Some(_) => Exit::Clean,
    };
    let counts = Counts::of(&subject.findings);
    let outcome = match exit {
        Exit::Unusable if subject.placed.len() > 1 => "    exit 3: none of the documents can be used",
        Exit::Unusable => "    exit 3: the document cannot be used",
        Exit::Findings => "    exit 1: findings",
        _ => "",
    };
    plan.say(streams, &format!("{counts}{outcome}\n").into());
    Ok(exit)
}
