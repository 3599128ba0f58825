//! Writing one element.

use super::HashSet;
use crate::map::{MappedRef, Ref, TryInsertError, TryRemove};
use crate::reclaim::Reclaim;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// What [`get_or_insert_with`](HashSet::get_or_insert_with) inserts when told to. Without this
/// check, a look-up would go on missing what it has just inserted.
pub(super) fn made_for<T, Q: Equivalent<T> + ?Sized>(value: &Q, make: impl FnOnce(&Q) -> T) -> T {
    let element = make(value);
    assert!(value.equivalent(&element), "the element that was made does not equal the value");
    element
}

/// What [`HashSet::try_insert`] answers.
type TryInsert<'m, T, R> = Result<MappedRef<'m, T, R>, TryInsertError<MappedRef<'m, T, R>, T, ()>>;

/// Lock-free, all of them: a write that has to try again does so because another write or a move
/// has succeeded. O(1) expected.
impl<T, S, R> HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Inserts an element if no equal one is present, and says whether it did.
    ///
    /// As in std, the element that is there stays; then nothing is allocated, and `element` is
    /// dropped. Lock-free; linearizes at the compare-exchange that inserts, or at the load that
    /// found the element present.
    ///
    /// # Panics
    /// If the table cannot grow because its size would overflow; if memory runs out, it calls
    /// [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let set = dolmen::HashSet::new();
    /// assert!(set.insert("a"));
    /// assert!(!set.insert("a"));
    /// ```
    #[inline]
    pub fn insert(&self, element: T) -> bool {
        self.map.pin().verbs().add_key(element, ())
    }

    /// As [`insert`](Self::insert), and gives the element back where it is not inserted.
    ///
    /// Lock-free; linearizes as there. Allocates nothing where an equal element is present.
    ///
    /// # Errors
    /// [`TryInsertError::Occupied`] with the equal element, [`TryInsertError::Full`] if memory ran
    /// out; [`into_key`](TryInsertError::into_key) gives back the one that was offered. The set is
    /// as it was.
    ///
    /// ```
    /// let set = dolmen::HashSet::new();
    /// assert_eq!(*set.try_insert("a").unwrap(), "a");
    /// assert_eq!(set.try_insert("a").unwrap_err().into_key(), "a");
    /// ```
    pub fn try_insert(&self, element: T) -> TryInsert<'_, T, R> {
        let tried = self.map.try_insert(element, ());
        tried.map(Ref::map_key).map_err(|error| error.map(Ref::map_key))
    }

    /// Inserts an element in the place of the equal one, which is returned, if there is one.
    ///
    /// Lock-free; linearizes at the compare-exchange that publishes the element.
    ///
    /// # Panics
    /// As [`insert`](Self::insert).
    ///
    /// ```
    /// let set = dolmen::HashSet::from([String::with_capacity(100)]);
    /// let old = set.replace(String::new()).unwrap();
    /// assert_eq!(old.capacity(), 100);
    /// assert_eq!(set.get("").unwrap().capacity(), 0);
    /// ```
    pub fn replace(&self, element: T) -> Option<MappedRef<'_, T, R>> {
        self.map.insert(element, ()).map(Ref::map_key)
    }

    /// The element that equals this one: the one that is there, or this one, inserted.
    ///
    /// Progress and linearization as [`insert`](Self::insert).
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// let names = dolmen::HashSet::new();
    /// let a = names.get_or_insert("a".to_string());
    /// let b = names.get_or_insert("a".to_string());
    /// assert_eq!(a.as_ptr(), b.as_ptr());
    /// ```
    pub fn get_or_insert(&self, element: T) -> MappedRef<'_, T, R> {
        self.map.get_or_insert(element, ()).map_key()
    }

    /// The element that equals `value`, made by `make` and inserted if there is none.
    ///
    /// `make` runs at most once, and may use the set. If another thread inserts an equal element
    /// meanwhile, what `make` made is dropped and the other returned. Lock-free but for `make`;
    /// linearizes as [`get`](Self::get) or [`insert`](Self::insert).
    ///
    /// # Panics
    /// As [`insert`](Self::insert), and if `make` does or makes an element that does not equal
    /// `value`: then nothing is inserted.
    ///
    /// ```
    /// let names: dolmen::HashSet<String> = dolmen::HashSet::new();
    /// assert_eq!(*names.get_or_insert_with("a", str::to_owned), "a");
    /// assert_eq!(*names.get_or_insert_with("a", |_| unreachable!()), "a");
    /// ```
    pub fn get_or_insert_with<Q>(
        &self,
        value: &Q,
        make: impl FnOnce(&Q) -> T,
    ) -> MappedRef<'_, T, R>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        match self.get(value) {
            Some(found) => {
                // By hand: what is returned already leaks if a destructor panics after.
                drop(make);
                found
            }
            None => self.get_or_insert(made_for(value, make)),
        }
    }

    /// Removes an element, and says whether it was there.
    ///
    /// It is dropped when the last reader that may hold it is gone, by some later write or
    /// [`flush`](Self::flush). Lock-free; linearizes at the compare-exchange, or at the load that
    /// found the element absent.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a"]);
    /// assert!(set.remove("a"));
    /// assert!(!set.remove("a"));
    /// ```
    #[inline]
    pub fn remove<Q>(&self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.remove_if(value, |_| true)
    }

    /// Removes an element if `condition` holds of it, and says whether it did.
    ///
    /// `condition` may run more than once; it held of the very element that was removed. If it writes
    /// this element, or has the set resize, each time it runs, the call never ends.
    /// [`try_remove`](Self::try_remove) tells an absent element from one that was kept. Progress and
    /// linearization as [`remove`](Self::remove).
    ///
    /// # Panics
    /// If `condition` does: then nothing has changed.
    ///
    /// ```
    /// let set = dolmen::HashSet::from([String::with_capacity(100)]);
    /// assert!(!set.remove_if("", |element| element.capacity() < 100));
    /// assert!(set.remove_if("", |element| element.capacity() >= 100));
    /// ```
    #[inline]
    pub fn remove_if<Q>(&self, value: &Q, mut condition: impl FnMut(&T) -> bool) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.pin().remove_if(value, |element, ()| condition(element)).is_some()
    }

    /// As [`remove_if`](Self::remove_if), and returns the element: removed, or kept because
    /// `condition` did not hold of it.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// use dolmen::{HashSet, TryRemove};
    ///
    /// let set = HashSet::from(["a"]);
    /// assert!(matches!(set.try_remove("a", |_| false), TryRemove::Kept(element) if *element == "a"));
    /// assert!(matches!(set.try_remove("b", |_| true), TryRemove::Absent));
    /// assert!(set.try_remove("a", |_| true).removed().is_some());
    /// ```
    pub fn try_remove<Q>(
        &self,
        value: &Q,
        mut condition: impl FnMut(&T) -> bool,
    ) -> TryRemove<MappedRef<'_, T, R>>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.try_remove(value, |element, ()| condition(element)).map(Ref::map_key)
    }

    /// Removes an element and returns it. Progress and linearization as [`remove`](Self::remove).
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a".to_string()]);
    /// assert_eq!(*set.take("a").unwrap(), "a");
    /// assert!(set.take("a").is_none());
    /// ```
    pub fn take<Q>(&self, value: &Q) -> Option<MappedRef<'_, T, R>>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove(value).map(Ref::map_key)
    }
}
