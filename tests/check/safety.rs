//! What may never happen: a write to a target that is not this machine, unasked; trust in a certificate that nobody named.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use standin::check::{Ending, Live, Mode, Plan, Source};
use standin::client::{Options, ProxyVariables};
use standin::finding::Event;
use standin::message::Method;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::server::{Asked, Does, Server, members};
use super::{Ran, contract, file, live, plan};

/// Every way of writing, and every way of hiding it.
fn writes() -> Source {
    let line = |method: &str, target: &str, fields: &str, body: &str| {
        format!(
            r#"{{"standin":1,"base":"https://api.example.com","request":{{"method":"{method}","target":"{target}","headers":[["authorization","Bearer x"]{fields}]{body}}},"no_answer":"reset"}}"#
        )
    };
    let json = r#",["content-type","application/json"]"#;
    let lines = [
        line("GET", "/v1/orgs/acme/members", "", ""),
        line("HEAD", "/v1/orgs/acme/members/m1", "", ""),
        line("POST", "/v1/orgs/acme/members", json, r#","body":"{\"email\":\"ada@example.com\"}""#),
        line("DELETE", "/v1/orgs/acme/members/m1", "", ""),
        line("GET", "/v1/orgs/acme/members/m1", r#",["X-HTTP-Method-Override","DELETE"]"#, ""),
        line("GET", "/v1/orgs/acme/members/m1?_method=DELETE", "", ""),
        line("GET", "/v1/orgs/acme/members?limit=many", "", ""),
        line("GET", "/v1/orgs/far-too-long-a-name-for-an-org/members", "", ""),
        line("PUT", "/v1/orgs/acme/members", "", ""),
        line("GET", "/v1/nothing/here", "", ""),
    ];
    Source::Memory { name: "writes.ndjson".to_owned(), bytes: lines.join("\n").into() }
}

/// A target by a name that is not loopback: reached through a proxy, which is the recording server.
fn beyond(server: &Server) -> Live {
    let proxies =
        ProxyVariables { http: Some(format!("http://127.0.0.1:{}", server.port)), ..ProxyVariables::default() };
    Live { client: Options { proxies, ..Options::default() }, ..live("http://api.example.test") }
}

async fn proxied() -> Server {
    Server::start(|asked| {
        let target = asked.target.strip_prefix("http://api.example.test").unwrap_or(&asked.target).to_owned();
        Does::Answer(members("/v1", &Asked { target, ..asked.clone() }))
    })
    .await
}

#[tokio::test]
async fn beyond_loopback_only_safe_and_valid_requests_are_sent() {
    let server = proxied().await;
    let ran = Ran::of(&plan(writes(), Mode::Live(Box::new(beyond(&server))))).await;
    assert_eq!(
        server.lines(),
        ["GET http://api.example.test/v1/orgs/acme/members", "HEAD http://api.example.test/v1/orgs/acme/members/m1"]
    );
    let records = ran.summary().records;
    assert_eq!((records.skipped_writes, records.skipped_invalid, records.unrouted, records.total()), (4, 2, 2, 10));
    let text = ran.text();
    let first = text.lines().next().unwrap();
    assert!(first.contains("api.example.test is not loopback") && first.contains("--allow-writes"), "{text}");
    assert!(text.contains("2 not called: they write, and api.example.test is not loopback"), "{text}");
    assert!(text.contains("6 left out: 4 write, 2 are not known to be valid"), "{text}");
    // Recorded with another host: its credentials stay with that.
    assert!(server.asked().iter().all(|asked| asked.header("authorization").is_none()));
}

#[tokio::test]
async fn the_method_query_reads_and_methods_of_ones_own_write() {
    let server = proxied().await;
    let line = |method: &str, target: &str, body: &str| {
        format!(
            r#"{{"standin":1,"base":"https://api.example.com","request":{{"method":"{method}","target":"{target}","headers":[["content-type","application/json"]],"body":"{body}"}},"no_answer":"reset"}}"#
        )
    };
    let lines = [
        line("QUERY", "/books", r#"{\"title\":\"Emma\"}"#),
        line("QUERY", "/books", "{}"),
        line("COPY", "/books/7", r#"{\"to\":\"shelf\"}"#),
    ];
    let source = Source::Memory { name: "queries.ndjson".to_owned(), bytes: lines.join("\n").into() };
    let plan = plan(source, Mode::Live(Box::new(beyond(&server))));
    let ran = Ran::of(&Plan { contract: contract("fixtures/check/methods.yaml"), ..plan }).await;
    assert_eq!(server.lines(), ["QUERY http://api.example.test/books"]);
    let records = ran.summary().records;
    assert_eq!((records.skipped_writes, records.skipped_invalid, records.total()), (1, 1, 3));
}

#[tokio::test]
async fn every_name_but_that_of_loopback_is_beyond_it() {
    for (url, guarded) in [
        ("http://localhost:1", false),
        ("http://api.localhost:1", false),
        ("http://127.0.0.1:1", false),
        ("http://[::1]:1", false),
        ("http://0.0.0.0:1", true),
        ("http://192.168.0.1:1", true),
        ("http://localhost.example.com:1", true),
        ("http://notlocalhost:1", true),
        ("https://api.example.com", true),
    ] {
        assert_eq!(live(url).reads_only().is_some(), guarded, "{url}");
        assert!(Live { safe_only: true, ..live(url) }.reads_only().is_some());
        assert!(Live { allow_writes: true, ..live(url) }.reads_only().is_none());
    }
}

#[tokio::test]
async fn asked_for_all_are_sent_and_loopback_needs_no_asking() {
    let server = proxied().await;
    let allowed = Live { allow_writes: true, ..beyond(&server) };
    Ran::of(&plan(writes(), Mode::Live(Box::new(allowed)))).await;
    assert!(server.asked().iter().any(|asked| asked.method == Method::DELETE));
    assert_eq!(server.asked().len(), 8);

    let server = Server::start(|asked| Does::Answer(members("/v1", asked))).await;
    let ran = Ran::of(&plan(writes(), Mode::Live(Box::new(live(&format!("http://127.0.0.1:{}", server.port)))))).await;
    assert_eq!(server.asked().len(), 8, "{}", ran.text());
    let guarded = Live { safe_only: true, ..live(&format!("http://127.0.0.1:{}", server.port)) };
    Ran::of(&plan(writes(), Mode::Live(Box::new(guarded)))).await;
    assert_eq!(server.asked().len(), 10);
}

#[tokio::test]
async fn only_writes_recorded_is_a_warning_that_says_how() {
    let server = proxied().await;
    let Source::Memory { bytes, name } = writes() else { panic!() };
    let posts: Vec<_> = std::str::from_utf8(&bytes).unwrap().lines().filter(|line| line.contains("POST")).collect();
    let traffic = Source::Memory { bytes: posts.join("\n").into(), name };
    let ran = Ran::of(&plan(traffic, Mode::Live(Box::new(beyond(&server))))).await;
    assert_eq!((ran.rules(), ran.ending()), (vec!["nothing-judged"], Ending::Clean));
    assert_eq!(ran.outcome.ending(standin::finding::Severity::Warning), Ending::Findings);
    assert!(server.asked().is_empty());
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "ours");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn acceptor(authority: &CertifiedIssuer<'static, KeyPair>) -> TlsAcceptor {
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn a_certificate_is_trusted_when_its_authority_was_named_and_not_otherwise() {
    let authority = authority();
    let server = Server::with(Some(acceptor(&authority)), |asked| Does::Answer(members("/v1", asked))).await;
    let ca: PathBuf = std::env::temp_dir().join(format!("standin-check-{}.pem", std::process::id()));
    fs::write(&ca, authority.pem()).unwrap();
    let url = format!("https://127.0.0.1:{}", server.port);
    let recording = || file("fixtures/check/as-documented/traffic.ndjson");

    let ran = Ran::of(&plan(recording(), Mode::Live(Box::new(live(&url))))).await;
    assert_eq!(ran.ending(), Ending::Failed);
    let failure = ran.outcome.failure.clone().unwrap();
    let said = format!("error: {}\nhelp: {}", failure.sentence, failure.help.unwrap());
    insta::assert_snapshot!(said.replace(&server.port.to_string(), "PORT"), @r"
    error: the certificate of `127.0.0.1:PORT` is not trusted: no known authority issued it
    help: `--ca FILE` trusts the authority in that PEM file; `--insecure` accepts any certificate
    ");
    assert_eq!((server.asked().len(), ran.summary().records.not_reached), (0, 6));
    assert!(matches!(ran.events[ran.events.len() - 2], Event::Failed(_)));

    for options in
        [Options { ca: vec![ca.clone()], ..Options::default() }, Options { insecure: true, ..Options::default() }]
    {
        let trusting = Live { client: options, ..live(&url) };
        let ran = Ran::of(&plan(recording(), Mode::Live(Box::new(trusting)))).await;
        assert_ne!(ran.ending(), Ending::Failed, "{}", ran.text());
        assert_eq!(ran.summary().sent, 6);
    }
    fs::remove_file(ca).unwrap();
}
