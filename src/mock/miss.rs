//! Requests that are for no operation: 404, 405, and OPTIONS.

use std::sync::Arc;

use crate::contract::{Contract, Head, Miss};
use crate::message::{HeaderValue, Method, Problem, Request, Response, StatusCode, header};
use crate::traffic::{Decision, Nearest, Why};

/// Answers with a problem (RFC 9457): no operation means no documented error.
pub(super) fn answer(contract: &Contract, request: &Request, miss: Miss) -> (Response, Decision) {
    let path = request.target.path();
    match miss {
        Miss::Path => {
            let near = contract.nearest(&request.method, path);
            let nearest: Vec<Nearest> = near
                .into_iter()
                .map(|near| Nearest {
                    operation: format!("{} {}", near.method, near.path).into(),
                    difference: near.differs,
                })
                .collect();
            let mut detail = format!("no operation for {} {path}", request.method);
            if let Some(near) = nearest.first() {
                detail.push_str(&format!("; the nearest is {}", near.operation));
                if !near.difference.is_empty() {
                    detail.push_str(&format!(" ({})", near.difference));
                }
            }
            let known = if nearest.is_empty() { known(contract) } else { None };
            if let Some(known) = &known {
                detail.push_str(&format!("; {known}"));
            }
            let mut problem = Problem::new(StatusCode::NOT_FOUND).detail(detail);
            if let Some(near) = nearest.first() {
                problem = problem.with("nearest", near.operation.to_string());
            }
            let notes = known.into_iter().collect();
            let decision = Decision { why: Why::NoOperation, notes, nearest, ..Decision::default() };
            (problem.to_response(), decision)
        }
        Miss::Method { allow, template } => {
            let mut decision = Decision { why: Why::MethodNotAllowed, ..Decision::default() };
            let mut answer = if request.method == Method::OPTIONS {
                // Asking what is allowed is no mistake (RFC 9110 §9.3.7).
                decision.why = Why::Preflight;
                Response::empty(StatusCode::NO_CONTENT)
            } else {
                let listed: Vec<&str> = documented(&allow).collect();
                let allowed =
                    if listed.is_empty() { allow.to_str().unwrap_or_default().to_owned() } else { listed.join(", ") };
                let detail = format!("{} is not documented for {template}; documented: {allowed}", request.method);
                Problem::new(StatusCode::METHOD_NOT_ALLOWED).detail(detail).to_response()
            };
            answer.headers.insert(header::ALLOW, allow.clone());
            if let Some(types) = queries(contract, &allow, &template) {
                answer.headers.insert("accept-query", types);
            }
            let nearest = documented(&allow).map(|method| Nearest {
                operation: Arc::from(format!("{method} {template}")),
                difference: format!("{method}, not {}", request.method),
            });
            (answer, Decision { nearest: nearest.collect(), ..decision })
        }
    }
}

/// What there is, where nothing is near: the simplest operation, with the base path that others begin with too.
fn known(contract: &Contract) -> Option<String> {
    let heads = contract.heads();
    let simplest = |(index, head): &(usize, &Head)| {
        (head.method != Method::GET, head.template.matches('{').count(), head.template.len(), *index)
    };
    let (index, head) = heads.iter().enumerate().min_by_key(simplest)?;
    let operation = format!("{} {}{}", head.method, contract.base_path(index), head.template);
    Some(match heads.len() {
        1 => format!("the document has {operation}, and no other"),
        count if contract.mounts().len() > 1 => format!("the documents have {count} operations, such as {operation}"),
        count => format!("the document has {count} operations, such as {operation}"),
    })
}

/// What QUERY takes at a path that has it, as an `Accept-Query` field: a structured list, each media type a string.
fn queries(contract: &Contract, allow: &HeaderValue, template: &str) -> Option<HeaderValue> {
    if !documented(allow).any(|method| method == Method::QUERY.as_str()) {
        return None;
    }
    let at = |(index, head): &(usize, &Head)| {
        head.method == Method::QUERY
            && template
                .strip_suffix(&*head.template)
                .is_some_and(|base| base.is_empty() || contract.base_path(*index).ends_with(base))
    };
    let (index, _) = contract.heads().iter().enumerate().find(at)?;
    let content = contract.operation(index).request.iter().flat_map(|request| &request.content);
    let types: Vec<String> =
        content.map(|content| format!("\"{}\"", content.media.replace('\\', "\\\\").replace('"', "\\\""))).collect();
    HeaderValue::from_str(&types.join(", ")).ok().filter(|types| !types.is_empty())
}

/// The methods that the document itself has, of those that are allowed.
fn documented(allow: &HeaderValue) -> impl Iterator<Item = &str> {
    let methods = allow.to_str().unwrap_or_default().split(", ");
    methods.filter(|method| !matches!(*method, "HEAD" | "OPTIONS"))
}
