//! The engine all guests run on, and the ticker that interrupts them. Instances come from a pool, because mapping
//! memory for each fresh one is ten times slower; where the address space is limited there is no pool.

use std::num::NonZeroUsize;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often running guests are interrupted: the unit of their CPU time.
pub const TICK: Duration = Duration::from_millis(5);

/// The largest memory a slot of the pool can hold; what an instance may use is a setting and counted by the store.
const SLOT_BYTES: usize = 1 << 30;

/// Core instances, memories and tables of one component, and the elements of a table. The pool holds as many for every
/// instance there may be: components that are made of many parts take nothing away from other tenants'.
pub const PARTS: u32 = 64;
/// See [`PARTS`].
pub const MEMORIES: u32 = 2;
/// See [`PARTS`].
pub const TABLES: u32 = 16;
/// See [`PARTS`].
pub const ELEMENTS: usize = 100_000;

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
        .total_core_instances(instances.saturating_mul(PARTS))
        .total_memories(instances.saturating_mul(MEMORIES))
        .total_tables(instances.saturating_mul(TABLES))
        .total_stacks(instances)
        .max_core_instances_per_component(PARTS)
        .max_memories_per_component(MEMORIES)
        .max_memories_per_module(1)
        .max_tables_per_component(TABLES)
        .max_tables_per_module(4)
        .table_elements(ELEMENTS)
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
