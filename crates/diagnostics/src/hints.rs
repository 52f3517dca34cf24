//! What the caller knows of an input before it is read: which CI system wrote it, or which tool, and what the job says when it passes.

use crate::{Dialect, LogReport, Matchers, PassingLog};

/// What is known of an input before it is read. Nothing need be: all is detected by content.
///
/// ```
/// use diagnostics::{Hints, LogReader};
///
/// let mut reader = LogReader::new(Hints::named("pyflakes").unwrap_or_default());
/// reader.feed(b"a.py:1:1: x is odd\n");
/// assert_eq!(reader.finish().report.diagnostics[0].tool, "pyflakes");
/// ```
#[derive(Debug, Default)]
pub struct Hints {
    /// The CI system that wrote it.
    pub dialect: Option<Dialect>,
    /// The tool or the format, by one of the names of [`Hints::TOOLS`].
    pub tool: Option<&'static str>,
    /// A log of the same job that passed.
    pub passing: PassingLog,
    /// The project's own patterns.
    pub matchers: Matchers,
}

impl Hints {
    /// The tools and formats that can be named, beside the dialects of [`Dialect::ALL`].
    pub const TOOLS: &'static [&'static str] = &[
        "actionlint",
        "bandit",
        "biome",
        "black",
        "cargo",
        "cargo-audit",
        "cargo-deny",
        "checkstyle",
        "clang",
        "clang-tidy",
        "cmake",
        "code-quality",
        "ctest",
        "diff",
        "eslint",
        "flake8",
        "gcc",
        "go test",
        "go vet",
        "gofmt",
        "goimports",
        "golangci-lint",
        "gosec",
        "govulncheck",
        "grype",
        "gtest",
        "hadolint",
        "isort",
        "javac",
        "jest",
        "junit",
        "mocha",
        "mypy",
        "nextest",
        "node:test",
        "npm",
        "osv-scanner",
        "oxlint",
        "phpstan",
        "pip-audit",
        "prettier",
        "pyflakes",
        "pylint",
        "pyright",
        "pytest",
        "rdjson",
        "rubocop",
        "ruff",
        "sarif",
        "shellcheck",
        "staticcheck",
        "stylelint",
        "tap",
        "trivy",
        "tsc",
        "unittest",
        "vitest",
        "zizmor",
    ];

    /// Returns the hint that a name is: of a dialect, a tool or a format.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.name() == name);
        let tool = Self::TOOLS.iter().find(|tool| **tool == name).copied();
        (dialect.is_some() || tool.is_some()).then(|| Self { dialect, tool, ..Self::default() })
    }

    /// Says what was promised and not found.
    pub(crate) fn missed(tool: Option<&'static str>, read: &LogReport) -> Option<String> {
        // Their lists of files look alike, and are told as gofmt's.
        let tool = tool.map(|tool| if tool == "goimports" { "gofmt" } else { tool })?;
        let said = |text: &str| text.split([' ', ',']).any(|word| word == tool) || text.starts_with(tool) || text.ends_with(tool);
        let found = read.report.formats.iter().any(|format| said(format))
            || read.report.diagnostics.iter().any(|diagnostic| said(&diagnostic.tool))
            || read.report.tests.framework.as_deref().is_some_and(said);
        (!found).then(|| format!("nothing in it was recognised as output of {tool}"))
    }
}
