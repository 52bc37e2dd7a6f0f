//! Server Objects (OpenAPI 3.1.2 §4.8.5): where the API is said to live.

use serde_json::Value;

use super::element::Element;

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The URL with every variable at its default.
    pub url: String,
    /// The path of that URL, without a trailing slash: empty for `/`.
    pub base_path: String,
    /// Other paths that clients put in front: with the slashes as they are written, and with other values of its variables.
    pub other_paths: Vec<String>,
}

/// The most ways to fill in the variables of one server that are looked at.
const WAYS: usize = 64;

/// The servers listed under `servers`, if there is such a member.
pub(super) fn read(holder: &Element<'_>) -> Option<Vec<Server>> {
    let servers = holder.member("servers")?;
    Some(servers.items().filter_map(|server| one(&server)).collect())
}

fn one(server: &Element<'_>) -> Option<Server> {
    let template = server.text("url")?;
    let mut url = template.to_owned();
    let mut others = vec![template.to_owned()];
    if let Some(variables) = server.member("variables") {
        for (name, variable) in variables.members() {
            let hole = format!("{{{name}}}");
            let (default, listed) = (variable.value().get("default"), variable.value().get("enum"));
            let listed = listed.and_then(Value::as_array).into_iter().flatten();
            let values: Vec<String> = default.into_iter().chain(listed).map(text).collect();
            if let Some(value) = values.first().filter(|_| default.is_some()) {
                url = url.replace(&hole, value);
            }
            let ways = others.iter().flat_map(|other| values.iter().map(|value| other.replace(&hole, value)));
            let ways: Vec<String> = ways.take(WAYS).collect();
            if template.contains(&hole) && !ways.is_empty() {
                others = ways;
            }
        }
    }
    Some(Server::new(url, &others))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Server {
    /// The server at a URL without variables.
    pub(super) fn of_url(url: String) -> Server {
        Server::new(url, &[])
    }

    fn new(url: String, others: &[String]) -> Server {
        let base_path = path_of(&url);
        let mut other_paths: Vec<String> = Vec::new();
        // A path is appended to the URL as it is written (§4.8.8), be there a slash at its end or not.
        for path in std::iter::once(&url).chain(others).flat_map(|url| [path_of(url), written(url).to_owned()]) {
            if path != base_path && !path.contains('{') && !other_paths.contains(&path) {
                other_paths.push(path);
            }
        }
        Server { url, base_path, other_paths }
    }
}

/// The path of an absolute or relative server URL, with one slash before it and none behind.
fn path_of(url: &str) -> String {
    let path = written(url).trim_start_matches("./").trim_matches('/');
    if path.is_empty() || path == "." { String::new() } else { format!("/{path}") }
}

/// The path as it is written, relative ones too.
fn written(url: &str) -> &str {
    let after_authority = match url.find("//").filter(|start| *start == 0 || url[..*start].ends_with(':')) {
        Some(start) => {
            let rest = &url[start + 2..];
            rest.find('/').map_or("", |slash| &rest[slash..])
        }
        None => url,
    };
    after_authority.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Server, path_of};

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
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }

    #[test]
    fn a_path_may_stand_behind_the_url_as_it_is_written() {
        let others = |url: &str| Server::of_url(url.into()).other_paths;
        assert_eq!(others("https://api.example.com/v1/"), ["/v1/"]);
        assert_eq!(others("https://api.example.com/"), ["/"]);
        assert_eq!(others("https://api.example.com//v1"), ["//v1"]);
        assert!(others("https://api.example.com/v1").is_empty());
    }
}
