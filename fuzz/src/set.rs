//! Two sets against std's: which of equal elements stays, relations, operators, iterators that are
//! held while elements come and go.

use crate::hashers::Hashing;
use crate::input::Input;
use dolmen::{CrossbeamEpoch, Epoch, HashSet, Reclaim, Seize};
use std::collections::HashSet as Std;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// An element of which two that are equal can be told apart. The mark is on the heap, where
/// AddressSanitizer watches it.
#[derive(Clone, Debug, Eq)]
struct Element {
    id: u16,
    mark: Box<u32>,
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Hash for Element {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// Looks an [`Element`] up by its number.
#[derive(Hash)]
struct Id(u16);

impl dolmen::Equivalent<Element> for Id {
    fn equivalent(&self, element: &Element) -> bool {
        self.0 == element.id
    }
}

/// An element, as numbers.
type Seen = (u16, u32);

fn seen(element: &Element) -> Seen {
    (element.id, *element.mark)
}

fn sorted(elements: impl Iterator<Item = Seen>) -> Vec<Seen> {
    let mut elements: Vec<Seen> = elements.collect();
    elements.sort_unstable();
    elements
}

/// Without marks: of what both sets have, either one's element may come.
fn ids(elements: impl Iterator<Item = Seen>) -> Vec<u16> {
    sorted(elements).into_iter().map(|(id, _)| id).collect()
}

const MOST_WORK: usize = 6000;

pub fn run(input: &[u8]) {
    let _alone = crate::alone();
    let mut input = Input::new(input);
    match input.byte() % 4 {
        // Copies of a set, and sets from iterators, are there for `Epoch` only.
        0 | 1 => play::<Epoch>(input, by_default),
        2 => play::<CrossbeamEpoch>(input, |_, _| {}),
        _ => play::<Seize>(input, |_, _| {}),
    }
}

type Ours<R> = HashSet<Element, Hashing, R>;

/// A set and what it should be.
struct Pair<R: Reclaim> {
    ours: Ours<R>,
    std: Std<Element>,
}

struct State {
    keys: usize,
    marks: u32,
    work: usize,
}

impl State {
    /// An element, distinguishable from all that came before.
    fn element(&mut self, id: u16) -> Element {
        self.marks += 1;
        Element { id, mark: Box::new(self.marks) }
    }

    fn next(&mut self, input: &mut Input) -> Element {
        let id = input.below(self.keys) as u16;
        self.element(id)
    }
}

fn play<R: Reclaim>(mut input: Input, by_default: fn(&mut Pair<R>, &mut State)) {
    let hashing = Hashing::ALL[input.below(Hashing::ALL.len())];
    let keys = [8, 40, 200, 800][input.below(4)].min(hashing.most_keys());
    let pair = || Pair {
        ours: HashSet::builder().hasher(hashing).reclaimer::<R>().build(),
        std: Std::with_hasher(RandomState::new()),
    };
    let (mut pairs, mut state) = ([pair(), pair()], State { keys, marks: 0, work: 0 });
    while !input.is_over() && state.work < MOST_WORK {
        state.work += 1;
        let which = input.byte();
        let [a, b] = &mut pairs;
        let (pair, other) = if which & 1 == 0 { (a, b) } else { (b, a) };
        match which >> 1 {
            0..=60 => single(pair, &mut state, &mut input),
            61..=90 => whole(pair, &mut state, &mut input),
            91..=105 => held(pair, &mut state, &mut input),
            106..=124 => algebra(pair, other, &mut state, &mut input),
            125 => by_default(pair, &mut state),
            _ => std::mem::swap(pair, other),
        }
        let [a, b] = &pairs;
        assert_eq!((a.ours.len(), b.ours.len()), (a.std.len(), b.std.len()));
        assert_eq!(a.ours.is_empty(), a.std.is_empty());
    }
    for Pair { ours, std } in pairs {
        let left = sorted(ours.into_iter().map(|element| seen(&element)));
        assert_eq!(left, sorted(std.iter().map(seen)));
    }
}

/// Calls on one element, on the set or under a pin.
fn single<R: Reclaim>(pair: &mut Pair<R>, state: &mut State, input: &mut Input) {
    let Pair { ours, std } = pair;
    let (how, element) = (input.byte(), state.next(input));
    let (id, pin, there) = (Id(element.id), ours.pin_owned(), std.get(&element).map(seen));
    let pinned = how & 16 != 0;
    match how % 16 {
        0..=3 => {
            let new =
                if pinned { pin.insert(element.clone()) } else { ours.insert(element.clone()) };
            assert_eq!(new, std.insert(element));
        }
        4 | 5 => {
            let old = std.replace(element.clone()).as_ref().map(seen);
            let got = match pinned {
                true => pin.replace(element).map(seen),
                false => ours.replace(element).as_deref().map(seen),
            };
            assert_eq!((got, old), (there, there));
        }
        6 | 7 => {
            let offered = seen(&element);
            let got = match (pinned, how & 32 != 0) {
                (true, false) => seen(pin.get_or_insert(element.clone())),
                (false, false) => seen(&ours.get_or_insert(element.clone())),
                (true, true) => seen(pin.get_or_insert_with(&id, |_| element.clone())),
                (false, true) => seen(&ours.get_or_insert_with(&id, |_| element.clone())),
            };
            assert_eq!(got, there.unwrap_or(offered));
            std.insert(element);
        }
        8 | 9 => {
            let removed = if pinned { pin.remove(&id) } else { ours.remove(&id) };
            assert_eq!(removed, std.remove(&element));
        }
        10 => {
            let holds = |e: &Element| !e.mark.is_multiple_of(3);
            let removed = match pinned {
                true => pin.remove_if(&id, holds),
                false => ours.remove_if(&id, holds),
            };
            assert_eq!(removed, std.get(&element).is_some_and(holds));
            if removed {
                std.remove(&element);
            }
        }
        11 | 12 => {
            let taken = match pinned {
                true => pin.take(&id).map(seen),
                false => ours.take(&id).as_deref().map(seen),
            };
            assert_eq!((taken, std.take(&element).as_ref().map(seen)), (there, there));
        }
        _ => {
            assert_eq!(ours.get(&id).as_deref().map(seen), there);
            assert_eq!(pin.get(&id).map(seen), there);
            assert_eq!((ours.contains(&id), pin.contains(&id)), (there.is_some(), there.is_some()));
        }
    }
}

fn whole<R: Reclaim>(pair: &mut Pair<R>, state: &mut State, input: &mut Input) {
    let Pair { ours, std } = pair;
    let (how, many) = (input.byte() % 16, usize::from(input.byte()));
    state.work += many;
    let first = input.below(state.keys);
    let run: Vec<Element> =
        (0..many).map(|i| state.element(((first + i) % state.keys) as u16)).collect();
    match how {
        0..=2 => {
            for element in run {
                assert_eq!(ours.insert(element.clone()), std.insert(element));
            }
        }
        3 | 4 => {
            for element in run {
                assert_eq!(ours.remove(&Id(element.id)), std.remove(&element));
            }
        }
        5 => {
            (&*ours).extend(run.iter().cloned());
            std.extend(run);
            assert_eq!(ours.stats().migration, None, "`extend` ends its resizes");
        }
        6 => {
            let keep = |e: &Element| usize::from(e.id) % 3 != many % 3;
            ours.retain(keep);
            std.retain(keep);
        }
        7 => {
            let (capacity, len) = (ours.capacity(), std.len());
            ours.clear();
            std.clear();
            // Elements that shared slots were room for themselves as long as they were there.
            let shared = capacity == len && ours.capacity() < len;
            assert!(ours.capacity() == capacity || shared);
        }
        8 => {
            ours.reserve(10 * many);
            assert!(ours.try_reserve(usize::MAX).is_err() && ours.try_reserve(many).is_ok());
        }
        9 => {
            ours.shrink_to(2 * many);
            ours.pin().shrink_to_fit();
        }
        10 => {
            ours.finish_resize();
            assert_eq!(ours.stats().migration, None);
        }
        11 => ours.flush(),
        12 => {
            let drained: Vec<Seen> = ours.drain().take(many).map(|e| seen(&e)).collect();
            assert_eq!(drained.len(), many.min(std.len()));
            for (id, mark) in drained {
                let element = std.take(&Element { id, mark: Box::new(0) });
                assert_eq!(element.as_ref().map(seen), Some((id, mark)));
            }
        }
        _ => {
            let all = sorted(std.iter().map(seen));
            assert_eq!(sorted(ours.iter().map(|e| seen(&e))), all);
            assert_eq!(sorted(ours.pin().iter().map(seen)), all);
            assert_eq!(format!("{:?}", ours.pin()).matches("mark").count(), all.len());
        }
    }
}

/// References and an iterator, while elements come and go.
fn held<R: Reclaim>(pair: &mut Pair<R>, state: &mut State, input: &mut Input) {
    let Pair { ours, std } = pair;
    let pin = ours.pin();
    let (mut iterated, mut throughout) = (Vec::new(), std.clone());
    let mut references = Vec::new();
    let mut elements = ours.iter();
    for _ in 0..input.byte() % 24 {
        let element = state.next(input);
        let id = Id(element.id);
        references.extend(pin.get(&id).map(|element| (element, seen(element))));
        match input.byte() % 4 {
            0 => iterated.extend(elements.by_ref().take(3).map(|e| seen(&e))),
            1 => {
                throughout.remove(&element);
                assert_eq!(ours.remove(&id), std.remove(&element));
            }
            2 => assert_eq!(pin.insert(element.clone()), std.insert(element)),
            _ => {
                let old = std.replace(element.clone());
                assert_eq!(pin.replace(element).map(seen), old.as_ref().map(seen));
            }
        }
    }
    iterated.extend(elements.map(|e| seen(&e)));
    let mut came = Std::new();
    assert!(iterated.iter().all(|(id, _)| came.insert(*id)), "an element came twice");
    assert!(throughout.iter().all(|e| came.contains(&e.id)), "an element did not come");
    assert!(references.into_iter().all(|(element, was)| seen(element) == was));
}

/// Relations, iterators and operators of two sets.
fn algebra<R: Reclaim>(a: &Pair<R>, b: &Pair<R>, state: &mut State, input: &mut Input) {
    state.work += 2 * (a.std.len() + b.std.len());
    let (x, y) = (&a.std, &b.std);
    let (pa, pb) = (a.ours.pin(), b.ours.pin_owned());
    match input.byte() % 6 {
        0 => {
            let relations = (x.is_subset(y), x.is_superset(y), x.is_disjoint(y), x == y);
            let (a, b) = (&a.ours, &b.ours);
            assert_eq!((a.is_subset(b), a.is_superset(b), a.is_disjoint(b), a == b), relations);
            let pinned = (pa.is_subset(&pb), pa.is_superset(&pb), pa.is_disjoint(&pb), relations.3);
            assert_eq!(pinned, relations);
        }
        1 => {
            let expected = ids(x.union(y).map(seen));
            assert_eq!(ids(a.ours.union(&b.ours).map(|e| seen(&e))), expected);
            assert_eq!(ids(pa.union(&pb).map(seen)), expected);
            // Of what both have, the first set's.
            let either = sorted(x.iter().chain(y.difference(x)).map(seen));
            assert_eq!(sorted((&a.ours | &b.ours).iter().map(|e| seen(&e))), either);
        }
        2 => {
            let expected = ids(x.intersection(y).map(seen));
            assert_eq!(ids(a.ours.intersection(&b.ours).map(|e| seen(&e))), expected);
            assert_eq!(ids(pa.intersection(&pb).map(seen)), expected);
            assert_eq!(ids((&a.ours & &b.ours).iter().map(|e| seen(&e))), expected);
        }
        3 => {
            let expected = sorted(x.difference(y).map(seen));
            assert_eq!(sorted(a.ours.difference(&b.ours).map(|e| seen(&e))), expected);
            assert_eq!(sorted(pa.difference(&pb).map(seen)), expected);
            assert_eq!(sorted((&a.ours - &b.ours).iter().map(|e| seen(&e))), expected);
        }
        4 => {
            let expected = sorted(x.symmetric_difference(y).map(seen));
            let ours = a.ours.symmetric_difference(&b.ours);
            assert_eq!(sorted(ours.map(|e| seen(&e))), expected);
            assert_eq!(sorted(pa.symmetric_difference(&pb).map(seen)), expected);
            assert_eq!(sorted((&a.ours ^ &b.ours).iter().map(|e| seen(&e))), expected);
        }
        // A set and itself.
        _ => {
            let (a, same) = (&a.ours, &a.ours);
            assert!(a.is_subset(same) && a.is_superset(same));
            assert_eq!(a.is_disjoint(same), a.is_empty());
            assert_eq!(((a | same).len(), (a & same).len()), (a.len(), a.len()));
            assert!((a - same).is_empty() && (a ^ same).is_empty());
        }
    }
}

/// Copies, and sets that are made of elements; the hasher of a set that names none is another.
fn by_default(pair: &mut Pair<Epoch>, state: &mut State) {
    state.work += pair.std.len();
    let copy = pair.ours.clone();
    assert!(copy == pair.ours);
    assert_eq!(copy.hasher().hash_one(7u16), pair.ours.hasher().hash_one(7u16));
    let other: HashSet<Element> = copy.pin().iter().cloned().collect();
    let elements = sorted(pair.std.iter().map(seen));
    assert_eq!(sorted(other.iter().map(|e| seen(&e))), elements);
    assert_eq!(sorted(copy.iter().map(|e| seen(&e))), elements);
    pair.ours = copy;
}
