//! Named replies: those of the file itself, and those of the files that it includes.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::Reply;
use super::super::field::FILE;
use super::super::reader::{Members, Reader, at, excerpt, kind, listed};
use super::{LONGEST, reply, told};
use crate::document::{Document, Node, Refusal, Retrieve, Source, is_address, pointer};
use crate::finding::{Finding, Place, did_you_mean};

/// How deep files may include others, and how many there may be in all.
const DEPTH: usize = 8;
const FILES: usize = 32;

/// The replies that have a name, and the files that were reached for them.
#[derive(Debug, Default)]
pub(in crate::scenario) struct Named {
    replies: HashMap<Arc<str>, (Option<Arc<Reply>>, Place)>,
    /// The files in the order in which they were reached, by path from the folder of the first.
    files: Vec<(String, Arc<Source>)>,
}

impl Named {
    /// The texts that were reached, the first one left out.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.files.iter().map(|(_, source)| source)
    }

    /// The reply of a name; the inner `None`: it could not be read, which has been told.
    pub(super) fn get(&self, name: &str) -> Option<Option<&Arc<Reply>>> {
        self.replies.get(name).map(|(reply, _)| reply.as_ref())
    }

    /// What to write instead of a name that there is not.
    pub(super) fn help(&self, name: &str) -> String {
        let mut names: Vec<&str> = self.replies.keys().map(|name| &**name).collect();
        names.sort_unstable();
        match did_you_mean(name, names.iter().copied().chain(["ok"])) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => {
                "write a status such as 404, `ok` for what the document says, or a name that stands under `replies`"
                    .to_owned()
            }
            None => format!("there are {}", listed(names)),
        }
    }
}

/// Where a file stands among those that include one another.
struct Chain<'c> {
    /// Its path from the folder of the first.
    path: &'c str,
    before: Option<&'c Chain<'c>>,
}

/// Reads what the file itself names, then what it includes, into the reader.
pub(super) fn read(reader: &mut Reader<'_>, members: &Members<'_>, files: &dyn Retrieve, folder: &str) {
    let whole = Chain { path: "", before: None };
    level(reader, members, files, folder, &whole);
}

fn level(reader: &mut Reader<'_>, members: &Members<'_>, files: &dyn Retrieve, folder: &str, chain: &Chain<'_>) {
    if let Some(node) = members.get("replies") {
        own(reader, node);
    }
    let Some(include) = members.get("include") else { return };
    let items: Vec<Node<'_>> = if include.value().is_array() { include.items().collect() } else { vec![include] };
    if items.is_empty() {
        reader.wrong(include, "`include` names no file", "name one such as `shared.yaml`, or remove it");
    }
    for item in items {
        file(reader, item, files, folder, chain);
    }
}

/// The replies that stand in a file.
fn own(reader: &mut Reader<'_>, node: Node<'_>) {
    for (name, span, value) in node.members() {
        let mut letters = name.chars();
        let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        let sound = first && name.len() <= 100 && letters.all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !sound || name.eq_ignore_ascii_case("ok") {
            let sentence = format!("`{}` cannot be the name of a reply", excerpt(name));
            let help = "a letter, then letters, digits, `-`, `_` and `.` make one; `ok` is what the document says";
            reader.wrong_key(node, span, sentence, help);
            continue;
        }
        let place = at(node, span);
        if let Some((_, other)) = reader.named.replies.get(name) {
            let sentence = format!("another reply is called `{name}`: {other}");
            reader.wrong_key(node, span, sentence, "give one of them another name");
            continue;
        }
        let is_name =
            value.text().is_some_and(|text| text.starts_with(|c: char| c.is_ascii_alphabetic()) && text != "ok");
        let read = if is_name && !value.value().is_null() {
            reader.wrong(value, "a named reply is written out", "write a status, `ok` or a mapping");
            None
        } else {
            reply::read(reader, value, pointer::join("/replies", name))
        };
        let name: Arc<str> = name.into();
        let read = read.map(|reply| Arc::new(Reply { name: Some(name.clone()), ..reply }));
        reader.named.replies.insert(name, (read, place));
    }
    if node.members().next().is_none() {
        reader.wrong(node, "`replies` names no reply", "write one such as `throttled: 429`, or remove it");
    }
}

/// One file that is included.
fn file(reader: &mut Reader<'_>, node: Node<'_>, files: &dyn Retrieve, folder: &str, chain: &Chain<'_>) {
    if node.text().is_none() {
        reader.wrong(node, format!("`include` takes files, and here is {}", kind(node)), "write the path of one");
        return;
    }
    let Some(text) = reader.text(node, "include") else { return };
    let path = match path(chain.path, &text) {
        Ok(path) => path,
        Err(why) => {
            let sentence = format!("`{}` cannot be included: {why}", excerpt(&text));
            wrong(reader, node, sentence, "write a path from the folder of this file, such as `shared.yaml`");
            return;
        }
    };
    let mut above = Some(chain);
    while let Some(one) = above {
        if one.path == path || (one.path.is_empty() && reader.root_path == path) {
            wrong(reader, node, format!("`{}` includes itself in the end", excerpt(&text)), "take the circle out");
            return;
        }
        above = one.before;
    }
    if reader.named.files.iter().any(|(known, _)| *known == path) {
        return;
    }
    let depth = std::iter::successors(Some(chain), |one| one.before).count();
    if depth > DEPTH || reader.named.files.len() >= FILES {
        let sentence = format!("more than {FILES} files, or {DEPTH} that include one another");
        wrong(reader, node, sentence, "put what they have into fewer files");
        return;
    }
    let text = match files.get(&path) {
        Ok(text) if text.len() <= LONGEST => text,
        refused => {
            let why = match refused {
                Ok(_) => format!("it has more than {} KiB", LONGEST >> 10),
                Err(Refusal::Outside) => "it lies outside of the scenario's folder".to_owned(),
                Err(Refusal::Remote) => "it is on a network, and is not fetched".to_owned(),
                Err(Refusal::Failed(why)) => why,
            };
            wrong(reader, node, format!("`{}` cannot be included: {why}", excerpt(&text)), "");
            return;
        }
    };
    let source = Source::new(format!("{folder}{path}"), text);
    reader.named.files.push((path.clone(), source.clone()));
    let below = Chain { path: &path, before: Some(chain) };
    included(reader, &source, node, files, folder, &below);
}

/// The text of a file that is included: with a reader of its own, whose places are that file's.
fn included(
    reader: &mut Reader<'_>,
    source: &Arc<Source>,
    from: Node<'_>,
    files: &dyn Retrieve,
    folder: &str,
    chain: &Chain<'_>,
) {
    let mut inner = Reader::new(source, reader.contract);
    inner.root_path = reader.root_path.clone();
    inner.named = std::mem::take(&mut reader.named);
    let read = Document::read(source.clone());
    inner.findings.extend(read.problems.iter().map(|problem| told(problem, source)));
    if let Some(document) = read.document.map(Arc::new) {
        inner.document = Some(document.clone());
        let root = document.node();
        if root.value().is_object() {
            let members = inner.members(root, &FILE);
            level(&mut inner, &members, files, folder, chain);
            if root.get("replies").is_none() && root.get("include").is_none() {
                wrong(reader, from, format!("`{}` has no `replies`", source.name()), "only those are included");
            }
        } else if inner.findings.is_empty() {
            let sentence = format!("a file that is included is a mapping, and here is {}", kind(root));
            inner.wrong(root, sentence, "begin with `replies:`");
        }
    }
    reader.named = inner.finish(&mut reader.findings);
}

fn wrong(reader: &mut Reader<'_>, node: Node<'_>, sentence: String, help: &str) {
    let place = Place { source: node.document().source().clone(), span: node.span() };
    let finding = Finding::new("scenario-include", sentence).at(Some(place));
    reader.findings.push(if help.is_empty() { finding } else { finding.help(help) });
}

/// A path from the first file's folder, of one that is written in a file there.
fn path(from: &str, written: &str) -> Result<String, &'static str> {
    if is_address(written) {
        return Err("it is on a network, and is not fetched");
    }
    if written.starts_with('/') || written.contains(['\\', ':']) {
        return Err("it is no path from this file, with `/` between folders");
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn paths_are_from_the_file_they_stand_in() {
        for (from, written, expected) in [
            ("", "a.yaml", "a.yaml"),
            ("", "./b/../a.yaml", "a.yaml"),
            ("b/c.yaml", "a.yaml", "b/a.yaml"),
            ("b/c.yaml", "../a.yaml", "a.yaml"),
            ("b/c.yaml", "../../a.yaml", "../a.yaml"),
            ("", "../../a.yaml", "../../a.yaml"),
        ] {
            assert_eq!(path(from, written).as_deref(), Ok(expected), "{from} {written}");
        }
        for written in ["/etc/passwd", "a\\b.yaml", "https://example.com/a.yaml", "C:/a.yaml"] {
            assert!(path("", written).is_err(), "{written}");
        }
    }
}
