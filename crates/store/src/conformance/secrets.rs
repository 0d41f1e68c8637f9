//! Passwords, sessions, and the secrets of other systems.

use super::given::{active, at, change, id, stored};
use crate::{ChangeSet, Credential, CredentialWrite, Epoch, SecretWrite, SessionRow, SessionWrite, Store};
use fengsui_base::AccountId;

fn account(n: u128) -> AccountId {
    AccountId(id(n))
}

fn open(token: u8, n: u128, until: i64) -> SessionWrite {
    let origin = format!("192.0.2.{token}");
    SessionWrite::Open { token_digest: [token; 32], account: account(n), expires_at: at(until), origin }
}

fn session_row(token: u8, opened: i64, until: i64, locked: bool) -> SessionRow {
    let (opened_at, expires_at, origin) = (at(opened), at(until), format!("192.0.2.{token}"));
    SessionRow { token_digest: [token; 32], account: account(1), opened_at, expires_at, locked, origin }
}

async fn store_sessions(store: &dyn Store, epoch: Epoch, second: i64, sessions: Vec<SessionWrite>) {
    stored(store, epoch, ChangeSet { sessions, ..change(second) }).await;
}

async fn alive(store: &dyn Store, token: u8) -> bool {
    store.session([token; 32], at(1)).await.unwrap().is_some()
}

/// A session is there until the instant at which it ends, and not at it.
pub async fn session_ends_at_its_instant(store: &dyn Store) {
    let epoch = active(store).await;
    store_sessions(store, epoch, 5, vec![open(1, 1, 100)]).await;
    let expected = session_row(1, 5, 100, false);
    assert_eq!(store.session([1; 32], at(99)).await.unwrap(), Some(expected));
    assert_eq!(store.session([1; 32], at(100)).await.unwrap(), None);
    assert_eq!(store.session([2; 32], at(99)).await.unwrap(), None);
}

/// Logout closes one; a changed password closes all of the account but the one named; order counts.
pub async fn sessions_are_closed_one_or_all(store: &dyn Store) {
    let epoch = active(store).await;
    let opened = vec![open(1, 1, 100), open(2, 1, 100), open(3, 1, 100), open(4, 2, 100)];
    store_sessions(store, epoch, 0, opened).await;
    store_sessions(store, epoch, 0, vec![SessionWrite::Close { token_digest: [1; 32] }]).await;
    assert!(!alive(store, 1).await && alive(store, 2).await);
    let all_but = |except| SessionWrite::CloseAll { account: account(1), except };
    store_sessions(store, epoch, 0, vec![all_but(Some([3; 32]))]).await;
    assert!(!alive(store, 2).await && alive(store, 3).await && alive(store, 4).await);
    store_sessions(store, epoch, 0, vec![all_but(None), open(5, 1, 100)]).await;
    assert!(!alive(store, 3).await && alive(store, 4).await && alive(store, 5).await);
    store_sessions(store, epoch, 0, vec![open(6, 1, 100), all_but(None)]).await;
    assert!(!alive(store, 6).await && !alive(store, 5).await && alive(store, 4).await);
}

/// The password set last, with the instant of the change that set it.
pub async fn credential_is_the_last_one_set(store: &dyn Store) {
    let epoch = active(store).await;
    let set = |second, phc: &str, must_change| ChangeSet {
        credentials: vec![CredentialWrite { account: account(1), phc: phc.into(), must_change }],
        ..change(second)
    };
    assert!(store.credential(account(1)).await.unwrap().is_none());
    stored(store, epoch, set(1, "$argon2id$a", true)).await;
    stored(store, epoch, set(2, "$argon2id$b", false)).await;
    let found = store.credential(account(1)).await.unwrap().unwrap();
    let expected = Credential { phc: "$argon2id$b".into(), must_change: false, changed_at: at(2) };
    assert!(found == expected);
    assert!(store.credential(account(2)).await.unwrap().is_none());
}

/// A secret is the one set last, under its own name, until it is taken away; also within one change and one batch.
pub async fn secrets_are_set_and_taken_away_by_name(store: &dyn Store) {
    let epoch = active(store).await;
    let set = |name: &str, value: Option<&str>| SecretWrite {
        owner: id(1),
        name: name.into(),
        value: value.map(str::to_owned),
    };
    let with = |second, secrets| ChangeSet { secrets, ..change(second) };
    let first = with(1, vec![set("key", Some("a")), set("password", Some("密")), set("key", Some("b"))]);
    let second = with(1, vec![set("password", Some("码"))]);
    store.commit(epoch, vec![first, second]).await.unwrap();
    let found = store.secrets(id(1)).await.unwrap();
    assert_eq!(found, [("key", "b"), ("password", "码")].map(|(n, v)| (n.into(), v.into())).into());
    stored(store, epoch, with(2, vec![set("key", None)])).await;
    let found = store.secrets(id(1)).await.unwrap();
    assert_eq!(found, [("password".to_owned(), "码".to_owned())].into());
    assert!(store.secrets(id(2)).await.unwrap().is_empty());
}

/// A locked session stays, and says so until it is unlocked or opened anew; nobody else's is touched.
pub async fn session_is_locked_and_unlocked(store: &dyn Store) {
    let epoch = active(store).await;
    store_sessions(store, epoch, 5, vec![open(1, 1, 100), open(2, 1, 100)]).await;
    let lock = |token: u8, locked| SessionWrite::Lock { token_digest: [token; 32], locked };
    store_sessions(store, epoch, 6, vec![lock(1, true), lock(7, true)]).await;
    assert_eq!(store.session([1; 32], at(9)).await.unwrap(), Some(session_row(1, 5, 100, true)));
    assert_eq!(store.session([2; 32], at(9)).await.unwrap(), Some(session_row(2, 5, 100, false)));
    assert_eq!(store.session([7; 32], at(9)).await.unwrap(), None, "locking opens nothing");
    store_sessions(store, epoch, 7, vec![lock(1, false), lock(2, true), open(2, 1, 90)]).await;
    assert_eq!(store.session([1; 32], at(9)).await.unwrap(), Some(session_row(1, 5, 100, false)));
    assert_eq!(store.session([2; 32], at(9)).await.unwrap(), Some(session_row(2, 7, 90, false)));
}

/// The living sessions of one account, the newest first, no more than asked for.
pub async fn sessions_of_an_account(store: &dyn Store) {
    let epoch = active(store).await;
    store_sessions(store, epoch, 5, vec![open(1, 1, 100), open(2, 2, 100)]).await;
    store_sessions(store, epoch, 6, vec![open(3, 1, 100), open(4, 1, 50)]).await;
    let tokens = async |second, limit| {
        let found = store.sessions_of(account(1), at(second), limit).await.unwrap();
        found.iter().map(|s| s.token_digest[0]).collect::<Vec<_>>()
    };
    assert_eq!(tokens(49, 9).await, [3, 4, 1]);
    assert_eq!(tokens(50, 9).await, [3, 1]);
    assert_eq!(tokens(50, 1).await, [3]);
    assert!(store.sessions_of(account(3), at(0), 9).await.unwrap().is_empty());
}
