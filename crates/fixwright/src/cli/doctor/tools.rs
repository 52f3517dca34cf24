//! The tools that fixwright works with, as data.

use serde::Serialize;

/// A tool, how it is asked for its version, and how it is installed.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) group: Group,
    /// What it is for, a few words.
    pub(super) purpose: &'static str,
    pub(super) ask: Ask,
    pub(super) install: Install,
}

/// Which part of the table a tool stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Group {
    Toolchain,
    Linter,
    Formatter,
    Types,
    Tests,
    Auditor,
}

impl Group {
    pub(super) const ALL: [Self; 6] = [Self::Toolchain, Self::Linter, Self::Formatter, Self::Types, Self::Tests, Self::Auditor];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Toolchain => "Toolchains",
            Self::Linter => "Linters",
            Self::Formatter => "Formatters",
            Self::Types => "Type checkers",
            Self::Tests => "Test runners",
            Self::Auditor => "Auditors of dependencies",
        }
    }
}

/// How a tool is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask {
    /// With these arguments.
    Version(&'static [&'static str]),
    /// As a subcommand of cargo, whose stand-in for it may be there without it.
    Cargo(&'static [&'static str]),
    /// Not at all: it has no way to say its version.
    Presence,
}

/// What installs it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Install {
    /// These packages of Debian.
    Apt(&'static str),
    /// This package of npm, into the project.
    Npm(&'static str),
    /// This package of PyPI; where the system owns Python, the package of Debian if there is one.
    Pip { name: &'static str, apt: Option<&'static str> },
    /// This component of rustup.
    Rustup(&'static str),
    /// This crate.
    Cargo(&'static str),
    /// This command.
    Command(&'static str),
}

/// Says whether a toolchain alone is enough for the main job; git, npm and make only help.
pub(super) fn suffices(name: &str) -> bool {
    ["cargo", "python3", "node", "go", "gcc", "clang", "mvn", "gradle"].contains(&name)
}

const RUSTUP: Install = Install::Command("curl --proto '=https' -sSf https://sh.rustup.rs | sh");
const VERSION: Ask = Ask::Version(&["--version"]);

const fn tool(name: &'static str, group: Group, purpose: &'static str, ask: Ask, install: Install) -> Tool {
    Tool { name, group, purpose, ask, install }
}

const fn pip(name: &'static str, group: Group, purpose: &'static str, apt: Option<&'static str>) -> Tool {
    tool(name, group, purpose, VERSION, Install::Pip { name, apt })
}

/// All of them, in the order of the table.
pub(super) const TOOLS: &[Tool] = &[
    tool("git", Group::Toolchain, "needed for everything", VERSION, Install::Apt("git")),
    tool("cargo", Group::Toolchain, "Rust", VERSION, RUSTUP),
    tool("rustc", Group::Toolchain, "Rust", VERSION, RUSTUP),
    tool("python3", Group::Toolchain, "Python", VERSION, Install::Apt("python3")),
    tool("node", Group::Toolchain, "JavaScript, TypeScript", VERSION, Install::Apt("nodejs")),
    tool("npm", Group::Toolchain, "JavaScript, TypeScript", VERSION, Install::Apt("npm")),
    tool("go", Group::Toolchain, "Go", Ask::Version(&["version"]), Install::Apt("golang-go")),
    tool("gcc", Group::Toolchain, "C, C++", VERSION, Install::Apt("gcc")),
    tool("clang", Group::Toolchain, "C, C++", VERSION, Install::Apt("clang")),
    tool("make", Group::Toolchain, "builds of C", VERSION, Install::Apt("make")),
    tool("cmake", Group::Toolchain, "builds of C and C++", VERSION, Install::Apt("cmake")),
    tool("mvn", Group::Toolchain, "Java", VERSION, Install::Apt("maven")),
    tool("gradle", Group::Toolchain, "Java", VERSION, Install::Apt("gradle")),
    tool("cargo-clippy", Group::Linter, "Rust", Ask::Cargo(&["clippy", "--version"]), Install::Rustup("clippy")),
    pip("ruff", Group::Linter, "Python: lint with fixes, format", None),
    pip("flake8", Group::Linter, "Python", Some("python3-flake8")),
    pip("pylint", Group::Linter, "Python", Some("pylint")),
    tool("eslint", Group::Linter, "JavaScript, TypeScript", VERSION, Install::Npm("eslint")),
    tool(
        "golangci-lint",
        Group::Linter,
        "Go, where a project uses it",
        VERSION,
        Install::Command("go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@latest"),
    ),
    tool("cargo-fmt", Group::Formatter, "Rust", Ask::Cargo(&["fmt", "--version"]), Install::Rustup("rustfmt")),
    pip("black", Group::Formatter, "Python, where a project uses it", Some("black")),
    pip("isort", Group::Formatter, "Python, where a project uses it", Some("isort")),
    tool("prettier", Group::Formatter, "JavaScript, where a project uses it", VERSION, Install::Npm("prettier")),
    tool("gofmt", Group::Formatter, "Go", Ask::Presence, Install::Apt("golang-go")),
    tool("clang-format", Group::Formatter, "C, C++, where a project uses it", VERSION, Install::Apt("clang-format")),
    pip("mypy", Group::Types, "Python, where a project uses it", Some("mypy")),
    tool("tsc", Group::Types, "TypeScript", VERSION, Install::Npm("typescript")),
    pip("pytest", Group::Tests, "Python; else unittest runs", Some("python3-pytest")),
    tool("cargo-audit", Group::Auditor, "Cargo.lock", Ask::Cargo(&["audit", "--version"]), Install::Cargo("cargo-audit")),
    pip("pip-audit", Group::Auditor, "Python requirements", None),
    tool(
        "osv-scanner",
        Group::Auditor,
        "lockfiles of all kinds",
        VERSION,
        Install::Command("go install github.com/google/osv-scanner/v2/cmd/osv-scanner@latest"),
    ),
];
