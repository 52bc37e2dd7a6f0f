//! The built program, following files that change: what it says, what it serves, and that nobody who calls notices but by the answers.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::program::Folder;
use crate::serving::{Serving, receive, send};

/// A document in which a word stands in three places that one answer shows.
fn document(word: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{ title: a, version: '1' }}
paths:
  /thing:
    get:
      operationId: get_thing
      responses:
        '200':
          description: A thing
          headers: {{ X-Word: {{ schema: {{ type: string, const: {word} }} }} }}
          content:
            application/json:
              schema: {{ type: object, required: [one, other], properties: {{ one: {{ const: {word} }}, other: {{ enum: [{word}] }} }} }}
        '429': {{ description: Too often }}
"
    )
}

/// The word of an answer, which it must have in all three places.
fn word(answer: &crate::serving::Answer) -> String {
    assert_eq!(answer.status, 200);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let field = answer.field("x-word").expect("the field").to_owned();
    assert_eq!((body["one"].as_str(), body["other"].as_str()), (Some(&*field), Some(&*field)), "of two versions");
    field
}

/// Waits until a word is so many times in the log.
fn until(serving: &Serving, said: &str, times: usize) {
    for _ in 0..2_400 {
        if serving.folder.read("log").matches(said).count() >= times {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("`{said}` is not {times} times in the log:\n{}", serving.folder.read("log"));
}

/// What the log says, without the start and what differs from run to run.
fn said(serving: &Serving) -> String {
    let log = serving.folder.read("log");
    let lines = log.lines().skip_while(|line| !line.starts_with("Help")).skip(1).filter(|line| !line.contains("GET /"));
    let shown = lines.map(|line| {
        let words = line.split(' ').map(|word| {
            match word.len() == 8 && word.as_bytes()[2] == b':' && word.as_bytes()[5] == b':' {
                true => "TIME",
                false => word,
            }
        });
        words.collect::<Vec<_>>().join(" ")
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn calls(serving: &Serving, over: &AtomicBool, count: &AtomicU64) {
    while !over.load(Ordering::Relaxed) {
        let mut stream = serving.connect();
        for _ in 0..50 {
            send(&mut stream, "GET", "/thing", "", "");
            word(&receive(&mut stream, false));
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Fifty edits, each saved in one of the ways that editors have, five of them broken; three clients call all the while.
#[test]
fn fifty_edits_go_by_and_no_request_fails() {
    const EDITS: usize = 50;
    let serving = Serving::start_in(Folder::new().with("openapi.yaml", document("w0")), &["mock", "openapi.yaml"]);
    let path = serving.folder.path().join("openapi.yaml");
    let (over, count) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..3).map(|_| scope.spawn(|| calls(&serving, &over, &count))).collect();
        let (mut good, mut broken) = (0, 0);
        for edit in 1..=EDITS {
            let text = document(&format!("w{edit}"));
            let is_broken = edit % 10 == 5;
            let text = if is_broken { text.replace("paths:", "paths: [") } else { text };
            match edit % 4 {
                0 => fs::write(&path, text).expect("written in place"),
                1 => {
                    let beside = path.with_extension("yaml.tmp");
                    fs::write(&beside, text).expect("written beside");
                    fs::rename(&beside, &path).expect("renamed");
                }
                2 => {
                    fs::rename(&path, path.with_extension("yaml~")).expect("put away");
                    fs::write(&path, text).expect("written anew");
                }
                _ => {
                    fs::remove_file(&path).expect("removed");
                    std::thread::sleep(Duration::from_millis(5));
                    fs::write(&path, text).expect("made anew");
                }
            }
            if is_broken {
                broken += 1;
                until(&serving, "still serving", broken);
                assert_eq!(word(&serving.ask("GET", "/thing", "", "")), format!("w{}", edit - 1));
            } else {
                good += 1;
                until(&serving, "  reloaded openapi.yaml: 1 response changed\n", good);
                assert_eq!(word(&serving.ask("GET", "/thing", "", "")), format!("w{edit}"));
            }
        }
        over.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().expect("every request was answered, by one version"));
    });
    assert!(count.load(Ordering::Relaxed) > 500);
}

#[test]
fn what_changed_is_told_and_what_is_broken_is_not_served() {
    let folder = Folder::new()
        .with("openapi.yaml", document("one"))
        .with("scenarios/busy.yaml", "scenario: busy\non: { get_thing: [{ reply: 429 }] }\n");
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml", "-v"]);
    let write = |file: &str, text: &str| fs::write(serving.folder.path().join(file), text).expect("a file");
    assert!(serving.folder.read("log").contains("watching: openapi.yaml, scenarios/\n"));
    let asked = || serving.ask("GET", "/thing", "Prefer: scenario=busy\r\n", "").status;

    write("openapi.yaml", &document("two").replace("'200'", "'201'"));
    until(&serving, "reloaded", 1);
    // A touch is none, and neither is another text that says the same.
    write("openapi.yaml", &document("two").replace("'200'", "'201'"));
    write("openapi.yaml", &document("two").replace("'200'", "'201'").replace("A thing", "A thing # one"));
    until(&serving, "no change in meaning", 1);
    // A scenario that cannot be used leaves everything as it is, the document too.
    assert_eq!(asked(), 429);
    write("scenarios/busy.yaml", "scenario: busy\non: { get_things: [{ reply: 429 }] }\n");
    until(&serving, "still serving", 1);
    assert_eq!(asked(), 429);
    write("openapi.yaml", &document("three").replace("get_thing", "get_things"));
    until(&serving, "reloaded", 3);
    // Which it names now.
    write("scenarios/busy.yaml", "scenario: busy\non: { get_things: [{ reply: 200 }] }\n");
    until(&serving, "`busy` changed", 2);
    write("scenarios/quiet.yaml", "scenario: quiet\non: { get_things: [{ reply: 200 }] }\n");
    until(&serving, "`quiet` added", 1);
    assert_eq!(asked(), 200);
    fs::remove_file(serving.folder.path().join("scenarios/quiet.yaml")).expect("it was there");
    until(&serving, "`quiet` removed", 1);
    write(
        "openapi.yaml",
        "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths: { /other: {get: {responses: {'200': { description: a }}}}\n",
    );
    until(&serving, "still serving", 2);
    assert_eq!(word(&serving.ask("GET", "/thing", "", "")), "three");
    insta::assert_snapshot!(said(&serving));
}

#[test]
fn what_a_new_reference_reaches_is_followed() {
    let folder = Folder::new().with("openapi.yaml", document("one")).with("parts/word.yaml", "Word: { const: two }\n");
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml"]);
    let write = |file: &str, text: &str| fs::write(serving.folder.path().join(file), text).expect("a file");
    let answer = || {
        let answer = serving.ask("GET", "/thing", "", "");
        serde_json::from_slice::<serde_json::Value>(&answer.body).expect("JSON")["one"].clone()
    };
    write("openapi.yaml", &document("one").replace("one: { const: one }", "one: { $ref: 'parts/word.yaml#/Word' }"));
    until(&serving, "reloaded openapi.yaml: 1 response changed", 1);
    assert_eq!(answer(), "two");
    write("parts/word.yaml", "Word: { const: three }\n");
    until(&serving, "reloaded parts/word.yaml: 1 response changed", 1);
    assert_eq!(answer(), "three");
    // Gone for good it is told, and what there was is served.
    fs::remove_file(serving.folder.path().join("parts/word.yaml")).expect("it was there");
    until(&serving, "error: `parts/word.yaml` is gone, and is referred to", 1);
    until(&serving, "still serving", 1);
    assert_eq!(answer(), "three");
    fs::remove_dir(serving.folder.path().join("parts")).expect("an empty folder");
    fs::create_dir(serving.folder.path().join("parts")).expect("a folder");
    write("parts/word.yaml", "Word: { const: four }\n");
    until(&serving, "reloaded parts/word.yaml: 1 response changed", 2);
    assert_eq!(answer(), "four");
}

#[test]
fn what_a_scenario_includes_is_followed() {
    let folder = Folder::new()
        .with("openapi.yaml", document("one"))
        .with("shared/replies.yaml", "replies: { busy: { status: 429, headers: { Retry-After: 2 } } }\n")
        .with("busy.yaml", "scenario: busy\ninclude: shared/replies.yaml\non: { get_thing: [{ reply: busy }] }\n");
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml", "--scenario", "busy.yaml"]);
    let wait = || serving.ask("GET", "/thing", "", "").field("retry-after").map(str::to_owned);
    assert_eq!(wait().as_deref(), Some("2"));
    let text = "replies: { busy: { status: 429, headers: { Retry-After: 7 } } }\n";
    fs::write(serving.folder.path().join("shared/replies.yaml"), text).expect("a file");
    until(&serving, "scenario `busy` changed", 1);
    assert_eq!(wait().as_deref(), Some("7"));
}

/// As a cluster hands out files: a link through a link, and that one is exchanged.
#[test]
#[cfg(unix)]
fn links_are_followed_where_they_lead_now() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new()
        .with("config/..one/openapi.yaml", document("one"))
        .with("config/..two/openapi.yaml", document("two"));
    let config = folder.path().join("config");
    symlink("..one", config.join("..data")).expect("a link");
    symlink("..data/openapi.yaml", config.join("openapi.yaml")).expect("a link");
    let serving = Serving::start_in(folder, &["mock", "config/openapi.yaml"]);
    for (number, name) in ["two", "one", "two"].into_iter().enumerate() {
        symlink(format!("..{name}"), config.join("..new")).expect("a link");
        fs::rename(config.join("..new"), config.join("..data")).expect("exchanged");
        until(&serving, "reloaded config/openapi.yaml: 1 response changed", number + 1);
        assert_eq!(word(&serving.ask("GET", "/thing", "", "")), name);
    }
}

#[test]
fn programs_get_a_line_of_json() {
    let folder = Folder::new().with("openapi.yaml", document("one"));
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml", "--log", "json"]);
    let path = serving.folder.path().join("openapi.yaml");
    let line = |member: &str| {
        until(&serving, &format!("\"{member}\""), 1);
        let log = serving.folder.read("log");
        let mut lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        lines.find(|line| line.get(member).is_some()).expect("a line")
    };
    fs::write(&path, document("two")).expect("a file");
    let told = line("reloaded");
    assert_eq!(told["reloaded"], serde_json::json!(["openapi.yaml"]));
    assert_eq!(told["summary"], "1 response changed");
    assert_eq!(told["responses"], serde_json::json!(["get_thing 200"]));
    fs::write(&path, document("three").replace("paths:", "paths: [")).expect("a file");
    let refused = line("not_reloaded");
    assert_eq!(refused["error"], "the document `openapi.yaml` cannot be used");
    assert_eq!(refused["still_serving"], told["time"]);
    assert_eq!(line("rule")["rule"], "syntax");
}

#[test]
fn nothing_is_followed_where_there_is_nothing_or_it_is_not_wanted() {
    let serving = Serving::start(&["mock"]);
    serving.until("watching: nothing (bundled)\n");
    let folder = Folder::new().with("openapi.yaml", document("one")).with("other.yaml", document("other"));
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml", "--no-watch"]);
    serving.until("watching: nothing (--no-watch)\n");
    fs::write(serving.folder.path().join("openapi.yaml"), document("two")).expect("a file");
    // Beside one that follows what it serves, and has told of a change that was made later.
    let beside = Serving::start_in(Folder::new().with("openapi.yaml", document("one")), &["mock", "openapi.yaml"]);
    fs::write(beside.folder.path().join("openapi.yaml"), document("two")).expect("a file");
    until(&beside, "reloaded", 1);
    assert_eq!(word(&serving.ask("GET", "/thing", "", "")), "one");
}

#[test]
fn settings_are_followed_and_what_takes_a_new_start_is_said() {
    let folder = Folder::new().with("openapi.yaml", document("one")).with("other.yaml", document("other"));
    let folder = folder.with("standin.yaml", "documents: [openapi.yaml]\n");
    let serving = Serving::start_in(folder, &["mock"]);
    serving.until("watching: openapi.yaml, standin.yaml\n");
    let write = |text: &str| fs::write(serving.folder.path().join("standin.yaml"), text).expect("a file");
    write("documents: [other.yaml]\nhost: 127.0.0.1\n");
    until(
        &serving,
        "reloaded standin.yaml: 1 response changed, `documents` set otherwise, `host` takes a new start\n",
        1,
    );
    assert_eq!(word(&serving.ask("GET", "/thing", "", "")), "other");
    write("documents: [other.yaml]\nports: 1\n");
    until(&serving, "still serving", 1);
    write("documents: [other.yaml]\nfail: 100%=429\n");
    until(&serving, "scenario `command-line` added", 1);
    assert_eq!(serving.ask("GET", "/thing", "", "").status, 429);
    fs::write(serving.folder.path().join("other.yaml"), document("another")).expect("a file");
    until(&serving, "reloaded other.yaml: 1 response changed", 1);
}

#[test]
fn what_is_set_otherwise_is_named() {
    let folder = Folder::new()
        .with("openapi.yaml", document("one"))
        .with("standin.yaml", "mock: { stateful: true }\n")
        .with("busy.yaml", "scenario: busy\non: { get_thing: [{ reply: 429 }] }\n");
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml"]);
    let write = |text: &str| fs::write(serving.folder.path().join("standin.yaml"), text).expect("a file");
    write("mock: { stateful: true, scenario: [busy.yaml], no-cors: true }\n");
    until(&serving, "`scenario`, `no-cors` set otherwise", 1);
    assert_eq!(serving.ask("GET", "/thing", "", "").status, 429);
    write("mock: { scenario: [busy.yaml], no-cors: true }\n");
    until(&serving, "reloaded standin.yaml: `stateful` set otherwise", 1);
    assert!(!serving.folder.read("log").contains("no change in meaning"));
}

/// What follows from a file that is gone is not what is told.
#[test]
fn a_file_that_is_gone_is_told_and_not_what_follows_from_it() {
    let whole = document("one").replace(
        "schema: { type: object, required: [one, other], properties: { one: { const: one }, other: { enum: [one] } } }",
        "schema: { $ref: 'thing.yaml' }",
    );
    let posted = "    post:\n      operationId: make_thing\n      requestBody: { content: { application/json: { schema: { $ref: 'thing.yaml' } } } }\n      responses: { '201': { description: Made, content: { application/json: { schema: { $ref: 'thing.yaml' } } } } }\n";
    let things = format!(
        "{whole}  /things:\n{posted}    get:\n      operationId: list_things\n      responses: {{ '200': {{ description: All, content: {{ application/json: {{ schema: {{ type: array, items: {{ $ref: 'thing.yaml' }} }} }} }} }} }}\n"
    );
    let thing = "type: object\nrequired: [id]\nproperties: { id: { type: string } }\n";
    let folder = Folder::new()
        .with("openapi.yaml", things)
        .with("thing.yaml", thing)
        .with("world.yaml", "collections: { things: { unique: [id] } }\n");
    let serving = Serving::start_in(folder, &["mock", "openapi.yaml", "--stateful=world.yaml"]);
    fs::remove_file(serving.folder.path().join("thing.yaml")).expect("it was there");
    until(&serving, "error: `thing.yaml` is gone, and is referred to", 1);
    fs::write(serving.folder.path().join("thing.yaml"), thing).expect("put back");
}
