//! Keeping server and load apart: each gets half of the cores, where there are enough of them.

use std::thread;

use anyhow::Context;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// From this many cores on, server and load are pinned.
const ENOUGH: usize = 4;

/// The cores a process may use; none means: any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cores(Vec<usize>);

impl Cores {
    pub fn describe(&self) -> String {
        if self.0.is_empty() {
            "any core".into()
        } else {
            format!("cores {:?}", self.0)
        }
    }
}

/// The server's half and the load's half of what this process may use.
pub fn halves() -> anyhow::Result<(Cores, Cores)> {
    let allowed = sched_getaffinity(None).context("which cores are allowed")?;
    let all: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    Ok(split(&all))
}

fn split(all: &[usize]) -> (Cores, Cores) {
    if all.len() < ENOUGH {
        return Default::default();
    }
    let (server, load) = all.split_at(all.len() / 2);
    (Cores(server.to_vec()), Cores(load.to_vec()))
}

/// Runs `start` on a thread that is bound to `cores`: a process started there inherits them from its first instruction,
/// and sizes its thread pools by them.
pub fn pinned<T: Send>(cores: &Cores, start: impl FnOnce() -> std::io::Result<T> + Send) -> anyhow::Result<T> {
    let on_those = || -> anyhow::Result<T> {
        if !cores.0.is_empty() {
            let mut set = CpuSet::new();
            cores.0.iter().for_each(|core| set.set(*core));
            sched_setaffinity(None, &set).context("pinning to cores")?;
        }
        Ok(start()?)
    };
    let joined = thread::scope(|scope| scope.spawn(on_those).join());
    joined.unwrap_or_else(|_| anyhow::bail!("the starting thread has panicked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_disjoint_where_there_are_enough() {
        assert_eq!(split(&[0, 1, 2]), (Cores::default(), Cores::default()));
        assert_eq!(split(&[0, 1, 2, 5]), (Cores(vec![0, 1]), Cores(vec![2, 5])));
        assert_eq!(split(&[0, 1, 2, 3, 4]), (Cores(vec![0, 1]), Cores(vec![2, 3, 4])));
    }

    #[test]
    fn pinning_hands_on_the_result() {
        assert_eq!(pinned(&Cores::default(), || Ok(7)).unwrap(), 7);
    }
}
