//! From a step to the request that it sends: what it says itself, and for all else that the operation needs an example of the document or a
//! value that is made up.

use std::sync::Arc;

use serde_json::Value;

use super::{Argument, Content, Given, Step};
use crate::contract::{self, Codec, Contract, In, Operation, Parameter};
use crate::generate::{self, NoEcho, Seed};
use crate::message::{
    Body, HeaderMap, HeaderName, HeaderValue, MediaType, Request, Target, expand, header, percent_encode_query,
    percent_encode_segment, percent_encode_target,
};
use crate::scenario::template::{Context, Failed};

/// What a client knows that takes a step.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'t> {
    /// The contract that the scenario was read with.
    pub contract: &'t Contract,
    /// The time, for templates and for what is made up.
    pub now: jiff::Timestamp,
    /// What is drawn from: the same for all steps.
    pub seed: Seed,
    /// What earlier steps kept, by name.
    pub saved: &'t [(Arc<str>, Value)],
    /// Whether credentials are made up where the document asks for some; else whoever sends the request has its own.
    pub credentials: bool,
}

/// The parts of a request that grow as they are put together.
#[derive(Default)]
struct Parts {
    /// Pairs, as they are sent.
    query: Vec<String>,
    headers: HeaderMap,
    cookies: Vec<(String, String)>,
}

impl Telling<'_> {
    /// What the templates of a step are told, where it has any.
    pub fn context(&self, step: &Step) -> Context {
        let asks = step.templates().chain(step.then.templates()).next().is_some();
        Context::of_step(
            if asks { self.saved } else { &[] },
            self.now,
            self.seed.narrow("step").nth(step.number as u64),
        )
    }

    fn made_up(&self, parameter: &Parameter) -> Option<Value> {
        // By the name alone, so that the steps of a story speak of one organization.
        let seed = self.seed.narrow("argument").narrow(&parameter.name);
        generate::argument(parameter, &generate::Context { seed, now: self.now, echo: &NoEcho, size: None, page: None })
    }
}

impl Step {
    /// The request, with the base path that the operation is usually served under. A step that is taken several times sends the same each
    /// time.
    ///
    /// # Errors
    /// When a template comes to nothing, or nothing that can be sent.
    pub fn request(&self, telling: &Telling<'_>) -> Result<Request, Failed> {
        let gone = || Failed::at(self.place.clone(), format!("the document has no operation `{}`", self.operation));
        let index = telling.contract.find(&self.operation).ok_or_else(gone)?;
        let operation = telling.contract.operation(index);
        let context = telling.context(self);
        let mut parts = Parts::default();
        if telling.credentials && self.credentials {
            for (place, name, value) in generate::credentials(telling.contract, operation).unwrap_or_default() {
                match place {
                    In::Query => parts.query.push(format!("{}={value}", percent_encode_query(&name))),
                    In::Cookie => parts.cookies.push((name, value)),
                    _ => drop(set(&mut parts.headers, &name, &value)),
                }
            }
        }
        let (body, content_type) = self.body(operation, telling, &context)?;
        if let Some(content_type) = content_type {
            parts.headers.insert(header::CONTENT_TYPE, content_type);
        }
        let mut path = self.path(telling, index, &context)?;
        for parameter in &operation.parameters {
            let given = self.arguments.iter().find(|argument| argument.is_for(parameter));
            let value = match given {
                Some(argument) => argument.value(&context)?,
                None if parameter.required => telling.made_up(parameter),
                None => None,
            };
            if let (Some(value), false) = (value, parameter.place == In::Path) {
                self.put(&mut parts, parameter, given, &value)?;
            }
        }
        let documented = |argument: &&Argument| operation.parameters.iter().any(|known| argument.is_for(known));
        for argument in self.arguments.iter().filter(|argument| argument.part != In::Path && !documented(argument)) {
            let texts = match argument.value(&context)? {
                None => Vec::new(),
                Some(Value::Array(items)) => items.iter().map(plain).collect(),
                Some(value) => vec![plain(&value)],
            };
            argument.put(&mut parts, texts)?;
        }
        if !parts.query.is_empty() {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(&parts.query.join("&"));
        }
        if !parts.cookies.is_empty() {
            let pairs: Vec<String> = parts.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            set(&mut parts.headers, "cookie", &pairs.join("; ")).ok_or_else(|| self.unsendable("the cookies"))?;
        }
        if !body.is_empty() {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let target = Target::parse(&path).ok_or_else(|| self.unsendable("the path"))?;
        Ok(Request { method: operation.method.clone(), target, headers: parts.headers, body })
    }

    fn unsendable(&self, what: &str) -> Failed {
        Failed::at(self.place.clone(), format!("{what} of the request cannot be sent"))
    }

    /// The path, and what its template has of the query.
    fn path(&self, telling: &Telling<'_>, index: usize, context: &Context) -> Result<String, Failed> {
        let operation = telling.contract.operation(index);
        let template = format!("{}{}", telling.contract.base_path(index), operation.template);
        let mut failed = None;
        let path = expand(&template, |expression| {
            let is_it = |parameter: &&Parameter| parameter.place == In::Path && &*parameter.name == expression.name;
            let parameter = operation.parameters.iter().find(is_it);
            let given =
                self.arguments.iter().find(|argument| argument.part == In::Path && *argument.name == *expression.name);
            let value = match given.map(|argument| argument.value(context)) {
                Some(Err(error)) => {
                    failed = Some(error);
                    None
                }
                Some(Ok(value)) => value,
                None => Some(parameter.and_then(|parameter| telling.made_up(parameter)).unwrap_or_else(|| "x".into())),
            };
            let text = value.map(|value| match parameter {
                Some(parameter) => parameter.segment(&value, expression.spans),
                None => percent_encode_segment(&plain(&value)).into_owned(),
            });
            if let (Some(""), Some(argument)) = (text.as_deref(), given) {
                let sentence = format!("nothing stands for `{}` in the path", argument.name);
                failed = Some(Failed::at(argument.place.clone(), sentence));
            }
            text
        });
        if let Some(failed) = failed {
            return Err(failed);
        }
        let path = path.ok_or_else(|| self.unsendable("the path"))?;
        let sent = |path: &str| percent_encode_target(path).into_owned();
        Ok(match path.split_once('?') {
            Some((path, query)) => format!("{}?{}", sent(path), sent(query)),
            None => sent(&path),
        })
    }

    /// Puts what is sent for a documented parameter where it belongs, in its style.
    fn put(
        &self,
        parts: &mut Parts,
        parameter: &Parameter,
        given: Option<&Argument>,
        value: &Value,
    ) -> Result<(), Failed> {
        match parameter.place {
            In::Path => {}
            In::Query => {
                let pairs = parameter.query_pairs(value).into_iter();
                parts.query.extend(pairs.map(|(name, value)| format!("{name}={value}")));
            }
            In::QueryString => parts.query.extend(Some(parameter.whole_query(value)).filter(|query| !query.is_empty())),
            In::Cookie => parts.cookies.extend(parameter.cookie_pairs(value)),
            In::Header => {
                let place = given.map_or(&self.place, |argument| &argument.place);
                let sentence = || format!("the field `{}` cannot have this value", parameter.name);
                set(&mut parts.headers, &parameter.name, &parameter.written(value))
                    .ok_or_else(|| Failed::at(place.clone(), sentence()))?;
            }
        }
        Ok(())
    }

    /// The content, and the field that says what it is.
    fn body(
        &self,
        operation: &Operation,
        telling: &Telling<'_>,
        context: &Context,
    ) -> Result<(Body, Option<HeaderValue>), Failed> {
        let value = match &self.content {
            Some(Content::Nothing) => return Ok((Body::Empty, None)),
            Some(Content::Value(value)) => value.clone(),
            Some(Content::Made(template)) => template.value(context)?,
            None => {
                let Some(request) = operation.request.as_ref().filter(|request| request.required) else {
                    return Ok((Body::Empty, None));
                };
                let seed = telling.seed.narrow("content").narrow(&operation.key);
                let made = generate::Context { seed, now: telling.now, echo: &NoEcho, size: None, page: None };
                let nothing = || Failed {
                    help: "write it under `with`: `body: …`".to_owned(),
                    ..Failed::at(
                        self.place.clone(),
                        format!("nothing can be made up as content of `{}`", operation.key),
                    )
                };
                let (content, bytes) = generate::content(request, &made).ok_or_else(nothing)?;
                return Ok((Body::from(bytes), Some(content.content_type.clone())));
            }
        };
        let contents = operation.request.as_ref().map_or(&[][..], |request| &request.content);
        let asked =
            self.arguments.iter().find(|argument| argument.part == In::Header && *argument.name == *"content-type");
        let media = match asked.map(|argument| argument.value(context)).transpose()?.flatten() {
            Some(value) => MediaType::parse(&plain(&value)),
            None => None,
        };
        let content = match &media {
            Some(media) => contents.iter().find(|content| fits(content, media)),
            None => {
                let with = |wanted: fn(Codec) -> bool| contents.iter().find(|content| wanted(content.codec));
                with(|codec| codec == Codec::Json).or_else(|| with(|codec| codec != Codec::Binary)).or(contents.first())
            }
        };
        let json = HeaderValue::from_static("application/json");
        Ok(match content {
            Some(content) => {
                (Body::from(content.write(media.as_ref(), &value)), Some(content.content_type(media.as_ref())))
            }
            // A text is the content of anything that is not JSON, as it is.
            None if media.as_ref().is_some_and(|media| !media.is_json()) => (Body::from(plain(&value)), None),
            None => (Body::from(value.to_string()), Some(json)),
        })
    }
}

fn fits(content: &contract::Content, media: &MediaType) -> bool {
    content.range.as_ref().is_some_and(|range| range.matches(media).is_some())
}

impl Argument {
    /// Whether it is what is sent for a parameter.
    pub(in crate::scenario) fn is_for(&self, parameter: &Parameter) -> bool {
        match (self.part, parameter.place) {
            (In::Header, In::Header) => self.name.eq_ignore_ascii_case(&parameter.name),
            (In::Query, In::Query | In::QueryString) => self.name == parameter.name,
            (part, place) => part == place && self.name == parameter.name,
        }
    }

    /// Whether it is a mapping.
    pub(in crate::scenario) fn is_mapping(&self) -> bool {
        matches!(&self.value, Given::Made(template) if template.is_mapping())
    }

    fn value(&self, context: &Context) -> Result<Option<Value>, Failed> {
        match &self.value {
            Given::Nothing => Ok(None),
            Given::Text(text) => Ok(Some(Value::String(text.to_string()))),
            Given::Made(template) => template.value(context).map(Some),
        }
    }

    /// Puts texts where they belong that the document says nothing of.
    fn put(&self, parts: &mut Parts, texts: Vec<String>) -> Result<(), Failed> {
        let encoded = |text: &str| percent_encode_query(text).into_owned();
        match self.part {
            In::Query | In::QueryString => {
                let name = encoded(&self.name);
                // What is said goes before what is made up: credentials, here.
                parts.query.retain(|pair| pair.split('=').next() != Some(&name));
                parts.query.extend(texts.iter().map(|text| format!("{name}={}", encoded(text))));
            }
            In::Cookie => {
                parts.cookies.retain(|(known, _)| **known != *self.name);
                parts.cookies.extend(texts.into_iter().map(|text| (self.name.to_string(), text)));
            }
            In::Header => {
                let sentence = || format!("the field `{}` cannot have this value", self.name);
                let failed = || Failed::at(self.place.clone(), sentence());
                let name = HeaderName::from_bytes(self.name.as_bytes()).map_err(|_| failed())?;
                parts.headers.remove(&name);
                for text in texts {
                    parts.headers.append(name.clone(), HeaderValue::from_str(&text).map_err(|_| failed())?);
                }
            }
            In::Path => {}
        }
        Ok(())
    }
}

/// Sets a field; `None` where it cannot be sent.
fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Option<()> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    headers.insert(name, HeaderValue::from_str(value).ok()?);
    Some(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
