//! Room on the disk (应急预留): a full disk must still take in a fire.
//!
//! While there is room, a file of fixed size holds some of it back. When the disk is nearly full that file is given
//! up, and from then on only fires and what people do are stored; what machines report of themselves is not
//! acknowledged and comes again. When somebody has made room, the file is laid down again and all goes on.

use fs4::FileExt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;

/// What is held back for fires, in bytes: some hundred thousand of them.
const RESERVE_BYTES: u64 = 64 << 20;
/// With less free room than this the reserve is given up.
const LOW_BYTES: u64 = 16 << 20;
/// With less free room than this and no reserve, only fires are taken in.
const ENOUGH_BYTES: u64 = 192 << 20;

/// What to do about the room there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// Nothing.
    Stay,
    /// Give the reserve up.
    Release,
    /// Lay it down.
    LayDown,
}

fn step(free_bytes: u64, held: bool) -> Step {
    match held {
        true if free_bytes < LOW_BYTES => Step::Release,
        false if free_bytes >= ENOUGH_BYTES + RESERVE_BYTES => Step::LayDown,
        _ => Step::Stay,
    }
}

/// Whether only fires and people are served.
fn only_urgent(free_bytes: u64, held: bool) -> bool {
    !held && free_bytes < ENOUGH_BYTES
}

/// The reserve of a data folder.
pub(crate) struct Reserve {
    folder: PathBuf,
}

impl Reserve {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("reserve")
    }

    /// Looks at the disk and does what is due; tells whether only what is urgent may be stored now.
    pub(crate) fn look(&self) -> io::Result<bool> {
        let held = self.file().exists();
        let held = match step(fs4::available_space(&self.folder)?, held) {
            Step::Stay => held,
            Step::Release => {
                std::fs::remove_file(self.file())?;
                false
            }
            Step::LayDown => self.lay_down().is_ok(),
        };
        Ok(only_urgent(fs4::available_space(&self.folder)?, held))
    }

    /// The file under another name first: a half-made reserve is none.
    fn lay_down(&self) -> io::Result<()> {
        let part = self.folder.join("reserve.part");
        let made = reserve(&OpenOptions::new().create(true).write(true).truncate(true).open(&part)?)
            .and_then(|()| std::fs::rename(&part, self.file()));
        if made.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        made
    }
}

fn reserve(file: &File) -> io::Result<()> {
    file.allocate(RESERVE_BYTES)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_given_up_below_the_limit_and_not_at_it() {
        assert_eq!(step(LOW_BYTES, true), Step::Stay);
        assert_eq!(step(LOW_BYTES - 1, true), Step::Release);
        assert!(only_urgent(LOW_BYTES - 1 + RESERVE_BYTES, false));
    }

    #[test]
    fn it_is_laid_down_again_only_where_it_leaves_enough() {
        assert_eq!(step(ENOUGH_BYTES + RESERVE_BYTES - 1, false), Step::Stay);
        assert_eq!(step(ENOUGH_BYTES + RESERVE_BYTES, false), Step::LayDown);
        assert!(!only_urgent(ENOUGH_BYTES, false) && only_urgent(ENOUGH_BYTES - 1, false));
        assert!(!only_urgent(0, true), "with the reserve held nobody is turned away");
    }

    #[test]
    fn a_reserve_holds_real_room_of_the_disk() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(folder.path().to_path_buf());
        if reserve.look().unwrap() {
            return; // this machine has no room to hold back
        }
        assert!(std::fs::metadata(reserve.file()).unwrap().blocks() * 512 >= RESERVE_BYTES);
    }
}
