//! Formats of tools of which there is no recording: short reports in the form that their documentation gives.

use diagnostics::{Diagnostic, Output, Position, Span, read};

/// Reads a report and tells each diagnostic in one line.
fn told(report: &str) -> (Vec<&'static str>, Vec<String>) {
    let read = read(&Output { stdout: report.as_bytes(), stderr: b"", tool: None });
    let place = |span: Option<Span>| match span.map(|span| (span.start, span.end)) {
        Some((Position::LineColumn { line, column, .. }, Position::LineColumn { line: end, column: end_column, .. })) => {
            format!("{line}:{column}-{end}:{end_column}")
        }
        _ => "-".to_owned(),
    };
    let told = |one: &Diagnostic| {
        let path = one.path.as_deref().unwrap_or("-");
        format!("{} {} {} {} {path} {} {}", one.tool, one.rule, one.kind, one.severity, place(one.span), one.message)
    };
    assert!(read.skipped.is_empty(), "{:?}", read.skipped);
    (read.formats, read.diagnostics.iter().map(told).collect())
}

#[track_caller]
fn holds(report: &str, format: &str, expected: &[&str]) {
    let (formats, told) = told(report);
    assert_eq!(
        (formats.as_slice(), told.as_slice()),
        ([format].as_slice(), expected.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>().as_slice())
    );
}

#[test]
fn linters() {
    // Nothing was found, and that is understood.
    holds(r#"{"Issues":null,"Report":{"Linters":[]}}"#, "golangci-lint json", &[]);
    holds(
        r#"{"totals":{"errors":0,"file_errors":1},"files":{"/app/src/A.php":{"errors":1,"messages":[{"message":"Undefined variable: $x","line":7,"ignorable":true,"identifier":"variable.undefined"}]}},"errors":["Ignored error pattern was not matched"]}"#,
        "phpstan json",
        &[
            "phpstan variable.undefined type_checking error /app/src/A.php 7:1-7:1 Undefined variable: $x",
            "phpstan error type_checking error - - Ignored error pattern was not matched",
        ],
    );
    holds(
        "{\"type\":\"issue\",\"check_name\":\"Complexity\",\"description\":\"Too complex\",\"categories\":[\"Complexity\"],\"location\":{\"path\":\"a.rb\",\"lines\":{\"begin\":5,\"end\":9}},\"severity\":\"minor\",\"engine_name\":\"structure\"}\n",
        "code quality json",
        &["structure Complexity linting warning a.rb 5:1-5:1 Too complex"],
    );
}

#[test]
fn scanners() {
    holds(
        r#"{"SchemaVersion":2,"ArtifactName":".","ArtifactType":"filesystem","Results":[{"Target":"package-lock.json","Class":"lang-pkgs","Type":"npm","Vulnerabilities":[{"VulnerabilityID":"CVE-2021-44906","PkgName":"minimist","InstalledVersion":"1.2.5","FixedVersion":"1.2.6, 0.2.4","Severity":"CRITICAL","Title":"prototype pollution"}]},{"Target":"Dockerfile","Class":"config","Misconfigurations":[{"ID":"DS002","Title":"root user","Message":"Specify a user","Severity":"HIGH","CauseMetadata":{"StartLine":3,"EndLine":3}}]}]}"#,
        "trivy json",
        &[
            "trivy CVE-2021-44906 dependency_issue error package-lock.json - minimist 1.2.5 is vulnerable: prototype pollution; fixed in 1.2.6, 0.2.4 [npm]",
            "trivy DS002 security error Dockerfile 3:1-3:1 Specify a user",
        ],
    );
    holds(
        r#"{"matches":[{"vulnerability":{"id":"GHSA-x","severity":"High","description":"Bad thing. More","fix":{"versions":["2.0.1"],"state":"fixed"}},"artifact":{"name":"flask","version":"2.0.0","type":"python","locations":[{"path":"/requirements.txt"}]}}],"source":{},"descriptor":{"name":"grype"}}"#,
        "grype json",
        &["grype GHSA-x dependency_issue error requirements.txt - flask 2.0.0 is vulnerable: Bad thing; fixed in 2.0.1 [PyPI]"],
    );
}

#[test]
fn what_cargo_deny_advises_is_the_fixed_version() {
    holds(
        r#"{"type":"diagnostic","fields":{"advisory":{"id":"RUSTSEC-2020-0001","package":"a","title":"bad"},"code":"vulnerability","graphs":[{"Krate":{"name":"a","version":"1.0.0"}}],"message":"bad","notes":["ID: RUSTSEC-2020-0001","Solution: Upgrade to >=1.2.3 (try `cargo update -p a`)"],"severity":"error"}}"#,
        "cargo-deny json",
        &[
            "cargo-deny RUSTSEC-2020-0001 dependency_issue error Cargo.lock - a 1.0.0 is vulnerable: bad; fixed in 1.2.3 [crates.io]",
        ],
    );
}

#[test]
fn tap_of_version_14_names_places_and_says_that_it_bailed_out() {
    holds(
        "TAP version 14\n1..3\nok 1 - a\nnot ok 2 - b\n  ---\n  message: broke\n  at:\n    fileName: test/x.js\n    lineNumber: 3\n    columnNumber: 5\n  ...\nBail out! database is gone\n",
        "tap",
        &[
            "tap tap test_failure error - - bailed out: database is gone",
            "tap tap test_failure error test/x.js 3:5-3:5 test b failed: broke",
        ],
    );
}

#[test]
fn compilers_of_c_sharp_and_of_microsoft() {
    holds(
        "  Determining projects to restore...\n/repo/A.cs(4,34): error CS0029: Cannot implicitly convert type 'string' to 'int' [/repo/demo.csproj]\n/repo/A.cs(7,5,7,9): warning CA1822: Mark as static [/repo/demo.csproj]\n/repo/B.fs(2,1): error FS0039: not defined [/repo/b.fsproj::TargetFramework=net8.0]\n",
        "csc text",
        &[
            "csc CS0029 build_error error /repo/A.cs 4:34-4:34 Cannot implicitly convert type 'string' to 'int'",
            "csc CA1822 linting warning /repo/A.cs 7:5-7:9 Mark as static",
            "fsc FS0039 build_error error /repo/B.fs 2:1-2:1 not defined",
        ],
    );
    holds(
        "/repo/demo.csproj : error NU1101: Unable to find package Nope. No packages exist with this id\nMSBUILD : error MSB1009: Project file does not exist.\n",
        "csc text",
        &[
            "nuget NU1101 dependency_issue error /repo/demo.csproj - Unable to find package Nope. No packages exist with this id",
            "msbuild MSB1009 build_error error MSBUILD - Project file does not exist.",
        ],
    );
    holds(
        "1>C:\\work\\a.cpp(12,5): error C2065: 'x': undeclared identifier [C:\\work\\a.vcxproj]\na.cpp(3): warning C4101: 'y': unreferenced local variable\nmain.obj : error LNK2019: unresolved external symbol f\n",
        "msvc text",
        &[
            "msvc C2065 build_error error C:\\work\\a.cpp 12:5-12:5 'x': undeclared identifier",
            "msvc C4101 linting warning a.cpp 3:1-3:1 'y': unreferenced local variable",
            "msvc LNK2019 build_error error main.obj - unresolved external symbol f",
        ],
    );
    holds(
        "Sources/a.swift:3:9: error: cannot find 'x' in scope\n    let y = x\n            ^\nSources/a.swift:4:9: warning: variable 'z' was never used\n",
        "swiftc text",
        &[
            "swiftc error build_error error Sources/a.swift 3:9-3:9 cannot find 'x' in scope",
            "swiftc warning linting warning Sources/a.swift 4:9-4:9 variable 'z' was never used",
        ],
    );
}

#[test]
fn ruff_by_files_and_django() {
    holds(
        "pkg/io.py:\n  1:1  E401 [*] Multiple imports on one line\n  7:5  E722 Do not use bare `except`\n\nFound 2 errors.\n",
        "ruff text",
        &[
            "ruff E401 linting error pkg/io.py 1:1-1:1 Multiple imports on one line",
            "ruff E722 linting error pkg/io.py 7:5-7:5 Do not use bare `except`",
        ],
    );
    holds(
        "SystemCheckError: System check identified some issues:\n\nERRORS:\nshop.Item.owner: (fields.E300) Field defines a relation with model 'gone.User'.\n\nSystem check identified 1 issue (0 silenced).\n",
        "django text",
        &["django fields.E300 build_error error - - Field defines a relation with model 'gone.User'."],
    );
}

#[test]
fn linters_as_text() {
    holds(
        " ------ ------------------------------------------\n  Line   src/A.php                               \n ------ ------------------------------------------\n  7      Undefined variable: $x\n         🪪  variable.undefined\n  12     Method f() has no return type\n ------ ------------------------------------------\n\n [ERROR] Found 2 errors\n",
        "phpstan text",
        &[
            "phpstan variable.undefined type_checking error src/A.php 7:1-7:1 Undefined variable: $x",
            "phpstan message type_checking error src/A.php 12:1-12:1 Method f() has no return type",
        ],
    );
    holds(
        "ERROR: UndefinedVariable - src/a.php:3:10 - Cannot find referenced variable $x (see https://psalm.dev/024)\n",
        "psalm text",
        &["psalm UndefinedVariable type_checking error src/a.php 3:10-3:10 Cannot find referenced variable $x"],
    );
    holds(
        "╷\n│ Error: Unsupported argument\n│ \n│   on main.tf line 3, in resource \"x\" \"y\":\n│    3:   nope = 1\n",
        "terraform text",
        &["terraform error build_error error main.tf 3:1-3:1 Unsupported argument"],
    );
    holds(
        "== [a.sql] FAIL\nL:   1 | P:   8 | LT01 | Expected only single space before naked identifier.\n                       | Found '  '. [layout.spacing]\n",
        "sqlfluff text",
        &[
            "sqlfluff LT01 linting error a.sql 1:8-1:8 Expected only single space before naked identifier. Found ' '. [layout.spacing]",
        ],
    );
    holds(
        "e: file:///repo/src/A.kt:6:32 Type mismatch: inferred type is String but Int was expected\nw: /repo/src/B.kt: (3, 5): Variable 'x' is never used\n",
        "kotlinc text",
        &[
            "kotlinc error build_error error /repo/src/A.kt 6:32-6:32 Type mismatch: inferred type is String but Int was expected",
            "kotlinc warning linting warning /repo/src/B.kt 3:5-3:5 Variable 'x' is never used",
        ],
    );
    holds(
        "[ERROR] src/main/java/A.java:[12,5] (imports) UnusedImports: Unused import - java.util.List.\n",
        "checkstyle text",
        &["checkstyle UnusedImports linting error src/main/java/A.java 12:5-12:5 Unused import - java.util.List."],
    );
    holds(
        "ruff.....................................................................Failed\n- hook id: ruff\n- exit code: 1\n\nend of files.............................................................Failed\n- hook id: end-of-file-fixer\n- exit code: 1\n- files were modified by this hook\n",
        "pre-commit text",
        &["pre-commit ruff linting error - - exit code: 1", "pre-commit end-of-file-fixer linting error - - exit code: 1"],
    );
}

#[test]
fn tests_of_dotnet_and_of_gradle() {
    let counts = |text: &str| {
        let tests = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None }).tests;
        (tests.framework.unwrap_or_default(), tests.passed, tests.failed, tests.skipped)
    };
    let dotnet = "  Failed Demo.CalcTests.Adds [12 ms]\n  Error Message:\n   Assert.Equal() Failure\n  Stack Trace:\n     at Demo.CalcTests.Adds() in /repo/CalcTests.cs:line 12\n  Skipped Demo.CalcTests.Later [1 ms]\n\nFailed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4, Duration: 13 ms - demo.dll (net8.0)\n";
    assert_eq!(counts(dotnet), ("dotnet test".to_owned(), 2, 1, 1));
    let gradle = "> Task :test FAILED\n\ndemo.CalcTest > failsHere() FAILED\n    org.opentest4j.AssertionFailedError at CalcTest.java:16\n\n4 tests completed, 1 failed, 1 skipped\n";
    assert_eq!(counts(gradle), ("junit".to_owned(), 2, 1, 1));
    let (_, told) = told(&format!("{dotnet}{gradle}"));
    assert!(told.contains(&"dotnet test dotnet test test_failure error /repo/CalcTests.cs 12:1-12:1 test Demo.CalcTests.Adds failed: Assert.Equal() Failure".to_owned()), "{told:#?}");
    assert!(told.contains(&"junit junit test_failure error demo/CalcTest.java 16:1-16:1 test demo.CalcTest.failsHere failed: org.opentest4j.AssertionFailedError".to_owned()), "{told:#?}");
}

#[test]
fn a_stack_of_the_jvm_in_a_junit_report_names_the_place_in_the_test() {
    let report = "<testsuite name=\"demo.CalcTest\" tests=\"1\" timestamp=\"2026-05-01T10:00:00\">\n<testcase name=\"fails\" classname=\"demo.CalcTest\">\n<failure message=\"expected: 4\" type=\"x.Y\">x.Y: expected: 4\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat demo.CalcTest.fails(CalcTest.java:16)\n</failure>\n</testcase>\n</testsuite>\n";
    holds(
        report,
        "junit",
        &["junit junit test_failure error demo/CalcTest.java 16:1-16:1 test demo.CalcTest::fails failed: expected: 4"],
    );
}

/// What breaks off is read as far as it goes, and the loss is said.
#[test]
fn truncated_markup() {
    let report = "<?xml version=\"1.0\"?>\n<checkstyle version=\"8.0\">\n<file name=\"A.java\">\n<error line=\"2\" column=\"3\" severity=\"error\" message=\"a &lt; b\" source=\"com.puppycrawl.tools.checkstyle.checks.UnusedImportsCheck\"/>\n<error line=\"9\" col";
    let found = read(&Output { stdout: report.as_bytes(), stderr: b"", tool: None });
    let said: Vec<_> = found.diagnostics.iter().map(|one| (one.tool.as_str(), one.rule.as_str(), one.message.as_str())).collect();
    assert_eq!(said, [("checkstyle", "UnusedImports", "a < b")]);
    assert_eq!(found.skipped, ["a Checkstyle report breaks off"]);
    let export = "---\nMainSourceFile: a.c\nDiagnostics:\n  - DiagnosticName: x\n    Diagn";
    let found = read(&Output { stdout: export.as_bytes(), stderr: b"", tool: None });
    assert_eq!((found.formats.as_slice(), found.skipped.len()), (["clang-tidy yaml"].as_slice(), 1));
}

#[test]
fn what_no_recording_has() {
    holds(
        "src/util.rs:1:5: warning: unused import: `std::fmt`\nsrc/main.rs:4:18: error[E0308]: mismatched types\n",
        "rustc text",
        &[
            "rustc warning linting warning src/util.rs 1:5-1:5 unused import: `std::fmt`",
            "rustc E0308 build_error error src/main.rs 4:18-4:18 mismatched types",
        ],
    );
    holds(
        "Running Sphinx v9.0.4\n/r/docs/index.rst:4: WARNING: toctree contains reference to nonexisting document 'gone' [toc.not_readable]\n",
        "sphinx text",
        &[
            "sphinx toc.not_readable linting warning /r/docs/index.rst 4:1-4:1 toctree contains reference to nonexisting document 'gone'",
        ],
    );
    holds(
        "Running Sphinx v7.2.6\n\nWarning, treated as error:\n/r/docs/index.rst:4:undefined label: 'install-notes'\n",
        "sphinx text",
        &["sphinx message linting error /r/docs/index.rst 4:1-4:1 undefined label: 'install-notes'"],
    );
    holds(
        "INFO    -  Building documentation to directory: /r/site\nWARNING -  Doc file 'index.md' contains a link 'ref/api.md', but the target is not found \
         among documentation files.\n\nAborted with 1 warnings in strict mode!\n",
        "mkdocs text",
        &[
            "mkdocs message linting warning index.md - contains a link 'ref/api.md', but the target is not found among documentation files.",
        ],
    );
    holds(
        "Crate:     time\nVersion:   0.1.45\nTitle:     Potential segfault in the time crate\nDate:      2020-11-18\nID:        RUSTSEC-2020-0071\n",
        "cargo-audit text",
        &["cargo-audit RUSTSEC-2020-0071 security error Cargo.lock - Potential segfault in the time crate"],
    );
    holds(
        "==> Linting charts/app\n[ERROR] templates/: parse error at (app/templates/deploy.yaml:18): undefined variable \"$root\"\n",
        "helm text",
        &["helm message linting error app/templates/deploy.yaml 18:1-18:1 undefined variable \"$root\""],
    );
    holds(
        "/r/src/B.svelte:2:7\nError: Type 'string' is not assignable to type 'number'. (ts)\n\nsvelte-check found 1 error in 1 file\n",
        "svelte-check text",
        &["svelte-check message type_checking error /r/src/B.svelte 2:7-2:7 Type 'string' is not assignable to type 'number'."],
    );
    holds(
        "TS2322 [ERROR]: Type 'number' is not assignable to type 'string'.\n  return n;\n  ~~~~~~\n    at file:///r/a.ts:2:3\n",
        "deno text",
        &["deno TS2322 type_checking error /r/a.ts 2:3-2:3 Type 'number' is not assignable to type 'string'."],
    );
    holds(
        "a.f90:5:3:\n\n    5 |   j = 2\n      |   1\nError: Symbol ‘j’ at (1) has no IMPLICIT type\n",
        "gfortran text",
        &["gfortran error build_error error a.f90 5:3-5:3 Symbol ‘j’ at (1) has no IMPLICIT type"],
    );
    holds(
        "warning: variable \"y\" is unused (if the variable is not meant to be used, prefix it with an underscore)\n  lib/w.ex:3: W.f/1\n\n",
        "elixir text",
        &[
            "elixir warning linting warning lib/w.ex 3:1-3:1 variable \"y\" is unused (if the variable is not meant to be used, prefix it with an underscore)",
        ],
    );
    holds(
        "Error: expected \";\".\n  ╷\n2 │ a { b: $x; }\n  │   ^\n  ╵\n  b.scss 2:3  root stylesheet\n",
        "sass text",
        &["sass error build_error error b.scss 2:3-2:3 expected \";\"."],
    );
    holds(
        "while parsing a flow sequence\n  in \"bad.yaml\", line 1, column 4\ndid not find expected ',' or ']'\n  in \"bad.yaml\", line 2, column 2\n",
        "yaml text",
        &["yaml syntax-error linting error bad.yaml 2:2-2:2 did not find expected ',' or ']'"],
    );
    holds(
        "./src/pages/a.tsx:3:7\nType error: Type 'number' is not assignable to type 'string'.\n",
        "next text",
        &["next error type_checking error src/pages/a.tsx 3:7-3:7 Type error: Type 'number' is not assignable to type 'string'."],
    );
    holds(
        "lib/pkg/__init__.py: error: Duplicate module named \"pkg\" (also at \"src/pkg/__init__.py\")\n",
        "mypy text",
        &[
            "mypy error type_checking error lib/pkg/__init__.py - Duplicate module named \"pkg\" (also at \"src/pkg/__init__.py\")",
        ],
    );
}

#[test]
fn compilers_of_functional_languages() {
    holds(
        "[error] /w/src/main/scala/Cart.scala:12:7: type mismatch;\n[error]  found   : Int\n[error]   total\n[error]   ^\n[warn] /w/src/main/scala/Cart.scala:3: unused import\n[error] two errors found\n",
        "scalac text",
        &[
            "scalac error build_error error /w/src/main/scala/Cart.scala 12:7-12:7 type mismatch;",
            "scalac warning linting warning /w/src/main/scala/Cart.scala 3:1-3:1 unused import",
        ],
    );
    holds(
        "[error] -- [E007] Type Mismatch Error: src/Cart.scala:12:6 \n[error] 12 |  total\n[error]    |  ^^^^^\n[error]    |  Found: Int\n",
        "scalac text",
        &["scalac E007 build_error error src/Cart.scala 12:7-12:7 Type Mismatch Error: total Found: Int"],
    );
    holds(
        "src/Cart.hs:12:5: error:\n    • Couldn't match type ‘Int’ with ‘Bool’\n      Expected: Int\n    • In the expression: total\n   |\n12 | total\n\nsrc/Cart.hs:3:1: warning: [-Wunused-imports]\n    The import of ‘Data.List’ is redundant\n\nsrc/Log.hs:9:3-7: error: [GHC-88464]\n    Variable not in scope: total\n",
        "ghc text",
        &[
            "ghc error build_error error src/Cart.hs 12:5-12:5 Couldn't match type ‘Int’ with ‘Bool’ Expected: Int In the expression: total",
            "ghc warning linting warning src/Cart.hs 3:1-3:1 The import of ‘Data.List’ is redundant",
            "ghc GHC-88464 build_error error src/Log.hs 9:3-9:3 Variable not in scope: total",
        ],
    );
    holds(
        "src/cart.erl:12:5: syntax error before: total\nsrc/cart.erl:3: Warning: variable 'X' is unused\n",
        "erlc text",
        &[
            "erlc error build_error error src/cart.erl 12:5-12:5 syntax error before: total",
            "erlc warning linting warning src/cart.erl 3:1-3:1 variable 'X' is unused",
        ],
    );
    holds(
        "   ┌─ src/cart.erl:\n   │\n12 │  total(X) + 1\n   │  ╰── function total/1 undefined\n",
        "erlc text",
        &["erlc error build_error error src/cart.erl 12:1-12:1 function total/1 undefined"],
    );
    holds(
        "Syntax error compiling at (shop/cart.clj:12:3).\nUnable to resolve symbol: total in this context\n",
        "clojure text",
        &["clojure syntax-error build_error error shop/cart.clj 12:3-12:3 Unable to resolve symbol: total in this context"],
    );
    holds(
        "/w/src/Cart.groovy: 12: unexpected token: total @ line 12, column 3.\n",
        "groovyc text",
        &["groovyc error build_error error /w/src/Cart.groovy 12:3-12:3 unexpected token: total"],
    );
    holds(
        "  error • Undefined name 'total' • lib/cart.dart:12:3 • undefined_identifier\n",
        "dart text",
        &["dart undefined_identifier build_error error lib/cart.dart 12:3-12:3 Undefined name 'total'"],
    );
    holds(
        "ERROR: LoadError: UndefVarError: total not defined\nStacktrace:\n [1] top-level scope\nin expression starting at /w/test/runtests.jl:7\n",
        "julia text",
        &["julia error build_error error /w/test/runtests.jl 7:1-7:1 UndefVarError: total not defined"],
    );
}

#[test]
fn linters_of_other_languages() {
    holds(
        "cart/cart.go:1::warning: file is not gofmted with -s (gofmt)\ncart/cart.go:9:2:warning: total is unused (unused)\n",
        "gometalinter text",
        &[
            "gometalinter gofmt formatting warning cart/cart.go 1:1-1:1 file is not gofmted with -s",
            "gometalinter unused linting warning cart/cart.go 9:2-9:2 total is unused",
        ],
    );
    holds(
        "/w/Cart.kt:12:1 Unexpected blank line(s) before \"}\" (no-blank-line-before-rbrace)\n",
        "ktlint text",
        &["ktlint no-blank-line-before-rbrace formatting error /w/Cart.kt 12:1-12:1 Unexpected blank line(s) before \"}\""],
    );
    holds(
        "ERROR: /w/cart/BUILD.bazel:12:11: Compiling cart/cart.cc failed: (Exit 1)\n",
        "bazel text",
        &["bazel error build_error error /w/cart/BUILD.bazel 12:11-12:11 Compiling cart/cart.cc failed: (Exit 1)"],
    );
    holds(
        "/w/Cart.kt:12: Error: Call requires API level 26 [NewApi]\n        val today = now()\n                    ~~~\n",
        "android lint text",
        &["android lint NewApi linting error /w/Cart.kt 12:1-12:1 Call requires API level 26"],
    );
    holds(
        "/w/Cart.swift:12:5: warning: Line Length Violation: Line should be 120 characters or less (line_length)\n",
        "swiftlint text",
        &[
            "swiftlint line_length linting warning /w/Cart.swift 12:5-12:5 Line Length Violation: Line should be 120 characters or less",
        ],
    );
    holds(
        "❌  /w/Cart.swift:12:5: use of unresolved identifier 'total'\n",
        "swiftc text",
        &["swiftc error build_error error /w/Cart.swift 12:5-12:5 use of unresolved identifier 'total'"],
    );
    holds(
        "lib/cart.ex:12:no_return\nFunction add/2 has no local return.\n",
        "dialyzer text",
        &["dialyzer no_return type_checking error lib/cart.ex 12:1-12:1 Function add/2 has no local return."],
    );
    holds(
        "src/Cart.hs:12:5-20: Suggestion: Use map\nFound:\n  total\n",
        "hlint text",
        &["hlint message linting error src/Cart.hs 12:5-12:5 Use map"],
    );
    holds(
        "R/cart.R:12:5: style: [line_length_linter] Lines should not be more than 80 characters.\n",
        "lintr text",
        &["lintr line_length_linter linting info R/cart.R 12:5-12:5 Lines should not be more than 80 characters."],
    );
    holds(
        "┃ [R] → Modules should have a @moduledoc tag.\n┃       lib/cart.ex:1:11 #(Cart)\n",
        "credo text",
        &["credo message linting warning lib/cart.ex 1:11-1:11 Modules should have a @moduledoc tag."],
    );
}
