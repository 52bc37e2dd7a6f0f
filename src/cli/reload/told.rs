//! What is said of versions, for people or as lines of JSON.

use std::fmt::Write as _;
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::args::Log;
use crate::cli::exit::{FINDINGS, Failure};
use crate::cli::plan::Plan;
use crate::cli::terminal::Terminal;
use crate::cli::version::Otherwise;
use crate::contract::Changes;
use crate::document::{Document, Source};
use crate::finding::Finding;
use crate::message::Moment;
use crate::report::{self, Counts, Text, Tone, clean};
use crate::scenario::Scenario;

/// How many files are named in a line.
const FILES: usize = 3;
/// How many operations are named with a version, in the order of the text.
const NAMED: usize = 100;
const INDENT: &str = "          ";

/// Where it is said, and how.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) terminal: Terminal,
    pub(super) plan: Plan,
    /// The command that tells all that is wrong.
    pub(super) lint: String,
}

/// Which scenarios differ between two versions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stories {
    added: Vec<Arc<str>>,
    removed: Vec<Arc<str>>,
    changed: Vec<Arc<str>>,
}

impl Stories {
    pub(super) fn between(before: &[Arc<Scenario>], after: &[Arc<Scenario>]) -> Stories {
        let mut stories = Stories::default();
        for story in after {
            match before.iter().find(|known| known.name == story.name) {
                None => stories.added.push(story.name.clone()),
                Some(known) if !same(known, story) => stories.changed.push(story.name.clone()),
                Some(_) => {}
            }
        }
        let gone = before.iter().filter(|story| !after.iter().any(|known| known.name == story.name));
        stories.removed.extend(gone.map(|story| story.name.clone()));
        stories
    }

    fn sentences(&self) -> impl Iterator<Item = String> {
        let said = |names, what| {
            let names: &Vec<Arc<str>> = names;
            names.iter().map(move |name| format!("scenario `{name}` {what}"))
        };
        said(&self.added, "added").chain(said(&self.removed, "removed")).chain(said(&self.changed, "changed"))
    }
}

/// Whether two scenarios say the same, with the files that they include, whatever is between the words.
fn same(one: &Scenario, other: &Scenario) -> bool {
    let texts =
        |scenario: &Scenario| iter::once(&scenario.source).chain(&scenario.included).cloned().collect::<Vec<_>>();
    let (one, other) = (texts(one), texts(other));
    one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| alike(one, other))
}

fn alike(one: &Arc<Source>, other: &Arc<Source>) -> bool {
    let tree = |source: &Arc<Source>| Document::read(source.clone()).document;
    one.text() == other.text() || tree(one).zip(tree(other)).is_some_and(|(one, other)| one.root() == other.root())
}

/// `12:04:31`, as in the log.
fn time(moment: Moment) -> String {
    let second = moment.wall_ns.div_euclid(1_000_000_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn names(files: &[PathBuf]) -> Vec<String> {
    // A folder changes with what is in it.
    let inside = |folder: &PathBuf| files.iter().any(|file| file.parent() == Some(folder));
    files.iter().filter(|file| !inside(file)).map(|file| file.display().to_string()).collect()
}

fn listed(files: &[PathBuf]) -> String {
    let names = names(files);
    let more = names.len().saturating_sub(FILES);
    let mut listed = names.into_iter().take(FILES).collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(listed, " and {more} more");
    }
    clean(&listed).into_owned()
}

impl Told {
    fn is_json(&self) -> bool {
        self.plan.log == Log::Json
    }

    fn object(&self, value: &Value) {
        self.terminal.clone().line(&value.to_string());
    }

    /// Says that the system tells of no changes.
    pub(super) fn unwatched(&self, why: &str, often: Duration) {
        let sentence =
            format!("the system does not tell when files change ({why}): they are looked at every {often:?}");
        if self.is_json() {
            return self.object(&json!({ "warning": sentence }));
        }
        let mut text = Text::default();
        text.push(Tone::Warning, "warning");
        text.plain(format!(": {sentence}\n"));
        self.terminal.clone().text(&text);
    }

    /// Says that a version serves. `later` are settings that take a new start.
    pub(super) fn reloaded(
        &self,
        now: Moment,
        files: &[PathBuf],
        changes: &Changes,
        stories: &Stories,
        otherwise: &Otherwise,
        reseeded: bool,
    ) {
        if self.plan.quiet {
            return;
        }
        let mut sentences: Vec<String> = stories.sentences().collect();
        let Otherwise { now: set, later } = otherwise;
        if !set.is_empty() {
            sentences.push(format!("`{}` set otherwise", set.join("`, `")));
        }
        if reseeded {
            sentences.push("other items from the start, for sessions that begin from now on".to_owned());
        }
        if !later.is_empty() {
            sentences.push(format!("`{}` takes a new start", later.join("`, `")));
        }
        if !changes.is_empty() || sentences.is_empty() {
            sentences.insert(0, changes.to_string());
        }
        let summary = sentences.join(", ");
        let Changes { added, removed, requests, responses } = changes;
        let responses = responses.iter().map(|(key, status)| format!("{key} {status}"));
        if self.is_json() {
            let keys = |keys: &[Arc<str>]| keys.iter().take(NAMED).map(|key| Value::from(&**key)).collect::<Value>();
            return self.object(&json!({
                "time": now.timestamp().to_string(),
                "reloaded": names(files),
                "summary": summary,
                "added": keys(added),
                "removed": keys(removed),
                "requests": keys(requests),
                "responses": responses.take(NAMED).map(Value::from).collect::<Value>(),
                "settings": set,
                "scenarios": {
                    "added": keys(&stories.added),
                    "removed": keys(&stories.removed),
                    "changed": keys(&stories.changed),
                },
            }));
        }
        let mut text = Text::default();
        text.plain(format!("{}  ", time(now)));
        text.push(Tone::Note, "reloaded");
        text.plain(format!(" {}: {}\n", listed(files), clean(&summary)));
        if self.plan.verbose {
            let added = added.iter().map(|key| format!("+ {key}"));
            let removed = removed.iter().map(|key| format!("- {key}"));
            let requests = requests.iter().map(|key| format!("request   {key}"));
            let responses = responses.map(|response| format!("response  {response}"));
            for line in added.chain(removed).chain(requests).chain(responses).take(NAMED) {
                text.plain(format!("{INDENT}{}\n", clean(&line)));
            }
        }
        self.terminal.clone().text(&text);
    }

    /// Says that a version does not serve, and why, and which one does.
    pub(super) fn refused(&self, now: Moment, since: Moment, files: &[PathBuf], failure: &Failure) {
        if self.is_json() {
            for finding in failure.findings().iter().take(FINDINGS) {
                self.object(&report::finding(finding));
            }
            return self.object(&json!({
                "time": now.timestamp().to_string(),
                "not_reloaded": names(files),
                "error": failure.sentence,
                "help": failure.help,
                "still_serving": since.timestamp().to_string(),
            }));
        }
        let mut text = failure.text();
        text.plain(format!("{}  ", time(now)));
        text.push(Tone::Warning, "still serving");
        text.plain(format!(" {}\n", time(since)));
        self.terminal.clone().text(&text);
    }

    /// Tells what is wrong with the version that serves, and was not with the one before.
    pub(super) fn found(&self, findings: &[Finding]) {
        if findings.is_empty() || self.plan.quiet {
            return;
        }
        if self.is_json() {
            return findings.iter().take(FINDINGS).for_each(|finding| self.object(&report::finding(finding)));
        }
        let mut text = Text::from(format!("new: {} in the document or its scenarios\n", Counts::of(findings)));
        text.append(report::list(findings, FINDINGS, &self.lint));
        self.terminal.clone().text(&text);
    }
}
