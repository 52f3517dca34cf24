//! Files that run when a project is built or installed, known by their path.

use domain::RepoPath;

use super::super::{Capability, Found, LONGEST_EVIDENCE};

/// More lines of one file than this are not told one by one.
const MOST: usize = 500;

/// Returns what a file runs when the project is built or installed: a script as a whole, or the lines that are commands.
pub(in super::super) fn of(path: &RepoPath, text: &[u8]) -> Vec<Found> {
    let text = String::from_utf8_lossy(text.get(..text.len().min(1 << 20)).unwrap_or_default());
    let name = path.file_name();
    let is_ci = path.as_str().starts_with(".github/workflows/")
        || path.as_str().contains("/.github/workflows/")
        || matches!(
            name,
            ".gitlab-ci.yml"
                | ".travis.yml"
                | "azure-pipelines.yml"
                | "appveyor.yml"
                | "bitbucket-pipelines.yml"
                | "action.yml"
                | "action.yaml"
        )
        || path.as_str().starts_with(".circleci/")
        || path.as_str().contains("/.circleci/");
    match name {
        "build.rs" | "setup.py" | "extconf.rb" | "binding.gyp" | "Jenkinsfile" | "conanfile.py" => whole(name, &text),
        "package.json" | "composer.json" => scripts(&text),
        "Makefile" | "makefile" | "GNUmakefile" => lines(&text, "make-recipe", |line, _| line.starts_with('\t')),
        "CMakeLists.txt" => lines(&text, "cmake-command", |line, _| {
            ["add_custom_command", "execute_process", "add_custom_target", "COMMAND "]
                .iter()
                .any(|word| line.trim_start().starts_with(word))
        }),
        "Dockerfile" | "Containerfile" => lines(&text, "image-command", |line, _| {
            ["RUN ", "ENTRYPOINT", "CMD"].iter().any(|word| line.trim_start().starts_with(word))
        }),
        "pyproject.toml" => {
            lines(&text, "build-backend", |line, _| line.starts_with("build-backend") || line.starts_with("backend-path"))
        }
        _ if is_ci => commands_of_ci(&text),
        _ if name.ends_with(".mk") => lines(&text, "make-recipe", |line, _| line.starts_with('\t')),
        _ if name.ends_with("proj") || name.ends_with(".targets") => lines(&text, "msbuild-exec", |line, _| {
            line.contains("<Exec ") || line.contains("<PreBuildEvent>") || line.contains("<PostBuildEvent>")
        }),
        _ if name.ends_with(".go") => lines(&text, "go-generate", |line, _| line.starts_with("//go:generate ")),
        _ => Vec::new(),
    }
}

fn hook(line: usize, rule: &str, code: &str, resource: Option<&str>) -> Found {
    let short = |text: &str| text.trim().chars().take(LONGEST_EVIDENCE).collect::<String>();
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    Found {
        line,
        line_end: line,
        capability: Capability::BuildHook,
        resource: resource.map(short),
        rule: rule.to_owned(),
        evidence: short(code),
        function: String::new(),
        beyond: None,
    }
}

fn whole(name: &str, text: &str) -> Vec<Found> {
    let first =
        text.lines().position(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '/', '"'])).unwrap_or(0);
    let code = text.lines().nth(first).unwrap_or_default();
    vec![hook(first + 1, "build-script", code, Some(name))]
}

fn lines(text: &str, rule: &str, is_command: impl Fn(&str, usize) -> bool) -> Vec<Found> {
    let all = text.lines().enumerate().filter(|(at, line)| !line.trim().is_empty() && is_command(line, *at));
    all.map(|(at, line)| hook(at + 1, rule, line, Some(line))).take(MOST).collect()
}

/// The entries of `scripts` of a package.
fn scripts(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut is_inside = false;
    for (at, line) in text.lines().enumerate() {
        let code = line.trim();
        let entry = match code.find("\"scripts\"") {
            Some(start) if !is_inside => code.get(start..).and_then(|rest| rest.split_once('{')).map_or("", |(_, rest)| rest),
            _ if is_inside => code,
            _ => continue,
        };
        for part in entry.split("\",").filter(|part| part.contains("\":")) {
            let command = part.split_once("\":").map_or("", |(_, command)| command);
            found.push(hook(at + 1, "package-script", part, Some(command.trim_matches([' ', '"', '}', ',']))));
        }
        is_inside = !entry.ends_with('}') && !entry.ends_with("},");
        if !is_inside || found.len() >= MOST {
            break;
        }
    }
    found
}

/// What a CI system runs: `run:`, `script:` and `uses:` with the lines that belong to them.
fn commands_of_ci(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    // How far the key is indented whose block the walk is in.
    let mut block: Option<usize> = None;
    for (at, line) in text.lines().enumerate().take(20_000) {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        if block.is_some_and(|block| indent > block || (indent == block && code.starts_with("- "))) {
            found.push(hook(at + 1, "ci-command", code, Some(code)));
        } else {
            block = None;
            let key = code.trim_start_matches("- ");
            if ["run:", "script:", "before_script:", "after_script:", "uses:", "install:", "command:"]
                .iter()
                .any(|word| key.starts_with(word))
            {
                let value = key.split_once(':').map_or("", |(_, value)| value.trim());
                // What an action is given is no command.
                block = (!key.starts_with("uses:")).then_some(indent);
                if !value.is_empty() && !matches!(value, "|" | ">" | "|-" | ">-") {
                    found.push(hook(at + 1, "ci-command", code, Some(value)));
                }
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}
