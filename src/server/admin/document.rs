//! The documents that are served, as they were read: the one there is, or by their names.

use serde_json::json;

use super::{nothing, text, value, yaml};
use crate::message::{Response, percent_decode};
use crate::server::html::Page;
use crate::server::service::Inner;

/// Answers `/document` (`name` is `None`) and `/document/NAME`.
pub(super) fn answer(inner: &Inner, name: Option<&str>, page: bool) -> Response {
    let mock = inner.mock();
    let mut mounts = mock.contract().mounts();
    let Some(name) = name else {
        return match mounts.len() {
            1 => mounts.next().map_or_else(|| list(inner, page), |(mount, ..)| whole(mount, page)),
            _ => list(inner, page),
        };
    };
    let decoded = percent_decode(name).unwrap_or(name.into());
    match mounts.find(|(mount, ..)| mount.name == decoded) {
        Some((mount, ..)) => whole(mount, page),
        None => nothing(inner, &format!("/document/{name}")),
    }
}

/// The text of a document; of one in several files, the root.
fn whole(mount: &crate::contract::Mount, page: bool) -> Response {
    let source = mount.documents.root().source().text();
    let plain = source.trim_start_matches('\u{feff}');
    let is_json = plain.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(plain).is_ok();
    text(if is_json { "application/json" } else { yaml(page) }, source.to_owned())
}

/// Where the address of a document's text is, behind the server's.
pub(in crate::server) fn address(prefix: &str, name: &str) -> String {
    let name: String = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("{prefix}/document/{name}")
}

fn list(inner: &Inner, page: bool) -> Response {
    let mock = inner.mock();
    let prefix = &mock.options().admin_prefix;
    let mounts = mock.contract().mounts();
    if !page {
        let documents: Vec<_> = mounts
            .map(|(mount, operations, version)| {
                let (name, path) = (&mount.name, &mount.path);
                json!({
                    "name": name,
                    "path": if path.is_empty() { "/" } else { path.as_str() },
                    "openapi": version,
                    "operations": operations,
                    "document": address(prefix, name),
                })
            })
            .collect();
        return value(&json!({ "documents": documents }));
    }
    let mut page = Page::new("The documents");
    page.raw("<ul>\n");
    for (mount, operations, _) in mounts {
        page.raw("<li>");
        page.link(address(prefix, &mount.name), &mount.name);
        page.text(format_args!(" at {}/ ({operations} operations)", mount.path));
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
    page.into_response()
}
