//! The verbs that write: what `raw::write` asks of each.

use super::Operation;
use crate::error::AllocError;
use crate::raw::{Decision, Fresh, Nursery, Verb};
use equivalent::Equivalent;

/// Puts an entry in, whatever is there. Its node is made before the walk, so that the lines of the
/// node and of the slot are under way together.
pub(super) struct Insert<K, V>(Option<Fresh<(K, V)>>);

impl<K, V> Insert<K, V> {
    #[inline(always)]
    pub(super) fn new(fresh: Fresh<(K, V)>) -> Self {
        Insert(Some(fresh))
    }
}

impl<K: Eq, V> Verb<(K, V)> for Insert<K, V> {
    const PUTS: bool = true;

    #[inline(always)]
    fn same(&mut self, entry: &(K, V)) -> bool {
        self.0.as_ref().is_some_and(|fresh| fresh.entry().0 == entry.0)
    }

    #[inline(always)]
    fn decide<B>(
        &mut self,
        _: Option<&(K, V)>,
        _: Nursery<'_, B>,
    ) -> Result<Decision<(K, V)>, AllocError> {
        Ok(Decision::Put(self.0.take().expect("the node comes back when a write is lost")))
    }

    #[cold]
    fn lost(&mut self, fresh: Fresh<(K, V)>) {
        self.0 = Some(fresh);
    }
}

/// Offers an entry where there is none. Makes no node where there is one.
pub(super) enum Offer<K, V> {
    /// Not needed in a node yet.
    Entry(K, V),
    /// In a node that was not published.
    Node(Fresh<(K, V)>),
    /// Handed over.
    Gone,
}

impl<K, V> Offer<K, V> {
    /// The entry, if it was not handed over.
    pub(super) fn into_entry(self) -> Option<(K, V)> {
        match self {
            Offer::Entry(key, value) => Some((key, value)),
            Offer::Node(fresh) => Some(fresh.into_entry()),
            Offer::Gone => None,
        }
    }
}

impl<K: Eq, V> Verb<(K, V)> for Offer<K, V> {
    const PUTS: bool = true;

    #[inline(always)]
    fn same(&mut self, entry: &(K, V)) -> bool {
        match self {
            Offer::Entry(key, _) => *key == entry.0,
            Offer::Node(fresh) => fresh.entry().0 == entry.0,
            Offer::Gone => unreachable!("the offer was taken"),
        }
    }

    #[inline(always)]
    fn decide<B>(
        &mut self,
        current: Option<&(K, V)>,
        nursery: Nursery<'_, B>,
    ) -> Result<Decision<(K, V)>, AllocError> {
        if current.is_some() {
            return Ok(Decision::Keep);
        }
        match core::mem::replace(self, Offer::Gone) {
            Offer::Entry(key, value) => match nursery.make((key, value)) {
                Ok(fresh) => Ok(Decision::Put(fresh)),
                Err((error, (key, value))) => {
                    *self = Offer::Entry(key, value);
                    Err(error)
                }
            },
            Offer::Node(fresh) => Ok(Decision::Put(fresh)),
            Offer::Gone => unreachable!("the offer was taken"),
        }
    }

    #[cold]
    fn lost(&mut self, fresh: Fresh<(K, V)>) {
        *self = Offer::Node(fresh);
    }
}

/// Asks a closure what to do: `compute`, and `update` on top of it.
pub(super) struct Ask<K, F, T> {
    /// The key for a new node; elsewhere only while a node is being tried.
    key: Option<K>,
    f: F,
    /// What the closure gave up with.
    pub(super) aborted: Option<T>,
}

impl<K, F, T> Ask<K, F, T> {
    pub(super) fn new(key: K, f: F) -> Self {
        Ask { key: Some(key), f, aborted: None }
    }
}

impl<K, V, F, T> Verb<(K, V)> for Ask<K, F, T>
where
    K: Eq,
    F: FnMut(Option<(&K, &V)>) -> Operation<V, T>,
{
    const PUTS: bool = true;

    #[inline(always)]
    fn same(&mut self, entry: &(K, V)) -> bool {
        self.key.as_ref() == Some(&entry.0)
    }

    #[inline(always)]
    fn decide<B>(
        &mut self,
        current: Option<&(K, V)>,
        nursery: Nursery<'_, B>,
    ) -> Result<Decision<(K, V)>, AllocError> {
        match (self.f)(current.map(|(key, value)| (key, value))) {
            Operation::Remove => Ok(Decision::Remove),
            Operation::Abort(with) => {
                self.aborted = Some(with);
                Ok(Decision::Keep)
            }
            Operation::Insert(value) => {
                let key = self.key.take().expect("the key comes back when a write is lost");
                nursery.make((key, value)).map(Decision::Put).map_err(|(error, (key, _))| {
                    self.key = Some(key);
                    error
                })
            }
        }
    }

    #[cold]
    fn lost(&mut self, fresh: Fresh<(K, V)>) {
        self.key = Some(fresh.into_entry().0);
    }
}

/// Takes a key out, if a condition holds.
pub(super) struct Take<'q, Q: ?Sized, F> {
    pub(super) key: &'q Q,
    pub(super) condition: F,
}

impl<K, V, Q, F> Verb<(K, V)> for Take<'_, Q, F>
where
    Q: Equivalent<K> + ?Sized,
    F: FnMut(&K, &V) -> bool,
{
    const PUTS: bool = false;

    #[inline(always)]
    fn same(&mut self, entry: &(K, V)) -> bool {
        self.key.equivalent(&entry.0)
    }

    #[inline(always)]
    fn decide<B>(
        &mut self,
        current: Option<&(K, V)>,
        _: Nursery<'_, B>,
    ) -> Result<Decision<(K, V)>, AllocError> {
        Ok(match current {
            Some((key, value)) if (self.condition)(key, value) => Decision::Remove,
            _ => Decision::Keep,
        })
    }

    fn lost(&mut self, _: Fresh<(K, V)>) {
        unreachable!("a removal makes no node");
    }
}
