//! `standin explain`: a scenario as a timeline, or a rule, told whole; alone, everything that can be explained.

use std::path::Path;

use serde_json::{Value, json};

use super::args::{ExplainArgs, Format};
use super::exit::{Exit, FINDINGS, Failure};
use super::head::head;
use super::inputs::Inputs;
use super::load::{Input, Placed, Sources, Subject, documents_in, is_bundled, likely};
use super::plan::Plan;
use super::resources;
use super::stories::{FOLDER, Shelf, Story};
use super::terminal::Streams;
use crate::finding::{RULES, Rule, did_you_mean, rule};
use crate::report::{self, Text, Tone, clean};
use crate::scenario::timeline;

/// Explains one thing, or lists everything that can be explained.
///
/// # Errors
/// When nothing has that name, or the scenario cannot be used.
pub(super) fn explain(args: &ExplainArgs, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    plan.no_reports("explain")?;
    let (text, json) = match args.what.as_deref().map(|name| (name, rule(name))) {
        // A rule is meant whatever the environment says.
        None | Some((_, None)) if args.keeping.is_on() => stateful(args, plan, streams)?,
        None => list(),
        Some((_, Some(rule))) => (told(rule), as_json(rule)),
        Some((name, None)) => scenario(name, args, plan, streams)?,
    };
    match plan.format {
        Format::Text => streams.out.text(&text),
        Format::Json => streams.out.line(&format!("{json:#}")),
    }
    Ok(Exit::Clean)
}

/// What of a document is kept with `--stateful`.
fn stateful(args: &ExplainArgs, plan: &Plan, streams: &mut Streams) -> Result<(Text, Value), Failure> {
    let documents: Vec<_> = args.what.iter().map(Into::into).chain(args.documents.iter().cloned()).collect();
    let (placed, mut sources) = (Placed::all(&documents)?, Sources::new(&args.reading));
    let subject = Subject::load(placed, &Default::default(), &mut sources, &mut streams.input)?;
    let contract = subject.usable()?;
    plan.say(streams, &head(&subject));
    let (resources, seeds) = resources::kept(&args.keeping, contract)?;
    Ok(resources::told(&resources, &seeds, contract))
}

/// Both lists, as text and as JSON.
fn list() -> (Text, Value) {
    let (shipped, mut own) = (Story::shipped(), Story::of_folder(Path::new(FOLDER), &Inputs::default()));
    own.retain(|own| !shipped.iter().any(|story| story.source.text() == own.source.text()));
    let mut text = Text::default();
    text.push(Tone::Strong, "Scenarios");
    text.plain("    standin explain SCENARIO      standin mock --scenario SCENARIO\n");
    stories(&mut text, "shipped, for the bundled invitation API", &shipped);
    stories(&mut text, "in the folder `scenarios`", &own);
    text.plain("\n");
    text.push(Tone::Strong, "Rules");
    text.plain("    standin explain RULE\n");
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in RULES {
        text.push(rule.severity.into(), format!("  {:<8}", rule.severity.word()));
        text.plain(format!("{:<width$}  {}\n", rule.id, rule.what));
    }
    let told = |story: &Story| json!({ "scenario": story.name, "summary": story.summary, "file": story.source.name() });
    let json = json!({
        "scenarios": {
            "shipped": shipped.iter().map(told).collect::<Vec<_>>(),
            "folder": own.iter().map(told).collect::<Vec<_>>(),
        },
        "rules": RULES.iter().map(as_json).collect::<Vec<_>>(),
    });
    (text, json)
}

fn stories(text: &mut Text, whose: &str, stories: &[Story]) {
    if stories.is_empty() {
        return;
    }
    text.push(Tone::Faint, format!("  {whose}\n"));
    let width = stories.iter().map(|story| story.name.chars().count()).max().unwrap_or(0);
    for story in stories {
        text.plain(format!("  {:<width$}  {}\n", clean(&story.name), clean(&story.summary)));
    }
}

/// A scenario, held to the document that is named, or to the one that is meant.
fn scenario(name: &str, args: &ExplainArgs, plan: &Plan, streams: &mut Streams) -> Result<(Text, Value), Failure> {
    let placed = match args.documents.as_slice() {
        [] => vec![Placed { path: String::new(), input: meant(name) }],
        documents => Placed::all(documents)?,
    };
    let story = Shelf::of(is_bundled(&placed), None, &Inputs::default())?
        .find(name, &Inputs::default())
        .map_err(|failure| or_a_rule(failure, name))?;
    let subject = Subject::load(placed, &Default::default(), &mut Sources::new(&args.reading), &mut streams.input)?;
    let contract = subject.usable()?;
    plan.say(streams, &head(&subject));
    let (scenario, findings) = story.read(contract, &|_| {});
    let Some(scenario) = scenario else {
        let failure =
            Failure::new(Exit::Unusable, format!("the scenario `{}` cannot be used with this document", story.name));
        let failure = failure.because(findings, format!("standin explain {name}, once these are mended"));
        return Err(match args.documents.first() {
            Some(_) => failure,
            None => failure.help(format!("name the document that it is for: standin explain {name} openapi.yaml")),
        });
    };
    if !findings.is_empty() {
        let rest = format!("standin explain {name}{} --format json", subject.arguments());
        plan.say(streams, &report::list(&findings, FINDINGS, &rest));
    }
    let timeline = timeline(&scenario, contract);
    let json = json!({
        "scenario": &*scenario.name,
        "summary": scenario.summary,
        "file": story.source.name(),
        "timeline": timeline,
        "findings": findings.iter().map(report::finding).collect::<Vec<_>>(),
    });
    Ok((timeline.into(), json))
}

/// The document that a scenario is for when none is named: the bundled one for what is shipped, else the one that lies here.
pub(super) fn meant(name: &str) -> Input {
    let own = Path::new(name).is_file()
        || Story::of_folder(Path::new(FOLDER), &Inputs::default()).iter().any(|story| story.name == name);
    let here = || documents_in(Path::new(".")).into_iter().find(|file| likely(file));
    own.then(here).flatten().map_or(Input::Bundled, |file| Input::File(file.into()))
}

/// The failure to find a scenario, where a rule might have been meant just as well.
fn or_a_rule(failure: Failure, name: &str) -> Failure {
    let only_a_name = failure.quote.is_none() && !name.contains(['/', '\\', '.']);
    if !only_a_name {
        return failure;
    }
    let unknown = Failure::usage(format!("no scenario and no rule is called `{name}`"));
    match did_you_mean(name, RULES.iter().map(|rule| rule.id)) {
        Some(near) => unknown.help(format!("did you mean `standin explain {near}`?")),
        None => {
            failure.help.into_iter().fold(unknown, Failure::help).help("`standin explain` lists scenarios and rules")
        }
    }
}

fn told(rule: &Rule) -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, rule.id);
    text.plain("    ");
    text.push(rule.severity.into(), rule.severity.word());
    text.plain("\n");
    for (name, said) in [("what", rule.what), ("why", rule.why), ("example", rule.example), ("remedy", rule.remedy)] {
        text.push(Tone::Faint, format!("  {name:<9}"));
        text.plain(format!("{said}\n"));
    }
    text
}

fn as_json(rule: &Rule) -> Value {
    json!({
        "rule": rule.id,
        "severity": rule.severity.word(),
        "what": rule.what,
        "why": rule.why,
        "example": rule.example,
        "remedy": rule.remedy,
    })
}
