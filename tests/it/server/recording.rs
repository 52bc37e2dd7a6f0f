//! Recording: without secrets, to the end, and never at the cost of an answer.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use standin::server::{RecordError, Recorder};
use standin::traffic::{Exchange, Records};

use super::harness::{Server, Setup, Written, eventually};

const MINE: &str = "GET /api/v1/invitations/me";

fn recording(out: impl Write + Send + 'static) -> Server {
    Setup { record: Some((Box::new(out), "traffic.ndjson".to_owned())), ..Setup::new() }.start()
}

fn read(text: &str) -> Vec<Exchange> {
    Records::read(text.as_bytes()).unwrap().map(|record| record.expect("a whole record")).collect()
}

#[test]
fn what_was_exchanged_is_recorded_without_secrets() {
    let written = Written::default();
    let server = recording(written.clone());
    server.ask(&format!("{MINE}?api_key=hunter2\nAuthorization: Bearer hunter2\nCookie: session=hunter2"));
    server.ask(MINE);
    server.ask(&format!("GET /{}", "a".repeat(64_500)));
    server.ask("GET /_standin/health");
    let left = server.stop();
    let recorded = left.summary.recorded.clone().unwrap();
    assert_eq!((recorded.written, recorded.lost, recorded.stopped), (3, 0, None));
    assert!(left.summary.to_string().ends_with("recorded      3 in traffic.ndjson"), "{}", left.summary);
    let text = written.text();
    assert!(!text.contains("hunter2"), "{text}");
    let exchanges = read(&text);
    let told: Vec<_> = exchanges
        .iter()
        .map(|exchange| {
            (
                exchange.id,
                exchange.response().unwrap().status.as_u16(),
                exchange.decision.as_ref().unwrap().why.to_string(),
            )
        })
        .collect();
    assert_eq!(told, [(1, 200, "document".into()), (2, 401, "invalid-request".into()), (3, 414, "limits".into())]);
    // The same secret is the same digest: equality survives.
    let digest = exchanges[0].request.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    assert!(exchanges[0].request.target.as_str().contains(&digest), "{text}");
}

#[test]
fn an_exchange_is_on_the_disk_soon_after() {
    let written = Written::default();
    let server = recording(written.clone());
    server.ask(MINE);
    let text = eventually("a line", || Some(written.text()).filter(|text| text.ends_with('\n')));
    assert_eq!(read(&text).len(), 1);
    server.stop();
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_the_recording_and_not_the_server() {
    let server = recording(OpenOptions::new().write(true).open("/dev/full").unwrap());
    server.ask(MINE);
    let log = server.log_of(4);
    for _ in 0..3 {
        assert_eq!(server.ask(&format!("{MINE}\nAuthorization: Bearer x")).status, 200);
    }
    let left = server.stop();
    let line = log.lines().find(|line| line.starts_with("warning: ")).unwrap_or_else(|| panic!("{log}"));
    assert_eq!(
        line,
        "warning: recording to `traffic.ndjson` stopped after 0 exchanges: No space left on device (os error 28); \
         make room or give another file to `--record`; serving goes on"
    );
    assert_eq!(left.log.matches("warning").count(), 1, "{}", left.log);
    let recorded = left.summary.recorded.clone().unwrap();
    assert_eq!((recorded.written, recorded.lost), (0, 4));
    assert!(
        left.summary.to_string().contains("recorded      0 in traffic.ndjson, 4 missing (No space"),
        "{}",
        left.summary
    );
}

/// Takes a number of bytes and no more, then fails once, then would take more again.
struct Nearly {
    left: usize,
    failed: bool,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Write for Nearly {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = bytes.len().min(self.left);
        if count == 0 && !self.failed {
            self.failed = true;
            self.left = usize::MAX;
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.left -= count;
        self.taken.lock().unwrap().extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_cut_in_the_middle_stays_the_last_one() {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let server = recording(Nearly { left: 1500, failed: false, taken: taken.clone() });
    for _ in 0..5 {
        server.ask(MINE);
    }
    server.log_of(16);
    for _ in 0..5 {
        server.ask(MINE);
    }
    let left = server.stop();
    let taken = taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 1500);
    let records: Vec<_> = Records::read(taken.as_slice()).unwrap().collect();
    let whole = records.iter().filter(|record| record.is_ok()).count() as u64;
    assert!(records.last().unwrap().is_err() && whole > 0, "{records:?}");
    let recorded = left.summary.recorded.unwrap();
    assert_eq!((recorded.written, recorded.written + recorded.lost), (whole, 10));
}

fn temporary(name: &str, text: &str) -> PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_older_recording_is_overwritten_and_nothing_else_is() {
    let older = temporary("older.ndjson", "{\"standin\":1,\"id\":1}\n");
    let file: File = Recorder::open(&older).unwrap();
    drop(file);
    assert_eq!(fs::read_to_string(&older).unwrap(), "");
    let empty = temporary("empty.ndjson", "");
    Recorder::open(&empty).unwrap();
    let document = temporary("openapi.yaml", "openapi: 3.1.1\n");
    let error = Recorder::open(&document).unwrap_err();
    assert!(matches!(error, RecordError::NotARecording { .. }));
    assert!(error.to_string().ends_with("openapi.yaml` is no recording, and would be overwritten"), "{error}");
    assert_eq!(fs::read_to_string(&document).unwrap(), "openapi: 3.1.1\n");
    let missing = Recorder::open(&document.join("x")).unwrap_err();
    assert!(matches!(missing, RecordError::Open { .. }) && missing.help().contains("a folder that exists"));
    [older, empty, document].iter().for_each(|path| fs::remove_file(path).unwrap());
}
