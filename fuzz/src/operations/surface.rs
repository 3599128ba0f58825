//! The map's surfaces behind one trait: the map itself, under a pin, under an owned pin.

use crate::hashers::Hashing;
use crate::ledger::{Id, Key, Serial, Value};
use dolmen::{Compute, HashMap, Operation, OwnedPinned, Pinned, Reclaim, Ref, TryInsertError};

pub type Map<R> = HashMap<Key, Value, Hashing, R>;

/// A value by number, and what it holds.
pub type Held = (Serial, u8);
/// An entry: the key's number in the map, and both as above.
pub type Found = (u16, Serial, Held);

pub type Closure<'a, I, O> = &'a mut dyn FnMut(I) -> O;

pub fn value(value: &Value) -> Held {
    (value.serial(), value.data)
}

pub fn found(key: &Key, held: &Value) -> Found {
    (key.id(), key.serial(), value(held))
}

pub fn of_ref<R: Reclaim>(entry: &Ref<'_, Key, Value, R>) -> Found {
    found(entry.key(), entry.value())
}

/// What all surfaces answer, as numbers. Offers that were not taken come back themselves.
pub trait Surface {
    fn get(&self, id: u16) -> Option<Held>;
    fn get_key_value(&self, id: u16) -> Option<Found>;
    fn get_cloned(&self, id: u16) -> Option<Value>;
    fn view(&self, id: u16, f: Closure<'_, Found, ()>) -> Option<()>;
    fn contains(&self, id: u16) -> bool;
    fn insert(&self, key: Key, value: Value) -> Option<Held>;
    fn try_insert(&self, key: Key, value: Value) -> Result<Held, (Held, Key, Value)>;
    fn get_or_insert(&self, key: Key, value: Value) -> Held;
    fn get_or_insert_with(&self, key: Key, make: Closure<'_, (), Value>) -> Held;
    fn get_or_try_insert_with(
        &self,
        key: Key,
        make: Closure<'_, (), Result<Value, u8>>,
    ) -> Result<Held, u8>;
    fn update(&self, key: Key, f: Closure<'_, Found, Value>) -> Option<Held>;
    fn update_or_insert(&self, key: Key, f: Closure<'_, Found, Value>, value: Value) -> Held;
    fn update_or_insert_with(
        &self,
        key: Key,
        f: Closure<'_, Found, Value>,
        make: Closure<'_, (), Value>,
    ) -> Held;
    fn compute(
        &self,
        key: Key,
        f: Closure<'_, Option<Found>, Operation<Value, u8>>,
    ) -> Compute<Found, u8>;
    fn compare_exchange(
        &self,
        key: Key,
        current: &Value,
        new: Value,
    ) -> Result<Held, (Option<Held>, Key, Value)>;
    fn remove(&self, id: u16) -> Option<Held>;
    fn remove_entry(&self, id: u16) -> Option<Found>;
    fn remove_if(&self, id: u16, condition: Closure<'_, Found, bool>) -> Option<Found>;
    fn retain(&self, keep: Closure<'_, Found, bool>);
    fn clear(&self);
    fn reserve(&self, additional: usize);
    fn try_reserve(&self, additional: usize) -> bool;
    fn shrink_to(&self, capacity: usize);
    fn shrink_to_fit(&self);
    fn finish_resize(&self);
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool;
    fn capacity(&self) -> usize;
    fn entries(&self) -> Vec<Found>;
    fn keys(&self) -> Vec<(u16, Serial)>;
    fn values(&self) -> Vec<Held>;
}

pub struct OnMap<'m, R: Reclaim>(pub &'m Map<R>);
pub struct OnPin<'m, R: Reclaim>(pub Pinned<'m, Key, Value, Hashing, R>);
pub struct OnOwnedPin<'m, R: Reclaim>(pub OwnedPinned<'m, Key, Value, Hashing, R>);

/// The surfaces answer with what dereferences to a value; entries they show differently (`$pair`).
macro_rules! surface {
    ($type:ty, $pair:expr) => {
        impl<R: Reclaim> Surface for $type {
            fn get(&self, id: u16) -> Option<Held> {
                self.0.get(&Id(id)).map(|v| value(&v))
            }
            fn get_key_value(&self, id: u16) -> Option<Found> {
                self.0.get_key_value(&Id(id)).map($pair)
            }
            fn get_cloned(&self, id: u16) -> Option<Value> {
                self.0.get_cloned(&Id(id))
            }
            fn view(&self, id: u16, f: Closure<'_, Found, ()>) -> Option<()> {
                self.0.view(&Id(id), |k, v| f(found(k, v)))
            }
            fn contains(&self, id: u16) -> bool {
                self.0.contains_key(&Id(id))
            }
            fn insert(&self, key: Key, new: Value) -> Option<Held> {
                self.0.insert(key, new).map(|v| value(&v))
            }
            fn try_insert(&self, key: Key, new: Value) -> Result<Held, (Held, Key, Value)> {
                match self.0.try_insert(key, new) {
                    Ok(v) => Ok(value(&v)),
                    Err(TryInsertError::Occupied { current, key, value: new }) => {
                        Err((value(&current), key, new))
                    }
                    Err(TryInsertError::Full { error, .. }) => panic!("{error}"),
                }
            }
            fn get_or_insert(&self, key: Key, new: Value) -> Held {
                value(&self.0.get_or_insert(key, new))
            }
            fn get_or_insert_with(&self, key: Key, make: Closure<'_, (), Value>) -> Held {
                value(&self.0.get_or_insert_with(key, || make(())))
            }
            fn get_or_try_insert_with(
                &self,
                key: Key,
                make: Closure<'_, (), Result<Value, u8>>,
            ) -> Result<Held, u8> {
                self.0.get_or_try_insert_with(key, || make(())).map(|v| value(&v))
            }
            fn update(&self, key: Key, f: Closure<'_, Found, Value>) -> Option<Held> {
                self.0.update(key, |k, v| f(found(k, v))).map(|v| value(&v))
            }
            fn update_or_insert(&self, key: Key, f: Closure<'_, Found, Value>, new: Value) -> Held {
                value(&self.0.update_or_insert(key, |k, v| f(found(k, v)), new))
            }
            fn update_or_insert_with(
                &self,
                key: Key,
                f: Closure<'_, Found, Value>,
                make: Closure<'_, (), Value>,
            ) -> Held {
                let f = |k: &Key, v: &Value| f(found(k, v));
                value(&self.0.update_or_insert_with(key, f, || make(())))
            }
            fn compute(
                &self,
                key: Key,
                f: Closure<'_, Option<Found>, Operation<Value, u8>>,
            ) -> Compute<Found, u8> {
                match self.0.compute(key, |entry| f(entry.map(|(k, v)| found(k, v)))) {
                    Compute::Inserted(new) => Compute::Inserted($pair(new)),
                    Compute::Updated { old, new } => {
                        Compute::Updated { old: $pair(old), new: $pair(new) }
                    }
                    Compute::Removed(old) => Compute::Removed($pair(old)),
                    Compute::Absent => Compute::Absent,
                    Compute::Aborted(with) => Compute::Aborted(with),
                }
            }
            fn compare_exchange(
                &self,
                key: Key,
                current: &Value,
                new: Value,
            ) -> Result<Held, (Option<Held>, Key, Value)> {
                match self.0.compare_exchange(key, current, new) {
                    Ok(v) => Ok(value(&v)),
                    Err(e) => Err((e.current.map(|v| value(&v)), e.key, e.new)),
                }
            }
            fn remove(&self, id: u16) -> Option<Held> {
                self.0.remove(&Id(id)).map(|v| value(&v))
            }
            fn remove_entry(&self, id: u16) -> Option<Found> {
                self.0.remove_entry(&Id(id)).map($pair)
            }
            fn remove_if(&self, id: u16, condition: Closure<'_, Found, bool>) -> Option<Found> {
                self.0.remove_if(&Id(id), |k, v| condition(found(k, v))).map($pair)
            }
            fn retain(&self, keep: Closure<'_, Found, bool>) {
                self.0.retain(|k, v| keep(found(k, v)));
            }
            fn clear(&self) {
                self.0.clear();
            }
            fn reserve(&self, additional: usize) {
                self.0.reserve(additional);
            }
            fn try_reserve(&self, additional: usize) -> bool {
                self.0.try_reserve(additional).is_ok()
            }
            fn shrink_to(&self, capacity: usize) {
                self.0.shrink_to(capacity);
            }
            fn shrink_to_fit(&self) {
                self.0.shrink_to_fit();
            }
            fn finish_resize(&self) {
                self.0.finish_resize();
            }
            fn len(&self) -> usize {
                self.0.len()
            }
            fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
            fn capacity(&self) -> usize {
                self.0.capacity()
            }
            fn entries(&self) -> Vec<Found> {
                self.0.iter().map($pair).collect()
            }
            fn keys(&self) -> Vec<(u16, Serial)> {
                self.0.keys().map(|k| (k.id(), k.serial())).collect()
            }
            fn values(&self) -> Vec<Held> {
                self.0.values().map(|v| value(&v)).collect()
            }
        }
    };
}

surface!(OnMap<'_, R>, |entry: Ref<'_, Key, Value, R>| of_ref(&entry));
surface!(OnPin<'_, R>, |(key, value): (&Key, &Value)| found(key, value));
surface!(OnOwnedPin<'_, R>, |(key, value): (&Key, &Value)| found(key, value));
