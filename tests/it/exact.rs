//! Exact under concurrency: the third call is the third call, with 64 clients at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::serving::{Serving, receive, send};

const CLIENTS: usize = 64;
const ROUNDS: usize = 1_000;

/// Every round is a session of its own, in which 64 clients send one invitation each at the same time. The scenario answers 429 to the
/// third one: exactly one of them gets it, whatever the order.
#[test]
fn of_64_calls_at_once_exactly_one_is_the_third() {
    let mock = Serving::start(&["mock", "--scenario", "throttled-then-recovers", "--log", "off"]);
    let throttled: Vec<AtomicUsize> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    let fine: Vec<AtomicUsize> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    let together = Barrier::new(CLIENTS);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut stream = mock.connect();
                for round in 0..ROUNDS {
                    let fields = format!("authorization: Bearer x\r\ncontent-type: application/json\r\nstandin-session: round-{round}\r\n");
                    together.wait();
                    send(&mut stream, "POST", "/api/v1/org/acme/invitations", &fields, r#"{"email":"ada@example.com","role":"reader"}"#);
                    match receive(&mut stream, false).status {
                        429 => throttled[round].fetch_add(1, Relaxed),
                        200 => fine[round].fetch_add(1, Relaxed),
                        other => panic!("{other}"),
                    };
                }
            });
        }
    });
    for round in 0..ROUNDS {
        assert_eq!((throttled[round].load(Relaxed), fine[round].load(Relaxed)), (1, CLIENTS - 1), "round {round}");
    }
}
