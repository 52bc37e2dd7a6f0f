//! Calls to try first: commands for a shell that the document itself would let through.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::contract::{Call, Codec, Contract, In, Operation, SchemeKind};
use crate::generate::{Context, NoEcho, Plan, Seed};
use crate::message::{
    Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Target, header, percent_encode_segment,
};

/// The operations that are looked at, and so compiled: a start must not take long.
const LOOKED_AT: usize = 12;
/// The longest body that is shown.
const LONGEST: usize = 160;

/// Calls to try.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    /// The path of an operation that a browser can be pointed at.
    pub(crate) path: Option<String>,
    /// Commands, the simplest first.
    pub(crate) commands: Vec<String>,
    /// Whether they carry credentials.
    pub(crate) credentials: bool,
}

impl Tries {
    /// Up to three calls: one that reads, one that writes, one that asks for a documented error.
    pub(crate) fn of(contract: &Arc<Contract>, authority: &str, now: jiff::Timestamp) -> Tries {
        let mut tries = Tries::default();
        // The shortest first: the fewer parameters, the simpler the call.
        let mut order: Vec<usize> = (0..contract.heads().len()).collect();
        order.sort_by_key(|index| {
            let template = &contract.heads()[*index].template;
            (template.matches('{').count(), template.matches('/').count() == 1, *index)
        });
        let valid = |methods: &'static [Method]| {
            let fits = move |index: &&usize| methods.contains(&contract.heads()[**index].method);
            order.iter().filter(fits).take(LOOKED_AT).filter_map(|index| Try::new(contract, *index, now))
        };
        let read = valid(&[Method::GET]).next();
        if let Some(read) = &read {
            tries.add(read, authority, "-s ", None);
            tries.path = Some(read.path.clone());
        }
        // One that says something, if there is one.
        let writes = || valid(&[Method::POST, Method::PUT, Method::PATCH]);
        if let Some(write) = writes().find(|write| write.body.is_some()).or_else(|| writes().next()) {
            tries.add(&write, authority, "-s ", None);
        }
        if let Some(read) = &read
            && let Some(status) = read.error(contract)
        {
            tries.add(read, authority, "-si", Some(status));
        }
        tries
    }

    fn add(&mut self, call: &Try, authority: &str, flags: &str, code: Option<u16>) {
        self.credentials |= call.credentials;
        self.commands.push(call.command(authority, flags, code));
    }
}

/// One call that the document lets through.
struct Try {
    index: usize,
    method: Method,
    path: String,
    fields: Vec<(String, String)>,
    body: Option<String>,
    credentials: bool,
}

impl Try {
    /// A valid call of an operation; `None` where what can be made up is not valid.
    fn new(contract: &Arc<Contract>, index: usize, now: jiff::Timestamp) -> Option<Try> {
        let operation = contract.operation(index);
        let context = Context { seed: Seed(0).narrow(&operation.key), now, echo: &NoEcho, size: None };
        let needs_more = operation.parameters.iter().any(|parameter| parameter.required && parameter.place != In::Path);
        if needs_more || operation.response(200).or(operation.response(201)).is_none() {
            return None;
        }
        let path = path(contract, index, &context)?;
        let (mut fields, credentials) = credentials(contract, operation)?;
        let body = match &operation.request {
            Some(request) if request.required => {
                let content = request.content.iter().find(|content| content.codec == Codec::Json)?;
                let value = match content.examples.first() {
                    Some(example) => example.value.clone(),
                    None => Plan::new(content.schema.as_ref()?, None).value(&context),
                };
                fields.push(("Content-Type".to_owned(), content.media.to_string()));
                Some(value.to_string()).filter(|body| body.len() <= LONGEST)?.into()
            }
            _ => None,
        };
        let call = Try { index, method: operation.method.clone(), path, fields, body, credentials };
        call.is_valid(contract).then_some(call)
    }

    fn is_valid(&self, contract: &Arc<Contract>) -> bool {
        let Some(target) = Target::parse(&self.path) else { return false };
        let Ok(route) = contract.route(&self.method, target.path()) else { return false };
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
        route.operation == self.index && Call::new(contract.clone(), route, request).check(true).violations.is_empty()
    }

    /// A documented error to ask for: 429 if there is one, else the last.
    fn error(&self, contract: &Contract) -> Option<u16> {
        let exact = |range: String| range.parse().ok().filter(|status: &u16| *status >= 400);
        let responses = &contract.operation(self.index).responses;
        let statuses: Vec<u16> = responses.iter().filter_map(|response| exact(response.range.to_string())).collect();
        statuses.iter().find(|status| **status == 429).or(statuses.last()).copied()
    }

    fn command(&self, authority: &str, flags: &str, code: Option<u16>) -> String {
        let mut command = format!("curl {flags} {}", quoted_where_needed(&format!("{authority}{}", self.path)));
        if self.method != Method::GET && !(self.method == Method::POST && self.body.is_some()) {
            command.push_str(&format!(" -X {}", self.method));
        }
        let prefer = code.map(|code| ("Prefer".to_owned(), format!("code={code}")));
        for (name, value) in self.fields.iter().chain(&prefer) {
            command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        if let Some(body) = &self.body {
            command.push_str(&format!(" -d {}", quoted(body)));
        }
        command
    }
}

/// A path of the operation, each parameter with a value that its schema admits.
fn path(contract: &Contract, index: usize, context: &Context<'_>) -> Option<String> {
    let operation = contract.operation(index);
    let mut path = format!("{}{}", contract.base_path(index), operation.template);
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == In::Path) {
        let hole = format!("{{{}}}", parameter.name);
        let value = match (parameter.examples.first(), parameter.schema()) {
            (Some(example), _) => plain(&example.value)?,
            (None, Some(schema)) => plain(&Plan::new(schema, Some(&parameter.name)).value(context))?,
            (None, None) => "x".to_owned(),
        };
        path = path.replace(&hole, &percent_encode_segment(&value));
    }
    (!path.contains('{')).then_some(path)
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

/// An argument as most shells take it: in double quotes where they change nothing, which is what Windows understands too.
fn quoted(text: &str) -> String {
    if text.contains(['$', '`', '!', '\\', '%']) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"{}\"", text.replace('"', "\\\""))
    }
}

fn quoted_where_needed(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@,+=[]".contains(c);
    if text.chars().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

#[cfg(test)]
mod tests {
    use super::{Tries, quoted, quoted_where_needed};
    use crate::cli::load::{Input, Subject};

    #[test]
    fn one_call_reads_one_writes_and_one_asks_for_an_error() {
        let subject = Subject::load(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        let tries = Tries::of(subject.usable().unwrap(), "localhost:4010", jiff::Timestamp::UNIX_EPOCH);
        let [read, write, error] = &tries.commands[..] else { panic!("{:?}", tries.commands) };
        let token = "-H \"Authorization: Bearer x\"";
        assert!(tries.credentials);
        assert_eq!(tries.path.as_deref(), Some("/api/v1/invitations/me"));
        assert_eq!(*read, format!("curl -s  localhost:4010/api/v1/invitations/me {token}"));
        assert_eq!(*error, format!("curl -si localhost:4010/api/v1/invitations/me {token} -H \"Prefer: code=429\""));
        assert!(write.contains("/invitations ") && write.contains("-d \"{\\\"email\\\":"), "{write}");
    }

    #[test]
    fn arguments_are_quoted_for_a_shell() {
        assert_eq!(quoted(r#"{"a":"b"}"#), r#""{\"a\":\"b\"}""#);
        assert_eq!(quoted("it's $5"), r"'it'\''s $5'");
        assert_eq!(quoted_where_needed("localhost:4010/a?b=c&d"), "\"localhost:4010/a?b=c&d\"");
        assert_eq!(quoted_where_needed("localhost:4010/a"), "localhost:4010/a");
    }
}
