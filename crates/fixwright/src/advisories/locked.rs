//! What a project depends on, read from its lockfiles and pinned manifests: exact versions and the lines that they stand on.

use std::collections::BTreeMap;

use domain::{Files, RepoPath};
use serde_json::Value;

use super::version::{Ecosystem, Version};

/// A package at one version, as a lockfile has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Locked {
    /// The lockfile.
    pub(super) path: RepoPath,
    /// The line of the package in it, from 1.
    pub(super) line: u32,
    /// Where the package is from.
    pub(super) ecosystem: Ecosystem,
    /// Its name, in the ecosystem's one spelling.
    pub(super) package: String,
    /// Its version.
    pub(super) version: String,
}

/// Larger files are no lockfiles that anyone wrote.
const MAX_BYTES: usize = 64 << 20;

/// Returns what the lockfiles of a subproject name, sorted, each package at each version once a file.
///
/// Its lockfiles are those in its folder and below, as far as no manifest begins a project of its own there.
pub(super) fn locked(files: &Files, subproject: &str) -> Vec<Locked> {
    let mut all = Vec::new();
    for path in files.paths() {
        let Some(read) = reader(path) else { continue };
        if !belongs(files, path, subproject) {
            continue;
        }
        let Some(text) = files.read(path).filter(|bytes| bytes.len() <= MAX_BYTES) else { continue };
        let text = String::from_utf8_lossy(&text);
        let mut found: BTreeMap<(Ecosystem, String, String), u32> = BTreeMap::new();
        for (ecosystem, name, version, line) in read(files, path, &text) {
            let line = u32::try_from(line).unwrap_or(u32::MAX).max(1);
            let key = (ecosystem, ecosystem.name_of(&name), version);
            found.entry(key).and_modify(|first| *first = line.min(*first)).or_insert(line);
        }
        all.extend(found.into_iter().map(|((ecosystem, package, version), line)| Locked {
            path: path.clone(),
            line,
            ecosystem,
            package,
            version,
        }));
    }
    all.sort();
    all
}

/// Manifests that begin a project.
const MANIFESTS: [&str; 6] = ["Cargo.toml", "pyproject.toml", "setup.py", "setup.cfg", "package.json", "go.mod"];

/// Says whether a file tells what a project depends on: a manifest, or a lockfile, also one whose packages cannot be read here.
pub(crate) fn is_manifest(path: &RepoPath) -> bool {
    const OTHERS: [&str; 13] = [
        "Pipfile",
        "go.sum",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "Gemfile",
        "Gemfile.lock",
        "composer.json",
        "composer.lock",
    ];
    let name = path.file_name();
    reader(path).is_some() || MANIFESTS.contains(&name) || OTHERS.contains(&name)
}

/// Ecosystem, name, version, line.
type Entry = (Ecosystem, String, String, usize);
type Reader = fn(&Files, &RepoPath, &str) -> Vec<Entry>;

fn reader(path: &RepoPath) -> Option<Reader> {
    let name = path.file_name();
    match name {
        "Cargo.lock" => Some(|_, _, text| blocks(text, Ecosystem::CratesIo)),
        "poetry.lock" | "uv.lock" | "pdm.lock" => Some(|_, _, text| blocks(text, Ecosystem::PyPi)),
        "Pipfile.lock" => Some(|_, _, text| pipfile(text)),
        "package-lock.json" | "npm-shrinkwrap.json" => Some(|_, _, text| npm(text)),
        "go.mod" => Some(go),
        _ => {
            let requirements = name.ends_with(".txt") && name.contains("requirements") || name == "constraints.txt";
            let in_folder = name.ends_with(".txt") && path.parent().rsplit('/').next() == Some("requirements");
            (requirements || in_folder).then_some(|_, _, text| pinned(text))
        }
    }
}

fn belongs(files: &Files, path: &RepoPath, subproject: &str) -> bool {
    if !path.is_below(subproject) {
        return false;
    }
    let root = subproject.trim_matches('/');
    let root = if root == "." { "" } else { root };
    let mut folder = path.parent();
    while folder != root && !folder.is_empty() {
        if matches!(folder.rsplit('/').next(), Some("node_modules" | "vendor" | "site-packages")) {
            return false;
        }
        let own = MANIFESTS
            .iter()
            .any(|manifest| RepoPath::new(format!("{folder}/{manifest}")).is_ok_and(|manifest| files.contains(&manifest)));
        if own {
            return false;
        }
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    true
}

/// Cargo.lock, poetry.lock and uv.lock: TOML that a program wrote, a `[[package]]` block each. Read by line, since a parser says nothing
/// of lines and takes many times as long.
fn blocks(text: &str, ecosystem: Ecosystem) -> Vec<Entry> {
    #[derive(Default)]
    struct Block {
        name: Option<(String, usize)>,
        version: Option<String>,
        source: Option<String>,
        in_source: bool,
        within: bool,
    }
    let mut entries = Vec::new();
    let mut finish = |block: &mut Block| {
        let Block { name, version, source, .. } = std::mem::take(block);
        let (Some((name, line)), Some(version)) = (name, version) else { return };
        let registry = match (ecosystem, source.as_deref()) {
            // A crate without a source is one of the workspace.
            (Ecosystem::CratesIo, Some(source)) => {
                source.starts_with("registry+https://github.com/rust-lang/crates.io-index")
                    || source.starts_with("sparse+https://index.crates.io/")
            }
            (Ecosystem::CratesIo, None) => false,
            (_, None) => true,
            (_, Some(source)) => source.contains("registry") || source.contains("legacy"),
        };
        if registry {
            entries.push((ecosystem, name, version, line));
        }
    };
    let mut block = Block::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            if line == "[[package]]" || !line.starts_with("[package.") {
                finish(&mut block);
                block.within = line == "[[package]]";
            } else {
                block.in_source = line == "[package.source]";
                block.within = block.in_source;
            }
        } else if block.within
            && let Some((key, value)) = line.split_once('=')
        {
            let value = value.trim();
            let text = value.trim_matches('"').to_owned();
            match key.trim() {
                "type" if block.in_source => block.source = Some(text),
                _ if block.in_source => {}
                "name" => block.name = Some((text, index + 1)),
                "version" => block.version = Some(text),
                "source" => block.source = Some(text),
                _ => {}
            }
        }
    }
    finish(&mut block);
    entries
}

fn pipfile(text: &str) -> Vec<Entry> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut lines = Lines::of(text);
    let groups = ["default", "develop"].into_iter().filter_map(|group| value.get(group)?.as_object());
    let mut entries = Vec::new();
    for (name, entry) in groups.flatten() {
        let Some(version) = entry.get("version").and_then(Value::as_str).and_then(|text| text.strip_prefix("==")) else {
            continue;
        };
        entries.push((Ecosystem::PyPi, name.clone(), version.to_owned(), lines.of_key(name)));
    }
    entries
}

fn npm(text: &str) -> Vec<Entry> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut lines = Lines::of(text);
    let mut entries = Vec::new();
    if let Some(packages) = value.get("packages").and_then(Value::as_object) {
        for (key, entry) in packages {
            let Some((_, name)) = key.rsplit_once("node_modules/") else { continue };
            // An alias (`npm:other@1`) says its real name; a link points into the repository.
            let name = entry.get("name").and_then(Value::as_str).unwrap_or(name);
            if let Some(version) = npm_version(entry) {
                entries.push((Ecosystem::Npm, name.to_owned(), version, lines.of_key(key)));
            }
        }
        return entries;
    }
    let mut open: Vec<&Value> = value.get("dependencies").into_iter().collect();
    while let Some(dependencies) = open.pop() {
        for (name, entry) in dependencies.as_object().into_iter().flatten() {
            if let Some(version) = npm_version(entry) {
                entries.push((Ecosystem::Npm, name.clone(), version, lines.of_key(name)));
            }
            open.extend(entry.get("dependencies"));
        }
    }
    entries
}

fn npm_version(entry: &Value) -> Option<String> {
    let version = entry.get("version")?.as_str()?;
    let from_registry = entry
        .get("resolved")
        .and_then(Value::as_str)
        .is_none_or(|from| from.starts_with("https://") || from.starts_with("http://"));
    (from_registry && Version::parse(Ecosystem::Npm, version).is_some()).then(|| version.to_owned())
}

/// A `replace`: the module, the version if only one is replaced, what stands in its place unless that is a folder, the line.
type Replacement = (String, Option<String>, Option<(String, String)>, usize);

/// go.mod: since Go 1.17 it names every module that the build needs; before, go.sum knows more.
fn go(files: &Files, path: &RepoPath, text: &str) -> Vec<Entry> {
    let mut entries: Vec<(String, String, usize)> = Vec::new();
    let mut replaced: Vec<Replacement> = Vec::new();
    let mut block = String::new();
    let mut complete = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '`'])).collect();
        let (directive, rest) = match words.as_slice() {
            [] => continue,
            [")"] => {
                block.clear();
                continue;
            }
            [word, "("] => {
                block = (*word).to_owned();
                continue;
            }
            [word, rest @ ..] if block.is_empty() => ((*word).to_owned(), rest),
            rest => (block.clone(), rest),
        };
        match (directive.as_str(), rest) {
            ("go", [version]) => {
                let floor = Version::parse(Ecosystem::Go, "1.17");
                complete = Version::parse(Ecosystem::Go, version).zip(floor).is_some_and(|(version, floor)| version >= floor);
            }
            ("require", [module, version, ..]) => entries.push(((*module).to_owned(), (*version).to_owned(), index + 1)),
            ("replace", rest) => {
                let arrow = rest.iter().position(|word| *word == "=>");
                let Some((from, to)) =
                    arrow.map(|at| (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default()))
                else {
                    continue;
                };
                let Some(module) = from.first() else { continue };
                let by = match to {
                    [module, version] => Some(((*module).to_owned(), (*version).to_owned())),
                    _ => None,
                };
                replaced.push(((*module).to_owned(), from.get(1).map(|v| (*v).to_owned()), by, index + 1));
            }
            _ => {}
        }
    }
    if !complete {
        let folder = path.parent();
        let sum = if folder.is_empty() { "go.sum".to_owned() } else { format!("{folder}/go.sum") };
        let sum = RepoPath::new(sum).ok().and_then(|sum| files.text(&sum)).unwrap_or_default();
        let known: Vec<String> = entries.iter().map(|(module, ..)| module.clone()).collect();
        entries.extend(selected(&sum).into_iter().filter(|(module, ..)| !known.contains(module)));
    }
    for (module, version, by, line) in replaced {
        entries.retain(|(name, at, _)| *name != module || version.as_ref().is_some_and(|version| version != at));
        entries.extend(by.map(|(module, version)| (module, version, line)));
    }
    entries
        .into_iter()
        .map(|(module, version, line)| (Ecosystem::Go, module, version.trim_start_matches('v').to_owned(), line))
        .collect()
}

/// Returns the highest version of each module of which go.sum knows the code and not the go.mod alone. The line is the first: that of
/// go.mod's module, since the entry is in another file.
fn selected(sum: &str) -> Vec<(String, String, usize)> {
    let mut highest: BTreeMap<&str, (Version, &str)> = BTreeMap::new();
    for line in sum.lines() {
        let mut words = line.split_whitespace();
        let (Some(module), Some(version)) = (words.next(), words.next()) else { continue };
        if version.ends_with("/go.mod") {
            continue;
        }
        let Some(parsed) = Version::parse(Ecosystem::Go, version) else { continue };
        if highest.get(module).is_none_or(|(known, _)| parsed > *known) {
            highest.insert(module, (parsed, version));
        }
    }
    highest.into_iter().map(|(module, (_, version))| (module.to_owned(), version.to_owned(), 1)).collect()
}

/// requirements.txt: the lines that pin one version.
fn pinned(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some((name, version)) = pin(line) {
            entries.push((Ecosystem::PyPi, name.to_owned(), version.to_owned(), index + 1));
        }
    }
    entries
}

/// Returns name and version of a line such as `Name[extra] == 1.2 ; marker  # comment`.
pub(crate) fn pin(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches('\u{feff}');
    let line = line.split('#').next().unwrap_or_default();
    let line = line.split(';').next().unwrap_or_default();
    let line = line.split(" --").next().unwrap_or_default().trim().trim_end_matches('\\').trim();
    let (name, version) = line.split_once("==")?;
    let version = version.trim_start_matches('=').trim();
    let name = name.split('[').next().unwrap_or_default().trim();
    let plain = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c) || more.contains(c))
    };
    (plain(name, "") && plain(version, "!+")).then_some((name, version))
}

/// Finds the lines of keys in a JSON text, in one pass over it.
struct Lines {
    by_key: BTreeMap<String, usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut by_key = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            // npm and pipenv write one key a line.
            if let Some((key, rest)) = line.strip_prefix('"').and_then(|rest| rest.split_once('"'))
                && rest.trim_start().starts_with(':')
                && rest.trim_end().ends_with('{')
            {
                by_key.entry(key.to_owned()).or_insert(index + 1);
            }
        }
        Self { by_key }
    }

    fn of_key(&mut self, key: &str) -> usize {
        self.by_key.get(key).copied().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(list: &[(&str, &str)]) -> Files {
        let map = list.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
        Files::from_map(map)
    }

    fn of(list: &[(&str, &str)], subproject: &str) -> Vec<String> {
        locked(&tree(list), subproject)
            .into_iter()
            .map(|one| format!("{}:{} {} {} {}", one.path, one.line, one.ecosystem, one.package, one.version))
            .collect()
    }

    #[test]
    fn cargo_lock_names_only_what_the_registry_gave() {
        let lock = "version = 3\r\n\r\n[[package]]\r\nname = \"mine\"\r\nversion = \"0.1.0\"\r\ndependencies = [\r\n \"time\",\r\n]\r\n\r\n\
            [[package]]\r\nname = \"time\"\r\nversion = \"0.1.43\"\r\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\r\n\r\n\
            [[package]]\nname = \"git\"\nversion = \"1.0.0\"\nsource = \"git+https://x#1\"\n\n[metadata]\nname = \"no\"\nversion = \"1\"\n";
        assert_eq!(of(&[("Cargo.lock", lock)], "."), ["Cargo.lock:11 crates.io time 0.1.43"]);
    }

    #[test]
    fn python_locks_and_pins() {
        let poetry = "[[package]]\nname = \"Jinja2\"\nversion = \"2.7\"\ndescription = \"a = b\"\n\n[package.dependencies]\nname = \"x\"\n\n\
            [package.source]\ntype = \"git\"\nurl = \"u\"\n\n[[package]]\nname = \"a\"\nversion = \"1\"\n";
        let uv = "[[package]]\nname = \"b\"\nversion = \"2.0\"\nsource = { registry = \"https://pypi.org/simple\" }\nsdist = { url = \"x\" }\n\n\
            [[package]]\nname = \"me\"\nversion = \"1\"\nsource = { editable = \".\" }\n";
        let requirements = "# c==1\nFlask[async] == 1.0 ; python_version < '3'  # old\nrequests>=2\nx==1.*\n-r base.txt\n\
            idna==2.5 \\\n    --hash=sha256:abc\n";
        let pipfile = "{\n  \"default\": {\n    \"attrs\": {\n      \"version\": \"==19.3.0\"\n    }\n  }\n}\n";
        let files = [
            ("poetry.lock", poetry),
            ("uv.lock", uv),
            ("requirements.txt", requirements),
            ("Pipfile.lock", pipfile),
            ("requirements/dev.txt", "pytest==3.0\n"),
            ("notes.txt", "a==1\n"),
        ];
        assert_eq!(
            of(&files, "."),
            [
                "Pipfile.lock:3 PyPI attrs 19.3.0",
                "poetry.lock:14 PyPI a 1",
                "requirements.txt:2 PyPI flask 1.0",
                "requirements.txt:6 PyPI idna 2.5",
                "requirements/dev.txt:1 PyPI pytest 3.0",
                "uv.lock:2 PyPI b 2.0",
            ]
        );
    }

    #[test]
    fn npm_locks_of_all_versions() {
        let three = "{\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"name\": \"me\", \"version\": \"1.0.0\"\n    },\n    \
            \"node_modules/a/node_modules/@s/b\": {\n      \"version\": \"1.2.3\",\n      \"resolved\": \"https://r/b.tgz\"\n    },\n    \
            \"node_modules/l\": {\n      \"link\": true, \"resolved\": \"l\"\n    }\n  }\n}\n";
        let one = "{\n  \"dependencies\": {\n    \"a\": {\n      \"version\": \"1.0.0\",\n      \"dependencies\": {\n        \"b\": {\n          \
            \"version\": \"2.0.0\"\n        },\n        \"g\": {\n          \"version\": \"git+ssh://x\"\n        }\n      }\n    }\n  }\n}\n";
        assert_eq!(
            of(&[("package-lock.json", three), ("old/package-lock.json", one)], "."),
            ["old/package-lock.json:3 npm a 1.0.0", "old/package-lock.json:6 npm b 2.0.0", "package-lock.json:7 npm @s/b 1.2.3",]
        );
    }

    #[test]
    fn go_modules_with_replacements_and_old_ones_with_their_sums() {
        let new = "module m\n\ngo 1.21.0\n\nrequire golang.org/x/text v0.3.0 // indirect\n\nrequire (\n\tgithub.com/a/b v1.0.0\n\
            \tgithub.com/c/d/v2 v2.1.0+incompatible\n\te.org/f v1.0.0\n)\n\nreplace github.com/a/b => ../b\n\
            replace e.org/f v1.0.0 => g.org/f v1.1.0\n";
        let sum = "h.org/i v1.2.0 h1:x=\nh.org/i v1.10.0 h1:x=\nh.org/i v1.11.0/go.mod h1:x=\n";
        assert_eq!(
            of(&[("go.mod", new), ("go.sum", sum)], "."),
            [
                "go.mod:5 Go golang.org/x/text 0.3.0",
                "go.mod:9 Go github.com/c/d/v2 2.1.0+incompatible",
                "go.mod:14 Go g.org/f 1.1.0"
            ]
        );
        let old = "module m\ngo 1.14\nrequire a.org/b v1.0.0\n";
        assert_eq!(of(&[("go.mod", old), ("go.sum", sum)], "."), ["go.mod:1 Go h.org/i 1.10.0", "go.mod:3 Go a.org/b 1.0.0"]);
    }

    #[test]
    fn a_project_of_its_own_below_is_left_to_its_own_audit() {
        let files = [
            ("requirements.txt", "a==1\n"),
            ("docs/requirements.txt", "b==1\n"),
            ("api/requirements.txt", "c==1\n"),
            ("api/setup.py", ""),
            ("node_modules/x/requirements.txt", "d==1\n"),
        ];
        assert_eq!(of(&files, ""), ["docs/requirements.txt:1 PyPI b 1", "requirements.txt:1 PyPI a 1"]);
        assert_eq!(of(&files, "api"), ["api/requirements.txt:1 PyPI c 1"]);
    }

    #[test]
    fn broken_lockfiles_are_empty() {
        for name in ["package-lock.json", "Pipfile.lock", "Cargo.lock", "go.mod", "requirements.txt"] {
            for text in ["", "{", "[[package]]\nname = \n", "\u{0}==\u{0}", "require (\n", "replace =>\n", "[[package"] {
                assert!(of(&[(name, text)], ".").is_empty(), "{name} {text:?}");
            }
        }
    }
}
