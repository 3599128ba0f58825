//! What whole-map calls are made on: maps and sets, behind one surface.

use crate::keys::Placed;
use crate::whole::Act;
use dolmen::{Equivalent, HashMap, HashSet, Reclaim, model};
use std::hash::{Hash, Hasher};

/// What a call on the whole map is told of: a key, if it is known, and what it has.
pub type Met<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// A map or a set under test. Values are numbers that name their write, and their key.
pub trait Subject: Send + Sync + 'static {
    fn new(threads: usize) -> Self;
    fn put(&self, key: u64, id: u64) -> Option<u64>;
    fn take(&self, key: u64) -> Option<u64>;
    fn get(&self, key: u64) -> Option<u64>;
    fn iterate(&self, what: Act, met: Met<'_>);
    fn retain(&self, pinned: bool, keep: &mut dyn FnMut(u64, u64) -> bool);
    fn clear(&self, pinned: bool);
    fn drain(&self, most: usize, met: Met<'_>);
    fn count(&self) -> usize;
    fn resize(&self, what: Act);
}

/// The key that a value was written to.
fn key_of(id: u64) -> u64 {
    id & 0xffff_ffff
}

impl<R: Reclaim + 'static> Subject for HashMap<u64, u64, Placed, R>
where
    Self: Send + Sync,
{
    fn new(threads: usize) -> Self {
        model::new_map(Placed, threads)
    }

    fn put(&self, key: u64, id: u64) -> Option<u64> {
        self.insert(key, id).map(|old| *old)
    }

    fn take(&self, key: u64) -> Option<u64> {
        self.remove(&key).map(|old| *old)
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.get_cloned(&key)
    }

    fn iterate(&self, what: Act, met: Met<'_>) {
        let pinned = self.pin();
        match what {
            Act::Iter(false) => self.iter().for_each(|entry| met(*entry.key(), Some(*entry))),
            Act::Iter(true) => pinned.iter().for_each(|(key, value)| met(*key, Some(*value))),
            Act::Keys(false) => self.keys().for_each(|key| met(*key, None)),
            Act::Keys(true) => pinned.keys().for_each(|key| met(*key, None)),
            Act::Values(false) => self.values().for_each(|value| met(key_of(*value), Some(*value))),
            _ => pinned.values().for_each(|value| met(key_of(*value), Some(*value))),
        }
    }

    fn retain(&self, pinned: bool, keep: &mut dyn FnMut(u64, u64) -> bool) {
        if pinned {
            self.pin().retain(|key, value| keep(*key, *value));
        } else {
            self.retain(|key, value| keep(*key, *value));
        }
    }

    fn clear(&self, pinned: bool) {
        if pinned { self.pin().clear() } else { self.clear() }
    }

    fn drain(&self, most: usize, met: Met<'_>) {
        self.drain().take(most).for_each(|entry| met(*entry.key(), Some(*entry)));
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn resize(&self, what: Act) {
        match what {
            Act::Resize(slots) => self.start_resize(slots),
            Act::Help => self.help_resize(),
            _ => self.finish_resize(),
        }
    }
}

/// An element: equal by key, told apart by what wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    key: u64,
    id: u64,
}

impl PartialEq for Element {
    fn eq(&self, other: &Element) -> bool {
        self.key == other.key
    }
}

impl Eq for Element {}

impl Hash for Element {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// What an element is looked up by.
#[derive(Hash)]
struct Of(u64);

impl Equivalent<Element> for Of {
    fn equivalent(&self, element: &Element) -> bool {
        self.0 == element.key
    }
}

impl<R: Reclaim + 'static> Subject for HashSet<Element, Placed, R>
where
    Self: Send + Sync,
{
    fn new(_: usize) -> Self {
        HashSet::builder().hasher(Placed).reclaimer::<R>().build()
    }

    fn put(&self, key: u64, id: u64) -> Option<u64> {
        self.replace(Element { key, id }).map(|old| old.id)
    }

    fn take(&self, key: u64) -> Option<u64> {
        self.take(&Of(key)).map(|old| old.id)
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.get(&Of(key)).map(|element| element.id)
    }

    fn iterate(&self, what: Act, met: Met<'_>) {
        match what {
            Act::Iter(true) | Act::Keys(true) | Act::Values(true) => {
                self.pin().iter().for_each(|element| met(element.key, Some(element.id)));
            }
            _ => self.iter().for_each(|element| met(element.key, Some(element.id))),
        }
    }

    fn retain(&self, pinned: bool, keep: &mut dyn FnMut(u64, u64) -> bool) {
        if pinned {
            self.pin().retain(|element| keep(element.key, element.id));
        } else {
            self.retain(|element| keep(element.key, element.id));
        }
    }

    fn clear(&self, pinned: bool) {
        if pinned { self.pin().clear() } else { self.clear() }
    }

    fn drain(&self, most: usize, met: Met<'_>) {
        self.drain().take(most).for_each(|element| met(element.key, Some(element.id)));
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn resize(&self, what: Act) {
        match what {
            Act::Resize(slots) => self.reserve(slots),
            Act::Help => self.shrink_to_fit(),
            _ => self.finish_resize(),
        }
    }
}
