//! Where tests find the tools that they run.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The tools that the test set-up has put under the workspace's `.tools`, and those of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Tools;

impl Tools {
    /// Returns the path of a program: that of the test set-up, or the first on the `PATH`.
    #[must_use]
    pub fn find(name: &str) -> Option<PathBuf> {
        std::env::split_paths(&Self::path()).map(|folder| folder.join(name)).find(|path| is_program(path))
    }

    /// Returns a `PATH` on which the tools of the test set-up come first.
    #[must_use]
    pub fn path() -> OsString {
        let inherited = Self::inherited_path();
        let folders = Self::folders().into_iter().chain(std::env::split_paths(&inherited));
        // A folder that cannot stand in a PATH (a colon in its name) holds no tools for us.
        std::env::join_paths(folders.filter(|folder| !folder.as_os_str().as_encoded_bytes().contains(&b':')))
            .expect("joining folders without colons")
    }

    /// Returns the `PATH` that the tests were started with.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "tests are started by cargo, and have no other way in")]
    pub(crate) fn inherited_path() -> OsString {
        std::env::var_os("PATH").unwrap_or_else(|| OsStr::new("/usr/local/bin:/usr/bin:/bin").to_owned())
    }

    fn folders() -> [PathBuf; 2] {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let workspace = workspace.canonicalize().unwrap_or(workspace);
        ["py/bin", "node/node_modules/.bin"].map(|folder| workspace.join(".tools").join(folder))
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_machine_is_found_and_a_wrong_name_is_not() {
        assert!(Tools::find("git").is_some_and(|path| path.is_absolute()));
        assert_eq!(Tools::find("no-such-tool"), None);
    }

    #[test]
    fn the_tools_of_the_set_up_come_first() {
        let path = Tools::path();
        let first: Vec<_> = std::env::split_paths(&path).take(2).collect();
        assert!(first[0].ends_with(".tools/py/bin") && first[1].ends_with(".tools/node/node_modules/.bin"), "{first:?}");
    }
}
