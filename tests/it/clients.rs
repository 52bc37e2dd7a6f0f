//! Real clients against the built program: curl, Node's fetch, Chromium's fetch from pages of other origins, and tests of Playwright.
//!
//! Node and a browser are not part of a Rust toolchain: where they are missing these tests say that they did not run, unless
//! `CI` is set, where they have to.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::serving::Serving;

/// Whether a client is there; a missing one is a failure where CI says that it must be there.
#[expect(clippy::disallowed_methods, reason = "whether something may be missing is a matter of where the tests run")]
pub(crate) fn there(client: &str, found: bool) -> bool {
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{client} is missing");
        println!("not run: {client} is missing");
    }
    found
}

pub(crate) fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs a client and reads the JSON lines that it printed.
fn lines(command: &mut Command) -> Vec<Value> {
    let output = command.output().expect("the client runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

fn named<'l>(lines: &'l [Value], name: &str) -> &'l Value {
    lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("no {name} in {lines:#?}"))
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

#[test]
fn curl_is_answered() {
    if !there("curl", runs("curl")) {
        return;
    }
    let mock = Serving::start(&["mock"]);
    let curl = |args: &[&str]| {
        let output = Command::new("curl")
            .args(["-s", "--noproxy", "*", "-w", "\n%{http_code} %{content_type}"])
            .args(args)
            .output()
            .expect("curl runs");
        let text = String::from_utf8(output.stdout).expect("text");
        let (body, written) = text.rsplit_once('\n').expect("what -w writes");
        (serde_json::from_str::<Value>(body).unwrap_or(Value::Null), written.to_owned())
    };
    let invitations = format!("{}/api/v1/org/acme/invitations", mock.url);
    let invite = |body: &str| {
        curl(&["-H", "Authorization: Bearer x", "-H", "Content-Type: application/json", "-d", body, &invitations])
    };

    let (body, written) = invite(r#"{"email":"ada@example.com","role":"reader"}"#);
    assert_eq!(written, "200 application/json");
    assert_eq!((&body["email"], &body["role"]), (&"ada@example.com".into(), &"reader".into()));

    let (body, written) = invite(r#"{"email":"ada@","role":"reader"}"#);
    assert_eq!(written, "422 application/json");
    assert_eq!(body["code"], 422);
    assert_eq!(body["errors"][0]["loc"], serde_json::json!(["body", "email"]));

    // What curl sends with -d alone is a form, and it says so.
    let (_, written) = curl(&["-H", "Authorization: Bearer x", "-d", "email=ada@example.com", &invitations]);
    assert_eq!(written, "422 application/json");

    let (body, written) = curl(&["-H", "Prefer: code=504", &invitations]);
    assert_eq!((written.as_str(), &body["code"]), ("504 application/json", &504.into()));

    let (_, written) = curl(&["-I", "-H", "Authorization: Bearer x", &format!("{}/api/v1/invitations/me", mock.url)]);
    assert_eq!(written, "200 application/json");
    // Both addresses that `localhost` may mean.
    for host in ["127.0.0.1", "[::1]"] {
        let (_, written) =
            curl(&["-H", "Authorization: Bearer x", &format!("http://{host}:{}/api/v1/invitations/me", mock.port())]);
        assert_eq!(written, "200 application/json", "{host}");
    }
}

#[test]
fn nodes_fetch_is_answered() {
    if !there("node", runs("node")) {
        return;
    }
    let mock = Serving::start(&["mock"]);
    let seen = lines(Command::new("node").arg(clients().join("node.mjs")).arg(&mock.url));
    assert_eq!(named(&seen, "invite")["status"], 200);
    assert_eq!(named(&seen, "invite")["body"]["email"], "ada@example.com");
    assert_eq!(named(&seen, "refused")["status"], 422);
    assert_eq!(named(&seen, "refused")["why"], "invalid-request");
    assert_eq!(named(&seen, "throttled")["status"], 429);
    assert!(named(&seen, "throttled")["retryAfter"].as_str().is_some_and(|after| after.parse::<u64>().is_ok()));
    assert_eq!(named(&seen, "head")["status"], 200);
    assert_eq!(named(&seen, "head")["body"], Value::Null);
}

#[test]
fn chromiums_fetch_from_another_origin_is_answered() {
    let chromium = Path::new("/usr/bin/chromium");
    let playwright = clients().join("node_modules/playwright-core");
    if !there("chromium", chromium.exists())
        || !there("playwright-core (npm ci --prefix tests/clients)", playwright.exists())
    {
        return;
    }
    let mock = Serving::start(&["mock"]);
    let seen = lines(Command::new("node").arg(clients().join("browser.mjs")).arg(&mock.url).arg(chromium));
    let invite = named(&seen, "invite");
    assert_eq!(invite["status"], 200, "{invite}");
    assert_eq!(invite["body"]["role"], "reader");
    assert_eq!(invite["why"], "document");
    assert!(invite["exchange"].as_str().is_some_and(|exchange| exchange.contains("/_standin/exchanges/")), "{invite}");
    assert_eq!(named(&seen, "refused")["body"]["errors"][0]["loc"], serde_json::json!(["body", "email"]));
    assert!(named(&seen, "throttled")["retryAfter"].is_string(), "every field is readable: {seen:#?}");
    assert_eq!(named(&seen, "nowhere")["status"], 404);
    // The admin pages are nobody else's business.
    assert!(named(&seen, "admin")["error"].is_string(), "{seen:#?}");
    let page = named(&seen, "page");
    assert_eq!(page["status"], 200);
    assert!(page["operations"].as_u64().is_some_and(|count| count > 0), "{page}");
    assert_eq!(page["foreign"], 0);
}

#[test]
fn a_page_of_another_origin_changes_nothing_in_chromium() {
    let chromium = Path::new("/usr/bin/chromium");
    let playwright = clients().join("node_modules/playwright-core");
    if !there("chromium", chromium.exists())
        || !there("playwright-core (npm ci --prefix tests/clients)", playwright.exists())
    {
        return;
    }
    let mock = Serving::start(&["mock"]);
    let seen = lines(Command::new("node").arg(clients().join("foreign.mjs")).arg(&mock.url).arg(chromium));
    for name in ["another site", "another port", "a name made to lead here"] {
        let tried = named(&seen, name);
        assert_eq!((&tried["kept"], &tried["cookies"]), (&true.into(), &0.into()), "{tried:#}");
        let seen = tried["seen"].as_object().expect("what each try came to");
        assert_eq!(seen.len(), 10);
        for (what, came) in seen {
            // Of what is sent without asking first a page learns nothing; what it has to ask for is not sent; under a name of its own it
            // reads that it may not.
            let expected: Value = match (name, what.as_str()) {
                ("a name made to lead here", _) => 403.into(),
                (_, "simple POST" | "POST without content" | "GET that changes") => "sent".into(),
                _ => "refused".into(),
            };
            assert_eq!(*came, expected, "{name}: {what}");
        }
    }
    let navigation = named(&seen, "navigation");
    assert_eq!(navigation["asked"], serde_json::json!({ "cookies": 0, "session": 404 }));
    assert_eq!(navigation["told"], serde_json::json!({ "cookies": ["standin-session=b"], "session": "token-expires" }));
    let form = named(&seen, "form");
    assert_eq!(form["cookies"], serde_json::json!(["standin-session=c Lax true"]));
    assert_eq!(form["active"], "token-expires");
    let looked_up = named(&seen, "looked up");
    assert_eq!((&looked_up["rows"], &looked_up["earlier"]), (&2.into(), &true.into()), "{looked_up}");
    let headings = looked_up["headings"].as_array().expect("headings");
    for heading in ["Route", "Against the document", "Rules, in the order in which they are asked", "Media type"] {
        assert!(headings.contains(&heading.into()), "{heading}: {looked_up}");
    }
    let listened = named(&seen, "listened");
    assert_eq!(listened["session"], "a");
    assert!(listened["id"].as_str().is_some_and(|id| id.contains('-')), "{listened}");
}

#[test]
fn fifty_tests_of_playwright_share_a_mock_and_never_meet() {
    let chromium = Path::new("/usr/bin/chromium");
    let playwright = clients().join("node_modules/@playwright/test/cli.js");
    if !there("chromium", chromium.exists())
        || !there("@playwright/test (npm ci --prefix tests/clients)", playwright.exists())
    {
        return;
    }
    let mock = Serving::start(&["mock"]);
    let report = mock.folder.path().join("report.json");
    let output = Command::new("node")
        .arg(playwright)
        .args(["test", "--config"])
        .arg(clients().join("playwright/playwright.config.mjs"))
        .env("STANDIN_URL", &mock.url)
        .env("STANDIN_CHROMIUM", chromium)
        .env("STANDIN_REPORT", &report)
        .env("STANDIN_OUTPUT", mock.folder.path().join("output"))
        .output()
        .expect("node runs");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&report).expect(&said)).expect("JSON");
    let stats = &report["stats"];
    assert!(output.status.success(), "{said}\n{report:#}");
    assert_eq!(
        (&stats["expected"], &stats["unexpected"], &stats["flaky"]),
        (&50.into(), &0.into(), &0.into()),
        "{stats}"
    );
    let mut workers: Vec<u64> = Vec::new();
    collect(&report["suites"], &mut workers);
    workers.sort_unstable();
    workers.dedup();
    assert_eq!((report["config"]["workers"].as_u64(), workers.len()), (Some(8), 8), "eight at a time");
}

/// The workers that tests of a report ran in.
fn collect(value: &Value, workers: &mut Vec<u64>) {
    if let Some(worker) = value.get("parallelIndex").and_then(Value::as_u64) {
        workers.push(worker);
    }
    let members = value.as_object().into_iter().flat_map(|members| members.values());
    members.chain(value.as_array().into_iter().flatten()).for_each(|value| collect(value, workers));
}
