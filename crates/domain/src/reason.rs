//! Reason codes: why something was refused, could not be judged, or waits.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($variant:ident $code:literal $text:literal,)*) => {
        /// Why a candidate was refused, a gate could not judge, or a case waits. The code is stable: scripts match on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $(#[doc = $text] $variant,)* }

        impl Reason {
            /// All reasons, for the documentation and for reading them back.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Returns the reason in words, as it is shown to a person.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

reasons! {
    NoCandidate "no_candidate" "no engine has a candidate",
    NotParsed "not_parsed" "the answer could not be read as edits",
    ApplyFailed "apply_failed" "the edits do not fit the files",
    Overlap "overlap" "its edits overlap those of a change that was taken first",
    NoChange "no_change" "it changes nothing",
    ProtectedPath "protected_path" "it touches a protected file",
    TooLarge "too_large" "it changes more than the policy allows",
    TestDeleted "test_deleted" "it deletes a test",
    Suppression "suppression" "it silences the finding and does not repair it",
    SyntaxBroken "syntax_broken" "a changed file no longer parses",
    CapabilityRefused "capability_refused" "it lets the program do what the policy refuses",
    NeedsApproval "needs_approval" "it lets the program do something new, which a person must approve first",
    SecretAdded "secret_added" "it brings in a key or a password",
    HiddenText "hidden_text" "it brings in text that reads otherwise than it runs",
    BinaryAdded "binary_added" "it brings in bytes that are no text",
    LicenceRemoved "licence_removed" "it takes away a header with copyright or licence",
    BuildBroken "build_broken" "it breaks the build",
    BaseBroken "base_broken" "it did not build at the base either, so nothing can be compared",
    NotReproduced "not_reproduced" "the failure was not there at the base",
    StillThere "still_there" "the finding is still there",
    TestsBroken "tests_broken" "a test that passed before fails or is gone",
    TestsFlaky "tests_flaky" "a test flips from run to run",
    NewFinding "new_finding" "it makes a new finding",
    CouldNotRun "could_not_run" "a check could not run",
    TimedOut "timed_out" "a check ran out of time",
    NoTests "no_tests" "no tests were found",
    NoPassingTests "no_passing_tests" "no test passed at the base, so none can be compared",
    NoRecipe "no_recipe" "the subproject has no such recipe",
    NotFirst "not_first" "an earlier gate refused it",
    LocationUnusable "location_unusable" "it names no place in a file of the base commit",
    MaxAttempts "max_attempts_exceeded" "every attempt that the limit allows was refused",
    OutOfBudget "out_of_budget" "the time budget ran out",
    Interrupted "interrupted" "it was interrupted",
    Planned "planned" "it was proved and, with --plan, not delivered",
    NotSelected "not_selected" "it was not selected",
    DeliveryFailed "delivery_failed" "the branch could not be made",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
            .ok_or_else(|| serde::de::Error::custom(format!("`{code}` is not a reason code")))
    }
}
