//! Objects: which members they have, and what each of them is.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Seed;
use super::build::{At, Builder, probe};
use super::facets::Facets;
use super::form::{Accept, Form, Link, Member, Record};
use super::meaning::{self, Meaning, Subject, meaning};
use super::{name, vocabulary};
use crate::schema::{EXPECTED, Node, Schema, Type, TypeSet};

/// In how many lengths a name is tried.
const LENGTHS: usize = 12;
/// How many members an object is given that its schema does not name.
const MOST_FILLED: usize = 1_000;
/// Members whose value is what the answer is about.
const WRAPPERS: [&str; 8] = ["data", "result", "response", "payload", "item", "resource", "record", "object"];
/// Members that are the list that an answer is about, where it has several.
const LISTS: [&str; 12] = [
    "items", "data", "results", "records", "entries", "list", "content", "rows", "values", "elements", "hits",
    "objects",
];

impl Builder<'_> {
    pub(super) fn record(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        let mut record = Plan::new(facets, at);
        let mut members: Vec<Member> = Vec::new();
        for name in record.names() {
            let required = record.required.contains(name);
            let optional = !required && !record.enough(members.len());
            let wanted = required || optional && record.wants(self, name);
            if !wanted {
                continue;
            }
            match self.member(&record, name, required) {
                Some(member) => members.push(member),
                None if required => return None,
                None => {}
            }
        }
        self.fill(&mut record, &mut members)?;
        if members.len() > record.most {
            return self.give_up(facets.origin.as_ref(), "it requires more members than it admits");
        }
        let list = record.list.and_then(|name| members.iter().position(|member| *member.name == *name));
        Some(Form::Record(Box::new(Record { members, list })))
    }

    fn member(&mut self, record: &Plan<'_, '_>, name: &str, required: bool) -> Option<Member> {
        let nodes = record.schemas(name);
        let at = record.at(name, required);
        if let Some((_, tag)) = record.discriminator.as_ref().filter(|(property, _)| *property == name)
            && nodes
                .iter()
                .all(|node| node.schema().check(&Value::String(tag.clone())) != crate::finding::Verdict::Invalid)
        {
            return Some(Member::new(name, Form::Fixed(Value::String(tag.clone())), None));
        }
        if at.paged
            && let Some((towards @ (Meaning::Next | Meaning::Previous), _)) = meaning(&at.words)
        {
            let optional = !required && record.least == 0;
            let admits_null = !nodes.is_empty() && nodes.iter().all(|node| node.types().contains(Type::Null));
            // Where the list is not read in pages, what is shown is all there is.
            let form = if admits_null || optional { Form::Fixed(Value::Null) } else { self.form(&nodes, &at)? };
            if !admits_null && !required && !optional {
                return None;
            }
            let words = ["url", "uri", "href", "link", "links"];
            let format = nodes.iter().filter_map(|node| node.resolve().get("format").and_then(Value::as_str)).next();
            let link = Link {
                forward: towards == Meaning::Next,
                optional: optional && !admits_null,
                address: format.is_some_and(|format| format.starts_with("uri") || format == "url")
                    || at.words.iter().any(|word| words.contains(&word.as_str()))
                    || at.words.len() == 1,
                schemas: nodes.iter().map(Node::schema).collect(),
            };
            let mut member = Member::new(name, form, None);
            member.link = Some(Box::new(link));
            return Some(member);
        }
        if let Some(shown) = MISTAKE.iter().find(|(known, _)| *known == name)
            && record.tells_of_mistakes()
        {
            let value = match shown.1 {
                [one] => Value::from(*one),
                several => several.iter().copied().collect(),
            };
            if nodes.iter().all(|node| node.schema().check(&value) == crate::finding::Verdict::Valid) {
                return Some(Member::new(name, Form::Fixed(value), None));
            }
        }
        let form = self.form(&nodes, &at)?;
        let echo = record.at.echoes.then(|| accept(&form, &nodes));
        Some(Member::new(name, form, echo))
    }

    /// Adds members that the schema does not name: for a map, and where too few are named.
    fn fill(&mut self, record: &mut Plan<'_, '_>, members: &mut Vec<Member>) -> Option<()> {
        let map = members.is_empty() && record.names.is_empty() && record.is_map() && !record.at.lean;
        let wanted = record.least.max(if map { 2 } else { 0 }).min(record.most);
        if wanted > MOST_FILLED {
            self.give_up(record.facets.origin.as_ref(), "it asks for more members than are made up");
            return None;
        }
        // Members that were left out for depth come before made-up ones.
        if members.len() < wanted {
            let there: HashSet<Box<str>> = members.iter().map(|member| member.name.clone()).collect();
            for name in record.names() {
                if members.len() < wanted && !there.contains(name) && !record.facets.omit.contains(name) {
                    members.extend(self.member(record, name, false));
                }
            }
        }
        let mut attempt = 0;
        while members.len() < wanted {
            attempt += 1;
            let name = record.made_up(self, attempt);
            let fresh = name.as_deref().filter(|name| members.iter().all(|member| *member.name != **name));
            let added = fresh.and_then(|name| self.member(record, name, false));
            let made = added.is_some();
            members.extend(added);
            if !made && attempt > wanted + 20 {
                if members.len() >= record.least {
                    break;
                }
                self.give_up(record.facets.origin.as_ref(), "it asks for more members than it admits names");
                return None;
            }
        }
        Some(())
    }
}

/// What FastAPI says of a member that is missing.
const MISTAKE: [(&str, &[&str]); 3] =
    [("loc", &["body", "name"]), ("msg", &["Field required"]), ("type", &["missing"])];

/// What is known of an object before its members are made.
struct Plan<'f, 's> {
    facets: &'f Facets<'s>,
    at: &'f At,
    names: Vec<&'s str>,
    required: HashSet<&'s str>,
    least: usize,
    most: usize,
    subject: Subject,
    /// The member that is the list the answer is about.
    list: Option<&'s str>,
    paged: bool,
    discriminator: Option<(&'s str, String)>,
    patterns: Vec<(Option<regex::Regex>, &'s str)>,
}

impl<'f, 's> Plan<'f, 's> {
    fn new(facets: &'f Facets<'s>, at: &'f At) -> Plan<'f, 's> {
        let mut names: Vec<&'s str> = Vec::new();
        for members in facets.all("properties").filter_map(Value::as_object) {
            names.extend(members.keys().map(String::as_str));
        }
        let listed = |keyword: &'static str| facets.all(keyword).filter_map(Value::as_array).flatten();
        names.extend(listed("required").chain(listed(EXPECTED)).filter_map(Value::as_str));
        let mut required: HashSet<&'s str> =
            listed("required").chain(listed(EXPECTED)).filter_map(Value::as_str).collect();
        let more = brought(facets, &names, &mut required);
        names.extend(more);
        let mut seen = HashSet::new();
        names.retain(|name| seen.insert(*name));
        let patterns = facets.all("patternProperties").filter_map(Value::as_object).flat_map(|map| map.keys());
        let regex = |pattern: &str| regex::Regex::new(&jsonschema_regex::to_rust_regex(pattern).ok()?).ok();
        let mut plan = Plan {
            facets,
            at,
            required,
            least: facets.largest("minProperties").unwrap_or(0),
            most: facets.smallest("maxProperties").unwrap_or(usize::MAX),
            subject: subject(facets, at, &names),
            names,
            list: None,
            paged: false,
            discriminator: facets.discriminator(),
            patterns: patterns.map(|pattern| (regex(pattern), pattern.as_str())).collect(),
        };
        let lists: Vec<&str> = plan.names.iter().copied().filter(|name| plan.is_list(name)).collect();
        plan.list = match lists.as_slice() {
            [one] => Some(one),
            many => many.iter().copied().find(|name| LISTS.contains(name)),
        };
        plan.paged = plan.list.is_some() || at.paged;
        plan
    }

    fn is_list(&self, name: &str) -> bool {
        let nodes = self.schemas(name);
        !nodes.is_empty() && nodes.iter().all(|node| node.types().without(Type::Null) == TypeSet::only(Type::Array))
    }

    fn names(&self) -> Vec<&'s str> {
        self.names.clone()
    }

    /// Whether there is no more room for optional members.
    fn enough(&self, count: usize) -> bool {
        self.most != usize::MAX && count + self.required.len() >= self.most && count >= self.least
    }

    /// Whether an optional member is given.
    fn wants(&self, builder: &Builder<'_>, name: &str) -> bool {
        if self.at.lean || self.facets.omit.contains(name) {
            return false;
        }
        let shallow = self.at.depth < builder.generous;
        shallow || {
            let nodes = self.schemas(name);
            let container = |node: &Node<'_>| node.types().contains(Type::Object) || node.types().contains(Type::Array);
            builder.generous > 0 && !nodes.iter().any(container)
        }
    }

    /// Whether it tells where a request was wrong, and what.
    fn tells_of_mistakes(&self) -> bool {
        MISTAKE.iter().all(|(name, _)| self.names.contains(name))
    }

    fn is_map(&self) -> bool {
        let keyed = |keyword: &'static str| {
            self.facets.all(keyword).any(|value| value.as_object().is_some_and(|map| !map.is_empty()))
        };
        keyed("additionalProperties") || keyed("patternProperties") || keyed("unevaluatedProperties")
    }

    /// The schemas that hold for a member.
    fn schemas(&self, name: &str) -> Vec<Node<'s>> {
        let mut found = Vec::new();
        for node in &self.facets.nodes {
            let before = found.len();
            if node.get("properties").is_some_and(|members| members.get(name).is_some()) {
                found.extend(node.child(&["properties", name]));
            }
            if let Some(patterns) = node.get("patternProperties").and_then(Value::as_object) {
                for pattern in patterns.keys() {
                    let matches = |(regex, text): &(Option<regex::Regex>, &str)| {
                        text == pattern && regex.as_ref().is_some_and(|regex| regex.is_match(name))
                    };
                    if self.patterns.iter().any(matches) {
                        found.extend(node.child(&["patternProperties", pattern]));
                    }
                }
            }
            if found.len() == before {
                found.extend(node.child(&["additionalProperties"]));
            }
        }
        if found.is_empty() {
            found.extend(self.facets.nodes.iter().filter_map(|node| node.child(&["unevaluatedProperties"])));
        }
        found
    }

    fn at(&self, name: &str, required: bool) -> At {
        let at = self.at;
        let wrapper = at.depth == 0 && (WRAPPERS.contains(&name) || self.names.len() == 1);
        At {
            path: format!("{}/{name}", at.path),
            words: name::words(name),
            subject: self.subject,
            depth: at.depth + 1,
            lists: at.lists,
            paged: self.paged,
            echoes: at.echoes && wrapper,
            required,
            lean: false,
            varied: 1,
        }
    }

    /// A name that one of the expressions matches and the rules admit.
    fn ruled(&self, builder: &mut Builder<'_>, rules: &[Node<'s>], attempt: usize) -> Option<String> {
        let facets = Facets::of(rules);
        let schemas: Vec<Schema> = rules.iter().map(Node::schema).collect();
        let admitted = |name: &str| {
            schemas.iter().all(|schema| schema.check(&Value::from(name)) != crate::finding::Verdict::Invalid)
        };
        if let Some(listed) = facets.listed() {
            let matched = |name: &&str| {
                admitted(name)
                    && self.patterns.iter().any(|(regex, _)| regex.as_ref().is_some_and(|one| one.is_match(name)))
            };
            let names: Vec<&str> = listed.into_iter().filter_map(Value::as_str).filter(matched).collect();
            return names.get(attempt.checked_sub(1)?).map(|name| (*name).to_owned());
        }
        let most = facets.smallest("maxLength").unwrap_or(64);
        // Longer and longer ones differ, whatever the expression leaves open.
        let least = facets.largest("minLength").unwrap_or(0).max(attempt % LENGTHS).min(most);
        let (_, pattern) = self.patterns.get(attempt % self.patterns.len())?;
        builder.patterns.get(pattern)?.sample(Seed(0).nth(attempt as u64), least, most, admitted)
    }

    /// A name for a member that the schema does not name.
    fn made_up(&self, builder: &mut Builder<'_>, attempt: usize) -> Option<String> {
        let seed = Seed(0).nth(attempt as u64);
        let rules: Vec<Node<'s>> = self.facets.nodes.iter().filter_map(|node| node.child(&["propertyNames"])).collect();
        let shut = ["additionalProperties", "unevaluatedProperties"];
        let closed = shut.iter().any(|keyword| self.facets.all(keyword).any(|value| value == &Value::Bool(false)));
        if closed && !self.patterns.is_empty() && !rules.is_empty() {
            // Only names that an expression matches are members, and only some of them are what the rules ask for.
            return self.ruled(builder, &rules, attempt);
        }
        if !rules.is_empty() {
            let at = At { path: String::new(), words: vec!["key".into()], required: true, ..self.at.clone() };
            let rules: Vec<Node<'s>> = rules.into_iter().collect();
            let form = builder.text_of(&rules, &At { depth: at.depth + 1, ..at })?;
            return probe(&form, attempt as u64).as_str().map(str::to_owned);
        }
        if let Some((_, pattern)) =
            self.patterns.first().filter(|_| closed || self.at.depth > 0 || self.names.is_empty())
        {
            // `^x-` is matched by `x-`, again and again: what is longer differs.
            let again = attempt > LENGTHS / 2;
            let pattern = if again { self.patterns.get(attempt % self.patterns.len())?.1 } else { pattern };
            let least = if again { attempt % LENGTHS } else { 1 };
            return builder.patterns.get(pattern)?.sample(seed, least.max(1), 64, |_| true);
        }
        let texts = || self.schemas("").iter().all(|node| node.types().contains(Type::String));
        let name = match attempt {
            1..=3 if texts() => vocabulary::LABELS.get(attempt - 1).map(|(name, _)| (*name).to_owned()),
            1..=3 => vocabulary::KEYS.get(attempt - 1).map(|name| (*name).to_owned()),
            more => vocabulary::NOUNS.get(more - 4).map(|name| (*name).to_owned()),
        };
        Some(name.unwrap_or_else(|| format!("item_{attempt}")))
    }
}

/// What members bring with them is required once they are there: adds it to what is required, and returns it in a steady order.
fn brought<'s>(facets: &Facets<'s>, names: &[&'s str], required: &mut HashSet<&'s str>) -> Vec<&'s str> {
    let mut by: HashMap<&str, Vec<&'s str>> = HashMap::new();
    for (name, needed) in facets.all("dependentRequired").filter_map(Value::as_object).flatten() {
        by.entry(name).or_default().extend(needed.as_array().into_iter().flatten().filter_map(Value::as_str));
    }
    let mut more = Vec::new();
    let mut open: Vec<&str> = if by.is_empty() { Vec::new() } else { names.to_vec() };
    while let Some(name) = open.pop() {
        for needed in by.remove(name).into_iter().flatten() {
            if required.insert(needed) {
                more.push(needed);
                open.push(needed);
            }
        }
    }
    more.sort_unstable();
    more
}

/// How it is told whether a value from the request may stand in the place of what the form writes.
fn accept(form: &Form, nodes: &[Node<'_>]) -> Accept {
    match form {
        Form::Flag(_) | Form::Number(_) | Form::Page(..) => Accept::Form,
        // A list that was cut short would refuse what the schema admits.
        Form::OneOf(values) if values.len() < 200 => Accept::Form,
        _ => Accept::Schemas(nodes.iter().map(Node::schema).collect::<Vec<Schema>>().into()),
    }
}

/// What an object is: by the name of its schema, of the member, or by what its members are.
fn subject(facets: &Facets<'_>, at: &At, names: &[&str]) -> Subject {
    let titles = facets.all("title").filter_map(Value::as_str).map(name::words);
    let component = facets.nodes.iter().take(4).filter_map(super::facets::component).map(|name| name::words(&name));
    // The last word says what it is: an `OrganizationMember` is a person.
    let told = std::iter::once(at.words.clone()).chain(component).chain(titles);
    if let Some(subject) = told.into_iter().find_map(|words| meaning::subject(&words)) {
        return subject;
    }
    let personal =
        ["email", "first_name", "firstName", "last_name", "lastName", "username", "emailAddress", "email_address"];
    if names.iter().any(|name| personal.contains(name)) { Subject::Person } else { Subject::Thing }
}
