//! From the text of a file to a scenario.

mod calls;
mod expect;
mod fault;
mod include;
mod operation;
mod rate;
mod reply;
mod rule;
mod save;
mod schema;
mod single;
mod steps;
mod store;
mod when;

pub(super) use include::Named;
pub use operation::named as operation_named;
pub(super) use schema::findings as schema_findings;

use std::collections::HashMap;
use std::sync::Arc;

use super::Scenario;
use super::field::FILE;
use super::model::Rule;
use super::reader::{Members, Reader, excerpt, kind, listed, place};
use crate::contract::Contract;
use crate::document::{Document, Node, Problem, ProblemKind, Refusal, Retrieve, Source, Span, pointer};
use crate::finding::{Finding, Place, Severity};

/// The longest file, in bytes: thousands of rules.
const LONGEST: usize = 1 << 20;

impl Scenario {
    /// Reads a scenario that includes no other files; see [`Scenario::read_with`].
    pub fn read(source: &Arc<Source>, contract: &Contract) -> (Option<Scenario>, Vec<Finding>) {
        let none = |_: &str| Err(Refusal::Failed("there are no files beside this text".to_owned()));
        Scenario::read_with(source, &none, contract)
    }

    /// Reads a scenario and holds it to the contract. `None` when anything in it is an error: a scenario is carried out
    /// whole or not at all. Findings come in the order of the text, those about files that it includes behind.
    ///
    /// `files` is asked for the files that are included, by their paths from the scenario's folder.
    pub fn read_with(
        source: &Arc<Source>,
        files: &dyn Retrieve,
        contract: &Contract,
    ) -> (Option<Scenario>, Vec<Finding>) {
        Scenario::read_as(source, contract, |reader, document| scenario(reader, document, files, contract))
    }

    /// Reads a text, by what it is expected to be.
    fn read_as(
        source: &Arc<Source>,
        contract: &Contract,
        read_it: impl FnOnce(&mut Reader, &Arc<Document>) -> Option<Scenario>,
    ) -> (Option<Scenario>, Vec<Finding>) {
        let mut reader = Reader::new(source, contract);
        if source.text().len() > LONGEST {
            let sentence = format!("a scenario file of more than {} KiB", LONGEST >> 10);
            let place = Place { source: source.clone(), span: Span::default() };
            let finding = Finding::new("limits", sentence).at(Some(place)).help("make several scenarios of it");
            return (None, vec![finding]);
        }
        let read = Document::read(source.clone());
        for problem in &read.problems {
            reader.findings.push(told(problem, source));
        }
        let document = read.document.map(Arc::new);
        reader.document.clone_from(&document);
        let scenario = document.and_then(|document| read_it(&mut reader, &document));
        let mut findings = Vec::new();
        let named = reader.finish(&mut findings);
        if let Some(scenario) = &scenario {
            findings.extend(scenario.check(contract));
        }
        in_order(&mut findings, source, &named);
        let usable = findings.iter().all(|finding| finding.severity < Severity::Error);
        (scenario.filter(|_| usable), findings)
    }
}

/// By file and place; what several rules meet of one reply is told once.
fn in_order(findings: &mut Vec<Finding>, source: &Arc<Source>, named: &Named) {
    let sources: Vec<&Arc<Source>> = std::iter::once(source).chain(named.sources()).collect();
    findings.sort_by_key(|finding| {
        finding
            .place
            .as_ref()
            .map(|place| (sources.iter().position(|source| Arc::ptr_eq(source, &place.source)), place.span.start))
    });
    findings.dedup_by(|one, other| {
        let same = |one: &Place, other: &Place| Arc::ptr_eq(&one.source, &other.source) && one.span == other.span;
        one.sentence == other.sentence
            && one.place.as_ref().zip(other.place.as_ref()).is_some_and(|(one, other)| same(one, other))
    });
}

/// A problem of the text. Here nothing is ignored: of two keys that are alike, neither.
fn told(problem: &Problem, source: &Arc<Source>) -> Finding {
    let rule = match problem.kind {
        ProblemKind::DuplicateKey => "duplicate-key",
        ProblemKind::Limit => "limits",
        _ => "syntax",
    };
    let mut finding = Finding::new(rule, problem.message.clone())
        .at(Some(Place { source: source.clone(), span: problem.span }))
        .as_severity(Severity::Error);
    finding.help = match problem.kind {
        ProblemKind::DuplicateKey => Some("keep one of them".to_owned()),
        _ => problem.help.clone(),
    };
    finding
}

fn scenario(
    reader: &mut Reader,
    document: &Arc<Document>,
    files: &dyn Retrieve,
    contract: &Contract,
) -> Option<Scenario> {
    let root = document.node();
    if !root.value().is_object() {
        if reader.findings.is_empty() {
            let sentence = format!("a scenario file is a mapping, and here is {}", kind(root));
            reader.wrong(root, sentence, "begin with `scenario: ` and its name");
        }
        return None;
    }
    if root.get("scenario").is_none() && ["openapi", "swagger"].iter().any(|key| root.get(key).is_some()) {
        reader.findings.push(
            Finding::new("scenario-key", "this is an OpenAPI document, not a scenario")
                .at(Some(Place { source: document.source().clone(), span: start(root) }))
                .help("give it without `--scenario`: `standin mock FILE --scenario NAME`"),
        );
        return None;
    }
    let members = reader.members(root, &FILE);
    reach(reader, &members, files, document);
    let name = members.get("scenario").map(|node| name(reader, node));
    if name.is_none() && root.get("scenario").is_none() {
        reader.findings.push(
            Finding::new("scenario-key", "the scenario has no name")
                .at(Some(Place { source: document.source().clone(), span: start(root) }))
                .help("begin the file with `scenario: ` and a name, such as `throttled`"),
        );
    }
    let summary = members.get("summary").and_then(|node| reader.text(node, "summary")).unwrap_or_default().into_owned();
    let seed = members.get("seed").and_then(|node| seed(reader, node));
    let strict = members.get("strict").and_then(|node| reader.flag(node, "strict")).unwrap_or(true);
    let state = members.get("state").and_then(|node| reader.text(node, "state")).map(Arc::from);
    let included = reader.named.sources().cloned().collect();
    let named = empty(name.flatten().unwrap_or_default(), document);
    let mut scenario = Scenario { summary, seed, strict, state, included, ..named };
    match members.get("on") {
        Some(on) => operations(reader, on, contract, &mut scenario),
        None if ["on", "expect", "steps"].iter().all(|key| root.get(key).is_none()) => reader.findings.push(
            Finding::new("scenario-key", "the scenario says nothing of any operation")
                .at(Some(Place { source: document.source().clone(), span: start(root) }))
                .help("name operations under `on:`, and rules for each"),
        ),
        None => {}
    }
    if let Some(expect) = members.get("expect") {
        scenario.expect = expect::read(reader, expect, contract);
    }
    if let Some(node) = members.get("steps") {
        scenario.steps = steps::read(reader, node, contract);
    }
    unique(reader, &scenario);
    Some(scenario)
}

/// Reads the replies that have a name: the file's own, and those of the files that it includes.
fn reach(reader: &mut Reader<'_>, members: &Members<'_>, files: &dyn Retrieve, document: &Arc<Document>) {
    let whole = document.source().name();
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    let (folder, file) = whole.split_at(whole.rfind(separators).map_or(0, |at| at + 1));
    file.clone_into(&mut reader.root_path);
    include::read(reader, members, files, folder);
}

/// A scenario in which nothing happens.
fn empty(name: Arc<str>, document: &Arc<Document>) -> Scenario {
    Scenario {
        name,
        summary: String::new(),
        seed: None,
        strict: true,
        state: None,
        source: document.source().clone(),
        included: Vec::new(),
        operations: Vec::new(),
        any: Vec::new(),
        expect: Vec::new(),
        steps: Vec::new(),
        document: document.clone(),
    }
}

/// The first byte of a value, for what is wrong with it as a whole.
fn start(node: Node<'_>) -> Span {
    let start = node.members().next().map_or(node.span().start, |(_, span, _)| span.start);
    Span { start, end: start }
}

/// A name that goes into fields, commands and logs unquoted.
fn name(reader: &mut Reader, node: Node<'_>) -> Option<Arc<str>> {
    let text = reader.text(node, "scenario")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.len() <= 100 && text.chars().all(plain) {
        return Some(text.into());
    }
    let near: String = text
        .to_ascii_lowercase()
        .split(|c: char| !plain(c))
        .filter(|word| !word.is_empty())
        .fold(String::new(), |near, word| if near.is_empty() { word.to_owned() } else { near + "-" + word });
    let sentence = format!("`{}` is no name: letters, digits, `-`, `_` and `.` make one", excerpt(&text));
    let near = excerpt(&near);
    let help = if near.is_empty() {
        "write one such as `throttled`".to_owned()
    } else {
        format!("write `{near}`, and the sentence under `summary`")
    };
    reader.wrong(node, sentence, help);
    None
}

fn seed(reader: &mut Reader, node: Node<'_>) -> Option<u64> {
    let text = reader.text(node, "seed")?;
    let seed = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    if seed.is_none() {
        let sentence = format!("`seed` takes a whole number, not `{}`", excerpt(&text));
        reader.wrong(node, sentence, format!("write one from 0 to {}", u64::MAX));
    }
    seed
}

fn operations(reader: &mut Reader, on: Node<'_>, contract: &Contract, scenario: &mut Scenario) {
    let mut lines: HashMap<Arc<str>, u32> = HashMap::new();
    for (key, span, node) in on.members() {
        let found = if key == "*" { None } else { operation::find(reader, contract, on, key, span) };
        let known: Arc<str> = found.clone().unwrap_or_else(|| key.into());
        let rules = rules(reader, node, &known, &pointer::join("/on", key));
        if key == "*" {
            scenario.any = rules;
        } else if let Some(operation) = found {
            let line = reader.line_of(span);
            if let Some(first) = lines.get(&operation) {
                let sentence = format!("`{}` is the same operation as on line {first}", excerpt(key));
                reader.wrong_key(on, span, sentence, "put the rules of both into one list");
                continue;
            }
            lines.insert(operation.clone(), line);
            scenario.operations.push((operation, rules));
        }
    }
    if on.members().next().is_none() {
        let help =
            format!("name operations and rules for each: {}", listed(contract.heads().iter().map(|head| &*head.key)));
        reader.wrong(on, "`on` names no operation", help);
    }
}

/// The list under an operation.
fn rules(reader: &mut Reader, node: Node<'_>, operation: &Arc<str>, base: &str) -> Vec<Rule> {
    if node.items().next().is_none() {
        let help = match node.value() {
            serde_json::Value::Object(_) => "put `- ` before its first key, and indent the others below that key",
            _ => "write one, such as `- reply: 429`",
        };
        let sentence = format!("`{}` takes a list of rules, and here is {}", excerpt(operation), rules_kind(node));
        reader.wrong(node, sentence, help);
    }
    let mut rules: Vec<Rule> = Vec::new();
    let mut always = None;
    for (index, item) in node.items().enumerate() {
        // A rate is asked before anybody decides.
        if let Some(line) = always.filter(|_| item.get("rate").is_none()) {
            reader.findings.push(
                Finding::new(
                    "scenario-unreachable",
                    format!("this rule is never reached: the one on line {line} decides every call"),
                )
                .at(Some(place(item)))
                .about(operation.clone())
                .help("put the rule without conditions last, or join the two"),
            );
        }
        let before = reader.findings.len();
        let Some(rule) = rule::read(reader, item, operation, index + 1, format!("{base}/{index}")) else { continue };
        // A condition that could not be read was meant to be one.
        if reader.findings.len() == before && rule.always() {
            always = always.or(Some(rule.line));
        }
        rules.push(rule);
    }
    rules
}

fn rules_kind(node: Node<'_>) -> String {
    if node.value().is_array() { "an empty one".to_owned() } else { kind(node) }
}

/// Draws and counters go by the id of a rule.
fn unique(reader: &mut Reader, scenario: &Scenario) {
    let mut lines: HashMap<&str, u32> = HashMap::new();
    for (_, rule) in scenario.all() {
        if let Some(first) = lines.insert(&rule.id, rule.line) {
            let sentence = format!("the rule on line {first} has the id `{}` too", excerpt(&rule.id));
            let place = Place::of(&scenario.document, &rule.pointer);
            reader.findings.push(Finding::new("scenario-value", sentence).at(Some(place)).help("give each its own"));
        }
    }
}
