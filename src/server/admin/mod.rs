//! What the server answers for itself, under the admin prefix: health, the document, exchanges, and what tests do with sessions between
//! their calls. Described by `fixtures/admin/openapi.yaml`, which is served as well.
//!
//! What belongs here: which page is meant, in which form a request for it comes, and what all answers have in common. The table of pages
//! is in [`routes`], who may ask in [`guard`], the pages themselves in the other files.

mod body;
mod claim;
mod clock;
mod coverage;
mod document;
mod enter;
mod events;
mod exchange;
mod exchange_page;
mod filter;
mod guard;
mod list;
mod overrides;
mod overview;
mod routes;
mod scenarios;
mod sessions;
mod told;
mod verify;

pub(super) use document::address;

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;

use super::connection::Peer;
use super::html;
use super::outgoing::Sleep;
use super::service::Inner;
use super::tail::Tail;
use crate::finding::Finding;
use crate::message::{
    Accept, Body, HeaderValue, MediaType, Moment, Problem, Response, StatusCode, Target, form_decode, header,
    query_pairs,
};
use crate::mock::{Ended, Mock, NotArranged};

pub(super) use body::{LONGEST, too_large};

/// An answer, or why there is none: both are sent, the type only lets a page end early.
type Answer = Result<Response, Box<Response>>;

/// A request for a page, let through and in the form that the page takes.
pub(super) struct Asked<'a> {
    inner: &'a Inner,
    /// The mock that is served: the same for all of the answer.
    mock: Arc<Mock>,
    /// What the client called the server.
    base: &'a str,
    parts: &'a Parts,
    target: &'a Target,
    /// What stands in the path at the places of the page's parameters, decoded.
    named: Vec<Cow<'a, str>>,
    content: Bytes,
    now: Moment,
    /// Whether the client would rather have a page for people.
    page: bool,
    /// How to wait.
    sleep: &'a Sleep,
    /// What goes on behind the head of the answer, in place of its content.
    tail: Cell<Option<Tail>>,
}

/// A page that was found, before its content is read.
pub(super) struct Meant<'a> {
    route: &'static routes::Route,
    named: Vec<Cow<'a, str>>,
}

/// Finds the page that a request means, `rest` being its path behind the prefix; or says why there is none for it.
pub(super) fn find<'a>(inner: &Inner, peer: &Peer, parts: &Parts, rest: &'a str) -> Result<Meant<'a>, Box<Response>> {
    guard::check(peer, parts, inner.settings.admin_token.as_deref())
        .map_err(|refusal| problem(refusal.status, refusal.detail))?;
    let method = if parts.method == http::Method::HEAD { &http::Method::GET } else { &parts.method };
    let Some((route, named)) = routes::find(method, rest) else {
        let methods = routes::methods(rest);
        if methods.is_empty() {
            return Err(nothing(inner, rest));
        }
        let detail = format!("there is no {} for this page, but {methods}", parts.method);
        let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, detail);
        response.headers.extend(HeaderValue::from_str(&methods).ok().map(|allow| (header::ALLOW, allow)));
        return Err(response);
    };
    body::check(route.takes, parts)?;
    Ok(Meant { route, named })
}

/// Answers a request for a page. `content` is empty where the page takes none. An answer that goes on is but its head, and the tail.
#[expect(clippy::too_many_arguments, reason = "all of it is what a request is, and it is taken apart by one caller")]
pub(super) fn answer<'a>(
    inner: &'a Inner,
    base: &'a str,
    parts: &'a Parts,
    target: &'a Target,
    meant: Meant<'a>,
    content: Bytes,
    now: Moment,
    sleep: &'a Sleep,
) -> (Response, Option<Tail>) {
    let Meant { route, named } = meant;
    let page = html::is_preferred(&parts.headers);
    let (mock, tail) = (inner.mock(), Cell::new(None));
    let asked = Asked { inner, mock, base, parts, target, named, content, now, page, sleep, tail };
    let response = (route.answer)(&asked).unwrap_or_else(|refusal| *refusal);
    (response, asked.tail.take())
}

impl<'a> Asked<'a> {
    /// Whether the client names this media type in `Accept`: it is one that nobody means by accident.
    fn accepts(&self, named: &str) -> bool {
        let accept = Accept::parse(&self.parts.headers);
        let mut others = accept.named();
        others.any(|media_type| MediaType::parse(named).is_some_and(|wanted| wanted == media_type))
            && MediaType::parse(named).is_some_and(|wanted| accept.quality(&wanted) > 0)
    }

    /// The path under which the server answers for itself.
    fn prefix(&self) -> &str {
        &self.mock.options().admin_prefix
    }

    /// What stands in the path at the place of a parameter of the page.
    fn named(&self, index: usize) -> &str {
        self.named.get(index).map_or("", |name| &**name)
    }

    /// The values of a parameter of the query, decoded.
    fn query(&self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        let pairs = query_pairs(self.target.query().unwrap_or_default());
        pairs
            .filter(move |(known, _)| *known == name)
            .filter_map(|(_, value)| form_decode(value.unwrap_or_default()).ok())
    }

    /// The session that the path names.
    fn session(&self) -> Result<Arc<str>, Box<Response>> {
        crate::mock::session_name(self.named(0)).map_err(|why| problem(StatusCode::BAD_REQUEST, why))
    }

    /// Names the sessions that ended in the log.
    fn tell(&self, ended: &[Ended]) {
        ended.iter().for_each(|ended| self.inner.settings.log.warn(ended.to_string()));
    }
}

/// That a session was not told something, and why.
fn not_arranged(why: NotArranged) -> Box<Response> {
    match why {
        NotArranged::Full(full) => {
            let mut response = full.answer();
            html::guarded(&mut response.headers);
            Box::new(response)
        }
        NotArranged::Unknown(sentence) => problem(StatusCode::NOT_FOUND, sentence),
        NotArranged::TooMuch(sentence) => problem(StatusCode::PAYLOAD_TOO_LARGE, sentence),
    }
}

/// That there is no such session.
fn no_session(name: &str) -> Box<Response> {
    problem(
        StatusCode::NOT_FOUND,
        format!("there is no session `{name}`: nothing was called or told in it, or it has ended"),
    )
}

/// That a text cannot be used, with what is wrong in it.
fn unusable(sentence: impl Into<String>, findings: &[Finding]) -> Box<Response> {
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail(sentence);
    refused(&problem.with("findings", body::told(findings)))
}

fn nothing(inner: &Inner, rest: &str) -> Box<Response> {
    let mock = inner.mock();
    let prefix = &mock.options().admin_prefix;
    let problem = Problem::new(StatusCode::NOT_FOUND).detail(format!("there is no {prefix}{rest}"));
    refused(&problem.with("paths", Value::from(routes::paths(prefix))))
}

fn problem(status: StatusCode, detail: impl Into<String>) -> Box<Response> {
    refused(&Problem::new(status).detail(detail))
}

fn refused(problem: &Problem) -> Box<Response> {
    let mut response = problem.to_response();
    html::guarded(&mut response.headers);
    Box::new(response)
}

fn text(media_type: &'static str, text: String) -> Response {
    let mut response = Response::empty(StatusCode::OK);
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    html::guarded(&mut response.headers);
    response.body = Body::from(text);
    response
}

fn value(value: &Value) -> Response {
    text("application/json", value.to_string())
}

/// That it is done, and there is nothing to say.
fn done() -> Response {
    let mut response = Response::empty(StatusCode::NO_CONTENT);
    html::guarded(&mut response.headers);
    response
}

/// What YAML is sent as: browsers save what they do not know as YAML to a file, and show text.
fn yaml(page: bool) -> &'static str {
    if page { "text/plain; charset=utf-8" } else { "application/yaml" }
}
