//! Where the texts of a document come from.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::{is_address, limits};

/// Gives the text of a file.
pub trait Retrieve {
    /// The text at `path`: relative to the folder of the root document, `/` between segments, no `.` in it, `..` at most at its start;
    /// or a whole address, which [`super::is_address`] tells.
    ///
    /// # Errors
    /// When it may not be had, or cannot.
    fn get(&self, path: &str) -> Result<String, Refusal>;
}

impl<F: Fn(&str) -> Result<String, Refusal>> Retrieve for F {
    fn get(&self, path: &str) -> Result<String, Refusal> {
        self(path)
    }
}

/// Why a text was not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It lies outside of the folder that may be read.
    Outside,
    /// It is on a network, and may not be fetched.
    Remote,
    /// It could not be read; why, as a sentence fragment such as `no such file`.
    Failed(String),
}

/// Files of one folder and below, never of anywhere else: links are followed to where they lead, and judged there.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    within: PathBuf,
}

impl Files {
    /// The files of a folder: that of the root document.
    pub fn new(folder: impl Into<PathBuf>) -> Files {
        let folder = folder.into();
        let folder = if folder == OsStr::new("") { PathBuf::from(".") } else { folder };
        Files { within: folder.clone(), folder }
    }

    /// The files beside a root document, for [`super::Documents::load`] with the same name.
    pub fn beside(document: &Path) -> Files {
        Files::new(document.parent().unwrap_or(Path::new("")))
    }

    /// The same, with all of `folder` allowed, which should be further up.
    #[must_use = "the allowance is in what this returns"]
    pub fn within(mut self, folder: impl Into<PathBuf>) -> Files {
        self.within = folder.into();
        self
    }

    /// Where a path really leads, if that is allowed.
    fn locate(&self, path: &str) -> Result<PathBuf, Refusal> {
        let within = fs::canonicalize(&self.within).map_err(failed)?;
        let mut lexical = fs::canonicalize(&self.folder).map_err(failed)?;
        for component in Path::new(path).components() {
            match component {
                Component::Normal(segment) => lexical.push(segment),
                Component::CurDir => {}
                Component::ParentDir if lexical.pop() => {}
                _ => return Err(Refusal::Outside),
            }
        }
        // Before the disk is asked: whether a file exists outside is nobody's business.
        if !lexical.starts_with(&within) {
            return Err(Refusal::Outside);
        }
        let real = fs::canonicalize(&lexical).map_err(failed)?;
        if real.starts_with(&within) { Ok(real) } else { Err(Refusal::Outside) }
    }
}

impl Retrieve for Files {
    fn get(&self, path: &str) -> Result<String, Refusal> {
        if is_address(path) {
            return Err(Refusal::Remote);
        }
        let real = self.locate(path)?;
        // A pipe or a device could keep the reader waiting for ever.
        let metadata = fs::metadata(&real).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Refusal::Failed("no regular file".to_owned()));
        }
        // The text is kept as it is: no more room than it takes, and one byte to see its end.
        let length = usize::try_from(metadata.len()).unwrap_or(limits::TEXT).min(limits::TEXT);
        let mut bytes = Vec::with_capacity(length + 1);
        File::open(&real).map_err(failed)?.take(limits::TEXT as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > limits::TEXT {
            return Err(Refusal::Failed(format!("longer than {} MiB", limits::TEXT >> 20)));
        }
        text_of(bytes)
    }
}

/// The text of bytes that came from somewhere: UTF-8, or UTF-16 with a byte-order mark (YAML 1.2.2 §5.2), as some editors and shells write it.
///
/// # Errors
/// When they are neither.
pub fn text_of(bytes: Vec<u8>) -> Result<String, Refusal> {
    String::from_utf8(bytes).or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let unit: Option<fn([u8; 2]) -> u16> = match bytes {
            [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
            [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
            _ => None,
        };
        if let Some(unit) = unit {
            let (pairs, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
            let text = String::from_utf16(&units).ok().filter(|text| rest.is_empty() && text.len() <= limits::TEXT);
            return text.ok_or_else(|| Refusal::Failed("UTF-16 text that is cut; save it as UTF-8".to_owned()));
        }
        let line = bytes.iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
        Err(Refusal::Failed(format!("not UTF-8 text (line {line}); save it as UTF-8")))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
fn failed(error: io::Error) -> Refusal {
    Refusal::Failed(match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        _ => error.to_string().to_lowercase(),
    })
}
