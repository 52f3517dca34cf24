//! Reports of vulnerable dependencies: cargo-audit, pip-audit, npm, OSV-Scanner.
//!
//! The message has a fixed form, which the fixer of vulnerable dependencies reads back: see [`Vulnerable::message`].

use domain::{FindingKind, Severity};
use serde_json::Value;

use super::json::{list, text};
use crate::Diagnostic;
use crate::reading::Reading;
use crate::text::one_line;

/// One vulnerable version.
pub(super) struct Vulnerable {
    pub(super) tool: &'static str,
    pub(super) id: String,
    pub(super) package: String,
    pub(super) version: String,
    pub(super) summary: String,
    pub(super) fixed: Vec<String>,
    pub(super) ecosystem: String,
    pub(super) path: Option<String>,
}

impl Vulnerable {
    /// Returns `{package} {version} is vulnerable: {summary}; fixed in {versions}` (or `; no fixed version`) and ` [{ecosystem}]`.
    fn message(&self) -> String {
        let fixed =
            if self.fixed.is_empty() { "no fixed version".to_owned() } else { format!("fixed in {}", self.fixed.join(", ")) };
        // The summary is an advisory's: it must not look like the end of the message.
        let summary = crate::text::cut(
            &one_line(&self.summary).replace("; fixed in", ", fixed in").replace("; no fixed", ", no fixed"),
            300,
        )
        .to_owned();
        format!("{} {} is vulnerable: {summary}; {fixed} [{}]", self.package, self.version, self.ecosystem)
    }

    pub(super) fn push(self, format: &'static str, reading: &mut Reading<'_>) {
        let rule = if self.id.is_empty() { "vulnerable" } else { &self.id };
        let mut diagnostic = Diagnostic::new(self.tool, rule, FindingKind::DependencyIssue, Severity::Error, &self.message());
        if let Some(path) = self.path {
            diagnostic = diagnostic.at(path, None);
        }
        reading.push(format, diagnostic);
    }
}

/// Reads any of the reports.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    if document.get("vulnerabilities").and_then(|all| all.get("list")).is_some() && document.get("lockfile").is_some() {
        cargo_audit(document, reading);
    } else if document.get("auditReportVersion").is_some() {
        npm(document, reading);
    } else if document
        .get("results")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().all(|item| item.get("packages").is_some()) && !(all.is_empty() && names_another(document)))
    {
        osv_scanner(document, reading);
    } else if is_pip_audit(document) {
        pip_audit(document, reading);
    } else {
        return osv(document, reading);
    }
    true
}

/// Reads records of the OSV schema: one, a list of them, or the answer of the service. They say what is vulnerable, and of no project that it
/// is: no version is named.
fn osv(document: &Value, reading: &mut Reading<'_>) -> bool {
    let is_record = |one: &Value| {
        let is_dated = one.get("modified").is_some() || one.get("schema_version").is_some();
        is_dated && one.get("id").is_some_and(Value::is_string) && list(one, "/affected").any(|it| it.get("package").is_some())
    };
    let records = match document {
        one if is_record(one) => std::slice::from_ref(one),
        Value::Array(all) => all.as_slice(),
        other => other.get("vulns").and_then(Value::as_array).map_or(&[][..], Vec::as_slice),
    };
    if records.is_empty() || !records.iter().all(is_record) {
        return false;
    }
    for record in records {
        let summary = Some(text(record, "/summary")).filter(|summary| !summary.is_empty());
        let summary = summary.unwrap_or_else(|| first_sentence(text(record, "/details")));
        for affected in list(record, "/affected").filter(|affected| affected.get("package").is_some()) {
            let package = text(affected, "/package/name");
            let fixed = match &fixed_events(record, package)[..] {
                [] => "with no fixed version".to_owned(),
                fixed => format!("fixed in {}", fixed.join(", ")),
            };
            let message = format!("{package} [{}], {fixed}: {summary}", text(affected, "/package/ecosystem"));
            let rule = text(record, "/id");
            reading.push("osv json", Diagnostic::new("osv", rule, FindingKind::DependencyIssue, Severity::Error, &message));
        }
    }
    true
}

/// Says whether an empty list of results is that of another tool: bandit's, semgrep's.
fn names_another(document: &Value) -> bool {
    ["metrics", "errors", "paths", "version"].iter().any(|name| document.get(name).is_some())
}

fn cargo_audit(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("cargo audit json");
    for item in list(report, "/vulnerabilities/list") {
        let fixed = list(item, "/versions/patched").filter_map(|range| lowest_of_range(range.as_str()?)).collect();
        Vulnerable {
            tool: "cargo-audit",
            id: text(item, "/advisory/id").to_owned(),
            package: text(item, "/package/name").to_owned(),
            version: text(item, "/package/version").to_owned(),
            summary: text(item, "/advisory/title").to_owned(),
            fixed,
            ecosystem: "crates.io".to_owned(),
            path: Some("Cargo.lock".to_owned()),
        }
        .push("cargo audit json", reading);
    }
    // Unmaintained, unsound, yanked: no vulnerability, and said with a warning.
    for item in report.get("warnings").and_then(Value::as_object).into_iter().flatten().flat_map(|(_, all)| list(all, "")) {
        let kind = text(item, "/kind");
        let rule = Some(text(item, "/advisory/id")).filter(|id| !id.is_empty()).unwrap_or(kind);
        let said = Some(text(item, "/advisory/title")).filter(|title| !title.is_empty()).unwrap_or(kind);
        let message = format!("{} {} is {kind}: {said}", text(item, "/package/name"), text(item, "/package/version"));
        let diagnostic = Diagnostic::new("cargo-audit", rule, FindingKind::DependencyIssue, Severity::Warning, &message);
        reading.push("cargo audit json", diagnostic.at("Cargo.lock", None).explained_at(text(item, "/advisory/url")));
    }
}

/// Returns the version from which on a range such as `>=1.2.3` or `^1.2.3, <2` holds.
pub(super) fn lowest_of_range(range: &str) -> Option<String> {
    let first = range.split(',').map(str::trim).find(|part| part.starts_with(['>', '^', '=', '~']))?;
    let version = first.trim_start_matches(['>', '^', '=', '~', ' ']);
    (!version.is_empty() && !first.starts_with("> ") && (!first.starts_with('>') || first.starts_with(">=")))
        .then(|| version.to_owned())
}

fn is_pip_audit(document: &Value) -> bool {
    let entries = document.get("dependencies").and_then(Value::as_array).or_else(|| document.as_array());
    entries.is_some_and(|all| {
        !all.is_empty()
            && all
                .iter()
                .all(|item| item.get("name").is_some() && (item.get("vulns").is_some() || item.get("skip_reason").is_some()))
    })
}

fn pip_audit(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("pip-audit json");
    let entries = if report.is_array() { "" } else { "/dependencies" };
    for dependency in list(report, entries) {
        for item in list(dependency, "/vulns") {
            let description = text(item, "/description");
            Vulnerable {
                tool: "pip-audit",
                id: text(item, "/id").to_owned(),
                package: text(dependency, "/name").to_owned(),
                version: text(dependency, "/version").to_owned(),
                summary: first_sentence(description).to_owned(),
                fixed: list(item, "/fix_versions").filter_map(Value::as_str).map(str::to_owned).collect(),
                ecosystem: "PyPI".to_owned(),
                path: None,
            }
            .push("pip-audit json", reading);
        }
    }
}

/// Returns the first line of a description, headings and marks left out.
pub(super) fn first_sentence(text: &str) -> &str {
    let is_prose = |line: &&str| !line.is_empty() && !line.starts_with("##") && !line.starts_with("```");
    let line = text.lines().map(str::trim).find(is_prose).unwrap_or("");
    line.split(". ").next().unwrap_or(line).trim_end_matches('.')
}

fn npm(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("npm audit json");
    let packages = report.get("vulnerabilities").and_then(Value::as_object).into_iter().flatten();
    for (name, package) in packages {
        // An entry of `via` that is only a name says that the fault is in that dependency, which has an entry of its own.
        for advisory in list(package, "/via").filter(|via| via.is_object()) {
            let range = text(advisory, "/range");
            let nodes = list(package, "/nodes").filter_map(Value::as_str).map(|node| format!("{INSTALLED_AT}{node}"));
            let mut versions: Vec<String> = nodes.collect();
            if versions.is_empty() {
                versions.push(range.replace(' ', ""));
            }
            for version in versions {
                Vulnerable {
                    tool: "npm-audit",
                    id: advisory_of_url(text(advisory, "/url"))
                        .unwrap_or_else(|| advisory.get("source").map(Value::to_string).unwrap_or_default()),
                    package: name.clone(),
                    version,
                    summary: text(advisory, "/title").to_owned(),
                    fixed: fixed_below(range),
                    ecosystem: "npm".to_owned(),
                    path: Some("package-lock.json".to_owned()),
                }
                .push("npm audit json", reading);
            }
        }
    }
}

/// Stands before the place of installation where the version belongs, until the lockfile is at hand: npm's report does not name
/// the version that is installed.
const INSTALLED_AT: &str = "installed-at:";

/// Returns a message of npm's audit with the version that the lockfile names in place of where it is installed.
pub(crate) fn with_installed_version(message: &str, tool: &str, lockfile: Option<&[u8]>) -> String {
    let place = message.split(' ').find_map(|word| word.strip_prefix(INSTALLED_AT)).filter(|_| tool == "npm-audit");
    let Some(place) = place else { return message.to_owned() };
    let lock: Option<Value> = lockfile.and_then(|bytes| serde_json::from_slice(bytes).ok());
    let version = lock.as_ref().and_then(|lock| lock.get("packages")?.get(place)?.get("version")?.as_str());
    message.replacen(&format!("{INSTALLED_AT}{place}"), version.unwrap_or(place), 1)
}

/// Returns the upper bounds of a range of vulnerable versions: `>=1.0.0 <1.2.6 || <0.2.4` is mended in 1.2.6 and in 0.2.4.
fn fixed_below(range: &str) -> Vec<String> {
    let bounds = range.split("||").filter_map(|part| {
        let bound = part.split_whitespace().find(|word| word.starts_with('<') && !word.starts_with("<="))?;
        Some(bound.trim_start_matches('<').to_owned()).filter(|version| !version.is_empty())
    });
    bounds.collect()
}

fn advisory_of_url(url: &str) -> Option<String> {
    url.rsplit('/').next().filter(|last| last.starts_with("GHSA-") || last.starts_with("CVE-")).map(str::to_owned)
}

fn osv_scanner(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("osv-scanner json");
    for source in list(report, "/results") {
        let path = Some(text(source, "/source/path")).filter(|path| !path.is_empty());
        for package in list(source, "/packages") {
            let (name, version) = (text(package, "/package/name"), text(package, "/package/version"));
            let ecosystem = text(package, "/package/ecosystem");
            for item in list(package, "/vulnerabilities") {
                let summary = Some(text(item, "/summary")).filter(|summary| !summary.is_empty());
                Vulnerable {
                    tool: "osv-scanner",
                    id: text(item, "/id").to_owned(),
                    package: name.to_owned(),
                    version: version.to_owned(),
                    summary: summary.unwrap_or_else(|| first_sentence(text(item, "/details"))).to_owned(),
                    fixed: fixed_events(item, name),
                    ecosystem: ecosystem.split(':').next().unwrap_or(ecosystem).to_owned(),
                    path: path.map(str::to_owned),
                }
                .push("osv-scanner json", reading);
            }
        }
    }
}

/// Returns the versions in which an OSV record says that a package was mended.
fn fixed_events(record: &Value, package: &str) -> Vec<String> {
    let affected = list(record, "/affected").filter(|affected| text(affected, "/package/name") == package);
    let ranges = affected.flat_map(|affected| list(affected, "/ranges")).filter(|range| text(range, "/type") != "GIT");
    let mut fixed: Vec<String> = Vec::new();
    for version in ranges.flat_map(|range| list(range, "/events")).filter_map(|event| event.get("fixed")?.as_str()) {
        if !fixed.iter().any(|known| known == version) {
            fixed.push(version.to_owned());
        }
    }
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn osv_scanner_names_source_package_and_fix() {
        let report = json!({"results": [{"source": {"path": "/repo/go.mod", "type": "lockfile"}, "packages": [{
            "package": {"name": "golang.org/x/text", "version": "0.3.0", "ecosystem": "Go"},
            "vulnerabilities": [{"id": "GO-2020-0015", "summary": "Infinite loop; fixed in a hurry", "affected": [
                {"package": {"name": "golang.org/x/text"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "0.3.3"}]}]},
                {"package": {"name": "other"}, "ranges": [{"type": "SEMVER", "events": [{"fixed": "9"}]}]},
            ]}],
        }]}]});
        let mut reading = Reading::new(None);
        assert!(document(&report, &mut reading));
        let messages: Vec<_> = reading
            .report
            .diagnostics
            .iter()
            .map(|found| (found.rule.as_str(), found.message.as_str(), found.path.as_deref()))
            .collect();
        let message = "golang.org/x/text 0.3.0 is vulnerable: Infinite loop, fixed in a hurry; fixed in 0.3.3 [Go]";
        assert_eq!(messages, [("GO-2020-0015", message, Some("/repo/go.mod"))]);
    }

    #[test]
    fn what_cargo_audit_warns_of_is_no_success() {
        let report = json!({"lockfile": {}, "vulnerabilities": {"list": []}, "warnings": {
            "unmaintained": [{"kind": "unmaintained", "package": {"name": "a", "version": "0.12.1"}, "advisory": {"id": "RUSTSEC-2021-0139", "title": "a is unmaintained", "url": "https://x"}}],
            "yanked": [{"kind": "yanked", "package": {"name": "b", "version": "1.0.0"}, "advisory": null}]}});
        let mut reading = Reading::new(None);
        assert!(document(&report, &mut reading));
        let told: Vec<_> = reading.report.diagnostics.iter().map(|one| (&*one.rule, one.severity, &*one.message)).collect();
        assert_eq!(
            told,
            [
                ("RUSTSEC-2021-0139", Severity::Warning, "a 0.12.1 is unmaintained: a is unmaintained"),
                ("yanked", Severity::Warning, "b 1.0.0 is yanked: yanked"),
            ]
        );
    }

    #[test]
    fn a_record_of_osv_says_what_is_vulnerable() {
        let record = json!({"schema_version": "1.6.0", "id": "GHSA-x", "modified": "2026-01-01T00:00:00Z", "summary": "Bad", "affected": [
            {"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.6"}]}]},
            {"package": {"ecosystem": "PyPI", "name": "b"}, "versions": ["1"]}]});
        for report in [record.clone(), json!([record]), json!({"vulns": [record]})] {
            let mut reading = Reading::new(None);
            assert!(document(&report, &mut reading));
            let told: Vec<_> = reading.report.diagnostics.iter().map(|one| one.message.as_str()).collect();
            assert_eq!(told, ["a [npm], fixed in 1.2.6: Bad", "b [PyPI], with no fixed version: Bad"]);
        }
        assert!(!document(&json!({"vulns": []}), &mut Reading::new(None)));
    }

    #[test]
    fn bounds_of_ranges_are_the_fixed_versions() {
        assert_eq!(fixed_below(">=1.0.0 <1.2.6 || <0.2.4"), ["1.2.6", "0.2.4"]);
        assert!(fixed_below("<=2.0.0").is_empty());
        assert_eq!(lowest_of_range(">=0.6.14, <1.0.0").as_deref(), Some("0.6.14"));
        assert_eq!(lowest_of_range("^1.2").as_deref(), Some("1.2"));
        assert_eq!(lowest_of_range("> 2.0"), None);
        assert_eq!(lowest_of_range("<1"), None);
    }
}
