//! What systems of continuous integration, task runners and composers of containers are told to run.

use domain::RepoPath;

use super::Hooks;

/// Files of these names, wherever they are.
const NAMES: &[&str] = &[
    "azure-pipelines",
    ".azure-pipelines",
    ".gitlab-ci",
    ".travis",
    "appveyor",
    ".appveyor",
    "bitbucket-pipelines",
    "action",
    ".drone",
    ".woodpecker",
    ".cirrus",
    "cloudbuild",
    "buildspec",
    "codemagic",
    "wercker",
    "taskfile",
    "lefthook",
    ".lefthook",
    ".gitpod",
    "docker-compose",
    "compose",
    "skaffold",
    ".semaphore",
    "pipeline",
    ".tekton",
    ".readthedocs",
];
/// All files in these.
const FOLDERS: &[&str] = &[
    ".github/workflows/",
    ".github/actions/",
    ".circleci/",
    ".buildkite/",
    ".gitlab/",
    ".gitlab-ci/",
    ".woodpecker/",
    ".semaphore/",
    ".tekton/",
    ".azure-pipelines/",
    ".azuredevops/",
    ".forgejo/",
    ".gitea/",
    ".teamcity/",
];
/// Keys under which commands stand, what runs them, and what they are made of.
const KEYS: &[&str] = &[
    "after_deploy",
    "after_failure",
    "after_install",
    "after_script",
    "after_success",
    "args",
    "arguments",
    "bash",
    "before_deploy",
    "before_install",
    "before_script",
    "build_script",
    "cmd",
    "cmds",
    "command",
    "commands",
    "container",
    "deploy_script",
    "entrypoint",
    "env",
    "environment",
    "hooks",
    "image",
    "include",
    "init",
    "inlinescript",
    "install",
    "main",
    "on_failure",
    "on_success",
    "orbs",
    "plugins",
    "post",
    "postcreatecommand",
    "powershell",
    "pre",
    "pre_build",
    "pwsh",
    "run",
    "script",
    "scripts",
    "sh",
    "shell",
    "test_script",
    "uses",
    "variables",
];

/// Says whether a file is one of these.
pub(super) fn is_ci(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    let is_in = |folder: &&str| path.as_str().starts_with(*folder) || path.as_str().contains(&format!("/{folder}"));
    NAMES.contains(&stem)
        || stem.ends_with(".gitlab-ci")
        || stem.starts_with("docker-compose.")
        || stem.starts_with("compose.")
        || FOLDERS.iter().any(is_in)
}

/// What stands under the keys, with the lines that belong to them.
pub(super) fn of(_: &str, text: &str, hooks: &mut Hooks) {
    // How far the key is indented whose block the walk is in.
    let mut block: Option<usize> = None;
    for (at, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        if block.is_some_and(|block| indent > block || (indent == block && code.starts_with("- "))) {
            hooks.add(at, "ci-command", code, code);
            continue;
        }
        block = None;
        let key = code.trim_start_matches("- ");
        let (name, value) = key.split_once(':').map_or(("", key), |(name, value)| (name, value.trim()));
        let name = name.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
        let is_key = KEYS.contains(&name.as_str());
        // `script: *x` runs what stands under `&x`, and `{ run: x }` has its keys within a line.
        let is_anchor = value.starts_with('&');
        let is_flow = code.contains('{') && KEYS.iter().any(|word| has_key(code, word));
        if is_key || is_anchor || is_flow {
            // What an action is given is no command.
            block = (name != "uses").then_some(line.len() - key.len());
            if !value.is_empty() && !matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+") {
                hooks.add(at, "ci-command", code, if is_flow { code } else { value });
            }
        }
    }
}

/// Says whether a line has a key somewhere: `{ "run": …`, `{run: …`.
fn has_key(line: &str, key: &str) -> bool {
    line.match_indices(key).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + key.len()..).unwrap_or_default();
        before.ends_with(['{', ',', ' ', '"', '\'']) && after.trim_start_matches(['"', '\'']).trim_start().starts_with(':')
    })
}
