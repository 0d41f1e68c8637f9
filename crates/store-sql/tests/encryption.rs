//! The way to PostgreSQL over real TLS: a relay with a certificate of its own stands before the server.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use fengsui_store::{Store, StoreError};
use fengsui_store_sql::SqlStore;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a client asks first. Source: PostgreSQL, "Message Formats", SSLRequest.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
const NAME: &str = "localhost";

struct Relay {
    port: u16,
    root: PathBuf,
    encrypted: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

/// Everything before the server's address, and everything behind its port.
fn parts(url: &str) -> (&str, &str, &str) {
    let (user, rest) = url.split_once('@').unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    (user, address, path)
}

impl Relay {
    /// Stands before the server of this address.
    async fn before(url: &str) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![cert.der().clone()], key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root.pem");
        std::fs::write(&root, cert.pem()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let encrypted = Arc::new(AtomicUsize::new(0));
        let server = parts(url).1.to_owned();
        tokio::spawn(relay(listener, TlsAcceptor::from(Arc::new(config)), server, encrypted.clone()));
        Self { port, root, encrypted, _folder: folder }
    }

    /// The same database through the relay.
    fn address(&self, url: &str, host: &str, words: &str) -> String {
        let (user, _, path) = parts(url);
        let root = self.root.display().to_string();
        format!("{user}@{host}:{}/{path}&{}", self.port, words.replace("ROOT", &root))
    }
}

async fn relay(listener: TcpListener, acceptor: TlsAcceptor, server: String, encrypted: Arc<AtomicUsize>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (acceptor, server, encrypted) = (acceptor.clone(), server.clone(), encrypted.clone());
        tokio::spawn(async move {
            let mut asked = [0; 8];
            stream.read_exact(&mut asked).await?;
            let mut behind = TcpStream::connect(server).await?;
            if asked != SSL_REQUEST {
                behind.write_all(&asked).await?;
                return copy_bidirectional(&mut stream, &mut behind).await;
            }
            stream.write_all(b"S").await?;
            let mut stream = acceptor.accept(stream).await?;
            encrypted.fetch_add(1, Ordering::Relaxed);
            copy_bidirectional(&mut stream, &mut behind).await
        });
    }
}

async fn open(address: &str) -> Result<SqlStore, StoreError> {
    SqlStore::open(address, Path::new(".")).await
}

#[tokio::test]
async fn every_mode_encrypts_as_it_says_and_proves_what_it_says() {
    support::with_postgres(async |url: String| {
        let relay = Relay::before(&url).await;
        let mut before = 0;
        for (host, words, opens, encrypts) in [
            (NAME, "sslmode=disable", true, false),
            (NAME, "sslmode=prefer", true, true),
            (NAME, "sslmode=require", true, true),
            (NAME, "sslmode=verify-ca&sslrootcert=ROOT", true, true),
            (NAME, "sslmode=verify-full&sslrootcert=ROOT", true, true),
            // Another name than the certificate's is only a question of the strictest mode.
            ("127.0.0.1", "sslmode=verify-ca&sslrootcert=ROOT", true, true),
            ("127.0.0.1", "sslmode=verify-full&sslrootcert=ROOT", false, false),
        ] {
            let opened = open(&relay.address(&url, host, words)).await;
            assert_eq!(opened.is_ok(), opens, "{host} {words}: {:?}", opened.err());
            if let Ok(store) = opened {
                assert_eq!(store.head().await.unwrap().seq, 0);
            }
            let now = relay.encrypted.load(Ordering::Relaxed);
            assert_eq!(now > before, encrypts, "{host} {words}");
            before = now;
        }
    })
    .await;
}

#[tokio::test]
async fn a_certificate_of_somebody_else_is_refused_by_whoever_asked_for_proof() {
    support::with_postgres(async |url: String| {
        let (relay, other) = (Relay::before(&url).await, Relay::before(&url).await);
        for mode in ["require", "verify-ca", "verify-full"] {
            let words = format!("sslmode={mode}&sslrootcert={}", other.root.display());
            let refused = open(&relay.address(&url, NAME, &words)).await.err().unwrap();
            assert!(refused.to_string().contains("不能连接数据库服务器"), "{mode}: {refused}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_without_encryption_is_refused_by_whoever_asked_for_it() {
    support::with_postgres(async |url: String| {
        assert_eq!(support::open(&format!("{url}&sslmode=prefer")).await.head().await.unwrap().seq, 0);
        assert!(open(&format!("{url}&sslmode=require")).await.is_err());
    })
    .await;
}
