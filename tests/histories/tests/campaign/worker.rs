//! A thread of a run: calls drawn from a mix, under pins of every kind and without.

use crate::keys::{Hashing, Key, pause};
use crate::many::{batch, whole};
use crate::run::Subject;
use crate::verbs::{Verb, perform, perform_by_reference};
use dolmen::{Entry, HashMap, OwnedPinned, Pinned, Reclaim};
use dolmen_histories::record::Recorder;
use dolmen_histories::{Left, Saw, State};

pub type Map<R> = HashMap<Key, u64, Hashing, R>;

/// xorshift64*.
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    #[inline(always)]
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) * n) >> 32
    }
}

/// What a worker does, drawn evenly from this list.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub name: &'static str,
    pub verbs: &'static [Verb],
    /// Calls on the whole map too, about as much work as all others.
    pub whole: &'static [Verb],
}

/// One thread: what it writes down and what it draws from.
pub struct Worker {
    pub recorder: Recorder,
    pub rng: Rng,
    pub keys: u32,
    mix: Mix,
}

/// Beyond which a batch shows nothing new: the library fetches 32 keys together.
const LONGEST_BATCH: u64 = 40;

/// A run of calls through one handle, with keys made of their numbers; `$others` makes those that only
/// one kind of map has.
macro_rules! session {
    ($worker:expr, $m:expr, $key:expr, $others:ident) => {{
        let (worker, m) = (&mut *$worker, $m);
        for _ in 0..worker.rng.below(64) {
            if worker.recorder.is_full() {
                return;
            }
            let key = $key(worker.number());
            let verb = worker.verb();
            match verb {
                Verb::GetMany
                | Verb::GetManyInto
                | Verb::ContainsMany
                | Verb::InsertMany
                | Verb::RemoveMany => {
                    let keys: Vec<_> = worker.batch().map($key).collect();
                    batch!(m, worker.recorder, verb, &keys);
                }
                Verb::Iter
                | Verb::Keys
                | Verb::Values
                | Verb::Retain
                | Verb::Clear
                | Verb::Drain => {
                    whole!(m, worker.recorder, worker.rng, verb, worker.keys);
                }
                verb if verb.is_common() => {
                    perform!(m, &mut worker.recorder, worker.rng, verb, key);
                }
                verb => $others!(worker, m, verb, key),
            }
        }
    }};
}

/// A call that only maps of nodes have.
macro_rules! on_nodes {
    ($worker:expr, $m:expr, $verb:expr, $key:expr) => {
        match $verb {
            Verb::Entry => $worker.entry($m.map(), $key),
            verb => perform_by_reference!($m, &mut $worker.recorder, verb, $key),
        }
    };
}

/// The map itself is a handle, as its pinned forms are.
trait Handle<R: Reclaim> {
    fn map(&self) -> &Map<R>;
}

impl<R: Reclaim> Handle<R> for Map<R> {
    fn map(&self) -> &Map<R> {
        self
    }
}

impl Worker {
    pub fn new(recorder: Recorder, seed: u64, keys: u32, mix: Mix) -> Worker {
        Worker { recorder, rng: Rng(seed | 1), keys, mix }
    }

    /// A key's.
    pub fn number(&mut self) -> u32 {
        self.rng.below(u64::from(self.keys)) as u32
    }

    pub fn verb(&mut self) -> Verb {
        let Mix { verbs, whole, .. } = self.mix;
        // So that as many records come of them as of the rest.
        let whole_now = !whole.is_empty() && self.rng.below(u64::from(self.keys) * 4 + 4) == 0;
        let verbs = if whole_now { whole } else { verbs };
        verbs[self.rng.below(verbs.len() as u64) as usize]
    }

    /// Neighbours, so that none comes twice.
    pub fn batch(&mut self) -> impl Iterator<Item = u32> + use<> {
        let (keys, longest) = (self.keys, LONGEST_BATCH.min(u64::from(self.keys)));
        let (first, length) = (self.number(), 1 + self.rng.below(longest) as u32);
        (0..length).map(move |i| (first + i) % keys)
    }

    fn unpinned<R: Reclaim>(&mut self, map: &Map<R>) {
        session!(self, map, Key, on_nodes);
    }

    fn pinned<R: Reclaim>(&mut self, m: &Pinned<'_, Key, u64, Hashing, R>) {
        session!(self, m, Key, on_nodes);
    }

    fn owned<R: Reclaim>(&mut self, m: &OwnedPinned<'_, Key, u64, Hashing, R>) {
        session!(self, m, Key, on_nodes);
    }

    /// An entry is a read, and then another call.
    fn entry<R: Reclaim>(&mut self, map: &Map<R>, key: Key) {
        let (r, k, v) = (&mut self.recorder, key.0, Verb::Entry as u8);
        let fresh = r.fresh(k);
        let (span, entry) = r.time(|| map.entry(key));
        pause(64);
        match entry {
            Entry::Occupied(entry) => {
                let current = *entry.get();
                r.note(k, v, span, Saw::Is(Some(current)), Left::Same);
                match self.rng.below(4) {
                    0 => {
                        let (span, old) = r.time(|| entry.insert(fresh));
                        let saw = Saw::Is(old.map(|old| *old));
                        r.note(k, v, span, saw, Left::Value(fresh));
                    }
                    // Only the very entry that was found; whatever else is there says nothing.
                    1 => {
                        let (span, old) = r.time(|| entry.remove());
                        if let Some(old) = old {
                            r.note(k, v, span, Saw::Is(Some(*old)), Left::Nothing);
                        }
                    }
                    2 => {
                        let tries = crate::verbs::Tries::new(fresh);
                        let update = |old: &u64| tries.next(Some(*old));
                        let (span, entry) = r.time(|| Entry::Occupied(entry).and_modify(update));
                        let (saw, left) = match &entry {
                            Entry::Occupied(new) => (tries.saw.get(), Left::Value(*new.get())),
                            Entry::Vacant(_) => (None, Left::Same),
                        };
                        r.note(k, v, span, Saw::Is(saw), left);
                    }
                    _ => assert_eq!(*entry.into_ref(), current, "an entry does not change"),
                }
            }
            Entry::Vacant(entry) => {
                r.note(k, v, span, Saw::Is(None), Left::Same);
                let (span, new) = match self.rng.below(3) {
                    0 => r.time(|| entry.insert(fresh).map_or_else(|_| None, |new| Some(*new))),
                    1 => r.time(|| Some(*Entry::Vacant(entry).or_insert(fresh))),
                    _ => r.time(|| Some(*Entry::Vacant(entry).or_insert_with(|| fresh))),
                };
                let (saw, left) = match new {
                    Some(new) if new == fresh => (Saw::Is(None), Left::Value(fresh)),
                    Some(found) => (Saw::Is(Some(found)), Left::Same),
                    None => (Saw::Present, Left::Same),
                };
                r.note(k, v, span, saw, left);
            }
        }
    }

    /// What changes no entry.
    pub fn maintain(&mut self, map: &impl Subject) {
        match self.rng.below(8) {
            0 => map.reserve(self.rng.below(u64::from(self.keys) * 2 + 16) as usize),
            1 => map.shrink_to_fit(),
            2 => map.finish_resize(),
            _ => {}
        }
    }
}

impl<R: Reclaim + 'static> Subject for Map<R>
where
    Map<R>: Sync,
{
    fn with_hashing(hashing: Hashing) -> Self {
        HashMap::builder().hasher(hashing).reclaimer::<R>().build()
    }

    fn work(&self, worker: &mut Worker) {
        match worker.rng.below(32) {
            0..=14 => worker.unpinned(self),
            15..=28 => worker.pinned(&self.pin()),
            29 => worker.owned(&self.pin_owned()),
            30 => worker.maintain(self),
            _ => self.flush(),
        }
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn reserve(&self, additional: usize) {
        self.reserve(additional);
    }

    fn shrink_to_fit(&self) {
        self.shrink_to_fit();
    }

    fn finish_resize(&self) {
        self.finish_resize();
    }

    fn holds(&self, key: u32) -> State {
        self.get_cloned(&Key(key))
    }

    fn counts(&self) -> (usize, usize) {
        (self.len(), self.iter().count())
    }
}

pub(crate) use session;
