//! The lock file that keeps a second process from writing the same database.

use fengsui_store::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Takes the lock beside the database. It is held until the file is dropped or the process ends, however it ends.
pub(super) fn take(database: &Path) -> Result<File, StoreError> {
    let mut path = database.to_owned().into_os_string();
    path.push(".lock");
    let opened = OpenOptions::new().create(true).append(true).open(&path);
    let file = opened.map_err(|e| StoreError::Broken(format!("不能建立锁文件 {}：{e}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(format!(
            "{} 已被另一个烽燧进程打开，请先停止它，或换一个数据目录",
            database.display()
        ))),
        Err(TryLockError::Error(e)) => {
            Err(StoreError::Broken(format!("不能锁定 {}：{e}，请把数据目录放在本机磁盘上", path.display())))
        }
    }
}
