//! Making what is served out of what was typed: at the start, and once more whenever a file has changed.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Keeping, MockArgs};
use super::config;
use super::exit::{Exit, Failure};
use super::load::{Placed, Sources, Subject, is_bundled};
use super::mock::{Flags, options};
use super::plan::Plan;
use super::resources;
use super::stories::{Scenarios, Seeds, Shelf};
use crate::contract::{BasePath, Contract};
use crate::finding::{Finding, Place, Severity};
use crate::mock::{Mock, Options};
use crate::scenario::Scenario;

/// All that a version is made from. Files are read whenever one is made; what can be had once only is kept.
pub(super) struct Recipe {
    placed: Vec<Placed>,
    base_path: BasePath,
    folder: Option<PathBuf>,
    asked: Vec<String>,
    flags: Flags,
    seeds: Seeds,
    options: Options,
    keeping: Keeping,
    /// The files that say what was not typed.
    settings: Vec<PathBuf>,
    /// What can be changed by a new start only, as it was typed.
    fixed: Vec<Set>,
    /// What holds as soon as it is changed.
    pub(super) live: Vec<Set>,
    pub(super) sources: Sources,
}

/// What can be served, and what there is to say of it.
pub(super) struct Version {
    pub(super) subject: Subject,
    pub(super) contract: Arc<Contract>,
    pub(super) shelf: Shelf,
    pub(super) mock: Mock,
    /// The scenario that flags stand for.
    pub(super) yaml: Option<String>,
    /// What is wrong, as far as it is known before everything is compiled.
    pub(super) findings: Vec<Finding>,
}

/// A setting by the name of its flag, and how it is set.
pub(super) type Set = (&'static str, String);

/// Settings that are others than they were, by the names of their flags.
#[derive(Debug, Default)]
pub(super) struct Otherwise {
    /// Those that hold from now on.
    pub(super) now: Vec<&'static str>,
    /// Those that take a new start.
    pub(super) later: Vec<&'static str>,
}

impl Recipe {
    /// # Errors
    /// When what was typed cannot be understood.
    pub(super) fn new(args: &MockArgs, plan: &Plan) -> Result<Recipe, Failure> {
        let flags = Flags::read(args)?;
        let placed = Placed::all(&args.documents)?;
        let hidden = |placed: &&Placed| is_below(&placed.path, &args.admin_prefix);
        if let Some(hidden) = placed.iter().find(hidden) {
            let sentence = format!("`{}` is where the server answers for itself, and places a document", hidden.path);
            return Err(Failure::usage(sentence)
                .help("place it elsewhere, or move the server's own pages: `--admin-prefix /own`"));
        }
        Ok(Recipe {
            placed,
            base_path: args.base_path.clone().unwrap_or_default(),
            folder: args.folder.clone(),
            asked: args.scenarios.clone(),
            flags,
            seeds: if plan.seed_given { Seeds::OfTheRun } else { Seeds::OfScenarios },
            options: options(args, plan),
            keeping: args.keeping.clone(),
            settings: config::files(plan.config.as_deref()),
            fixed: vec![
                ("port", args.port.to_string()),
                ("host", format!("{:?}", args.host)),
                ("admin-prefix", args.admin_prefix.clone()),
                ("record", format!("{:?}", args.record)),
                ("no-watch", args.no_watch.to_string()),
                ("log", format!("{:?}", plan.log)),
            ],
            live: live(args, plan),
            sources: Sources::new(&args.reading),
        })
    }

    /// The same with other settings, but for what takes a new start: what of that is set otherwise is returned.
    ///
    /// # Errors
    /// When they cannot be understood.
    pub(super) fn change(&mut self, args: &MockArgs, plan: &Plan) -> Result<Vec<&'static str>, Failure> {
        let mut new = Recipe::new(args, plan)?;
        let later = differing(&new.fixed, &self.fixed);
        new.options.admin_prefix.clone_from(&self.options.admin_prefix);
        new.fixed.clone_from(&self.fixed);
        std::mem::swap(&mut new.sources, &mut self.sources);
        new.sources.read_as(&args.reading);
        *self = new;
        Ok(later)
    }

    /// Whether a file is one of the documents.
    pub(super) fn is_root(&self, path: &Path) -> bool {
        self.placed.iter().any(|placed| placed.input.file() == Some(path))
    }

    /// How many documents there are.
    pub(super) fn documents(&self) -> usize {
        self.placed.len()
    }

    /// Reads all files there are, and compiles what they say as far as serving needs.
    ///
    /// # Errors
    /// When a document or a scenario that was asked for cannot be used.
    pub(super) fn make(&mut self, stdin: &mut dyn Read) -> Result<Version, Failure> {
        self.sources.begin();
        self.settings.iter().for_each(|file| self.sources.inputs.file(file));
        // What cannot be read may be there the next time.
        self.placed.iter().filter_map(|placed| placed.input.file()).for_each(|file| self.sources.inputs.file(file));
        let shelf = Shelf::of(is_bundled(&self.placed), self.folder.as_deref(), &self.sources.inputs)?;
        let subject = Subject::load(self.placed.clone(), &self.base_path, &mut self.sources, stdin)?;
        let contract = subject.usable()?.clone();
        let mut scenarios = Scenarios::read(&shelf, &self.asked, &contract, self.seeds, &self.sources.inputs)?;
        let yaml = self.flags.activate(&mut scenarios, &contract)?;
        self.keeping.file().into_iter().for_each(|file| self.sources.inputs.file(file));
        let stateful = resources::stateful(&self.keeping, &contract)?;
        let options = Options { stateful, ..self.options.clone() };
        let (mut mock, merges) =
            Mock::new(contract.clone(), options.clone(), scenarios.known.clone(), scenarios.active.clone());
        // What is an error in one of them shows only now that it is tried: it is not carried out at all.
        let broken = |scenario: &Arc<Scenario>| merges.iter().any(|finding| is_error_in(finding, scenario));
        if let Some(scenario) = scenarios.active.iter().find(|scenario| broken(scenario)) {
            let own = merges.iter().filter(|finding| is_error_in(finding, scenario)).cloned().collect();
            let failure = Failure::new(Exit::Unusable, format!("the scenario `{}` cannot be used", scenario.name));
            return Err(failure.because(own, format!("standin lint {}", scenario.source.name())));
        }
        if scenarios.known.iter().any(broken) {
            scenarios.known.retain(|scenario| !broken(scenario));
            mock = Mock::new(contract.clone(), options, scenarios.known, scenarios.active).0;
        }
        let mut findings = subject.findings.clone();
        findings.extend(hidden(&contract, &self.options.admin_prefix));
        findings.extend(scenarios.findings.into_iter().chain(merges));
        Ok(Version { subject, contract, shelf, mock, yaml, findings })
    }

    /// The files and folders that were read last, the documents first; files of a folder that is one of them left out.
    pub(super) fn files(&self) -> Vec<String> {
        let mut there = self.sources.inputs.there();
        let folders: Vec<PathBuf> = there.iter().filter(|path| path.is_dir()).cloned().collect();
        there.retain(|path| !folders.iter().any(|folder| path.parent() == Some(folder)));
        there.sort_by_key(|path| !self.is_root(path));
        let shown = |path: PathBuf| match folders.contains(&path) {
            true => format!("{}/", path.display()),
            false => path.display().to_string(),
        };
        there.into_iter().map(shown).collect()
    }
}

/// Whether a finding is an error in a scenario, or in a file that it includes.
fn is_error_in(finding: &Finding, scenario: &Scenario) -> bool {
    let place = finding.place.as_ref().filter(|_| finding.severity == Severity::Error);
    place.is_some_and(|place| {
        std::iter::once(&scenario.source).chain(&scenario.included).any(|source| Arc::ptr_eq(source, &place.source))
    })
}

/// The names of what is not as it was.
pub(super) fn differing(new: &[Set], old: &[Set]) -> Vec<&'static str> {
    new.iter().zip(old).filter(|(new, old)| new != old).map(|((name, _), _)| *name).collect()
}

/// What of the settings holds as soon as it is changed, by the names of flags.
fn live(args: &MockArgs, plan: &Plan) -> Vec<Set> {
    vec![
        ("documents", format!("{:?}", args.documents)),
        ("base-path", format!("{:?}", args.base_path)),
        ("scenario", format!("{:?}", args.scenarios)),
        ("scenarios", format!("{:?}", args.folder)),
        ("delay", format!("{:?}", args.delay)),
        ("fail", format!("{:?}", args.fail)),
        ("stateful", format!("{:?}", args.keeping)),
        ("seed", plan.seed.to_string()),
        ("no-auth", args.no_auth.to_string()),
        ("no-cors", args.no_cors.to_string()),
        ("plain", args.plain.to_string()),
        ("dynamic", args.dynamic.to_string()),
        ("examples", format!("{:?}", args.examples)),
        ("require-session", args.require_session.to_string()),
        ("sessions", args.sessions.to_string()),
        ("session-idle", format!("{:?}", args.session_idle)),
    ]
}

/// Whether a path lies where the server answers for itself.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The operations that nobody can call, because the server answers for itself there.
fn hidden(contract: &Contract, prefix: &str) -> Option<Finding> {
    let heads = contract.heads().iter().enumerate();
    let mut below =
        heads.filter(|(index, head)| is_below(&format!("{}{}", contract.base_path(*index), head.template), prefix));
    let (_, first) = below.next()?;
    let more = match below.count() {
        0 => "lies".to_owned(),
        1 => "and another one lie".to_owned(),
        more => format!("and {more} others lie"),
    };
    let sentence = format!("`{}` {more} below {prefix}, where the mock answers for itself", first.key);
    let place = Place::of_key(&first.at.document, &first.at.pointer);
    Some(
        Finding::new("hidden-operation", sentence)
            .at(Some(place))
            .help("move the mock's own pages: `--admin-prefix /own`"),
    )
}
