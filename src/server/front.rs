//! The page at `/` for people, where the document has no such path: what is served, and how to ask for it.

use std::sync::Arc;

use http::request::Parts;

use super::admin::address;
use super::html::{self, Page};
use crate::contract::{Miss, Operation};
use crate::message::{Method, Response, StatusRange};
use crate::mock::{Mock, ValidCall};

/// The most operations that the page lists.
const OPERATIONS: usize = 2000;

/// The page, if the client wants one and the document leaves room for it. `base` is what the client calls the server.
pub(super) fn page(mock: &Mock, parts: &Parts, base: &str) -> Option<Response> {
    let contract = mock.contract();
    let wanted = matches!(parts.method, Method::GET | Method::HEAD) && html::is_preferred(&parts.headers);
    if !wanted || !matches!(contract.route(&parts.method, "/", parts.uri.query()), Err(Miss::Path)) {
        return None;
    }
    let mut page = Page::new(contract.title());
    let count = contract.heads().len();
    let s = if count == 1 { "" } else { "s" };
    let language = contract.language();
    page.raw("<p>A stand-in, served by <code>standin</code> from ");
    match contract.mounts().len() {
        1 => {
            let a = if language == "OpenAPI" { "an" } else { "a" };
            page.text(format_args!("{a} {language} {} document with {count} operation{s}.", contract.version()));
        }
        documents => page.text(format_args!("{documents} {language} documents with {count} operation{s}.")),
    }
    if mock.options().credentials && !contract.schemes().is_empty() {
        page.raw(" Any token will do.");
    }
    page.raw("</p>\n<p>");
    let admin = &mock.options().admin_prefix;
    if contract.mounts().len() == 1 {
        page.link(format_args!("{admin}/document"), "the document");
    } else {
        for (index, (mount, ..)) in contract.mounts().enumerate() {
            page.raw(if index > 0 { " · " } else { "the documents: " });
            page.link(address(admin, &mount.name), &mount.name);
        }
    }
    page.raw(" · ");
    page.link(format_args!("{admin}/exchanges"), "the last exchanges");
    page.raw("</p>\n");
    operations(&mut page, mock, base);
    scenarios(&mut page, mock);
    Some(page.into_response())
}

fn operations(page: &mut Page, mock: &Mock, base: &str) {
    let contract = mock.contract();
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
        let valid = ValidCall::new(contract, index, mock.options().now);
        for status in statuses(operation) {
            if let Some(command) = command(operation, valid.as_ref(), &format!("{base}{path}"), base, status) {
                page.text(command);
                page.raw("\n");
            }
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

/// A command that is answered with this status; `None` for a success where no valid call can be made up. An error that is asked
/// for needs neither credentials nor content.
fn command(
    operation: &Operation,
    valid: Option<&ValidCall>,
    template: &str,
    base: &str,
    status: u16,
) -> Option<String> {
    let mut line = "curl -si".to_owned();
    match operation.method {
        Method::GET => {}
        Method::HEAD => line.push_str(" -I"),
        ref method => {
            line.push_str(" -X ");
            line.push_str(method.as_str());
        }
    }
    match valid {
        Some(valid) => line.push_str(&format!(" {}", quoted(&format!("{base}{}", valid.path)))),
        None => line.push_str(&format!(" {}", quoted(template))),
    }
    if status < 400 {
        let valid = valid?;
        for (name, value) in &valid.fields {
            line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        if let Some(body) = &valid.body {
            line.push_str(&format!(" -d {}", quoted(body)));
        }
    }
    // The usual success needs not be asked for.
    if operation.success().is_none_or(|(usual, _)| usual != status) {
        line.push_str(&format!(" -H 'Prefer: code={status}'"));
    }
    Some(line)
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
        if mock.active().iter().any(|active| Arc::ptr_eq(active, scenario)) {
            page.raw("<strong>active</strong> ");
        }
        page.text(&scenario.summary);
        page.raw("</td></tr>\n");
    }
    page.raw("</table>\n");
}
