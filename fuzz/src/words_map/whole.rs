//! Calls on many keys, on the whole map, and on the set.

use super::{Play, value};
use crate::fuse::{self, Code};
use crate::hashers::Hashing;
use crate::input::Input;
use dolmen::words::RandomMix;
use dolmen::{HashMap, Reclaim, WordMap, WordSet};
use std::collections::{BTreeMap, BTreeSet};

impl<R: Reclaim> Play<R> {
    /// Keys, of which some repeat.
    fn keys(&self, input: &mut Input) -> Vec<u64> {
        let (length, first, stride) = (input.below(100), input.below(self.keys), input.below(4));
        self.did(length);
        (0..length).map(|i| self.nth_key((first + i * stride) % self.keys)).collect()
    }

    /// A batch does what single calls do, in order.
    pub(super) fn batch(&self, input: &mut Input) {
        let (which, by) = (input.byte() % 8, value(input));
        let keys = self.keys(input);
        let found: Vec<Option<u64>> = keys.iter().map(|key| self.get(*key)).collect();
        let entries: Vec<(u64, u64)> =
            keys.iter().zip(0..).map(|(key, i)| (*key, by.wrapping_add(i))).collect();
        let pin = self.map.pin();
        match which {
            0 | 1 => {
                let new = entries.iter().filter(|(k, v)| self.put(*k, *v).is_none()).count();
                assert_eq!(self.map.insert_many(entries), new);
            }
            2 => {
                let there = keys.iter().filter(|key| self.take(**key).is_some()).count();
                assert_eq!(pin.remove_many(&keys), there);
            }
            3 => {
                let mut got = Vec::new();
                self.fuse.set(Some((Code::Closure, input.below(120))));
                let whole = self.burn(|| {
                    self.map.get_many(&keys, |i, value| {
                        assert_eq!(i, got.len());
                        fuse::tick(Code::Closure);
                        got.push(value);
                    });
                });
                assert_eq!(got, found[..got.len()]);
                assert!(whole.is_none() || got.len() == found.len());
            }
            4 => {
                let mut got = Vec::new();
                pin.get_many_into(&keys, &mut got);
                assert_eq!(got, found);
                assert_eq!(self.map.contains_many(&keys), found.iter().flatten().count());
            }
            5 | 6 => {
                let add = |(key, by): &(u64, u64)| {
                    self.get(*key).and_then(|old| self.put(*key, old.wrapping_add(*by))).is_some()
                };
                let there = entries.iter().filter(|entry| add(entry)).count();
                assert_eq!(pin.fetch_add_many(&entries), there);
            }
            _ => {
                let start = value(input);
                let add = |(key, by): &(u64, u64)| {
                    let old = self.get(*key);
                    self.put(*key, old.unwrap_or(start).wrapping_add(*by));
                    old.is_none()
                };
                let new = entries.iter().filter(|entry| add(entry)).count();
                assert_eq!(self.map.fetch_add_many_or(&entries, start), new);
            }
        }
    }

    pub(super) fn whole(&mut self, input: &mut Input) {
        let (which, many) = (input.byte() % 12, input.below(256));
        match which {
            0 | 1 => {
                self.fuse.set((many > 200).then(|| (Code::Closure, input.below(40))));
                let keep = |key: u64, value: u64| {
                    fuse::tick(Code::Closure);
                    assert_eq!(self.get(key), Some(value));
                    let keep = key % 3 != many as u64 % 3;
                    if !keep {
                        self.take(key);
                    }
                    keep
                };
                self.burn(|| self.map.retain(keep));
            }
            2 => {
                self.map.clear();
                self.model.borrow_mut().clear();
            }
            3 | 4 => {
                for (key, value) in self.map.drain().take(many / 8) {
                    assert_eq!(self.take(key), Some(value));
                }
            }
            5 => {
                self.map.reserve(many * 4);
                assert!(self.map.try_reserve(usize::MAX).is_err());
                assert!(self.map.try_reserve(many).is_ok());
            }
            6 => self.map.shrink_to(many * 2),
            7 => self.map.pin().shrink_to_fit(),
            8 => {
                self.map.finish_resize();
                assert_eq!(self.map.stats().migration, None);
            }
            9 => self.map.flush(),
            10 => {
                let entries = (0..many / 2).map(|i| (self.nth_key(i % self.keys), i as u64));
                let entries: Vec<_> = entries.collect();
                self.did(entries.len());
                self.model.borrow_mut().extend(entries.iter().copied());
                (&self.map).extend(entries);
                assert_eq!(self.map.stats().migration, None, "`extend` ends its resizes");
            }
            _ => {
                self.did(self.map.len());
                let model = self.model.borrow();
                assert_eq!(self.map.iter().collect::<BTreeMap<_, _>>(), *model);
                assert!(self.map.pin().keys().collect::<BTreeSet<_>>().iter().eq(model.keys()));
                let mut values: Vec<u64> = self.map.values().collect();
                values.sort_unstable();
                let mut expected: Vec<u64> = model.values().copied().collect();
                expected.sort_unstable();
                assert_eq!(values, expected);
            }
        }
    }

    /// An iterator, while entries come and go.
    pub(super) fn held(&self, input: &mut Input) {
        let mut throughout = self.model.borrow().clone();
        self.did(throughout.len());
        let pin = self.map.pin();
        let (mut of_map, mut of_pin) = (self.map.iter(), pin.iter());
        let mut came = [Vec::new(), Vec::new()];
        for _ in 0..input.byte() % 24 {
            match input.byte() % 4 {
                0 => came[0].extend(of_map.by_ref().take(3)),
                1 => came[1].extend(of_pin.by_ref().take(3)),
                2 => {
                    self.map.reserve(input.below(300));
                    self.map.finish_resize();
                }
                _ => {
                    let before = self.model.borrow().clone();
                    self.single(input);
                    let now = self.model.borrow();
                    throughout.retain(|key, _| before.get(key) == now.get(key));
                }
            }
        }
        came[0].extend(of_map);
        came[1].extend(of_pin);
        for came in came {
            let (count, came) = (came.len(), came.into_iter().collect::<BTreeMap<u64, u64>>());
            assert_eq!(count, came.len(), "a key came twice");
            for (key, value) in &throughout {
                assert_eq!(came.get(key), Some(value), "it was there throughout");
            }
        }
    }

    pub(super) fn on_the_set(&mut self, input: &mut Input) {
        let (which, element) = (input.byte() % 16, self.key(input));
        let (set, elements) = (&self.set, &mut self.elements);
        match which {
            0..=3 => assert_eq!(set.insert(element), elements.insert(element)),
            4 | 5 => assert_eq!(set.pin().remove(element), elements.remove(&element)),
            6 => {
                let keep = |element: &u64| !element.is_multiple_of(3);
                set.retain(|element| keep(&element));
                elements.retain(keep);
            }
            7 => {
                for element in set.drain().take(5) {
                    assert!(elements.remove(&element));
                }
            }
            8 => set.reserve(input.below(300)),
            9 => set.shrink_to_fit(),
            _ => return self.relate(input),
        }
        assert_eq!(self.set.contains(element), self.elements.contains(&element));
        assert_eq!(self.set.len(), self.elements.len());
    }

    /// Batches of elements, and another set.
    fn relate(&mut self, input: &mut Input) {
        let keys = self.keys(input);
        let set = &self.set;
        match input.byte() % 4 {
            0 => {
                let new = keys.iter().filter(|key| self.elements.insert(**key)).count();
                assert_eq!(set.insert_many(keys), new);
            }
            1 => {
                let there = keys.iter().filter(|key| self.elements.remove(key)).count();
                assert_eq!(set.remove_many(&keys), there);
            }
            2 => {
                let there = keys.iter().filter(|key| self.elements.contains(key)).count();
                assert_eq!(set.contains_many(&keys), there);
            }
            _ => {
                let x = &self.elements;
                let y: BTreeSet<u64> = keys.iter().copied().collect();
                let mut other = set.clone();
                other.clear();
                other.extend(keys);
                let relations = (x.is_subset(&y), x.is_superset(&y), x.is_disjoint(&y), *x == y);
                let ours = (
                    set.is_subset(&other),
                    set.is_superset(&other),
                    set.is_disjoint(&other),
                    *set == other,
                );
                assert_eq!(ours, relations);
            }
        }
        assert_eq!(self.set.iter().collect::<BTreeSet<u64>>(), self.elements);
    }

    /// Copies, other maps and sets, formats, and an iterator that takes the map apart.
    pub(super) fn convert(&mut self, input: &mut Input) {
        let model = self.model.borrow();
        self.did(2 * model.len());
        match input.byte() % 6 {
            0 => {
                let copy = self.map.clone();
                assert!(
                    copy == self.map && copy.pin().iter().collect::<BTreeMap<_, _>>() == *model
                );
                self.map = copy;
            }
            1 => {
                let nodes: HashMap<u64, u64, Hashing, R> = HashMap::from(&self.map);
                assert!(nodes.len() == model.len());
                assert!(model.iter().all(|(key, value)| nodes.get_cloned(key) == Some(*value)));
                let back: WordMap<u64, u64, RandomMix, R> = WordMap::from(nodes);
                assert_eq!(back.into_iter().collect::<BTreeMap<_, _>>(), *model);
            }
            2 => {
                let json = serde_json::to_vec(&self.map).expect("it can be written");
                let std: BTreeMap<u64, u64> = serde_json::from_slice(&json).expect("of words");
                assert_eq!(std, *model);
                let back: WordMap<u64, u64> = serde_json::from_slice(&json).expect("as written");
                assert_eq!(back.iter().collect::<BTreeMap<_, _>>(), *model);
            }
            3 => {
                let bytes = postcard::to_stdvec(&self.map.pin()).expect("it can be written");
                let back: WordMap<u64, u64> = postcard::from_bytes(&bytes).expect("as written");
                assert_eq!(back.into_iter().collect::<BTreeMap<_, _>>(), *model);
                let bytes = postcard::to_stdvec(&self.set).expect("it can be written");
                let back: WordSet<u64> = postcard::from_bytes(&bytes).expect("as written");
                assert_eq!(back.into_iter().collect::<BTreeSet<_>>(), self.elements);
            }
            // Whatever the bytes say.
            4 => {
                let bytes: Vec<u8> = (0..input.below(40)).map(|_| input.byte()).collect();
                let ours = postcard::from_bytes::<WordMap<u16, i64>>(&bytes).ok();
                let std = postcard::from_bytes::<BTreeMap<u16, i64>>(&bytes).ok();
                assert_eq!(ours.map(|ours| ours.into_iter().collect()), std);
            }
            _ => {
                let rest = self.map.clone().into_iter();
                let some: BTreeMap<u64, u64> = rest.take(input.below(40)).collect();
                assert!(some.iter().all(|(key, value)| model.get(key) == Some(value)));
                let most = self.map.clone().into_iter();
                assert_eq!(most.len(), model.len());
            }
        }
    }
}
