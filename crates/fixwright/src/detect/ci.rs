//! What the project's own CI runs: the best witness of which tools it uses, and on what.
//!
//! Only single, simple commands are taken, as words; a recipe is then made anew from the tool and the parts of the command that are
//! understood, so that flags for reports and coverage of a machine that is not this one do not come along.

use domain::RepoPath;
use serde_norway::Value;

use super::tree::{Tree, join};

/// A simple command of the project's CI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CiCommand {
    /// The command without what starts it (`poetry run`, `python -m`, `npx`).
    pub(super) words: Vec<String>,
    /// The folder that it runs in, `""` for the root.
    pub(super) folder: String,
}

const MOST_FILES: usize = 64;
const MOST_COMMANDS: usize = 1000;
const LARGEST_YAML: usize = 256 << 10;
const DEEPEST: usize = 12;

/// Returns the commands of the CI files that are known here, `tox.ini` and `.pre-commit-config.yaml` among them.
pub(super) fn commands(tree: &Tree<'_>) -> Vec<CiCommand> {
    let mut found = Found(Vec::new());
    let is_workflow = |path: &&RepoPath| path.parent() == ".github/workflows" && matches!(path.extension(), Some("yml" | "yaml"));
    let workflows = tree.below(".github").filter(is_workflow).cloned();
    let single = [".gitlab-ci.yml", ".travis.yml", ".circleci/config.yml", ".cirrus.yml"];
    for path in workflows.chain(single.iter().filter_map(|path| RepoPath::new(path).ok())).take(MOST_FILES) {
        if let Some(yaml) = yaml(tree, &path) {
            found.walk(&yaml, "", 0);
        }
    }
    if let Some(yaml) = RepoPath::new(".pre-commit-config.yaml").ok().and_then(|path| yaml(tree, &path)) {
        found.hooks(&yaml);
    }
    if let Some(text) = tree.text("", "tox.ini") {
        found.tox(&text);
    }
    found.0
}

impl CiCommand {
    /// Returns the arguments of the command if it runs this tool.
    pub(super) fn arguments_of(&self, tool: &str) -> Option<&[String]> {
        self.words.split_first().filter(|(first, _)| first.as_str() == tool).map(|(_, rest)| rest)
    }
}

struct Found(Vec<CiCommand>);

impl Found {
    /// Walks jobs and steps of any of the systems: what stands under `run`, `script` and their like is shell.
    fn walk(&mut self, value: &Value, folder: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Mapping(map) => {
                let own = map
                    .get("working-directory")
                    .and_then(Value::as_str)
                    .map(|own| own.trim_start_matches("./").trim_end_matches('/'));
                let folder = own.filter(|own| !own.contains('$')).unwrap_or(folder);
                for (key, value) in map {
                    match key.as_str() {
                        Some("run" | "script" | "before_script" | "command" | "test_script" | "lint_script") => {
                            self.shell(value, folder, depth)
                        }
                        _ => self.walk(value, folder, depth + 1),
                    }
                }
            }
            Value::Sequence(items) => items.iter().for_each(|item| self.walk(item, folder, depth + 1)),
            _ => {}
        }
    }

    fn shell(&mut self, value: &Value, folder: &str, depth: usize) {
        match value {
            Value::String(text) => self.lines(text, folder),
            Value::Sequence(items) => items.iter().for_each(|item| match item {
                Value::String(text) => self.lines(text, folder),
                other => self.walk(other, folder, depth + 1),
            }),
            other => self.walk(other, folder, depth + 1),
        }
    }

    /// The hooks of pre-commit are called as their tools, apart from a few.
    fn hooks(&mut self, yaml: &Value) {
        let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_sequence).cloned().unwrap_or_default();
        for hook in list(yaml, "repos").iter().flat_map(|repo| list(repo, "hooks")) {
            let Some(id) = hook.get("id").and_then(Value::as_str) else { continue };
            self.lines(
                match id {
                    "ruff" | "ruff-check" => "ruff check",
                    "ruff-format" => "ruff format",
                    other => other,
                },
                "",
            );
        }
    }

    /// Takes the `commands` of `tox.ini`: a list that goes on while its lines are indented.
    fn tox(&mut self, text: &str) {
        let mut inside = false;
        for line in text.lines() {
            let is_indented = line.starts_with([' ', '\t']);
            let command = match line.split_once('=') {
                Some((key, value)) if !is_indented => {
                    inside = key.trim() == "commands";
                    value
                }
                _ if is_indented => line,
                _ => {
                    inside = false;
                    continue;
                }
            };
            if inside {
                let plain: Vec<&str> = command.split_whitespace().filter(|word| !word.starts_with("{posargs")).collect();
                // `-` before a command means that its failure does not count.
                self.lines(plain.join(" ").trim_start_matches(['-', ' ']), "");
            }
        }
    }

    fn lines(&mut self, text: &str, folder: &str) {
        let joined = text.replace("\\\n", " ");
        let mut here = folder.to_owned();
        for line in joined.lines() {
            for command in line.split("&&") {
                if self.0.len() >= MOST_COMMANDS {
                    return;
                }
                let Some(words) = simple(command) else { continue };
                match words.split_first() {
                    Some((first, [folder])) if first == "cd" => here = join(&here, folder.trim_end_matches('/')),
                    Some(_) => self.0.push(CiCommand { words, folder: here.clone() }),
                    None => {}
                }
            }
        }
    }
}

/// Returns the words of a single command that needs no shell to be understood, without what starts it.
pub(super) fn simple(command: &str) -> Option<Vec<String>> {
    let command = command.trim();
    if command.starts_with('#') || command.contains(['$', '`', '|', ';', '&', '<', '>', '(', ')', '{', '}']) {
        return None;
    }
    let words = shlex::split(command)?;
    let mut rest = words.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = match (first.as_str(), after.first().map(String::as_str)) {
            ("poetry" | "pipenv" | "uv" | "hatch" | "pdm" | "rye" | "coverage", Some("run")) => after.get(1..)?,
            ("pnpm", Some("exec")) => after.get(1..)?,
            ("python" | "python3", Some("-m")) => after.get(1..)?,
            ("-m" | "sudo" | "time" | "npx" | "--no-install" | "--yes" | "uvx" | "pipx", _) => after,
            _ => break,
        };
    }
    let first = rest.first()?;
    // `NAME=value command` depends on a setting that is not ours to repeat.
    (!first.contains('=')).then(|| rest.to_vec())
}

fn yaml(tree: &Tree<'_>, path: &RepoPath) -> Option<Value> {
    let text = tree.text_of(path).filter(|text| text.len() <= LARGEST_YAML)?;
    serde_norway::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use domain::Files;

    use super::*;

    fn commands_of(path: &str, text: &str) -> Vec<(String, String)> {
        let files = Files::from_map([(RepoPath::new(path).unwrap(), text.as_bytes().to_vec())].into());
        commands(&Tree::new(&files)).into_iter().map(|command| (command.folder, command.words.join(" "))).collect()
    }

    fn at(folder: &str, command: &str) -> (String, String) {
        (folder.to_owned(), command.to_owned())
    }

    #[test]
    fn workflows_give_their_simple_commands_with_folders() {
        let text = "
defaults: {run: {working-directory: ./web}}
jobs:
  test:
    steps:
      - uses: actions/checkout@v4
      - run: pip install -r requirements.txt && poetry run ruff check src
      - run: |
          cd sub
          python -m pytest tests \\
            --cov=x
          echo \"$SECRET\" | sh
      - run: npm test
        working-directory: front/
";
        assert_eq!(
            commands_of(".github/workflows/ci.yml", text),
            [
                at("", "pip install -r requirements.txt"),
                at("", "ruff check src"),
                at("sub", "pytest tests --cov=x"),
                at("front", "npm test"),
            ]
        );
    }

    #[test]
    fn gitlab_travis_tox_and_hooks() {
        assert_eq!(
            commands_of(".gitlab-ci.yml", "lint:\n  script:\n    - flake8 pkg\n    - [mypy ., black --check .]\n"),
            [at("", "flake8 pkg")]
        );
        assert_eq!(commands_of(".travis.yml", "script: make check\n"), [at("", "make check")]);
        assert_eq!(
            commands_of(
                "tox.ini",
                "[testenv]\ndeps =\n  pytest\ncommands = pytest {posargs:tests} -x\n    - flake8 src\n[flake8]\nignore = E1\n"
            ),
            [at("", "pytest -x"), at("", "flake8 src")]
        );
        let hooks = "repos:\n- repo: x\n  hooks: [{id: ruff}, {id: black, args: [-q]}]\n";
        assert_eq!(commands_of(".pre-commit-config.yaml", hooks), [at("", "ruff check"), at("", "black")]);
    }

    #[test]
    fn hostile_yaml_is_bounded() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &(1..12)
                .map(|n| {
                    format!(
                        "a{n}: &a{n} [{}]\n",
                        vec![format!("*a{}", if n == 1 { String::new() } else { (n - 1).to_string() }); 9].join(",")
                    )
                })
                .collect::<String>();
        assert!(commands_of(".gitlab-ci.yml", &bomb).len() <= MOST_COMMANDS);
        assert!(commands_of(".gitlab-ci.yml", &"[".repeat(100_000)).is_empty());
        assert_eq!(commands_of(".gitlab-ci.yml", "\u{1}\u{2}: ["), []);
    }
}
