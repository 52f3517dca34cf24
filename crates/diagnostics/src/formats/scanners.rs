//! Scanners of dependencies beside the package managers' own: trivy, grype, govulncheck and cargo-deny in JSON.

use std::collections::BTreeMap;

use domain::{FindingKind, Severity};
use serde_json::Value;

use super::audit::Vulnerable;
use super::json::{figure, list, text};
use crate::pattern::Pattern;
use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

/// Reads any of the reports, or one message of those that write many.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    if document.get("SchemaVersion").is_some() && document.get("ArtifactName").is_some() {
        trivy(document, reading);
    } else if document.get("matches").is_some() && document.pointer("/descriptor/name").is_some_and(|name| name == "grype") {
        grype(document, reading);
    } else if document.get("finding").is_some_and(|finding| finding.get("osv").is_some()) {
        govulncheck(document, reading);
    } else if document.pointer("/config/scanner_name").is_some_and(|name| name == "govulncheck") {
        reading.saw("govulncheck json");
    } else if document.get("type").is_some_and(|kind| kind == "diagnostic") && document.pointer("/fields/code").is_some() {
        cargo_deny(document, reading);
    } else {
        return false;
    }
    true
}

fn versions(text: &str) -> Vec<String> {
    text.split([',', '|']).map(str::trim).filter(|version| !version.is_empty()).map(str::to_owned).collect()
}

fn trivy(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("trivy json");
    for result in list(report, "/Results") {
        let target = text(result, "/Target");
        for item in list(result, "/Vulnerabilities") {
            Vulnerable {
                tool: "trivy",
                id: text(item, "/VulnerabilityID").to_owned(),
                package: text(item, "/PkgName").to_owned(),
                version: text(item, "/InstalledVersion").to_owned(),
                summary: text(item, "/Title").to_owned(),
                fixed: versions(text(item, "/FixedVersion")),
                ecosystem: ecosystem(text(result, "/Type")),
                path: Some(target.to_owned()),
            }
            .push("trivy json", reading);
        }
        for (name, id) in [("/Misconfigurations", "/ID"), ("/Secrets", "/RuleID")] {
            for item in list(result, name) {
                let message = [text(item, "/Message"), text(item, "/Title")].into_iter().find(|text| !text.is_empty());
                let line = figure(item, "/CauseMetadata/StartLine").or_else(|| figure(item, "/StartLine"));
                let severity = severity(text(item, "/Severity"));
                let diagnostic =
                    Diagnostic::new("trivy", text(item, id), FindingKind::Security, severity, message.unwrap_or_default());
                reading.push("trivy json", diagnostic.at(target, line.filter(|line| *line > 0).map(Span::line)));
            }
        }
    }
}

fn grype(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("grype json");
    for item in list(report, "/matches") {
        let path = Some(text(item, "/artifact/locations/0/path").trim_start_matches('/')).filter(|path| !path.is_empty());
        Vulnerable {
            tool: "grype",
            id: text(item, "/vulnerability/id").to_owned(),
            package: text(item, "/artifact/name").to_owned(),
            version: text(item, "/artifact/version").to_owned(),
            summary: super::audit::first_sentence(text(item, "/vulnerability/description")).to_owned(),
            fixed: list(item, "/vulnerability/fix/versions").filter_map(Value::as_str).map(str::to_owned).collect(),
            ecosystem: ecosystem(text(item, "/artifact/type")),
            path: path.map(str::to_owned),
        }
        .push("grype json", reading);
    }
}

/// Returns the name that OSV has for an ecosystem, which the fixer of vulnerable dependencies knows.
fn ecosystem(kind: &str) -> String {
    let known: BTreeMap<&str, &str> = [
        ("cargo", "crates.io"),
        ("rust-crate", "crates.io"),
        ("rustbinary", "crates.io"),
        ("npm", "npm"),
        ("yarn", "npm"),
        ("pnpm", "npm"),
        ("node-pkg", "npm"),
        ("pip", "PyPI"),
        ("poetry", "PyPI"),
        ("pipenv", "PyPI"),
        ("uv", "PyPI"),
        ("python", "PyPI"),
        ("python-pkg", "PyPI"),
        ("gomod", "Go"),
        ("go-module", "Go"),
        ("gobinary", "Go"),
        ("pom", "Maven"),
        ("jar", "Maven"),
        ("gradle", "Maven"),
        ("java-archive", "Maven"),
        ("bundler", "RubyGems"),
        ("gem", "RubyGems"),
        ("composer", "Packagist"),
        ("php-composer", "Packagist"),
        ("nuget", "NuGet"),
        ("dotnet", "NuGet"),
    ]
    .into();
    known.get(kind).copied().unwrap_or(kind).to_owned()
}

/// One finding: the trace leads from the vulnerable module to the place that calls it; the summary stands in another message.
fn govulncheck(message: &Value, reading: &mut Reading<'_>) {
    let Some(finding) = message.get("finding") else { return };
    let fixed = text(finding, "/fixed_version");
    // Of a finding at the levels of module, package and symbol, each comes as a message of its own; the module's has no package.
    if finding.pointer("/trace/0/package").is_some() {
        return reading.saw("govulncheck json");
    }
    Vulnerable {
        tool: "govulncheck",
        id: text(finding, "/osv").to_owned(),
        package: text(finding, "/trace/0/module").to_owned(),
        version: text(finding, "/trace/0/version").trim_start_matches('v').to_owned(),
        summary: text(finding, "/osv").to_owned(),
        fixed: versions(fixed.trim_start_matches('v')),
        ecosystem: "Go".to_owned(),
        path: Some("go.mod".to_owned()),
    }
    .push("govulncheck json", reading);
}

pattern! {
    VULNERABILITY = r"^Vulnerability #\d+: (GO-\d{4}-\d+)$";
    FOUND = r"^\s+Found in: (\S+?)@(?:go|v)?(\S+)$";
    FIXED = r"^\s+Fixed in: (?:\S+@(?:go|v)?(\S+)|N/A)$";
    MODULE = r"^\s+Module: (\S+)$";
    TRACE = r"^\s+#\d+: (\S+\.go):(\d+):(\d+): (.*)$";
}

/// A block of govulncheck's text is no longer than this, its traces left out.
const LONGEST: usize = 40;

/// Reads govulncheck's text: a block a vulnerability, with the places that call what is vulnerable.
pub(crate) fn lines(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = VULNERABILITY.captures(line) else { continue };
        let block: Vec<&str> = lines
            .iter()
            .skip(index + 1)
            .take(LONGEST)
            .take_while(|line| line.starts_with(char::is_whitespace))
            .copied()
            .collect();
        let first = |pattern: &Pattern, group: usize| {
            let found = block.iter().find_map(|line| pattern.captures(line))?;
            found.get(group).map(|text| text.as_str().to_owned())
        };
        let summary =
            block.iter().take_while(|line| line.starts_with("    ")).map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        Vulnerable {
            tool: "govulncheck",
            id: found[1].to_owned(),
            package: first(&MODULE, 1).unwrap_or_else(|| "stdlib".to_owned()),
            version: first(&FOUND, 2).unwrap_or_default(),
            summary,
            fixed: first(&FIXED, 1).into_iter().collect(),
            ecosystem: "Go".to_owned(),
            path: Some("go.mod".to_owned()),
        }
        .push("govulncheck text", reading);
        if let Some(last) = reading.report.diagnostics.last_mut() {
            for trace in block.iter().filter_map(|line| TRACE.captures(line)) {
                let place = Span::point(number(&trace[2]).max(1), number(&trace[3]).max(1), Unit::Byte);
                last.relate(&trace[4], &trace[1], place);
            }
        }
    }
}

fn cargo_deny(message: &Value, reading: &mut Reading<'_>) {
    let Some(fields) = message.get("fields") else { return };
    let code = text(fields, "/code");
    let severity = severity(text(fields, "/severity"));
    if let Some(advisory) = fields.get("advisory").filter(|advisory| advisory.is_object() && code == "vulnerability") {
        Vulnerable {
            tool: "cargo-deny",
            id: text(advisory, "/id").to_owned(),
            package: text(advisory, "/package").to_owned(),
            version: text(fields, "/graphs/0/Krate/version").to_owned(),
            summary: text(advisory, "/title").to_owned(),
            fixed: list(fields, "/notes").filter_map(Value::as_str).filter_map(upgrade).collect(),
            ecosystem: "crates.io".to_owned(),
            path: Some("Cargo.lock".to_owned()),
        }
        .push("cargo-deny json", reading);
        return;
    }
    let krate = text(fields, "/graphs/0/Krate/name");
    let said = text(fields, "/message");
    let text = if krate.is_empty() { said.to_owned() } else { format!("{krate}: {said}") };
    reading.push("cargo-deny json", Diagnostic::new("cargo-deny", code, FindingKind::DependencyIssue, severity, &text));
}

/// Returns the version that a note advises: `Solution: Upgrade to >=1.2.3 (try …)`.
fn upgrade(note: &str) -> Option<String> {
    let versions = note.split_once("Solution: Upgrade to ")?.1;
    super::audit::lowest_of_range(versions.split([' ', '(']).next()?)
}

fn severity(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "critical" | "high" | "error" | "bug" => Severity::Error,
        "medium" | "warning" => Severity::Warning,
        _ => Severity::Info,
    }
}
