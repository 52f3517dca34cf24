//! Which folders outside of the system's a command needs to be able to read: those of the tools that its environment names.
//!
//! A folder of programs is of no use without what belongs to them, and is rarely alone in the home. So each tool is read where it keeps its
//! own things, and never a whole home: keys, other repositories and what other programs keep there stay out of sight. So do settings of
//! theirs that hold a secret: the token of a registry, a password in an address.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::env::file_holds_secret;

/// Always there behind walls.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/proc"];

/// Variables that name a folder or a list of folders, or a file, and what of it is read; all of it where nothing is said.
const NAMED: &[(&str, &[&str])] = &[
    // Not the credentials that cargo keeps beside them.
    ("CARGO_HOME", &["bin", "registry", "git", "config", "config.toml", "env"]),
    ("RUSTUP_HOME", &[]),
    ("PYENV_ROOT", &[]),
    // `~/.local`, where everybody keeps something.
    ("PYTHONUSERBASE", &["bin", "lib"]),
    ("VIRTUAL_ENV", &[]),
    ("PIP_CACHE_DIR", &[]),
    ("PIP_FIND_LINKS", &[]),
    ("UV_CACHE_DIR", &[]),
    // Not the sources of old times.
    ("GOPATH", &["bin", "pkg"]),
    ("GOMODCACHE", &[]),
    ("GOROOT", &[]),
    ("COREPACK_HOME", &[]),
    ("NODE_PATH", &[]),
    ("NVM_DIR", &[]),
    ("VOLTA_HOME", &[]),
    ("ASDF_DATA_DIR", &[]),
    ("ASDF_DIR", &[]),
    ("MISE_DATA_DIR", &[]),
    ("JAVA_HOME", &[]),
    ("MAVEN_HOME", &[]),
    ("CPATH", &[]),
    ("C_INCLUDE_PATH", &[]),
    ("LIBRARY_PATH", &[]),
    ("LD_LIBRARY_PATH", &[]),
    ("PKG_CONFIG_PATH", &[]),
    ("CARGO_HTTP_CAINFO", &[]),
    ("CURL_CA_BUNDLE", &[]),
    ("GIT_SSL_CAINFO", &[]),
    ("NODE_EXTRA_CA_CERTS", &[]),
    ("PIP_CERT", &[]),
    ("REQUESTS_CA_BUNDLE", &[]),
    ("SSL_CERT_DIR", &[]),
    ("SSL_CERT_FILE", &[]),
    ("npm_config_cafile", &[]),
];

/// Settings and keys of tools, seen from a folder that is read.
const SETTINGS: &[&str] =
    &["config", "config.toml", "credentials", "credentials.toml", "pip.conf", "conf/settings.xml", "etc/npmrc"];

/// Paths that one command names.
const MOST_NAMED: usize = 64;

/// Programs of one folder that are looked at for where they lead.
const MOST_LINKS: usize = 4096;

/// What belongs to the tools of a command.
#[derive(Debug, Default)]
pub(crate) struct Toolchains {
    /// To be read.
    pub(crate) read: Vec<PathBuf>,
    /// Settings that are not, for the secret in them.
    withheld: Vec<PathBuf>,
}

impl Toolchains {
    /// Says what is withheld, one line each.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.withheld.iter().map(|settings| format!("{} is shown to no command: it holds a secret", settings.display()))
    }
}

/// Returns what a command with this environment needs to read, without what lies in it: `home` is the user's, which is never read as a
/// whole, and neither is what holds one of `never`.
pub(crate) fn toolchains(env: &BTreeMap<OsString, OsString>, home: Option<&Path>, never: &[&Path]) -> Toolchains {
    let mut found = Found::new(home, never);
    for (name, _) in NAMED.iter().filter(|(_, parts)| !parts.is_empty()) {
        found.shared.extend(env.get(OsStr::new(name)).into_iter().flat_map(std::env::split_paths));
    }
    for (name, parts) in NAMED {
        let value = env.get(OsStr::new(name)).map(OsString::as_os_str).unwrap_or_default();
        for folder in std::env::split_paths(value) {
            match parts {
                [] => found.take(&folder),
                parts => parts.iter().for_each(|part| found.take(&folder.join(part))),
            }
            if folder.join("pyvenv.cfg").is_file() {
                found.take_environment(&folder);
            }
        }
    }
    // Go's settings may be in a file of any name.
    if let Some(settings) = env.get(OsStr::new("GOENV")).map(Path::new) {
        if file_holds_secret(settings) {
            found.withheld.insert(settings.to_owned());
        } else {
            found.take(settings);
        }
    }
    for folder in std::env::split_paths(env.get(OsStr::new("PATH")).map(OsString::as_os_str).unwrap_or_default()) {
        found.take_programs(&folder);
    }
    Toolchains { read: found.paths.into_iter().collect(), withheld: found.withheld.into_iter().collect() }
}

/// Returns what a command names itself, by full paths, as far as these are tools: the packages of node, a virtual environment of Python, a
/// program. The command is often the repository's to write, so that nothing else is read for being named.
pub(crate) fn named_tools(argv: &[OsString], home: Option<&Path>, never: &[&Path]) -> Vec<PathBuf> {
    let mut found = Found::new(home, never);
    let texts = argv.iter().filter_map(|word| word.to_str());
    let ends = |c: char| c.is_whitespace() || "'\"=:;()<>|&".contains(c);
    for path in texts.flat_map(|text| text.split(ends)).filter(|word| word.starts_with('/')).take(MOST_NAMED).map(Path::new) {
        let modules = path.ancestors().filter(|folder| folder.ends_with("node_modules")).last();
        let environment = || path.ancestors().find(|folder| folder.join("pyvenv.cfg").is_file());
        if let Some(modules) = modules {
            found.take(modules);
        } else if let Some(environment) = environment() {
            found.take_environment(environment);
        } else if fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0) {
            found.take_program(path);
        }
    }
    found.paths.into_iter().collect()
}

struct Found<'a> {
    home: Option<&'a Path>,
    never: &'a [&'a Path],
    /// Folders of which a part is read.
    shared: Vec<PathBuf>,
    paths: BTreeSet<PathBuf>,
    withheld: BTreeSet<PathBuf>,
}

impl<'a> Found<'a> {
    fn new(home: Option<&'a Path>, never: &'a [&'a Path]) -> Self {
        Self { home, never, shared: Vec::new(), paths: BTreeSet::new(), withheld: BTreeSet::new() }
    }

    /// Takes a file or a folder, when it is there and is not covered yet.
    fn take(&mut self, path: &Path) {
        let Some(path) = plain(path) else { return };
        let shared = |other: &Path| other.starts_with(&path);
        if self.home.is_some_and(shared) || self.never.iter().any(|other| shared(other)) {
            return;
        }
        let covered =
            SYSTEM.iter().any(|system| path.starts_with(system)) || self.paths.iter().any(|other| path.starts_with(other));
        // A list of files to be read is no place for sockets and devices.
        let Some(about) = fs::metadata(&path).ok().filter(|about| !covered && (about.is_dir() || about.is_file())) else {
            return;
        };
        let is_settings = || SETTINGS.iter().any(|name| path.ends_with(name));
        if about.is_file() && is_settings() && file_holds_secret(&path) {
            self.withheld.insert(path);
            return;
        }
        let secretive = SETTINGS.iter().find(|name| about.is_dir() && file_holds_secret(&path.join(name)));
        if let Some(name) = secretive {
            self.take_around(&path, Path::new(name));
        } else {
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            self.paths.retain(|other| !other.starts_with(&path));
            self.paths.insert(path);
            // Behind walls, the way through a link is a folder; whoever asks where it really is must find that as well.
            self.take(&real);
        }
    }

    /// Takes all of a folder but a file in it.
    fn take_around(&mut self, folder: &Path, file: &Path) {
        let mut parts = file.components();
        let Some(first) = parts.next() else { return };
        let (withheld, rest) = (folder.join(first), parts.as_path());
        if rest.as_os_str().is_empty() {
            self.withheld.insert(withheld.clone());
        } else {
            self.take_around(&withheld, rest);
        }
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_LINKS).map(|entry| entry.path());
        entries.filter(|entry| *entry != withheld).for_each(|entry| self.take(&entry));
    }

    /// Takes a folder of programs with what belongs to it, and what its programs lead to.
    fn take_programs(&mut self, folder: &Path) {
        if let Some(parent) = folder.parent().filter(|_| folder.ends_with("bin") || folder.ends_with("shims")) {
            if parent.join("pyvenv.cfg").is_file() {
                self.take_environment(parent);
            } else if !self.is_shared(parent) {
                self.take(parent);
            }
        }
        if let Some(modules) = folder.parent().filter(|_| folder.ends_with("node_modules/.bin")) {
            self.take(modules);
        }
        self.take(folder);
        let is_system = SYSTEM.iter().any(|system| folder.starts_with(system));
        for entry in fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_LINKS) {
            if entry.file_type().is_ok_and(|kind| kind.is_symlink())
                // Most of them, and they stay within the system.
                && (!is_system || fs::read_link(entry.path()).is_ok_and(|target| leaves_system(&target)))
                && let Ok(program) = fs::canonicalize(entry.path())
                && !program.starts_with(folder)
            {
                self.take_program(&program);
            }
        }
    }

    /// Takes a program that a link leads to.
    fn take_program(&mut self, program: &Path) {
        let folder = program.parent().filter(|folder| folder.ends_with("bin"));
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        match folder.and_then(Path::parent) {
            Some(root) if root.join("pyvenv.cfg").is_file() => self.take_environment(root),
            // An interpreter finds its library beside the folder that it is in.
            Some(root) if name.starts_with("python") && !self.is_shared(root) => self.take(root),
            _ => self.take(program),
        }
    }

    /// Takes a virtual environment of Python with the interpreter that it was made of.
    fn take_environment(&mut self, root: &Path) {
        self.take(root);
        for name in ["python3", "python"] {
            if let Ok(program) = fs::canonicalize(root.join("bin").join(name))
                && !program.starts_with(root)
            {
                self.take_program(&program);
            }
        }
    }

    /// Says whether others keep their things beside the programs of `<root>/bin`.
    fn is_shared(&self, root: &Path) -> bool {
        if self.shared.iter().any(|shared| shared == root) {
            return true;
        }
        let Some(home) = self.home else { return false };
        root == home || ["go", ".cargo", ".local"].iter().any(|name| root == home.join(name))
    }
}

/// Says whether a link of the system's leads out of it.
fn leaves_system(target: &Path) -> bool {
    target.is_absolute() && !target.starts_with("/etc/alternatives") && !SYSTEM.iter().any(|system| target.starts_with(system))
}

/// Returns a path without `.` and doubled slashes, when it has no `..` and is absolute.
fn plain(path: &Path) -> Option<PathBuf> {
    use std::path::Component;
    let is_plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    (path.is_absolute() && is_plain).then(|| path.components().collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn place(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn tools_are_read_and_homes_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(folder.path()).unwrap().join("home");
        let files = [
            ".ssh/id",
            ".cargo/bin/cargo",
            ".cargo/registry/index",
            ".cargo/credentials.toml",
            ".local/bin/tool",
            ".local/share/keyrings/login",
            ".local/share/pipx/venvs/ruff/pyvenv.cfg",
            ".local/share/pipx/venvs/ruff/bin/ruff",
            "go/bin/gopls",
            "go/src/secret",
            "project/.venv/pyvenv.cfg",
            "project/.venv/bin/pytest",
            "project/secret",
            "other/bin/run",
            "pythons/3.12/bin/python3.12",
            "sdk/bin/sdk",
        ];
        files.iter().for_each(|file| place(&home.join(file)));
        symlink(home.join(".local/share/pipx/venvs/ruff/bin/ruff"), home.join(".local/bin/ruff")).unwrap();
        symlink(home.join("other/bin/run"), home.join(".local/bin/run")).unwrap();
        symlink(home.join("pythons/3.12/bin/python3.12"), home.join("project/.venv/bin/python3")).unwrap();
        let path = [".cargo/bin", ".local/bin", "go/bin", "project/.venv/bin", "sdk/bin", "gone/bin"].map(|part| home.join(part));
        let env = BTreeMap::from([
            (
                "PATH".into(),
                std::env::join_paths(path.iter().map(PathBuf::as_path).chain([Path::new("/usr/bin"), &home])).unwrap(),
            ),
            ("CARGO_HOME".into(), home.join(".cargo").into()),
            ("GOPATH".into(), home.join("go").into()),
            ("JAVA_HOME".into(), home.clone().into()),
        ]);
        let found = toolchains(&env, Some(&home), &[]).read;
        let below: Vec<_> = found.iter().filter_map(|path| path.strip_prefix(&home).ok()?.to_str()).collect();
        assert_eq!(
            below,
            [
                ".cargo/bin",
                ".cargo/registry",
                ".local/bin",
                ".local/share/pipx/venvs/ruff",
                "go/bin",
                "other/bin/run",
                "project/.venv",
                "pythons/3.12",
                "sdk",
            ]
        );
        let all_but = toolchains(&env, Some(&home), &[&home.join("sdk/data")]).read;
        assert!(!all_but.contains(&home.join("sdk")) && all_but.contains(&home.join("sdk/bin")), "{all_but:?}");
    }

    #[test]
    fn settings_with_a_secret_are_withheld() {
        let folder = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(folder.path()).unwrap().join("home");
        let files = [
            ("opt/cargo/bin/cargo", ""),
            ("opt/cargo/registry/index", ""),
            ("opt/cargo/credentials.toml", "[registry]\ntoken = \"s3cret\"\n"),
            ("opt/cargo/config.toml", "[registries.corp]\ntoken = \"s3cret\"\n"),
            ("opt/cargo/config", "[net]\noffline = true\n"),
            ("goenv", "GOPROXY=https://me:pw@proxy.example\n"),
            ("venv/pyvenv.cfg", ""),
            ("venv/bin/pytest", ""),
            ("venv/pip.conf", "[global]\nindex-url = https://me:pw@pypi.example/simple\n"),
            ("maven/bin/mvn", ""),
            ("maven/conf/logging/simple", ""),
            ("maven/conf/settings.xml", "<password>pw</password>"),
        ];
        for (path, text) in files {
            place(&home.join(path));
            fs::write(home.join(path), text).unwrap();
        }
        let path = std::env::join_paths(["opt/cargo/bin", "venv/bin"].map(|part| home.join(part))).unwrap();
        let named = |name: &str, path: &str| (OsString::from(name), OsString::from(home.join(path)));
        let env = BTreeMap::from([
            ("PATH".into(), path.clone()),
            named("CARGO_HOME", "opt/cargo"),
            named("GOENV", "goenv"),
            named("MAVEN_HOME", "maven"),
        ]);
        let below = |paths: &[PathBuf]| {
            paths.iter().map(|path| path.strip_prefix(&home).unwrap().display().to_string()).collect::<Vec<_>>()
        };
        let found = toolchains(&env, Some(&home), &[]);
        assert_eq!(below(&found.withheld), ["goenv", "maven/conf/settings.xml", "opt/cargo/config.toml", "venv/pip.conf"]);
        let read = [
            "maven/bin",
            "maven/conf/logging",
            "opt/cargo/bin",
            "opt/cargo/config",
            "opt/cargo/registry",
            "venv/bin",
            "venv/pyvenv.cfg",
        ];
        assert_eq!(below(&found.read), read);
        // Whatever names it, and where nothing does.
        let found = toolchains(&BTreeMap::from([("PATH".into(), path)]), Some(&home), &[]);
        assert_eq!(below(&found.withheld), ["opt/cargo/config.toml", "opt/cargo/credentials.toml", "venv/pip.conf"]);
        assert_eq!(
            below(&found.read),
            ["opt/cargo/bin", "opt/cargo/config", "opt/cargo/registry", "venv/bin", "venv/pyvenv.cfg"]
        );
    }

    #[test]
    fn what_a_command_names_is_read_where_it_is_a_tool() {
        let folder = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(folder.path()).unwrap().join("home");
        let files = ["deps/node_modules/.bin/tape", "venv/pyvenv.cfg", "venv/bin/pytest", "tools/check", ".ssh/id", "notes"];
        files.iter().for_each(|file| place(&home.join(file)));
        fs::set_permissions(home.join("tools/check"), fs::Permissions::from_mode(0o755)).unwrap();
        let at = |name: &str| home.join(name).display().to_string();
        let (modules, tape) = (at("deps/node_modules"), at("deps/node_modules/.bin/tape"));
        let script = format!(
            "NODE_PATH={modules} {tape} 'a' && {} {} && {} <{}; cat {}",
            at("venv/bin/pytest"),
            at("notes"),
            at("tools/check"),
            at(".ssh/id"),
            home.display()
        );
        let found = named_tools(&["sh".into(), "-c".into(), script.into()], Some(&home), &[]);
        assert_eq!(found, ["deps/node_modules", "tools/check", "venv"].map(|part| home.join(part)));
    }
}
