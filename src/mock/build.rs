//! From a choice to a response: status, fields, content.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::fill::{self, Filling};
use super::negotiate::{self, NotAcceptable};
use super::prepared::{Origin, PreparedOperation};
use super::store::Store;
use super::{Mock, decide, edit, envelope, items, paging};
use crate::contract::{self, Call, Codec, In, Operation, Parameter};
use crate::finding::{Part, Violation, did_you_mean};
use crate::generate::{Context, Echo, Seed, made_up};
use crate::message::{Body, CODINGS, HeaderValue, Problem, Response, StatusCode, StatusRange, header, is_bodiless};
use crate::scenario;

/// The call that is being answered.
pub(super) struct About<'a> {
    pub(super) mock: &'a Mock,
    pub(super) call: &'a Call<'a>,
    pub(super) session: &'a Arc<str>,
    /// Its number in session and operation.
    pub(super) number: u64,
    /// The seed that the client asks for, so that the same request gets the same answer however often it is sent.
    pub(super) seed: Option<Seed>,
    /// What the session keeps, where it keeps anything.
    pub(super) store: Option<&'a Store>,
    /// The documented example that is answered with, once that is known.
    pub(super) shown: Cell<Option<Arc<str>>>,
    /// The session's time.
    pub(super) now: jiff::Timestamp,
    /// What the session kept of earlier calls, by name.
    pub(super) saved: &'a [(Arc<str>, Value)],
}

/// What the answer should be.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    /// The status; `None`: success.
    pub(super) status: Option<u16>,
    /// A named example.
    pub(super) example: Option<&'a str>,
    /// Generated even where there are examples.
    pub(super) dynamic: bool,
    /// The client asked for it: what is not there is refused, not made up.
    pub(super) by_client: bool,
    /// What a scenario says beyond that.
    pub(super) reply: Option<&'a scenario::Reply>,
    /// What its templates are told.
    pub(super) filling: Option<Filling>,
    /// What is kept and shown, as a whole.
    pub(super) kept: Option<&'a Value>,
}

impl Wanted<'_> {
    /// Whether nobody says what is answered: a status, an example or content.
    pub(super) fn is_open(&self) -> bool {
        let says = |reply: &scenario::Reply| reply.body.is_some() || reply.template.is_some();
        self.status.is_none() && self.example.is_none() && !self.reply.is_some_and(says)
    }
}

/// The documented response that is served.
#[derive(Clone, Copy)]
struct Chosen<'a> {
    status: StatusCode,
    response: &'a contract::Response,
}

/// Builds what is wanted of a call that may be answered as wished.
pub(super) fn wanted(about: &About<'_>, wanted: &Wanted<'_>) -> Response {
    let operation = about.call.operation();
    let chosen = match wanted.status {
        Some(status) => exactly(operation, status),
        None => named(about, wanted).or_else(|| success(about)),
    };
    let Some(chosen) = chosen else { return undocumented(operation, wanted) };
    let mut answer = match content(about, chosen, wanted, &[]) {
        Ok(answer) => answer,
        Err(answer) => return *answer,
    };
    if let Some(reply) = wanted.reply {
        edit::fields(reply, &mut answer.headers);
        if let Some(Err(answer)) = wanted.filling.as_ref().map(|filling| filling.fields(reply, &mut answer.headers)) {
            return *answer;
        }
    }
    answer
}

/// Builds the documented error for an invalid request, else a problem (RFC 9457).
pub(super) fn refusal(about: &About<'_>, violations: &[Violation]) -> Response {
    let operation = about.call.operation();
    let statuses = decide::fitting(violations);
    // Who may not ask is not told what else is wrong.
    let credentials: Vec<Violation>;
    let violations = if statuses[0] == 401 {
        credentials = violations.iter().filter(|violation| violation.part == Part::Credentials).cloned().collect();
        &credentials
    } else {
        violations
    };
    let exact = statuses.iter().find_map(|status| with(operation, StatusRange::Exact(*status), *status));
    let wide = || {
        let class = with(operation, StatusRange::Class(4), statuses[0]);
        class.or_else(|| with(operation, StatusRange::Default, statuses[0]))
    };
    let Some(chosen) = exact.or_else(wide) else {
        return with_codings(items::problem(statuses[0], violations), violations);
    };
    let answer = content(about, chosen, &Wanted::default(), violations);
    with_codings(answer.unwrap_or_else(|answer| *answer), violations)
}

/// Names the content codings that are known, where another one was refused (RFC 9110 §15.5.16).
fn with_codings(mut answer: Response, violations: &[Violation]) -> Response {
    let coding = |violation: &Violation| violation.part == Part::MediaType && &*violation.name == "content-encoding";
    if violations.iter().any(coding) {
        answer.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(CODINGS));
    }
    answer
}

fn with(operation: &Operation, range: StatusRange, status: u16) -> Option<Chosen<'_>> {
    let response = operation.responses.iter().find(|response| response.range == range)?;
    Some(Chosen { status: StatusCode::from_u16(status).ok()?, response })
}

fn exactly(operation: &Operation, status: u16) -> Option<Chosen<'_>> {
    Some(Chosen { status: StatusCode::from_u16(status).ok()?, response: operation.response(status)? })
}

fn success<'a>(about: &About<'a>) -> Option<Chosen<'a>> {
    let (status, index) = about.mock.prepared.operation(about.call).success()?;
    Some(Chosen { status, response: about.call.operation().responses.get(index)? })
}

/// The response that has an example of the wanted name, when the successful one has not.
fn named<'a>(about: &About<'a>, wanted: &Wanted<'_>) -> Option<Chosen<'a>> {
    let name = wanted.example?;
    let operation = about.call.operation();
    let has = |response: &contract::Response| {
        response
            .content
            .iter()
            .flat_map(|content| &content.examples)
            .any(|example| example.name.as_deref() == Some(name))
    };
    if success(about).is_some_and(|chosen| has(chosen.response)) {
        return None;
    }
    let response = operation.responses.iter().find(|response| has(response))?;
    let status = match response.range {
        StatusRange::Exact(status) => status,
        StatusRange::Class(class) => u16::from(class) * 100,
        StatusRange::Default => 500,
    };
    Some(Chosen { status: StatusCode::from_u16(status).ok()?, response })
}

/// What is wanted is not in the document.
fn undocumented(operation: &Operation, wanted: &Wanted<'_>) -> Response {
    let listed: Vec<String> = operation.responses.iter().map(|response| response.range.to_string()).collect();
    match (wanted.status.and_then(|status| StatusCode::from_u16(status).ok()), wanted.by_client) {
        // A scenario that is not strict may answer what the document does not know.
        (Some(status), false) => {
            let mut answer = Problem::new(status).to_response();
            if let Some(reply) = wanted.reply {
                if let Err(failed) = undescribed(reply, wanted, &mut answer) {
                    return *failed;
                }
                edit::fields(reply, &mut answer.headers);
                if let Some(Err(failed)) =
                    wanted.filling.as_ref().map(|filling| filling.fields(reply, &mut answer.headers))
                {
                    return *failed;
                }
            }
            answer
        }
        (Some(status), true) => Problem::new(StatusCode::BAD_REQUEST)
            .detail(format!(
                "{} is not documented for {}; documented: {}",
                status.as_u16(),
                operation.key,
                listed.join(", ")
            ))
            .to_response(),
        (None, _) => Problem::new(StatusCode::NOT_IMPLEMENTED)
            .detail(format!("{} has no documented response to answer with", operation.key))
            .to_response(),
    }
}

/// Content that a scenario gives to an answer without a description: as the media type says that it names, else as JSON.
fn undescribed(reply: &scenario::Reply, wanted: &Wanted<'_>, answer: &mut Response) -> Result<(), Box<Response>> {
    let media = reply.media_type();
    answer.body = match (&reply.body, &reply.template, &wanted.filling) {
        (Some(body), ..) => fill::undescribed(media.as_ref().map_or(Codec::Json, Codec::of_type), body),
        (None, Some(template), Some(filling)) => filling.body(template, None, media.as_ref())?,
        _ => return Ok(()),
    };
    answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(())
}

/// How many fields come to an answer beside the documented ones, where no browser asked. One more would double the table.
const ROOM: usize = 6;

/// Builds the response: its documented fields and its content, in a media type that the client accepts.
fn content(
    about: &About<'_>,
    chosen: Chosen<'_>,
    wanted: &Wanted<'_>,
    violations: &[Violation],
) -> Result<Response, Box<Response>> {
    let mut answer = Response::empty(chosen.status);
    let prepared = about.mock.prepared.response(about.call, chosen.response);
    answer.headers = prepared.fields(about.mock, chosen.response).clone();
    // Room for what is mostly still to come, so that the map grows at most once.
    answer.headers.reserve(ROOM);
    if chosen.status == StatusCode::UNAUTHORIZED && !answer.headers.contains_key(header::WWW_AUTHENTICATE) {
        for challenge in about.call.contract().challenge(about.call.route().operation) {
            answer.headers.append(header::WWW_AUTHENTICATE, challenge);
        }
    }
    if chosen.response.content.is_empty() || is_bodiless(chosen.status.as_u16()) {
        if let Some(name) = wanted.example.filter(|_| wanted.by_client) {
            return Err(Box::new(no_example(about, chosen, name)));
        }
        if let Some(reply) = wanted.reply.filter(|_| !is_bodiless(chosen.status.as_u16())) {
            undescribed(reply, wanted, &mut answer)?;
        }
        return Ok(answer);
    }
    let error = chosen.status.as_u16() >= 400;
    let named = wanted.reply.and_then(scenario::Reply::media_type);
    let picked = match negotiate::pick(chosen.response, &about.call.request().headers) {
        // Content that is written for a media type is sent as that.
        _ if named.is_some() => negotiate::named(chosen.response, named),
        Ok(picked) => picked,
        // An error is better told in a form that was not asked for than not at all (RFC 9110 §15.5.7).
        Err(NotAcceptable) if error => negotiate::first(chosen.response),
        Err(NotAcceptable) => return Err(Box::new(negotiate::refusal(chosen.response))),
    };
    let content = &chosen.response.content[picked.index];
    let media = picked.media.as_ref();
    let codec = media.map_or(content.codec, Codec::of_type);
    answer.headers.insert(header::CONTENT_TYPE, content.content_type(media));

    let merge = wanted.reply.and_then(|reply| reply.merge.as_ref());
    if let Some(kept) = wanted.kept.filter(|_| codec.is_structured()) {
        let mut value = Cow::Borrowed(kept);
        if let Some(merge) = merge {
            scenario::merge_patch(value.to_mut(), merge);
        }
        answer.body = Body::from(content.write(media, &value));
        return Ok(answer);
    }
    if let Some(body) = wanted.reply.and_then(|reply| reply.body.as_ref()) {
        answer.body = Body::from(content.write(media, body));
        return Ok(answer);
    }
    if let (Some(template), Some(filling)) = (wanted.reply.and_then(|reply| reply.template.as_ref()), &wanted.filling) {
        answer.body = filling.body(template, Some(content), media)?;
        return Ok(answer);
    }
    let prepared = prepared.content(picked.index);
    let example = match wanted.example {
        Some(name) => match prepared.named(about.mock, content, name) {
            Some(example) => Some((example, Origin::Response)),
            None => return Err(Box::new(no_example(about, chosen, name))),
        },
        None if wanted.dynamic => None,
        None => prepared.example(about.mock, content),
    };
    if merge.is_none()
        && violations.is_empty()
        && let Some((example, Origin::Response)) = example
    {
        about.shown.set(example.name.clone());
    }
    if error
        && example.is_none()
        && merge.is_none()
        && answer.headers.get(header::CONTENT_TYPE).is_some_and(|media| media == Problem::MEDIA_TYPE)
        && let Some(problem) = items::undescribed(chosen.status, violations, content.schema.as_ref())
    {
        answer.body = Body::from(content.write(media, &problem));
        return Ok(answer);
    }
    let echo = FromRequest {
        call: about.call,
        prepared: about.mock.prepared.operation(about.call),
        members: about.call.body().value().and_then(Value::as_object),
    };
    let seed = identity(about);
    let page = paging::asked(about.call, seed);
    let size = page_size(about.call);
    let context = Context { seed, now: about.mock.options().now, echo: &echo, size, page: page.as_ref() };

    let mut value = match example {
        // Nothing to change: the bytes are ready.
        Some((example, Origin::Response)) if merge.is_none() && violations.is_empty() => {
            answer.body = match media {
                Some(_) => Body::from(content.write(media, &example.value)),
                None => example.body(),
            };
            return Ok(answer);
        }
        Some((example, _)) => example.value.clone(),
        None => {
            let Some(plan) = prepared.plan(content) else {
                // Content without a schema promises nothing.
                answer.body = Body::from(content.least(media));
                return Ok(answer);
            };
            let bare = merge.is_none() && violations.is_empty() && codec == Codec::Json;
            if codec == Codec::Binary
                && let Some(sample) = content.sample(media)
            {
                answer.body = Body::from(sample);
                return Ok(answer);
            }
            if bare && !prepared.coheres(plan, &context) {
                let mut text = Vec::with_capacity(512);
                plan.write(&context, &mut text);
                answer.body = Body::from(text);
                return Ok(answer);
            }
            made_up(content, codec, plan, &context)
        }
    };
    let from_response = matches!(example, Some((_, Origin::Response)));
    if let Some(schema) = &content.schema {
        let told = envelope::Told {
            status: chosen.status,
            shown: example.is_some(),
            response: chosen.response,
            schema,
            contract: about.call.contract(),
        };
        if !from_response {
            envelope::cohere(&mut value, &told);
        }
        if !violations.is_empty() {
            items::fill(&mut value, violations, schema);
            envelope::number_items(&mut value, &told);
        }
    }
    if let Some(merge) = merge {
        scenario::merge_patch(&mut value, merge);
    }
    answer.body = Body::from(content.write(media, &value));
    Ok(answer)
}

fn no_example(about: &About<'_>, chosen: Chosen<'_>, name: &str) -> Response {
    let names: Vec<&str> = chosen
        .response
        .content
        .iter()
        .flat_map(|content| &content.examples)
        .filter_map(|example| example.name.as_deref())
        .collect();
    let hint = match (did_you_mean(name, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, true) => "it has none by name".to_owned(),
        (None, false) => format!("it has {}", names.join(", ")),
    };
    let detail =
        format!("{} has no example `{name}` for {}; {hint}", about.call.operation().key, chosen.status.as_u16());
    Problem::new(StatusCode::BAD_REQUEST).detail(detail).to_response()
}

/// What a generated value depends on: the session and the operation, the target and the content, and for what is neither safe nor
/// idempotent the number of the call.
pub(super) fn identity(about: &About<'_>) -> Seed {
    let request = about.call.request();
    let body = request.body.bytes();
    let counted = !request.method.is_idempotent();
    let (seed, number) = match about.seed {
        Some(asked) => (asked, 0),
        None => (Seed(about.mock.options().seed), if counted { about.number } else { 0 }),
    };
    let whole = &request.target.as_str()[about.call.route().base..];
    let list: String;
    let target = match request.target.query().filter(|_| paging::is_about_pages(about.call)) {
        // Of a list that is read in pages, every page is a part of the same list.
        Some(query) => {
            let path = whole.split('?').next().unwrap_or_default();
            let mut text = path.to_owned();
            for (name, value) in paging::rest(query) {
                text.push(if text.len() == path.len() { '?' } else { '&' });
                text.push_str(name);
                if let Some(value) = value {
                    text.push('=');
                    text.push_str(value);
                }
            }
            list = text;
            &list
        }
        None => whole,
    };
    Seed(seed.hash(&[
        b"value",
        about.session.as_bytes(),
        about.call.operation().key.as_bytes(),
        target.as_bytes(),
        &body,
        &number.to_le_bytes(),
    ]))
}

/// Names under which clients ask for the size of a page.
const SIZES: [&str; 10] =
    ["page_size", "pageSize", "per_page", "perPage", "limit", "size", "count", "first", "top", "max_results"];

pub(super) fn page_size(call: &Call) -> Option<usize> {
    call.request().target.query()?;
    let asked = call.operation().parameters.iter().filter(|parameter| parameter.place == In::Query);
    let mut asked = asked.filter(|parameter| SIZES.contains(&&*parameter.name));
    asked.find_map(|parameter| call.query(&parameter.name)?.parse().ok())
}

/// What a request says that the answer should say again.
pub(super) struct FromRequest<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) prepared: &'a PreparedOperation,
    /// The members of its body.
    pub(super) members: Option<&'a Map<String, Value>>,
}

impl Echo for FromRequest<'_> {
    fn member(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let Some(members) = self.members {
            // A few members are found sooner by looking than by hashing.
            let found = if members.len() <= 8 {
                members.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
            } else {
                members.get(name)
            };
            if let Some(value) = found {
                return Some(Cow::Borrowed(value));
            }
        }
        let parameter = self.call.operation().parameters.get(self.prepared.said(name)?)?;
        let text = match parameter.place {
            In::Path => self.call.path(&parameter.name)?,
            _ => self.call.query(name)?,
        };
        Some(Cow::Owned(typed(parameter, &text)))
    }
}

fn typed(parameter: &Parameter, text: &str) -> Value {
    parameter.schema().map_or_else(|| Value::String(text.to_owned()), |schema| schema.coerce(text))
}
