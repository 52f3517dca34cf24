//! What may leave. [`Cleared`] is the only key to a delivery, and only [`Cleared::judge`] makes one.

use serde::{Deserialize, Serialize};

use crate::{Digest, Evidence, Gate, Reason, Verdict};

/// Proof that the policy lets exactly this candidate go. It cannot be made in any other way than by [`Cleared::judge`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    candidate: Digest,
}

/// Why a candidate may not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("gate {gate}: {reason}")]
pub struct NotCleared {
    /// The first gate that did not let it through.
    pub gate: Gate,
    /// Why.
    pub reason: Reason,
}

impl Cleared {
    /// Judges the evidence of a candidate: every gate must have answered, each with a pass, or with "not applicable" where a
    /// repository may lack the thing that is checked (a build step, tests, a recipe to scan with).
    ///
    /// # Errors
    /// [`NotCleared`] names the first gate, in gate order, that is missing, failed or was inconclusive.
    pub fn judge(candidate: Digest, evidence: &[Evidence]) -> Result<Self, NotCleared> {
        for gate in Gate::ALL {
            let of_gate: Vec<&Evidence> = evidence.iter().filter(|e| e.gate == gate).collect();
            if of_gate.is_empty() {
                return Err(NotCleared { gate, reason: Reason::CouldNotRun });
            }
            let may_be_absent =
                matches!(gate, Gate::Syntax | Gate::Capability | Gate::Build | Gate::Reproduce | Gate::Regress | Gate::Rescan);
            for one in of_gate {
                let good = match one.verdict {
                    Verdict::Pass => true,
                    Verdict::NotApplicable => may_be_absent,
                    Verdict::Fail | Verdict::Inconclusive => false,
                };
                if !good {
                    return Err(NotCleared { gate, reason: one.reason.unwrap_or(Reason::CouldNotRun) });
                }
            }
        }
        Ok(Self { candidate })
    }

    /// Returns the digest of the candidate that may go.
    #[must_use]
    pub fn candidate(&self) -> Digest {
        self.candidate
    }
}

/// How a change left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The branch.
    pub branch: String,
    /// Its tip.
    pub tip: String,
    /// The cases on it, in commit order.
    pub cases: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(verdict: impl Fn(Gate) -> Verdict) -> Vec<Evidence> {
        Gate::ALL.map(|gate| Evidence::still(gate, verdict(gate), None, "")).into()
    }

    #[test]
    fn all_passes_clear_and_bind_the_digest() {
        let digest = Digest::of("x");
        assert_eq!(Cleared::judge(digest, &all(|_| Verdict::Pass)).unwrap().candidate(), digest);
    }

    #[test]
    fn inconclusive_or_missing_or_failed_at_any_gate_is_never_a_pass() {
        for bad in Gate::ALL {
            for verdict in [Verdict::Inconclusive, Verdict::Fail] {
                let evidence = all(|gate| if gate == bad { verdict } else { Verdict::Pass });
                assert_eq!(Cleared::judge(Digest::of("x"), &evidence).unwrap_err().gate, bad);
            }
            let mut missing = all(|_| Verdict::Pass);
            missing.retain(|one| one.gate != bad);
            assert_eq!(Cleared::judge(Digest::of("x"), &missing).unwrap_err().gate, bad);
        }
    }

    #[test]
    fn a_later_pass_does_not_outweigh_a_failure_of_the_same_gate() {
        let mut evidence = all(|_| Verdict::Pass);
        evidence.push(Evidence::still(Gate::Regress, Verdict::Fail, Some(Reason::TestsBroken), ""));
        assert_eq!(
            Cleared::judge(Digest::of("x"), &evidence),
            Err(NotCleared { gate: Gate::Regress, reason: Reason::TestsBroken })
        );
    }

    #[test]
    fn parse_apply_and_scope_always_apply() {
        for gate in [Gate::Parse, Gate::Apply, Gate::Scope] {
            let evidence = all(|g| if g == gate { Verdict::NotApplicable } else { Verdict::Pass });
            assert!(Cleared::judge(Digest::of("x"), &evidence).is_err());
        }
    }
}
