//! Backup and restore: a file of text lines that is the same whichever engine wrote it.
//!
//! The first line says what it is, each line after it is one row, the last one counts the rows and holds the
//! SHA-256 of all lines before it. A county that grows moves from SQLite to PostgreSQL by dumping the one and
//! restoring into the other. The file holds password hashes: whoever makes it, makes it readable by its owner
//! alone (mode 0600), and has it written to the disk before relying on it.

mod dump;
mod restore;
mod tables;

pub use dump::dump;
pub use restore::restore;

use fengsui_base::Timestamp;
use fengsui_store::{Head, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest line that is read back.
pub const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The word by which the first line is known.
const FORMAT: &str = "fengsui-backup";
/// Version of the file format itself.
const FORMAT_VERSION: u32 = 1;

/// What a backup holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// When the backup was made, as it was told.
    pub created_at: Timestamp,
    /// The head of the sequence.
    pub head: Head,
    /// How many rows there are, by table.
    pub rows: BTreeMap<String, u64>,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    schema: u32,
    created_at: Timestamp,
    seq: u64,
    chain: String,
    /// The columns of each table, in the order of the rows' values.
    tables: BTreeMap<String, Vec<String>>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct Trailer {
    rows: BTreeMap<String, u64>,
    sha256: String,
}

/// Why a backup was not made or not restored. A restore that fails has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The first line is not that of a backup.
    #[error("这不是烽燧的备份文件，请检查文件是否选错")]
    NotABackup,
    /// Written by a newer program.
    #[error("备份由更新的版本写成（数据结构 {found}，本程序最高 {known}），请用新版本恢复")]
    TooNew {
        /// Schema number or format version of the backup.
        found: u32,
        /// Highest that this program knows.
        known: u32,
    },
    /// The target holds data already.
    #[error("目标数据库不是空的（表 {0} 已有数据），请换一个空的数据目录或数据库再恢复")]
    NotEmpty(String),
    /// The file ends before its last line.
    #[error("备份文件不完整，缺少结尾，请重新复制或换一份备份")]
    Truncated,
    /// The content is not what was written.
    #[error("备份文件与写出时不一致（{0}），请重新复制或换一份备份")]
    Altered(String),
    /// The file could not be read or written.
    #[error("读写备份文件出错：{0}，请检查磁盘空间和权限")]
    File(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BackupError::NotABackup => "backup.not_a_backup",
            BackupError::TooNew { .. } => "backup.too_new",
            BackupError::NotEmpty(_) => "backup.target_not_empty",
            BackupError::Truncated => "backup.truncated",
            BackupError::Altered(_) => "backup.altered",
            BackupError::File(_) => "backup.file",
            BackupError::Store(_) => "backup.store",
        }
    }
}
