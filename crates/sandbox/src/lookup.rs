//! Finds the program of a command, so that "not found" can be told from every other failure, and told by name.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::{Command, Error};

/// Where a program is looked for when the environment has no `PATH`: what `execvp` would do.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Returns the file that `command` would run. Relative paths are relative to the folder that the command runs in; an empty entry of
/// `PATH` is passed over, for it would mean that folder, which is other people's code.
pub(crate) fn program(command: &Command) -> Result<PathBuf, Error> {
    let name = command.argv.first().filter(|name| !name.is_empty()).ok_or(Error::Empty)?;
    let found = if name.as_bytes().contains(&b'/') {
        let path = command.cwd.join(name);
        path.is_file().then_some(path)
    } else {
        let path = command.env.get(OsStr::new("PATH")).map_or(OsStr::new(DEFAULT_PATH), |path| path.as_os_str());
        path.as_bytes()
            .split(|byte| *byte == b':')
            .filter(|folder| !folder.is_empty())
            .map(|folder| command.cwd.join(OsStr::from_bytes(folder)).join(name))
            .find(|path| is_program(path))
    };
    found.ok_or_else(|| Error::NotFound { program: name.to_string_lossy().into_owned() })
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, AccessFlags::X_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn command(cwd: &Path, program: &str, path: Option<&str>) -> Command {
        let env = path.map(|path| ("PATH".into(), path.into())).into_iter().collect();
        Command { argv: vec![program.into()], cwd: cwd.into(), env, stdin: None }
    }

    fn place(path: &Path, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_first_program_on_the_path_of_the_command_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        place(&root.join("a/tool"), 0o644);
        place(&root.join("b/tool"), 0o755);
        place(&root.join("c/tool"), 0o755);
        place(&root.join("tool"), 0o755);
        let found = program(&command(root, "tool", Some("::a:b:c"))).unwrap();
        assert_eq!(found, root.join("b/tool"));
    }

    #[test]
    fn a_program_with_a_slash_is_relative_to_the_work_folder() {
        let folder = tempfile::tempdir().unwrap();
        place(&folder.path().join("bin/tool"), 0o755);
        let found = program(&command(folder.path(), "./bin/tool", Some(""))).unwrap();
        assert_eq!(found, folder.path().join("./bin/tool"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = program(&command(folder.path(), "no-such-tool", None)).unwrap_err();
        assert_eq!(error.to_string(), "program not found: no-such-tool");
        assert!(matches!(program(&command(folder.path(), "", None)), Err(Error::Empty)));
    }
}
