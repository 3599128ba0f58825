//! A lock-free concurrent hash map.
//!
//! ```
//! use dolmen::HashMap;
//!
//! let map: HashMap<String, u64> = HashMap::new();
//! std::thread::scope(|scope| {
//!     for name in ["a", "b", "a"] {
//!         let map = &map;
//!         scope.spawn(move || drop(map.update_or_insert(name.into(), |_, n| n + 1, 1)));
//!     }
//! });
//! assert_eq!(map.get("a").as_deref(), Some(&2));
//! ```
//!
//! # Contract
//!
//! * Every call takes `&self`. Share a [`HashMap`] by reference, in an `Arc` or in a `static`.
//! * Readers write no shared memory and wait for nobody. Writers wait for no reader, no other
//!   writer and no resize: whoever writes during a resize moves a few slots of it. Nothing locks,
//!   so nothing deadlocks, whatever is held across whatever call.
//! * Every operation on a key is linearizable, and says where it takes effect. Calls on the whole
//!   map ([`len`](HashMap::len), [`iter`](HashMap::iter), [`retain`](HashMap::retain),
//!   [`clear`](HashMap::clear)) promise less, and say what.
//! * Entries are immutable: an update replaces the entry, so a reader keeps what it has found.
//! * `Hash`, `Eq`, closures and destructors may use the map. If one of the first three panics, the
//!   map is as if the call had not been made; a destructor's panic comes out of the call that freed
//!   the value, which has happened. If `Hash` and `Eq` lie, answers may be wrong, memory is safe.
//!
//! # Words
//!
//! [`WordMap`] and [`WordSet`] are for keys and values that are integers, characters, pointers and the
//! like. They hold them in the table itself, give and take them by value, count in place, and allocate
//! nothing for a write (of values of up to 62 bits).
//!
//! # Guards
//!
//! A [`Ref`], an iterator and a [`Pinned`] map hold a *pin*. A pin locks nothing; while it lives,
//! nothing is freed that any map of the process has retired since, so do not keep one for long where
//! others write. [`HashMap::stats`] shows what waits.
//!
//! These guards stay on their thread, so a future that holds one across an `.await` is not `Send`:
//!
//! ```compile_fail
//! async fn later() {}
//! fn send(_: impl Send) {}
//!
//! let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
//! send(async {
//!     let one = map.get(&1);
//!     later().await;
//!     drop(one);
//! });
//! ```
//!
//! Copy the value out before the `.await`, or pin with [`HashMap::pin_owned`], whose guard may move
//! between threads:
//!
//! ```
//! # async fn later() {}
//! # fn send(_: impl Send) {}
//! # let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
//! send(async {
//!     let m = map.pin_owned();
//!     later().await;
//!     drop(m);
//! });
//! ```
//!
//! # Features and platforms
//!
//! | feature | gives |
//! |---|---|
//! | `rayon` | parallel iteration over pinned, exclusively borrowed and owned maps, `par_extend`, `FromParallelIterator` |
//! | `serde` | maps and sets in and out of formats, streamed both ways |
//! | `crossbeam-epoch`, `seize` | other reclaimers, for comparison and cross-checking |
//!
//! None is on by default. Targets are 64-bit; Android on aarch64, which tags heap pointers, is
//! not supported. The environment variable `DOLMEN_FENCES` is described at [`Epoch`].
//!
//! # More
//!
//! In the repository: `docs/migration.md` (coming from std, dashmap, papaya, scc or flurry; guards and
//! `.await`, once-only initialisation, values in place, limits), `docs/choosing.md` (whether a concurrent map
//! is what you need), `docs/api.md` (every call and the test that shows it), `examples` (a session store,
//! word counts, an asynchronous cache, a sliding window of counts), `docs/design.md` (how it works, and why),
//! `docs/linearizability.md` (where each operation takes effect, with the argument), `docs/orderings.md`
//! (each memory ordering), `docs/verification.md` (what was checked and what was not).
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Some limits are 0 there.
#![cfg_attr(any(dolmen_loom, dolmen_shuttle), allow(clippy::absurd_extreme_comparisons))]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("dolmen packs a 16-bit tag and a pointer into 64 bits: it needs a 64-bit target");
#[cfg(all(target_os = "android", target_arch = "aarch64"))]
compile_error!("Android tags heap pointers in the bits that dolmen uses for its own tags");

#[cfg(doctest)]
mod compile_fail;
mod error;
#[cfg(dolmen_fuzz)]
#[doc(hidden)]
pub mod fuzz;
mod map;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
#[doc(hidden)]
pub mod model;
mod raw;
mod reclaim;
pub mod set;
mod sync;
pub mod words;

pub use equivalent::Equivalent;
pub use error::TryReserveError;
pub use map::{
    Builder, CompareExchangeError, Compute, DefaultHashBuilder, Drain, Entry, EntryRef, HashMap,
    IntoIter, Iter, IterMut, Keys, MappedRef, OccupiedEntry, Operation, OwnedPinned, Pinned,
    PinnedDrain, PinnedEntry, PinnedEntryRef, PinnedIter, PinnedKeys, PinnedOccupiedEntry,
    PinnedVacantEntry, PinnedValues, Ref, Stats, TryInsertError, TryRemove, TryUpdate, VacantEntry,
    Values,
};
#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub use map::{ParIntoIter, ParIter, ParIterMut};
#[cfg(feature = "crossbeam-epoch")]
#[cfg_attr(docsrs, doc(cfg(feature = "crossbeam-epoch")))]
pub use reclaim::CrossbeamEpoch;
#[cfg(feature = "seize")]
#[cfg_attr(docsrs, doc(cfg(feature = "seize")))]
pub use reclaim::Seize;
pub use reclaim::{Epoch, Reclaim};
pub use set::HashSet;
pub use words::{Word, WordMap, WordSet};

/// The README's code is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The guides' code is, too.
#[cfg(doctest)]
#[doc = include_str!("../docs/migration.md")]
struct Migration;
