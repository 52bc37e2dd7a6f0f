//! Path templates as they are written (OpenAPI 3.2.0 §4.8.2): what no request can match to the letter.

use std::collections::HashSet;

use crate::finding::{Finding, Place};
use crate::message::{expand, expressions};

/// Tells what a template has that the grammar does not; each kind once. `place` is that of the path's key.
pub(super) fn look_at(template: &str, place: impl Fn() -> Option<Place>, findings: &mut Vec<Finding>) {
    if let Some(spans) = expressions(template).find(|expression| expression.spans) {
        let name = spans.name;
        let sentence = format!("`{name}` of `{template}` takes one segment or several: OpenAPI has no form for that");
        let help = format!("nothing to do when clients send it so; one segment is `{{{name}}}`");
        findings.push(Finding::new("path-spans", sentence).at(place()).help(help));
    }
    let mut told = |sentence: String, help: &str| {
        findings.push(Finding::new("path-template", sentence).at(place()).help(help));
    };
    let path = path_of(template);
    if let Some(form) = query_form(template) {
        let sentence = format!("`{}` of `{template}` is no part of a path: it is not looked at", &template[form..]);
        told(sentence, "describe what it names as parameters with `in: query`");
    } else if path.len() < template.len() {
        let sentence = format!(
            "`{template}` has a query, which is no part of a path: it is for requests that have that in theirs"
        );
        told(sentence, "describe it as parameters with `in: query`");
    }
    let written = query_form(template).map_or(template, |form| &template[..form]);
    let names: Vec<&str> = expressions(written).map(|expression| expression.name).collect();
    if names.iter().any(|name| name.is_empty()) {
        told(
            format!("`{{}}` in `{template}` has no name: any text will do there"),
            "name it, and describe it under `parameters`",
        );
    }
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().find(|name| !seen.insert(**name)) {
        let sentence = format!("`{{{name}}}` stands twice in `{template}`: only the first is looked at");
        told(sentence, "give the second another name");
    }
    let left = expand(path, |_| Some(String::new())).unwrap_or_default();
    if left.contains(['{', '}']) || names.iter().any(|name| name.contains('{')) {
        told(format!("a brace of `{template}` has no partner: it is taken for text"), "write `{name}`");
    }
    // What a path can hold (RFC 3986, pchar); a `#` is told of where paths are compared.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:@/#{}".contains(c);
    if let Some(odd) = left.chars().find(|c| !plain(*c)) {
        let sentence =
            format!("no request has `{odd}` in its path as `{template}` has it: it is served percent-encoded");
        told(sentence, "write it percent-encoded, or better without");
    }
}

/// Where `{?limit}` or `{&limit}` begins, which stands for a part of the query (RFC 6570 §3.2.8).
fn query_form(template: &str) -> Option<usize> {
    ["{?", "{&"].iter().filter_map(|form| template.find(form)).min()
}

/// The template without what it says of the query. In a parameter's name a `?` is no beginning of one.
pub(super) fn path_of(template: &str) -> &str {
    let template = query_form(template).map_or(template, |form| &template[..form]);
    let mut braces = 0;
    let query = template.find(|c: char| {
        braces += i32::from(c == '{') - i32::from(c == '}');
        c == '?' && braces <= 0
    });
    query.map_or(template, |at| &template[..at])
}

#[cfg(test)]
mod tests {
    use super::look_at;

    #[test]
    fn what_the_grammar_does_not_have_is_told_once_each() {
        for (template, expected) in [
            ("/a/{b}/c.{d}:e", &[][..]),
            ("/a?b={c}&d", &["has a query"]),
            ("/a/{b}{?limit,offset}", &["`{?limit,offset}` of"]),
            ("/a/{b?}", &[]),
            ("/a/{}", &["has no name"]),
            ("/{a}/{a}/{a}", &["stands twice"]),
            ("/a/{b", &["has no partner"]),
            ("/a/b}", &["has no partner"]),
            ("/a/{{b}}", &["has no partner"]),
            ("/a b/ä", &["has ` ` in its path"]),
            ("/a#b", &[]),
        ] {
            let mut findings = Vec::new();
            look_at(template, || None, &mut findings);
            let told: Vec<_> = findings.iter().map(|finding| finding.sentence.as_str()).collect();
            assert_eq!(told.len(), expected.len(), "{template}: {told:?}");
            assert!(told.iter().zip(expected).all(|(told, part)| told.contains(part)), "{template}: {told:?}");
        }
    }
}
