//! The figures of plugins: what the host counts for each install, and what plugins count themselves.

use super::page::{Labels, Page, Value};
use super::server::powers;
use crate::plugin_host::{FIGURE_BOUNDS, Figure, INSTALL_STATES, InstallFigures, Series};

/// Stands for several apps or plugins.
const SEVERAL: &str = "*";

/// Tells them.
pub fn tell(page: &mut Page, found: impl IntoIterator<Item = InstallFigures>) {
    for install in found {
        let app = install.app.map_or_else(|| SEVERAL.to_owned(), |app| app.to_string());
        let plugin = install.plugin.as_ref().map_or(SEVERAL, |name| name.as_str());
        let whose = vec![("app".to_owned(), app), ("plugin".to_owned(), plugin.to_owned())];
        states(page, &whose, &install);
        calls(page, &whose, &install);
        for (name, help, label, counts) in [
            (
                "switchboard_plugin_quota_hits",
                "How often a quota was used up",
                "quota",
                &install.quotas,
            ),
            (
                "switchboard_plugin_http_requests",
                "Requests to other servers",
                "outcome",
                &install.http,
            ),
        ] {
            for (value, count) in counts {
                page.add(name, help, with(&whose, label, value), Value::Counter(*count));
            }
        }
        let dropped = Value::Counter(install.log_dropped_bytes);
        page.add(
            "switchboard_plugin_log_dropped_bytes",
            "Bytes of log that were too much",
            whose.clone(),
            dropped,
        );
        for series in install.own {
            own(page, &whose, series);
        }
    }
}

fn states(page: &mut Page, whose: &Labels, install: &InstallFigures) {
    let states = INSTALL_STATES.iter().zip(install.states);
    for (state, count) in states.filter(|(_, count)| *count > 0) {
        let labels = with(whose, "state", state);
        let value = Value::Gauge(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        page.add("switchboard_plugin_installs", "Installs by state", labels, value);
    }
}

fn calls(page: &mut Page, whose: &Labels, install: &InstallFigures) {
    for counts in &install.hooks {
        let labels = with(whose, "hook", counts.hook.as_str());
        let seconds = powers(&counts.buckets, counts.total_us, 1e6);
        page.add(
            "switchboard_plugin_call_seconds",
            "How long calls took",
            labels.clone(),
            seconds,
        );
        for (name, help, count) in [
            ("switchboard_plugin_calls", "Calls that reached the guest", counts.calls),
            (
                "switchboard_plugin_refused",
                "Answers that refused something",
                counts.refused,
            ),
            (
                "switchboard_plugin_suspended_calls",
                "Calls left out because the hook was suspended",
                counts.suspended,
            ),
        ] {
            page.add(name, help, labels.clone(), Value::Counter(count));
        }
        for (reason, count) in &counts.failures {
            let labels = with(&labels, "reason", reason);
            page.add(
                "switchboard_plugin_failures",
                "Calls that gave no answer",
                labels,
                Value::Counter(*count),
            );
        }
    }
}

/// A plugin's own figure. A counter's name gets its `_total` when it is written.
fn own(page: &mut Page, whose: &Labels, series: Series) {
    let mut labels = whose.clone();
    labels.extend(series.labels);
    let mut name = format!("plugin_{}", series.name);
    let value = match series.figure {
        Figure::Counter(sum) => {
            if let Some(bare) = name.strip_suffix("_total") {
                name.truncate(bare.len());
            }
            Value::Counter(sum)
        }
        Figure::Gauge(value) => Value::Gauge(value),
        Figure::Histogram(histogram) => {
            let bounds = FIGURE_BOUNDS.into_iter().chain([f64::INFINITY]);
            Value::Histogram(histogram.sum, bounds.zip(histogram.buckets).collect())
        }
    };
    page.add(name, "A plugin's own", labels, value);
}

fn with(labels: &Labels, name: &str, value: &str) -> Labels {
    let mut labels = labels.clone();
    labels.push((name.to_owned(), value.to_owned()));
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, PluginName};

    #[test]
    fn own_figures_carry_whose_they_are() {
        let mut page = Page::default();
        let series = |name: &str, figure| Series {
            name: name.to_owned(),
            labels: vec![("source".to_owned(), "faq".to_owned())],
            figure,
        };
        let install = InstallFigures {
            app: AppId::new(7).ok(),
            plugin: PluginName::new("desk").ok(),
            states: [1, 0, 0, 0],
            own: vec![
                series("answers_total", Figure::Counter(3)),
                series("waiting", Figure::Gauge(1.0)),
                series("seconds", Figure::Histogram(Box::default())),
            ],
            ..InstallFigures::default()
        };
        let sum = InstallFigures {
            states: [0, 2, 0, 0],
            ..InstallFigures::default()
        };
        tell(&mut page, vec![install, sum]);
        let text = page.text().unwrap();
        for line in [
            "plugin_answers_total{app=\"7\",plugin=\"desk\",source=\"faq\"} 3\n",
            "plugin_waiting{app=\"7\",plugin=\"desk\",source=\"faq\"} 1.0\n",
            "plugin_seconds_bucket{le=\"+Inf\",app=\"7\",plugin=\"desk\",source=\"faq\"} 0\n",
            "switchboard_plugin_installs{app=\"7\",plugin=\"desk\",state=\"active\"} 1.0\n",
            "switchboard_plugin_installs{app=\"*\",plugin=\"*\",state=\"disabled\"} 2.0\n",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
