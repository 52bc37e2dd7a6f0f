//! Several schemas that hold for the same value, put together: references and `allOf` followed, keywords gathered.

use std::collections::{HashSet, VecDeque};

use serde_json::{Map, Value};

use super::number::Limits;
use crate::schema::{Identity, NONE, Node, Type, TypeSet, mapped_name};

/// How many schemas are put together for one value.
const MOST: usize = 400;
/// Keywords that only describe.
const DESCRIBING: [&str; 10] = [
    "title",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "xml",
    "discriminator",
    "description",
];

/// What holds for one value.
#[derive(Clone)]
pub(super) struct Facets<'s> {
    /// The schemas, outer before inner; each an object of keywords.
    pub(super) nodes: Vec<Node<'s>>,
    /// What it was made from, first.
    pub(super) origin: Option<Node<'s>>,
    /// What is still to be chosen.
    pub(super) points: VecDeque<Point<'s>>,
    /// What can only be judged by trying.
    pub(super) hard: Vec<Node<'s>>,
    /// The schemas of which what is under `not` must not hold: tried, too, but without all else that they say, which a choice may
    /// still bring about.
    pub(super) negated: Vec<Node<'s>>,
    /// Members that had better not be there.
    pub(super) omit: HashSet<&'s str>,
    /// Values it must not be.
    pub(super) never: Vec<&'s Value>,
    /// Keywords that keep it from what it must not satisfy.
    kept: Vec<(&'static str, Value)>,
    pub(super) types: TypeSet,
    /// Whether `false` is among the schemas.
    pub(super) impossible: bool,
    seen: HashSet<Identity>,
}

/// Schemas of which one, or some, hold.
#[derive(Clone)]
pub(super) struct Point<'s> {
    /// The schema whose keyword it is.
    pub(super) node: Node<'s>,
    /// What holds in addition, for each choice.
    pub(super) branches: Vec<Vec<Node<'s>>>,
    /// Whether the schema has to be asked if a choice was good.
    pub(super) exclusive: bool,
}

impl<'s> Facets<'s> {
    pub(super) fn of(nodes: &[Node<'s>]) -> Facets<'s> {
        let mut facets = Facets {
            nodes: Vec::new(),
            origin: nodes.first().cloned(),
            points: VecDeque::new(),
            hard: Vec::new(),
            negated: Vec::new(),
            omit: HashSet::new(),
            never: Vec::new(),
            kept: Vec::new(),
            types: TypeSet::ANY,
            impossible: false,
            seen: HashSet::new(),
        };
        nodes.iter().for_each(|node| facets.add(node));
        facets
    }

    /// Adds a schema and all that holds with it.
    pub(super) fn add(&mut self, node: &Node<'s>) {
        let mut waiting = VecDeque::from([node.clone()]);
        while let Some(node) = waiting.pop_front() {
            if self.nodes.len() >= MOST || !self.seen.insert(node.identity()) {
                continue;
            }
            let Some(keywords) = node.keywords() else {
                self.impossible |= node.value() == &Value::Bool(false);
                continue;
            };
            waiting.extend(node.reference());
            waiting.extend(node.branches("allOf"));
            if let Some(set) = keywords.get("type").and_then(types) {
                self.types = self.types.and(set);
            }
            self.impossible |= keywords.contains_key(NONE);
            self.choices(&node, keywords);
            self.negation(&node, keywords);
            for (name, schema) in keywords.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten() {
                // A member that is described will be there.
                let described =
                    |node: &Node<'_>| node.get("properties").is_some_and(|members| members.get(name).is_some());
                if schema.is_object() && (described(&node) || self.nodes.iter().any(described)) {
                    waiting.extend(node.child(&["dependentSchemas", name]));
                }
                self.hard.push(node.clone());
            }
            if ["unevaluatedProperties", "unevaluatedItems", "propertyNames"]
                .iter()
                .any(|name| keywords.contains_key(*name))
            {
                self.hard.push(node.clone());
            }
            self.nodes.push(node);
        }
    }

    fn choices(&mut self, node: &Node<'s>, keywords: &Map<String, Value>) {
        for name in ["oneOf", "anyOf"] {
            let branches = node.branches(name);
            if branches.is_empty() {
                continue;
            }
            let exclusive = name == "oneOf" && branches.len() > 1 && overlap(&branches);
            let branches = branches.into_iter().map(|branch| vec![branch]).collect();
            self.points.push_back(Point { node: node.clone(), branches, exclusive });
        }
        if let Some(condition) = node.child(&["if"]) {
            let with = |name: &str| node.child(&[name]);
            if keywords.contains_key("then") || keywords.contains_key("else") {
                let branches = vec![[Some(condition), with("then")], [None, with("else")]];
                let branches = branches.into_iter().map(|nodes| nodes.into_iter().flatten().collect()).collect();
                self.points.push_back(Point { node: node.clone(), branches, exclusive: true });
            }
        }
    }

    /// What `not` says, as far as it can be kept without trying.
    fn negation(&mut self, node: &Node<'s>, keywords: &'s Map<String, Value>) {
        let Some(negated) = keywords.get("not") else { return };
        self.negated.push(node.clone());
        let Some(negated) = negated.as_object() else {
            self.impossible |= negated == &Value::Bool(true);
            return;
        };
        self.impossible |= negated.is_empty();
        let alternatives = ["anyOf", "oneOf"].iter().filter_map(|name| negated.get(*name)?.as_array()).flatten();
        for schema in alternatives.filter_map(Value::as_object).chain([negated]) {
            if let Some(last) =
                schema.get("required").and_then(Value::as_array).and_then(|names| names.last()?.as_str())
            {
                self.omit.insert(last);
            }
            self.never.extend(schema.get("const"));
            self.never.extend(schema.get("enum").and_then(Value::as_array).into_iter().flatten());
            if schema.len() == 1
                && let Some(set) = schema.get("type").and_then(types)
            {
                self.types = set.iter().fold(self.types, TypeSet::without);
            }
        }
    }

    /// Keeps the value from satisfying a schema, in one of the ways that there are; says whether there is that one.
    pub(super) fn refuse(&mut self, schema: &'s Map<String, Value>, way: usize) -> bool {
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let keywords = schema.iter().chain(parts.flatten());
        let Some((name, value)) = keywords.filter(|(name, value)| is_refusable(name, value)).nth(way) else {
            return false;
        };
        if let Some((types, keyword, value)) = opposite(name, value) {
            self.types = self.types.and(types);
            self.kept.push((keyword, value));
            return true;
        }
        match (name.as_str(), value) {
            ("type", value) => {
                self.types = types(value).into_iter().flat_map(TypeSet::iter).fold(self.types, TypeSet::without)
            }
            ("required", Value::Array(names)) => self.omit.extend(names.last().and_then(Value::as_str)),
            ("enum", Value::Array(values)) => self.never.extend(values),
            (_, value) => self.never.push(value),
        }
        true
    }

    /// The values of a keyword in all the schemas.
    pub(super) fn all(&self, keyword: &'static str) -> impl Iterator<Item = &'s Value> {
        self.nodes.iter().filter_map(move |node| node.get(keyword))
    }

    pub(super) fn has(&self, keyword: &'static str) -> bool {
        self.all(keyword).next().is_some()
    }

    pub(super) fn largest(&self, keyword: &'static str) -> Option<usize> {
        self.all(keyword).chain(self.kept(keyword)).filter_map(count).max()
    }

    pub(super) fn smallest(&self, keyword: &'static str) -> Option<usize> {
        self.all(keyword).chain(self.kept(keyword)).filter_map(count).min()
    }

    fn kept(&self, keyword: &'static str) -> impl Iterator<Item = &Value> {
        self.kept.iter().filter(move |(kept, _)| *kept == keyword).map(|(_, value)| value)
    }

    pub(super) fn format(&self) -> Option<&'s str> {
        self.all("format").find_map(Value::as_str)
    }

    pub(super) fn limits(&self, integer: bool) -> Limits {
        let numbers = |keyword, excluded| {
            self.all(keyword)
                .chain(self.kept(keyword))
                .filter_map(Value::as_number)
                .map(move |number| (number.clone(), excluded))
        };
        let mut limits = Limits {
            least: numbers("minimum", false).chain(numbers("exclusiveMinimum", true)).collect(),
            most: numbers("maximum", false).chain(numbers("exclusiveMaximum", true)).collect(),
            steps: self.all("multipleOf").filter_map(Value::as_number).cloned().collect(),
            integer,
        };
        for format in self.all("format").filter_map(Value::as_str) {
            let (least, most): (i64, u64) = match format {
                "int8" => (i8::MIN.into(), i8::MAX as u64),
                "int16" => (i16::MIN.into(), i16::MAX as u64),
                "int32" => (i32::MIN.into(), i32::MAX as u64),
                "int64" => (i64::MIN, i64::MAX as u64),
                "uint8" => (0, u8::MAX.into()),
                "uint16" => (0, u16::MAX.into()),
                "uint32" => (0, u32::MAX.into()),
                "uint64" => (0, u64::MAX),
                _ => continue,
            };
            limits.integer = true;
            limits.least.push((least.into(), false));
            limits.most.push((most.into(), false));
        }
        limits
    }

    /// The values that `const` and `enum` leave, null last resort; `None` where neither is there.
    pub(super) fn listed(&self) -> Option<Vec<&'s Value>> {
        let mut lists: Vec<Vec<&Value>> = self.all("const").map(|value| vec![value]).collect();
        lists.extend(self.all("enum").filter_map(Value::as_array).map(|values| values.iter().collect()));
        let (first, others) = lists.split_first()?;
        let admitted = |value: &&Value| {
            self.admits_type(value) && !self.never.contains(value) && others.iter().all(|other| other.contains(value))
        };
        let mut values: Vec<&Value> = first.iter().copied().filter(admitted).collect();
        if values.iter().any(|value| !value.is_null()) {
            values.retain(|value| !value.is_null());
        }
        Some(values)
    }

    /// Whether a value of `enum` or `const`, of the right type, may still be refused.
    pub(super) fn asks_more_than_to_be_listed(&self) -> bool {
        let mut keywords = self.nodes.iter().filter_map(Node::keywords).flat_map(Map::keys);
        keywords.any(|name| !["type", "enum", "const", "format", "allOf"].contains(&name.as_str()) && !describes(name))
    }

    pub(super) fn admits_type(&self, value: &Value) -> bool {
        self.types.contains(Type::of(value))
    }

    /// What the discriminator's member has to be for the component it is.
    pub(super) fn discriminator(&self) -> Option<(&'s str, String)> {
        let node = self.nodes.iter().find(|node| node.get("discriminator").is_some())?;
        let discriminator = node.get("discriminator")?;
        let property = discriminator.get("propertyName")?.as_str()?;
        let names: Vec<String> = self.nodes.iter().filter_map(component).collect();
        let options: Vec<String> = ["oneOf", "anyOf"]
            .iter()
            .flat_map(|name| node.branches(name))
            .filter_map(|branch| component(&branch.resolve()))
            .collect();
        let chosen = || names.iter().find(|name| options.contains(name));
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let mapped = |name: &String| {
            let target = |value: &Value| value.as_str().map(mapped_name) == Some(name);
            mapping?.iter().find(|(_, value)| target(value)).map(|(key, _)| key.clone())
        };
        let known = chosen().and_then(mapped).or_else(|| names.iter().find_map(mapped));
        Some((property, known.or_else(|| chosen().cloned()).or_else(|| names.first().cloned())?))
    }
}

/// Whether a value can be kept from a keyword without trying.
fn is_refusable(name: &str, value: &Value) -> bool {
    matches!(name, "type" | "required" | "enum" | "const") || opposite(name, value).is_some()
}

/// The types that a keyword speaks of, and what a value of them satisfies just when it does not satisfy the keyword.
fn opposite(name: &str, value: &Value) -> Option<(TypeSet, &'static str, Value)> {
    let (one, opposite) = match name {
        "minimum" => (Type::Number, "exclusiveMaximum"),
        "maximum" => (Type::Number, "exclusiveMinimum"),
        "exclusiveMinimum" => (Type::Number, "maximum"),
        "exclusiveMaximum" => (Type::Number, "minimum"),
        "minLength" => (Type::String, "maxLength"),
        "maxLength" => (Type::String, "minLength"),
        "minItems" => (Type::Array, "maxItems"),
        "maxItems" => (Type::Array, "minItems"),
        "minProperties" => (Type::Object, "maxProperties"),
        "maxProperties" => (Type::Object, "minProperties"),
        _ => return None,
    };
    if one == Type::Number {
        let numbers = TypeSet::only(Type::Number).or(TypeSet::only(Type::Integer));
        return value.is_number().then(|| (numbers, opposite, value.clone()));
    }
    let count = count(value)?;
    let count = if name.starts_with("min") { count.checked_sub(1)? } else { count.checked_add(1)? };
    Some((TypeSet::only(one), opposite, count.into()))
}

/// The schemas that a value is entered by: itself, and what it only refers to.
pub(super) fn entries(nodes: &[Node<'_>]) -> Vec<Identity> {
    let mut found = Vec::new();
    for node in nodes {
        let mut node = node.clone();
        for _ in 0..64 {
            found.push(node.identity());
            let alone = |keywords: &Map<String, Value>| keywords.keys().all(|name| describes(name));
            match node.reference().filter(|_| node.keywords().is_some_and(alone)) {
                Some(target) => node = target,
                None => break,
            }
        }
    }
    found
}

/// Whether a keyword refuses nothing; references are followed apart.
fn describes(keyword: &str) -> bool {
    keyword.starts_with("x-") || DESCRIBING.contains(&keyword)
}

/// The name of the component that a schema is.
pub(super) fn component(node: &Node<'_>) -> Option<String> {
    let location = node.location();
    let (above, _) = location.pointer.rsplit_once('/')?;
    (above.ends_with("/schemas") || above.ends_with("/definitions") || above.ends_with("/$defs"))
        .then(|| node.name())?
}

/// Whether two of them may hold for one value; `no` only where their types tell.
fn overlap(branches: &[Node<'_>]) -> bool {
    let mut seen = TypeSet::NONE;
    branches.iter().any(|branch| {
        let types = branch.types();
        let shared = !seen.and(types).is_empty();
        seen = seen.or(types);
        shared
    })
}

pub(super) fn types(value: &Value) -> Option<TypeSet> {
    let one = |word: &Value| Some(TypeSet::only(Type::of_word(word.as_str()?)?));
    match value {
        Value::Array(words) => words.iter().try_fold(TypeSet::NONE, |set, word| Some(set.or(one(word)?))),
        word => one(word),
    }
}

/// `5` and `5.0`.
fn count(value: &Value) -> Option<usize> {
    let whole =
        value.as_u64().or_else(|| value.as_f64().filter(|double| *double >= 0.0).map(|double| double as u64))?;
    usize::try_from(whole).ok()
}
