//! Lists: how many items, and what each of them is.

use std::collections::HashSet;

use serde_json::Value;

use super::build::{At, Builder, probe, widened};
use super::emit::MOST_ITEMS;
use super::facets::Facets;
use super::form::{Form, List};
use super::name;
use crate::finding::Verdict;
use crate::message::Direction;
use crate::schema::{Node, Type, TypeSet};

/// How many values that differ are looked for one by one, among how many branches.
const MOST_DIFFERENT: usize = 100;
const BRANCHES: usize = 16;
/// With how many values it is tried whether what must not be is not, and in how many ways it is kept from being.
const PROBES: u64 = 4;
const WAYS: usize = 3;
/// The longest list that is made because a schema asks for it.
const LONGEST: usize = 10_000;

/// Whether these describe what the client sends and never gets.
fn is_hidden(nodes: &[Node<'_>]) -> bool {
    let answered = nodes.first().is_some_and(|node| node.direction() == Direction::Response);
    answered && Facets::of(nodes).all("writeOnly").any(|mark| mark == &Value::Bool(true))
}

impl Builder<'_> {
    pub(super) fn list(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        let prefix = facets.all("prefixItems").filter_map(Value::as_array).map(Vec::len).max().unwrap_or(0);
        let mut least = facets.largest("minItems").unwrap_or(0);
        let mut most = facets.smallest("maxItems").unwrap_or(usize::MAX);
        let unique = facets.all("uniqueItems").any(|value| value == &Value::Bool(true));
        self.unsure |= unique;
        let wanted = self.contained(facets);
        if least > most || least > LONGEST {
            return self.give_up(facets.origin.as_ref(), "it asks for more items than it admits, or than are made up");
        }
        let mut first = Vec::new();
        let mut wanted = wanted;
        for index in 0..prefix.min(most) {
            let nodes: Vec<Node<'_>> = facets.nodes.iter().filter_map(|node| of_prefix(node, index)).collect();
            // An item that has its place may be what the list must contain.
            let contained = wanted.iter_mut().filter(|(_, count)| *count > 0).find_map(|(schema, count)| {
                let form = self.strictly(&[&nodes[..], std::slice::from_ref(schema)].concat(), &item(at))?;
                *count -= 1;
                Some(form)
            });
            match contained.or_else(|| self.form(&nodes, &item(at))) {
                Some(form) => first.push(form),
                // What comes after an item that cannot be is not there either.
                None => {
                    most = most.min(index);
                    break;
                }
            }
        }
        for (schema, count) in &wanted {
            for _ in 0..*count {
                let index = first.len();
                let mut nodes: Vec<Node<'_>> = facets.nodes.iter().filter_map(|node| of_prefix(node, index)).collect();
                nodes.push(schema.clone());
                first.push(self.form(&nodes, &item(at))?);
            }
        }
        least = least.max(if wanted.is_empty() { 0 } else { first.len() });
        let beyond: Vec<Node<'_>> = facets.nodes.iter().filter_map(|node| of_prefix(node, usize::MAX)).collect();
        let varied = if unique { least.saturating_sub(first.len()).max(1) } else { 1 };
        let each = At { varied, ..item(at) };
        // Strictly the mark is for members only; items that are only ever sent to the server are as little wanted in an answer.
        let hidden = least <= first.len() && is_hidden(&beyond);
        let rest = if first.len() < most && !hidden { self.form(&beyond, &each) } else { None };
        let rest = if unique { rest.map(widened) } else { rest };
        let few = self.few(facets);
        let rest = match rest {
            Some(usual) if !few.is_empty() => self.other(usual, &few, &beyond, &each, first.len() < least),
            rest => rest,
        };
        if rest.is_none() {
            most = most.min(first.len());
        }
        if unique && let Some(form) = &rest {
            let various = variety(form, least);
            if first.len().saturating_add(various) < least {
                // One choice has too few values: those of the others come with them.
                let wanted = least - first.len();
                let different = self.different(form, &beyond, &each, wanted);
                if different.len() == wanted {
                    first.extend(different.into_iter().map(Form::Fixed));
                    most = least;
                }
            }
            most = most.min(first.len().saturating_add(various));
        }
        if least > most {
            self.give_up(facets.origin.as_ref(), "it asks for more items than there can be");
            if !self.yielding {
                return None;
            }
            // As many as there can be.
            self.gaps.extend(self.trouble.take());
            least = most;
        }
        let (from, to) = match (at.lists, &rest) {
            (_, None) => (first.len(), first.len()),
            (0, _) => (2, 3),
            (1, Some(Form::Record(_) | Form::List(_))) => (1, 2),
            (_, Some(Form::Record(_) | Form::List(_))) => (1, 1),
            _ => (1, 3),
        };
        let tuple = if prefix > 0 || !wanted.is_empty() { first.len() } else { 0 };
        let (from, to) = if at.lean || tuple > 0 { (tuple, tuple) } else { (from, to) };
        let usual = (from.max(least).min(most), to.max(least).min(most));
        let bounds = (least, most);
        Some(Form::List(Box::new(List { first, rest, bounds, usual, unique, sized: false })))
    }

    /// The schemas that some items must satisfy, and how many of them.
    fn contained<'s>(&mut self, facets: &Facets<'s>) -> Vec<(Node<'s>, usize)> {
        let mut found = Vec::new();
        for node in facets.nodes.iter().filter(|node| node.get("contains").is_some()) {
            let count = node.get("minContains").and_then(Value::as_u64).unwrap_or(1);
            let most = node.get("maxContains").and_then(Value::as_u64);
            if let Some(schema) =
                node.child(&["contains"]).filter(|_| count > 0 && count <= 100 && most.is_none_or(|most| count <= most))
            {
                found.push((schema, usize::try_from(count).unwrap_or(1)));
                // Other items may satisfy it as well, which matters only where few may.
                self.unsure |= most.is_some();
            }
        }
        found
    }

    /// What only so many items may satisfy.
    fn few<'s>(&self, facets: &Facets<'s>) -> Vec<Node<'s>> {
        let bounded = facets.nodes.iter().filter(|node| node.get("maxContains").is_some());
        bounded.filter_map(|node| node.child(&["contains"])).collect()
    }

    /// A form of items that none of these schemas admits: the one given, if it is, or that of another choice. Where there is neither,
    /// there are no such items, or, if there must be, chance may bring some about.
    fn other(&mut self, usual: Form, few: &[Node<'_>], nodes: &[Node<'_>], at: &At, needed: bool) -> Option<Form> {
        let never: Vec<_> = few.iter().map(Node::schema).collect();
        let always: Vec<_> = nodes.iter().map(Node::schema).collect();
        let apart = |form: &Form| {
            (0..PROBES).all(|number| {
                let value = probe(form, number);
                never.iter().all(|schema| schema.check(&value) == Verdict::Invalid)
                    && always.iter().all(|schema| schema.check(&value) != Verdict::Invalid)
            })
        };
        if apart(&usual) {
            return Some(usual);
        }
        self.alternatives(nodes, few, at).into_iter().find(apart).or(Some(usual).filter(|_| needed))
    }

    /// Different values of these items, of whatever choice.
    fn different(&mut self, usual: &Form, nodes: &[Node<'_>], at: &At, wanted: usize) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        if wanted > MOST_DIFFERENT {
            return found;
        }
        let schemas: Vec<_> = nodes.iter().map(Node::schema).collect();
        let admitted = |value: &Value| schemas.iter().all(|schema| schema.check(value) != Verdict::Invalid);
        let alternatives = self.alternatives(nodes, &[], &At { varied: 1, ..at.clone() });
        for form in std::iter::once(usual).chain(&alternatives) {
            let values: Vec<Value> = match form {
                Form::OneOf(values) => values.to_vec(),
                Form::Flag(_) => vec![true.into(), false.into()],
                form => (0..wanted as u64 * 4).map(|number| probe(form, number)).collect(),
            };
            for value in values {
                if found.len() < wanted && !found.contains(&value) && admitted(&value) {
                    found.push(value);
                }
            }
        }
        found
    }

    /// The forms of each choice that there is for the same values: each branch, each type, and what is kept from what it must not be.
    /// Whether a branch holds alone is not looked at.
    fn alternatives(&mut self, nodes: &[Node<'_>], never: &[Node<'_>], at: &At) -> Vec<Form> {
        let facets = Facets::of(nodes);
        let mut forms = Vec::new();
        for way in 0..WAYS {
            let mut apart = facets.clone();
            let kept = never.iter().map(Node::resolve).filter(|node| {
                node.keywords().is_some_and(|keywords| (0..=way).rev().any(|way| apart.refuse(keywords, way)))
            });
            if kept.count() > 0 {
                forms.extend(self.decided(apart, at));
            }
        }
        for (index, point) in facets.points.iter().take(2).enumerate() {
            for branch in point.branches.iter().take(BRANCHES) {
                let mut chosen = facets.clone();
                chosen.points.remove(index);
                branch.iter().for_each(|node| chosen.add(node));
                forms.extend(self.decided(chosen, at));
            }
        }
        if facets.types != TypeSet::ANY && facets.points.is_empty() {
            for one in facets.types.iter() {
                let mut only = facets.clone();
                only.types = TypeSet::only(one);
                forms.extend(self.decided(only, at));
            }
        }
        forms
    }

    /// The form of texts alone.
    pub(super) fn text_of(&mut self, nodes: &[Node<'_>], at: &At) -> Option<Form> {
        let mut facets = Facets::of(nodes);
        facets.types = facets.types.and(TypeSet::only(Type::String));
        if facets.types.is_empty() || facets.impossible {
            return None;
        }
        if let Some(listed) = facets.listed() {
            let values: Vec<Value> = listed.into_iter().filter(|value| value.is_string()).cloned().collect();
            return (!values.is_empty()).then(|| Form::OneOf(values.into()));
        }
        self.string(&facets, at, None)
    }
}

/// The schema that holds for the item at an index, in one of the schemas put together.
fn of_prefix<'s>(node: &Node<'s>, index: usize) -> Option<Node<'s>> {
    let prefix = node.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
    if index < prefix {
        return node.child(&["prefixItems", &index.to_string()]);
    }
    node.child(&["items"]).or_else(|| node.child(&["unevaluatedItems"]))
}

fn item(at: &At) -> At {
    let mut words = at.words.clone();
    if let Some(last) = words.last_mut() {
        *last = name::singular(last);
    }
    At {
        path: format!("{}/*", at.path),
        words,
        depth: at.depth + 1,
        lists: at.lists + 1,
        paged: false,
        echoes: false,
        required: at.required,
        lean: false,
        varied: 1,
        ..at.clone()
    }
}

/// How many different values a form writes, as far as that matters.
fn variety(form: &Form, least: usize) -> usize {
    match form {
        Form::Fixed(_) => 1,
        Form::OneOf(values) => values.len(),
        Form::Flag(_) => 2,
        Form::Number(numbers) => usize::try_from(numbers.count()).unwrap_or(usize::MAX),
        form => {
            let enough = least.clamp(8, 64) as u64;
            let seen: HashSet<String> = (0..enough * 2).map(|number| probe(form, number).to_string()).collect();
            if (seen.len() as u64) < enough { seen.len().max(1) } else { usize::MAX }
        }
    }
}

/// Marks the list that takes the size that a request asks for: the value itself, or the one that it wraps.
pub(super) fn mark_sized(form: &mut Form) {
    match form {
        Form::List(list) => list.sized = true,
        Form::Record(record) => {
            if let Some(Form::List(list)) =
                record.list.and_then(|index| record.members.get_mut(index)).map(|member| &mut member.form)
            {
                list.sized = true;
                return;
            }
            let mut records = record.members.iter_mut().filter(|member| matches!(member.form, Form::Record(_)));
            if let (Some(only), None) = (records.next(), records.next())
                && let Form::Record(inner) = &mut only.form
                && let Some(Form::List(list)) =
                    inner.list.and_then(|index| inner.members.get_mut(index)).map(|member| &mut member.form)
            {
                list.sized = true;
            }
        }
        _ => {}
    }
}

const _: () = assert!(MOST_ITEMS <= LONGEST);
