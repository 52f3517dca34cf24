//! Code in languages that have no grammar here: known by its name, so that a change of it is put before a person and never taken for data.

use domain::RepoPath;

/// Extensions of code that is not looked into: scripts, programs, templates with code in them, builds, notebooks.
const CODE: &[&str] = &[
    // Shells and systems.
    "ahk",
    "applescript",
    "au3",
    "awk",
    "bat",
    "bats",
    "cmd",
    "csh",
    "desktop",
    "exp",
    "fish",
    "gawk",
    "hta",
    "nu",
    "ps1",
    "psd1",
    "psm1",
    "reg",
    "scpt",
    "sed",
    "service",
    "tcsh",
    "timer",
    "vbe",
    "vbs",
    "wsf",
    "wsh",
    "xonsh",
    // Languages.
    "adb",
    "ads",
    "as",
    "asm",
    "bas",
    "bf",
    "cbl",
    "cl",
    "clj",
    "cljc",
    "cljs",
    "cob",
    "coffee",
    "cr",
    "cu",
    "cuh",
    "d",
    "dart",
    "dpr",
    "el",
    "elm",
    "erl",
    "escript",
    "ex",
    "exs",
    "f",
    "f03",
    "f08",
    "f90",
    "f95",
    "for",
    "fs",
    "fsi",
    "fsx",
    "gd",
    "groovy",
    "gsh",
    "gvy",
    "hack",
    "hrl",
    "hs",
    "hx",
    "iced",
    "ijs",
    "ino",
    "io",
    "jl",
    "l",
    "lex",
    "lhs",
    "lisp",
    "litcoffee",
    "ll",
    "ls",
    "lsp",
    "lua",
    "luau",
    "m",
    "ml",
    "mli",
    "mm",
    "moon",
    "nasm",
    "nim",
    "nims",
    "p6",
    "pas",
    "pde",
    "pike",
    "pl",
    "pm",
    "pp",
    "pro",
    "purs",
    "pxd",
    "pxi",
    "pyx",
    "qml",
    "r",
    "raku",
    "re",
    "rei",
    "res",
    "rkt",
    "rl",
    "s",
    "sage",
    "scm",
    "sml",
    "sol",
    "ss",
    "st",
    "swift",
    "t",
    "tcl",
    "tk",
    "vala",
    "vapi",
    "vb",
    "vy",
    "wat",
    "y",
    "ypp",
    "yy",
    "zig",
    // Databases and machines.
    "hcl",
    "nix",
    "plsql",
    "psql",
    "sql",
    "tf",
    "tofu",
    // Templates and pages with code in them.
    "ascx",
    "asp",
    "aspx",
    "astro",
    "cfc",
    "cfm",
    "cshtml",
    "eex",
    "ejs",
    "erb",
    "ftl",
    "haml",
    "hbs",
    "heex",
    "ipynb",
    "j2",
    "jade",
    "jinja",
    "jinja2",
    "jsp",
    "jspx",
    "leex",
    "liquid",
    "marko",
    "mdx",
    "mustache",
    "pug",
    "razor",
    "rmd",
    "qmd",
    "riot",
    "slim",
    "svelte",
    "tpl",
    "twig",
    "vbhtml",
    "vm",
    "vue",
    "xsl",
    "xslt",
    "xul",
    // Builds and packages.
    "ac",
    "am",
    "bazel",
    "bzl",
    "ebuild",
    "gn",
    "gni",
    "gradle",
    "gyp",
    "gypi",
    "iss",
    "m4",
    "mak",
    "ninja",
    "nsi",
    "pri",
    "qbs",
    "spec",
    "star",
    "wxs",
];

/// Files of code that have a name and no extension that says so.
const NAMES: &[&str] = &[
    "BUILD",
    "WORKSPACE",
    "Caddyfile",
    "Earthfile",
    "Snakefile",
    "Tiltfile",
    "build.xml",
    "meson.build",
    "rebar.config",
    ".vimrc",
    ".emacs",
    ".gdbinit",
    ".lldbinit",
];

/// Pages and pictures that may hold scripts, and mostly hold none.
const MARKUP: &[&str] = &["html", "htm", "xhtml", "svg", "xml"];

/// Says whether a file is code by its name, in a language without a grammar here.
pub(in super::super) fn is_code(path: &RepoPath) -> bool {
    let extension = path.extension().map(str::to_ascii_lowercase);
    NAMES.contains(&path.file_name()) || extension.is_some_and(|extension| CODE.contains(&extension.as_str()))
}

/// Returns the pieces of a page that run: scripts, handlers of events, addresses that are code, and what a template works out.
pub(in super::super) fn scripts(path: &RepoPath, text: &[u8]) -> Vec<String> {
    let extension = path.extension().map(str::to_ascii_lowercase);
    if !extension.is_some_and(|extension| MARKUP.contains(&extension.as_str())) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(text);
    // Names of elements and attributes may be in any case; bytes keep their places.
    let low = text.to_ascii_lowercase();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(start) = low.get(at..).and_then(|rest| rest.find(['<', '{'])).map(|found| at + found) {
        let rest = low.get(start..).unwrap_or_default();
        let bracket = [("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("<?", "?>")].iter().find(|(open, _)| rest.starts_with(open));
        let end = match bracket {
            // The head of XML runs nothing.
            Some(_) if rest.starts_with("<?xml ") => None,
            Some((_, close)) => Some(rest.find(close).map_or(low.len(), |found| start + found + close.len())),
            None if rest.starts_with('{') => None,
            None => {
                let end = start + end_of_tag(rest);
                let tag = low.get(start..end).unwrap_or_default();
                if tag.starts_with("<script") {
                    let close = low.get(end..).and_then(|rest| rest.find("</script"));
                    Some(close.map_or(low.len(), |found| end + found))
                } else if runs(tag) {
                    Some(end)
                } else {
                    at = end.max(start + 1);
                    continue;
                }
            }
        };
        if let Some(end) = end {
            pieces.push(text.get(start..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "));
        }
        at = end.unwrap_or(start + 1).max(start + 1);
    }
    pieces
}

/// Returns how long a tag is, with its bracket; a bracket between quotes is not its end.
fn end_of_tag(tag: &str) -> usize {
    let is_tag = tag.as_bytes().get(1).is_some_and(|byte| byte.is_ascii_alphabetic());
    if !is_tag {
        return 1;
    }
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            // A quote opens a value only where a value may begin.
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    tag.len()
}

/// Says whether a tag, in lower case, runs something or takes in another page.
fn runs(tag: &str) -> bool {
    let is_handler = |(at, _): (usize, &str)| {
        let (before, after) = (tag.get(..at).unwrap_or_default(), tag.get(at + 2..).unwrap_or_default());
        if !before.ends_with(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '/')) {
            return false;
        }
        let rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        rest.len() < after.len() && rest.trim_start().starts_with('=')
    };
    ["<iframe", "<object", "<embed", "<base", "<foreignobject"].iter().any(|name| tag.starts_with(name))
        || ["javascript:", "srcdoc", "http-equiv", "data:text/html"].iter().any(|word| tag.contains(word))
        || tag.match_indices("on").any(is_handler)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> RepoPath {
        RepoPath::new(name).unwrap()
    }

    #[test]
    fn names_tell_code_from_data() {
        for name in ["a.ps1", "app/build.gradle", "x/I.VUE", "n.ipynb", "BUILD", "BUILD.bazel", "lib/a.PL", "m.sql", "v.erb"] {
            assert!(is_code(&path(name)), "{name}");
        }
        for name in ["a.md", "a.txt", "a.json", "a.yaml", "a.toml", "Cargo.lock", "a.css", "a.svg", "a.png", "LICENSE", "a.py"] {
            assert!(!is_code(&path(name)), "{name}");
        }
    }

    #[test]
    fn pages_say_what_runs() {
        let of = |text: &str| scripts(&path("i.html"), text.as_bytes());
        for quiet in
            ["<p>on time = 1 {a}</p>", "<p class=\"only\" data-on=x>a</p>", "<?xml version=\"1.0\"?><svg><g/></svg>", "a < b"]
        {
            assert_eq!(of(quiet), Vec::<String>::new(), "{quiet}");
        }
        for loud in [
            "<SCRIPT>\nevil( )</SCRIPT>",
            "<script src=//evil>",
            "<img src=x OnError = evil()>",
            "<img alt='>' onerror=evil()>",
            "<svg/onload=evil()>",
            "<a href='JavaScript:evil()'>a</a>",
            "<p>{{ evil() }}</p>",
            "<?php evil(); ?>",
        ] {
            assert_eq!(of(loud).len(), 1, "{loud}");
        }
        assert_eq!(of("<p>a</p><script>a()</script><script>b()</script>"), ["<script>a()", "<script>b()"]);
        assert_eq!(scripts(&path("a.md"), b"<script>a()</script>"), Vec::<String>::new());
    }

    #[test]
    fn hostile_pages_are_survived() {
        for text in [
            "<".repeat(200_000),
            "<a ".repeat(50_000),
            "<script>".repeat(50_000),
            "{{".repeat(100_000),
            "é<é{".repeat(9_999),
            format!("<a {}", "on".repeat(200_000)),
        ] {
            let _ = scripts(&path("i.html"), text.as_bytes());
        }
    }
}
