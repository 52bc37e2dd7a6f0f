//! A document opened for tests, and how its mocks are to answer.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::running::Served;
use super::{Error, Running, shared};
use crate::contract::Contract;
use crate::document::{Files, Source};
use crate::finding::{Severity, did_you_mean};
use crate::mock::{self, Options, State};
use crate::scenario::Scenario;
use crate::server::{self, Clock, Service, Settings, SystemClock};

/// Where scenarios are looked for by name, from the folder that the tests run in.
const FOLDER: &str = "scenarios";

/// The bytes of a scenario's file that are read at most.
const LONGEST: u64 = 1 << 20;

/// Of digests that stand for secrets in what the mock shows of itself: it is for the one who runs the tests.
const KEY: [u8; 32] = [0; 32];

/// The entries of a folder that are looked at for a near name.
const ENTRIES: usize = 2000;

/// A document that mocks can be started of. Clones share what was compiled.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mock = standin::Mock::open("fixtures/invitation/openapi.yaml")?.scenario("throttled-then-recovers").seed(7).start()?;
/// let url = mock.url(); // hand it to the program under test: http://localhost:49152
/// # use std::io::{Read, Write};
/// # let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://"))?;
/// # write!(stream, "GET /api/v1/invitations/me HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n")?;
/// # let mut answer = String::new();
/// # stream.read_to_string(&mut answer)?;
/// # assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
/// assert_eq!(mock.calls("list_my_pending_invitations")?, 1);
/// mock.verify()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Mock {
    contract: Arc<Contract>,
    stories: Vec<Story>,
    seed: Option<u64>,
    options: Options,
    now: Option<jiff::Timestamp>,
    port: u16,
}

/// A scenario that was asked for.
#[derive(Clone, Debug)]
struct Story {
    text: Written,
    /// Whether it applies from the start.
    applies: bool,
}

/// Where the text of a scenario is.
#[derive(Clone, Debug)]
enum Written {
    /// In a file, or in that of a name.
    Named(String),
    /// Here.
    Text(String),
}

impl Mock {
    /// Opens the document in a file, with all that it refers to beside it or below. What was opened before in this process and has not
    /// changed is not read into a contract again.
    ///
    /// # Errors
    /// When it cannot be read, or is no OpenAPI document. What is wrong with it otherwise is what `standin lint` is for.
    pub fn open(document: impl AsRef<Path>) -> Result<Mock, Error> {
        shared::contract(document.as_ref()).map(Mock::of)
    }

    /// Opens a document by its text, YAML or JSON. `name` is what messages call it.
    ///
    /// # Errors
    /// When it is no OpenAPI document.
    pub fn text(name: &str, text: &str) -> Result<Mock, Error> {
        shared::text(name, text).map(Mock::of)
    }

    /// A mock of a contract that is there already.
    pub fn of(contract: Arc<Contract>) -> Mock {
        Mock { contract, stories: Vec::new(), seed: None, options: Options::default(), now: None, port: 0 }
    }

    /// The document, compiled.
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// Adds a scenario that applies from the start: a file, or the name of one in `./scenarios`. Several apply in the order in which they
    /// were added.
    #[must_use = "the scenario is in what this returns"]
    pub fn scenario(mut self, name: impl Into<String>) -> Mock {
        self.stories.push(Story { text: Written::Named(name.into()), applies: true });
        self
    }

    /// Adds a scenario that applies only where it is asked for: in a request (`Prefer: scenario=NAME`), or in a session
    /// ([`Session::activate`](super::Session::activate)).
    #[must_use = "the scenario is in what this returns"]
    pub fn offer(mut self, name: impl Into<String>) -> Mock {
        self.stories.push(Story { text: Written::Named(name.into()), applies: false });
        self
    }

    /// Adds a scenario by its text.
    #[must_use = "the scenario is in what this returns"]
    pub fn scenario_text(mut self, yaml: impl Into<String>) -> Mock {
        self.stories.push(Story { text: Written::Text(yaml.into()), applies: true });
        self
    }

    /// Where all chance comes from; a scenario's own seed does not count then. Without it the seed is 0.
    #[must_use = "the seed is in what this returns"]
    pub fn seed(mut self, seed: u64) -> Mock {
        self.seed = Some(seed);
        self
    }

    /// Keeps what calls make: an item that was made is read, listed, changed and removed, as `--stateful` does it.
    #[must_use = "the option is in what this returns"]
    pub fn stateful(mut self) -> Mock {
        self.options.stateful = Some(mock::Stateful::inferred(&self.contract));
        self
    }

    /// The time that generated dates lie around. Without it: the time of the start.
    #[must_use = "the time is in what this returns"]
    pub fn now(mut self, now: jiff::Timestamp) -> Mock {
        self.now = Some(now);
        self
    }

    /// The port to listen on. Without it, one that is free.
    #[must_use = "the port is in what this returns"]
    pub fn port(mut self, port: u16) -> Mock {
        self.port = port;
        self
    }

    /// How it answers otherwise. Of these the seed and the time are not looked at: [`Mock::seed`], [`Mock::now`].
    #[must_use = "the options are in what this returns"]
    pub fn options(mut self, options: Options) -> Mock {
        self.options = options;
        self
    }

    /// Starts it on a thread and a runtime of its own. Listens when this returns.
    ///
    /// # Errors
    /// When a scenario cannot be used, or the system gives no port or thread.
    pub fn start(self) -> Result<Running, Error> {
        let clock = SystemClock::new();
        let (listeners, served) = self.ready(&clock)?;
        let service = served.service.clone();
        let standing = server::start(listeners, service, clock.clone())
            .map_err(|error| Error::new(format!("cannot serve: {error}")))?;
        Ok(Running::threaded(served, clock, standing))
    }

    /// Listens, and leaves it to the caller to serve, on a Tokio runtime that is there anyway: `tokio::spawn(serving)`. What is served ends
    /// when the running mock is dropped. `clock` may be one that the test moves.
    ///
    /// # Errors
    /// As [`Mock::start`].
    pub fn listen(self, clock: impl Clock) -> Result<(Running, impl Future<Output = ()> + Send + 'static), Error> {
        let clock = Arc::new(clock);
        let (listeners, served) = self.ready(&*clock)?;
        let (stop, stopped) = server::stop();
        let serving = server::serve(listeners, served.service.clone(), clock.clone(), stopped);
        let serving = async move {
            // It ends with an error only where the runtime cannot take the listeners, which no test gets past.
            drop(serving.await);
        };
        Ok((Running::left(served, clock, stop), serving))
    }

    /// Takes the steps of the scenarios that apply from the start, in process: whether each story goes as its file tells it, with nothing
    /// remembered before its first step. What steps wait takes no time.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// standin::Mock::open("fixtures/invitation/openapi.yaml")?.scenario("throttled-then-recovers").rehearse()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When a step does not come out as it says, when no scenario has steps, or when one cannot be used.
    pub fn rehearse(self) -> Result<(), Error> {
        let now = SystemClock::new().now();
        let mock = self.made(now.timestamp())?;
        let told: Vec<&Arc<Scenario>> = mock.active().iter().filter(|scenario| !scenario.steps.is_empty()).collect();
        if told.is_empty() {
            return Err(Error::new("no scenario has steps").help("write them under `steps:`, beside `on:`"));
        }
        for scenario in told {
            let findings = mock.rehearse(scenario, now, |_, _| {});
            if findings.iter().any(|finding| finding.severity > Severity::Note) {
                let sentence = format!("the story `{}` does not go as its steps tell it", scenario.name);
                return Err(Error::new(sentence).because(findings));
            }
        }
        Ok(())
    }

    fn ready(self, clock: &impl Clock) -> Result<(Vec<TcpListener>, Served), Error> {
        let (contract, port) = (self.contract.clone(), self.port);
        let mock = self.made(clock.now().timestamp())?;
        let listeners =
            server::bind("localhost", port).map_err(|error| Error::new(error.to_string()).help(error.help()))?;
        let url = server::base_url(&listeners);
        let state = Arc::new(State::new(&mock));
        let service = Service::new(Arc::new(mock), state.clone(), Settings::quiet(&contract, &KEY));
        Ok((listeners, Served { url, service, state }))
    }

    /// The mock, with dates around this time unless another was set.
    fn made(self, now: jiff::Timestamp) -> Result<mock::Mock, Error> {
        let (mut scenarios, mut active): (Vec<Arc<Scenario>>, Vec<_>) = Default::default();
        for story in &self.stories {
            let scenario = self.read(story)?;
            if scenarios.iter().any(|known| known.name == scenario.name) {
                return Err(Error::new(format!("two scenarios are called `{}`", scenario.name))
                    .help("give one another name: counters go by it"));
            }
            let scenario = Arc::new(scenario);
            active.extend(story.applies.then(|| scenario.clone()));
            scenarios.push(scenario);
        }
        let now = self.now.unwrap_or(now);
        let options = Options { seed: self.seed.unwrap_or_default(), now, ..self.options };
        let (mock, findings) = mock::Mock::new(self.contract.clone(), options, scenarios, active);
        // A note says what could not be tried.
        if findings.iter().any(|finding| finding.severity > Severity::Note) {
            return Err(Error::new("a scenario does not fit the document").because(findings));
        }
        Ok(mock)
    }

    fn read(&self, story: &Story) -> Result<Scenario, Error> {
        let source = match &story.text {
            Written::Named(name) => file(name)?,
            Written::Text(text) => Source::new("scenario", text.as_str()),
        };
        let name = source.name().to_owned();
        let (scenario, findings) = match &story.text {
            Written::Named(_) => Scenario::read_with(&source, &Files::beside(Path::new(source.name())), &self.contract),
            Written::Text(_) => Scenario::read(&source, &self.contract),
        };
        let mut scenario =
            scenario.ok_or_else(|| Error::new(format!("the scenario `{name}` cannot be used")).because(findings))?;
        if self.seed.is_some() {
            scenario.seed = None;
        }
        Ok(scenario)
    }
}

/// The text of a scenario, by name or file.
fn file(asked: &str) -> Result<Arc<Source>, Error> {
    let is_file = asked.contains(['/', '\\']) || asked.ends_with(".yaml") || asked.ends_with(".yml");
    let path = if is_file { PathBuf::from(asked) } else { Path::new(FOLDER).join(format!("{asked}.yaml")) };
    let unread = |why: String| {
        let error = Error::new(format!("the scenario `{asked}` cannot be read from `{}`: {why}", path.display()));
        match near(&path) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error
                .help("a relative path starts where the tests run, which is the package's folder under `cargo test`"),
        }
    };
    let metadata = fs::metadata(&path).map_err(|error| unread(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(unread(format!("no regular file of at most {} KiB", LONGEST >> 10)));
    }
    let text = fs::read_to_string(&path).map_err(|error| unread(error.to_string()))?;
    Ok(Source::new(path.display().to_string(), text))
}

/// What is called nearly like it in the same folder, without its ending.
fn near(path: &Path) -> Option<String> {
    let names: Vec<String> = fs::read_dir(path.parent()?)
        .ok()?
        .take(ENTRIES)
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    let stem = path.file_stem()?.to_str()?.to_owned();
    did_you_mean(&stem, names.iter().map(String::as_str)).map(str::to_owned)
}
