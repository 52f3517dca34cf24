//! What lets a killed session go on: the runs that are done, and the deliveries that were named.

use jiff::Timestamp;
use sqlx::Row as _;

use super::{Session, Store, from_text, to_text};

impl Store {
    /// Returns what a recipe gave in this session under `key` (tree, subproject and command), if it has run to its end.
    pub(crate) async fn known_run<T: serde::de::DeserializeOwned>(
        &self,
        session: &Session,
        key: &str,
    ) -> anyhow::Result<Option<T>> {
        let row = sqlx::query("SELECT body FROM run WHERE session = ?1 AND key = ?2")
            .bind(session.id)
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| from_text(row.try_get("body")?)).transpose()
    }

    /// Keeps what a recipe gave.
    pub(crate) async fn keep_run(&self, session: &Session, key: &str, run: &impl serde::Serialize) -> anyhow::Result<()> {
        sqlx::query(
            "INSERT INTO run (session, key, body) VALUES (?1, ?2, ?3) ON CONFLICT (session, key) DO UPDATE SET body = ?3",
        )
        .bind(session.id)
        .bind(key)
        .bind(to_text(run)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Names a delivery before it happens.
    pub(crate) async fn name_delivery(&self, session: &Session, delivery: &domain::Delivery) -> anyhow::Result<()> {
        sqlx::query(
            "INSERT INTO delivery (session, branch, tip, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (session, branch) DO UPDATE SET tip = ?3, body = ?4",
        )
        .bind(session.id)
        .bind(&delivery.branch)
        .bind(&delivery.tip)
        .bind(to_text(delivery)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a delivery has happened.
    pub(crate) async fn delivered(&self, session: &Session, branch: &str, now: Timestamp) -> anyhow::Result<()> {
        sqlx::query("UPDATE delivery SET done_at = ?3 WHERE session = ?1 AND branch = ?2")
            .bind(session.id)
            .bind(branch)
            .bind(now.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
