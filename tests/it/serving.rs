//! The built program, serving in the background until this value goes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use crate::program::Folder;

/// A running mock.
pub(crate) struct Serving {
    process: Child,
    out: BufReader<ChildStdout>,
    /// What it printed on standard output: its base URL.
    pub(crate) url: String,
    /// Its folder.
    pub(crate) folder: Folder,
}

/// An answer, read from a socket.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

impl Serving {
    /// Starts `standin` with these arguments and `-p 0` in an empty folder, its log going to the file `log`.
    pub(crate) fn start(args: &[&str]) -> Serving {
        Serving::start_in(Folder::new().with("log", ""), args)
    }

    /// The same in a folder that is there already.
    pub(crate) fn start_in(folder: Folder, args: &[&str]) -> Serving {
        let log = std::fs::File::create(folder.path().join("log")).expect("a file for the log");
        let mut command = folder.command(args.iter().copied().chain(["-p", "0"]));
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the program starts");
        let (mut out, mut line) = (BufReader::new(process.stdout.take().expect("a pipe")), String::new());
        out.read_line(&mut line).expect("the program prints its base URL");
        let url = line.trim().to_owned();
        assert!(url.contains("http://"), "`{url}` is no base URL; the log says:\n{}", folder.read("log"));
        Serving { process, out, url, folder }
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.url.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).expect("the program listens");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
        stream
    }

    /// Sends one request on a connection of its own. `fields` are whole lines, each with its end.
    pub(crate) fn ask(&self, method: &str, target: &str, fields: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        send(&mut stream, method, target, fields, body);
        receive(&mut stream, method == "HEAD")
    }

    /// Waits until its log says something, which it does when it comes to it: findings and recordings have threads of their own.
    pub(crate) fn until(&self, said: &str) {
        for _ in 0..400 {
            if self.folder.read("log").contains(said) {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("`{said}` is not in the log:\n{}", self.folder.read("log"));
    }

    /// Ends it as a user would, and gives what it had to say. Its base URL was all that it had to say on standard output.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> (i32, String) {
        let killed = std::process::Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status();
        assert!(killed.expect("kill runs").success());
        let exit = self.process.wait().expect("the program ends");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("text on standard output");
        assert_eq!(rest, "", "more than the base URL is on standard output");
        (exit.code().unwrap_or(-1), self.folder.read("log"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Writes a request.
pub(crate) fn send(stream: &mut TcpStream, method: &str, target: &str, fields: &str, body: &str) {
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let text = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n{fields}{length}\r\n{body}");
    stream.write_all(text.as_bytes()).expect("the server reads");
}

/// Reads an answer with a `Content-Length`, or without content.
pub(crate) fn receive(stream: &mut TcpStream, head_only: bool) -> Answer {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut buffer).expect("the server answers");
        assert!(read > 0, "closed in the head: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&buffer[..read]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
    let length = answer.field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while !head_only && answer.body.len() < length {
        let read = stream.read(&mut buffer).expect("the server goes on");
        assert!(read > 0, "closed in the content");
        answer.body.extend_from_slice(&buffer[..read]);
    }
    answer
}
