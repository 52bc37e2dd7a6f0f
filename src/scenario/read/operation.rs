//! The operation that a key under `on` means.

use std::sync::Arc;

use crate::contract::{Contract, Head, Miss};
use crate::document::{Node, Span};
use crate::finding::{Finding, did_you_mean};
use crate::message::Method;

use super::super::reader::{Reader, at, excerpt, listed};

/// The key of the operation that is meant; a finding where there is none.
pub(super) fn find(reader: &mut Reader, contract: &Contract, on: Node<'_>, key: &str, span: Span) -> Option<Arc<str>> {
    match named(contract, key) {
        Ok(found) => Some(found),
        Err((sentence, help)) => {
            reader.findings.push(Finding::new("unknown-operation", sentence).at(Some(at(on, span))).help(help));
            None
        }
    }
}

/// The key of the operation that a text means: its operationId, or `METHOD /path` with the base path or without.
///
/// # Errors
/// That there is none, and which may have been meant.
pub fn named(contract: &Contract, key: &str) -> Result<Arc<str>, (String, String)> {
    let heads = contract.heads();
    let based = || {
        let (method, path) = key.split_once(' ')?;
        let full = |index: usize| format!("{}{}", contract.base_path(index), heads[index].template);
        (0..heads.len()).find(|index| heads[*index].method.as_str() == method && full(*index) == path.trim())
    };
    let found = contract.find(key).or_else(based).and_then(|index| heads.get(index));
    found.map(|head| head.key.clone()).ok_or_else(|| (format!("no operation `{}`", excerpt(key)), help(contract, key)))
}

fn help(contract: &Contract, key: &str) -> String {
    let heads = contract.heads();
    if key.is_empty() || key == "all" || key == "any" || key == "default" {
        return "for every operation write `\"*\"`, in quotes".to_owned();
    }
    // Several documents have one of this name.
    let named = |head: &&Head| head.key.split_once('#').is_some_and(|(_, own)| own == key);
    let owners: Vec<String> = heads.iter().filter(named).map(|head| format!("`{}`", head.key)).collect();
    if !owners.is_empty() {
        return format!("several documents have one: write {}", owners.join(" or "));
    }
    if let Some(near) = did_you_mean(key, heads.iter().map(|head| &*head.key)) {
        return format!("did you mean `{near}`?");
    }
    let (method, path) = match key.split_once(' ') {
        Some((method, path)) => (Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok(), path.trim()),
        None => (None, key),
    };
    if path.starts_with('/') {
        let same = |template: &str| -> Vec<String> {
            let heads = heads.iter().filter(|head| &*head.template == template);
            heads.map(|head| format!("{} {}", head.method, head.template)).collect()
        };
        let others = match method.as_ref().map(|method| contract.route(method, path, None)) {
            Some(Ok(route)) => return concrete(contract, route.operation, path),
            Some(Err(Miss::Method { template, .. })) => same(&template),
            _ => same(path),
        };
        if !others.is_empty() {
            return format!("that path has {}", listed(others.iter().map(String::as_str)));
        }
        if let Some(near) = contract.nearest(method.as_ref().unwrap_or(&Method::GET), path) {
            return format!("did you mean `{}` ({} {})?", near.key, near.method, near.path);
        }
    }
    let has = if contract.mounts().len() > 1 { "the documents have" } else { "the document has" };
    format!("{has} {}", listed(heads.iter().map(|head| &*head.key)))
}

/// For a path that a request could have, or whose parameters have other names.
fn concrete(contract: &Contract, operation: usize, path: &str) -> String {
    let head = &contract.heads()[operation];
    let own = format!("{} {}", head.method, head.template);
    if path.contains('{') {
        return format!("the document writes it `{own}`");
    }
    format!("write `{own}`, and the parameters of its path under `when: {{ path: … }}`")
}
