//! A lock-free concurrent hash map.
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Some limits are 0 there.
#![cfg_attr(any(dolmen_loom, dolmen_shuttle), allow(clippy::absurd_extreme_comparisons))]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("dolmen packs a 16-bit tag and a pointer into 64 bits: it needs a 64-bit target");
#[cfg(all(target_os = "android", target_arch = "aarch64"))]
compile_error!("Android tags heap pointers in the bits that dolmen uses for its own tags");

mod error;
mod map;
#[cfg(any(dolmen_loom, dolmen_shuttle))]
#[doc(hidden)]
pub mod model;
mod raw;
mod reclaim;
pub mod set;
mod sync;

pub use equivalent::Equivalent;
pub use error::TryReserveError;
pub use map::{
    Builder, CompareExchangeError, Compute, DefaultHashBuilder, Drain, Entry, HashMap, IntoIter,
    Iter, IterMut, Keys, MappedRef, OccupiedEntry, Operation, OwnedPinned, Pinned, PinnedIter, Ref,
    Stats, TryInsertError, VacantEntry, Values,
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
