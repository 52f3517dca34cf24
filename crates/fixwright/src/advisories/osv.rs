//! Reads advisories in the OSV form (JSON or YAML) and in RustSec's (Markdown that begins with a fenced block of TOML).

use semver::VersionReq;
use serde::Deserialize;
use serde_json::Value;

use super::advisory::{Advisory, Affected, Event, Versions};
use super::version::Ecosystem;

/// The form of a file, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// OSV as JSON.
    Json,
    /// OSV as YAML.
    Yaml,
    /// RustSec.
    Markdown,
}

impl Form {
    /// Returns the form of a file of that extension.
    pub(super) fn of(extension: &str) -> Option<Self> {
        match extension {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// Returns the advisories in a file: none when it holds something else, or what was withdrawn or is no vulnerability.
///
/// # Errors
/// A line that says why the file cannot be read.
pub(super) fn read(form: Form, text: &str) -> Result<Vec<Advisory>, String> {
    let value: Value = match form {
        Form::Json => serde_json::from_str(text).map_err(|error| one_line(&error.to_string()))?,
        Form::Yaml => serde_norway::from_str(text).map_err(|error| one_line(&error.to_string()))?,
        Form::Markdown => return rustsec(text).map(|advisory| advisory.into_iter().collect()),
    };
    let all = if let Value::Array(list) = value { list } else { vec![value] };
    all.into_iter().filter_map(|one| osv(one).transpose()).collect()
}

fn osv(value: Value) -> Result<Option<Advisory>, String> {
    if value.get("id").is_none() || value.get("affected").is_none() {
        return Ok(None);
    }
    let osv: Osv = serde_json::from_value(value).map_err(|error| one_line(&error.to_string()))?;
    if osv.withdrawn.is_some() {
        return Ok(None);
    }
    let affected = osv.affected.into_iter().filter_map(affected).collect();
    let summary = match osv.summary {
        Some(summary) if !summary.trim().is_empty() => one_line(&summary),
        _ => first_sentence(osv.details.as_deref().unwrap_or_default()),
    };
    Ok(Some(Advisory { id: osv.id, aliases: osv.aliases.unwrap_or_default(), summary, affected }))
}

fn affected(given: OsvAffected) -> Option<Affected> {
    let package = given.package?;
    let ecosystem = Ecosystem::named(&package.ecosystem)?;
    // What RustSec exports as `unmaintained` or `unsound` is advice and no vulnerability.
    if given.database_specific.get("informational").is_some_and(|word| !word.is_null()) {
        return None;
    }
    let exact = given.versions.unwrap_or_default().into_iter().filter_map(text_of).collect();
    let ranges = given
        .ranges
        .unwrap_or_default()
        .into_iter()
        .filter(|range| matches!(range.kind.as_str(), "SEMVER" | "ECOSYSTEM"))
        .map(|range| range.events.into_iter().flat_map(events).collect())
        .collect();
    let package = ecosystem.name_of(&package.name);
    Some(Affected { ecosystem, package, versions: Versions::Listed { exact, ranges } })
}

fn events(given: OsvEvent) -> Vec<Event> {
    let OsvEvent { introduced, fixed, last_affected } = given;
    let one = |value: Option<Value>, make: fn(String) -> Event| value.and_then(text_of).map(make);
    [one(introduced, Event::Introduced), one(fixed, Event::Fixed), one(last_affected, Event::LastAffected)]
        .into_iter()
        .flatten()
        .collect()
}

/// YAML reads an unquoted `2.1` as a number.
fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Osv {
    id: String,
    aliases: Option<Vec<String>>,
    summary: Option<String>,
    details: Option<String>,
    withdrawn: Option<Value>,
    affected: Vec<OsvAffected>,
}

#[derive(Deserialize)]
struct OsvAffected {
    package: Option<OsvPackage>,
    ranges: Option<Vec<OsvRange>>,
    versions: Option<Vec<Value>>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct OsvPackage {
    name: String,
    ecosystem: String,
}

#[derive(Deserialize)]
struct OsvRange {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<OsvEvent>,
}

#[derive(Deserialize)]
struct OsvEvent {
    introduced: Option<Value>,
    fixed: Option<Value>,
    last_affected: Option<Value>,
}

fn rustsec(text: &str) -> Result<Option<Advisory>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let Some(rest) = text.strip_prefix("```toml") else { return Ok(None) };
    let Some((front, body)) = rest.split_once("\n```") else { return Err("the block of TOML has no end".to_owned()) };
    let front: RustSec = toml::from_str(front.trim_end()).map_err(|error| one_line(error.message()))?;
    let advisory = front.advisory;
    if advisory.informational.is_some() || advisory.withdrawn.is_some() || advisory.collection.as_deref() == Some("rust") {
        return Ok(None);
    }
    let requirements = |list: Vec<String>| -> Result<Vec<VersionReq>, String> {
        list.iter().map(|one| VersionReq::parse(one).map_err(|error| format!("`{one}`: {error}"))).collect()
    };
    let versions =
        Versions::Except { patched: requirements(front.versions.patched)?, unaffected: requirements(front.versions.unaffected)? };
    let title = body.lines().find_map(|line| line.strip_prefix("# "));
    let summary = title.map_or_else(|| first_sentence(body), one_line);
    let affected = vec![Affected { ecosystem: Ecosystem::CratesIo, package: advisory.package, versions }];
    Ok(Some(Advisory { id: advisory.id, aliases: advisory.aliases, summary, affected }))
}

#[derive(Deserialize)]
struct RustSec {
    advisory: RustSecAdvisory,
    versions: RustSecVersions,
}

#[derive(Deserialize)]
struct RustSecAdvisory {
    id: String,
    package: String,
    #[serde(default)]
    aliases: Vec<String>,
    informational: Option<String>,
    withdrawn: Option<toml::Value>,
    collection: Option<String>,
}

#[derive(Deserialize)]
struct RustSecVersions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// Returns text as one line of at most 200 characters, without control characters.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= 200 { line } else { line.chars().take(197).chain("...".chars()).collect() }
}

fn first_sentence(text: &str) -> String {
    let line = text.trim().lines().map(str::trim).filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" ");
    let end = line.match_indices(". ").map(|(at, _)| at).find(|at| *at > 20);
    one_line(end.and_then(|end| line.get(..end)).unwrap_or(&line).trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSTSEC: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2020-0071\"\npackage = \"time\"\ndate = \"2020-11-18\"\n\
        aliases = [\"CVE-2020-26235\"]\n\n[affected.functions]\n\"time::at\" = [\"^0.1\"]\n\n[versions]\n\
        patched = [\">= 0.2.23\"]\nunaffected = [\"=0.2.0\"]\n```\n\n# Potential segfault in the time crate\n\n### Impact\n";

    #[test]
    fn rustsec_front_matter_and_title() {
        let all = read(Form::Markdown, RUSTSEC).unwrap();
        let [one] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((one.id.as_str(), one.summary.as_str()), ("RUSTSEC-2020-0071", "Potential segfault in the time crate"));
        assert_eq!(one.aliases, ["CVE-2020-26235"]);
        assert!(one.affected[0].applies_to("0.1.43") && !one.affected[0].applies_to("0.2.0"));
        let crlf = RUSTSEC.replace('\n', "\r\n");
        assert_eq!(read(Form::Markdown, &crlf).unwrap(), all);
    }

    #[test]
    fn advice_and_what_was_withdrawn_are_no_vulnerabilities() {
        for line in ["informational = \"unmaintained\"", "withdrawn = \"2021-01-01\""] {
            let text = RUSTSEC.replace("date = \"2020-11-18\"", line);
            assert_eq!(read(Form::Markdown, &text), Ok(vec![]), "{line}");
        }
        let osv = r#"{"id": "X-1", "withdrawn": "2024-01-01T00:00:00Z", "affected": []}"#;
        assert_eq!(read(Form::Json, osv), Ok(vec![]));
    }

    #[test]
    fn yaml_with_numbers_nulls_and_other_ecosystems() {
        let text = "id: PYSEC-1\ndetails: Bad things happen to those who wait. More here.\naliases:\n- CVE-1\naffected:\n\
            - package: {name: Jinja2, ecosystem: PyPI}\n  ranges:\n  - type: GIT\n    repo: x\n    events:\n    - introduced: \"0\"\n    \
            - fixed: abc\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 2.8\n  versions: [\"2.0\", 2.7]\n\
            - package: {name: x, ecosystem: Debian}\nseverity: null\n";
        let all = read(Form::Yaml, text).unwrap();
        assert_eq!(all[0].summary, "Bad things happen to those who wait");
        assert_eq!(all[0].affected.len(), 1);
        assert_eq!(all[0].affected[0].package, "jinja2");
        assert!(all[0].affected[0].applies_to("2.7") && !all[0].affected[0].applies_to("2.8"));
    }

    #[test]
    fn broken_and_foreign_files() {
        assert_eq!(read(Form::Markdown, "# Read me\n"), Ok(vec![]));
        assert_eq!(read(Form::Json, r#"{"name": "not an advisory"}"#), Ok(vec![]));
        assert!(read(Form::Json, "{").is_err());
        assert!(read(Form::Yaml, "id: [").is_err());
        assert!(read(Form::Markdown, "```toml\n[advisory]\n```\n").is_err());
        assert!(read(Form::Markdown, "```toml\n[advisory]\n").is_err());
    }
}
