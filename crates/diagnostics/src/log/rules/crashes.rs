//! Reports of memory errors and races.

use crate::class::Class::Crash;
use crate::log::rule::Reach::Line;
use crate::log::rule::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "sanitizer",
        Crash,
        (98, 98),
        Line,
        &["Sanitizer: "],
        r"(?:ERROR|WARNING): (?:Address|Memory|Thread|Leak|HWAddress)Sanitizer: ",
    ),
    rule("ubsan", Crash, (95, 97), Line, &[": runtime error: "], r"^\S+:\d+:\d+: runtime error: "),
    rule("race", Crash, (95, 96), Line, &["WARNING: DATA RACE"], r"^WARNING: DATA RACE$"),
    rule(
        "valgrind",
        Crash,
        (90, 95),
        Line,
        &["== Invalid ", "== Conditional jump", "== Use of uninit", "== Mismatched free", "definitely lost in"],
        r"^==\d+== (?:Invalid (?:read|write) of size|Invalid free|Mismatched free|Conditional jump or move depends|Use of uninitialised|.* are definitely lost in)",
    ),
    rule("libfuzzer", Crash, (95, 95), Line, &["ERROR: libFuzzer: "], r"ERROR: libFuzzer: "),
];
