//! A disk of one's own: a file system in a file, mounted, whose power can be cut.
//!
//! The cut is the file system's shutdown call: from that moment nothing more reaches the disk, and what was only
//! in memory, journal included, is gone after the next mount, as it would be in the cellar of a county office.

use anyhow::{Context, Result, bail, ensure};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Size of the disk in bytes; the file is sparse.
const SIZE_BYTES: u64 = 4 << 30;
/// How often an unmount is tried while the dead program's files are being let go.
const UNMOUNTS_MAX: usize = 100;
/// Pause between two of these.
const UNMOUNT_EVERY: Duration = Duration::from_millis(50);

/// File systems that a county's server has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum FileSystem {
    /// Debian's choice.
    Ext4,
    /// The choice of Red Hat and of the domestic systems made from it.
    Xfs,
}

impl FileSystem {
    pub(crate) const ALL: [Self; 2] = [Self::Ext4, Self::Xfs];

    fn make(self) -> [&'static str; 3] {
        match self {
            Self::Ext4 => ["mkfs.ext4", "-q", "-F"],
            Self::Xfs => ["mkfs.xfs", "-q", "-f"],
        }
    }
}

/// A mounted disk; unmounted when dropped.
pub(crate) struct Disk {
    image: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Disk {
    /// Makes a roomy disk and mounts it on `folder`.
    pub(crate) fn make(system: FileSystem, image: PathBuf, folder: PathBuf) -> Result<Self> {
        Self::of_size(system, SIZE_BYTES, image, folder)
    }

    /// Makes a disk of this many bytes and mounts it on `folder`.
    pub(crate) fn of_size(system: FileSystem, bytes: u64, image: PathBuf, folder: PathBuf) -> Result<Self> {
        File::create(&image)?.set_len(bytes)?;
        std::fs::create_dir_all(&folder)?;
        let [program, quiet, force] = system.make();
        run(Command::new(program).args([quiet, force]).arg(&image))?;
        let disk = Self { image, folder };
        disk.mount()?;
        Ok(disk)
    }

    fn mount(&self) -> Result<()> {
        run(Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.folder))
    }

    /// Cuts the power: nothing is flushed, not even the journal.
    pub(crate) fn cut(&self) -> Result<()> {
        run(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(&self.folder))
    }

    /// The power is back.
    pub(crate) fn come_back(&self) -> Result<()> {
        self.unmount()?;
        self.mount()
    }

    fn unmount(&self) -> Result<()> {
        for _ in 0..UNMOUNTS_MAX {
            if run(Command::new("umount").arg(&self.folder)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(UNMOUNT_EVERY);
        }
        bail!("{} cannot be unmounted", self.folder.display())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.unmount();
    }
}

/// Why a power cut cannot be played on this machine; `None` when it can.
pub(crate) fn obstacle(folder: &Path) -> Option<String> {
    let attempt = |system| {
        let name = format!("{system:?}");
        let disk = Disk::make(system, folder.join(format!("{name}.img")), folder.join(&name))?;
        disk.cut()?;
        disk.come_back()
    };
    FileSystem::ALL.into_iter().find_map(|system| attempt(system).err()).map(|error| format!("{error:#}"))
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("{name} is not there"))?;
    ensure!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr).trim());
    Ok(())
}
