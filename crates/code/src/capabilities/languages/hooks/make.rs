//! Makefiles, and the files of CMake.

use super::{Hooks, logical};

/// What runs something in a line that is no recipe, or takes in another file.
const RUNS: &[&str] = &["$(shell", "${shell", "$(eval", "${eval", "$(file", "${file", "$(guile", "$(call", "${call", "`"];

/// Commands of CMake that run something, or take in code.
const COMMANDS: &[&str] = &[
    "add_custom_command",
    "add_custom_target",
    "add_test",
    "ctest_run_script",
    "exec_program",
    "execute_process",
    "externalproject_add",
    "externalproject_add_step",
    "fetchcontent_declare",
    "file",
    "include",
    "install",
    "try_run",
    "cmake_language",
];

/// Recipes, what is worked out by a shell, and variables: recipes are made of them.
pub(super) fn of(_: &str, text: &str, hooks: &mut Hooks) {
    let mut is_defined = false;
    for (at, line) in logical(text, '\\') {
        let code = line.trim();
        let word = code.split_whitespace().next().unwrap_or_default();
        let is_end = word == "endef";
        is_defined = (is_defined || word == "define" || code.starts_with("override define")) && !is_end;
        let is_recipe = line.starts_with('\t') || is_defined;
        let is_setting = code.contains('=') || matches!(word, "include" | "-include" | "sinclude" | "load");
        let is_inline = code.split_once(':').is_some_and(|(_, recipe)| recipe.contains(';'));
        if !is_end && (is_recipe || is_setting || is_inline || RUNS.iter().any(|one| code.contains(one))) {
            hooks.add(at, "make-recipe", code, code);
        }
    }
}

/// Commands with all that stands between their brackets, over however many lines.
pub(super) fn cmake(_: &str, text: &str, hooks: &mut Hooks) {
    let mut open: Option<(usize, String, usize)> = None;
    for (at, line) in text.lines().enumerate() {
        let code = line.split(" #").next().unwrap_or_default().trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let depth = |from: usize| {
            code.bytes().fold(from, |depth, byte| match byte {
                b'(' => depth + 1,
                b')' => depth.saturating_sub(1),
                _ => depth,
            })
        };
        open = match open {
            Some((start, mut command, level)) => {
                command.push(' ');
                command.push_str(code);
                Some((start, command, depth(level)))
            }
            None => {
                let name = code.split('(').next().unwrap_or_default().trim().to_ascii_lowercase();
                COMMANDS.contains(&name.as_str()).then(|| (at, code.to_owned(), depth(0)))
            }
        };
        if let Some((start, command, 0)) = &open {
            // `add_test` alone, whose bracket opens on the next line, is not at its end.
            if command.contains('(') {
                hooks.add(*start, "cmake-command", command, command);
                open = None;
            }
        }
    }
    if let Some((start, command, _)) = open {
        hooks.add(start, "cmake-command", &command, &command);
    }
}
