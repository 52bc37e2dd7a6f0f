//! What a run read of the disk, and whether it is still as it was.
//!
//! A file is noted before it is read, by what the system says of it; what it holds becomes a number when it is looked at again, so that
//! a start reads nothing twice. Nobody reads the texts back from here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::load::documents_in;
use crate::server::Watched;

/// The bytes of a file that are looked at; of one that is longer only the length counts, and when it was changed.
const LOOKED_AT: u64 = 64 << 20;

/// The files and folders that a run depends on.
#[derive(Debug, Default)]
pub(crate) struct Inputs(RefCell<BTreeMap<PathBuf, Seen>>);

/// What is known of one.
#[derive(Debug)]
struct Seen {
    is_folder: bool,
    stat: Option<Stat>,
    /// What was in it; `None` as long as nobody has looked.
    print: Option<Print>,
}

/// What a system says of a file without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    length: u64,
    changed: Option<SystemTime>,
    /// Which one it is, where another one can have its name.
    identity: u64,
}

/// What is in a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Print {
    Nothing,
    Content(u64),
}

impl Stat {
    fn of(path: &Path) -> Option<Stat> {
        fs::metadata(path).ok().map(|metadata| Stat {
            length: metadata.len(),
            changed: metadata.modified().ok(),
            identity: identity(&metadata),
        })
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> u64 {
    0
}

impl Print {
    fn of(path: &Path, is_folder: bool) -> Print {
        let mut hasher = DefaultHasher::new();
        if is_folder {
            if !path.is_dir() {
                return Print::Nothing;
            }
            documents_in(path).iter().for_each(|name| {
                hasher.write(name.as_bytes());
                hasher.write_u8(0);
            });
            return Print::Content(hasher.finish());
        }
        // A pipe or a device could keep the reader waiting for ever.
        let Some(metadata) = fs::metadata(path).ok().filter(Metadata::is_file) else { return Print::Nothing };
        if metadata.len() > LOOKED_AT {
            let changed = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
            hasher.write_u64(metadata.len());
            hasher.write_u128(changed.unwrap_or_default().as_nanos());
            return Print::Content(hasher.finish());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        let read = File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut bytes));
        if read.is_err() {
            return Print::Nothing;
        }
        hasher.write(&bytes);
        Print::Content(hasher.finish())
    }
}

impl Inputs {
    /// Notes a file that is read next, or looked for.
    pub(crate) fn file(&self, path: &Path) {
        let seen = || Seen { is_folder: false, stat: Stat::of(path), print: None };
        self.0.borrow_mut().entry(path.to_owned()).or_insert_with(seen);
    }

    /// Notes a folder whose files are read next: which there are counts as well.
    pub(crate) fn folder(&self, path: &Path) {
        let seen = || Seen { is_folder: true, stat: Stat::of(path), print: Some(Print::of(path, true)) };
        self.0.borrow_mut().entry(path.to_owned()).or_insert_with(seen);
    }

    /// Goes on with what others depended on, too: as it is now.
    pub(crate) fn absorb(&self, others: &Inputs) {
        for (path, seen) in others.0.borrow().iter() {
            if seen.is_folder { self.folder(path) } else { self.file(path) }
        }
    }

    /// What is to be watched.
    pub(crate) fn watched(&self) -> Vec<Watched> {
        let all = self.0.borrow();
        let watched = all.iter().map(|(path, seen)| match seen.is_folder {
            true => Watched::Folder(path.clone()),
            false => Watched::File(path.clone()),
        });
        watched.collect()
    }

    /// The files that were there, and the folders, in order.
    pub(crate) fn there(&self) -> Vec<PathBuf> {
        let all = self.0.borrow();
        all.iter().filter(|(_, seen)| seen.stat.is_some()).map(|(path, _)| path.clone()).collect()
    }

    /// Whether one of them looks otherwise from outside than when it was last looked at.
    pub(crate) fn may_have_changed(&self) -> bool {
        self.0.borrow().iter().any(|(path, seen)| Stat::of(path) != seen.stat)
    }

    /// Those that hold something else than when they were read.
    pub(crate) fn changed(&self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for (path, seen) in self.0.borrow_mut().iter_mut() {
            let stat = Stat::of(path);
            let print = Print::of(path, seen.is_folder);
            // Without a print it is as it was read if it looks so.
            let same = seen.print.map_or(stat == seen.stat, |before| before == print);
            if same {
                (seen.stat, seen.print) = (stat, Some(print));
            } else {
                changed.push(path.clone());
            }
        }
        changed
    }

    /// Those of these files that were not there when they were to be read.
    pub(crate) fn missed<'f>(&self, files: &'f [PathBuf]) -> Vec<&'f PathBuf> {
        let all = self.0.borrow();
        files.iter().filter(|path| all.get(*path).is_some_and(|seen| seen.stat.is_none())).collect()
    }
}

/// Whether one of these files is not there now, or is empty, as it is when somebody begins to write it anew.
pub(crate) fn any_gone(files: &[PathBuf]) -> bool {
    let is_there = |file: &PathBuf| fs::metadata(file).is_ok_and(|file| file.is_dir() || file.len() > 0);
    !files.iter().all(is_there)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Inputs, any_gone};

    #[test]
    fn what_is_in_a_file_counts_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("standin-inputs-{}", std::process::id()));
        fs::create_dir_all(folder.join("stories")).unwrap();
        let (file, missing) = (folder.join("a.yaml"), folder.join("b.yaml"));
        fs::write(&file, "one").unwrap();
        let inputs = Inputs::default();
        inputs.file(&file);
        inputs.file(&missing);
        inputs.folder(&folder.join("stories"));
        assert_eq!(inputs.there(), [file.clone(), folder.join("stories")]);
        let none: [PathBuf; 0] = [];
        assert_eq!(inputs.changed(), none);
        fs::write(folder.join("a~"), "one").unwrap();
        fs::rename(folder.join("a~"), &file).unwrap();
        assert!(inputs.may_have_changed(), "it is another file");
        assert_eq!(inputs.changed(), none, "that holds the same");
        fs::write(&file, "two").unwrap();
        fs::write(folder.join("stories").join("c.yaml"), "").unwrap();
        fs::write(folder.join("stories").join("notes.txt"), "").unwrap();
        assert_eq!(inputs.changed(), [file.clone(), folder.join("stories")]);
        fs::write(&missing, "two").unwrap();
        fs::remove_file(&file).unwrap();
        let changed = inputs.changed();
        assert_eq!(changed, [file.clone(), missing.clone(), folder.join("stories")]);
        assert!(any_gone(&changed) && !any_gone(std::slice::from_ref(&missing)));
        let later = Inputs::default();
        later.file(&file);
        assert_eq!(later.missed(&inputs.there()), [&file]);
        later.absorb(&inputs);
        assert_eq!(later.changed(), none, "it is as it is now");
        fs::write(&file, "one").unwrap();
        assert_eq!(later.changed(), std::slice::from_ref(&file));
        assert_eq!(inputs.changed(), [missing, folder.join("stories")], "back, with what it held");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_changes_while_it_is_read_has_changed() {
        let file = std::env::temp_dir().join(format!("standin-input-{}", std::process::id()));
        fs::write(&file, "one").unwrap();
        let inputs = Inputs::default();
        inputs.file(&file);
        fs::write(&file, "longer").unwrap();
        let changed = inputs.changed();
        fs::remove_file(&file).unwrap();
        assert_eq!(changed, [file]);
    }
}
