//! The TLS identity of the origin server, made anew at each start.
//!
//! Its one certificate is given out for every host; a browser under test is told not to mind.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{self, ServerConfig};

/// Why there is no TLS identity.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The certificate could not be made.
    #[error("origin server: a certificate could not be made")]
    Make(#[from] rcgen::Error),
    /// The TLS library refused it.
    #[error("origin server: the TLS library refused the certificate")]
    Use(#[from] rustls::Error),
}

/// An acceptor that offers HTTP/1.1 alone.
pub(super) fn acceptor() -> Result<TlsAcceptor, CertificateError> {
    let made = rcgen::generate_simple_self_signed(vec!["corsproof.test".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
