//! What a verb is to a write: it is shown an entry, and says what is to be done about it.

use super::count::Local;
use super::node::{Fresh, Node};
use super::word::Ident;
use crate::error::AllocError;

/// What a verb wants done.
pub(crate) enum Decision<E> {
    /// Make this node the key's.
    Put(Fresh<E>),
    /// Make the key absent.
    Remove,
    /// Leave everything as it is.
    Keep,
}

/// A verb: what distinguishes insert from update from remove.
pub(crate) trait Verb<E> {
    /// Whether it ever puts a node in: if not, a map without a table is left without one.
    const PUTS: bool;

    /// Whether an entry has the verb's key.
    fn same(&mut self, entry: &E) -> bool;

    /// What to do, given the key's entry. On an error the verb keeps what it was given.
    fn decide<B>(
        &mut self,
        current: Option<&E>,
        nursery: Nursery<'_, B>,
    ) -> Result<Decision<E>, AllocError>;

    /// The write was lost, or could not be tried: takes the node back.
    fn lost(&mut self, fresh: Fresh<E>);
}

/// Where fresh nodes come from: the thread's recycled blocks, then the allocator.
pub(crate) struct Nursery<'a, B> {
    local: &'a Local<B>,
    ident: Ident,
}

impl<'a, B> Nursery<'a, B> {
    /// `local` is the caller's own.
    #[inline(always)]
    pub(super) fn new(local: &'a Local<B>, ident: Ident) -> Self {
        Nursery { local, ident }
    }

    /// A node for `entry`, which comes back if there is no memory.
    #[inline(always)]
    pub(crate) fn make<E>(self, entry: E) -> Result<Fresh<E>, (AllocError, E)> {
        // SAFETY: `local` is the caller's own; nothing runs inside.
        let block = unsafe { self.local.own.with(|own| own.pool.take()) };
        Fresh::new(block, self.ident, entry)
    }
}

/// What became of a write.
pub(crate) enum Outcome<'g, E> {
    /// The verb's node was put in, in the place of another or of none.
    Put { new: &'g Node<E>, old: Option<&'g Node<E>> },
    /// The node was taken out.
    Removed(&'g Node<E>),
    /// Nothing was changed: what was there.
    Kept(Option<&'g Node<E>>),
}
