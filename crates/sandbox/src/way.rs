//! The way out of a container, for the network of registries: the first program of the container opens the address of the proxy in the
//! container's own network, hands it to the supervisor by a socket that is mounted there, and becomes the command.
//!
//! It is this very program, mounted into the container; the supervisor takes one connection and no more, so that the command finds a socket
//! that nobody listens to.

use std::ffi::OsString;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::proxy;

/// The argument after [`SUPERVISE`](crate::SUPERVISE) of the first program of a container.
pub(crate) const WAY: &str = "way";

/// Where this program and the folder of the socket are, in a container.
pub(crate) const PROGRAM: &str = "/run/fixwright/program";
pub(crate) const FOLDER: &str = "/run/fixwright/way";

/// The name of the socket.
pub(crate) const SOCKET: &str = "socket";

/// Becomes the command: the arguments are its program and what that is told. Returns only when that failed.
pub(crate) fn become_command(mut args: impl Iterator<Item = OsString>) -> io::Error {
    let handed = UnixStream::connect(format!("{FOLDER}/{SOCKET}")).and_then(proxy::hand_over);
    match (handed, args.next()) {
        (Err(error), _) => error,
        (Ok(()), Some(program)) => Command::new(program).args(args).exec(),
        (Ok(()), None) => io::ErrorKind::InvalidInput.into(),
    }
}
