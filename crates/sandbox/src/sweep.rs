//! Finds and kills what no supervisor watches any more, by the mark that every process of a run carries in its environment.
//!
//! The ordinary end of a run needs none of this: its supervisor is the parent of all that was orphaned, and knows when nothing is left.
//! This is for a supervisor that was killed, and for the next start after fixwright itself was killed together with one.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use crate::procfs::{Entry, Table};

/// The variable whose value marks the processes of a run: `<mark>-<caller's process number>-<number of the run>`.
pub const MARK: &str = "FIXWRIGHT_MARK";

/// How long the dying may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Between two looks at what is still dying.
const PAUSE: Duration = Duration::from_millis(1);

/// Kills what killed runs left behind: every process whose mark starts with `mark_prefix`, and their descendants. Returns how many.
///
/// The caller sees to it that no other living fixwright runs commands under that prefix, and that no other mark begins with it (a mark
/// `abc` is a prefix of a mark `abcd`; `abc-` is not). This process and those that it descends from are never killed; an empty prefix
/// means nothing.
#[must_use]
pub fn sweep(mark_prefix: &str) -> usize {
    if mark_prefix.is_empty() {
        return 0;
    }
    let marked = |entry: &Entry| entry.has_variable(MARK, |mark| mark.starts_with(mark_prefix.as_bytes()));
    kill_until_gone(|table| table.living().filter(|entry| marked(entry)).map(|entry| entry.pid).collect()).killed
}

/// Kills what a run left behind: all under its supervisor, in the supervisor's session, or with the run's mark. The supervisor is spared,
/// since what is orphaned meanwhile goes to it; its number must not have been given up yet (by waiting for it). Returns whether nothing
/// is left.
pub(crate) fn kill_run(supervisor: i32, mark: &str) -> bool {
    let ours = |entry: &Entry| entry.session == supervisor || entry.has_variable(MARK, |value| value == mark.as_bytes());
    kill_until_gone(|table| {
        let mut found: BTreeSet<_> = table.living().filter(|entry| ours(entry)).map(|entry| entry.pid).collect();
        found.extend(table.descendants(&BTreeSet::from([supervisor])));
        found.remove(&supervisor);
        found
    })
    .none_left
}

struct Killed {
    killed: usize,
    none_left: bool,
}

fn kill_until_gone(find: impl Fn(&Table) -> BTreeSet<i32>) -> Killed {
    let until = Instant::now() + PATIENCE;
    let me = Pid::this().as_raw();
    let mut seen = BTreeSet::new();
    loop {
        let table = Table::read();
        let spared = table.lineage(me);
        let mut doomed: BTreeSet<_> = find(&table).difference(&spared).copied().collect();
        doomed.extend(table.descendants(&doomed).difference(&spared));
        let doomed: Vec<_> = table.living().filter(|entry| doomed.contains(&entry.pid)).collect();
        if doomed.is_empty() || Instant::now() >= until {
            return Killed { killed: seen.len(), none_left: doomed.is_empty() };
        }
        for entry in doomed {
            seen.insert(entry.pid);
            entry.kill();
        }
        thread::sleep(PAUSE);
    }
}
