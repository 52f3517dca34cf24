//! Time as a parameter: whoever needs it is handed a [`Clock`], so that a test decides what time it is.
//!
//! `now` is for what is written down, `monotonic` for measuring; a clock that stands still never moves on either.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Tells the time: the system's, or one that only a test moves. Clones tell the same time.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System,
    Fixed { from: Timestamp, started: Instant, passed: Arc<Mutex<Duration>> },
}

impl Clock {
    /// Returns the clock of the machine.
    pub(crate) fn system() -> Self {
        Self(Kind::System)
    }

    /// Returns a clock that stands at `now` until [`Clock::advance`] moves it.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests turn this clock"))]
    pub(crate) fn fixed(now: Timestamp) -> Self {
        Self(Kind::Fixed { from: now, started: Instant::now(), passed: Arc::default() })
    }

    /// Moves a fixed clock, and all its clones; the system's clock moves by itself.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests turn this clock"))]
    pub(crate) fn advance(&self, by: Duration) {
        if let Kind::Fixed { passed, .. } = &self.0 {
            let mut passed = passed.lock().unwrap_or_else(PoisonError::into_inner);
            *passed = passed.saturating_add(by);
        }
    }

    /// Returns the time of day, for what is written down.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => Timestamp::now(),
            Kind::Fixed { from, passed, .. } => from.checked_add(elapsed(passed)).unwrap_or(Timestamp::MAX),
        }
    }

    /// Returns a time that never goes back, for measuring how long something took.
    pub(crate) fn monotonic(&self) -> Instant {
        match &self.0 {
            Kind::System => Instant::now(),
            Kind::Fixed { started, passed, .. } => started.checked_add(elapsed(passed)).unwrap_or(*started),
        }
    }
}

fn elapsed(passed: &Mutex<Duration>) -> Duration {
    *passed.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_with_all_its_clones() {
        let clock = Clock::fixed("2026-01-02T03:04:05Z".parse().unwrap());
        let (clone, before) = (clock.clone(), clock.monotonic());
        assert_eq!((clone.now(), clone.monotonic()), (clock.now(), before));
        clock.advance(Duration::from_secs(60));
        assert_eq!(clone.now().to_string(), "2026-01-02T03:05:05Z");
        assert_eq!(clone.monotonic() - before, Duration::from_secs(60));
    }

    #[test]
    fn the_system_clock_does_not_go_back() {
        let clock = Clock::system();
        let before = clock.monotonic();
        assert!(clock.monotonic() >= before && clock.now() > "2020-01-01T00:00:00Z".parse().unwrap());
    }
}
