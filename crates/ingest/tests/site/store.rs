//! A store that can be told to wait, or to fail, before it stores.

use async_trait::async_trait;
use fengsui_store::{MemoryStore, StoreError};
use std::sync::Arc;
use tokio::sync::watch;

/// What happens to a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// It is stored.
    Open,
    /// It waits.
    Held,
    /// The disk is full.
    Full,
    /// The disk is broken.
    Broken,
}

#[derive(Debug)]
pub struct Gate {
    door: watch::Sender<Door>,
    waiting: watch::Sender<usize>,
}

impl Gate {
    /// The gate, open, and a store in memory behind it.
    pub fn with_store() -> (Arc<Self>, Arc<MemoryStore>) {
        let gate = Arc::new(Self { door: watch::Sender::new(Door::Open), waiting: watch::Sender::new(0) });
        (gate.clone(), Arc::new(MemoryStore::behind(gate)))
    }

    pub fn set(&self, door: Door) {
        self.door.send_replace(door);
    }

    /// Waits until a commit is waiting at the held door.
    pub async fn somebody_waits(&self) {
        super::still(self.waiting.subscribe().wait_for(|n| *n > 0)).await.unwrap();
    }
}

#[async_trait]
impl fengsui_store::Door for Gate {
    async fn pass(&self) -> Result<(), StoreError> {
        let mut door = self.door.subscribe();
        self.waiting.send_modify(|n| *n += 1);
        let state = *door.wait_for(|d| *d != Door::Held).await.unwrap();
        self.waiting.send_modify(|n| *n -= 1);
        match state {
            Door::Full => Err(StoreError::Full("试验".to_owned())),
            Door::Broken => Err(StoreError::Broken("试验".to_owned())),
            Door::Open | Door::Held => Ok(()),
        }
    }
}
