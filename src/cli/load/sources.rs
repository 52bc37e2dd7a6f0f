//! Where the texts of a run come from, and what of them can be had once only.

use std::io::Read;

use super::texts;
use crate::cli::args::Reading;
use crate::cli::exit::Failure;
use crate::cli::fetch::Net;
use crate::cli::inputs::Inputs;

/// Where texts come from. Kept for as long as they may be read again: what was fetched and what came on standard input is not asked for
/// twice, and files are.
pub(crate) struct Sources {
    pub(super) reading: Reading,
    pub(super) net: Net,
    /// What came on standard input.
    typed: Option<String>,
    /// The files that were read.
    pub(crate) inputs: Inputs,
}

impl Sources {
    /// Nothing was read yet.
    pub(crate) fn new(reading: &Reading) -> Sources {
        Sources { reading: reading.clone(), net: Net::new(reading), typed: None, inputs: Inputs::default() }
    }

    /// Reads by other flags from now on.
    pub(crate) fn read_as(&mut self, reading: &Reading) {
        if reading.fetch != self.reading.fetch {
            self.net = Net::new(reading);
        }
        self.reading = reading.clone();
    }

    /// Begins to read, perhaps once more.
    pub(crate) fn begin(&mut self) {
        self.net.again();
    }

    /// The files that were read since this was last asked.
    pub(crate) fn take_inputs(&mut self) -> Inputs {
        std::mem::take(&mut self.inputs)
    }

    /// What comes on standard input, or came.
    pub(super) fn typed(&mut self, stdin: &mut dyn Read) -> Result<String, Failure> {
        let typed = match self.typed.take() {
            Some(typed) => typed,
            None => texts::standard_input(stdin)?,
        };
        self.typed = Some(typed.clone());
        Ok(typed)
    }
}
