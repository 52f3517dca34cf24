//! The root that a command sees: the system's programs, what the policy names, and nothing else.
//!
//! Folders have inside the path that they have outside, so that what tools print is true on both sides. What lies deeper is mounted
//! later: a writable folder inside a readable one is writable, and a protected one inside of that is not.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::wire::User;
use crate::{Error, Limits, Network, Policy};

/// The system's folders beside `/usr`; on most systems links into it.
const SYSTEM: [&str; 6] = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// Folders of `/etc` that programs need and that hold no secret.
const ETC: [&str; 3] = ["alternatives", "pki", "ssl/certs"];

/// Files of `/etc` that programs need and that hold no secret. They are copied: a mount of each would be half of the time that a start
/// takes. Users, groups and hosts are made up instead ([`files`]).
const ETC_FILES: [&str; 11] = [
    "debian_version",
    "ld.so.cache",
    "ld.so.conf",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "protocols",
    "services",
    "ssl/openssl.cnf",
    "timezone",
];

/// Bytes at most of a file that is copied.
const COPIED: u64 = 1 << 20;

/// Bytes of `/tmp` and of `/dev/shm`, each, at most.
const SCRATCH: u64 = 512 << 20;

/// Folders that the kernel fills, in which a policy names nothing.
const KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];

/// Files of the kernel that tell of the host and not of the command.
const HIDDEN: [&str; 1] = ["/proc/keys"];

/// One mount, at a path inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) at: PathBuf,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// Of the system, which everyone can read.
    System(PathBuf),
    Readable(PathBuf),
    Writable(PathBuf),
    Hidden,
    Link(PathBuf),
    Scratch(u64),
    Proc,
    Dev,
}

/// What a mount is, for who makes it.
pub(crate) enum Kind<'a> {
    Bind { source: &'a Path, writable: bool },
    Hidden,
    Link,
    Scratch(u64),
    Proc,
    Dev,
}

/// What a mount of the policy shows.
pub(crate) struct Source<'a> {
    pub(crate) at: &'a Path,
    pub(crate) path: &'a mut PathBuf,
    pub(crate) writable: bool,
}

impl Mount {
    /// Returns what this mount shows, where it is the policy that names it.
    pub(crate) fn named(&mut self) -> Option<Source<'_>> {
        match &mut self.what {
            What::Readable(path) => Some(Source { at: &self.at, path, writable: false }),
            What::Writable(path) => Some(Source { at: &self.at, path, writable: true }),
            What::System(_) | What::Hidden | What::Link(_) | What::Scratch(_) | What::Proc | What::Dev => None,
        }
    }

    /// Returns what this mount is.
    pub(crate) fn kind(&self) -> Kind<'_> {
        match &self.what {
            What::System(source) | What::Readable(source) => Kind::Bind { source, writable: false },
            What::Writable(source) => Kind::Bind { source, writable: true },
            What::Hidden => Kind::Hidden,
            What::Link(_) => Kind::Link,
            What::Scratch(size) => Kind::Scratch(*size),
            What::Proc => Kind::Proc,
            What::Dev => Kind::Dev,
        }
    }
}

/// Returns the mounts of a policy, in their order. The system is taken from below `root`.
pub(crate) fn plan(policy: &Policy, limits: &Limits, root: &Path) -> Result<Vec<Mount>, Error> {
    let whole = shows_all(policy);
    let mut plan = if whole { Vec::new() } else { system(root) };
    // They are memory of the command: one that is full is said to be so before memory runs out.
    let scratch = limits.memory.map_or(SCRATCH, |memory| (memory / 4 * 3).min(SCRATCH));
    for (at, what) in
        [("/proc", What::Proc), ("/dev", What::Dev), ("/tmp", What::Scratch(scratch)), ("/dev/shm", What::Scratch(scratch))]
    {
        plan.push(Mount { at: at.into(), what });
    }
    let hidden = HIDDEN.iter().map(PathBuf::from).filter(|at| at.exists());
    plan.extend(hidden.map(|at| Mount { at, what: What::Hidden }));
    for path in &policy.read {
        plan.push(Mount { at: path.clone(), what: What::Readable(real(path)?) });
    }
    for path in &policy.write {
        if path == Path::new("/") {
            return Err(refused(path, "cannot be made writable as a whole"));
        }
        plan.push(Mount { at: path.clone(), what: What::Writable(real(path)?) });
        let git = path.join(".git");
        if fs::symlink_metadata(&git).is_ok() {
            plan.push(protected(&git, policy)?);
        }
    }
    for path in &policy.protect {
        plan.push(protected(path, policy)?);
    }
    // Stable: at one depth, the system comes first and what is protected last.
    plan.sort_by_key(|mount| mount.at.components().count());
    Ok(plan)
}

/// Returns the mount of a file that is only read.
pub(crate) fn readable(at: &str, source: PathBuf) -> Mount {
    Mount { at: at.into(), what: What::Readable(source) }
}

/// Returns whether the host's root is the command's, to be read.
pub(crate) fn shows_all(policy: &Policy) -> bool {
    policy.read.iter().any(|path| path == Path::new("/"))
}

fn system(root: &Path) -> Vec<Mount> {
    let below = |at: &Path| root.join(at.strip_prefix("/").unwrap_or(at));
    // A root that lies elsewhere may lie where the supervisor's mounts cover it, and is taken hold of before.
    let shown = |path: PathBuf| if root == Path::new("/") { What::System(path) } else { What::Readable(path) };
    let mut mounts = vec![Mount { at: "/usr".into(), what: shown(below(Path::new("/usr"))) }];
    for path in SYSTEM {
        let at = PathBuf::from(path);
        match fs::read_link(below(&at)) {
            Ok(target) => mounts.push(Mount { at, what: What::Link(target) }),
            Err(_) if below(&at).is_dir() => mounts.push(Mount { what: shown(below(&at)), at }),
            Err(_) => {}
        }
    }
    let java = fs::read_dir(below(Path::new("/etc"))).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let java = java.filter(|name| name.to_string_lossy().starts_with("java"));
    let etc = ETC.iter().map(OsString::from).chain(java).map(|name| Path::new("/etc").join(name));
    mounts.extend(etc.filter_map(|at| Some(Mount { what: shown(fs::canonicalize(below(&at)).ok()?), at })));
    mounts.push(Mount { at: "/var/tmp".into(), what: What::Link("/tmp".into()) });
    mounts
}

/// Returns what a path of a policy really is; it must be there, and must say plainly where.
fn real(path: &Path) -> Result<PathBuf, Error> {
    let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if !path.is_absolute() || !plain {
        return Err(refused(path, "is not absolute and plain"));
    }
    let real = fs::canonicalize(path).map_err(|_| refused(path, "is not there"))?;
    if KERNEL.iter().any(|kernel| path.starts_with(kernel) || real.starts_with(kernel)) {
        return Err(refused(path, "belongs to the kernel"));
    }
    Ok(real)
}

/// A path that cannot be written. One that is not there could be made, and a link could be replaced: neither can be protected.
fn protected(path: &Path, policy: &Policy) -> Result<Mount, Error> {
    let source = real(path)?;
    let root =
        policy.write.iter().find(|root| path.starts_with(root)).ok_or_else(|| refused(path, "is in no writable folder"))?;
    let below = path.ancestors().take_while(|ancestor| ancestor != root);
    for part in below {
        if fs::symlink_metadata(part).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(refused(path, "cannot be protected: it is, or is behind, a symbolic link"));
        }
    }
    Ok(Mount { at: path.to_owned(), what: What::Readable(source) })
}

fn refused(path: &Path, problem: &'static str) -> Error {
    Error::Path { path: path.to_owned(), problem }
}

/// Returns bubblewrap's options for the mounts and the namespaces.
pub(crate) fn options(plan: &[Mount], network: Network) -> Vec<OsString> {
    let mut options: Vec<OsString> = [
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-uts",
        "--unshare-cgroup",
        "--disable-userns",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--hostname",
        "sandbox",
    ]
    .map(OsString::from)
    .into();
    if network != Network::Full {
        options.push("--unshare-net".into());
    }
    for Mount { at, what } in plan {
        let words: Vec<OsString> = match what {
            What::System(source) | What::Readable(source) => vec!["--ro-bind".into(), source.into(), at.into()],
            What::Hidden => vec!["--ro-bind".into(), "/dev/null".into(), at.into()],
            What::Writable(source) => vec!["--bind".into(), source.into(), at.into()],
            What::Link(target) => vec!["--symlink".into(), target.into(), at.into()],
            What::Scratch(size) => vec!["--size".into(), size.to_string().into(), "--tmpfs".into(), at.into()],
            What::Proc => vec!["--proc".into(), at.into()],
            What::Dev => vec!["--dev".into(), at.into()],
        };
        options.extend(words);
    }
    options
}

/// Returns the links of a plan: the path inside, and where it leads.
pub(crate) fn links(plan: &[Mount]) -> Vec<(OsString, OsString)> {
    let link = |mount: &Mount| {
        if let What::Link(target) = &mount.what { Some((mount.at.clone().into(), target.clone().into())) } else { None }
    };
    plan.iter().filter_map(link).collect()
}

/// Returns the files that are put into the root: those that are made up, who the user is and where `localhost` is; and those of the
/// system that are not there otherwise.
pub(crate) fn files(policy: &Policy, root: &Path, User { uid, gid }: User) -> Vec<(OsString, Vec<u8>)> {
    let passwd = format!("root:x:0:0::/:/usr/sbin/nologin\nsandbox:x:{uid}:{gid}::/tmp:/bin/sh\n");
    let group = format!("root:x:0:\nsandbox:x:{gid}:\n");
    let hosts = "127.0.0.1 localhost sandbox\n::1 localhost\n".to_owned();
    let made_up = [("/etc/passwd", passwd), ("/etc/group", group), ("/etc/hosts", hosts)];
    let made_up = made_up.map(|(at, text)| (at.into(), text.into_bytes())).into_iter();
    if shows_all(policy) {
        return made_up.collect();
    }
    let resolver = (policy.network == Network::Full).then_some("resolv.conf");
    let copied = ETC_FILES.into_iter().chain(resolver).filter_map(|name| {
        let at = Path::new("/etc").join(name);
        let mut bytes = Vec::new();
        File::open(root.join(at.strip_prefix("/").ok()?)).ok()?.take(COPIED).read_to_end(&mut bytes).ok()?;
        Some((at.into_os_string(), bytes))
    });
    made_up.chain(copied).collect()
}

/// Returns whether a path is there inside: it, and what it is a link to.
pub(crate) fn sees(plan: &[Mount], path: &Path) -> bool {
    let shown = |path: &Path| {
        let bound =
            |mount: &&Mount| matches!(mount.what, What::System(_) | What::Readable(_) | What::Writable(_) | What::Link(_));
        plan.iter().filter(bound).any(|mount| path.starts_with(&mount.at))
    };
    path == Path::new("/") || (shown(path) && fs::canonicalize(path).is_ok_and(|real| shown(&real)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    fn planned(policy: &Policy) -> Result<Vec<Mount>, String> {
        plan(policy, &Limits::new(Duration::ZERO, 0), Path::new("/")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_lies_deeper_is_mounted_later() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(root.join("w/keep")).unwrap();
        fs::create_dir(root.join("w/.git")).unwrap();
        let policy = Policy {
            read: vec![root.clone()],
            write: vec![root.join("w")],
            protect: vec![root.join("w/keep")],
            ..Policy::default()
        };
        let plan = planned(&policy).unwrap();
        let ours: Vec<_> =
            plan.iter().filter(|mount| mount.at.starts_with(&root)).map(|mount| (&mount.at, &mount.what)).collect();
        let readable = |path: &Path| What::Readable(path.to_owned());
        assert_eq!(
            ours,
            [
                (&root, &readable(&root)),
                (&root.join("w"), &What::Writable(root.join("w"))),
                (&root.join("w/.git"), &readable(&root.join("w/.git"))),
                (&root.join("w/keep"), &readable(&root.join("w/keep"))),
            ]
        );
        assert!(sees(&plan, &root.join("w/keep")) && sees(&plan, Path::new("/bin/sh")) && !sees(&plan, Path::new("/etc/shadow")));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir(root.join("real")).unwrap();
        symlink("real", root.join("link")).unwrap();
        let write = |path: &Path| planned(&Policy::work_in(path)).unwrap_err();
        assert!(write(Path::new("/")).ends_with("cannot be made writable as a whole"));
        assert!(write(Path::new("relative")).ends_with("is not absolute and plain"));
        assert!(write(&root.join("real/../real")).ends_with("is not absolute and plain"));
        assert!(write(&root.join("gone")).ends_with("is not there"));
        assert!(write(Path::new("/proc/sys")).ends_with("belongs to the kernel"));
        symlink("/proc", root.join("proc")).unwrap();
        assert!(write(&root.join("proc")).ends_with("belongs to the kernel"));
        let protect = |path: &Path| planned(&Policy { protect: vec![path.into()], ..Policy::work_in(&root) }).unwrap_err();
        assert!(protect(&root.join("link")).ends_with("a symbolic link"));
        assert!(protect(&root.join("gone")).ends_with("is not there"));
        assert!(protect(Path::new("/usr")).ends_with("is in no writable folder"));
        symlink("real", root.join(".git")).unwrap();
        assert!(write(&root).ends_with("a symbolic link"));
    }
}
