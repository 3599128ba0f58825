//! The same for sets, whose elements say what wrote them.

use crate::keys::{Element, Hashing, Key, pause};
use crate::run::Subject;
use crate::verbs::Verb;
use crate::worker::Worker;
use dolmen::HashSet;
use dolmen_histories::record::Span;
use dolmen_histories::{Left, Saw, State};

pub type Set = HashSet<Element, Hashing>;

impl Subject for Set {
    fn with_hashing(hashing: Hashing) -> Self {
        HashSet::with_hasher(hashing)
    }

    fn work(&self, worker: &mut Worker) {
        match worker.rng.below(16) {
            0..=6 => {
                for _ in 0..32 {
                    call(self, worker);
                }
            }
            7..=13 => {
                let s = self.pin();
                for _ in 0..32 {
                    call_pinned(&s, worker);
                }
            }
            14 if worker.rng.below(u64::from(worker.keys)) == 0 => whole(self, worker),
            _ => worker.maintain(self),
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
        self.get(&Key(key)).map(|element| element.id)
    }

    fn counts(&self) -> (usize, usize) {
        (self.len(), self.iter().count())
    }
}

/// One call on one element; the pinned form answers with other references.
macro_rules! call {
    ($s:expr, $worker:expr) => {{
        let (s, key) = ($s, Key($worker.number()));
        let choice = $worker.rng.below(10);
        let r = &mut $worker.recorder;
        let element = Element { key, id: r.fresh(key.0) };
        let found = |id: State| (Saw::Is(id), Left::Same);
        let taken = |some: bool| {
            if some { (Saw::Present, Left::Nothing) } else { (Saw::Is(None), Left::Same) }
        };
        let or_put = |id: u64| {
            if id == element.id {
                (Saw::Is(None), Left::Value(id))
            } else {
                (Saw::Is(Some(id)), Left::Same)
            }
        };
        let (verb, (span, (saw, left))) = match choice {
            0 | 1 => {
                let (span, new) = r.time(|| s.insert(element));
                // The element that is there stays.
                let same = (Saw::Present, Left::Same);
                let put = (Saw::Is(None), Left::Value(element.id));
                (Verb::Insert, (span, if new { put } else { same }))
            }
            2 => {
                let (span, old) = r.time(|| s.replace(element));
                let old = old.map(|old| old.id);
                (Verb::Update, (span, (Saw::Is(old), Left::Value(element.id))))
            }
            3 => {
                let (span, it) = r.time(|| s.get_or_insert(element));
                (Verb::GetOrInsert, (span, or_put(it.id)))
            }
            4 => {
                let make = |_: &Key| {
                    pause(16);
                    element
                };
                let (span, it) = r.time(|| s.get_or_insert_with(&key, make));
                (Verb::GetOrInsertWith, (span, or_put(it.id)))
            }
            5 => {
                let (span, removed) = r.time(|| s.remove(&key));
                (Verb::Remove, (span, taken(removed)))
            }
            6 => {
                let (span, old) = r.time(|| s.take(&key));
                let seen = match old.map(|old| old.id) {
                    Some(old) => (Saw::Is(Some(old)), Left::Nothing),
                    None => found(None),
                };
                (Verb::RemoveEntry, (span, seen))
            }
            7 => {
                let declined = std::cell::Cell::new(None);
                let condition = |element: &Element| {
                    pause(64);
                    let wanted = element.id / dolmen_histories::record::TRIES % 2 == 0;
                    declined.set((!wanted).then_some(element.id));
                    wanted
                };
                let (span, removed) = r.time(|| s.remove_if(&key, condition));
                let seen = if removed { taken(true) } else { found(declined.get()) };
                (Verb::RemoveIf, (span, seen))
            }
            8 => {
                let (span, there) = r.time(|| s.contains(&key));
                let saw = if there { Saw::Present } else { Saw::Is(None) };
                (Verb::Contains, (span, (saw, Left::Same)))
            }
            _ => {
                let (span, it) = r.time(|| s.get(&key));
                (Verb::Get, (span, found(it.map(|it| it.id))))
            }
        };
        r.note(key.0, verb as u8, span, saw, left);
    }};
}

fn call(s: &Set, worker: &mut Worker) {
    call!(s, worker);
}

fn call_pinned(s: &dolmen::set::Pinned<'_, Element, Hashing>, worker: &mut Worker) {
    call!(s, worker);
}

/// A call on the whole set: a read, or a removal, of each element at its own moment.
fn whole(s: &Set, worker: &mut Worker) {
    let mut met = vec![false; worker.keys as usize];
    let choice = worker.rng.below(4);
    let r = &mut worker.recorder;
    let (clock, begin) = (r.clock, r.clock.before());
    let mut note = |element: &Element, verb: Verb, span: Span, left: Left| {
        let key = element.key.0;
        assert!(!std::mem::replace(&mut met[key as usize], true), "{key} came twice");
        r.note(key, verb as u8, span, Saw::Is(Some(element.id)), left);
    };
    let verb = match choice {
        0 | 1 => {
            for element in s.iter() {
                let span = Span { begin, end: clock.after() };
                note(&element, Verb::Iter, span, Left::Same);
            }
            Verb::Iter
        }
        2 => {
            for element in s.pin().iter() {
                let span = Span { begin, end: clock.after() };
                note(element, Verb::Iter, span, Left::Same);
            }
            Verb::Iter
        }
        _ => {
            for element in s.drain() {
                let span = Span { begin, end: clock.after() };
                note(&element, Verb::Drain, span, Left::Nothing);
            }
            Verb::Drain
        }
    };
    let span = Span { begin, end: clock.after() };
    for (key, _) in met.iter().enumerate().filter(|(_, met)| !**met) {
        r.note(key as u32, verb as u8, span, Saw::Is(None), Left::Same);
    }
}
