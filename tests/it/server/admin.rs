//! The admin pages: who may see them, and that they are as their own document says.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::harness::{BUNDLED, Client, Server, Setup};

const ALL: [&str; 11] = [
    "",
    "/",
    "/health",
    "/document",
    "/openapi.yaml",
    "/exchanges",
    "/exchanges/1",
    "/exchanges.har",
    "/exchanges/tail?since=0&limit=1",
    "/verify",
    "/coverage",
];

/// A server that has something to tell.
pub(super) fn told() -> Server {
    let server = Setup::new().start();
    let invite = "POST /api/v1/org/acme/invitations?dry=1&token=hunter2\nAuthorization: Bearer hunter2\nContent-Type: application/json";
    server.ask_with(invite, r#"{"email":"<b>ada</b>","role":"admin"}"#);
    server.ask("POST /api/v1/org/acme/invitation");
    server.ask("GET /api/v1/invitations/me\nAuthorization: Bearer x\nPrefer: code=429, delay=1ms\nStandin-Session: t1");
    server
}

#[test]
fn an_exchange_is_told_whole_and_without_secrets() {
    let server = told();
    let answer = server.ask("GET /_standin/exchanges/1");
    assert!(!answer.text().contains("hunter2"), "{}", answer.text());
    let exchange = answer.json();
    assert_eq!(exchange["decision"]["operation"], "invite_to_organization");
    assert_eq!(exchange["decision"]["why"], "invalid-request");
    assert_eq!(exchange["answer"]["status"], 422);
    let violation = &exchange["decision"]["violations"][0];
    assert_eq!((&violation["part"], &violation["pointer"]), (&"body".into(), &"/email".into()));
    let place = violation["place"].as_str().unwrap();
    assert!(place.starts_with("openapi.yaml:"), "{place}");

    let page = server.ask("GET /_standin/exchanges/1\nAccept: text/html");
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert!(!page.text().contains("hunter2") && !page.text().contains("<b>"), "{}", page.text());
    assert!(page.text().contains("&lt;b&gt;ada&lt;/b&gt;") && page.text().contains(place), "{}", page.text());

    let listed = server.ask("GET /_standin/exchanges?limit=2").json();
    let ids: Vec<_> = listed["exchanges"].as_array().unwrap().iter().map(|exchange| exchange["id"].as_u64()).collect();
    assert_eq!(ids, [Some(3), Some(2)]);
    assert_eq!(listed["exchanges"][0]["session"], "t1");
    let more = listed["exchanges"][1]["more"].as_str().unwrap();
    assert_eq!(more, format!("http://localhost:{}/_standin/exchanges/2", server.port()));
}

#[test]
fn the_document_is_served_as_it_was_read() {
    let server = told();
    let answer = server.ask("GET /_standin/document");
    assert_eq!(answer.header("content-type"), Some("application/yaml"));
    assert_eq!(
        answer.text(),
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(BUNDLED)).unwrap()
    );
    // Browsers save YAML to a file.
    let shown = server.ask("GET /_standin/document\nAccept: text/html,*/*;q=0.8");
    assert_eq!(shown.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(shown.text(), answer.text());
    let head = server.ask("HEAD /_standin/document");
    assert_eq!(head.header("content-length"), Some(&*answer.body.len().to_string()));
}

#[test]
fn only_local_names_and_no_other_origin() {
    let server = told();
    let port = server.port();
    for path in ALL {
        for host in ["evil.test", "localhost.evil.test", "10.0.0.1", "0.0.0.0", "127.0.0.1.evil.test"] {
            let answer = server.ask(&format!("GET /_standin{path}\nHost: {host}:{port}"));
            assert_eq!(answer.status, 403, "{path} {host}");
            assert!(answer.detail().contains("`localhost`"));
        }
        for origin in [
            "http://evil.test",
            "null",
            "https://localhost:1",
            "http://localhost:1",
            &format!("https://localhost:{port}"),
            &format!("http://127.0.0.1:{port}"),
        ] {
            let answer = server.ask(&format!("GET /_standin{path}\nHost: localhost:{port}\nOrigin: {origin}"));
            assert_eq!(answer.status, 403, "{path} {origin}");
            assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{answer:?}");
        }
        for host in ["localhost", "127.0.0.1", "t1.localhost", "[::1]", "127.1.2.3"] {
            let own = format!("GET /_standin{path}\nHost: {host}:{port}\nOrigin: http://{host}:{port}");
            let answer = server.ask(&own);
            assert_eq!(answer.status, 200, "{path} {host}");
            assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{answer:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        }
    }
    let preflight = "OPTIONS /_standin/health\nOrigin: http://evil.test\nAccess-Control-Request-Method: GET";
    assert_eq!(server.ask(preflight).status, 403);
    let summary = server.stop().summary;
    assert_eq!(summary.calls, 3, "these are no calls");
}

#[test]
fn they_cannot_be_written_and_what_there_is_not_is_said() {
    let server = told();
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.ask(&format!("{method} /_standin/exchanges"));
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("GET, HEAD")));
    }
    assert_eq!(server.ask("POST /_standin/sessions/a").header("allow"), Some("GET, DELETE, HEAD"));
    let answer = server.ask("GET /_standin/helth");
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (404, "there is no /_standin/helth"));
    assert!(answer.json()["paths"].as_array().unwrap().contains(&"/_standin/health".into()));
    // A path that only begins alike belongs to the API.
    assert!(server.ask("GET /_standings").header("standin-why").is_some());
}

#[test]
fn the_prefix_can_be_another() {
    let mut setup = Setup::new();
    setup.options.admin_prefix = "/__admin".to_owned();
    let server = setup.start();
    let answer = server.ask("GET /_standin/health");
    assert_eq!((answer.status.as_u16(), answer.header("standin-why")), (404, Some("no-operation")));
    assert!(answer.header("standin-exchange").unwrap().ends_with("/__admin/exchanges/1"));
    assert_eq!(server.ask("GET /__admin/exchanges/1").status, 200);
}

/// An address of this machine that is not loopback, if it has one.
fn outside() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: this only asks which address would be used.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[test]
fn only_this_machine() {
    let Some(outside) = outside() else {
        println!("no address but loopback: not tried");
        return;
    };
    let server = Setup { host: "0.0.0.0", ..Setup::new() }.start();
    let mut client = Client::to(SocketAddr::new(outside, server.port()));
    client.send("GET /_standin/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answer = client.answer();
    assert_eq!(
        (answer.status.as_u16(), &*answer.detail()),
        (403, "admin pages are for the machine that standin runs on; `--admin-token` lets others use them")
    );
    client.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.answer().status, 404);
}

#[test]
fn a_document_in_json_is_served_as_json() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-small.json", std::process::id()));
    let text = r#" {"openapi": "3.1.1", "info": {"title": "Small", "version": "1"}, "paths": {}}"#;
    std::fs::write(&path, text).unwrap();
    let server = Setup { document: path.to_string_lossy().into_owned(), ..Setup::new() }.start();
    std::fs::remove_file(&path).unwrap();
    let answer = server.ask("GET /_standin/document");
    assert_eq!((answer.header("content-type"), answer.text()), (Some("application/json"), text));
}
