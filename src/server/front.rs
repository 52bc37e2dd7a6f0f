//! The page at `/` for people, where the document has no such path: what is served, and how to ask for it.

use std::sync::Arc;

use http::request::Parts;

use super::html::{self, Page};
use crate::contract::{Contract, Miss, Operation};
use crate::message::{Method, Response, StatusRange};
use crate::mock::Mock;

/// The most operations that the page lists.
const OPERATIONS: usize = 2000;

/// The page, if the client wants one and the document leaves room for it. `base` is what the client calls the server.
pub(super) fn page(mock: &Mock, parts: &Parts, base: &dyn Fn() -> Arc<str>) -> Option<Response> {
    let contract = mock.contract();
    let wanted = matches!(parts.method, Method::GET | Method::HEAD) && html::is_preferred(&parts.headers);
    if !wanted || !matches!(contract.route(&parts.method, "/"), Err(Miss::Path)) {
        return None;
    }
    let base = base();
    let mut page = Page::new(contract.title());
    let count = contract.heads().len();
    page.raw("<p>A stand-in, served by <code>standin</code> from an OpenAPI ");
    page.text(format_args!("{} document with {count} operations. Any token will do.", contract.version()));
    page.raw("</p>\n<p>");
    let admin = &mock.options().admin_prefix;
    page.link(format_args!("{admin}/document"), "the document");
    page.raw(" · ");
    page.link(format_args!("{admin}/exchanges"), "the last exchanges");
    page.raw("</p>\n");
    operations(&mut page, contract, &base);
    scenarios(&mut page, mock);
    Some(page.into_response())
}

fn operations(page: &mut Page, contract: &Contract, base: &str) {
    page.element("h2", "Operations");
    let heads = contract.heads();
    for index in 0..heads.len().min(OPERATIONS) {
        let operation = contract.operation(index);
        let path = format!("{}{}", contract.base_path(index), operation.template);
        page.raw("<details><summary><code>");
        page.text(format_args!("{} {path}", operation.method));
        page.raw("</code> ");
        page.text(&operation.summary);
        page.raw("</summary>\n<p><small>");
        page.text(&operation.key);
        page.raw("</small></p>\n<pre>");
        for status in statuses(operation) {
            page.text(curl(operation, &format!("{base}{path}"), status));
            page.raw("\n");
        }
        page.raw("</pre></details>\n");
    }
    if heads.len() > OPERATIONS {
        page.element("p", format_args!("And {} more.", heads.len() - OPERATIONS));
    }
}

/// The statuses that can be asked for, as `Prefer: code` takes them.
fn statuses(operation: &Operation) -> impl Iterator<Item = u16> {
    operation.responses.iter().filter_map(|response| match response.range {
        StatusRange::Exact(status) => Some(status),
        StatusRange::Class(class) => Some(u16::from(class) * 100),
        StatusRange::Default => None,
    })
}

/// A command that asks for this status.
fn curl(operation: &Operation, address: &str, status: u16) -> String {
    let mut line = "curl -si".to_owned();
    match operation.method {
        Method::GET => {}
        Method::HEAD => line.push_str(" -I"),
        ref method => {
            line.push_str(" -X ");
            line.push_str(method.as_str());
        }
    }
    line.push_str(&format!(" {}", quoted(address)));
    if !operation.security.is_empty() {
        line.push_str(" -H 'Authorization: Bearer x'");
    }
    line.push_str(&format!(" -H 'Prefer: code={status}'"));
    line
}

/// Quoted for a shell: a template's braces, and whatever a document has in its paths.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn scenarios(page: &mut Page, mock: &Mock) {
    if mock.known().is_empty() {
        return;
    }
    page.element("h2", "Scenarios");
    page.raw("<p>Ask for one with <code>Prefer: scenario=NAME</code>, or start with <code>--scenario NAME</code>.</p>\n<table>\n");
    for scenario in mock.known() {
        page.raw("<tr><td><code>");
        page.text(&scenario.name);
        page.raw("</code></td><td>");
        page.text(&scenario.summary);
        page.raw("</td></tr>\n");
    }
    page.raw("</table>\n");
}
