//! Why a use case did not do what was asked: a refusal, which is an answer, or a fault, which is not.

use fengsui_base::{Refusal, RefusalKind};
use fengsui_store::StoreError;

/// Why not.
#[derive(Debug)]
pub enum Fault {
    /// It must not be.
    Refused(Box<Refusal>),
    /// Storage failed; nothing was acknowledged.
    Broken(StoreError),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(Box::new(refusal))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Broken(error)
    }
}

impl Fault {
    /// The refusal to show: a storage failure is shown as the system being unable now.
    pub fn refusal(&self) -> Refusal {
        match self {
            Fault::Refused(refusal) => (**refusal).clone(),
            Fault::Broken(StoreError::Full(_)) => {
                unavailable("storage.full", "磁盘空间不足，本次没有写入。请腾出空间后再试。")
            }
            Fault::Broken(StoreError::LeaseLost { .. }) => {
                unavailable("storage.lease_lost", "另一节点已接管，请稍候刷新，连到新的节点。")
            }
            Fault::Broken(_) => {
                unavailable("storage.broken", "数据库没有应答，本次没有写入，填写的内容还在，请再试。")
            }
        }
    }
}

fn unavailable(code: &'static str, sentence: &str) -> Refusal {
    Refusal::new(RefusalKind::Unavailable, code, sentence)
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Refused(refusal) => refusal.fmt(f),
            Fault::Broken(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Fault {}
