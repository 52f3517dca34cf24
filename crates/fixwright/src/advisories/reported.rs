//! Advisories out of a report: what it says of installed packages holds before a repair and must not hold after it, and the lockfiles
//! alone can tell.

use std::sync::Arc;

use domain::Finding;

use super::Vulnerable;
use super::advisory::{Advisory, Affected, Event, Versions};
use super::osv::{self, Form};

/// Returns what findings of vulnerable dependencies say: the version that is installed has it, and all below the first that mends it; all
/// versions where none does.
pub(crate) fn from_findings(findings: &[Finding]) -> Vec<Arc<Advisory>> {
    let advisory = |finding: &Finding| {
        let found = Vulnerable::read(finding)?;
        let (_, summary) = finding.message.split_once(" is vulnerable: ")?;
        let summary = summary.rsplit_once("; ").map_or(summary, |(summary, _)| summary);
        let package = found.ecosystem.name_of(&found.package);
        let introduced = Event::Introduced("0".to_owned());
        let range = std::iter::once(introduced).chain(found.fixed.first().cloned().map(Event::Fixed)).collect();
        let versions = Versions::Listed { exact: vec![found.version], ranges: vec![range] };
        Some(Arc::new(Advisory {
            id: finding.rule.clone(),
            aliases: Vec::new(),
            summary: summary.to_owned(),
            affected: vec![Affected { ecosystem: found.ecosystem, package, versions }],
        }))
    };
    findings.iter().filter_map(advisory).collect()
}

/// Returns the advisories of a text that is an OSV record or a list of them; none where it is something else.
pub(crate) fn from_osv(text: &str) -> Vec<Arc<Advisory>> {
    osv::read(Form::Json, text).unwrap_or_default().into_iter().map(Arc::new).collect()
}
