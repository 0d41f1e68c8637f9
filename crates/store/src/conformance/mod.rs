//! The promises of [`crate::Store`] as cases that every engine passes.
//!
//! A case is a plain function over an empty store that panics when a promise is broken. An engine runs each
//! as a test of its own with [`crate::for_each_case`]; a new store method comes with a new case here.

// A broken promise shall stop the case at once; that is what these are for.
#![allow(clippy::unwrap_used)]

mod blobs;
mod entries;
mod expectations;
pub mod given;
mod journal;
mod keys;
mod lease;
mod lists;
mod purge;
mod receipts;
mod samples;
mod scan;
mod search;
mod secrets;
mod sequence;
mod telemetry;

use crate::Store;
use std::future::Future;
use std::pin::Pin;

/// A case: an empty store in, a panic or nothing out.
pub type Case = for<'a> fn(&'a dyn Store) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Calls the given macro with the names of all cases, separated by blanks.
#[macro_export]
macro_rules! for_each_case {
    ($callback:ident) => {
        $callback! {
            gapless_sequence
            failed_change_stores_nothing
            empty_batch_changes_nothing
            later_change_sees_the_earlier_of_its_batch
            same_receipt_within_the_window_is_answered_the_same
            same_receipt_at_the_end_of_the_window_is_new
            same_receipt_twice_in_one_batch_is_stored_once
            failed_change_leaves_no_receipt
            expected_version
            expected_absence_of_a_key
            expected_holder_of_a_key
            new_entry_must_not_exist
            changed_entry_must_follow_its_last_version
            entry_written_twice_in_one_change
            keys_are_taken_handed_over_and_freed
            holders_of_many_keys
            keys_are_listed_by_prefix
            numbers_are_gapless_in_each_series
            entry_comes_back_as_stored
            entry_outside_the_scope_is_not_there
            entries_by_their_ids
            list_has_one_kind_within_the_scope
            list_has_what_belongs_to_named_units
            list_by_state
            list_by_due_has_what_must_be_done_first
            list_by_wake_has_what_calls_first
            list_by_field_has_what_has_no_value_last
            place_follows_the_entry
            list_by_indexed_field
            list_by_owner_and_title
            list_by_opening
            list_by_due_range
            deadlines_are_counted_by_the_step
            list_is_ordered_both_ways_with_ties
            list_by_title_is_ordered_by_code_point
            page_is_limited
            cursor_stays_while_entries_are_inserted
            cursor_of_another_order_finds_nothing
            index_follows_the_entry
            count_and_tally_look_past_the_page
            counts_of_several_queries_are_those_of_each
            scan_walks_a_whole_kind_once
            scan_is_limited
            search_needs_every_term
            search_follows_the_entry
            search_finds_a_given_number
            journal_of_a_subject_is_paged_within_the_scope
            journal_is_paged_within_the_scope
            journal_since_gives_whole_changes
            chain_verifies_and_tampering_is_noticed
            erasure_keeps_the_chain_and_is_named
            newest_state_wins_by_event_time
            states_are_paged_in_order
            frames_of_a_terminal_are_paged_within_the_scope
            first_frame_of_a_change
            session_ends_at_its_instant
            sessions_are_closed_one_or_all
            session_is_locked_and_unlocked
            sessions_of_an_account
            credential_is_the_last_one_set
            secrets_are_set_and_taken_away_by_name
            outbox_is_ordered_and_done_twice_is_done_once
            catalog_is_the_newest_revision
            lease_is_refused_to_others_until_it_ends
            lease_holder_starts_a_new_epoch_or_renews
            commit_needs_the_current_epoch
            blob_is_known_by_its_digest
            blob_nobody_holds_goes_after_its_day
            blobs_need_the_current_epoch
            purge_takes_what_ended_and_no_more_than_the_limit
            storage_counts_what_waits
            samples_are_drawn_together_in_equal_stretches
            of_two_samples_in_one_second_the_last_one_counts
            old_samples_go_bit_by_bit_oldest_first
            packed_samples_are_answered_and_deleted_as_before
            last_heard_never_moves_back_and_is_paged
            last_reading_is_the_one_asked_last_and_is_paged
        }
    };
}

macro_rules! list_cases {
    ($($name:ident)*) => {
        /// Every case with its name.
        pub const CASES: &[(&str, Case)] = &[$((stringify!($name), |store| Box::pin($name(store)))),*];
    };
}
for_each_case!(list_cases);

pub use blobs::{
    blob_is_known_by_its_digest, blob_nobody_holds_goes_after_its_day, blobs_need_the_current_epoch,
};
pub use entries::{entries_by_their_ids, entry_comes_back_as_stored, entry_outside_the_scope_is_not_there};
pub use expectations::{
    changed_entry_must_follow_its_last_version, entry_written_twice_in_one_change, expected_absence_of_a_key,
    expected_holder_of_a_key, expected_version, new_entry_must_not_exist,
};
pub use journal::{
    chain_verifies_and_tampering_is_noticed, erasure_keeps_the_chain_and_is_named,
    journal_is_paged_within_the_scope, journal_of_a_subject_is_paged_within_the_scope,
    journal_since_gives_whole_changes,
};
pub use keys::{
    holders_of_many_keys, keys_are_listed_by_prefix, keys_are_taken_handed_over_and_freed,
    numbers_are_gapless_in_each_series,
};
pub use lease::{
    commit_needs_the_current_epoch, lease_holder_starts_a_new_epoch_or_renews,
    lease_is_refused_to_others_until_it_ends,
};
pub use lists::{
    count_and_tally_look_past_the_page, counts_of_several_queries_are_those_of_each,
    cursor_of_another_order_finds_nothing, cursor_stays_while_entries_are_inserted,
    deadlines_are_counted_by_the_step, index_follows_the_entry, list_by_due_has_what_must_be_done_first,
    list_by_due_range, list_by_field_has_what_has_no_value_last, list_by_indexed_field, list_by_opening,
    list_by_owner_and_title, list_by_state, list_by_title_is_ordered_by_code_point,
    list_by_wake_has_what_calls_first, list_has_one_kind_within_the_scope,
    list_has_what_belongs_to_named_units, list_is_ordered_both_ways_with_ties, page_is_limited,
    place_follows_the_entry,
};
pub use purge::{purge_takes_what_ended_and_no_more_than_the_limit, storage_counts_what_waits};
pub use receipts::{
    failed_change_leaves_no_receipt, same_receipt_at_the_end_of_the_window_is_new,
    same_receipt_twice_in_one_batch_is_stored_once, same_receipt_within_the_window_is_answered_the_same,
};
pub use samples::{
    last_heard_never_moves_back_and_is_paged, last_reading_is_the_one_asked_last_and_is_paged,
    of_two_samples_in_one_second_the_last_one_counts, old_samples_go_bit_by_bit_oldest_first,
    packed_samples_are_answered_and_deleted_as_before, samples_are_drawn_together_in_equal_stretches,
};
pub use scan::{scan_is_limited, scan_walks_a_whole_kind_once};
pub use search::{search_finds_a_given_number, search_follows_the_entry, search_needs_every_term};
pub use secrets::{
    credential_is_the_last_one_set, secrets_are_set_and_taken_away_by_name, session_ends_at_its_instant,
    session_is_locked_and_unlocked, sessions_are_closed_one_or_all, sessions_of_an_account,
};
pub use sequence::{
    empty_batch_changes_nothing, failed_change_stores_nothing, gapless_sequence,
    later_change_sees_the_earlier_of_its_batch,
};
pub use telemetry::{
    catalog_is_the_newest_revision, first_frame_of_a_change, frames_of_a_terminal_are_paged_within_the_scope,
    newest_state_wins_by_event_time, outbox_is_ordered_and_done_twice_is_done_once,
    states_are_paged_in_order,
};
