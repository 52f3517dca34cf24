//! The configuration of a container (`config.json`, OCI runtime specification 1.0), but for the command.

use std::ffi::OsString;
use std::path::Path;

use nix::libc;
use serde_json::{Value, json};

use crate::bundled::WAY;
use crate::meter::DESCRIPTORS;
use crate::mounts::{Kind, Mount};
use crate::wire::User;
use crate::{Limits, Network, Policy, way};

/// Calls that are answered with "not permitted": those that `ns` denies as well, and those that runtimes deny by default.
const DENIED: [&str; 26] = [
    "acct",
    "add_key",
    "bpf",
    "delete_module",
    "finit_module",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "mount",
    "name_to_handle_at",
    "open_by_handle_at",
    "perf_event_open",
    "pivot_root",
    "process_vm_writev",
    "reboot",
    "request_key",
    "setns",
    "swapon",
    "syslog",
    "umount2",
    "unshare",
    "userfaultfd",
];

/// Families of sockets that are not denied: local ones, IP and netlink.
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// One more than the highest family there is.
const FAMILIES_END: i32 = 46;

/// Files of the kernel that tell of the host.
const MASKED: [&str; 7] =
    ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list"];

/// Folders of the kernel that are not to be written.
const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// As of `inside`: where memory runs out, the command goes first.
const FIRST_TO_GO: i32 = 1000;

/// Who the command is, in the container and on the host.
pub(super) struct Ids {
    pub(super) inside: User,
    /// The first number on the host and how many, of users and of groups: those of the container begin with 0 where there are two.
    uids: Value,
    gids: Value,
}

impl Ids {
    /// A runtime needs a root of the container's own. A caller who is root gives the container two numbers, of which the second is the user's;
    /// another caller has only itself to give, and is the container's root.
    pub(super) fn of(user: Option<User>, caller: User) -> Self {
        let of = |first: u32, count: u32| json!([{ "containerID": 0, "hostID": first, "size": count }]);
        match user {
            Some(User { uid, gid }) => {
                Self { inside: User { uid: 1, gid: 1 }, uids: of(uid.saturating_sub(1), 2), gids: of(gid.saturating_sub(1), 2) }
            }
            None => Self { inside: User { uid: 0, gid: 0 }, uids: of(caller.uid, 1), gids: of(caller.gid, 1) },
        }
    }
}

/// Says whether a runtime, as its options tell it, leaves the container in the group that it is started in.
pub(super) fn keeps_group(runtime: &Path) -> bool {
    matches!(name(runtime).as_ref(), "crun" | "runsc")
}

/// Says whether the sockets of a container are the kernel's: only those can be handed out of it.
pub(super) fn has_sockets_of_the_kernel(runtime: &Path) -> bool {
    name(runtime) != "runsc"
}

fn name(runtime: &Path) -> std::borrow::Cow<'_, str> {
    runtime.file_name().unwrap_or_default().to_string_lossy()
}

/// Returns the options of a runtime before its command, by its name.
pub(super) fn options(runtime: &Path, network: Network) -> Vec<OsString> {
    let options: &[&str] = match (name(runtime).as_ref(), network) {
        ("crun", _) => &["--cgroup-manager=disabled"],
        ("runsc", Network::Full) => &["--ignore-cgroups", "--network=host"],
        ("runsc", _) => &["--ignore-cgroups", "--network=none"],
        _ => &[],
    };
    options.iter().map(OsString::from).collect()
}

/// Returns the configuration.
pub(super) fn text(plan: &[Mount], ids: &Ids, policy: &Policy, limits: &Limits) -> String {
    let mut namespaces = vec!["pid", "ipc", "uts", "mount", "user"];
    if policy.network != Network::Full {
        namespaces.push("network");
    }
    let namespaces: Vec<Value> = namespaces.into_iter().map(|kind| json!({ "type": kind })).collect();
    // That of core dumps is the supervisor's, and is inherited.
    let mut rlimits = vec![limit("RLIMIT_NOFILE", DESCRIPTORS as u64)];
    rlimits.extend(limits.tasks.map(|tasks| limit("RLIMIT_NPROC", tasks)));
    rlimits.extend(limits.file_size.map(|size| limit("RLIMIT_FSIZE", size)));
    let nothing: [&str; 0] = [];
    let way = (policy.network == Network::Registries).then(|| {
        let options = ["rbind", "ro", "nosuid", "nodev", "noexec"];
        json!({ "destination": way::FOLDER, "type": "bind", "source": WAY, "options": options })
    });
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": { "uid": ids.inside.uid, "gid": ids.inside.gid },
            "capabilities": {
                "bounding": nothing, "effective": nothing, "inheritable": nothing, "permitted": nothing, "ambient": nothing,
            },
            "rlimits": rlimits,
            "noNewPrivileges": true,
            "oomScoreAdj": FIRST_TO_GO,
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "sandbox",
        "mounts": plan.iter().flat_map(mounts).chain(way).collect::<Vec<_>>(),
        "linux": {
            "namespaces": namespaces,
            "uidMappings": ids.uids,
            "gidMappings": ids.gids,
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
            "seccomp": filter(limits),
        },
    })
    .to_string()
}

fn limit(kind: &str, value: u64) -> Value {
    json!({ "type": kind, "hard": value, "soft": value })
}

fn mounts(mount: &Mount) -> Vec<Value> {
    let one = |kind: &str, source: &str, options: Value| {
        vec![json!({ "destination": mount.at, "type": kind, "source": source, "options": options })]
    };
    match mount.kind() {
        Kind::Bind { source, writable } => {
            let access = if writable { "rw" } else { "ro" };
            one("bind", &source.to_string_lossy(), json!(["rbind", access, "nosuid", "nodev"]))
        }
        Kind::Scratch(size) => one("tmpfs", "tmpfs", json!(["nosuid", "nodev", "mode=1777", format!("size={size}")])),
        Kind::Proc => one("proc", "proc", json!(["nosuid", "noexec", "nodev"])),
        Kind::Dev => {
            let mut all = one("tmpfs", "tmpfs", json!(["nosuid", "strictatime", "mode=755", "size=65536k"]));
            let options = json!(["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]);
            all.push(json!({ "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": options }));
            all
        }
        // Hidden files are masked, and links are in the root.
        Kind::Hidden | Kind::Link => Vec::new(),
    }
}

/// Returns the filter of calls.
pub(super) fn filter(limits: &Limits) -> Value {
    let denied =
        |names: Value, args: Value| json!({ "names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": libc::EPERM, "args": args });
    let mut rules = vec![denied(json!(DENIED), json!([]))];
    for family in (0..FAMILIES_END).filter(|family| !FAMILIES.contains(family)) {
        rules.push(denied(json!(["socket", "socketpair"]), json!([{ "index": 0, "value": family, "op": "SCMP_CMP_EQ" }])));
    }
    rules.push(denied(json!(["ioctl"]), json!([{ "index": 1, "value": libc::TIOCSTI, "op": "SCMP_CMP_EQ" }])));
    for (names, index) in [(json!(["chmod", "fchmod", "creat"]), 1), (json!(["fchmodat", "mknodat"]), 2)] {
        for bit in [libc::S_ISUID, libc::S_ISGID] {
            rules.push(denied(
                names.clone(),
                json!([{ "index": index, "value": bit, "valueTwo": bit, "op": "SCMP_CMP_MASKED_EQ" }]),
            ));
        }
    }
    // A user namespace of its own: by `clone`, whose flags can be seen, and so not by `clone3`, without which programs do.
    let user = u64::from(libc::CLONE_NEWUSER.unsigned_abs());
    rules.push(denied(json!(["clone"]), json!([{ "index": 0, "value": user, "valueTwo": user, "op": "SCMP_CMP_MASKED_EQ" }])));
    rules.push(json!({ "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": libc::ENOSYS }));
    if limits.disk_writes.is_some() {
        // As of `ns`: space that is set aside is not written.
        rules.push(json!({ "names": ["fallocate"], "action": "SCMP_ACT_ERRNO", "errnoRet": libc::EOPNOTSUPP }));
    }
    json!({ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_container_has_a_root_of_its_own_who_is_no_root_of_the_host() {
        let ids = Ids::of(Some(User { uid: 65534, gid: 1000 }), User { uid: 0, gid: 0 });
        assert_eq!(
            (ids.inside, &ids.uids),
            (User { uid: 1, gid: 1 }, &json!([{ "containerID": 0, "hostID": 65533, "size": 2 }]))
        );
        let ids = Ids::of(None, User { uid: 7, gid: 8 });
        assert_eq!((ids.inside, &ids.gids), (User { uid: 0, gid: 0 }, &json!([{ "containerID": 0, "hostID": 8, "size": 1 }])));
    }

    #[test]
    fn the_network_is_the_hosts_only_where_the_policy_says_so() {
        let ids = Ids::of(None, User { uid: 7, gid: 8 });
        let limits = Limits { tasks: Some(5), ..Limits::new(Duration::ZERO, 0) };
        for (network, own) in [(Network::None, true), (Network::Full, false)] {
            let text = text(&[], &ids, &Policy { network, ..Policy::default() }, &limits);
            let config: Value = serde_json::from_str(&text).unwrap();
            let namespaces = config["linux"]["namespaces"].as_array().unwrap();
            assert_eq!(namespaces.contains(&json!({ "type": "network" })), own);
            assert_eq!(config["process"]["rlimits"][1], json!({ "type": "RLIMIT_NPROC", "hard": 5, "soft": 5 }));
        }
    }
}
