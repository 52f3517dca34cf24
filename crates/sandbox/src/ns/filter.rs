//! The calls to the kernel that are denied inside.
//!
//! Everything that builds and tests have a use for is allowed; denied is what reaches past the namespaces (keyrings, sockets of other
//! families than the local ones and IP, input pushed into a terminal), what is a large and new surface (io_uring, bpf, userfaultfd,
//! perf), what no limit here would count (System V shared memory), and what would stay in the work folder as a trap (set-uid bits).
//!
//! User namespaces are not a matter of this filter, which cannot see the flags of `clone3`: bubblewrap sets their number to none.

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{BackendError, BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, sock_filter};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Answered with "not permitted".
const DENIED: [i64; 9] = [
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_open_by_handle_at,
    libc::SYS_userfaultfd,
    libc::SYS_syslog,
    libc::SYS_memfd_secret,
];

/// Answered with "no such call", upon which programs take another way. The mode in the argument of `openat2` cannot be seen from here.
const ABSENT: [i64; 5] =
    [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_openat2, libc::SYS_shmget];

/// Answered with "not supported", as by many file systems, where what is written is counted: space that is set aside is not written. Programs
/// write zeros instead.
const SETS_ASIDE: [i64; 1] = [libc::SYS_fallocate];

/// `fchmodat2`, of which `libc` does not know on all targets.
const FCHMODAT2: i64 = 452;

/// Numbers from here on are calls of the x32 ABI, which the rules below would not recognise.
#[cfg(target_arch = "x86_64")]
const X32: u32 = 0x4000_0000;

/// Families of sockets that are allowed; of netlink, routes alone.
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

const SET_ID_BITS: [u32; 2] = [libc::S_ISUID, libc::S_ISGID];

/// Returns the filters as the kernel takes them.
pub(super) fn programs(counts_writes: bool) -> Result<Vec<Vec<u8>>, BackendError> {
    let all = |calls: &[i64]| calls.iter().map(|call| (*call, Vec::new())).collect();
    let mut programs = vec![program(all(&ABSENT), libc::ENOSYS)?, program(denied()?, libc::EPERM)?];
    if counts_writes {
        programs.push(program(all(&SETS_ASIDE), libc::EOPNOTSUPP)?);
    }
    Ok(programs)
}

fn program(rules: Rules, errno: i32) -> Result<Vec<u8>, BackendError> {
    let arch = std::env::consts::ARCH.try_into()?;
    let answer = SeccompAction::Errno(errno.unsigned_abs());
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, answer, arch)?.try_into()?;
    Ok(no_x32().into_iter().chain(filter).flat_map(bytes).collect())
}

fn bytes(instruction: sock_filter) -> [u8; 8] {
    let [code_0, code_1] = instruction.code.to_ne_bytes();
    let [k_0, k_1, k_2, k_3] = instruction.k.to_ne_bytes();
    [code_0, code_1, instruction.jt, instruction.jf, k_0, k_1, k_2, k_3]
}

/// Returns instructions that answer every call of the x32 ABI with "no such call". They may stand before the check of the architecture:
/// no other one has numbers as high.
#[cfg(target_arch = "x86_64")]
fn no_x32() -> Vec<sock_filter> {
    let load_number = sock_filter { code: 0x20, jt: 0, jf: 0, k: 0 };
    let is_x32 = sock_filter { code: 0x35, jt: 0, jf: 1, k: X32 };
    let answer = sock_filter { code: 0x06, jt: 0, jf: 0, k: 0x0005_0000 | libc::ENOSYS.unsigned_abs() };
    vec![load_number, is_x32, answer]
}

#[cfg(not(target_arch = "x86_64"))]
fn no_x32() -> Vec<sock_filter> {
    Vec::new()
}

fn denied() -> Result<Rules, BackendError> {
    let mut rules: Rules = DENIED.into_iter().map(|call| (call, Vec::new())).collect();
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        rules.insert(call, sockets()?);
    }
    let ioctls = [libc::TIOCSTI, libc::TIOCLINUX];
    let ioctls = ioctls.into_iter().map(|number| SeccompRule::new(vec![SeccompCondition::new(1, Dword, Eq, number)?]));
    rules.insert(libc::SYS_ioctl, ioctls.collect::<Result<_, _>>()?);
    for (call, mode) in modes() {
        rules.insert(call, set_id(mode, None)?);
    }
    for (call, flags, mode) in opens() {
        let creates = [libc::O_CREAT, libc::O_TMPFILE & !libc::O_DIRECTORY];
        let creating = creates.into_iter().map(|flag| set_id(mode, Some((flags, u64::from(flag.unsigned_abs())))));
        rules.insert(call, creating.collect::<Result<Vec<_>, _>>()?.concat());
    }
    Ok(rules)
}

/// The calls that take a mode, and which of their arguments it is.
fn modes() -> Vec<(i64, u8)> {
    let mut modes = vec![(libc::SYS_fchmod, 1), (libc::SYS_fchmodat, 2), (FCHMODAT2, 2), (libc::SYS_mknodat, 2)];
    #[cfg(target_arch = "x86_64")]
    modes.extend([(libc::SYS_chmod, 1), (libc::SYS_creat, 1), (libc::SYS_mknod, 1)]);
    modes
}

/// The calls that take a mode when they create: the arguments with the flags and with the mode.
fn opens() -> Vec<(i64, u8, u8)> {
    let mut opens = vec![(libc::SYS_openat, 2, 3)];
    #[cfg(target_arch = "x86_64")]
    opens.push((libc::SYS_open, 1, 2));
    opens
}

/// Matches a mode with a set-uid or set-gid bit, where a flag is set as well.
fn set_id(mode: u8, flag: Option<(u8, u64)>) -> Result<Vec<SeccompRule>, BackendError> {
    let rule = |bit: u32| {
        let mut conditions = vec![masked(mode, u64::from(bit))?];
        if let Some((argument, bit)) = flag {
            conditions.push(masked(argument, bit)?);
        }
        SeccompRule::new(conditions)
    };
    SET_ID_BITS.into_iter().map(rule).collect()
}

fn masked(argument: u8, bits: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Dword, MaskedEq(bits), bits)
}

fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let number = |family: i32| u64::from(family.unsigned_abs());
    let others = FAMILIES.into_iter().map(|family| SeccompCondition::new(0, Dword, Ne, number(family)));
    let netlink = SeccompCondition::new(0, Dword, Eq, number(libc::AF_NETLINK))?;
    let no_routes = SeccompCondition::new(2, Dword, Ne, number(libc::NETLINK_ROUTE))?;
    Ok(vec![SeccompRule::new(others.collect::<Result<_, _>>()?)?, SeccompRule::new(vec![netlink, no_routes])?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_are_whole_instructions_within_the_kernels_bounds() {
        for program in programs(true).unwrap() {
            assert_eq!(program.len() % 8, 0);
            assert!((5 * 8..4096 * 8).contains(&program.len()), "{}", program.len());
        }
    }
}
