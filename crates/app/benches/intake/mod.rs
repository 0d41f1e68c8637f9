//! Takes a table in as an officer would: sent in pieces, checked, confirmed, stored; and says what each half cost.

use super::meter::Begun;
use fengsui_app::kit::Desk;
use fengsui_app::{ImportDraft, ImportSubject, ImportView, SignedIn};
use fengsui_base::Datum;

/// Bytes of the file that are sent at once.
const PIECE_BYTES: usize = 1 << 20;

/// Takes in `text`, a table of a register or of a ledger, of which no row is wrong.
pub(crate) async fn take_in(
    desk: &Desk,
    who: &SignedIn,
    subject: ImportSubject,
    ledger: Option<&str>,
    text: String,
) {
    let mut file = desk.app.receive_import().await.unwrap();
    for piece in text.as_bytes().chunks(PIECE_BYTES) {
        file.push(piece).await.unwrap();
    }
    drop(text);
    let draft = ImportDraft {
        subject,
        ledger: ledger.map(str::to_owned),
        file_name: "名册.csv".to_owned(),
        datum: Datum::Cgcs2000,
    };
    let view = desk.app.create_import(&who.grant, draft, file).await.unwrap();
    let checked = worked(desk, "check", &view, who).await;
    assert_eq!((checked.facts.checked.wrong, checked.entry.state.as_str()), (0, "checked"));
    desk.app.confirm_import(&who.grant, view.entry.id).await.unwrap();
    let done = worked(desk, "store", &view, who).await;
    assert_eq!(done.entry.state, "done");
}

async fn worked(desk: &Desk, what: &str, view: &ImportView, who: &SignedIn) -> ImportView {
    let begun = Begun::now();
    while desk.app.reconcile_imports().await.unwrap() {}
    let view = desk.app.import(&who.grant, view.entry.id).await.unwrap();
    let (rows, (wall_s, cpu_s)) = (view.facts.checked.rows, begun.took_s());
    println!(
        "{what} {:<8} {rows:>9} rows {wall_s:>8.1} s, {cpu_s:>8.1} s of the processor, {:>8.0} rows/s",
        view.facts.subject.name(),
        rows as f64 / wall_s
    );
    view
}
