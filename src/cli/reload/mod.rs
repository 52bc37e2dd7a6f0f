//! Following changes of files: a version is made beside the one that serves, and takes its place when it is whole.
//!
//! What belongs here: when a version is made, whether it may take the place of the other, and the swap. What is said of it is in
//! [`told`], what is found out about it afterwards in [`afterwards`]. How a version is made is the same as at the start
//! ([`super::version`]).

mod afterwards;
mod told;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::exit::{Exit, Failure};
use super::inputs::{Inputs, any_gone};
use super::mock_again;
use super::plan::Plan;
use super::terminal::Terminal;
use super::version::{Otherwise, Recipe, Set, Version, differing};
use crate::contract::Digests;
use crate::finding::{Finding, Severity};
use crate::message::Moment;
use crate::mock::Mock;
use crate::server::{Clock, Service, SystemClock, Watch, WatchEnd, Woken};
use afterwards::Afterwards;
use told::{Stories, Told};

/// How long a file that has gone is waited for: whoever saves may take it away first.
const GONE: Duration = Duration::from_millis(300);

/// How long a text that cannot be used is given to become whole: it may be written piece by piece.
const PIECES: Duration = Duration::from_millis(40);

/// How often a version is made at most before one is told of, where files change all the while.
const ATTEMPTS: usize = 20;
/// How long something broken that goes on changing is not told: it is being written.
const FLUX: Duration = Duration::from_secs(3);

/// All that it takes.
pub(super) struct Reload {
    pub(super) recipe: Recipe,
    pub(super) service: Service,
    pub(super) clock: SystemClock,
    pub(super) terminal: Terminal,
    pub(super) plan: Plan,
    /// What was typed: it may mean something else with other settings.
    pub(super) words: Vec<OsString>,
    /// The command that tells all that is wrong.
    pub(super) lint: String,
}

impl Reload {
    /// Follows changes until what this returns is dropped. `findings` are those of the version that serves.
    pub(super) fn start(self, findings: Vec<Finding>) -> Option<WatchEnd> {
        let (watch, end) = Watch::new();
        let Reload { mut recipe, service, clock, terminal, plan, words, lint } = self;
        let told = Told { terminal, plan, lint };
        let inputs = recipe.sources.take_inputs();
        let follower = Follower {
            since: clock.now(),
            served: inputs.there(),
            waiting: Vec::new(),
            afterwards: Afterwards::new(service.mock().contract().clone(), findings.clone(), told.clone()),
            inputs,
            documents: recipe.documents(),
            live: recipe.live.clone(),
            words,
            recipe,
            service,
            clock,
            told,
            watch,
            findings,
            digests: None,
        };
        // Without a thread changes are not followed; everything else goes on.
        thread::Builder::new().name("reload".to_owned()).spawn(move || follower.run()).ok()?;
        Some(end)
    }
}

/// A file that the version that serves was made of is not there.
fn gone(file: &Path) -> Failure {
    let failure = Failure::new(Exit::Unusable, format!("`{}` is gone, and is referred to", file.display()));
    failure.help("put it back, or take away what refers to it")
}

/// What follows the files.
struct Follower {
    recipe: Recipe,
    words: Vec<OsString>,
    /// How many documents the version that serves is made of, or would be.
    documents: usize,
    service: Service,
    clock: SystemClock,
    told: Told,
    watch: Watch,
    /// What the version that was made last depends on, and the one that serves.
    inputs: Inputs,
    /// The files that the version that serves was made of.
    served: Vec<PathBuf>,
    /// Those that have changed since, in versions that were refused.
    waiting: Vec<PathBuf>,
    /// When it began to serve.
    since: Moment,
    /// What was known to be wrong with it then.
    findings: Vec<Finding>,
    /// The settings that it serves by.
    live: Vec<Set>,
    /// What it says of each operation; found out when there is another to compare it with.
    digests: Option<Digests>,
    afterwards: Afterwards,
}

/// It is over.
struct Over;

impl Follower {
    fn run(mut self) {
        self.watch.over(&self.inputs.watched());
        if let Some((why, often)) = self.watch.trouble() {
            self.told.unwatched(why, often);
        }
        // What changed since it was read, before anybody watched.
        let mut changed = self.inputs.changed();
        loop {
            while changed.is_empty() {
                match self.watch.wait() {
                    Woken::Stopped => return,
                    Woken::Time if !self.inputs.may_have_changed() => continue,
                    Woken::Told | Woken::Time => {}
                }
                // Folders and links on the way may be others now.
                self.watch.over(&self.inputs.watched());
                changed = self.inputs.changed();
            }
            let followed = self.wait_for(&mut changed).and_then(|()| self.follow(&mut changed));
            if followed.is_err() {
                return;
            }
            changed.clear();
        }
    }

    /// Waits for files that have gone, as they are mostly on their way back.
    fn wait_for(&mut self, changed: &mut Vec<PathBuf>) -> Result<(), Over> {
        let began = self.clock.now();
        while any_gone(changed) && self.clock.now().since(began) < GONE {
            self.pause(GONE / 12)?;
            self.watch.over(&self.inputs.watched());
            *changed = self.inputs.changed();
        }
        Ok(())
    }

    fn pause(&mut self, moment: Duration) -> Result<(), Over> {
        if self.watch.pause(moment) { Err(Over) } else { Ok(()) }
    }

    /// Makes a version and serves it, or tells why not.
    fn follow(&mut self, changed: &mut Vec<PathBuf>) -> Result<(), Over> {
        let began = self.clock.now();
        for attempt in 1.. {
            if changed.is_empty() {
                // All is as it was.
                return Ok(());
            }
            let made = self.make();
            let inputs = self.recipe.sources.take_inputs();
            let made = made.and_then(|(version, later)| Ok((self.may_serve(version, &inputs)?, later)));
            // What follows from a file that is gone is not what is wrong.
            let made = made.map_err(|failure| match inputs.missed(&self.served).first() {
                Some(lost) if !self.recipe.is_root(lost) => gone(lost),
                _ => failure,
            });
            let there = inputs.there();
            inputs.absorb(&self.inputs);
            self.inputs = inputs;
            self.watch.over(&self.inputs.watched());
            let mut more = self.inputs.changed();
            if more.is_empty() && made.is_err() {
                self.pause(PIECES)?;
                more = self.inputs.changed();
            }
            // What is saved over and over is hardly ever met whole.
            let in_flux = made.is_err() && self.clock.now().since(began) < FLUX;
            if !more.is_empty() && (attempt < ATTEMPTS || in_flux) {
                // Of what has changed meanwhile something may have been read and something not.
                more.retain(|file| !changed.contains(file));
                changed.append(&mut more);
                continue;
            }
            match made {
                Ok((version, later)) => self.serve(version, there, changed, later),
                Err(failure) => {
                    self.told.refused(self.clock.now(), self.since, changed, &failure);
                    let waiting = std::mem::take(changed).into_iter().filter(|file| !self.waiting.contains(file));
                    let waiting: Vec<PathBuf> = waiting.collect();
                    self.waiting.extend(waiting);
                }
            }
            return Ok(());
        }
        Ok(())
    }

    /// A version of what is there now, and which settings take a new start.
    fn make(&mut self) -> Result<(Version, Vec<&'static str>), Failure> {
        let (args, plan) = mock_again(&self.words, &self.told.plan)?;
        let later = self.recipe.change(&args, &plan)?;
        Ok((self.recipe.make(&mut io::empty())?, later))
    }

    /// The same version, if nothing is missing in it that the one that serves has. At the start less will do: there is nothing better then.
    fn may_serve(&self, version: Version, inputs: &Inputs) -> Result<Version, Failure> {
        let before = self.service.mock();
        let lint = || self.told.lint.clone();
        let refused = |sentence: String| Failure::new(Exit::Unusable, sentence);
        let is_syntax = |finding: &&Finding| finding.rule.id == "syntax" && finding.severity == Severity::Error;
        let same = |one: &Finding, other: &Finding| {
            let source = |finding: &Finding| finding.place.as_ref().map(|place| place.source.name().to_owned());
            one.sentence == other.sentence && source(one) == source(other)
        };
        let known: Vec<&Finding> = self.findings.iter().filter(is_syntax).collect();
        let found = version.findings.iter().filter(is_syntax);
        let new: Vec<Finding> = found.filter(|new| !known.iter().any(|known| same(new, known))).cloned().collect();
        if !new.is_empty() {
            let s = if new.len() == 1 { "" } else { "s" };
            let sentence = format!("{} syntax error{s} that was not there before", new.len());
            let sentence = if new.len() == 1 { sentence } else { sentence.replace(" was ", " were ") };
            return Err(refused(sentence).because(new, lint()));
        }
        if let Some(lost) = inputs.missed(&self.served).first() {
            return Err(gone(lost));
        }
        if self.recipe.documents() == self.documents
            && version.contract.mounts().len() < before.contract().mounts().len()
        {
            let failure = refused("a document cannot be used that could be before".to_owned());
            return Err(failure.because(version.findings, lint()));
        }
        self.keeps_stories(&before, &version, inputs)?;
        Ok(version)
    }

    /// A scenario whose file is still there is still to be had.
    fn keeps_stories(&self, before: &Mock, version: &Version, inputs: &Inputs) -> Result<(), Failure> {
        let there = inputs.there();
        for story in before.known() {
            let file = story.source.name();
            let kept = version.mock.known().iter().any(|known| known.name == story.name || known.source.name() == file);
            if kept || !there.iter().any(|path| path.display().to_string() == file) {
                continue;
            }
            let of_it = |finding: &&Finding| finding.place.as_ref().is_some_and(|place| place.source.name() == file);
            let findings: Vec<Finding> = version.findings.iter().filter(of_it).cloned().collect();
            let failure = Failure::new(Exit::Unusable, format!("the scenario `{}` cannot be used", story.name));
            let rest = format!("standin explain {}, once these are mended", story.name);
            return Err(failure.because(findings, rest));
        }
        Ok(())
    }

    fn serve(&mut self, version: Version, there: Vec<PathBuf>, changed: &[PathBuf], later: Vec<&'static str>) {
        let before = self.service.mock();
        let Version { contract, mock, findings, .. } = version;
        let known = mock.known().to_vec();
        let seeds = |mock: &Mock| mock.options().stateful.as_ref().map(|kept| format!("{:?}", kept.seeds));
        let reseeded = seeds(&before).is_some_and(|old| seeds(&mock).is_some_and(|new| new != old));
        self.service.swap(mock);
        let otherwise = Otherwise { now: differing(&self.recipe.live, &self.live), later };
        self.live.clone_from(&self.recipe.live);
        self.since = self.clock.now();
        self.served = there;
        let mut files = std::mem::take(&mut self.waiting);
        files.retain(|file| !changed.contains(file));
        files.extend_from_slice(changed);
        files.sort();
        let digests = contract.digests();
        let old = self.digests.take().unwrap_or_else(|| before.contract().digests());
        let stories = Stories::between(before.known(), &known);
        self.told.reloaded(self.since, &files, &old.changes(&digests), &stories, &otherwise, reseeded);
        self.documents = self.recipe.documents();
        self.digests = Some(digests);
        self.findings.clone_from(&findings);
        self.afterwards.look_at(Arc::clone(&contract), findings);
    }
}
