//! `userinfo check`: does the configuration work?

use std::io;

use serde::Serialize;
use serde_json::Value;
use userinfo_core::{Note, Registry, one_line};

use super::{clock::Clock, probe, table_or_json, wait};
use crate::{
    args::{Common, Output},
    config::{self, Config},
    failure::Failure,
    output,
    sources::{Sources, other_readers},
    world::World,
};

/// What is to be told of one instance.
#[derive(Serialize)]
struct Finding {
    instance: String,
    kind: &'static str,
    notes: Vec<Remark>,
    warnings: Vec<Remark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    online: Option<probe::Online>,
}

/// Something worth telling about a key.
#[derive(Serialize)]
struct Remark {
    path: String,
    message: String,
}

pub(crate) fn run(
    instance: Option<&str>,
    online: bool,
    common: &Common,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let form = table_or_json(common.output_on(world.screen))?;
    let mut config = config::load(common, world)?;
    if let Some(instance) = instance {
        config.keep_only(instance)?;
    }
    // A probe is one question, however patient the configured layers are.
    world.layers.leave_bare();
    let registry = config.registry(world)?;
    let mut findings = findings(&config, &registry, &config.sources(world.env));
    let failed = if online { ask_all(&mut findings, &config, &registry)? } else { None };
    if findings.is_empty() {
        world.note("the configuration works and has no [providers.NAME]");
    }
    match form {
        Output::Json => output::json(&findings, world.stdout)?,
        _ => findings.iter().try_for_each(|it| write(it, world))?,
    }
    failed.map_or(Ok(()), Err)
}

fn findings(config: &Config, registry: &Registry, sources: &Sources<'_>) -> Vec<Finding> {
    let told = |it: &Note| Remark { path: it.path.clone(), message: one_line(&it.message) };
    // A note that begins like this asks somebody to look.
    let warns = |it: &Remark| it.message.starts_with("warning: ");
    let one = |(name, instance): (&str, &userinfo_core::Instance)| {
        let mut warnings = Vec::new();
        let places = [
            (format!("providers.{name}"), config.instance(name)),
            ("http".to_owned(), config.table.get("http")),
        ];
        for (path, value) in places {
            open_files(path, value.unwrap_or(&Value::Null), sources, &mut warnings);
        }
        let (urgent, notes): (Vec<_>, Vec<_>) = instance.notes.iter().map(told).partition(warns);
        warnings.extend(
            urgent
                .into_iter()
                .map(|it| Remark { message: it.message.trim_start_matches("warning: ").to_owned(), ..it }),
        );
        Finding {
            instance: name.to_owned(),
            kind: instance.provider.descriptor().kind,
            notes,
            warnings,
            online: None,
        }
    };
    registry.iter().map(one).collect()
}

/// Warns of every `{ file = "…" }` that others may read, unless its key says that it is public.
fn open_files(path: String, value: &Value, sources: &Sources<'_>, warnings: &mut Vec<Remark>) {
    let Some(table) = value.as_object() else { return };
    if let (1, Some(Value::String(file))) = (table.len(), table.get("file")) {
        let is_public = path.rsplit('.').next().is_some_and(|key| key.contains("public"));
        if let (false, Some((who, mode))) = (is_public, other_readers(&sources.folder.join(file))) {
            let message =
                format!("the file {} can be read by {who} (mode {mode:o}); chmod 600 it", one_line(file));
            warnings.push(Remark { path, message });
        }
        return;
    }
    for (name, value) in table {
        open_files(format!("{path}.{name}"), value, sources, warnings);
    }
}

/// Asks all vendors at the same time; returns the first failure.
fn ask_all(
    findings: &mut [Finding],
    config: &Config,
    registry: &Registry,
) -> Result<Option<Failure>, Failure> {
    let answers = wait(async {
        let tasks: Vec<_> = registry
            .iter()
            .map(|(name, instance)| {
                let instance = instance.clone();
                let clock = Clock::of(config.instance(name), config.table.get("http"));
                tokio::spawn(async move { probe::ask(&instance, clock).await })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.map_err(io::Error::other)?);
        }
        Ok::<_, io::Error>(answers)
    })?;
    let answers = answers.map_err(|error| Failure::Machine { what: "a probe could not run", error })?;
    let mut failed = None;
    for (finding, answer) in findings.iter_mut().zip(answers) {
        let failure = answer.failure.map(|error| Failure::from(error).of(&finding.instance));
        failed = failed.or(failure);
        finding.online = Some(answer.online);
    }
    Ok(failed)
}

fn write(finding: &Finding, world: &mut World<'_>) -> io::Result<()> {
    let failed = finding.online.as_ref().is_some_and(|it| !it.ok);
    let verdict = if failed { "failed" } else { "ok" };
    let out = &mut *world.stdout;
    writeln!(out, "{} ({}): {verdict}", one_line(&finding.instance), finding.kind)?;
    for (word, list) in [("note", &finding.notes), ("warning", &finding.warnings)] {
        for it in list {
            writeln!(out, "  {word}: {}: {}", one_line(&it.path), it.message)?;
        }
    }
    finding.online.as_ref().map_or(Ok(()), |it| it.write(out))
}
