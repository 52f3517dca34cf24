//! For tests only: repositories made to order, and a look at what a test left behind.
//!
//! Everything here panics where it fails, with what git said: a test that cannot be set up has failed.

#![expect(clippy::expect_used, reason = "for tests only")]

mod processes;
mod repo;
mod snapshot;
mod tools;

pub use processes::processes_with;
pub use repo::Repo;
pub use tools::Tools;
