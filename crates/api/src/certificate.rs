//! The certificate with which this site shows browsers and phones that it is the one they asked for.
//!
//! The files may be renewed while the desk works: connections that begin afterwards see the fresh certificate. A
//! fresh one that cannot be used never replaces one that works; 运行状态 says so, and says in time when it ends.

use fengsui_base::Timestamp;
use parking_lot::RwLock;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// How many days before its end a certificate is named on the status page.
pub const CERTIFICATE_WARNING_DAYS: i64 = 30;

/// A certificate that was read and fits its key.
#[derive(Clone, Debug)]
pub struct Certificate {
    shown: Arc<CertifiedKey>,
    until: Timestamp,
}

impl Certificate {
    /// Reads a chain, the site's own certificate first, and its private key; both PEM.
    ///
    /// Errors: a sentence that says what is wrong with which of the two.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|e| format!("证书文件读不懂（{e}），应为 PEM 格式"))?;
        let own = chain.first().ok_or("证书文件里没有证书，应为 PEM 格式")?;
        let until = end_of(own)?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|e| format!("私钥文件读不懂（{e}），应为不带口令的 PEM 格式"))?;
        let shown = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(|e| format!("私钥与证书不是一对，或算法不受支持（{e}）"))?;
        Ok(Self { shown: Arc::new(shown), until })
    }

    /// The instant after which browsers refuse it.
    pub fn until(&self) -> Timestamp {
        self.until
    }
}

fn end_of(certificate: &CertificateDer<'_>) -> Result<Timestamp, String> {
    let (_, read) = x509_parser::parse_x509_certificate(certificate)
        .map_err(|_| "证书内容读不懂，请换一张".to_owned())?;
    Timestamp::from_second(read.validity().not_after.timestamp())
        .map_err(|_| "证书的有效期读不懂，请换一张".to_owned())
}

/// The certificate that is shown now, and what was wrong with the last attempt to renew it.
#[derive(Debug)]
pub struct Certificates {
    now: RwLock<Certificate>,
    fault: RwLock<Option<String>>,
}

impl Certificates {
    /// Shows this one until a fresh one comes.
    pub fn new(first: Certificate) -> Arc<Self> {
        Arc::new(Self { now: RwLock::new(first), fault: RwLock::new(None) })
    }

    /// Takes the outcome of reading the files anew: a fresh certificate is shown from now on; a fault is kept for the
    /// status page, and the old one goes on.
    pub fn renew(&self, read: Result<Certificate, String>) {
        match read {
            Ok(fresh) => {
                *self.now.write() = fresh;
                *self.fault.write() = None;
            }
            Err(fault) => *self.fault.write() = Some(fault),
        }
    }

    /// The instant after which browsers refuse what is shown now.
    pub fn until(&self) -> Timestamp {
        self.now.read().until
    }

    /// How it stands, and whether that is well.
    pub(crate) fn state(&self, now: Timestamp) -> (bool, String) {
        let left_days = self.until().duration_since(now).as_hours().div_euclid(24);
        if let Some(fault) = self.fault.read().as_ref() {
            return (false, format!("新证书不能用：{fault}。仍用旧证书，还有 {left_days} 天到期"));
        }
        match left_days {
            ..0 => (
                false,
                "证书已过期，浏览器和手机打不开本站。请用 fengsui site-certificate --renew 或向发证方更换"
                    .to_owned(),
            ),
            0..=CERTIFICATE_WARNING_DAYS => {
                (false, format!("证书还有 {left_days} 天到期，请及时更换；换好文件后不用重启"))
            }
            _ => (true, format!("证书还有 {left_days} 天到期")),
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.read().shown.clone())
    }
}
