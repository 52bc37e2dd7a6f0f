//! The texts of a document: from a file and those beside it, from standard input, from the binary, from a network.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::{Input, LIMIT, STDIN, Sources, documents_in};
use crate::cli::args::Reading;
use crate::cli::exit::{Exit, Failure};
use crate::cli::fetch::{Net, Unfetched};
use crate::cli::inputs::Inputs;
use crate::document::{
    Document, Documents, Files, Loaded, Problem, ProblemKind, Refusal, Retrieve, Source, is_address, text_of,
};
use crate::finding::did_you_mean;

/// The bundled invitation API.
const BUNDLED: &str = include_str!("../../../fixtures/invitation/openapi.yaml");

/// Reads a document and all that it refers to.
///
/// # Errors
/// When its own text cannot be had.
pub(super) fn load(input: &Input, sources: &mut Sources, stdin: &mut dyn Read) -> Result<Loaded, Failure> {
    let typed = (*input == Input::Stdin).then(|| sources.typed(stdin)).transpose()?;
    let Sources { reading, net, inputs, .. } = &*sources;
    match input {
        Input::Bundled => Ok(single(Source::new(input.name(), BUNDLED))),
        Input::Stdin => {
            // What it refers to is looked for here: where else.
            let (root, folder) = (Some((STDIN.to_owned(), typed.unwrap_or_default())), Path::new("."));
            let texts = Texts { root, files: files(None, reading)?, folder, net, inputs };
            Ok(Documents::load(STDIN, &texts))
        }
        Input::File(path) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            let texts = Texts { root: None, files: files(Some(path), reading)?, folder, net, inputs };
            let loaded = Documents::load(&input.name(), &texts);
            let missing = loaded.problems.iter().find(|(_, problem)| problem.kind == ProblemKind::Unavailable);
            match (missing, &loaded.documents) {
                (Some((_, problem)), None) => Err(unavailable(path, problem)),
                _ => Ok(loaded),
            }
        }
        Input::Address(address) => {
            let fetched = net.typed(address).map_err(|unfetched| {
                let why = match unfetched {
                    Unfetched::Forbidden => "it is not to be".to_owned(),
                    Unfetched::Failed(why) => why,
                };
                let failure = Failure::new(Exit::Unreachable, format!("`{address}` cannot be fetched: {why}"));
                failure.help("check the address; or save the document to a file, and give that")
            })?;
            let root = Some((fetched.address.clone(), fetched.text));
            let texts = Texts { root, files: None, folder: Path::new(""), net, inputs };
            Ok(Documents::load(&fetched.address, &texts))
        }
    }
}

/// The texts that one document may reach.
struct Texts<'n> {
    /// What was read already, and where it was.
    root: Option<(String, String)>,
    /// `None` where there is no folder that they could be in.
    files: Option<Files>,
    /// What paths start from.
    folder: &'n Path,
    net: &'n Net,
    inputs: &'n Inputs,
}

impl Retrieve for Texts<'_> {
    fn get(&self, path: &str) -> Result<String, Refusal> {
        if let Some((_, text)) = self.root.as_ref().filter(|(root, _)| root == path) {
            return Ok(text.clone());
        }
        if is_address(path) {
            return Ok(self.net.fetch(path)?.text);
        }
        let Some(files) = &self.files else { return Err(Refusal::Outside) };
        self.inputs.file(&self.folder.join(path));
        files.get(path)
    }
}

/// The files beside a document, or those here; with `--root` all of that folder.
fn files(document: Option<&Path>, reading: &Reading) -> Result<Option<Files>, Failure> {
    let files = document.map_or_else(|| Files::new("."), Files::beside);
    let Some(root) = &reading.root else { return Ok(Some(files)) };
    let real = fs::canonicalize(root).ok().filter(|root| root.is_dir());
    let Some(real) = real else {
        let failure = Failure::usage(format!("--root: no such folder: `{}`", root.display()));
        return Err(failure.help("name the folder that references may lead to, further up than the document"));
    };
    let folder = document.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
    if folder.is_ok_and(|folder| !folder.starts_with(&real)) {
        let named = document.map_or_else(|| "standard input".to_owned(), |path| format!("`{}`", path.display()));
        let failure = Failure::usage(format!("--root: {named} is not in the folder `{}`", root.display()));
        return Err(failure.help("name a folder that the document is in, further up"));
    }
    Ok(Some(files.within(root)))
}

fn single(source: Arc<Source>) -> Loaded {
    let read = Document::read(source.clone());
    let problems = read.problems.into_iter().map(|problem| (source.clone(), problem)).collect();
    Loaded { documents: read.document.map(Documents::single), problems }
}

pub(super) fn standard_input(stdin: &mut dyn Read) -> Result<String, Failure> {
    let failed = |reason: String| Failure::new(Exit::Unreachable, format!("standard input cannot be read: {reason}"));
    let mut bytes = Vec::new();
    stdin.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LIMIT {
        return Err(failed(format!("longer than {} MiB", LIMIT >> 20)));
    }
    text_of(bytes).map_err(|refusal| match refusal {
        Refusal::Failed(why) => failed(why),
        Refusal::Outside | Refusal::Remote => failed("it is out of reach".to_owned()),
    })
}

fn unavailable(path: &Path, problem: &Problem) -> Failure {
    let name = path.display();
    let (sentence, folder) = if path.is_dir() {
        (format!("`{name}` is a folder, and a document is meant"), path)
    } else if path.exists() {
        (format!("`{name}` {}", problem.message), Path::new(""))
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        (format!("no such file: `{name}`"), folder)
    };
    let failure = Failure::new(Exit::Unusable, sentence);
    if folder.as_os_str().is_empty() {
        return failure;
    }
    if !folder.is_dir() {
        return failure.help(format!("there is no folder `{}`", folder.display()));
    }
    let shown =
        |name: &str| if folder == Path::new(".") { name.to_owned() } else { folder.join(name).display().to_string() };
    let names = documents_in(folder);
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    if let Some(near) = did_you_mean(&wanted, names.iter().map(String::as_str)) {
        return failure.help(format!("did you mean `{}`?", shown(near)));
    }
    let listed: Vec<String> = names.iter().take(3).map(|name| format!("`{}`", shown(name))).collect();
    match listed.is_empty() {
        true => failure.help("no YAML or JSON file is in that folder"),
        false => failure.help(format!("in that folder: {}", listed.join(", "))),
    }
}
