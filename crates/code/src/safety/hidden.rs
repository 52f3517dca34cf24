//! Text that reads otherwise than it runs (CVE-2021-42574 and CVE-2021-42694).

/// Letters of other scripts that look like Latin ones.
const LOOKALIKES: &str = "аеорсухіјѕԁһӏԛԝАВЕКМНОРСТУХІЈЅοανρτικυχΑΒΕΗΙΚΜΝΟΡΤΥΧΖ";

/// Returns what is hidden in a line. `is_first`: a mark of byte order may stand there.
pub(super) fn in_line(line: &str, is_first: bool) -> Option<String> {
    if line.is_ascii() {
        return None;
    }
    for (at, c) in line.chars().enumerate() {
        let what = match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a control character that turns the direction of text around",
            '\u{200b}' | '\u{2060}' | '\u{00ad}' => "a character without width",
            '\u{feff}' if !(is_first && at == 0) => "a character without width",
            '\u{e0000}'..='\u{e007f}' => "a tag character, which nobody sees",
            '\u{3164}' | '\u{ffa0}' | '\u{115f}' | '\u{1160}' => "a letter that looks like a blank",
            _ => continue,
        };
        return Some(format!("{what} (U+{:04X})", u32::from(c)));
    }
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let mixed = line.split(|c| !is_letter(c)).find(|word| {
        word.chars().any(|c| c.is_ascii_alphabetic())
            && word.chars().any(|c| LOOKALIKES.contains(c))
            && word.chars().all(|c| {
                // A word of that script with a foreign ending is one of its letters throughout.
                c.is_ascii() || LOOKALIKES.contains(c)
            })
    });
    mixed.map(|word| format!("`{word}` mixes letters that look alike"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_seen() {
        for line in ["a = '\u{202e} b'", "pass\u{200b}word = 1", "p\u{0430}ssword = 1", "x\u{feff}y"] {
            assert!(in_line(line, false).is_some(), "{line}");
        }
        for line in ["\u{feff}import os", "name = 'Müller'", "# Привет, мир", "# 日本語", "α = 1", "naïve"] {
            assert_eq!(in_line(line, true), None, "{line}");
        }
    }
}
