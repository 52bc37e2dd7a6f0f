//! What is made once per operation and response and used for every call: what is answered unasked, what is said again, generators,
//! mended examples, documented fields.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::Value;

use super::{Examples, Mock};
use crate::contract::{Call, Codec, Content, Contract, Example, In, Operation, Parameter, Response};
use crate::document::Location;
use crate::finding::{Finding, Place, Verdict};
use crate::generate::{Context, NoEcho, Plan, Seed, repair};
use crate::message::{Body, HeaderMap, HeaderName, HeaderValue, StatusCode, expressions, header};
use crate::schema::{Schema, Type};

/// All of it, by operation; each part is made when it is first needed.
#[derive(Debug)]
pub(super) struct Prepared {
    operations: Vec<OnceLock<PreparedOperation>>,
}

/// Of one operation.
#[derive(Debug)]
pub(super) struct PreparedOperation {
    /// The status and the response (its index) of what is answered unasked.
    success: Option<(StatusCode, usize)>,
    /// The parameters (their indices) that an answer says again, each with the member's name. The first of a name counts.
    said: Box<[(Arc<str>, usize)]>,
    responses: Vec<PreparedResponse>,
}

/// Of one response.
#[derive(Debug)]
pub(super) struct PreparedResponse {
    fields: OnceLock<HeaderMap>,
    contents: Vec<PreparedContent>,
}

/// Of one media type of a response.
#[derive(Debug, Default)]
pub(super) struct PreparedContent {
    plan: OnceLock<Option<Plan>>,
    examples: OnceLock<Vec<Ready>>,
    from_schema: OnceLock<Option<Ready>>,
    coheres: OnceLock<bool>,
}

/// An example as it is served.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) name: Option<Arc<str>>,
    /// The value, mended where its schema forbids what the document shows.
    pub(super) value: Value,
    text: Bytes,
    /// Where it was mended.
    finding: Option<Finding>,
}

/// What an example was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// That very response: served as written.
    Response,
    /// The schema, wherever it is used: what it says of a status is set to the answer's.
    Schema,
}

impl Ready {
    pub(super) fn body(&self) -> Body {
        Body::from(self.text.clone())
    }
}

impl Prepared {
    pub(super) fn new(contract: &Contract) -> Prepared {
        Prepared { operations: contract.heads().iter().map(|_| OnceLock::new()).collect() }
    }

    /// What is prepared for the operation of a call.
    pub(super) fn operation(&self, call: &Call) -> &PreparedOperation {
        self.operations[call.route().operation].get_or_init(|| PreparedOperation::new(call.operation()))
    }

    /// What is prepared for the operation at an index.
    pub(super) fn at(&self, operation: &Operation, index: usize) -> &PreparedOperation {
        self.operations[index].get_or_init(|| PreparedOperation::new(operation))
    }

    pub(super) fn response(&self, call: &Call, response: &Response) -> &PreparedResponse {
        let index = call.operation().responses.iter().position(|known| std::ptr::eq(known, response)).unwrap_or(0);
        &self.operation(call).responses[index]
    }
}

impl PreparedOperation {
    fn new(operation: &Operation) -> PreparedOperation {
        let success = operation.success().and_then(|(status, response)| {
            let index = operation.responses.iter().position(|known| std::ptr::eq(known, response))?;
            Some((StatusCode::from_u16(status).ok()?, index))
        });
        let at = |place: In| {
            let parameters = operation.parameters.iter().enumerate();
            parameters.filter(move |(_, parameter)| parameter.place == place)
        };
        let named = |(index, parameter): (usize, &Parameter)| (parameter.name.clone(), index);
        // An item that is read by its id has that id, whatever the path calls it.
        let id = identifying(operation)
            .filter(|name| *name != "id")
            .map(|name| at(In::Path).find(|(_, parameter)| *parameter.name == *name));
        let id = id.flatten().map(|(index, _)| ("id".into(), index));
        PreparedOperation {
            success,
            said: at(In::Path).map(named).chain(id).chain(at(In::Query).map(named)).collect(),
            responses: operation.responses.iter().map(PreparedResponse::new).collect(),
        }
    }

    /// What is prepared for the response at an index.
    pub(super) fn response(&self, index: usize) -> Option<&PreparedResponse> {
        self.responses.get(index)
    }

    /// The status and the response (its index) of what is answered unasked.
    pub(super) fn success(&self) -> Option<(StatusCode, usize)> {
        self.success
    }

    /// The parameter (its index) whose value an answer says again under this name.
    pub(super) fn said(&self, name: &str) -> Option<usize> {
        self.said.iter().find(|(known, _)| **known == *name).map(|(_, index)| *index)
    }
}

/// The name of the parameter that ends the path and is an id.
fn identifying(operation: &Operation) -> Option<&str> {
    let (_, last) = operation.template.rsplit_once('/')?;
    let last = expressions(last).next().filter(|_| last.starts_with('{') && last.ends_with('}'))?.name;
    let is_id =
        last.len() >= 2 && last.is_char_boundary(last.len() - 2) && last[last.len() - 2..].eq_ignore_ascii_case("id");
    is_id.then_some(last)
}

impl Prepared {
    /// What no value satisfies in the responses of an operation, as far as a value was wanted.
    pub(super) fn unsatisfied(&self, operation: usize) -> impl Iterator<Item = String> {
        let prepared = self.operations.get(operation).and_then(OnceLock::get).into_iter();
        let responses = prepared.flat_map(|operation| &operation.responses);
        let plans =
            responses.flat_map(|response| &response.contents).filter_map(|content| content.plan.get()?.as_ref());
        plans.flat_map(Plan::known).map(|finding| {
            let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            format!("{place}{} [{}]", finding.sentence, finding.rule.id)
        })
    }
}

impl PreparedResponse {
    fn new(response: &Response) -> PreparedResponse {
        PreparedResponse {
            fields: OnceLock::new(),
            contents: response.content.iter().map(|_| PreparedContent::default()).collect(),
        }
    }

    pub(super) fn content(&self, index: usize) -> &PreparedContent {
        &self.contents[index]
    }

    /// The documented fields: each with its example, else with a value that its schema admits.
    pub(super) fn fields(&self, mock: &Mock, response: &Response) -> &HeaderMap {
        self.fields.get_or_init(|| {
            let mut fields = HeaderMap::new();
            for parameter in &response.headers {
                let name = HeaderName::from_bytes(parameter.name.as_bytes());
                let Ok(name) = name else { continue };
                if parameter.deprecated || MADE_BY_THE_SERVER.contains(&name.as_str()) {
                    continue;
                }
                for value in field_texts(mock, parameter).iter().filter_map(|text| HeaderValue::from_str(text).ok()) {
                    fields.append(name.clone(), value);
                }
            }
            fields
        })
    }
}

/// Fields that describe how a message travels; to send what an example says of them would break it.
const MADE_BY_THE_SERVER: [&str; 7] =
    ["content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "date", "trailer"];

/// The texts of a field: one, but for a list of cookies.
fn field_texts(mock: &Mock, parameter: &Parameter) -> Vec<String> {
    match field_value(mock, parameter) {
        Some(Value::Array(cookies)) if parameter.name.as_ref() == header::SET_COOKIE.as_str() => {
            cookies.iter().map(|cookie| parameter.written(cookie)).collect()
        }
        value => value.map(|value| parameter.written(&value)).into_iter().collect(),
    }
}

fn field_value(mock: &Mock, parameter: &Parameter) -> Option<Value> {
    let on_schema = || schema_example(mock.contract(), parameter.schema()?).map(|(_, value)| value);
    let in_content = parameter.content().into_iter().flat_map(|content| &content.examples);
    let shown = parameter.examples.iter().chain(in_content).map(|example| example.value.clone());
    let fits = |value: &Value| parameter.schema().is_none_or(|schema| schema.check(value) != Verdict::Invalid);
    if let Some(value) = shown.chain(std::iter::once_with(on_schema).flatten()).find(fits) {
        return Some(value);
    }
    let plan = Plan::new(parameter.schema()?, Some(&parameter.name));
    Some(plan.value(&unrelated(mock, &parameter.name)))
}

/// A context for what is made once and belongs to no call.
fn unrelated<'c>(mock: &Mock, name: &str) -> Context<'c> {
    let seed = Seed(mock.options().seed).narrow("prepared").narrow(name);
    Context { seed, now: mock.options().now, echo: &NoEcho, size: None, page: None }
}

impl PreparedContent {
    /// The generator; `None` without a schema.
    pub(super) fn plan(&self, content: &Content) -> Option<&Plan> {
        let schema = || content.schema.as_ref().or(content.items.as_ref());
        self.plan.get_or_init(|| schema().map(|schema| Plan::new(schema, None))).as_ref()
    }

    /// The example of this name.
    pub(super) fn named(&self, mock: &Mock, content: &Content, name: &str) -> Option<&Ready> {
        self.examples(mock, content).iter().find(|ready| ready.name.as_deref() == Some(name))
    }

    /// The first example of the content, else the one on its schema.
    pub(super) fn example(&self, mock: &Mock, content: &Content) -> Option<(&Ready, Origin)> {
        if let Some(first) = self.examples(mock, content).first() {
            return Some((first, Origin::Response));
        }
        let ready = self.from_schema.get_or_init(|| {
            let schema = content.schema.as_ref()?;
            let (at, value) = schema_example(mock.contract(), schema)?;
            Some(self.ready(mock, content, &Example { name: None, value, at }))
        });
        Some((ready.as_ref()?, Origin::Schema))
    }

    fn examples(&self, mock: &Mock, content: &Content) -> &[Ready] {
        self.examples
            .get_or_init(|| content.examples.iter().map(|example| self.ready(mock, content, example)).collect())
    }

    fn ready(&self, mock: &Mock, content: &Content, example: &Example) -> Ready {
        let mut value = example.value.clone();
        let mut finding = None;
        if mock.options().examples == Examples::Repair
            && content.shows(&value)
            && let Some(schema) = &content.schema
            && let Some(plan) = self.plan(content)
            && !content.is_by_item(content.codec)
            && schema.check(&value) == Verdict::Invalid
        {
            let repaired = repair(schema, plan, &value, &unrelated(mock, &example.at.pointer));
            let what = if repaired.whole {
                "made anew".to_owned()
            } else {
                format!("mended at {}", repaired.mended.join(", "))
            };
            let place = Place::of(&example.at.document, &example.at.pointer);
            finding = Some(
                Finding::new("example-invalid", format!("the example is not what its schema admits; served {what}"))
                    .at(Some(place))
                    .help("mend it, or serve it as it is with `--examples as-is`"),
            );
            value = repaired.value;
        }
        if mock.options().examples == Examples::Repair
            && let Some(schema) = &content.schema
            && content.shows(&value)
        {
            write_integers(schema, &mut value, DEPTH);
        }
        let text = Bytes::from(content.write(None, &value));
        Ready { name: example.name.clone(), text, value: content.meant(&value), finding }
    }

    /// Whether a generated value has members that have to agree with the status.
    pub(super) fn coheres(&self, plan: &Plan, context: &Context<'_>) -> bool {
        *self.coheres.get_or_init(|| super::envelope::speaks_of_a_status(&plan.value(context)))
    }
}

/// How deep an example is looked into for integers.
const DEPTH: usize = 32;

/// Writes integers as integers: `5.0` is one to JSON Schema (2020-12, 6.1.1), and not to every program that reads it.
fn write_integers(schema: &Schema, value: &mut Value, depth: usize) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if depth == 0 {
        return;
    }
    match value {
        Value::Number(number) if number.is_f64() => {
            let types = schema.types();
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT)
                && types.contains(Type::Integer)
                && !types.contains(Type::Number)
            {
                // Exact in that range.
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => {
            if let Some(each) = schema.items() {
                items.iter_mut().for_each(|item| write_integers(&each, item, depth - 1));
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_number() || member.is_array() || member.is_object() {
                    schema.member(name).iter().for_each(|schema| write_integers(schema, member, depth - 1));
                }
            }
        }
        _ => {}
    }
}

/// The example on a schema, or on what it refers to.
fn schema_example(contract: &Contract, schema: &Schema) -> Option<(Location, Value)> {
    for at in contract.schema_locations(schema) {
        let raw = at.document.at(&at.pointer)?;
        let found = match raw.get("example") {
            Some(example) => Some(("example".to_owned(), example)),
            None => raw
                .get("examples")
                .and_then(Value::as_array)
                .and_then(|listed| Some(("examples/0".to_owned(), listed.first()?))),
        };
        if let Some((member, value)) = found {
            let pointer = format!("{}/{member}", at.pointer);
            let value = value.clone();
            return Some((Location { document: at.document, pointer }, value));
        }
    }
    None
}

impl Mock {
    /// What is served otherwise than the document shows it, and what no value satisfies, as far as it was served or asked for so far.
    pub fn mended(&self) -> Vec<Finding> {
        let responses =
            self.prepared.operations.iter().filter_map(OnceLock::get).flat_map(|operation| &operation.responses);
        let contents = responses.flat_map(|response| &response.contents);
        let plans = contents.clone().filter_map(|content| content.plan.get()?.as_ref());
        let unsatisfied = plans.flat_map(Plan::known);
        let ready = contents.flat_map(|content| {
            let examples = content.examples.get().into_iter().flatten();
            examples.chain(content.from_schema.get().into_iter().flatten())
        });
        ready.filter_map(|ready| ready.finding.clone()).chain(unsatisfied.cloned()).collect()
    }

    /// What the mock would answer for an operation and a status: for checking merges at load.
    pub(super) fn sample(&self, operation: &str, status: Option<u16>) -> Option<Value> {
        let index = self.contract().find(operation)?;
        let operation = self.contract().operation(index);
        let response = match status {
            Some(status) => operation.response(status)?,
            None => operation.success()?.1,
        };
        let structured = response.content.iter().filter(|content| content.codec.is_structured());
        let content = structured.min_by_key(|content| content.codec != Codec::Json)?;
        let prepared = PreparedContent::default();
        if let Some((ready, _)) = prepared.example(self, content) {
            return Some(ready.value.clone());
        }
        Some(prepared.plan(content)?.value(&unrelated(self, &operation.key)))
    }
}
