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
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How many days before its end a certificate is named on the status page.
pub const CERTIFICATE_WARNING_DAYS: i64 = 30;

/// How many days before its end it has to be changed now.
pub const CERTIFICATE_URGENT_DAYS: i64 = 7;

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

    /// How it stands.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        let mut standing = standing(self.until().duration_since(now).as_secs());
        if let Some(fault) = self.fault.read().as_ref() {
            standing.detail = format!("新证书不能用：{fault}。仍用旧证书；{}", standing.detail);
            standing.due.get_or_insert(Due::Soon);
        }
        standing
    }
}

/// How pressing something is that has a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Due {
    /// There is time, but not for ever.
    Soon,
    /// Today: what comes after this is a desk that nobody can open.
    Now,
}

/// How a certificate stands, with what to do about it.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    pub(crate) due: Option<Due>,
    pub(crate) detail: String,
}

const DAY_S: i64 = 86_400;
const REMEDY: &str =
    "用 fengsui site-certificate --renew 续一张，或向发证方更换；覆盖原来的文件即可，不用重启";

fn standing(left_s: i64) -> Standing {
    let days = left_s.div_euclid(DAY_S);
    let (due, detail) = if left_s <= 0 {
        (Some(Due::Now), format!("证书已过期，浏览器和手机打不开本站。请马上{REMEDY}"))
    } else if left_s <= CERTIFICATE_URGENT_DAYS * DAY_S {
        let left = if days == 0 { "不到一天".to_owned() } else { format!("只剩 {days} 天") };
        (Some(Due::Now), format!("证书{left}，到期后浏览器和手机打不开本站。请马上{REMEDY}"))
    } else if left_s <= CERTIFICATE_WARNING_DAYS * DAY_S {
        (Some(Due::Soon), format!("证书还有 {days} 天到期。请{REMEDY}"))
    } else {
        (None, format!("证书还有 {days} 天到期"))
    };
    Standing { due, detail }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.read().shown.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_named_from_thirty_days_on_and_pressing_from_seven() {
        let due = |days: i64, second: i64| standing(days * DAY_S + second).due;
        assert_eq!(due(CERTIFICATE_WARNING_DAYS, 1), None);
        assert_eq!(due(CERTIFICATE_WARNING_DAYS, 0), Some(Due::Soon));
        assert_eq!(due(CERTIFICATE_URGENT_DAYS, 1), Some(Due::Soon));
        assert_eq!(due(CERTIFICATE_URGENT_DAYS, 0), Some(Due::Now));
        assert_eq!((due(0, 1), due(0, 0), due(-400, 0)), (Some(Due::Now), Some(Due::Now), Some(Due::Now)));
    }

    #[test]
    fn it_says_how_long_is_left_and_what_to_do() {
        let said = |left_s: i64| standing(left_s).detail;
        assert_eq!(said(60 * DAY_S + 5), "证书还有 60 天到期");
        assert!(said(20 * DAY_S).starts_with("证书还有 20 天到期。请用"), "{}", said(20 * DAY_S));
        assert!(said(3 * DAY_S).contains("只剩 3 天") && said(3 * DAY_S).contains("请马上用"));
        assert!(said(DAY_S - 1).contains("不到一天"));
        assert!(said(-1).contains("已过期") && said(-1).contains("--renew"));
    }
}
