//! Requests that are for no operation: 404, 405, and OPTIONS.

use std::sync::Arc;

use crate::contract::{Contract, Miss};
use crate::message::{Method, Problem, Request, Response, StatusCode, header};
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
            let mut problem = Problem::new(StatusCode::NOT_FOUND).detail(detail);
            if let Some(near) = nearest.first() {
                problem = problem.with("nearest", near.operation.to_string());
            }
            let decision = Decision { why: Why::NoOperation, nearest, ..Decision::default() };
            (problem.to_response(), decision)
        }
        Miss::Method { allow, template } => {
            let mut decision = Decision { why: Why::MethodNotAllowed, ..Decision::default() };
            let mut answer = if request.method == Method::OPTIONS {
                // Asking what is allowed is no mistake (RFC 9110 §9.3.7).
                decision.why = Why::Preflight;
                Response::empty(StatusCode::NO_CONTENT)
            } else {
                let allowed = allow.to_str().unwrap_or_default();
                let detail = format!("{} is not documented for {template}; documented: {allowed}", request.method);
                Problem::new(StatusCode::METHOD_NOT_ALLOWED).detail(detail).to_response()
            };
            answer.headers.insert(header::ALLOW, allow.clone());
            let nearest =
                allow.to_str().unwrap_or_default().split(", ").filter(|method| !matches!(*method, "HEAD" | "OPTIONS"));
            let nearest = nearest.map(|method| Nearest {
                operation: Arc::from(format!("{method} {template}")),
                difference: format!("{method}, not {}", request.method),
            });
            (answer, Decision { nearest: nearest.collect(), ..decision })
        }
    }
}
