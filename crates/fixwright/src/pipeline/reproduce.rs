//! Step 3: runs the recipes on the base commit, untouched. What they report there are the findings; what they cannot do there is said.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Recipe;

use super::intake::Missing;
use super::run::{Run, Runner, Wanted};
use crate::workspace::Changes;

/// The runs at the base.
pub(crate) type BaseRuns = BTreeMap<Wanted, Run>;

/// Runs the selected recipes of all subprojects at the base.
///
/// # Errors
/// [`Missing`] when there is nothing to run, or nothing of it could run here.
pub(crate) async fn run_selected(runner: &Arc<Runner>, recipes: &[Recipe]) -> anyhow::Result<BaseRuns> {
    let wanted: Vec<Wanted> = recipes
        .iter()
        .flat_map(|recipe| (0..runner.subprojects.len()).map(move |index| (index, *recipe)))
        .filter(|one| runner.has(*one))
        .collect();
    if wanted.is_empty() {
        let names: Vec<&str> = recipes.iter().map(|recipe| recipe.as_str()).collect();
        let problem = format!("no {} recipe was found for this repository", names.join(", "));
        let hint = "see what is installed with `fixwright doctor`, or write the command into fixwright.toml (`fixwright init`)";
        return Err(Missing { problem, hint: hint.to_owned() }.into());
    }
    let runs = run(runner, &wanted).await?;
    if runs.values().all(|run| run.could_not_run.is_some()) {
        let said: Vec<String> = runs.values().map(describe).collect();
        let hint = "see what is installed with `fixwright doctor`, and the commands in fixwright.toml".to_owned();
        return Err(Missing { problem: said.join("; "), hint }.into());
    }
    Ok(runs)
}

/// Runs, at the base, what the gates of a candidate will compare with and is not known yet.
pub(crate) async fn run_companions(runner: &Arc<Runner>, runs: &mut BaseRuns) -> anyhow::Result<()> {
    let companions = [Recipe::Build, Recipe::Test, Recipe::Lint, Recipe::Typecheck, Recipe::Format];
    let wanted: Vec<Wanted> = (0..runner.subprojects.len())
        .flat_map(|index| companions.map(|recipe| (index, recipe)))
        .filter(|one| runner.has(*one) && !runs.contains_key(one))
        .collect();
    runs.extend(run(runner, &wanted).await?);
    Ok(())
}

async fn run(runner: &Arc<Runner>, wanted: &[Wanted]) -> anyhow::Result<BaseRuns> {
    let runs = runner.run_all(&Changes::new(), wanted, 0).await?;
    Ok(wanted.iter().copied().zip(runs).collect())
}

/// Says in one line why a recipe could not run.
pub(crate) fn describe(run: &Run) -> String {
    let place = if run.subproject == "." { String::new() } else { format!(" of {}", run.subproject) };
    format!("{}{place} could not run (`{}`): {}", run.recipe, run.command, run.could_not_run.as_deref().unwrap_or("no reason"))
}
