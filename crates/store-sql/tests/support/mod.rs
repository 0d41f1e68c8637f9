//! What tests of a PostgreSQL server stand on.

pub(crate) use fengsui_store_sql::kit::{open, with_postgres};
