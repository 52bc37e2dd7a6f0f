//! The documents that are served, as they were read: the one there is, or by their names.

use serde_json::json;

use super::{Answer, Asked, nothing, text, value, yaml};
use crate::message::Response;
use crate::server::html::Page;

/// The document that is served; a list where there are several.
pub(super) fn only(asked: &Asked<'_>) -> Answer {
    let mut mounts = asked.mock.contract().mounts();
    Ok(match (mounts.len(), mounts.next()) {
        (1, Some((mount, ..))) => whole(mount, asked.page),
        _ => list(asked),
    })
}

/// The document of a name.
pub(super) fn by_name(asked: &Asked<'_>) -> Answer {
    let name = asked.named(0);
    match asked.mock.contract().mounts().find(|(mount, ..)| mount.name == name) {
        Some((mount, ..)) => Ok(whole(mount, asked.page)),
        None => Err(nothing(asked.inner, &format!("/document/{name}"))),
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

fn list(asked: &Asked<'_>) -> Response {
    let prefix = asked.prefix();
    let mounts = asked.mock.contract().mounts();
    if !asked.page {
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
