//! Sockets around a [`Mock`](crate::mock::Mock): what it decides is carried out here.
//!
//! What belongs here: listening, reading requests within limits, waiting, answering, the journal, the log, recording, the
//! admin pages, a command that runs beside it, the end. Imports `message`, `finding`, `contract`, `traffic`, `scenario`, `mock`. Not here: choosing an
//! answer, arguments of a command line.

mod account;
mod admin;
mod beside;
mod bind;
mod body;
mod clock;
mod connection;
mod counts;
mod fault;
mod front;
mod held;
mod host;
mod html;
mod intake;
mod learnt;
mod log;
mod outgoing;
mod own;
mod patient;
mod record;
mod refusal;
mod run;
mod serve;
mod service;
mod settings;
mod stray;
mod summary;
mod tail;
mod thread;
mod version;
mod warden;
mod watch;
mod wire;

pub use account::Account;
pub use beside::{Beside, run_beside};
pub use bind::{BindError, bind};
pub use clock::{Clock, ManualClock, SystemClock};
pub use log::{Format, Log};
pub use record::{RecordError, Recorder};
pub use run::run;
pub use serve::{base_url, serve};
pub use service::Service;
pub use settings::{Limits, Settings};
pub use summary::{Recorded, Summary};
pub use thread::{Standing, Stop, start, stop};
pub use watch::{Watch, WatchEnd, Watched, Woken};
