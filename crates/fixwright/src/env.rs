//! The process environment as a value. `main` takes it once; nobody else asks the system, so a test can say what the world is.
//!
//! It also decides what a recipe sees of it ([`Env::recipe_env`]): an allow-list, and of that nothing that looks like a secret.

mod secret;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub(crate) use secret::file_holds_secret;
use secret::{holds_credentials, is_name};

/// Handed on to recipes as they are set, unless the value holds credentials.
const PASSED: &[&str] = &[
    // Rust
    "CARGO_HOME",
    "CARGO_HTTP_CAINFO",
    "CARGO_HTTP_PROXY",
    "CARGO_NET_OFFLINE",
    "CARGO_NET_RETRY",
    "CARGO_NET_GIT_FETCH_WITH_CLI",
    "CARGO_BUILD_JOBS",
    "RUSTFLAGS",
    "RUSTUP_AUTO_INSTALL",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTUP_DIST_SERVER",
    // Python
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_NO_INDEX",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "PYTHONUSERBASE",
    "UV_CACHE_DIR",
    "UV_INDEX_URL",
    "VIRTUAL_ENV",
    // Go
    "CGO_ENABLED",
    "GOCACHE",
    "GOENV",
    "GOFLAGS",
    "GOMODCACHE",
    "GONOSUMCHECK",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOROOT",
    "GOSUMDB",
    "GOTOOLCHAIN",
    // JavaScript
    "COREPACK_HOME",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NVM_DIR",
    "VOLTA_HOME",
    "npm_config_cache",
    "npm_config_cafile",
    "npm_config_offline",
    "npm_config_registry",
    // Java
    "GRADLE_USER_HOME",
    "JAVA_HOME",
    "MAVEN_ARGS",
    "MAVEN_HOME",
    "MAVEN_OPTS",
    // C
    "AR",
    "CC",
    "CFLAGS",
    "CPATH",
    "CPPFLAGS",
    "CXX",
    "CXXFLAGS",
    "C_INCLUDE_PATH",
    "LDFLAGS",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
    "PKG_CONFIG_PATH",
    // Version managers
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "MISE_DATA_DIR",
    // Certificates and the way out
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Where toolchains keep what they need when nothing says otherwise, below the real home, which a recipe does not see.
const HOMES: &[(&str, &str)] = &[
    ("CARGO_HOME", ".cargo"),
    ("RUSTUP_HOME", ".rustup"),
    ("PYENV_ROOT", ".pyenv"),
    ("PYTHONUSERBASE", ".local"),
    ("PIP_CACHE_DIR", ".cache/pip"),
    ("UV_CACHE_DIR", ".cache/uv"),
    ("GOPATH", "go"),
    ("GOCACHE", ".cache/go-build"),
    ("npm_config_cache", ".npm"),
    ("COREPACK_HOME", ".cache/node/corepack"),
    ("VOLTA_HOME", ".volta"),
    ("GRADLE_USER_HOME", ".gradle"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("MISE_DATA_DIR", ".local/share/mise"),
];

/// The same for every recipe, whatever the user has: one language of messages, one time zone, no colours, no questions.
const FIXED: &[(&str, &str)] = &[
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("TZ", "UTC"),
    ("TERM", "dumb"),
    ("NO_COLOR", "1"),
    // Test runners do not watch, and snapshot tests do not write, when they believe that they are in CI.
    ("CI", "true"),
    ("CARGO_TERM_COLOR", "never"),
    ("CARGO_TERM_PROGRESS_WHEN", "never"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("PYTHONHASHSEED", "0"),
    // A `.pyc` counts as fresh when size and second of change agree, which two repairs of one second may.
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("npm_config_fund", "false"),
    ("npm_config_update_notifier", "false"),
];

/// Caches that would else be written into the working tree: each gets a folder below the temporary one.
const CACHES: &[(&str, &str)] =
    &[("PYTHONPYCACHEPREFIX", "pycache"), ("RUFF_CACHE_DIR", "ruff-cache"), ("MYPY_CACHE_DIR", "mypy-cache")];

/// The environment of this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Env {
    variables: BTreeMap<OsString, OsString>,
}

impl Env {
    /// Takes the environment of the process. Only `main` calls this.
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment comes in")]
    pub(crate) fn from_process() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// Returns an environment of these variables alone.
    #[cfg(test)]
    pub(crate) fn from_pairs<K: Into<OsString>, V: Into<OsString>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { variables: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// Returns the same environment with one more variable: what a flag says over it.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: String) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Returns the same environment with these folders as its `PATH`.
    pub(crate) fn searching(&self, folders: Vec<PathBuf>) -> Self {
        let mut env = self.clone();
        env.variables.insert("PATH".into(), join(folders));
        env
    }

    /// Returns a variable, `None` when it is unset or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// Returns the variables whose names start with `prefix`, as text.
    pub(crate) fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (&str, &OsStr)> {
        self.variables
            .iter()
            .filter_map(move |(name, value)| Some((name.to_str().filter(|name| name.starts_with(prefix))?, value.as_os_str())))
    }

    /// Returns the user's home.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.absolute("HOME")
    }

    /// Returns the folder for what fixwright keeps: `$XDG_DATA_HOME/fixwright`, else `~/.local/share/fixwright`.
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        let data = self.absolute("XDG_DATA_HOME").or_else(|| Some(self.home()?.join(".local/share")))?;
        Some(data.join("fixwright"))
    }

    /// Returns the path of the user's configuration: `$XDG_CONFIG_HOME/fixwright/config.toml`, else below `~/.config`.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        let folder = self.absolute("XDG_CONFIG_HOME").or_else(|| Some(self.home()?.join(".config")))?;
        Some(folder.join("fixwright/config.toml"))
    }

    /// Says whether the user wants no colours (`NO_COLOR`, whatever its value).
    pub(crate) fn no_color(&self) -> bool {
        self.get("NO_COLOR").is_some()
    }

    /// Returns the program of that name: the first executable file of the absolute folders of `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        find_in(&self.search_path(), name)
    }

    /// Returns the absolute folders of `PATH`: an empty or relative entry would mean the folder that a recipe runs in.
    pub(crate) fn search_path(&self) -> Vec<PathBuf> {
        let path = self.get("PATH").unwrap_or_default();
        std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect()
    }

    /// Returns the whole environment of a recipe: the allowed variables of this one, a private home and temporary folder (both of
    /// which the caller makes: `private_home` and `private_home/tmp`), then `extra`, which wins.
    pub(crate) fn recipe_env(&self, private_home: &Path, extra: &[(OsString, OsString)]) -> BTreeMap<OsString, OsString> {
        let mut recipe: BTreeMap<OsString, OsString> = BTreeMap::new();
        for (name, folder) in HOMES {
            if let Some(folder) = self.home().map(|home| home.join(folder)).filter(|folder| folder.is_dir()) {
                recipe.insert(name.into(), folder.into());
            }
        }
        for name in PASSED {
            if let Some(value) = self.get(name).filter(|value| !holds_credentials(value)) {
                recipe.insert(name.into(), value.to_owned());
            }
        }
        self.add_go(&mut recipe);
        recipe.extend(FIXED.iter().map(|(name, value)| (name.into(), value.into())));
        let temporary = private_home.join("tmp");
        recipe.extend(CACHES.iter().map(|(name, folder)| (name.into(), temporary.join(folder).into())));
        recipe.insert("HOME".into(), private_home.into());
        recipe.insert("TMPDIR".into(), temporary.into());
        recipe.insert("PATH".into(), join(self.search_path()));
        recipe.extend(extra.iter().cloned());
        recipe
    }

    /// Returns the variables that a configuration asks for by name, those with a secret in the value left out.
    pub(crate) fn passed<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Vec<(OsString, OsString)> {
        let value = |name: &str| self.get(name).filter(|value| may_be_passed(name) && !holds_credentials(value));
        names.into_iter().filter_map(|name| Some((name.into(), value(name)?.to_owned()))).collect()
    }

    /// Returns the value of `PATH` for a recipe that finds the programs of `first` before all others.
    pub(crate) fn path_with(&self, first: &[PathBuf]) -> OsString {
        join(first.iter().cloned().chain(self.search_path()).collect())
    }

    /// Go keeps settings in a file of the home, and asks git for a version stamp that a private worktree cannot give.
    fn add_go(&self, recipe: &mut BTreeMap<OsString, OsString>) {
        if self.get("GOENV").is_none()
            && let Some(settings) = self.home().map(|home| home.join(".config/go/env"))
            && settings.is_file()
            && !file_holds_secret(&settings)
        {
            recipe.insert("GOENV".into(), settings.into());
        }
        let flags = recipe.entry("GOFLAGS".into()).or_default();
        if !flags.to_string_lossy().contains("-buildvcs") {
            flags.push(if flags.is_empty() { "-buildvcs=false" } else { " -buildvcs=false" });
        }
    }

    fn absolute(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

/// Returns the first of `folders` that holds an executable file of that name.
pub(crate) fn find_in(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    if name.is_empty() || name.contains('/') {
        return None;
    }
    let runs = |path: &PathBuf| path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    folders.iter().map(|folder| folder.join(name)).find(runs)
}

/// Says whether a variable of that name may be handed to a recipe at all: no secret by its name, and nothing that git believes.
pub(crate) fn may_be_passed(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    !is_name(&name) && (!name.starts_with("GIT_") || name == "GIT_SSL_CAINFO")
}

/// Joins folders to a value of `PATH`; one that holds a colon cannot be named there and is left out.
fn join(folders: Vec<PathBuf>) -> OsString {
    std::env::join_paths(folders.into_iter().filter(|folder| !folder.as_os_str().to_string_lossy().contains(':')))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(map: &BTreeMap<OsString, OsString>, name: &str) -> Option<String> {
        map.get(OsStr::new(name)).map(|value| value.to_string_lossy().into_owned())
    }

    #[test]
    fn no_secret_and_nothing_unknown_reaches_a_recipe() {
        let env = Env::from_pairs([
            ("PATH", "/usr/bin::bin:/bin:./x"),
            ("HOME", "/nowhere"),
            ("GITHUB_TOKEN", "ghp_1"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("GIT_DIR", "/evil"),
            ("GIT_SSL_CAINFO", "/etc/ca.pem"),
            ("LANG", "de_DE.UTF-8"),
            ("SOMETHING", "else"),
            ("PIP_INDEX_URL", "https://me:hunter2@index.example/simple"),
            ("PIP_FIND_LINKS", "/wheels"),
            ("GOPROXY", "https://ok.example,https://token@proxy.example"),
            ("https_proxy", "http://proxy.example:3128"),
        ]);
        let recipe = env.recipe_env(Path::new("/private"), &[("EXTRA".into(), "1".into()), ("TZ".into(), "Mars".into())]);
        let names: Vec<_> = recipe.keys().map(|name| name.to_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "CARGO_TERM_COLOR",
                "CARGO_TERM_PROGRESS_WHEN",
                "CI",
                "EXTRA",
                "GIT_CONFIG_GLOBAL",
                "GIT_CONFIG_NOSYSTEM",
                "GIT_SSL_CAINFO",
                "GIT_TERMINAL_PROMPT",
                "GOFLAGS",
                "HOME",
                "LANG",
                "LC_ALL",
                "MYPY_CACHE_DIR",
                "NO_COLOR",
                "PATH",
                "PIP_FIND_LINKS",
                "PYTHONDONTWRITEBYTECODE",
                "PYTHONHASHSEED",
                "PYTHONPYCACHEPREFIX",
                "RUFF_CACHE_DIR",
                "TERM",
                "TMPDIR",
                "TZ",
                "https_proxy",
                "npm_config_fund",
                "npm_config_update_notifier",
            ]
        );
        assert_eq!(text(&recipe, "PATH").as_deref(), Some("/usr/bin:/bin"));
        assert_eq!(text(&recipe, "HOME").as_deref(), Some("/private"));
        assert_eq!(text(&recipe, "TMPDIR").as_deref(), Some("/private/tmp"));
        assert_eq!(text(&recipe, "LANG").as_deref(), Some("C.UTF-8"));
        assert_eq!(text(&recipe, "TZ").as_deref(), Some("Mars"), "extra wins");
    }

    #[test]
    fn toolchain_homes_are_named_when_they_exist_and_nothing_else_is_said() {
        let home = tempfile::tempdir().unwrap();
        for folder in [".cargo", ".rustup", "go"] {
            std::fs::create_dir(home.path().join(folder)).unwrap();
        }
        let env = Env::from_pairs([("HOME", home.path().as_os_str()), ("CARGO_HOME", OsStr::new("/opt/cargo"))]);
        let recipe = env.recipe_env(Path::new("/private"), &[]);
        assert_eq!(text(&recipe, "CARGO_HOME").as_deref(), Some("/opt/cargo"));
        assert_eq!(text(&recipe, "RUSTUP_HOME").map(PathBuf::from), Some(home.path().join(".rustup")));
        assert_eq!(text(&recipe, "GOPATH").map(PathBuf::from), Some(home.path().join("go")));
        assert_eq!(text(&recipe, "PYENV_ROOT"), None);
        assert_eq!(text(&recipe, "GOENV"), None);
    }

    #[test]
    fn go_settings_with_credentials_stay_at_home() {
        let home = tempfile::tempdir().unwrap();
        let settings = home.path().join(".config/go/env");
        std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
        let env = Env::from_pairs([("HOME", home.path().as_os_str()), ("GOFLAGS", OsStr::new("-mod=mod"))]);
        std::fs::write(&settings, "GOPROXY=https://proxy.example\n").unwrap();
        let recipe = env.recipe_env(Path::new("/private"), &[]);
        assert_eq!(text(&recipe, "GOENV").map(PathBuf::from), Some(settings.clone()));
        assert_eq!(text(&recipe, "GOFLAGS").as_deref(), Some("-mod=mod -buildvcs=false"));
        std::fs::write(&settings, "GOPROXY=https://me:pw@proxy.example\n").unwrap();
        assert_eq!(text(&env.recipe_env(Path::new("/private"), &[]), "GOENV"), None);
    }

    #[test]
    fn names_asked_for_are_passed_unless_they_are_secret() {
        let env =
            Env::from_pairs([("DATABASE_URL", "postgres://u:p@h/d"), ("DATABASE_HOST", "h"), ("API_KEY", "k"), ("MONKEY", "m")]);
        let asked = ["DATABASE_URL", "DATABASE_HOST", "API_KEY", "MONKEY", "UNSET"].map(str::to_owned);
        assert_eq!(env.passed(&asked), [("DATABASE_HOST".into(), "h".into()), ("MONKEY".into(), "m".into())]);
        for name in ["GIT_DIR", "npm_config__authToken", "MY_SECRET", "PASSWORD", "db_pass", "NPM_TOKEN", "SSH_PRIVATE_KEY"] {
            assert!(!may_be_passed(name), "{name}");
        }
    }

    #[test]
    fn folders_follow_xdg_and_relative_ones_are_not_believed() {
        let env = Env::from_pairs([("HOME", "/home/u"), ("XDG_DATA_HOME", "relative"), ("XDG_CONFIG_HOME", "/xdg")]);
        assert_eq!(env.data_dir(), Some("/home/u/.local/share/fixwright".into()));
        assert_eq!(env.config_file(), Some("/xdg/fixwright/config.toml".into()));
        assert_eq!((Env::default().data_dir(), Env::default().config_file()), (None, None));
    }

    #[test]
    fn a_program_is_an_executable_file_of_an_absolute_folder() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let tool = dir.path().join("tool");
        std::fs::write(&tool, "").unwrap();
        let env = Env::from_pairs([("PATH", dir.path())]);
        assert_eq!(env.find_program("tool"), None, "not executable");
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(env.find_program("tool"), Some(tool));
        assert_eq!((env.find_program(""), env.find_program("../tool")), (None, None));
        assert!(!env.no_color() && Env::from_pairs([("NO_COLOR", "1")]).no_color());
    }
}
