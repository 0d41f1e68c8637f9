//! A disk that lies or fails, for the crash run: loaded before the C library, it stands between a program and
//! the system's calls that write and flush.
//!
//! `FENGSUI_FAULT` says how, `FENGSUI_FAULT_UNDER` in which folder; files elsewhere are left alone.
//! `lie` reports every flush as done without doing it. `write:EIO:7` lets the seventh write fail once with
//! EIO and then works again, as a Linux disk does; `sync` stands for flushes, and `ENOSPC` for a full disk.

use libc::{c_char, c_int, c_void, off_t, size_t, ssize_t};
use std::ffi::CStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest path that is looked at; a longer one is not under the folder.
const PATH_MAX: usize = 1024;

/// What goes wrong.
enum Fault {
    Lie,
    Fail { writes: bool, errno: c_int, at: u64 },
}

/// What goes wrong, and in which folder.
struct Plan {
    fault: Fault,
    under: Vec<u8>,
    seen: AtomicU64,
}

static PLAN: OnceLock<Option<Plan>> = OnceLock::new();

fn plan() -> Option<&'static Plan> {
    PLAN.get_or_init(|| {
        let fault = read(&std::env::var("FENGSUI_FAULT").ok()?)?;
        let under = std::env::var("FENGSUI_FAULT_UNDER").ok()?.into_bytes();
        Some(Plan { fault, under, seen: AtomicU64::new(0) })
    })
    .as_ref()
}

fn read(text: &str) -> Option<Fault> {
    if text == "lie" {
        return Some(Fault::Lie);
    }
    let mut parts = text.split(':');
    let writes = match parts.next()? {
        "write" => true,
        "sync" => false,
        _ => return None,
    };
    let errno = match parts.next()? {
        "EIO" => libc::EIO,
        "ENOSPC" => libc::ENOSPC,
        _ => return None,
    };
    Some(Fault::Fail { writes, errno, at: parts.next()?.parse().ok()? })
}

/// Whether this is a file in the folder concerned. A folder is none: SQLite flushes it after making a file in it and
/// passes over an error there by design, because not every file system can do it.
fn concerned(fd: c_int, under: &[u8]) -> bool {
    if is_folder(fd) {
        return false;
    }
    let mut path = [0_u8; PATH_MAX];
    let link = format!("/proc/self/fd/{fd}\0");
    // SAFETY: the name ends in NUL, and the kernel writes at most the length given.
    let length = unsafe { libc::readlink(link.as_ptr().cast(), path.as_mut_ptr().cast(), PATH_MAX) };
    usize::try_from(length).is_ok_and(|length| path[..length].starts_with(under))
}

fn is_folder(fd: c_int) -> bool {
    // SAFETY: all bytes zero are a valid `stat`, and the kernel fills it in.
    unsafe {
        let mut facts: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &raw mut facts) == 0 && facts.st_mode & libc::S_IFMT == libc::S_IFDIR
    }
}

/// What a call on this file must answer instead of working.
fn answer(fd: c_int, is_write: bool) -> Option<c_int> {
    let plan = plan()?;
    if !concerned(fd, &plan.under) {
        return None;
    }
    match plan.fault {
        Fault::Lie if !is_write => Some(0),
        Fault::Fail { writes, errno, at } if writes == is_write => {
            (plan.seen.fetch_add(1, Ordering::SeqCst) + 1 == at).then_some(errno)
        }
        Fault::Lie | Fault::Fail { .. } => None,
    }
}

/// Answers with the error, or with success for a lie.
fn give(errno: c_int) -> c_int {
    if errno == 0 {
        return 0;
    }
    // SAFETY: the address of this thread's errno is always valid.
    unsafe { *libc::__errno_location() = errno };
    -1
}

/// The function of the C library behind ours.
fn real(name: &CStr) -> *mut c_void {
    // SAFETY: the name ends in NUL; the C library has each of the functions asked for.
    unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr().cast::<c_char>()) }
}

macro_rules! replaced {
    ($name:ident, $is_write:literal, ($($argument:ident: $type:ty),*) -> $result:ty) => {
        /// Stands before the system's function of the same name.
        ///
        /// # Safety
        /// As that function.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, $($argument: $type),*) -> $result {
            if let Some(errno) = answer(fd, $is_write) {
                return give(errno) as $result;
            }
            let name = concat!(stringify!($name), "\0");
            let real = real(CStr::from_bytes_with_nul(name.as_bytes()).expect("the name ends in NUL"));
            // SAFETY: the function of this name has this signature, and the caller keeps its conditions.
            unsafe {
                let real: unsafe extern "C" fn(c_int, $($type),*) -> $result = std::mem::transmute(real);
                real(fd, $($argument),*)
            }
        }
    };
}

replaced!(fsync, false, () -> c_int);
replaced!(fdatasync, false, () -> c_int);
replaced!(pwrite, true, (bytes: *const c_void, count: size_t, offset: off_t) -> ssize_t);
replaced!(pwrite64, true, (bytes: *const c_void, count: size_t, offset: off_t) -> ssize_t);
replaced!(write, true, (bytes: *const c_void, count: size_t) -> ssize_t);
replaced!(ftruncate, true, (length: off_t) -> c_int);
replaced!(ftruncate64, true, (length: off_t) -> c_int);
