//! Checking a request.

use serde_json::Value;

use super::body::Received;
use super::checked::{Checked, quoted, shortened};
use super::content::{Codec, Content, listed};
use super::mark::Mark;
use super::{Call, In, Parameter, RequestBody, parameter, security};
use crate::finding::{Part, Place, Verdict, Violation};
use crate::message::{CODINGS, CodingError, query_pairs};

impl Call<'_> {
    /// Holds the request to the document: credentials (unless they are not asked for), parameters, content.
    pub fn check(&self, credentials: bool) -> Checked {
        let mut checked = Checked::default();
        if credentials {
            security::check(self, &mut checked);
        }
        parameter::check(self, &mut checked);
        body(self, &mut checked);
        undeclared(self, &mut checked);
        checked
    }
}

fn body(call: &Call, checked: &mut Checked) {
    let Some(declared) = &call.operation().request else {
        if !call.request().body.is_empty() {
            checked.notes.push("the document describes no request body here; ignored".to_owned());
        }
        return;
    };
    match call.body() {
        Received::Absent => {
            if declared.required {
                checked.violations.push(whole(declared, "missing", "a body is required".to_owned(), None));
            }
        }
        Received::Undocumented { media, .. } => {
            let expected = listed(&declared.content);
            if declared.content.is_empty() {
                checked.undecided = true;
                return;
            }
            let (keyword, sentence) = match media {
                Some(media) => ("undocumented", format!("`{}` is not {expected}", shortened(media))),
                None => ("missing", format!("no `Content-Type`; expected {expected}")),
            };
            let mut violation = whole(declared, keyword, sentence, Some(expected));
            violation.part = Part::MediaType;
            violation.name = "content-type".into();
            violation.got = media.as_deref().map(shortened);
            checked.violations.push(violation);
        }
        Received::Broken { content, sentence } => {
            let mut violation = whole(declared, "unparsable", sentence.clone(), None);
            violation.place =
                Some(Place::of_key(&declared.content[*content].at.document, &declared.content[*content].at.pointer));
            checked.violations.push(violation);
        }
        Received::NotUnderstood { content, why } => {
            if declared.content[*content].schema.is_some() {
                checked.notes.push(format!("the body: {why}"));
                checked.undecided = true;
            }
        }
        Received::Coded(error) => {
            let keyword = if matches!(error, CodingError::Unknown(_)) { "undocumented" } else { "unparsable" };
            let mut violation = whole(declared, keyword, error.to_string(), None);
            if let CodingError::Unknown(coding) = error {
                violation.part = Part::MediaType;
                violation.name = "content-encoding".into();
                violation.expected = Some(CODINGS.to_owned());
                violation.got = Some(coding.clone());
            }
            checked.violations.push(violation);
        }
        Received::Value { content, codec, value, flaws, open } => {
            checked.violations.extend(flaws.iter().cloned());
            checked.undecided |= !open.is_empty();
            checked.notes.extend(open.iter().map(|why| format!("the body: {why}")));
            let content = &declared.content[*content];
            match content.check(*codec, value) {
                Verdict::Valid => {}
                Verdict::NotDecided => checked.undecided = true,
                Verdict::Invalid => checked.violations.extend(explained(content, *codec, value, flaws)),
            }
        }
    }
}

/// What the schemas have against a value; where something else is wrong already, that is enough.
pub(super) fn explained<'v>(
    content: &Content,
    codec: Codec,
    value: &'v Value,
    flaws: &'v [Violation],
) -> impl Iterator<Item = Violation> + use<'v> {
    let found = content.explain(codec, value).into_iter();
    let found = found.filter(|violation| !flaws.iter().any(|flaw| flaw.pointer == violation.pointer));
    found.map(move |violation| {
        if codec == Codec::Binary {
            // One character stands for each byte, which nobody has to know.
            let (got, sentence) = (value.as_str().map(bytes), violation.sentence.replace("character", "byte"));
            return Violation { part: Part::Body, got, sentence, expected: None, ..violation };
        }
        let got = violation.got.clone().or_else(|| value.pointer(&violation.pointer).map(quoted));
        Violation { part: Part::Body, got, ..violation }
    })
}

fn bytes(text: &str) -> String {
    match text.chars().count() {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

fn whole(declared: &RequestBody, keyword: &'static str, sentence: String, expected: Option<String>) -> Violation {
    Violation {
        part: Part::Body,
        name: "".into(),
        pointer: String::new(),
        keyword,
        sentence,
        expected,
        got: None,
        place: Some(Place::of_key(&declared.at.document, &declared.at.pointer)),
    }
}

/// Query parameters that the document does not have are allowed (the specification says nothing against them) and ignored.
fn undeclared(call: &Call, checked: &mut Checked) {
    let Some(query) = call.request().target.query() else { return };
    let operation = call.operation();
    if operation.parameters.iter().any(|parameter| parameter.takes_any_name()) {
        return;
    }
    for (place, (raw, _)) in query_pairs(query).take(64).enumerate() {
        let ours = raw.starts_with("__");
        let claims = |parameter: &&Parameter| parameter.place == In::Query && parameter.claims(raw);
        let known = operation.parameters.iter().find(claims);
        let again = || query_pairs(query).take(place).filter(|(name, _)| *name == raw).count() == 1;
        if known.is_some_and(Parameter::has_one_text) && again() {
            checked.notes.push(format!("query `{}` comes more than once; the first one counts", shortened(raw)));
        }
        let known = known.is_some();
        let key = operation.security.iter().flat_map(|alternative| &alternative.schemes).any(|scheme| {
            matches!(&call.contract().schemes()[*scheme].kind, super::SchemeKind::ApiKey { place: In::Query, name } if name == raw)
        });
        if !raw.is_empty() && !ours && !known && !key && !Mark::named(&operation.marks, raw) {
            checked.notes.push(format!("query `{}` is not in the document; ignored", shortened(raw)));
            checked.undocumented.push(shortened(raw));
        }
    }
}
