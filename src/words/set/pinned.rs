//! The set under one pin: the same calls.

use super::{PinnedIter, WordSet};
use crate::map::Stats;
use crate::reclaim::{Collect, Epoch, Guard, Reclaim};
use crate::words::view::View;
use crate::words::{self, Mix, RandomMix, WordKey};
use core::fmt;

/// A set of words and a pin on it: see [`WordSet::pin`].
///
/// The calls are those of [`WordSet`], with the same semantics and guarantees; they pin nothing.
pub struct Pinned<
    'm,
    K,
    S = RandomMix,
    R: Reclaim + 'm = Epoch,
    G: Guard = <R as Collect>::Guard<'m>,
> {
    set: &'m WordSet<K, S, R>,
    map: words::Pinned<'m, K, (), S, R, G>,
}

/// A set of words and a pin that is `Send`: see [`WordSet::pin_owned`].
pub type OwnedPinned<'m, K, S = RandomMix, R = Epoch> =
    Pinned<'m, K, S, R, <R as Collect>::OwnedGuard<'m>>;

impl<'m, K: WordKey, S: Mix, R: Reclaim, G: Guard> Pinned<'m, K, S, R, G> {
    pub(super) fn new(set: &'m WordSet<K, S, R>, map: words::Pinned<'m, K, (), S, R, G>) -> Self {
        Pinned { set, map }
    }

    #[inline(always)]
    pub(super) fn view(&self) -> View<'_, K, (), S, R> {
        self.map.view()
    }

    pub(super) fn map(&self) -> &words::Pinned<'m, K, (), S, R, G> {
        &self.map
    }

    /// The set: for what outlives the pin.
    ///
    /// ```
    /// let set = dolmen::WordSet::from([1]);
    /// let elements = set.pin().set().iter();
    /// assert_eq!(elements.count(), 1);
    /// ```
    pub fn set(&self) -> &'m WordSet<K, S, R> {
        self.set
    }

    /// See [`WordSet::mix`].
    pub fn mix(&self) -> &'m S {
        self.set.mix()
    }

    /// See [`WordSet::stats`].
    pub fn stats(&self) -> Stats {
        self.set.stats()
    }

    /// See [`WordSet::flush`]. What was retired since this pin was made stays.
    pub fn flush(&self) {
        self.set.flush();
    }
}

impl<'p, K: WordKey, S: Mix, R: Reclaim, G: Guard> IntoIterator for &'p Pinned<'_, K, S, R, G> {
    type Item = K;
    type IntoIter = PinnedIter<'p, K, S>;

    fn into_iter(self) -> PinnedIter<'p, K, S> {
        self.iter()
    }
}

impl<K, S, R, G> fmt::Debug for Pinned<'_, K, S, R, G>
where
    K: WordKey + fmt::Debug,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
