//! Header fields that speak of what is kept: where a new item can be read, and how many items a list has.

use std::sync::Arc;

use serde_json::Value;

use super::super::build::About;
use super::super::store::Kept;
use super::{At, Outcome};
use crate::contract::resource::Use;
use crate::finding::Verdict;
use crate::message::{HeaderName, HeaderValue, Response, header, percent_encode_segment};

/// Folded names of header fields that say how many items a list has.
const TOTALS: [&str; 4] = ["xtotalcount", "totalcount", "xtotal", "xtotalitems"];

/// Sets the documented fields of an answer that speak of what is kept.
pub(in super::super) fn fields(about: &About<'_>, outcome: &Outcome, answer: &mut Response) {
    // An address that the document gives as an example leads to nothing that was made here.
    if outcome.made && outcome.location.is_none() {
        let response = about.call.operation().response(answer.status.as_u16());
        let field = response
            .and_then(|response| response.headers.iter().find(|field| *field.name == *header::LOCATION.as_str()));
        if !field.is_some_and(|field| field.required) {
            answer.headers.remove(header::LOCATION);
        }
    }
    let names: Vec<HeaderName> = answer.headers.keys().cloned().collect();
    for name in names {
        let folded: String = name.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
        let text = match (&outcome.location, outcome.total) {
            (Some(path), _) if name == header::LOCATION => Some(address(about, answer, path)),
            (_, Some(total)) if TOTALS.contains(&folded.as_str()) => Some(total.to_string()),
            _ => None,
        };
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            answer.headers.insert(name, value);
        }
    }
}

/// A path, as a whole address where the document asks for one.
fn address(about: &About<'_>, answer: &Response, path: &str) -> String {
    let response = about.call.operation().response(answer.status.as_u16());
    let schema = response
        .and_then(|response| response.headers.iter().find(|field| *field.name == *header::LOCATION.as_str())?.schema());
    let fits = |text: &str| schema.is_none_or(|schema| schema.check(&Value::from(text)) != Verdict::Invalid);
    let host = about.call.request().header("host").unwrap_or("localhost");
    let whole = format!("http://{host}{path}");
    if !fits(path) && fits(&whole) { whole } else { path.to_owned() }
}

impl At<'_> {
    /// The path of a new item: behind the one that made it, else the one where it is read. `None`: no path reads it.
    pub(super) fn leads_to(&self, does: &Use, item: &Kept) -> Option<String> {
        let path = self.about.call.request().target.path().trim_end_matches('/');
        let ready = &self.keeping.ready[does.collection];
        if ready.own_path && does.by.is_empty() {
            return Some(format!("{path}/{}", percent_encode_segment(&item.id)));
        }
        let (read, told) = ready.read.and_then(|read| Some((read, self.keeping.resources.does(read)?)))?;
        let names = told.scope.iter().zip(item.scope.iter()).filter_map(|(name, text)| Some((name.as_ref()?, text)));
        let names: Vec<(&String, &Arc<str>)> = names.chain(told.id.as_ref().map(|id| (id, &item.id))).collect();
        // Under the base path that the request came by.
        let mut whole = String::from(path.get(..self.about.call.route().base)?.trim_end_matches('/'));
        for part in self.contract().heads()[read].template.split('/').skip(1) {
            whole.push('/');
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) => {
                    whole.push_str(&percent_encode_segment(names.iter().find(|(known, _)| *known == name)?.1))
                }
                None => whole.push_str(part),
            }
        }
        Some(whole)
    }
}
