//! Whom to trust, and how TLS is spoken.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, InvalidMessage, RootCertStore};
use tokio_rustls::{TlsConnector, rustls};

use super::error::{ClientError, Peer, SendError, Untrusted};
use super::options::Options;
use super::trust::{AcceptAnyCertificate, Checked};

/// TLS as the options want it. The system's roots are read when the first `https` origin is connected to.
pub(super) struct Tls {
    named: Vec<CertificateDer<'static>>,
    insecure: bool,
    connector: OnceLock<TlsConnector>,
}

impl Tls {
    pub(super) fn new(options: &Options) -> Result<Tls, ClientError> {
        let mut named = Vec::new();
        for file in &options.ca {
            named.extend(certificates(file)?);
        }
        Ok(Tls { named, insecure: options.insecure, connector: OnceLock::new() })
    }

    /// Speaks TLS over a connection; `host` is whom the certificate must be for.
    pub(super) async fn connect(
        &self,
        tcp: TcpStream,
        host: &str,
        at: &Peer,
    ) -> Result<TlsStream<TcpStream>, SendError> {
        let failed = |why: String| SendError::TlsOther { at: at.clone(), why };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failed(format!("`{host}` is no name that a certificate can be for")))?;
        let connector = self.connector().map_err(failed)?;
        connector.connect(name, tcp).await.map_err(|error| explain(&error, at))
    }

    fn connector(&self) -> Result<&TlsConnector, String> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let config = config(&self.named, self.insecure)?;
        Ok(self.connector.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }
}

fn config(named: &[CertificateDer<'static>], insecure: bool) -> Result<ClientConfig, String> {
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if insecure {
        Arc::new(AcceptAnyCertificate { algorithms: provider.signature_verification_algorithms })
    } else {
        let mut roots = RootCertStore::empty();
        // One among the system's that cannot be read is passed over, as every client does.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(named.iter().cloned());
        if roots.is_empty() {
            return Err("this machine has no trusted certificates".to_owned());
        }
        let library = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| error.to_string())?;
        Arc::new(Checked { full: library, named: named.to_vec() })
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates of a PEM file: at least one, all of them usable as roots.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let pem =
        fs::read(file).map_err(|error| ClientError::CaUnreadable { file: file.to_owned(), why: error.to_string() })?;
    let unusable = |why: String| ClientError::CaUnusable { file: file.to_owned(), why };
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(format!("is no PEM file: {error}")))?;
    if found.is_empty() {
        return Err(unusable("holds no certificate".to_owned()));
    }
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots
            .add(certificate.clone())
            .map_err(|error| unusable(format!("holds a certificate that cannot be read: {error}")))?;
    }
    Ok(found)
}

/// What a failed handshake means.
fn explain(error: &io::Error, at: &Peer) -> SendError {
    let at = at.clone();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(Error::InvalidCertificate(why)) => SendError::TlsUntrusted { at, why: untrusted(why) },
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => SendError::NotTls { at },
        Some(other) => SendError::TlsOther { at, why: other.to_string() },
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => SendError::Closed { at },
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => SendError::Reset { at },
            _ => SendError::TlsOther { at, why: error.to_string() },
        },
    }
}

/// The library writes the names of a certificate as its own code has them: `DnsName("localhost")`, `IpAddress(127.0.0.1)`.
fn plain_name(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.map_or(name, |inner| inner.trim_matches('"'))
}

fn untrusted(why: &CertificateError) -> Untrusted {
    match why {
        CertificateError::UnknownIssuer => Untrusted::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Untrusted::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Untrusted::NotYetValid,
        CertificateError::NotValidForName => Untrusted::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            Untrusted::OtherName(presented.iter().map(|name| plain_name(name).to_owned()).collect())
        }
        CertificateError::BadSignature => Untrusted::OtherKey,
        // An authority's certificate, shown as a server's: it is its own issuer. The library has no name for it.
        CertificateError::Other(why) if why.to_string() == "CaUsedAsEndEntity" => Untrusted::UnknownIssuer,
        CertificateError::Other(why) => Untrusted::Other(why.to_string()),
        other => Untrusted::Other(other.to_string()),
    }
}
