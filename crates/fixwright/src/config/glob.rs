//! Matches paths against the patterns of `[policy]`: `*`, `?`, `[…]`, `{a,b}` within a folder, `**` across folders.
//!
//! A pattern is compiled once. Matching keeps a set of states and steps through the path once, so that no pattern, however hostile,
//! takes more than pattern times path steps.

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    /// One token list for each way to choose from the braces.
    ways: Vec<Vec<Token>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Char(char),
    /// One character of a folder or file name.
    Any,
    /// One of these characters, or (when negated) none of these.
    Class { negated: bool, ranges: Vec<(char, char)> },
    /// Any part of one name.
    Star,
    /// Anything, across folders.
    Tree,
    /// Nothing, or folders up to and with a slash: `**/`.
    Folders,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadGlob {
    /// It says nothing.
    #[error("an empty pattern matches nothing")]
    Empty,
    /// It would match nothing, because paths are relative.
    #[error("a pattern starts at the repository's root, without a leading `/`")]
    Absolute,
    /// `[` or `{` without its end.
    #[error("`{0}` is not closed")]
    Open(char),
    /// Too many combinations of braces.
    #[error("its braces make more than {MAX_WAYS} patterns")]
    TooMany,
    /// Nobody wrote this.
    #[error("it is longer than {MAX_LENGTH} bytes")]
    TooLong,
}

const MAX_WAYS: usize = 64;
const MAX_LENGTH: usize = 1000;

impl Glob {
    /// Compiles a pattern.
    pub(crate) fn new(pattern: &str) -> Result<Self, BadGlob> {
        if pattern.is_empty() {
            return Err(BadGlob::Empty);
        }
        if pattern.starts_with('/') {
            return Err(BadGlob::Absolute);
        }
        if pattern.len() > MAX_LENGTH {
            return Err(BadGlob::TooLong);
        }
        let ways = expand(pattern)?;
        Ok(Self { ways: ways.iter().map(|way| tokens(way)).collect::<Result<_, _>>()? })
    }

    /// Says whether the pattern matches the whole path.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.ways.iter().any(|tokens| matches(tokens, path))
    }
}

/// Writes out the braces: `a{b,c}` is `ab` and `ac`. They may be nested.
fn expand(pattern: &str) -> Result<Vec<String>, BadGlob> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(text) = open.pop() {
        if done.len() + open.len() >= MAX_WAYS {
            return Err(BadGlob::TooMany);
        }
        let Some((before, rest)) = text.split_once('{') else {
            done.push(text);
            continue;
        };
        let (choices, after) = braces(rest).ok_or(BadGlob::Open('{'))?;
        open.extend(choices.iter().map(|choice| format!("{before}{choice}{after}")));
    }
    Ok(done)
}

/// Splits what follows an opening brace into its choices and what follows the closing one.
fn braces(rest: &str) -> Option<(Vec<&str>, &str)> {
    let (mut depth, mut from, mut choices) = (0_usize, 0, Vec::new());
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                choices.push(rest.get(from..at)?);
                return Some((choices, rest.get(at + 1..)?));
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                choices.push(rest.get(from..at)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

fn tokens(pattern: &str) -> Result<Vec<Token>, BadGlob> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars();
    let mut at_start = true;
    while let Some(c) = rest.next() {
        let starts = std::mem::replace(&mut at_start, c == '/');
        tokens.push(match c {
            '*' if rest.as_str().starts_with('*') => {
                rest.next();
                if starts && rest.as_str().starts_with('/') {
                    rest.next();
                    at_start = true;
                    Token::Folders
                } else {
                    Token::Tree
                }
            }
            '*' => Token::Star,
            '?' => Token::Any,
            '[' => {
                let (class, after) = class(rest.as_str()).ok_or(BadGlob::Open('['))?;
                rest = after.chars();
                class
            }
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// Reads a class from after its `[`. A `]` that comes first stands for itself.
fn class(text: &str) -> Option<(Token, &str)> {
    let (negated, text) = text.strip_prefix(['!', '^']).map_or((false, text), |rest| (true, rest));
    let first = text.chars().next()?;
    let end = first.len_utf8() + text.get(first.len_utf8()..)?.find(']')?;
    let members: Vec<char> = text.get(..end)?.chars().collect();
    let (mut ranges, mut rest) = (Vec::new(), members.as_slice());
    loop {
        rest = match rest {
            [low, '-', high, more @ ..] => {
                ranges.push((*low, *high));
                more
            }
            [one, more @ ..] => {
                ranges.push((*one, *one));
                more
            }
            [] => return Some((Token::Class { negated, ranges }, text.get(end + 1..)?)),
        };
    }
}

/// Steps through the path with the set of tokens that may be next. `Folders` may be entered at its start only, and left after a slash.
fn matches(tokens: &[Token], path: &str) -> bool {
    let mut states = vec![false; tokens.len() + 1];
    reach(tokens, &mut states, 0);
    for c in path.chars() {
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate() {
            if !states.get(at).copied().unwrap_or(false) {
                continue;
            }
            match token {
                Token::Char(wanted) if *wanted == c => reach(tokens, &mut next, at + 1),
                Token::Any if c != '/' => reach(tokens, &mut next, at + 1),
                Token::Class { negated, ranges } if c != '/' && is_among(ranges, c) != *negated => {
                    reach(tokens, &mut next, at + 1)
                }
                Token::Star if c != '/' => reach(tokens, &mut next, at),
                Token::Tree => reach(tokens, &mut next, at),
                Token::Folders if c == '/' => reach(tokens, &mut next, at),
                // Within a folder's name: stay, without the way out that `reach` would open.
                Token::Folders => set(&mut next, at),
                _ => {}
            }
        }
        states = next;
    }
    states.last().copied().unwrap_or(false)
}

fn is_among(ranges: &[(char, char)], c: char) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&c))
}

/// Marks a state, and those that follow from it without a character.
fn reach(tokens: &[Token], states: &mut [bool], mut at: usize) {
    set(states, at);
    while matches!(tokens.get(at), Some(Token::Star | Token::Tree | Token::Folders)) {
        at += 1;
        set(states, at);
    }
}

fn set(states: &mut [bool], at: usize) {
    if let Some(state) = states.get_mut(at) {
        *state = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_a_table_says() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("tests/**", &["tests/a.rs", "tests/a/b.rs"], &["tests", "a/tests/b.rs", "testsuite/a"]),
            ("**/tests/**", &["tests/a", "x/tests/a", "x/y/tests/z/a"], &["mytests/a", "x/tests"]),
            ("**/test_*.py", &["test_a.py", "a/b/test_.py"], &["a/mytest_a.py", "a/test_x/b.py", "test_a.pyc"]),
            ("**/*.{test,spec}.{js,ts}", &["a.test.js", "src/a.b.spec.ts"], &["a.test.jsx", "test.js"]),
            ("**/*.test.[jt]s", &["x.test.js", "a/x.test.ts"], &["x.test.cs"]),
            ("a?c", &["abc", "aéc"], &["a/c", "ac"]),
            ("*.lock", &["Cargo.lock"], &["a/Cargo.lock"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["a/xb", "ab"]),
            ("[!a-c]x", &["dx"], &["bx", "x", "/x"]),
            ("[]]x", &["]x"], &["ax"]),
            ("{a,b{c,d}}e", &["ae", "bce", "bde"], &["be", "ce"]),
            ("a**b", &["ab", "a/x/b"], &["a"]),
            ("**", &["a", "a/b"], &[]),
            ("a+(b)", &["a+(b)"], &["aab"]),
        ];
        for (pattern, yes, no) in table {
            let glob = Glob::new(pattern).unwrap();
            for path in *yes {
                assert!(glob.matches(path), "{pattern} should match {path}");
            }
            for path in *no {
                assert!(!glob.matches(path), "{pattern} should not match {path}");
            }
        }
    }

    #[test]
    fn unusable_patterns_say_why() {
        assert_eq!(Glob::new(""), Err(BadGlob::Empty));
        assert_eq!(Glob::new("/tests/**"), Err(BadGlob::Absolute));
        assert_eq!(Glob::new("a[bc"), Err(BadGlob::Open('[')));
        assert_eq!(Glob::new("a{b,c"), Err(BadGlob::Open('{')));
        assert_eq!(Glob::new(&"{a,b}".repeat(20)), Err(BadGlob::TooMany));
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let glob = Glob::new(&"*a**b".repeat(160)).unwrap();
        assert!(!glob.matches(&"a".repeat(2000)));
    }
}
