//! All SQL. SQLite in WAL mode below the data directory; the row is the truth.
//!
//! One file an aggregate: sessions (`session.rs`), cases with their events, attempts and evidence (`case.rs`), and what a session keeps
//! to go on after a kill: runs and deliveries (`resume.rs`).

mod case;
mod resume;
mod session;

use std::path::Path;

use anyhow::Context as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

pub(crate) use case::StoredCase;
pub(crate) use session::Session;

/// The database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the database at `file`, made and migrated as needed.
    pub(crate) async fn open(file: &Path) -> anyhow::Result<Self> {
        // Two that start at once would both make the tables: SQLite has no lock that spans migrations.
        let folder = file.parent().unwrap_or(file);
        let turn = std::fs::File::open(folder).and_then(|turn| turn.lock().map(|()| turn));
        let _turn = turn.with_context(|| format!("waiting for {}", folder.display()))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A power cut may lose the last transactions, never the order of them; a kill of the process loses none.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(std::time::Duration::from_secs(30));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await;
        let pool = pool.with_context(|| format!("opening the database {}", file.display()))?;
        sqlx::migrate!("../../migrations/sqlite").run(&pool).await.context("migrating the database")?;
        Ok(Self { pool })
    }

    /// Closes the database, so that the write-ahead log is folded in.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

fn to_text(value: &impl serde::Serialize) -> anyhow::Result<String> {
    serde_json::to_string(value).context("writing a row")
}

fn from_text<T: serde::de::DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    serde_json::from_str(text).context("reading a row")
}
