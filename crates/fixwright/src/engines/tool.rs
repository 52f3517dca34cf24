//! The tools' own fixes: suggestions that came with the finding, and formatters, which are their own repair.

use domain::{Applicability, FindingKind};

use super::{Ask, Draft, Engine, Write};

/// The engine `tool`.
pub(crate) struct Tool;

impl Engine for Tool {
    fn propose(&self, ask: &Ask<'_>) -> Vec<Draft> {
        let finding = ask.finding;
        let draft = |explanation: &str, applicability| Draft {
            engine: "tool",
            author: finding.tool.clone(),
            explanation: explanation.to_owned(),
            applicability,
            edits: Vec::new(),
            command: None,
            may_change: &[],
        };
        let mut drafts: Vec<Draft> = finding
            .suggestions
            .iter()
            .map(|suggestion| {
                let explanation = if suggestion.message.is_empty() { &finding.message } else { &suggestion.message };
                Draft { edits: suggestion.edits.clone(), ..draft(explanation, suggestion.applicability) }
            })
            .collect();
        if finding.kind == FindingKind::Formatting
            && let Some(recipe) = ask.subproject.recipes.get(&finding.recipe)
            && let Some(line) = diagnostics::writer(&recipe.command)
        {
            let argv = vec!["sh".to_owned(), "-c".to_owned(), line];
            let only = finding.path().map(|path| vec![path.to_string()]);
            drafts.push(Draft {
                command: Some(Write { argv, only, asks: false }),
                ..draft("format the file", Applicability::Safe)
            });
        }
        drafts
    }
}
