//! Brings a schema to normal form: the differences between 3.0 and 3.1, directions and references go here.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::document::{Location, pointer};
use crate::message::Direction;

use super::keyword::{About, Keyword, Shape, keyword, leaning_on};
use super::normal::{Copy, Normal, REFERENCE, UNDECIDED, WIDTH};
use super::types::{Type, TypeSet};
use super::{Dialect, Schemas, exempt, format, reference, shape};

/// How deep schemas may nest in one normal form, copies included.
const DEPTH: usize = 300;
/// How many schemas one normal form may hold before nothing more is copied into it.
const SIZE: usize = 4_000;

pub(super) fn normal(schemas: &Schemas, at: &Location, direction: Direction) -> Normal {
    let mut writer = Writer {
        schemas,
        direction,
        copies: Vec::new(),
        targets: Vec::new(),
        numbers: HashMap::new(),
        left_out: false,
        directional: false,
        to: String::new(),
        depth: 0,
        size: 0,
        chain: vec![reference::key(at)],
    };
    let value = match at.document.at(&at.pointer) {
        Some(raw) => writer.schema(&mut at.clone(), raw, &Context::default()),
        None => {
            writer.find("dangling-ref", at, format!("there is no schema at `#{}`", at.pointer), None);
            writer.nothing_known()
        }
    };
    let Writer { copies, targets, left_out, directional, .. } = writer;
    Normal { value, copies, targets, left_out, directional }
}

pub(super) struct Writer<'s> {
    pub(super) schemas: &'s Schemas,
    pub(super) direction: Direction,
    copies: Vec<Copy>,
    targets: Vec<Location>,
    numbers: HashMap<reference::Key, u32>,
    left_out: bool,
    directional: bool,
    /// Pointer into the normal form, to what is being written.
    to: String,
    depth: usize,
    size: usize,
    /// The schemas that were entered on the way here and are about the same value as the one being written.
    chain: Vec<reference::Key>,
}

/// What the schemas around one ask of how it is written.
#[derive(Clone, Default)]
struct Context {
    /// `unevaluatedProperties` or `unevaluatedItems` above must see through references: they are copied in.
    native: bool,
    /// This is a copy: what lies under members is referred to, so that copies stay small.
    copied: bool,
    /// Members that need not be there in this direction, whoever requires them.
    exempt: Rc<HashSet<String>>,
}

enum Reference {
    /// Stays a reference, of this index.
    Link(u32),
    Copy(Location),
    /// It leads back to itself without going into a member: it asks nothing more.
    Again,
    /// Left out.
    Lost,
}

impl Writer<'_> {
    fn schema(&mut self, at: &mut Location, raw: &Value, context: &Context) -> Value {
        self.size += 1;
        if self.depth >= DEPTH {
            self.find("schema-limit", at, "a schema is nested too deeply".into(), Some("write it flatter"));
            return self.nothing_known();
        }
        match raw {
            Value::Bool(_) => raw.clone(),
            Value::Object(raw) => {
                self.depth += 1;
                let value = self.object(at, raw, context);
                self.depth -= 1;
                value
            }
            other => {
                let sentence = format!("{} is no schema", shape::short(other));
                self.find("schema-keyword", at, sentence, Some("a schema is an object"));
                self.nothing_known()
            }
        }
    }

    fn object(&mut self, at: &mut Location, raw: &Map<String, Value>, context: &Context) -> Value {
        if self.is_3_0() && raw.get("$ref").is_some_and(Value::is_string) {
            self.note_siblings(at, raw);
            return self.with_reference(at, raw, Map::new(), Vec::new(), context);
        }
        let context = &self.context(at, raw, context);
        let mut out = Map::new();
        let mut left_out = Vec::new();
        for (name, value) in raw {
            let Some(keyword) = keyword(name) else { continue };
            if self.is_3_0() && keyword.since_3_1 {
                self.note_unknown(at, &keyword);
                continue;
            }
            let back = self.enter(at, name);
            match self.keyword(at, &keyword, value, context, &mut left_out) {
                Ok(Some(value)) => drop(out.insert(name.clone(), value)),
                Ok(None) => {}
                Err(expected) => {
                    let sentence = format!("`{name}` is {}, not {expected}", shape::short(value));
                    self.find("schema-keyword", at, sentence, None);
                    if !keyword.on.is_empty() {
                        left_out.push(keyword.name);
                    }
                }
            }
            self.leave(at, back);
        }
        self.version(at, raw, &mut out);
        if let Some(name) = out.get("format").and_then(Value::as_str).filter(|name| format::width(name).is_some()) {
            let name = json!(name);
            out.insert(WIDTH.into(), name);
        }
        self.with_reference(at, raw, out, left_out, context)
    }

    /// Adds what `$ref` brings, and takes out what cannot be judged without what was left out.
    fn with_reference(
        &mut self,
        at: &mut Location,
        raw: &Map<String, Value>,
        mut out: Map<String, Value>,
        mut left_out: Vec<&'static str>,
        context: &Context,
    ) -> Value {
        for name in ["$ref", "$dynamicRef"] {
            let Some(value) = raw.get(name).filter(|_| name == "$ref" || !self.is_3_0()) else { continue };
            let back = self.enter(at, name);
            let found = self.reference(at, name, value, context);
            self.leave(at, back);
            match found {
                Reference::Link(link) => drop(out.insert(REFERENCE.into(), json!(link))),
                Reference::Copy(from) if out.is_empty() && left_out.is_empty() && !raw.contains_key("$dynamicRef") => {
                    return self.copy(from, context);
                }
                Reference::Copy(from) => {
                    let branch = out.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
                    let back = self.to.len();
                    self.to.push_str(&format!("/allOf/{branch}"));
                    let copy = self.copy(from, context);
                    self.to.truncate(back);
                    if let Some(branches) = out.entry("allOf").or_insert_with(|| json!([])).as_array_mut() {
                        branches.push(copy);
                    }
                }
                Reference::Again => {}
                Reference::Lost => left_out.push(if name == "$ref" { "$ref" } else { "$dynamicRef" }),
            }
        }
        if !left_out.is_empty() {
            for index in 0..left_out.len() {
                let leaning = leaning_on(left_out[index]).iter().filter(|name| out.remove(**name).is_some());
                let leaning: Vec<_> = leaning.copied().collect();
                left_out.extend(leaning);
            }
            self.left_out = true;
            out.insert(UNDECIDED.into(), json!(left_out));
        }
        Value::Object(out)
    }

    fn copy(&mut self, mut from: Location, context: &Context) -> Value {
        let document = from.document.clone();
        let Some(raw) = document.at(&from.pointer) else { return self.nothing_known() };
        self.copies.push(Copy { at: self.to.clone(), from: from.clone() });
        self.chain.push(reference::key(&from));
        let value = self.schema(&mut from, raw, &Context { copied: true, ..context.clone() });
        self.chain.pop();
        value
    }

    fn context(&mut self, at: &Location, raw: &Map<String, Value>, context: &Context) -> Context {
        let mut context = context.clone();
        let has = |name: &str| raw.contains_key(name);
        context.native |= !self.is_3_0() && (has("unevaluatedProperties") || has("unevaluatedItems"));
        if has("properties") || has("allOf") || has("$ref") {
            let (names, directional) = exempt::names(self.schemas, at, raw, self.direction);
            self.directional |= directional;
            if !names.is_subset(&context.exempt) {
                context.exempt = Rc::new(names.union(&context.exempt).cloned().collect());
            }
        }
        context
    }

    fn keyword(
        &mut self,
        at: &mut Location,
        keyword: &Keyword,
        value: &Value,
        context: &Context,
        left_out: &mut Vec<&'static str>,
    ) -> Result<Option<Value>, &'static str> {
        match (keyword.shape, value) {
            (Shape::Names, Value::Array(_)) => {
                let names = shape::names(value)?.into_iter();
                let names: Vec<_> = names.filter(|name| !context.exempt.contains(*name)).collect();
                Ok((!names.is_empty()).then(|| json!(names)))
            }
            (Shape::Pattern, Value::String(pattern)) => match self.schemas.patterns.judge(pattern) {
                Ok(()) => Ok(Some(value.clone())),
                Err(reason) => {
                    self.bad_pattern(at, pattern, &reason);
                    left_out.push(keyword.name);
                    Ok(None)
                }
            },
            (Shape::Number, Value::Bool(_)) if self.is_3_0() && keyword.name.starts_with("exclusive") => Ok(None),
            (Shape::Type, Value::Array(_)) if self.is_3_0() => {
                self.note(
                    at,
                    "a list of types came with OpenAPI 3.1; it is read as such",
                    Some("use `nullable` or `anyOf`"),
                );
                shape::plain(keyword.shape, value).map(Some)
            }
            (Shape::Schema, schema @ (Value::Object(_) | Value::Bool(_))) => {
                Ok(Some(self.below(at, keyword, schema, context)))
            }
            (Shape::Schema, Value::Array(_)) => Err("a schema (a list of schemas is `prefixItems`, since 3.1)"),
            (Shape::Schemas, Value::Array(schemas)) if !schemas.is_empty() => {
                let mut list = Vec::with_capacity(schemas.len());
                for (index, schema) in schemas.iter().enumerate() {
                    let back = self.enter(at, &index.to_string());
                    list.push(self.below(at, keyword, schema, context));
                    self.leave(at, back);
                }
                Ok(Some(Value::Array(list)))
            }
            (Shape::SchemaMap | Shape::PatternMap, Value::Object(schemas)) => {
                let mut map = Map::new();
                for (name, schema) in schemas {
                    let back = self.enter(at, name);
                    if keyword.shape == Shape::PatternMap
                        && let Err(reason) = self.schemas.patterns.judge(name)
                    {
                        self.bad_pattern(at, name, &reason);
                        left_out.push(keyword.name);
                    } else if keyword.name == "properties" && self.is_forbidden(at, schema) {
                        map.insert(name.clone(), Value::Bool(false));
                    } else {
                        map.insert(name.clone(), self.below(at, keyword, schema, context));
                    }
                    self.leave(at, back);
                }
                Ok(Some(Value::Object(map)))
            }
            (shape, value) => shape::plain(shape, value).map(Some),
        }
    }

    /// A schema under a keyword; the places have been entered.
    fn below(&mut self, at: &mut Location, keyword: &Keyword, raw: &Value, context: &Context) -> Value {
        if self.is_3_0() && *raw == Value::Bool(false) && keyword.name != "additionalProperties" {
            self.find("schema-keyword", at, "`false` is a schema only since OpenAPI 3.1".into(), Some("use `not: {}`"));
            return self.nothing_known();
        }
        match keyword.about {
            About::Inner if context.copied && !reference::is_small(raw) => self.link(at.clone()),
            About::Inner => {
                let chain = std::mem::take(&mut self.chain);
                let inner = Context { copied: context.copied, ..Context::default() };
                let value = self.schema(at, raw, &inner);
                self.chain = chain;
                value
            }
            _ if matches!(keyword.name, "not" | "if") => {
                self.schema(at, raw, &Context { exempt: Rc::default(), ..context.clone() })
            }
            _ => self.schema(at, raw, context),
        }
    }

    /// What 3.0 says otherwise than 3.1, once the keywords are there.
    fn version(&mut self, at: &mut Location, raw: &Map<String, Value>, out: &mut Map<String, Value>) {
        if !self.is_3_0() {
            if raw.contains_key("nullable") {
                self.note_at(
                    at,
                    "nullable",
                    "`nullable` has no effect since OpenAPI 3.1",
                    "write `type: [..., \"null\"]`",
                );
            }
            return;
        }
        for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if raw.get(exclusive) == Some(&Value::Bool(true))
                && let Some(limit) = out.remove(bound)
            {
                out.insert(exclusive.into(), limit);
            }
        }
        if raw.get("nullable") != Some(&Value::Bool(true)) {
            return;
        }
        let Some(set) = out.get("type").and_then(TypeSet::of_keyword) else {
            let help = "put it beside the type, or name the null value in the schema it refers to";
            return self.note_at(at, "nullable", "`nullable` has no effect without `type` beside it", help);
        };
        out.insert("type".into(), shape::types(set.or(TypeSet::only(Type::Null))));
        let enumerated = out.get("enum").and_then(Value::as_array);
        if enumerated.is_some_and(|values| !values.contains(&Value::Null)) {
            self.note_at(at, "nullable", "null is refused all the same: `enum` does not list it", "add null to `enum`");
        }
    }

    fn reference(&mut self, at: &Location, name: &'static str, value: &Value, context: &Context) -> Reference {
        let Some(text) = value.as_str() else {
            self.find("schema-keyword", at, format!("`{name}` is {}, not a string", shape::short(value)), None);
            return Reference::Lost;
        };
        let found = match name {
            "$ref" => self.schemas.resolve(at, text),
            _ => self.schemas.resolve_dynamic(at, text),
        };
        let (target, looped) = match found.map(|target| self.schemas.behind(target)) {
            Ok(found) => found,
            Err(reason) => {
                let help = "name a place that exists; what depends on it is not decided";
                self.find("dangling-ref", at, format!("`{text}` {reason}"), Some(help));
                return Reference::Lost;
            }
        };
        let key = reference::key(&target);
        if looped || self.chain.contains(&key) {
            let sentence = format!("`{text}` leads back to its own schema without going into a member");
            self.find_only("schema-cycle", at, sentence, Some("take the reference out; it asks nothing more"));
            // Annotations that went round a circle are not worth following.
            return if context.native { Reference::Lost } else { Reference::Again };
        }
        let raw = target.document.at(&target.pointer).unwrap_or(&Value::Null);
        if reference::is_small(raw) {
            return Reference::Copy(target);
        }
        let must = context.native
            || exempt::requires(self.schemas, &target, raw, &context.exempt)
            || self.schemas.leads_back(&target, &self.chain);
        match must {
            true if self.size < SIZE => Reference::Copy(target),
            true => {
                let help = "split it, or let fewer schemas be composed";
                self.find("schema-limit", at, format!("`{text}` would make the schema too large"), Some(help));
                Reference::Lost
            }
            false => Reference::Link(self.number(target)),
        }
    }

    /// Whether a member must not be there in this direction.
    fn is_forbidden(&mut self, at: &Location, raw: &Value) -> bool {
        let marks = exempt::marks(self.schemas, at, raw);
        self.directional |= marks.read_only || marks.write_only;
        marks.write_only && self.direction == Direction::Response
    }

    fn link(&mut self, target: Location) -> Value {
        json!({ REFERENCE: self.number(target) })
    }

    fn number(&mut self, target: Location) -> u32 {
        let next = u32::try_from(self.targets.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(reference::key(&target)).or_insert(next);
        if number == next {
            self.targets.push(target);
        }
        number
    }

    /// A schema of which nothing could be read.
    fn nothing_known(&mut self) -> Value {
        self.left_out = true;
        self.schemas.ledger.leave_out();
        json!({ UNDECIDED: ["schema"] })
    }

    fn is_3_0(&self) -> bool {
        self.schemas.dialect == Dialect::V3_0
    }

    fn enter(&mut self, at: &mut Location, token: &str) -> (usize, usize) {
        let back = (at.pointer.len(), self.to.len());
        let token = pointer::escape(token);
        for path in [&mut at.pointer, &mut self.to] {
            path.push('/');
            path.push_str(&token);
        }
        back
    }

    fn leave(&mut self, at: &mut Location, (from, to): (usize, usize)) {
        at.pointer.truncate(from);
        self.to.truncate(to);
    }

    /// Something that costs a keyword.
    fn find(&mut self, rule: &'static str, at: &Location, sentence: String, help: Option<&str>) {
        self.schemas.ledger.leave_out();
        self.find_only(rule, at, sentence, help);
    }

    fn find_only(&self, rule: &'static str, at: &Location, sentence: String, help: Option<&str>) {
        self.schemas.ledger.note(rule, at, sentence, help.map(str::to_owned));
    }

    fn bad_pattern(&mut self, at: &Location, pattern: &str, reason: &str) {
        let help = "write an ECMA-262 regular expression; until then strings here are not decided";
        self.find("schema-pattern", at, format!("`{}` {reason}", shape::cut(pattern, 80)), Some(help));
    }

    fn note(&self, at: &Location, sentence: &str, help: Option<&str>) {
        self.find_only("schema-ignored", at, sentence.into(), help);
    }

    fn note_at(&mut self, at: &mut Location, name: &str, sentence: &str, help: &str) {
        let back = self.enter(at, name);
        self.note(at, sentence, Some(help));
        self.leave(at, back);
    }

    fn note_unknown(&mut self, at: &mut Location, keyword: &Keyword) {
        if !keyword.on.is_empty() {
            let sentence = format!("`{}` has no effect in OpenAPI 3.0: it came with 3.1", keyword.name);
            self.note_at(at, keyword.name, &sentence, "leave it out, or write the document in 3.1");
        }
    }

    fn note_siblings(&mut self, at: &mut Location, raw: &Map<String, Value>) {
        for name in raw.keys().filter(|name| name.as_str() != "$ref") {
            if name == "nullable" || keyword(name).is_some_and(|keyword| !keyword.on.is_empty()) {
                let sentence = format!("`{name}` has no effect beside `$ref` in OpenAPI 3.0");
                self.note_at(at, name, &sentence, "put the reference into `allOf`");
            }
        }
    }
}
