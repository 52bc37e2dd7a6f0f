//! Which operations a Path Item Object has: its fixed fields, and `additionalOperations` (OpenAPI 3.2.0 §4.9).

use super::element::Element;
use crate::finding::Finding;
use crate::message::Method;
use crate::schema::Dialect;

/// The fixed fields that are methods.
const METHODS: [(&str, Method); 9] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("options", Method::OPTIONS),
    ("head", Method::HEAD),
    ("patch", Method::PATCH),
    ("trace", Method::TRACE),
    // Since 3.2; a field that older documents have no other meaning for.
    ("query", Method::QUERY),
];

/// The operations of a path item, each with its method: the fixed fields in the order of the specification, then the others in the
/// order of the text.
pub(super) fn operations<'a>(
    item: &Element<'a>,
    dialect: Dialect,
    findings: &mut Vec<Finding>,
) -> Vec<(Method, Element<'a>)> {
    let fixed = METHODS.into_iter().filter(|(_, method)| dialect != Dialect::V2_0 || *method != Method::QUERY);
    let mut found: Vec<_> = fixed.filter_map(|(field, method)| Some((method, item.member(field)?))).collect();
    for (name, operation) in item.members() {
        let field = METHODS.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name) && *field != name);
        let Some((field, method)) = field.filter(|_| operation.value().is_object()) else { continue };
        let twice = found.iter().any(|(known, _)| *known == method);
        let so = if twice { "the other is served, and not this" } else { "read as if it were" };
        findings.push(
            Finding::new("method", format!("`{name}` is written `{field}` in a path item: {so}"))
                .at(operation.key_place())
                .help(format!("write `{field}`")),
        );
        if !twice {
            found.push((method, operation));
        }
    }
    let additional = item.member("additionalOperations").filter(|_| dialect != Dialect::V2_0);
    for (name, operation) in additional.iter().flat_map(Element::members) {
        if name.starts_with("x-") && !operation.value().is_object() {
            continue;
        }
        found.extend(additional_method(item, name, &operation, findings).map(|method| (method, operation)));
    }
    found
}

/// The method of an entry of `additionalOperations`, if it can be served.
fn additional_method(
    item: &Element<'_>,
    name: &str,
    operation: &Element<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Method> {
    let mut told = |sentence: String, help: String| {
        findings.push(Finding::new("method", sentence).at(operation.key_place()).help(help));
    };
    if let Some((field, method)) = METHODS.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name)) {
        let twice = item.member(field).is_some();
        let so = if twice { "the field is served, and not this" } else { "read as if it were there" };
        told(
            format!("`{name}` has a field of its own in a path item, `{field}`: {so}"),
            format!("write it under `{field}`"),
        );
        return (!twice).then_some(method);
    }
    match Method::from_bytes(name.as_bytes()) {
        // A tunnel through a proxy (RFC 9110 §9.3.6): there is no path in it.
        Ok(Method::CONNECT) => {
            told(
                "`CONNECT` asks a proxy for a tunnel, and not for a path: never served".to_owned(),
                "take it away".into(),
            );
            None
        }
        Ok(method) => Some(method),
        Err(_) => {
            let help = "a method is letters, digits and a few signs, without spaces (RFC 9110, token)";
            told(format!("`{name}` is not the name of a method: never served"), help.to_owned());
            None
        }
    }
}
