//! Which version of OpenAPI or Swagger a document is of.

use serde_json::Value;

use super::element::Element;
use crate::finding::{Finding, Severity};
use crate::schema::Dialect;

/// The dialect of the schemas, by which all else is told, too; and the version as written. `None`, with a finding, where it is of
/// no version that is understood.
pub(super) fn version(root: &Element<'_>, findings: &mut Vec<Finding>) -> Option<(Dialect, String)> {
    let unknown =
        |what: String, help: &str, at: &Element<'_>| Finding::new("document-version", what).at(at.place()).help(help);
    let Some((key, member)) = ["openapi", "swagger"].into_iter().find_map(|key| Some((key, root.member(key)?))) else {
        let (what, help) = match root.member("swaggerVersion") {
            Some(version) => (
                format!("Swagger `{}` is not read", text(version.value())),
                "convert it to Swagger 2.0, or better to OpenAPI 3.1, first",
            ),
            None if root.member("scenario").is_some() => (
                "this is a scenario, not an OpenAPI document".to_owned(),
                "`standin explain FILE` checks and tells it, `standin mock --scenario FILE` serves it",
            ),
            None if root.member("log").is_some_and(|log| log.member("entries").is_some()) => (
                "this is recorded traffic, not an OpenAPI document".to_owned(),
                "give it to `standin check --traffic FILE`",
            ),
            None => {
                let lacks =
                    if root.value().is_object() { "it has no `openapi` member" } else { "its root is no mapping" };
                (format!("this is not an OpenAPI document: {lacks}"), "give the file that starts with `openapi: 3.1.0`")
            }
        };
        findings.push(unknown(what, help, root));
        return None;
    };
    let said = text(member.value());
    let (dialect, own) = match said.trim() {
        v if is(v, "2.0") || v == "2" => (Dialect::V2_0, "swagger"),
        v if is(v, "3.0") || v == "3" => (Dialect::V3_0, "openapi"),
        v if is(v, "3.1") || is(v, "3.2") => (Dialect::V3_1, "openapi"),
        v if key == "openapi" && is_later(v) => {
            let help = "what came after 3.2 is not looked at";
            let sentence = format!("OpenAPI `{said}` is read as 3.2, the newest version that is known");
            findings.push(unknown(sentence, help, &member).as_severity(Severity::Warning));
            (Dialect::V3_1, "openapi")
        }
        _ => {
            let name = if key == "openapi" { "OpenAPI" } else { "Swagger" };
            let help = "OpenAPI 3.0, 3.1 and 3.2 are, and Swagger 2.0";
            findings.push(unknown(format!("{name} `{said}` is not read"), help, &member));
            return None;
        }
    };
    if key != own {
        findings.push(
            unknown(format!("`{key}: {said}` is read as `{own}: {said}`"), "write it so", &member)
                .as_severity(Severity::Warning),
        );
    }
    Some((dialect, said))
}

/// Whether a version is of this minor one.
fn is(version: &str, minor: &str) -> bool {
    version.strip_prefix(minor).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a version is later than the newest that is known. No part of a version begins with a zero.
fn is_later(version: &str) -> bool {
    let mut parts =
        version.split('.').map(|part| part.parse::<u32>().ok().filter(|_| part == "0" || !part.starts_with('0')));
    match (parts.next(), parts.next()) {
        (Some(Some(3)), Some(Some(minor))) => minor > 2,
        (Some(Some(major)), None | Some(Some(_))) => major > 3,
        _ => false,
    }
}

/// A version as written; many are numbers to YAML.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Element, version};
    use crate::document::{Document, Documents, Source};

    #[test]
    fn versions_are_told_apart_and_the_others_refused() {
        let told = |text: &str| {
            let document = Document::read(Source::new("a", text)).document.expect("a tree");
            let documents = Documents::single(document);
            let mut findings = Vec::new();
            let read = version(&Element::root(&documents), &mut findings);
            let read = read.map_or("none".to_owned(), |(dialect, said)| format!("{dialect:?} {said}"));
            let found = findings.iter().map(|finding| format!("; {} {}", finding.severity.word(), finding.sentence));
            read + &found.collect::<String>()
        };
        for (text, expected) in [
            ("openapi: 3.0.3", "V3_0 3.0.3"),
            ("openapi: 3.1", "V3_1 3.1"),
            ("swagger: '2.0'", "V2_0 2.0"),
            ("swagger: 2.0", "V2_0 2.0"),
            ("swagger: 2", "V2_0 2"),
            ("openapi: 2.0", "V2_0 2.0; warning `openapi: 2.0` is read as `swagger: 2.0`"),
            ("swagger: 3.0.0", "V3_0 3.0.0; warning `swagger: 3.0.0` is read as `openapi: 3.0.0`"),
            ("swagger: '1.2'", "none; error Swagger `1.2` is not read"),
            ("swaggerVersion: '1.2'", "none; error Swagger `1.2` is not read"),
            ("openapi: 3.2.0", "V3_1 3.2.0"),
            ("openapi: 3.2", "V3_1 3.2"),
            ("openapi: 3.3.0", "V3_1 3.3.0; warning OpenAPI `3.3.0` is read as 3.2, the newest version that is known"),
            (
                "openapi: 3.10.1",
                "V3_1 3.10.1; warning OpenAPI `3.10.1` is read as 3.2, the newest version that is known",
            ),
            ("openapi: 4", "V3_1 4; warning OpenAPI `4` is read as 3.2, the newest version that is known"),
            ("openapi: 4.0.0", "V3_1 4.0.0; warning OpenAPI `4.0.0` is read as 3.2, the newest version that is known"),
            ("swagger: 4.0.0", "none; error Swagger `4.0.0` is not read"),
            ("openapi: '1.2'", "none; error OpenAPI `1.2` is not read"),
            ("openapi: latest", "none; error OpenAPI `latest` is not read"),
            ("openapi: 3.01", "none; error OpenAPI `3.01` is not read"),
            ("a: b", "none; error this is not an OpenAPI document: it has no `openapi` member"),
            ("scenario: a\non: {}", "none; error this is a scenario, not an OpenAPI document"),
            ("log: { entries: [] }", "none; error this is recorded traffic, not an OpenAPI document"),
            ("log: 1", "none; error this is not an OpenAPI document: it has no `openapi` member"),
            ("- a", "none; error this is not an OpenAPI document: its root is no mapping"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
