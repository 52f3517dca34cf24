//! The difference of two multisets: what a change adds to what was there, however it was moved.

use std::collections::HashMap;
use std::hash::Hash;

/// Takes the pairs with equal keys out of both lists. Returns how many there were.
pub(crate) fn cancel<T, K: Eq + Hash>(new: &mut Vec<T>, old: &mut Vec<T>, key: impl Fn(&T) -> K) -> usize {
    let mut unpaired: HashMap<K, usize> = HashMap::new();
    for one in &*old {
        *unpaired.entry(key(one)).or_default() += 1;
    }
    let mut paired: HashMap<K, usize> = HashMap::new();
    let before = new.len();
    new.retain(|one| {
        let is_paired = take(&mut unpaired, &key(one));
        if is_paired {
            *paired.entry(key(one)).or_default() += 1;
        }
        !is_paired
    });
    old.retain(|one| !take(&mut paired, &key(one)));
    before - new.len()
}

/// Takes one of a kind away. Returns `false` where there is none left.
fn take<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) -> bool {
    match counts.get_mut(key) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_go_from_one_list_as_from_the_other() {
        let (mut new, mut old) = (vec!["a", "b", "a", "a"], vec!["c", "a", "a", "b"]);
        assert_eq!(cancel(&mut new, &mut old, |one| *one), 3);
        assert_eq!((new, old), (vec!["a"], vec!["c"]));
    }

    #[test]
    fn what_is_paired_is_up_to_the_key() {
        let (mut new, mut old) = (vec!["ab", "cd"], vec!["ax"]);
        assert_eq!(cancel(&mut new, &mut old, |one| one.chars().next()), 1);
        assert_eq!((new, old), (vec!["cd"], vec![]));
    }
}
