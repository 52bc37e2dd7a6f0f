//! Operation Objects (OpenAPI 3.1.2 §4.8.10), read whole.

use std::collections::HashSet;

use super::api::{Api, Head};
use super::content::{RequestBody, request_body};
use super::element::Element;
use super::link;
use super::outline::{self, Part};
use super::parameter::{In, Parameter, each_once, parameter, whole_query};
use super::path::path_of;
use super::response::{Response, responses};
use super::security::{Requirement, requirements};
use super::swagger;
use crate::finding::{Finding, Place, Severity};
use crate::message::{Method, StatusRange, expressions};
use crate::schema::Dialect;

/// An operation with everything that it refers to.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its own parameters and those of its path item; its own win.
    pub parameters: Vec<Parameter>,
    /// What a request may carry.
    pub request_body: Option<RequestBody>,
    /// What it may answer, in the order of the text.
    pub responses: Vec<Response>,
    /// Alternatives of credentials; empty: none needed.
    pub security: Vec<Requirement>,
    /// Declared as deprecated.
    pub deprecated: bool,
    /// One line on what it does: `summary`, else the first line of `description`.
    pub summary: String,
}

/// Reads the operation that `head` stands for, and what cannot be used in it.
pub(super) fn operation(api: &Api, head: &Head) -> (Operation, Vec<Finding>) {
    let mut findings = Vec::new();
    let Some(element) = Element::locate(api.documents(), &head.at) else {
        return (nothing(), findings);
    };
    outline::look_at(&element, Part::Operation, api.dialect() != Dialect::V2_0, &mut findings);
    // What the path item says that refers to another one goes before what that one says.
    let beside = head.beside.as_ref().and_then(|at| Element::locate(api.documents(), at));
    let item = Element::locate(api.documents(), &head.item);
    let items: Vec<Element<'_>> = beside.into_iter().chain(item).collect();
    let Parts { mut parameters, request_body, responses } = match api.dialect() {
        Dialect::V2_0 => swagger::parts(api, &element, &items, &mut findings),
        dialect => parts(&element, &items, dialect, &mut findings),
    };
    parameters.retain(|parameter| !ignored(parameter, &mut findings));
    link::look_through(&element, api.ids(), &mut findings);
    let request_body = request_body.map(|body| seldom_sent(head, body, &mut findings));
    unmatched_path_parameters(head, &mut parameters, &mut findings);
    undescribed_path_parameters(head, &parameters, &element, &mut findings);

    let security = requirements(&element, api.schemes(), api.dialect(), &mut findings);
    let operation = Operation {
        parameters,
        request_body,
        responses,
        security: security.unwrap_or_else(|| api.security().to_vec()),
        deprecated: element.flag("deprecated"),
        summary: summary(&element),
    };
    if operation.responses.is_empty() {
        findings.push(
            Finding::new("no-responses", "no response that could be served")
                .at(element.key_place())
                .help("describe at least one under `responses`"),
        );
    } else if operation.responses.iter().all(|response| is_error(response.range)) {
        let listed: Vec<String> = operation.responses.iter().map(|response| response.range.to_string()).collect();
        findings.push(
            Finding::new(
                "no-success",
                format!("no success is described: a valid request is answered with {}", listed[0]),
            )
            .at(element.member("responses").and_then(|responses| responses.key_place()))
            .help("describe what a valid request is answered with"),
        );
    }
    let findings = findings.into_iter().map(|finding| finding.about(head.key.clone())).collect();
    (operation, findings)
}

fn is_error(range: StatusRange) -> bool {
    matches!(range, StatusRange::Exact(400..) | StatusRange::Class(4..))
}

fn nothing() -> Operation {
    Operation {
        parameters: Vec::new(),
        request_body: None,
        responses: Vec::new(),
        security: Vec::new(),
        deprecated: false,
        summary: String::new(),
    }
}

/// What an operation says of messages.
pub(super) struct Parts {
    pub(super) parameters: Vec<Parameter>,
    pub(super) request_body: Option<RequestBody>,
    pub(super) responses: Vec<Response>,
}

/// Reads what an operation and its path item say in OpenAPI 3.
fn parts(operation: &Element<'_>, items: &[Element<'_>], dialect: Dialect, findings: &mut Vec<Finding>) -> Parts {
    let mut parameters = own_parameters(operation, findings);
    for item in items {
        for shared in own_parameters(item, findings) {
            if !parameters.iter().any(|own| own.name == shared.name && own.place == shared.place) {
                parameters.push(shared);
            }
        }
    }
    whole_query(&mut parameters, findings);
    Parts {
        parameters,
        request_body: request_body(operation, findings),
        responses: responses(operation, dialect, findings),
    }
}

fn own_parameters(holder: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Parameter> {
    let listed = holder.member("parameters");
    let mut parameters: Vec<Parameter> =
        listed.iter().flat_map(Element::items).filter_map(|element| parameter(element, findings)).collect();
    each_once(&mut parameters, findings);
    parameters
}

/// The three header names that a parameter may not describe: they are the business of content and security.
fn ignored(parameter: &Parameter, findings: &mut Vec<Finding>) -> bool {
    let ignored =
        parameter.place == In::Header && matches!(&*parameter.name, "accept" | "content-type" | "authorization");
    if ignored {
        let business = if &*parameter.name == "authorization" { "`security`" } else { "`content`" };
        findings.push(
            Finding::new("parameter", format!("the header `{}` is no parameter: it is not looked at", parameter.name))
                .as_severity(Severity::Note)
                .at(Some(Place::of(&parameter.at.document, &parameter.at.pointer)))
                .help(format!("say it by {business}")),
        );
    }
    ignored
}

/// Browsers and many libraries cannot send content with GET and HEAD, and HTTP says nothing of what it would mean: it is read where it
/// comes, and never missing.
fn seldom_sent(head: &Head, body: RequestBody, findings: &mut Vec<Finding>) -> RequestBody {
    let seldom = matches!(head.method, Method::GET | Method::HEAD);
    if seldom && body.required {
        findings.push(
            Finding::new(
                "request-body",
                format!("many clients cannot send a body with {}: it is not asked for", head.method),
            )
            .at(Some(Place::of_key(&body.at.document, &body.at.pointer)))
            .help("take it as parameters of the query, or with POST or QUERY"),
        );
    }
    RequestBody { required: body.required && !seldom, ..body }
}

/// How many parameters of one path are told of by themselves: each finding has the path in it.
const MOST_TOLD: usize = 16;

/// What the template names and nobody describes is any text.
fn undescribed_path_parameters(
    head: &Head,
    parameters: &[Parameter],
    element: &Element<'_>,
    findings: &mut Vec<Finding>,
) {
    let described = |name: &str| parameters.iter().any(|known| known.place == In::Path && &*known.name == name);
    // What stands behind a `?` may as well be described as a part of the query.
    let path = path_of(&head.template);
    let mut seen = HashSet::new();
    let mut names = expressions(path)
        .map(|expression| expression.name)
        .filter(|name| !name.is_empty() && !described(name) && seen.insert(*name));
    for name in names.by_ref().take(MOST_TOLD) {
        findings.push(
            Finding::new("parameter", format!("`{{{name}}}` of the path is not described: any text will do"))
                .at(element.key_place())
                .help(format!("describe it: `{{ name: {name}, in: path, required: true, schema: … }}`")),
        );
    }
    let more = names.count();
    if more > 0 {
        findings.push(
            Finding::new("parameter", format!("{more} more parameters of the path are not described"))
                .at(element.key_place())
                .help("describe them, or give the path fewer"),
        );
    }
}

/// A path parameter that the template does not name can never arrive.
fn unmatched_path_parameters(head: &Head, parameters: &mut Vec<Parameter>, findings: &mut Vec<Finding>) {
    parameters.retain(|parameter| {
        let in_path = || expressions(&head.template).any(|expression| expression.name == &*parameter.name);
        let named = parameter.place != In::Path || in_path();
        if !named {
            findings.push(
                Finding::new("parameter", format!("the path `{}` has no `{{{}}}`", head.template, parameter.name))
                    .at(Some(Place::of(&parameter.at.document, &parameter.at.pointer)))
                    .help("put it into the path, or take the parameter away"),
            );
        }
        named
    });
}

fn summary(operation: &Element<'_>) -> String {
    let text = operation.text("summary").or_else(|| operation.text("description")).unwrap_or_default();
    text.trim().lines().next().unwrap_or_default().trim().to_owned()
}
