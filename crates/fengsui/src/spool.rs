//! The spool: every outward message becomes one file that a site's own gateway picks up.
//!
//! The file's name is the message's place in the sequence, so that a message delivered twice, after a crash
//! between writing and noting, is the same file.

use fengsui_app::{App, Fault};
use fengsui_store::{OutboxRow, StoreError};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Writes what waits to leave, oldest first.
pub(crate) async fn deliver(app: &App, folder: &Path) -> Result<(), Fault> {
    for row in app.outbox().await? {
        let told = |e: io::Error| {
            Fault::Broken(StoreError::Broken(format!("不能写外发目录 {}：{e}", folder.display())))
        };
        write(folder, &row).map_err(told)?;
        app.outbox_done(&row).await?;
    }
    Ok(())
}

/// One message as one file, whole or not at all.
fn write(folder: &Path, row: &OutboxRow) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let name = format!("{:012}-{}.json", row.seq, row.line);
    let unfinished = folder.join(format!(".{name}.part"));
    let body = serde_json::json!({ "seq": row.seq, "line": row.line, "topic": row.message.topic, "body": row.message.body });
    let mut file = File::create(&unfinished)?;
    file.write_all(body.to_string().as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_store::OutboxMessage;

    #[test]
    fn a_message_delivered_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let message = OutboxMessage {
            topic: "alarm.forwarded".into(),
            body: serde_json::json!({"number": "20261121-0001"}),
        };
        let row = OutboxRow { seq: 7, line: 0, message };
        write(folder.path(), &row).unwrap();
        write(folder.path(), &row).unwrap();
        let names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["000000000007-0.json"]);
    }
}
