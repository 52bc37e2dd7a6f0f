//! The README, tried: its YAML is a scenario, its commands and flags exist, and what it shows of output is what comes.

use std::fs;
use std::path::Path;

use crate::program::{Folder, Ran};
use crate::serving::Serving;

/// A code block: what its first line says it is, and its lines.
struct Block {
    kind: String,
    lines: Vec<String>,
}

fn blocks() -> Vec<Block> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(kind), false) => blocks.push(Block { kind: kind.to_owned(), lines: Vec::new() }),
            (None, true) => blocks.last_mut().expect("an open block").lines.push(line.to_owned()),
            _ => {}
        }
        open ^= line.starts_with("```");
    }
    assert!(!open && blocks.len() > 5, "the README has its code blocks");
    blocks
}

/// The commands of console blocks, each with the output that is shown below it.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for block in blocks().into_iter().filter(|block| block.kind == "console") {
        for line in block.lines {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), Vec::new())),
                None => commands.last_mut().expect("a command before its output").1.push(line),
            }
        }
    }
    commands
}

/// What is shown below the command that starts like this.
fn shown(command: &str) -> Vec<String> {
    let found = commands().into_iter().find(|(known, shown)| known.starts_with(command) && !shown.is_empty());
    found.unwrap_or_else(|| panic!("the README shows no output of `{command}`")).1
}

fn throttled() -> Folder {
    let yaml: Vec<Block> = blocks().into_iter().filter(|block| block.kind == "yaml").collect();
    let [block] = yaml.as_slice() else { panic!("the README has one YAML block") };
    assert_eq!(block.lines.len(), 8, "the README promises eight lines");
    Folder::new().with("throttled.yaml", block.lines.join("\n"))
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.err, ran.out)
}

/// Holds output to what is shown; a line `…` stands for any lines.
fn is_shown(output: &str, shown: &[String]) {
    let mut lines = output.lines();
    let mut any = false;
    for expected in shown {
        if expected == "…" {
            any = true;
            continue;
        }
        let met = if any { lines.any(|line| line.trim_end() == expected) } else { lines.next() == Some(expected) };
        assert!(met, "not there: {expected}\nin:\n{output}");
        any = false;
    }
    assert!(any || lines.all(str::is_empty), "more comes than is shown:\n{output}");
}

#[test]
fn every_command_and_flag_exists() {
    let folder = Folder::new();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let spans = page.split('`').skip(1).step_by(2).map(str::to_owned);
    let typed = commands().into_iter().map(|(command, _)| command).chain(spans);
    let mut tried = 0;
    for line in typed.filter(|line| line.starts_with("standin ")) {
        let mut words = line.split_whitespace().skip(1);
        let command = words.next().expect("a command");
        let help = folder.run(&format!("{command} --help"));
        assert_eq!(help.exit, 0, "{line}");
        for flag in words.filter(|word| word.starts_with('-')) {
            let has = [" ", "["].iter().any(|after| help.out.contains(&format!("{flag}{after}")));
            assert!(has, "`{line}`: {command} has no {flag}");
        }
        tried += 1;
    }
    assert!(tried >= 6, "{tried} commands were tried");
    // Flags that stand alone belong to some command.
    let all: String =
        ["mock", "check", "exec"].iter().map(|command| folder.run(&format!("{command} --help")).out).collect();
    for flag in page.split('`').filter(|span| span.starts_with("--")) {
        let flag = flag.split([' ', '=']).next().unwrap_or(flag);
        assert!(all.contains(&format!("{flag} ")), "no command has {flag}");
    }
}

#[test]
fn the_fixture_for_playwright_is_the_one_that_is_tried() {
    let all = blocks();
    let block = all.iter().find(|block| block.kind == "js").expect("a block of JavaScript");
    assert!(block.lines.len() <= 12, "the README promises twelve lines");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tried = fs::read_to_string(here.join("tests/clients/playwright/standin.mjs")).expect("the fixture");
    assert_eq!(tried.lines().collect::<Vec<_>>(), block.lines);
    let page = fs::read_to_string(here.join("docs/sessions.md")).expect("a page");
    assert!(page.contains(&tried), "docs/sessions.md shows another one");
}

#[test]
fn the_start_and_the_answers_are_as_shown() {
    let mock = Serving::start(&["mock"]);
    let here = |text: &str| text.replace(&format!(":{}", mock.port()), ":4010");
    is_shown(&here(&mock.folder.read("log")), &shown("cargo run"));
    for (command, shown) in commands().into_iter().filter(|(command, _)| command.starts_with("curl ")) {
        let (method, target, fields, body) = asked(&command);
        let answer = mock.ask(&method, &target, &fields, &body);
        let body = String::from_utf8(answer.body).expect("text");
        let output = if command.contains(" -si ") { format!("{}\n\n{body}", answer.head) } else { body };
        is_shown(&here(&output.replace('\r', "")), &shown);
    }
    #[cfg(unix)]
    {
        // The requests above name no port.
        let log = mock.stop().1.replace("http://localhost/", "http://localhost:4010/");
        let shown = blocks().into_iter().find(|block| block.kind.is_empty()).expect("the log is shown").lines;
        let first = shown[0].split("  ").nth(1).expect("what was asked");
        let at = log.lines().position(|line| line.contains(first)).unwrap_or_else(|| panic!("no {first} in\n{log}"));
        let lines: Vec<&str> = log.lines().skip(at + 1).take(shown.len() - 1).collect();
        assert_eq!(lines, shown[1..], "in\n{log}");
    }
}

/// A curl command as a request: the few forms that the README uses.
fn asked(command: &str) -> (String, String, String, String) {
    let (mut fields, mut body) = (String::new(), String::new());
    let target = command.split_whitespace().find_map(|word| word.strip_prefix("localhost:4010")).expect("a target");
    for part in command.split(" -H \"").skip(1) {
        fields.push_str(&format!("{}\r\n", part.split('"').next().unwrap_or_default()));
    }
    if let Some((_, rest)) = command.split_once(" -d '") {
        rest.trim_end_matches('\'').clone_into(&mut body);
    }
    let method = if body.is_empty() { "GET" } else { "POST" };
    (method.to_owned(), target.to_owned(), fields, body)
}

#[test]
fn the_scenario_is_told_as_shown() {
    is_shown(&said(&throttled().run("explain throttled.yaml")), &shown("standin explain throttled.yaml"));
}

#[test]
#[cfg(unix)]
fn the_recording_is_checked_as_shown() {
    let folder = throttled();
    let file = folder.path().join("traffic.ndjson").display().to_string();
    let story = folder.path().join("throttled.yaml").display().to_string();
    let mock = Serving::start(&["mock", "--scenario", &story, "--record", &file]);
    let fields = "Authorization: Bearer x\r\nContent-Type: application/json\r\n";
    assert_eq!(mock.ask("GET", "/api/v1/invitations/me", fields, "").status, 200);
    let invite =
        || mock.ask("POST", "/api/v1/org/acme/invitations", fields, r#"{"email":"a@b.example","role":"reader"}"#);
    assert_eq!([(); 4].map(|()| invite().status), [200, 200, 429, 200]);
    assert_eq!(mock.stop().0, 0);

    let live = Serving::start(&["mock"]);
    let ran = folder.run(&format!("check --url {} --auth x --traffic traffic.ndjson", live.url));
    let seconds = |part: &str| if part.ends_with(" s") { "0.0 s".to_owned() } else { part.to_owned() };
    let output = said(&ran).replace(&format!(":{}", live.port()), ":4011");
    let output: Vec<String> = output.split(", ").map(seconds).collect();
    is_shown(&output.join(", "), &shown("standin check --url http://localhost:4011"));
}

#[test]
#[cfg(unix)]
fn the_suite_is_judged_as_shown() {
    use crate::clients::{runs, there};

    if !there("curl", runs("curl")) {
        return;
    }
    let tests = r#"ask() { curl -s --noproxy '*' -o /dev/null "$STANDIN_URL/api/v1$@" -H "Authorization: Bearer x"; }
ask /org/acme/members -H "Standin-Session: t1"
ask /org/acme/member -H "Standin-Session: t2"
ask /org/acme/invitations -H "Standin-Session: t3" -H "Content-Type: application/json" -d '{"email":"ada@","role":"reader"}'
"#;
    let ran = Folder::new().with("tests.sh", tests).run("exec -- sh tests.sh");
    assert_eq!(ran.exit, 1, "{}", ran.all());
    let port = ran.err.split("http://localhost:").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
    let took = ran.err.split(" ended 0 after ").nth(1).and_then(|rest| rest.split(' ').next()).expect("seconds");
    let said = said(&ran).replace(&format!(":{port} "), ":4010 ").replace(&format!("after {took} s"), "after 0.0 s");
    is_shown(&said, &shown("standin exec -- sh tests.sh"));
}
