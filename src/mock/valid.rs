//! Calls made up from the document, which it lets through: for people to try.

use std::sync::Arc;

use serde_json::Value;

use super::prepared;
use crate::contract::{Call, Codec, Contract, In, Operation, Parameter, SchemeKind};
use crate::generate::{Context, NoEcho, Plan, Seed};
use crate::message::{
    Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Target, expand, header, percent_encode_segment,
    percent_encode_target,
};

/// A call of an operation that the document lets through.
#[derive(Clone, Debug)]
pub struct ValidCall {
    /// Its method.
    pub method: Method,
    /// Its path, behind the base path, and its query, percent-encoded.
    pub path: String,
    /// The fields it needs, credentials and the content's type among them.
    pub fields: Vec<(String, String)>,
    /// Its content, a text.
    pub body: Option<String>,
    /// Whether it carries credentials.
    pub credentials: bool,
}

impl ValidCall {
    /// A valid call of the operation at an index, by its examples, else with made-up values. `None` where what can be made up is
    /// not valid, or where the operation requires more than path, whole query and content.
    pub fn new(contract: &Arc<Contract>, index: usize, now: jiff::Timestamp) -> Option<ValidCall> {
        let operation = contract.operation(index);
        let context = Context { seed: Seed(0).narrow(&operation.key), now, echo: &NoEcho, size: None, page: None };
        let mut path = path(contract, index, &context)?;
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            match parameter.place {
                In::Path => {}
                In::QueryString => path.push_str(&format!("?{}", whole_query(parameter, &context)?)),
                _ => return None,
            }
        }
        let (mut fields, credentials) = credentials(contract, operation)?;
        let body = match &operation.request {
            Some(request) if request.required => {
                let with = |wanted: fn(Codec) -> bool| request.content.iter().find(|content| wanted(content.codec));
                let content = with(|codec| codec == Codec::Json).or_else(|| with(|codec| codec != Codec::Binary))?;
                let bytes = match (content.examples.first(), content.schema.as_ref().or(content.items.as_ref())) {
                    (Some(example), _) => content.write(None, &example.value),
                    (None, Some(schema)) => content
                        .write(None, &prepared::value(content, content.codec, &Plan::new(schema, None), &context)),
                    (None, None) => content.least(None),
                };
                fields.push(("Content-Type".to_owned(), content.content_type.to_str().ok()?.to_owned()));
                Some(String::from_utf8(bytes).ok()?)
            }
            _ => None,
        };
        let call = ValidCall { method: operation.method.clone(), path, fields, body, credentials };
        call.is_valid(contract, index).then_some(call)
    }

    fn is_valid(&self, contract: &Contract, index: usize) -> bool {
        self.to_call(contract)
            .is_some_and(|call| call.route().operation == index && call.check(true).violations.is_empty())
    }

    /// The same, routed.
    pub(super) fn to_call<'c>(&self, contract: &'c Contract) -> Option<Call<'c>> {
        let target = Target::parse(&self.path)?;
        let route = contract.route(&self.method, target.path(), target.query()).ok()?;
        let fields = self
            .fields
            .iter()
            .filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)));
        let mut headers: HeaderMap = fields.collect();
        let body = self.body.as_ref().map_or(Body::Empty, |body| Body::from(body.clone().into_bytes()));
        if let Some(body) = &self.body {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let request = Request { method: self.method.clone(), target, headers, body };
        Some(Call::new(contract, route, request))
    }
}

/// A path of the operation, each parameter with a value that its schema admits.
fn path(contract: &Contract, index: usize, context: &Context<'_>) -> Option<String> {
    let operation = contract.operation(index);
    let template = format!("{}{}", contract.base_path(index), operation.template);
    let path = expand(&template, |expression| {
        let is_it = |parameter: &&Parameter| parameter.place == In::Path && &*parameter.name == expression.name;
        let Some(parameter) = operation.parameters.iter().find(is_it) else { return Some("x".to_owned()) };
        let value = match (parameter.examples.first(), parameter.schema()) {
            (Some(example), _) => plain(&example.value)?,
            (None, Some(schema)) => plain(&Plan::new(schema, Some(&parameter.name)).value(context))?,
            (None, None) => "x".to_owned(),
        };
        match expression.spans {
            true => Some(value.split('/').map(percent_encode_segment).collect::<Vec<_>>().join("/")),
            false => Some(percent_encode_segment(&value).into_owned()),
        }
    })?;
    let sent = |path: &str| percent_encode_target(path).into_owned();
    let path = match path.split_once('?') {
        Some((path, query)) => format!("{}?{}", sent(path), sent(query)),
        None => sent(&path),
    };
    Some(path)
}

/// The whole query, by its example, else with made-up values; `None` where nothing would be in it.
fn whole_query(parameter: &Parameter, context: &Context<'_>) -> Option<String> {
    let content = parameter.content()?;
    let shown = parameter.examples.iter().chain(&content.examples).next().map(|example| example.value.clone());
    let made_up = || {
        let schema = content.schema.as_ref().or(content.items.as_ref())?;
        Some(prepared::value(content, content.codec, &Plan::new(schema, Some(&parameter.name)), context))
    };
    let query = parameter.whole_query(&shown.or_else(made_up)?);
    (!query.is_empty()).then_some(query)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The fields of credentials that will do, and whether any are needed; `None` where no field will do.
fn credentials(contract: &Contract, operation: &Operation) -> Option<(Vec<(String, String)>, bool)> {
    let alternatives = &operation.security;
    if alternatives.is_empty() || alternatives.iter().any(|alternative| alternative.schemes.is_empty()) {
        return Some((Vec::new(), false));
    }
    let fields = |schemes: &[usize]| -> Option<Vec<(String, String)>> {
        schemes.iter().map(|scheme| field(&contract.schemes().get(*scheme)?.kind)).collect()
    };
    alternatives.iter().find_map(|alternative| fields(&alternative.schemes)).map(|fields| (fields, true))
}

fn field(kind: &SchemeKind) -> Option<(String, String)> {
    let authorization = |value: &str| Some(("Authorization".to_owned(), value.to_owned()));
    match kind {
        SchemeKind::Bearer => authorization("Bearer x"),
        SchemeKind::Basic => authorization("Basic eDp5"),
        SchemeKind::ApiKey { place: In::Header, name } => Some((name.clone(), "x".to_owned())),
        SchemeKind::ApiKey { place: In::Cookie, name } => Some(("Cookie".to_owned(), format!("{name}=x"))),
        _ => None,
    }
}
