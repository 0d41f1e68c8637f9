//! Secrets at rest: the keys of gateways and the seeds of second factors are encrypted before they reach a table, so
//! that neither the database nor a backup of it gives them away.
//!
//! XChaCha20-Poly1305 under a key that lies in a file outside the database. The owner and the name of a secret are
//! bound to it, so that a row copied to another place does not open. The nonce is made of the key and of all that is
//! sealed: no randomness is needed, and only the very same secret in the same place looks the same twice.
//!
//! Source: RFC 8439; draft-irtf-cfrg-xchacha.

use crate::tx::Tx;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use fengsui_base::EntryId;
use fengsui_store::{ChangeSet, StoreError};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::BTreeSet;
use std::fmt;

/// What a sealed value begins with.
const MARK: &str = "sealed:1:";
/// The row that names the key of this database even while nobody has a secret: a standby with another key file is
/// told so at its start, and a lost file is never made anew behind anybody's back.
const MARK_OWNER: EntryId = EntryId::from_u128(0);
/// Its name.
const MARK_NAME: &str = "key";
/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;
/// Bytes of the name of a key.
const ID_BYTES: usize = 8;

/// The key under which secrets lie in the database.
#[derive(Clone)]
pub struct SealKey {
    id: String,
    cipher: XChaCha20Poly1305,
    nonces: [u8; 32],
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", self.id)
    }
}

impl SealKey {
    /// The key of these bytes.
    pub fn of(bytes: [u8; 32]) -> Self {
        let encryption = derived(&bytes, b"fengsui secrets: encryption", &[]);
        let id = &derived(&bytes, b"fengsui secrets: name of the key", &[])[..ID_BYTES];
        Self {
            id: hex::encode(id),
            cipher: XChaCha20Poly1305::new(&encryption.into()),
            nonces: derived(&bytes, b"fengsui secrets: nonces", &[]),
        }
    }

    /// By this a sealed value names its key; it tells nothing of the key itself.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn seal(&self, owner: EntryId, name: &str, value: &str) -> String {
        let place = place(owner, name);
        let nonce = derived(&self.nonces, &place, value.as_bytes());
        let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|n| nonce[n]);
        let payload = Payload { msg: value.as_bytes(), aad: &place };
        let sealed =
            self.cipher.encrypt(&XNonce::from(nonce), payload).expect("a secret is far shorter than 256 GiB");
        format!("{MARK}{}:{}{}", self.id, hex::encode(nonce), hex::encode(sealed))
    }

    fn open(&self, owner: EntryId, name: &str, sealed: &str) -> Option<String> {
        let (id, rest) = sealed.strip_prefix(MARK)?.split_once(':')?;
        let bytes = hex::decode(rest).ok().filter(|bytes| id == self.id && bytes.len() > NONCE_BYTES)?;
        let (nonce, sealed) = bytes.split_at(NONCE_BYTES);
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: &place(owner, name) };
        String::from_utf8(self.cipher.decrypt(&XNonce::from(nonce), payload).ok()?).ok()
    }
}

fn derived(key: &[u8; 32], what: &[u8], more: &[u8]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("a MAC takes a key of any length");
    mac.update(&u64::try_from(what.len()).unwrap_or(u64::MAX).to_be_bytes());
    mac.update(what);
    mac.update(more);
    mac.finalize().into_bytes().into()
}

/// The place of a secret, which is bound to it.
fn place(owner: EntryId, name: &str) -> Vec<u8> {
    [owner.as_bytes().as_slice(), name.as_bytes()].concat()
}

/// The name of the key in a stored value; none when it lies in the clear.
fn key_of(value: &str) -> Option<&str> {
    value.strip_prefix(MARK)?.split_once(':').map(|(id, _)| id)
}

/// Seals the secrets of a batch.
pub(crate) fn sealed(key: Option<&SealKey>, mut batch: Vec<ChangeSet>) -> Vec<ChangeSet> {
    let Some(key) = key else { return batch };
    for write in batch.iter_mut().flat_map(|change| &mut change.secrets) {
        write.value = write.value.take().map(|value| key.seal(write.owner, &write.name, &value));
    }
    batch
}

/// A stored secret in the clear.
pub(crate) fn opened(
    key: Option<&SealKey>,
    owner: EntryId,
    name: &str,
    stored: String,
) -> Result<String, StoreError> {
    if key_of(&stored).is_none() {
        return Ok(stored);
    }
    key.and_then(|key| key.open(owner, name, &stored)).ok_or_else(unreadable)
}

fn unreadable() -> StoreError {
    let sentence =
        "数据库里的密钥打不开：密钥文件不是当初的那一份，或内容被改动。请把原来的密钥文件放回，再启动";
    StoreError::Broken(sentence.to_owned())
}

/// A row as it lies there.
struct Stored {
    owner: EntryId,
    name: String,
    value: String,
}

async fn all(tx: &mut dyn Tx) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.query("SELECT owner, name, value FROM secret WHERE value IS NOT NULL", &[]).await?;
    let stored = |mut row: crate::value::Row| {
        Ok(Stored { owner: row.id(0)?, name: row.text(1)?, value: row.text(2)? })
    };
    rows.into_iter().map(stored).collect()
}

/// The names of the keys under which secrets lie, each once.
pub(crate) async fn keys(tx: &mut dyn Tx) -> Result<Vec<String>, StoreError> {
    let rows = all(tx).await?;
    let keys: BTreeSet<_> = rows.iter().filter_map(|row| key_of(&row.value)).collect();
    Ok(keys.into_iter().map(str::to_owned).collect())
}

/// Seals everything under a key: what lies in the clear, and what lies under the one before. Answers how many.
pub(crate) async fn reseal(tx: &mut dyn Tx, old: Option<&SealKey>, new: &SealKey) -> Result<u64, StoreError> {
    let (mut count, mut values) = (0, Vec::new());
    for Stored { owner, name, value } in all(tx).await? {
        if key_of(&value) == Some(new.id()) {
            // A row that was altered is told now and not when it is needed.
            opened(Some(new), owner, &name, value)?;
            continue;
        }
        count += u64::from(owner != MARK_OWNER);
        let sealed = new.seal(owner, &name, &opened(old, owner, &name, value)?);
        values.extend([owner.into(), name.into(), sealed.into()]);
    }
    let mark = new.seal(MARK_OWNER, MARK_NAME, "");
    values.extend([MARK_OWNER.into(), MARK_NAME.into(), mark.into()]);
    tx.execute_many(PUT, 3, &values).await?;
    Ok(count)
}

const PUT: &str = "INSERT INTO secret (owner, name, value) VALUES (?1, ?2, ?3) \
    ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value";

/// Takes away what lies under other keys than the one named; answers how many secrets that were.
pub(crate) async fn forget(tx: &mut dyn Tx, kept: Option<&str>) -> Result<u64, StoreError> {
    let (mut count, mut places) = (0, Vec::new());
    for Stored { owner, name, value } in all(tx).await? {
        if key_of(&value).is_some_and(|key| Some(key) != kept) {
            count += u64::from(owner != MARK_OWNER);
            places.extend([owner.into(), name.into()]);
        }
    }
    tx.execute_many("DELETE FROM secret WHERE owner = ?1 AND name = ?2", 2, &places).await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlStore;
    use fengsui_store::conformance::given::{active, change, id, stored};
    use fengsui_store::{SecretWrite, Store};

    fn key(byte: u8) -> SealKey {
        SealKey::of([byte; 32])
    }

    #[test]
    fn a_secret_opens_with_its_key_in_its_place_and_nowhere_else() {
        let sealed = key(1).seal(id(1), "url", "https://robot.example/?key=秘密");
        assert!(sealed.is_ascii() && !sealed.contains("robot"));
        assert_eq!(key(1).open(id(1), "url", &sealed).as_deref(), Some("https://robot.example/?key=秘密"));
        assert_eq!(key(2).open(id(1), "url", &sealed), None);
        assert_eq!(key(1).open(id(2), "url", &sealed), None);
        assert_eq!(key(1).open(id(1), "key", &sealed), None);
        let mut altered = sealed.clone();
        altered.pop();
        for wrong in [altered.as_str(), MARK, "sealed:1:00:", "", "clear"] {
            assert_eq!(key(1).open(id(1), "url", wrong), None, "{wrong}");
        }
        assert_ne!(sealed, key(1).seal(id(1), "url", "https://robot.example/?key=秘蜜"));
        assert!(!format!("{:?}", key(1)).contains("0101"));
    }

    async fn put(store: &SqlStore, epoch: fengsui_store::Epoch, value: &str) {
        let secrets = vec![SecretWrite { owner: id(1), name: "url".into(), value: Some(value.into()) }];
        stored(store, epoch, ChangeSet { secrets, ..change(0) }).await;
    }

    #[tokio::test]
    async fn what_lay_in_the_clear_is_sealed_at_the_start_and_another_key_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let open = async || SqlStore::open("sqlite", folder.path()).await.unwrap();
        let store = open().await;
        let epoch = active(&store).await;
        put(&store, epoch, "clearly written").await;
        assert!(store.sealing_keys().await.unwrap().is_empty());
        assert_eq!(store.seal_by(epoch, key(1)).await.unwrap(), 1);
        assert_eq!(store.seal_by(epoch, key(1)).await.unwrap(), 0, "once is enough");
        assert_eq!(store.sealing_keys().await.unwrap(), [key(1).id()]);
        assert_eq!(store.secrets(id(1)).await.unwrap()["url"], "clearly written");
        put(&store, epoch, "freshly written").await;
        assert_eq!(store.secrets(id(1)).await.unwrap()["url"], "freshly written");
        drop(store);
        let stranger = open().await;
        let refused = stranger.secrets(id(1)).await.unwrap_err().to_string();
        assert!(refused.contains("密钥文件"), "{refused}");
        assert!(stranger.seal_by(epoch, key(2)).await.is_err());
        drop(stranger);
        let file = std::fs::read(folder.path().join("fengsui.db")).unwrap();
        let written = |what: &[u8]| file.windows(what.len()).any(|w| w == what);
        assert!(!written(b"clearly written") && !written(b"freshly written"));
    }

    #[tokio::test]
    async fn another_key_takes_over_all_secrets_and_what_no_key_opens_can_be_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let open = async || SqlStore::open("sqlite", folder.path()).await.unwrap();
        let store = open().await;
        let epoch = active(&store).await;
        assert_eq!(store.seal_by(epoch, key(1)).await.unwrap(), 0);
        assert_eq!(store.sealing_keys().await.unwrap(), [key(1).id()], "also where nobody has a secret");
        put(&store, epoch, "secret").await;
        assert_eq!(store.seal_by(epoch, key(2)).await.unwrap(), 1);
        assert_eq!(store.secrets(id(1)).await.unwrap()["url"], "secret");
        assert_eq!(store.sealing_keys().await.unwrap(), [key(2).id()]);
        assert_eq!(store.forget_sealed(epoch, Some(key(2).id())).await.unwrap(), 0);
        assert_eq!(store.forget_sealed(epoch, None).await.unwrap(), 1);
        assert!(store.secrets(id(1)).await.unwrap().is_empty());
        assert!(store.sealing_keys().await.unwrap().is_empty());
    }
}
