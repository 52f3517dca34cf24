//! A cause to repair, and the only way its state changes: [`Case::apply`].
//!
//! Pure and total: an event that is illegal in a state is a typed error and changes nothing; what is to be done next comes back as
//! data. Replaying a case's events from [`Case::open`] gives the stored row again.

use serde::{Deserialize, Serialize};

use crate::{Digest, FindingKind, Gate, Reason};

/// One cause to repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Names the case: derived from repository, base and its findings, so that a second run finds it again.
    pub id: String,
    /// What kind of problem it is.
    pub kind: FindingKind,
    /// The rule that its findings break.
    pub rule: String,
    /// The cause, one line.
    pub title: String,
    /// The subproject's folder.
    pub subproject: String,
    /// Its findings, by id. Every finding is in exactly one case.
    pub findings: Vec<String>,
    /// Where it stands.
    pub state: CaseState,
    /// How many candidates were refused by a gate.
    pub refusals: u32,
    /// How many events led here; the guard of every write.
    pub version: u64,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CaseState {
    /// Known, nothing done.
    Opened,
    /// The failure was seen at the base.
    Reproduced,
    /// A candidate waits for the gates.
    Proposed {
        /// Digest of its edits.
        candidate: Digest,
    },
    /// Every gate was passed.
    Proved {
        /// Digest of its edits.
        candidate: Digest,
    },
    /// The delivery has been named and may have happened.
    Delivering {
        /// Digest of its edits.
        candidate: Digest,
        /// The branch.
        branch: String,
    },
    /// It left.
    Delivered {
        /// The branch.
        branch: String,
        /// The commit.
        commit: String,
    },
    /// It is not repaired, and this is why.
    Refused {
        /// Why.
        reason: Reason,
    },
    /// Stopped before it was decided: the work is kept.
    Pending {
        /// Why.
        reason: Reason,
        /// The best candidate so far.
        candidate: Option<Digest>,
    },
}

/// What happens to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The failure was seen at the base.
    Reproduced,
    /// An engine made a candidate (or replaced the one before).
    Proposed {
        /// Digest of its edits.
        candidate: Digest,
    },
    /// A gate refused the candidate.
    GateFailed {
        /// The gate.
        gate: Gate,
        /// Why.
        reason: Reason,
    },
    /// Every gate was passed.
    Proved {
        /// Digest of the edits that were proved.
        candidate: Digest,
    },
    /// A branch was named for it.
    DeliveryStarted {
        /// The branch.
        branch: String,
    },
    /// The branch stands.
    Delivered {
        /// The commit on that branch.
        commit: String,
    },
    /// It is given up.
    Refused {
        /// Why.
        reason: Reason,
    },
    /// Time ran out, a person interrupted, or only a plan was asked for.
    Stopped {
        /// Why.
        reason: Reason,
    },
    /// Work goes on after a stop or a crash.
    Resumed,
    /// Some findings turned out to have another fate and moved to a case of their own.
    Split {
        /// Those that left.
        findings: Vec<String>,
    },
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Show that the failure is there.
    Reproduce,
    /// Ask the engines.
    Propose,
    /// Walk the candidate up the gates.
    Verify,
    /// Let the policy judge, and deliver.
    Deliver,
    /// Nothing: show it.
    Report,
}

/// An event that cannot happen in the state that the case is in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("case {case}: event {event:?} is illegal in state {state:?}")]
pub struct IllegalEvent {
    /// The case.
    pub case: String,
    /// Its state, unchanged.
    pub state: Box<CaseState>,
    /// The event.
    pub event: Box<Event>,
}

impl Case {
    /// Opens a case. The id follows from `repository`, `base` and the findings.
    #[must_use]
    pub fn open(
        (repository, base): (&str, &str),
        (kind, rule, subproject): (FindingKind, &str, &str),
        title: &str,
        findings: Vec<String>,
    ) -> Self {
        let fixed = [repository, base, rule, subproject];
        let id = Digest::of_parts(fixed.into_iter().chain(findings.iter().map(String::as_str))).short(12);
        Self {
            id,
            kind,
            rule: rule.to_owned(),
            title: title.to_owned(),
            subproject: subproject.to_owned(),
            findings,
            state: CaseState::Opened,
            refusals: 0,
            version: 0,
        }
    }

    /// Returns the case after `event`, and what to do next.
    ///
    /// # Errors
    /// [`IllegalEvent`] when the event cannot happen in this state.
    pub fn apply(&self, event: &Event) -> Result<(Self, Action), IllegalEvent> {
        use CaseState as S;
        let illegal =
            || IllegalEvent { case: self.id.clone(), state: Box::new(self.state.clone()), event: Box::new(event.clone()) };
        let mut next = self.clone();
        next.version += 1;
        let action = match (&self.state, event) {
            (S::Opened, Event::Reproduced) => {
                next.state = S::Reproduced;
                Action::Propose
            }
            (S::Reproduced | S::Proposed { .. }, Event::Proposed { candidate }) => {
                next.state = S::Proposed { candidate: *candidate };
                Action::Verify
            }
            (S::Proposed { .. } | S::Proved { .. }, Event::GateFailed { .. }) => {
                next.state = S::Reproduced;
                next.refusals += 1;
                Action::Propose
            }
            // The gates may cut a candidate down to the part that holds; what was proved is what counts.
            (S::Proposed { .. }, Event::Proved { candidate }) => {
                next.state = S::Proved { candidate: *candidate };
                Action::Deliver
            }
            (S::Proved { candidate }, Event::DeliveryStarted { branch }) => {
                next.state = S::Delivering { candidate: *candidate, branch: branch.clone() };
                Action::Deliver
            }
            (S::Delivering { branch, .. }, Event::Delivered { commit }) => {
                next.state = S::Delivered { branch: branch.clone(), commit: commit.clone() };
                Action::Report
            }
            (S::Opened | S::Reproduced | S::Proposed { .. } | S::Proved { .. }, Event::Refused { reason }) => {
                next.state = S::Refused { reason: *reason };
                Action::Report
            }
            (S::Opened | S::Reproduced, Event::Stopped { reason }) => {
                next.state = S::Pending { reason: *reason, candidate: None };
                Action::Report
            }
            (
                S::Proposed { candidate } | S::Proved { candidate } | S::Delivering { candidate, .. },
                Event::Stopped { reason },
            ) => {
                next.state = S::Pending { reason: *reason, candidate: Some(*candidate) };
                Action::Report
            }
            (
                S::Reproduced
                | S::Proposed { .. }
                | S::Proved { .. }
                | S::Delivering { .. }
                | S::Refused { .. }
                | S::Pending { .. },
                Event::Resumed,
            ) => {
                next.state = S::Opened;
                next.refusals = 0;
                Action::Reproduce
            }
            (S::Opened | S::Reproduced | S::Proposed { .. }, Event::Split { findings }) => {
                let leaves = |id: &String| findings.contains(id);
                if findings.is_empty()
                    || !findings.iter().all(|id| self.findings.contains(id))
                    || self.findings.iter().all(leaves)
                {
                    return Err(illegal());
                }
                next.findings.retain(|id| !leaves(id));
                Action::Verify
            }
            _ => return Err(illegal()),
        };
        Ok((next, action))
    }

    /// Returns the status that a person and the JSON document see: `delivered`, `refused` or `pending`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.state {
            CaseState::Delivered { .. } => "delivered",
            CaseState::Refused { .. } => "refused",
            _ => "pending",
        }
    }

    /// Returns why the case was refused or waits.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.state {
            CaseState::Refused { reason } | CaseState::Pending { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn case() -> Case {
        let findings = vec!["f1".to_owned(), "f2".to_owned(), "f3".to_owned()];
        Case::open(("/r", "abc"), (FindingKind::Linting, "F401", "."), "F401 unused import", findings)
    }

    fn events() -> impl Strategy<Value = Event> {
        let candidate = any::<u8>().prop_map(|n| Digest::of([n]));
        prop_oneof![
            Just(Event::Reproduced),
            candidate.clone().prop_map(|candidate| Event::Proposed { candidate }),
            Just(Event::GateFailed { gate: Gate::Build, reason: Reason::BuildBroken }),
            candidate.prop_map(|candidate| Event::Proved { candidate }),
            Just(Event::DeliveryStarted { branch: "fixwright/x".into() }),
            Just(Event::Delivered { commit: "c".into() }),
            Just(Event::Refused { reason: Reason::NoCandidate }),
            Just(Event::Stopped { reason: Reason::Interrupted }),
            Just(Event::Resumed),
            prop::sample::subsequence(vec!["f1", "f2", "f3", "other"], 0..=3)
                .prop_map(|ids| Event::Split { findings: ids.into_iter().map(str::to_owned).collect() }),
        ]
    }

    proptest! {
        /// Whatever comes in whatever order: no panic, an illegal event changes nothing, a legal one counts, no finding is invented
        /// or all lost, and nothing is delivered that was not proved in the same life of the case.
        #[test]
        fn any_sequence_keeps_the_invariants(sequence in prop::collection::vec(events(), 0..40)) {
            let mut now = case();
            let mut proved = false;
            for event in &sequence {
                match now.apply(event) {
                    Err(error) => prop_assert_eq!(*error.state, now.state.clone()),
                    Ok((next, _)) => {
                        prop_assert_eq!(next.version, now.version + 1);
                        prop_assert!(!next.findings.is_empty());
                        prop_assert!(next.findings.iter().all(|id| now.findings.contains(id)));
                        match event {
                            Event::Proved { .. } => proved = true,
                            Event::GateFailed { .. } | Event::Resumed => proved = false,
                            Event::Delivered { .. } => prop_assert!(proved),
                            _ => {}
                        }
                        now = next;
                    }
                }
            }
        }

        /// Delivered is final: nothing that happens later undoes or repeats it.
        #[test]
        fn delivered_is_final(event in events()) {
            let delivered = Case {
                state: CaseState::Delivered { branch: "b".into(), commit: "c".into() },
                ..case()
            };
            prop_assert!(delivered.apply(&event).is_err());
        }
    }

    #[test]
    fn the_straight_way() {
        let candidate = Digest::of("edits");
        let way = [
            (Event::Reproduced, Action::Propose),
            (Event::Proposed { candidate }, Action::Verify),
            (Event::Proved { candidate }, Action::Deliver),
            (Event::DeliveryStarted { branch: "fixwright/lint-1".into() }, Action::Deliver),
            (Event::Delivered { commit: "abc".into() }, Action::Report),
        ];
        let mut now = case();
        for (event, expected) in way {
            let (next, action) = now.apply(&event).unwrap();
            assert_eq!(action, expected);
            now = next;
        }
        assert_eq!(now.status(), "delivered");
        assert_eq!(now.version, 5);
    }
}
