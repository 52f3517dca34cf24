//! The registry of fixers: a folder a language, a file a fixer. A fixer's id is its file name, and its tests are its scenario folders in
//! `fixtures/fixers/<id>/`.
//!
//! The other files are what several fixers know of a language: its tokens, scopes, imports, manifests.

mod c;
mod dependencies;
mod fixer;
mod go;
mod javascript;
mod nearest_name;
mod python;
mod rust;
#[cfg(test)]
mod scenarios;
mod source;

pub(crate) use fixer::{FixContext, Fixer, Repair};

/// Returns all fixers. Where two know the same finding, both are asked, in this order.
pub(crate) fn all() -> impl Iterator<Item = &'static Fixer> {
    [rust::FIXERS, python::FIXERS, javascript::FIXERS, go::FIXERS, c::FIXERS, dependencies::FIXERS].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn an_id_is_one_fixer_and_every_scenario_is_of_a_fixer() {
        let ids: Vec<&str> = super::all().map(|fixer| fixer.id).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len());
        for folder in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/fixers")).unwrap() {
            let name = folder.unwrap().file_name();
            assert!(unique.contains(name.to_str().unwrap()), "{name:?} is no fixer");
        }
    }
}
