//! What proof costs: the number of recipe runs grows with the number of bad candidates, and not with that of findings.

use crate::bench::{Bench, code};
use crate::spelling::{good, repository, texts};

#[test]
fn without_a_bad_candidate_any_number_of_findings_takes_three_runs_of_each_recipe() {
    for findings in [1, 20, 300] {
        let bench = Bench::new(repository(&texts(findings, good)));
        let document = bench.fix(&[]).document(code::DONE);
        for recipe in ["lint", "test"] {
            let counted = bench.runs_of(recipe);
            assert!(counted <= 3, "{findings} findings took {counted} runs of {recipe}");
            assert_eq!(document["recipe_runs"][recipe], counted, "{recipe}: what is told is what has happened");
        }
        let settled: usize =
            document["cases"].as_array().unwrap().iter().map(|case| case["findings"].as_array().unwrap().len()).sum();
        assert_eq!(settled, findings);
    }
}

#[test]
fn a_finding_that_names_no_place_is_traced_in_logarithmic_time() {
    // It shows for the whole, so every repair may have caused it.
    const WHOLE: &str = r#"/color must stay/ { whole = 1 }
END { if (whole) { FILENAME = "nowhere"; finding("US901", "the whole is worse", 1, 1, "") } }
END {"#;
    let mut counts = Vec::new();
    for findings in [32, 128] {
        let line = |number| if number == findings / 3 { "the colour must stay".to_owned() } else { good(number) };
        let repo = repository(&texts(findings, line));
        let own = std::fs::read_to_string(repo.path().join("tools/lint")).unwrap();
        repo.file("tools/lint", own.replace("END {", WHOLE)).file("tools/test", "exit 0\n");
        repo.commit("traced");
        let bench = Bench::new(repo);
        let document = bench.fix(&[]).document(code::REMAIN);
        let cases = document["cases"].as_array().unwrap();
        let refused: Vec<_> = cases.iter().filter(|case| case["status"] == "refused").collect();
        assert_eq!(refused.len(), 1, "{document:#}");
        assert_eq!((&refused[0]["reason"], refused[0]["findings"].as_array().unwrap().len()), (&"new_finding".into(), 1));
        counts.push(bench.runs_of("lint"));
    }
    eprintln!("runs of lint: {counts:?}");
    assert!(counts[1] <= 4 + 2 * 8 && counts[1] <= counts[0] + 8, "{counts:?}");
}

/// Returns how often the tests ran for `bad` bad ones, evenly spread among `findings`.
fn test_runs(findings: usize, bad: usize) -> u64 {
    let every = findings / bad;
    let line = |number| {
        if number % every == every / 2 && number / every < bad { "the colour must stay".to_owned() } else { good(number) }
    };
    let bench = Bench::new(repository(&texts(findings, line)));
    let document = bench.fix(&[]).document(code::REMAIN);
    let cases = document["cases"].as_array().unwrap();
    let refused =
        cases.iter().filter(|case| case["status"] == "refused").inspect(|case| assert_eq!(case["reason"], "tests_broken"));
    assert_eq!(refused.map(|case| case["findings"].as_array().unwrap().len()).sum::<usize>(), bad, "{document:#}");
    let counted = bench.runs_of("test");
    assert_eq!(document["recipe_runs"]["test"], counted);
    counted
}

#[test]
fn bad_candidates_are_found_in_logarithmic_time() {
    // Base, all together, its repetition to tell flaky tests; then for each bad one a way down the tree, where a step is at most two
    // looks, each repeated when it fails.
    let bound = |findings: usize, bad: u64| 8 + bad * 4 * u64::from(findings.ilog2() + 1);
    for (findings, bad) in [(16, 1), (64, 1), (256, 1), (64, 3)] {
        let runs = test_runs(findings, bad);
        eprintln!("{bad} of {findings}: {runs} runs of the tests");
        assert!(runs <= bound(findings, bad as u64), "{bad} of {findings} took {runs} runs");
        assert!((runs as usize) < findings * 2 || findings < 64, "{bad} of {findings} took {runs} runs: that is one by one");
    }
}
