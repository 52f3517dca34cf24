use domain::Language;

use super::facts::Qualifier;
use super::{DECLARATION, HARNESS, LOCAL, TEST, container, facts};

/// Shows what is known of a text, a line each.
fn shown(language: Language, text: &str) -> String {
    let facts = facts(language, text.as_bytes()).unwrap();
    let word = |name: u32| String::from_utf8_lossy(facts.names.get(name)).into_owned();
    let mut shown = String::new();
    for one in &facts.definitions {
        let path: Vec<String> = container(&facts.definitions, one).into_iter().chain([one.name]).map(word).collect();
        let flags = [(DECLARATION, " declared"), (TEST, " test"), (HARNESS, " harness"), (LOCAL, " local")];
        let flags: String = flags.iter().filter(|(flag, _)| one.flags & flag != 0).map(|(_, word)| *word).collect();
        shown += &format!("{}-{} {} {}{flags}\n", one.start, one.end, one.kind.word(), path.join("/"));
    }
    for one in &facts.imports {
        let name = one.name.map(|name| format!(" {}", word(name))).unwrap_or_default();
        let alias = one.alias.map(|alias| format!(" as {}", word(alias))).unwrap_or_default();
        shown += &format!("{} import {}{name}{alias}{}\n", one.line, word(one.module), if one.star { " *" } else { "" });
    }
    for one in &facts.references {
        let qualifier = match one.qualifier {
            Qualifier::None => String::new(),
            Qualifier::Expression => "?.".to_owned(),
            Qualifier::Name(name) => format!("{}.", word(name)),
        };
        shown += &format!("{} {} {qualifier}{}\n", one.line, one.role.word(), word(one.name));
    }
    shown
}

#[test]
fn every_kind_and_field_of_a_table_is_in_its_grammar() {
    use super::languages::table;
    use super::table::How;
    for language in [
        Language::Rust,
        Language::Python,
        Language::JavaScript,
        Language::TypeScript,
        Language::Go,
        Language::C,
        Language::Cpp,
        Language::Java,
        Language::CSharp,
        Language::Ruby,
        Language::Php,
        Language::Kotlin,
        Language::Scala,
        Language::Bash,
    ] {
        let table = table(language).unwrap();
        let grammar =
            crate::parsing::parse_alone(language, b"", std::time::Duration::from_secs(1)).unwrap().language().to_owned();
        let kinds = table.leaves.iter().chain(table.flat).chain(table.scopes).chain(table.imports).copied();
        let kinds = kinds.chain(table.names.iter().map(|(kind, _)| *kind)).chain(table.defines.iter().map(|one| one.node));
        let kinds = kinds.chain(table.binds.iter().chain(table.labels).map(|(kind, _)| *kind));
        // JavaScript and TypeScript share a table, and each has kinds of its own.
        let kinds: Vec<&str> = kinds.filter(|kind| grammar.id_for_node_kind(kind, true) == 0).collect();
        if !matches!(language, Language::JavaScript | Language::TypeScript) {
            assert_eq!(kinds, Vec::<&str>::new(), "{language}");
        }
        let fields = table.binds.iter().chain(table.labels).map(|(_, field)| *field).filter(|field| *field != "global");
        let fields = fields.chain(table.defines.iter().filter_map(|one| match one.how {
            How::Field(field) | How::WithBody(field) | How::Named(field) => Some(field),
            How::By(_) | How::OfMacro => None,
        }));
        for field in fields.filter(|field| !field.is_empty()) {
            assert!(grammar.field_id_for_name(field).is_some(), "{language}: {field}");
        }
    }
}

#[test]
fn c() {
    let text = "#include <stdio.h>\n#define TWICE(x) add(x, x)\n#ifdef A\nstatic int add(int a, int b)\n{\n\treturn a + b;\n}\n#else\nint add(int a, int b) { return helper(a) + LIMIT; }\n#endif\nstruct node { struct node *next; int (*read)(int); };\ntypedef struct { int x; } point_t;\nenum color { RED, GREEN = 2 };\nextern int count;\nint proto(struct node *n);\nstruct ops table = { .read = add };\nint main(void)\n{\n\tint local = TWICE(1);\n\tpoint_t p;\n\tp.x = local; table.read(3);\n\tif (local) return add(p.x, count);\n}\nint LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return 0; }\n";
    insta::assert_snapshot!(shown(Language::C, text));
}

#[test]
fn cpp() {
    let text = "#include \"a.h\"\nnamespace n {\nclass Shape : public Base {\n public:\n  Shape(int w) : width(w) {}\n  virtual int area() const { return width * scale(); }\n  int other();\n private:\n  int width;\n};\ntemplate <typename T> T largest(T a, T b) { return a > b ? a : b; }\n}\nint n::Shape::other() { auto f = [](int q) { return q + area(); }; return largest<int>(f(1), 2); }\nusing Alias = n::Shape;\nTEST(Suite, Name) { largest(1, 2); }\n";
    insta::assert_snapshot!(shown(Language::Cpp, text));
}

#[test]
fn rust() {
    let text = "use std::{fs, io::{self, Read as R}};\nuse crate::a::*;\npub struct Point { x: i32 }\nimpl fmt::Display for Point {\n    fn fmt(&self) -> i32 { let y = self.x; helper(y); y.abs(); other::run::<u8>(1) }\n}\ntrait Shape { fn area(&self) -> f64; }\nenum Color { Red }\nconst LIMIT: usize = 3;\nmacro_rules! twice { ($a:expr) => { add($a) } }\nmod inner;\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() { assert_eq!(twice!(1), super::LIMIT); items.iter().map(|item| item + LIMIT); }\n}\nfuzz_target!(|data: &[u8]| { parse(data); });\n";
    insta::assert_snapshot!(shown(Language::Rust, text));
}

#[test]
fn python() {
    let text = "import os.path as p, sys\nfrom .util import helper as h, other\nfrom a import *\nLIMIT = 3\nclass Dog(Animal):\n    legs = 4\n    @property\n    def bark(self, loud=LIMIT):\n        global COUNT\n        COUNT = 1\n        x = h(loud, key=legs)\n        return [y for y in x if os.stat(y)] + self.wag() + super().bark()\ndef test_dog():\n    with open(LIMIT) as f:\n        f.read()\n    def inner(): return f\n    return inner()\n";
    insta::assert_snapshot!(shown(Language::Python, text));
}

#[test]
fn javascript() {
    let text = "import def, { a as b, c } from './m.js';\nimport * as ns from \"pkg\";\nconst fs = require('fs');\nclass A extends B { #p = 1; run(x) { return this.#p + helper(x); } static go = () => ns.f(); }\nexport const arrow = (q) => q + c;\nfunction outer({ k, l: [m] }, ...rest) { const inner = function () { return k + m + rest; }; let v = b(inner()); return v; }\nA.prototype.late = function () {};\nmodule.exports = { method() {}, value: () => 1, plain: 2 };\nmodule.exports = class Late {};\nrun(function named(a) { return a + c; }, { same: function same() { same(); } });\ndescribe('things', () => { it('works', () => { outer({}); }); });\n";
    insta::assert_snapshot!(shown(Language::JavaScript, text));
}

#[test]
fn typescript() {
    let text = "import type { T } from './t';\ninterface I { run(a: T): void }\ntype U = T | I;\nenum E { One, Two }\nabstract class C implements I { abstract go(): void; constructor(private x: U) {} run(a: T): void { use<U>(a); } }\nnamespace N { export function f(): E { return E.One } }\ndeclare function g(x: number): string;\n";
    insta::assert_snapshot!(shown(Language::TypeScript, text));
}

#[test]
fn go() {
    let text = "package a\nimport (\n\t\"fmt\"\n\tm \"example.com/mod\"\n\t. \"dot\"\n)\ntype Point struct{ X, Y int }\ntype Shape interface { Area() float64 }\ntype ID = string\nconst Limit, Other = 1, 2\nvar global int\nfunc (p *Point) Area(k int) float64 { x, err := m.Do(p.X); fmt.Println(err, k); return helper(x) + global }\nfunc TestArea(t *testing.T) { for i := range Limit { Area(i) } }\nfunc FuzzArea(f *testing.F) { f.Fuzz(func(t *testing.T, b []byte) { use(b) }) }\n";
    insta::assert_snapshot!(shown(Language::Go, text));
}

#[test]
fn java() {
    let text = "package a.b;\nimport java.util.List;\nimport static a.B.*;\npublic class Dog extends Animal {\n  private int legs = 4, ears;\n  Dog(int l) { this.legs = l; }\n  @Test void barks(String s) { int n = s.length(); Helper.run(n, legs); bark(); }\n  enum Color { RED }\n  interface Walks { void walk(); }\n  record P(int x) { }\n}\n";
    insta::assert_snapshot!(shown(Language::Java, text));
}

#[test]
fn outlines_of_the_other_languages() {
    let mut all = String::new();
    for (language, text) in [
        (
            Language::CSharp,
            "using System.IO;\nnamespace N {\n  class A : B { int f = 1; public A(int x) { } public int Run(string s) { var y = Go(s); return y; } public int P { get; set; } }\n  interface I { void M(); }\n  enum E { One }\n}\n",
        ),
        (
            Language::Ruby,
            "require 'set'\nmodule M\n  class A < B\n    LIMIT = 3\n    def run(x)\n      y = go(x)\n      y\n    end\n    def self.make; new; end\n  end\nend\n",
        ),
        (
            Language::Php,
            "<?php\nnamespace App;\nuse Foo\\Bar;\nclass A extends B { const LIMIT = 1; public function run($x) { return go($x) + self::LIMIT; } }\ninterface I { function m(); }\nfunction top() { return new A(); }\n",
        ),
        (
            Language::Kotlin,
            "import a.b.C\n\nclass A(val x: Int) : B() {\n    fun run(s: String): Int {\n        val y = go(s)\n        return y\n    }\n}\n\ninterface I {\n    fun m()\n}\n\nobject O {\n    val z = 1\n}\n\nenum class E { ONE }\n\nfun top() = A(1)\n",
        ),
        (
            Language::Scala,
            "import a.b.{C, D => E}\nclass A(x: Int) extends B { def run(s: String): Int = { val y = go(s); y } }\ntrait T { def m(): Int }\nobject O { val z = 1 }\n",
        ),
        (Language::Bash, "LIMIT=3\nrun() {\n  local y=1\n  go \"$LIMIT\"\n}\nfunction other { run; }\n"),
    ] {
        all += &format!("== {language}\n{}", shown(language, text));
    }
    insta::assert_snapshot!(all);
}

/// Returns the names of the definitions of a text, with their kinds.
fn defined(language: Language, text: &str) -> Vec<String> {
    let outline = super::outline(language, text.as_bytes()).unwrap();
    outline.definitions.iter().map(|one| format!("{} {}", one.kind.word(), one.name)).collect()
}

#[test]
fn macros_that_no_grammar_reads_hide_nothing() {
    let header = "#ifndef A_H\n#define A_H\nGIT_BEGIN_DECL\ntypedef int GIT_CALLBACK(git_done_cb)(int a, void *payload);\ntypedef struct a {\n\tint b;\n} a_t;\nGIT_END_DECL\n#endif\n";
    assert_eq!(defined(Language::C, header), ["macro A_H", "type git_done_cb", "type a_t", "struct a"]);
    let header = "FMT_BEGIN_NAMESPACE\nclass LOCKABLE Mutex {\n public:\n  void Lock() EXCLUSIVE_LOCK_FUNCTION() { mu_.lock(); }\n  explicit operator bool() const { return true; }\n};\nFMT_CONSTEXPR auto f() -> int { return 1; }\nFMT_END_NAMESPACE\n";
    // A header of C++ says so only in its text.
    for language in [Language::Cpp, Language::C] {
        assert_eq!(defined(language, header), ["class Mutex", "method Lock", "method operator bool", "function f"], "{language}");
    }
}

#[test]
fn what_a_calling_convention_stands_before_is_defined() {
    let text = "extern \"C\" {\n  S* ADDCALL make (void)\n  {\n    return 0;\n  }\n  const char* ADDCALL get(struct O* o, size_t i)\n  {\n    while (i) i--;\n    return 0;\n  }\n}\n";
    assert_eq!(defined(Language::Cpp, text), ["function make", "function get"]);
}

#[test]
fn functions_are_made_in_more_ways_than_by_declaring_them() {
    let text = "function f() {}\nA.prototype.constructor = A;\nA.prototype.on = A.prototype.add = f;\nA.prototype.old = deprecate(f, 'x');\n\
                A.prototype.size = 3;\nA.prototype.__proto__ = B.prototype;\nA.size = f;\nfunction outer() {\n  var C = /** @class */ (function () { function C() {} return C; }());\n  \
                var make = (() => { return function () {}; })();\n  var D = (function () { class D {} return D; })();\n  var other = (function () { return f(); })();\n}\n";
    let expected = [
        "function f",
        "method constructor",
        "method on",
        "method add",
        "method old",
        "function outer",
        "function C",
        "function C",
        "function make",
        "class D",
        "class D",
    ];
    assert_eq!(defined(Language::JavaScript, text), expected);
    let text = "interface I { f: (a: string) => void; g: string; h?: <T>(a: T) => T }\n";
    assert_eq!(defined(Language::TypeScript, text), ["interface I", "method f", "method h"]);
}

#[test]
fn methods_of_ruby_are_made_by_their_names() {
    let text = "class A\n  attr_accessor :one, 'two'\n  alias three one\n  alias :four? :one\n  alias_method :five, :one\n  attribute :six\nend\n";
    assert_eq!(
        defined(Language::Ruby, text),
        ["class A", "method one", "method two", "method three", "method four?", "method five"]
    );
}

#[test]
fn what_a_macro_defines_is_a_function() {
    let text = "SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)\n{\n\tif (fd) {\n\t\treturn ksys_read(fd, buf, count);\n\t}\n}\n\nint after(void) { return 1; }\n";
    let outline = super::outline(Language::C, text.as_bytes()).unwrap();
    let found: Vec<_> = outline.definitions.iter().map(|one| (one.name.as_str(), one.line, one.line_end)).collect();
    assert_eq!(found, [("read", 1, 6), ("after", 8, 8)]);
}

#[test]
fn what_the_grammar_of_typescript_does_not_know_hides_nothing() {
    let text = "export interface Box<in out A> {\n  <B>(b: B): Box<B>\n  <C>(c: C): C\n}\nexport class After {}\n";
    assert_eq!(defined(Language::TypeScript, text), ["interface Box", "class After"]);
}
