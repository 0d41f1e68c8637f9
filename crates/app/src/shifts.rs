//! Changing shift (换班): the next officer takes the seat at the same machine, and the desk never falls silent.
//!
//! One change does all of it or nothing: the leaving officer's session ends, the incoming officer's begins, the
//! seat passes over with the sound test that was made on this machine, and the alarms in hand either stay under
//! the name of the one who leaves, until somebody takes them over, or go to the one who comes.

use crate::changes::Said;
use crate::pins::Proof;
use crate::seats::{officer_key, seat_key};
use crate::sessions::refused;
use crate::{App, Fault, Login, SeatHeld, SignedIn};
use fengsui_access::Grant;
use fengsui_alarm::Input;
use fengsui_base::{AccountId, Actor, Officer, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Direction, Expect, KeyWrite, Numbering, Query, SessionWrite, Sort};

/// Most officers offered for a shift change.
const RELIEFS_MAX: usize = 100;

/// What becomes of the alarms that the leaving officer holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InHand {
    /// They stay under her name until somebody takes them over.
    Stay,
    /// The next officer holds them from now on.
    Pass,
}

/// Who comes, and how she shows that it is she.
#[derive(Clone)]
pub struct Relief {
    /// Her account's login.
    pub login: String,
    /// Her PIN or password.
    pub proof: Proof,
    /// The alarms in hand.
    pub in_hand: InHand,
}

/// What a shift change needs to know, looked up once before it is decided.
struct Shift<'a> {
    leaving: &'a SignedIn,
    seat: u16,
    incoming: AccountId,
    in_hand: InHand,
    digest: [u8; 32],
    address: &'a str,
}

impl App {
    /// Officers who may take over a seat: active, entitled to handle alarms here, and at no other seat.
    pub async fn reliefs(&self, signed_in: &SignedIn) -> Result<Vec<(String, Officer)>, Fault> {
        signed_in.grant.may(Permission::AlarmHandle)?;
        if !self.concerns(&signed_in.grant, Permission::AlarmHandle) {
            return Ok(Vec::new());
        }
        let mut query = Query::newest("account", Scope::everything());
        query.states = vec!["active".to_owned()];
        (query.sort, query.direction, query.limit) =
            (Sort::Title, Direction::Ascending, fengsui_store::PAGE_MAX);
        let mut found = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            found.extend(page.items.iter().filter_map(|entry| self.relief_of(entry)));
            match page.next {
                Some(next) if found.len() < RELIEFS_MAX => query.after = Some(next),
                _ => break,
            }
        }
        found.truncate(RELIEFS_MAX);
        Ok(found)
    }

    fn relief_of(&self, account: &Entry) -> Option<(String, Officer)> {
        let grant = self.grant_of(account);
        let free = self.board.seat_of(grant.account()).is_none();
        let entitled = free && self.concerns(&grant, Permission::AlarmHandle);
        let login = crate::entries::field(account, "login").unwrap_or_default();
        entitled.then(|| (login, grant.officer().clone()))
    }

    /// The next officer takes over the seat of the one whose session this is.
    pub async fn change_shift(
        &self,
        leaving: &SignedIn,
        seat: u16,
        relief: Relief,
        address: &str,
    ) -> Result<Login, Fault> {
        let own = self.board.seat_of(leaving.grant.account()).map(|(n, _)| n);
        if own != Some(seat) {
            return Err(conflict("seat.other", "您不在这个席位上。").into());
        }
        let account = self.account_by_login(&relief.login).await?.filter(|e| e.state == "active");
        let account = account.ok_or_else(|| conflict("shift.unknown", "没有这位值班人员，请重新选择。"))?;
        let incoming = AccountId(account.id);
        self.prove(incoming, &relief.login, &relief.proof, address).await?;
        self.may_relieve(leaving, &account).await?;
        let token: [u8; 32] = self.entropy.bytes();
        let shift = Shift {
            leaving,
            seat,
            incoming,
            in_hand: relief.in_hand,
            digest: crate::sessions::digest_of(token),
            address,
        };
        self.settle(true, |_| async { Ok((self.decide_shift(&shift).await?, ())) }).await?;
        let signed_in = self.authenticate(&hex::encode(token)).await?;
        Ok(Login { token: hex::encode(token), signed_in })
    }

    /// Why somebody who is who she says may still not take the seat this way.
    async fn may_relieve(&self, leaving: &SignedIn, account: &Entry) -> Result<(), Fault> {
        let grant = self.grant_of(account);
        let incoming = grant.account();
        if incoming == leaving.grant.account() {
            return Err(conflict("shift.same", "换班要由另一位值班人员接。").into());
        }
        if !self.concerns(&grant, Permission::AlarmHandle) {
            return Err(conflict("shift.no_post", "这位同志没有在本席接警的岗位。").into());
        }
        if let Some((other, _)) = self.board.seat_of(incoming) {
            return Err(
                conflict("seat.already", format!("{} 已在 {other} 席，请先离席。", account.title)).into()
            );
        }
        if self.store.credential(incoming).await?.is_some_and(|c| c.must_change) {
            return Err(
                conflict("password.change_first", "这位同志的密码还是一次性的，请先登录改密码。").into()
            );
        }
        if self.factor_state(incoming).await?.enrolled {
            let sentence = "这位同志启用了第二验证，请离席后用密码和验证码登录。";
            return Err(conflict("shift.factor", sentence).into());
        }
        Ok(())
    }

    async fn decide_shift(&self, shift: &Shift<'_>) -> Result<ChangeSet, Fault> {
        let leaving = shift.leaving.grant.officer().clone();
        let held = self.board.seat_of(leaving.id).filter(|(n, _)| *n == shift.seat);
        let (_, held) = held.ok_or_else(crate::seats::not_seated)?;
        let account = self.store.entry(&Scope::everything(), shift.incoming.into()).await?;
        // Somebody may have disabled the account while the proof was being looked at.
        let account = account.filter(|e| e.state == "active").ok_or_else(refused)?;
        let mut change = ChangeSet::new(self.now());
        let expires_at = change.at + jiff::SignedDuration::from_hours(crate::SESSION_HOURS);
        let incoming = Officer { id: shift.incoming, name: account.title.clone(), seat: Some(shift.seat) };
        let passed = self.add_passed_alarms(&mut change, shift, &leaving, &incoming)?;
        self.add_leaving(&mut change, shift, &held, &leaving).await?;
        self.add_arrival(&mut change, shift, account, expires_at);
        self.add_seat_taken(&mut change, shift, &held, &leaving, &incoming, passed, expires_at);
        Ok(change)
    }

    /// Hands every alarm that the leaving officer holds to the next one, as far as that one may handle it.
    fn add_passed_alarms(
        &self,
        change: &mut ChangeSet,
        shift: &Shift<'_>,
        leaving: &Officer,
        incoming: &Officer,
    ) -> Result<usize, Fault> {
        if shift.in_hand == InHand::Stay {
            return Ok(0);
        }
        let open = self.board.open_alarms(&Scope::everything());
        let own = open.iter().filter(|a| a.alarm.holder().is_some_and(|h| h.officer.id == leaving.id));
        let mut passed = 0;
        for held in own {
            let input =
                Input::HandOver { by: leaving.clone(), to: incoming.clone(), reason: "换班".to_owned() };
            let (alarm, event) = held.alarm.clone().handle(input, change.at)?;
            let steps = vec![Said::of(&event, &alarm, "席位")];
            self.add_alarm(
                change,
                &alarm,
                Some(held.as_ref().into()),
                steps,
                &Actor::Officer(leaving.clone()),
            );
            passed += 1;
        }
        Ok(passed)
    }

    async fn add_leaving(
        &self,
        change: &mut ChangeSet,
        shift: &Shift<'_>,
        held: &SeatHeld,
        leaving: &Officer,
    ) -> Result<(), Fault> {
        let entry = self.store.entry(&Scope::everything(), held.entry).await?;
        let mut entry = entry.ok_or_else(crate::seats::not_seated)?;
        entry.version += 1;
        entry.state = "off".to_owned();
        entry.closed_at = Some(change.at);
        change.keys.push(KeyWrite::Free(officer_key(leaving.id)));
        change.sessions.push(SessionWrite::Close { token_digest: shift.leaving.digest });
        let said = Said::new("seat.signed_off", format!("离开 {} 席：换班", shift.seat), "席位")
            .about(leaving.id.into());
        change.journal.push(self.line_on(&entry, change.at, &Actor::Officer(leaving.clone()), said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(())
    }

    fn add_arrival(
        &self,
        change: &mut ChangeSet,
        shift: &Shift<'_>,
        mut account: Entry,
        expires_at: Timestamp,
    ) {
        account.version += 1;
        account.fields.insert("last_login_at".to_owned(), change.at.to_string().into());
        change.sessions.push(crate::sessions::opened(
            shift.digest,
            shift.incoming,
            expires_at,
            shift.address,
        ));
        let actor = Actor::Officer(Officer { id: shift.incoming, name: account.title.clone(), seat: None });
        let said = Said::new("account.logged_in", "换班登录", "席位").with("address", shift.address);
        change.journal.push(self.line_on(&account, change.at, &actor, said));
        change.entries.push(self.write(account, Numbering::Keep));
    }

    #[allow(clippy::too_many_arguments)]
    fn add_seat_taken(
        &self,
        change: &mut ChangeSet,
        shift: &Shift<'_>,
        held: &SeatHeld,
        leaving: &Officer,
        incoming: &Officer,
        passed: usize,
        expires_at: Timestamp,
    ) {
        let mut fields = fengsui_base::Fields::new();
        fields.insert("seat".to_owned(), shift.seat.into());
        // The same machine, the same loudspeaker: the test that was made on it still holds.
        fields.insert("sound".to_owned(), held.sound.clone().into());
        let mut entry = self.fresh("sign_on", self.node.region, &incoming.name, fields, change.at);
        entry.owner = Some(incoming.id.into());
        entry.due_at = Some(expires_at);
        change.expects.push(Expect::Absent(officer_key(incoming.id)));
        change.keys.push(KeyWrite::Take(seat_key(shift.seat), entry.id));
        change.keys.push(KeyWrite::Take(officer_key(incoming.id), entry.id));
        let alarms = match (shift.in_hand, passed) {
            (InHand::Stay, _) => "在办告警仍由交班人负责".to_owned(),
            (InHand::Pass, 0) => "没有在办告警".to_owned(),
            (InHand::Pass, n) => format!("接过在办告警 {n} 起"),
        };
        let text = format!("换班：接 {} 上 {} 席，{alarms}", leaving.name, shift.seat);
        let said = Said::new("seat.shift_changed", text, "席位").about(incoming.id.into());
        change.journal.push(self.line_on(&entry, change.at, &Actor::Officer(incoming.clone()), said));
        change.entries.push(self.write(entry, Numbering::Keep));
    }

    /// What an account may do, seen apart from any session.
    pub(crate) fn grant_of(&self, account: &Entry) -> Grant {
        let appointments: Vec<_> = crate::entries::field(account, "appointments").unwrap_or_default();
        let id = AccountId(account.id);
        let seat = self.board.seat_of(id).map(|(seat, _)| seat);
        let officer = Officer { id, name: account.title.clone(), seat };
        self.board.grant(officer, &appointments, &self.catalog)
    }
}

fn conflict(code: &'static str, sentence: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::Conflict, code, sentence)
}
