//! Rules for semgrep that look for the same functions as our own rules do, so that both do the same work.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    capability: String,
    #[serde(default)]
    calls: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
}

/// Returns rules for semgrep, one a capability, made of our rules for Python.
///
/// Conditions on arguments are left out, and so is what semgrep has no form for: names of methods of whatever object stay, as `$X.method(...)`.
pub(super) fn rules(ours: &str) -> Result<Value> {
    let ours: Rules = toml::from_str(ours).context("reading our rules")?;
    let mut patterns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rule in ours.rule {
        let calls = rule.calls.iter().flat_map(|one| expand(one)).filter_map(|name| Some(format!("{}(...)", pattern(&name)?)));
        let names = rule.names.iter().flat_map(|one| expand(one)).filter_map(|name| pattern(&name));
        let all = patterns.entry(rule.capability).or_default();
        for one in calls.chain(names) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    let rules = patterns.into_iter().filter(|(_, all)| !all.is_empty()).map(|(capability, all)| {
        let either: Vec<Value> = all.into_iter().map(|one| json!({ "pattern": one })).collect();
        let id = capability.to_lowercase().replace('_', "-");
        json!({ "id": id, "languages": ["python"], "severity": "INFO", "message": capability, "pattern-either": either })
    });
    Ok(json!({ "rules": rules.collect::<Vec<_>>() }))
}

/// Returns a name as semgrep writes it: `a.B().c` is `a.B(...).c`, and what may be anything is a variable.
fn pattern(name: &str) -> Option<String> {
    let part = |(at, part): (usize, &str)| match part {
        part if part.contains('*') || part == "?" => format!("$X{at}"),
        part => part.replace("()", "(...)"),
    };
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.*?()".contains(c));
    is_name.then(|| name.split('.').enumerate().map(part).collect::<Vec<_>>().join("."))
}

/// Writes out the braces of a pattern.
fn expand(pattern: &str) -> Vec<String> {
    let Some((head, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let Some((inner, tail)) = rest.split_once('}') else { return vec![pattern.to_owned()] };
    let tails = expand(tail);
    inner.split(',').flat_map(|one| tails.iter().map(move |tail| format!("{head}{}{tail}", one.trim()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_rules_become_those_of_semgrep() {
        let made = rules(
            "[[rule]]\ncapability = \"NETWORK_REQUEST\"\ncalls = [\"requests.{get,Session().post}\", \"**.fetch\"]\n\
             [[rule]]\ncapability = \"ENVIRONMENT\"\nnames = [\"os.environ\"]\n[[rule]]\ncapability = \"SUBPROCESS\"\ncalls = [\"`\"]\n",
        );
        let of = |id: &str, patterns: &[&str]| {
            let either: Vec<Value> = patterns.iter().map(|one| json!({ "pattern": one })).collect();
            let message = id.to_uppercase().replace('-', "_");
            json!({ "id": id, "languages": ["python"], "severity": "INFO", "message": message, "pattern-either": either })
        };
        let network = ["requests.get(...)", "requests.Session(...).post(...)", "$X0.fetch(...)"];
        let expected = json!({ "rules": [of("environment", &["os.environ"]), of("network-request", &network)] });
        assert_eq!(made.unwrap(), expected);
    }
}
