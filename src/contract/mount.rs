//! Several documents in one contract: where each is placed, and what its operations are called beside those of the others.

use std::collections::HashMap;
use std::sync::Arc;

use super::Part;
use crate::document::Documents;
use crate::schema::Ignored;
use crate::spec::Head;

/// A document, and where it is placed.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The document, with its files.
    pub documents: Arc<Documents>,
    /// What comes before all of its paths, its base path included: `/billing`; empty for the root.
    pub path: String,
    /// What it is called: the name of its file without folder and ending, unless another has it too.
    pub name: String,
    /// Formats that assert nothing in its schemas.
    pub(super) ignored: Ignored,
}

impl Mount {
    /// A document at a path; empty for the root.
    pub fn new(documents: Arc<Documents>, path: impl Into<String>) -> Mount {
        let source = documents.root().source().name().to_owned();
        let file = source.split(['?', '#']).next().unwrap_or(&source).trim_end_matches('/');
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let name = [".yaml", ".yml", ".json"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file);
        Mount {
            path: path.into().trim_end_matches('/').to_owned(),
            name: name.to_owned(),
            ignored: Ignored::default(),
            documents,
        }
    }

    /// The same, where these formats of schemas assert nothing; `all` stands for every one.
    #[must_use]
    pub fn ignoring_formats(self, names: &[String]) -> Mount {
        Mount { ignored: Ignored::new(names.iter().map(String::as_str)), ..self }
    }
}

/// Gives each document a name of its own: where a file is called like an earlier one, the end of its place, else a number.
pub(super) fn distinguish(mounts: &mut [Mount]) {
    for index in 0..mounts.len() {
        let (before, rest) = mounts.split_at_mut(index);
        let Some(mount) = rest.first_mut() else { continue };
        let taken = |name: &str| before.iter().any(|known| known.name == name);
        if !taken(&mount.name) {
            continue;
        }
        let place = mount.path.rsplit('/').next().filter(|place| !place.is_empty() && !taken(place));
        // One of so many numbers is free.
        let numbered = || (2..=index + 2).map(|number| format!("{}-{number}", mount.name)).find(|name| !taken(name));
        if let Some(name) = place.map(str::to_owned).or_else(numbered) {
            mount.name = name;
        }
    }
}

/// Puts the name of the document before the name of each operation that is called like one of another document.
pub(super) fn qualify(parts: &[Part], heads: &mut [Head]) {
    let mut owner: HashMap<Arc<str>, Option<usize>> = HashMap::new();
    let owners = || parts.iter().enumerate().flat_map(|(index, part)| std::iter::repeat_n(index, part.operations));
    for (head, part) in heads.iter().zip(owners()) {
        let owner = owner.entry(head.key.clone()).or_insert(Some(part));
        *owner = owner.filter(|known| *known == part);
    }
    for (head, part) in heads.iter_mut().zip(owners()) {
        if owner.get(&head.key) == Some(&None) {
            head.key = format!("{}#{}", parts[part].mount.name, head.key).into();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Mount, distinguish};
    use crate::document::{Document, Documents, Source};

    #[test]
    fn a_document_is_called_like_its_file_unless_another_is() {
        let mount = |(file, path): (&str, &str)| {
            let document = Document::read(Source::new(file, "{}")).document.unwrap();
            Mount::new(Arc::new(Documents::single(document)), path)
        };
        let given = [
            ("a/openapi.yaml", ""),
            ("b/openapi.json", "/shop/b/"),
            ("c/openapi.yml", ""),
            ("d/openapi.yml", ""),
            ("https://example.com/v1/pets.v2.yaml?x=a/b", ""),
            ("stdin", "/in"),
        ];
        let mut mounts: Vec<Mount> = given.into_iter().map(mount).collect();
        distinguish(&mut mounts);
        let named: Vec<(&str, &str)> = mounts.iter().map(|mount| (&*mount.name, &*mount.path)).collect();
        assert_eq!(
            named,
            [
                ("openapi", ""),
                ("b", "/shop/b"),
                ("openapi-2", ""),
                ("openapi-3", ""),
                ("pets.v2", ""),
                ("stdin", "/in")
            ]
        );
    }
}
