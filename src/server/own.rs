//! Requests for the server's own pages: told apart from others, read as far as a page takes content, answered.

use http::request::Parts;
use hyper::body::{Body as _, Incoming};

use super::body::{self, Trouble};
use super::connection::Peer;
use super::outgoing::Outgoing;
use super::service::{Answered, Gone, Inner};
use super::{admin, outgoing};
use crate::message::{HeaderValue, Moment, Problem, Response, StatusCode, Target, header};

impl Inner {
    /// Whether a request is for an admin page.
    pub(super) fn is_admin(&self, target: &Target) -> bool {
        let path = target.path();
        // Nearly every request is for something else, which mostly shows at the first letters.
        path.strip_prefix(&*self.admin_prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers a request for an admin page. It is no call: it is not counted, and not in the journal.
    pub(super) async fn admin(
        &self,
        peer: &Peer,
        now: Moment,
        base: &str,
        parts: &Parts,
        target: &Target,
        incoming: Incoming,
    ) -> Answered {
        let rest = target.path().get(self.admin_prefix.len()..).unwrap_or_default();
        let meant = match admin::find(self, peer, parts, rest) {
            Ok(meant) => meant,
            Err(refusal) => return Ok(self.send_own(peer, parts, *refusal, !incoming.is_end_stream())),
        };
        let content = if incoming.is_end_stream() {
            bytes::Bytes::new()
        } else {
            match body::read(incoming, &peer.patient, admin::LONGEST, self.settings.limits.body_time).await {
                Ok(content) => {
                    peer.wire.asked();
                    content
                }
                Err(Trouble::Gone) => return Err(Gone),
                Err(trouble) => return Ok(self.send_own(peer, parts, unread(&trouble), true)),
            }
        };
        let (response, tail) = admin::answer(self, base, parts, target, meant, content, now, &peer.sleep);
        let Some(tail) = tail else { return Ok(self.send_own(peer, parts, response, false)) };
        Ok(outgoing::response(response.status, response.headers, Outgoing::tail(tail, peer.wire.clone())))
    }

    /// Sends the answer; where content was left unread, as the last one.
    fn send_own(
        &self,
        peer: &Peer,
        parts: &Parts,
        mut response: Response,
        unread: bool,
    ) -> http::Response<outgoing::Outgoing> {
        if unread {
            response.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        outgoing::sendable(&mut response);
        self.send(peer, &parts.method, response)
    }
}

/// That content could not be read to its end.
fn unread(trouble: &Trouble) -> Response {
    match trouble {
        Trouble::TooLarge => *admin::too_large(),
        Trouble::TooSlow => {
            Problem::new(StatusCode::REQUEST_TIMEOUT).detail("the content was not whole in time").to_response()
        }
        Trouble::Malformed | Trouble::Gone => {
            Problem::new(StatusCode::BAD_REQUEST).detail("the chunks of the content are malformed").to_response()
        }
    }
}
