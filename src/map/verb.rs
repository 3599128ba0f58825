//! The verbs that write: what `raw::write` asks of each.

use super::Operation;
use super::source::Source;
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

/// Offers an entry, to be put in if a condition holds of what is there. Makes no node before it does.
pub(super) struct Offer<K, V, F> {
    state: State<K, V>,
    accepts: F,
}

enum State<K, V> {
    /// Not needed in a node yet.
    Entry(K, V),
    /// In a node that was not published.
    Node(Fresh<(K, V)>),
    /// Handed over.
    Gone,
}

impl<K, V, F> Offer<K, V, F> {
    pub(super) fn new(key: K, value: V, accepts: F) -> Self {
        Offer { state: State::Entry(key, value), accepts }
    }

    /// The entry, if it was not handed over.
    pub(super) fn into_entry(self) -> Option<(K, V)> {
        match self.state {
            State::Entry(key, value) => Some((key, value)),
            State::Node(fresh) => Some(fresh.into_entry()),
            State::Gone => None,
        }
    }
}

impl<K, V, F> Verb<(K, V)> for Offer<K, V, F>
where
    K: Eq,
    F: FnMut(Option<&(K, V)>) -> bool,
{
    const PUTS: bool = true;

    #[inline(always)]
    fn same(&mut self, entry: &(K, V)) -> bool {
        match &self.state {
            State::Entry(key, _) => *key == entry.0,
            State::Node(fresh) => fresh.entry().0 == entry.0,
            State::Gone => unreachable!("the offer was taken"),
        }
    }

    #[inline(always)]
    fn decide<B>(
        &mut self,
        current: Option<&(K, V)>,
        nursery: Nursery<'_, B>,
    ) -> Result<Decision<(K, V)>, AllocError> {
        if !(self.accepts)(current) {
            return Ok(Decision::Keep);
        }
        match core::mem::replace(&mut self.state, State::Gone) {
            State::Entry(key, value) => match nursery.make((key, value)) {
                Ok(fresh) => Ok(Decision::Put(fresh)),
                Err((error, (key, value))) => {
                    self.state = State::Entry(key, value);
                    Err(error)
                }
            },
            State::Node(fresh) => Ok(Decision::Put(fresh)),
            State::Gone => unreachable!("the offer was taken"),
        }
    }

    #[cold]
    fn lost(&mut self, fresh: Fresh<(K, V)>) {
        self.state = State::Node(fresh);
    }
}

/// Asks a closure what to do: `compute`, and the updates on top of it.
pub(super) struct Ask<P, V, F, T> {
    key: P,
    f: F,
    /// A value that was made for an absent key and not put in: given to the closure's next run, so
    /// that it need not be made again.
    spare: Option<V>,
    /// The node being tried is for an absent key.
    vacant: bool,
    /// What the closure gave up with.
    pub(super) aborted: Option<T>,
}

impl<P, V, F, T> Ask<P, V, F, T> {
    pub(super) fn new(key: P, f: F) -> Self {
        Ask { key, f, spare: None, vacant: false, aborted: None }
    }
}

impl<K, P, V, F, T> Verb<(K, V)> for Ask<P, V, F, T>
where
    P: Source<K>,
    F: FnMut(Option<(&K, &V)>, &mut Option<V>) -> Operation<V, T>,
{
    const PUTS: bool = true;

    #[inline(always)]
    fn same(&mut self, entry: &(K, V)) -> bool {
        self.key.same(&entry.0)
    }

    #[inline(always)]
    fn decide<B>(
        &mut self,
        current: Option<&(K, V)>,
        nursery: Nursery<'_, B>,
    ) -> Result<Decision<(K, V)>, AllocError> {
        self.vacant = current.is_none();
        match (self.f)(current.map(|(key, value)| (key, value)), &mut self.spare) {
            Operation::Remove => Ok(Decision::Remove),
            Operation::Abort(with) => {
                self.aborted = Some(with);
                Ok(Decision::Keep)
            }
            Operation::Insert(value) => {
                let entry = (self.key.take(), value);
                nursery.make(entry).map(Decision::Put).map_err(|(error, (key, _))| {
                    self.key.lost(key);
                    error
                })
            }
        }
    }

    #[cold]
    fn lost(&mut self, fresh: Fresh<(K, V)>) {
        let (key, value) = fresh.into_entry();
        self.key.lost(key);
        if self.vacant {
            self.spare = Some(value);
        }
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
