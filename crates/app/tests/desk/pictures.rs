//! Pictures: kept while an entry shows them, gone a day after the last upload when none does.

use crate::stores::on_each_store;
use fengsui_store::{Blob, Epoch};

#[tokio::test]
async fn a_picture_nobody_shows_goes_after_a_day_and_not_before() {
    on_each_store(async |desk| {
        let blob = Blob::new("image/png", vec![1, 2, 3]);
        desk.store.put_blob(Epoch(1), blob.clone(), desk.app.now()).await.unwrap();
        desk.clock.pass_s(86_400);
        assert_eq!(desk.app.reconcile_blobs().await.unwrap(), 0, "at the end of its day");
        desk.clock.pass_s(1);
        assert_eq!(desk.app.reconcile_blobs().await.unwrap(), 1);
        assert_eq!(desk.store.blob(&blob.name()).await.unwrap(), None);
    })
    .await;
}
