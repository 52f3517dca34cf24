//! JavaScript and TypeScript: a subproject a `package.json` that says how it is linted, tested or built.

use domain::{Language, Recipe};
use serde_json::Value;

use super::ci::simple;
use super::tree::{is_within, upwards};
use super::{Found, Look, quoted};

const FLAT_CONFIG: [&str; 6] =
    ["eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", "eslint.config.mts", "eslint.config.cts"];
const OLD_CONFIG: [&str; 6] = [".eslintrc", ".eslintrc.js", ".eslintrc.cjs", ".eslintrc.json", ".eslintrc.yml", ".eslintrc.yaml"];
const PRETTIER_CONFIG: [&str; 12] = [
    ".prettierrc",
    ".prettierrc.json",
    ".prettierrc.yml",
    ".prettierrc.yaml",
    ".prettierrc.json5",
    ".prettierrc.js",
    ".prettierrc.cjs",
    ".prettierrc.mjs",
    ".prettierrc.toml",
    "prettier.config.js",
    "prettier.config.cjs",
    "prettier.config.mjs",
];
/// Linters other than eslint that a script may call, run as the script calls them.
const LINTERS: [&str; 6] = ["standard", "xo", "jshint", "tslint", "oxlint", "biome"];
const TEST_RUNNERS: [&str; 12] =
    ["node", "mocha", "_mocha", "jest", "vitest", "ava", "tap", "tape", "jasmine", "qunit", "uvu", "nyc"];
/// What `npm init` writes where there are no tests.
const NO_TESTS: &str = "no test specified";

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    let mut roots: Vec<(&str, Value)> = Vec::new();
    for folder in look.tree.folders_with(&["package.json"]) {
        let text = look.tree.text(folder, "package.json").unwrap_or_default();
        let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
        // What the project above runs for all of its packages covers this one too.
        let is_covered = roots.iter().any(|(root, above)| {
            is_within(folder, root) && ["lint", "test", "build"].iter().any(|name| script(above, name).is_some())
        });
        let is_code = look
            .tree
            .below(folder)
            .any(|path| matches!(path.extension(), Some("js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx")));
        if is_code && !is_covered {
            roots.push((folder, manifest));
        }
    }
    roots.iter().map(|(folder, manifest)| Package { look, folder, manifest }.recipes()).collect()
}

struct Package<'a> {
    look: &'a Look<'a>,
    folder: &'a str,
    manifest: &'a Value,
}

impl Package<'_> {
    fn recipes(&self) -> Found {
        let is_typed = self.has("tsconfig.json");
        let mut found = Found::new(self.folder, if is_typed { Language::TypeScript } else { Language::JavaScript });
        if !self.look.tools.has(self.folder, "node") {
            found.note("node is not installed");
            return found;
        }
        if self.needs_packages() {
            found.note("the packages that it needs are not installed (npm ci)");
        }
        self.add_lint(&mut found);
        self.add_test(&mut found);
        self.add_format(&mut found);
        if is_typed {
            match self.look.tools.node_tool(self.folder, "tsc") {
                Some(tsc) => found.add(Recipe::Typecheck, format!("{tsc} --noEmit")),
                None => found.left_out(Recipe::Typecheck, "tsc is not installed (npm install --save-dev typescript)"),
            }
        }
        if let Some(build) = script(self.manifest, "build") {
            match self.missing_program(build, 0) {
                None if self.needs_packages() => found.left_out(Recipe::Build, "its packages are not installed"),
                None => found.add(Recipe::Build, "npm run build --silent"),
                Some(missing) => found.left_out(Recipe::Build, format!("{missing} is not installed")),
            }
        }
        found
    }

    fn add_lint(&self, found: &mut Found) {
        let lint = script(self.manifest, "lint");
        let parts: Vec<Vec<String>> = lint.into_iter().flat_map(|text| text.split("&&")).filter_map(simple).collect();
        let eslint_arguments =
            parts.iter().find(|words| words.first().is_some_and(|word| word == "eslint")).map(|words| self.targets(words));
        let flat = upwards(self.folder).any(|folder| self.look.tree.first_of(folder, &FLAT_CONFIG).is_some());
        let old = self
            .look
            .tree
            .first_of(self.folder, &OLD_CONFIG)
            .or_else(|| self.manifest.get("eslintConfig").map(|_| "eslintConfig"));
        if flat || old.is_some() || eslint_arguments.is_some() {
            let Some(eslint) = self.look.tools.node_tool(self.folder, "eslint") else {
                found.left_out(Recipe::Lint, "eslint is not installed (npm install --save-dev eslint)");
                return;
            };
            // From version 9 on, eslint reads the old kind of configuration only when told to; from 10 on not at all.
            let setting = match (flat, old) {
                (true, _) => "",
                (false, Some(old)) => match self.look.tools.major_version(self.folder, "eslint") {
                    Some(9) => "ESLINT_USE_FLAT_CONFIG=false ",
                    Some(version) if version >= 10 => {
                        found.left_out(Recipe::Lint, format!("eslint is version {version}: it does not read {old}"));
                        return;
                    }
                    _ => "",
                },
                (false, None) => {
                    found.left_out(Recipe::Lint, "there is no configuration of eslint");
                    return;
                }
            };
            found.add(Recipe::Lint, format!("{setting}{eslint} {}", eslint_arguments.as_deref().unwrap_or(".")));
            return;
        }
        for words in &parts {
            let Some((name, arguments)) = words.split_first().filter(|(name, _)| LINTERS.contains(&name.as_str())) else {
                continue;
            };
            let Some(program) = self.look.tools.node_tool(self.folder, name) else {
                found.left_out(Recipe::Lint, format!("{name} is not installed (npm install --save-dev {name})"));
                return;
            };
            let arguments: String =
                arguments.iter().filter(|word| *word != "--fix").map(|word| format!(" {}", quoted(word))).collect();
            found.add(Recipe::Lint, program + &arguments);
            return;
        }
        match lint {
            Some(_) => found.left_out(Recipe::Lint, "the script `lint` calls no linter that is known here"),
            None => found.left_out(Recipe::Lint, "no linter is configured"),
        }
    }

    fn add_test(&self, found: &mut Found) {
        let Some(test) = script(self.manifest, "test").filter(|text| !text.contains(NO_TESTS)) else {
            found.left_out(Recipe::Test, "package.json has no script `test`");
            return;
        };
        let around = ["pretest", "posttest"].iter().filter_map(|name| script(self.manifest, name));
        let Some(missing) = around.chain([test]).find_map(|script| self.missing_program(script, 0)) else {
            found.add(Recipe::Test, "npm test --silent");
            return;
        };
        // What the script runs besides (a linter, a coverage tool) may be missing while its test runner is there.
        let parts = test.split("&&").filter_map(simple);
        let runs = |words: &Vec<String>| {
            words.first().is_some_and(|name| TEST_RUNNERS.contains(&name.as_str()) && !names_missing(self, words))
        };
        let Some((name, arguments)) =
            parts.into_iter().find(runs).and_then(|words| words.split_first().map(|(name, rest)| (name.clone(), rest.to_vec())))
        else {
            found.left_out(Recipe::Test, format!("{missing} is not installed"));
            return;
        };
        let Some(program) = self.look.tools.node_tool(self.folder, &name) else { return };
        let arguments: String = arguments.iter().map(|word| format!(" {}", as_written(word))).collect();
        found.note(format!("test is the runner alone: {missing}, which `npm test` calls too, is not installed"));
        found.add(Recipe::Test, program + &arguments);
    }

    fn add_format(&self, found: &mut Found) {
        let is_configured =
            self.look.tree.first_of(self.folder, &PRETTIER_CONFIG).is_some() || self.manifest.get("prettier").is_some();
        if !is_configured {
            return;
        }
        match self.look.tools.node_tool(self.folder, "prettier") {
            Some(prettier) => found.add(Recipe::Format, format!("{prettier} --check .")),
            None => found.left_out(Recipe::Format, "prettier is not installed (npm install --save-dev prettier)"),
        }
    }

    /// Returns the first program that a script calls and that is not there. A script too clever to be read is given the benefit of
    /// the doubt only if what it starts with is there.
    fn missing_program(&self, script_text: &str, depth: usize) -> Option<String> {
        const BUILT_IN: [&str; 18] = [
            "echo", "exit", "cd", "rm", "cp", "mv", "mkdir", "true", "test", "cat", "sh", "bash", "export", "set", ":", "[",
            "node", "npx",
        ];
        for part in script_text.split(['&', '|', ';']).filter(|part| !part.trim().is_empty()) {
            let mut words = part
                .split_whitespace()
                .skip_while(|word| word.contains('=') || *word == "cross-env" || *word == "env" || *word == "!");
            let (Some(name), rest) = (words.next(), words.collect::<Vec<_>>()) else { continue };
            match name.trim_start_matches('(') {
                "npm" | "yarn" | "pnpm" => {
                    let called = rest.iter().find(|word| **word != "run" && **word != "run-script" && !word.starts_with('-'));
                    let inner = called.and_then(|called| script(self.manifest, called)).filter(|_| depth < 5);
                    if let Some(missing) = inner.and_then(|inner| self.missing_program(inner, depth + 1)) {
                        return Some(missing);
                    }
                    if !self.look.tools.has(self.folder, name) {
                        return Some(name.to_owned());
                    }
                }
                name if BUILT_IN.contains(&name) || name.starts_with('.') || name.contains('/') => {}
                name if self.look.tools.has(self.folder, name) => {}
                name => return Some(name.to_owned()),
            }
        }
        None
    }

    /// Returns the files and folders that a script hands to eslint; flags are left behind, as they differ from version to version.
    fn targets(&self, words: &[String]) -> String {
        let there = |word: &&String| {
            let path = word.trim_start_matches("./").trim_end_matches('/');
            !word.starts_with('-')
                && (path.contains('*')
                    || path == "."
                    || self.look.tree.is_folder(&super::tree::join(self.folder, path))
                    || self.has(path))
        };
        let named: Vec<String> = words.iter().skip(1).filter(there).map(|word| quoted(word)).collect();
        if named.is_empty() { ".".to_owned() } else { named.join(" ") }
    }

    fn needs_packages(&self) -> bool {
        let some = |key: &str| self.manifest.get(key).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
        (some("dependencies") || some("devDependencies")) && !self.look.tools.has_node_modules(self.folder)
    }

    fn has(&self, name: &str) -> bool {
        self.look.tree.has(self.folder, name)
    }
}

fn names_missing(package: &Package<'_>, words: &[String]) -> bool {
    // `nyc mocha` needs both.
    words.iter().filter(|word| TEST_RUNNERS.contains(&word.as_str())).any(|word| !package.look.tools.has(package.folder, word))
}

/// Returns a word of a script with its wildcards left to the shell, which npm would have run it in.
fn as_written(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./*?,:=@%+".contains(c));
    if is_plain { word.to_owned() } else { quoted(word) }
}

fn script<'m>(manifest: &'m Value, name: &str) -> Option<&'m str> {
    manifest.get("scripts")?.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}
