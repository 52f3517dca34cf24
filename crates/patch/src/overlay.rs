//! The edits of many authors over one base, composed so that any subset can be rendered.
//!
//! Every region is kept in the coordinates of the *base*, whichever round added it. So to cut out one author, or to deliver a stack of
//! commits, is to render fewer regions; nothing is ever shifted or guessed.
//!
//! Two authors with the identical edit share a region, which stands while one of them does. An edit in a later round that touches what
//! an earlier author wrote cannot be told apart from it any more: the two are reported as linked and stand or fall together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use domain::{Edit, Files, RepoPath};

use crate::Refusal;

/// Names an author of edits: an index that the caller chooses.
pub type Owner = usize;

/// Which text the ranges of edits refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The base, before anything.
    Base,
    /// The text as all edits so far leave it.
    Now,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Region {
    /// Bytes of the base that are replaced.
    base: Range<usize>,
    /// What stands there.
    text: Vec<u8>,
    /// Whose edit it is: any one of them keeps it.
    owners: BTreeSet<Owner>,
}

/// The composed edits. See the module's text.
#[derive(Debug, Clone)]
pub struct Overlay {
    base: Files,
    files: BTreeMap<RepoPath, Vec<Region>>,
}

impl Overlay {
    /// Returns an overlay without edits.
    #[must_use]
    pub fn new(base: Files) -> Self {
        Self { base, files: BTreeMap::new() }
    }

    /// Adds the edits of `owner`, all or none. Returns the owners that it is linked with from now on.
    ///
    /// # Errors
    /// [`Refusal`] when an edit is out of range or changes nothing, when two of `edits` overlap, or (at the base) when one overlaps a
    /// region of another owner.
    pub fn add(&mut self, owner: Owner, edits: &[Edit], at: At) -> Result<BTreeSet<Owner>, Refusal> {
        let mut by_file: BTreeMap<&RepoPath, Vec<&Edit>> = BTreeMap::new();
        for edit in edits {
            by_file.entry(&edit.path).or_default().push(edit);
        }
        let mut linked = BTreeSet::new();
        let mut changed = Vec::new();
        for (path, mut edits) in by_file {
            edits.sort();
            edits.dedup();
            let base = self.base.read(path).unwrap_or_default();
            let mut regions = self.files.get(path).cloned().unwrap_or_default();
            let text = match at {
                At::Base => base.to_vec(),
                At::Now => render(&base, &regions, |_| true),
            };
            let mut end_before = 0;
            edits.retain(|edit| text.get(edit.range()) != Some(edit.text.as_bytes()));
            for edit in &edits {
                if edit.start > edit.end || edit.end > text.len() {
                    return Err(Refusal::OutOfRange { path: path.to_string(), start: edit.start, end: edit.end });
                }
                if edit.start < end_before {
                    return Err(Refusal::Overlap { path: path.to_string(), start: edit.start });
                }
                end_before = edit.end;
            }
            // From the back, so that positions in the current text stay right.
            for edit in edits.iter().rev() {
                match at {
                    At::Base => add_at_base(&mut regions, owner, edit)?,
                    At::Now => linked.extend(add_now(&base, &mut regions, owner, edit)),
                }
            }
            if !edits.is_empty() {
                changed.push((path.clone(), regions));
            }
        }
        if changed.is_empty() {
            return Err(Refusal::NoChange);
        }
        self.files.extend(changed);
        linked.remove(&owner);
        Ok(linked)
    }

    /// Takes out everything that only `gone` own.
    pub fn remove(&mut self, gone: &BTreeSet<Owner>) {
        for regions in self.files.values_mut() {
            for region in regions.iter_mut() {
                region.owners.retain(|owner| !gone.contains(owner));
            }
            regions.retain(|region| !region.owners.is_empty());
        }
        self.files.retain(|_, regions| !regions.is_empty());
    }

    /// Returns the files that differ from the base with the edits of those whom `keep` names, each with its new bytes.
    pub fn render(&self, keep: impl Fn(Owner) -> bool) -> BTreeMap<RepoPath, Arc<[u8]>> {
        let mut changed = BTreeMap::new();
        for (path, regions) in &self.files {
            let base = self.base.read(path);
            let text = render(base.as_deref().unwrap_or_default(), regions, &keep);
            if base.as_deref() != Some(&text) && !(base.is_none() && text.is_empty()) {
                changed.insert(path.clone(), text.into());
            }
        }
        changed
    }

    /// Returns the owners with edits in `path`, each with the distance in lines from `line` (from 1, of the current text) to its
    /// nearest region: 0 when the line is in it.
    #[must_use]
    pub fn near(&self, path: &RepoPath, line: u32) -> Vec<(Owner, u32)> {
        let Some(regions) = self.files.get(path) else { return Vec::new() };
        let base = self.base.read(path).unwrap_or_default();
        let mut nearest: BTreeMap<Owner, u32> = BTreeMap::new();
        let lines = |bytes: &[u8]| u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX);
        let (mut at, mut first) = (0, 1);
        for region in regions {
            first += lines(base.get(at..region.base.start).unwrap_or_default());
            let last = first + lines(&region.text);
            let distance = if line < first { first - line } else { line.saturating_sub(last) };
            for owner in &region.owners {
                nearest.entry(*owner).and_modify(|known| *known = distance.min(*known)).or_insert(distance);
            }
            (at, first) = (region.base.end, last);
        }
        nearest.into_iter().collect()
    }

    /// Returns the owners with edits in `path`.
    #[must_use]
    pub fn owners_in(&self, path: &RepoPath) -> BTreeSet<Owner> {
        self.files.get(path).into_iter().flatten().flat_map(|region| region.owners.iter().copied()).collect()
    }

    /// Returns the edits of those whom `keep` names, in the coordinates of the base.
    pub fn edits(&self, keep: impl Fn(Owner) -> bool) -> Vec<Edit> {
        self.files.keys().flat_map(|path| self.edits_in(path, &keep)).collect()
    }

    /// Returns those of the edits that are in one file.
    pub fn edits_in(&self, path: &RepoPath, keep: impl Fn(Owner) -> bool) -> Vec<Edit> {
        let of = |region: &Region| Edit::new(path, region.base.clone(), String::from_utf8_lossy(&region.text).into_owned());
        let kept = |region: &&Region| region.owners.iter().any(|owner| keep(*owner));
        self.files.get(path).into_iter().flatten().filter(kept).map(of).collect()
    }
}

fn render(base: &[u8], regions: &[Region], keep: impl Fn(Owner) -> bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(base.len());
    let mut at = 0;
    for region in regions.iter().filter(|region| region.owners.iter().any(|owner| keep(*owner))) {
        text.extend_from_slice(base.get(at..region.base.start).unwrap_or_default());
        text.extend_from_slice(&region.text);
        at = region.base.end;
    }
    text.extend_from_slice(base.get(at..).unwrap_or_default());
    text
}

/// Order of regions: by place; an insertion stands before a replacement that starts where it is.
fn key(region: &Region) -> (usize, usize) {
    (region.base.start, region.base.end)
}

fn add_at_base(regions: &mut Vec<Region>, owner: Owner, edit: &Edit) -> Result<(), Refusal> {
    let new = Region { base: edit.range(), text: edit.text.clone().into_bytes(), owners: [owner].into() };
    for region in regions.iter_mut() {
        if region.base == new.base && region.text == new.text {
            region.owners.insert(owner);
            return Ok(());
        }
        let both_insert_here = region.base.is_empty() && new.base.is_empty() && region.base.start == new.base.start;
        let overlap = region.base.start < new.base.end && new.base.start < region.base.end;
        let inside = |a: &Range<usize>, b: &Range<usize>| a.is_empty() && b.start < a.start && a.start < b.end;
        if both_insert_here || overlap || inside(&new.base, &region.base) || inside(&region.base, &new.base) {
            return Err(Refusal::Overlap { path: edit.path.to_string(), start: edit.start });
        }
    }
    let at = regions.partition_point(|region| key(region) < key(&new));
    regions.insert(at, new);
    Ok(())
}

/// Adds an edit whose range is in the current text. Regions that it touches melt into one with it; their owners are returned.
fn add_now(base: &[u8], regions: &mut Vec<Region>, owner: Owner, edit: &Edit) -> BTreeSet<Owner> {
    let (mut at, mut now) = (0, 0);
    let mut first_touched = None;
    let mut count = 0;
    let mut insert_at = regions.len();
    // Base and current position of the start of the first touched region, and of the end of the last one.
    let (mut from, mut to) = ((0, 0), (0, 0));
    // The last point before the edit at which both coordinates are known.
    let mut known = (0, 0);
    for (index, region) in regions.iter().enumerate() {
        now += region.base.start - at;
        let (start, end) = (now, now + region.text.len());
        let touches = if edit.start == edit.end || start == end {
            // An insertion, or a deletion already made: only strictly inside, or exactly where nothing is left to tell them apart.
            (start < edit.start && edit.start < end)
                || (edit.start < start && start < edit.end)
                || (start == end && start == edit.start)
        } else {
            start < edit.end && edit.start < end
        };
        if touches {
            if first_touched.is_none() {
                first_touched = Some(index);
                from = (region.base.start, start);
            }
            count += 1;
            to = (region.base.end, end);
        } else if end <= edit.start {
            known = (region.base.end, end);
        } else {
            insert_at = insert_at.min(index);
            if first_touched.is_some() {
                break;
            }
        }
        at = region.base.end;
        now = end;
    }
    let Some(first) = first_touched else {
        let start = known.0 + (edit.start - known.1);
        let new =
            Region { base: start..start + (edit.end - edit.start), text: edit.text.clone().into_bytes(), owners: [owner].into() };
        regions.insert(insert_at, new);
        return BTreeSet::new();
    };
    let current = render(base, regions, |_| true);
    // Widen to whole regions; what lies outside of them is base text, byte for byte.
    let start_now = from.1.min(edit.start);
    let start_base = from.0 - (from.1 - start_now);
    let end_now = to.1.max(edit.end);
    let end_base = to.0 + (end_now - to.1);
    let mut text = current.get(start_now..edit.start).unwrap_or_default().to_vec();
    text.extend_from_slice(edit.text.as_bytes());
    text.extend_from_slice(current.get(edit.end..end_now).unwrap_or_default());
    let mut owners: BTreeSet<Owner> = regions.drain(first..first + count).flat_map(|region| region.owners).collect();
    let linked = owners.clone();
    owners.insert(owner);
    regions.insert(first, Region { base: start_base..end_base, text, owners });
    linked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path() -> RepoPath {
        RepoPath::new("f").unwrap()
    }

    fn overlay(text: &str) -> Overlay {
        Overlay::new(Files::from_map([(path(), text.as_bytes().to_vec())].into()))
    }

    fn edit(range: Range<usize>, text: &str) -> Edit {
        Edit::new(&path(), range, text)
    }

    fn shown(overlay: &Overlay, keep: impl Fn(Owner) -> bool) -> String {
        let base = String::from_utf8(overlay.base.read(&path()).unwrap().to_vec()).unwrap();
        overlay.render(keep).remove(&path()).map_or(base, |bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn any_subset_can_be_rendered() {
        let mut o = overlay("abcdef");
        o.add(1, &[edit(0..1, "AA")], At::Base).unwrap();
        o.add(2, &[edit(3..4, "")], At::Base).unwrap();
        assert_eq!(shown(&o, |_| true), "AAbcef");
        assert_eq!(shown(&o, |owner| owner == 2), "abcef");
        o.remove(&[1].into());
        assert_eq!(shown(&o, |_| true), "abcef");
    }

    #[test]
    fn a_later_edit_elsewhere_is_kept_apart() {
        let mut o = overlay("abcdef");
        o.add(1, &[edit(0..1, "AAA")], At::Base).unwrap();
        assert_eq!(o.add(2, &[edit(7..8, "F")], At::Now).unwrap(), BTreeSet::new());
        assert_eq!(shown(&o, |_| true), "AAAbcdeF");
        assert_eq!(shown(&o, |owner| owner == 2), "abcdeF");
    }

    #[test]
    fn a_later_edit_in_the_same_place_is_linked() {
        let mut o = overlay("abcdef");
        o.add(1, &[edit(1..3, "BBCC")], At::Base).unwrap();
        assert_eq!(o.add(2, &[edit(3..6, "x")], At::Now).unwrap(), [1].into());
        assert_eq!(shown(&o, |_| true), "aBBxef");
        o.remove(&[1, 2].into());
        assert_eq!(shown(&o, |_| true), "abcdef");
    }

    #[test]
    fn identical_edits_are_shared_and_others_refused_whole() {
        let mut o = overlay("abcdef");
        o.add(1, &[edit(1..3, "")], At::Base).unwrap();
        o.add(2, &[edit(1..3, "")], At::Base).unwrap();
        let refused = o.add(3, &[edit(5..6, "!"), edit(2..4, "x")], At::Base);
        assert_eq!(refused, Err(Refusal::Overlap { path: "f".into(), start: 2 }));
        o.remove(&[1].into());
        assert_eq!(shown(&o, |_| true), "adef");
    }

    #[test]
    fn nothing_is_no_change_and_too_far_is_refused() {
        let mut o = overlay("abc");
        assert_eq!(o.add(1, &[edit(0..1, "a")], At::Base), Err(Refusal::NoChange));
        assert!(matches!(o.add(1, &[edit(2..9, "a")], At::Base), Err(Refusal::OutOfRange { .. })));
    }

    #[test]
    fn distance_is_in_lines_of_the_current_text() {
        let mut o = overlay("1\n2\n3\n4\n5\n");
        o.add(7, &[edit(2..3, "two\nand\nmore")], At::Base).unwrap();
        assert_eq!(o.near(&path(), 3), [(7, 0)]);
        assert_eq!(o.near(&path(), 6), [(7, 2)]);
        assert_eq!(o.near(&path(), 1), [(7, 1)]);
    }

    proptest! {
        /// Edits in the coordinates of the current text give what splicing them one after the other gives, and taking everything out
        /// gives the base again.
        #[test]
        fn composition_is_splicing(
            base in "[a-z]{0,20}",
            steps in prop::collection::vec((0_usize..40, 0_usize..6, "[A-Z]{0,4}"), 0..12),
        ) {
            let mut o = overlay(&base);
            let mut text = base.clone();
            for (owner, (start, len, new)) in steps.iter().enumerate() {
                let start = (*start).min(text.len());
                let end = (start + len).min(text.len());
                if o.add(owner, &[edit(start..end, new)], At::Now).is_ok() {
                    text.replace_range(start..end, new);
                }
                prop_assert_eq!(shown(&o, |_| true), text.clone());
                let regions = o.files.get(&path()).cloned().unwrap_or_default();
                prop_assert!(regions.windows(2).all(|pair| pair[0].base.end <= pair[1].base.start));
            }
            o.remove(&(0..steps.len()).collect());
            prop_assert_eq!(shown(&o, |_| true), base);
        }

        /// Disjoint edits at the base give the same text in any order of adding.
        #[test]
        fn order_does_not_matter(cuts in prop::collection::btree_set(0_usize..30, 2..10), seed in any::<u64>()) {
            let base: String = ('a'..='z').chain('0'..='9').collect();
            let cuts: Vec<usize> = cuts.into_iter().collect();
            let mut edits: Vec<Edit> = cuts.chunks_exact(2).map(|c| edit(c[0]..c[1], "-")).collect();
            let mut one = overlay(&base);
            for (owner, e) in edits.iter().enumerate() {
                one.add(owner, std::slice::from_ref(e), At::Base).unwrap();
            }
            let turn = usize::try_from(seed % edits.len() as u64).unwrap();
            edits.rotate_left(turn);
            let mut other = overlay(&base);
            for (owner, e) in edits.iter().enumerate() {
                other.add(owner, std::slice::from_ref(e), At::Base).unwrap();
            }
            prop_assert_eq!(shown(&one, |_| true), shown(&other, |_| true));
        }
    }
}
