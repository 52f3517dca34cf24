//! Writes `fixwright.toml`: at most 20 lines, so that it is read. With few subprojects each recipe has a line; with more, each
//! subproject has one.

use std::fmt::Write as _;

use domain::{Recipe, RecipeCommand, Subproject};

const MOST_LINES: usize = 20;
const HEADER: &str =
    "# How fixwright builds, tests and checks this repository. `fixwright doctor` lists tools that are missing.\n";

/// Returns the text of a `fixwright.toml` that names these subprojects.
pub(crate) fn render_toml(subprojects: &[Subproject]) -> String {
    let forms = [one_line_a_recipe, four_lines_a_subproject];
    let fits = |text: &String| text.lines().count() <= MOST_LINES;
    forms.iter().map(|form| form(subprojects)).find(fits).unwrap_or_else(|| one_line_a_subproject(subprojects))
}

fn one_line_a_recipe(subprojects: &[Subproject]) -> String {
    let mut text = HEADER.to_owned();
    for (index, one) in subprojects.iter().enumerate() {
        let gap = if index > 0 { "\n" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{gap}[[subproject]]\npath = {}\nlanguage = \"{}\"", literal(&one.path), one.language);
        for (name, recipe) in &one.recipes {
            let _ = writeln!(text, "recipes.{name} = {}", inline(recipe));
        }
    }
    text
}

fn four_lines_a_subproject(subprojects: &[Subproject]) -> String {
    let mut text = HEADER.to_owned();
    for one in subprojects {
        let _ = writeln!(
            text,
            "[[subproject]]\npath = {}\nlanguage = \"{}\"\nrecipes = {}",
            literal(&one.path),
            one.language,
            recipes(one)
        );
    }
    text
}

fn one_line_a_subproject(subprojects: &[Subproject]) -> String {
    let mut text = HEADER.to_owned();
    let room = MOST_LINES - 4;
    if let Some(more) = subprojects.len().checked_sub(room).filter(|more| *more > 0) {
        let _ = writeln!(text, "# {more} more were found. Without this file, `fixwright fix` looks at all of them.");
    }
    text.push_str("subproject = [\n");
    for one in subprojects.iter().take(room) {
        let _ = writeln!(
            text,
            "    {{ path = {}, language = \"{}\", recipes = {} }},",
            literal(&one.path),
            one.language,
            recipes(one)
        );
    }
    text.push_str("]\n");
    text
}

fn recipes(one: &Subproject) -> String {
    let all: Vec<String> =
        one.recipes.iter().map(|(name, recipe): (&Recipe, _)| format!("{name} = {}", inline(recipe))).collect();
    format!("{{ {} }}", all.join(", "))
}

fn inline(recipe: &RecipeCommand) -> String {
    format!("{{ command = {}, timeout_secs = {} }}", literal(&recipe.command), recipe.timeout_secs)
}

/// Returns a string as TOML writes it, on one line.
fn literal(text: &str) -> String {
    if text.contains(['\n', '\r']) {
        let escaped: String = text.chars().flat_map(|c| c.escape_default()).collect();
        return format!("\"{escaped}\"");
    }
    toml::Value::String(text.to_owned()).to_string()
}
