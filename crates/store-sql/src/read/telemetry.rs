//! Frames and last-known states.

use super::bounded;
use super::clauses::Clauses;
use super::journal::before_place;
use crate::commit::part_number;
use crate::tx::Tx;
use crate::value::{Row, Value};
use fengsui_base::{EntryId, Scope, TerminalId};
use fengsui_store::{FrameRecord, FrameRow, LastState, Part, StateKey, StateRow, StoreError};

const FRAME: &str = "seq, line, terminal, region, received_at, channel, command, unit_type, verdict, bytes";
const STATE: &str = "terminal, part, system_type, system_address, component_address, analog_type, component_type, bits, \
    event_at, received_at, text";
const STATE_PLACE: &str = "(terminal, part, system_type, system_address, component_address, analog_type)";
const STATE_ORDER: &str = "terminal, part, system_type, system_address, component_address, analog_type";

pub(crate) async fn frames_of(
    tx: &mut dyn Tx,
    scope: &Scope,
    terminal: TerminalId,
    before: Option<(u64, u32)>,
    limit: u16,
) -> Result<Vec<FrameRow>, StoreError> {
    let mut clauses = Clauses::default();
    let terminal = clauses.bind(EntryId::from(terminal));
    clauses.and(format!("terminal = {terminal}"));
    clauses.within("region", scope);
    before_place(&mut clauses, before);
    let (conditions, most) = (clauses.all(), clauses.bind(bounded(limit)));
    let sql =
        format!("SELECT {FRAME} FROM frame WHERE {conditions} ORDER BY seq DESC, line DESC LIMIT {most}");
    tx.query(&sql, clauses.values()).await?.into_iter().map(frame_row).collect()
}

pub(crate) async fn frame(tx: &mut dyn Tx, scope: &Scope, seq: u64) -> Result<Option<FrameRow>, StoreError> {
    let sql = format!("SELECT {FRAME} FROM frame WHERE seq = ?1 ORDER BY line LIMIT 1");
    let first = tx.query(&sql, &[seq.into()]).await?.into_iter().next().map(frame_row).transpose()?;
    Ok(first.filter(|row| scope.contains(row.frame.region)))
}

fn frame_row(mut row: Row) -> Result<FrameRow, StoreError> {
    let unit_type = row.optional_integer(7)?.and_then(|number| u8::try_from(number).ok());
    let frame = FrameRecord {
        terminal: row.optional_id(2)?.map(TerminalId),
        region: row.region(3)?,
        received_at: row.instant(4)?,
        channel: row.text(5)?,
        command: row.number(6)?,
        unit_type,
        verdict: row.text(8)?,
        bytes: row.blob(9)?,
    };
    Ok(FrameRow { seq: row.number(0)?, line: row.number(1)?, frame })
}

pub(crate) async fn states(
    tx: &mut dyn Tx,
    after: Option<(TerminalId, StateKey)>,
    limit: u32,
) -> Result<Vec<StateRow>, StoreError> {
    let mut clauses = Clauses::default();
    if let Some((terminal, key)) = after {
        let place = place(terminal, key).map(|value| clauses.bind(value)).join(", ");
        clauses.and(format!("{STATE_PLACE} > ({place})"));
    }
    let (conditions, most) = (clauses.all(), clauses.bind(limit));
    let sql =
        format!("SELECT {STATE} FROM point_state WHERE {conditions} ORDER BY {STATE_ORDER} LIMIT {most}");
    tx.query(&sql, clauses.values()).await?.into_iter().map(state_row).collect()
}

fn place(terminal: TerminalId, key: StateKey) -> [Value<'static>; 6] {
    [
        EntryId::from(terminal).into(),
        part_number(key.part).into(),
        key.system_type.into(),
        key.system_address.into(),
        key.component_address.into(),
        key.analog_type.into(),
    ]
}

fn state_row(mut row: Row) -> Result<StateRow, StoreError> {
    let key = StateKey {
        part: part(row.integer(1)?)?,
        system_type: row.number(2)?,
        system_address: row.number(3)?,
        component_address: row.number(4)?,
        analog_type: row.number(5)?,
    };
    let state = LastState {
        component_type: row.number(6)?,
        bits: row.number(7)?,
        event_at: row.instant(8)?,
        received_at: row.instant(9)?,
        text: row.text(10)?,
    };
    Ok((TerminalId(row.id(0)?), key, state))
}

fn part(number: i64) -> Result<Part, StoreError> {
    let parts = [Part::Device, Part::System, Part::Component, Part::Value, Part::Limit];
    let found = parts.into_iter().find(|part| i64::from(part_number(*part)) == number);
    found.ok_or_else(|| StoreError::Broken(format!("没有编号为 {number} 的终端部位")))
}
