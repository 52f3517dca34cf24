//! What lines of a log tell of its failure, as data, a file a group of rules that stand next to each other.
//!
//! The order is that of specificity: the first rule of which any line is found decides the class, by its last line. The weight is how
//! likely such a line is the one that a person would point at. Lines that only repeat that something failed (`make: *** Error 1`) weigh
//! little and come last.

mod code;
mod compilers;
mod crashes;
mod failing;
mod general;
mod runners;
mod scarce;
mod system;

use crate::log::rule::Rule;

/// All groups, the most specific first.
const GROUPS: [&[Rule]; 8] =
    [system::RULES, crashes::RULES, scarce::RULES, runners::RULES, code::RULES, failing::RULES, compilers::RULES, general::RULES];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
};

const ALL: [Rule; COUNT] = {
    let mut all = [GROUPS[0][0]; COUNT];
    let (mut at, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut rank = 0;
        while rank < GROUPS[group].len() {
            all[at] = GROUPS[group][rank];
            (at, rank) = (at + 1, rank + 1);
        }
        group += 1;
    }
    all
};

/// All rules, the most specific first.
pub(super) const RULES: &[Rule] = &ALL;
