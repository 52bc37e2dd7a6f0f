//! Bytes on a connection: every answer has to be one, and the server has to go on. Half of the mutations put a request to one of
//! the operations, with one of its parameters or its body spoilt, into what is sent.
#![no_main]

#[path = "../../tests/fuzz/guard.rs"]
mod guard;
#[path = "../../tests/fuzz/requests.rs"]
mod requests;
#[path = "../../tests/fuzz/spoil.rs"]
mod spoil;
#[path = "../../tests/fuzz/wire.rs"]
mod wire;

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use requests::Server;

/// For the client; the server's work is bounded by its patience.
const TIME: Duration = Duration::from_secs(1);

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = guard::guarded(TIME, || SERVER.live_through(bytes)) {
        panic!("{why}");
    }
});

fuzz_mutator!(|bytes: &mut [u8], size: usize, most: usize, seed: u32| {
    let mut chance = spoil::Chance(seed.into());
    if chance.below(2) == 0 {
        return fuzzer_mutate(bytes, size, most);
    }
    let drawn = wire::drawn(&SERVER.contract, &mut chance);
    let whole = match chance.below(3) {
        0 => [&bytes[..size], &drawn].concat(),
        1 => [&drawn[..], &bytes[..size]].concat(),
        _ => drawn,
    };
    if whole.len() > most {
        return fuzzer_mutate(bytes, size, most);
    }
    bytes[..whole.len()].copy_from_slice(&whole);
    whole.len()
});
