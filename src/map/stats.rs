//! What a map says of itself.

use super::HashMap;
use crate::raw::{Node, RawMap, SlotKind};
use crate::reclaim::{Guard, Reclaim};
use core::fmt;

/// A snapshot of a map's state, for logs and dashboards; see [`HashMap::stats`]. `Display` prints
/// it as a small table.
///
/// While others write, each figure is one that held at some moment during the call, not all at the
/// same one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Entries.
    pub len: usize,
    /// Entries that fit before the map grows.
    pub capacity: usize,
    /// Slots that a removed key still owns; they go with the next resize.
    pub tombstones: usize,
    /// Used slots, tombstones included, as a share of all slots of the root table.
    pub load: f64,
    /// The longest walk to an entry, in groups (one cache line each: 8 slots, of words 4).
    pub longest_walk: usize,
    /// The mean walk to an entry, in groups.
    pub mean_walk: f64,
    /// How far a resize is, from 0 to 1; `None` while there is none.
    pub migration: Option<f64>,
    /// Objects that were removed or replaced and have not been freed yet: entries, and tables that
    /// were grown out of. Counted for [`Epoch`](crate::Epoch); the other reclaimers
    /// do not say what they have been given.
    pub retired: usize,
    /// Their bytes, less what keys and values own elsewhere.
    pub retired_bytes: usize,
    /// Bytes of tables, of all maps of the process, that came from the operating system and not from
    /// the allocator, which does not count them: those of 2 MiB and more, on Linux and Android.
    pub mapped_bytes: usize,
    /// Collections in a row, of any map of the process, that a pin in an old epoch has kept from
    /// freeing. A number that only grows means that some guard is held for long, or was leaked.
    pub blocked_collections: usize,
    /// The operating system withdrew the barrier that reclamation relies on (a seccomp filter
    /// installed late): nothing more is freed until maps drop.
    pub reclamation_stuck: bool,
}

impl<K, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// Looks at the map: entries, tombstones, walk lengths, resize, memory that waits.
    ///
    /// Goes over the whole root table. Lock-free; weakly consistent while others write.
    ///
    /// ```
    /// use dolmen::HashMap;
    ///
    /// let map: HashMap<u64, u64> = (0..100).map(|i| (i, i)).collect();
    /// map.remove(&1);
    /// let stats = map.stats();
    /// assert_eq!((stats.len, stats.tombstones, stats.migration), (99, 1, None));
    /// println!("{stats}");
    /// ```
    pub fn stats(&self) -> Stats {
        Stats::of(&self.raw, Node::<(K, V)>::size())
    }
}

impl Stats {
    /// Of a map whose nodes are of so many bytes.
    pub(crate) fn of<R: Reclaim, K: SlotKind>(raw: &RawMap<R, K>, node: usize) -> Stats {
        let guard = raw.reclaim.pin();
        let table = raw.survey(guard.as_pin(), node);
        let status = raw.reclaim.status();
        Stats {
            len: raw.len(),
            capacity: raw.capacity(guard.as_pin()),
            tombstones: table.tombstones,
            load: table.used as f64 / table.slots.max(1) as f64,
            longest_walk: table.longest_walk,
            mean_walk: table.walks as f64 / table.live.max(1) as f64,
            migration: table.migration,
            retired: status.sealed + status.open + table.open.0,
            retired_bytes: status.sealed_bytes + status.open_bytes + table.open.1,
            mapped_bytes: crate::sync::mapped(),
            blocked_collections: status.blocked,
            reclamation_stuck: status.stuck,
        }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "entries      {:>12}   capacity {}", self.len, self.capacity)?;
        writeln!(f, "tombstones   {:>12}   load {:.1} %", self.tombstones, self.load * 100.0)?;
        let (mean, longest) = (self.mean_walk, self.longest_walk);
        writeln!(f, "walk, groups {mean:>12.3}   longest {longest}")?;
        match self.migration {
            Some(done) => writeln!(f, "resizing     {:>10.1} %", done * 100.0)?,
            None => writeln!(f, "resizing     {:>12}", "no")?,
        }
        let blocked = self.blocked_collections;
        writeln!(f, "retired      {:>12}   bytes {}", self.retired, self.retired_bytes)?;
        writeln!(f, "mapped       {:>12}   bytes, of all maps", self.mapped_bytes)?;
        write!(f, "blocked      {blocked:>12}   collections in a row")?;
        if self.reclamation_stuck {
            write!(f, "\nreclamation stuck: the barrier was withdrawn by the operating system")?;
        }
        Ok(())
    }
}
