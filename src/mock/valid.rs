//! Calls made up from the document, which it lets through: for people to try.

use std::sync::Arc;

use crate::contract::{Call, Contract, In, Operation, Parameter};
use crate::generate::{self, Context, NoEcho, Seed, argument, content};
use crate::message::{
    Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Target, expand, header, percent_encode_target,
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
                In::QueryString => {
                    let query = parameter.whole_query(&argument(parameter, &context)?);
                    path.push_str(&format!("?{}", Some(query).filter(|query| !query.is_empty())?));
                }
                _ => return None,
            }
        }
        let (mut fields, credentials) = credentials(contract, operation)?;
        let body = match &operation.request {
            Some(request) if request.required => {
                let (content, bytes) = content(request, &context)?;
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
        let value = argument(parameter, context).unwrap_or_else(|| "x".into());
        Some(parameter.segment(&value, expression.spans)).filter(|text| !text.is_empty())
    })?;
    let sent = |path: &str| percent_encode_target(path).into_owned();
    let path = match path.split_once('?') {
        Some((path, query)) => format!("{}?{}", sent(path), sent(query)),
        None => sent(&path),
    };
    Some(path)
}

/// The fields of credentials that will do, and whether any are needed; `None` where no field will do.
fn credentials(contract: &Contract, operation: &Operation) -> Option<(Vec<(String, String)>, bool)> {
    let found = generate::credentials(contract, operation)?;
    let needed = !found.is_empty();
    let field = |(place, name, value): (In, String, String)| match place {
        In::Header => Some((name, value)),
        In::Cookie => Some(("Cookie".to_owned(), format!("{name}={value}"))),
        _ => None,
    };
    Some((found.into_iter().map(field).collect::<Option<_>>()?, needed))
}
