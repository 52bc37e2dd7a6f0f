//! The admin API by its own document: `standin check` holds a running mock to it, and `standin mock` serves it.

use serde_json::{Value, json};

use crate::program::Folder;
use crate::server::described;
use crate::serving::Serving;

/// Where the document is, for the program.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/admin/openapi.yaml");

/// What is tried of the admin pages, as an archive of a browser has it: all of it, or what succeeds.
fn archive(all: bool) -> String {
    let entry = |(head, body, status): (String, String, u16)| -> Value {
        let mut lines = head.lines();
        let (method, target) = lines.next().unwrap_or_default().split_once(' ').expect("a request line");
        let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
        let headers: Vec<Value> = fields.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let kind = fields.iter().find(|(name, _)| *name == "Content-Type").map(|(_, value)| *value);
        let mut request = json!({ "method": method, "url": format!("http://localhost{target}"), "headers": headers });
        if let Some(kind) = kind {
            request["postData"] = json!({ "mimeType": kind, "text": body });
        }
        let response = json!({ "status": status, "headers": [], "content": {} });
        json!({ "startedDateTime": "2026-11-22T13:04:10Z", "time": 1, "request": request, "response": response })
    };
    // What leans on a field that a replay sets by itself is tried elsewhere.
    let of_replay = |head: &str| head.contains("Host: ") || head.contains("Origin: ");
    let replayed =
        described::asked().into_iter().filter(|(head, _, status)| !of_replay(head) && (all || *status < 400));
    json!({ "log": { "version": "1.2", "entries": replayed.map(entry).collect::<Vec<_>>() } }).to_string()
}

/// The report of a check of what listens there.
fn checked(url: &str, all: bool) -> Value {
    let folder = Folder::new().with("admin.har", archive(all));
    let ran = folder.run(&format!("check {DOCUMENT} --url {url} --traffic admin.har --report json=report.json"));
    assert_eq!(ran.exit, 0, "{}", ran.all());
    serde_json::from_str(&folder.read("report.json")).expect("JSON")
}

#[test]
fn the_admin_api_is_as_its_document_says() {
    let served = Serving::start(&["mock", "-q"]);
    assert_eq!(served.ask("GET", "/api/v1/invitations/me", "Standin-Session: t1\r\n", "").status, 401);
    let report = checked(&served.url, true);
    assert_eq!(report["findings"], json!([]), "{report:#}");
}

#[test]
fn the_document_of_the_admin_api_is_clean_and_can_be_served() {
    let linted = Folder::new().run(&format!("lint {DOCUMENT}"));
    assert_eq!(linted.exit, 0, "{}", linted.all());
    let served = Serving::start(&["mock", "-q", DOCUMENT, "--admin-prefix", "/_own"]);
    // What else is wrong with a request than the document says, only the admin pages themselves know.
    let report = checked(&served.url, false);
    assert_eq!(report["findings"], json!([]), "{report:#}");
    let clock =
        served.ask("PUT", "/_standin/sessions/t1/clock", "Content-Type: application/json\r\n", r#"{"frozen":1}"#);
    assert_eq!(clock.status, 422);
}
