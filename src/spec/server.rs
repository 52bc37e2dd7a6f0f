//! Server Objects (OpenAPI 3.1.2 §4.8.5): where the API is said to live.

use super::element::Element;
use super::outline;
use crate::message::percent_encode_target;

/// How many servers one with variables may come to.
const MOST: usize = 64;

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The URL, with a value for every variable.
    pub url: String,
    /// The path of that URL, without a trailing slash: empty for `/`.
    pub base_path: String,
    /// What clients put in front that write it as the URL has it, with all its slashes; `None` where that is the same.
    pub other_path: Option<String>,
    /// The base path with a `{name}` for each variable that may have any value, because none are listed; `None` where there is no such
    /// variable in it.
    pub open_path: Option<String>,
}

/// The servers listed under `servers`, if there is such a member.
pub(super) fn read(holder: &Element<'_>) -> Option<Vec<Server>> {
    let servers = holder.member("servers").filter(|servers| !servers.value().is_null())?;
    Some(outline::entries(&servers).iter().flat_map(each).collect())
}

/// A server with every variable at its default, then those that its other values lead to.
fn each(server: &Element<'_>) -> Vec<Server> {
    let Some(url) = server.text("url") else { return Vec::new() };
    // A name of a host without a scheme, in which variables stand: `{account}.{suffix}/v1` is no path, though it looks like one.
    let host = url.split('/').next().filter(|first| first.starts_with('{') && outside_of_braces(first).contains('.'));
    let url = &host.map_or_else(|| url.to_owned(), |_| format!("//{url}"));
    // Each with the same where any value may stand that is not listed.
    let mut urls = vec![(url.to_owned(), url.to_owned())];
    for (name, variable) in server.member("variables").iter().flat_map(Element::members) {
        let hole = format!("{{{name}}}");
        if !url.contains(&hole) {
            continue;
        }
        let mut values: Vec<String> = Vec::new();
        let listed = variable.member("enum");
        let default = variable.member("default");
        for value in default.into_iter().chain(listed.iter().flat_map(Element::items)) {
            let value = value.value().as_str().map_or_else(|| value.value().to_string(), str::to_owned);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if !values.is_empty() {
            let filled = |url: &str, value: &str| url.replace(&hole, value);
            let open = |url: &str, value: &str| if listed.is_some() { filled(url, value) } else { url.to_owned() };
            let with = |value: &String| {
                urls.iter().map(|(url, any)| (filled(url, value), open(any, value))).collect::<Vec<_>>()
            };
            urls = values.iter().flat_map(with).take(MOST).collect();
        }
    }
    let open = |any: &str| Some(path_of(any)).filter(|path| outside_of_braces(path) != *path);
    urls.into_iter().map(|(url, any)| Server { open_path: open(&any), ..Server::of_url(url) }).collect()
}

/// The text without its variables.
fn outside_of_braces(text: &str) -> String {
    let pieces = text.split('{').enumerate();
    pieces
        .map(|(at, piece)| if at == 0 { piece } else { piece.split_once('}').map_or("", |(_, after)| after) })
        .collect()
}

impl Server {
    /// The server at a URL without variables.
    pub(super) fn of_url(url: String) -> Server {
        let base_path = path_of(&url);
        // A path is appended to the URL as it is written (§4.8.8), be there a slash at its end or not.
        let other_path = Some(written(&url).to_owned()).filter(|path| *path != base_path && path.starts_with('/'));
        Server { url, base_path, other_path, open_path: None }
    }
}

/// The path of an absolute or relative server URL, with one slash before it and none behind.
fn path_of(url: &str) -> String {
    let path = written(url).trim_start_matches("./").trim_matches('/');
    if path.is_empty() || path == "." { String::new() } else { format!("/{}", percent_encode_target(path)) }
}

/// The path as it is written, relative ones too.
fn written(url: &str) -> &str {
    let after_authority = match url.find("//").filter(|start| *start == 0 || url[..*start].ends_with(':')) {
        Some(start) => {
            let rest = &url[start + 2..];
            rest.find('/').map_or("", |slash| &rest[slash..])
        }
        // A variable without a value that a URL begins with says where the API lives, up to the first slash: `{endpoint}/v1`.
        None if url.starts_with('{') => url.find('/').map_or("", |slash| &url[slash..]),
        None => url,
    };
    after_authority.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Element, Server, path_of, read};
    use crate::document::{Document, Documents, Source};

    #[test]
    fn variables_have_every_value_that_is_listed() {
        for (text, urls) in [
            ("{servers: [{url: /}]}", &["/"][..]),
            ("{servers: [{url: '/{a}', variables: {a: {default: x}}}]}", &["/x"]),
            ("{servers: [{url: '/{a}', variables: {a: {default: x, enum: [y, x, 1]}}}]}", &["/x", "/y", "/1"]),
            (
                "{servers: [{url: '/{a}/{b}', variables: {a: {default: x, enum: [x, y]}, b: {default: 1, enum: [1, 2]}}}]}",
                &["/x/1", "/y/1", "/x/2", "/y/2"],
            ),
            ("{servers: [{url: '/{a}', variables: {b: {default: x}}}, {}]}", &["/{a}"]),
            ("{servers: [{url: '{a}.{b}/v1', variables: {a: {default: ''}, b: {}}}]}", &["//.{b}/v1"]),
            ("{servers: [{url: '{a}/v1', variables: {a: {default: 'v1.0'}}}]}", &["v1.0/v1"]),
        ] {
            let document = Document::read(Source::new("a", text)).document.expect("a tree");
            let documents = Documents::single(document);
            let servers = read(&Element::root(&documents)).unwrap_or_default();
            assert_eq!(servers.iter().map(|server| &*server.url).collect::<Vec<_>>(), urls, "{text}");
        }
        let many: Vec<String> = (0..100).map(|value| format!("\"{value}\"")).collect();
        let text = format!("{{servers: [{{url: '/{{a}}', variables: {{a: {{enum: [{}]}}}}}}]}}", many.join(","));
        let document = Document::read(Source::new("a", text)).document.expect("a tree");
        assert_eq!(read(&Element::root(&Documents::single(document))).map(|servers| servers.len()), Some(super::MOST));
    }

    #[test]
    fn the_base_path_is_the_path_of_the_url() {
        for (url, path) in [
            ("https://api.example.com/v1/", "/v1"),
            ("https://api.example.com", ""),
            ("//example.com/a/b", "/a/b"),
            ("/", ""),
            ("/v2", "/v2"),
            ("v2", "/v2"),
            ("./", ""),
            ("https://example.com/v1?x=1#y", "/v1"),
            ("{endpoint}/text/v2", "/text/v2"),
            ("{account}.{suffix}", ""),
            ("/a b*/%20c", "/a%20b*/%20c"),
            ("{scheme}://{host}/v1", "/v1"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }

    #[test]
    fn a_variable_without_a_list_may_have_any_value() {
        for (text, open) in [
            (
                "{servers: [{url: '/{a}/{b}', variables: {a: {default: x}, b: {default: y, enum: [y]}}}]}",
                Some("/{a}/y"),
            ),
            ("{servers: [{url: 'https://{h}/v1', variables: {h: {default: x}}}]}", None),
            ("{servers: [{url: '/v{a}', variables: {a: {}}}]}", Some("/v{a}")),
            ("{servers: [{url: '/v1'}]}", None),
        ] {
            let documents = Documents::single(Document::read(Source::new("a", text)).document.expect("a tree"));
            let servers = read(&Element::root(&documents)).unwrap_or_default();
            assert_eq!(servers[0].open_path.as_deref(), open, "{text}");
        }
    }

    #[test]
    fn a_path_may_stand_behind_the_url_as_it_is_written() {
        let other = |url: &str| Server::of_url(url.into()).other_path;
        assert_eq!(other("https://api.example.com/v1/").as_deref(), Some("/v1/"));
        assert_eq!(other("https://api.example.com/").as_deref(), Some("/"));
        assert_eq!(other("https://api.example.com//v1").as_deref(), Some("//v1"));
        assert_eq!(other("https://api.example.com/v1"), None);
    }
}
