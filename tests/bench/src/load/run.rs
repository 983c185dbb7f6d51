//! One run of the load process: connect, warm up, count, drain, report.

use std::{
    io::{self, BufRead, Write},
    process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::{
    select,
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    closed::{Messages, Sender},
    ledger::Ledger,
    paced, pages,
    plan::{Content, Credit, Plan, Work},
    reader::{Credits, Reader},
    report::{Line, Report},
    room,
    socket::{self, Link},
};
use crate::machine::usage;

/// In a large room, deliveries to every so many-th receiver are timed.
const SAMPLE: usize = 20;
/// How often the drain and a limited run are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// After the connections are open: what the server still does for them is not counted as idle memory.
const SETTLE: Duration = Duration::from_secs(2);

/// Reads a plan from standard input, does it, and writes the report to standard output.
pub fn main() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let plan: Plan = serde_json::from_str(&line).context("the plan")?;
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        // A line, the end of the input and an error all mean: enough.
        let _ = io::stdin().lock().read_line(&mut String::new());
        let _ = stop.send(());
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async move { tokio::spawn(run(plan, stopped)).await })??;
    say(&Line::Report(Box::new(report)))
}

fn say(line: &Line) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    Ok(out.flush()?)
}

async fn run(plan: Plan, stopped: oneshot::Receiver<()>) -> anyhow::Result<Report> {
    let resident_before = usage::resident_bytes(plan.server_pid)?;
    let ledger = Arc::new(Ledger::new());
    let mut tasks = JoinSet::new();
    start(&plan, &ledger, &mut tasks).await?;
    sleep(Duration::from_millis(plan.warm_up_ms)).await;

    ledger.open_window();
    let (before, spent_before, began) = (ledger.counts(), Spent::now(plan.server_pid)?, Instant::now());
    say(&Line::Measuring)?;
    select! {
        () = sleep(Duration::from_millis(plan.measure_ms)) => {}
        _ = stopped => {}
        () = limit_reached(&plan, &ledger) => {}
    }
    ledger.close_window();
    let window = ledger.counts().since(before);
    let spent = Spent::now(plan.server_pid)?;
    let seconds = began.elapsed().as_secs_f64();
    let resident_after = usage::resident_bytes(plan.server_pid)?;

    ledger.stop_sending();
    drain(&plan, &ledger).await;
    ledger.stop_reading();
    while tasks.join_next().await.is_some() {}
    let (acknowledgement, by_second, delivery) = ledger.summaries();
    let totals = ledger.counts();
    let due = totals.acknowledged * receivers(&plan);
    Ok(Report {
        totals,
        lost: due.saturating_sub(totals.delivered),
        doubled: totals.delivered.saturating_sub(due),
        window,
        seconds,
        cpu_seconds: spent.server - spent_before.server,
        foreign_cores: (spent.foreign() - spent_before.foreign()).max(0.0) / seconds,
        acknowledgement,
        delivery,
        by_second,
        resident_before,
        resident_after,
        first_fault: ledger.first_fault(),
    })
}

/// CPU seconds up to a moment.
struct Spent {
    server: f64,
    load: f64,
    machine: f64,
}

impl Spent {
    fn now(server_pid: u32) -> anyhow::Result<Self> {
        Ok(Self {
            server: usage::cpu_seconds(server_pid)?,
            load: usage::cpu_seconds(process::id())?,
            machine: usage::machine_cpu_seconds()?,
        })
    }

    /// Of everything else on the machine.
    fn foreign(&self) -> f64 {
        self.machine - self.server - self.load
    }
}

/// Opens the connections and sets them to work.
async fn start(plan: &Plan, ledger: &Arc<Ledger>, tasks: &mut JoinSet<()>) -> anyhow::Result<()> {
    if let Work::Pages { limit } = plan.work {
        for session in plan.sessions.iter().cloned() {
            tasks.spawn(pages::run(Arc::clone(ledger), plan.address, session, limit));
        }
        return Ok(());
    }
    let links = socket::open_all(plan).await?;
    match &plan.work {
        Work::Closed {
            in_flight,
            credit,
            content,
            at_most,
        } => {
            for link in links {
                start_pair(plan, ledger, tasks, link, (*in_flight, *credit, *content, *at_most));
            }
        }
        Work::Paced {
            per_second, content, ..
        }
        | Work::SteadyRoom { per_second, content } => {
            let senders = if plan.work.is_room() { 1 } else { links.len() };
            let senders: Vec<_> = links
                .iter()
                .take(senders)
                .map(|link| (link.session.clone(), Arc::clone(&link.stream)))
                .collect();
            start_readers(plan, ledger, tasks, links);
            let (ledger, messages, per_second) = (Arc::clone(ledger), messages(plan, *content), *per_second);
            tasks.spawn_blocking(move || paced::run(&ledger, messages, &senders, per_second));
        }
        Work::Room { in_flight, content } => {
            let first = links.first().context("a room without connections")?;
            let sender = (first.session.clone(), Arc::clone(&first.stream));
            let bounds = (links.len() as u64 - 1, *in_flight);
            start_readers(plan, ledger, tasks, links);
            tasks.spawn(room::run(Arc::clone(ledger), messages(plan, *content), sender, bounds));
        }
        Work::Idle => {
            start_readers(plan, ledger, tasks, links);
            sleep(SETTLE).await;
        }
        Work::Pages { .. } => {}
    }
    Ok(())
}

fn messages(plan: &Plan, content: Content) -> Messages {
    Messages::new(plan.protocol, content)
}

/// A connection that sends for itself.
fn start_pair(
    plan: &Plan,
    ledger: &Arc<Ledger>,
    tasks: &mut JoinSet<()>,
    link: Link,
    (in_flight, credit, content, at_most): (u64, Credit, Content, Option<u64>),
) {
    let credits = Arc::new(Credits::default());
    let sender = Sender {
        ledger: Arc::clone(ledger),
        protocol: plan.protocol,
        session: link.session.clone(),
        stream: Arc::clone(&link.stream),
        credits: Arc::clone(&credits),
        in_flight,
        content,
        at_most,
    };
    let reader = Reader {
        ledger: Arc::clone(ledger),
        protocol: plan.protocol,
        timed: true,
        answers_pings: false,
        buffer_bytes: 32 * 1024,
        credits: Some((credit, credits)),
    };
    tasks.spawn(reader.run(link));
    tasks.spawn(sender.run());
}

/// Connections for which somebody else sends, or nobody.
fn start_readers(plan: &Plan, ledger: &Arc<Ledger>, tasks: &mut JoinSet<()>, links: Vec<Link>) {
    let room = plan.work.is_room();
    for (index, link) in links.into_iter().enumerate() {
        let reader = Reader {
            ledger: Arc::clone(ledger),
            protocol: plan.protocol,
            timed: !room || index % SAMPLE == 0,
            answers_pings: matches!(plan.work, Work::Idle) || (room && index > 0),
            buffer_bytes: if matches!(plan.work, Work::Idle) {
                512
            } else {
                32 * 1024
            },
            credits: None,
        };
        tasks.spawn(reader.run(link));
    }
}

/// Ends when a run with a limit has all its answers; never for others.
async fn limit_reached(plan: &Plan, ledger: &Ledger) {
    let Work::Closed {
        at_most: Some(most), ..
    } = plan.work
    else {
        return std::future::pending().await;
    };
    loop {
        let counts = ledger.counts();
        if counts.acknowledged + counts.refused >= most {
            return;
        }
        sleep(LOOK).await;
    }
}

/// How many connections each message arrives at, as far as the plan tells.
fn receivers(plan: &Plan) -> u64 {
    match plan.work {
        Work::Room { .. } | Work::SteadyRoom { .. } => plan.sessions.len() as u64 - 1,
        Work::Closed {
            credit: Credit::Acknowledgement,
            ..
        }
        | Work::Paced { heard: true, .. } => 1,
        Work::Paced { heard: false, .. } => 0,
        Work::Closed { .. } | Work::Idle | Work::Pages { .. } => 0,
    }
}

/// Waits until everything that was sent has been answered and has arrived, as long as the plan allows.
async fn drain(plan: &Plan, ledger: &Ledger) {
    let receivers = receivers(plan);
    let replies_expected = matches!(
        plan.work,
        Work::Closed {
            credit: Credit::PluginReply,
            ..
        }
    );
    let complete = async {
        loop {
            let counts = ledger.counts();
            let answered = counts.acknowledged + counts.refused >= counts.sent;
            let arrived = counts.delivered >= counts.acknowledged * receivers;
            let replied = !replies_expected || counts.replies >= counts.acknowledged;
            if answered && arrived && replied {
                // A double would arrive only now.
                sleep(LOOK * 10).await;
                return;
            }
            sleep(LOOK).await;
        }
    };
    // What is still missing after that is in the counts.
    let _elapsed = timeout(Duration::from_millis(plan.drain_ms), complete).await;
}
