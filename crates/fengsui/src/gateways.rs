//! Gateways of the demonstration county: where a unit has several terminals of which one carries the others, so that its
//! silence is told once.

use anyhow::Result;
use fengsui_app::{App, SilenceDraft};
use fengsui_base::TerminalId;
use fengsui_sim::county::County;

/// The unit whose terminals speak through the first of them.
const UNIT: &str = "县人民医院";

/// Puts the other terminals of the unit behind the first, as this officer.
pub(crate) async fn join(app: &App, county: &County, login: &str, password: &str) -> Result<()> {
    let officer = app.log_in(login, password.to_owned(), "本机").await?.signed_in;
    let code = county.units.iter().find(|u| u.name == UNIT).map(|u| u.code.as_str());
    let own = county.terminals.iter().filter(|t| Some(t.unit.as_str()) == code);
    let known: Vec<TerminalId> =
        own.filter_map(|t| app.board().terminal_at(&t.source.to_string())).map(|t| t.id).collect();
    let Some((gateway, others)) = known.split_first() else { return Ok(()) };
    for other in others {
        let (entry, _) = app.terminal(&officer.grant, *other).await?;
        let draft = SilenceDraft { parent: Some(*gateway), ..SilenceDraft::default() };
        app.set_silence(&officer.grant, *other, entry.version, draft).await?;
    }
    Ok(())
}
