//! From the text of a file of settings to what it sets, and what is wrong with it.

use std::error::Error as _;
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::{Setting, args, is_list, is_setting, is_switch, key};
use crate::document::{Document, Node, Source, Span};
use crate::finding::{Finding, Place, Severity, did_you_mean};

/// The settings of a text, and what is wrong with it.
pub(super) fn read(line: &Command, source: &Arc<Source>) -> (Vec<Setting>, Vec<Finding>) {
    let read = Document::read(source.clone());
    let told = |problem| Finding::of(source, problem).as_severity(Severity::Error);
    let mut reader = Reader { line, settings: Vec::new(), findings: read.problems.iter().map(told).collect() };
    if let Some(document) = &read.document {
        reader.file(document.node());
    }
    (reader.settings, reader.findings)
}

struct Reader<'l> {
    line: &'l Command,
    settings: Vec<Setting>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn file(&mut self, root: Node<'_>) {
        if root.value().is_null() {
            return;
        }
        if !root.value().is_object() {
            self.wrong(root, "a file of settings is a mapping".to_owned(), "write flags by their names: `port: 4010`");
            return;
        }
        for (name, span, node) in root.members() {
            match self.line.find_subcommand(name) {
                Some(command) if node.value().is_object() => self.section(command, node),
                Some(_) => {
                    let sentence = format!("`{name}` is a command, and takes a mapping");
                    self.wrong(node, sentence, "write its flags below it, indented deeper: `port: 4010`");
                }
                None => self.setting(None, name, span, root, node),
            }
        }
    }

    fn section(&mut self, command: &Command, node: Node<'_>) {
        for (name, span, value) in node.members() {
            self.setting(Some(command), name, span, node, value);
        }
    }

    fn setting(&mut self, command: Option<&Command>, name: &str, span: Span, around: Node<'_>, node: Node<'_>) {
        let line = self.line;
        let of_command = |known: &str| command.is_none_or(|command| command.get_name() == known);
        let fitting = || args(line).filter(|(known, _)| known.is_none_or(of_command));
        let Some((home, arg)) = fitting().find(|(_, arg)| key(arg) == name) else {
            let sentence = match command {
                Some(command) => format!("`standin {}` has no flag `--{name}`", command.get_name()),
                None => format!("no command has a flag `--{name}`"),
            };
            let commands = line.get_subcommands().map(Command::get_name);
            let known: Vec<&str> =
                fitting().map(|(_, arg)| key(arg)).chain(commands.filter(|_| command.is_none())).collect();
            let elsewhere = args(line).find(|(_, arg)| key(arg) == name).and_then(|(home, _)| home);
            let help = match (did_you_mean(name, known.iter().copied()), elsewhere) {
                (_, Some(home)) => format!("`standin {home}` has it: write it below `{home}:`"),
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, None) => {
                    "the names are those of the flags, without dashes in front: `standin mock --help`".to_owned()
                }
            };
            let place = Place { source: around.document().source().clone(), span };
            self.findings.push(Finding::new("config-key", sentence).at(Some(place)).help(help));
            return;
        };
        let Some(values) = self.values(arg, name, node) else { return };
        let home = home.or(command.map(Command::get_name)).unwrap_or("mock").to_owned();
        if self.fits(&home, arg, node, &values) {
            let command = command.map(|command| command.get_name().to_owned());
            self.settings.push(Setting { command, key: name.to_owned(), values });
        }
    }

    /// The texts of a value that may be a list.
    fn values(&mut self, arg: &Arg, name: &str, node: Node<'_>) -> Option<Vec<String>> {
        let list = node.value().is_array();
        if list && !is_list(arg) {
            self.wrong(node, format!("`{name}` takes one value, and here is a list"), "write one");
            return None;
        }
        let items: Vec<Node<'_>> = if list { node.items().collect() } else { vec![node] };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match item.text().filter(|text| !text.is_empty() && !item.value().is_null()) {
                Some(text) if !is_switch(arg) || matches!(&*text, "true" | "false") => values.push(text.into_owned()),
                Some(text) => {
                    self.wrong(item, format!("`{name}` takes `true` or `false`, not `{text}`"), "write one of the two");
                    return None;
                }
                None => {
                    let sentence = format!("`{name}` has no value, or one that is no text");
                    self.wrong(item, sentence, "write a value; to leave a flag as it is, remove its line");
                    return None;
                }
            }
        }
        Some(values)
    }

    /// Whether the command line takes these values. It is asked itself, so that the file cannot mean anything else than the flag.
    fn fits(&mut self, command: &str, arg: &Arg, node: Node<'_>, values: &[String]) -> bool {
        let Some(long) = arg.get_long().filter(|_| !is_switch(arg)) else { return true };
        for value in values {
            let words = ["standin".to_owned(), command.to_owned(), format!("--{long}={value}")];
            let Err(error) = self.line.clone().try_get_matches_from(words) else { continue };
            if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
                continue;
            }
            // A flag that may hold a secret is not quoted.
            let shown =
                if arg.is_hide_env_values_set() { "what is written here".to_owned() } else { format!("`{value}`") };
            let why = error.source().map(|why| format!(": {why}")).unwrap_or_default();
            let listed = |kind| match error.get(kind) {
                Some(ContextValue::Strings(values)) => Some(values.join(", ")),
                Some(ContextValue::String(value)) => Some(value.clone()),
                _ => None,
            };
            let help = match (listed(ContextKind::SuggestedValue), listed(ContextKind::ValidValue)) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, Some(valid)) => format!("it takes {valid}"),
                (None, None) => format!("write it as behind `--{long}` on the command line"),
            };
            self.wrong(node, format!("`{long}` cannot be {shown}{why}"), help);
            return false;
        }
        debug_assert!(is_setting(arg));
        true
    }

    fn wrong(&mut self, node: Node<'_>, sentence: String, help: impl Into<String>) {
        let place = Place { source: node.document().source().clone(), span: node.span() };
        self.findings.push(Finding::new("config-value", sentence).at(Some(place)).help(help));
    }
}
