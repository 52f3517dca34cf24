//! The audit without any service: folders of advisories against lockfiles.

use std::fs;

use serde_json::Value;
use testkit::Repo;

use crate::bench::{Bench, code};

const REQUIREMENTS: &str = "jinja2==2.10\n";

/// Returns a bench with two subprojects that pin a version each, and a folder of advisories beside it.
fn bench() -> Bench {
    let repo = Repo::new();
    let folder = repo.beside("advisories").display().to_string();
    let subproject = |path: &str| format!("[[subproject]]\npath = {path:?}\nlanguage = \"python\"\n");
    repo.file("fixwright.toml", format!("[advisories]\npaths = [{folder:?}]\n{}{}", subproject("a"), subproject("b")));
    repo.file("a/requirements.txt", REQUIREMENTS).file("b/requirements.txt", "other==1.0\n").commit("start");
    fs::create_dir(repo.beside("advisories")).unwrap();
    Bench::new(repo)
}

fn publish(bench: &Bench, package: &str, fixed: &str) {
    let text = serde_json::json!({
        "id": format!("PYSEC-{package}"), "summary": "bad",
        "affected": [{"package": {"ecosystem": "PyPI", "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]});
    fs::write(bench.repo.beside("advisories").join(format!("{package}.json")), text.to_string()).unwrap();
}

#[test]
fn each_subproject_is_audited_by_its_own_lockfiles_and_mended() {
    let bench = bench();
    publish(&bench, "jinja2", "2.10.1");
    publish(&bench, "other", "1.1");
    let document = bench.fix(&[]).document(code::DONE);
    let cases = document["cases"].as_array().unwrap();
    let paths: Vec<&Value> = cases.iter().map(|case| &case["findings"][0]["path"]).collect();
    assert_eq!(paths, ["a/requirements.txt", "b/requirements.txt"]);
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    assert_eq!(bench.repo.git(["show", &format!("{tip}:a/requirements.txt")]), "jinja2==2.10.1");
    assert_eq!(bench.repo.git(["show", &format!("{tip}:b/requirements.txt")]), "other==1.1");
}

#[test]
fn a_patch_that_brings_in_a_vulnerable_version_is_not_proved() {
    let bench = bench();
    publish(&bench, "other", "1.1");
    let patch = |package: &str, from: &str, to: &str| {
        let name = if package == "other" { "b" } else { "a" };
        format!(
            "--- a/{name}/requirements.txt\n+++ b/{name}/requirements.txt\n@@ -1 +1 @@\n-{package}=={from}\n+{package}=={to}\n"
        )
    };
    let verify = |patch: String| {
        let file = bench.repo.beside("a.patch");
        fs::write(&file, patch).unwrap();
        bench.run(["verify", "--json", "--patch", file.to_str().unwrap()])
    };
    // One that mends it is proved by the same recipe.
    let document = verify(patch("other", "1.0", "1.1")).document(code::DONE);
    assert_eq!(document["gone"][0]["rule"], "PYSEC-other", "{document:#}");
    publish(&bench, "jinja2", "2.10");
    let document = verify(patch("jinja2", "2.10", "2.9")).document(code::REMAIN);
    assert_eq!(document["reason"], "new_finding", "{document:#}");
}

#[test]
fn a_folder_without_advisories_gives_no_all_clear() {
    let bench = bench();
    fs::write(bench.repo.beside("advisories").join("README.md"), "# Where they would be\n").unwrap();
    let ran = bench.run(["fix"]);
    assert_eq!(ran.code, Some(code::ENVIRONMENT), "{ran:?}");
    assert!(ran.stderr.contains("hold no advisory"), "{ran:?}");
}
