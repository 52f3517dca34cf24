//! The loopback of a new network namespace, which is down at first.

use std::io;

use nix::libc;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};

/// The loopback is the first interface of every namespace.
const LOOPBACK: i32 = 1;

/// Bytes of the two headers: `nlmsghdr` and `ifinfomsg`, see netlink(7) and rtnetlink(7).
const LENGTH: u32 = 32;

/// Brings the loopback up.
pub(super) fn up() -> io::Result<()> {
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let (up, flags) = (libc::IFF_UP.unsigned_abs(), libc::NLM_F_REQUEST | libc::NLM_F_ACK);
    let mut message = Vec::new();
    message.extend(LENGTH.to_ne_bytes());
    message.extend(libc::RTM_NEWLINK.to_ne_bytes());
    message.extend(u16::try_from(flags).map_err(io::Error::other)?.to_ne_bytes());
    // A number of this message, and of the sender, which the kernel fills in.
    message.extend([1_u32.to_ne_bytes(), [0; 4]].concat());
    // No family, no type.
    message.extend([0; 4]);
    message.extend(LOOPBACK.to_ne_bytes());
    // The flags, and which of them change.
    message.extend([up.to_ne_bytes(), up.to_ne_bytes()].concat());
    send(&socket, &message, SendFlags::empty())?;
    let mut answer = [0; 64];
    let (length, _) = recv(&socket, &mut answer, RecvFlags::empty())?;
    // After the header of the answer stands the number of an error, below zero, or zero.
    let number = answer.get(..length).and_then(|answer| answer.get(16..20)).and_then(|bytes| bytes.try_into().ok());
    match number.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(number) => Err(io::Error::from_raw_os_error(number.saturating_neg())),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
