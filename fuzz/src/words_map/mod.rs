//! Maps and sets of words against std's: words of every size, keys that a table keeps aside, keys of one
//! home, closures that panic or use the map, iterators held while entries come and go, batches, formats
//! and conversions.

mod single;
mod whole;

use crate::fuse::{self, Code};
use crate::input::Input;
use dolmen::words::{FixedMix, Mix};
use dolmen::{CrossbeamEpoch, Epoch, Reclaim, Seize, WordMap, WordSet};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Keys that a run may name, all in all.
const MOST_WORK: usize = 4000;

pub fn run(input: &[u8]) {
    let _alone = crate::alone();
    let mut input = Input::new(input);
    match input.byte() % 4 {
        0 | 1 => Play::<Epoch>::new(&mut input).play(input),
        2 => Play::<CrossbeamEpoch>::new(&mut input).play(input),
        _ => Play::<Seize>::new(&mut input).play(input),
    }
}

type Map<R> = WordMap<u64, u64, FixedMix, R>;
type Set<R> = WordSet<u64, FixedMix, R>;

/// What a closure does with the map before it answers.
#[derive(Clone, Copy)]
enum Nested {
    Insert(u64, u64),
    Remove(u64),
    Add(u64, u64),
    Clear,
    Reserve(usize),
    Shrink,
}

/// A map and a set, and what they should be.
struct Play<R: Reclaim> {
    map: Map<R>,
    model: RefCell<BTreeMap<u64, u64>>,
    set: Set<R>,
    elements: BTreeSet<u64>,
    mix: FixedMix,
    keys: usize,
    /// What the next closure does, once, and whether it panics.
    nested: Cell<Option<Nested>>,
    fuse: Cell<Option<(Code, usize)>>,
    /// What the last closure saw.
    seen: Cell<Option<u64>>,
    work: Cell<usize>,
}

impl<R: Reclaim> Play<R> {
    fn new(input: &mut Input) -> Self {
        let mix = FixedMix::new(u64::from(input.byte()));
        let keys = [4, 12, 60, 400][input.below(4)];
        Play {
            map: WordMap::builder().mix(mix).reclaimer::<R>().build(),
            set: WordSet::builder().mix(mix).reclaimer::<R>().build(),
            model: RefCell::default(),
            elements: BTreeSet::new(),
            mix,
            keys,
            nested: Cell::new(None),
            fuse: Cell::new(None),
            seen: Cell::new(None),
            work: Cell::new(0),
        }
    }

    fn play(mut self, mut input: Input) {
        while !input.is_over() && self.work.get() < MOST_WORK {
            self.did(1);
            match input.byte() {
                0..=149 => self.single(&mut input),
                150..=179 => self.batch(&mut input),
                180..=209 => self.whole(&mut input),
                210..=224 => self.held(&mut input),
                225..=244 => self.on_the_set(&mut input),
                245..=249 => typed(&mut input),
                _ => self.convert(&mut input),
            }
            let len = self.model.borrow().len();
            assert_eq!((self.map.len(), self.map.is_empty()), (len, len == 0));
        }
        let left: BTreeMap<u64, u64> = self.map.into_iter().collect();
        assert_eq!(left, self.model.into_inner());
        assert_eq!(self.set.into_iter().collect::<BTreeSet<u64>>(), self.elements);
    }

    fn did(&self, work: usize) {
        self.work.set(self.work.get() + work);
    }

    /// A key that the map sends where it is bad to be.
    fn nth_key(&self, n: usize) -> u64 {
        let n = n as u64;
        match n {
            // What would look like no key, and the words that stand for these.
            0 => self.mix.unmix(0),
            1 => self.mix.unmix(!0),
            2 => self.mix.unmix(1),
            3 => self.mix.unmix(2),
            4 => u64::MAX,
            // One home.
            5..9 => self.mix.unmix(n << 40 | 5),
            // One home, and one upper half: what a scan compares.
            9..12 => self.mix.unmix(7 << 40 | n << 20 | 5),
            // Neighbouring homes, the last of any table among them.
            12..30 => self.mix.unmix(n << 40 | (n.wrapping_sub(20) & 0xf_ffff)),
            _ => n,
        }
    }

    fn key(&self, input: &mut Input) -> u64 {
        self.nth_key(input.below(self.keys))
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.model.borrow().get(&key).copied()
    }

    fn put(&self, key: u64, value: u64) -> Option<u64> {
        self.model.borrow_mut().insert(key, value)
    }

    fn take(&self, key: u64) -> Option<u64> {
        self.model.borrow_mut().remove(&key)
    }

    fn set_nested(&self, input: &mut Input) {
        let nested = match input.byte() {
            // Mostly none.
            0..=199 => None,
            200..=219 => Some(Nested::Insert(self.key(input), value(input))),
            220..=229 => Some(Nested::Remove(self.key(input))),
            230..=239 => Some(Nested::Add(self.key(input), value(input))),
            240..=242 => Some(Nested::Clear),
            243..=249 => Some(Nested::Reserve(input.below(600))),
            _ => Some(Nested::Shrink),
        };
        self.nested.set(nested);
        self.fuse.set((input.byte() > 235).then(|| (Code::Closure, input.below(3))));
    }

    /// What every closure does first.
    fn inside(&self) {
        match self.nested.take() {
            None => {}
            Some(Nested::Insert(key, value)) => {
                assert_eq!(self.map.insert(key, value), self.put(key, value));
            }
            Some(Nested::Remove(key)) => assert_eq!(self.map.remove(key), self.take(key)),
            Some(Nested::Add(key, by)) => {
                let old = self.get(key);
                self.put(key, old.unwrap_or(7).wrapping_add(by));
                assert_eq!(self.map.fetch_add_or(key, by, 7), old);
            }
            Some(Nested::Clear) => {
                self.map.clear();
                self.model.borrow_mut().clear();
            }
            Some(Nested::Reserve(n)) => self.map.reserve(n),
            Some(Nested::Shrink) => self.map.shrink_to_fit(),
        }
        fuse::tick(Code::Closure);
    }

    /// The closure of a call on a key that it sees with this value.
    fn inside_of(&self, key: u64, current: Option<u64>) {
        assert_eq!(current, self.get(key), "what the closure sees of {key:#x}");
        self.seen.set(current);
        self.inside();
    }

    /// Makes a call; `None` if a closure panicked.
    fn burn<T>(&self, call: impl FnOnce() -> T) -> Option<T> {
        fuse::burn(self.fuse.take(), call).ok()
    }
}

/// A value: small or large, and at the sizes where that changes.
fn value(input: &mut Input) -> u64 {
    match input.byte() % 8 {
        0 | 1 => u64::from(input.byte()),
        2 => (1 << 62) - 1 + u64::from(input.byte() % 3),
        3 => u64::MAX - u64::from(input.byte() % 3),
        4 => 1 << 63 | u64::from(input.byte()),
        5 => 1 << (input.byte() % 64),
        _ => input.long(),
    }
}

/// Other types, whose values are what their bits were.
fn typed(input: &mut Input) {
    let bits: Vec<u64> = (0..1 + input.below(6)).map(|_| value(input)).collect();
    let map: WordMap<i64, f64> = bits.iter().map(|b| (*b as i64, f64::from_bits(*b))).collect();
    let signed: WordMap<char, i64> = WordMap::new();
    let small: WordMap<(), i8> = WordMap::new();
    let not_zero: WordMap<bool, std::num::NonZeroU64> = WordMap::new();
    for b in bits {
        assert_eq!(map.get(b as i64).map(f64::to_bits), Some(b));
        let letter = char::from_u32(b as u32).unwrap_or(char::MAX);
        signed.insert(letter, b as i64);
        assert_eq!(signed.get(letter), Some(b as i64));
        let old = small.get(());
        assert_eq!(small.fetch_add_or((), b as i8, i8::MIN), old);
        assert_eq!(small.get(()), Some(old.unwrap_or(i8::MIN).wrapping_add(b as i8)));
        if let Some(n) = std::num::NonZeroU64::new(b) {
            not_zero.insert(b % 2 == 0, n);
            assert_eq!(not_zero.compare_exchange(b % 2 == 0, n, n).ok(), Some(n));
        }
    }
    let expected = signed.keys().collect::<BTreeSet<char>>();
    assert_eq!(signed.into_iter().map(|(letter, _)| letter).collect::<BTreeSet<char>>(), expected);
}
