//! A repository with a linter of its own, which wants American spelling and offers a fix for every finding in ruff's JSON, and with
//! tests of its own, in TAP. Both count their runs in the file `$COUNTER`, and wait for a writer at the pipe `$GATES/<recipe>` where there is one.

use testkit::Repo;

const START: &str = r#"echo NAME >>"$COUNTER"
if [ -p "$GATES/NAME" ]; then cat "$GATES/NAME" >/dev/null 2>&1 || :; fi
"#;

const LINT: &str = r#"exec awk '
function finding(code, message, column, width, text,   name) {
    name = FILENAME
    gsub(/["\\]/, "\\\\&", name)
    gsub(/\n/, "\\n", name)
    gsub(/\t/, "\\t", name)
    printf "%s{\"code\":\"%s\",\"message\":\"%s\",\"filename\":\"%s\",\"location\":{\"row\":%d,\"column\":%d},", sep, code, message, name, FNR, column
    printf "\"end_location\":{\"row\":%d,\"column\":%d},\"fix\":", FNR, column + width
    if (text == "") printf "null}"
    else printf "{\"applicability\":\"safe\",\"message\":\"write %s\",\"edits\":[{\"content\":\"%s\",\"location\":{\"row\":%d,\"column\":%d},\"end_location\":{\"row\":%d,\"column\":%d}}]}}", text, text, FNR, column, FNR, column + width
    sep = ",\n"
    found = 1
}
function word(code, wrong, right,   at, from) {
    from = 1
    while (at = index(substr($0, from), wrong)) {
        finding(code, wrong " is spelt " right, from + at - 1, length(wrong), right)
        from += at - 1 + length(wrong)
    }
}
BEGIN { printf "[" }
{ word("US001", "colour", "color"); word("US002", "behaviour", "behavior"); word("US003", "centre", "center") }
/color twice/ { finding("US900", "color twice", 1, 1, "") }
END { print "]"; exit found }
' src/*.txt
"#;

const TEST: &str = r#"echo 1..3
failed=0
if grep -q 'color must stay' src/*.txt; then echo "not ok 1 - names stay"; failed=1; else echo "ok 1 - names stay"; fi
echo "ok 2 - always"
echo "ok 3 - elsewhere # SKIP not here"
exit $failed
"#;

const SETTINGS: &str = r#"[environment]
pass = ["COUNTER", "GATES"]

[[subproject]]
path = "."
language = "other"
[subproject.recipes.lint]
command = "sh tools/lint"
[subproject.recipes.test]
command = "sh tools/test"
"#;

/// Returns a repository whose only commit holds these texts, by name.
pub(crate) fn repository(texts: &[(String, String)]) -> Repo {
    let repo = Repo::new();
    repo.file("tools/lint", START.replace("NAME", "lint") + LINT);
    repo.file("tools/test", START.replace("NAME", "test") + TEST);
    repo.file("fixwright.toml", SETTINGS);
    for (name, text) in texts {
        repo.file(format!("src/{name}.txt"), text);
    }
    repo.commit("start");
    repo
}

/// Returns texts with `findings` findings of three rules, over several files, in which `good` and bad lines alternate as `line` says.
pub(crate) fn texts(findings: usize, line: impl Fn(usize) -> String) -> Vec<(String, String)> {
    const IN_A_FILE: usize = 6;
    let lines: Vec<String> = (0..findings).map(|number| format!("line {number}\n{}\n\n\n\n\n\n", line(number))).collect();
    lines.chunks(IN_A_FILE).enumerate().map(|(number, lines)| (format!("text{number:03}"), lines.concat())).collect()
}

/// Returns a line whose finding is repaired without harm.
pub(crate) fn good(number: usize) -> String {
    let word = ["colour", "behaviour", "centre"][number % 3];
    format!("the {word} of thing {number}")
}
