//! The clients in `fixtures/exec`, each beside a mock: what they are told they did, in every form.
//!
//! A client is a shell script. Its first lines say what it shows, which flags it is run with, and the exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use regex::Regex;

use crate::clients::{runs, there};
use crate::program::{Folder, Ran};

/// A folder with a copy of the fixtures.
fn folder() -> Folder {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exec");
    let files = fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.is_file()).fold(Folder::new(), |folder, path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        folder.with(&name, fs::read(&path).expect("a file"))
    })
}

/// What stands behind `# name:` in the first lines of a script.
fn said<'t>(script: &'t str, name: &str) -> Option<&'t str> {
    let mut lines = script.lines().take_while(|line| line.starts_with("# "));
    lines.find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": "))
}

/// The text with everything that is another each time replaced.
fn settled(text: &str) -> String {
    let replaced = [
        (r"localhost:\d+", "localhost:PORT"),
        (r"\d+\.\d+ s\b|\d+ ms\b", "N s"),
        (r"--now \S+", "--now TIME"),
        (r#""now": "[^"]+""#, r#""now": "TIME""#),
        (r#""(seconds|at|waited)": \d+\.\d+"#, r#""$1": "N""#),
        (r#" time="[^"]+""#, r#" time="N""#),
        (r#" (timestamp|uuid)="[^"]+""#, ""),
    ];
    replaced.iter().fold(text.to_owned(), |text, (pattern, with)| {
        Regex::new(pattern).expect("an expression").replace_all(&text, *with).into_owned()
    })
}

#[test]
fn clients_are_told_what_they_did() {
    if !there("curl", runs("curl")) {
        return;
    }
    let folder = folder();
    let mut tried = 0;
    insta::glob!("../../../fixtures/exec", "*.sh", |path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let script = folder.read(&name);
        let Some(exit) = said(&script, "exit") else { return };
        let flags = said(&script, "flags").unwrap_or_default();
        let reports = ["json", "junit", "markdown"].map(|kind| (kind, format!("{name}.{kind}")));
        let asked = reports.iter().flat_map(|(kind, file)| ["--report".to_owned(), format!("{kind}={file}")]);
        let words = ["exec", "openapi.yaml"].into_iter().chain(flags.split_whitespace()).map(str::to_owned);
        let words = words.chain(asked).chain(["--", "sh", &name].map(str::to_owned));
        let ran = Ran::of(folder.command(words).process_group(0).output().expect("the program runs"));
        assert_eq!(ran.exit.to_string(), exit, "{name}: {}", ran.all());
        let mut told = ran.all();
        for (kind, file) in &reports {
            told.push_str(&format!("\n--- {kind}\n{}", folder.read(file)));
        }
        assert!(!told.contains("secret"), "{told}");
        insta::with_settings!({ description => script, omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../../../fixtures/exec/snapshots" }, {
            insta::assert_snapshot!(settled(&told));
        });
        tried += 1;
    });
    assert!(tried >= 7, "{tried} clients were run");
}

#[test]
fn a_summary_in_markdown_is_added_to_what_is_there_and_the_others_are_written_anew() {
    let folder = Folder::new().with("summary.md", "# Before\n\n").with("run.json", "old");
    let run = |exit: &str| {
        let line = format!("exec --report markdown=summary.md --report json=run.json -- sh -c exit\u{a0}{exit}");
        let words: Vec<String> = line.split(' ').map(|word| word.replace('\u{a0}', " ")).collect();
        Ran::of(folder.command(words).output().expect("the program runs")).exit
    };
    assert_eq!((run("0"), run("3")), (0, 3));
    let summary = folder.read("summary.md");
    assert!(summary.starts_with("# Before\n\n## standin exec: exit 0\n"), "{summary}");
    assert!(summary.contains("\n\n## standin exec: exit 3\n"), "{summary}");
    let report: serde_json::Value = serde_json::from_str(&folder.read("run.json")).expect("JSON");
    assert_eq!(report["exit"]["code"], 3);
    assert_eq!(report["ended"], serde_json::json!({ "code": 3, "signal": null }));
}

#[test]
fn a_report_of_a_command_that_was_not_run_says_so_whatever_was_in_the_file() {
    let story = "scenario: no\non: { nothing: [ { reply: 404 } ] }\n";
    let reports = "--report junit=old.xml --report json=new.json --report markdown=new.md";
    for (line, code, said) in [
        ("-- nope", 127, "no such command: `nope`"),
        ("--scenario no.yaml -- true", 3, "no.yaml"),
        ("nothing.yaml -- true", 3, "nothing.yaml"),
        ("--format json -- true", 2, "`--format json` is for standard output"),
    ] {
        let folder = Folder::new().with("old.xml", "<testsuites name=\"old\"/>").with("no.yaml", story);
        fs::set_permissions(folder.path().join("old.xml"), fs::Permissions::from_mode(0o640)).expect("a mode");
        let ran = folder.run(&format!("exec {reports} {line}"));
        assert_eq!(ran.exit, code, "{line}: {}", ran.err);
        let junit = folder.read("old.xml");
        assert!(
            junit.contains("errors=\"1\"") && junit.contains("<error ") && !junit.contains("name=\"old\""),
            "{line}: {junit}"
        );
        let json: serde_json::Value = serde_json::from_str(&folder.read("new.json")).expect("JSON");
        assert_eq!((&json["exit"]["code"], &json["version"]), (&code.into(), &1.into()), "{line}");
        let markdown = folder.read("new.md");
        assert!(markdown.starts_with(&format!("## standin exec: exit {code}\n\n")), "{line}: {markdown}");
        for text in [&junit, &markdown, json["error"]["said"].as_str().expect("a text")] {
            assert!(text.contains(said), "{line}: {text}");
        }
        let mode = fs::metadata(folder.path().join("old.xml")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "{line}");
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 4, "{line}: nothing is left beside them");
    }
    // What is read is never written over, and what cannot be written leaves nothing behind.
    let folder = Folder::new().with("no.yaml", story);
    let ran = folder.run("exec --scenario no.yaml --report json=no.yaml -- true");
    assert_eq!((ran.exit, folder.read("no.yaml").as_str()), (2, story), "{}", ran.err);
    let ran = folder.run("exec --report json=run.json --report junit=no/folder -- true");
    assert_eq!((ran.exit, folder.path().join("run.json").exists()), (4, false), "{}", ran.err);
}

#[test]
fn the_last_line_says_which_report_could_not_be_written() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = Folder::new();
    let last = |ran: &Ran| ran.err.lines().last().unwrap_or_default().to_owned();
    let ran = folder.run("exec --report json=run.json --report junit=/dev/full -- true");
    let said = "the report `/dev/full` cannot be written: ";
    assert_eq!(ran.exit, 4, "{}", ran.err);
    assert!(last(&ran).starts_with(&format!("exit 4: {said}")), "{}", ran.err);
    assert!(ran.err.contains(&format!("\nerror: {said}")), "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&folder.read("run.json")).expect("JSON");
    assert_eq!(report["exit"]["code"], 4, "the other one says the same");
    let ran = folder.run("exec -q --report markdown=/dev/full -- false");
    assert!(last(&ran).starts_with(&format!("exit 1: the command ended 1, {said}")), "{}", ran.err);
}
