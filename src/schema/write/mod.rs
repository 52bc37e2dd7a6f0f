//! Brings a schema to normal form: the differences between versions, directions and references end here.

mod draft;
mod link;
mod remedy;
mod swagger;
mod version;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::document::{Location, pointer};
use crate::message::Direction;

use crate::schema::draft::Draft;
use crate::schema::keyword::{About, Keyword, Shape, keyword};
use crate::schema::normal::{Copy, EXPECTED, NONE, Normal, REFERENCE, UNDECIDED, WIDTH};
use crate::schema::resources::Scope;
use crate::schema::unit::Unit;
use crate::schema::{Dialect, Schemas, exempt, format, reference, shape};

/// How deep schemas may nest in one normal form, copies included.
const DEPTH: usize = 250;
/// From which depth on what lies under members is referred to, so that no normal form takes too much of the stack.
const SPLIT: usize = 32;
/// How many schemas one normal form may hold before nothing more is copied into it.
const SIZE: usize = 4_000;

pub(super) fn normal(schemas: &Schemas, unit: &Unit) -> Normal {
    let at = &unit.location;
    let scope = schemas.enter_scope(&unit.scope, at);
    let mut writer = Writer {
        schemas,
        direction: unit.direction,
        copies: Vec::new(),
        targets: Vec::new(),
        numbers: HashMap::new(),
        left_out: false,
        directional: false,
        to: String::new(),
        depth: 0,
        size: 0,
        chain: vec![(reference::key(at), scope.clone())],
        scope,
        draft: schemas.draft_at(at),
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

struct Writer<'s> {
    schemas: &'s Schemas,
    direction: Direction,
    copies: Vec<Copy>,
    targets: Vec<(Location, Scope)>,
    numbers: HashMap<(reference::Key, Scope), u32>,
    left_out: bool,
    directional: bool,
    /// Pointer into the normal form, to what is being written.
    to: String,
    depth: usize,
    size: usize,
    /// The schemas that were entered on the way here and are about the same value as the one being written.
    chain: Vec<(reference::Key, Scope)>,
    scope: Scope,
    /// The draft of JSON Schema that is being read; 2020-12 before OpenAPI 3.1, where schemas cannot say.
    draft: Draft,
}

/// What the schemas around one ask of how it is written.
#[derive(Clone, Default)]
struct Context {
    /// `unevaluatedProperties` or `unevaluatedItems` above must see through references: they are copied in.
    native: bool,
    /// This is under `not` or `if`, where asking nothing more is not the same as holding.
    negated: bool,
    /// This is a copy: what lies under members is referred to, so that copies stay small.
    copied: bool,
    /// Members that need not be there in this direction, whoever requires them.
    exempt: Rc<HashSet<String>>,
    /// Of these, the ones that may be there because JSON Schema asks for them.
    expected: Rc<HashSet<String>>,
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
                let (outer, around) = (self.scope.clone(), self.draft);
                if raw.contains_key("$schema") {
                    self.draft = self.schemas.draft_at(at);
                }
                if raw.contains_key("$id") {
                    self.scope = self.schemas.enter_scope(&outer, at);
                }
                let value = match self.draft {
                    Draft::Unknown => self.unknown_draft(at),
                    _ => self.object(at, raw, context),
                };
                (self.scope, self.draft) = (outer, around);
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
        if self.refers_alone() && raw.get("$ref").is_some_and(Value::is_string) {
            self.note_siblings(at, raw);
            return self.with_reference(at, raw, Map::new(), Vec::new(), context);
        }
        let context = &self.context(at, raw, context);
        let mut out = Map::new();
        let mut left_out = Vec::new();
        for (name, value) in raw {
            let Some(keyword) = keyword(name) else { continue };
            if !self.draft.has(name) {
                self.note_not_in_draft(at, &keyword);
                continue;
            }
            if self.is_older_form(name, value, raw) {
                continue;
            }
            if self.is_before_3_1() && keyword.since_3_1 {
                self.note_unknown(at, &keyword);
                continue;
            }
            if self.is_2_0() && self.swagger(at, &keyword, value, raw, (&mut out, context)) {
                continue;
            }
            let back = self.enter(at, name);
            match self.keyword(at, &keyword, value, context, &mut left_out) {
                Ok(Some(value)) => drop(out.insert(name.clone(), value)),
                Ok(None) => {}
                Err(expected) => {
                    let sentence = format!("`{name}` is {}, not {expected}", shape::short(value));
                    self.find("schema-keyword", at, sentence, Some(&remedy::remedy(name, value)));
                    if !keyword.on.is_empty() {
                        left_out.push(keyword.name);
                    }
                    if keyword.shape == Shape::Schemas && keyword.name != "allOf" && *value == json!([]) {
                        out.insert(NONE.into(), Value::Bool(true));
                    }
                }
            }
            self.leave(at, back);
        }
        self.older_forms(at, raw, (&mut out, context), &mut left_out);
        self.version(at, raw, &mut out);
        if !context.expected.is_empty() && !context.negated {
            let listed = raw.get("required").and_then(Value::as_array).into_iter().flatten();
            let names: Vec<&str> =
                listed.filter_map(Value::as_str).filter(|name| context.expected.contains(*name)).collect();
            if !names.is_empty() {
                out.insert(EXPECTED.into(), json!(names));
            }
        }
        if let Some(name) = out
            .get("format")
            .and_then(Value::as_str)
            .filter(|name| format::width(name).is_some() && !self.schemas.ignored.has(name))
        {
            let name = json!(name);
            out.insert(WIDTH.into(), name);
        }
        self.with_reference(at, raw, out, left_out, context)
    }

    fn context(&mut self, at: &Location, raw: &Map<String, Value>, context: &Context) -> Context {
        let mut context = context.clone();
        let has = |name: &str| raw.contains_key(name);
        context.native |= !self.is_before_3_1() && (has("unevaluatedProperties") || has("unevaluatedItems"));
        if has("properties") || has("allOf") || has("$ref") {
            let members = exempt::members(self.schemas, at, raw, self.direction);
            self.directional |= members.directional;
            for (known, more) in [(&mut context.exempt, members.exempt), (&mut context.expected, members.expected)] {
                if !more.is_subset(known) {
                    *known = Rc::new(more.union(known).cloned().collect());
                }
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
            (Shape::Number, Value::Bool(_)) if self.is_draft_4() && keyword.name.starts_with("exclusive") => Ok(None),
            (Shape::Type, Value::Array(_)) if self.is_before_3_1() => {
                let nullable = if self.is_2_0() { "use `x-nullable`" } else { "use `nullable` or `anyOf`" };
                self.note(at, "a list of types came with OpenAPI 3.1; it is read as such", Some(nullable));
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
                    if keyword.name == "properties" && name == "$ref" && schema.is_string() {
                        let sentence =
                            "no reference stands among the names of members: what else there is, is not known";
                        let help = "refer to a schema that has them: `allOf: [{ $ref: … }]`";
                        self.find("schema-keyword", at, sentence.into(), Some(help));
                        left_out.push(keyword.name);
                    } else if keyword.shape == Shape::PatternMap
                        && let Err(reason) = self.schemas.patterns.judge(name)
                    {
                        self.bad_pattern(at, name, &reason);
                        left_out.push(keyword.name);
                    } else if keyword.name == "properties" && self.is_forbidden(at, name, schema, context) {
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
        if self.is_before_3_1() && *raw == Value::Bool(false) && keyword.name != "additionalProperties" {
            self.find("schema-keyword", at, "`false` is a schema only since OpenAPI 3.1".into(), Some("use `not: {}`"));
            return self.nothing_known();
        }
        match keyword.about {
            About::Inner if (context.copied && !reference::is_small(raw)) || self.depth >= SPLIT => {
                json!({ REFERENCE: self.number(at.clone(), self.scope.clone()) })
            }
            About::Inner => {
                let chain = std::mem::take(&mut self.chain);
                let inner = Context { copied: context.copied, ..Context::default() };
                let value = self.schema(at, raw, &inner);
                self.chain = chain;
                value
            }
            _ if matches!(keyword.name, "not" | "if") => {
                self.schema(at, raw, &Context { exempt: Rc::default(), negated: true, ..context.clone() })
            }
            _ => self.schema(at, raw, context),
        }
    }

    /// Whether a member must not be there in this direction.
    fn is_forbidden(&mut self, at: &Location, name: &str, raw: &Value, context: &Context) -> bool {
        let marks = exempt::marks(self.schemas, at, raw);
        self.directional |= marks.read_only || marks.write_only;
        marks.write_only && self.direction == Direction::Response && !context.expected.contains(name)
    }

    /// A schema of which nothing could be read.
    fn nothing_known(&mut self) -> Value {
        self.left_out = true;
        self.schemas.ledger.leave_out();
        json!({ UNDECIDED: ["schema"] })
    }

    fn is_before_3_1(&self) -> bool {
        self.schemas.dialect.is_before_3_1()
    }

    /// Whether bounds say with a flag that they are exclusive.
    fn is_draft_4(&self) -> bool {
        self.is_before_3_1() || self.draft == Draft::D4
    }

    /// Whether a `$ref` has all that stands beside it ignored.
    fn refers_alone(&self) -> bool {
        self.is_before_3_1() || self.draft < Draft::D2019
    }

    fn is_2_0(&self) -> bool {
        self.schemas.dialect == Dialect::V2_0
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

    fn find(&self, rule: &'static str, at: &Location, sentence: String, help: Option<&str>) {
        self.schemas.ledger.note(rule, at, sentence, help.map(str::to_owned));
    }

    fn bad_pattern(&mut self, at: &Location, pattern: &str, reason: &str) {
        let help = "write an ECMA-262 regular expression; until then strings here are not decided";
        self.find("schema-pattern", at, format!("`{}` {reason}", shape::cut(pattern, 80)), Some(help));
    }
}
