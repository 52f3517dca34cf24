//! The shared parts of the program, built once by `main`.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sandbox::Cancel;

use crate::artifacts::Artifacts;
use crate::clock::Clock;
use crate::env::Env;
use crate::progress::Progress;
use crate::store::Store;
use crate::workspace::Git;

/// The shared parts.
pub(crate) struct App {
    pub(crate) env: Env,
    pub(crate) clock: Clock,
    pub(crate) data_dir: PathBuf,
    pub(crate) store: Store,
    pub(crate) artifacts: Artifacts,
    /// The program that stands between fixwright and each command: this one, told so by its first argument.
    pub(crate) supervisor: PathBuf,
    pub(crate) git: Git,
    pub(crate) cancel: Cancel,
    pub(crate) progress: Progress,
    pub(crate) tool_time: ToolTime,
}

/// How long at least one tool was running: what is left of the wall time is fixwright's own.
#[derive(Debug, Default)]
pub(crate) struct ToolTime(Mutex<Busy>);

#[derive(Debug, Default)]
struct Busy {
    running: usize,
    since: Option<Instant>,
    total: Duration,
}

impl ToolTime {
    /// A tool starts.
    pub(crate) fn start(&self, now: Instant) {
        if let Ok(mut busy) = self.0.lock() {
            if busy.running == 0 {
                busy.since = Some(now);
            }
            busy.running += 1;
        }
    }

    /// A tool has ended.
    pub(crate) fn stop(&self, now: Instant) {
        if let Ok(mut busy) = self.0.lock() {
            busy.running = busy.running.saturating_sub(1);
            if busy.running == 0
                && let Some(since) = busy.since.take()
            {
                busy.total += now.saturating_duration_since(since);
            }
        }
    }

    /// Returns the time so far.
    pub(crate) fn total(&self) -> Duration {
        self.0.lock().map(|busy| busy.total).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_two_tools_run_counts_once() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let time = ToolTime::default();
        time.start(at(0));
        time.start(at(1));
        time.stop(at(3));
        time.stop(at(4));
        time.start(at(10));
        time.stop(at(11));
        assert_eq!(time.total(), Duration::from_secs(5));
    }
}
