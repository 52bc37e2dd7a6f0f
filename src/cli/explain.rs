//! `standin explain`: a rule, told whole; alone, everything that can be explained.

use serde_json::{Value, json};

use super::args::{ExplainArgs, Format};
use super::exit::{Exit, Failure};
use super::plan::Plan;
use super::terminal::Streams;
use crate::finding::{RULES, Rule, Severity, did_you_mean, rule};
use crate::report::{Text, Tone};

/// Explains one thing, or lists everything that can be explained.
///
/// # Errors
/// When nothing has that name.
pub(crate) fn explain(args: &ExplainArgs, plan: &Plan, streams: &mut Streams) -> Result<Exit, Failure> {
    plan.no_reports("explain")?;
    let (text, json) = match &args.what {
        None => (list(), Value::Array(RULES.iter().map(as_json).collect())),
        Some(name) => {
            let rule = rule(name).ok_or_else(|| unknown(name))?;
            (told(rule), as_json(rule))
        }
    };
    match plan.format {
        Format::Text => streams.out.text(&text),
        Format::Json => streams.out.line(&format!("{json:#}")),
    }
    Ok(Exit::Clean)
}

fn unknown(name: &str) -> Failure {
    let failure = Failure::usage(format!("no rule is called `{name}`"));
    match did_you_mean(name, RULES.iter().map(|rule| rule.id)) {
        Some(near) => failure.help(format!("did you mean `standin explain {near}`?")),
        None => failure.help("`standin explain` lists them"),
    }
}

fn list() -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, "Rules");
    text.plain("    standin explain RULE\n");
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in RULES {
        text.push(tone(rule.severity), format!("  {:<8}", rule.severity.word()));
        text.plain(format!("{:<width$}  {}\n", rule.id, rule.what));
    }
    text
}

fn told(rule: &Rule) -> Text {
    let mut text = Text::default();
    text.push(Tone::Strong, rule.id);
    text.plain("    ");
    text.push(tone(rule.severity), rule.severity.word());
    text.plain("\n");
    for (name, said) in [("what", rule.what), ("why", rule.why), ("example", rule.example), ("remedy", rule.remedy)] {
        text.push(Tone::Faint, format!("  {name:<9}"));
        text.plain(format!("{said}\n"));
    }
    text
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Note => Tone::Note,
        Severity::Warning => Tone::Warning,
        Severity::Error => Tone::Error,
    }
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
