//! Patterns for names, and an index that finds those that match one.
//!
//! A pattern is a name whose parts may be `*` (any one part), `**` (any number of parts) or `{a,b}` (either). They are found by the last part
//! of the name, so looking a name up costs as much as there are rules for methods that are called alike.

use hashbrown::{HashMap, HashSet};

/// Patterns with what each stands for.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    by_last: HashMap<String, Vec<(Vec<String>, usize)>>,
    /// Those whose last part is a wildcard, by their first part.
    by_first: HashMap<String, Vec<(Vec<String>, usize)>>,
    /// Those that begin and end with a wildcard.
    open: Vec<(Vec<String>, usize)>,
    /// Every beginning of a pattern that holds no wildcard.
    beginnings: HashSet<String>,
}

impl Patterns {
    pub(super) fn add(&mut self, pattern: &str, stands_for: usize) {
        for one in expand(pattern) {
            // `a.**Client` is a client at any depth below `a`.
            let deep = |part: &str| match part.strip_prefix("**") {
                Some(rest) if !rest.is_empty() => format!("**.*{rest}"),
                _ => part.to_owned(),
            };
            let one = one.split('.').map(deep).collect::<Vec<_>>().join(".");
            // Within a part there is no more than one wildcard: `cloud/**` is `cloud/*`.
            let part = |part: &str| if part == "**" { part.to_owned() } else { part.replace("**", "*") };
            let parts: Vec<String> = one.split('.').map(part).collect();
            let mut beginning = String::new();
            for part in parts.iter().take_while(|part| !part.contains('*')) {
                if !beginning.is_empty() {
                    beginning.push('.');
                }
                beginning += part.trim_end_matches("()");
                self.beginnings.insert(beginning.clone());
                if part.ends_with("()") {
                    break;
                }
            }
            match (parts.last(), parts.first()) {
                (Some(last), _) if !last.contains('*') => self.by_last.entry(last.clone()).or_default().push((parts, stands_for)),
                (_, Some(first)) if !first.contains('*') => {
                    self.by_first.entry(first.clone()).or_default().push((parts, stands_for))
                }
                _ => self.open.push((parts, stands_for)),
            }
        }
    }

    /// Returns what the patterns stand for that match a name, in the order in which they were added.
    pub(super) fn matching(&self, path: &str) -> Vec<usize> {
        let last = path.rsplit('.').next().unwrap_or_default();
        let closed = self.by_last.get(last).map(Vec::as_slice).unwrap_or_default();
        let first = path.split('.').next().unwrap_or_default();
        let begun = self.by_first.get(first).map(Vec::as_slice).unwrap_or_default();
        let mut found: Vec<usize> = Vec::new();
        if closed.is_empty() && begun.is_empty() && self.open.is_empty() {
            return found;
        }
        let parts: Vec<&str> = path.split('.').collect();
        for (pattern, stands_for) in closed.iter().chain(begun).chain(&self.open) {
            if matches(pattern, &parts) && !found.contains(stands_for) {
                found.push(*stands_for);
            }
        }
        found
    }

    /// Says whether a pattern that does not begin with a wildcard matches a name.
    pub(super) fn names(&self, path: &str) -> bool {
        let last = path.rsplit('.').next().unwrap_or_default();
        let first = path.split('.').next().unwrap_or_default();
        let closed = self.by_last.get(last).into_iter().flatten();
        let mut all = closed.chain(self.by_first.get(first).into_iter().flatten());
        all.any(|(pattern, _)| {
            pattern.first().is_some_and(|first| !first.contains('*')) && matches(pattern, &path.split('.').collect::<Vec<_>>())
        })
    }

    /// Says whether a pattern that stands for this, and matches a name, spells the last part of the name or the one at this place: what
    /// wildcards alone match is not known to be there.
    pub(super) fn spells_a_part(&self, path: &str, stands_for: usize, at: usize) -> bool {
        let parts: Vec<&str> = path.split('.').collect();
        let is_spelled = |pattern: &[String]| {
            let is_fixed = pattern.iter().take(at).all(|part| part != "**");
            let own = pattern.get(at).filter(|_| is_fixed);
            [own, pattern.last()].into_iter().flatten().any(|part| part != "*" && part != "**")
        };
        let last = self.by_last.get(*parts.last().unwrap_or(&"")).into_iter().flatten();
        let first = self.by_first.get(*parts.first().unwrap_or(&"")).into_iter().flatten();
        let mut all = last.chain(first).chain(&self.open);
        all.any(|(pattern, of)| *of == stands_for && is_spelled(pattern) && matches(pattern, &parts))
    }

    /// Says whether a pattern that holds no wildcard is this name.
    pub(super) fn spells(&self, path: &str) -> bool {
        let last = path.rsplit('.').next().unwrap_or_default();
        let mut all = self.by_last.get(last).into_iter().flatten();
        all.any(|(pattern, _)| pattern.iter().map(String::as_str).eq(path.split('.')))
    }

    /// Says whether a name is a beginning of a pattern.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.beginnings.contains(path)
    }
}

fn matches(pattern: &[String], parts: &[&str]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return parts.is_empty() };
    match (first.as_str(), parts.split_first()) {
        ("**", _) => (0..=parts.len()).any(|n| parts.get(n..).is_some_and(|parts| matches(rest, parts))),
        ("*", Some((_, parts))) => matches(rest, parts),
        (first, Some((part, parts))) => fits(first, part) && matches(rest, parts),
        (_, None) => false,
    }
}

fn fits(pattern: &str, part: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == part,
        Some((head, tail)) => part.len() >= head.len() + tail.len() && part.starts_with(head) && part.ends_with(tail),
    }
}

/// Writes out the braces of a pattern.
pub(super) fn expand(pattern: &str) -> Vec<String> {
    let Some((head, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let Some((inner, tail)) = rest.split_once('}') else { return vec![pattern.to_owned()] };
    let tails = expand(tail);
    inner.split(',').flat_map(|one| tails.iter().map(move |tail| format!("{head}{}{tail}", one.trim()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_braces() {
        let mut patterns = Patterns::default();
        for (at, pattern) in [
            "os.{system,popen}",
            "**.execute",
            "requests.**.get",
            "a.*.c",
            "x.exec*",
            "?.run",
            "@a/**.B",
            "z.**Client",
            "open.**",
            "half.Name.*",
        ]
        .iter()
        .enumerate()
        {
            patterns.add(pattern, at);
        }
        for (path, expected) in [
            ("os.system", vec![0]),
            ("os.systems", vec![]),
            ("my.os.system", vec![]),
            ("execute", vec![1]),
            ("?db.cursor().execute", vec![1]),
            ("requests.get", vec![2]),
            ("requests.Session().get", vec![2]),
            ("a.b.c", vec![3]),
            ("a.c", vec![]),
            ("x.execvp", vec![4]),
            ("?.run", vec![5]),
            ("@a/c/d.B", vec![6]),
            ("@a/c.D", vec![]),
            ("z.Client", vec![7]),
            ("z.b.c.BlobClient", vec![7]),
            ("z.b.ClientBlob", vec![]),
        ] {
            assert_eq!(patterns.matching(path), expected, "{path}");
        }
        for (path, stands_for, at, expected) in [
            ("os.system", 0, 0, true),
            ("requests.Session().get", 2, 1, true),
            ("open.Name.of", 8, 1, false),
            ("half.Name.of", 9, 1, true),
            ("half.Name.of", 9, 2, false),
            ("z.b.c.BlobClient", 7, 2, true),
        ] {
            assert_eq!(patterns.spells_a_part(path, stands_for, at), expected, "{path} {at}");
        }
        assert!(patterns.knows("os") && patterns.knows("os.system") && !patterns.knows("os.path"));
    }
}
