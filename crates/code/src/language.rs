//! Which language a file is written in, by its name alone.

use domain::{Language, RepoPath};

/// Returns the language of a file, by its name.
///
/// Headers (`.h`) count as C: nothing in the name says which of the two it is, and what is asked of a header here can be answered either way.
#[must_use]
pub fn language_of(path: &RepoPath) -> Option<Language> {
    match path.file_name() {
        "Rakefile" | "Gemfile" | "Vagrantfile" | "Podfile" | "Fastfile" | "Brewfile" | "Guardfile" | "Capfile" | "Thorfile"
        | "Dangerfile" | "Berksfile" | "Puppetfile" => return Some(Language::Ruby),
        ".bashrc" | ".bash_profile" | ".bash_aliases" | ".bash_logout" | ".profile" | ".zshrc" | ".zshenv" | ".zprofile"
        | ".envrc" | "PKGBUILD" | "APKBUILD" => return Some(Language::Bash),
        "SConstruct" | "SConscript" | "wscript" => return Some(Language::Python),
        _ => {}
    }
    let extension = path.extension()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "rs" => Language::Rust,
        "py" | "pyi" | "pyw" => Language::Python,
        "js" | "jsx" | "mjs" | "cjs" | "es6" | "jsm" => Language::JavaScript,
        "ts" | "tsx" | "mts" | "cts" => Language::TypeScript,
        "go" => Language::Go,
        // `.C` is C++ by old custom; a lower-case comparison alone would make it C.
        "c" if path.extension() == Some("C") => Language::Cpp,
        "c" | "h" => Language::C,
        "cc" | "cpp" | "cxx" | "c++" | "hh" | "hpp" | "hxx" | "h++" | "ipp" | "tpp" => Language::Cpp,
        "java" => Language::Java,
        "cs" | "csx" => Language::CSharp,
        "rb" | "rake" | "gemspec" | "ru" => Language::Ruby,
        "php" | "phtml" | "php5" | "inc" => Language::Php,
        "kt" | "kts" => Language::Kotlin,
        "scala" | "sc" | "sbt" => Language::Scala,
        "sh" | "bash" | "ksh" | "zsh" | "command" => Language::Bash,
        _ => return None,
    })
}

/// Returns the language of a script, by its first line (`#!/usr/bin/env python3`).
#[must_use]
pub fn language_of_text(text: &[u8]) -> Option<Language> {
    let line = text.get(..text.len().min(200)).unwrap_or_default().split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line.strip_prefix(b"#!")?).into_owned();
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| !matches!(*word, "env" | "-S") && !word.contains('='))?;
    Some(match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "python" | "pypy" => Language::Python,
        "node" | "nodejs" | "deno" | "bun" => Language::JavaScript,
        "ruby" => Language::Ruby,
        "php" => Language::Php,
        "sh" | "bash" | "dash" | "ksh" | "zsh" => Language::Bash,
        _ => return None,
    })
}

/// Returns the language of a file of which the text is at hand: a first line that names a program counts for more than a name that says no
/// more than that it is a script (`update.sh` of PHP).
#[must_use]
pub(crate) fn language_of_file(path: &RepoPath, text: &[u8]) -> Option<Language> {
    match language_of(path) {
        None | Some(Language::Bash) => language_of_text(text).or_else(|| language_of(path)),
        named => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_of_the_language_that_its_first_line_names() {
        let of = |path: &str, text: &str| language_of_file(&RepoPath::new(path).unwrap(), text.as_bytes());
        for (path, text, language) in [
            ("bin/update.sh", "#!/usr/bin/env php\n<?php\n", Some(Language::Php)),
            ("bin/update.sh", "#!/bin/sh\n", Some(Language::Bash)),
            ("bin/update.sh", "#!/usr/bin/perl\n", Some(Language::Bash)),
            ("bin/update.sh", "ls\n", Some(Language::Bash)),
            ("bin/update", "#!/usr/bin/env ruby\n", Some(Language::Ruby)),
            // What is imported as a module is one, whatever runs it as a script.
            ("a.py", "#!/bin/sh\n", Some(Language::Python)),
        ] {
            assert_eq!(of(path, text), language, "{path} {text}");
        }
    }

    #[test]
    fn first_lines_tell_the_language() {
        for (text, language) in [
            ("#!/usr/bin/env python3\n", Some(Language::Python)),
            ("#!/bin/sh -e\n", Some(Language::Bash)),
            ("#! /usr/bin/env -S node --x\n", Some(Language::JavaScript)),
            ("#!/usr/bin/perl\n", None),
            ("python\n", None),
        ] {
            assert_eq!(language_of_text(text.as_bytes()), language, "{text}");
        }
    }

    #[test]
    fn names_tell_the_language() {
        let of = |path: &str| language_of(&RepoPath::new(path).unwrap());
        for (path, language) in [
            ("src/main.rs", Language::Rust),
            ("a/b.py", Language::Python),
            ("stubs/x.pyi", Language::Python),
            ("x.test.mjs", Language::JavaScript),
            ("app/View.tsx", Language::TypeScript),
            ("types.d.ts", Language::TypeScript),
            ("x_test.go", Language::Go),
            ("x.h", Language::C),
            ("X.C", Language::Cpp),
            ("x.hpp", Language::Cpp),
            ("A.java", Language::Java),
            ("A.cs", Language::CSharp),
            ("lib/a.rb", Language::Ruby),
            ("Rakefile", Language::Ruby),
            ("index.php", Language::Php),
            ("Main.kt", Language::Kotlin),
            ("build.gradle.kts", Language::Kotlin),
            ("Main.scala", Language::Scala),
            ("install.sh", Language::Bash),
        ] {
            assert_eq!(of(path), Some(language), "{path}");
        }
        for path in ["README", "py", ".py", "a.pyc", "Makefile", "x.rs.orig"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
