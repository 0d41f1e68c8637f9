//! `fengsui site-certificate`: an office without internet makes its own certificate, and its phones learn to trust it.
//!
//! Two pairs: the site's own authority (站点根证书), installed once on phones and desks, and the server's certificate
//! that it signs. Renewing makes a fresh server certificate and keeps the authority, so that nobody installs twice.

use crate::machine::{SystemClock, say};
use anyhow::{Context, Result, bail};
use clap::Args;
use fengsui_app::Clock;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use x509_parser::extensions::GeneralName;

/// Days for which telephones accept a server certificate. Source: Apple, "Requirements for trusted certificates".
const SERVER_DAYS_MAX: u16 = 825;
/// Days for which the authority holds: longer than telephones live.
const AUTHORITY_DAYS: u16 = 3_650;
/// Most names and addresses of one certificate.
const NAMES_MAX: usize = 50;

const AUTHORITY: &str = "site-ca.crt";
const AUTHORITY_KEY: &str = "site-ca-key.pem";
const SERVER: &str = "server.pem";
const SERVER_KEY: &str = "server-key.pem";

/// `fengsui site-certificate`
#[derive(Args)]
pub(crate) struct SiteCertificate {
    /// 浏览器里输入的名字，例如 fengsui.local；可写多次
    #[arg(long, value_name = "名字")]
    name: Vec<String>,
    /// 浏览器里输入的地址，例如 192.168.1.10；可写多次
    #[arg(long, value_name = "地址")]
    ip: Vec<IpAddr>,
    /// 写到这个目录
    #[arg(long, value_name = "目录")]
    out: PathBuf,
    /// 有效天数，最多 825（手机不认更长的）
    #[arg(long, value_name = "天数", default_value_t = SERVER_DAYS_MAX, value_parser = clap::value_parser!(u16).range(1..=i64::from(SERVER_DAYS_MAX)))]
    days: u16,
    /// 换一张新的，站点根证书不变，手机不用重装；不写名字和地址就照旧
    #[arg(long)]
    renew: bool,
}

/// Makes the files and says what to do with them.
pub(crate) fn run(options: &SiteCertificate) -> Result<()> {
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    if options.renew {
        renew(options, today)?
    } else {
        first(options, today)?
    }
    tell(options);
    Ok(())
}

fn first(options: &SiteCertificate, today: Date) -> Result<()> {
    let names = names(options)?;
    std::fs::create_dir_all(&options.out).with_context(|| format!("不能建立 {}", options.out.display()))?;
    for file in [AUTHORITY, AUTHORITY_KEY, SERVER, SERVER_KEY] {
        let path = options.out.join(file);
        if path.exists() {
            bail!("{} 已存在，不会覆盖。换证书请加 --renew，另做一套请换目录", path.display());
        }
    }
    let authority = Authority::make(&names[0], today)?;
    let server = authority.sign(&names, today, options.days)?;
    put(&options.out.join(AUTHORITY_KEY), &authority.key, 0o600)?;
    put(&options.out.join(AUTHORITY), &authority.certificate, 0o644)?;
    put_server(&options.out, &server)
}

fn renew(options: &SiteCertificate, today: Date) -> Result<()> {
    let read = |file: &str| {
        let path = options.out.join(file);
        std::fs::read_to_string(&path).with_context(|| format!("读不到 {}，没有可续的证书", path.display()))
    };
    let authority = Authority { certificate: read(AUTHORITY)?, key: read(AUTHORITY_KEY)? };
    let names = match options.name.is_empty() && options.ip.is_empty() {
        true => names_in(&read(SERVER)?)?,
        false => names(options)?,
    };
    let server = authority.sign(&names, today, options.days)?;
    put_server(&options.out, &server)
}

fn names(options: &SiteCertificate) -> Result<Vec<String>> {
    let names: Vec<_> = options
        .name
        .iter()
        .map(|n| n.trim().to_owned())
        .chain(options.ip.iter().map(IpAddr::to_string))
        .collect();
    if names.is_empty() {
        bail!(
            "请用 --name 或 --ip 写明浏览器里输入的名字或地址，例如 --name fengsui.local --ip 192.168.1.10"
        );
    }
    if names.len() > NAMES_MAX {
        bail!("一张证书最多 {NAMES_MAX} 个名字和地址，现有 {}", names.len());
    }
    match names.iter().find(|n| !is_name(n)) {
        Some(wrong) => bail!("{wrong} 不是名字或地址：只写主机名，不带 https:// 和端口"),
        None => Ok(names),
    }
}

fn is_name(text: &str) -> bool {
    let label =
        |l: &str| !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(label))
}

/// The names of a certificate that is renewed.
fn names_in(pem: &str) -> Result<Vec<String>> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).context("旧证书读不懂")?;
    let certificate = pem.parse_x509().context("旧证书读不懂")?;
    let named = certificate.subject_alternative_name().context("旧证书读不懂")?;
    let all = named.map(|n| n.value.general_names.iter().filter_map(name_of).collect()).unwrap_or_default();
    Ok(all)
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(four) => Some(IpAddr::from(four).to_string()),
            Err(_) => <[u8; 16]>::try_from(*bytes).ok().map(|sixteen| IpAddr::from(sixteen).to_string()),
        },
        _ => None,
    }
}

/// The site's own authority, PEM.
struct Authority {
    certificate: String,
    key: String,
}

/// A certificate with its chain and key, PEM.
struct Server {
    chain: String,
    key: String,
}

impl Authority {
    fn make(name: &str, today: Date) -> Result<Self> {
        let key = KeyPair::generate().context("不能生成密钥")?;
        let mut params = params(&[], &format!("烽燧站点根证书 {name} {today}"), today, AUTHORITY_DAYS)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).context("不能签发站点根证书")?;
        Ok(Self { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    fn sign(&self, names: &[String], today: Date, days: u16) -> Result<Server> {
        let key = KeyPair::from_pem(&self.key).context("站点根证书的私钥读不懂")?;
        let issuer = Issuer::from_ca_cert_pem(&self.certificate, key).context("站点根证书读不懂")?;
        let key = KeyPair::generate().context("不能生成密钥")?;
        let mut params = params(names, &names[0], today, days)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &issuer).context("不能签发证书")?;
        Ok(Server { chain: certificate.pem() + &self.certificate, key: key.serialize_pem() })
    }
}

/// What both kinds have in common. Validity begins a day early, for phones whose clock is slow.
fn params(names: &[String], title: &str, today: Date, days: u16) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names).context("名字不能用在证书里")?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, title);
    let instant = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = instant(today.checked_sub(1.day())?);
    params.not_after = instant(today.checked_add(i32::from(days - 1).days())?);
    Ok(params)
}

/// The key first: a watcher that reads between the two finds a pair that does not fit, and keeps the old one.
fn put_server(folder: &Path, server: &Server) -> Result<()> {
    put(&folder.join(SERVER_KEY), &server.key, 0o600)?;
    put(&folder.join(SERVER), &server.chain, 0o644)
}

/// Writes beside and then moves, so that nobody ever reads half a file.
fn put(path: &Path, text: &str, mode: u32) -> Result<()> {
    let mut beside = path.to_path_buf().into_os_string();
    beside.push(".part");
    let _ = std::fs::remove_file(&beside);
    let write = || -> std::io::Result<()> {
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().with_context(|| format!("不能写 {}", path.display()))
}

fn tell(options: &SiteCertificate) {
    let at = |file: &str| options.out.join(file).display().to_string();
    if options.renew {
        say(&format!("已换新证书 {}，正在运行的程序十秒内自动换用，手机不用重装。", at(SERVER)));
        return;
    }
    say("已生成站点证书。配置文件写：");
    say("");
    say("  [http]");
    say("  address = \"0.0.0.0:443\"");
    say("  [http.tls]");
    say(&format!("  certificate = \"{}\"", at(SERVER)));
    say(&format!("  key = \"{}\"", at(SERVER_KEY)));
    say("  redirect_from = \"0.0.0.0:80\"");
    say("");
    say(&format!("把 {} 装到每台要用的手机和电脑上，装一次即可：", at(AUTHORITY)));
    say(
        "  安卓    发到手机，设置 › 安全 › 加密与凭据 › 安装证书 › CA 证书（各品牌叫法略有不同，可在设置里搜“证书”）",
    );
    say(
        "  苹果    发到手机打开，设置 › 已下载描述文件 › 安装；再到 通用 › 关于本机 › 证书信任设置 里打开信任",
    );
    say("  Windows 双击 › 安装证书 › 本地计算机 › 受信任的根证书颁发机构；Chrome、Edge 随系统");
    say("  统信、麒麟  浏览器 设置 › 隐私和安全 › 管理证书 › 授权机构 › 导入，勾选“信任该证书标识网站”");
    say("");
    say(&format!(
        "请把 {} 抄到离线的地方保管：拿到它的人可以冒充任何网站。证书 {} 天到期，到期前运行状态会提醒，用 --renew 续。",
        at(AUTHORITY_KEY),
        options.days
    ));
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use fengsui_api::Certificate;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
    use rustls::{
        RootCertStore, client::WebPkiServerVerifier, client::danger::ServerCertVerifier, crypto::ring,
    };
    use std::sync::Arc;
    use std::time::Duration;

    fn today() -> Date {
        SystemClock.now().to_zoned(TimeZone::UTC).date()
    }

    /// A chain and its key, good for so many days.
    pub(crate) fn pair(days: u16) -> (String, String) {
        let authority = Authority::make("desk.local", today()).unwrap();
        let server = authority.sign(&["desk.local".to_owned()], today(), days).unwrap();
        (server.chain, server.key)
    }

    fn options(folder: &Path, names: &[&str], ips: &[&str], renew: bool) -> SiteCertificate {
        SiteCertificate {
            name: names.iter().map(|n| (*n).to_owned()).collect(),
            ip: ips.iter().map(|i| i.parse().unwrap()).collect(),
            out: folder.to_owned(),
            days: SERVER_DAYS_MAX,
            renew,
        }
    }

    /// Whether a phone with the authority of this folder accepts its server under a name, some days from now.
    fn accepted(folder: &Path, name: &str, after_days: u64) -> bool {
        let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&read(AUTHORITY)).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let phone = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(SERVER)).collect::<Result<_, _>>().unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let second = u64::try_from(SystemClock.now().as_second()).unwrap() + after_days * 24 * 3600;
        let when = UnixTime::since_unix_epoch(Duration::from_secs(second));
        phone.verify_server_cert(&chain[0], &chain[1..], &name, &[], when).is_ok()
    }

    #[test]
    fn a_phone_that_knows_the_authority_accepts_the_names_and_no_others_until_the_end() {
        let folder = tempfile::tempdir().unwrap();
        first(&options(folder.path(), &["fengsui.local"], &["192.0.2.10", "2001:db8::1"], false), today())
            .unwrap();
        for name in ["fengsui.local", "192.0.2.10", "2001:db8::1"] {
            assert!(accepted(folder.path(), name, 0), "{name}");
            assert!(accepted(folder.path(), name, 820) && !accepted(folder.path(), name, 826), "{name}");
        }
        assert!(!accepted(folder.path(), "other.local", 0) && !accepted(folder.path(), "192.0.2.11", 0));
        let read = |file: &str| std::fs::read(folder.path().join(file)).unwrap();
        let read = Certificate::read(&read(SERVER), &read(SERVER_KEY)).unwrap();
        let left = read.until().duration_since(SystemClock.now()).as_hours() / 24;
        assert!((820..=825).contains(&left), "{left}");
    }

    #[test]
    fn keys_are_for_their_owner_and_nothing_is_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let asked = options(folder.path(), &["fengsui.local"], &[], false);
        first(&asked, today()).unwrap();
        for key in [AUTHORITY_KEY, SERVER_KEY] {
            let mode = std::fs::metadata(folder.path().join(key)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
        let before = std::fs::read(folder.path().join(SERVER)).unwrap();
        assert!(first(&asked, today()).unwrap_err().to_string().contains("--renew"));
        assert_eq!(std::fs::read(folder.path().join(SERVER)).unwrap(), before);
    }

    #[test]
    fn a_renewal_keeps_the_authority_and_the_names() {
        let folder = tempfile::tempdir().unwrap();
        first(&options(folder.path(), &["fengsui.local"], &["192.0.2.10"], false), today()).unwrap();
        let authority = std::fs::read(folder.path().join(AUTHORITY)).unwrap();
        let old = std::fs::read(folder.path().join(SERVER)).unwrap();
        renew(&options(folder.path(), &[], &[], true), today()).unwrap();
        assert_eq!(std::fs::read(folder.path().join(AUTHORITY)).unwrap(), authority);
        assert_ne!(std::fs::read(folder.path().join(SERVER)).unwrap(), old);
        assert!(accepted(folder.path(), "fengsui.local", 0) && accepted(folder.path(), "192.0.2.10", 0));
        renew(&options(folder.path(), &["new.local"], &[], true), today()).unwrap();
        assert!(accepted(folder.path(), "new.local", 0) && !accepted(folder.path(), "fengsui.local", 0));
        let empty = tempfile::tempdir().unwrap();
        assert!(renew(&options(empty.path(), &[], &[], true), today()).is_err());
    }

    #[test]
    fn names_are_what_one_types_into_a_browser() {
        let folder = tempfile::tempdir().unwrap();
        let named = |names: &[&str]| names_of(folder.path(), names);
        assert!(named(&["desk"]).is_ok() && named(&["desk-1.county.example"]).is_ok());
        for wrong in ["https://desk.local", "desk.local:443", "", "烽燧.local", "desk..local"] {
            assert!(named(&[wrong]).is_err(), "{wrong}");
        }
        assert!(named(&[]).is_err());
        assert!(named(&["a"; NAMES_MAX]).is_ok() && named(&["a"; NAMES_MAX + 1]).is_err());
    }

    fn names_of(folder: &Path, names: &[&str]) -> Result<Vec<String>> {
        super::names(&options(folder, names, &[], false))
    }
}
