//! Values found by trying: where thought has found none, what schemas mention is put together in many ways, and the schemas are asked.
//!
//! What is mentioned is gathered with everything that speaks of the same value, whether it must hold, may hold or must not: the
//! values at the edge of one keyword are what another one needs. Trying is bounded and the same each time.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use super::Seed;
use super::build::Builder;
use super::draw::Draws;
use super::form::Form;
use super::pattern::Patterns;
use crate::finding::Verdict;
use crate::schema::{EXPECTED, Node, Type, TypeSet};

/// Values that are tried for one plan, and of those for one place.
pub(super) const TRIES: u64 = 1_200;
const EACH: u64 = 300;
/// Different values after which it is enough.
const ENOUGH: usize = 3;
/// Schemas that are gathered for one value, and how deep what is in it is looked at.
const PARTS: usize = 64;
const DEPTH: usize = 3;
/// Places of one value that are looked at, and how many of them weigh as much as one more value that is tried.
const ROOM: usize = 500;
const PLACES_A_TRY: usize = 8;
/// Values of one kind that are kept.
const KEPT: usize = 160;
/// The longest text, and the most items or members.
const LONGEST: usize = 300;
const MOST: usize = 24;
/// Names for members that none is known for.
const NAMES: [&str; 4] = ["a", "b", "name", "x1"];

impl Builder<'_> {
    /// A form for values that satisfy all these schemas, if trying finds any.
    pub(super) fn searched(&mut self, nodes: &[Node<'_>]) -> Option<Form> {
        let tries = self.tries.min(EACH);
        if tries == 0 || nodes.is_empty() {
            return None;
        }
        let schemas: Vec<_> = nodes.iter().map(Node::schema).collect();
        let types = nodes.iter().map(Node::types).fold(TypeSet::ANY, TypeSet::and);
        if types.is_empty() {
            return None;
        }
        let pool = Pool::of(nodes.to_vec(), types, DEPTH, ROOM, self.patterns);
        // What is found at once was not for nothing, either: another place may look at all of this again.
        self.tries -= ((pool.places() / PLACES_A_TRY) as u64).min(tries);
        let tries = self.tries.min(tries);
        let mut found: Vec<Value> = Vec::new();
        for number in 0..tries {
            self.tries -= 1;
            let value = match pool.plain.get(number as usize) {
                Some(value) => value.clone(),
                None => pool.value(&mut Draws::of(Seed(0), number), self.patterns),
            };
            if found.contains(&value) || schemas.iter().any(|schema| schema.check(&value) == Verdict::Invalid) {
                continue;
            }
            found.push(value);
            if found.len() == ENOUGH {
                break;
            }
        }
        self.unsure = true;
        match found.len() {
            0 => None,
            1 => found.pop().map(Form::Fixed),
            _ => Some(Form::OneOf(found.into())),
        }
    }
}

/// What may be a value of one place, or a part of it.
struct Pool<'s> {
    /// Everything that speaks of the value.
    parts: Vec<Node<'s>>,
    types: TypeSet,
    /// Values as they are.
    plain: Vec<Value>,
    /// How many items or members.
    counts: Vec<usize>,
    /// Names of members, and of those the ones that are asked for.
    names: Vec<String>,
    required: Vec<String>,
    items: Option<Box<Pool<'s>>>,
    members: HashMap<String, Pool<'s>>,
}

impl<'s> Pool<'s> {
    /// `room` is for how many places.
    fn of(nodes: Vec<Node<'s>>, types: TypeSet, depth: usize, room: usize, patterns: &mut Patterns) -> Pool<'s> {
        let parts = parts(nodes);
        let mut pool = Pool {
            plain: plain(&parts, types, patterns),
            counts: counts(&parts),
            names: Vec::new(),
            required: Vec::new(),
            items: None,
            members: HashMap::new(),
            parts,
            types,
        };
        if depth == 0 || room <= 1 {
            return pool;
        }
        let mut room = room - 1;
        if types.contains(Type::Array) {
            room /= 2;
            let items = ["items", "contains", "unevaluatedItems"];
            let mut below: Vec<Node<'s>> = pool.below(&items);
            below.extend(pool.parts.iter().flat_map(|part| part.branches("prefixItems")));
            pool.items = Some(Box::new(Pool::of(below, TypeSet::ANY, depth - 1, room, patterns)));
        }
        if types.contains(Type::Object) {
            pool.learn_names(patterns);
            let names: Vec<String> = pool.names.iter().take(MOST.min(room)).cloned().collect();
            let each = room / names.len().max(1);
            for name in names {
                let members = Pool::of(pool.member(&name), TypeSet::ANY, depth - 1, each, patterns);
                pool.members.insert(name, members);
            }
        }
        pool
    }

    fn places(&self) -> usize {
        1 + self.items.iter().map(|pool| pool.places()).chain(self.members.values().map(Pool::places)).sum::<usize>()
    }

    /// The schemas under these keywords.
    fn below(&self, keywords: &[&str]) -> Vec<Node<'s>> {
        let parts = self.parts.iter();
        parts.flat_map(|part| keywords.iter().filter_map(|keyword| part.child(&[keyword]))).collect()
    }

    /// All that speaks of a member: which patterns its name matches, the schemas find out.
    fn member(&self, name: &str) -> Vec<Node<'s>> {
        let mut found: Vec<Node<'s>> = self.parts.iter().filter_map(|part| part.child(&["properties", name])).collect();
        for part in &self.parts {
            for pattern in part.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                found.extend(part.child(&["patternProperties", pattern]));
            }
        }
        found.extend(self.below(&["additionalProperties", "unevaluatedProperties"]));
        found
    }

    fn learn_names(&mut self, patterns: &mut Patterns) {
        let mut names: Vec<String> = Vec::new();
        for part in &self.parts {
            for keyword in ["required", EXPECTED] {
                let listed = part.get(keyword).and_then(Value::as_array).into_iter().flatten();
                self.required.extend(listed.filter_map(Value::as_str).map(str::to_owned));
            }
            for keyword in ["properties", "dependentRequired", "dependentSchemas"] {
                let keys = part.get(keyword).and_then(Value::as_object).into_iter().flat_map(Map::keys);
                names.extend(keys.cloned());
            }
            let dependent = part.get("dependentRequired").and_then(Value::as_object).into_iter().flat_map(Map::values);
            names.extend(dependent.filter_map(Value::as_array).flatten().filter_map(Value::as_str).map(str::to_owned));
            let of_patterns = part.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
            for pattern in of_patterns.filter_map(|pattern| patterns.get(pattern)) {
                names.extend((0..4).filter_map(|number| pattern.sample(Seed(number), 0, 12, |_| true)));
            }
        }
        let text = TypeSet::only(Type::String);
        let rules = self.below(&["propertyNames"]);
        if !rules.is_empty() {
            let texts = plain(&parts(rules), text, patterns);
            names.extend(texts.into_iter().filter_map(|text| text.as_str().map(str::to_owned)).take(MOST));
        }
        names.splice(0..0, self.required.iter().cloned());
        names.extend(NAMES.map(str::to_owned));
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        self.names = names;
    }

    /// A value put together by chance.
    fn value(&self, draws: &mut Draws, patterns: &mut Patterns) -> Value {
        let composed = self.types.contains(Type::Array) || self.types.contains(Type::Object);
        if !composed || draws.below(3) == 0 {
            return one(&self.plain, draws).cloned().unwrap_or_default();
        }
        let list = self.types.contains(Type::Array) && (!self.types.contains(Type::Object) || draws.below(2) == 0);
        let count = match draws.below(3) {
            0 => draws.below(4) as usize,
            _ => one(&self.counts, draws).copied().unwrap_or(1),
        };
        if list {
            let Some(items) = &self.items else { return Value::Array(Vec::new()) };
            let same = (draws.below(4) == 0).then(|| items.value(draws, patterns));
            return (0..count).map(|_| same.clone().unwrap_or_else(|| items.value(draws, patterns))).collect();
        }
        let mut members = Map::new();
        let required = if draws.below(4) > 0 { self.required.as_slice() } else { &[] };
        for name in required.iter().take(MOST) {
            members.insert(name.clone(), self.part(name, draws, patterns));
        }
        for _ in 0..count * 2 {
            if members.len() >= count {
                break;
            }
            if let Some(name) = one(&self.names, draws) {
                members.insert(name.clone(), self.part(name, draws, patterns));
            }
        }
        Value::Object(members)
    }

    fn part(&self, name: &str, draws: &mut Draws, patterns: &mut Patterns) -> Value {
        self.members.get(name).map_or_else(|| Value::from("a"), |pool| pool.value(draws, patterns))
    }
}

fn one<'v, T>(of: &'v [T], draws: &mut Draws) -> Option<&'v T> {
    of.get(draws.below(of.len() as u64) as usize)
}

/// The schemas, and all that they apply to the same value.
fn parts<'s>(nodes: Vec<Node<'s>>) -> Vec<Node<'s>> {
    let mut seen = std::collections::HashSet::new();
    let mut found: Vec<Node<'s>> = Vec::new();
    let mut waiting = std::collections::VecDeque::from(nodes);
    while let Some(node) = waiting.pop_front() {
        if found.len() >= PARTS || !seen.insert(node.identity()) {
            continue;
        }
        waiting.extend(node.reference());
        ["allOf", "anyOf", "oneOf"].iter().for_each(|keyword| waiting.extend(node.branches(keyword)));
        waiting.extend(["not", "if", "then", "else"].iter().filter_map(|keyword| node.child(&[keyword])));
        let dependent = node.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        waiting.extend(dependent.filter_map(|name| node.child(&["dependentSchemas", name])));
        found.push(node);
    }
    found
}

/// Numbers of items and members that are spoken of, and those beside them.
fn counts(parts: &[Node<'_>]) -> Vec<usize> {
    let words = ["minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties"];
    let told = parts.iter().flat_map(|part| words.iter().filter_map(|word| part.get(word).and_then(Value::as_f64)));
    let told =
        told.map(|count| count as usize).flat_map(|count| [count, count.saturating_add(1), count.saturating_sub(1)]);
    let tuples = parts.iter().flat_map(|part| {
        let count = part.branches("prefixItems").len();
        [count, count + 1]
    });
    let mut counts: Vec<usize> = told.chain(tuples).chain([0, 1, 2, 3]).filter(|count| *count <= MOST).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// Values as they are: those that are listed, and scalars about every bound.
fn plain(parts: &[Node<'_>], types: TypeSet, patterns: &mut Patterns) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for part in parts {
        values.extend(part.get("const").cloned());
        for keyword in ["enum", "examples"] {
            values.extend(part.get(keyword).and_then(Value::as_array).into_iter().flatten().take(KEPT).cloned());
        }
        values.extend(["default", "example"].iter().filter_map(|keyword| part.get(keyword).cloned()));
    }
    values.extend([Value::Null, true.into(), false.into()]);
    if types.contains(Type::Number) || types.contains(Type::Integer) {
        values.extend(numbers(parts));
    }
    if types.contains(Type::String) {
        values.extend(texts(parts, patterns).into_iter().map(Value::from));
    }
    values.retain(|value| types.contains(Type::of(value)));
    let mut seen = std::collections::HashSet::new();
    values.retain(|value| seen.insert(value.to_string()));
    values
}

fn numbers(parts: &[Node<'_>]) -> Vec<Value> {
    let of = |words: &[&str]| -> Vec<f64> {
        parts.iter().flat_map(|part| words.iter().filter_map(|word| part.get(word).and_then(Value::as_f64))).collect()
    };
    let mut edges = of(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
    edges.push(0.0);
    let steps = of(&["multipleOf"]);
    let mut found: Vec<f64> = edges.iter().flat_map(|edge| [*edge, edge + 1.0, edge - 1.0, edge + 0.5]).collect();
    let products = steps.iter().flat_map(|one| steps.iter().map(move |other| one * other));
    for step in steps.iter().copied().chain(products).filter(|step| *step > 0.0).take(16) {
        for edge in &edges {
            let below = (edge / step).floor();
            found.extend([below - 1.0, below, below + 1.0, below + 2.0].map(|count| count * step));
        }
    }
    for pair in edges.clone() {
        found.extend(edges.iter().map(|edge| f64::midpoint(pair, *edge)));
    }
    let number = |value: f64| match value {
        value if value.fract() == 0.0 && value.abs() < 9e15 => Some(Value::from(value as i64)),
        value => Number::from_f64(value).map(Value::Number),
    };
    found.into_iter().filter_map(number).take(KEPT).collect()
}

fn texts(parts: &[Node<'_>], patterns: &mut Patterns) -> Vec<String> {
    let lengths = parts.iter().flat_map(|part| ["minLength", "maxLength"].map(|word| part.get(word)));
    let mut lengths: Vec<usize> = lengths
        .filter_map(|length| length?.as_f64())
        .map(|length| length as usize)
        .flat_map(|length| [length, length.saturating_add(1), length.saturating_sub(1)])
        .filter(|length| *length <= LONGEST)
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    let expressions: Vec<_> = parts
        .iter()
        .filter_map(|part| part.get("pattern").and_then(Value::as_str))
        .filter_map(|pattern| patterns.get(pattern))
        .take(12)
        .collect();
    let mut found: Vec<String> = Vec::new();
    for expression in &expressions {
        let most = lengths.last().copied().unwrap_or(24).max(24);
        found.extend((0..3).filter_map(|number| expression.sample(Seed(number), 0, most, |_| true)));
        let exact = lengths.iter().filter_map(|length| expression.sample(Seed(0), *length, *length, |_| true));
        found.extend(exact);
        // One text for this expression and another one, or for this one and not for that.
        for other in &expressions {
            for wanted in [true, false] {
                found.extend(expression.sample(Seed(1), 0, most, |text| other.admits(text) == wanted));
            }
        }
    }
    let alone = found.len().min(12);
    for first in 0..alone {
        for second in 0..alone {
            let both = found.get(first).zip(found.get(second)).map(|(first, second)| format!("{first}{second}"));
            found.extend(both);
        }
    }
    let base: Vec<String> =
        found.iter().rev().take(24).cloned().chain(["", "1", "A", "-"].map(str::to_owned)).collect();
    for length in &lengths {
        for text in &base {
            let count = text.chars().count();
            let filling: String = std::iter::repeat_n('a', length.saturating_sub(count)).collect();
            // In the middle, too: what is asked for may stand at both ends.
            let (start, end) = text.split_at(text.char_indices().nth(count / 2).map_or(0, |(at, _)| at));
            found.extend([format!("{start}{filling}{end}"), format!("{text}{filling}"), format!("{filling}{text}")]);
        }
    }
    found.extend(["", "a", "b", "A", "1", "-", "é", "ab", "a1", "Ab1x"].map(str::to_owned));
    found.truncate(KEPT * 2);
    found
}
