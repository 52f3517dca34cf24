//! Lines that stand for code that an answer leaves out.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Phrases with which models leave code out.
const PHRASES: &[&str] = &[
    "existing code",
    "rest of the code",
    "rest of code",
    "rest of the file",
    "rest of file",
    "rest of the function",
    "rest of function",
    "rest of the method",
    "rest of method",
    "rest of the class",
    "rest of class",
    "rest of the implementation",
    "rest of implementation",
    "remaining code",
    "unchanged code",
    "code unchanged",
    "remains unchanged",
    "remains the same",
    "previous code",
    "other methods",
    "same as before",
    "code omitted",
    "omitted for brevity",
    "rest unchanged",
    "rest remains",
    "existing methods",
    "existing logic",
    "your code here",
    "your code goes here",
    "existing imports",
    "rest of the",
    "unchanged",
];

/// Finds any of the phrases. `None` cannot be, and then each line is looked at for each phrase.
static ANY: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(PHRASES).ok());

/// Words of a comment in brackets that speaks of other code instead of giving it.
const ASIDES: &[&str] = &["same", "existing", "rest", "remaining", "unchanged", "omitted", "before"];

/// Says whether a context line stands for lines that were left out.
pub(crate) fn is_gap(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let text = uncomment(&line);
    let dots = text.trim_matches(|c: char| matches!(c, '.' | '…'));
    (!is_rule(text) && dots.trim().is_empty() && (text.starts_with("...") || text.starts_with('…')))
        || elides(line.as_bytes(), false)
}

/// Says whether an added line stands for lines that were left out. A bare `...` says something in `python`.
pub(crate) fn elides(line: &[u8], python: bool) -> bool {
    if line.len() > 200 || !may_elide(line) {
        return false;
    }
    let line = String::from_utf8_lossy(line);
    let text = uncomment(&line);
    let commented = text.len() != line.trim().len();
    let lower = text.to_lowercase();
    let dotted = lower.starts_with("...") || lower.starts_with('…') || lower.ends_with("...") || lower.ends_with('…');
    let bare = lower.trim_matches(|c: char| matches!(c, '.' | '…' | '(' | ')' | '[' | ']' | ' ' | '-'));
    // In a comment of many lines, each of which begins with a star, dots are text.
    let starred = line.trim().strip_prefix('*').is_some_and(|rest| rest.starts_with(' '));
    if dotted && bare.is_empty() {
        return !starred && !is_rule(text) && (commented || !python);
    }
    let both = |mark: &str| lower.starts_with(mark) && lower.ends_with(mark) && lower.len() > 2 * mark.len();
    if commented && !starred && (both("...") || both("…")) {
        return true;
    }
    let aside = commented && lower.starts_with('(') && lower.ends_with(')');
    if aside && ASIDES.iter().any(|word| bare.split(|c: char| !c.is_alphanumeric()).any(|said| said == *word)) {
        return true;
    }
    if ANY.as_ref().is_some_and(|any| !any.is_match(bare)) {
        return false;
    }
    // What the line says beside the phrases; phrases that hold others come first.
    let rest = PHRASES.iter().fold(bare.to_owned(), |rest, phrase| rest.replace(phrase, ""));
    let said = (rest.len() < bare.len()).then(|| rest.trim().len());
    let spread = lower.starts_with("...")
        && lower.get(3..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    match said {
        Some(more) if dotted && (commented || !spread || bare.contains(' ')) => more <= 60,
        Some(more) => (commented || line.trim_start().starts_with('[')) && more <= 12,
        None => false,
    }
}

/// Says whether dots are drawn below a title, or between parts of a text.
fn is_rule(text: &str) -> bool {
    text.len() >= 8 && text.bytes().all(|byte| byte == b'.')
}

/// Says whether a line has dots, or begins or ends as a comment may: nearly no line of code does, and no other elides anything.
fn may_elide(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return false };
    // White space that is not ASCII's may stand before a mark.
    let odd = |byte: &u8| !byte.is_ascii() || byte.is_ascii_control();
    odd(first) || odd(last) || b"/<-#;%*{\"'.[".contains(first) || b"/>}\"'.".contains(last)
}

/// Takes the signs of a comment away.
fn uncomment(line: &str) -> &str {
    let mut text = line.trim();
    for mark in ["//", "/*", "<!--", "--", "#", ";", "%", "*", "{/*", "\"\"\"", "'''"] {
        if let Some(rest) = text.strip_prefix(mark) {
            text = rest.trim_start_matches(['/', '#', '*']);
            break;
        }
    }
    for mark in ["*/}", "*/", "-->", "\"\"\"", "'''"] {
        text = text.strip_suffix(mark).unwrap_or(text);
    }
    text.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_code_out_is_told_from_code() {
        for line in [
            "    // ... existing code ...",
            "# ... rest of the code unchanged ...",
            "...",
            "/* ... */",
            "<!-- ... existing code ... -->",
            "# rest of the code",
            "    # ... (unchanged)",
            "… existing code …",
            "// rest of the function remains the same",
            "[... rest of file unchanged]",
            "# ... keep the code above as it is ...",
            " * ... rest of the method ...",
            "// (existing logic stays here)",
            "# (same for v11 through v19)",
            "    # your code here",
        ] {
            assert!(elides(line.as_bytes(), false), "{line}");
        }
        assert!(!elides(b"    ...", true) && elides(b"    # ...", true));
        for line in [
            "...args,",
            "f(...rest)",
            "print('...')",
            " * ...",
            " *     ... body of the task ...",
            "...................",
            "# the rest of the code assumes that x is sorted by name",
            "x = [1, ..., 2]",
            "return existing",
        ] {
            assert!(!elides(line.as_bytes(), false), "{line}");
        }
    }
}
