//! Swagger 2.0, read as what it means in OpenAPI 3: the same model, whose places are those of the document as written.
//!
//! Where 2.0 leaves open what is meant, or documents do otherwise:
//! - Without `schemes`, the API may be at `https` and at `http`. `host` and `basePath` come to one server each.
//! - An empty `consumes` or `produces` of an operation undoes the document's. What nothing is said of is JSON: a body without
//!   `consumes`, a response without `produces` (a file: `application/octet-stream`; where `examples` names media types: those).
//! - A form is of every type that `consumes` names, if one of them is a form's. If none is, it is urlencoded, and multipart
//!   where a file is in it.
//! - An example is of the media type it stands under, with or without parameters; one of JSON serves any JSON. A string that
//!   holds a JSON object or list is that object or list.
//! - `collectionFormat: multi` outside of query and form is `csv`, as is what no format is called.
//! - Of the body and the form of one operation, and of two bodies, the body and the first body count.
//! - What stands there as in OpenAPI 3 is read as there: `schema` of a parameter that is no body, `requestBody`, `content`.
//! - What schemas say otherwise than in 3.0 is a dialect of [`crate::schema`].

mod body;
mod media;
mod parameter;
mod response;

use super::api::Api;
use super::content::request_body;
use super::element::Element;
use super::operation::Parts;
use super::security::{Scheme, listed_schemes};
use super::server::Server;
use crate::finding::Finding;

/// The servers that `schemes`, `host` and `basePath` come to; none where they say nothing.
fn servers(root: &Element<'_>) -> Vec<Server> {
    let base = root.text("basePath").unwrap_or_default().trim();
    let base = if base.is_empty() || base.starts_with('/') { base.to_owned() } else { format!("/{base}") };
    let Some(host) = root.text("host").map(str::trim).filter(|host| !host.is_empty()) else {
        return if base.is_empty() { Vec::new() } else { vec![Server::of_url(base)] };
    };
    // Some write a URL.
    let host = host.rsplit("://").next().unwrap_or(host).trim_end_matches('/');
    let listed = root.member("schemes");
    let mut schemes: Vec<&str> =
        listed.iter().flat_map(Element::items).filter_map(|scheme| scheme.value().as_str()).collect();
    if schemes.is_empty() {
        schemes = vec!["https", "http"];
    }
    schemes.sort_by_key(|scheme| *scheme != "https");
    schemes.into_iter().map(|scheme| Server::of_url(format!("{scheme}://{host}{base}"))).collect()
}

/// Reads what the document says of all operations: the schemes of `securityDefinitions`, and the servers.
pub(super) fn document(root: &Element<'_>, findings: &mut Vec<Finding>) -> (Vec<Scheme>, Vec<Server>) {
    media::look_through(root, findings);
    let schemes = root.member("securityDefinitions").map(|listed| listed_schemes(&listed, findings));
    (schemes.unwrap_or_default(), servers(root))
}

/// Reads what an operation and its path item say.
pub(super) fn parts(api: &Api, operation: &Element<'_>, items: &[Element<'_>], findings: &mut Vec<Finding>) -> Parts {
    media::look_through(operation, findings);
    let root = Element::root(api.documents());
    let types = |key: &str| media::types(operation, key).or_else(|| media::types(&root, key)).unwrap_or_default();
    let listed = parameter::listed(operation, items, findings);
    let consumed = types("consumes");
    let body = body::body(&listed, &consumed, findings);
    let form = body::form(api.documents(), operation, &listed.form, &consumed, findings);
    let request_body = match (body, form) {
        (Some(body), Some(form)) => Some(body::either(body, form)),
        (body, form) => body.or(form).or_else(|| request_body(operation, findings)),
    };
    Parts {
        parameters: listed.parameters,
        request_body,
        responses: response::responses(operation, &types("produces"), findings),
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, servers};
    use crate::document::{Document, Documents, Source};

    #[test]
    fn host_base_path_and_schemes_come_to_servers() {
        for (text, urls, base) in [
            ("{}", &[][..], ""),
            ("{basePath: /}", &["/"], ""),
            ("{basePath: v2}", &["/v2"], "/v2"),
            ("{host: a.example}", &["https://a.example", "http://a.example"], ""),
            (
                "{host: 'a.example:8080', basePath: /v1/, schemes: [http, https]}",
                &["https://a.example:8080/v1/", "http://a.example:8080/v1/"],
                "/v1",
            ),
            ("{host: 'http://a.example/', basePath: /v1, schemes: [ws]}", &["ws://a.example/v1"], "/v1"),
        ] {
            let document = Document::read(Source::new("a", text)).document.expect("a tree");
            let documents = Documents::single(document);
            let servers = servers(&Element::root(&documents));
            assert_eq!(servers.iter().map(|server| &*server.url).collect::<Vec<_>>(), urls, "{text}");
            assert!(servers.iter().all(|server| server.base_path == base), "{text}");
        }
    }
}
