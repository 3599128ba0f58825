//! References that hold their own pin.

use super::view::Entry;
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;

/// An entry of a map, kept alive by a pin of its own. Dereferences to the value.
///
/// It shows the entry as it was at the linearization point of the call that returned it; the map
/// may have moved on. Nothing is locked while it lives, so no deadlock is possible; what waits is
/// memory: see [`Stats`](crate::Stats). Stays on its thread, and does not outlive the map. Its
/// methods are wait-free and O(1), but for the closures that they are given.
///
/// ```
/// use dolmen::HashMap;
///
/// let map = HashMap::from([("a", 1)]);
/// let one = map.get("a").unwrap();
/// map.insert("a", 2);
/// assert_eq!((one.key(), *one), (&"a", 1));
/// assert_eq!(*map.get("a").unwrap(), 2);
/// ```
pub struct Ref<'m, K, V, R: Reclaim + 'm = Epoch> {
    node: NonNull<Entry<K, V>>,
    _guard: R::Guard<'m>,
    _map: PhantomData<&'m (K, V)>,
}

impl<'m, K, V, R: Reclaim> Ref<'m, K, V, R> {
    /// # Safety
    /// The node was found under `guard`, or a guard that it was cloned from.
    #[inline(always)]
    pub(super) unsafe fn new(node: NonNull<Entry<K, V>>, guard: R::Guard<'m>) -> Self {
        Ref { node, _guard: guard, _map: PhantomData }
    }

    #[inline(always)]
    fn node(&self) -> &Entry<K, V> {
        // SAFETY: the guard keeps the node.
        unsafe { self.node.as_ref() }
    }

    /// The ident of the key.
    pub(super) fn ident(&self) -> crate::raw::Ident {
        self.node().ident()
    }

    /// The entry itself, for its address.
    pub(super) fn entry(&self) -> &(K, V) {
        self.node().entry()
    }

    /// The key as the map holds it.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a".to_string(), 1)]);
    /// assert_eq!(map.get("a").unwrap().key(), "a");
    /// ```
    #[inline]
    pub fn key(&self) -> &K {
        &self.node().entry().0
    }

    /// The value, as by dereferencing.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.get("a").unwrap().value(), 1);
    /// ```
    #[inline]
    pub fn value(&self) -> &V {
        &self.node().entry().1
    }

    /// Key and value.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.get("a").unwrap().pair(), (&"a", &1));
    /// ```
    #[inline]
    pub fn pair(&self) -> (&K, &V) {
        let (key, value) = self.node().entry();
        (key, value)
    }

    /// Projects to a part of the value, or of what it points at.
    ///
    /// ```
    /// use dolmen::HashMap;
    ///
    /// let map = HashMap::from([("a", (1, "one"))]);
    /// let name = map.get("a").unwrap().map(|value| &value.1);
    /// assert_eq!(*name, "one");
    /// ```
    pub fn map<T: ?Sized>(self, f: impl FnOnce(&V) -> &T) -> MappedRef<'m, T, R> {
        let part = NonNull::from(f(self.value()));
        MappedRef { part, _guard: self._guard, _map: PhantomData }
    }

    /// As [`map`](Self::map), if the value has that part; else the `Ref` comes back.
    ///
    /// # Errors
    /// The `Ref`, where `f` returns `None`.
    ///
    /// ```
    /// use dolmen::HashMap;
    ///
    /// let map = HashMap::from([("a", vec![1, 2])]);
    /// let second = map.get("a").unwrap().try_map(|list| list.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// let whole = map.get("a").unwrap().try_map(|list| list.get(7)).unwrap_err();
    /// assert_eq!(whole.len(), 2);
    /// ```
    pub fn try_map<T: ?Sized>(
        self,
        f: impl FnOnce(&V) -> Option<&T>,
    ) -> Result<MappedRef<'m, T, R>, Self> {
        match f(self.value()).map(NonNull::from) {
            Some(part) => Ok(MappedRef { part, _guard: self._guard, _map: PhantomData }),
            None => Err(self),
        }
    }

    pub(crate) fn map_key(self) -> MappedRef<'m, K, R> {
        let part = NonNull::from(self.key());
        MappedRef { part, _guard: self._guard, _map: PhantomData }
    }
}

impl<K, V, R: Reclaim> Clone for Ref<'_, K, V, R> {
    fn clone(&self) -> Self {
        Ref { node: self.node, _guard: self._guard.clone(), _map: PhantomData }
    }
}

impl<K, V, R: Reclaim> Deref for Ref<'_, K, V, R> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.value()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, R: Reclaim> fmt::Debug for Ref<'_, K, V, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ref").field(self.key()).field(self.value()).finish()
    }
}

impl<K, V: fmt::Display, R: Reclaim> fmt::Display for Ref<'_, K, V, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<K, V: PartialEq, R: Reclaim> PartialEq<V> for Ref<'_, K, V, R> {
    fn eq(&self, other: &V) -> bool {
        self.value() == other
    }
}

/// A part of an entry, kept alive by a pin of its own. See [`Ref::map`]. All that is said of [`Ref`]
/// holds of it.
///
/// ```
/// let map = dolmen::HashMap::from([("a", (1, "one"))]);
/// let name: dolmen::MappedRef<'_, str> = map.get("a").unwrap().map(|value| value.1);
/// map.remove("a");
/// assert_eq!(&*name, "one");
/// ```
pub struct MappedRef<'m, T: ?Sized, R: Reclaim + 'm = Epoch> {
    part: NonNull<T>,
    _guard: R::Guard<'m>,
    _map: PhantomData<&'m T>,
}

impl<'m, T: ?Sized, R: Reclaim> MappedRef<'m, T, R> {
    /// Projects on, to a part of the part.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", (1, "one"))]);
    /// let name = map.get("a").unwrap().map(|value| &value.1);
    /// assert_eq!(&*name.map(|name| &name[1..]), "ne");
    /// ```
    pub fn map<U: ?Sized>(self, f: impl FnOnce(&T) -> &U) -> MappedRef<'m, U, R> {
        let part = NonNull::from(f(&self));
        MappedRef { part, _guard: self._guard, _map: PhantomData }
    }

    /// As [`map`](Self::map), if there is such a part; else what was there comes back.
    ///
    /// # Errors
    /// The `MappedRef`, where `f` returns `None`.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["one".to_string()]);
    /// let tail = set.get("one").unwrap().try_map(|name| name.get(1..)).unwrap();
    /// assert_eq!(&*tail, "ne");
    /// assert!(tail.try_map(|name| name.get(9..)).is_err());
    /// ```
    pub fn try_map<U: ?Sized>(
        self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRef<'m, U, R>, Self> {
        match f(&self).map(NonNull::from) {
            Some(part) => Ok(MappedRef { part, _guard: self._guard, _map: PhantomData }),
            None => Err(self),
        }
    }
}

impl<T: ?Sized, R: Reclaim> Clone for MappedRef<'_, T, R> {
    fn clone(&self) -> Self {
        MappedRef { part: self.part, _guard: self._guard.clone(), _map: PhantomData }
    }
}

impl<T: ?Sized, R: Reclaim> Deref for MappedRef<'_, T, R> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a part of an entry that the guard keeps.
        unsafe { self.part.as_ref() }
    }
}

impl<T: fmt::Debug + ?Sized, R: Reclaim> fmt::Debug for MappedRef<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display + ?Sized, R: Reclaim> fmt::Display for MappedRef<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: PartialEq + ?Sized, R: Reclaim> PartialEq<T> for MappedRef<'_, T, R> {
    fn eq(&self, other: &T) -> bool {
        **self == *other
    }
}
