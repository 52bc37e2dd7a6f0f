//! Addresses of documents and schemas: references to one from another.

/// A reference resolved against an address, as far as documents need it (RFC 3986, 5.2).
pub fn join(base: &str, reference: &str) -> String {
    let scheme = |text: &str| text.find(':').filter(|end| !text[..*end].contains('/'));
    if scheme(reference).is_some() || reference.is_empty() {
        return if reference.is_empty() { base } else { reference }.to_owned();
    }
    let base = base.split(['?', '#']).next().unwrap_or(base);
    let after_scheme = scheme(base).map_or(0, |end| end + 1);
    let rest = &base[after_scheme..];
    let authority = match rest.strip_prefix("//") {
        Some(rest) => after_scheme + 2 + rest.find('/').unwrap_or(rest.len()),
        None => after_scheme,
    };
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{}//{rest}", &base[..after_scheme]);
    }
    let folder = if reference.starts_with('/') {
        ""
    } else {
        base[authority..].rfind('/').map_or("/", |end| &base[authority..=authority + end])
    };
    let mut segments: Vec<&str> = Vec::new();
    let path = format!("{folder}{reference}");
    for segment in path.trim_start_matches('/').split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let slash = if authority > after_scheme || path.starts_with('/') { "/" } else { "" };
    format!("{}{slash}{}", &base[..authority], segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn addresses_are_joined() {
        let base = "https://example.com/schemas/tree.json";
        assert_eq!(join(base, "node.json"), "https://example.com/schemas/node.json");
        assert_eq!(join(base, "../x"), "https://example.com/x");
        assert_eq!(join(base, "/y/./z"), "https://example.com/y/z");
        assert_eq!(join(base, "urn:tree"), "urn:tree");
        assert_eq!(join(base, "//other/a"), "https://other/a");
        assert_eq!(join(base, ""), base);
        assert_eq!(join("https://example.com/api?at=a/b", "x"), "https://example.com/x");
        assert_eq!(join("https://example.com", "a"), "https://example.com/a");
        assert_eq!(join("file:///api.yaml", "tree"), "file:///tree");
    }
}
