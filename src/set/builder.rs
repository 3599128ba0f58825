//! Building a set that is not the default one.

use super::HashSet;
use crate::map::{self, DefaultHashBuilder, HashMap};
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;

/// A set to be: see [`HashSet::builder`]. Its calls are O(1), but for [`build`](Self::build).
///
/// ```
/// let set: dolmen::HashSet<u64> = dolmen::HashSet::builder().capacity(10).build();
/// assert!(set.capacity() >= 10);
/// ```
pub struct Builder<T, S = DefaultHashBuilder, R = Epoch>(map::Builder<T, (), S, R>);

impl<T> HashSet<T> {
    /// A builder: capacity, hasher, reclaimer, and who gets reclaimed elements.
    ///
    /// ```
    /// use dolmen::{Epoch, HashSet};
    /// use std::hash::RandomState;
    ///
    /// let set = HashSet::builder()
    ///     .capacity(1000)
    ///     .hasher(RandomState::new())
    ///     .reclaimer::<Epoch>()
    ///     .on_reclaim(|element: String| println!("{element} is gone"))
    ///     .build();
    /// set.insert("one".into());
    /// ```
    pub fn builder() -> Builder<T> {
        Builder(HashMap::builder())
    }
}

impl<T, S, R> Builder<T, S, R> {
    /// Room for so many elements, as in [`HashSet::with_capacity`].
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::builder().capacity(10).build();
    /// assert!(set.capacity() >= 10);
    /// ```
    pub fn capacity(self, capacity: usize) -> Self {
        Builder(self.0.capacity(capacity))
    }

    /// The hasher, instead of [`DefaultHashBuilder`].
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let set = dolmen::HashSet::builder().hasher(RandomState::new()).build();
    /// set.insert("a");
    /// ```
    pub fn hasher<H>(self, hasher: H) -> Builder<T, H, R> {
        Builder(self.0.hasher(hasher))
    }

    /// The reclaimer, instead of [`Epoch`].
    ///
    /// ```
    /// use dolmen::{Epoch, HashSet};
    ///
    /// let set = HashSet::builder().reclaimer::<Epoch>().build();
    /// set.insert("a");
    /// ```
    pub fn reclaimer<C: Reclaim>(self) -> Builder<T, S, C> {
        Builder(self.0.reclaimer::<C>())
    }

    /// Gives every element that is removed or replaced, and at the end every element that is left
    /// in the set, to `f`: owned, exactly once, when the last possible reader is gone. The rest is
    /// as for a map: [`Builder::on_reclaim`](crate::Builder::on_reclaim).
    ///
    /// ```
    /// use dolmen::HashSet;
    /// use std::sync::{Arc, Mutex};
    ///
    /// let gone = Arc::new(Mutex::new(Vec::new()));
    /// let log = gone.clone();
    /// let set = HashSet::builder().on_reclaim(move |x| log.lock().unwrap().push(x)).build();
    /// set.insert("a");
    /// drop(set);
    /// assert_eq!(*gone.lock().unwrap(), ["a"]);
    /// ```
    pub fn on_reclaim(self, f: impl Fn(T) + Send + Sync + 'static) -> Self {
        Builder(self.0.on_reclaim(move |element, ()| f(element)))
    }

    /// The set. O(capacity).
    ///
    /// # Panics
    /// If the capacity is more than memory can hold.
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::builder().build();
    /// assert!(set.is_empty());
    /// ```
    pub fn build(self) -> HashSet<T, S, R>
    where
        R: Reclaim,
    {
        HashSet { map: self.0.build() }
    }
}

impl<T, S, R> fmt::Debug for Builder<T, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
