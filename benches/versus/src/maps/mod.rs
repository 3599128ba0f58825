//! The maps under test: one short file each, and one word here.

use crate::keys::Key;
use crate::map::Map;
use crate::subject::{Of, Subject};
use crate::value::{Counter, Value};
use std::any::{Any, TypeId};

/// Declares the files, and lists what they hold in the order of the tables. A map that fits only some
/// types of key and value is listed with its types: one of plain values, one of counters.
macro_rules! maps {
    ($($file:ident $(fits $values:ty, $counters:ty)?;)*) => {
        $(pub mod $file;)*

        /// Every map that fits keys and values of these types.
        pub fn all<K: Key, V: Value>() -> Vec<Box<dyn Subject<K>>> {
            let all = [$(maps!(@all $file $($values, $counters)?)),*];
            all.into_iter().flatten().collect()
        }

        #[cfg(test)]
        mod conformance {
            $(mod $file {
                #[test]
                fn conforms() {
                    maps!(@check $file $($values, $counters)?);
                }
            })*
        }
    };
    (@all $file:ident) => { subject::<K, V, $file::Map<K, V>>() };
    (@all $file:ident $values:ty, $counters:ty) => {
        subject::<K, V, $values>().or_else(subject::<K, V, $counters>)
    };
    (@check $file:ident) => {
        use crate::maps::$file::Map;
        use crate::value::Counter;
        crate::conformance::check::<Map<u64, [u64; 1]>>();
        crate::conformance::check::<Map<String, [u64; 8]>>();
        crate::conformance::counts::<Map<u64, Counter>>();
    };
    (@check $file:ident $values:ty, $counters:ty) => {
        use crate::maps::*;
        crate::conformance::check::<$values>();
        crate::conformance::counts::<$counters>();
    };
}

maps! {
    dolmen; words fits words::Map<[u64; 1]>, words::Map<Counter>;
    papaya; dashmap; scc; scc_index; flurry;
    striped; rwlock; mutex; hashbrown;
}

/// The subject for this map, if its keys and values are of these types.
fn subject<K: Key, V: Value, M: Map>() -> Option<Box<dyn Subject<K>>> {
    let mut subject = Some(Box::new(Of::<M>::default()) as Box<dyn Subject<M::Key>>);
    let values_fit = TypeId::of::<M::Value>() == TypeId::of::<V>();
    let of_these_keys =
        (&mut subject as &mut dyn Any).downcast_mut::<Option<Box<dyn Subject<K>>>>();
    of_these_keys.filter(|_| values_fit)?.take()
}
