//! The journal: paged, scoped, chained, and lawfully erased.

use super::given::{OTHER_VILLAGE, active, change, id, line, region, stored, township, within};
use crate::{
    ChangeSet, Erasure, JournalChange, JournalRow, PAGE_MAX, Store, Verifier, line_digest, line_text, verify,
};
use fengsui_base::Scope;
use fengsui_ledger::JournalLine;

fn lines(journal: Vec<JournalLine>) -> ChangeSet {
    ChangeSet { journal, ..change(0) }
}

fn elsewhere(n: u128, text: &str) -> JournalLine {
    JournalLine { region: region(OTHER_VILLAGE), ..line(n, text) }
}

fn texts(rows: &[JournalRow]) -> Vec<&str> {
    rows.iter().map(|r| r.content.as_ref().map_or("", |l| l.text.as_str())).collect()
}

/// Three changes: (1,0) 甲, (1,1) 乙 elsewhere, (2,0) 丙 of another subject, (3,0) 丁, (3,1) 戊.
async fn fill(store: &dyn Store) -> crate::Epoch {
    let epoch = active(store).await;
    stored(store, epoch, lines(vec![line(1, "甲"), elsewhere(1, "乙")])).await;
    stored(store, epoch, lines(vec![line(2, "丙")])).await;
    stored(store, epoch, lines(vec![line(1, "丁"), line(1, "戊")])).await;
    epoch
}

/// One subject's lines, newest first, page by page, no other subject's and none outside the scope.
pub async fn journal_of_a_subject_is_paged_within_the_scope(store: &dyn Store) {
    fill(store).await;
    let everything = Scope::everything();
    let all = store.journal_of(&everything, id(1), None, 10).await.unwrap();
    assert_eq!(texts(&all), ["戊", "丁", "乙", "甲"]);
    assert_eq!((all[1].seq, all[1].line), (3, 0));
    let rest = store.journal_of(&everything, id(1), Some((3, 1)), 2).await.unwrap();
    assert_eq!(texts(&rest), ["丁", "乙"]);
    let scoped = store.journal_of(&township(), id(1), None, 10).await.unwrap();
    assert_eq!(texts(&scoped), ["戊", "丁", "甲"]);
    assert!(store.journal_of(&Scope::nothing(), id(1), None, 10).await.unwrap().is_empty());
}

/// All lines, newest first, within the scope, at most [`PAGE_MAX`].
pub async fn journal_is_paged_within_the_scope(store: &dyn Store) {
    let epoch = fill(store).await;
    let everything = Scope::everything();
    assert_eq!(texts(&store.journal(&everything, None, 10).await.unwrap()), ["戊", "丁", "丙", "乙", "甲"]);
    assert_eq!(texts(&store.journal(&everything, Some((2, 0)), 1).await.unwrap()), ["乙"]);
    assert_eq!(texts(&store.journal(&township(), Some((3, 0)), 10).await.unwrap()), ["丙", "甲"]);
    let county = within(990_101_000_000..990_102_000_000);
    assert_eq!(texts(&store.journal(&county, None, 2).await.unwrap()), ["戊", "丁"]);
    assert!(store.journal(&Scope::nothing(), None, 10).await.unwrap().is_empty());
    let many = lines((0..=PAGE_MAX).map(|_| line(3, "己")).collect());
    stored(store, epoch, many).await;
    let most = store.journal(&everything, None, u16::MAX).await.unwrap();
    assert_eq!(most.len(), usize::from(PAGE_MAX));
    assert_eq!((most[0].seq, most[0].line), (4, u32::from(PAGE_MAX)));
}

/// Whole changes, oldest first, as many as have room, at least one.
pub async fn journal_since_gives_whole_changes(store: &dyn Store) {
    fill(store).await;
    let since = async |seq, limit| store.journal_since(seq, limit).await.unwrap();
    let places =
        |page: &[JournalChange]| page.iter().map(|(s, _, rows)| (*s, rows.len())).collect::<Vec<_>>();
    assert_eq!(places(&since(0, 100).await), [(1, 2), (2, 1), (3, 2)]);
    assert_eq!(places(&since(0, 3).await), [(1, 2), (2, 1)]);
    assert_eq!(places(&since(0, 4).await), [(1, 2), (2, 1)]);
    assert_eq!(places(&since(0, 1).await), [(1, 2)]);
    assert_eq!(places(&since(0, 0).await), [(1, 2)]);
    assert_eq!(places(&since(2, 100).await), [(3, 2)]);
    assert!(since(3, 100).await.is_empty());
    let page = since(1, 100).await;
    assert_eq!(texts(&page[1].2), ["丁", "戊"]);
    assert_eq!(page[1].2[0].content, Some(line(1, "丁")));
    assert_eq!(page[1].2[0].text, Some(line_text(&line(1, "丁"))));
    assert_eq!(page[1].1, store.head().await.unwrap().chain);
}

fn broken_at(page: &[JournalChange]) -> Option<u64> {
    let mut verifier = Verifier::new();
    verifier.page(page);
    verifier.finish().broken.map(|(seq, _)| seq)
}

/// The chain of what was stored verifies to the head; any change to it is noticed where it is.
pub async fn chain_verifies_and_tampering_is_noticed(store: &dyn Store) {
    fill(store).await;
    let found = verify(store).await.unwrap();
    let head = store.head().await.unwrap();
    assert_eq!((found.verified_to, found.chain, found.lines), (head.seq, head.chain, 5));
    assert!(found.broken.is_none() && found.erasures.is_empty());
    let page = store.journal_since(0, 100).await.unwrap();
    assert_eq!(broken_at(&page), None);
    let tampered = |tamper: fn(&mut Vec<JournalChange>)| {
        let mut copy = page.clone();
        tamper(&mut copy);
        broken_at(&copy)
    };
    let reworded = |p: &mut Vec<JournalChange>| p[1].2[0].text.as_mut().unwrap().push('改');
    assert_eq!(tampered(reworded), Some(2));
    let consistently = |p: &mut Vec<JournalChange>| {
        let row = &mut p[1].2[0];
        let text = line_text(&line(2, "改"));
        (row.digest, row.text) = (line_digest(&text), Some(text));
    };
    assert_eq!(tampered(consistently), Some(2));
    assert_eq!(tampered(|p| drop(p.remove(1))), Some(3), "a missing change is noticed by the next");
    assert_eq!(tampered(|p| drop(p[2].2.remove(0))), Some(3));
    assert_eq!(tampered(|p| p[0].1[0] ^= 1), Some(1));
    assert_eq!(tampered(|p| p[2].2[1].text = None), Some(3), "gone without a lawful erasure");
}

/// An erased line is gone and named with its reason, and the chain still verifies to the same head.
pub async fn erasure_keeps_the_chain_and_is_named(store: &dyn Store) {
    let epoch = fill(store).await;
    let erasure = |seq, line, reason: &str| Erasure { seq, line, reason: reason.into() };
    let asked = vec![erasure(1, 0, "当事人申请"), erasure(99, 0, "没有这一行"), erasure(4, 0, "本次")];
    stored(store, epoch, ChangeSet { erasures: asked, ..change(0) }).await;
    let again = ChangeSet { erasures: vec![erasure(1, 0, "第二次")], ..change(0) };
    stored(store, epoch, again).await;
    let rows = store.journal_of(&township(), id(1), None, 10).await.unwrap();
    let erased: Vec<_> =
        rows.iter().filter(|r| r.content.is_none() && r.text.is_none()).map(|r| r.erased.clone()).collect();
    assert_eq!(erased, [Some((4, "本次".to_owned())), Some((4, "当事人申请".to_owned()))]);
    let found = verify(store).await.unwrap();
    assert_eq!(found.broken, None);
    assert_eq!(found.erasures, [(1, 0, "当事人申请".to_owned()), (4, 0, "本次".to_owned())]);
    assert_eq!(found.chain, store.head().await.unwrap().chain);
}
