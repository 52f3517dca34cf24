//! Reports of vulnerable dependencies: cargo-audit, pip-audit, npm, OSV-Scanner.
//!
//! The message has a fixed form, which the fixer of vulnerable dependencies reads back: see [`Vulnerable::message`].

use domain::{FindingKind, Severity};
use serde_json::Value;

use crate::Diagnostic;
use crate::reading::Reading;
use crate::text::one_line;

/// One vulnerable version.
struct Vulnerable {
    tool: &'static str,
    id: String,
    package: String,
    version: String,
    summary: String,
    fixed: Vec<String>,
    ecosystem: String,
    path: Option<String>,
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

    fn push(self, format: &'static str, reading: &mut Reading<'_>) {
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
        .is_some_and(|all| all.iter().all(|item| item.get("packages").is_some()))
    {
        osv_scanner(document, reading);
    } else if is_pip_audit(document) {
        pip_audit(document, reading);
    } else {
        return false;
    }
    true
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
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
}

/// Returns the version from which on a range such as `>=1.2.3` or `^1.2.3, <2` holds.
fn lowest_of_range(range: &str) -> Option<String> {
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
fn first_sentence(text: &str) -> &str {
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
            let fixed = fixed_below(text(advisory, "/range"));
            Vulnerable {
                tool: "npm",
                id: advisory_of_url(text(advisory, "/url"))
                    .unwrap_or_else(|| advisory.get("source").map(Value::to_string).unwrap_or_default()),
                package: name.clone(),
                version: installed_version(package, advisory),
                summary: text(advisory, "/title").to_owned(),
                fixed,
                ecosystem: "npm".to_owned(),
                path: Some("package-lock.json".to_owned()),
            }
            .push("npm audit json", reading);
        }
    }
}

/// Returns the upper bounds of a range of vulnerable versions: `>=1.0.0 <1.2.6 || <0.2.4` is mended in 1.2.6 and in 0.2.4.
fn fixed_below(range: &str) -> Vec<String> {
    let bounds = range.split("||").filter_map(|part| {
        let bound = part.split_whitespace().find(|word| word.starts_with('<') && !word.starts_with("<="))?;
        Some(bound.trim_start_matches('<').to_owned()).filter(|version| !version.is_empty())
    });
    bounds.collect()
}

/// npm's report names the range that is vulnerable, not the version that is installed; older ones name it in `findings`.
fn installed_version(package: &Value, advisory: &Value) -> String {
    let version = text(package, "/version");
    let version = if version.is_empty() { text(advisory, "/findings/0/version") } else { version };
    if version.is_empty() { text(advisory, "/range").replace(' ', "") } else { version.to_owned() }
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
