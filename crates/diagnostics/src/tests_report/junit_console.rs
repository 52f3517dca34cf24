//! The console launcher of the JUnit Platform: a tree, a block for each failure, and a table of counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    COUNT = r"^\[\s*(\d+) tests (found|skipped|started|aborted|successful|failed)\s*\]$";
    HEAD = r"^  (\S.*)$";
    SOURCE = r"^    (?:Method|Class|File|Uri|Package|Composite|ClasspathResource)\w*Source \[";
    METHOD = r"className = '([^']+)', methodName = '([^']+)'";
    ERROR = r"^    => (.*)$";
    FRAME = r"^\s+(?:at )?(?:[\w.-]+(?:@[\w.-]+)?/)?([\w.$]+)\.[\w$<>]+\((\w+\.(?:java|kt|groovy)):(\d+)\)$";
}

/// A block is no longer than this.
const LONGEST: usize = 400;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let counts: Vec<_> = lines.iter().filter_map(|line| COUNT.captures(line)).collect();
    if !counts.iter().any(|found| &found[2] == "started") {
        return;
    }
    let of = |word: &str| counts.iter().filter(|found| &found[2] == word).map(|found| count(&found[1])).sum::<u64>();
    let mut run = Run { passed: of("successful"), failed: of("failed"), ..Run::default() };
    run.skipped = of("skipped") + of("aborted");
    for (index, line) in lines.iter().enumerate() {
        let Some(source) = lines.get(index + 1).filter(|next| SOURCE.is_match(next)) else { continue };
        let Some(head) = HEAD.captures(line) else { continue };
        let block = || lines.iter().skip(index + 2).take(LONGEST).take_while(|line| line.starts_with("    "));
        let error = block().find_map(|line| ERROR.captures(line)).map_or(String::new(), |found| found[1].to_owned());
        // The class of the test is the project's: so is what lies in its package.
        let class = METHOD.captures(source).map(|found| found[1].to_owned()).unwrap_or_default();
        let package = class.rsplit_once('.').map_or("", |(package, _)| package);
        let is_own = |found: &regex::Captures<'_>| match package {
            "" => !found[1].contains('.'),
            package => found[1].starts_with(package),
        };
        let place = block().filter_map(|line| FRAME.captures(line)).find(is_own).map(|found| {
            let folder =
                found[1].rsplit_once('.').map_or(String::new(), |(package, _)| format!("{}/", package.replace('.', "/")));
            (format!("{folder}{}", &found[2]), number(&found[3]), 1)
        });
        // The names of the engine and of the containers around it stand before its own.
        let name = head[1].rsplit_once(':').map_or(&head[1], |(_, name)| name).to_owned();
        run.failures.push(Failure { name: name.clone(), error, place });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("junit", reading);
}
