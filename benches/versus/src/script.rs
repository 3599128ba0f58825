//! Calls of several kinds, drawn before the clock starts: every map gets the same.

use crate::keys::{Key, Keys, Skew, below, draws, mix, part};
use crate::map::Map;
use crate::value::Value;
use crate::workload::{Cell, Workload};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::hint::black_box;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Read,
    Insert,
    Remove,
    Update,
}

impl Kind {
    pub const NAMES: [&'static str; 4] = ["read", "insert", "remove", "update"];
}

/// Calls of each thread, in order.
pub struct Script<K> {
    pub threads: Vec<Vec<(Kind, K)>>,
    /// The entries afterwards, where the draws decide that and not the race.
    pub size: Option<usize>,
}

/// Calls of a kind, and how many hit: a read or an update found its key, a removal too, an
/// insertion did not.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tally {
    pub calls: u64,
    pub hits: u64,
}

/// Makes the calls.
#[inline(never)]
pub fn play<M: Map>(map: &M, calls: &[(Kind, M::Key)]) -> [Tally; 4] {
    let mut tallies = [Tally::default(); 4];
    for (kind, key) in calls {
        let key = black_box(key);
        let hit = match kind {
            Kind::Read => black_box(map.get(key)).is_some(),
            Kind::Insert => !map.insert(key.clone(), M::Value::of(4)),
            Kind::Remove => map.remove(key),
            Kind::Update => map.update(key),
        };
        let tally = &mut tallies[*kind as usize];
        tally.calls += 1;
        tally.hits += u64::from(hit);
    }
    tallies
}

/// Shares of reads, inserts, removals and updates in percent; fresh keys go in, the oldest out.
fn shares(workload: Workload) -> [u8; 4] {
    match workload {
        Workload::Readheavy => [98, 1, 1, 0],
        Workload::Exchange => [10, 40, 40, 10],
        Workload::Rapidgrow => [5, 80, 5, 10],
        _ => [0, 50, 50, 0],
    }
}

/// Writes one script after the other, for maps that play all of them from the first.
pub struct Writer {
    cell: Cell,
    draws: Pcg64Mcg,
    windows: Vec<Window>,
    skew: Option<Skew>,
}

impl Writer {
    /// Of the cell's workload if that goes by scripts.
    pub fn new(cell: &Cell, seed: u64) -> Self {
        let size = if cell.workload.begins_empty() { 0 } else { cell.size };
        let windows = (0..cell.threads).map(|thread| Window::new(size, thread, cell.threads));
        let mixed = cell.workload == Workload::Mixed;
        Writer {
            cell: *cell,
            draws: draws(seed),
            windows: windows.collect(),
            skew: mixed.then(|| Skew::new(2 * cell.size, cell.theta)),
        }
    }

    /// So many calls of each thread.
    pub fn next<K: Key>(&mut self, keys: &Keys<K>, calls: usize) -> Script<K> {
        let threads = (0..self.cell.threads)
            .map(|thread| (0..calls).map(|call| self.call(thread, call, keys)).collect())
            .collect();
        let entries = self.windows.iter().map(|window| window.present.len()).sum();
        Script { threads, size: self.skew.is_none().then_some(entries) }
    }

    fn call<K: Key>(&mut self, thread: usize, call: usize, keys: &Keys<K>) -> (Kind, K) {
        let percent = below(&mut self.draws, 100) as u8;
        if let Some(skew) = &self.skew {
            let rank = skew.rank(&mut self.draws) as u64;
            // Every other rank begins absent: what is present is as popular as what is not.
            let number =
                if rank.is_multiple_of(2) { rank / 2 } else { self.cell.size as u64 + rank / 2 };
            let kind = match percent {
                _ if percent < self.cell.reads => Kind::Read,
                _ if below(&mut self.draws, 2) == 0 => Kind::Insert,
                _ => Kind::Remove,
            };
            return (kind, keys.key(number));
        }
        let window = &mut self.windows[thread];
        let kind = match self.cell.workload {
            Workload::Churn if call.is_multiple_of(2) => Kind::Insert,
            Workload::Churn => Kind::Remove,
            workload => pick(shares(workload), percent),
        };
        let number = match kind {
            Kind::Insert => window.insert(),
            Kind::Remove => window.remove(),
            Kind::Read | Kind::Update => {
                let present = below(&mut self.draws, 100) < usize::from(self.cell.present);
                window.ask(present, &mut self.draws)
            }
        };
        (kind, keys.key(number))
    }
}

fn pick(shares: [u8; 4], percent: u8) -> Kind {
    let [read, insert, remove, _] = shares;
    match percent {
        _ if percent < read => Kind::Read,
        _ if percent < read + insert => Kind::Insert,
        _ if percent < read + insert + remove => Kind::Remove,
        _ => Kind::Update,
    }
}

/// The numbers of a thread's keys that are in the map, oldest first. No two threads share a key.
struct Window {
    present: VecDeque<u64>,
    next: u64,
}

impl Window {
    fn new(size: usize, thread: usize, threads: usize) -> Self {
        let present = part(size, thread, threads).map(|number| number as u64).collect();
        // Above the numbers of all keys that were inserted at first.
        Window { present, next: (thread as u64 + 1) << 32 }
    }

    fn insert(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        self.present.push_back(number);
        number
    }

    fn remove(&mut self) -> u64 {
        self.present.pop_front().unwrap_or(NOWHERE)
    }

    fn ask(&self, present: bool, draws: &mut Pcg64Mcg) -> u64 {
        match self.present.len() {
            len if present && len > 0 => self.present[below(draws, len)],
            len => NOWHERE + mix(len as u64 ^ self.next) % (1 << 31),
        }
    }
}

/// The first of some numbers that no key that is ever inserted has.
const NOWHERE: u64 = 1 << 39;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Asked, KeyKind};
    use std::collections::HashSet;

    fn cell(workload: Workload, threads: usize) -> Cell {
        let (key, value, size) = (KeyKind::U64, 8, 1_000);
        let (theta, reads, present) = (0.99, 80, 75);
        Cell { workload, key, value, size, threads, presized: false, theta, reads, present }
    }

    /// Plays scripts on a set, and returns the tallies of all.
    fn played(workload: Workload, scripts: usize) -> ([Tally; 4], usize) {
        let cell = cell(workload, 3);
        let keys = Keys::<u64>::new(cell.size, 5, Asked::Present, 8);
        let mut set: HashSet<u64> = if workload.begins_empty() {
            HashSet::new()
        } else {
            keys.inserted.iter().copied().collect()
        };
        let mut writer = Writer::new(&cell, 9);
        let mut tallies = [Tally::default(); 4];
        for _ in 0..scripts {
            let script = writer.next(&keys, 2_000);
            for (kind, key) in script.threads.into_iter().flatten() {
                let hit = match kind {
                    Kind::Read | Kind::Update => set.contains(&key),
                    Kind::Insert => set.insert(key),
                    Kind::Remove => set.remove(&key),
                };
                tallies[kind as usize].calls += 1;
                tallies[kind as usize].hits += u64::from(hit);
            }
            assert!(script.size.is_none_or(|size| size == set.len()));
        }
        (tallies, set.len())
    }

    fn share(tally: Tally, of: u64) -> f64 {
        tally.calls as f64 / of as f64
    }

    #[test]
    fn churn_keeps_its_window_and_replaces_all_of_it() {
        let ([read, insert, remove, update], size) = played(Workload::Churn, 5);
        assert_eq!((size, read.calls, update.calls), (1_000, 0, 0));
        assert_eq!((insert.hits, remove.hits), (15_000, 15_000), "all fresh, all there");
    }

    #[test]
    fn mixes_have_their_shares_and_hit_rates() {
        for workload in [Workload::Readheavy, Workload::Exchange, Workload::Rapidgrow] {
            let (tallies, _) = played(workload, 5);
            for (tally, wanted) in tallies.into_iter().zip(shares(workload)) {
                let wanted = f64::from(wanted) / 100.0;
                assert!((share(tally, 30_000) - wanted).abs() < 0.02, "{workload:?} {tallies:?}");
            }
            let [read, insert, remove, _] = tallies;
            assert_eq!(insert.hits, insert.calls);
            assert!(remove.hits + 3 >= remove.calls, "only an empty window has nothing to remove");
            let hits = read.hits as f64 / read.calls as f64;
            assert!((hits - 0.75).abs() < 0.05, "{workload:?} {hits}");
        }
    }

    #[test]
    fn a_mixed_load_keeps_its_size() {
        let ([read, insert, remove, update], size) = played(Workload::Mixed, 5);
        assert!((800..1_200).contains(&size), "{size}");
        assert!((share(read, 30_000) - 0.8).abs() < 0.02 && update.calls == 0);
        assert!(insert.calls.abs_diff(remove.calls) < 400);
    }
}
