//! Requests sent, answers awaited.

use std::sync::Arc;

use super::outgoing::{Outgoing, user_agent};
use super::{Live, World};
use crate::client::{Broken, Client, SendError, Sent};
use crate::finding::{Failure, Part, Severity, Violation};
use crate::judge::Observed;
use crate::message::{HeaderValue, header};
use crate::traffic::{CapturedBody, CapturedResponse, Exchange, Outcome};

/// How many requests in a row may stay without an answer before nobody is thought to be there.
const SILENT: u32 = 3;

/// A live API.
pub(super) struct Target<'p> {
    live: &'p Live,
    client: Client,
    silent: u32,
}

/// What came of sending a request.
pub(super) enum Came {
    /// An answer, and what is wrong with how it came.
    Answer(Box<Exchange>, Option<Observed>),
    /// None, and others may still get one.
    Nothing(Observed),
    /// It could not be sent at all.
    Unsendable(String),
    /// Nobody is there.
    Unreachable(Failure),
}

impl<'p> Target<'p> {
    /// Gets ready to send, and waits for the API if that was asked for.
    pub(super) async fn reach(live: &'p Live) -> Result<Target<'p>, Failure> {
        let client = Client::new(live.client.clone())
            .map_err(|error| Failure { sentence: error.to_string(), help: error.help() })?;
        if let Some(patience) = live.wait {
            client.wait_until_reachable(&live.url.origin, patience).await.map_err(|error| unreachable(&error))?;
        }
        Ok(Target { live, client, silent: 0 })
    }

    /// Sends a request; the exchange that comes of it has the recorded target, by which it is judged.
    pub(super) async fn send(&mut self, recorded: &Exchange, outgoing: Outgoing, world: World<'_>) -> Came {
        let began = (world.now)();
        let mut request = outgoing.request;
        request.headers.entry(header::USER_AGENT).or_insert_with(user_agent);
        // Without the field any coding would do (RFC 9110 §12.5.3), and coded content cannot be looked into.
        let identity = || HeaderValue::from_static("identity");
        request.headers.entry(header::ACCEPT_ENCODING).or_insert_with(identity);
        let sent = match self.client.send(&self.live.url.origin, request).await {
            Ok(sent) => sent,
            Err(SendError::Unsendable { why }) => return Came::Unsendable(format!("it cannot be sent: {why}")),
            Err(error) => return self.silence(&error),
        };
        self.silent = 0;
        let wrong = sent.broken.as_ref().map(|broken| observed(keyword(broken), broken.to_string()));
        let exchange = Exchange {
            id: recorded.id,
            began,
            session: recorded.session.clone(),
            base: Some(Arc::from(self.live.url.origin.to_string())),
            request: outgoing.captured,
            took: sent.timings.total,
            outcome: outcome(sent),
            decision: None,
        };
        Came::Answer(Box::new(exchange), wrong)
    }

    fn silence(&mut self, error: &SendError) -> Came {
        let keyword = match error {
            SendError::Closed { .. } => "closed",
            SendError::Reset { .. } => "reset",
            SendError::Malformed { tls: false, .. } => "malformed",
            SendError::Timeout { during: crate::client::Phase::Answer, .. } => "timeout",
            _ => return Came::Unreachable(unreachable(error)),
        };
        self.silent += 1;
        if self.silent >= SILENT {
            let mut failure = unreachable(error);
            failure.sentence = format!("{SILENT} requests in a row got no answer; the last: {}", failure.sentence);
            return Came::Unreachable(failure);
        }
        Came::Nothing(observed(keyword, error.to_string()))
    }
}

fn outcome(sent: Sent) -> Outcome {
    let whole = sent.is_whole();
    Outcome::Answered(CapturedResponse {
        status: sent.response.status,
        headers: sent.response.headers.into(),
        body: CapturedBody { bytes: sent.response.body.bytes(), cut: !whole },
    })
}

fn unreachable(error: &SendError) -> Failure {
    Failure { sentence: error.to_string(), help: error.help() }
}

fn keyword(broken: &Broken) -> &'static str {
    match broken {
        Broken::Timeout => "timeout",
        Broken::Reset => "reset",
        Broken::Closed => "closed",
        _ => "malformed",
    }
}

fn observed(keyword: &'static str, sentence: String) -> Observed {
    let violation = Violation {
        part: Part::Status,
        name: "".into(),
        pointer: String::new(),
        keyword,
        sentence,
        expected: None,
        got: None,
        place: None,
    };
    Observed { rule: "no-answer", severity: Severity::Error, violation, pattern: String::new(), help: None }
}
