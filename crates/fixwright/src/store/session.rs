//! Sessions: one run of the path over one repository at one base.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Store;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: i64,
    pub(crate) repository: String,
    pub(crate) base: String,
    /// When it was first started: a resumed session keeps it, so that its commits come out the same.
    pub(crate) started_at: Timestamp,
    /// The closing document, once it is finished.
    pub(crate) summary: Option<String>,
}

impl Store {
    /// Returns the unfinished session with that key, or begins one. `true` when it was there. The caller has the hold of the repository:
    /// what was left unfinished at another base is closed, and what was kept to go on with it is forgotten.
    pub(crate) async fn begin(&self, key: &str, repository: &str, base: &str, now: Timestamp) -> anyhow::Result<(Session, bool)> {
        // It reads and then writes: what takes the lock only to write would find that somebody else had written in between, and fail.
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let there = sqlx::query("SELECT * FROM session WHERE key = ?1 AND finished_at IS NULL ORDER BY id DESC LIMIT 1")
            .bind(key)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(row) = there {
            return Ok((session(&row)?, true));
        }
        sqlx::query(
            "DELETE FROM run WHERE session IN
             (SELECT id FROM session WHERE repository = ?1 AND base <> ?2 AND finished_at IS NULL)",
        )
        .bind(repository)
        .bind(base)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE session SET finished_at = ?3 WHERE repository = ?1 AND base <> ?2 AND finished_at IS NULL")
            .bind(repository)
            .bind(base)
            .bind(now.to_string())
            .execute(&mut *tx)
            .await?;
        let row = sqlx::query("INSERT INTO session (key, repository, base, started_at) VALUES (?1, ?2, ?3, ?4) RETURNING *")
            .bind(key)
            .bind(repository)
            .bind(base)
            .bind(now.to_string())
            .fetch_one(&mut *tx)
            .await?;
        let session = session(&row)?;
        tx.commit().await?;
        Ok((session, false))
    }

    /// Ends a session with its closing document, and forgets what was only kept to resume it.
    pub(crate) async fn finish(&self, session: &Session, summary: &str, now: Timestamp) -> anyhow::Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("UPDATE session SET finished_at = ?2, summary = ?3 WHERE id = ?1")
            .bind(session.id)
            .bind(now.to_string())
            .bind(summary)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM run WHERE session = ?1").bind(session.id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps the document of a session that was stopped early; it stays unfinished, so the next run goes on with it.
    pub(crate) async fn suspend(&self, session: &Session, summary: &str) -> anyhow::Result<()> {
        sqlx::query("UPDATE session SET summary = ?2 WHERE id = ?1").bind(session.id).bind(summary).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets a session in which nothing has happened but runs.
    pub(crate) async fn forget(&self, session: &Session) -> anyhow::Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("DELETE FROM run WHERE session = ?1").bind(session.id).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM session WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM case_ WHERE session = ?1)")
            .bind(session.id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Returns the latest session of a repository.
    pub(crate) async fn latest(&self, repository: &str) -> anyhow::Result<Option<Session>> {
        let row = sqlx::query("SELECT * FROM session WHERE repository = ?1 ORDER BY id DESC LIMIT 1")
            .bind(repository)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(session).transpose()
    }
}

fn session(row: &SqliteRow) -> anyhow::Result<Session> {
    Ok(Session {
        id: row.try_get("id")?,
        repository: row.try_get("repository")?,
        base: row.try_get("base")?,
        started_at: row.try_get::<String, _>("started_at")?.parse()?,
        summary: row.try_get("summary")?,
    })
}
