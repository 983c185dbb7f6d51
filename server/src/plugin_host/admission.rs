//! Admission: a component is instantiated once inside all bounds, every hook it exports is loaded (a wrong type shows
//! only there), and its descriptors are called and checked. Afterwards the host answers from them without calling it.

use std::sync::Arc;

use wasmtime::component::{Component, InstancePre};

use super::attempts::AttemptKind;
use super::bindings::exports::switchboard::plugin::{
    about, command, dialect, endpoint, message_action, message_type, observer, opened, policy, timer,
};
use super::blueprint::{Blueprint, Descriptor, HookIndices, Inspection, Interest, PolicyRule};
use super::description::Description;
use super::export::Export;
use super::failure::{Failure, Fault};
use super::instance::{Lease, State, Task};
use super::log::{LogRing, LogWriter};
use super::machine::Machine;
use super::probe::{Probe, interface, probe};
use super::schema::Schema;
use super::{convert, engine, refusals};
use crate::model::{Digest, EventKind, Hook, Kind, Refusal, SlashCommand, SlashName};

/// How many kinds a plugin may own, or name in a filter.
const KINDS: usize = 64;
/// How many commands a plugin may have.
const COMMANDS: usize = 64;

/// Admits a compiled component.
///
/// # Errors
/// `PluginRejected`, saying what is wrong with it.
pub async fn admit(machine: &Machine, digest: Digest, component: &Component) -> Result<Blueprint, Refusal> {
    let found = probe(&machine.engine, component).map_err(refusals::rejected)?;
    fits(machine, component)?;
    let linker = machine
        .linkers
        .offering(&machine.engine, &found.wanted)
        .map_err(refusals::fault)?;
    let pre = linker
        .instantiate_pre(component)
        .map_err(|error| refusals::rejected(format!("the component does not fit this server: {error:#}")))?;
    let hooks = indices(&pre, &found).map_err(mismatch)?;
    let descriptor = describe(machine, &pre, &hooks).await?;
    let inspection = Inspection {
        digest,
        hooks: found.hooks,
        capabilities: found.wanted,
        summary: descriptor.summary.clone(),
        version: descriptor.version.clone(),
        config_schema: descriptor.config.as_ref().map(|schema| schema.source.clone()),
        kinds: descriptor
            .kinds
            .iter()
            .map(|(kind, schema)| (kind.clone(), schema.source.clone()))
            .collect(),
        policy: descriptor.policy.clone(),
        observer: descriptor.observer.clone(),
        commands: descriptor.commands.clone(),
    };
    Ok(Blueprint {
        pre,
        hooks,
        descriptor,
        inspection: Arc::new(inspection),
    })
}

fn mismatch(error: wasmtime::Error) -> Refusal {
    refusals::rejected(format!(
        "the component speaks another contract than this server: {error:#}"
    ))
}

/// Whether an instance can ever be made of it.
fn fits(machine: &Machine, component: &Component) -> Result<(), Refusal> {
    let Some(needs) = component.resources_required() else {
        return Ok(());
    };
    if needs.num_memories > engine::MEMORIES {
        let text = format!(
            "the component has {} linear memories, more than {}",
            needs.num_memories,
            engine::MEMORIES
        );
        return Err(refusals::rejected(text));
    }
    let initial = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(64 << 10);
    let limit = machine.settings.memory_bytes;
    if usize::try_from(initial).unwrap_or(usize::MAX) > limit {
        let text = format!("the component starts with {initial} bytes of memory, more than memory_bytes ({limit})");
        return Err(refusals::rejected(text));
    }
    Ok(())
}

fn indices(pre: &InstancePre<State>, found: &Probe) -> wasmtime::Result<HookIndices> {
    fn of<T>(found: &Probe, hook: Hook, index: impl FnOnce() -> wasmtime::Result<T>) -> wasmtime::Result<Option<T>> {
        found.hooks.contains(&hook).then(index).transpose()
    }
    Ok(HookIndices {
        about: of(found, Hook::About, || about::GuestIndices::new(pre))?,
        message_type: of(found, Hook::MessageType, || message_type::GuestIndices::new(pre))?,
        body_check: of(found, Hook::MessageType, || {
            Export::find(pre, &interface("message-type"), "check")
        })?,
        message_action: of(found, Hook::MessageAction, || message_action::GuestIndices::new(pre))?,
        policy: of(found, Hook::Policy, || policy::GuestIndices::new(pre))?,
        policy_check: of(found, Hook::Policy, || Export::find(pre, &interface("policy"), "check"))?,
        observer: of(found, Hook::Observer, || observer::GuestIndices::new(pre))?,
        opened: of(found, Hook::Opened, || opened::GuestIndices::new(pre))?,
        timer: of(found, Hook::Timer, || timer::GuestIndices::new(pre))?,
        command: of(found, Hook::Command, || command::GuestIndices::new(pre))?,
        endpoint: of(found, Hook::Endpoint, || endpoint::GuestIndices::new(pre))?,
        dialect: of(found, Hook::Dialect, || dialect::GuestIndices::new(pre))?,
    })
}

/// Asks the component about itself, in an instance of its own that belongs to nobody.
async fn describe(machine: &Machine, pre: &InstancePre<State>, hooks: &HookIndices) -> Result<Descriptor, Refusal> {
    let task = Task::of_nobody(machine, "admission").map_err(refusals::fault)?;
    let budget = machine.settings.log_bytes_per_call;
    let ring = Arc::new(LogRing::new(64, 0));
    let log = LogWriter::new(ring, task.call.id.clone(), task.call.now, budget);
    let work = async {
        let seat = machine.seats.clone().acquire_owned().await?;
        let mut lease = Lease::fresh(machine, pre, task, log.clone(), seat, false).await?;
        ask(&mut lease, hooks).await
    };
    let failure = match tokio::time::timeout(machine.wall(), work).await {
        Ok(Ok(descriptor)) => return Ok(descriptor),
        Ok(Err(error)) => Failure::classify(&error, log.finish()),
        Err(_) => Failure::Wall,
    };
    if failure == Failure::PoolFull {
        return Err(Refusal::busy("all instances are in use", 1000));
    }
    Err(refusals::rejected(format!(
        "the component failed while it was asked about itself: {failure}"
    )))
}

async fn ask(lease: &mut Lease, hooks: &HookIndices) -> wasmtime::Result<Descriptor> {
    let mut descriptor = Descriptor::default();
    let (store, instance) = (&mut lease.store, &lease.instance);
    if let Some(indices) = &hooks.about {
        let about = indices.load(&mut *store, instance)?.call_describe(&mut *store).await?;
        descriptor.summary = short("summary", about.summary, 500)?;
        descriptor.version = short("version", about.version, 64)?;
        descriptor.config = match about.config_schema {
            Some(text) => {
                Some(Schema::compile(&text).map_err(|error| Fault::nonsense(format!("config-schema: {error}")))?)
            }
            None => None,
        };
    }
    if let Some(indices) = &hooks.message_type {
        let kinds = indices.load(&mut *store, instance)?.call_kinds(&mut *store).await?;
        descriptor.kinds = owned(kinds)?;
    }
    if let Some(indices) = &hooks.policy {
        let rule = indices.load(&mut *store, instance)?.call_rules(&mut *store).await?;
        descriptor.policy = Some(PolicyRule {
            attempts: rule.attempts.into_iter().map(AttemptKind::read).collect(),
            kinds: kinds(rule.kinds)?,
            priority: rule.priority,
            fails_open: rule.on_failure == policy::OnFailure::Open,
        });
    }
    if let Some(indices) = &hooks.observer {
        let interest = indices.load(&mut *store, instance)?.call_interests(&mut *store).await?;
        let mut events: Vec<EventKind> = interest.events.into_iter().map(convert::event_kind).collect();
        events.sort_unstable();
        events.dedup();
        descriptor.observer = Some(Interest {
            events,
            kinds: kinds(interest.kinds)?,
        });
    }
    if let Some(indices) = &hooks.opened {
        // It has no descriptor; loading it checks its type.
        indices.load(&mut *store, instance)?;
    }
    if let Some(indices) = &hooks.message_action {
        indices.load(&mut *store, instance)?;
    }
    if let Some(indices) = &hooks.timer {
        indices.load(&mut *store, instance)?;
    }
    if let Some(indices) = &hooks.command {
        let said = indices.load(&mut *store, instance)?.call_commands(&mut *store).await?;
        descriptor.commands = definitions(said)?;
    }
    if let Some(indices) = &hooks.endpoint {
        indices.load(&mut *store, instance)?;
    }
    if let Some(indices) = &hooks.dialect {
        let said = indices.load(&mut *store, instance)?.call_describe(&mut *store).await?;
        descriptor.dialect = Some(Description::checked(said)?);
    }
    Ok(descriptor)
}

fn owned(kinds: Vec<message_type::Kind>) -> wasmtime::Result<Vec<(Kind, Schema)>> {
    if kinds.is_empty() || kinds.len() > KINDS {
        return Err(Fault::nonsense(format!("message-type must own 1 to {KINDS} kinds")));
    }
    let mut owned: Vec<(Kind, Schema)> = Vec::with_capacity(kinds.len());
    for message_type::Kind { name, schema } in kinds {
        let kind = kind(&name)?;
        if kind.is_text() || kind.is_system() {
            return Err(Fault::nonsense(format!("the kind `{kind}` belongs to the core")));
        }
        if owned.iter().any(|(other, _)| *other == kind) {
            return Err(Fault::nonsense(format!("the kind `{kind}` is named twice")));
        }
        let schema =
            Schema::compile(&schema).map_err(|error| Fault::nonsense(format!("the schema of `{kind}`: {error}")))?;
        owned.push((kind, schema));
    }
    Ok(owned)
}

fn definitions(said: Vec<command::Definition>) -> wasmtime::Result<Vec<SlashCommand>> {
    if said.len() > COMMANDS {
        return Err(Fault::nonsense(format!(
            "a plugin may have at most {COMMANDS} commands"
        )));
    }
    let mut commands: Vec<SlashCommand> = Vec::with_capacity(said.len());
    for command::Definition {
        name,
        usage,
        summary,
        roles,
    } in said
    {
        let name = SlashName::new(&name).map_err(|error| Fault::nonsense(format!("a command's name {error}")))?;
        if commands.iter().any(|other| other.name == name) {
            return Err(Fault::nonsense(format!("the command `{name}` is named twice")));
        }
        commands.push(SlashCommand {
            name,
            usage: short("a command's usage", usage, 200)?,
            summary: short("a command's summary", summary, 200)?,
            roles: roles.into_iter().map(convert::read_role).collect(),
        });
    }
    Ok(commands)
}

fn kinds(names: Vec<String>) -> wasmtime::Result<Vec<Kind>> {
    if names.len() > KINDS {
        return Err(Fault::nonsense(format!("a filter may name at most {KINDS} kinds")));
    }
    names.iter().map(|name| kind(name)).collect()
}

fn kind(name: &str) -> wasmtime::Result<Kind> {
    Kind::new(name).map_err(|error| Fault::nonsense(format!("a kind's name {error}")))
}

fn short(what: &str, text: String, bytes: usize) -> wasmtime::Result<String> {
    if text.len() > bytes {
        return Err(Fault::nonsense(format!("{what} must have at most {bytes} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str) -> command::Definition {
        command::Definition {
            name: name.to_owned(),
            usage: String::new(),
            summary: String::new(),
            roles: Vec::new(),
        }
    }

    fn refused(said: Vec<command::Definition>) -> String {
        definitions(said).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn commands_are_named_once_and_plainly() {
        let long = "x".repeat(33);
        for name in ["", "/close", "Close", "a b", "a.b", "caf\u{e9}", long.as_str()] {
            assert!(refused(vec![command(name)]).contains("a command's name"), "{name:?}");
        }
        assert_eq!(refused(vec![command("a-b_1"), command(&long[1..])]), "");
        assert_eq!(
            refused(vec![command("a"), command("b"), command("a")]),
            "the command `a` is named twice"
        );
        let many = |count: usize| (0..count).map(|n| command(&n.to_string())).collect();
        assert_eq!(refused(many(64)), "");
        assert!(refused(many(65)).contains("at most 64"));
        let wordy = command::Definition {
            summary: "x".repeat(201),
            ..command("a")
        };
        assert!(refused(vec![wordy]).contains("summary"));
    }
}
