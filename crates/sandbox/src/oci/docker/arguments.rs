//! What `docker run` is told, and `podman run`, which takes the same: pure.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::meter::DESCRIPTORS;
use crate::mounts::{Kind, Mount};
use crate::wire::User;
use crate::{Error, Limits, Network, Policy};

/// One command, as an engine is to run it.
pub(super) struct Asked<'a> {
    /// The name of the container.
    pub(super) name: &'a str,
    /// The image with the root.
    pub(super) image: &'a str,
    pub(super) plan: &'a [Mount],
    pub(super) policy: &'a Policy,
    pub(super) limits: &'a Limits,
    /// Whom the command runs as, and whether the engine has to be told that this is the caller.
    pub(super) user: User,
    pub(super) keeps_id: bool,
    /// Processes that the user may have, which no engine fails to set: it may have fewer than this process, and asks for more by itself. It is
    /// the number of the container's own that is the limit.
    pub(super) most_tasks: u64,
    /// Files that the engine's program reads: the filter of calls and the variables.
    pub(super) filter: &'a Path,
    pub(super) variables: &'a Path,
    /// The command.
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [OsString],
    pub(super) cwd: &'a Path,
    pub(super) has_input: bool,
}

/// Returns the arguments.
pub(super) fn arguments(asked: &Asked<'_>) -> Result<Vec<OsString>, Error> {
    let mut all: Vec<OsString> = [
        "run",
        // What it holds is looked at, and then removed: by name, whoever is still there to do it.
        "--name",
        asked.name,
        "--pull=never",
        "--log-driver=none",
        "--hostname=sandbox",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--ipc=private",
        "--cgroupns=private",
    ]
    .map(OsString::from)
    .into();
    let joined = |option: &str, value: &Path| {
        let mut text = OsString::from(option);
        text.push(value);
        text
    };
    all.push(joined("--security-opt=seccomp=", asked.filter));
    all.push(joined("--env-file=", asked.variables));
    all.push(format!("--network={}", if asked.policy.network == Network::Full { "host" } else { "none" }).into());
    all.push(format!("--user={}:{}", asked.user.uid, asked.user.gid).into());
    if asked.keeps_id {
        all.push("--userns=keep-id".into());
    }
    all.extend(limits(asked.limits, asked.most_tasks).into_iter().map(OsString::from));
    for mount in asked.plan {
        all.extend(mounted(mount)?);
    }
    if asked.has_input {
        all.push("--interactive".into());
    }
    all.push(joined("--workdir=", asked.cwd));
    all.push(joined("--entrypoint=", asked.program));
    all.push(asked.image.into());
    all.extend(asked.arguments.iter().skip(1).cloned());
    Ok(all)
}

fn limits(limits: &Limits, most_tasks: u64) -> Vec<String> {
    let mut all = vec![
        format!("--ulimit=nofile={DESCRIPTORS}:{DESCRIPTORS}"),
        "--ulimit=core=0:0".to_owned(),
        format!("--ulimit=nproc={most_tasks}:{most_tasks}"),
    ];
    all.extend(limits.file_size.map(|size| format!("--ulimit=fsize={size}:{size}")));
    all.extend(limits.memory.map(|memory| format!("--memory={memory}b")));
    all.extend(limits.memory.map(|memory| format!("--memory-swap={memory}b")));
    all.extend(limits.tasks.map(|tasks| format!("--pids-limit={tasks}")));
    all
}

fn mounted(mount: &Mount) -> Result<Option<OsString>, Error> {
    let at = plain(&mount.at)?;
    Ok(match mount.kind() {
        Kind::Bind { source, writable } => {
            let source = plain(source)?;
            let access = if writable { "" } else { ",readonly" };
            Some([OsString::from("--mount=type=bind,source="), source.into(), ",target=".into(), at.into(), access.into()])
                .map(|parts| parts.into_iter().collect())
        }
        Kind::Scratch(size) if at == Path::new("/dev/shm") => Some(format!("--shm-size={size}b").into()),
        Kind::Scratch(size) => {
            let mut text = OsString::from("--tmpfs=");
            text.push(at);
            text.push(format!(":rw,exec,nosuid,nodev,mode=1777,size={size}"));
            Some(text)
        }
        // An engine has its own, and masks more of them; links are in the image.
        Kind::Proc | Kind::Dev | Kind::Hidden | Kind::Link => None,
    })
}

/// Returns a path that can stand in a list of an option.
fn plain(path: &Path) -> Result<PathBuf, Error> {
    if path.as_os_str().as_bytes().iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return Err(Error::Path {
            path: path.to_owned(),
            problem: "has a comma, a quote or a line end, which no option of an engine can carry",
        });
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::mounts;

    fn told(folder: &Path, policy: &Policy, limits: &Limits) -> Result<Vec<String>, Error> {
        let plan = mounts::plan(policy, limits, Path::new("/"))?;
        let arguments = ["sh", "-c", "echo it"].map(OsString::from);
        let all = super::arguments(&Asked {
            name: "fixwright-7-1",
            image: "fixwright-root:1",
            plan: &plan,
            policy,
            limits,
            user: User { uid: 65534, gid: 1000 },
            keeps_id: false,
            most_tasks: 512,
            filter: Path::new("/proc/7/fd/3"),
            variables: Path::new("/proc/7/fd/4"),
            program: Path::new("/bin/sh"),
            arguments: &arguments,
            cwd: folder,
            has_input: true,
        })?;
        let folder = folder.to_str().unwrap();
        let shown = all.into_iter().map(|text| text.into_string().unwrap().replace(folder, "WORK"));
        // The system is this machine's.
        Ok(shown.filter(|text| !text.starts_with("--mount=type=bind,source=/")).collect())
    }

    #[test]
    fn a_policy_becomes_options() {
        let folder = tempfile::tempdir().unwrap();
        let work = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir(work.join(".git")).unwrap();
        let limits = Limits {
            memory: Some(64 << 20),
            tasks: Some(32),
            file_size: Some(1 << 20),
            ..Limits::new(Duration::from_secs(1), 0)
        };
        let expected = [
            "run",
            "--name",
            "fixwright-7-1",
            "--pull=never",
            "--log-driver=none",
            "--hostname=sandbox",
            "--read-only",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            "--ipc=private",
            "--cgroupns=private",
            "--security-opt=seccomp=/proc/7/fd/3",
            "--env-file=/proc/7/fd/4",
            "--network=none",
            "--user=65534:1000",
            "--ulimit=nofile=4096:4096",
            "--ulimit=core=0:0",
            "--ulimit=nproc=512:512",
            "--ulimit=fsize=1048576:1048576",
            "--memory=67108864b",
            "--memory-swap=67108864b",
            "--pids-limit=32",
            "--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size=50331648",
            "--shm-size=50331648b",
            "--mount=type=bind,source=WORK,target=WORK",
            "--mount=type=bind,source=WORK/.git,target=WORK/.git,readonly",
            "--interactive",
            "--workdir=WORK",
            "--entrypoint=/bin/sh",
            "fixwright-root:1",
            "-c",
            "echo it",
        ];
        assert_eq!(told(&work, &Policy::work_in(&work), &limits).unwrap(), expected);
        let open = Policy { network: Network::Full, ..Policy::work_in(&work) };
        let told_of_it = told(&work, &open, &Limits::new(Duration::ZERO, 0)).unwrap();
        assert!(told_of_it.contains(&"--network=host".to_owned()) && !told_of_it.iter().any(|text| text.contains("memory")));
    }

    #[test]
    fn a_path_that_would_become_another_option_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let odd = std::fs::canonicalize(folder.path()).unwrap().join("a,source=b");
        std::fs::create_dir(&odd).unwrap();
        let error = told(&odd, &Policy::work_in(&odd), &Limits::new(Duration::ZERO, 0)).unwrap_err();
        assert!(error.to_string().contains("comma"), "{error}");
    }
}
