//! Seats (席位): an officer signs on with a sound test and off again; a seat holds one officer, an officer one seat.

use crate::changes::Said;
use crate::{App, Fault, SignedIn};
use fengsui_access::Grant;
use fengsui_alarm::local_time;
use fengsui_base::{AccountId, Actor, Fields, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_catalog::Permission;
use fengsui_store::{ChangeSet, Expect, KeyWrite, Numbering};

/// What the officer said when the test tone was played.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SoundTest {
    /// 听到了
    Heard,
    /// 没听到
    NotHeard,
    /// 声音被拦住或中断：浏览器、声卡不出声
    Blocked,
}

impl SoundTest {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            SoundTest::Heard => "heard",
            SoundTest::NotHeard => "not_heard",
            SoundTest::Blocked => "blocked",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            SoundTest::Heard => "声音听到",
            SoundTest::NotHeard => "声音没听到",
            SoundTest::Blocked => "无声：声音被拦住或中断",
        }
    }
}

/// A seat and who is on it.
pub struct SeatView {
    /// Number, from 1.
    pub seat: u16,
    /// Who.
    pub held: Option<crate::SeatHeld>,
}

impl App {
    /// All seats of this node; none for whoever handles alarms of other regions only.
    pub fn seats(&self, grant: &Grant) -> Result<Vec<SeatView>, Fault> {
        grant.may(Permission::AlarmHandle)?;
        if !self.concerns(grant, Permission::AlarmHandle) {
            return Ok(Vec::new());
        }
        let held = self.board.seats();
        Ok((1..=self.node.seats).map(|seat| SeatView { seat, held: held.get(&seat).cloned() }).collect())
    }

    /// Signs on to a seat.
    pub async fn sign_on(&self, signed_in: &SignedIn, seat: u16, sound: SoundTest) -> Result<(), Fault> {
        let grant = &signed_in.grant;
        grant.may(Permission::AlarmHandle)?;
        if !self.concerns(grant, Permission::AlarmHandle) {
            return Err(Refusal::not_found().into());
        }
        if seat == 0 || seat > self.node.seats {
            return Err(Refusal::new(
                RefusalKind::Invalid,
                "seat.unknown",
                format!("只有 1 至 {} 席。", self.node.seats),
            )
            .into());
        }
        self.settle(true, |_| {
            std::future::ready(self.decide_sign_on(signed_in, seat, sound).map(|c| (c, ())))
        })
        .await?;
        Ok(())
    }

    fn decide_sign_on(&self, signed_in: &SignedIn, seat: u16, sound: SoundTest) -> Result<ChangeSet, Fault> {
        let account = signed_in.grant.account();
        if let Some((own, _)) = self.board.seat_of(account) {
            return Err(conflict("seat.already", format!("您已在 {own} 席，请先离席。")).into());
        }
        if let Some(held) = self.board.seats().get(&seat) {
            let sentence = format!(
                "{seat} 席由 {} 于 {} 上席，请选别的席位。",
                held.officer.name,
                local_time(held.since)
            );
            return Err(conflict("seat.occupied", sentence).into());
        }
        let now = self.now();
        let mut fields = Fields::new();
        fields.insert("seat".to_owned(), seat.into());
        fields.insert("sound".to_owned(), sound.code().into());
        let mut entry = self.fresh("sign_on", self.node.region, &signed_in.grant.officer().name, fields, now);
        entry.owner = Some(account.into());
        entry.due_at = Some(signed_in.expires_at);
        let mut change = ChangeSet::new(now);
        for key in [seat_key(seat), officer_key(account)] {
            change.expects.push(Expect::Absent(key.clone()));
            change.keys.push(KeyWrite::Take(key, entry.id));
        }
        let actor = Actor::Officer(signed_in.grant.officer().clone());
        let said = Said::new("seat.signed_on", format!("上 {seat} 席，{}", sound.label()), "席位")
            .about(account.into());
        change.journal.push(self.line_on(&entry, now, &actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(change)
    }

    /// Signs off from one's seat.
    pub async fn sign_off(&self, grant: &Grant) -> Result<(), Fault> {
        let account = grant.account();
        let actor = Actor::Officer(grant.officer().clone());
        self.settle(true, |_| async {
            let mut change = ChangeSet::new(self.now());
            if self.add_sign_off(&mut change, account, &actor, "离席").await? {
                Ok((change, ()))
            } else {
                Err(not_seated().into())
            }
        })
        .await?;
        Ok(())
    }

    /// Signs off an officer whose session has ended; false when she has left that seat meanwhile.
    pub(crate) async fn sign_off_ended(&self, held: &crate::SeatHeld) -> Result<bool, Fault> {
        let (id, actor) = (held.officer.id, Self::by_rule("会话到期"));
        let settled = self
            .settle(true, |_| async {
                let still = self
                    .board
                    .seat_of(id)
                    .is_some_and(|(_, now)| (now.entry, now.version) == (held.entry, held.version));
                let mut change = ChangeSet::new(self.now());
                let left = still && self.add_sign_off(&mut change, id, &actor, "会话到期").await?;
                if left { Ok((change, ())) } else { Err(not_seated().into()) }
            })
            .await;
        match settled {
            Ok(_) => Ok(true),
            Err(Fault::Refused(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Adds to a login that the seat, when the officer sits at one, is held for as long as the new session.
    pub(crate) async fn add_staying(
        &self,
        change: &mut ChangeSet,
        account: AccountId,
        until: Timestamp,
    ) -> Result<(), Fault> {
        let Some((_, held)) = self.board.seat_of(account) else { return Ok(()) };
        let Some(mut entry) = self.store.entry(&Scope::everything(), held.entry).await? else {
            return Ok(());
        };
        entry.version += 1;
        entry.due_at = entry.due_at.max(Some(until));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(())
    }

    /// Adds the leaving of a seat to a ChangeSet, when the officer sits at one; tells whether she did.
    pub(crate) async fn add_sign_off(
        &self,
        change: &mut ChangeSet,
        account: AccountId,
        actor: &Actor,
        why: &str,
    ) -> Result<bool, Fault> {
        let Some((seat, held)) = self.board.seat_of(account) else { return Ok(false) };
        let Some(mut entry) = self.store.entry(&Scope::everything(), held.entry).await? else {
            return Ok(false);
        };
        entry.version += 1;
        entry.state = "off".to_owned();
        entry.closed_at = Some(change.at);
        change.keys.extend([KeyWrite::Free(seat_key(seat)), KeyWrite::Free(officer_key(account))]);
        let said =
            Said::new("seat.signed_off", format!("离开 {seat} 席：{why}"), "席位").about(account.into());
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(true)
    }
}

pub(crate) fn not_seated() -> Refusal {
    conflict("seat.none", "您没有上席。".to_owned())
}

pub(crate) fn seat_key(seat: u16) -> String {
    format!("seat/{seat}")
}

pub(crate) fn officer_key(account: AccountId) -> String {
    format!("seat-of/{account}")
}

fn conflict(code: &'static str, sentence: String) -> Refusal {
    Refusal::new(RefusalKind::Conflict, code, sentence)
}
