//! Manifests and settings of package managers and test runners: the commands in them, and where code is taken from. A dependency's version
//! is none of these.

use serde_json::Value;

use super::{Hooks, MOST, logical, whole};

/// Parts of `package.json` and `composer.json` that hold commands.
const COMMANDS: &[&str] = &[
    "scripts",
    "husky",
    "lint-staged",
    "simple-git-hooks",
    "pre-commit",
    "pre-push",
    "gypfile",
    "allow-plugins",
    "repositories",
];
/// Parts of manifests that hold dependencies.
const DEPENDENCIES: &[&str] =
    &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides", "resolutions"];
/// Tables and keys of the tools in `pyproject.toml` that hold commands.
const OF_TOOLS: &[&str] = &[
    "after-build",
    "before-all",
    "before-build",
    "before-test",
    "build-script",
    "cmd",
    "cmdclass",
    "commands",
    "commands_post",
    "commands_pre",
    "extra-index-url",
    "find-links",
    "hooks",
    "index",
    "index-url",
    "install_command",
    "legacy_tox_ini",
    "post-install-commands",
    "pre-install-commands",
    "repair-wheel-command",
    "script",
    "scripts",
    "setup-script",
    "shell",
    "source",
    "tasks",
    "test-command",
];
/// Keys of the settings of test runners that hold commands.
const OF_INI: &[&str] = &[
    "alias",
    "aliases",
    "allowlist_externals",
    "cmdclass",
    "commands",
    "commands_post",
    "commands_pre",
    "index_url",
    "install_command",
    "list_dependencies_command",
    "set_env",
    "setenv",
    "setup_hooks",
    "whitelist_externals",
];
/// Settings of npm, yarn and bun that run something, or say where packages come from.
const OF_NPM: &[&str] = &[
    "editor",
    "enablescripts",
    "git",
    "ignore-scripts",
    "init-module",
    "node-options",
    "npmregistryserver",
    "onload-script",
    "plugins",
    "preload",
    "prefix",
    "registry",
    "script-shell",
    "scripts-prepend-node-path",
    "shell",
    "viewer",
    "yarn-path",
    "yarnpath",
];

/// Returns the leaves of a document, by the keys that lead to them.
fn leaves(document: &Value) -> Vec<(Vec<&str>, String)> {
    let mut all = Vec::new();
    let mut open = vec![(Vec::new(), document)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(object) => {
                for (key, value) in object.iter().rev() {
                    let mut path = path.clone();
                    path.push(key.as_str());
                    open.push((path, value));
                }
            }
            Value::Array(list) => open.extend(list.iter().rev().map(|value| (path.clone(), value))),
            Value::String(text) => all.push((path, text.clone())),
            other => all.push((path, other.to_string())),
        }
    }
    all
}

/// Reads a document and adds what of it counts: the answer is the text by which it is compared. One that cannot be read counts as a whole.
fn add_leaves(text: &str, document: Option<Value>, rule: &str, hooks: &mut Hooks, of: impl Fn(&[&str], &str) -> Option<String>) {
    let Some(document) = document else { return whole("", text, hooks) };
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    for (path, value) in leaves(&document) {
        let Some(resource) = of(&path, &value) else { continue };
        let key = path.last().copied().unwrap_or_default();
        // Leaves come in the order of the text, mostly; where those stand that are not told, nobody asks.
        let has_key = |line: &&str| line.contains(key);
        let is_told = hooks.found.len() < MOST;
        let below = || lines.iter().skip(from).position(has_key).map(|at| from + at);
        let at = if is_told { below().or_else(|| lines.iter().position(has_key)).unwrap_or(from) } else { from };
        from = at;
        hooks.add(at, rule, &format!("{}: {value}", path.join(".")), &resource);
    }
}

fn of_toml(text: &str) -> Option<Value> {
    toml::from_str(text).ok()
}

/// `package.json`, `composer.json`: scripts, hooks, and packages that come from elsewhere than the registry.
pub(super) fn package(_: &str, text: &str, hooks: &mut Hooks) {
    let document = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok();
    add_leaves(text, document, "package-script", hooks, |path, value| {
        let head = path.first().copied().unwrap_or_default();
        if path.iter().take(2).any(|key| COMMANDS.contains(key)) && !DEPENDENCIES.contains(&head) {
            return Some(format!("{}: {value}", path.join(".")));
        }
        let is_elsewhere = value.contains('/') && !value.starts_with("npm:") && !value.starts_with("workspace:");
        let name = path.last().copied().unwrap_or_default();
        (DEPENDENCIES.contains(&head) && is_elsewhere).then(|| format!("{name} {}", value.split('#').next().unwrap_or_default()))
    });
}

/// `Cargo.toml`: the build script, macros that run while others compile, and crates that come from elsewhere than the registry.
pub(super) fn cargo(_: &str, text: &str, hooks: &mut Hooks) {
    add_leaves(text, of_toml(text), "package-build", hooks, |path, value| match path {
        ["package", "build"] | ["lib", "proc-macro" | "proc_macro"] => Some(format!("{} {value}", path.join("."))),
        [.., name, "git" | "registry-index"] | ["patch" | "replace", .., name, "path"] => Some(format!("{name} {value}")),
        _ => None,
    });
}

/// `.cargo/config.toml`: wrappers, runners, linkers, flags, aliases, sources: each of its settings.
pub(super) fn cargo_config(_: &str, text: &str, hooks: &mut Hooks) {
    add_leaves(text, of_toml(text), "cargo-setting", hooks, |path, value| {
        (path.first() != Some(&"term")).then(|| format!("{} = {value}", path.join(".")))
    });
}

/// `pyproject.toml`: what builds, and the commands of tools.
pub(super) fn pyproject(_: &str, text: &str, hooks: &mut Hooks) {
    add_leaves(text, of_toml(text), "build-backend", hooks, |path, value| match path {
        // A newer one of what builds is no other.
        ["build-system", "requires"] => {
            let end = value.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(value.len());
            let name = value.get(..end).unwrap_or_default();
            let is_elsewhere = value.contains('@') || value.contains('/');
            Some(format!("requires {}", if is_elsewhere { value } else { name }))
        }
        ["build-system", ..] => Some(format!("{} {value}", path.join("."))),
        // These name functions of the package.
        ["tool", "poetry", "scripts", ..] => None,
        ["tool", rest @ ..] if rest.iter().any(|key| OF_TOOLS.contains(key)) => Some(format!("{} {value}", path.join("."))),
        _ => None,
    });
}

/// `tox.ini`, `setup.cfg`: the commands, with the lines that belong to them.
pub(super) fn ini(_: &str, text: &str, hooks: &mut Hooks) {
    let mut is_inside = false;
    for (at, line) in logical(text, '\\') {
        let code = line.trim();
        if code.starts_with('[') {
            is_inside = code.contains("alias");
            continue;
        }
        let is_continued = line.starts_with([' ', '\t']);
        if !is_continued {
            let key = code.split(['=', ':']).next().unwrap_or_default().trim().to_ascii_lowercase();
            is_inside = OF_INI.contains(&key.as_str());
        }
        if is_inside && !code.ends_with('=') {
            hooks.add(at, "test-command", code, code);
        }
    }
}

/// `.npmrc`, `.yarnrc`: what runs scripts, and where packages come from. Keys and passwords are not told.
pub(super) fn npm(_: &str, text: &str, hooks: &mut Hooks) {
    for (at, line) in logical(text, '\\') {
        let code = line.trim().trim_start_matches("- ").trim_start_matches("--");
        let key = code.split(['=', ':', ' ']).next().unwrap_or_default().trim_matches('"').to_ascii_lowercase();
        // `@scope:registry=…`
        let is_scope = code.starts_with('@') && code.contains(":registry");
        if is_scope || OF_NPM.contains(&key.as_str()) || key == "path" {
            hooks.add(at, "package-setting", code, code);
        }
    }
}

/// `.pre-commit-config.yaml`: all but the versions of what it runs.
pub(super) fn pre_commit(_: &str, text: &str, hooks: &mut Hooks) {
    for (at, line) in logical(text, '\\') {
        let code = line.trim();
        if !code.trim_start_matches("- ").starts_with("rev:") {
            hooks.add(at, "commit-hook", code, code);
        }
    }
}

/// `requirements.txt`: where packages come from, when that is not the registry.
pub(super) fn requirements(_: &str, text: &str, hooks: &mut Hooks) {
    for (at, line) in logical(text, '\\') {
        let code = line.trim();
        let is_option = code.starts_with('-')
            && !["--hash", "-r", "-c", "--requirement", "--constraint"].iter().any(|one| code.starts_with(one));
        if is_option || code.contains("://") {
            hooks.add(at, "package-source", code, code);
        }
    }
}

/// Projects of MSBuild and Maven: elements that run something or take in another file, with what stands in them.
pub(super) fn project(_: &str, text: &str, hooks: &mut Hooks) {
    const ELEMENTS: &[&str] = &[
        "exec",
        "prebuildevent",
        "postbuildevent",
        "usingtask",
        "code",
        "import",
        "executable",
        "argument",
        "arguments",
        "commandlineargs",
        "script",
        "source",
        "java",
        "extension",
    ];
    let mut pieces = text.split('<');
    let mut line = pieces.next().unwrap_or_default().matches('\n').count();
    for piece in pieces {
        let name = piece
            .split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let code = piece.trim();
        // `<source>1.8</source>` is the version of a language.
        let is_version = name == "source"
            && code.split_once('>').is_some_and(|(_, text)| text.chars().all(|c| c.is_ascii_digit() || c == '.'));
        let is_meant = ELEMENTS.contains(&name.as_str()) || piece.starts_with("![CDATA[");
        if is_meant && !is_version && !code.ends_with(&format!("{name}>")) {
            hooks.add(line, "msbuild-exec", &format!("<{code}"), code);
        }
        line += piece.matches('\n').count();
    }
}
