//! Where recorded traffic is read from.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;

use bytes::Bytes;

use crate::finding::Failure;
use crate::message::StatusCode;
use crate::traffic::{CapturedBody, Exchange, Format, Lost, Outcome, Records};

/// Enough of a file to tell its format by.
const HEAD: usize = 64 * 1024;

/// Recorded traffic: HAR or NDJSON, which is found out from its beginning. Read twice: once to learn which hosts are the API's.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// What was read from elsewhere, such as standard input.
    Memory {
        /// Its name in reports.
        name: String,
        /// What it holds.
        bytes: Bytes,
    },
}

impl Source {
    /// What it is called in reports.
    pub fn name(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Memory { name, .. } => name.clone(),
        }
    }

    /// How long it is now; `None` where that cannot change, or is not known before it has been read.
    pub(super) fn length(&self) -> Option<u64> {
        let Source::File(path) = self else { return None };
        fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.len())
    }

    /// Its records, one after the other, as far as it went when it was `length` long: a mock may be adding what it is asked.
    pub(super) fn records(&self, length: Option<u64>) -> Result<Recorded, Failure> {
        let failure = |error: io::Error| Failure {
            sentence: format!("`{}` cannot be read: {error}", self.name()),
            help: Some("`--traffic` takes a HAR, or what `standin mock --record FILE` writes".to_owned()),
        };
        let mut input: Box<dyn BufRead + Send> = match self {
            Source::File(path) => {
                let file = File::open(path).map_err(failure)?.take(length.unwrap_or(u64::MAX));
                Box::new(BufReader::with_capacity(HEAD, file))
            }
            Source::Memory { bytes, .. } => Box::new(Cursor::new(bytes.clone())),
        };
        if input.fill_buf().map_err(failure)?.is_empty() {
            return Err(failure(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty")));
        }
        Ok(Recorded(Records::read(input).map_err(failure)?))
    }
}

/// The records of one source.
pub(super) struct Recorded(Records<Box<dyn BufRead + Send>>);

impl Iterator for Recorded {
    type Item = Result<Exchange, Lost>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = self.0.next()?;
        if self.0.format() == Format::Har
            && let Ok(exchange) = &mut record
            && let Outcome::Answered(response) = &mut exchange.outcome
            && response.status == StatusCode::NOT_MODIFIED
        {
            // Browsers show what their cache had: that content was never on the wire.
            response.body = CapturedBody::default();
        }
        Some(record)
    }
}
