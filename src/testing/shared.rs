//! Documents that were opened in this process: each is read and compiled once, however many tests use it.

use std::collections::VecDeque;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Error;
use crate::contract::{BasePath, Contract};
use crate::document::{Documents, Files, Problem, Refusal, Retrieve, Source};
use crate::finding::Finding;

/// The documents that are kept at most; the one that was opened first goes first.
const MOST: usize = 16;

/// What was opened. Tests of one process share it, and it answers as reading anew would: texts are compared each time.
static OPENED: Mutex<VecDeque<Opened>> = Mutex::new(VecDeque::new());

/// A document and what it was made from.
struct Opened {
    path: PathBuf,
    /// Every text that was asked for, and what was given.
    texts: Vec<(String, u64)>,
    contract: Arc<Contract>,
}

/// The texts that a document reaches, each noted.
struct Noted<'f> {
    files: &'f Files,
    texts: Mutex<Vec<(String, u64)>>,
}

impl Retrieve for Noted<'_> {
    fn get(&self, path: &str) -> Result<String, Refusal> {
        let got = self.files.get(path);
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), digest(&got)));
        got
    }
}

fn digest(got: &Result<String, Refusal>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match got {
        Ok(text) => text.hash(&mut hasher),
        Err(_) => 0_u8.hash(&mut hasher),
    }
    hasher.finish()
}

/// The contract of the document in a file. What is wrong with it, as far as it can be served nevertheless, is left to `standin lint`.
///
/// # Errors
/// When it cannot be read, or is no OpenAPI document.
pub(super) fn contract(file: &Path) -> Result<Arc<Contract>, Error> {
    let path = fs::canonicalize(file).map_err(|error| {
        let error = Error::new(format!("no document can be read at `{}`: {error}", file.display()));
        error.help("a relative path starts where the tests run, which is the package's folder under `cargo test`")
    })?;
    let files = Files::beside(&path);
    // Held while it is compiled: who asks for the same one waits for it.
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |known: &Opened| known.texts.iter().all(|(name, before)| digest(&files.get(name)) == *before);
    if let Some(at) = opened.iter().position(|known| known.path == path) {
        if same(&opened[at]) {
            return Ok(opened[at].contract.clone());
        }
        opened.remove(at);
    }
    let noted = Noted { files: &files, texts: Mutex::default() };
    // Messages name the file as it was given; the texts are looked for beside it.
    let loaded = Documents::load(&file.display().to_string(), &noted);
    let contract = compiled(loaded.documents, loaded.problems, &file.display().to_string())?;
    if opened.len() >= MOST {
        opened.pop_front();
    }
    let texts = noted.texts.into_inner().unwrap_or_else(PoisonError::into_inner);
    opened.push_back(Opened { path, texts, contract: contract.clone() });
    Ok(contract)
}

/// The contract of documents that were read.
///
/// # Errors
/// When there is none.
pub(super) fn compiled(
    documents: Option<Documents>,
    problems: Vec<(Arc<Source>, Problem)>,
    name: &str,
) -> Result<Arc<Contract>, Error> {
    let mut findings: Vec<Finding> = problems.iter().map(|(source, problem)| Finding::of(source, problem)).collect();
    let contract = documents.and_then(|documents| {
        let (contract, found) = Contract::load(Arc::new(documents), &BasePath::default());
        findings.extend(found);
        contract
    });
    contract.map(Arc::new).ok_or_else(|| Error::new(format!("the document `{name}` cannot be used")).because(findings))
}

/// The contract of a document by its text.
///
/// # Errors
/// When there is none.
pub(super) fn text(name: &str, text: &str) -> Result<Arc<Contract>, Error> {
    let only = |path: &str| if path == name { Ok(text.to_owned()) } else { Err(Refusal::Outside) };
    let loaded = Documents::load(name, &only);
    compiled(loaded.documents, loaded.problems, name)
}
