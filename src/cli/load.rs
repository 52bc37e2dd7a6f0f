//! From the name of a document to its text, its tree and what is wrong with it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::{Exit, Failure};
use crate::contract::{BasePath, Contract};
use crate::document::{Document, Documents, Files, Loaded, Problem, ProblemKind, Source};
use crate::finding::{Finding, Place, Severity, did_you_mean};
use crate::mock::unsatisfiable;

/// The bundled invitation API.
const BUNDLED: &str = include_str!("../../fixtures/invitation/openapi.yaml");
/// What standard input is called in messages.
const STDIN: &str = "stdin";
/// The bytes of standard input that are read at most.
pub(crate) const LIMIT: u64 = 64 << 20;
/// The entries of a folder that are looked at for a near name.
const ENTRIES: usize = 2000;

/// Which document a command works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// The one in the binary.
    Bundled,
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The document that was asked for.
    ///
    /// # Errors
    /// When several were, or one on a network.
    pub(crate) fn of(documents: &[PathBuf], command: &str) -> Result<Input, Failure> {
        let document = match documents {
            [] => return Ok(Input::Bundled),
            [document] => document,
            several => {
                let failure = Failure::usage(format!("{} documents were given, and one is used", several.len()));
                let first = several[0].display();
                return Err(failure.help(format!("give one of them: `standin {command} {first}`")));
            }
        };
        let text = document.to_string_lossy();
        if text.starts_with("http://") || text.starts_with("https://") {
            let failure = Failure::usage(format!("`{text}` is not fetched: documents are read from files"));
            return Err(failure.help(format!("curl -s {text} | standin {command} -")));
        }
        Ok(if text == "-" { Input::Stdin } else { Input::File(document.clone()) })
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::Bundled => "bundled:openapi.yaml".to_owned(),
            Input::Stdin => STDIN.to_owned(),
            Input::File(path) => path.display().to_string(),
        }
    }

    /// The arguments that name it on a command line, with a space before them.
    pub(crate) fn argument(&self) -> String {
        match self {
            Input::Bundled => String::new(),
            Input::Stdin => " -".to_owned(),
            Input::File(path) => format!(" {}", path.display()),
        }
    }
}

/// A document as far as it could be loaded.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Which one it is.
    pub(crate) input: Input,
    /// It compiled; `None` where it is no OpenAPI document that is understood.
    pub(crate) contract: Option<Arc<Contract>>,
    /// What is wrong with its texts and with it as a whole.
    pub(crate) findings: Vec<Finding>,
}

impl Subject {
    /// Reads and compiles a document.
    ///
    /// # Errors
    /// When its text cannot be had.
    pub(crate) fn load(input: Input, base_path: &BasePath, stdin: &mut dyn Read) -> Result<Subject, Failure> {
        let loaded = match &input {
            Input::Bundled => single(Source::new(input.name(), BUNDLED)),
            Input::Stdin => single(Source::new(STDIN, standard_input(stdin)?)),
            Input::File(path) => {
                let loaded = Documents::load(&input.name(), &Files::beside(path));
                let missing = loaded.problems.iter().find(|(_, problem)| problem.kind == ProblemKind::Unavailable);
                if let (Some((_, problem)), None) = (missing, &loaded.documents) {
                    return Err(unavailable(path, problem));
                }
                loaded
            }
        };
        let mut findings: Vec<Finding> = loaded.problems.into_iter().map(finding).collect();
        let contract = loaded.documents.and_then(|documents| {
            let (contract, found) = Contract::load(Arc::new(documents), base_path);
            findings.extend(found);
            contract.map(Arc::new)
        });
        Ok(Subject { input, contract, findings })
    }

    /// The contract.
    ///
    /// # Errors
    /// When there is none, with the findings that say why.
    pub(crate) fn usable(&self) -> Result<&Arc<Contract>, Failure> {
        self.contract.as_ref().ok_or_else(|| {
            let sentence = format!("the document `{}` cannot be used", self.input.name());
            let mut findings = self.findings.clone();
            gravest_first(&mut findings);
            Failure::new(Exit::Unusable, sentence).because(findings, format!("standin lint{}", self.input.argument()))
        })
    }

    /// Compiles everything, and gathers all that is wrong.
    pub(crate) fn look_everywhere(&mut self) {
        if let Some(contract) = &self.contract {
            self.findings.extend(contract.findings());
            self.findings.extend(unsatisfiable(contract));
        }
        sort(&mut self.findings);
    }
}

/// Puts findings in the order of the texts; those without a place first.
pub(crate) fn sort(findings: &mut [Finding]) {
    let key = |finding: &Finding| {
        finding.place.as_ref().map(|place| (place.source.name().to_owned(), place.span.start, place.span.end))
    };
    findings.sort_by_cached_key(key);
}

/// Puts the gravest findings first, and those alike in the order of the texts.
pub(crate) fn gravest_first(findings: &mut [Finding]) {
    sort(findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

/// Whether there is a finding at or above a severity.
pub(crate) fn any_at(findings: &[Finding], threshold: Severity) -> bool {
    findings.iter().any(|finding| finding.severity >= threshold)
}

fn single(source: Arc<Source>) -> Loaded {
    let read = Document::read(source.clone());
    let problems = read.problems.into_iter().map(|problem| (source.clone(), problem)).collect();
    Loaded { documents: read.document.map(Documents::single), problems }
}

fn standard_input(stdin: &mut dyn Read) -> Result<String, Failure> {
    let failed = |reason: String| Failure::new(Exit::Unreachable, format!("standard input cannot be read: {reason}"));
    let mut bytes = Vec::new();
    stdin.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LIMIT {
        return Err(failed(format!("longer than {} MiB", LIMIT >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| failed("not UTF-8 text".to_owned()))
}

fn finding((source, problem): (Arc<Source>, Problem)) -> Finding {
    let rule = match problem.kind {
        ProblemKind::Syntax | ProblemKind::Unavailable => "syntax",
        ProblemKind::DuplicateKey => "duplicate-key",
        ProblemKind::Limit => "limits",
    };
    let mut finding = Finding::new(rule, problem.message).at(Some(Place { source, span: problem.span }));
    finding.help = problem.help;
    finding
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

/// The files of a folder that may be documents, by name; those that are likely first.
pub(crate) fn documents_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(ENTRIES).filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        matches!(ending.as_deref(), Some("yaml" | "yml" | "json"))
    });
    names.sort_by_cached_key(|name| (!likely(name), name.clone()));
    names
}

/// Whether a file is called what documents usually are.
pub(crate) fn likely(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("").to_ascii_lowercase();
    matches!(stem.as_str(), "openapi" | "swagger" | "api" | "spec" | "oas")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Input, Subject};
    use crate::contract::BasePath;

    fn input(documents: &[&str]) -> Result<Input, String> {
        let documents: Vec<PathBuf> = documents.iter().map(PathBuf::from).collect();
        Input::of(&documents, "lint").map_err(|failure| failure.text().to_string())
    }

    #[test]
    fn one_document_from_a_file_from_standard_input_or_the_bundled_one() {
        assert_eq!(input(&[]), Ok(Input::Bundled));
        assert_eq!(input(&["-"]), Ok(Input::Stdin));
        assert_eq!(input(&["a.yaml"]), Ok(Input::File("a.yaml".into())));
        insta::assert_snapshot!(input(&["a.yaml", "b.yaml"]).unwrap_err(), @r"
        error: 2 documents were given, and one is used
        help: give one of them: `standin lint a.yaml`
        ");
        insta::assert_snapshot!(input(&["https://example.com/a.yaml"]).unwrap_err(), @r"
        error: `https://example.com/a.yaml` is not fetched: documents are read from files
        help: curl -s https://example.com/a.yaml | standin lint -
        ");
    }

    #[test]
    fn the_bundled_document_has_no_findings() {
        let mut subject = Subject::load(Input::Bundled, &BasePath::Document, &mut std::io::empty()).unwrap();
        subject.look_everywhere();
        let findings = crate::report::list(&subject.findings, 20, "");
        assert!(subject.contract.is_some() && subject.findings.is_empty(), "{findings}");
    }

    #[test]
    fn standard_input_is_a_document_with_findings_of_its_own() {
        let mut text: &[u8] = b"openapi: 3.1.0\ninfo: {title: A\n";
        let subject = Subject::load(Input::Stdin, &BasePath::Document, &mut text).unwrap();
        let first = subject.findings.first().and_then(|finding| finding.place.clone());
        assert!(first.is_some_and(|place| place.source.name() == "stdin"));
        let failure = Subject::load(Input::Stdin, &BasePath::Document, &mut &b"\xff"[..]).unwrap_err();
        assert_eq!(failure.sentence, "standard input cannot be read: not UTF-8 text");
    }
}
