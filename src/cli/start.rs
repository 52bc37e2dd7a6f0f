//! What `standin mock` says when it starts: where it listens, what to try first, what to type next.

use std::fmt::Write as _;
use std::path::Path;

use super::args::Format;
use super::load::{documents_in, likely};
use super::plan::Plan;
use super::tries::Tries;
use crate::contract::Contract;
use crate::report::{Text, Tone};
use crate::scenario::Scenario;

/// What the start lines tell of.
pub(super) struct Start<'s> {
    /// Whether it is the bundled document that is served.
    pub(super) bundled: bool,
    /// The arguments that name the documents, each with a space before it.
    pub(super) arguments: &'s str,
    pub(super) plan: &'s Plan,
    pub(super) contract: &'s Contract,
    /// The base URL, as `http://localhost:4010`.
    pub(super) url: &'s str,
    pub(super) tries: &'s Tries,
    pub(super) active: &'s [std::sync::Arc<Scenario>],
    /// The scenario that flags stand for.
    pub(super) yaml: Option<&'s str>,
    /// What is kept with `--stateful`.
    pub(super) kept: Option<String>,
    /// How many scenarios can be asked for.
    pub(super) known: usize,
    /// Whether all of them are in the binary.
    pub(super) shipped: bool,
    /// Listening beyond loopback, or not beyond it inside a container: what there is to say of it.
    pub(super) reach: Option<String>,
    /// The file that is recorded to.
    pub(super) record: Option<&'s Path>,
    /// The files whose changes are followed.
    pub(super) watching: &'s str,
}

impl Start<'_> {
    /// The lines after the first.
    pub(super) fn text(&self) -> Text {
        let Start { plan, url, tries, .. } = self;
        let mut text = Text::default();
        let example = tries.path.as_ref().map(|path| format!("        for example  {url}{path}"));
        text.plain("  listening   ");
        text.push(Tone::Strong, *url);
        text.plain(format!("{}\n", example.unwrap_or_default()));
        if let Some(reach) = &self.reach {
            text.push(Tone::Warning, format!("  {reach}\n"));
        }
        let seeds = plan.seeds(self.active);
        text.plain(format!("  {seeds}      now {}     watching: {}\n", plan.now, self.watching));
        if let Some(config) = &plan.config {
            text.plain(format!("  settings    {}\n", config.display()));
        }
        for scenario in self.active.iter().filter(|_| self.yaml.is_none() || self.active.len() > 1) {
            let summary: Vec<&str> = scenario.summary.split_whitespace().collect();
            let line = format!("  scenario    {}   {}", scenario.name, summary.join(" "));
            text.plain(format!("{}\n", line.trim_end()));
        }
        for line in self.yaml.iter().flat_map(|yaml| yaml.lines()) {
            text.push(Tone::Faint, format!("  | {line}\n"));
        }
        if let Some(kept) = &self.kept {
            text.plain(format!("  keeping     {kept}\n"));
        }
        if let Some(file) = self.record {
            text.plain(format!("  recording   {}\n", file.display()));
        }
        if plan.verbose {
            for (index, head) in self.contract.heads().iter().enumerate() {
                let path = format!("{}{}", self.contract.base_path(index), head.template);
                text.plain(format!("  {:<7} {path}   {}\n", head.method, head.key));
            }
        }
        self.next(&mut text);
        text
    }

    fn next(&self, text: &mut Text) {
        let Start { bundled, arguments, tries, .. } = *self;
        if !tries.commands.is_empty() {
            text.push(Tone::Strong, "Try");
            text.plain(if tries.credentials { " (any token will do)\n" } else { "\n" });
            for command in &tries.commands {
                text.plain(format!("  {command}\n"));
            }
        }
        if bundled {
            text.push(Tone::Strong, "Your own");
            let here = documents_in(Path::new(".")).into_iter().find(|name| likely(name));
            let named = here.as_deref().unwrap_or("openapi.yaml");
            let here = here.as_ref().map(|name| format!("      (./{name} is here)")).unwrap_or_default();
            text.plain(format!("    standin mock {named}{here}\n"));
        }
        if self.active.is_empty() && self.known > 0 {
            let name = if bundled { "throttled-then-recovers" } else { "NAME" };
            let whence = if self.shipped { "shipped" } else { "known" };
            let known = format!("{} {whence}: standin explain", self.known);
            text.push(Tone::Strong, "A story");
            text.plain(format!("     standin mock{arguments} --scenario {name}     {known}\n"));
        }
        text.push(Tone::Strong, "Help");
        text.plain("        standin --help     Stop: Ctrl-C\n");
    }
}

/// The only line on standard output.
pub(super) fn result(format: Format, url: &str) -> String {
    match format {
        Format::Text => url.to_owned(),
        Format::Json => serde_json::json!({ "url": url }).to_string(),
    }
}

/// What to say of where a server listens, when it is more or less than one may think.
pub(super) fn reach(host: &str, loopback: bool) -> Option<String> {
    let mut said = String::new();
    if !loopback {
        let _ = write!(said, "open to others: every machine that reaches this one at `{host}` may call it");
    } else if in_container() {
        said.push_str("only this container reaches it: use `--host 0.0.0.0` to reach it from outside");
    }
    (!said.is_empty()).then_some(said)
}

fn in_container() -> bool {
    Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists()
}
