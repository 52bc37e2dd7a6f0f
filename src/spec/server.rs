//! Server Objects (OpenAPI 3.1.2 §4.8.5): where the API is said to live.

use super::element::Element;

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The URL with every variable at its default.
    pub url: String,
    /// The path of that URL, without a trailing slash: empty for `/`.
    pub base_path: String,
}

/// The servers listed under `servers`, if there is such a member.
pub(super) fn read(holder: &Element<'_>) -> Option<Vec<Server>> {
    let servers = holder.member("servers")?;
    Some(servers.items().filter_map(|server| one(&server)).collect())
}

fn one(server: &Element<'_>) -> Option<Server> {
    let mut url = server.text("url")?.to_owned();
    if let Some(variables) = server.member("variables") {
        for (name, variable) in variables.members() {
            let value = match variable.value().get("default") {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => continue,
            };
            url = url.replace(&format!("{{{name}}}"), &value);
        }
    }
    Some(Server::of_url(url))
}

impl Server {
    /// The server at a URL without variables.
    pub(super) fn of_url(url: String) -> Server {
        let base_path = path_of(&url);
        Server { url, base_path }
    }
}

/// The path of an absolute or relative server URL.
fn path_of(url: &str) -> String {
    let after_authority = match url.find("//") {
        Some(start) => {
            let rest = &url[start + 2..];
            rest.find('/').map_or("", |slash| &rest[slash..])
        }
        // A variable without a value that a URL begins with says where the API lives, up to the first slash: `{endpoint}/v1`.
        None if url.starts_with('{') => url.find('/').map_or("", |slash| &url[slash..]),
        None => url,
    };
    let path = after_authority.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches("./").trim_matches('/');
    if path.is_empty() || path == "." { String::new() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use super::path_of;

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
            ("{scheme}://{host}/v1", "/v1"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
