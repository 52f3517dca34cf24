//! Java: the topmost Maven or Gradle project of each folder.

use domain::{Language, Recipe};

use super::tree::is_within;
use super::{Found, Look};

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    let mut roots: Vec<&str> = Vec::new();
    for folder in look.tree.folders_with(&["pom.xml", "build.gradle", "build.gradle.kts"]) {
        // A module of the project above it is built with that.
        if !roots.iter().any(|root| is_within(folder, root)) {
            roots.push(folder);
        }
    }
    roots.into_iter().map(|folder| recipes(look, folder)).collect()
}

fn recipes(look: &Look<'_>, folder: &str) -> Found {
    let mut found = Found::new(folder, Language::Java);
    let is_maven = look.tree.has(folder, "pom.xml");
    let (tool, wrapper) = if is_maven { ("mvn", "mvnw") } else { ("gradle", "gradlew") };
    // The wrapper fetches the version that the project wants; it needs the network the first time, and a Java.
    let has_wrapper = look.tree.has(folder, wrapper) && look.tools.has("", "java");
    let program = match (is_maven, look.tools.has("", tool), has_wrapper) {
        (true, true, _) => "mvn".to_owned(),
        (false, true, false) => "gradle".to_owned(),
        (_, _, true) => format!("sh ./{wrapper}"),
        _ => {
            found.note(format!("{tool} is not installed"));
            return found;
        }
    };
    if is_maven {
        found.add(Recipe::Build, format!("{program} -B -ntp test-compile"));
        found.add(Recipe::Test, format!("{program} -B -ntp test"));
    } else {
        found.add(Recipe::Build, format!("{program} --console=plain --no-daemon testClasses"));
        found.add(Recipe::Test, format!("{program} --console=plain --no-daemon test"));
    }
    found
}
