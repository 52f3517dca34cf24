//! Answers of any bytes, and of marks in any order.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Err(fault) = patch::fuzz::bytes(data) {
        panic!("{fault}");
    }
});
