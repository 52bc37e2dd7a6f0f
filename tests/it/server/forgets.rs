//! What a run comes to does not depend on what the journal keeps: counts, coverage, verdicts and the account are kept as calls happen.

use serde_json::Value;
use standin::message::Moment;
use standin::server::{Limits, ManualClock};
use standin::traffic;

use super::harness::{Server, Setup};

const STORY: &str = "scenario: story
on:
  list_my_pending_invitations:
    - calls: { 2: { status: 429, headers: { Retry-After: 5 } }, 4: 502 }
  get_org:
    - { chance: 40%, reply: { fault: { truncate: 50% } } }
expect:
  list_my_pending_invitations: { honours-retry-after: true, at-most: 5, meets: [200, 429, 404] }
  '*': { nothing-undocumented: true, backs-off: true }
";

const LIMITS: [traffic::Limits; 4] = [
    traffic::Limits { exchanges: 1_000, bytes: 8 << 20 },
    traffic::Limits { exchanges: 1, bytes: 8 << 20 },
    // Full by weight, and too small for anything.
    traffic::Limits { exchanges: 1_000, bytes: 4_000 },
    traffic::Limits { exchanges: 0, bytes: 0 },
];

/// All that can be asked of a run, and how many exchanges are kept of it.
fn run(journal: traffic::Limits) -> (String, usize) {
    let limits = Limits { journal, ..Limits::default() };
    let clock = ManualClock::at(Moment::default());
    let server = Setup { scenario: Some(STORY), limits, ..Setup::new() }.clock(clock).start();
    // To be said before anything is served.
    let service = server.service.clone().keep_account();
    for turn in 0..60 {
        let session = ["a", "b", "default"][turn % 3];
        let fields = format!("Authorization: Bearer x\nStandin-Session: {session}");
        match turn % 5 {
            0 | 1 => _ = server.ask(&format!("GET /api/v1/invitations/me\n{fields}")),
            2 => cut_off(&server, &format!("GET /api/v1/org/acme HTTP/1.1\r\n{}", fields.replace('\n', "\r\n"))),
            3 => {
                let invitation = r#"{"email":"nobody","role":7}"#;
                let head = format!("POST /api/v1/org/acme/invitations\n{fields}\nContent-Type: application/json");
                assert_eq!(server.ask_with(&head, invitation).status, 422);
            }
            _ => assert_eq!(server.ask(&format!("GET /nowhere/{turn}\n{fields}")).status, 404),
        }
    }
    let counters = |session: &str| server.ask(&format!("GET /_standin/sessions/{session}/counters")).json();
    let sessions: Vec<Value> = ["a", "b", "default"].map(counters).to_vec();
    let (account, kept) = (service.account(), service.journal().len());
    let summary = server.stop().summary;
    let told = format!(
        "{} {} {} {} {} {:?} {:?}\n{:#?}\n{:#?}\n{account:#?}\n{sessions:#?}",
        summary.calls,
        summary.refused,
        summary.unmatched,
        summary.faults,
        summary.unanswered,
        summary.statuses,
        summary.operations,
        summary.coverage,
        summary.verdicts
    );
    (told, kept)
}

/// A request whose answer may be cut off.
fn cut_off(server: &Server, head: &str) {
    let mut client = server.connect();
    client.send(&format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    assert!(client.rest().starts_with(b"HTTP/1.1 "));
}

#[test]
fn counts_coverage_and_verdicts_do_not_depend_on_what_the_journal_keeps() {
    let [(whole, kept), others @ ..] = LIMITS.map(run);
    assert_eq!(kept, 60);
    for (limits, (told, kept)) in LIMITS[1..].iter().zip(others) {
        assert!(kept <= 2, "{limits:?}: {kept}");
        for (line, other) in whole.lines().zip(told.lines()) {
            assert_eq!(line, other, "{limits:?}");
        }
        assert_eq!(whole.lines().count(), told.lines().count());
    }
    // There was something to tell.
    for word in ["too early", "call 6 of at most 5", "404 was never answered", "/nowhere/4", "invite_to_organization"] {
        assert!(whole.contains(word), "{word} is not in {whole}");
    }
}
