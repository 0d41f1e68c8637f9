//! How the way to PostgreSQL is encrypted: `sslmode` in the address, in the words of PostgreSQL's own client.
//!
//! Never silently weaker: what is asked for is had or the start is refused. `prefer`, the default, takes what the
//! server offers; only `verify-full` proves that it is the server one meant.
//!
//! Source: PostgreSQL, libpq §34.19 "SSL Support".

use fengsui_store::StoreError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres::config::SslMode;

/// Names and values of the setting.
const MODE: &str = "sslmode";
const ROOT: &str = "sslrootcert";
/// The word for what the machine trusts.
const SYSTEM: &str = "system";

/// How the way is encrypted.
pub(crate) enum Encryption {
    /// Not at all.
    None,
    /// When the server offers it, and nothing is proved.
    Offered(ClientConfig),
    /// Always; what is proved of the server is in the configuration.
    Always(ClientConfig),
}

impl Encryption {
    pub(crate) fn mode(&self) -> SslMode {
        match self {
            Self::None => SslMode::Disable,
            Self::Offered(_) => SslMode::Prefer,
            Self::Always(_) => SslMode::Require,
        }
    }

    pub(crate) fn client(&self) -> Option<&ClientConfig> {
        match self {
            Self::None => None,
            Self::Offered(client) | Self::Always(client) => Some(client),
        }
    }
}

/// What of the server must be proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Proof {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// Takes the words about encryption out of an address, and what they ask for.
pub(crate) fn wanted(url: &str) -> Result<(String, Encryption), StoreError> {
    let (rest, mode, root) = split(url);
    let proof = match mode.as_deref().unwrap_or("prefer") {
        "disable" => return Ok((rest, Encryption::None)),
        "prefer" => return Ok((rest, Encryption::Offered(client(Proof::Nothing, None)?))),
        // With an authority at hand it is asked, as PostgreSQL's own client does.
        "require" if root.is_none() => Proof::Nothing,
        "require" | "verify-ca" => Proof::Authority,
        "verify-full" => Proof::AuthorityAndName,
        other => {
            return Err(refused(format!(
                "sslmode={other} 不支持，请写 disable、prefer、require、verify-ca 或 verify-full"
            )));
        }
    };
    if proof == Proof::Authority && root.as_deref().is_none_or(|r| r == SYSTEM) {
        return Err(refused(
            "sslmode=verify-ca 要写 sslrootcert=根证书文件；用系统信任的证书请写 verify-full".to_owned(),
        ));
    }
    Ok((rest, Encryption::Always(client(proof, root.as_deref())?)))
}

/// The address without the two words, and their values. An address of words (`host=… dbname=…`) is told apart from a
/// URL by its beginning.
fn split(address: &str) -> (String, Option<String>, Option<String>) {
    let is_url = address.contains("://");
    let (head, words, by) = match (is_url, address.split_once('?')) {
        (true, Some((head, query))) => (format!("{head}?"), query, '&'),
        (true, None) => return (address.to_owned(), None, None),
        (false, _) => (String::new(), address, ' '),
    };
    let value = |name: &str| {
        let mut named = words.split(by).filter_map(|w| w.split_once('=')).filter(|(n, _)| n.trim() == name);
        named.next_back().map(|(_, v)| if is_url { unescaped(v) } else { v.trim_matches('\'').to_owned() })
    };
    let ours = |w: &&str| w.split_once('=').is_some_and(|(n, _)| [MODE, ROOT].contains(&n.trim()));
    let kept: Vec<_> = words.split(by).filter(|w| !ours(w)).collect();
    let rest = format!("{head}{}", kept.join(&by.to_string()));
    (rest.trim_end_matches('?').to_owned(), value(MODE), value(ROOT))
}

/// `%2F` and the like as what they stand for.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2).and_then(|h| hex::decode(h).ok())).flatten();
        match escaped {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn client(proof: Proof, root: Option<&str>) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone());
    let builder = builder.with_safe_default_protocol_versions().expect("ring speaks TLS 1.2 and 1.3");
    let builder = builder.dangerous();
    let verifier: Arc<dyn ServerCertVerifier> = match proof {
        Proof::Nothing => Arc::new(Lenient { authority: None, provider }),
        Proof::Authority => Arc::new(Lenient { authority: Some(roots(root)?), provider }),
        Proof::AuthorityAndName => {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots(root)?), provider)
                .build()
                .map_err(|e| refused(format!("根证书不能用：{e}")))?
        }
    };
    Ok(builder.with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn roots(root: Option<&str>) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = root.filter(|path| *path != SYSTEM) else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if roots.is_empty() {
            Err(refused("本机没有受信任的根证书，请写 sslrootcert=根证书文件".to_owned()))
        } else {
            Ok(roots)
        };
    };
    let told = |e: String| refused(format!("根证书文件 {path} 不能用：{e}"));
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| told(e.to_string()))? {
        roots.add(certificate.map_err(|e| told(e.to_string()))?).map_err(|e| told(e.to_string()))?;
    }
    if roots.is_empty() { Err(told("里面没有证书".to_owned())) } else { Ok(roots) }
}

fn refused(sentence: String) -> StoreError {
    StoreError::Broken(sentence)
}

/// Proves less than browsers do, because less was asked for: the chain without the name, or nothing but that the
/// other end holds the key it shows.
#[derive(Debug)]
struct Lenient {
    authority: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.authority {
            let parsed = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_about_encryption_are_taken_out_and_the_others_stay() {
        let (rest, mode, root) =
            split("postgres://u:p@db/f?connect_timeout=3&sslmode=verify-full&sslrootcert=%2Fetc%2Froot.pem");
        assert_eq!(rest, "postgres://u:p@db/f?connect_timeout=3");
        assert_eq!((mode.as_deref(), root.as_deref()), (Some("verify-full"), Some("/etc/root.pem")));
        assert_eq!(split("postgres://u@db/f?sslmode=require").0, "postgres://u@db/f");
        assert_eq!(split("postgres://u@db/f").0, "postgres://u@db/f");
        let (rest, mode, _) = split("host=db dbname=f sslmode=disable user=u");
        assert_eq!((rest.as_str(), mode.as_deref()), ("host=db dbname=f user=u", Some("disable")));
    }

    #[test]
    fn every_mode_means_what_it_says_and_an_unknown_one_is_refused() {
        let mode = |words: &str| wanted(&format!("postgres://u@db/f{words}")).map(|(_, e)| e.mode());
        assert_eq!(mode("").unwrap(), SslMode::Prefer);
        assert_eq!(mode("?sslmode=disable").unwrap(), SslMode::Disable);
        assert_eq!(mode("?sslmode=require").unwrap(), SslMode::Require);
        for wrong in ["allow", "verify", "REQUIRE", ""] {
            let error = mode(&format!("?sslmode={wrong}")).unwrap_err().to_string();
            assert!(error.contains("verify-full"), "{error}");
        }
        for words in ["?sslmode=verify-ca", "?sslmode=verify-ca&sslrootcert=system"] {
            assert!(mode(words).unwrap_err().to_string().contains("sslrootcert"));
        }
        let error = mode("?sslmode=verify-full&sslrootcert=/nowhere/root.pem").unwrap_err().to_string();
        assert!(error.contains("/nowhere/root.pem"), "{error}");
    }
}
