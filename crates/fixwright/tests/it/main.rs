//! The program as its users have it: real repositories, real processes, and what is left when it has ended.
//!
//! Where the point is not the linter, the recipes are small scripts of the test repository (`spelling`). Nothing here sleeps to wait
//! for something: what must become true is asked for until it is, up to a deadline.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod advisories;
mod apply;
mod bad_input;
mod bench;
mod code;
mod commits;
mod delivery;
mod demo;
mod disk_full;
mod economy;
mod ending;
mod from;
mod hostile_recipes;
mod output;
mod read;
mod resume;
mod safety;
mod sandbox_exec;
mod screens;
mod spelling;
mod verify;
mod walls;

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_true() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
