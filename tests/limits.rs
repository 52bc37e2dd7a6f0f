//! `docs/limits.md` says what the code says: each number of its tables is held to the constant that it is of.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use standin::mock::Options;
use standin::server::Limits;

/// A number, and how the page writes it.
enum Is {
    Count(&'static str),
    Bytes(&'static str),
    Time(&'static str),
}

use Is::{Bytes, Count, Time};

/// Rows of the page, each with constants of the code: their files below `src`, and their names.
const ROWS: [(&str, &[(&str, Is)]); 39] = [
    ("content that is unpacked", &[("contract/body.rs", Bytes("LARGEST"))]),
    ("a delay that a request asks for", &[("mock/preferences.rs", Time("LONGEST_DELAY"))]),
    ("the name of a session", &[("mock/key.rs", Count("LONGEST"))]),
    ("counts", &[("server/counts.rs", Count("GONE"))]),
    ("coverage", &[("judge/coverage.rs", Count("UNDOCUMENTED"))]),
    ("coverage of operations that are not", &[("judge/coverage.rs", Count("GONE"))]),
    ("verdicts", &[("judge/conduct/watch.rs", Count("RECENT")), ("judge/conduct/chain.rs", Count("WAITED_FOR"))]),
    ("expectations of a session", &[("judge/conduct/mod.rs", Count("WATCHES"))]),
    ("different expectations", &[("judge/conduct/totals.rs", Count("DIFFERENT"))]),
    ("broken verdicts", &[("judge/conduct/totals.rs", Count("TOLD"))]),
    ("unmatched and refused calls", &[("server/stray.rs", Count("SESSIONS"))]),
    (
        "what `exec` tells apart",
        &[
            ("server/account.rs", Count("KINDS")),
            ("server/account.rs", Count("NAMED")),
            ("server/account.rs", Count("SESSIONS")),
        ],
    ),
    ("counters of operations", &[("mock/counters.rs", Count("CHUNK"))]),
    ("counters and states of rules", &[("mock/story.rs", Count("GONE"))]),
    ("values that a rate counts apart", &[("mock/meter.rs", Count("MOST"))]),
    ("values that rules `save`", &[("mock/saved.rs", Bytes("LONGEST")), ("mock/saved.rs", Bytes("MOST"))]),
    (
        "items of `--stateful`",
        &[
            ("mock/store.rs", Count("MOST_ITEMS")),
            ("mock/store.rs", Bytes("MOST_BYTES")),
            ("mock/store.rs", Bytes("MOST_TOGETHER")),
        ],
    ),
    (
        "ids of items that are gone",
        &[("mock/store.rs", Count("MOST_GONE")), ("mock/store.rs", Bytes("MOST_GONE_BYTES"))],
    ),
    ("scenarios of its own", &[("mock/arrange.rs", Count("UPLOADS")), ("scenario/read/mod.rs", Bytes("LONGEST"))]),
    ("active scenarios", &[("mock/arrange.rs", Count("ACTIVE"))]),
    ("text that all sessions together", &[("mock/arrange.rs", Bytes("TOLD"))]),
    (
        "the log, when",
        &[
            ("server/log/queue.rs", Count("MOST")),
            ("server/log/queue.rs", Bytes("HEAVIEST")),
            ("server/log/queue.rs", Count("WARNINGS")),
        ],
    ),
    ("notes that the log tells once", &[("server/log/mod.rs", Count("NOTES"))]),
    ("a recording", &[("server/record.rs", Count("QUEUE")), ("server/record.rs", Bytes("QUEUED_BYTES"))]),
    ("listeners to exchanges", &[("server/tail.rs", Count("MOST"))]),
    ("a page of exchanges", &[("server/admin/list.rs", Count("USUAL")), ("server/admin/filter.rs", Count("MOST"))]),
    (
        "a document",
        &[
            ("document/limits.rs", Bytes("TEXT")),
            ("document/limits.rs", Count("FILES")),
            ("document/limits.rs", Bytes("ALL_FILES")),
        ],
    ),
    ("nesting of documents", &[("document/limits.rs", Count("DEPTH"))]),
    (
        "items of a list that is made up",
        &[("generate/emit.rs", Count("MOST_ITEMS")), ("generate/array.rs", Count("LONGEST"))],
    ),
    ("values of an answer", &[("generate/emit.rs", Count("MOST_VALUES"))]),
    ("a template", &[("scenario/template/mod.rs", Bytes("LONGEST")), ("scenario/template/language.rs", Count("FUEL"))]),
    // Those that can be set are asked for their usual values, below.
    ("a request's head", &[]),
    ("a request's target", &[]),
    ("a request's content", &[]),
    ("the time for a head", &[]),
    ("an answer that nobody reads", &[]),
    ("connections", &[]),
    ("a connection that a fault leaves hanging", &[]),
    ("the journal", &[]),
];

/// The value of a constant: a number, shifted or added to, or a duration of so many seconds.
fn value(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(Path::new("src").join(file)).unwrap();
    let line =
        text.lines().find(|line| line.contains(&format!("const {name}: "))).unwrap_or_else(|| panic!("{file}: {name}"));
    let said = line.split(" = ").nth(1).unwrap().trim_end_matches(';');
    let said = said.strip_prefix("Duration::from_secs(").map_or(said, |rest| rest.trim_end_matches(')'));
    let number = |text: &str| text.trim().replace('_', "").parse::<u64>().unwrap_or_else(|_| panic!("{file}: {line}"));
    match said.split_once("<<") {
        Some((number_part, shift)) => number(number_part) << number(shift),
        None => number(said),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let places = digits.chars().enumerate();
    let text = places.flat_map(|(index, digit)| {
        let comma = index > 0 && (digits.len() - index).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    });
    text.collect()
}

fn bytes(number: u64) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if number >= 1 << shift && number.is_multiple_of(1 << shift) {
            return format!("{} {unit}", grouped(number >> shift));
        }
    }
    format!("{} bytes", grouped(number))
}

fn time(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        seconds if seconds > 60 && seconds.is_multiple_of(60) => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

#[test]
fn every_limit_of_the_page_is_that_of_the_code() {
    let page = fs::read_to_string("docs/limits.md").unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let limit = |what: &str| -> &str {
        // The shortest row that begins so: one name may be the beginning of another.
        let found = rows.iter().filter(|row| row[0].starts_with(what)).min_by_key(|row| row[0].len());
        found.unwrap_or_else(|| panic!("no row `{what}`"))[1]
    };
    let mut wrong = Vec::new();
    let mut hold = |what: &str, said: String| {
        // As a number of its own: 1,000 is not in 11,000.
        let text = format!(" {} ", limit(what).replace([';', '(', ')'], " ").replace(", ", " "));
        if !text.contains(&format!(" {said} ")) && !text.contains(&format!(" {said},")) {
            wrong.push(format!("`{what}` has to say {said}, and says: {}", limit(what)));
        }
    };
    for (what, constants) in &ROWS {
        for (file, is) in *constants {
            let said = match is {
                Count(name) => grouped(value(file, name)),
                Bytes(name) => bytes(value(file, name)),
                Time(name) => time(Duration::from_secs(value(file, name))),
            };
            hold(what, said);
        }
    }
    let size = |size: usize| bytes(size as u64);
    let Limits { head, target, body, connections, head_time, body_time, stall_time, hang_time, journal, .. } =
        Limits::default();
    hold("a request's head", size(head));
    hold("a request's target", size(target));
    hold("a request's content", size(body));
    assert_eq!(head_time, body_time);
    hold("the time for a head", time(head_time));
    hold("an answer that nobody reads", time(stall_time));
    hold("connections", grouped(connections.into()));
    hold("a connection that a fault leaves hanging", time(hang_time));
    hold("the journal", grouped(journal.exchanges as u64));
    hold("the journal", size(journal.bytes));
    let options = Options::default();
    hold("sessions", grouped(options.sessions as u64));
    hold("idle time", time(options.session_idle));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Nothing stands on the page that nobody holds it to.
    let held = |row: &&Vec<&str>| {
        let words = ["what", "---", "sessions", "idle time", "overrides", "content sent to the admin API", "a reload"];
        !words.contains(&row[0]) && !ROWS.iter().any(|(what, _)| row[0].starts_with(what))
    };
    let free: Vec<&Vec<&str>> = rows.iter().filter(held).collect();
    assert!(free.is_empty(), "{free:?}");
}
