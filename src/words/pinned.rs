//! The map under one pin: the same calls.

use super::typed::Typed;
use super::view::View;
use super::{Mix, PinnedIter, RandomMix, Word, WordKey, WordMap};
use crate::map::Stats;
use crate::reclaim::{Collect, Epoch, Guard, Pin, Reclaim};
use core::fmt;

/// A map of words and a pin on it: see [`WordMap::pin`].
///
/// The calls are those of [`WordMap`], with the same semantics and guarantees; they pin nothing. It
/// stays on its thread; [`WordMap::pin_owned`] gives one that may go.
///
/// ```
/// let map = dolmen::WordMap::from([(1, 10)]);
/// let m = map.pin_owned();
/// std::thread::scope(|scope| scope.spawn(move || m.len()).join()).unwrap();
/// ```
pub struct Pinned<
    'm,
    K,
    V,
    S = RandomMix,
    R: Reclaim + 'm = Epoch,
    G: Guard = <R as Collect>::Guard<'m>,
> {
    map: &'m WordMap<K, V, S, R>,
    guard: G,
}

/// A map of words and a pin that is `Send`: see [`WordMap::pin_owned`].
pub type OwnedPinned<'m, K, V, S = RandomMix, R = Epoch> =
    Pinned<'m, K, V, S, R, <R as Collect>::OwnedGuard<'m>>;

impl<'m, K: WordKey, V: Word, S: Mix, R: Reclaim, G: Guard> Pinned<'m, K, V, S, R, G> {
    pub(super) fn new(map: &'m WordMap<K, V, S, R>, guard: G) -> Self {
        Pinned { map, guard }
    }

    #[inline(always)]
    pub(super) fn view(&self) -> View<'_, K, V, S, R> {
        View::new(self.typed(), Some(self.as_pin()))
    }

    #[inline(always)]
    pub(super) fn as_pin(&self) -> Pin<'_> {
        self.guard.as_pin()
    }

    #[inline(always)]
    pub(super) fn typed(&self) -> &'m Typed<K, V, S, R> {
        &self.map.typed
    }

    /// The map: for what outlives the pin.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([(1, 10)]);
    /// let entries = map.pin().map().iter();
    /// assert_eq!(entries.count(), 1);
    /// ```
    pub fn map(&self) -> &'m WordMap<K, V, S, R> {
        self.map
    }

    /// See [`WordMap::mix`].
    pub fn mix(&self) -> &'m S {
        self.map.mix()
    }

    /// See [`WordMap::stats`].
    pub fn stats(&self) -> Stats {
        self.map.stats()
    }

    /// See [`WordMap::flush`]. What was retired since this pin was made stays.
    pub fn flush(&self) {
        self.map.flush();
    }
}

impl<'p, K, V, S, R, G> IntoIterator for &'p Pinned<'_, K, V, S, R, G>
where
    K: WordKey,
    V: Word,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    type Item = (K, V);
    type IntoIter = PinnedIter<'p, K, V, S>;

    fn into_iter(self) -> PinnedIter<'p, K, V, S> {
        self.iter()
    }
}

impl<K, V, S, R, G> fmt::Debug for Pinned<'_, K, V, S, R, G>
where
    K: WordKey + fmt::Debug,
    V: Word + fmt::Debug,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
