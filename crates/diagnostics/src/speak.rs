//! What is known of the command lines of tools: how to make one answer in a form that reads well, and how a formatter writes.
//!
//! A line is changed only where it is one plain command: words, quotes and variables. What a shell would make more of (pipes, lists,
//! substitutions, redirections) runs as it was written, and its output is read by content.

/// How a recipe's command is run so that its output can be read well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The command line with flags for structured output added where the tool is known and the line is simple enough to change
    /// safely; otherwise the line as it was.
    pub command: String,
    /// The tool that will answer, where it is known: a hint for [`read`](crate::read).
    pub tool: Option<&'static str>,
}

/// Returns variables that make compilers and test runners report more, whatever command starts them (through `make`, `tox`, …).
///
/// ```
/// assert!(diagnostics::speak_env().iter().any(|(name, _)| *name == "PYTEST_ADDOPTS"));
/// ```
#[must_use]
pub fn speak_env() -> &'static [(&'static str, &'static str)] {
    &[
        // gcc prints its fix-its in a form for machines, columns in bytes (`fixits-v2` counts cells of a terminal).
        ("GCC_EXTRA_DIAGNOSTIC_OUTPUT", "fixits-v1"),
        // clang does as well, when told by the variable that its driver takes options from; `#`: without a word of that.
        ("CCC_OVERRIDE_OPTIONS", "#+-fdiagnostics-parseable-fixits"),
        // Every test by name. Its cache folder hides itself from git; switching it off would break `--ff` and the like.
        ("PYTEST_ADDOPTS", "-rfEsxXp"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("CARGO_TERM_COLOR", "never"),
        ("CARGO_TERM_PROGRESS_WHEN", "never"),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        // Runners neither watch files nor cut lines to the width of a terminal.
        ("CI", "1"),
        // English messages, without a change of the character set.
        ("LC_MESSAGES", "C"),
        ("NPM_CONFIG_FUND", "false"),
        ("NPM_CONFIG_UPDATE_NOTIFIER", "false"),
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ]
}

/// Returns the command line to run in place of `command`.
///
/// ```
/// let spoken = diagnostics::speak("ruff check .");
/// assert_eq!((spoken.tool, spoken.command.contains("json")), (Some("ruff"), true));
/// // What a shell makes more of is left as it is.
/// assert_eq!(diagnostics::speak("ruff check . | head").command, "ruff check . | head");
/// ```
#[must_use]
pub fn speak(command: &str) -> Spoken {
    let unchanged = || Spoken { command: command.to_owned(), tool: None };
    let Some(line) = Line::parse(command) else { return unchanged() };
    let tool = line.tool();
    let Some(flag) = tool.and_then(|tool| flag(tool, &line)) else { return Spoken { tool, ..unchanged() } };
    Spoken { command: line.with_flag(flag), tool }
}

/// Returns the tool that a command line starts, where it is one plain command and the tool is known.
///
/// ```
/// assert_eq!(diagnostics::tool_of("CI=1 npx eslint src"), Some("eslint"));
/// assert_eq!(diagnostics::tool_of("make lint && make test"), None);
/// ```
#[must_use]
pub fn tool_of(command: &str) -> Option<&'static str> {
    Line::parse(command)?.tool()
}

/// Returns the flag that makes a tool answer with structure, `None` where its text says as much or the user chose a form already.
fn flag(tool: &str, line: &Line<'_>) -> Option<&'static str> {
    let (flag, chosen): (&str, &[&str]) = match tool {
        "ruff" => (
            "--output-format json",
            &["--output-format", "--format", "--diff", "--statistics", "--show-files", "--show-settings"],
        ),
        "cargo" | "clippy" => ("--message-format=json", &["--message-format"]),
        "eslint" => ("-f json", &["-f", "--format", "-o", "--output-file", "--print-config", "--init"]),
        // Older versions have no JSON, and the text lacks only columns.
        "mypy" => ("--show-column-numbers", &["--show-column-numbers", "-O", "--output", "--hide-column-numbers"]),
        "pylint" => ("--output-format=json2", &["-f", "--output-format", "--output"]),
        "go vet" => ("-json", &["-json", "--json", "-c", "-vettool"]),
        "go test" => ("-json", &["-json", "--json", "-c", "-list"]),
        // Otherwise only failures are named, and none could be told that vanished.
        "jest" => ("--verbose", &["--verbose", "--json", "--silent", "--reporters", "--listTests", "--showConfig"]),
        "vitest" => ("--reporter=verbose", &["--reporter", "--silent"]),
        "unittest" => ("-v", &["-v", "--verbose", "-q", "--quiet"]),
        "pip-audit" => ("-f json", &["-f", "--format", "-o", "--output"]),
        "cargo-audit" => ("--json", &["--json", "-q", "--quiet"]),
        "npm-audit" => ("--json", &["--json"]),
        // What it would put in the place of each range; not its first JSON, which counts tabs as wide as they are.
        "shellcheck" => ("-f json1", &["-f", "--format", "-V", "--version", "--list-optional"]),
        "markdownlint" => ("--json", &["-j", "--json", "-o", "--output", "-f", "--fix", "-q", "--quiet", "-s", "--stdin"]),
        "tsc" => ("--pretty false", &["--pretty", "--watch", "-w", "--init", "--help", "-h", "--version", "-v"]),
        _ => return None,
    };
    (!line.has_any(chosen)).then_some(flag)
}

/// Says whether a tool, by the name that its diagnostics have, offers changes when it is asked as [`speak`] asks it, or writes them as [`writer`]
/// has it do.
///
/// ```
/// assert!(diagnostics::is_able("eslint") && !diagnostics::is_able("commitlint"));
/// ```
#[must_use]
pub fn is_able(tool: &str) -> bool {
    const OFFER: [&str; 9] = ["ruff", "clippy", "rustc", "eslint", "gcc", "clang", "go vet", "shellcheck", "markdownlint"];
    OFFER.contains(&tool) || WRITE.contains(&tool)
}

/// Returns, for the command line of a formatter that checks, the one that writes.
///
/// ```
/// assert_eq!(diagnostics::writer("black --check src").as_deref(), Some("black -q src"));
/// ```
#[must_use]
pub fn writer(command: &str) -> Option<String> {
    let line = Line::parse(command)?;
    let tool = line.tool()?;
    let (remove, with_value, add): (&[&str], &[&str], Option<&str>) = match tool {
        "black" => (&["--check", "--diff", "--color", "--no-color", "-q", "--quiet", "-v", "--verbose"], &[], Some("-q")),
        "isort" => (&["--check", "--check-only", "-c", "--diff", "--df", "-q", "--quiet", "-v", "--verbose"], &[], Some("-q")),
        "ruff-format" => (&["--check", "--diff", "-q", "--quiet"], &["--output-format"], None),
        "prettier" => (&["--check", "-c", "--list-different", "-l", "--write", "-w"], &[], Some("--write")),
        "gofmt" | "goimports" | "shfmt" => (&["-l", "-d", "-w"], &[], Some("-w")),
        "rustfmt" => {
            (&["--check", "--", "-q", "--quiet", "-l", "--files-with-diff", "-v"], &["--message-format", "--emit"], None)
        }
        "clang-format" => (&["--dry-run", "-n", "-Werror", "--Werror", "-i"], &["--output-replacements-xml"], Some("-i")),
        _ => return None,
    };
    let checks: &[&str] = match tool {
        "prettier" => &["--check", "-c", "--list-different", "-l"],
        "gofmt" | "goimports" | "shfmt" => &["-l", "-d"],
        "clang-format" => &["--dry-run", "-n"],
        _ => &["--check", "--check-only", "-c", "--diff"],
    };
    line.has_any(checks).then(|| line.rewritten(remove, with_value, add))
}

/// The formatters that [`writer`] knows.
const WRITE: [&str; 9] = ["black", "isort", "ruff-format", "prettier", "gofmt", "goimports", "shfmt", "rustfmt", "clang-format"];

/// One plain command.
struct Line<'a> {
    text: &'a str,
    words: Vec<Word>,
    /// The index of the word that names the tool.
    program: usize,
}

/// A word, and where it stands.
struct Word {
    start: usize,
    end: usize,
    /// What the shell makes of it, quotes taken off.
    value: String,
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let words = words(text)?;
        let program = program(&words)?;
        Some(Self { text, words, program })
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |word| word.value.as_str())
    }

    /// Returns the words after the tool's name.
    fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(self.program + 1).map(|word| word.value.as_str())
    }

    /// Returns the first argument that is no flag, cargo's `+toolchain` left out.
    fn subcommand(&self) -> (usize, &str) {
        let is_command = |word: &&Word| !word.value.starts_with(['-', '+']);
        let index = self.words.iter().skip(self.program + 1).position(|word| is_command(&word)).map(|at| at + self.program + 1);
        index.map_or((self.program, ""), |index| (index, self.word(index)))
    }

    fn has_any(&self, flags: &[&str]) -> bool {
        let is = |argument: &str, flag: &&str| {
            argument == *flag || argument.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=') || is_glued(flag, rest))
        };
        self.arguments()
            .take_while(|argument| *argument != "--" || self.tool() == Some("rustfmt"))
            .any(|argument| flags.iter().any(|flag| is(argument, flag)))
    }

    fn tool(&self) -> Option<&'static str> {
        let name = self.word(self.program).rsplit('/').next().unwrap_or_default();
        let sub = self.subcommand().1;
        Some(match (name, sub) {
            ("ruff", "format") => "ruff-format",
            ("ruff", "check") => "ruff",
            // Before `check` was needed: `ruff PATH`.
            ("ruff", sub)
                if !matches!(sub, "" | "rule" | "config" | "linter" | "clean" | "server" | "version" | "help" | "analyze") =>
            {
                "ruff"
            }
            ("cargo", "check" | "c" | "build" | "b") => "cargo",
            ("cargo", "clippy") => "clippy",
            ("cargo", "test" | "t") => "cargo test",
            ("cargo", "nextest") => "nextest",
            ("cargo", "fmt") => "rustfmt",
            ("cargo", "audit") => "cargo-audit",
            ("rustfmt", _) => "rustfmt",
            ("go", "vet") => "go vet",
            ("go", "test") => "go test",
            ("go", "build" | "install" | "run" | "mod" | "list") => "go",
            ("npm", "audit") => "npm-audit",
            ("gcc" | "g++" | "cc" | "c++", _) => "gcc",
            ("clang" | "clang++", _) => "clang",
            ("gofumpt", _) => "gofmt",
            ("py.test", _) => "pytest",
            (name, _) => *PLAIN.iter().find(|known| **known == name)?,
        })
    }

    /// Returns the line with a flag in it: after the subcommand or the tool's name, so before any `--`.
    fn with_flag(&self, flag: &str) -> String {
        let takes_subcommand = matches!(self.word(self.program).rsplit('/').next(), Some("cargo" | "go" | "npm"))
            || matches!((self.tool(), self.subcommand().1), (Some("ruff"), "check") | (Some("unittest"), "discover"))
            || matches!((self.tool(), self.subcommand().1), (Some("vitest"), "run" | "watch" | "dev" | "related" | "bench"));
        let after = if takes_subcommand { self.subcommand().0 } else { self.program };
        let at = self.words.get(after).map_or(self.text.len(), |word| word.end);
        let (before, rest) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        format!("{before} {flag}{rest}")
    }

    /// Returns the line without some flags, and with one after the tool's name.
    fn rewritten(&self, remove: &[&str], with_value: &[&str], add: Option<&str>) -> String {
        let mut kept: Vec<&str> = Vec::new();
        let mut skip_next = false;
        for (index, word) in self.words.iter().enumerate() {
            let raw = self.text.get(word.start..word.end).unwrap_or(&word.value);
            let is_flag =
                |flag: &&&str| word.value == **flag || word.value.strip_prefix(**flag).is_some_and(|rest| rest.starts_with('='));
            if std::mem::take(&mut skip_next) {
                continue;
            }
            if index > self.program && with_value.iter().any(|flag| is_flag(&flag)) {
                skip_next = !word.value.contains('=');
            } else if index <= self.program || !remove.iter().any(|flag| is_flag(&flag)) {
                kept.push(raw);
            }
            if index == self.program {
                kept.extend(add);
            }
        }
        kept.join(" ")
    }
}

/// Tools whose name alone says it.
const PLAIN: [&str; 27] = [
    "eslint",
    "mypy",
    "pylint",
    "flake8",
    "pyflakes",
    "pycodestyle",
    "pytest",
    "black",
    "isort",
    "prettier",
    "gofmt",
    "goimports",
    "shfmt",
    "revive",
    "clang-format",
    "pip-audit",
    "tsc",
    "golangci-lint",
    "jest",
    "vitest",
    "mocha",
    "osv-scanner",
    "staticcheck",
    "ctest",
    "unittest",
    "shellcheck",
    "markdownlint",
];

/// Says whether `rest` can be the value of a short flag, written without a space.
fn is_glued(flag: &str, rest: &str) -> bool {
    flag.len() == 2
        && flag.starts_with('-')
        && !rest.is_empty()
        && flag != "-n"
        && flag != "-c"
        && flag != "-l"
        && flag != "-d"
        && flag != "-w"
        && flag != "-q"
        && flag != "-v"
        && flag != "-h"
}

/// Returns the index of the word that names the tool: after assignments, and after what only starts it.
fn program(words: &[Word]) -> Option<usize> {
    let value = |index: usize| words.get(index).map(|word| word.value.as_str());
    let mut at = 0;
    while value(at).is_some_and(is_assignment) {
        at += 1;
    }
    loop {
        let name = value(at)?.rsplit('/').next().unwrap_or_default();
        let skip_flags = |mut at: usize| {
            while value(at).is_some_and(|word| word.starts_with('-')) {
                at += 1;
            }
            at
        };
        at = match (name, value(at + 1)) {
            ("npx" | "bunx", _) => {
                // `-p PACKAGE` and `-c COMMAND` change what the words after mean.
                let next = skip_flags(at + 1);
                let plain = words
                    .get(at + 1..next)?
                    .iter()
                    .all(|word| matches!(word.value.as_str(), "-y" | "--yes" | "--no" | "--no-install" | "--"));
                if plain { next } else { return None }
            }
            ("pnpm" | "npm" | "yarn", Some("exec")) => skip_flags(at + 2),
            ("uv" | "poetry" | "pipenv" | "pdm" | "hatch" | "rye", Some("run")) if !value(at + 2)?.starts_with('-') => at + 2,
            ("env", _) => {
                let mut next = at + 1;
                while value(next).is_some_and(is_assignment) {
                    next += 1;
                }
                next
            }
            ("exec" | "command" | "time" | "nice", Some(_)) => at + 1,
            (python, Some("-m")) if python.starts_with("python") || python.starts_with("pypy") => at + 2,
            _ => return Some(at),
        };
        if at > 32 {
            return None;
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    })
}

/// Splits a line into words, `None` where a shell would see more than one plain command in it.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words: Vec<Word> = Vec::new();
    let mut current: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && matches!(c, ' ' | '\t') {
            words.extend(current.take());
            continue;
        }
        let next = chars.peek().map(|(_, next)| *next);
        let is_substitution = c == '`' || (c == '$' && next == Some('('));
        if (is_substitution && quote != Some('\''))
            || (quote.is_none() && matches!(c, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '\n' | '\r'))
        {
            return None;
        }
        if c == '#' && quote.is_none() && current.is_none() {
            return None;
        }
        let word = current.get_or_insert_with(|| Word { start: at, end: at, value: String::new() });
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '\\') | (Some('"'), '\\') if next.is_some() => {
                if let Some((_, escaped)) = chars.next() {
                    word.value.push(escaped);
                    word.end = at + 1 + escaped.len_utf8();
                }
                continue;
            }
            (_, c) => word.value.push(c),
        }
        word.end = at + c.len_utf8();
    }
    words.extend(current);
    (quote.is_none() && !words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_formatter_that_is_said_to_write_does() {
        for tool in WRITE {
            let command = match tool {
                "ruff-format" => "ruff format --check".to_owned(),
                "gofmt" | "goimports" | "shfmt" => format!("{tool} -l ."),
                "clang-format" => "clang-format --dry-run a.c".to_owned(),
                tool => format!("{tool} --check ."),
            };
            assert!(writer(&command).is_some() && is_able(tool), "{command}");
        }
    }

    #[test]
    fn flags_are_added_where_the_tool_is_known() {
        let table = [
            ("ruff check .", "ruff check --output-format json .", Some("ruff")),
            ("ruff .", "ruff --output-format json .", Some("ruff")),
            ("ruff check --output-format=github", "ruff check --output-format=github", Some("ruff")),
            ("ruff format --check", "ruff format --check", Some("ruff-format")),
            (
                "cargo +nightly clippy --all-targets -- -D warnings",
                "cargo +nightly clippy --message-format=json --all-targets -- -D warnings",
                Some("clippy"),
            ),
            ("cargo -q check", "cargo -q check --message-format=json", Some("cargo")),
            ("cargo test", "cargo test", Some("cargo test")),
            ("cargo run -- check", "cargo run -- check", None),
            ("cargo audit", "cargo audit --json", Some("cargo-audit")),
            ("npx --no-install eslint \"src/**/*.js\"", "npx --no-install eslint -f json \"src/**/*.js\"", Some("eslint")),
            ("npx -p typescript tsc", "npx -p typescript tsc", None),
            ("./node_modules/.bin/eslint . --format stylish", "./node_modules/.bin/eslint . --format stylish", Some("eslint")),
            ("eslint -fjson .", "eslint -fjson .", Some("eslint")),
            ("A=1 B='x y' python3 -m pylint pkg", "A=1 B='x y' python3 -m pylint --output-format=json2 pkg", Some("pylint")),
            ("python -m mypy .", "python -m mypy --show-column-numbers .", Some("mypy")),
            ("shellcheck -x a.sh", "shellcheck -f json1 -x a.sh", Some("shellcheck")),
            ("shellcheck -fgcc a.sh", "shellcheck -fgcc a.sh", Some("shellcheck")),
            ("npx markdownlint '**/*.md'", "npx markdownlint --json '**/*.md'", Some("markdownlint")),
            ("markdownlint --fix .", "markdownlint --fix .", Some("markdownlint")),
            ("go vet ./...", "go vet -json ./...", Some("go vet")),
            ("go test -race ./...", "go test -json -race ./...", Some("go test")),
            ("go build ./...", "go build ./...", Some("go")),
            ("tsc --noEmit", "tsc --pretty false --noEmit", Some("tsc")),
            ("pip-audit -r requirements.txt", "pip-audit -f json -r requirements.txt", Some("pip-audit")),
            ("npm audit", "npm audit --json", Some("npm-audit")),
            ("npm run lint", "npm run lint", None),
            ("pytest -q", "pytest -q", Some("pytest")),
            ("cd x && ruff check .", "cd x && ruff check .", None),
            ("ruff check . | tee log", "ruff check . | tee log", None),
            ("ruff check $(ls)", "ruff check $(ls)", None),
            ("ruff check \"a|b\" $DIR", "ruff check --output-format json \"a|b\" $DIR", Some("ruff")),
            ("ruff check 'unfinished", "ruff check 'unfinished", None),
            ("", "", None),
            ("python3 -m unittest discover -s tests", "python3 -m unittest discover -v -s tests", Some("unittest")),
            ("python3 -m unittest", "python3 -m unittest -v", Some("unittest")),
            ("npx jest --ci", "npx jest --verbose --ci", Some("jest")),
            ("vitest run", "vitest run --reporter=verbose", Some("vitest")),
            ("uv run ruff check", "uv run ruff check --output-format json", Some("ruff")),
        ];
        for (command, spoken, tool) in table {
            assert_eq!(speak(command), Spoken { command: spoken.to_owned(), tool }, "{command}");
            assert_eq!(speak(spoken).command, spoken, "spoken twice");
        }
    }

    #[test]
    fn formatters_that_check_are_made_to_write() {
        let table = [
            ("black --check .", Some("black -q .")),
            ("python -m black --check --diff src 'a b'", Some("python -m black -q src 'a b'")),
            ("black .", None),
            ("isort --check-only .", Some("isort -q .")),
            ("isort . --check --diff --profile black", Some("isort -q . --profile black")),
            ("ruff format --check", Some("ruff format")),
            ("ruff format --check --output-format json src", Some("ruff format src")),
            ("npx prettier --check src", Some("npx prettier --write src")),
            ("prettier -l .", Some("prettier --write .")),
            ("prettier --write .", None),
            ("gofmt -l .", Some("gofmt -w .")),
            ("gofmt -s -d .", Some("gofmt -w -s .")),
            ("cargo fmt --check", Some("cargo fmt")),
            ("cargo fmt --all -- --check", Some("cargo fmt --all")),
            ("cargo fmt", None),
            ("clang-format --dry-run -Werror a.c b.c", Some("clang-format -i a.c b.c")),
            ("test -z \"$(gofmt -l .)\"", None),
            ("ruff check .", None),
        ];
        for (command, expected) in table {
            assert_eq!(writer(command).as_deref(), expected, "{command}");
        }
    }
}
