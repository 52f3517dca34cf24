//! The walls once more, made without bubblewrap.

use std::env;
use std::process::Command;

use crate::walls::{WITHOUT_BUBBLEWRAP, without_bubblewrap};

/// The tests whose walls are made by whichever launcher is chosen.
const BOTH_WAYS: [&str; 8] = ["copies::", "disk::", "escapes::", "honest::", "leftovers::", "probes::", "registries::", "root::"];

#[test]
fn what_holds_with_bubblewrap_holds_without_it() {
    if without_bubblewrap() {
        return;
    }
    let again = Command::new(env::current_exe().unwrap()).args(BOTH_WAYS).env(WITHOUT_BUBBLEWRAP, "1").output().unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && !said.contains("running 0 tests"), "{said}{}", String::from_utf8_lossy(&again.stderr));
}
