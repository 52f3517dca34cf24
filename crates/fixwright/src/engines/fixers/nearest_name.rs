//! Which name a misspelt one was meant to be: by edit distance, and only where there is no doubt.

use std::collections::BTreeSet;

/// Returns the one name of `known` that `name` is a slip of: one edit away (two for eight letters and more), a swap of neighbours being one, and no other
/// as near.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let length = name.chars().count();
    if length < 4 {
        return None;
    }
    let limit = if length < 8 { 1 } else { 2 };
    let known: BTreeSet<&str> = known.filter(|one| *one != name && one.chars().count() >= 3).collect();
    let mut ranked: Vec<(usize, &str)> = known
        .into_iter()
        .map(|one| (if one.eq_ignore_ascii_case(name) { 1 } else { strsim::osa_distance(name, one) }, one))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    ranked.sort_unstable();
    match ranked.as_slice() {
        [(_, only)] => Some(only),
        [(first, best), (second, _), ..] if first < second => Some(best),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_taken_when_there_is_one() {
        let near = |name: &str, known: &[&'static str]| nearest(name, known.iter().copied());
        assert_eq!(near("lenght", &["length", "width"]), Some("length"));
        assert_eq!(near("resutl", &["result"]), Some("result"));
        assert_eq!(near("valeu", &["value", "valid"]), Some("value"));
        assert_eq!(near("color", &["colors", "colour"]), None, "two are as near");
        assert_eq!(near("foo", &["for"]), None, "too short to tell");
        assert_eq!(near("session", &["version"]), None);
    }
}
