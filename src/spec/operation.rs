//! Operation Objects (OpenAPI 3.1.2 §4.8.10), read whole.

use super::api::{Api, Head};
use super::content::{RequestBody, request_body};
use super::element::Element;
use super::parameter::{In, Parameter, each_once, parameter, whole_query};
use super::response::{Response, responses};
use super::security::{Requirement, requirements};
use super::swagger;
use crate::finding::Finding;
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
    let item = Element::locate(api.documents(), &head.item);
    let Parts { mut parameters, request_body, responses } = match api.dialect() {
        Dialect::V2_0 => swagger::parts(api, &element, item.as_ref(), &mut findings),
        _ => parts(&element, item.as_ref(), &mut findings),
    };
    parameters.retain(|parameter| !ignored(parameter));
    unmatched_path_parameters(head, &mut parameters, &mut findings);

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
    }
    let findings = findings.into_iter().map(|finding| finding.about(head.key.clone())).collect();
    (operation, findings)
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
fn parts(operation: &Element<'_>, item: Option<&Element<'_>>, findings: &mut Vec<Finding>) -> Parts {
    let mut parameters = own_parameters(operation, findings);
    for shared in item.map(|item| own_parameters(item, findings)).unwrap_or_default() {
        if !parameters.iter().any(|own| own.name == shared.name && own.place == shared.place) {
            parameters.push(shared);
        }
    }
    whole_query(&mut parameters, findings);
    Parts { parameters, request_body: request_body(operation, findings), responses: responses(operation, findings) }
}

fn own_parameters(holder: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Parameter> {
    let listed = holder.member("parameters");
    let mut parameters: Vec<Parameter> =
        listed.iter().flat_map(Element::items).filter_map(|element| parameter(element, findings)).collect();
    each_once(&mut parameters, findings);
    parameters
}

/// The three header names that a parameter may not describe: they are the business of content and security.
fn ignored(parameter: &Parameter) -> bool {
    parameter.place == In::Header && matches!(&*parameter.name, "accept" | "content-type" | "authorization")
}

/// A path parameter that the template does not name can never arrive; one that it names but nobody describes is any text.
fn unmatched_path_parameters(head: &Head, parameters: &mut Vec<Parameter>, findings: &mut Vec<Finding>) {
    parameters.retain(|parameter| {
        let named = parameter.place != In::Path || head.template.contains(&format!("{{{}}}", parameter.name));
        if !named {
            findings.push(
                Finding::new("parameter", format!("the path `{}` has no `{{{}}}`", head.template, parameter.name))
                    .at(Some(crate::finding::Place::of(&parameter.at.document, &parameter.at.pointer)))
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
