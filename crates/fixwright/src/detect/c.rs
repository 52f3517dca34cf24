//! C and C++: CMake, Meson, configure or make; without any of them, the compiler alone reads each file.
//!
//! A build starts from nothing each time: what is up to date is not compiled, so its warnings would seem to be gone.

use std::collections::BTreeSet;

use domain::{Language, Recipe, RepoPath};

use super::tree::{Tree, is_within, relative, upwards};
use super::{Found, Look, quoted};

const MAKEFILES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
const CPP: [&str; 5] = ["cc", "cpp", "cxx", "c++", "C"];
/// Folders that are named on one command line.
const MOST_FOLDERS: usize = 20;

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    let names = ["CMakeLists.txt", "meson.build", "configure", "configure.ac", "GNUmakefile", "makefile", "Makefile"];
    let mut roots: Vec<&str> = Vec::new();
    for folder in look.tree.folders_with(&names) {
        let is_module = roots.iter().any(|root| is_within(folder, root));
        if !is_module && !is_part_of_another(look.tree, folder) && language(look.tree, folder).is_some() {
            roots.push(folder);
        }
    }
    roots.into_iter().filter_map(|folder| recipes(look, folder)).collect()
}

/// Says whether the C code is an extension that another project builds: then what its Makefile does is anybody's guess.
fn is_part_of_another(tree: &Tree<'_>, folder: &str) -> bool {
    tree.first_of(folder, &["package.json", "go.mod", "pom.xml"]).is_some()
        || upwards(folder).any(|above| tree.first_of(above, &["Cargo.toml", "setup.py", "pyproject.toml"]).is_some())
}

/// Returns a subproject for C files that nothing builds.
pub(super) fn look_at_loose_files(look: &Look<'_>) -> Option<Found> {
    let language = language(look.tree, "")?;
    let mut found = Found::new("", language);
    let (compilers, is_ours): (&[&str], fn(&RepoPath) -> bool) = match language {
        Language::Cpp => (&["g++", "clang++"], is_cpp),
        _ => (&["gcc", "clang", "cc"], is_c),
    };
    let Some(compiler) = compilers.iter().find(|name| look.tools.has("", name)) else {
        found.note("no C compiler is installed");
        return Some(found);
    };
    let files = patterns(look, "", is_ours, &mut found);
    found.add(Recipe::Lint, format!("{compiler} -fsyntax-only -Wall -Wextra {files}"));
    format(look, "", &mut found);
    found.note("no build: there is neither a Makefile nor a CMakeLists.txt");
    Some(found)
}

/// Returns shell patterns for the files of a folder that are ours, a pattern a folder and extension.
fn patterns(look: &Look<'_>, root: &str, is_ours: fn(&RepoPath) -> bool, found: &mut Found) -> String {
    let below = |path: &'_ RepoPath| relative(root, path.parent()).to_owned();
    let ours = look.tree.below(root).filter(|path| is_ours(path));
    let folders: BTreeSet<(String, String)> = ours.filter_map(|path| Some((below(path), path.extension()?.to_owned()))).collect();
    if folders.len() > MOST_FOLDERS {
        found.note(format!("only the first {MOST_FOLDERS} of {} folders are read", folders.len()));
    }
    let patterns = folders.iter().take(MOST_FOLDERS).map(|(folder, extension)| match folder.as_str() {
        "" => format!("*.{extension}"),
        folder => format!("{}/*.{extension}", quoted(folder)),
    });
    patterns.collect::<Vec<_>>().join(" ")
}

/// Adds the recipe `format` where the project has a style of its own.
fn format(look: &Look<'_>, folder: &str, found: &mut Found) {
    if upwards(folder).all(|folder| look.tree.first_of(folder, &[".clang-format", "_clang-format"]).is_none()) {
        return;
    }
    if look.tools.has("", "clang-format") {
        let files = patterns(look, folder, |path| is_c(path) || is_cpp(path) || is_header(path), found);
        found.add(Recipe::Format, format!("clang-format --dry-run -Werror {files}"));
    } else {
        found.left_out(Recipe::Format, "clang-format, which the project uses, is not installed (apt-get install clang-format)");
    }
}

fn recipes(look: &Look<'_>, folder: &str) -> Option<Found> {
    let mut found = Found::new(folder, language(look.tree, folder)?);
    let has = |name: &str| look.tools.has("", name);
    if !["cc", "gcc", "clang"].iter().any(|name| has(name)) {
        found.note("no C compiler is installed");
        return Some(found);
    }
    // Generated files go where no file of the project is.
    let build = if look.tree.is_folder(&super::tree::join(folder, "build")) { "build-fixwright" } else { "build" };
    if look.tree.has(folder, "CMakeLists.txt") && has("cmake") {
        let compile = format!("cmake -S . -B {build} && cmake --build {build} --clean-first");
        if mentions(look.tree, folder, "CMakeLists.txt", &["add_test", "enable_testing", "include(CTest)"]) {
            found.add(Recipe::Test, format!("{compile} && ctest --test-dir {build} --output-on-failure"));
        } else {
            found.left_out(Recipe::Test, "CMakeLists.txt names no tests");
        }
        found.add(Recipe::Build, compile);
    } else if look.tree.has(folder, "meson.build") && has("meson") && has("ninja") {
        let compile = format!("meson setup --wipe {build} . && ninja -C {build}");
        found.add(Recipe::Test, format!("{compile} && meson test -C {build}"));
        found.add(Recipe::Build, compile);
    } else if look.tree.first_of(folder, &["configure", "configure.ac"]).is_some() && has("make") {
        let has_configure = look.tree.has(folder, "configure");
        if !has_configure && !has("autoreconf") {
            found.left_out(Recipe::Build, "autoreconf is not installed (apt-get install autoconf automake)");
            return Some(found);
        }
        let configure = format!("{}sh ./configure", if has_configure { "" } else { "autoreconf -i && " });
        found.add(Recipe::Test, format!("{configure} && make check"));
        found.add(Recipe::Build, format!("{configure} && make clean && make"));
    } else if let Some(makefile) = look.tree.first_of(folder, &MAKEFILES).filter(|_| has("make")) {
        let targets = look.tree.text(folder, makefile).map(|text| targets(&text)).unwrap_or_default();
        found.add(Recipe::Build, if targets.contains("clean") { "make clean && make" } else { "make -B" });
        match ["check", "test", "tests"].into_iter().find(|name| targets.contains(*name)) {
            Some(name) => found.add(Recipe::Test, format!("make {name}")),
            None => found.left_out(Recipe::Test, format!("{makefile} has no target `check` or `test`")),
        }
    } else {
        found.note("neither make nor cmake is installed");
    }
    format(look, folder, &mut found);
    Some(found)
}

/// Returns the targets that a Makefile names in so many words.
fn targets(makefile: &str) -> BTreeSet<String> {
    let rules = makefile.lines().filter(|line| !line.starts_with(['\t', '#', '.', ' ']));
    let heads = rules.filter_map(|line| line.split_once(':').filter(|(_, after)| !after.starts_with('=')).map(|(head, _)| head));
    heads.filter(|head| !head.contains('=')).flat_map(|head| head.split_whitespace().map(str::to_owned)).collect()
}

fn mentions(tree: &Tree<'_>, folder: &str, name: &str, words: &[&str]) -> bool {
    let files =
        tree.below(folder).filter(|path| path.file_name() == name && relative(folder, path.as_str()).matches('/').count() < 3);
    files.take(MOST_FOLDERS).filter_map(|path| tree.text_of(path)).any(|text| words.iter().any(|word| text.contains(word)))
}

/// Returns the language of most source files below a folder, `None` when there are none.
fn language(tree: &Tree<'_>, folder: &str) -> Option<Language> {
    let (mut c, mut cpp) = (0_usize, 0_usize);
    for path in tree.below(folder) {
        c += usize::from(is_c(path));
        cpp += usize::from(is_cpp(path));
    }
    match (c, cpp) {
        (0, 0) => None,
        _ if cpp > c => Some(Language::Cpp),
        _ => Some(Language::C),
    }
}

fn is_c(path: &RepoPath) -> bool {
    path.extension() == Some("c")
}

fn is_header(path: &RepoPath) -> bool {
    path.extension().is_some_and(|extension| ["h", "hh", "hpp", "hxx"].contains(&extension))
}

fn is_cpp(path: &RepoPath) -> bool {
    path.extension().is_some_and(|extension| CPP.contains(&extension))
}
