//! Calls on the whole set: removal of many, size, memory.

use super::{Drain, HashSet};
use crate::error::TryReserveError;
use crate::reclaim::Reclaim;

impl<T: Eq, S, R: Reclaim> HashSet<T, S, R> {
    /// Removes the elements for which `keep` is false.
    ///
    /// An element that is present throughout is asked about at least once; each removal is atomic,
    /// and removes the very element that `keep` refused; the whole is not one atomic step. `keep`
    /// may run more than once on an element, and may use the set; but if it writes the element that
    /// it is asked about each time, the call never ends. Lock-free. O(capacity).
    ///
    /// An element is found again by its ident and `Eq`; no `Hash` runs. So an element that does not
    /// equal itself is never removed, here and in [`clear`](Self::clear) and [`drain`](Self::drain).
    ///
    /// # Panics
    /// If `keep` does: what was removed before stays removed.
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = (0..10).collect();
    /// set.retain(|element| element % 2 == 0);
    /// assert_eq!(set.len(), 5);
    /// ```
    pub fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|element, ()| keep(element));
    }

    /// Removes every element that is there throughout the call: [`retain`](Self::retain) with
    /// `false`.
    ///
    /// An element that another thread inserts meanwhile may stay; so does one that does not equal
    /// itself. Keeps the table. Panics and progress as there. O(capacity).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = (0..10).collect();
    /// set.clear();
    /// assert!(set.is_empty());
    /// ```
    pub fn clear(&self) {
        self.map.clear();
    }

    /// Removes elements one by one, and hands them out.
    ///
    /// Each element is handed out exactly once among concurrent drains and removals. One that is
    /// present throughout is handed out by one of the drains that run to their end; what is
    /// inserted meanwhile may stay. A drain that is dropped early leaves the rest in the set.
    /// Lock-free; each removal linearizes as [`remove`](Self::remove).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = (0..10).collect();
    /// assert_eq!(set.drain().take(3).count(), 3);
    /// assert_eq!(set.len(), 7);
    /// assert_eq!(set.drain().count(), 7);
    /// ```
    pub fn drain(&self) -> Drain<'_, T, S, R> {
        Drain(self.map.drain())
    }
}

impl<T, S, R: Reclaim> HashSet<T, S, R> {
    /// Makes room for `additional` elements more, so that inserting them does not resize, and
    /// completes the resize that this takes.
    ///
    /// O(elements) where it has to resize. Others may read and write meanwhile.
    ///
    /// # Panics
    /// If the size overflows; if memory runs out, it calls
    /// [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::new();
    /// set.reserve(100);
    /// assert!(set.capacity() >= 100);
    /// ```
    pub fn reserve(&self, additional: usize) {
        self.map.reserve(additional);
    }

    /// As [`reserve`](Self::reserve), but returns an error.
    ///
    /// # Errors
    /// If the size overflows or memory runs out. The set is as it was.
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::new();
    /// assert!(set.try_reserve(usize::MAX).is_err());
    /// assert!(set.try_reserve(100).is_ok());
    /// ```
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.map.try_reserve(additional)
    }

    /// Moves the elements to the smallest table that holds them, and completes that.
    ///
    /// O(elements). Others may read and write meanwhile.
    ///
    /// # Panics
    /// If memory runs out, it calls [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::with_capacity(1000);
    /// set.insert(1);
    /// set.shrink_to_fit();
    /// assert!(set.capacity() < 10);
    /// ```
    pub fn shrink_to_fit(&self) {
        self.map.shrink_to_fit();
    }

    /// As [`shrink_to_fit`](Self::shrink_to_fit), but keeps room for `capacity` elements.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::with_capacity(1000);
    /// set.shrink_to(100);
    /// assert!((100..1000).contains(&set.capacity()));
    /// ```
    pub fn shrink_to(&self, capacity: usize) {
        self.map.shrink_to(capacity);
    }

    /// Completes a resize that is under way, if there is one: for a set that was loaded and will
    /// only be read. Lock-free; waits for nobody. O(elements).
    ///
    /// # Panics
    /// If memory runs out, it calls [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = (0..100).collect();
    /// set.insert(100);
    /// set.finish_resize();
    /// assert_eq!(set.stats().migration, None);
    /// ```
    pub fn finish_resize(&self) {
        self.map.finish_resize();
    }

    /// Frees what was removed or replaced and may be freed by now: as a map's
    /// [`flush`](crate::HashMap::flush). Lock-free. Runs destructors.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let element = Arc::new(1);
    /// let set = dolmen::HashSet::from([element.clone()]);
    /// set.remove(&element);
    /// set.flush();
    /// assert_eq!(Arc::strong_count(&element), 1);
    /// ```
    pub fn flush(&self) {
        self.map.flush();
    }
}
