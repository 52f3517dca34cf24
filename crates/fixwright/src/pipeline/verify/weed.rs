//! The gates that need no command, over the composed text.

use std::collections::BTreeSet;

use domain::Reason;

use super::Verifier;
use crate::pipeline::bisect::{Bisection, Suspect};
use crate::pipeline::items::ItemState;
use crate::pipeline::{safety, scope};
use crate::workspace::Changes;

impl Verifier {
    /// The gates that need no command, over the composed text: whoever breaks a file, deletes a test, silences a finding or lets the program
    /// do what it could not do before is cut.
    pub(super) fn weed_out(&mut self) {
        let keep = self.items.applied();
        let changes = self.items.render(&keep);
        let base = self.runner.base.files.clone();
        // Over the whole change first: what moves from file to file is no gain of either.
        let gained = safety::gains(&self.config, &self.runner.scans, &base, &changes);
        let losing = scope::lose_tests(&base, &changes);
        for path in changes.keys() {
            let is_losing = losing.contains(path);
            let is_gaining = gained.iter().any(|gain| gain.path == *path);
            let wrong = |keep: &BTreeSet<usize>| -> Option<(Reason, Option<u32>, String)> {
                let mut changes = self.items.render(keep);
                let is_losing = is_losing && scope::lose_tests(&base, &changes).contains(path);
                let after = changes.remove(path)?;
                let before = base.read(path);
                let mut faults = scope::faults(path, before.as_deref(), after.as_deref());
                faults.extend(is_losing.then_some((Reason::TestDeleted, None)));
                faults.extend(safety::issues(path, before.as_deref(), after.as_deref()));
                let fault = faults.into_iter().next();
                if let Some((reason, line)) = fault {
                    return Some((reason, line, path.to_string()));
                }
                let alone = Changes::from([(path.clone(), after)]);
                let gains = if is_gaining { safety::gains(&self.config, &self.runner.scans, &base, &alone) } else { Vec::new() };
                gains.first().map(|gain| (safety::reason_of_gain(gain), Some(gain.line), safety::in_words(gain)))
            };
            let Some((reason, line, because)) = wrong(&keep) else { continue };
            let near = line.map(|line| self.items.overlay.near(path, line)).unwrap_or_default();
            let nearest = near.iter().min_by_key(|(_, distance)| *distance).map(|(owner, _)| *owner);
            let in_file = self.items.overlay.owners_in(path);
            let bundles = self.items.applied_bundles().into_iter().filter(|members| !members.is_disjoint(&in_file));
            let suspect = |members: BTreeSet<usize>| {
                let is_nearest = nearest.is_some_and(|owner| members.contains(&owner));
                Suspect { doubt: u8::from(is_nearest), members }
            };
            let mut search = Bisection::new(bundles.map(suspect).collect(), BTreeSet::new());
            while let Some(together) = search.next() {
                let holds = wrong(&together).is_none();
                search.answer(holds);
            }
            for index in search.bad().iter().filter_map(BTreeSet::first) {
                if self.items.all[*index].state == ItemState::Applied {
                    self.items.withdraw(*index, reason, &because);
                }
            }
        }
    }
}
