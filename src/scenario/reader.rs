//! Reading a tree by the tables of keys, and telling what is wrong with it.

use std::sync::Arc;

use crate::contract::Contract;
use crate::document::{Document, Documents, Node, Source, Span};
use crate::finding::{Finding, Place, did_you_mean};
use crate::message::Direction;
use crate::schema::Schemas;

use super::field::{Form, Level};
use super::read::{self, Named};
use super::template::Set;
use super::{Failed, Template};

/// The longest piece of the author's text that a message quotes.
const QUOTED: usize = 80;

/// What has been found so far.
#[derive(Debug)]
pub(super) struct Reader<'r> {
    pub(super) findings: Vec<Finding>,
    /// What the scenario is held to.
    pub(super) contract: &'r Contract,
    /// The schemas that stand in the text, once there is one, and the tree they are in.
    pub(super) schemas: Option<(Arc<Schemas>, Arc<Documents>)>,
    /// Which messages the schemas are for that stand in the text.
    pub(super) direction: Direction,
    /// The templates that stand in the text, once there is one.
    pub(super) templates: Option<Set>,
    /// The tree, to be shared with what is read of it.
    pub(super) document: Option<Arc<Document>>,
    /// The path from its folder of the file that everything began with.
    pub(super) root_path: String,
    /// The replies that have a name.
    pub(super) named: Named,
    /// Where each line starts. [`Source::line_column`] also counts a column, which takes as long as the line is.
    lines: Vec<usize>,
}

/// The members of a mapping whose keys the level knows and whose values are of the right kind.
pub(super) struct Members<'a>(Vec<(&'static str, Node<'a>)>);

impl<'a> Members<'a> {
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, node)| *node)
    }
}

impl<'r> Reader<'r> {
    pub(super) fn new(source: &Source, contract: &'r Contract) -> Reader<'r> {
        let breaks = source.text().bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Reader {
            findings: Vec::new(),
            contract,
            schemas: None,
            direction: Direction::Request,
            templates: None,
            document: None,
            root_path: String::new(),
            named: Named::default(),
            lines: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// Ends the reading of a text: its templates can be rendered, and what is wrong with it is told. Gives back the replies that
    /// have a name.
    pub(super) fn finish(mut self, findings: &mut Vec<Finding>) -> Named {
        if let Some(templates) = self.templates.take() {
            templates.finish();
        }
        findings.extend(read::schema_findings(&self));
        findings.append(&mut self.findings);
        self.named
    }

    /// The line that a value with a key stands on: that of its key. Of an item, the line it starts on.
    pub(super) fn line(&self, node: Node<'_>) -> u32 {
        self.line_of(node.key_span().unwrap_or(node.span()))
    }

    /// The line that a stretch of the text starts on, counted from 1.
    pub(super) fn line_of(&self, span: Span) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= span.start)).unwrap_or(u32::MAX)
    }

    /// Something is wrong with a value.
    pub(super) fn wrong(&mut self, node: Node<'_>, sentence: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::new("scenario-value", sentence).at(Some(place(node))).help(help));
    }

    /// What was read of a value, or nothing once it is told what is wrong with it: a sentence and a remedy.
    pub(super) fn told<T>(&mut self, node: Node<'_>, read: Result<T, (String, String)>) -> Option<T> {
        read.map_err(|(sentence, help)| self.wrong(node, sentence, help)).ok()
    }

    /// Something is wrong with a key.
    pub(super) fn wrong_key(
        &mut self,
        node: Node<'_>,
        span: Span,
        sentence: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::new("scenario-key", sentence).at(Some(at(node, span))).help(help));
    }

    /// The members of a mapping, by a table. Everything that is not in the table, or not of its form, is told.
    pub(super) fn members<'a>(&mut self, node: Node<'a>, level: &'static Level) -> Members<'a> {
        let mut known = Vec::new();
        for (key, span, value) in node.members() {
            match level.field(key) {
                None => self.unknown(node, key, span, level),
                Some(field) if field.form == Form::Later => self.wrong_key(
                    node,
                    span,
                    format!("`{key}` is a key of the format that this version does not carry out yet"),
                    "remove it, so that nothing is expected of it",
                ),
                Some(field) if !field.form.admits(value.value()) => self.misshapen(value, key, field.form),
                Some(field) => known.push((field.key, value)),
            }
        }
        Members(known)
    }

    fn unknown(&mut self, node: Node<'_>, key: &str, span: Span, level: &'static Level) {
        let help = match (Level::home(key), did_you_mean(key, level.keys())) {
            // The likeliest slip is too little, or too much, before it.
            (Some(home), _) => format!("`{key}` is a key of {}: is it indented as it is meant?", home.name),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!("its keys are {}", listed(level.keys())),
        };
        self.wrong_key(node, span, format!("{} has no key `{}`", level.name, excerpt(key)), help);
    }

    fn misshapen(&mut self, node: Node<'_>, key: &str, form: Form) {
        let help = match form {
            Form::Operations | Form::Expected | Form::Calls | Form::Fields | Form::Keys | Form::Named
                if node.value().is_null() =>
            {
                "what belongs to it is indented deeper, on the lines below"
            }
            Form::Steps if node.value().is_object() => {
                "put `- ` before its first key, and indent the others below that key"
            }
            _ => "",
        };
        let sentence = format!("`{key}` takes {}, and here is {}", form.takes(), kind(node));
        let finding = Finding::new("scenario-value", sentence).at(Some(place(node)));
        self.findings.push(if help.is_empty() { finding } else { finding.help(help) });
    }

    /// The text of a scalar that must not be left out.
    pub(super) fn text<'a>(&mut self, node: Node<'a>, key: &str) -> Option<std::borrow::Cow<'a, str>> {
        let text = node.text().filter(|text| !text.is_empty() && !node.value().is_null());
        if text.is_none() {
            self.wrong(node, format!("`{key}` has no value"), format!("write one after `{key}: `"));
        }
        text
    }

    /// A template: a text, or a tree whose texts may be some. What is wrong with it is told.
    pub(super) fn template(&mut self, node: Node<'_>) -> Template {
        let mut told = Vec::new();
        let template = self.templates.get_or_insert_with(Set::new).compile(node, &mut told);
        self.findings.extend(told.into_iter().map(Failed::finding));
        template
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, node: Node<'_>, key: &str) -> Option<bool> {
        match &*self.text(node, key)? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                let sentence = format!("`{key}` takes `true` or `false`, not `{}`", excerpt(other));
                self.wrong(node, sentence, "write `true` or `false`");
                None
            }
        }
    }
}

/// Where a value stands.
pub(super) fn place(node: Node<'_>) -> Place {
    at(node, node.span())
}

/// A stretch of the text that a value is in.
pub(super) fn at(node: Node<'_>, span: Span) -> Place {
    Place { source: node.document().source().clone(), span }
}

/// What stands there, for messages.
pub(super) fn kind(node: Node<'_>) -> String {
    match node.value() {
        serde_json::Value::Object(_) => "a mapping".to_owned(),
        serde_json::Value::Array(_) => "a list".to_owned(),
        serde_json::Value::Null => "nothing".to_owned(),
        _ => format!("`{}`", excerpt(&node.text().unwrap_or_default())),
    }
}

/// The start of a text, on one line and short enough for a message.
pub(super) fn excerpt(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let cut: String = line.chars().take(QUOTED).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if cut.len() == text.len() { cut } else { format!("{cut}…") }
}

/// Names in backticks, the first few of them.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 12;
    let mut names = names.into_iter();
    let mut text: Vec<String> = names.by_ref().take(SHOWN).map(|name| format!("`{}`", excerpt(name))).collect();
    let more = names.count();
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    text.join(", ")
}
