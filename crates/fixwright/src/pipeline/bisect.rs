//! The search for the bad ones among candidates that hold one by one, for all anyone knows, and not together.
//!
//! Zeller's delta debugging for many culprits, as merge queues use it: halve, keep what holds, and search the half that does not. Whoever is
//! doubted more stands apart from the start, so that a good guess costs one question; and a half is not asked about when its sibling
//! held and both together did not.

use std::collections::{BTreeSet, VecDeque};

/// Candidates that stand or fall together, and how much they are doubted.
#[derive(Debug, Clone)]
pub(crate) struct Suspect {
    pub(crate) members: BTreeSet<usize>,
    pub(crate) doubt: u8,
}

/// A search in progress: ask [`next`](Self::next), check, tell [`answer`](Self::answer), until there is nothing to ask.
pub(crate) struct Bisection {
    good: BTreeSet<usize>,
    bad: Vec<BTreeSet<usize>>,
    /// The group to be decided next is the last.
    groups: Vec<Group>,
    asked: Option<Group>,
}

struct Group {
    suspects: VecDeque<Suspect>,
    /// It does not hold on top of the good ones.
    is_bad: bool,
    /// The group before it on the stack is the other half of what does not hold together.
    has_sibling: bool,
}

impl Bisection {
    /// Begins a search among suspects that together do not hold, on top of `good` ones that do.
    pub(crate) fn new(mut suspects: Vec<Suspect>, good: BTreeSet<usize>) -> Self {
        suspects.sort_by_key(|suspect| suspect.doubt);
        let all = Group { suspects: suspects.into(), is_bad: true, has_sibling: false };
        Self { good, bad: Vec::new(), groups: vec![all], asked: None }
    }

    /// Returns the candidates to check together next; `None` when the search is over.
    pub(crate) fn next(&mut self) -> Option<BTreeSet<usize>> {
        while let Some(group) = self.groups.pop() {
            if group.suspects.is_empty() {
                continue;
            }
            if !group.is_bad {
                let mut together = self.good.clone();
                together.extend(group.suspects.iter().flat_map(|suspect| &suspect.members));
                self.asked = Some(group);
                return Some(together);
            }
            self.divide(group);
        }
        None
    }

    /// Tells whether what was asked about holds.
    pub(crate) fn answer(&mut self, holds: bool) {
        let Some(group) = self.asked.take() else { return };
        if !holds {
            if group.has_sibling {
                self.put_off_last();
            }
            self.groups.push(Group { is_bad: true, ..group });
            return;
        }
        self.good.extend(group.suspects.into_iter().flat_map(|suspect| suspect.members));
        if group.has_sibling
            && let Some(sibling) = self.groups.last_mut()
        {
            sibling.is_bad = true;
        }
    }

    /// Joins the last group, of which nothing is known, with all others of which nothing is known: most likely they hold together.
    fn put_off_last(&mut self) {
        let Some(last) = self.groups.pop() else { return };
        let mut rest = self.groups.pop().map(|group| group.suspects).unwrap_or_default();
        let mut suspects = last.suspects;
        suspects.append(&mut rest);
        self.groups.push(Group { suspects, is_bad: false, has_sibling: false });
    }

    /// Returns the bad ones.
    pub(crate) fn bad(self) -> Vec<BTreeSet<usize>> {
        self.bad
    }

    fn divide(&mut self, group: Group) {
        let mut first = group.suspects;
        if first.len() <= 1 {
            self.bad.extend(first.pop_front().map(|suspect| suspect.members));
            return;
        }
        let most = first.back().map_or(0, |suspect| suspect.doubt);
        let doubted = first.iter().position(|suspect| suspect.doubt == most).unwrap_or(0);
        let second = first.split_off(if doubted == 0 { first.len() / 2 } else { doubted });
        self.groups.push(Group { suspects: second, is_bad: false, has_sibling: false });
        self.groups.push(Group { suspects: first, is_bad: false, has_sibling: true });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(doubts: &[u8], is_bad: impl Fn(&BTreeSet<usize>) -> bool) -> (BTreeSet<usize>, usize) {
        let one = |(index, doubt): (usize, &u8)| Suspect { members: [index].into(), doubt: *doubt };
        let mut search = Bisection::new(doubts.iter().enumerate().map(one).collect(), BTreeSet::new());
        let mut asked = 0;
        while let Some(together) = search.next() {
            asked += 1;
            search.answer(!is_bad(&together));
        }
        (search.bad().into_iter().flatten().collect(), asked)
    }

    proptest! {
        #[test]
        fn the_bad_ones_are_found_at_the_price_of_the_bad_ones(
            doubts in prop::collection::vec(0..3_u8, 1..200), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        ) {
            let bad: BTreeSet<usize> = picks.iter().map(|pick| pick.index(doubts.len())).collect();
            let (found, asked) = search(&doubts, |together| !together.is_disjoint(&bad));
            prop_assert_eq!(&found, &bad);
            // One question a level, one for the rest, and the levels that the degrees of doubt add.
            let levels = doubts.len().ilog2() as usize + 5;
            prop_assert!(asked <= bad.len() * levels, "{} questions for {} of {}", asked, bad.len(), doubts.len());
        }

        #[test]
        fn of_two_that_clash_one_is_named(count in 2..100_usize, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
            let (a, b) = (a.index(count), b.index(count));
            prop_assume!(a != b);
            let (found, _) = search(&vec![0; count], |together| together.contains(&a) && together.contains(&b));
            prop_assert!(found == [a].into() || found == [b].into());
        }
    }

    #[test]
    fn a_good_guess_costs_one_question_and_a_lone_culprit_the_depth() {
        let mut doubts = vec![0; 128];
        assert!(search(&doubts, |together| together.contains(&77)).1 <= 8);
        doubts[77] = 1;
        assert_eq!(search(&doubts, |together| together.contains(&77)).1, 1);
    }
}
