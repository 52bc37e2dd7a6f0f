//! References as text: what they name, and why one may lead nowhere.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::{Location, uri};

/// Why a reference leads nowhere. Its `Display` is a sentence fragment.
#[derive(Clone, Debug)]
pub enum Unresolved {
    /// The document is there; the value is not.
    Dangling {
        /// The last value on the way that exists.
        near: Location,
        /// The member or item that it does not have.
        missing: String,
    },
    /// The file lies outside of the folder that may be read.
    Outside {
        /// Its path from the root document's folder.
        path: String,
    },
    /// It is on a network, and may not be fetched from there.
    Remote {
        /// The reference, without its fragment.
        address: String,
    },
    /// It is under a scheme that nothing is read from, such as `file:` or `urn:`.
    Scheme {
        /// The reference, without its fragment.
        address: String,
    },
    /// The file cannot be read, or is no tree.
    Unavailable {
        /// Its path from the root document's folder.
        path: String,
        /// Why.
        reason: String,
    },
    /// A fragment that is a name (`#node`), not a pointer (`#/…`).
    Anchor {
        /// The name.
        name: String,
    },
    /// Not a reference at all.
    Malformed {
        /// Why.
        reason: &'static str,
    },
}

impl fmt::Display for Unresolved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unresolved::Dangling { near, missing } => {
                write!(out, "`{}#{}` has no `{missing}`", near.document.path, near.pointer)
            }
            Unresolved::Outside { path } => write!(out, "the file `{path}` lies outside of the document's folder"),
            Unresolved::Remote { address } => write!(out, "`{address}` is on a network, and is not fetched"),
            Unresolved::Scheme { address } => write!(out, "`{address}` is neither a file nor at an http address"),
            Unresolved::Unavailable { path, reason } => write!(out, "the file `{path}` cannot be used: {reason}"),
            Unresolved::Anchor { name } => {
                write!(out, "`#{name}` is the name of an anchor, which references here cannot use")
            }
            Unresolved::Malformed { reason } => out.write_str(reason),
        }
    }
}

impl std::error::Error for Unresolved {}

impl Unresolved {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        // `/components/…`, `#components/…`: written without what says that it is in the document itself.
        let inside = |path: &str| {
            let path = path.trim_start_matches('/');
            path.starts_with("components/") || path.starts_with("definitions/") || path.starts_with("$defs/")
        };
        match self {
            Unresolved::Outside { path } | Unresolved::Unavailable { path, .. } | Unresolved::Anchor { name: path }
                if inside(path) =>
            {
                "a reference into the document itself begins with `#/`"
            }
            Unresolved::Outside { .. } => "`--root DIR` lets references lead anywhere in a folder further up",
            Unresolved::Remote { .. } => "`--fetch` lets references be fetched; or keep a copy beside the document",
            Unresolved::Scheme { .. } => "keep a copy beside the document, and refer to that",
            Unresolved::Unavailable { .. } => "put the file there, or mend it or the reference",
            Unresolved::Dangling { .. } | Unresolved::Anchor { .. } | Unresolved::Malformed { .. } => {
                "write what it should refer to, or mend the reference"
            }
        }
    }
}

/// File and fragment of a reference.
pub(super) fn split(reference: &str) -> Result<(&str, &str), Unresolved> {
    if reference.trim().is_empty() {
        return Err(Unresolved::Malformed { reason: "the reference is empty" });
    }
    Ok(reference.split_once('#').unwrap_or((reference, "")))
}

/// Whether a reference says by which means it is to be had, as `https:` does.
pub(super) fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Whether a path is an address on a network, as that of a fetched document is.
pub fn is_address(path: &str) -> bool {
    let scheme = path.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// The path of a file that another refers to: from the root's folder, or a whole address.
pub(super) fn path_from(from: &str, file: &str) -> Result<String, Unresolved> {
    if is_address(file) || (is_address(from) && !has_scheme(file)) {
        return Ok(uri::join(from, file));
    }
    if has_scheme(file) || file.starts_with("//") {
        return Err(Unresolved::Scheme { address: file.to_owned() });
    }
    let file = decode(file)?;
    if file.starts_with('/') {
        return Err(Unresolved::Outside { path: file });
    }
    let folder = from.rfind('/').map_or("", |at| from.get(..at).unwrap_or(""));
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').chain(file.split('/')) {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    Ok(segments.join("/"))
}

pub(super) fn decode(text: &str) -> Result<String, Unresolved> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(Unresolved::Malformed { reason: "the percent-encoding of the reference is no UTF-8" }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Unresolved, path_from, split};

    #[test]
    fn paths_are_seen_from_the_file_that_refers() {
        for (from, file, path) in [
            ("openapi.yaml", "a.yaml", "a.yaml"),
            ("openapi.yaml", "./a/b.yaml", "a/b.yaml"),
            ("paths/pets.yaml", "../schemas/Pet.yaml", "schemas/Pet.yaml"),
            ("paths/pets.yaml", "./x/../y//z.yaml", "paths/y/z.yaml"),
            ("paths/pets.yaml", "../../up.yaml", "../up.yaml"),
            ("../common/a.yaml", "../../b.yaml", "../../b.yaml"),
            ("openapi.yaml", "%7Bid%7D%20x.yaml", "{id} x.yaml"),
            ("openapi.yaml", "{id}.yaml", "{id}.yaml"),
        ] {
            assert_eq!(path_from(from, file).ok().as_deref(), Some(path), "{file} from {from}");
        }
        assert!(matches!(path_from("a.yaml", "/etc/passwd"), Err(Unresolved::Outside { .. })));
        assert!(matches!(path_from("a.yaml", "%2Fetc/passwd"), Err(Unresolved::Outside { .. })));
        assert!(matches!(path_from("a.yaml", "%ff.yaml"), Err(Unresolved::Malformed { .. })));
    }

    #[test]
    fn addresses_are_told_from_files() {
        for other in ["file:///etc/passwd", "//example.com/a", "C:/a.yaml", "urn:x:y"] {
            assert!(matches!(path_from("a.yaml", other), Err(Unresolved::Scheme { .. })), "{other}");
        }
        for (from, file, path) in [
            ("a.yaml", "https://example.com/x/b.yaml", "https://example.com/x/b.yaml"),
            ("https://example.com/x/a.yaml", "b%20c.yaml", "https://example.com/x/b%20c.yaml"),
            ("https://example.com/x/a.yaml", "/b.yaml", "https://example.com/b.yaml"),
            ("https://example.com/x/a.yaml", "//other/b.yaml", "https://other/b.yaml"),
        ] {
            assert_eq!(path_from(from, file).ok().as_deref(), Some(path), "{file} from {from}");
        }
        for (reference, parts) in [
            ("#/a", ("", "/a")),
            ("#", ("", "")),
            ("a.yaml", ("a.yaml", "")),
            ("a.yaml#/b#c", ("a.yaml", "/b#c")),
            ("./a:b.yaml#", ("./a:b.yaml", "")),
        ] {
            assert_eq!(split(reference).ok(), Some(parts), "{reference}");
        }
        assert!(matches!(split(" "), Err(Unresolved::Malformed { .. })));
    }
}
