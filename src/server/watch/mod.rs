//! Files that are watched: being told when one of them may have changed.
//!
//! What belongs here: which folders the system is asked to watch, waiting until it is quiet again, and what is done where the system
//! tells nothing. Which folders those are is in [`lookout`]. Not here: what is in the files; whoever waits compares it.
//!
//! Folders are watched, not files: editors write another file and give it the name, so that a watch on the file would be on what
//! nobody sees any more. Some file systems tell nothing (networks, folders that a container shares with its host), and a system has a
//! limit on watches: so whoever waits is woken from time to time to look for himself.

mod lookout;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// How long nothing may happen until what happened is over: an editor that saves does several things in a row.
const QUIET: Duration = Duration::from_millis(15);

/// How long is waited for that at most: something may change all the time.
const LONGEST: Duration = Duration::from_millis(300);

/// How often one looks for himself where the system tells of changes, and where it does not.
const TOLD: Duration = Duration::from_secs(2);
const UNTOLD: Duration = Duration::from_millis(500);

/// A file, or a folder whose entries count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// A file, there or not.
    File(PathBuf),
    /// A folder, there or not, for what is in it.
    Folder(PathBuf),
}

/// Why somebody who waited was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something may have changed.
    Told,
    /// It is time to look.
    Time,
    /// It is over.
    Stopped,
}

/// A watch on files. Nothing is watched until [`Watch::over`] says what.
#[derive(Debug)]
pub struct Watch {
    shared: Arc<Shared>,
    system: Option<RecommendedWatcher>,
    /// The folders that the system watches, each with what tells it from another of the same path.
    folders: BTreeMap<PathBuf, lookout::Identity>,
    trouble: Option<String>,
}

/// Ends a [`Watch`] when it is dropped: whoever waits is woken.
#[derive(Debug)]
pub struct WatchEnd(Arc<Shared>);

impl Drop for WatchEnd {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.news.notify_all();
    }
}

#[derive(Debug, Default)]
struct Shared {
    stirred: Mutex<Stirred>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Stirred {
    /// The paths whose changes count, as the system calls them.
    paths: HashSet<PathBuf>,
    /// The folders in which any change counts.
    inside: HashSet<PathBuf>,
    changed: bool,
    stopped: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Stirred> {
        self.stirred.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the system tells, on a thread of the system's watcher: only whether it counts is kept, however much there is.
    fn heed(&self, told: notify::Result<Event>) {
        let mut stirred = self.lock();
        let counts = match told {
            Ok(event) => match event.kind {
                // To read a file is no change, and done here after each.
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => stirred.counts(&event),
                EventKind::Access(_) => false,
                _ => event.need_rescan() || stirred.counts(&event),
            },
            // Something was lost.
            Err(_) => true,
        };
        if counts {
            stirred.changed = true;
            drop(stirred);
            self.news.notify_all();
        }
    }
}

impl Stirred {
    fn counts(&self, event: &Event) -> bool {
        let inside = |path: &Path| path.parent().is_some_and(|folder| self.inside.contains(folder));
        event.paths.iter().any(|path| self.paths.contains(path) || inside(path))
    }
}

impl Watch {
    /// A watch, and what ends it.
    pub fn new() -> (Watch, WatchEnd) {
        let shared = Arc::new(Shared::default());
        let heeding = shared.clone();
        let (system, trouble) = match notify::recommended_watcher(move |told| heeding.heed(told)) {
            Ok(system) => (Some(system), None),
            Err(error) => (None, Some(why(&error))),
        };
        let end = WatchEnd(shared.clone());
        (Watch { shared, system, folders: BTreeMap::new(), trouble }, end)
    }

    /// Watches these from now on, and nothing else. What changed before is not told: look once more after this.
    pub fn over(&mut self, watched: &[Watched]) {
        let (mut paths, mut inside, mut folders) = (HashSet::new(), HashSet::new(), BTreeSet::new());
        for watched in watched {
            let (Watched::File(path) | Watched::Folder(path)) = watched;
            let looked = lookout::toward(path);
            for (folder, name) in looked.steps {
                // That it goes or comes counts as well.
                paths.extend([folder.clone(), name]);
                folders.insert(folder);
            }
            if let (Watched::Folder(_), Some(end)) = (watched, looked.end) {
                folders.insert(end.clone());
                inside.insert(end);
            }
        }
        {
            let mut stirred = self.shared.lock();
            (stirred.paths, stirred.inside) = (paths, inside);
        }
        let Some(system) = &mut self.system else { return };
        let kept = |folder: &PathBuf, identity: &lookout::Identity| {
            folders.contains(folder) && *identity == lookout::Identity::of(folder)
        };
        let gone: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|(folder, identity)| !kept(folder, identity))
            .map(|(folder, _)| folder.clone())
            .collect();
        for folder in gone {
            self.folders.remove(&folder);
            // It may be gone, and the watch with it.
            let _ = system.unwatch(&folder);
        }
        for folder in folders {
            if self.folders.contains_key(&folder) {
                continue;
            }
            let identity = lookout::Identity::of(&folder);
            match system.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.folders.insert(folder, identity)),
                // One that has just gone is told of by the one it was in, or looked for in time.
                Err(error) if !folder.exists() => drop(error),
                Err(error) => self.trouble = Some(why(&error)),
            }
        }
    }

    /// Why the system does not tell of every change, and how often one has to look instead.
    pub fn trouble(&self) -> Option<(&str, Duration)> {
        self.trouble.as_deref().map(|why| (why, UNTOLD))
    }

    /// Waits until something may have changed and all is quiet again, or it is time to look.
    #[expect(clippy::disallowed_methods, reason = "waiting is by the system's clock")]
    pub fn wait(&mut self) -> Woken {
        let often = if self.trouble.is_some() { UNTOLD } else { TOLD };
        let shared = &*self.shared;
        let quiet = |stirred: &mut Stirred| !stirred.changed && !stirred.stopped;
        let waited = shared.news.wait_timeout_while(shared.lock(), often, quiet);
        let (mut stirred, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if !stirred.changed && !stirred.stopped && timeout.timed_out() {
            return Woken::Time;
        }
        let began = Instant::now();
        while !stirred.stopped && began.elapsed() < LONGEST {
            stirred.changed = false;
            let waited = shared.news.wait_timeout_while(stirred, QUIET, quiet);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            stirred = again;
            if timeout.timed_out() {
                break;
            }
        }
        stirred.changed = false;
        if stirred.stopped { Woken::Stopped } else { Woken::Told }
    }

    /// Waits a moment, or less when something may have changed meanwhile. Whether it is over.
    pub fn pause(&mut self, moment: Duration) -> bool {
        let shared = &*self.shared;
        let quiet = |stirred: &mut Stirred| !stirred.changed && !stirred.stopped;
        let waited = shared.news.wait_timeout_while(shared.lock(), moment, quiet);
        let (stirred, _) = waited.unwrap_or_else(PoisonError::into_inner);
        stirred.stopped
    }
}

/// What stands in the way, in words.
fn why(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => "the system has no more watches to give".to_owned(),
        notify::ErrorKind::Io(error) => error.to_string().to_lowercase(),
        notify::ErrorKind::Generic(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Watch, Watched, Woken};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("standin-watch-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Waits until it is told, past the times at which one is only to look.
    fn told(watch: &mut Watch) -> bool {
        (0..10).any(|_| watch.wait() == Woken::Told)
    }

    #[test]
    fn saving_is_told_however_it_is_done() {
        let folder = folder("saving");
        let file = folder.join("a.yaml");
        fs::write(&file, "1").unwrap();
        let (mut watch, end) = Watch::new();
        watch.over(&[Watched::File(file.clone())]);
        assert!(watch.trouble().is_none(), "{:?}", watch.trouble());
        fs::write(&file, "2").unwrap();
        assert!(told(&mut watch), "in place");
        fs::write(folder.join("a.yaml~"), "3").unwrap();
        fs::rename(folder.join("a.yaml~"), &file).unwrap();
        assert!(told(&mut watch), "by another file of that name");
        fs::remove_file(&file).unwrap();
        assert!(told(&mut watch), "gone");
        fs::write(&file, "4").unwrap();
        assert!(told(&mut watch), "and back");
        fs::read(&file).unwrap();
        fs::write(folder.join("log"), "another file").unwrap();
        assert_eq!(watch.wait(), Woken::Time, "neither to read it nor what happens beside it");
        drop(end);
        assert_eq!(watch.wait(), Woken::Stopped);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn what_a_link_leads_to_may_be_exchanged_on_the_way() {
        use std::os::unix::fs::symlink;
        let folder = folder("links");
        for version in ["one", "two"] {
            fs::create_dir(folder.join(version)).unwrap();
            fs::write(folder.join(version).join("a.yaml"), version).unwrap();
        }
        // As a cluster does it: the file is a link through a link, and that one is exchanged.
        symlink("one", folder.join("..data")).unwrap();
        symlink("..data/a.yaml", folder.join("a.yaml")).unwrap();
        let (mut watch, _end) = Watch::new();
        watch.over(&[Watched::File(folder.join("a.yaml"))]);
        symlink("two", folder.join("..new")).unwrap();
        fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
        assert!(told(&mut watch), "the link on the way");
        watch.over(&[Watched::File(folder.join("a.yaml"))]);
        fs::write(folder.join("two").join("a.yaml"), "three").unwrap();
        assert!(told(&mut watch), "the file at its end, which is another one now");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn folders_come_and_go_and_are_exchanged() {
        let folder = folder("folders");
        let (parts, file) = (folder.join("parts"), folder.join("parts").join("a.yaml"));
        let watched = [Watched::File(file.clone()), Watched::Folder(folder.join("stories"))];
        let (mut watch, _end) = Watch::new();
        watch.over(&watched);
        fs::create_dir(&parts).unwrap();
        assert!(told(&mut watch), "the folder of a file that is not there");
        watch.over(&watched);
        fs::write(&file, "1").unwrap();
        assert!(told(&mut watch), "the file in it");
        fs::rename(&parts, folder.join("old")).unwrap();
        fs::create_dir(&parts).unwrap();
        assert!(told(&mut watch), "another folder of that name");
        watch.over(&watched);
        fs::write(&file, "2").unwrap();
        assert!(told(&mut watch), "a file in that one");
        fs::create_dir(folder.join("stories")).unwrap();
        assert!(told(&mut watch), "a folder for what is in it");
        watch.over(&watched);
        fs::write(folder.join("stories").join("any.yaml"), "").unwrap();
        assert!(told(&mut watch), "what is in it");
        fs::remove_dir_all(&folder).unwrap();
    }
}
