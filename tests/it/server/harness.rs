//! A server in a thread of its own, and a client that writes bytes and reads answers.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use standin::contract::{BasePath, Contract};
use standin::document::{Documents, Files, Source};
use standin::message::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use standin::mock::{Mock, Options, State};
use standin::scenario::Scenario;
use standin::server::{Clock, Format, Limits, Log, Recorder, Service, Settings, Summary, SystemClock, bind, serve};
use standin::traffic::Redactor;
use tokio::sync::oneshot;

/// Generous: nothing in these tests takes that long unless something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// The bundled document.
pub(super) const BUNDLED: &str = "fixtures/invitation/openapi.yaml";

/// How a server is set up.
pub(super) struct Setup<C = SystemClock> {
    pub(super) document: String,
    pub(super) options: Options,
    pub(super) limits: Limits,
    pub(super) format: Format,
    pub(super) clock: C,
    /// The text of a scenario that is active.
    pub(super) scenario: Option<&'static str>,
    pub(super) host: &'static str,
    /// The token for the admin pages.
    pub(super) admin_token: Option<&'static str>,
    /// Where exchanges are recorded, and what that is called.
    pub(super) record: Option<(Box<dyn Write + Send>, String)>,
}

impl Setup {
    pub(super) fn new() -> Setup {
        Setup {
            document: BUNDLED.to_owned(),
            options: Options::default(),
            limits: Limits::default(),
            format: Format::Pretty { colour: false },
            clock: SystemClock::new(),
            scenario: None,
            host: "localhost",
            admin_token: None,
            record: None,
        }
    }
}

impl<C: Clock> Setup<C> {
    pub(super) fn clock<D: Clock>(self, clock: D) -> Setup<D> {
        let Setup { document, options, limits, format, scenario, host, admin_token, record, .. } = self;
        Setup { document, options, limits, format, clock, scenario, host, admin_token, record }
    }

    pub(super) fn start(self) -> Server {
        let written = Written::default();
        self.start_and_log_to(written.clone(), written)
    }

    /// A server whose log goes elsewhere, and whose [`Left::log`] is empty.
    pub(super) fn start_with_log(self, out: impl Write + Send + 'static) -> Server {
        self.start_and_log_to(out, Written::default())
    }

    fn start_and_log_to(self, out: impl Write + Send + 'static, written: Written) -> Server {
        let redactor = Arc::new(Redactor::new(&[7; 32]));
        let exchanges_at = Some(format!("{}/exchanges", self.options.admin_prefix));
        let log = Log::start(self.format, out, redactor.clone(), exchanges_at);
        let recorder =
            self.record.map(|(out, name)| Recorder::start(out, name, redactor.clone(), log.clone()).expect("a thread"));
        let contract = Arc::new(contract(&self.document));
        let active = self.scenario.map(|text| {
            let (scenario, findings) = Scenario::read(&Source::new("story.yaml", text), &contract);
            Arc::new(scenario.unwrap_or_else(|| panic!("{findings:?}")))
        });
        let active: Vec<_> = active.into_iter().collect();
        let (mock, _) = Mock::new(contract, self.options, active.clone(), active);
        let state = Arc::new(State::new(&mock));
        let settings =
            Settings { limits: self.limits, log, recorder, redactor, admin_token: self.admin_token.map(Into::into) };
        let service = Service::new(Arc::new(mock), state, settings);
        let kept = service.clone();
        let listeners = bind(self.host, 0).expect("a free port");
        let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().expect("an address")).collect();
        let (stop, stopped) = oneshot::channel::<()>();
        let clock = self.clock;
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let shutdown = async move {
                    let _ = stopped.await;
                };
                serve(listeners, service, clock, shutdown).await.expect("it serves")
            })
        });
        Server { addresses, service: kept, stop: Some(stop), thread: Some(thread), written }
    }
}

pub(super) fn contract(document: &str) -> Contract {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let name = path.file_name().and_then(|name| name.to_str()).expect("a file");
    let documents = Documents::load(name, &Files::beside(&path)).documents.expect("a document that can be read");
    Contract::load(Arc::new(documents), &BasePath::Document).0.expect("a document that can be used")
}

/// What a log wrote.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).expect("UTF-8")
    }
}

pub(super) struct Server {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) service: Service,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Summary>>,
    written: Written,
}

/// What a server left behind.
pub(super) struct Left {
    pub(super) summary: Summary,
    pub(super) log: String,
}

impl Server {
    pub(super) fn port(&self) -> u16 {
        self.addresses[0].port()
    }

    pub(super) fn connect(&self) -> Client {
        Client::to(self.addresses[0])
    }

    /// One request on a connection of its own: head lines as given, with `Host` and `Connection` added.
    pub(super) fn ask(&self, head: &str) -> Answer {
        self.ask_with(head, "")
    }

    pub(super) fn ask_with(&self, head: &str, body: &str) -> Answer {
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let mut text = format!("{first} HTTP/1.1\r\nConnection: close\r\n");
        for line in lines.map(str::trim) {
            text.push_str(line);
            text.push_str("\r\n");
        }
        if !head.to_ascii_lowercase().contains("\nhost:") {
            text.push_str(&format!("Host: localhost:{}\r\n", self.port()));
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let mut client = self.connect();
        client.send(&format!("{text}\r\n{body}"));
        let answer = client.answer_to(first);
        assert_eq!(client.rest(), b"", "nothing follows a last answer");
        answer
    }

    /// Asks for the end, without waiting for it.
    pub(super) fn tell_to_stop(&mut self) {
        let _ = self.stop.take().expect("told once").send(());
    }

    pub(super) fn stop(mut self) -> Left {
        if self.stop.is_some() {
            self.tell_to_stop();
        }
        let summary = self.thread.take().expect("joined once").join().expect("no panic");
        Left { summary, log: self.written.text() }
    }

    /// The log, once it has this many lines.
    pub(super) fn log_of(&self, lines: usize) -> String {
        eventually("the log", || Some(self.written.text()).filter(|text| text.lines().count() >= lines))
    }
}

/// What comes to be, sooner or later.
pub(super) fn eventually<T>(what: &str, mut try_it: impl FnMut() -> Option<T>) -> T {
    const PAUSE: Duration = Duration::from_millis(2);
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if let Some(it) = try_it() {
            return it;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("{what}: in vain");
}

/// A connection.
pub(super) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// `detail` of a problem.
    pub(super) fn detail(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.json()["status"], self.status.as_u16());
        self.json()["detail"].as_str().expect("a detail").to_owned()
    }
}

impl Client {
    pub(super) fn to(address: SocketAddr) -> Client {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, read: Vec::new() }
    }

    /// A connection over a socket that is there already.
    pub(super) fn over(stream: TcpStream) -> Client {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { stream, read: Vec::new() }
    }

    /// The socket itself, which must not be mixed with what reads whole answers.
    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Sends bytes; that the server has stopped reading is not an error.
    pub(super) fn send(&mut self, text: &str) {
        let _ = self.try_send(text);
    }

    /// Sends bytes.
    pub(super) fn try_send(&mut self, text: &str) -> std::io::Result<()> {
        self.stream.write_all(text.as_bytes())
    }

    /// Says that nothing more will be sent.
    pub(super) fn finish(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The next answer to a request that is not HEAD.
    pub(super) fn answer(&mut self) -> Answer {
        self.answer_to("GET")
    }

    /// The next answer, to a request with this first line.
    pub(super) fn answer_to(&mut self, first: &str) -> Answer {
        self.try_answer(first).expect("an answer")
    }

    /// The next answer; none when the connection ends first.
    pub(super) fn try_answer(&mut self, first: &str) -> Option<Answer> {
        let end = loop {
            match self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None if self.more() => {}
                None => return None,
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).expect("a head is text");
        let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
        let status = lines.next().expect("a status line").split(' ').nth(1).expect("a status");
        let status: StatusCode = status.parse().expect("a status");
        let mut headers = HeaderMap::new();
        for (name, value) in lines.map(|line| line.split_once(": ").expect("a field")) {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        assert!(headers.get_all("content-length").iter().count() <= 1);
        // Only what goes on for as long as somebody listens has no length.
        if headers.get("content-type").is_some_and(|value| value == "text/event-stream") && !first.starts_with("HEAD") {
            assert_eq!(headers.get("transfer-encoding").map(|value| value.to_str().unwrap()), Some("chunked"));
            let mut body = Vec::new();
            while let Some(chunk) = self.chunk().filter(|chunk| !chunk.is_empty()) {
                body.extend(chunk);
            }
            return Some(Answer { status, headers, body });
        }
        let length = headers.get("content-length").map(|value| value.to_str().unwrap().parse::<usize>().unwrap());
        let without = first.starts_with("HEAD") || matches!(status.as_u16(), 100..=199 | 204 | 304);
        let length = if without { 0 } else { length.expect("a length: nothing here is chunked") };
        while self.read.len() < length {
            assert!(self.more(), "cut in the middle of content");
        }
        Some(Answer { status, headers, body: self.read.drain(..length).collect() })
    }

    /// The head of an answer whose content comes in chunks.
    pub(super) fn head(&mut self) -> String {
        String::from_utf8(self.until(b"\r\n\r\n").expect("a head")).expect("a head is text")
    }

    /// The next chunk; empty is the last one, and none where the connection ends.
    pub(super) fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = self.until(b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).expect("a length");
        while self.read.len() < length + 2 {
            if !self.more() {
                return None;
            }
        }
        let chunk: Vec<u8> = self.read.drain(..length + 2).take(length).collect();
        Some(chunk)
    }

    /// All up to and with these bytes; none where the connection ends before them.
    fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end) {
                return Some(self.read.drain(..at + end.len()).collect());
            }
            if !self.more() {
                return None;
            }
        }
    }

    /// Reads more, and says whether there was any; a reset counts as an end.
    fn more(&mut self) -> bool {
        let mut room = [0; 16 << 10];
        match self.stream.read(&mut room) {
            Ok(count) => {
                self.read.extend_from_slice(&room[..count]);
                count > 0
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&self.read)),
        }
    }

    /// All that comes until the server closes the connection.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.read)
    }
}
