//! TLS for the mailboxes, and its failures in plain words.
//!
//! Certificates are always verified, against the system's roots and any extra CA the configuration
//! names. There is no switch to turn that off.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::ClientConfig;
use rustls::{CertificateError, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::ports::{PortError, PortResult};

/// The client's side of TLS 1.2 and 1.3 with ring.
pub fn client_config(ca_file: Option<&Path>) -> PortResult<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots(ca_file)?)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn roots(ca_file: Option<&Path>) -> PortResult<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        for certificate in extra_certificates(path)? {
            roots.add(certificate).map_err(|error| {
                PortError::Permanent(format!(
                    "ca_file {}: not a usable CA certificate: {error}",
                    path.display()
                ))
            })?;
        }
    }
    if roots.is_empty() {
        return Err(PortError::Permanent(
            "no trusted CA certificate is known, so no server can be verified: install the package \
             ca-certificates, or name a PEM file in ca_file"
                .to_owned(),
        ));
    }
    Ok(roots)
}

/// The certificates of a PEM file; at least one.
pub(super) fn extra_certificates(path: &Path) -> PortResult<Vec<CertificateDer<'static>>> {
    let fault = |what: String| PortError::Permanent(format!("ca_file {}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let found = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| fault(format!("is not PEM: {error}")))?;
    if found.is_empty() {
        return Err(fault("holds no certificate (a line BEGIN CERTIFICATE is expected)".to_owned()));
    }
    Ok(found)
}

/// The handshake. The caller sets the time limit.
pub(super) async fn protect(
    stream: TcpStream,
    host: &str,
    config: Arc<ClientConfig>,
) -> PortResult<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        PortError::Permanent(format!("{host:?} is neither a host name nor an address: correct `host`"))
    })?;
    TlsConnector::from(config).connect(name, stream).await.map_err(|error| explain(&error, host))
}

/// A failed handshake in plain words; permanent where a human must change something.
fn explain(error: &io::Error, host: &str) -> PortError {
    match rustls_error(error) {
        Some(error) => {
            PortError::Permanent(reason(error, host).unwrap_or_else(|| format!("TLS with {host}: {error}")))
        }
        None => {
            PortError::Temporary(format!("the connection to {host} broke during the TLS handshake: {error}"))
        }
    }
}

/// What is wrong with TLS, if that is the cause somewhere below this error.
pub(super) fn reason_below(error: &(dyn StdError + 'static), host: &str) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(reason(found, host).unwrap_or_else(|| found.to_string()));
        }
        if let Some(found) = error.downcast_ref::<io::Error>().and_then(rustls_error) {
            return Some(reason(found, host).unwrap_or_else(|| found.to_string()));
        }
        next = error.source();
    }
    None
}

/// `io::Error` hides what it wraps from `source()`.
fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn reason(error: &rustls::Error, host: &str) -> Option<String> {
    use rustls::Error;
    Some(match error {
        Error::InvalidCertificate(why) => certificate_reason(why, host),
        Error::InvalidMessage(_) => format!(
            "{host} does not speak TLS on this port: set `tls` to \"starttls\", or use the port for TLS (993 for \
             IMAP, 465 for SMTP)"
        ),
        _ => return None,
    })
}

fn certificate_reason(why: &CertificateError, host: &str) -> String {
    use CertificateError as C;
    match why {
        C::Expired | C::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired: whoever runs the server must renew it")
        }
        C::NotValidYet | C::NotValidYetContext { .. } => format!(
            "the certificate of {host} is not valid yet: check this machine's clock, then the certificate"
        ),
        C::NotValidForName => wrong_name(host, &[]),
        C::NotValidForNameContext { presented, .. } => wrong_name(host, presented),
        C::UnknownIssuer => format!(
            "the certificate of {host} is signed by a CA that this machine does not know: if it is your own CA, \
             name its PEM file in `ca_file`"
        ),
        C::Revoked => {
            format!("the certificate of {host} was revoked: whoever runs the server must replace it")
        }
        other => format!("the certificate of {host} is not acceptable: {other}"),
    }
}

fn wrong_name(host: &str, presented: &[String]) -> String {
    let names = if presented.is_empty() { "another name".to_owned() } else { presented.join(", ") };
    format!(
        "the certificate is not for {host} but for {names}: set `host` to a name that the certificate holds, or \
         have it renewed with this one"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_that_is_missing_or_empty_is_named() {
        let missing = client_config(Some(Path::new("/nonexistent/ca.pem"))).unwrap_err();
        assert!(missing.is_permanent() && missing.to_string().contains("/nonexistent/ca.pem"), "{missing}");

        let file = tempfile::NamedTempFile::new().unwrap();
        let empty = client_config(Some(file.path())).unwrap_err();
        assert!(empty.to_string().contains("BEGIN CERTIFICATE"), "{empty}");
    }
}
