//! From where a path has to be watched: each folder in which an entry leads on to what the path names.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// How many links are followed on the way.
const LINKS: usize = 40;

/// The way to what a path names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// Folders, as they are really called, each with the path of the entry in it that leads on: a link, what the path names, or the
    /// first that is not there. Plain folders on the way do not count.
    pub(super) steps: Vec<(PathBuf, PathBuf)>,
    /// What the path names in the end, if it is there.
    pub(super) end: Option<PathBuf>,
}

enum Step {
    Start(OsString),
    Up,
    Into(OsString),
}

fn steps(path: &Path) -> impl Iterator<Item = Step> {
    path.components().filter_map(|component| match component {
        Component::Prefix(_) | Component::RootDir => Some(Step::Start(component.as_os_str().to_owned())),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.to_owned())),
    })
}

/// The way to what a path names now.
pub(super) fn toward(path: &Path) -> Way {
    let Ok(absolute) = std::path::absolute(path) else { return Way::default() };
    let mut ahead: VecDeque<Step> = steps(&absolute).collect();
    let (mut here, mut way, mut links) = (PathBuf::new(), Way::default(), 0);
    while let Some(step) = ahead.pop_front() {
        let next = match step {
            Step::Start(root) => {
                here.push(root);
                continue;
            }
            Step::Up => {
                here.pop();
                continue;
            }
            Step::Into(name) => here.join(name),
        };
        // Nothing in the root of a system is exchanged while it runs, and to watch that can mean to watch all.
        let step = here.parent().map(|_| (here.clone(), next.clone()));
        match fs::symlink_metadata(&next) {
            Ok(entry) if entry.is_symlink() => {
                way.steps.extend(step);
                links += 1;
                let target = fs::read_link(&next).ok().filter(|_| links <= LINKS);
                let Some(target) = target else { return way };
                if target.has_root() {
                    here = PathBuf::new();
                }
                for (index, step) in steps(&target).enumerate() {
                    ahead.insert(index, step);
                }
            }
            Ok(_) => {
                if ahead.is_empty() {
                    way.steps.extend(step);
                }
                here = next;
            }
            Err(_) => {
                way.steps.extend(step);
                return way;
            }
        }
    }
    way.end = Some(here);
    way
}

/// What tells a folder from another one that has its path later.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity(Option<(u64, u64)>);

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(folder: &Path) -> Identity {
        use std::os::unix::fs::MetadataExt;
        Identity(fs::metadata(folder).ok().map(|folder| (folder.dev(), folder.ino())))
    }

    /// Only whether there is one: a folder that is watched cannot be exchanged there.
    #[cfg(not(unix))]
    pub(super) fn of(folder: &Path) -> Identity {
        Identity(folder.is_dir().then_some((0, 0)))
    }
}
