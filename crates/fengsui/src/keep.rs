//! Keeping the data: backup, restore, and the proof that the journal is whole.

use crate::ConfigArgument;
use crate::config::Config;
use crate::machine::{SystemClock, say};
use crate::secrets_key;
use anyhow::{Context, Result, bail};
use clap::Args;
use fengsui_app::Clock;
use fengsui_store_sql::{SqlStore, Summary};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// `fengsui backup`
#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    config: ConfigArgument,
    /// 写到这个文件；已存在的文件不会被覆盖
    #[arg(long, value_name = "文件")]
    to: PathBuf,
}

/// `fengsui restore`
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    config: ConfigArgument,
    /// 从这个备份文件
    #[arg(long, value_name = "文件")]
    from: PathBuf,
}

/// Writes a backup beside the running node; the file can be restored into either engine.
pub(crate) async fn backup(options: Backup) -> Result<()> {
    let config = Config::read(options.config.config.as_deref())?;
    let store = SqlStore::open_to_read(&config.database, &config.data_dir).await.context("打不开数据库")?;
    let mut unfinished = options.to.clone().into_os_string();
    unfinished.push(".part");
    let unfinished = PathBuf::from(unfinished);
    if options.to.exists() {
        bail!("{} 已存在，请换一个文件名", options.to.display());
    }
    // Password hashes are inside: the file is for its owner only.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    let file = file.with_context(|| format!("不能写 {}", unfinished.display()))?;
    let (writer, summary) = fengsui_store_sql::dump(&store, SystemClock.now(), BufWriter::new(file)).await?;
    let file = writer.into_inner().context("备份文件没有写完")?;
    file.sync_all().context("备份文件没有落盘")?;
    std::fs::rename(&unfinished, &options.to)?;
    // The name must survive a power cut too.
    let folder = options.to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).context("备份所在目录没有落盘")?;
    tell("备份完成", &summary);
    Ok(())
}

/// Restores a backup into an empty database.
pub(crate) async fn restore(options: Restore) -> Result<()> {
    let config = Config::read(options.config.config.as_deref())?;
    let file = File::open(&options.from).with_context(|| format!("读不到备份 {}", options.from.display()))?;
    let store = SqlStore::open(&config.database, &config.data_dir).await.context("打不开数据库")?;
    let summary = fengsui_store_sql::restore(&store, BufReader::new(file)).await?;
    tell("恢复完成", &summary);
    if let Some(sentence) = secrets_key::missing_after_restore(&config.key_file(), &store).await {
        say(&sentence);
    }
    Ok(())
}

fn tell(what: &str, summary: &Summary) {
    let rows: u64 = summary.rows.values().sum();
    say(&format!("{what}：到第 {} 号，{rows} 行，备份时间 {}", summary.head.seq, summary.created_at));
}

/// Walks the whole chain and names every erasure; fails when it does not hold.
pub(crate) async fn verify(file: Option<&Path>) -> Result<()> {
    let config = Config::read(file)?;
    let store = SqlStore::open_to_read(&config.database, &config.data_dir).await.context("打不开数据库")?;
    let found = fengsui_store::verify(&store).await?;
    for (seq, line, reason) in &found.erasures {
        say(&format!("第 {seq} 号第 {} 行已依法删除：{reason}", line + 1));
    }
    if let Some((seq, wrong)) = found.broken {
        bail!("留痕链在第 {seq} 号断开：{wrong}。第 {} 号以前相符", found.verified_to);
    }
    let head: String = found.chain.iter().map(|b| format!("{b:02x}")).collect();
    say(&format!(
        "留痕链相符：到第 {} 号，{} 行，依法删除 {} 行，链首 {head}",
        found.verified_to,
        found.lines,
        found.erasures.len()
    ));
    Ok(())
}
