//! `standin lint`: what is wrong with documents, with the scenarios for them, and with settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{self, Format, LintArgs, SchemaOf};
use super::config::{self, Config};
use super::exit::{Exit, Failure};
use super::explain::meant;
use super::head::head;
use super::load::{Placed, Sources, Subject, any_at, sort};
use super::plan::Plan;
use super::resources;
use super::stories::Story;
use super::terminal::Streams;
use crate::contract::Contract;
use crate::document::Document;
use crate::finding::{Finding, Severity, plural};
use crate::message::Moment;
use crate::mock::{Mock, Options, Stateful};
use crate::report::{self, Counts, clean};
use crate::scenario::{Scenario, editor_schema};

/// Lints documents, as one server would serve them together, and what goes with them: the findings are the result.
///
/// # Errors
/// When the text of one cannot be had, or a report cannot be written.
pub(crate) fn lint(args: &LintArgs, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    if let Some(of) = args.schema {
        let schema = match of {
            SchemaOf::Config => config::schema(&args::line()),
            SchemaOf::Scenario => editor_schema(),
        };
        streams.out.line(&format!("{schema:#}"));
        return Ok(Exit::Clean);
    }
    let given = Given::sorted(&args.documents)?;
    plan.spare(args.documents.iter().map(PathBuf::as_path))?;
    let (mut findings, mut name, mut exit) = (Vec::new(), Vec::new(), Exit::Clean);
    if !given.documents.is_empty() || !given.stories.is_empty() || given.settings.is_empty() {
        let placed = match (given.documents.as_slice(), given.stories.first()) {
            ([], Some(story)) => vec![Placed { path: String::new(), input: meant(story.source.name()) }],
            (documents, _) => Placed::all(documents)?,
        };
        let mut subject =
            Subject::load(placed, &Default::default(), &mut Sources::new(&args.reading), &mut streams.input)?;
        subject.look_everywhere();
        plan.say(streams, &head(&subject));
        name.push(subject.name());
        for story in &given.stories {
            name.push(story.source.name().to_owned());
            let Some(contract) = &subject.contract else { continue };
            if story.is_store() {
                let found = story.check_store(contract);
                if any_at(&found, Severity::Error) {
                    exit = Exit::Unusable;
                }
                subject.findings.extend(found);
                continue;
            }
            let (scenario, found) = story.read(contract, &|_| {});
            subject.findings.extend(found);
            match scenario {
                Some(scenario) => {
                    let stateful = resources::stateful(&args.keeping, contract)?;
                    let found = rehearsed(scenario, contract.clone(), stateful, plan, streams);
                    subject.findings.extend(found);
                }
                None => exit = Exit::Unusable,
            }
        }
        if subject.contract.is_none() {
            exit = Exit::Unusable;
        }
        findings.append(&mut subject.findings);
    }
    for path in &given.settings {
        name.push(path.display().to_string());
        let found = Config::findings(&args::line(), path)?;
        if !found.is_empty() && exit == Exit::Clean {
            exit = Exit::Usage;
        }
        findings.extend(found);
    }
    sort(&mut findings);
    if exit == Exit::Clean && any_at(&findings, Severity::Error) {
        exit = Exit::Findings;
    }
    tell(&findings, &name.join(", "), exit, plan, streams)
}

/// What shows of a scenario only once it is told: what its merges and templates come to, and whether its steps come out as they say.
fn rehearsed(
    scenario: Scenario,
    contract: Arc<Contract>,
    stateful: Option<Stateful>,
    plan: &Plan,
    streams: &mut Streams,
) -> Vec<Finding> {
    let scenario = Arc::new(scenario);
    let options =
        Options { seed: plan.seed, seed_for_all: plan.seed_given, now: plan.now, stateful, ..Options::default() };
    let (mock, mut findings) = Mock::new(contract, options, vec![scenario.clone()], vec![scenario.clone()]);
    if scenario.steps.is_empty() {
        return findings;
    }
    let wall_ns = i64::try_from(plan.now.as_nanosecond()).unwrap_or_default();
    let (mut calls, mut taken) = (0, 0);
    let found = mock.rehearse(&scenario, Moment { wall_ns, mono_ns: 0 }, |step, _| {
        (calls, taken) = (calls + 1, step.number);
    });
    let outcome = match found.iter().any(|finding| finding.severity == Severity::Error) {
        true => "not as they say",
        false => "as they say",
    };
    let of = scenario.steps.len();
    let steps = if of == taken { plural(of as u64, "step") } else { format!("{taken} of {of} steps") };
    let line = format!("{}    {steps}, {}: {outcome}\n", clean(&scenario.name), plural(calls, "call"));
    plan.say(streams, &line.into());
    findings.extend(found);
    findings
}

/// What was given, by what it is.
struct Given {
    documents: Vec<PathBuf>,
    stories: Vec<Story>,
    settings: Vec<PathBuf>,
}

impl Given {
    /// A file whose text is a scenario, or has replies for several, is one; settings go by their name; all else are documents.
    fn sorted(paths: &[PathBuf]) -> Result<Given, Failure> {
        let mut given = Given { documents: Vec::new(), stories: Vec::new(), settings: Vec::new() };
        for path in paths {
            if config::is_named(path) {
                given.settings.push(path.clone());
            } else if is_scenario(path) {
                given.stories.push(Story::of_file(path)?);
            } else {
                given.documents.push(path.clone());
            }
        }
        Ok(given)
    }
}

fn is_scenario(path: &Path) -> bool {
    let Ok(story) = Story::of_file(path) else { return false };
    if story.is_store() {
        return true;
    }
    let Some(document) = Document::read(story.source).document else { return false };
    let has = |key: &str| document.root().get(key).is_some();
    has("scenario") && !has("openapi") && !has("swagger")
}

fn tell(findings: &[Finding], name: &str, exit: Exit, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    let json = report::findings(name, findings);
    match plan.format {
        Format::Text => streams.out.text(&report::list(findings, usize::MAX, "")),
        Format::Json => streams.out.line(&format!("{json:#}")),
    }
    for file in plan.json_reports("lint")? {
        plan.write(file, &format!("{json:#}\n"))?;
    }
    let outcome = match exit {
        Exit::Unusable => "    exit 3: a document or scenario cannot be used",
        Exit::Usage => "    exit 2: the settings cannot be used",
        Exit::Findings => "    exit 1: findings",
        _ => "",
    };
    plan.say(streams, &format!("{}{outcome}\n", Counts::of(findings)).into());
    Ok(exit)
}
