//! What the server answers for itself, under the admin prefix: health, the document, exchanges. Described by
//! `fixtures/admin/openapi.yaml`, which is served as well.
//!
//! What belongs here: which page is meant, and who may see it (only this machine, and no other page's script). The pages are in
//! [`document`], [`exchange`] and [`list`].

mod document;
mod exchange;
mod guard;
mod list;

pub(super) use document::address;

use http::request::Parts;
use serde_json::{Value, json};

use super::connection::Peer;
use super::html::{self, Page};
use super::service::Inner;
use crate::message::{Body, HeaderValue, Method, Problem, Response, StatusCode, Target, header};

/// The description of all this.
const DESCRIPTION: &str = include_str!("../../../fixtures/admin/openapi.yaml");

/// What there is, behind the prefix.
const PATHS: [&str; 5] = ["/health", "/document", "/exchanges", "/exchanges/{id}", "/openapi.yaml"];

/// What YAML is sent as: browsers save what they do not know as YAML to a file, and show text.
fn yaml(page: bool) -> &'static str {
    if page { "text/plain; charset=utf-8" } else { "application/yaml" }
}

/// Answers a request for a path under the prefix; `rest` is what follows the prefix.
pub(super) fn answer(inner: &Inner, peer: &Peer, base: &str, parts: &Parts, target: &Target, rest: &str) -> Response {
    if let Err(refusal) = guard::check(peer, parts) {
        return refused(&Problem::new(refusal.status).detail(refusal.detail));
    }
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        let detail = format!("{} is not for reading, and there is nothing to change here", parts.method);
        let mut response = refused(&Problem::new(StatusCode::METHOD_NOT_ALLOWED).detail(detail));
        response.headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let page = html::is_preferred(&parts.headers);
    match rest {
        "" | "/" => index(inner, page),
        "/health" => health(inner),
        "/document" => document::answer(inner, None, page),
        "/openapi.yaml" => text(yaml(page), DESCRIPTION.to_owned()),
        "/exchanges" => list::answer(inner, base, target, page),
        _ => match rest.trim_start_matches('/').split_once('/').filter(|(_, name)| !name.contains('/')) {
            Some(("exchanges", id)) => exchange::answer(inner, id, page),
            Some(("document", name)) => document::answer(inner, Some(name), page),
            _ => nothing(inner, rest),
        },
    }
}

fn index(inner: &Inner, page: bool) -> Response {
    let mock = inner.mock();
    let prefix = &mock.options().admin_prefix;
    if !page {
        let paths: Vec<String> = PATHS.iter().map(|path| format!("{prefix}{path}")).collect();
        return value(&json!({ "paths": paths }));
    }
    let mut page = Page::new("standin");
    page.element("p", format_args!("A stand-in for {}.", mock.contract().title()));
    page.raw("<ul>\n");
    for (path, what) in [
        ("/exchanges", "the last requests, and how each was answered"),
        ("/document", "the document that is served"),
        ("/health", "whether it is up"),
        ("/openapi.yaml", "what there is here, for programs"),
    ] {
        page.raw("<li>");
        page.link(format_args!("{prefix}{path}"), path);
        page.text(format_args!(" {what}"));
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
    page.into_response()
}

fn health(inner: &Inner) -> Response {
    let mock = inner.mock();
    let contract = mock.contract();
    let health = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "title": contract.title(),
        "operations": contract.heads().len(),
        "calls": inner.counts.calls(),
    });
    value(&health)
}

fn nothing(inner: &Inner, rest: &str) -> Response {
    let mock = inner.mock();
    let prefix = &mock.options().admin_prefix;
    let paths: Vec<String> = PATHS.iter().map(|path| format!("{prefix}{path}")).collect();
    let problem = Problem::new(StatusCode::NOT_FOUND).detail(format!("there is no {prefix}{rest}"));
    refused(&problem.with("paths", Value::from(paths)))
}

fn refused(problem: &Problem) -> Response {
    let mut response = problem.to_response();
    html::guarded(&mut response.headers);
    response
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
