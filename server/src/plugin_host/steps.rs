//! What a change of an install is called in the audit log: found by comparing it with what was there.

use serde_json::{Value, json};

use crate::model::{Body, Canary, Capability, HttpHost, Install, Step, StepKind, Version};

/// Why an install changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A component was uploaded.
    Upload,
    /// Settings were changed.
    Settings,
    /// Its canary is to run for everybody.
    Promotion,
    /// Somebody wants to go back.
    Rollback,
    /// A version fails, for this reason.
    Failure(String),
}

/// The steps of a change, in an order in which they make sense.
pub fn of_change(old: Option<&Install>, new: &Install, cause: &Cause) -> Vec<Step> {
    let Some(old) = old else {
        return vec![step(new, &new.current, StepKind::Installed, json!({}))];
    };
    let mut steps = Vec::new();
    if old.current.digest != new.current.digest {
        steps.push(of_version(old, new, cause));
    } else {
        steps.extend(of_canary(old, new, cause));
    }
    if old.grants != new.grants {
        let names = |grants: &[Capability]| grants.iter().map(|grant| grant.as_str()).collect::<Vec<_>>();
        let detail = json!({ "before": names(&old.grants), "now": names(&new.grants) });
        steps.push(step(new, &new.current, StepKind::Granted, detail));
    }
    if old.http_hosts != new.http_hosts {
        let names = |install: &Install| Value::from_iter(install.http_hosts.iter().map(HttpHost::as_str));
        let detail = json!({ "http_hosts": { "before": names(old), "now": names(new) } });
        steps.push(step(new, &new.current, StepKind::Granted, detail));
    }
    let changed = settings(old, new);
    if !changed.is_empty() {
        // A configuration may hold what nobody else is to read: its name is enough.
        let detail = json!({ "changed": changed });
        steps.push(step(new, &new.current, StepKind::Configured, detail));
    }
    if old.enabled != new.enabled {
        let kind = if new.enabled {
            StepKind::Enabled
        } else {
            StepKind::Disabled
        };
        steps.push(step(new, &new.current, kind, json!({})));
    }
    steps
}

/// The step of taking an install away.
pub fn of_removal(install: &Install, keep_data: bool) -> Step {
    let detail = json!({ "data": if keep_data { "kept" } else { "wiped" } });
    step(install, &install.current, StepKind::Removed, detail)
}

fn of_version(old: &Install, new: &Install, cause: &Cause) -> Step {
    let mut detail = json!({ "version": new.current.number, "before": version(&old.current) });
    let kind = match cause {
        Cause::Upload | Cause::Settings => StepKind::Upgraded,
        Cause::Promotion => StepKind::Promoted,
        Cause::Rollback => StepKind::RolledBack,
        Cause::Failure(reason) => {
            detail["reason"] = reason.as_str().into();
            StepKind::AutoRolledBack
        }
    };
    if let Some(canary) = &old.canary
        && new.canary.is_none()
        && canary.version.digest != new.current.digest
    {
        detail["canary_ended"] = version(&canary.version);
    }
    step(new, &new.current, kind, detail)
}

fn of_canary(old: &Install, new: &Install, cause: &Cause) -> Option<Step> {
    let told = |canary: &Canary| json!({ "version": canary.version.number, "percent": canary.percent });
    match (&old.canary, &new.canary) {
        (Some(before), Some(now)) if before.version.digest == now.version.digest => (before.percent != now.percent)
            .then(|| {
                let mut detail = told(now);
                detail["before"] = before.percent.into();
                step(new, &now.version, StepKind::CanaryChanged, detail)
            }),
        (_, Some(now)) => Some(step(new, &now.version, StepKind::CanaryStarted, told(now))),
        (Some(ended), None) => {
            let mut detail = told(ended);
            detail["canary"] = true.into();
            let kind = if let Cause::Failure(reason) = cause {
                detail["reason"] = reason.as_str().into();
                StepKind::AutoRolledBack
            } else {
                StepKind::RolledBack
            };
            Some(step(new, &ended.version, kind, detail))
        }
        (None, None) => None,
    }
}

/// The names of what else is different.
fn settings(old: &Install, new: &Install) -> Vec<&'static str> {
    let pairs = [
        ("config", old.config != new.config),
        ("priority", old.priority != new.priority),
        ("reuse", old.reuse != new.reuse),
        ("auto_rollback", old.auto_rollback != new.auto_rollback),
    ];
    let changed = pairs.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(name, _)| name).collect()
}

fn version(version: &Version) -> Value {
    json!({ "version": version.number, "digest": version.digest.0 })
}

fn step(install: &Install, about: &Version, kind: StepKind, detail: Value) -> Step {
    Step {
        kind,
        plugin: install.name.clone(),
        digest: about.digest.clone(),
        detail: Body::trusted(&detail.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, Digest, Millis, PluginName};

    fn number(number: u32) -> Version {
        Version {
            number,
            digest: Digest(format!("d{number}")),
            created_at: Millis(1),
        }
    }

    fn install() -> Install {
        Install {
            app: AppId::new(7).unwrap(),
            name: PluginName::new("a").unwrap(),
            current: number(1),
            previous: None,
            grants: Vec::new(),
            http_hosts: Vec::new(),
            config: Body::empty(),
            priority: None,
            reuse: 1,
            enabled: true,
            revision: 1,
            canary: None,
            auto_rollback: None,
            activated_at: Millis(1),
        }
    }

    fn canary(of: u32, percent: u8) -> Option<Canary> {
        Some(Canary {
            version: number(of),
            percent,
            since: Millis(2),
        })
    }

    /// Kinds and digests, in words.
    fn told(old: &Install, new: &Install, cause: &Cause) -> Vec<String> {
        let steps = of_change(Some(old), new, cause);
        let words = |step: &Step| format!("{} {} {}", step.kind.as_str(), step.digest.0, step.detail.as_str());
        steps.iter().map(words).collect()
    }

    #[test]
    fn settings_are_told_apart_and_contents_are_not_told() {
        let old = install();
        let new = Install {
            config: Body::trusted(r#"{"password":"x"}"#),
            grants: vec![Capability::Kv],
            reuse: 9,
            enabled: false,
            ..install()
        };
        assert_eq!(
            told(&old, &new, &Cause::Settings),
            [
                r#"granted d1 {"before":[],"now":["kv"]}"#,
                r#"configured d1 {"changed":["config","reuse"]}"#,
                "disabled d1 {}",
            ]
        );
        assert!(told(&old, &old, &Cause::Upload).is_empty());
        assert_eq!(of_change(None, &old, &Cause::Upload)[0].kind, StepKind::Installed);
    }

    #[test]
    fn a_canary_is_started_changed_and_ended() {
        let plain = install();
        let ten = Install {
            canary: canary(2, 10),
            ..install()
        };
        let more = Install {
            canary: canary(2, 20),
            ..install()
        };
        let other = Install {
            canary: canary(3, 20),
            ..install()
        };
        let promoted = Install {
            current: number(2),
            previous: Some(number(1)),
            ..install()
        };
        for (old, new, cause, words) in [
            (&plain, &ten, Cause::Upload, "canary_started d2"),
            (&ten, &more, Cause::Settings, "canary_changed d2"),
            (&more, &other, Cause::Upload, "canary_started d3"),
            (&ten, &promoted, Cause::Promotion, "promoted d2"),
            (&other, &promoted, Cause::Upload, "upgraded d2"),
            (&ten, &plain, Cause::Rollback, "rolled_back d2"),
            (&ten, &plain, Cause::Failure("why".to_owned()), "auto_rolled_back d2"),
            (&promoted, &plain, Cause::Rollback, "rolled_back d1"),
            (
                &promoted,
                &plain,
                Cause::Failure("why".to_owned()),
                "auto_rolled_back d1",
            ),
        ] {
            let told = told(old, new, &cause);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with(words), "{words}: {told:?}");
            assert_eq!(told[0].contains("why"), matches!(cause, Cause::Failure(_)), "{told:?}");
        }
    }
}
