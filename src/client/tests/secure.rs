//! Over TLS: who is trusted, and what is said when somebody is not.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::AsyncReadExt;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::{Script, Step, client, get, listen, write};
use crate::client::{Client, ClientError, Options, Origin, Phase, SendError, Untrusted};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// An authority of our own.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A file with its certificate; `name` keeps tests apart.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        file(name, &self.0.pem())
    }

    /// A server's side of TLS, with a certificate for these names.
    pub(super) fn acceptor(&self, names: &[&str], edit: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        presenting(certificate.der().clone(), &key)
    }
}

/// A server's side of TLS with this certificate.
fn presenting(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("standin-client-{}-{name}.pem", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

/// A server over TLS; the origin is 127.0.0.1.
pub(super) async fn serve_tls(acceptor: TlsAcceptor, steps: impl IntoIterator<Item = Step>) -> (Origin, Arc<Script>) {
    let (listener, origin) = listen().await;
    let script = Script::new(steps);
    let accepting = script.clone();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, script) = (acceptor.clone(), accepting.clone());
            tokio::spawn(async move {
                if let Ok(mut tls) = acceptor.accept(tcp).await {
                    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
                    script.follow(&mut tls).await;
                }
            });
        }
    });
    (https(&origin), script)
}

fn https(origin: &Origin) -> Origin {
    Origin::parse(&format!("https://{}", origin.address())).unwrap()
}

fn trusting(authority: &Authority, name: &str) -> Client {
    let file = authority.file(name);
    let client = Client::new(Options { ca: vec![file.clone()], ..Options::default() }).unwrap();
    fs::remove_file(file).unwrap();
    client
}

fn insecure() -> Client {
    Client::new(Options { insecure: true, ..Options::default() }).unwrap()
}

#[tokio::test]
async fn an_authority_that_was_named_is_trusted() {
    let authority = Authority::new("ours");
    let (origin, script) = serve_tls(authority.acceptor(&["127.0.0.1"], |_| {}), [write(OK), write(OK)]).await;
    let client = trusting(&authority, "trusted");
    let sent = client.send(&origin, get("/")).await.unwrap();
    assert_eq!(sent.response.body.bytes(), "ok");
    assert!(sent.timings.tls > Duration::ZERO && sent.timings.connect > Duration::ZERO);
    let sent = client.send(&origin, get("/")).await.unwrap();
    assert!(sent.reused && sent.timings.tls == Duration::ZERO);
    assert_eq!(script.connections(), 1);
}

#[tokio::test]
async fn an_unknown_authority_is_refused_with_the_remedy() {
    let (origin, script) = serve_tls(Authority::new("ours").acceptor(&["127.0.0.1"], |_| {}), [write(OK)]).await;
    for client in [client(), trusting(&Authority::new("other"), "other")] {
        let error = client.send(&origin, get("/")).await.unwrap_err();
        assert!(matches!(&error, SendError::TlsUntrusted { why: Untrusted::UnknownIssuer, .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!("the certificate of `{}` is not trusted: no known authority issued it", origin.address())
        );
        let help = error.help().unwrap();
        assert!(help.contains("`--ca FILE`") && help.contains("`--insecure`"), "{help}");
        // Waiting does not mend it, so it does not wait.
        let waited = client.wait_until_reachable(&origin, Duration::from_secs(3600)).await;
        assert_eq!(waited.unwrap_err(), error);
    }
    assert_eq!(script.requests().len(), 0);
}

#[tokio::test]
async fn an_authority_made_anew_is_not_the_same() {
    let (origin, _) = serve_tls(Authority::new("ours").acceptor(&["127.0.0.1"], |_| {}), []).await;
    let error = trusting(&Authority::new("ours"), "anew").send(&origin, get("/")).await.unwrap_err();
    assert!(matches!(&error, SendError::TlsUntrusted { why: Untrusted::OtherKey, .. }), "{error:?}");
    assert!(error.help().unwrap().contains("`--ca FILE`"));
}

#[tokio::test]
async fn a_certificate_that_is_its_own_authority_can_be_named() {
    for is_ca in [IsCa::Ca(BasicConstraints::Unconstrained), IsCa::NoCa] {
        let make = |name: &str, last_year| {
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.is_ca = is_ca;
            params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
            let key = KeyPair::generate().unwrap();
            let certificate = params.self_signed(&key).unwrap();
            let named = file("own", &certificate.pem());
            let client = Client::new(Options { ca: vec![named.clone()], ..Options::default() }).unwrap();
            fs::remove_file(named).unwrap();
            (client, presenting(certificate.der().clone(), &key))
        };
        let (trusting, acceptor) = make("127.0.0.1", 4000);
        let (origin, _) = serve_tls(acceptor, [write(OK)]).await;
        let error = client().send(&origin, get("/")).await.unwrap_err();
        assert!(matches!(&error, SendError::TlsUntrusted { why: Untrusted::UnknownIssuer, .. }), "{error:?}");
        trusting.send(&origin, get("/")).await.unwrap();

        let (trusting, acceptor) = make("api.example.com", 4000);
        let (origin, _) = serve_tls(acceptor, []).await;
        let error = trusting.send(&origin, get("/")).await.unwrap_err();
        assert!(matches!(&error, SendError::TlsUntrusted { why: Untrusted::OtherName(_), .. }), "{error:?}");

        let (trusting, acceptor) = make("127.0.0.1", 2000);
        let (origin, _) = serve_tls(acceptor, []).await;
        let error = trusting.send(&origin, get("/")).await.unwrap_err();
        assert!(matches!(&error, SendError::TlsUntrusted { why: Untrusted::Expired, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_or_time_is_refused() {
    let authority = Authority::new("ours");
    let client = trusting(&authority, "name");
    let (origin, _) = serve_tls(authority.acceptor(&["api.example.com", "10.0.0.1"], |_| {}), []).await;
    let error = client.send(&origin, get("/")).await.unwrap_err();
    let SendError::TlsUntrusted { why: Untrusted::OtherName(names), .. } = &error else { panic!("{error:?}") };
    assert_eq!(names, &["api.example.com", "10.0.0.1"]);

    for (from, to, expected) in [(1990, 2000, Untrusted::Expired), (4000, 4010, Untrusted::NotYetValid)] {
        let acceptor = authority.acceptor(&["127.0.0.1"], |params| {
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(to, 1, 1);
        });
        let (origin, _) = serve_tls(acceptor, []).await;
        let error = client.send(&origin, get("/")).await.unwrap_err();
        let SendError::TlsUntrusted { why, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*why, expected);
    }
}

#[tokio::test]
async fn insecure_accepts_any_certificate() {
    let acceptor = Authority::new("ours").acceptor(&["api.example.com"], |params| {
        params.not_after = rcgen::date_time_ymd(2000, 1, 1);
    });
    let (origin, _) = serve_tls(acceptor, [write(OK)]).await;
    assert_eq!(insecure().send(&origin, get("/")).await.unwrap().response.body.bytes(), "ok");
}

#[tokio::test]
async fn a_server_in_the_clear_is_recognised() {
    let (listener, origin) = listen().await;
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut some = [0; 100];
        let _ = tcp.read(&mut some).await;
        tokio::io::AsyncWriteExt::write_all(&mut tcp, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let error = insecure().send(&https(&origin), get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::NotTls { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("`{}` does not speak TLS", origin.address()));
    assert!(error.help().unwrap().contains("`http://`"));
}

#[tokio::test]
async fn a_server_that_speaks_only_tls_is_recognised() {
    let (origin, _) = serve_tls(Authority::new("ours").acceptor(&["127.0.0.1"], |_| {}), []).await;
    let plain = Origin::parse(&format!("http://{}", origin.address())).unwrap();
    let error = client().send(&plain, get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::Malformed { tls: true, .. }), "{error:?}");
}

#[tokio::test]
async fn a_handshake_that_hangs_or_ends_says_so() {
    let limit = Duration::from_secs(2);
    let client = Client::new(Options { connect_timeout: limit, insecure: true, ..Options::default() }).unwrap();
    let (_listener, origin) = listen().await;
    let error = client.send(&https(&origin), get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout { during: Phase::Tls, .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("no TLS handshake with `{}` within 2s", origin.address()));

    let (listener, origin) = listen().await;
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut hello = [0; 4096];
        let _ = tcp.read(&mut hello).await;
    });
    let error = insecure().send(&https(&origin), get("/")).await.unwrap_err();
    assert!(matches!(error, SendError::Closed { .. }), "{error:?}");
}

#[test]
fn a_file_that_holds_no_certificate_is_named() {
    let nothing = file("nothing", "hello");
    let broken = file("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let absent = PathBuf::from("/nowhere/ca.pem");
    for path in [&nothing, &broken, &absent] {
        let error = Client::new(Options { ca: vec![path.clone()], ..Options::default() }).err().unwrap();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert_eq!(matches!(error, ClientError::CaUnreadable { .. }), path == &absent, "{error}");
        assert!(error.help().unwrap().contains("PEM"));
    }
    for path in [nothing, broken] {
        fs::remove_file(path).unwrap();
    }
}
