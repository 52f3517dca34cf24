//! A map of a tree for a prompt: its most referred-to definitions, in as many tokens as there are.
//!
//! Files are ranked by who refers to what they define, from the place that the prompt is about outwards, and definitions by the share of
//! that rank that flows through their names.

mod graph;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{Language, RepoPath};
use serde::Serialize;

use crate::Symbol;
use crate::index::{Error, Index, Place};
use crate::outline::{DECLARATION, Kind};
use graph::Graph;

/// What a map is about.
#[derive(Debug, Clone, Default)]
pub struct Focus {
    /// Files that the reader has at hand: what they refer to comes first.
    pub files: Vec<RepoPath>,
    /// Names that the reader knows of.
    pub names: Vec<String>,
}

/// A definition and its share of the rank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// From 0 to 1; all of a tree add up to about one.
    pub rank: f64,
    /// The definition.
    #[serde(flatten)]
    pub symbol: Symbol,
}

/// Definitions that a map may show: more than any prompt holds.
const MAX_SHOWN: usize = 5000;
/// What a name is worth more when the reader knows it.
const KNOWN: f64 = 10.0;
/// What a definition of the tests is worth, unless the map is about tests.
const TESTS: f64 = 0.2;
/// Bytes in a token, as a rule of thumb for code.
const TOKEN: usize = 4;

impl Index {
    /// Returns the definitions of the tree by their rank, the highest first, up to a few thousand.
    ///
    /// # Errors
    /// [`Error`] when the index cannot be read.
    pub fn ranked(&self, focus: &Focus) -> Result<Vec<Ranked>, Error> {
        let graph = Graph::of(self, focus)?;
        let shares = graph.shares(&graph.ranks(), MAX_SHOWN);
        let mut by_place: HashMap<Place, Vec<(u32, f64)>> = HashMap::new();
        for (place, name, share) in shares {
            by_place.entry(place).or_default().push((name, share));
        }
        let known: HashSet<&RepoPath> = focus.files.iter().collect();
        let of_tests = focus.files.iter().any(is_of_tests);
        let mut ranked = Vec::new();
        for (place, names) in by_place {
            self.open_file(place, |file| {
                for (name, share) in names {
                    let Some(name) = file.place_of(name) else { continue };
                    let all = file.facts.definitions.iter().enumerate();
                    let is_inner = |parent: Option<u32>| {
                        let parent = parent.and_then(|at| file.facts.definitions.get(at as usize));
                        parent.is_some_and(|parent| parent.kind.is_function())
                    };
                    let is_plain = |kind: Kind| file.language != Language::Bash || kind != Kind::Variable;
                    // What the reader has at hand needs no mention, and what only a function knows is no help.
                    let wanted = all.filter(|(_, one)| {
                        one.name == name && is_shown(one.kind, one.flags) && !is_inner(one.parent) && is_plain(one.kind)
                    });
                    for (at, _) in wanted {
                        for path in file.paths().filter(|path| !known.contains(path)).take(1) {
                            let rank = if of_tests || !is_of_tests(path) { share } else { share * TESTS };
                            ranked.push(Ranked { rank, symbol: file.symbol(at, path)? });
                        }
                    }
                }
                Ok(())
            })?;
        }
        ranked.sort_by(|a, b| {
            b.rank.total_cmp(&a.rank).then_with(|| (&a.symbol.path, a.symbol.line).cmp(&(&b.symbol.path, b.symbol.line)))
        });
        ranked.truncate(MAX_SHOWN);
        Ok(ranked)
    }
}

/// Says whether a file belongs to tests, by its name and folders.
fn is_of_tests(path: &RepoPath) -> bool {
    let name = path.file_name();
    let stem = name.split('.').next().unwrap_or_default();
    let folder = |part: &str| matches!(part, "test" | "tests" | "__tests__" | "testing" | "spec" | "testdata");
    path.parent().split('/').any(folder)
        || stem.starts_with("test_")
        || ["_test", "_tests", "Test", "Tests", "_unittest", "_spec"].iter().any(|end| stem.ends_with(end))
        || name.contains(".test.")
        || name.contains(".spec.")
}

fn is_shown(kind: Kind, flags: u16) -> bool {
    flags & DECLARATION == 0 && !matches!(kind, Kind::Impl | Kind::Test | Kind::Module)
}

/// Writes as much of a ranking as fits `tokens`, as agents read it: a file, and below it the heads of its definitions with `⋮` where something
/// is left out. `head` gives the line of a definition.
///
/// Returns the text and how many definitions are in it.
#[must_use]
pub fn render(ranked: &[Ranked], tokens: usize, head: &dyn Fn(&Symbol) -> Option<String>) -> (String, usize) {
    let heads: Vec<Option<String>> = ranked.iter().map(|one| shown(one, head)).collect();
    // What a definition costs is known only with its neighbours, so the number that fits is searched for.
    let (mut low, mut high) = (0, ranked.len());
    let fits = |count: usize| write(ranked, &heads, count).len().div_ceil(TOKEN) <= tokens;
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    (write(ranked, &heads, low), low)
}

/// Returns the line that stands for a definition; none for a macro without a value, which guards a header or is a switch.
fn shown(one: &Ranked, head: &dyn Fn(&Symbol) -> Option<String>) -> Option<String> {
    const WIDTH: usize = 100;
    let symbol = &one.symbol;
    let text = head(symbol).map(|line| line.trim_end().to_owned()).filter(|line| !line.trim().is_empty());
    let text = text.unwrap_or_else(|| format!("{} {}", symbol.kind.word(), symbol.name));
    if symbol.kind == Kind::Macro && text.trim_start().starts_with('#') && text.ends_with(symbol.name.as_str()) {
        return None;
    }
    let cut = text.char_indices().nth(WIDTH).map_or(text.len(), |(at, _)| at);
    Some(format!("│{}", text.get(..cut).unwrap_or(&text)))
}

fn write(ranked: &[Ranked], heads: &[Option<String>], count: usize) -> String {
    let mut files: BTreeMap<&RepoPath, BTreeMap<u32, &str>> = BTreeMap::new();
    let mut order: Vec<&RepoPath> = Vec::new();
    for (one, head) in ranked.iter().zip(heads).take(count).filter_map(|(one, head)| Some((one, head.as_ref()?))) {
        let path = &one.symbol.path;
        files
            .entry(path)
            .or_insert_with(|| {
                order.push(path);
                BTreeMap::new()
            })
            .insert(one.symbol.name_line, head);
    }
    let mut text = String::new();
    for path in order {
        text += &format!("{path}:\n");
        let mut last = 0;
        for (line, head) in files.remove(path).unwrap_or_default() {
            if line > last + 1 {
                text += "⋮\n";
            }
            text += head;
            text.push('\n');
            last = line;
        }
        text += "⋮\n\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::tests::Tree;

    fn tree() -> Tree {
        Tree::new(&[
            ("core.py", "def base(): pass\nclass Store:\n    def get(self): return base()\ndef unused(): pass\n"),
            ("a.py", "from core import base, Store\ndef a(): base(); Store().get()\n"),
            ("b.py", "from core import base\ndef b(): base()\n"),
            ("c.py", "from b import b\ndef c(): b()\n"),
            ("far.py", "def far(): near()\n"),
            ("near.py", "def near(): pass\n"),
        ])
    }

    fn names(ranked: &[Ranked]) -> Vec<&str> {
        ranked.iter().map(|one| one.symbol.name.as_str()).collect()
    }

    #[test]
    fn what_is_referred_to_most_comes_first() {
        let ranked = tree().index().ranked(&Focus::default()).unwrap();
        assert_eq!(names(&ranked)[0], "base");
        assert!(!names(&ranked).contains(&"unused"));
        assert!(ranked.iter().map(|one| one.rank).sum::<f64>() <= 1.0 + 1e-6);
    }

    #[test]
    fn a_focus_draws_in_what_its_files_refer_to() {
        let focus = Focus { files: vec![RepoPath::new("far.py").unwrap()], ..Focus::default() };
        let ranked = tree().index().ranked(&focus).unwrap();
        assert_eq!(names(&ranked)[0], "near");
        let of_store = |focus: &Focus| {
            let ranked = tree().index().ranked(focus).unwrap();
            ranked.into_iter().find(|one| one.symbol.name == "Store").unwrap().rank
        };
        let focus = Focus { names: vec!["Store".to_owned()], ..Focus::default() };
        assert!(of_store(&focus) > 1.5 * of_store(&Focus::default()), "a name that the reader knows is worth more");
    }

    #[test]
    fn a_map_leaves_out_what_helps_nobody() {
        let tree = Tree::new(&[
            ("src/a.h", "#ifndef SRC_A_H\n#define SRC_A_H\n#define LIMIT 3\nint helper(int a);\n#endif\n"),
            ("src/a.c", "#include \"a.h\"\nint helper(int a) { return LIMIT; }\n"),
            ("src/b.c", "#include \"a.h\"\nint user(void) { return helper(LIMIT); }\n"),
            ("src/run.sh", "helper=1\necho $helper\n"),
            ("pkg/m.py", "def helper_of_m(): pass\n"),
            (
                "tests/test_m.py",
                "def test_it():\n    def inside(): pass\n    inside()\n    helper_of_m()\n    shared()\ndef shared(): pass\n",
            ),
            ("pkg/n.py", "def n():\n    helper_of_m()\n    shared()\n    inside()\n"),
        ]);
        let ranked = tree.index().ranked(&Focus::default()).unwrap();
        let paths: Vec<_> = ranked.iter().map(|one| format!("{} {}", one.symbol.path, one.symbol.name)).collect();
        assert!(paths.contains(&"src/a.c helper".to_owned()) && !paths.contains(&"src/run.sh helper".to_owned()), "{paths:?}");
        assert!(!names(&ranked).contains(&"inside"), "{paths:?}");
        let at = |name: &str| paths.iter().position(|path| path.ends_with(name)).unwrap();
        assert!(at("helper_of_m") < at("shared"), "{paths:?}");
        let head = |symbol: &Symbol| Some(format!("#define {}{}", symbol.name, if symbol.name == "LIMIT" { " 3" } else { "" }));
        let (text, _) = render(&ranked, 1000, &head);
        assert!(text.contains("LIMIT 3") && !text.contains("SRC_A_H"), "{text}");
    }

    #[test]
    fn a_map_fits_its_budget() {
        let ranked = tree().index().ranked(&Focus::default()).unwrap();
        let head = |symbol: &Symbol| Some(format!("def {}():", symbol.name));
        let mut last = 0;
        for tokens in [0, 5, 10, 20, 50, 1000] {
            let (text, count) = render(&ranked, tokens, &head);
            assert!(text.len().div_ceil(TOKEN) <= tokens, "{tokens}: {text}");
            assert!(count >= last);
            last = count;
        }
        assert_eq!(last, ranked.len());
        let (text, _) = render(&ranked, 1000, &head);
        assert!(text.starts_with("core.py:\n│def base():\n│def Store():\n│def get():\n⋮\n"), "{text}");
    }
}
