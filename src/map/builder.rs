//! Building a map that is not the default one.

use super::{DefaultHashBuilder, HashMap};
use crate::raw::OnReclaim;
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::marker::PhantomData;

/// A map to be: see [`HashMap::builder`]. Its calls are O(1), but for [`build`](Self::build).
///
/// ```
/// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::builder().capacity(10).build();
/// assert!(map.capacity() >= 10);
/// ```
pub struct Builder<K, V, S = DefaultHashBuilder, R = Epoch> {
    capacity: usize,
    hasher: S,
    on_reclaim: Option<OnReclaim<(K, V)>>,
    _reclaimer: PhantomData<fn() -> R>,
}

impl<K, V> HashMap<K, V> {
    /// A builder: capacity, hasher, reclaimer, and who gets reclaimed entries.
    ///
    /// ```
    /// use dolmen::{Epoch, HashMap};
    /// use std::hash::RandomState;
    ///
    /// let map = HashMap::builder()
    ///     .capacity(1000)
    ///     .hasher(RandomState::new())
    ///     .reclaimer::<Epoch>()
    ///     .on_reclaim(|key: u64, value: String| println!("{key} {value} is gone"))
    ///     .build();
    /// map.insert(1, "one".into());
    /// ```
    pub fn builder() -> Builder<K, V> {
        Builder {
            capacity: 0,
            hasher: DefaultHashBuilder::default(),
            on_reclaim: None,
            _reclaimer: PhantomData,
        }
    }
}

impl<K, V, S, R> Builder<K, V, S, R> {
    /// Room for so many entries, as in [`HashMap::with_capacity`].
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::builder().capacity(10).build();
    /// assert!(map.capacity() >= 10);
    /// ```
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// The hasher, instead of [`DefaultHashBuilder`].
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let map = dolmen::HashMap::builder().hasher(RandomState::new()).build();
    /// map.insert("a", 1);
    /// ```
    pub fn hasher<T>(self, hasher: T) -> Builder<K, V, T, R> {
        Builder {
            capacity: self.capacity,
            hasher,
            on_reclaim: self.on_reclaim,
            _reclaimer: PhantomData,
        }
    }

    /// The reclaimer, instead of [`Epoch`]: `CrossbeamEpoch` and `Seize` are behind features.
    ///
    /// ```
    /// use dolmen::{Epoch, HashMap};
    ///
    /// let map = HashMap::builder().reclaimer::<Epoch>().build();
    /// map.insert("a", 1);
    /// ```
    pub fn reclaimer<T: Reclaim>(self) -> Builder<K, V, S, T> {
        Builder {
            capacity: self.capacity,
            hasher: self.hasher,
            on_reclaim: self.on_reclaim,
            _reclaimer: PhantomData,
        }
    }

    /// Gives every entry that is removed or replaced, and at the end every entry that is left in
    /// the map, to `f`: owned, exactly once, when the last possible reader is gone.
    ///
    /// It runs in some later write, in [`flush`](HashMap::flush), or when the map drops, on the
    /// thread that does that. It may use other maps, and this one but for the drop. If it panics,
    /// the panic comes out there, and no other entry is lost. Entries that the `self` family hands
    /// out ([`into_iter`](HashMap::into_iter)) do not come here.
    ///
    /// ```
    /// use dolmen::HashMap;
    /// use std::sync::{Arc, Mutex};
    ///
    /// let gone = Arc::new(Mutex::new(Vec::new()));
    /// let log = gone.clone();
    /// let map = HashMap::builder().on_reclaim(move |k, v| log.lock().unwrap().push((k, v))).build();
    /// map.insert("a", 1);
    /// map.insert("a", 2);
    /// drop(map);
    /// gone.lock().unwrap().sort();
    /// assert_eq!(*gone.lock().unwrap(), [("a", 1), ("a", 2)]);
    /// ```
    pub fn on_reclaim(mut self, f: impl Fn(K, V) + Send + Sync + 'static) -> Self {
        self.on_reclaim = Some(Box::new(move |(key, value)| f(key, value)));
        self
    }

    /// The map. O(capacity).
    ///
    /// # Panics
    /// If the capacity is more than memory can hold.
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::builder().build();
    /// assert!(map.is_empty());
    /// ```
    pub fn build(self) -> HashMap<K, V, S, R>
    where
        R: Reclaim,
    {
        let mut map = HashMap::with_hasher_and_reclaimer(self.hasher, R::default());
        if let Some(on_reclaim) = self.on_reclaim {
            map.set_on_reclaim(on_reclaim);
        }
        map.reserve(self.capacity);
        map
    }
}

impl<K, V, S, R> fmt::Debug for Builder<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
