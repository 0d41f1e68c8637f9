//! `[http.tls]`: the certificate files of the pages, read at the start and again whenever they change.

use anyhow::{Context, Result, bail};
use fengsui_api::{Certificate, Certificates};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the files are looked at.
const LOOK_STEP: Duration = Duration::from_secs(10);
/// Largest certificate or key file, in bytes: a chain is a few thousand.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Longest time for which browsers may be told to come encrypted only, in days.
pub(crate) const HSTS_DAYS_MAX: u16 = 730;

/// How pages are encrypted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    /// Chain, the site's own certificate first; PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key without a password; PEM.
    pub(crate) key: PathBuf,
    /// Where browsers that come without encryption are sent to the encrypted pages, such as `0.0.0.0:80`.
    pub(crate) redirect_from: Option<SocketAddr>,
    /// For how many days browsers are told to come encrypted only; not set for never.
    pub(crate) hsts_days: Option<u16>,
}

impl TlsConfig {
    /// Checks the bounds.
    pub(crate) fn check(&self) -> Result<()> {
        match self.hsts_days {
            Some(days) if days == 0 || days > HSTS_DAYS_MAX => {
                bail!("http.tls.hsts_days 应在 1 到 {HSTS_DAYS_MAX} 之间，现为 {days}；不需要就不写")
            }
            _ => Ok(()),
        }
    }

    /// Reads the files for the first time, and looks after them from then on.
    pub(crate) fn certificates(&self) -> Result<Arc<Certificates>> {
        let files = Files::read(self)?;
        let first = files.certificate().map_err(|sentence| anyhow::anyhow!("http.tls：{sentence}"))?;
        let shown = Certificates::new(first);
        tokio::spawn(watch(self.clone(), files, shown.clone()));
        Ok(shown)
    }
}

/// What the two files hold.
#[derive(PartialEq, Eq)]
struct Files {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(config: &TlsConfig) -> Result<Self> {
        Ok(Self {
            chain: bounded(&config.certificate).context("读不到 http.tls.certificate")?,
            key: bounded(&config.key).context("读不到 http.tls.key")?,
        })
    }

    fn certificate(&self) -> Result<Certificate, String> {
        Certificate::read(&self.chain, &self.key)
    }
}

fn bounded(path: &Path) -> Result<Vec<u8>> {
    let length = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if length > FILE_BYTES_MAX {
        bail!("{} 有 {length} 字节，不像证书文件", path.display());
    }
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// Looks again and again; a pair that is half written will be whole at the next look.
async fn watch(config: TlsConfig, mut known: Files, shown: Arc<Certificates>) {
    let mut step = interval(LOOK_STEP);
    step.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        step.tick().await;
        let config = config.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || Files::read(&config)).await else { continue };
        known = look(known, read, &shown);
    }
}

fn look(known: Files, read: Result<Files>, shown: &Certificates) -> Files {
    match read {
        Err(error) => {
            shown.renew(Err(format!("{error:#}")));
            known
        }
        // A fault of an earlier look is over when the files are again what is shown.
        Ok(files) => {
            let fresh = files != known;
            let outcome = files.certificate();
            match &outcome {
                Err(fault) if fresh => tracing::warn!(fault, "the fresh certificate cannot be used"),
                Ok(_) if fresh => tracing::info!("the certificate was renewed"),
                _ => {}
            }
            shown.renew(outcome);
            files
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site_certificate::tests::pair;

    fn files(folder: &Path) -> TlsConfig {
        TlsConfig {
            certificate: folder.join("server.pem"),
            key: folder.join("server-key.pem"),
            redirect_from: None,
            hsts_days: None,
        }
    }

    #[test]
    fn a_renewed_pair_is_shown_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let config = files(folder.path());
        let write = |(chain, key): (String, String)| {
            std::fs::write(&config.certificate, chain).unwrap();
            std::fs::write(&config.key, key).unwrap();
        };
        write(pair(100));
        let first = Files::read(&config).unwrap();
        let shown = Certificates::new(first.certificate().unwrap());
        let ends = shown.until();
        let (chain, key) = pair(200);
        write((chain.clone(), "half".to_owned()));
        let known = look(first, Files::read(&config), &shown);
        assert_eq!(shown.until(), ends, "the old one goes on");
        write((chain, key));
        let known = look(known, Files::read(&config), &shown);
        assert!(shown.until() > ends);
        std::fs::remove_file(&config.key).unwrap();
        look(known, Files::read(&config), &shown);
        assert!(shown.until() > ends);
    }

    #[test]
    fn a_start_without_the_files_names_the_setting() {
        let folder = tempfile::tempdir().unwrap();
        let error = format!("{:#}", Files::read(&files(folder.path())).err().unwrap());
        assert!(error.contains("http.tls.certificate") && error.contains("server.pem"), "{error}");
        let long = vec![b'x'; FILE_BYTES_MAX as usize + 1];
        std::fs::write(folder.path().join("server.pem"), long).unwrap();
        assert!(Files::read(&files(folder.path())).is_err());
    }

    #[test]
    fn hsts_has_bounds() {
        let days = |days| TlsConfig { hsts_days: days, ..files(Path::new("")) }.check();
        assert!(days(None).is_ok() && days(Some(1)).is_ok() && days(Some(HSTS_DAYS_MAX)).is_ok());
        assert!(days(Some(0)).is_err() && days(Some(HSTS_DAYS_MAX + 1)).is_err());
    }
}
