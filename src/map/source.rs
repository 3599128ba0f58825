//! Where the key of a new entry comes from.

use super::hash::ident_of;
use crate::raw::Ident;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A key to look for, and to put into a node once there is one.
pub(super) trait Source<K> {
    fn ident(&self, hasher: &impl BuildHasher) -> Ident;

    fn same(&self, key: &K) -> bool;

    /// The key, for a node that is being tried.
    fn take(&mut self) -> K;

    /// The node was not put in: its key comes back.
    fn lost(&mut self, key: K);
}

/// A key that the caller gave away. `None` only while a node is being tried.
pub(super) struct Given<K>(Option<K>);

impl<K> Given<K> {
    #[inline(always)]
    pub(super) fn new(key: K) -> Self {
        Given(Some(key))
    }
}

impl<K: Hash + Eq> Source<K> for Given<K> {
    #[inline(always)]
    fn ident(&self, hasher: &impl BuildHasher) -> Ident {
        ident_of(hasher, self.0.as_ref().expect("no node is being tried yet"))
    }

    #[inline(always)]
    fn same(&self, key: &K) -> bool {
        self.0.as_ref() == Some(key)
    }

    #[inline(always)]
    fn take(&mut self) -> K {
        self.0.take().expect("the key comes back when a write is lost")
    }

    fn lost(&mut self, key: K) {
        self.0 = Some(key);
    }
}

/// A borrowed form of a key, which is made at the first node that needs it.
pub(super) struct Borrowed<'q, Q: ?Sized, K> {
    form: &'q Q,
    made: Option<K>,
}

impl<'q, Q: ?Sized, K> Borrowed<'q, Q, K> {
    pub(super) fn new(form: &'q Q) -> Self {
        Borrowed { form, made: None }
    }
}

impl<'q, Q, K> Source<K> for Borrowed<'q, Q, K>
where
    Q: Hash + Equivalent<K> + ?Sized,
    &'q Q: Into<K>,
{
    fn ident(&self, hasher: &impl BuildHasher) -> Ident {
        ident_of(hasher, self.form)
    }

    fn same(&self, key: &K) -> bool {
        self.form.equivalent(key)
    }

    fn take(&mut self) -> K {
        self.made.take().unwrap_or_else(|| made_of(self.form))
    }

    fn lost(&mut self, key: K) {
        self.made = Some(key);
    }
}

/// The key that a borrowed form stands for. Without the check, a look-up would go on missing what it
/// has just inserted.
pub(super) fn made_of<'q, Q, K>(form: &'q Q) -> K
where
    Q: Equivalent<K> + ?Sized,
    &'q Q: Into<K>,
{
    let key: K = form.into();
    assert!(form.equivalent(&key), "the key that was made does not equal what it was made of");
    key
}
