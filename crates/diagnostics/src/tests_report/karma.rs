//! Karma, which runs tests in browsers: a line a failing test, below it the error and its stack, and how many ran in each browser.

use std::collections::BTreeMap;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    // The browser, its version and its system stand in front.
    FAILED = r"^(?:[A-Z]\w+(?: \w+)* \d[\d.]* \([^()]*\)) (\S.*) FAILED$";
    EXECUTED = r"^(?:.*\s)?([A-Z]\w+(?: \w+)* \d[\d.]* \([^()]*\)): Executed (\d+) of \d+(?: \((\d+) FAILED\))?(?: \(skipped (\d+)\))?";
    FRAME = r"^\s+at (?:.*[ (@])?([^\s()@]+?\.(?:[cm]?[jt]sx?|vue))(?:\?\w+)?:(\d+):(\d+)\)?$";
    // What the server and the bundler put before a path.
    SERVED = r"^(?:https?://[^/]+/(?:base/|_karma_webpack_/)?)?(?:(?:webpack|ng):/{1,3})?(?:\./)?";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    // The line is written again after each test; the last one of a browser counts.
    let mut browsers: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.contains(": Executed ")) {
        let Some(found) = EXECUTED.captures(line) else { continue };
        let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
        browsers.insert(found.get(1).map_or("", |browser| browser.as_str()), (of(2), of(3), of(4)));
    }
    if browsers.is_empty() {
        return;
    }
    let mut run = Run::default();
    for (ran, failed, skipped) in browsers.into_values() {
        run.failed += failed;
        run.passed += ran.saturating_sub(failed);
        run.skipped += skipped;
    }
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = FAILED.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| line.starts_with(char::is_whitespace));
        let error = block().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
        let frames = block().filter_map(|line| FRAME.captures(line));
        let mut own = frames.filter(|found| !found[1].contains("node_modules/") && !found[1].contains("/absolute"));
        let place = own.next().map(|found| (SERVED.replace(&found[1], "").into_owned(), number(&found[2]), number(&found[3])));
        run.failures.push(Failure { name: found[1].to_owned(), error: error.to_owned(), place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("karma", reading);
}

#[cfg(test)]
mod tests {
    use super::super::report_of;

    #[test]
    fn a_place_is_that_of_the_project() {
        let text = "Chrome Headless 131.0.0.0 (Linux 0.0.0): Executed 1 of 3 SUCCESS (0 secs / 0.01 secs)\nChrome Headless 131.0.0.0 (Linux 0.0.0) Cart adds FAILED\n\tError: Expected 2 to be 3.\n\t    at <Jasmine>\n\t    at UserContext.apply (src/app/cart.spec.ts:12:23)\n\t    at _ZoneDelegate.invoke (node_modules/zone.js/zone.js:369:28)\nFirefox 115.0 (Ubuntu 0.0.0) Cart when empty breaks FAILED\n\tTypeError: no\n\t    at Cart.name (webpack:///src/app/cart.ts:9:17)\n\t    at http://localhost:9876/base/test/a.spec.js?3f1:20:15\nChrome Headless 131.0.0.0 (Linux 0.0.0): Executed 2 of 3 (1 FAILED) (skipped 1) (0.06 secs / 0.04 secs)\nFirefox 115.0 (Ubuntu 0.0.0): Executed 2 of 3 (1 FAILED) (skipped 1) (0.06 secs / 0.04 secs)\nTOTAL: 2 FAILED, 2 SUCCESS\n";
        let report = report_of(super::read, text);
        assert_eq!((report.tests.passed, report.tests.failed, report.tests.skipped), (2, 2, 2));
        assert_eq!(report.failing, ["Cart adds", "Cart when empty breaks"]);
        let paths: Vec<_> = report.diagnostics.iter().filter_map(|one| one.path.as_deref()).collect();
        assert_eq!(paths, ["src/app/cart.spec.ts", "src/app/cart.ts"]);
        let served = text.replace("webpack:///src/app/cart.ts:9:17", "http://localhost:9876/base/src/cart.js?1a:9:17");
        assert_eq!(report_of(super::read, &served).diagnostics[1].path.as_deref(), Some("src/cart.js"));
        assert_eq!(report_of(super::read, "Executed 2 of 3\nMy 3 (x) test FAILED\n").tests.framework, None);
    }
}
