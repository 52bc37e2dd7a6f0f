//! Scenarios of a run: those of the folder, those in the binary, and the ones that were asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::{Exit, Failure};
use super::inputs::Inputs;
use super::load::documents_in;
use crate::contract::Contract;
use crate::document::{Document, Files, Refusal, Retrieve, Source};
use crate::finding::{Finding, Place, did_you_mean};
use crate::scenario::{Scenario, shipped};

/// The folder that scenarios are found in unless another is named.
pub(crate) const FOLDER: &str = "scenarios";
/// The bytes of a scenario's file that are read at most.
const LIMIT: u64 = 1 << 20;
/// The files of the folder that are read at most.
const FILES: usize = 1000;

/// A scenario's text, before it is held to a document.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    /// What it calls itself, or else its file.
    pub(crate) name: String,
    /// What happens in it, in a sentence; may be empty.
    pub(crate) summary: String,
    /// The text.
    pub(crate) source: Arc<Source>,
    /// The file it is in, unless it is in the binary.
    file: Option<PathBuf>,
}

/// The files of a scenario's folder; tells which are asked for.
struct Beside<'a> {
    files: Files,
    folder: &'a Path,
    asked: &'a dyn Fn(&Path),
}

impl Retrieve for Beside<'_> {
    fn get(&self, path: &str) -> Result<String, Refusal> {
        (self.asked)(&self.folder.join(path));
        self.files.get(path)
    }
}

impl Story {
    fn new(source: Arc<Source>) -> Story {
        let document = Document::read(source.clone()).document;
        let text = |key: &str| document.as_ref()?.root().get(key)?.as_str().map(str::to_owned);
        let name = text("scenario").unwrap_or_else(|| stem(source.name()).to_owned());
        let summary: Vec<String> = text("summary").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        Story { name, summary: summary.join(" "), source, file: None }
    }

    /// The scenario, held to a contract; `asked` hears of every file that it asks for, be it there or not.
    pub(crate) fn read(&self, contract: &Contract, asked: &dyn Fn(&Path)) -> (Option<Scenario>, Vec<Finding>) {
        let Some(file) = &self.file else { return Scenario::read(&self.source, contract) };
        let folder = file.parent().unwrap_or(Path::new(""));
        Scenario::read_with(&self.source, &Beside { files: Files::beside(file), folder, asked }, contract)
    }

    /// What is wrong with it as a file for others to include.
    pub(crate) fn check_store(&self, contract: &Contract) -> Vec<Finding> {
        let files = self.file.as_deref().map(Files::beside);
        files.map(|files| Scenario::check_store(&self.source, &files, contract)).unwrap_or_default()
    }

    /// Whether it is there for what others include, and tells nothing itself.
    pub(crate) fn is_store(&self) -> bool {
        self.has_one_of(&["replies", "include"])
    }

    /// Whether it has one of these keys, and is neither a scenario nor a document.
    fn has_one_of(&self, keys: &[&str]) -> bool {
        let document = Document::read(self.source.clone()).document;
        let has = |key: &&str| document.as_ref().is_some_and(|document| document.root().get(key).is_some());
        keys.iter().any(has) && !["scenario", "on", "steps", "openapi", "swagger"].iter().any(has)
    }

    /// The story of a file.
    ///
    /// # Errors
    /// When its text cannot be had.
    pub(crate) fn of_file(path: &Path) -> Result<Story, Failure> {
        let text = text(path).map_err(|why| unusable(path, &why))?;
        Ok(Story { file: Some(path.to_owned()), ..Story::new(Source::new(path.display().to_string(), text)) })
    }

    /// The stories in the binary, which belong to the bundled document.
    pub(crate) fn shipped() -> Vec<Story> {
        shipped().iter().map(|(name, text)| Story::new(Source::new(format!("{name}.yaml"), *text))).collect()
    }

    /// The stories of a folder; what is not readable is left out.
    pub(crate) fn of_folder(folder: &Path, inputs: &Inputs) -> Vec<Story> {
        inputs.folder(folder);
        let files = documents_in(folder).into_iter().take(FILES).map(|name| folder.join(name));
        let files = files.inspect(|file| inputs.file(file));
        files
            .filter_map(|path| Story::of_file(&path).ok())
            .filter(|story| !story.has_one_of(&["replies", "include", "$schema"]))
            .collect()
    }
}

/// Where a run looks for scenarios.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    /// Those of the folder, then those in the binary if they fit.
    stories: Vec<Story>,
    /// How many of them are of the folder.
    own: usize,
    folder: PathBuf,
    bundled: bool,
}

impl Shelf {
    /// The scenarios that a document can be served with: of the folder named, or of `scenarios` here, and with the bundled
    /// document those in the binary.
    ///
    /// # Errors
    /// When a folder is named that is not there.
    pub(crate) fn of(bundled: bool, folder: Option<&Path>, inputs: &Inputs) -> Result<Shelf, Failure> {
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let failure = Failure::new(Exit::Unusable, format!("no such folder: `{}`", folder.display()));
            return Err(failure.help("`--scenarios` takes the folder that scenarios are in"));
        }
        let mut stories = Vec::new();
        // What lies beside is about another document than the bundled one, as a rule.
        if folder.is_some() || !bundled {
            stories = Story::of_folder(folder.unwrap_or(Path::new(FOLDER)), inputs);
        }
        let own = stories.len();
        if bundled {
            stories.append(&mut Story::shipped());
        }
        Ok(Shelf { stories, own, folder: folder.unwrap_or(Path::new(FOLDER)).to_owned(), bundled })
    }

    /// The story that was asked for, by name or file.
    ///
    /// # Errors
    /// When there is none, with the nearest name.
    pub(crate) fn find(&self, asked: &str, inputs: &Inputs) -> Result<Story, Failure> {
        let path = Path::new(asked);
        if path.is_file() || asked.contains(['/', '\\']) || asked.ends_with(".yaml") || asked.ends_with(".yml") {
            inputs.file(path);
            return Story::of_file(path);
        }
        let beside = ["yaml", "yml"].map(|ending| self.folder.join(format!("{asked}.{ending}")));
        beside.iter().for_each(|file| inputs.file(file));
        if let Some(file) = beside.iter().find(|file| file.is_file()) {
            return Story::of_file(file);
        }
        if let Some(story) = self.stories.iter().find(|story| story.name == asked) {
            return Ok(story.clone());
        }
        if let Some((_, text)) = shipped().iter().find(|(name, _)| *name == asked).filter(|_| !self.bundled) {
            let sentence = format!("the scenario `{asked}` belongs to the bundled document");
            let mut failure = Failure::new(Exit::Unusable, sentence).help(format!(
                "save it as {FOLDER}/{asked}.yaml, name operations of your document in it, and ask again:"
            ));
            failure.quote = Some((*text).to_owned());
            return Err(failure);
        }
        let failure = Failure::new(Exit::Unusable, format!("no scenario is called `{asked}`"));
        let names = self.stories.iter().map(|story| story.name.as_str());
        Err(match did_you_mean(asked, names) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None if self.stories.is_empty() => {
                failure.help(format!("none is in the folder `{}`", self.folder.display()))
            }
            None => failure.help(format!("known: {}", self.names().join(", "))),
        })
    }

    /// Warnings about files of the folder that nobody can ask for by name, because another has it.
    fn shadowed(&self) -> Vec<Finding> {
        let own = &self.stories[..self.own];
        let twice = own.iter().enumerate().filter_map(|(index, story)| {
            let first = own[..index].iter().find(|first| first.name == story.name)?;
            let document = Document::read(story.source.clone()).document?;
            let sentence = format!("another scenario is called `{}` too: {}", story.name, first.source.name());
            Some(Finding::new("scenario-name", sentence).at(Some(Place::of(&document, "/scenario"))))
        });
        twice.map(|finding| finding.help("this one cannot be asked for by its name: give it another")).collect()
    }

    /// Whether all of them are in the binary.
    pub(crate) fn is_shipped(&self) -> bool {
        self.own == 0
    }

    /// The names of all of them.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.stories.iter().map(|story| story.name.as_str()).collect()
    }
}

/// Whose seed counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seeds {
    /// A scenario's own, where it has one.
    OfScenarios,
    /// That of the run, because it was named on the command line.
    OfTheRun,
}

impl Seeds {
    fn apply(self, (mut scenario, findings): (Option<Scenario>, Vec<Finding>)) -> (Option<Scenario>, Vec<Finding>) {
        if let (Seeds::OfTheRun, Some(scenario)) = (self, &mut scenario) {
            scenario.seed = None;
        }
        (scenario, findings)
    }
}

/// Scenarios, held to a document.
#[derive(Debug, Default)]
pub(crate) struct Scenarios {
    /// All that a request can ask for.
    pub(crate) known: Vec<Arc<Scenario>>,
    /// Those that apply unasked, in order.
    pub(crate) active: Vec<Arc<Scenario>>,
    /// What is wrong with those that do not apply unasked, and warnings.
    pub(crate) findings: Vec<Finding>,
}

impl Scenarios {
    /// Holds the scenarios of a shelf to a contract. What is wrong with one that was not asked for is a finding, no failure.
    ///
    /// # Errors
    /// When one that was asked for is not there or cannot be used.
    pub(crate) fn read(
        shelf: &Shelf,
        asked: &[String],
        contract: &Contract,
        seeds: Seeds,
        inputs: &Inputs,
    ) -> Result<Scenarios, Failure> {
        let mut scenarios = Scenarios::default();
        for name in asked {
            let story = shelf.find(name, inputs)?;
            scenarios.activate(seeds.apply(story.read(contract, &|file| inputs.file(file))), &story.name)?;
        }
        scenarios.findings.extend(shelf.shadowed());
        for story in &shelf.stories {
            if scenarios.known.iter().any(|known| *known.name == *story.name) {
                continue;
            }
            let (scenario, findings) = seeds.apply(story.read(contract, &|file| inputs.file(file)));
            scenarios.known.extend(scenario.map(Arc::new));
            scenarios.findings.extend(findings);
        }
        Ok(scenarios)
    }

    /// Adds a scenario that applies unasked.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) fn activate(&mut self, read: (Option<Scenario>, Vec<Finding>), name: &str) -> Result<(), Failure> {
        let (scenario, findings) = read;
        let Some(scenario) = scenario else {
            let failure = Failure::new(Exit::Unusable, format!("the scenario `{name}` cannot be used"));
            return Err(failure.because(findings, format!("standin explain {name}, once these are mended")));
        };
        if let Some(known) = self.active.iter().find(|known| known.name == scenario.name) {
            if known.source.text() == scenario.source.text() {
                return Ok(());
            }
            let (one, other) = (known.source.name(), scenario.source.name());
            let sentence = format!("two scenarios are called `{}`: {one} and {other}", scenario.name);
            return Err(Failure::new(Exit::Unusable, sentence).help("give one another name: counters go by it"));
        }
        let scenario = Arc::new(scenario);
        self.known.push(scenario.clone());
        self.active.push(scenario);
        self.findings.extend(findings);
        Ok(())
    }
}

fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

fn text(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("no regular file".to_owned());
    }
    if metadata.len() > LIMIT {
        return Err(format!("longer than {} MiB", LIMIT >> 20));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "not UTF-8 text".to_owned())
}

fn unusable(path: &Path, why: &str) -> Failure {
    let name = path.display();
    if path.exists() {
        return Failure::new(Exit::Unusable, format!("the scenario `{name}` cannot be read: {why}"));
    }
    let failure = Failure::new(Exit::Unusable, format!("no such scenario file: `{name}`"));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let names = documents_in(folder);
    match did_you_mean(&wanted, names.iter().map(String::as_str)) {
        Some(near) if folder == Path::new(".") => failure.help(format!("did you mean `{near}`?")),
        Some(near) => failure.help(format!("did you mean `{}`?", folder.join(near).display())),
        None => failure.help("`standin explain` lists the scenarios that can be had by name"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Inputs, Scenarios, Seeds, Shelf, Story};
    use crate::cli::load::{Input, Subject};

    #[test]
    fn the_shipped_scenarios_fit_the_bundled_document() {
        let subject = Subject::one(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        let contract = subject.usable().unwrap();
        let shelf = Shelf::of(true, None, &Inputs::default()).unwrap();
        let asked: Vec<String> = shelf.names().into_iter().map(str::to_owned).collect();
        assert!(asked.len() >= 8);
        let scenarios = Scenarios::read(&shelf, &asked, contract, Seeds::OfScenarios, &Inputs::default()).unwrap();
        assert_eq!(scenarios.active.len(), asked.len());
        let findings = crate::report::list(&scenarios.findings, 20, "");
        assert!(scenarios.findings.is_empty(), "{findings}");
        assert!(Story::shipped().iter().all(|story| !story.summary.is_empty()));
    }

    #[test]
    fn a_seed_on_the_command_line_counts_more_than_that_of_a_scenario() {
        let folder = std::env::temp_dir().join(format!("standin-seeds-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("seeded.yaml");
        std::fs::write(&file, "scenario: seeded\nseed: 9\non: { '*': [{ chance: 50%, reply: 502 }] }\n").unwrap();
        let subject = Subject::one(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        let shelf = Shelf::of(true, None, &Inputs::default()).unwrap();
        let asked = [file.display().to_string()];
        let seed = |seeds| {
            let read = Scenarios::read(&shelf, &asked, subject.usable().unwrap(), seeds, &Inputs::default()).unwrap();
            read.active[0].seed
        };
        let (own, given) = (seed(Seeds::OfScenarios), seed(Seeds::OfTheRun));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((own, given), (Some(9), None));
    }

    #[test]
    fn two_of_one_name_are_told() {
        let folder = std::env::temp_dir().join(format!("standin-names-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |file: &str, reply: &str| {
            let file = folder.join(file);
            std::fs::write(&file, format!("scenario: one\non: {{ get_org: [{{ reply: {reply} }}] }}\n")).unwrap();
            file.display().to_string()
        };
        let (a, b) = (write("a.yaml", "404"), write("b.yaml", "409"));
        let subject = Subject::one(Input::Bundled, &Default::default(), &mut std::io::empty()).unwrap();
        let shelf = Shelf::of(true, Some(&folder), &Inputs::default()).unwrap();
        let read = |asked: &[&String]| {
            let asked: Vec<String> = asked.iter().map(|asked| (*asked).clone()).collect();
            Scenarios::read(&shelf, &asked, subject.usable().unwrap(), Seeds::OfScenarios, &Inputs::default())
        };
        let twice = read(&[&a, &a]).unwrap();
        let clash = read(&[&a, &b]).unwrap_err().text().to_string();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!shelf.is_shipped());
        assert_eq!(twice.active.len(), 1);
        let warned: Vec<&str> = twice.findings.iter().map(|finding| finding.rule.id).collect();
        assert_eq!(warned, ["scenario-name"]);
        assert!(clash.starts_with("error: two scenarios are called `one`: "), "{clash}");
    }

    #[test]
    fn a_name_that_nothing_has_is_told_the_nearest() {
        let shelf = Shelf::of(true, None, &Inputs::default()).unwrap();
        insta::assert_snapshot!(shelf.find("throtled-then-recovers", &Inputs::default()).unwrap_err().text(), @r"
        error: no scenario is called `throtled-then-recovers`
        help: did you mean `throttled-then-recovers`?
        ");
    }

    #[test]
    fn a_shipped_one_does_not_fit_another_document_and_is_shown_to_adapt() {
        // A folder without scenarios.
        let shelf = Shelf::of(false, Some("src".as_ref()), &Inputs::default()).unwrap();
        let said = shelf.find("upstream-flaky", &Inputs::default()).unwrap_err().text().to_string();
        assert!(
            said.starts_with("error: the scenario `upstream-flaky` belongs to the bundled document\nhelp: save it as")
        );
        assert!(said.contains("\n    scenario: upstream-flaky\n"), "{said}");
    }
}
