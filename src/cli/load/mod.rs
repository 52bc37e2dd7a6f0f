//! From what was typed to documents, compiled, and what is wrong with them.

mod sources;
mod texts;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Reading;
use super::exit::{Exit, Failure};
use crate::contract::{BasePath, Contract, Mount};
use crate::document::is_address;
use crate::finding::{Finding, Severity};
use crate::mock::unsatisfiable;

pub(crate) use sources::Sources;

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
    /// An address on a network.
    Address(String),
}

impl Input {
    /// The one document that was asked for.
    ///
    /// # Errors
    /// When several were, or one at a place of its own.
    pub(crate) fn of(documents: &[PathBuf], command: &str) -> Result<Input, Failure> {
        let mut placed = Placed::all(documents)?;
        match placed.as_mut_slice() {
            [Placed { path, input }] if path.is_empty() => Ok(std::mem::replace(input, Input::Bundled)),
            [Placed { path, input }] => {
                let failure =
                    Failure::usage(format!("`{path}` places a document, and `standin {command}` has no places"));
                Err(failure.help(format!("give it alone: `standin {command}{}`", input.argument())))
            }
            several => {
                let failure = Failure::usage(format!("{} documents were given, and one is used", several.len()));
                let first = several.first().map(|first| first.input.argument()).unwrap_or_default();
                Err(failure.help(format!("give one of them: `standin {command}{first}`")))
            }
        }
    }

    fn typed(text: &str) -> Input {
        match text {
            "-" => Input::Stdin,
            address if is_address(address) => Input::Address(address.to_owned()),
            file => Input::File(file.into()),
        }
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        if let Input::File(path) = self { Some(path) } else { None }
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::Bundled => "bundled:openapi.yaml".to_owned(),
            Input::Stdin => STDIN.to_owned(),
            Input::File(path) => path.display().to_string(),
            Input::Address(address) => address.clone(),
        }
    }

    /// The arguments that name it on a command line, with a space before them.
    pub(crate) fn argument(&self) -> String {
        match self {
            Input::Bundled => String::new(),
            Input::Stdin => " -".to_owned(),
            Input::File(path) => format!(" {}", path.display()),
            Input::Address(address) => format!(" {address}"),
        }
    }
}

/// A document among several, and where it is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// What comes before all of its paths; empty for the root.
    pub(crate) path: String,
    /// Which document.
    pub(crate) input: Input,
}

impl Placed {
    /// The documents that were asked for: `FILE`, `-`, an address, each with `/mount=` before it or not. None: the bundled one.
    ///
    /// # Errors
    /// When one is given twice, or its place cannot be one.
    pub(crate) fn all(documents: &[PathBuf]) -> Result<Vec<Placed>, Failure> {
        if documents.is_empty() {
            return Ok(vec![Placed { path: String::new(), input: Input::Bundled }]);
        }
        let mut all: Vec<Placed> = Vec::new();
        for document in documents {
            let placed = Placed::one(document)?;
            let twice = |known: &&Placed| {
                known.input == placed.input && (known.path == placed.path || placed.input == Input::Stdin)
            };
            if let Some(known) = all.iter().find(twice) {
                let failure = Failure::usage(format!("`{}` was given twice", known.input.name()));
                return Err(match known.input {
                    Input::Stdin => failure.help("standard input can be read once"),
                    _ => failure.help("give it once, or place it twice: `/one=FILE /two=FILE`"),
                });
            }
            all.push(placed);
        }
        Ok(all)
    }

    fn one(document: &Path) -> Result<Placed, Failure> {
        let text = document.to_string_lossy();
        let root = |input| Placed { path: String::new(), input };
        let Some((path, file)) = text.split_once('=').filter(|(path, _)| path.starts_with('/')) else {
            return Ok(root(Input::typed(&text)));
        };
        // A file may be called like this.
        if document.exists() {
            return Ok(root(Input::File(document.to_owned())));
        }
        let path = path.trim_end_matches('/');
        let known = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        if file.is_empty() || path.contains("//") || !path.chars().all(known) {
            let failure = Failure::usage(format!("`{text}` does not place a document"));
            return Err(failure.help("write `/mount=FILE`: letters, digits, `-`, `_`, `.` and `~` between slashes"));
        }
        Ok(Placed { path: path.to_owned(), input: Input::typed(file) })
    }

    /// As it was typed.
    pub(crate) fn name(&self) -> String {
        match self.path.as_str() {
            "" => self.input.name(),
            path => format!("{path}={}", self.input.name()),
        }
    }

    /// The argument that says so, with a space before it.
    fn argument(&self) -> String {
        match self.path.as_str() {
            "" => self.input.argument(),
            path => format!(" {path}={}", self.input.argument().trim_start()),
        }
    }
}

/// Documents as far as they could be loaded.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Which ones.
    pub(crate) placed: Vec<Placed>,
    /// They compiled; `None` where none of them is an OpenAPI document that is understood.
    pub(crate) contract: Option<Arc<Contract>>,
    /// What is wrong with their texts and with each as a whole.
    pub(crate) findings: Vec<Finding>,
}

impl Subject {
    /// Reads and compiles one document.
    ///
    /// # Errors
    /// When its text cannot be had.
    pub(crate) fn one(input: Input, reading: &Reading, stdin: &mut dyn Read) -> Result<Subject, Failure> {
        let placed = vec![Placed { path: String::new(), input }];
        Subject::load(placed, &BasePath::default(), &mut Sources::new(reading), stdin)
    }

    /// Reads and compiles documents.
    ///
    /// # Errors
    /// When the text of one cannot be had.
    pub(crate) fn load(
        placed: Vec<Placed>,
        base_path: &BasePath,
        sources: &mut Sources,
        stdin: &mut dyn Read,
    ) -> Result<Subject, Failure> {
        let (mut findings, mut mounts) = (Vec::new(), Vec::new());
        for Placed { path, input } in &placed {
            let loaded = texts::load(input, sources, stdin)?;
            findings.extend(loaded.problems.iter().map(|(source, problem)| Finding::of(source, problem)));
            let mount = |documents| Mount::new(Arc::new(documents), path.as_str());
            mounts.extend(
                loaded.documents.map(mount).map(|mount| mount.ignoring_formats(&sources.reading.ignored_formats)),
            );
        }
        let (contract, found) = Contract::of(mounts, base_path);
        findings.extend(found);
        Ok(Subject { placed, contract: contract.map(Arc::new), findings })
    }

    /// The contract.
    ///
    /// # Errors
    /// When there is none, with the findings that say why.
    pub(crate) fn usable(&self) -> Result<&Arc<Contract>, Failure> {
        self.contract.as_ref().ok_or_else(|| {
            let sentence = match self.placed.as_slice() {
                [one] => format!("the document `{}` cannot be used", one.input.name()),
                several => format!("none of the {} documents can be used", several.len()),
            };
            let mut findings = self.findings.clone();
            gravest_first(&mut findings);
            Failure::new(Exit::Unusable, sentence).because(findings, format!("standin lint{}", self.arguments()))
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

    /// Whether it is the bundled document, and no other.
    pub(crate) fn is_bundled(&self) -> bool {
        is_bundled(&self.placed)
    }

    /// What messages call them.
    pub(crate) fn name(&self) -> String {
        let names: Vec<String> = self.placed.iter().map(Placed::name).collect();
        names.join(", ")
    }

    /// The arguments that name them on a command line, each with a space before it.
    pub(crate) fn arguments(&self) -> String {
        self.placed.iter().map(Placed::argument).collect()
    }
}

/// Whether it is the bundled document that was asked for, and no other.
pub(crate) fn is_bundled(placed: &[Placed]) -> bool {
    matches!(placed, [Placed { input: Input::Bundled, .. }])
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

    use super::{Input, Placed, Subject};

    fn input(documents: &[&str]) -> Result<Input, String> {
        let documents: Vec<PathBuf> = documents.iter().map(PathBuf::from).collect();
        Input::of(&documents, "check").map_err(|failure| failure.text().to_string())
    }

    fn placed(words: &str) -> Result<String, String> {
        let documents: Vec<PathBuf> = words.split_whitespace().map(PathBuf::from).collect();
        let placed = Placed::all(&documents).map_err(|failure| failure.text().to_string())?;
        Ok(placed.iter().map(|placed| format!("{} {:?}\n", placed.path, placed.input)).collect())
    }

    #[test]
    fn one_document_from_a_file_from_standard_input_from_an_address_or_the_bundled_one() {
        assert_eq!(input(&[]), Ok(Input::Bundled));
        assert_eq!(input(&["-"]), Ok(Input::Stdin));
        assert_eq!(input(&["a.yaml"]), Ok(Input::File("a.yaml".into())));
        assert_eq!(input(&["https://example.com/a"]), Ok(Input::Address("https://example.com/a".to_owned())));
        insta::assert_snapshot!(input(&["a.yaml", "b.yaml"]).unwrap_err(), @r"
        error: 2 documents were given, and one is used
        help: give one of them: `standin check a.yaml`
        ");
        insta::assert_snapshot!(input(&["/b=b.yaml"]).unwrap_err(), @r"
        error: `/b` places a document, and `standin check` has no places
        help: give it alone: `standin check b.yaml`
        ");
    }

    #[test]
    fn several_documents_each_at_a_place() {
        insta::assert_snapshot!(placed("a.yaml /b=b.yaml /c/d/=- /e=https://example.com/x?y=z /=f.yaml").unwrap(), @r#"
         File("a.yaml")
        /b File("b.yaml")
        /c/d Stdin
        /e Address("https://example.com/x?y=z")
         File("f.yaml")
        "#);
        assert_eq!(placed("/a.yaml x=b.yaml").unwrap(), " File(\"/a.yaml\")\n File(\"x=b.yaml\")\n");
        for twice in ["a.yaml a.yaml", "/a=a.yaml /a=a.yaml", "- /b=-"] {
            assert!(placed(twice).unwrap_err().contains("was given twice"), "{twice}");
        }
        assert!(placed("/one=a.yaml /two=a.yaml").is_ok());
        for wrong in ["/a=", "/a{b}=a.yaml", "/a//b=a.yaml"] {
            assert!(placed(wrong).unwrap_err().contains("write `/mount=FILE`"), "{wrong}");
        }
    }

    #[test]
    fn the_bundled_document_has_no_findings() {
        let mut subject = Subject::one(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        subject.look_everywhere();
        let findings = crate::report::list(&subject.findings, 20, "");
        assert!(subject.contract.is_some() && subject.findings.is_empty(), "{findings}");
    }

    #[test]
    fn standard_input_is_a_document_with_findings_of_its_own() {
        let mut text: &[u8] = b"openapi: 3.1.0\ninfo: {title: A\n";
        let subject = Subject::one(Input::Stdin, &Default::default(), &mut text).unwrap();
        let first = subject.findings.first().and_then(|finding| finding.place.clone());
        assert!(first.is_some_and(|place| place.source.name() == "stdin"));
        let failure = Subject::one(Input::Stdin, &Default::default(), &mut &b"\xff"[..]).unwrap_err();
        assert_eq!(failure.sentence, "standard input cannot be read: not UTF-8 text (line 1); save it as UTF-8");
    }
}
