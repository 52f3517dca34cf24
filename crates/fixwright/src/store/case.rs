//! Cases. [`Store::commit`] is the only writer of a case: event and new state in one transaction, guarded by the version that was read.

use anyhow::{Context as _, ensure};
use domain::{Attempt, Case, Event, Evidence, Finding};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Session, Store, from_text, to_text};

/// A case as it is shown: with its number, findings, attempts and evidence.
#[derive(Debug, Clone)]
pub(crate) struct StoredCase {
    /// What a person types for it.
    pub(crate) number: i64,
    /// The session that it belongs to.
    pub(crate) session: i64,
    pub(crate) case: Case,
    pub(crate) findings: Vec<Finding>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) evidence: Vec<Evidence>,
}

impl Store {
    /// Opens a case, or returns the row of an earlier life of the same session.
    pub(crate) async fn open_case(&self, session: &Session, case: &Case, findings: &[Finding]) -> anyhow::Result<Case> {
        sqlx::query(
            "INSERT INTO case_ (id, session, version, status, body, findings) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (session, id) DO NOTHING",
        )
        .bind(&case.id)
        .bind(session.id)
        .bind(i64::try_from(case.version)?)
        .bind(case.status())
        .bind(to_text(case)?)
        .bind(to_text(&findings)?)
        .execute(&self.pool)
        .await?;
        let row = sqlx::query("SELECT body FROM case_ WHERE session = ?1 AND id = ?2")
            .bind(session.id)
            .bind(&case.id)
            .fetch_one(&self.pool)
            .await?;
        from_text(row.try_get("body")?)
    }

    /// Applies `event` to `case` and writes both. Returns the case afterwards.
    pub(crate) async fn commit(&self, session: &Session, case: &Case, event: &Event, now: Timestamp) -> anyhow::Result<Case> {
        let (next, _) = case.apply(event)?;
        let mut tx = self.pool.begin().await?;
        let written =
            sqlx::query("UPDATE case_ SET version = ?3, status = ?4, body = ?5 WHERE session = ?1 AND id = ?2 AND version = ?6")
                .bind(session.id)
                .bind(&next.id)
                .bind(i64::try_from(next.version)?)
                .bind(next.status())
                .bind(to_text(&next)?)
                .bind(i64::try_from(case.version)?)
                .execute(&mut *tx)
                .await?;
        ensure!(written.rows_affected() == 1, "case {} was changed by someone else", case.id);
        sqlx::query("INSERT INTO event (session, case_id, version, body, at) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(session.id)
            .bind(&next.id)
            .bind(i64::try_from(next.version)?)
            .bind(to_text(event)?)
            .bind(now.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(next)
    }

    /// Keeps the attempts and the evidence of a case, and its findings as they are now, in place of what was kept before.
    pub(crate) async fn keep_work(
        &self,
        session: &Session,
        case: &str,
        findings: &[Finding],
        attempts: &[Attempt],
        evidence: &[Evidence],
    ) -> anyhow::Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("UPDATE case_ SET findings = ?3 WHERE session = ?1 AND id = ?2")
            .bind(session.id)
            .bind(case)
            .bind(to_text(&findings)?)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM attempt WHERE session = ?1 AND case_id = ?2")
            .bind(session.id)
            .bind(case)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM evidence WHERE session = ?1 AND case_id = ?2")
            .bind(session.id)
            .bind(case)
            .execute(&mut *tx)
            .await?;
        for (number, attempt) in (1_i64..).zip(attempts) {
            sqlx::query("INSERT INTO attempt (session, case_id, number, status, body) VALUES (?1, ?2, ?3, ?4, ?5)")
                .bind(session.id)
                .bind(case)
                .bind(number)
                .bind(attempt.status.as_str())
                .bind(to_text(attempt)?)
                .execute(&mut *tx)
                .await?;
        }
        for (number, one) in (1_i64..).zip(evidence) {
            sqlx::query("INSERT INTO evidence (session, case_id, number, gate, verdict, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
                .bind(session.id)
                .bind(case)
                .bind(number)
                .bind(one.gate.to_string())
                .bind(one.verdict.to_string())
                .bind(to_text(one)?)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Returns all cases of a session, by number.
    pub(crate) async fn cases(&self, session: i64) -> anyhow::Result<Vec<StoredCase>> {
        let rows =
            sqlx::query("SELECT * FROM case_ WHERE session = ?1 ORDER BY number").bind(session).fetch_all(&self.pool).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for row in rows {
            cases.push(self.stored(&row).await?);
        }
        Ok(cases)
    }

    /// Returns the case that a person means: by its number, or by the start of its id (the latest one).
    pub(crate) async fn find_case(&self, name: &str) -> anyhow::Result<Option<StoredCase>> {
        let by_number = name.parse::<i64>().unwrap_or(-1);
        let row = sqlx::query(
            "SELECT * FROM case_ WHERE number = ?1 OR (length(?2) >= 4 AND substr(id, 1, length(?2)) = ?2)
             ORDER BY number = ?1 DESC, number DESC LIMIT 1",
        )
        .bind(by_number)
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        match row {
            Some(row) => Ok(Some(self.stored(&row).await?)),
            None => Ok(None),
        }
    }

    /// Returns the events of a case with their times, oldest first.
    pub(crate) async fn events(&self, session: i64, case: &str) -> anyhow::Result<Vec<(String, Event)>> {
        let rows = sqlx::query("SELECT body, at FROM event WHERE session = ?1 AND case_id = ?2 ORDER BY version")
            .bind(session)
            .bind(case)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("at")?, from_text(row.try_get("body")?)?))).collect()
    }

    async fn stored(&self, row: &SqliteRow) -> anyhow::Result<StoredCase> {
        let session: i64 = row.try_get("session")?;
        let id: String = row.try_get("id")?;
        Ok(StoredCase {
            number: row.try_get("number")?,
            session,
            case: from_text(row.try_get("body")?).with_context(|| format!("case {id}"))?,
            findings: from_text(row.try_get("findings")?)?,
            attempts: self
                .bodies("SELECT body FROM attempt WHERE session = ?1 AND case_id = ?2 ORDER BY number", session, &id)
                .await?,
            evidence: self
                .bodies("SELECT body FROM evidence WHERE session = ?1 AND case_id = ?2 ORDER BY number", session, &id)
                .await?,
        })
    }

    async fn bodies<T: serde::de::DeserializeOwned>(
        &self,
        sql: &'static str,
        session: i64,
        case: &str,
    ) -> anyhow::Result<Vec<T>> {
        let rows = sqlx::query(sql).bind(session).bind(case).fetch_all(&self.pool).await?;
        rows.iter().map(|row| from_text(row.try_get("body")?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::{CaseState, Digest, FindingKind};

    use super::*;

    fn case() -> Case {
        Case::open(("/r", "base"), (FindingKind::Linting, "F401", "."), "F401 unused import", vec!["a".into(), "b".into()])
    }

    #[tokio::test]
    async fn events_replay_to_the_row_and_a_stale_writer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db")).await.unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let (session, resumed) = store.begin("k", "/r", "base", now).await.unwrap();
        assert!(!resumed);
        let opened = store.open_case(&session, &case(), &[]).await.unwrap();
        let mut at = opened.clone();
        for event in
            [Event::Reproduced, Event::Proposed { candidate: Digest::of("x") }, Event::Split { findings: vec!["b".into()] }]
        {
            at = store.commit(&session, &at, &event, now).await.unwrap();
        }
        assert!(store.commit(&session, &opened, &Event::Reproduced, now).await.is_err(), "a stale version");
        let stored = store.find_case(&case().id).await.unwrap().unwrap();
        assert_eq!(stored.case, at);
        let replayed =
            store.events(session.id, &at.id).await.unwrap().into_iter().fold(case(), |c, (_, e)| c.apply(&e).unwrap().0);
        assert_eq!(replayed, at);
        assert_eq!(at.findings, ["a"]);
    }

    #[tokio::test]
    async fn an_unfinished_session_is_resumed_and_a_finished_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let store = Store::open(&file).await.unwrap();
        let (first, _) = store.begin("k", "/r", "base", Timestamp::UNIX_EPOCH).await.unwrap();
        store.close().await;
        let store = Store::open(&file).await.unwrap();
        let later = Timestamp::from_second(9).unwrap();
        assert_eq!(store.begin("k", "/r", "base", later).await.unwrap(), (first.clone(), true));
        store.finish(&first, "{}", later).await.unwrap();
        let (second, resumed) = store.begin("k", "/r", "base", later).await.unwrap();
        assert!(!resumed && second.id != first.id);
        assert_eq!(store.latest("/r").await.unwrap().unwrap().id, second.id);
    }

    #[tokio::test]
    async fn what_was_left_at_another_base_is_closed_and_its_cases_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db")).await.unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let (old, _) = store.begin("k1", "/r", "base", now).await.unwrap();
        store.open_case(&old, &case(), &[]).await.unwrap();
        let (other, _) = store.begin("k2", "/other", "base", now).await.unwrap();
        for session in [&old, &other] {
            store.keep_run(session, "run", &1).await.unwrap();
        }
        // The same base: it may still be gone on with.
        store.begin("k3", "/r", "base", now).await.unwrap();
        assert_eq!(store.known_run::<i32>(&old, "run").await.unwrap(), Some(1));
        store.begin("k4", "/r", "next", now).await.unwrap();
        assert_eq!(store.known_run::<i32>(&old, "run").await.unwrap(), None);
        assert_eq!(store.known_run::<i32>(&other, "run").await.unwrap(), Some(1));
        assert!(!store.begin("k1", "/r", "base", now).await.unwrap().1);
        assert!(store.begin("k2", "/other", "base", now).await.unwrap().1);
        assert_eq!(store.cases(old.id).await.unwrap().len(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_that_begin_at_once_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let mut all = tokio::task::JoinSet::new();
        for process in 0..4 {
            let store = Store::open(&file).await.unwrap();
            all.spawn(async move {
                for number in 0..25 {
                    store.begin(&format!("{process} {number}"), "/r", "base", Timestamp::UNIX_EPOCH).await.unwrap();
                }
            });
        }
        while let Some(done) = all.join_next().await {
            done.unwrap();
        }
    }

    #[tokio::test]
    async fn refused_stays_refused_on_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db")).await.unwrap();
        let (session, _) = store.begin("k", "/r", "base", Timestamp::UNIX_EPOCH).await.unwrap();
        let opened = store.open_case(&session, &case(), &[]).await.unwrap();
        let refused = Event::Refused { reason: domain::Reason::NoCandidate };
        store.commit(&session, &opened, &refused, Timestamp::UNIX_EPOCH).await.unwrap();
        let again = store.open_case(&session, &case(), &[]).await.unwrap();
        assert_eq!(again.state, CaseState::Refused { reason: domain::Reason::NoCandidate });
    }
}
