use std::collections::BTreeMap;

use domain::RepoPath;

use super::{Certainty, Symbol};
use crate::index::{Content, Entry, Index, Read, Skip};

/// A tree in memory.
pub(crate) struct Tree(pub(crate) BTreeMap<RepoPath, (Vec<u8>, u64)>);

impl Tree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), (text.as_bytes().to_vec(), 1))).collect())
    }

    pub(crate) fn write(&mut self, path: &str, text: &str) {
        let stamp = self.0.values().map(|(_, stamp)| *stamp).max().unwrap_or(0) + 1;
        self.0.insert(RepoPath::new(path).unwrap(), (text.as_bytes().to_vec(), stamp));
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.iter().map(|(path, (_, stamp))| Entry { path: path.clone(), stamp: Some(*stamp) }).collect()
    }

    pub(crate) fn index(&self) -> Index {
        Index::update(None, &self.entries(), &[], self).unwrap().index
    }
}

impl Read for Tree {
    fn read(&self, path: &RepoPath) -> Result<Content, Skip> {
        let (text, stamp) = self.0.get(path).ok_or(Skip::Unreadable)?;
        Ok(Content { text: text.clone(), stamp: Some(*stamp) })
    }
}

/// Shows the callers of what `name` defines in `path`: `file:line in function` with `?` where it is not sure.
fn callers(index: &Index, name: &str, path: &str) -> Vec<String> {
    let targets: Vec<Symbol> = index.definitions(name).unwrap().into_iter().filter(|one| one.path.as_str() == path).collect();
    assert!(!targets.is_empty(), "{name} is not defined in {path}");
    let show = |one: super::Mention| {
        let inside = one.inside.map(|inside| format!(" in {}", inside.full_name())).unwrap_or_default();
        format!("{}:{}{inside}{}", one.path, one.line, if one.certainty == Certainty::Possible { " ?" } else { "" })
    };
    index.callers(name, &targets).unwrap().into_iter().map(show).collect()
}

#[test]
fn all_bodies_of_a_name_are_found_whatever_the_conditions_are() {
    let text = "#ifdef A\nint f(int a) { return 1; }\n#else\nint f(int a) { return 2; }\n#endif\n";
    let index = Tree::new(&[("a.c", text), ("a.h", "int f(int a);\n"), ("b.c", "static int f(void) { return 3; }\n")]).index();
    let found = index.definitions("f").unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.line, one.declaration, one.local)).collect();
    assert_eq!(found, [("a.c", 2, false, false), ("a.c", 4, false, false), ("b.c", 1, false, true), ("a.h", 1, true, false)]);
    let java = "class A {\n  int g(int a) { return 1; }\n  int g(String a) { return 2; }\n}\nclass B { int g() { return 3; } }\n";
    let index = Tree::new(&[("A.java", java)]).index();
    assert_eq!(index.definitions("g").unwrap().len(), 3);
    assert_eq!(index.definitions("A.g").unwrap().len(), 2);
    assert_eq!(index.definitions("B#g").unwrap().len(), 1);
    assert_eq!(index.definitions("C.g").unwrap(), []);
}

#[test]
fn c_functions_are_told_apart_by_linkage() {
    let index = Tree::new(&[
        ("a.c", "static int f(void) { return 1; }\nint user_a(void) { return f(); }\n"),
        ("b.c", "int f(void) { return 2; }\nint user_b(int x) { return f() + x; }\n"),
        (
            "c.c",
            "#include \"b.h\"\nint user_c(struct ops *o) { o->f(); return f(); }\nint local(int (*f)(void)) { return f(); }\n",
        ),
        ("b.h", "int f(void);\nstatic inline int once(void) { return 1; }\n#define TWICE(x) (f() + (x))\n"),
        ("d.c", "int user_d(void) { return TWICE(once()); }\n"),
        ("e.py", "f()\n"),
    ])
    .index();
    assert_eq!(callers(&index, "f", "a.c"), ["a.c:2 in user_a"]);
    assert_eq!(callers(&index, "f", "b.c"), ["b.c:2 in user_b", "b.h:3 in TWICE", "c.c:2 in user_c"]);
    assert_eq!(callers(&index, "TWICE", "b.h"), ["d.c:1 in user_d"]);
    assert_eq!(callers(&index, "once", "b.h"), ["d.c:1 in user_d"]);
}

#[test]
fn what_a_file_of_c_includes_is_a_part_of_it() {
    let index = Tree::new(&[
        ("mm/whole.c", "static int f(void) { return 1; }\n#include \"part.c\"\n"),
        ("mm/part.c", "int g(void) { return f(); }\n"),
        ("mm/other.c", "int h(void) { return f(); }\n"),
    ])
    .index();
    assert_eq!(callers(&index, "f", "mm/whole.c"), ["mm/part.c:1 in g"]);
}

#[test]
fn python_calls_follow_imports_and_classes() {
    let index = Tree::new(&[
        ("pkg/__init__.py", ""),
        ("pkg/util.py", "def helper(): pass\nclass Tool:\n    def run(self): self.step()\n    def step(self): pass\n"),
        ("pkg/a.py", "from .util import helper as h, Tool\ndef go():\n    h()\n    helper()\n    Tool.run(1)\n    x = Tool()\n    x.run()\n"),
        ("b.py", "import pkg.util as u\ndef go():\n    u.helper()\n    other.helper()\n"),
        ("c.py", "from elsewhere import helper\nhelper()\n"),
        ("d.py", "def helper(): pass\ndef go(): helper()\n"),
        ("e.py", "def go(helper): helper()\n"),
        ("f.py", "class Other:\n    def step(self): self.step()\n"),
    ])
    .index();
    assert_eq!(callers(&index, "helper", "pkg/util.py"), ["b.py:3 in go", "pkg/a.py:3 in go"]);
    assert_eq!(callers(&index, "helper", "d.py"), ["d.py:2 in go"]);
    assert_eq!(callers(&index, "Tool.run", "pkg/util.py"), ["pkg/a.py:5 in go", "pkg/a.py:7 in go ?"]);
    assert_eq!(callers(&index, "step", "pkg/util.py"), ["pkg/util.py:3 in Tool.run"]);
}

#[test]
fn other_languages_follow_their_packages() {
    let index = Tree::new(&[
        ("store/a.go", "package store\nfunc Open() {}\nfunc (s *Store) Close() {}\nfunc local() { Open() }\n"),
        ("store/b.go", "package store\nfunc other() { Open() }\n"),
        ("main.go", "package main\nimport \"example.com/m/store\"\nfunc main() { s := store.Open(); s.Close(); Open() }\n"),
        ("src/lib/m.ts", "export function parse(a: string) {}\n"),
        ("src/x.ts", "import { parse as p } from './lib/m';\nimport * as m from './lib/m.js';\nfunction f() { p('a'); m.parse('b'); JSON.parse('c'); }\n"),
        ("k/src/parsing.rs", "pub fn read() {}\npub struct P;\nimpl P { pub fn new() -> P { P } fn go(&self) { self.go(); } }\n"),
        ("k/src/x.rs", "use crate::parsing::{self, read};\nfn f() { read(); parsing::read(); P::new(); other::read(); q.go(); }\n"),
        ("src/a/B.java", "package a;\npublic class B { static void run() {} void go() { run(); } }\n"),
        ("src/c/C.java", "package c;\nimport a.B;\nclass C { void f(X x) { B.run(); x.run(); D.run(); } }\n"),
    ])
    .index();
    assert_eq!(callers(&index, "Open", "store/a.go"), ["main.go:3 in main", "store/a.go:4 in local", "store/b.go:2 in other"]);
    assert_eq!(callers(&index, "Close", "store/a.go"), ["main.go:3 in main ?"]);
    assert_eq!(callers(&index, "parse", "src/lib/m.ts"), ["src/x.ts:3 in f", "src/x.ts:3 in f"]);
    assert_eq!(callers(&index, "read", "k/src/parsing.rs"), ["k/src/x.rs:2 in f", "k/src/x.rs:2 in f"]);
    assert_eq!(callers(&index, "P::new", "k/src/parsing.rs"), ["k/src/x.rs:2 in f"]);
    assert_eq!(callers(&index, "go", "k/src/parsing.rs"), ["k/src/parsing.rs:3 in P::go", "k/src/x.rs:2 in f ?"]);
    assert_eq!(
        callers(&index, "run", "src/a/B.java"),
        ["src/a/B.java:2 in B.go", "src/c/C.java:3 in C.f", "src/c/C.java:3 in C.f ?", "src/c/C.java:3 in C.f ?"]
    );
}

#[test]
fn names_are_found_that_are_misremembered() {
    let index = Tree::new(&[("a.py", "def parse_header(): pass\ndef parse_headers(): pass\ndef other(): pass\n")]).index();
    let names = |name: &str, threshold| -> Vec<String> {
        index.similar(name, threshold, 10).unwrap().into_iter().map(|one| one.symbol.name).collect()
    };
    assert_eq!(names("parse_haeder", 0.8), ["parse_header", "parse_headers"]);
    assert_eq!(names("ParseHeader", 0.8), ["parse_header", "parse_headers"]);
    assert_eq!(names("parse_haeder", 0.9), ["parse_header"]);
    assert_eq!(names("zzz", 0.8), Vec::<String>::new());
}

#[test]
fn what_a_line_stands_in_and_what_it_uses() {
    let text = "import os\nLIMIT = 3\nclass A:\n    def f(self):\n        def inner():\n            return helper(LIMIT)\n        return os.stat(inner())\ndef helper(x): return x\n";
    let index = Tree::new(&[("a.py", text)]).index();
    let path = RepoPath::new("a.py").unwrap();
    let names = |line| -> Vec<String> { index.enclosing(&path, line).unwrap().unwrap().iter().map(Symbol::full_name).collect() };
    assert_eq!(names(6), ["A.f.inner", "A.f", "A"]);
    assert_eq!(names(7), ["A.f", "A"]);
    assert_eq!(names(1), Vec::<String>::new());
    let used = index.used_by(&path, 6..=6).unwrap().unwrap();
    let used: Vec<_> = used.iter().map(|one| (one.name.as_str(), one.targets[0].symbol.line)).collect();
    assert_eq!(used, [("LIMIT", 2), ("helper", 8)]);
    let f = index.definitions("A.f").unwrap().remove(0);
    let called: Vec<_> = index.callees(&f).unwrap().into_iter().map(|one| (one.name, one.targets.len())).collect();
    assert_eq!(called, [("helper".to_owned(), 1), ("inner".to_owned(), 1), ("stat".to_owned(), 0)]);
    assert!(index.enclosing(&RepoPath::new("b.py").unwrap(), 1).unwrap().is_none());
}

#[test]
fn tests_are_found_by_what_they_call_and_by_their_files() {
    let index = Tree::new(&[
        ("pkg/calc.py", "def add(a, b): return a + b\n"),
        ("tests/test_calc.py", "from pkg.calc import add\ndef test_add(): assert add(1, 2)\ndef helper(): pass\n"),
        (
            "tests/test_all.py",
            "import pkg.calc\nclass TestAll:\n    def test_more(self): pkg.calc.add(1, 2)\ndef test_none(): pass\n",
        ),
        ("fuzz.py", "import atheris, sys\ndef enter(data): pass\natheris.Setup(sys.argv, enter)\n"),
        ("fuzz/a.rs", "fuzz_target!(|d| {});\n"),
        ("a_test.go", "package a\nimport \"testing\"\nfunc FuzzA(f *testing.F) {}\n"),
        ("f.c", "int LLVMFuzzerTestOneInput(const char *d, int n) { return 0; }\n"),
    ])
    .index();
    let path = |path: &str| RepoPath::new(path).unwrap();
    let tests: Vec<String> = index.tests_of(&path("pkg/calc.py")).unwrap().iter().map(Symbol::full_name).collect();
    assert_eq!(tests, ["TestAll.test_more", "test_add"]);
    assert_eq!(index.tried_by(&path("tests/test_all.py")).unwrap(), [path("pkg/calc.py")]);
    let harnesses: Vec<String> = index.harnesses().unwrap().iter().map(Symbol::full_name).collect();
    assert_eq!(harnesses, ["FuzzA", "LLVMFuzzerTestOneInput", "enter", "fuzz_target"]);
}

#[test]
fn names_are_followed_through_modules_that_hand_them_on() {
    let index = Tree::new(&[
        ("src/flask/__init__.py", "from .helpers import url_for as url_for\nfrom .sub import *\n"),
        ("src/flask/helpers.py", "def url_for(x): pass\ndef hidden(): pass\n"),
        ("src/flask/sub/__init__.py", "from .deep import inner\n"),
        ("src/flask/sub/deep.py", "def inner(): pass\n"),
        (
            "tests/a.py",
            "import flask\nfrom flask import url_for as u, inner\nfrom flask import hidden\ndef a(): u(1); flask.url_for(2); inner()\ndef b(): hidden()\n",
        ),
        ("lib/index.ts", "export { parse } from './deep/parse';\nexport * from './deep/more';\nexport * as ns from './deep/ns';\n"),
        ("lib/deep/parse.ts", "export function parse() {}\n"),
        ("lib/deep/more.ts", "export function more() {}\nexport function also() {}\n"),
        ("x.ts", "import { parse, more } from './lib';\nparse(); more();\n"),
        ("k/src/lib.rs", "mod inner;\npub use inner::read;\n"),
        ("k/src/inner.rs", "pub fn read() {}\n"),
        ("p/src/x.rs", "use k::read;\nfn f() { read(); }\n"),
    ])
    .index();
    assert_eq!(callers(&index, "url_for", "src/flask/helpers.py"), ["tests/a.py:4 in a", "tests/a.py:4 in a"]);
    assert_eq!(callers(&index, "inner", "src/flask/sub/deep.py"), ["tests/a.py:4 in a"]);
    assert_eq!(callers(&index, "hidden", "src/flask/helpers.py"), ["tests/a.py:5 in b ?"]);
    assert_eq!(callers(&index, "parse", "lib/deep/parse.ts"), ["x.ts:2"]);
    assert_eq!(callers(&index, "more", "lib/deep/more.ts"), ["x.ts:2"]);
    assert_eq!(callers(&index, "read", "k/src/inner.rs"), ["p/src/x.rs:2 in f"]);
}

#[test]
fn modules_that_are_required_are_imports() {
    let index = Tree::new(&[
        ("lib/utils.js", "exports.merge = function merge(a) {};\nfunction local() {}\n"),
        ("lib/other.js", "exports.merge = function merge(a) {};\n"),
        (
            "lib/app.js",
            "var utils = require('./utils');\nvar m = require('./utils').merge;\nconst { merge } = require('./utils');\nfunction a() { utils.merge(1); }\nfunction b() { m(2); }\nfunction c() { merge(3); }\n",
        ),
    ])
    .index();
    let called = ["lib/app.js:4 in a", "lib/app.js:5 in b", "lib/app.js:6 in c"];
    assert_eq!(callers(&index, "merge", "lib/utils.js"), called);
    assert_eq!(callers(&index, "merge", "lib/other.js"), Vec::<String>::new());
}

#[test]
fn a_nested_class_calls_the_methods_of_those_around_it() {
    let text = "class A {\n  static int f(int a) { return a; }\n  static class B { int g() { return f(1); } }\n  static class C { int f(int a) { return 2; } int h() { return f(1); } }\n}\n";
    let index = Tree::new(&[("A.java", text)]).index();
    let of = |name: &str| -> Vec<(u32, Certainty)> {
        let targets = index.definitions(name).unwrap();
        index.callers(name, &targets).unwrap().into_iter().map(|one| (one.line, one.certainty)).collect()
    };
    assert_eq!(of("A.f"), [(3, Certainty::Sure), (4, Certainty::Possible)]);
    assert_eq!(of("C.f"), [(3, Certainty::Possible), (4, Certainty::Sure)]);
}

#[test]
fn a_method_of_go_is_called_by_its_receiver_and_by_what_is_known_to_be_of_its_type() {
    let command = "package a\n\ntype Command struct{}\n\nfunc (c *Command) Run() { c.step() }\nfunc (c *Command) step() {}\n";
    let other = "package a\n\ntype Other struct{}\n\nfunc (c *Other) Run() { c.step() }\nfunc (c *Other) step() {}\n";
    let uses = "package a\n\nfunc by(cmd *Command, x any) { cmd.step(); x.step() }\n\nfunc anew(cmd *Command) {\n\tcmd := other()\n\tcmd.step()\n}\n\nfunc (s Stack[T]) in(c *Command) {\n\tgo func(c *Other) { c.step() }(nil)\n}\n\nfunc made() {\n\tc, d := &Command{}, Other{}\n\te := &Command{}\n\te.step()\n\tif c != nil {\n\t\te := made()\n\t\te.step()\n\t}\n\tf := *e\n\tf.step()\n\tc.step()\n}\n";
    let far = "package b\n\ntype Command struct{}\n\nfunc (c *Command) Run() { c.step() }\nfunc (c *Command) step() {}\n";
    let index =
        Tree::new(&[("a/command.go", command), ("a/other.go", other), ("a/uses.go", uses), ("b/command.go", far)]).index();
    assert_eq!(
        callers(&index, "step", "a/command.go"),
        [
            "a/command.go:5 in Command.Run",
            "a/uses.go:3 in by",
            "a/uses.go:3 in by ?",
            "a/uses.go:7 in anew ?",
            "a/uses.go:11 in Stack.in ?",
            "a/uses.go:17 in made",
            "a/uses.go:20 in made ?",
            "a/uses.go:23 in made ?",
            "a/uses.go:24 in made ?",
        ]
    );
    assert_eq!(
        callers(&index, "step", "b/command.go"),
        [
            "a/uses.go:3 in by ?",
            "a/uses.go:7 in anew ?",
            "a/uses.go:11 in Stack.in ?",
            "a/uses.go:20 in made ?",
            "a/uses.go:23 in made ?",
            "a/uses.go:24 in made ?",
            "b/command.go:5 in Command.Run"
        ]
    );
}
