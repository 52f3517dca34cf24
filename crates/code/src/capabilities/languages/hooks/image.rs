//! Files that images are built from.

use super::{Hooks, logical};

/// Instructions that run something, say what runs, or set what commands are made of.
const INSTRUCTIONS: &[&str] = &["RUN", "CMD", "ENTRYPOINT", "SHELL", "ONBUILD", "HEALTHCHECK", "ADD", "ENV", "ARG"];

/// Instructions with all their lines. Of the image below, the name counts and not the version.
pub(super) fn of(_: &str, text: &str, hooks: &mut Hooks) {
    let mut escape = '\\';
    for (at, line) in text.lines().enumerate().take_while(|(_, line)| line.starts_with('#')) {
        let directive = line.trim_start_matches('#').replace(' ', "").to_ascii_lowercase();
        if directive.starts_with("syntax=") {
            hooks.add(at, "image-command", line, line);
        }
        if directive.starts_with("escape=`") {
            escape = '`';
        }
    }
    let mut rest = logical(text, escape).into_iter();
    while let Some((at, mut line)) = rest.next() {
        // A text that follows, up to a line with its word.
        let ends: Vec<String> = line.split("<<").skip(1).filter_map(end_of_text).collect();
        for end in ends {
            for (_, more) in rest.by_ref() {
                line.push_str(" ; ");
                line.push_str(&more);
                if more.trim() == end {
                    break;
                }
            }
        }
        let code = line.trim();
        let (word, arguments) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
        let word = word.to_ascii_uppercase();
        let resource = match word.as_str() {
            "FROM" => format!("FROM {}", image(arguments)),
            "COPY" if arguments.contains("--from=") || arguments.contains("<<") => format!("COPY {arguments}"),
            word if INSTRUCTIONS.contains(&word) => format!("{word} {arguments}"),
            _ => continue,
        };
        hooks.add(at, "image-command", code, &resource);
    }
}

/// The word that ends a text which begins with `<<WORD`, `<<-WORD`, `<<"WORD"`.
fn end_of_text(after: &str) -> Option<String> {
    let word = after.trim_start_matches(['-', '"', '\'']);
    let word: String = word.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    Some(word).filter(|word| !word.is_empty())
}

/// The name of an image, without its version.
fn image(arguments: &str) -> &str {
    let name = arguments.split_whitespace().find(|word| !word.starts_with("--")).unwrap_or_default();
    let name = name.split('@').next().unwrap_or_default();
    match name.rsplit_once(':') {
        Some((image, tag)) if !tag.contains('/') => image,
        _ => name,
    }
}
