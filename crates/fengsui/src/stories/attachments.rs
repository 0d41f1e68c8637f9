//! What the stories attach (示例附件): drawn pictures in place of photos, and short documents with their title, each stored
//! once.

use anyhow::{Context, Result};
use fengsui_access::Grant;
use fengsui_app::{App, StoredFile};
use fengsui_base::Timestamp;
use fengsui_sim::county::Snapshot;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wordform::{Align, Block, Document, Page, Paragraph, Run, compose};

/// What every document says of itself.
const INVENTED: &str = "示例文件，内容虚构，仅供演示。";
/// Sizes of the title and of the text, in half points.
const SIZES_HALF_PT: [u16; 2] = [36, 28];

/// What was stored so far, by name.
#[derive(Default)]
pub(super) struct Attachments(BTreeMap<String, StoredFile>);

impl Attachments {
    /// Pictures by what they show, one after another with commas.
    pub(super) async fn photos(
        &mut self,
        app: &App,
        grant: &Grant,
        kind: &str,
        names: &str,
        at: Timestamp,
    ) -> Result<Value> {
        let mut shown = Vec::new();
        for name in names.split(',') {
            let file = format!("{name}.jpg");
            let drawn = || Snapshot::of(name).map(|snapshot| snapshot.picture());
            let stored = self.stored(app, grant, kind, &file, || {
                Ok(drawn().with_context(|| format!("没有照片 {name}"))??)
            });
            shown.push(shown_as(&stored.await?, &file, at));
        }
        Ok(Value::Array(shown))
    }

    /// Documents by their titles, one after another with commas.
    pub(super) async fn files(
        &mut self,
        app: &App,
        grant: &Grant,
        kind: &str,
        titles: &str,
        at: Timestamp,
    ) -> Result<Value> {
        let mut shown = Vec::new();
        for title in titles.split(',') {
            let file = format!("{title}.docx");
            let stored = self.stored(app, grant, kind, &file, || Ok(compose(&document(title)))).await?;
            shown.push(shown_as(&stored, &file, at));
        }
        Ok(Value::Array(shown))
    }

    async fn stored(
        &mut self,
        app: &App,
        grant: &Grant,
        kind: &str,
        file: &str,
        bytes: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<StoredFile> {
        if let Some(stored) = self.0.get(file) {
            return Ok(stored.clone());
        }
        let stored = app.store_ledger_file(grant, kind, bytes()?).await?;
        self.0.insert(file.to_owned(), stored.clone());
        Ok(stored)
    }
}

/// A stored file as an entry shows it, added at this time.
fn shown_as(stored: &StoredFile, name: &str, at: Timestamp) -> Value {
    let StoredFile { blob, media_type, bytes } = stored;
    json!({ "blob": blob, "name": name, "type": media_type, "size": bytes, "at": at })
}

fn document(title: &str) -> Document {
    let [large, small] = SIZES_HALF_PT;
    let line = |text: &str, align, size_half_pt, bold| {
        let run = Run { text: text.to_owned(), size_half_pt, bold, ..Run::default() };
        Block::Paragraph(Paragraph { align, after_twip: 240, runs: vec![run], ..Paragraph::default() })
    };
    let body = vec![line(title, Align::Centre, large, true), line(INVENTED, Align::default(), small, false)];
    Document { page: Page::OFFICIAL, header: Vec::new(), footer: Vec::new(), body }
}
