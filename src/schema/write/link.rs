//! References: which stay, which are copied in, which lead nowhere.

use serde_json::{Map, Value, json};

use crate::document::Location;

use super::{Context, SIZE, Writer};
use crate::schema::keyword::leaning_on;
use crate::schema::normal::{Copy, REFERENCE, UNDECIDED};
use crate::schema::reference::{self, Composition};
use crate::schema::resources::Scope;
use crate::schema::{exempt, shape};

enum Reference {
    /// Stays a reference, of this index.
    Link(u32),
    Copy(Location, Scope),
    /// It leads back to itself without going into a member: it asks nothing more.
    Again,
    /// Left out.
    Lost,
}

impl Writer<'_> {
    /// Adds what `$ref` brings, and takes out what cannot be judged without what was left out.
    pub(super) fn with_reference(
        &mut self,
        at: &mut Location,
        raw: &Map<String, Value>,
        mut out: Map<String, Value>,
        mut left_out: Vec<&'static str>,
        context: &Context,
    ) -> Value {
        for name in ["$ref", "$dynamicRef"] {
            let Some(value) = raw.get(name).filter(|_| name == "$ref" || self.has_dynamic_references()) else {
                continue;
            };
            let back = self.enter(at, name);
            let found = self.reference(at, name, value, context);
            self.leave(at, back);
            match found {
                Reference::Link(link) => drop(out.insert(REFERENCE.into(), json!(link))),
                Reference::Copy(from, scope)
                    if out.is_empty() && left_out.is_empty() && !raw.contains_key("$dynamicRef") =>
                {
                    return self.copy(from, scope, context);
                }
                Reference::Copy(from, scope) => {
                    let branch = out.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
                    let back = self.to.len();
                    self.to.push_str(&format!("/allOf/{branch}"));
                    let copy = self.copy(from, scope, context);
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
            self.schemas.ledger.leave_out();
            out.insert(UNDECIDED.into(), json!(left_out));
        }
        Value::Object(out)
    }

    fn copy(&mut self, mut from: Location, scope: Scope, context: &Context) -> Value {
        let document = from.document.clone();
        let Some(raw) = document.at(&from.pointer) else { return self.nothing_known() };
        self.copies.push(Copy { at: self.to.clone(), from: from.clone() });
        let outer = std::mem::replace(&mut self.scope, self.schemas.enter_scope(&scope, &from));
        let around = std::mem::replace(&mut self.draft, self.schemas.draft_at(&from));
        self.chain.push((reference::key(&from), self.scope.clone()));
        let value = self.schema(&mut from, raw, &Context { copied: true, ..context.clone() });
        self.chain.pop();
        (self.scope, self.draft) = (outer, around);
        value
    }

    fn reference(&mut self, at: &Location, name: &'static str, value: &Value, context: &Context) -> Reference {
        let Some(text) = value.as_str() else {
            let help = match value {
                Value::Null => format!("put it in quotes: a `#` behind a space begins a comment, as in `{name}: #/…`"),
                _ => format!("write `{name}: \"#/…\"`"),
            };
            self.find("schema-keyword", at, format!("`{name}` is {}, not a string", shape::short(value)), Some(&help));
            return Reference::Lost;
        };
        let found = match name {
            "$ref" => self.schemas.resolve(at, text),
            _ => self.schemas.resolve_dynamic(at, text, &self.scope),
        };
        let behind = match found.map(|target| self.schemas.behind(target, &self.scope)) {
            Ok(found) => found,
            Err(lost) => {
                let help = format!("{}; until then what depends on it is not decided", lost.help);
                self.find("dangling-ref", at, format!("`{text}` {}", lost.why), Some(&help));
                return Reference::Lost;
            }
        };
        let entered = |(target, scope): &(Location, Scope)| {
            self.chain.contains(&(reference::key(target), self.schemas.enter_scope(scope, target)))
        };
        let Some((target, scope)) = behind.filter(|behind| !entered(behind)) else {
            let sentence = format!("`{text}` leads back to its own schema without going into a member");
            self.find("schema-cycle", at, sentence, Some("take the reference out; it asks nothing more"));
            // Under `not` that is a paradox, and annotations that went round a circle are not worth following.
            return if context.native || context.negated { Reference::Lost } else { Reference::Again };
        };
        let raw = target.document.at(&target.pointer).unwrap_or(&Value::Null);
        if reference::is_small(raw) {
            return Reference::Copy(target, scope);
        }
        // Behind members the target looks after itself.
        let composition = match self.chain.is_empty() {
            true => Composition::Plain,
            false => self.schemas.composition(&target, &self.chain),
        };
        let copied = context.native
            || matches!(composition, Composition::LeadsBack)
            || exempt::requires(self.schemas, &target, raw, &context.exempt)
            || exempt::describes(self.schemas, &target, raw, &context.expected);
        if matches!(composition, Composition::TooLarge) || (copied && self.size >= SIZE) {
            let help = "split it, or let fewer schemas be composed";
            self.find("schema-limit", at, format!("`{text}` would make the schema too large"), Some(help));
            return Reference::Lost;
        }
        if copied { Reference::Copy(target, scope) } else { Reference::Link(self.number(target, scope)) }
    }

    pub(super) fn number(&mut self, target: Location, scope: Scope) -> u32 {
        let next = u32::try_from(self.targets.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry((reference::key(&target), scope.clone())).or_insert(next);
        if number == next {
            self.targets.push((target, scope));
        }
        number
    }
}
