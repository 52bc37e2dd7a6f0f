//! How a test of a client looks: `cargo run --example in_a_test`.
//!
//! The mock is opened from a document, answers as a scenario tells, and is asked afterwards what came. In a test of yours, `main` is a
//! `#[test]`, and `Client` your own code.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use standin::Mock;

fn main() -> Result<(), Box<dyn Error>> {
    let mock = Mock::open("fixtures/invitation/openapi.yaml")?.scenario("throttled-then-recovers").start()?;
    let client = Client { url: mock.url().to_owned() };
    for email in ["ada@example.com", "bob@example.com", "eve@example.com"] {
        println!("{email}: {}", client.invite(email)?);
    }
    let calls = mock.calls("invite_to_organization")?;
    println!("{calls} calls");
    mock.verify()?;
    Ok(())
}

/// What is tested.
struct Client {
    url: String,
}

impl Client {
    /// Sends an invitation; the status of the answer.
    fn invite(&self, email: &str) -> Result<u16, Box<dyn Error>> {
        let authority = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(authority)?;
        let body = format!(r#"{{"email":"{email}","role":"reader"}}"#);
        let fields = format!("host: {authority}\r\nauthorization: Bearer x\r\nconnection: close");
        let content = format!("content-type: application/json\r\ncontent-length: {}", body.len());
        write!(stream, "POST /api/v1/org/acme/invitations HTTP/1.1\r\n{fields}\r\n{content}\r\n\r\n{body}")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).ok_or("no answer")?;
        Ok(status.parse()?)
    }
}
