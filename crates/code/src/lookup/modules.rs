//! Whether an import leads to a file: by the rules of its language where they tell, by the path otherwise.

use domain::{Language, RepoPath};

use super::Certainty;

/// Says whether what `importer` imports as `module` is in `target`, or may be.
pub(super) fn leads_to(language: Language, module: &str, importer: &RepoPath, target: &RepoPath) -> Option<Certainty> {
    match language {
        Language::Python => python(module, importer, target),
        Language::JavaScript | Language::TypeScript => script(module, importer, target),
        Language::Rust => rust(module, importer, target),
        // All files of a folder are one package.
        Language::Go => ends(target.parent(), module.rsplit('/').collect::<Vec<_>>().as_slice(), 1),
        Language::C | Language::Cpp | Language::Ruby | Language::Bash => (target.as_str() == module
            || target.as_str().ends_with(&format!("/{}", module.trim_start_matches("./"))))
        .then_some(Certainty::Sure),
        Language::Java | Language::Kotlin | Language::Scala | Language::CSharp | Language::Php => {
            let parts: Vec<&str> = module.split(['.', '\\']).rev().collect();
            let stem = without_extension(target.as_str());
            ends(stem, &parts, parts.len()).or_else(|| ends(target.parent(), &parts, parts.len()))
        }
        Language::Other => None,
    }
}

/// Says whether a path ends with these parts, the last first; at least `least` of them where the path has fewer.
fn ends(path: &str, parts: &[&str], least: usize) -> Option<Certainty> {
    let alike = path.rsplit('/').zip(parts).take_while(|(a, b)| a == *b).count();
    let whole = alike == parts.len() || alike == path.split('/').count();
    if alike < least.max(1) && !(whole && alike > 0) {
        return None;
    }
    Some(if whole { Certainty::Sure } else { Certainty::Possible })
}

fn without_extension(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    path.get(name..).and_then(|file| file.find('.')).filter(|at| *at > 0).and_then(|at| path.get(..name + at)).unwrap_or(path)
}

/// Returns a path without `.` and `..`; `None` when it leaves the tree.
fn join(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn python(module: &str, importer: &RepoPath, target: &RepoPath) -> Option<Certainty> {
    let stem = without_extension(target.as_str());
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let dots = module.bytes().take_while(|byte| *byte == b'.').count();
    let path = module.get(dots..)?.replace('.', "/");
    if dots > 0 {
        let up = "../".repeat(dots - 1);
        let wanted = join(importer.parent(), &format!("{up}{path}"))?;
        let below = stem.strip_prefix(wanted.as_str());
        return match below {
            Some("") => Some(Certainty::Sure),
            // What a package's `__init__` hands on from its modules.
            Some(rest) if rest.starts_with('/') || wanted.is_empty() => Some(Certainty::Possible),
            _ => None,
        };
    }
    let whole = stem == path || stem.ends_with(&format!("/{path}"));
    // Below the folder of the package: handed on by its `__init__`.
    let below = || format!("/{stem}/").contains(&format!("/{path}/"));
    if whole { Some(Certainty::Sure) } else { below().then_some(Certainty::Possible) }
}

fn script(module: &str, importer: &RepoPath, target: &RepoPath) -> Option<Certainty> {
    let stem = without_extension(target.as_str());
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    if module.starts_with('.') {
        let wanted = join(importer.parent(), module)?;
        let wanted = wanted.as_str();
        let wanted =
            [".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx"].iter().find_map(|end| wanted.strip_suffix(end)).unwrap_or(wanted);
        let wanted = wanted.strip_suffix("/index").unwrap_or(wanted);
        // A folder's index hands on what its files export.
        let below = stem.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'));
        return if stem == wanted { Some(Certainty::Sure) } else { below.then_some(Certainty::Possible) };
    }
    // A package of the same repository, or an alias of a bundler: `@/lib/x`, `pkg/lib/x`.
    let path = module.trim_start_matches(['@', '~']).trim_start_matches('/');
    let last = path.rsplit('/').next().filter(|last| !last.is_empty())?;
    (stem.ends_with(&format!("/{path}")) || format!("/{}/", target.parent()).contains(&format!("/{last}/")))
        .then_some(Certainty::Possible)
}

/// `crate::a::b` is `src/a/b.rs` or `src/a/b/mod.rs`; what a module hands on may be further below.
fn rust(module: &str, importer: &RepoPath, target: &RepoPath) -> Option<Certainty> {
    let stem = without_extension(target.as_str());
    let stem = ["/mod", "/lib", "/main"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let mut parts = module.split("::").peekable();
    let mut from = importer.as_str().split("/src/").next().unwrap_or_default().to_owned();
    match parts.peek().copied()? {
        "crate" => drop(parts.next()),
        "self" | "super" => {
            from = without_extension(importer.as_str()).to_owned();
            while matches!(parts.peek().copied(), Some("self" | "super")) {
                if parts.next() == Some("super") {
                    from = from
                        .strip_suffix("/mod")
                        .unwrap_or(&from)
                        .rsplit_once('/')
                        .map_or(String::new(), |(above, _)| above.to_owned());
                }
            }
        }
        name => {
            // A module that the importer declares.
            let own = without_extension(importer.as_str());
            let own = ["/mod", "/lib", "/main"].iter().find_map(|end| own.strip_suffix(end)).unwrap_or(own);
            let below = stem.strip_prefix(own).and_then(|rest| rest.strip_prefix('/'));
            match below.and_then(|below| below.strip_prefix(module.replace("::", "/").as_str())) {
                Some("") => return Some(Certainty::Sure),
                Some(rest) if rest.starts_with('/') => return Some(Certainty::Possible),
                _ => {}
            }
            // Another crate: its folder has its name, or one that ends with it.
            let folder = format!("/{}/", target.as_str().split("/src/").next().unwrap_or_default().replace('-', "_"));
            let root = folder.trim_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            if root != name && !name.ends_with(&format!("_{root}")) && !root.ends_with(&format!("_{name}")) {
                return None;
            }
            parts.next();
            from.clear();
            if parts.peek().is_none() && target.as_str().ends_with("src/lib.rs") {
                return Some(Certainty::Sure);
            }
        }
    }
    let parts: Vec<&str> = parts.collect();
    if !stem.starts_with(from.as_str()) {
        return None;
    }
    let path = parts.join("/");
    let is_it = path.is_empty() && stem == from.as_str() || !path.is_empty() && stem.ends_with(&format!("/{path}"));
    let below = path.is_empty() || format!("{stem}/").contains(&format!("/{path}/"));
    if is_it { Some(Certainty::Sure) } else { below.then_some(Certainty::Possible) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_lead_to_files() {
        let sure = Some(Certainty::Sure);
        let possible = Some(Certainty::Possible);
        for (language, module, importer, target, expected) in [
            (Language::Python, "a.b", "x.py", "src/a/b.py", sure),
            (Language::Python, "a.b", "x.py", "a/b/__init__.py", sure),
            (Language::Python, "a.b", "x.py", "a/b/c.py", possible),
            (Language::Python, "a.b", "x.py", "a/bc.py", None),
            (Language::Python, ".b", "a/x.py", "a/b.py", sure),
            (Language::Python, "..b", "a/c/x.py", "a/b.py", sure),
            (Language::Python, ".", "a/x.py", "a/__init__.py", sure),
            (Language::Python, ".b", "a/x.py", "b.py", None),
            (Language::JavaScript, "./b", "a/x.js", "a/b.js", sure),
            (Language::JavaScript, "./b.js", "a/x.js", "a/b.ts", sure),
            (Language::JavaScript, "../b", "a/x.js", "b/index.js", sure),
            (Language::JavaScript, "./b", "a/x.js", "b.js", None),
            (Language::TypeScript, "@/lib/b", "x.ts", "src/lib/b.ts", possible),
            (Language::Rust, "crate::a::b", "k/src/x.rs", "k/src/a/b.rs", sure),
            (Language::Rust, "crate::a", "k/src/x.rs", "k/src/a/mod.rs", sure),
            (Language::Rust, "crate::a", "k/src/x.rs", "l/src/a.rs", None),
            (Language::Rust, "super", "k/src/a/x.rs", "k/src/a/mod.rs", sure),
            (Language::Rust, "code", "p/src/x.rs", "crates/code/src/parsing.rs", possible),
            (Language::Rust, "inner", "k/src/lib.rs", "k/src/inner.rs", sure),
            (Language::Rust, "inner::a", "k/src/x.rs", "k/src/x/inner/a/mod.rs", sure),
            (Language::Rust, "inner", "k/src/x.rs", "k/src/inner.rs", None),
            (Language::Rust, "code", "p/src/x.rs", "crates/code/src/lib.rs", sure),
            (Language::Rust, "serde", "p/src/x.rs", "crates/code/src/parsing.rs", None),
            (Language::Go, "example.com/m/store", "x.go", "store/a.go", sure),
            (Language::Go, "example.com/m/store", "x.go", "storage/a.go", None),
            (Language::Java, "a.b.C", "X.java", "src/main/java/a/b/C.java", sure),
            (Language::Java, "a.b", "X.java", "src/main/java/a/b/C.java", sure),
            (Language::Java, "a.b.D", "X.java", "src/main/java/a/b/C.java", None),
            (Language::C, "linux/slab.h", "x.c", "include/linux/slab.h", sure),
            (Language::C, "slab.h", "x.c", "include/linux/myslab.h", None),
        ] {
            let (importer, target) = (RepoPath::new(importer).unwrap(), RepoPath::new(target).unwrap());
            assert_eq!(leads_to(language, module, &importer, &target), expected, "{language}: {module} in {importer} → {target}");
        }
    }
}
