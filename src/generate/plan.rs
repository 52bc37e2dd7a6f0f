//! A schema, made ready to write values.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::array::mark_sized;
use super::build::{At, Builder, TOO_LARGE, Trouble, plain, probe, probing};
use super::emit::{Item, Run, Scope};
use super::form::Form;
use super::json;
use super::least::least;
use super::mend::tokens;
use super::pattern::Patterns;
use super::{Context, NoEcho, Seed};
use crate::finding::{Finding, Place, Verdict};
use crate::schema::Schema;

/// How deep optional members go, tried in turn until the value is of a sensible size; and how many schemas are entered for it.
const GENEROUS: [(usize, usize); 5] = [(5, 6_000), (3, 6_000), (2, 6_000), (1, 6_000), (0, 12_000)];
/// About how many values a sensible value has.
const SENSIBLE: usize = 800;
/// About how many it may have if there is no other way.
const LARGE: usize = 50_000;
/// How often a form is made anew because the schema refuses what it writes.
const ROUNDS: usize = 4;
/// How many schemas are entered where not all can be satisfied, and how many of those are told.
const YIELDING: usize = 24_000;
const MOST_TOLD: usize = 10;
/// With how many seeds a form is tried.
const PROBES: u64 = 4;
/// How many values are drawn for one that the schema admits, where it has to be asked.
const TRIES: u64 = 8;

/// How to make values that a schema admits. Made once and shared; the schema is read when the first value is wanted.
///
/// Every value is a function of the context's seed and of the way to it: a change to one member of a schema moves no
/// other, and the items of a list differ. Depth and size are bounded for any schema.
pub struct Plan {
    schema: Schema,
    name: Option<Box<str>>,
    made: OnceLock<Made>,
}

struct Made {
    form: Form,
    /// Whether each value has to be checked.
    unsure: bool,
    /// The number of a probe that the schema admits.
    good: u64,
    findings: Vec<Finding>,
}

impl Plan {
    /// A plan for a schema; the name, if there is one, says what the value is called: of a parameter, a header, a component.
    pub fn new(schema: &Schema, name: Option<&str>) -> Plan {
        Plan { schema: schema.clone(), name: name.map(Into::into), made: OnceLock::new() }
    }

    /// A value. The schema admits it, unless [`Plan::findings`] says that none was found that it admits.
    pub fn value(&self, context: &Context<'_>) -> Value {
        let made = self.made();
        let run = Run::new(context);
        if !made.unsure {
            return made.item(context.seed, &Scope::new(context.seed), &run).value();
        }
        for attempt in 0..TRIES {
            let seed = if attempt == 0 { context.seed } else { context.seed.nth(attempt) };
            let value = made.item(seed, &Scope::new(seed), &run).value();
            if self.schema.check(&value) != Verdict::Invalid {
                return value;
            }
        }
        let seed = probing(made.good).seed;
        let context = Context { echo: &NoEcho, size: None, page: None, ..*context };
        made.item(seed, &Scope::new(seed), &Run::new(&context)).value()
    }

    /// Appends the value that [`Plan::value`] gives, as JSON text.
    pub fn write(&self, context: &Context<'_>, out: &mut Vec<u8>) {
        let made = self.made();
        if made.unsure {
            json::value(&self.value(context), out);
        } else {
            made.item(context.seed, &Scope::new(context.seed), &Run::new(context)).write(out);
        }
    }

    /// What cannot be satisfied, if the schema cannot: `schema-unsatisfiable`, with its place.
    pub fn findings(&self) -> Vec<Finding> {
        self.made().findings.clone()
    }

    /// What cannot be satisfied, as far as a value was wanted already.
    pub fn known(&self) -> &[Finding] {
        self.made.get().map_or(&[], |made| made.findings.as_slice())
    }

    /// The value at a JSON Pointer inside of the value for a context; `None` where there is none.
    pub(super) fn value_at(&self, tokens: &[String], context: &Context<'_>) -> Option<Value> {
        let run = Run::new(context);
        self.made().item(context.seed, &Scope::new(context.seed), &run).at(tokens, |item| item.value())
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| make(&self.schema, self.name.as_deref()))
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Plan").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Made {
    fn item<'i>(&'i self, seed: Seed, scope: &'i Scope, run: &'i Run<'i>) -> Item<'i> {
        Item { form: &self.form, seed, scope, run }
    }
}

fn make(schema: &Schema, name: Option<&str>) -> Made {
    let mut patterns = Patterns::default();
    let mut distrusted: HashSet<String> = HashSet::new();
    let mut why = None;
    let mut last = None;
    let mut exhausted = least(&schema.node()) > LARGE;
    if exhausted {
        why = Some((None, TOO_LARGE.to_owned()));
    }
    for round in 0..if exhausted { 0 } else { ROUNDS } {
        let vocabulary = round + 2 < ROUNDS;
        let lean = round + 1 == ROUNDS;
        let (form, unsure) = match formed(schema, name, vocabulary, lean, &distrusted, &mut patterns) {
            Ok(formed) => formed,
            Err(failure) => {
                exhausted = failure.exhausted;
                why = failure.trouble.map(|trouble| (Some((trouble.place)()), trouble.why.to_owned())).or(why);
                break;
            }
        };
        let admitted = |number: &u64| schema.check(&probe(&form, *number)) != Verdict::Invalid;
        let good: Vec<u64> = (0..PROBES).filter(admitted).collect();
        if let Some(first) = good.first() {
            return Made { unsure: unsure || good.len() < PROBES as usize, good: *first, form, findings: Vec::new() };
        }
        let violations = schema.explain(&probe(&form, 0));
        if let Some(first) = violations.first() {
            why = Some((first.place.clone(), first.sentence.clone()));
        }
        // What is shown may be a lie: it is not used again where something was wrong.
        distrusted.extend(violations.iter().map(|violation| starred(&form, &violation.pointer)));
        last = Some(form);
    }
    // Where all thought has failed, the simplest values may do.
    if let Some(value) = simple().into_iter().find(|value| schema.check(value) == Verdict::Valid) {
        return Made { form: Form::Fixed(value), unsure: false, good: 0, findings: Vec::new() };
    }
    // All that can be satisfied is; what cannot is told, each at its place.
    let mut builder = Builder::new(1, YIELDING, false, &distrusted, &mut patterns);
    builder.yielding = true;
    // What is too large to be made is so once more.
    let mut nearest =
        if exhausted { None } else { builder.form(&[schema.node()], &At { lean: true, ..At::root(name) }) };
    let gaps = std::mem::take(&mut builder.gaps);
    if gaps.is_empty() {
        // All of it can be satisfied after all, or is found by trying.
        let good = |form: &Form| (0..PROBES).find(|number| schema.check(&probe(form, *number)) != Verdict::Invalid);
        let whole = nearest.take_if(|form| good(form).is_some()).or_else(|| builder.searched(&[schema.node()]));
        if let Some((good, mut form)) = whole.and_then(|form| Some((good(&form)?, form))) {
            mark_sized(&mut form);
            return Made { unsure: true, good, form, findings: Vec::new() };
        }
    }
    let mut told: Vec<(Option<Place>, String)> =
        gaps.iter().take(MOST_TOLD).map(|gap| (Some((gap.place)()), gap.why.to_owned())).collect();
    if told.is_empty() {
        told.push(why.unwrap_or_else(|| (None, "it asks for too much".into())));
    }
    let location = schema.location();
    let mut findings: Vec<Finding> = Vec::new();
    for (place, reason) in told {
        let place = place.unwrap_or_else(|| Place::of(&location.document, &location.pointer));
        let sentence = format!("no value was found that satisfies the schema: {reason}");
        if !findings
            .iter()
            .any(|one| one.sentence == sentence && one.place.as_ref().map(Place::to_string) == Some(place.to_string()))
        {
            findings.push(
                Finding::new("schema-unsatisfiable", sentence)
                    .at(Some(place))
                    .help("mend the schema, or give an example"),
            );
        }
    }
    let mut form = match (last, nearest) {
        (Some(last), _) if gaps.is_empty() => last,
        (_, Some(nearest)) => nearest,
        (Some(last), None) => last,
        (None, None) => plain(schema.types()),
    };
    mark_sized(&mut form);
    Made { form, unsure: false, good: 0, findings }
}

/// Why there is no form.
struct Failure {
    trouble: Option<Trouble>,
    /// Whether it was given up because too many schemas were entered.
    exhausted: bool,
}

/// The most generous form of a sensible size, and whether its values have to be checked.
fn formed(
    schema: &Schema,
    name: Option<&str>,
    vocabulary: bool,
    lean: bool,
    distrusted: &HashSet<String>,
    patterns: &mut Patterns,
) -> Result<(Form, bool), Failure> {
    let mut attempt = |(generous, entered): (usize, usize)| {
        let mut builder = Builder::new(generous, entered, vocabulary, distrusted, patterns);
        let form = builder.form(&[schema.node()], &At { lean, ..At::root(name) });
        let exhausted = builder.is_exhausted();
        match form {
            Some(mut form) => {
                mark_sized(&mut form);
                Ok((form, builder.unsure, exhausted))
            }
            None => Err(Failure { trouble: builder.trouble, exhausted }),
        }
    };
    let mut large = None;
    let (least, more) = GENEROUS.split_last().unwrap_or((&(0, 0), &[]));
    let mut smallest = None;
    for pass in more {
        match attempt(*pass) {
            Ok((form, unsure, exhausted)) => {
                let weight = form.weight();
                if weight <= SENSIBLE && !exhausted {
                    return Ok((form, unsure));
                }
                if weight <= LARGE {
                    large = Some((form, unsure));
                }
            }
            // Fewer optional members make nothing possible that was not.
            Err(failure) if large.is_none() && !failure.exhausted => return Err(failure),
            // Where even the smallest is too large, so is everything between.
            Err(_) if smallest.is_none() => smallest = Some(Box::new(attempt(*least))),
            Err(_) => {}
        }
        if let Some(Err(_)) = smallest.as_deref()
            && large.is_none()
        {
            break;
        }
    }
    match smallest.map_or_else(|| attempt(*least), |smallest| *smallest) {
        Ok((form, unsure, _)) if form.weight() <= LARGE => Ok((form, unsure)),
        Ok(_) => large.ok_or(Failure { trouble: None, exhausted: true }),
        Err(failure) => large.ok_or(failure),
    }
}

/// The way that a JSON Pointer goes, as [`At::path`] writes it.
fn starred(form: &Form, at: &str) -> String {
    let mut path = String::new();
    let mut form = Some(form);
    for token in tokens(at) {
        form = match form {
            Some(Form::List(list)) => {
                path.push_str("/*");
                let index: usize = token.parse().unwrap_or(usize::MAX);
                list.first.get(index).or(list.rest.as_ref())
            }
            Some(Form::Record(record)) => {
                path = format!("{path}/{token}");
                record.members.iter().find(|member| *member.name == token).map(|member| &member.form)
            }
            _ => break,
        };
    }
    path
}

fn simple() -> Vec<Value> {
    let mut values =
        vec![json!({}), json!([]), json!("a"), json!("1"), json!(""), json!(true), json!(false), json!(null)];
    values.extend((-2..=10).map(|number| json!(number)));
    values.extend([json!(0.5), json!(1.5), json!([1]), json!(["a"]), json!([null])]);
    values
}
