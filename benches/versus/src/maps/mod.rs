//! The maps under test: one short file each, and one line here.

mod dashmap;
mod dolmen;
mod flurry;
mod hashbrown;
mod mutex;
mod papaya;
mod rwlock;
mod scc;
mod scc_index;
mod striped;

use crate::keys::Key;
use crate::subject::{Of, Subject};

/// Every map, in the order of the tables.
pub fn all<K: Key>() -> Vec<Box<dyn Subject<K>>> {
    vec![
        Box::new(Of::<dolmen::Map<K>>::default()),
        Box::new(Of::<papaya::Map<K>>::default()),
        Box::new(Of::<dashmap::Map<K>>::default()),
        Box::new(Of::<scc::Map<K>>::default()),
        Box::new(Of::<scc_index::Map<K>>::default()),
        Box::new(Of::<flurry::Map<K>>::default()),
        Box::new(Of::<striped::Map<K>>::default()),
        Box::new(Of::<rwlock::Map<K>>::default()),
        Box::new(Of::<mutex::Map<K>>::default()),
        Box::new(Of::<hashbrown::Map<K>>::default()),
    ]
}
