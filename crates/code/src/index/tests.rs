use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Digest, RepoPath};

use super::{Error, Index, LeftOut, Skip, Update};
use crate::lookup::tests::Tree;

fn path(path: &str) -> RepoPath {
    RepoPath::new(path).unwrap()
}

fn update(before: Option<Index>, tree: &Tree) -> Update {
    Index::update(before, &tree.entries(), &[], tree).unwrap()
}

/// All that can be asked of an index about some names, as text.
fn answers(index: &Index) -> String {
    let mut said = String::new();
    for name in ["f", "g", "h", "shared", "A", "moved"] {
        let targets = index.definitions(name).unwrap();
        said += &format!("{name}: {targets:?}\n{:?}\n", index.references(name, &targets).unwrap());
    }
    for file in index.files() {
        said += &format!("{}: {:?} {:?}\n", file.path, file.skipped(), index.outline(&file.path).unwrap());
    }
    said
}

fn numbered(count: usize) -> Tree {
    let files: Vec<(String, String)> = (0..count)
        .map(|n| {
            (
                format!("d{}/m{n}.py", n % 7),
                format!("import m{}\ndef f{n}(): shared(); f()\nclass A:\n    def g(self): f{n}()\n", n / 2),
            )
        })
        .collect();
    Tree::new(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
}

#[test]
fn an_update_reads_and_parses_only_what_changed() {
    let mut tree = numbered(50);
    let first = update(None, &tree);
    assert_eq!((first.tally.files, first.tally.read, first.tally.parsed), (50, 50, 50));
    let again = update(Some(first.index), &tree);
    assert_eq!((again.tally.files, again.tally.read, again.tally.parsed), (50, 0, 0));
    assert!(again.listing.is_none() && again.segment.is_none());
    tree.write("d0/m0.py", "def f(): pass\ndef moved(): pass\n");
    tree.write("new.py", "def h(): f()\n");
    // A file that was only moved is read, and known.
    let (text, _) = tree.0.remove(&path("d1/m1.py")).unwrap();
    tree.write("elsewhere/m1.py", &String::from_utf8(text).unwrap());
    let next = update(Some(again.index), &tree);
    assert_eq!((next.tally.files, next.tally.read, next.tally.parsed), (51, 3, 2));
    assert_eq!(next.index.segments().len(), 2);
    assert_eq!(answers(&next.index), answers(&tree.index()), "as if it were indexed at once");
}

#[test]
fn many_updates_end_as_one_index_of_the_whole() {
    let mut tree = numbered(20);
    let mut index = Some(update(None, &tree).index);
    let mut most = 0;
    for round in 0..30 {
        tree.write(&format!("d{}/m{}.py", round % 7, round % 20), &format!("def f(): g({round})\ndef g(x): shared()\n"));
        if round % 3 == 0 {
            tree.0.remove(&path(&format!("d{}/m{round}.py", round % 7)));
        }
        let next = update(index.take(), &tree).index;
        most = most.max(next.segments().len());
        assert_eq!(answers(&next), answers(&tree.index()), "round {round}");
        index = Some(next);
    }
    assert!((2..=8).contains(&most), "{most} segments");
}

#[test]
fn an_index_comes_back_from_its_bytes_and_damage_is_an_error() {
    let tree = numbered(40);
    let made = update(None, &tree);
    let (listing, (digest, segment)) = (made.listing.unwrap(), made.segment.unwrap());
    let open = |listing: &[u8], segment: Arc<[u8]>| {
        Index::open(listing, |asked| {
            assert_eq!(asked, digest);
            Ok(Box::new(Arc::clone(&segment)))
        })
    };
    assert_eq!(Digest::of(&segment), digest);
    assert_eq!(answers(&open(&listing, Arc::clone(&segment)).unwrap()), answers(&made.index));
    for at in 0..listing.len() {
        let mut damaged = listing.clone();
        damaged[at] ^= 1;
        assert!(open(&damaged, Arc::clone(&segment)).is_err());
    }
    assert!(matches!(open(b"", Arc::clone(&segment)), Err(Error::OtherVersion)));
    // Damage in a segment is found at the latest when it is read; it is never a panic, and never ends in a loop.
    for at in (0..segment.len()).step_by(3) {
        let mut damaged = segment.to_vec();
        damaged[at] ^= 0x55;
        for bytes in [damaged, segment[..at].to_vec()] {
            if let Ok(index) = open(&listing, bytes.into()) {
                let targets = index.definitions("f1").unwrap_or_default();
                let _ = index.references("shared", &targets);
                let _ = index.outline(&path("d1/m1.py"));
                let _ = index.similar("sharde", 0.7, 5);
            }
        }
    }
}

#[test]
fn hostile_files_are_left_out_or_read_within_bounds() {
    let mut tree = Tree::new(&[("good.c", "int f(void) { return 1; }\n")]);
    let nested = |open: &str, close: &str| format!("int x = {}1{};\n", open.repeat(10_000), close.repeat(10_000));
    // On many lines: long ones alone would leave them out.
    tree.write("brackets.c", &nested("(\n", ")\n"));
    tree.write("blocks.c", &format!("void f(void) {}{}\n", "{\n".repeat(10_000), "}\n".repeat(10_000)));
    tree.write("calls.py", &format!("{}1{}\n", "f(\n".repeat(10_000), ")\n".repeat(10_000)));
    tree.write("functions.js", &format!("{}{}\n", "function f(a) { a;\n".repeat(3_000), "}\n".repeat(3_000)));
    tree.write("line.js", &"a=b;".repeat(13 << 20));
    tree.write("nul.py", "a = 1\0\n");
    tree.write("long_name.py", &format!("def {}(): pass\n", "x".repeat(1 << 20)));
    tree.0.insert(path("latin.c"), (b"/* \xe9t\xe9 */ int g(void) { return f(); }\n".to_vec(), 1));
    tree.0.insert(path("noise.rs"), ((0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect(), 1));
    tree.0.insert(path("many_errors.rs"), ("fn ) ( impl {{ }} struct ;\n".repeat(20_000).into_bytes(), 1));
    let started = Instant::now();
    let skipped = [LeftOut { path: path("vendor"), why: Skip::Vendored }];
    let made = Index::update(None, &tree.entries(), &skipped, &tree).unwrap();
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let left: Vec<_> = made.index.files().iter().filter_map(|file| Some((file.path.as_str(), file.skipped()?))).collect();
    let certain = [("line.js", Skip::TooLarge), ("nul.py", Skip::Binary), ("vendor", Skip::Vendored)];
    assert!(certain.iter().all(|one| left.contains(one)), "{left:?}");
    assert!(made.index.file(&path("brackets.c")).is_some() && !left.iter().any(|(path, _)| *path == "brackets.c"), "{left:?}");
    let in_part: Vec<_> = made.index.files().iter().filter(|file| made.index.is_in_part(file)).collect();
    let in_part: Vec<_> = in_part.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(in_part, ["blocks.c", "calls.py", "functions.js"]);
    let f = made.index.definitions("f").unwrap();
    assert!(f.iter().any(|one| one.path.as_str() == "good.c"));
    let callers = made.index.callers("f", &f).unwrap();
    assert!(callers.iter().any(|one| one.path.as_str() == "latin.c"));
}
