//! Link Objects (OpenAPI 3.1.2 §4.8.20): whether what they name is there. No message shows them.

use std::collections::HashSet;
use std::sync::Arc;

use super::element::Element;
use crate::finding::{Finding, did_you_mean};

/// Among how many operationIds a similar one is looked for.
const MOST_NEAR: usize = 500;

/// Tells which links of an operation's responses cannot be followed; `known` are the operationIds of the document.
pub(super) fn look_through(operation: &Element<'_>, known: &HashSet<Arc<str>>, findings: &mut Vec<Finding>) {
    let responses = operation.member("responses");
    // A response that leads nowhere was told of already.
    let responses = responses.iter().flat_map(Element::members).filter_map(|(_, response)| response.follow().ok());
    for links in responses.filter_map(|response| response.member("links")) {
        for (_, link) in links.members().filter(|(name, _)| !name.starts_with("x-")) {
            match link.follow() {
                Ok(link) => look_at(&link, known, findings),
                Err(finding) => findings.push(finding),
            }
        }
    }
}

fn look_at(link: &Element<'_>, known: &HashSet<Arc<str>>, findings: &mut Vec<Finding>) {
    let mut told = |member: &str, sentence: String, help: String| {
        let place = link.member(member).and_then(|member| member.place()).or_else(|| link.place());
        findings.push(Finding::new("link", sentence).at(place).help(help));
    };
    match (link.text("operationId"), link.text("operationRef")) {
        (Some(id), other) => {
            if other.is_some() {
                let sentence = "a link has `operationId` and `operationRef`, and may have only one".to_owned();
                told("operationRef", sentence, "keep one of them".to_owned());
            }
            if !known.contains(id) {
                let mut names: Vec<&str> = Vec::new();
                if known.len() <= MOST_NEAR {
                    names.extend(known.iter().map(|known| &**known));
                    names.sort_unstable();
                }
                let near = did_you_mean(id, names);
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let sentence = format!("no operation has the operationId `{id}`");
                told("operationId", sentence, help.unwrap_or_else(|| "name one of the document".to_owned()));
            }
        }
        (None, Some(reference)) => {
            // What has a scheme of its own is described elsewhere, and nobody asked for that.
            let elsewhere = reference.split(['#', '/']).next().is_some_and(|start| start.ends_with(':'));
            let found = link.referred(reference);
            let operation = found.as_ref().is_some_and(|found| found.member("responses").is_some());
            if !(operation || elsewhere && found.is_none()) {
                let help = "write the way to an operation, `/` in a path as `~1`: `#/paths/~1pets/get`";
                told("operationRef", format!("`{reference}` leads to no operation"), help.to_owned());
            }
        }
        (None, None) => {
            let help = "add `operationId` or `operationRef`".to_owned();
            told("", "a link that names no operation".to_owned(), help);
        }
    }
    let parameters = link.member("parameters");
    let values = parameters.iter().flat_map(Element::members).map(|(_, value)| value);
    for value in values.chain(link.member("requestBody")) {
        if let Some(text) = value.value().as_str().filter(|text| text.starts_with('$') && !is_expression(text)) {
            findings.push(
                Finding::new("link", format!("`{text}` is no runtime expression"))
                    .at(value.place())
                    .help("write one such as `$response.body#/id`, `$request.path.id` or `$response.header.location`"),
            );
        }
    }
}

/// By the grammar of runtime expressions (OpenAPI 3.1.2 §4.8.20.4).
fn is_expression(text: &str) -> bool {
    if ["$url", "$method", "$statusCode"].contains(&text) {
        return true;
    }
    let Some(source) = text.strip_prefix("$request.").or_else(|| text.strip_prefix("$response.")) else { return false };
    let named = ["header.", "query.", "path."].iter().find_map(|place| source.strip_prefix(place));
    let in_body = |rest: &str| rest.is_empty() || rest.starts_with("#/") || rest == "#";
    named.is_some_and(|name| !name.is_empty()) || source.strip_prefix("body").is_some_and(in_body)
}

#[cfg(test)]
mod tests {
    use super::is_expression;

    #[test]
    fn expressions_name_a_part_of_a_message() {
        for text in [
            "$url",
            "$statusCode",
            "$request.path.id",
            "$request.body",
            "$response.body#/a/0",
            "$response.header.Location",
        ] {
            assert!(is_expression(text), "{text}");
        }
        for text in ["$status", "$response", "$response.header.", "$response.body.id", "$request.cookie.id", "$"] {
            assert!(!is_expression(text), "{text}");
        }
    }
}
