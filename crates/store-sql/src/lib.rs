//! SQLite and PostgreSQL behind the promises of fengsui-store.
