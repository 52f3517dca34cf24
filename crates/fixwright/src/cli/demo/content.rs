//! The files of the demo repositories, as they lie in `fixtures/demo/<name>/`, within the program.

use domain::Language;

/// A demo repository.
pub(super) struct Content {
    pub(super) name: &'static str,
    pub(super) language: Language,
    pub(super) about: &'static str,
    /// Paths and texts.
    pub(super) files: &'static [(&'static str, &'static str)],
}

macro_rules! content {
    ($name:literal, $language:ident, $about:literal, [$($path:literal),* $(,)?]) => {
        Content {
            name: $name,
            language: Language::$language,
            about: $about,
            files: &[$(($path, include_str!(concat!("../../../../../fixtures/demo/", $name, "/", $path)))),*],
        }
    };
}

/// All of them, in the order in which they are made.
pub(super) const ALL: &[Content] = &[
    content!(
        "rust-warnings",
        Rust,
        "builds, with warnings of the compiler and of clippy; one of them needs its author",
        [".gitignore", "Cargo.lock", "Cargo.toml", "fixwright.toml", "src/label.rs", "src/lib.rs"]
    ),
    content!(
        "rust-build",
        Rust,
        "does not build: a `use` is missing and a name is misspelt",
        [".gitignore", "Cargo.lock", "Cargo.toml", "fixwright.toml", "src/lib.rs"]
    ),
    content!(
        "python-names",
        Python,
        "tests fail for missing imports and a misspelt name; one waits for a feature that nobody has written",
        [
            ".gitignore",
            "fixwright.toml",
            "pyproject.toml",
            "shop/__init__.py",
            "shop/prices.py",
            "shop/receipts.py",
            "tests/__init__.py",
            "tests/test_shop.py",
        ]
    ),
    content!(
        "c-warnings",
        C,
        "builds, with a missing header, a wrong format, an unused variable and a mixed comparison",
        [".gitignore", "Makefile", "fixwright.toml", "src/main.c", "src/table.c", "src/table.h", "tests/table_test.c"]
    ),
    content!(
        "javascript-requires",
        JavaScript,
        "tests fail for a missing `require` and for one that is spelt with a capital",
        [
            "eslint.config.js",
            "fixwright.toml",
            "lib/colours.js",
            "lib/routes.js",
            "lib/theme.js",
            "package.json",
            "test/colours.test.js",
            "test/routes.test.js",
            "test/theme.test.js",
        ]
    ),
    content!(
        "go-imports",
        Go,
        "an import is missing, one is unused, a format is wrong and a file not formatted",
        [
            "describe/describe.go",
            "fixwright.toml",
            "go.mod",
            "greet/greet.go",
            "greet/greet_test.go",
            "report/report.go",
            "stats/stats.go",
            "stats/stats_test.go",
        ]
    ),
];
