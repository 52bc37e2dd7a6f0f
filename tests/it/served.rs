//! The built program, serving; and a client that shows what is on the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::program::{Folder, Ran};

/// `standin mock` on a free port. Ended when this is dropped, if not before.
pub(crate) struct Served {
    child: Child,
    /// What it wrote on standard output, line by line: the base URL.
    pub(crate) url: String,
    out: Option<BufReader<std::process::ChildStdout>>,
    err: Option<JoinHandle<String>>,
}

impl Served {
    /// Starts `standin mock -p 0` with more arguments.
    pub(crate) fn start(folder: &Folder, line: &str) -> Served {
        let args = ["mock", "-p", "0"].into_iter().chain(line.split_whitespace());
        let mut command = folder.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut err = child.stderr.take().expect("a pipe");
        let err = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).expect("text on standard error");
            text
        });
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut url = String::new();
        out.read_line(&mut url).expect("text on standard output");
        let mut served = Served { child, url: url.trim_end().to_owned(), out: Some(out), err: Some(err) };
        if served.url.is_empty() {
            let ran = served.end();
            panic!("it does not serve: {}", ran.all());
        }
        served
    }

    /// `localhost:PORT`.
    pub(crate) fn authority(&self) -> &str {
        self.url.strip_prefix("http://").expect("an address")
    }

    /// Sends a request whose head lacks `Host` and `Connection`, and returns the whole answer.
    pub(crate) fn send(&self, request: &str) -> String {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let length = if body.is_empty() { String::new() } else { format!("\r\nContent-Length: {}", body.len()) };
        let head = head.trim().replace('\n', "\r\n");
        let text = format!("{head}\r\nHost: {}\r\nConnection: close{length}\r\n\r\n{body}", self.authority());
        let mut stream = TcpStream::connect(self.authority()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        stream.write_all(text.as_bytes()).expect("a request sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Sends a request and returns the status.
    pub(crate) fn status(&self, request: &str) -> u16 {
        self.send(request).split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Ran {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args(["-TERM", &id]).status().expect("`kill` is there");
        assert!(done.success());
        self.end()
    }

    fn end(&mut self) -> Ran {
        let status = self.child.wait().expect("the program ends");
        let mut out = String::new();
        self.out.take().expect("asked once").read_to_string(&mut out).expect("text on standard output");
        let err = self.err.take().expect("asked once").join().expect("the reader ends");
        Ran { exit: status.code().unwrap_or(-1), out, err }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
