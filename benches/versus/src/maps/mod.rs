//! The maps under test: one short file each, and one word here.

use crate::keys::Key;
use crate::subject::{Of, Subject};
use crate::value::Value;

/// Declares the files, and lists what they hold in the order of the tables.
macro_rules! maps {
    ($($file:ident)*) => {
        $(pub mod $file;)*

        /// Every map, for keys and values of these types.
        pub fn all<K: Key, V: Value>() -> Vec<Box<dyn Subject<K>>> {
            vec![$(Box::new(Of::<$file::Map<K, V>>::default())),*]
        }

        #[cfg(test)]
        mod conformance {
            $(mod $file {
                #[test]
                fn conforms() {
                    crate::conformance::check::<crate::maps::$file::Map<u64, [u64; 1]>>();
                    crate::conformance::check::<crate::maps::$file::Map<String, [u64; 8]>>();
                }
            })*
        }
    };
}

maps! { dolmen papaya dashmap scc scc_index flurry striped rwlock mutex hashbrown }
