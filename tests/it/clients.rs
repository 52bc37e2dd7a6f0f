//! Real clients against the built program: curl, Node's fetch, and Chromium's fetch from a page of another origin.
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
