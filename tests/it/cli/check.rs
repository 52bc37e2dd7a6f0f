//! `standin check`: which runs are begun, what is printed where, how they end.

use insta::assert_snapshot;

use crate::program::Folder;
use crate::serving::Serving;

const TOKEN: &str = "Authorization: Bearer sesame\r\n";

/// A folder with traffic of the bundled document in `traffic.ndjson`, as the mock recorded it.
fn recorded() -> Folder {
    let folder = Folder::new();
    let file = folder.path().join("traffic.ndjson").display().to_string();
    let served = Serving::start(&["mock", "-q", "--record", &file]);
    assert_eq!(served.ask("GET", "/api/v1/invitations/me", TOKEN, "").status, 200);
    assert_eq!(served.ask("GET", "/api/v1/org/acme/members", TOKEN, "").status, 200);
    drop_gently(served);
    folder
}

/// Ends the mock so that its recording is whole.
fn drop_gently(served: Serving) {
    #[cfg(unix)]
    assert_eq!(served.stop().0, 0);
    #[cfg(not(unix))]
    drop(served);
}

#[test]
fn a_mock_holds_to_its_own_document() {
    let folder = recorded();
    let served = Serving::start(&["mock", "-q"]);
    let ran = folder.run(&format!(
        "check --url {} --traffic traffic.ndjson --auth sesame --report junit=junit.xml --report json=report.json",
        served.url
    ));
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{}", ran.err);
    let first = ran.err.lines().next().unwrap_or_default();
    assert!(first.contains("bundled invitation API") && first.contains(&served.url), "{first}");
    assert!(ran.err.contains("report junit.xml\nreport report.json\n"), "{}", ran.err);
    assert!(folder.read("junit.xml").contains("<testcase name=\"GET /api/v1/invitations/me\""));
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).expect("JSON");
    assert_eq!(report["findings"], serde_json::json!([]));
    for text in [ran.err, folder.read("junit.xml"), folder.read("report.json")] {
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[test]
fn a_broken_answer_is_found_on_standard_output_in_the_form_asked_for() {
    let folder = recorded();
    let broken = folder.read("traffic.ndjson").replacen("\"status\":200", "\"status\":418", 1);
    let folder = folder.with("broken.ndjson", broken);
    let ran = folder.run("check --offline --traffic broken.ndjson");
    assert_eq!(ran.exit, 1, "{}", ran.all());
    assert!(ran.out.contains("undocumented-status") && ran.out.contains("418"), "{}", ran.out);
    assert!(ran.err.ends_with("exit 1: findings\n"), "{}", ran.err);

    let ran = folder.run("check --offline --traffic broken.ndjson --format json");
    assert_eq!(ran.exit, 1);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["findings"][0]["rule"], "undocumented-status");
    assert!(ran.err.contains("undocumented-status"), "text stays on the terminal: {}", ran.err);

    let ran = folder.run("check -q --offline --traffic broken.ndjson");
    assert_eq!((ran.exit, ran.err.as_str()), (1, ""));
}

#[test]
fn a_file_cut_in_the_middle_is_judged_as_far_as_it_goes() {
    let folder = recorded();
    let whole = folder.read("traffic.ndjson");
    let folder = folder.with("cut.ndjson", &whole[..whole.len() - 40]);
    let ran = folder.run("check --offline --traffic cut.ndjson");
    assert_eq!(ran.exit, 4, "{}", ran.all());
    assert!(ran.err.contains("lost") && ran.err.contains("cut.ndjson"), "{}", ran.err);
}

#[test]
fn a_target_that_is_not_there_is_named() {
    let folder = recorded();
    // Port 1 of this machine: nothing listens there.
    let ran = folder.run("check --url http://127.0.0.1:1 --traffic traffic.ndjson");
    assert_eq!((ran.exit, ran.out.as_str()), (4, ""));
    let told: Vec<&str> =
        ran.err.lines().filter(|line| line.starts_with("error") || line.starts_with("help")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    error: `127.0.0.1:1` refused the connection
    help: is it running? `--wait 30s` waits until it is
    ");
}

#[test]
fn only_some_operations_can_be_checked() {
    let folder = recorded();
    let ran = folder.run("check --offline --traffic traffic.ndjson --only list_members");
    assert_eq!(ran.exit, 0, "{}", ran.all());
    assert!(ran.err.contains("1 of 12 operations checked"), "{}", ran.err);
    let ran = folder.run("check --offline --traffic traffic.ndjson --skip list_member");
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("did you mean `list_members`?"), "{}", ran.err);
}

#[test]
fn what_is_missing_is_asked_for() {
    assert_snapshot!(Folder::new().run("check --url http://localhost:1").all(), @r"
    --- stderr
    error: there is nothing to check: no recorded traffic was given
    help: --traffic session.har, or what `standin mock --record FILE` writes
    --- exit 2
    ");
    assert_snapshot!(Folder::new().run("check --traffic a.har").all(), @r"
    --- stderr
    error: the base URL of the API is missing
    help: --url http://localhost:8080, or --offline to judge what was recorded
    --- exit 2
    ");
    for line in ["--url x --offline --traffic a", "--url ftp://a --traffic a", "- --offline --traffic -", "--timeout 5"]
    {
        let ran = Folder::new().run(&format!("check {line}"));
        assert_eq!(ran.exit, 2, "{line}: {}", ran.err);
    }
    let ran = Folder::new().run("check --offline --traffic a.har");
    assert_eq!(ran.exit, 4);
    assert!(ran.err.contains("`a.har` cannot be read"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn asked_twice_to_stop_it_stops_in_the_middle_of_a_request() {
    use std::process::{Command, Stdio};
    let folder = recorded();
    // Takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let mut command = folder.command(["check", "--url", &url, "--traffic", "traffic.ndjson", "--timeout", "1h"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // Once the request is there, signals are heeded.
    let _connection = silent.accept().expect("a connection");
    let ask = || {
        let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("`kill` runs");
        assert!(asked.success());
    };
    ask();
    // Two signals at once may arrive as one.
    std::thread::sleep(std::time::Duration::from_millis(300));
    ask();
    let exit = child.wait().expect("the program ends");
    assert_eq!(exit.code(), Some(4));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("a pipe"), &mut said).expect("text");
    assert!(said.ends_with("exit 4: not everything was looked at\n"), "{said}");
}

#[cfg(unix)]
#[test]
fn traffic_that_can_be_read_only_once_is_read_whole_first() {
    let folder = recorded();
    let text = folder.read("traffic.ndjson");
    let ran = folder.run_with_input("check --offline --traffic /dev/stdin", &text);
    assert_eq!(ran.exit, 0, "{}", ran.all());
    assert!(ran.err.contains("2 records: 2 as documented"), "{}", ran.err);
}

#[test]
fn a_field_that_is_none_is_not_shown() {
    let folder = Folder::new();
    let mut command = folder.command(["check", "--url", "http://localhost:1", "--traffic", "a"]);
    let output = command.args(["-H", "Authorization=Bearer planted-secret"]).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("error: -H: ") && said.contains("help: write it as"), "{said}");
    assert!(!said.contains("planted"), "{said}");
}

#[test]
fn a_report_writes_over_nothing_that_is_read_and_over_no_other_report() {
    let folder = recorded();
    for reports in ["--report json=./traffic.ndjson", "--report json=a --report junit=a", "--report json=-"] {
        let ran = folder.run(&format!("check --offline --traffic traffic.ndjson {reports}"));
        assert_eq!(ran.exit, 2, "{}", ran.all());
        assert!(ran.err.contains("--report"), "{}", ran.err);
    }
    let folder = folder.with("pets.yaml", "openapi: 3.1.0");
    let ran = folder.run("lint pets.yaml --report json=pets.yaml");
    assert!(ran.exit == 2 && ran.err.contains("`pets.yaml` is read, and would be overwritten"), "{}", ran.all());
    assert_eq!(folder.read("pets.yaml"), "openapi: 3.1.0");
}
