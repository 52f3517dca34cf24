//! What the CI system itself says of a job, and what is no longer allowed: nothing is more specific.

use domain::FindingKind::Deprecation;

use crate::class::Class::{Cancelled, Environment, Finding, Resources, WorkflowConfig};
use crate::log::rule::Reach::Line;
use crate::log::rule::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "cancelled",
        Cancelled,
        (95, 60),
        Line,
        &["The operation was cancel", "shutdown signal", "Canceling since a higher priority"],
        r"The operation was cancell?ed|received a shutdown signal|Canceling since a higher priority",
    ),
    rule(
        "job-timeout",
        Resources,
        (90, 70),
        Line,
        &[
            "maximum execution time",
            "execution took longer than",
            "Timeout has been exceeded",
            "maximum time limit for jobs",
            "No output has been received in",
        ],
        r"exceeded the maximum execution time of|execution took longer than|^Timeout has been exceeded|^The job exceeded the maximum time limit for jobs|^No output has been received in the last \d",
    ),
    rule(
        "system-failure",
        Environment,
        (85, 70),
        Line,
        &["ERROR: Job failed (system failure)"],
        r"^ERROR: Job failed \(system failure\)",
    ),
    rule(
        "workflow-file",
        WorkflowConfig,
        (95, 95),
        Line,
        &[
            "nvalid workflow file",
            "Unable to resolve action",
            "config should contain",
            "Can't find 'action.yml'",
            "Unexpected value '",
        ],
        r"[Ii]nvalid workflow file|Unable to resolve action|jobs? config should contain|Can't find 'action\.yml'|Unexpected value '",
    ),
    rule(
        "action-deprecated",
        Finding(Deprecation),
        (90, 90),
        Line,
        &["deprecated version of", "command is deprecated and", "has been deprecated and"],
        r"uses a deprecated version of|command is deprecated and (?:will|has been) disabled|has been deprecated and (?:will|can)",
    ),
    rule(
        "deprecation-raised",
        Finding(Deprecation),
        (90, 95),
        Line,
        &[
            "DeprecationWarning: ",
            "FutureWarning: ",
            "error: use of deprecated",
            "[-Werror=deprecated",
            "[removal]",
            "[deprecation]",
        ],
        r"^(?:E +)?(?:[\w.]+\.)?(?:Pending)?(?:Deprecation|Future)Warning: |^(?:[\w.]+\.)?Removed\w*Warning: |^error: use of deprecated|: error: .*\[-Werror=deprecated|^(?:\[ERROR\] )?\S+\.java:.*(?:error: |\] )\[(?:removal|deprecation)\]",
    ),
];
