//! What comes over a connection, whatever it is: a server in this process, and a client that sends bytes and takes the answers apart.
//!
//! Served are the bundled document and, each at a place of its own, documents that have every style of parameter and every kind of
//! body. Waiting is skipped, so that an answer that is held back costs nothing.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "shared by path: the fuzz target and the tests, which fail by panicking"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use standin::contract::{BasePath, Contract, Mount};
use standin::document::{Documents, Files};
use standin::message::Moment;
use standin::mock::{Mock, Options, State};
use standin::server::{Clock, Format, Limits, Log, Service, Settings, SystemClock, bind, serve};
use standin::traffic::Redactor;

/// Nothing takes that long unless something is broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is served beside the bundled document, and where.
const DOCUMENTS: [&str; 14] = [
    "forms",
    "media",
    "methods",
    "multipart",
    "pages",
    "queries",
    "routing",
    "scheme-references",
    "sequences",
    "shapes",
    "styles",
    "swagger",
    "tolerance",
    "xml",
];

/// What is asked after each input: the server has to go on.
const AFTER: &[u8] = b"GET /_standin/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A clock by which nobody waits.
struct Hasty(SystemClock);

impl Clock for Hasty {
    fn now(&self) -> Moment {
        self.0.now()
    }

    fn sleep(&self, _: Duration) -> impl Future<Output = ()> + Send + 'static {
        std::future::ready(())
    }
}

/// A server that ends with the process.
pub struct Server {
    address: SocketAddr,
    /// All that it serves.
    pub contract: Arc<Contract>,
}

impl Server {
    /// Starts it.
    pub fn start() -> Server {
        // The fuzz targets are a package below.
        let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let top = above.find(|folder| folder.join("fixtures").is_dir()).unwrap();
        let mount = |path: String, at: String| {
            let name = path.rsplit('/').next().unwrap().to_owned();
            let documents = Documents::load(&name, &Files::beside(&top.join(&path))).documents.unwrap();
            Mount::new(Arc::new(documents), at)
        };
        let mut mounts = vec![mount("fixtures/invitation/openapi.yaml".to_owned(), String::new())];
        mounts.extend(DOCUMENTS.map(|name| mount(format!("fixtures/mock/{name}.yaml"), format!("/{name}"))));
        let contract = Arc::new(Contract::of(mounts, &BasePath::Document).0.unwrap());
        let (mock, _) = Mock::new(contract.clone(), Options::default(), Vec::new(), Vec::new());
        let state = Arc::new(State::new(&mock));
        let redactor = Arc::new(Redactor::new(&[7; 32]));
        let log = Log::start(Format::Pretty { colour: false }, std::io::sink(), redactor.clone(), None);
        let settings = Settings { limits: Limits::default(), log, recorder: None, redactor, admin_token: None };
        let service = Service::new(Arc::new(mock), state, settings);
        let listeners = bind("127.0.0.1", 0).unwrap();
        let address = listeners[0].local_addr().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(serve(listeners, service, Hasty(SystemClock::new()), std::future::pending())).unwrap();
        });
        Server { address, contract }
    }

    /// Sends the bytes on a connection of their own, and says what should not be in what comes back.
    pub fn live_through(&self, bytes: &[u8]) -> Result<(), String> {
        let came = self.exchange(bytes).map_err(|error| format!("no end of the answers: {error}"))?;
        if let Some(rest) = unread(&came) {
            let rest = String::from_utf8_lossy(&came[rest..]).chars().take(300).collect::<String>();
            return Err(format!("no answer begins with {rest:?}"));
        }
        if came.windows(OUR_FAULT.len()).any(|window| window == OUR_FAULT) {
            return Err("an error in standin itself".to_owned());
        }
        match self.exchange(AFTER) {
            Ok(came) if came.starts_with(b"HTTP/1.1 200 ") => Ok(()),
            Ok(came) => Err(format!("afterwards it answers {:?}", String::from_utf8_lossy(&came))),
            Err(error) => Err(format!("afterwards it does not answer: {error}")),
        }
    }

    fn exchange(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // The server may be done before it has read all: then it has said so.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut came = Vec::new();
        match stream.read_to_end(&mut came) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => Err(error),
            _ => Ok(came),
        }
    }
}

const OUR_FAULT: &[u8] = b"an error in standin itself";

/// Where the first thing stands that is no answer. Which answer is to a HEAD request only the requests would say, and whether they
/// are any is what is tried: an answer may have its content or none, as long as answers follow each other to the end.
fn unread(came: &[u8]) -> Option<usize> {
    let (mut open, mut furthest) = (vec![0], 0);
    let mut seen = std::collections::BTreeSet::new();
    while let Some(at) = open.pop() {
        furthest = furthest.max(at);
        let rest = &came[at..];
        if rest.is_empty() {
            return None;
        }
        if !seen.insert(at) {
            continue;
        }
        let Some((head, length)) = head(rest) else { continue };
        open.push(at + head);
        if length > 0 && head + length <= rest.len() {
            open.push(at + head + length);
        }
    }
    Some(furthest)
}

/// How long an answer's head is, and its content.
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next()?;
    // A client that speaks 1.0 is answered so.
    let status = first.strip_prefix(b"HTTP/1.1 ").or_else(|| first.strip_prefix(b"HTTP/1.0 "))?;
    let code: u16 = std::str::from_utf8(status.get(..3)?).ok()?.parse().ok()?;
    if !(100..1000).contains(&code) || !matches!(status.get(3), None | Some(b' ')) {
        return None;
    }
    let mut length = None;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        if name.is_empty() || !name.iter().all(token) || value.iter().any(|byte| *byte < b' ' && *byte != b'\t') {
            return None;
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let told: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
            if length.replace(told).is_some() {
                return None;
            }
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return None;
        }
    }
    let none = matches!(code, 100..=199 | 204 | 304);
    Some((end + 4, if none { 0 } else { length.unwrap_or(0) }))
}
