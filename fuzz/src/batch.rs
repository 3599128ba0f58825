//! Batches against single calls: a map that gets batches, one that gets the same keys one by one, and
//! std's. Keys repeat within a batch, resizes come in between, and closures write.

use crate::hashers::Hashing;
use crate::input::Input;
use dolmen::{CrossbeamEpoch, Epoch, HashMap, Reclaim, Seize};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// On the heap, where AddressSanitizer watches it.
type Value = Box<u32>;

/// Keys that a run may name, all in all.
const MOST_WORK: usize = 3000;

pub fn run(input: &[u8]) {
    let _alone = crate::alone();
    let mut input = Input::new(input);
    match input.byte() % 3 {
        0 => Three::<Epoch>::new(&mut input).play(input),
        1 => Three::<CrossbeamEpoch>::new(&mut input).play(input),
        _ => Three::<Seize>::new(&mut input).play(input),
    }
}

/// Maps that are to be the same.
struct Three<R: Reclaim> {
    batched: HashMap<u16, Value, Hashing, R>,
    single: HashMap<u16, Value, Hashing, R>,
    model: BTreeMap<u16, u32>,
    keys: usize,
    work: usize,
    made: u32,
}

impl<R: Reclaim> Three<R> {
    fn new(input: &mut Input) -> Self {
        let hashing = Hashing::ALL[input.below(Hashing::ALL.len())];
        let keys = [8, 40, 300, 1500][input.below(4)].min(hashing.most_keys());
        let map = || HashMap::builder().hasher(hashing).reclaimer::<R>().build();
        Three { batched: map(), single: map(), model: BTreeMap::new(), keys, work: 0, made: 0 }
    }

    fn play(mut self, mut input: Input) {
        while !input.is_over() && self.work < MOST_WORK {
            self.step(&mut input);
            assert_eq!(self.batched.len(), self.model.len());
        }
        assert!(self.batched == self.single);
        let left: BTreeMap<u16, u32> = self.batched.into_iter().map(|(k, v)| (k, *v)).collect();
        assert_eq!(left, self.model);
    }

    /// Keys, of which some repeat: a run of neighbours, keys of a small choice, or any.
    fn batch(&mut self, input: &mut Input) -> Vec<u16> {
        let length = input.below(256);
        let length = if length < 192 { length % 80 } else { length };
        self.work += length;
        let first = input.below(self.keys);
        let key = |i: usize| ((first + i) % self.keys) as u16;
        match input.byte() % 4 {
            0 => (0..length).map(key).collect(),
            1 => (0..length).map(|i| key(i % 5)).collect(),
            2 => (0..length).map(|i| key(i * i)).collect(),
            _ => (0..length.min(24)).map(|_| key(input.below(self.keys))).collect(),
        }
    }

    fn value(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    fn insert(&mut self, key: u16) -> bool {
        let value = self.value();
        let old = self.model.insert(key, value);
        assert_eq!(self.single.insert(key, Box::new(value)).map(|v| **v), old);
        old.is_none()
    }

    fn remove(&mut self, key: u16) -> bool {
        let old = self.model.remove(&key);
        assert_eq!(self.single.remove(&key).map(|v| **v), old);
        old.is_some()
    }

    /// What single calls find.
    fn found(&self, keys: &[u16]) -> Vec<Option<u32>> {
        let found: Vec<_> = keys.iter().map(|k| self.single.get(k).map(|v| **v)).collect();
        let modelled: Vec<_> = keys.iter().map(|k| self.model.get(k).copied()).collect();
        assert_eq!(found, modelled);
        found
    }

    fn step(&mut self, input: &mut Input) {
        match input.byte() % 16 {
            0..=2 => self.insert_many(input),
            3 | 4 => self.remove_many(input),
            5 => self.get_many(input),
            6 => self.get_many_into(input),
            7 => self.get_many_that_writes(input),
            8 => self.get_many_that_panics(input),
            9 => self.held(input),
            10 => {
                let key = input.below(self.keys) as u16;
                let removed = self.batched.remove(&key).is_some();
                assert_eq!(removed, self.remove(key));
            }
            11 => self.batched.reserve(input.below(3000)),
            12 => self.batched.shrink_to(input.below(600)),
            13 => {
                self.batched.finish_resize();
                self.batched.flush();
            }
            14 => {
                let (modulus, rest) = (input.below(5) as u16 + 1, input.below(5) as u16);
                let keep = |key: u16| key % modulus == rest % modulus;
                self.batched.retain(|key, _| keep(*key));
                self.single.retain(|key, _| keep(*key));
                self.model.retain(|key, _| keep(*key));
            }
            _ => self.insert_one_by_one(input),
        }
    }

    fn insert_many(&mut self, input: &mut Input) {
        let keys = self.batch(input);
        let first = self.made + 1;
        let new = keys.iter().filter(|key| self.insert(**key)).count();
        let entries = keys.iter().zip(first..).map(|(key, value)| (*key, Box::new(value)));
        let got = match input.flag() {
            true => self.batched.pin().insert_many(entries),
            false => self.batched.insert_many(entries),
        };
        assert_eq!(got, new);
        assert_eq!(self.batched.stats().migration, None, "`insert_many` ends its resizes");
        let found = self.found(&keys);
        let pinned = self.batched.pin();
        assert!(keys.iter().zip(found).all(|(key, value)| pinned.get(key).map(|v| **v) == value));
    }

    /// Leaves a resize in the middle, which `insert_many` does not.
    fn insert_one_by_one(&mut self, input: &mut Input) {
        for key in self.batch(input) {
            let value = self.made + 1;
            let new = self.batched.insert(key, Box::new(value)).is_none();
            assert_eq!(new, self.insert(key));
        }
    }

    fn remove_many(&mut self, input: &mut Input) {
        let keys = self.batch(input);
        let there = keys.iter().filter(|key| self.remove(**key)).count();
        let got = match input.flag() {
            true => self.batched.pin().remove_many(&keys),
            false => self.batched.remove_many(&keys),
        };
        assert_eq!(got, there);
        assert_eq!(self.batched.contains_many(&keys), 0);
    }

    fn get_many(&mut self, input: &mut Input) {
        let keys = self.batch(input);
        let (found, mut got) = (self.found(&keys), Vec::new());
        let mut take = |i: usize, value: Option<&Value>| {
            assert_eq!(i, got.len(), "in order");
            got.push(value.map(|v| **v));
        };
        match input.flag() {
            true => self.batched.pin().get_many(&keys, &mut take),
            false => self.batched.get_many(&keys, &mut take),
        }
        assert_eq!(got, found);
        let present = found.iter().flatten().count();
        assert_eq!(self.batched.contains_many(&keys), present);
        assert_eq!(self.batched.pin().contains_many(&keys), present);
    }

    /// What is in the vector before stays before.
    fn get_many_into(&mut self, input: &mut Input) {
        let keys = self.batch(input);
        let found = self.found(&keys);
        let before = Box::new(u32::MAX);
        let mut cloned = vec![Some(before.clone())];
        self.batched.get_many_into(&keys, &mut cloned);
        assert_eq!(cloned.remove(0), Some(before.clone()));
        assert!(cloned.iter().map(|v| v.as_ref().map(|v| **v)).eq(found.iter().copied()));
        let pinned = self.batched.pin_owned();
        let mut referred = vec![Some(&before)];
        pinned.get_many_into(&keys, &mut referred);
        assert_eq!(referred.remove(0), Some(&before));
        assert!(referred.iter().map(|v| v.map(|v| **v)).eq(found));
    }

    /// Each key is looked up when its turn comes: a closure that writes is seen by what follows.
    fn get_many_that_writes(&mut self, input: &mut Input) {
        let keys = self.batch(input);
        let (every, insert) = (input.below(9) + 1, input.flag());
        let mut expected = Vec::new();
        let first = self.made + 1;
        for (i, key) in keys.iter().enumerate() {
            expected.push(self.model.get(key).copied());
            if i % every == 0 {
                let next = keys[(i + 1) % keys.len()];
                _ = if insert { self.insert(next) } else { self.remove(next) };
            }
        }
        let (mut got, mut made) = (Vec::new(), first);
        self.batched.get_many(&keys, |i, value| {
            got.push(value.map(|v| **v));
            if i % every == 0 {
                let next = keys[(i + 1) % keys.len()];
                if insert {
                    self.batched.insert(next, Box::new(made));
                    made += 1;
                } else {
                    self.batched.remove(&next);
                }
            }
        });
        assert_eq!(got, expected);
    }

    /// A closure that panics ends the call, and changes nothing.
    fn get_many_that_panics(&mut self, input: &mut Input) {
        struct Planned;
        let keys = self.batch(input);
        let (found, last) = (self.found(&keys), input.below(40));
        let mut got = Vec::new();
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.batched.get_many(&keys, |i, value| {
                got.push(value.map(|v| **v));
                if i == last {
                    // Not `panic!`: libFuzzer takes its hook for a finding.
                    resume_unwind(Box::new(Planned));
                }
            });
        }));
        assert_eq!(result.is_err(), last < keys.len());
        assert!(result.err().is_none_or(|panic| panic.is::<Planned>()));
        assert_eq!(got, found[..keys.len().min(last + 1)]);
    }

    /// References under a pin stay what they were, whatever becomes of the entries.
    fn held(&mut self, input: &mut Input) {
        let keys = self.batch(input);
        let found = self.found(&keys);
        let map = std::mem::replace(
            &mut self.batched,
            HashMap::builder().hasher(Hashing::Mixed).reclaimer::<R>().build(),
        );
        let pinned = map.pin();
        let mut held = Vec::new();
        pinned.get_many_into(&keys, &mut held);
        let removed = keys.iter().filter(|key| self.remove(**key)).count();
        assert_eq!(map.remove_many(&keys), removed);
        if input.flag() {
            map.insert_many(keys.iter().map(|key| (*key, Box::new(0))));
            map.flush();
            map.remove_many(&keys);
        }
        map.shrink_to_fit();
        map.flush();
        assert!(held.iter().map(|v| v.map(|v| **v)).eq(found));
        drop(held);
        drop(pinned);
        self.batched = map;
    }
}
