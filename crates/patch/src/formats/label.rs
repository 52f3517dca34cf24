//! Lines that name the file of the edit below them: `src/a.py`, `### File: src/a.py`, `**src/a.py**:`.

use super::text;

/// Words that stand before a path.
const WORDS: &[&str] =
    &["file:", "filename:", "file name:", "filepath:", "file path:", "path:", "in", "update", "edit", "modify", "create"];

/// Files that are known by a name without a dot.
const BARE: &[&str] = &[
    "AUTHORS",
    "Brewfile",
    "CHANGELOG",
    "CODEOWNERS",
    "COPYING",
    "Dockerfile",
    "GNUmakefile",
    "Gemfile",
    "Jenkinsfile",
    "Justfile",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "Podfile",
    "Procfile",
    "README",
    "Rakefile",
    "VERSION",
    "Vagrantfile",
    "changelog",
    "justfile",
    "license",
    "makefile",
    "readme",
];

/// Returns the path when the line is nothing but a path with its decoration.
pub(super) fn read(line: &[u8], known: &dyn Fn(&str) -> bool) -> Option<String> {
    if line.len() > 1000 || line.is_empty() {
        return None;
    }
    let line = text(line);
    let bare = strip(&line);
    let lower = bare.to_ascii_lowercase();
    let cut = WORDS.iter().find_map(|word| {
        let rest = lower.strip_prefix(word)?;
        let apart = word.ends_with(':') || rest.starts_with([' ', '`', '*']);
        apart.then(|| bare.get(word.len()..).map(strip)).flatten()
    });
    let said = cut.and_then(|path| plain(path, known).or_else(|| in_folder(path)));
    said.or_else(|| plain(bare, known))
}

/// Returns a name without an extension that is said to be a file, when it is in a folder.
fn in_folder(word: &str) -> Option<String> {
    let word = trimmed(word);
    (is_shaped(word) && word.contains('/') && !word.ends_with('/')).then(|| word.to_owned())
}

fn strip(line: &str) -> &str {
    let mut line = line.trim();
    for comment in ["// ", "/* ", "<!-- ", "; ", "-- "] {
        line = line.strip_prefix(comment).unwrap_or(line);
    }
    for comment in [" */", " -->"] {
        line = line.strip_suffix(comment).unwrap_or(line);
    }
    line.trim_start_matches(['#', '*', '`', '"', ' ', '[']).trim_end_matches(['*', '`', '"', ' ', ':', ']', ','])
}

/// Returns `word` when it can be the path of a file.
pub(super) fn plain(word: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let word = trimmed(word);
    if known(word) {
        return Some(word.to_owned());
    }
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let extension = name.rsplit_once('.').is_some_and(|(_, extension)| {
        (1..=12).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && extension.chars().any(|c| c.is_ascii_alphabetic())
    });
    (is_shaped(word) && (extension || BARE.contains(&name))).then(|| word.to_owned())
}

fn trimmed(word: &str) -> &str {
    word.trim().trim_matches(['`', '*', '"', '\''])
}

fn is_shaped(word: &str) -> bool {
    !word.is_empty()
        && !word.contains(|c: char| c.is_whitespace() || c.is_control() || "<>|?*(){}\"'`,;=$@!".contains(c))
        && !word.contains("://")
        && !word.ends_with('.')
}
