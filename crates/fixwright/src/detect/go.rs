//! Go: a subproject a module.

use domain::{Language, Recipe};

use super::{Found, Look};

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    look.tree.folders_with(&["go.mod"]).into_iter().map(|folder| recipes(look, folder)).collect()
}

fn recipes(look: &Look<'_>, folder: &str) -> Found {
    let mut found = Found::new(folder, Language::Go);
    if !look.tools.has("", "go") {
        found.note("go is not installed");
        return found;
    }
    found.add(Recipe::Build, "go build ./...");
    if look.tree.below(folder).any(|path| path.file_name().ends_with("_test.go")) {
        found.add(Recipe::Test, "go test ./...");
    } else {
        found.left_out(Recipe::Test, "there are no tests");
    }
    let uses_collection =
        look.tree.first_of(folder, &[".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"]).is_some();
    if uses_collection && look.tools.has("", "golangci-lint") {
        found.add(Recipe::Lint, "golangci-lint run");
    } else {
        if uses_collection {
            found.note("lint is `go vet`: golangci-lint, which the project configures, is not installed");
        }
        found.add(Recipe::Lint, "go vet ./...");
    }
    let formatter = look.tools.has("", "gofmt");
    if formatter && look.tree.is_folder(&super::tree::join(folder, "vendor")) {
        found.left_out(Recipe::Format, "gofmt would read vendor/ too");
    } else if formatter {
        found.add(Recipe::Format, "gofmt -l .");
    }
    found
}
