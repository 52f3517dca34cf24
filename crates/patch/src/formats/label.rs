//! Lines that name the file of the edit below them: `src/a.py`, `### File: src/a.py`, `**src/a.py**:`.

use super::text;

/// Words that stand before a path.
const WORDS: &[&str] =
    &["file:", "filename:", "file name:", "filepath:", "file path:", "path:", "in", "update", "edit", "modify", "create"];

/// Files that are known by a name without a dot.
const BARE: &[&str] =
    &["Makefile", "Dockerfile", "LICENSE", "Rakefile", "Gemfile", "Procfile", "Justfile", "README", "CHANGELOG"];

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
    cut.and_then(|path| plain(path, known)).or_else(|| plain(bare, known))
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
    let word = word.trim().trim_matches(['`', '*', '"', '\'']);
    if known(word) {
        return Some(word.to_owned());
    }
    let shaped = !word.is_empty()
        && !word.contains(|c: char| c.is_whitespace() || c.is_control() || "<>|?*(){}\"'`,;=$@!".contains(c))
        && !word.contains("://")
        && !word.ends_with('.');
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let extension = name.rsplit_once('.').is_some_and(|(_, extension)| {
        (1..=12).contains(&extension.len()) && extension.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    });
    let directory = word.contains('/') && !name.is_empty();
    (shaped && (extension || directory || BARE.contains(&name))).then(|| word.to_owned())
}
