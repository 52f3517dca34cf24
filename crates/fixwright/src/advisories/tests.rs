use std::fs;

use super::*;

fn database(files: &[(&str, &str)]) -> (tempfile::TempDir, Advisories) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let advisories = Advisories::load(&folders(&[folder.path()]));
    (folder, advisories)
}

fn folders(list: &[&std::path::Path]) -> Sources {
    Sources { folders: list.iter().map(|one| (*one).to_owned()).collect(), reported: Vec::new() }
}

fn tree(list: &[(&str, &str)]) -> Files {
    Files::from_map(list.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect())
}

fn messages(advisories: &Advisories, files: &Files) -> Vec<String> {
    to_findings(&advisories.audit(files, "."), ".", Recipe::Audit)
        .into_iter()
        .map(|finding| format!("{}:{} {} {}", finding.path().unwrap(), finding.line().unwrap(), finding.rule, finding.message))
        .collect()
}

const RUSTSEC: &str = "```toml\n[advisory]\nid = \"RUSTSEC-1\"\npackage = \"time\"\naliases = [\"CVE-1\"]\n[versions]\n\
    patched = [\">= 0.2.23\"]\n```\n\n# Segfault\n";
const LOCK: &str = "[[package]]\nname = \"time\"\nversion = \"0.1.43\"\n\
    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

#[test]
fn all_forms_of_advisories_meet_their_lockfiles() {
    let pysec = "id: PYSEC-1\nsummary: SSTI\naffected:\n- package: {name: jinja2, ecosystem: PyPI}\n  ranges:\n  - type: ECOSYSTEM\n    \
        events:\n    - introduced: '0'\n    - fixed: 2.8.1\n";
    let ghsa = r#"{"id": "GHSA-1", "summary": "Prototype pollution", "affected": [{"package": {"ecosystem": "npm", "name": "lodash"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"last_affected": "4.17.20"}]}]}]}"#;
    let go = r#"{"id": "GO-1", "summary": "Loop", "affected": [{"package": {"ecosystem": "Go", "name": "golang.org/x/text"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "0.3.3"}]}]}]}"#;
    let (_folder, advisories) = database(&[
        ("rustsec/crates/time/RUSTSEC-1.md", RUSTSEC),
        ("rustsec/README.md", "# Read me\n"),
        ("vulns/jinja2/PYSEC-1.yaml", pysec),
        ("a/b/c/GHSA-1.json", ghsa),
        ("go/GO-1.json", go),
    ]);
    let files = tree(&[
        ("Cargo.lock", LOCK),
        ("requirements.txt", "Jinja2==2.7\n"),
        ("package-lock.json", r#"{"packages": {"node_modules/lodash": {"version": "4.17.15"}}}"#),
        ("go.mod", "module m\ngo 1.20\nrequire golang.org/x/text v0.3.0\n"),
    ]);
    assert_eq!(
        messages(&advisories, &files),
        [
            "Cargo.lock:2 RUSTSEC-1 time 0.1.43 is vulnerable: Segfault; fixed in 0.2.23 [crates.io]",
            "go.mod:3 GO-1 golang.org/x/text 0.3.0 is vulnerable: Loop; fixed in 0.3.3 [Go]",
            "package-lock.json:1 GHSA-1 lodash 4.17.15 is vulnerable: Prototype pollution; no fixed version [npm]",
            "requirements.txt:1 PYSEC-1 jinja2 2.7 is vulnerable: SSTI; fixed in 2.8.1 [PyPI]",
        ]
    );
    assert_eq!(advisories.problems(), Vec::<String>::new());
    let mended = tree(&[("requirements.txt", "Jinja2==2.8.1\n")]);
    assert!(advisories.audit(&mended, ".").is_empty());
}

#[test]
fn one_vulnerability_under_several_ids_is_one_finding() {
    let osv = |id: &str, fixed: &str| {
        format!(
            r#"{{"id": "{id}", "aliases": ["CVE-1"], "affected": [{{"package": {{"ecosystem": "crates.io", "name": "time"}},
            "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}]}}]}}"#
        )
    };
    let (_folder, advisories) =
        database(&[("a.json", &osv("GHSA-1", "0.2.23")), ("b.json", &osv("GHSA-2", "0.3.0")), ("z.md", RUSTSEC)]);
    let found = advisories.audit(&tree(&[("Cargo.lock", LOCK)]), ".");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].id.as_str(), found[0].fixed.as_slice()), ("GHSA-1", ["0.3.0".to_owned()].as_slice()));
    assert_eq!(found[0].aliases, ["CVE-1", "GHSA-2", "RUSTSEC-1"]);
}

#[test]
fn a_fixed_version_is_free_of_all_that_is_known_of_the_package() {
    let osv = |id: &str, events: &str| {
        format!(
            r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "PyPI", "name": "p"}},
            "ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}]}}]}}"#
        )
    };
    let (_folder, advisories) = database(&[
        ("a.json", &osv("A", r#"{"introduced": "0"}, {"fixed": "1.1"}"#)),
        ("b.json", &osv("B", r#"{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2.0"}, {"fixed": "2.0.1"}"#)),
        ("c.json", &osv("C", r#"{"introduced": "1.2"}, {"fixed": "1.2.1"}"#)),
        ("d.json", &osv("D", r#"{"introduced": "1.0"}"#)),
        ("e.json", &osv("E", r#"{"introduced": "0.5"}, {"fixed": "1.3.1"}, {"introduced": "2.0"}, {"fixed": "2.0.2"}"#)),
    ]);
    let found = advisories.audit(&tree(&[("requirements.txt", "p==1.0\n")]), ".");
    let fixed: Vec<(&str, String)> = found.iter().map(|one| (one.id.as_str(), one.fixed.join(" "))).collect();
    // 1.1 has B, 1.2 has C; D has no mended version and blocks none.
    assert_eq!(
        fixed,
        [("A", "1.3.1 2.0.2".to_owned()), ("B", "1.3.1 2.0.2".into()), ("D", String::new()), ("E", "1.3.1 2.0.2".into())]
    );
}

#[test]
fn broken_files_are_said_and_the_rest_counts() {
    let (_folder, advisories) = database(&[
        ("broken.json", r#"{"id": "X", "affected": [{"package": {"name": "time", "ecosystem": "crates.io"}"#),
        ("time/ok.md", RUSTSEC),
    ]);
    assert_eq!(advisories.audit(&tree(&[("Cargo.lock", LOCK)]), ".").len(), 1);
    let problems = advisories.problems();
    assert!(problems.len() == 1 && problems[0].contains("broken.json"), "{problems:?}");
    let absent = Advisories::load(&folders(&[std::path::Path::new("/no/such/folder")]));
    assert_eq!((absent.len(), absent.problems().len()), (0, 1));
}

#[test]
fn equal_findings_have_ids_of_their_own_and_a_bump_keeps_them() {
    let one = |version: &str, line| Vulnerability {
        id: "X-1".into(),
        aliases: vec![],
        package: "p".into(),
        version: version.into(),
        ecosystem: Ecosystem::Npm,
        summary: String::new(),
        fixed: vec![],
        path: RepoPath::new("package-lock.json").unwrap(),
        line,
    };
    let ids =
        |list: &[Vulnerability]| to_findings(list, ".", Recipe::Audit).into_iter().map(|finding| finding.id).collect::<Vec<_>>();
    let before = ids(&[one("1.0.0", 3), one("2.0.0", 9)]);
    assert_ne!(before[0], before[1]);
    assert_eq!(before, ids(&[one("1.0.1", 5), one("2.0.10", 7)]));
}

#[test]
fn what_a_report_says_is_looked_for_in_the_lockfiles() {
    let files = tree(&[("requirements.txt", "Zope.Interface==1.0\nother==1.0\n")]);
    let reported = |message: &str| {
        let mut finding = to_findings(&[], ".", Recipe::Audit);
        let (_folder, advisories) = database(&[(
            "a.json",
            r#"{"id":"X-1","affected":[{"package":{"ecosystem":"PyPI","name":"other"},"versions":["1.0"]}]}"#,
        )]);
        finding.extend(to_findings(&advisories.audit(&files, "."), ".", Recipe::Audit));
        finding[0].message = message.to_owned();
        finding[0].rule = "PYSEC-7".to_owned();
        Advisories::load(&Sources { folders: Vec::new(), reported: from_findings(&finding) })
    };
    let mended = tree(&[("requirements.txt", "zope-interface==1.2\n")]);
    let fixed = reported("zope.interface 1.0 is vulnerable: bad; very; fixed in 1.2 [PyPI]");
    let expected = "requirements.txt:1 PYSEC-7 zope-interface 1.0 is vulnerable: bad; very; fixed in 1.2 [PyPI]";
    assert_eq!(messages(&fixed, &files), [expected]);
    assert!(fixed.audit(&mended, ".").is_empty());
    let without = reported("zope.interface 1.0 is vulnerable: bad; no fixed version [PyPI]");
    assert_eq!(messages(&without, &files).len(), 1);
    assert_eq!(messages(&without, &mended).len(), 1, "no version is known to mend it");
}
