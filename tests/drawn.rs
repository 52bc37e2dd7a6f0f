//! Schemas drawn by number, from all that OpenAPI 3.0 and 3.1 can say: what is made for each is valid, by our own check and by the
//! `jsonschema` crate, or it is told that nothing is; then no value is found by trying many, either. What once failed is a case
//! in `fixtures/generate`.
//!
//! `STANDIN_SCHEMAS=20000 cargo test --test drawn` draws more of them; `STANDIN_SCHEMAS_FROM=7000` starts at another one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and may be told how much to do"
)]

#[path = "fuzz/spoil.rs"]
mod spoil;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use standin::document::{Document, Documents, Location, Source};
use standin::finding::Verdict;
use standin::generate::{Context, NoEcho, Plan, Seed};
use standin::message::Direction;
use standin::schema::{Dialect, Schema, Schemas};

use spoil::Chance;

/// How many are drawn of each version unless the environment says otherwise.
const COUNT: u64 = 600;
const SEEDS: u64 = 3;
/// How many schemas are shared: from inside of a value, each may be referred to.
const INSIDE: usize = 3;
/// How many values are tried where it is told that there is none.
const TRIED: usize = 3_000;
/// Names of members, few enough to meet.
const NAMES: [&str; 5] = ["a", "b", "ab", "x-c", "email"];
const PATTERNS: [&str; 12] = [
    "^[a-z]+$",
    "^\\d{3}",
    "x$",
    "^(?!a)\\w*$",
    "[A-Z]",
    "^[ab]",
    "b",
    "^.{2,5}$",
    "^(a|bc|def)*$",
    "^$|^z",
    "\\d.*\\d",
    "^\\p{Lu}",
];

/// Draws schemas: in the words of JSON Schema 2020-12, of which 3.0 takes a part and writes it otherwise.
struct Drawing {
    chance: Chance,
    dialect: Dialect,
    /// How many of the shared schemas may be referred to for the same value: what leads back to itself without going into the
    /// value means nothing (JSON Schema 2020-12 Core, 9.4.1).
    ahead: usize,
    /// Whether what is drawn is for something inside of the value.
    inside: bool,
}

impl Drawing {
    fn small(&mut self) -> usize {
        self.chance.below(12)
    }

    fn name(&mut self) -> &'static str {
        self.chance.one(&NAMES)
    }

    fn value(&mut self) -> Value {
        let values = [
            json!(null),
            json!(true),
            json!(0),
            json!(1),
            json!(-3),
            json!(2.5),
            json!(""),
            json!("a"),
            json!("abx"),
            json!("X12"),
            json!([]),
            json!([1]),
            json!(["a", 1]),
            json!({}),
            json!({"a": 1}),
            json!({"a": "b", "b": 2}),
        ];
        self.chance.one(&values)
    }

    /// A value of a type, mostly: else nothing would be left of most of what is drawn.
    fn value_of(&mut self, kind: &str) -> Value {
        for _ in 0..self.chance.below(12) {
            let value = self.value();
            let fits = match kind {
                "integer" | "number" => value.is_number(),
                "string" => value.is_string(),
                "array" => value.is_array(),
                "object" => value.is_object(),
                "boolean" => value.is_boolean(),
                _ => value.is_null(),
            };
            if fits {
                return value;
            }
        }
        self.value()
    }

    fn values(&mut self, kind: &str) -> Value {
        (0..=self.chance.below(4)).map(|_| self.value_of(kind)).collect()
    }

    fn some(&mut self, depth: usize) -> Value {
        (0..2 + self.chance.below(2)).map(|_| self.schema(depth)).collect()
    }

    fn map(&mut self, depth: usize) -> Value {
        let members = (0..=self.chance.below(3)).map(|_| (self.name().to_owned(), self.schema(depth)));
        Value::Object(members.collect())
    }

    fn schema(&mut self, depth: usize) -> Value {
        let is_31 = self.dialect == Dialect::V3_1;
        match self.chance.below(24) {
            0 if is_31 => return json!(true),
            1 if is_31 && self.chance.below(2) == 0 => return json!(false),
            2 => return json!({}),
            3 | 4 if self.ahead > 0 => return json!({ "$ref": format!("#/$defs/{}", self.chance.below(self.ahead)) }),
            5 if is_31 && self.inside => return json!({ "$dynamicRef": self.chance.one(&["#node", "#/$defs/1"]) }),
            _ => {}
        }
        let types = ["boolean", "integer", "number", "string", "string", "array", "array", "object", "object", "null"];
        let mut schema = Map::new();
        let kind = self.chance.one(&types);
        let typed = self.chance.below(10) < 7;
        if typed {
            let more = self.chance.one(&types);
            schema.insert(
                "type".into(),
                match self.chance.below(6) {
                    0 if kind != "null" => json!([kind, "null"]),
                    1 if is_31 && kind != more && more != "null" => json!([kind, more]),
                    _ => json!(kind),
                },
            );
        }
        for _ in 0..self.chance.below(4) {
            let of = if typed && self.chance.below(4) > 0 { kind } else { self.chance.one(&types) };
            self.keyword(of, depth, &mut schema);
        }
        if depth > 0 {
            for _ in 0..self.chance.below(3) {
                self.composition(depth - 1, &mut schema);
            }
        }
        Value::Object(schema)
    }

    /// A keyword that speaks of values of a type, and of what is in them.
    fn keyword(&mut self, of: &str, depth: usize, schema: &mut Map<String, Value>) {
        let outside = (std::mem::replace(&mut self.ahead, INSIDE), std::mem::replace(&mut self.inside, true));
        self.keyword_inside(of, depth, schema);
        (self.ahead, self.inside) = outside;
    }

    fn keyword_inside(&mut self, of: &str, depth: usize, schema: &mut Map<String, Value>) {
        let is_31 = self.dialect == Dialect::V3_1;
        let below = depth.saturating_sub(1);
        let small = self.small();
        let (word, value) = match (of, self.chance.below(11)) {
            (_, 0) => ("enum", self.values(of)),
            (_, 1) if is_31 && self.chance.below(3) == 0 => ("const", self.value_of(of)),
            ("integer" | "number", 0..=3) => ("minimum", json!(small as i64 - 6)),
            ("integer" | "number", 4 | 5) => ("maximum", json!(small as i64 - 3)),
            ("integer" | "number", 6 | 7) => ("exclusiveMinimum", json!(small as f64 / 4.0)),
            ("integer" | "number", 8) => ("exclusiveMaximum", json!(small as i64 - 2)),
            ("integer" | "number", _) => ("multipleOf", json!(self.chance.one(&[0.5, 1.0, 3.0, 0.01, 7.0]))),
            ("string", 0..=3) => ("minLength", json!(small)),
            ("string", 4..=6) => ("maxLength", json!(small)),
            ("string", _) => ("pattern", json!(self.chance.one(&PATTERNS))),
            ("array", 1 | 2) => ("minItems", json!(small % 5)),
            ("array", 3) => ("maxItems", json!(small % 6)),
            ("array", 4) => ("uniqueItems", json!(true)),
            ("array", 5 | 6) if depth > 0 => ("items", self.schema(below)),
            ("array", 7) if depth > 0 && is_31 => ("prefixItems", self.some(below)),
            ("array", 8) if depth > 0 && is_31 => {
                if self.chance.below(3) == 0 {
                    schema.insert("minContains".into(), json!(small % 4));
                }
                if self.chance.below(3) == 0 {
                    schema.insert("maxContains".into(), json!(1 + small % 3));
                }
                ("contains", self.schema(below))
            }
            ("array", 9) if depth > 0 && is_31 => ("unevaluatedItems", self.schema(below)),
            ("array", _) => ("minItems", json!(small % 3)),
            ("object", 1) => ("required", json!([self.name()])),
            ("object", 2) => ("minProperties", json!(small % 4)),
            ("object", 3) => ("maxProperties", json!(small % 5)),
            ("object", 4 | 5) if depth > 0 => ("properties", self.map(below)),
            ("object", 6) if depth > 0 => ("additionalProperties", self.schema(below)),
            ("object", 7) if depth > 0 && is_31 => {
                let pattern = self.chance.one(&["^[ab]", "b", "^x-", "^.{2}$"]);
                ("patternProperties", json!({ pattern: self.schema(below) }))
            }
            ("object", 8) if is_31 => match small % 3 {
                0 => ("propertyNames", json!({ "maxLength": small })),
                1 => ("propertyNames", json!({ "pattern": self.chance.one(&PATTERNS) })),
                _ => ("propertyNames", json!({ "enum": [self.name(), self.name()] })),
            },
            ("object", 9) if is_31 => ("dependentRequired", json!({ self.name(): [self.name()] })),
            ("object", 10) if is_31 && depth > 0 => ("unevaluatedProperties", self.schema(below)),
            ("object", _) => ("required", json!([self.name(), self.name()])),
            _ => return,
        };
        // A list that `required` is says nothing twice.
        let value = match (word, value) {
            ("required" | "enum", Value::Array(mut items)) => {
                let mut seen: Vec<Value> = Vec::new();
                items.retain(|item| {
                    !seen.contains(item) && {
                        seen.push(item.clone());
                        true
                    }
                });
                Value::Array(items)
            }
            (_, value) => value,
        };
        schema.insert(word.into(), value);
    }

    fn composition(&mut self, depth: usize, schema: &mut Map<String, Value>) {
        let is_31 = self.dialect == Dialect::V3_1;
        let (word, value) = match self.chance.below(if is_31 { 10 } else { 6 }) {
            0 => ("allOf", self.some(depth)),
            1 | 2 => ("anyOf", self.some(depth)),
            3 | 4 => ("oneOf", self.some(depth)),
            5 => ("not", self.schema(depth)),
            6 => ("then", self.schema(depth)),
            7 => ("else", self.schema(depth)),
            8 => ("dependentSchemas", json!({ self.name(): self.schema(depth) })),
            _ => ("if", self.schema(depth)),
        };
        if matches!(word, "then" | "else") {
            let condition = self.schema(depth);
            schema.entry("if").or_insert(condition);
        }
        schema.insert(word.into(), value);
    }

    fn whole(&mut self) -> Value {
        let mut schema = self.schema(3);
        if !schema.is_object() || schema.get("$ref").is_some() {
            schema = json!({ "allOf": [schema] });
        }
        let mut defs: Map<String, Value> = (0..INSIDE)
            .map(|name| {
                self.ahead = name;
                (name.to_string(), self.schema(2))
            })
            .collect();
        if self.dialect == Dialect::V3_1 {
            self.ahead = 2;
            defs.insert("node".into(), json!({ "$dynamicAnchor": "node", "allOf": [self.schema(1)] }));
            if self.chance.below(2) == 0 {
                schema["$dynamicAnchor"] = json!("node");
            }
        }
        schema["$defs"] = Value::Object(defs);
        schema
    }
}

/// The same schema as OpenAPI 3.0 writes it.
fn as_30(schema: &Value) -> Value {
    let Some(keywords) = schema.as_object() else { return schema.clone() };
    let mut written = Map::new();
    if let Some(reference) = keywords.get("$ref") {
        written.insert("$ref".into(), reference.clone());
        return Value::Object(written);
    }
    for (word, value) in keywords {
        let value = match (word.as_str(), value) {
            ("type", Value::Array(types)) => {
                written.insert("nullable".into(), json!(true));
                types[0].clone()
            }
            ("type", Value::String(kind)) if kind == "null" => {
                // 3.0 has no such type.
                written.insert("enum".into(), json!([null]));
                written.insert("nullable".into(), json!(true));
                json!("string")
            }
            ("enum", value) => match keywords.get("type") {
                Some(Value::String(kind)) if kind == "null" => json!([null]),
                _ => value.clone(),
            },
            ("exclusiveMinimum" | "exclusiveMaximum", bound) => {
                written.insert(word.replace("exclusiveM", "m"), bound.clone());
                json!(true)
            }
            ("properties" | "$defs", Value::Object(members)) => {
                Value::Object(members.iter().map(|(name, member)| (name.clone(), as_30(member))).collect())
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(branches)) => branches.iter().map(as_30).collect(),
            ("items" | "additionalProperties" | "not", value) => as_30(value),
            (_, value) => value.clone(),
        };
        written.insert(word.clone(), value);
    }
    Value::Object(written)
}

/// Makes what 3.0 cannot say into what it can, in the words of 2020-12: one bound of a kind, and nothing beside the type null.
fn for_30(schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else { return };
    if keywords.contains_key("exclusiveMinimum") {
        keywords.remove("minimum");
    }
    if keywords.contains_key("exclusiveMaximum") {
        keywords.remove("maximum");
    }
    if keywords.get("type") == Some(&json!("null")) {
        keywords.remove("enum");
    }
    for value in keywords.values_mut() {
        match value {
            Value::Object(_) => for_30(value),
            Value::Array(items) => items.iter_mut().for_each(for_30),
            _ => {}
        }
    }
}

fn compiled(schema: &Value, dialect: Dialect) -> Schema {
    let document = Document::read(Source::new("drawn.json", schema.to_string())).document.unwrap();
    let documents = Arc::new(Documents::single(document));
    let at = Location { document: documents.root().clone(), pointer: String::new() };
    Schemas::new(documents, dialect).schema(&at, Direction::Response)
}

fn judge(schema: &Value) -> jsonschema::Validator {
    jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(schema).unwrap()
}

/// A value with something of what the schema mentions, or none of it.
fn tried(chance: &mut Chance, mentioned: &[Value], depth: usize) -> Value {
    if chance.below(3) == 0 && !mentioned.is_empty() {
        return chance.one(mentioned);
    }
    let plain = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(7),
        json!(-5),
        json!(0.5),
        json!(21),
        json!(""),
        json!("a"),
        json!("b"),
        json!("zz"),
        json!("X"),
        json!("ax"),
        json!("123x"),
        json!("1ab2"),
        json!("abcdefabcdef"),
        json!("Xb123456789x"),
    ];
    if depth == 0 {
        return chance.one(&plain);
    }
    match chance.below(4) {
        0 => (0..chance.below(5)).map(|_| tried(chance, mentioned, depth - 1)).collect(),
        1 | 2 => {
            let count = chance.below(5);
            let members = (0..count).map(|_| {
                let name =
                    if chance.below(5) == 0 { chance.one(&["bx", "z", "123", "Ab"]) } else { chance.one(&NAMES) };
                (name.to_owned(), tried(chance, mentioned, depth - 1))
            });
            Value::Object(members.collect())
        }
        _ => chance.one(&plain),
    }
}

/// The values of `enum` and `const`, and numbers about the bounds.
fn mentioned(schema: &Value, found: &mut Vec<Value>) {
    match schema {
        Value::Object(keywords) => {
            for (word, value) in keywords {
                match (word.as_str(), value) {
                    ("enum", Value::Array(values)) => found.extend(values.iter().cloned()),
                    ("const", value) => found.push(value.clone()),
                    (_, Value::Number(number)) => {
                        let number = number.as_f64().unwrap();
                        found.extend([json!(number), json!(number + 1.0), json!(number - 1.0)]);
                    }
                    (_, value) => mentioned(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| mentioned(item, found)),
        _ => {}
    }
}

/// A value that the schema admits, if trying finds one.
fn found(schema: &Value, judge: &jsonschema::Validator, number: u64) -> Option<Value> {
    let mut chance = Chance(number ^ 0x5eed);
    let mut pool = Vec::new();
    mentioned(schema, &mut pool);
    (0..TRIED).map(|_| tried(&mut chance, &pool, 2)).find(|value| judge.is_valid(value))
}

#[derive(Default)]
struct Outcome {
    told: u64,
    undecided: Vec<String>,
    wrong: Vec<String>,
}

fn lived_through(number: u64, dialect: Dialect, outcome: &mut Outcome) {
    let mut drawing = Drawing { chance: Chance(number), dialect, ahead: INSIDE, inside: false };
    let mut schema = drawing.whole();
    if dialect == Dialect::V3_0 {
        for_30(&mut schema);
    }
    let judge = judge(&schema);
    let written = if dialect == Dialect::V3_0 { as_30(&schema) } else { schema.clone() };
    let own = compiled(&written, dialect);
    let plan = Plan::new(&own, None);
    let findings = plan.findings();
    if !findings.is_empty() {
        outcome.told += 1;
        if let Some(value) = found(&schema, &judge, number) {
            outcome.wrong.push(format!("{number} {dialect:?}: `{}`, but {value} is: {written}", findings[0].sentence));
        }
        return;
    }
    for seed in 0..SEEDS {
        let context = Context {
            seed: Seed(seed),
            now: "2026-07-15T12:00:00Z".parse().unwrap(),
            echo: &NoEcho,
            size: None,
            page: None,
        };
        let value = plan.value(&context);
        match own.check(&value) {
            Verdict::Invalid => {
                outcome.wrong.push(format!("{number} {dialect:?}: {value} is not valid for {written}"));
                return;
            }
            Verdict::NotDecided => outcome.undecided.push(format!("{number}: {value} for {written}")),
            Verdict::Valid if !judge.is_valid(&value) => {
                outcome
                    .wrong
                    .push(format!("{number} {dialect:?}: {value} is not valid, says the judge, for {written}"));
                return;
            }
            Verdict::Valid => {}
        }
    }
}

fn wanted(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn drawn(dialect: Dialect) {
    let from = wanted("STANDIN_SCHEMAS_FROM", 0);
    let count = wanted("STANDIN_SCHEMAS", COUNT);
    let mut outcome = Outcome::default();
    (from..from + count).for_each(|number| lived_through(number, dialect, &mut outcome));
    let Outcome { told, undecided, wrong } = outcome;
    assert!(wrong.is_empty(), "{} of {count} wrong, {told} told:\n{}", wrong.len(), wrong.join("\n"));
    let few = usize::try_from(count / 20).unwrap();
    assert!(undecided.len() < few, "{} values not decided: {}", undecided.len(), undecided.join("\n"));
}

#[test]
fn schemas_of_3_0_are_satisfied_or_told() {
    drawn(Dialect::V3_0);
}

#[test]
fn schemas_of_3_1_are_satisfied_or_told() {
    drawn(Dialect::V3_1);
}

/// A hundred schemas each of which leads to others of them, in every way there is.
#[test]
fn schemas_that_lead_to_each_other_are_satisfied() {
    const MANY: usize = 100;
    for number in 0..20 {
        let mut chance = Chance(number);
        let mut defs = Map::new();
        for index in 0..MANY {
            let mut to = || json!({ "$ref": format!("#/$defs/s{}", chance.below(MANY)) });
            let (one, two, three) = (to(), to(), to());
            // Where a value is needed, one of the ways ends.
            let schema = match index % 6 {
                0 => {
                    json!({ "type": "object", "required": ["a"], "properties": { "a": { "anyOf": [one, { "type": "null" }] }, "b": two } })
                }
                1 => {
                    json!({ "type": "array", "items": { "oneOf": [{ "type": "integer" }, { "type": "array", "items": one }] } })
                }
                2 => {
                    json!({ "type": "object", "properties": { "kind": { "const": index }, "next": one }, "additionalProperties": two })
                }
                3 => {
                    json!({ "allOf": [{ "type": "object" }, { "properties": { "x": one } }, { "properties": { "y": two, "z": three } }] })
                }
                4 => {
                    json!({ "type": ["object", "null"], "properties": { "a": one }, "patternProperties": { "^x-": two }, "if": { "required": ["a"] }, "then": { "required": ["name"] } })
                }
                _ => {
                    json!({ "type": "object", "properties": { "list": { "type": "array", "minItems": 1, "items": { "anyOf": [{ "type": "string" }, one] } } }, "required": ["list"] })
                }
            };
            defs.insert(format!("s{index}"), schema);
        }
        let schema = json!({ "$ref": "#/$defs/s0", "$defs": defs });
        let judge = judge(&schema);
        let plan = Plan::new(&compiled(&schema, Dialect::V3_1), None);
        assert!(plan.findings().is_empty(), "{number}: {:?}", plan.findings());
        for seed in 0..SEEDS {
            let now = "2026-07-15T12:00:00Z".parse().unwrap();
            let value = plan.value(&Context { seed: Seed(seed), now, echo: &NoEcho, size: None, page: None });
            assert!(judge.is_valid(&value), "{number}: {value}");
        }
    }
}
