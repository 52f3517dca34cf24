//! Views as hosts of each kind show them.

use super::*;

const PROCESS: i32 = 4242;

/// One of v2 at its usual place.
const TWO: &str =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot";

/// Decides over folders: the path, `w` where it can be written, its controllers, those that it hands down, and its processes.
fn decided(own: &str, mounts: &str, folders: &[(&str, &str, &str, &str, &[i32])]) -> Result<Way, String> {
    let look = |at: &Path| {
        let (_, writable, controllers, hands_down, processes) = folders.iter().find(|(path, ..)| Path::new(path) == at)?;
        Some(Folder {
            writable: *writable == "w",
            controllers: (*controllers).to_owned(),
            hands_down: (*hands_down).to_owned(),
            processes: processes.to_vec(),
        })
    };
    decide(&View { own, mounts, process: PROCESS, look: &look })
}

const USER: &str = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service";

#[test]
fn a_user_of_systemd_makes_groups_beside_its_own_scope() {
    let app = format!("{USER}/app.slice");
    let scope = format!("{app}/vte-spawn-1.scope");
    let way = decided(
        "0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n",
        TWO,
        &[
            (&scope, "w", "cpu memory pids", "", &[1, PROCESS]),
            (&app, "w", "cpu memory pids", "cpu memory pids", &[]),
            (USER, "w", "cpu memory pids", "cpu memory pids", &[]),
        ],
    );
    assert_eq!(way, Ok(Way::Two { parent: app.into(), moves: false }));
}

#[test]
fn a_delegated_scope_of_this_process_alone_is_divided() {
    let own = "0::/system.slice/fixwright.service\n";
    let service = "/sys/fs/cgroup/system.slice/fixwright.service";
    let above = ("/sys/fs/cgroup/system.slice", "", "cpu memory pids", "cpu memory pids", [].as_slice());
    let way = decided(own, TWO, &[(service, "w", "memory pids", "", &[PROCESS]), above]);
    assert_eq!(way, Ok(Way::Two { parent: service.into(), moves: true }));
    let says = decided(own, TWO, &[(service, "w", "memory pids", "", &[7, PROCESS]), above]).unwrap_err();
    assert!(says.starts_with("other processes are in the group") && says.contains("Delegate=yes"), "{says}");
    // The second start within the same scope finds what the first has set.
    let leaf = format!("{service}/fixwright");
    let folders: [(&str, &str, &str, &str, &[i32]); 2] =
        [(&leaf, "w", "memory pids", "", &[PROCESS]), (service, "w", "memory pids", "memory", &[])];
    let way = decided("0::/system.slice/fixwright.service/fixwright\n", TWO, &folders);
    assert_eq!(way, Ok(Way::Two { parent: service.into(), moves: false }));
}

#[test]
fn a_session_that_is_not_delegated_says_what_helps() {
    let session = "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope";
    let says = decided(
        "0::/user.slice/user-1000.slice/session-2.scope\n",
        TWO,
        &[
            (session, "", "cpu memory pids", "", &[PROCESS]),
            ("/sys/fs/cgroup/user.slice/user-1000.slice", "", "cpu memory pids", "cpu memory pids", &[]),
        ],
    );
    assert!(says.unwrap_err().contains("systemd-run --user --scope -p Delegate=yes"));
}

#[test]
fn root_of_a_host_of_v2_makes_groups_in_its_slice() {
    let slice = "/sys/fs/cgroup/user.slice/user-0.slice";
    let session = format!("{slice}/session-1.scope");
    let way = decided(
        "0::/user.slice/user-0.slice/session-1.scope\n",
        TWO,
        &[(&session, "w", "cpu memory pids", "", &[1, 2]), (slice, "w", "cpu memory pids", "memory pids", &[])],
    );
    assert_eq!(way, Ok(Way::Two { parent: slice.into(), moves: false }));
}

#[test]
fn a_container_has_what_it_was_given() {
    let read_only = "612 605 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate";
    let top: [(&str, &str, &str, &str, &[i32]); 1] = [("/sys/fs/cgroup", "", "cpu memory pids", "", &[1, PROCESS])];
    assert!(decided("0::/\n", read_only, &top).unwrap_err().contains("docker run --cgroupns=private"));
    let writable = read_only.replacen(" ro,", " rw,", 1);
    let alone: [(&str, &str, &str, &str, &[i32]); 1] = [("/sys/fs/cgroup", "w", "cpu memory pids", "", &[PROCESS])];
    assert_eq!(decided("0::/\n", &writable, &alone), Ok(Way::Two { parent: "/sys/fs/cgroup".into(), moves: true }));
    // The host's groups, mounted as a whole, of which this process is in none.
    let elsewhere = writable.replacen(" / ", " /docker/abc ", 1);
    assert!(decided("0::/../x\n", &elsewhere, &top).is_err());
    let one = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory";
    let folders: [(&str, &str, &str, &str, &[i32]); 1] = [("/sys/fs/cgroup/memory", "w", "", "", &[])];
    assert!(decided("4:memory:/docker/abc\n0::/\n", one, &folders).unwrap_err().contains("only root"));
    let one = one.replacen(" ro,", " rw,", 1);
    let way = decided("4:memory:/docker/abc\n0::/\n", &one, &folders);
    assert_eq!(way, Ok(Way::One { parent: "/sys/fs/cgroup/memory".into() }));
}

/// Recorded on a host whose memory controller is of v1, and whose v2 has another.
const HYBRID_OWN: &str = "9:name=systemd:/\n8:pids:/\n4:memory:/service/a057\n3:cpuset:/\n0::/\n";
const HYBRID: &str = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

#[test]
fn of_both_versions_the_one_with_the_controller_counts() {
    let at = "/sys/fs/cgroup/memory/service/a057";
    let unified = ("/sys/fs/cgroup/unified", "w", "hugetlb", "", [1, PROCESS].as_slice());
    let way = decided(HYBRID_OWN, HYBRID, &[(at, "w", "", "", &[]), unified]);
    assert_eq!(way, Ok(Way::One { parent: at.into() }));
    let says = decided(HYBRID_OWN, HYBRID, &[(at, "", "", "", &[]), unified]).unwrap_err();
    assert!(says.contains("run as root") && says.contains("unified_cgroup_hierarchy"), "{says}");
}

#[test]
fn where_there_are_none_it_says_so() {
    assert!(decided("", "23 1 0:2 / / rw - ext4 /dev/vda rw", &[]).unwrap_err().contains("mount -t cgroup2"));
    let session = [("/sys/fs/cgroup/a", "w", "pids", "", [].as_slice())];
    assert!(decided("0::/a\n", TWO, &session).unwrap_err().contains("not handed down"));
    assert!(decided("nonsense", "x - y", &[]).is_err());
}
