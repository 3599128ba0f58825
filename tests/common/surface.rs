//! The map's two surfaces behind one trait, with owned answers.

use dolmen::{Compute, HashMap, Operation, Reclaim, TryInsertError};
use std::hash::{BuildHasher, Hash, Hasher};

/// A key that shows which of two equal ones the map holds: `mark` counts neither for `Eq` nor for
/// `Hash`.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub id: u64,
    pub mark: u64,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// Looks a [`Key`] up by its number.
#[derive(Hash)]
pub struct Id(pub u64);

impl dolmen::Equivalent<Key> for Id {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == key.id
    }
}

/// Key and mark, value.
pub type Found = (u64, u64, u64);
pub type Step = Operation<u64, u64>;

/// What both surfaces answer, as owned numbers.
pub trait Surface {
    fn get(&self, id: u64) -> Option<u64>;
    fn get_key_value(&self, id: u64) -> Option<Found>;
    fn contains(&self, id: u64) -> bool;
    fn insert(&self, key: Key, value: u64) -> Option<u64>;
    fn try_insert(&self, key: Key, value: u64) -> Result<u64, (u64, Found)>;
    fn get_or_insert_with(&self, key: Key, make: &mut dyn FnMut() -> u64) -> u64;
    fn update(&self, key: Key, f: &mut dyn FnMut(u64) -> u64) -> Option<u64>;
    fn compute(&self, key: Key, f: &mut dyn FnMut(Option<Found>) -> Step) -> Compute<Found, u64>;
    fn remove(&self, id: u64) -> Option<u64>;
    fn remove_entry(&self, id: u64) -> Option<Found>;
    fn remove_if(&self, id: u64, condition: &mut dyn FnMut(Found) -> bool) -> Option<Found>;
    fn retain(&self, keep: &mut dyn FnMut(Found) -> bool);
    fn clear(&self);
    fn reserve(&self, additional: usize);
    fn shrink_to_fit(&self);
    fn finish_resize(&self);
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool;
    fn capacity(&self) -> usize;
    fn entries(&self) -> Vec<Found>;
    fn keys(&self) -> Vec<Found>;
    fn values(&self) -> Vec<u64>;
}

pub fn found(key: &Key, value: &u64) -> Found {
    (key.id, key.mark, *value)
}

/// Both surfaces answer with what dereferences to a value; entries they show differently (`$pair`).
macro_rules! surface {
    ($type:ty, $pair:expr) => {
        impl<S: BuildHasher, R: Reclaim> Surface for $type {
            fn get(&self, id: u64) -> Option<u64> {
                (**self).get(&Id(id)).map(|v| *v)
            }
            fn get_key_value(&self, id: u64) -> Option<Found> {
                (**self).get_key_value(&Id(id)).map($pair)
            }
            fn contains(&self, id: u64) -> bool {
                (**self).contains_key(&Id(id))
            }
            fn insert(&self, key: Key, value: u64) -> Option<u64> {
                (**self).insert(key, value).map(|v| *v)
            }
            fn try_insert(&self, key: Key, value: u64) -> Result<u64, (u64, Found)> {
                match (**self).try_insert(key, value) {
                    Ok(v) => Ok(*v),
                    Err(TryInsertError::Occupied { current, key, value }) => {
                        Err((*current, found(&key, &value)))
                    }
                    Err(TryInsertError::Full { error, .. }) => panic!("{error}"),
                }
            }
            fn get_or_insert_with(&self, key: Key, make: &mut dyn FnMut() -> u64) -> u64 {
                *(**self).get_or_insert_with(key, make)
            }
            fn update(&self, key: Key, f: &mut dyn FnMut(u64) -> u64) -> Option<u64> {
                (**self).update(key, |_, v| f(*v)).map(|v| *v)
            }
            fn compute(
                &self,
                key: Key,
                f: &mut dyn FnMut(Option<Found>) -> Step,
            ) -> Compute<Found, u64> {
                match (**self).compute(key, |entry| f(entry.map(|(k, v)| found(k, v)))) {
                    Compute::Inserted(new) => Compute::Inserted($pair(new)),
                    Compute::Updated { old, new } => {
                        Compute::Updated { old: $pair(old), new: $pair(new) }
                    }
                    Compute::Removed(old) => Compute::Removed($pair(old)),
                    Compute::Absent => Compute::Absent,
                    Compute::Aborted(with) => Compute::Aborted(with),
                }
            }
            fn remove(&self, id: u64) -> Option<u64> {
                (**self).remove(&Id(id)).map(|v| *v)
            }
            fn remove_entry(&self, id: u64) -> Option<Found> {
                (**self).remove_entry(&Id(id)).map($pair)
            }
            fn remove_if(&self, id: u64, f: &mut dyn FnMut(Found) -> bool) -> Option<Found> {
                (**self).remove_if(&Id(id), |k, v| f(found(k, v))).map($pair)
            }
            fn retain(&self, keep: &mut dyn FnMut(Found) -> bool) {
                (**self).retain(|k, v| keep(found(k, v)));
            }
            fn clear(&self) {
                (**self).clear();
            }
            fn reserve(&self, additional: usize) {
                (**self).reserve(additional);
            }
            fn shrink_to_fit(&self) {
                (**self).shrink_to_fit();
            }
            fn finish_resize(&self) {
                (**self).finish_resize();
            }
            fn len(&self) -> usize {
                (**self).len()
            }
            fn is_empty(&self) -> bool {
                (**self).is_empty()
            }
            fn capacity(&self) -> usize {
                (**self).capacity()
            }
            fn entries(&self) -> Vec<Found> {
                (**self).iter().map($pair).collect()
            }
            fn keys(&self) -> Vec<Found> {
                (**self).keys().map(|k| found(&k, &0)).collect()
            }
            fn values(&self) -> Vec<u64> {
                (**self).values().map(|v| *v).collect()
            }
        }
    };
}

surface!(&HashMap<Key, u64, S, R>, |entry: dolmen::Ref<'_, Key, u64, R>| {
    found(entry.key(), entry.value())
});
surface!(&dolmen::Pinned<'_, Key, u64, S, R>, |(key, value): (&Key, &u64)| found(key, value));
