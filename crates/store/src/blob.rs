//! Blobs: plan pictures and photographs, each known by the SHA-256 of its bytes.
//!
//! An entry that shows a blob holds the key [`blob_key`]: that is the reference, taken and freed in the same
//! ChangeSet as the entry's own fields. A blob that no entry holds for a day is an orphan and goes.

use crate::Digest;
use fengsui_base::EntryId;
use sha2::{Digest as _, Sha256};

/// A file as it was uploaded, or as it was made of what was uploaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blob {
    digest: Digest,
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Blob {
    /// A blob, known by the digest of its bytes.
    pub fn new(media_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { digest: Sha256::digest(&bytes).into(), media_type: media_type.into(), bytes }
    }

    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its name: the digest in 64 hexadecimal digits.
    pub fn name(&self) -> String {
        blob_name(&self.digest)
    }
}

/// The name of the blob with this digest.
pub fn blob_name(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key that an entry holds as long as it shows the blob.
pub fn blob_key(name: &str, entry: EntryId) -> String {
    format!("{}{entry}", blob_prefix(name))
}

/// What all keys of those who show the blob begin with.
pub fn blob_prefix(name: &str) -> String {
    format!("blob/{name}/")
}
