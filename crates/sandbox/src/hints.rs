//! What stands in the way of namespaces on this host, and what helps: the words of `doctor` and of every refusal.

use std::fs;
use std::path::Path;

/// Settings that stand in the way when they have a value, and what sets them otherwise.
const SETTINGS: [(&str, &str, &str); 3] = [
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
];

/// Files that say that this is a container.
const CONTAINERS: [&str; 3] = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"];

/// What is known of this host.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// The first setting that stands in the way, as it would not.
    setting: Option<&'static str>,
    container: bool,
}

impl Host {
    pub(crate) fn look() -> Self {
        let in_the_way = |(name, value, _): &&(&str, &str, &str)| {
            fs::read_to_string(Path::new("/proc/sys").join(name)).is_ok_and(|text| text.trim() == *value)
        };
        let setting = SETTINGS.iter().find(in_the_way).map(|(_, _, setting)| *setting);
        Self { setting, container: CONTAINERS.iter().any(|path| Path::new(path).exists()) }
    }

    /// Returns what is missing and what helps, for what was said when a trial failed.
    pub(crate) fn missing(&self, says: &str) -> String {
        if let Some(setting) = self.setting {
            return format!("user namespaces: sysctl -w {setting} ({says})");
        }
        if self.container && says.contains("proc") && says.contains("ount") {
            return format!(
                "a /proc without masks, inside of this container: docker run --security-opt systempaths=unconfined, in Kubernetes \
                 procMount: Unmasked ({says})"
            );
        }
        if self.container {
            return format!(
                "namespaces inside of this container: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined, as root \
                 also --cap-add SYS_ADMIN; in Kubernetes securityContext.seccompProfile.type: Unconfined ({says})"
            );
        }
        format!("namespaces that this host grants: {says}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_way_is_named_with_what_helps() {
        let refused = "bwrap: No permissions to create new namespace";
        let proc = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted";
        let host = |setting, container| Host { setting, container };
        let apparmor = host(Some("kernel.apparmor_restrict_unprivileged_userns=0"), false);
        assert!(
            apparmor
                .missing(refused)
                .starts_with("user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (bwrap")
        );
        assert!(
            host(None, true)
                .missing(refused)
                .starts_with("namespaces inside of this container: docker run --security-opt seccomp=")
        );
        assert!(
            host(None, true)
                .missing(proc)
                .starts_with("a /proc without masks, inside of this container: docker run --security-opt systempaths")
        );
        assert_eq!(host(None, false).missing(refused), format!("namespaces that this host grants: {refused}"));
    }
}
