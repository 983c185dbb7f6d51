//! The engine all guests run on, and the ticker that interrupts them. Instances come from a pool, because mapping
//! memory for each fresh one is ten times slower; where the address space is limited there is no pool.

use std::num::NonZeroUsize;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often running guests are interrupted: the unit of their CPU time.
pub const TICK: Duration = Duration::from_millis(5);

/// The largest memory a slot of the pool can hold; what an instance may use is a setting and counted by the store.
const SLOT_BYTES: usize = 1 << 30;

/// What compiled code depends on: the same in the server and in the compile worker.
#[must_use]
pub fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_component_model(true)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(NonZeroUsize::new(16));
    config
}

/// The server's engine with its ticker running.
pub fn start(instances: u32) -> anyhow::Result<Engine> {
    let mut pooled = config();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
    let engine = match Engine::new(&pooled) {
        Ok(engine) => engine,
        Err(error) => {
            tracing::warn!(%error, "no address space for a pool of instances; each call maps its own memory");
            Engine::new(&config())?
        }
    };
    tick(&engine)?;
    Ok(engine)
}

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(4))
        .total_memories(instances)
        .total_tables(instances.saturating_mul(4))
        .total_stacks(instances)
        .max_memories_per_component(8)
        .max_memories_per_module(1)
        .max_tables_per_module(4)
        .table_elements(100_000)
        .max_memory_size(SLOT_BYTES)
        .max_component_instance_size(8 << 20)
        .max_core_instance_size(8 << 20)
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// An own thread, because a ticker that shares an executor with guests stops when they do. It ends with the engine.
fn tick(engine: &Engine) -> std::io::Result<()> {
    let weak = engine.weak();
    std::thread::Builder::new()
        .name("guest-ticker".to_owned())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .map(drop)
}
