//! What there is here, and how the server is.

use serde_json::json;

use super::super::html::Page;
use super::routes::{ROUTES, paths};
use super::{Answer, Asked, problem, text, value, yaml};
use crate::message::{HeaderValue, StatusCode, header};

/// The description of all this.
const DESCRIPTION: &str = include_str!("../../../fixtures/admin/openapi.yaml");

/// What there is.
pub(super) fn index(asked: &Asked<'_>) -> Answer {
    let prefix = asked.prefix();
    if !asked.page {
        return Ok(value(&json!({ "paths": paths(prefix) })));
    }
    let mut page = Page::new("standin");
    page.element("p", format_args!("A stand-in for {}.", asked.mock.contract().title()));
    page.raw("<ul>\n");
    for route in ROUTES.iter().filter(|route| !route.about.is_empty()) {
        page.raw("<li>");
        page.link(format_args!("{prefix}{}", route.path()), route.path());
        page.text(format_args!(" {}", route.about));
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
    Ok(page.into_response())
}

/// Whether it is up.
pub(super) fn health(asked: &Asked<'_>) -> Answer {
    let contract = asked.mock.contract();
    Ok(value(&json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "title": contract.title(),
        "operations": contract.heads().len(),
        "calls": asked.inner.counts.calls(),
    })))
}

/// Whether it answers, and whether it is as fast as it will be.
pub(super) fn ready(asked: &Asked<'_>) -> Answer {
    let compiled = asked.mock.contract().is_compiled();
    let wanted = asked.query("compiled").any(|wanted| matches!(&*wanted, "true" | "1" | ""));
    if wanted && !compiled {
        let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, "not every operation is compiled yet");
        response.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return Err(response);
    }
    Ok(value(&json!({ "status": "ready", "compiled": compiled })))
}

/// The description of what there is.
pub(super) fn description(asked: &Asked<'_>) -> Answer {
    Ok(text(yaml(asked.page), DESCRIPTION.to_owned()))
}
