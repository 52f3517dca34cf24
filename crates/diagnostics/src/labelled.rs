//! Lines that a runner of several commands put a label before: `[lint] src/a.js`, `web:build: src/a.ts`, `[javac] A.java:3: error: …`.
//!
//! A label is taken off only where the runner shows itself: by the banner of the script that it starts, or by how it says that one ended.

use std::borrow::Cow;

use crate::text::{find, pattern};

pattern! {
    // Ant names its tasks.
    ANT = r"(?m)^ +\[(?:javac|java|junit|junitlauncher|exec|apply|scalac|groovyc|kotlinc|javadoc|checkstyle|testng)\] ?";
    // `npm-run-all --print-label`, concurrently, lerna: the banner of npm or yarn, or the end.
    BRACKETED = r"^(\[[\w@/:. -]{1,60}\] ?)(?:> \S+@\S+ \S+|\$ \S.*|\S.* exited with code \d+)$";
    // turbo, nx, pnpm -r, lerna.
    NAMED = r"^((?:[\w@/.-]+:)?[\w@/.-]+(?::[\w:-]+)?: )(?:> \S+@\S+ \S+|cache (?:hit|miss|bypass), \S.*|\$ \S.*|npm (?:error|ERR!) .*)$";
    PNPM = r"^([\w@/.-]+ [\w:.-]+)\$ \S.*$";
    // docker compose, whose older version names containers by the project, but labels them by the service alone.
    ATTACHED = r"^Attaching to (\S+(?:, \S+)*)$";
    PIPED = r"^([\w.-]+)  *(?:\| .* )?exited with code \d+$";
}

/// More labels than one run has.
const MOST_LABELS: usize = 200;

/// Takes the labels of such runners off.
pub(crate) fn unlabelled(text: &str) -> Cow<'_, str> {
    let bare = if text.contains("[javac] ") || text.contains("[junit] ") || text.contains("[exec] ") || text.contains("[java] ") {
        ANT.replace_all(text, "")
    } else {
        Cow::Borrowed(text)
    };
    let labels = labels(&bare);
    if labels.is_empty() {
        return bare;
    }
    let mut kept = String::with_capacity(bare.len());
    for line in bare.split_inclusive('\n') {
        kept.push_str(labels.iter().find_map(|label| without(line, label)).unwrap_or(line));
    }
    Cow::Owned(kept)
}

/// A line by which a runner shows itself has one of these.
const WORDS: [&str; 4] = ["> ", "$ ", "exited with code ", "cache "];

/// Or it begins so.
const ATTACHING: &str = "Attaching to ";

/// Returns the labels whose runner shows itself.
fn labels(text: &str) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    // What is nowhere in the text is in none of its lines, and to look for it once costs far less.
    let words: Vec<&str> = WORDS.into_iter().filter(|word| find(text, word).is_some()).collect();
    if words.is_empty() && find(text, ATTACHING).is_none() {
        return labels;
    }
    for line in text.lines() {
        let is_likely = words.iter().any(|word| line.contains(word)) || line.starts_with(ATTACHING);
        if !is_likely || labels.len() >= MOST_LABELS {
            continue;
        }
        let label = BRACKETED.captures(line).or_else(|| NAMED.captures(line)).map(|found| found[1].to_owned());
        let label = label.or_else(|| PNPM.captures(line).map(|found| format!("{}: ", &found[1])));
        let label = label.or_else(|| PIPED.captures(line).map(|found| format!("{} ", &found[1])));
        labels.extend(label.filter(|label| !labels.contains(label)));
        if let Some(found) = ATTACHED.captures(line) {
            let services = found[1].split(", ").flat_map(|name| {
                let within = name.match_indices('_').filter_map(|(at, _)| name.get(at + 1..));
                [name].into_iter().chain(within.filter(|service| service.contains('_'))).map(|service| format!("{service} "))
            });
            labels.extend(services.take(MOST_LABELS));
        }
    }
    labels
}

/// Returns a line without a label; that of docker compose is padded up to a bar.
fn without<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(label).or_else(|| {
        // A line that is empty but for its label lost the blank at its end.
        line.strip_prefix(label.trim_end()).filter(|rest| rest.trim().is_empty())
    })?;
    if label.ends_with(": ") || label.trim_end().ends_with(']') {
        return Some(rest);
    }
    rest.trim_start_matches(' ').strip_prefix("| ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_taken_off_where_its_runner_shows_itself() {
        let table = [
            ("    [javac] A.java:3: error: x\n    [javac]   y\n", "A.java:3: error: x\n  y\n"),
            ("[lint] > w@1.0.0 lint\n[lint] \n[lint]   1:2  error  x\nelse\n", "> w@1.0.0 lint\n\n  1:2  error  x\nelse\n"),
            ("[0] a.ts(1,2): x\n[0] npm run types exited with code 1\n", "a.ts(1,2): x\nnpm run types exited with code 1\n"),
            ("web:lint: cache miss, executing 1a\nweb:lint: a.js\n", "cache miss, executing 1a\na.js\n"),
            ("packages/a lint$ eslint .\npackages/a lint: a.js:1:2\n", "packages/a lint$ eslint .\na.js:1:2\n"),
            ("Attaching to shop_app_1\napp_1    | a.c:1:2: error: x\n", "Attaching to shop_app_1\na.c:1:2: error: x\n"),
            ("app-1  | a.c:1:2: error: x\napp-1 exited with code 1\n", "a.c:1:2: error: x\napp-1 exited with code 1\n"),
        ];
        for (text, bare) in table {
            assert_eq!(unlabelled(text), bare);
        }
        for kept in ["[lint] a.js\n", "[ERROR] A.java:[1,2] x\n", "a: b: c\n", "note: > x\n"] {
            assert_eq!(unlabelled(kept), kept);
        }
    }
}
