//! From the map of any entries to the map of words, and back.

use super::{Mix, Word, WordKey, WordMap};
use crate::map::HashMap;
use crate::reclaim::Reclaim;
use core::hash::{BuildHasher, Hash};

impl<K, V, H, S, R> From<&HashMap<K, V, H, R>> for WordMap<K, V, S, R>
where
    K: WordKey,
    V: Word,
    S: Mix + Default,
    R: Reclaim,
{
    /// A map of the entries that [`iter`](HashMap::iter) yields.
    ///
    /// ```
    /// use dolmen::{HashMap, WordMap};
    ///
    /// let map: WordMap<u32, u64> = (&HashMap::from([(1, 10)])).into();
    /// assert_eq!(map.get(1), Some(10));
    /// ```
    fn from(map: &HashMap<K, V, H, R>) -> Self {
        let words = WordMap::default();
        words.reserve(map.len());
        words.insert_all(map.pin().iter().map(|(key, value)| (*key, *value)));
        words
    }
}

impl<K, V, H, S, R> From<HashMap<K, V, H, R>> for WordMap<K, V, S, R>
where
    K: WordKey,
    V: Word,
    S: Mix + Default,
    R: Reclaim,
{
    /// ```
    /// use dolmen::{HashMap, WordMap};
    ///
    /// let map: WordMap<u32, u64> = HashMap::from([(1, 10)]).into();
    /// assert_eq!(map.get(1), Some(10));
    /// ```
    fn from(map: HashMap<K, V, H, R>) -> Self {
        map.into_iter().collect()
    }
}

impl<K, V, H, S, R> From<&WordMap<K, V, S, R>> for HashMap<K, V, H, R>
where
    K: WordKey + Hash + Eq,
    V: Word,
    H: BuildHasher + Default,
    S: Mix,
    R: Reclaim,
{
    /// A map of the entries that [`iter`](WordMap::iter) yields.
    ///
    /// ```
    /// use dolmen::{HashMap, WordMap};
    ///
    /// let map: HashMap<u32, u64> = (&WordMap::from([(1, 10)])).into();
    /// assert_eq!(*map.get(&1).unwrap(), 10);
    /// ```
    fn from(words: &WordMap<K, V, S, R>) -> Self {
        let map = HashMap::default();
        map.reserve(words.len());
        (&map).extend(words);
        map
    }
}

impl<K, V, H, S, R> From<WordMap<K, V, S, R>> for HashMap<K, V, H, R>
where
    K: WordKey + Hash + Eq,
    V: Word,
    H: BuildHasher + Default,
    S: Mix,
    R: Reclaim,
{
    /// ```
    /// use dolmen::{HashMap, WordMap};
    ///
    /// let map: HashMap<u32, u64> = WordMap::from([(1, 10)]).into();
    /// assert_eq!(*map.get(&1).unwrap(), 10);
    /// ```
    fn from(words: WordMap<K, V, S, R>) -> Self {
        words.into_iter().collect()
    }
}
