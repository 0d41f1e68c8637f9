//! The key file (密钥文件) under which secrets lie in the database: made at the first start, changed by a command,
//! and asked for in plain words where it is missing.

use crate::ConfigArgument;
use crate::config::Config;
use crate::machine::{SystemClock, SystemEntropy, say};
use anyhow::{Context, Result, bail};
use clap::Args;
use fengsui_app::{Clock, Entropy};
use fengsui_store::{Epoch, Lease, Store};
use fengsui_store_sql::{SealKey, SqlStore};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Its name beside the configuration.
pub(crate) const FILE: &str = "fengsui.key";
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Largest file that is read as a key, in bytes.
const FILE_BYTES_MAX: u64 = 1_024;
/// What the file of the next key ends in until it is in use.
const NEXT: &str = "new";
/// Bits of a file's mode that let anybody but its owner in.
const OTHERS: u32 = 0o077;
/// By this name the change of a key holds the lease.
const HOLDER: &str = "rotate-secrets-key";
/// How long the change of a key may hold the lease.
const LEASE: Duration = Duration::from_secs(30);

/// Refuses a start that could not open the secrets in the database; makes and moves nothing, so that a standby says
/// what it lacks now and not when it is needed.
pub(crate) async fn check(path: &Path, store: &SqlStore) -> Result<()> {
    look(path, &used(store).await?).map(drop)
}

/// Has the secrets encrypted under the key of this site, which is made when nothing was encrypted yet. Only the
/// active node may do this.
pub(crate) async fn seal(path: &Path, store: &SqlStore, epoch: Epoch) -> Result<SealKey> {
    let used = used(store).await?;
    let key = match look(path, &used)? {
        Some(key) => key,
        None => make(path)?,
    };
    finish_change(path, &key)?;
    let count = store.seal_by(epoch, key.clone()).await.context("不能加密保存密钥")?;
    if count > 0 {
        tracing::info!(count, "secrets that lay in the clear are encrypted");
    }
    Ok(key)
}

async fn used(store: &SqlStore) -> Result<Vec<String>> {
    store.sealing_keys().await.context("读不到数据库里的密钥")
}

/// The key that opens what lies in the database: from its file, or from the file of a change that was cut off after
/// the database had it. None when neither is there and nothing was encrypted yet.
fn look(path: &Path, used: &[String]) -> Result<Option<SealKey>> {
    let changed = read(&beside(path, NEXT))?.filter(|key| used.iter().any(|id| id == key.id()));
    let found = match changed {
        Some(key) => Some(key),
        None => read(path)?,
    };
    match found {
        Some(key) => opens_all(path, key, used).map(Some),
        None if used.is_empty() => Ok(None),
        None => bail!(
            "缺少密钥文件 {}：第二验证和消息通道的密钥用它加密保存。请从原来的机器或抄存的地方取回，放到这个位置（权限 0600）；\
             文件在别处时，配置写 secrets_key。确实丢失的，见“安装和运行”的“密钥文件”",
            path.display()
        ),
    }
}

fn opens_all(path: &Path, key: SealKey, used: &[String]) -> Result<SealKey> {
    match used.iter().find(|id| *id != key.id()) {
        None => Ok(key),
        Some(other) => bail!(
            "密钥文件 {} 不对：数据库里的密钥是用 {other} 号加密的，这份是 {} 号。请换回原来的密钥文件",
            path.display(),
            key.id()
        ),
    }
}

/// What to tell after a restore, when the key of the backup is not in place.
pub(crate) async fn missing_after_restore(path: &Path, store: &SqlStore) -> Option<String> {
    check(path, store).await.err().map(|error| format!("启动前还差一步：{error:#}"))
}

fn read(path: &Path) -> Result<Option<SealKey>> {
    let facts = match std::fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("读不到密钥文件 {}", path.display())),
    };
    let at = path.display();
    if facts.permissions().mode() & OTHERS != 0 {
        bail!("密钥文件 {at} 别的账号也能读写。请改为只有运行本程序的账号能读：chmod 600 {at}");
    }
    let wrong = || anyhow::anyhow!("密钥文件 {at} 的内容不是六十四位十六进制，请换回原来的");
    if facts.len() > FILE_BYTES_MAX {
        return Err(wrong());
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("读不到密钥文件 {at}，请确认它属于运行本程序的账号"))?;
    bytes(text.trim()).map(SealKey::of).map(Some).ok_or_else(wrong)
}

fn bytes(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits: Vec<_> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok());
    let all: Vec<_> = pairs.collect::<Option<_>>()?;
    if digits.len() == KEY_BYTES * 2 { all.try_into().ok() } else { None }
}

/// Makes a key in a file that only its owner reads.
fn make(path: &Path) -> Result<SealKey> {
    let mut key = [0; KEY_BYTES];
    SystemEntropy.fill(&mut key);
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    write(path, &text).with_context(|| {
        format!("不能写密钥文件 {}；这个目录不可写时，配置写 secrets_key = \"别处的文件\"", path.display())
    })?;
    Ok(SealKey::of(key))
}

/// Under another name first: a power cut leaves a whole key or none, and no key is ever written over.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let part = beside(path, "part");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::hard_link(&part, path)?;
    std::fs::remove_file(&part)?;
    keep_names(path)
}

/// The name must survive a power cut: what is encrypted next opens with nothing else.
fn keep_names(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Moves the file of a change that was cut off to where it belongs.
fn finish_change(path: &Path, key: &SealKey) -> Result<()> {
    let changed = read(&beside(path, NEXT))?.is_some_and(|next| next.id() == key.id());
    if changed { swap(path) } else { Ok(()) }
}

/// Puts the new key in place of the old one, which is kept by its name for old backups.
fn swap(path: &Path) -> Result<()> {
    let told = || format!("不能换上密钥文件 {}", path.display());
    if let Some(old) = read(path)? {
        std::fs::rename(path, beside(path, old.id())).with_context(told)?;
    }
    std::fs::rename(beside(path, NEXT), path).and_then(|()| keep_names(path)).with_context(told)
}

/// `fengsui rotate-secrets-key`
#[derive(Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    config: ConfigArgument,
    /// 密钥文件找不回来时：清除用它加密的第二验证、口令码和通道密钥，下次启动时重新生成密钥文件
    #[arg(long)]
    lost: bool,
}

/// Encrypts all secrets anew, or gives up those whose key is lost. No node may run meanwhile.
pub(crate) async fn rotate(options: Rotate) -> Result<()> {
    let config = Config::read(options.config.config.as_deref())?;
    let path = config.key_file();
    let store = SqlStore::open(&config.database, &config.data_dir).await.context("打不开数据库")?;
    let epoch = match store.claim_lease(HOLDER, None, SystemClock.now(), LEASE).await? {
        Lease::Held { epoch, .. } => epoch,
        Lease::Other { holder, .. } => {
            bail!("节点 {holder} 正在运行，或刚刚停止。请停止所有节点，十秒后再换密钥")
        }
    };
    let done =
        if options.lost { give_up(&path, &store, epoch).await } else { change(&path, &store, epoch).await };
    // The nodes need not wait for the lease to end by itself.
    let _ = store.claim_lease(HOLDER, Some(epoch), SystemClock.now(), Duration::ZERO).await;
    say(&done?);
    Ok(())
}

/// Writes the new key, then all secrets in one transaction, then moves the files: cut off anywhere, the next start
/// finds by the database which of the two holds.
async fn change(path: &Path, store: &SqlStore, epoch: Epoch) -> Result<String> {
    let old = seal(path, store, epoch).await?;
    let next = beside(path, NEXT);
    // One that was left by a change that came to nothing.
    let _ = std::fs::remove_file(&next);
    let new = make(&next)?;
    let count = store.seal_by(epoch, new).await;
    // An answer that was lost on its way is no answer: the rows may lie under either key.
    let count = count.context("没有确认换成；请再启动一次，程序按数据库里的为准选用新旧密钥文件")?;
    swap(path)?;
    Ok(format!(
        "已换新密钥，{count} 项重新加密；备机的密钥文件也要换成这一份。旧密钥留作 {}，恢复以前的备份要用它，不再需要那些备份时删除。",
        beside(path, old.id()).display()
    ))
}

/// Takes away what no key file opens. A file that is there and opens everything is no reason to.
async fn give_up(path: &Path, store: &SqlStore, epoch: Epoch) -> Result<String> {
    let used = used(store).await?;
    if look(path, &used).is_ok() {
        bail!("密钥文件 {} 能打开数据库里的全部密钥，没有丢失，什么也没有清除", path.display());
    }
    let kept = read(path)?;
    let count = store.forget_sealed(epoch, kept.as_ref().map(SealKey::id)).await?;
    Ok(format!(
        "已清除打不开的密钥 {count} 项。启动后请逐人重新启用第二验证、设口令码，消息通道的密钥重新填；新的密钥文件请抄一份离线保管。"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::EntryId;
    use fengsui_store::{ChangeSet, SecretWrite};

    /// A site: the folder of its data, with the key file beside.
    struct Site {
        folder: tempfile::TempDir,
    }

    impl Site {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn key(&self) -> PathBuf {
            self.folder.path().join(FILE)
        }

        async fn open(&self) -> (SqlStore, Epoch) {
            let store = SqlStore::open("sqlite", self.folder.path()).await.unwrap();
            let Lease::Held { epoch, .. } =
                store.claim_lease("a", None, SystemClock.now(), Duration::ZERO).await.unwrap()
            else {
                panic!("nobody else holds it")
            };
            (store, epoch)
        }

        /// What a start does, and stops again.
        async fn start(&self) -> Result<SealKey> {
            let (store, epoch) = self.open().await;
            check(&self.key(), &store).await?;
            seal(&self.key(), &store, epoch).await
        }

        async fn put_secret(&self) {
            let (store, epoch) = self.open().await;
            seal(&self.key(), &store, epoch).await.unwrap();
            let secrets =
                vec![SecretWrite {
                    owner: owner(), name: "url".to_owned(), value: Some("秘密".to_owned())
                }];
            let change = ChangeSet { secrets, ..ChangeSet::new(SystemClock.now()) };
            store.commit(epoch, vec![change]).await.unwrap();
        }

        async fn secret(&self) -> Option<String> {
            let (store, epoch) = self.open().await;
            seal(&self.key(), &store, epoch).await.unwrap();
            store.secrets(owner()).await.unwrap().remove("url")
        }

        async fn refused(&self) -> String {
            self.start().await.unwrap_err().to_string()
        }

        fn write(&self, text: &str) {
            let _ = std::fs::remove_file(self.key());
            write(&self.key(), text).unwrap();
        }
    }

    fn owner() -> EntryId {
        EntryId::from_u128(1)
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn the_file_is_made_once_and_for_its_owner_alone() {
        let site = Site::new();
        let (store, _) = site.open().await;
        check(&site.key(), &store).await.unwrap();
        assert!(!site.key().exists(), "a standby makes no key");
        drop(store);
        let key = site.start().await.unwrap();
        assert_eq!(mode(&site.key()), 0o600);
        assert_eq!(site.start().await.unwrap().id(), key.id());
        assert!(!beside(&site.key(), "part").exists());
        assert!(write(&site.key(), "other").is_err(), "no key is written over");
    }

    #[tokio::test]
    async fn a_file_that_is_gone_is_asked_for_and_not_made_anew_even_before_anybody_has_a_secret() {
        let site = Site::new();
        let key = site.start().await.unwrap();
        std::fs::remove_file(site.key()).unwrap();
        let refused = site.refused().await;
        assert!(refused.contains("缺少密钥文件") && !site.key().exists(), "{refused}");
        site.write(&"00".repeat(KEY_BYTES));
        let refused = site.refused().await;
        assert!(refused.contains("不对") && refused.contains(key.id()), "{refused}");
    }

    #[tokio::test]
    async fn a_file_that_is_no_key_or_that_others_read_is_refused_with_a_remedy() {
        let site = Site::new();
        for wrong in ["半份".to_owned(), "0".repeat(63), "0".repeat(65), "0".repeat(2_000), String::new()] {
            site.write(&wrong);
            let refused = site.refused().await;
            assert!(refused.contains("六十四位"), "{refused}");
        }
        site.write(&"0F".repeat(KEY_BYTES));
        for open in [0o640, 0o604, 0o620] {
            std::fs::set_permissions(site.key(), std::fs::Permissions::from_mode(open)).unwrap();
            let refused = site.refused().await;
            assert!(refused.contains("chmod 600"), "{refused}");
        }
        std::fs::set_permissions(site.key(), std::fs::Permissions::from_mode(0o400)).unwrap();
        site.start().await.unwrap();
    }

    #[tokio::test]
    async fn a_change_of_the_key_that_is_cut_off_anywhere_is_forgotten_or_finished_at_the_next_start() {
        let site = Site::new();
        let next = beside(&site.key(), NEXT);
        let old = site.start().await.unwrap();
        site.put_secret().await;
        // Before the database had it: nothing has changed.
        let new = make(&next).unwrap();
        assert_eq!(site.start().await.unwrap().id(), old.id());
        // After the database had it.
        let (store, epoch) = site.open().await;
        seal(&site.key(), &store, epoch).await.unwrap();
        assert_eq!(store.seal_by(epoch, new.clone()).await.unwrap(), 1);
        drop(store);
        // And between the two moves.
        std::fs::rename(site.key(), beside(&site.key(), old.id())).unwrap();
        assert_eq!(site.start().await.unwrap().id(), new.id());
        assert!(!next.exists() && beside(&site.key(), old.id()).exists());
        assert_eq!(site.secret().await.as_deref(), Some("秘密"));
    }

    #[tokio::test]
    async fn the_command_changes_the_key_and_keeps_the_old_one_for_old_backups() {
        let site = Site::new();
        let old = site.start().await.unwrap();
        site.put_secret().await;
        let (store, epoch) = site.open().await;
        let said = change(&site.key(), &store, epoch).await.unwrap();
        drop(store);
        assert!(said.contains("1 项") && said.contains(old.id()), "{said}");
        assert_ne!(site.start().await.unwrap().id(), old.id());
        assert_eq!(mode(&beside(&site.key(), old.id())), 0o600);
        assert_eq!(site.secret().await.as_deref(), Some("秘密"));
    }

    #[tokio::test]
    async fn a_key_that_is_lost_for_good_costs_the_secrets_and_not_the_site() {
        let site = Site::new();
        site.put_secret().await;
        let (store, epoch) = site.open().await;
        assert!(give_up(&site.key(), &store, epoch).await.is_err(), "the key is there");
        std::fs::remove_file(site.key()).unwrap();
        let said = give_up(&site.key(), &store, epoch).await.unwrap();
        assert!(said.contains("1 项"), "{said}");
        drop(store);
        site.start().await.unwrap();
        assert_eq!(site.secret().await, None);
    }
}
