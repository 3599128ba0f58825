//! Random calls on two sets against std's: the same answers, the same contents, the same relations.

mod common;

use common::{Constant, Four, Identity, Pairs, scaled};
use dolmen::{DefaultHashBuilder, HashSet};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet as Model};
use std::hash::{BuildHasher, Hash, Hasher};

/// An element that shows which of two equal ones the set holds: `mark` counts neither for `Eq` nor
/// for `Hash`.
#[derive(Clone, Copy, Debug)]
struct Element {
    id: u64,
    mark: u64,
}

impl Element {
    /// Looks for this one.
    fn like(id: u64) -> Self {
        Element { id, mark: u64::MAX }
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Element {}

impl Hash for Element {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// A call on one set. Ids are taken modulo what the hasher can bear.
#[derive(Clone, Debug)]
enum Call {
    Insert(u64),
    Replace(u64),
    Get(u64),
    GetOrInsert(u64),
    GetOrInsertWith(u64),
    Take(u64),
    Remove(u64),
    RemoveIf(u64, u64),
    Fill(u64, u64),
    Retain(u64),
    Clear,
    Reserve(usize),
    Shrink(usize),
    FinishResize,
    Iterate,
    /// These are calls of the set alone, not of the pinned set.
    Extend(u64, u64),
    Drain(usize),
    Flush,
    Clone,
    IntoIter,
}

fn call() -> impl Strategy<Value = Call> {
    let id = || 0..1000u64;
    prop_oneof![
        6 => id().prop_map(Call::Insert),
        4 => id().prop_map(Call::Replace),
        4 => id().prop_map(Call::Get),
        4 => id().prop_map(Call::GetOrInsert),
        4 => id().prop_map(Call::GetOrInsertWith),
        4 => id().prop_map(Call::Take),
        4 => id().prop_map(Call::Remove),
        4 => (id(), 0..3u64).prop_map(|(id, m)| Call::RemoveIf(id, m)),
        5 => (id(), 0..600u64).prop_map(|(id, n)| Call::Fill(id, n)),
        1 => (0..4u64).prop_map(Call::Retain),
        1 => Just(Call::Clear),
        1 => (0..2000usize).prop_map(Call::Reserve),
        1 => (0..500usize).prop_map(Call::Shrink),
        1 => Just(Call::FinishResize),
        2 => Just(Call::Iterate),
        2 => (id(), 0..300u64).prop_map(|(id, n)| Call::Extend(id, n)),
        2 => (0..300usize).prop_map(Call::Drain),
        1 => Just(Call::Flush),
        1 => Just(Call::Clone),
        1 => Just(Call::IntoIter),
    ]
}

/// Elements by id, with marks; none comes twice.
fn sorted(elements: impl IntoIterator<Item = Element>) -> BTreeMap<u64, u64> {
    let mut sorted = BTreeMap::new();
    for element in elements {
        assert_eq!(sorted.insert(element.id, element.mark), None, "an element came twice");
    }
    sorted
}

/// A set, what it should be, and how many elements were made.
struct Pair<S> {
    set: HashSet<Element, S>,
    model: Model<Element>,
    ids: u64,
    marks: u64,
}

/// What both surfaces can do: one text for two types whose answers both dereference to an element.
macro_rules! on_a_surface {
    ($set:expr, $call:expr, $new:ident, $ids:expr, $model:expr) => {{
        let (set, model, ids) = ($set, $model, $ids);
        match *$call {
            Call::Insert(id) => {
                let element = $new(id);
                assert_eq!(set.insert(element), model.insert(element));
            }
            Call::Replace(id) => {
                let element = $new(id);
                let old = model.replace(element).map(|old| old.mark);
                assert_eq!(set.replace(element).map(|old| old.mark), old);
            }
            Call::Get(id) => {
                let like = Element::like(id % ids);
                let found = model.get(&like).map(|found| found.mark);
                assert_eq!(set.get(&like).map(|found| found.mark), found);
                assert_eq!(set.contains(&like), found.is_some());
            }
            Call::GetOrInsert(id) => {
                let element = $new(id);
                model.insert(element);
                let expected = model.get(&element).unwrap().mark;
                assert_eq!(set.get_or_insert(element).mark, expected);
            }
            Call::GetOrInsertWith(id) => {
                let element = $new(id);
                let new = model.insert(element);
                let expected = model.get(&element).unwrap().mark;
                let mut runs = 0;
                let got = set.get_or_insert_with(&Element::like(element.id), |like| {
                    runs += 1;
                    assert_eq!(like.mark, u64::MAX);
                    element
                });
                assert_eq!((got.mark, runs), (expected, usize::from(new)));
            }
            Call::Take(id) => {
                let like = Element::like(id % ids);
                let taken = model.take(&like).map(|taken| taken.mark);
                assert_eq!(set.take(&like).map(|taken| taken.mark), taken);
            }
            Call::Remove(id) => {
                let like = Element::like(id % ids);
                assert_eq!(set.remove(&like), model.remove(&like));
            }
            Call::RemoveIf(id, modulus) => {
                let like = Element::like(id % ids);
                let holds = |element: &Element| element.mark % 3 == modulus;
                let expected = model.get(&like).is_some_and(holds) && model.remove(&like);
                assert_eq!(set.remove_if(&like, holds), expected);
            }
            Call::Fill(from, n) => {
                for id in from..from + n.min(2 * ids) {
                    let element = $new(id);
                    assert_eq!(set.insert(element), model.insert(element));
                }
            }
            Call::Retain(modulus) => {
                set.retain(|element| (element.id ^ element.mark) % 4 != modulus);
                model.retain(|element| (element.id ^ element.mark) % 4 != modulus);
            }
            Call::Clear => {
                let (capacity, len) = (set.capacity(), set.len());
                set.clear();
                model.clear();
                assert_eq!((set.len(), set.is_empty()), (0, true));
                // Elements that shared slots were room for themselves as long as they were there.
                let shared = capacity == len && set.capacity() < len;
                assert!(set.capacity() == capacity || shared);
            }
            Call::Reserve(additional) => {
                set.reserve(additional);
                assert!(set.capacity() >= additional);
                assert!(set.try_reserve(usize::MAX).is_err());
                assert_eq!(set.try_reserve(0), Ok(()));
            }
            Call::Shrink(capacity) => {
                let before = set.capacity();
                set.shrink_to(capacity);
                assert!(set.capacity() <= before && set.capacity() >= capacity.min(before));
                set.shrink_to_fit();
            }
            Call::FinishResize => set.finish_resize(),
            Call::Iterate => {
                let expected = sorted(model.iter().copied());
                assert_eq!(sorted(set.iter().map(|element| *element)), expected);
                assert_eq!(sorted((&set).into_iter().map(|element| *element)), expected);
            }
            _ => unreachable!("not on a surface"),
        }
    }};
}

impl<S: BuildHasher + Clone + Default> Pair<S> {
    fn new(ids: u64, marks: u64) -> Self {
        Pair { set: HashSet::default(), model: Model::new(), ids, marks }
    }

    fn step(&mut self, call: &Call, pinned: bool) {
        let Pair { set, model, ids, marks } = self;
        let ids = *ids;
        let mut new = |id: u64| {
            *marks += 1;
            Element { id: id % ids, mark: *marks }
        };
        match *call {
            Call::Extend(from, n) => {
                let elements: Vec<Element> = (from..from + n).map(&mut new).collect();
                model.extend(&elements);
                // All four do the same.
                match n % 4 {
                    0 => set.extend(elements),
                    1 => set.extend(&elements),
                    2 => (&*set).extend(elements),
                    _ => (&*set).extend(&elements),
                }
                assert_eq!(set.stats().migration, None, "`extend` ends its resizes");
            }
            Call::Drain(n) => {
                let before = sorted(model.iter().copied());
                let drained = sorted(set.drain().take(n).map(|element| *element));
                assert_eq!(drained.len(), n.min(before.len()));
                for (id, mark) in drained {
                    assert_eq!(model.take(&Element::like(id)).map(|e| e.mark), Some(mark));
                }
            }
            Call::Flush => set.flush(),
            Call::Clone => {
                let copy = set.clone();
                assert_eq!(copy, *set);
                if !copy.remove(&Element::like(0)) {
                    copy.insert(new(0));
                }
                assert_ne!(copy, *set);
                // The clone goes on in the place of the original.
                *set = set.clone();
            }
            Call::IntoIter => {
                let owned = std::mem::take(set).into_iter();
                assert_eq!(owned.len(), model.len());
                let owned: Vec<Element> = owned.collect();
                assert_eq!(sorted(owned.iter().copied()), sorted(model.iter().copied()));
                *set = owned.into_iter().collect();
            }
            _ if pinned => on_a_surface!(set.pin(), call, new, ids, model),
            _ => on_a_surface!(&*set, call, new, ids, model),
        }
        assert_eq!(self.set.len(), self.model.len());
        assert_eq!(self.set.is_empty(), self.model.is_empty());
    }

    fn check(&self) {
        let expected = sorted(self.model.iter().copied());
        assert_eq!(sorted(self.set.iter().map(|element| *element)), expected);
        for id in 0..self.ids {
            let like = Element::like(id);
            assert_eq!(self.set.get(&like).map(|e| e.mark), expected.get(&id).copied());
        }
    }
}

/// All that two sets make together, against std's.
fn compare<S: BuildHasher + Clone + Default>(a: &Pair<S>, b: &Pair<S>) {
    let (s, t) = (a.set.pin(), b.set.pin_owned());
    let (x, y) = (&a.model, &b.model);
    assert_eq!(a.set.is_subset(&b.set), x.is_subset(y));
    assert_eq!(s.is_subset(&t), x.is_subset(y));
    assert_eq!(a.set.is_superset(&b.set), x.is_superset(y));
    assert_eq!(s.is_superset(&t), x.is_superset(y));
    assert_eq!(a.set.is_disjoint(&b.set), x.is_disjoint(y));
    assert_eq!(s.is_disjoint(&t), x.is_disjoint(y));
    assert_eq!(a.set == b.set, x == y);

    // The differences have their elements from one set: marks and all.
    let difference = sorted(x.difference(y).copied());
    assert_eq!(sorted(a.set.difference(&b.set).map(|e| *e)), difference);
    assert_eq!(sorted(s.difference(&t).copied()), difference);
    assert_eq!(sorted(&a.set - &b.set), difference);
    let symmetric = sorted(x.symmetric_difference(y).copied());
    assert_eq!(sorted(a.set.symmetric_difference(&b.set).map(|e| *e)), symmetric);
    assert_eq!(sorted(s.symmetric_difference(&t).copied()), symmetric);
    assert_eq!(sorted(&a.set ^ &b.set), symmetric);

    // The others may choose whose.
    let ids = |found: BTreeMap<u64, u64>| -> BTreeSet<u64> {
        for (id, mark) in &found {
            let of = |model: &Model<Element>| model.get(&Element::like(*id)).map(|e| e.mark);
            assert!([of(x), of(y)].contains(&Some(*mark)), "an element of neither");
        }
        found.into_keys().collect()
    };
    let intersection = x.intersection(y).map(|e| e.id).collect::<BTreeSet<_>>();
    assert_eq!(ids(sorted(a.set.intersection(&b.set).map(|e| *e))), intersection);
    assert_eq!(ids(sorted(s.intersection(&t).copied())), intersection);
    assert_eq!(ids(sorted(&a.set & &b.set)), intersection);
    let union = x.union(y).map(|e| e.id).collect::<BTreeSet<_>>();
    assert_eq!(ids(sorted(a.set.union(&b.set).map(|e| *e))), union);
    assert_eq!(ids(sorted(s.union(&t).copied())), union);
    assert_eq!(ids(sorted(&a.set | &b.set)), union);
}

type Steps = Vec<(Call, bool, bool)>;

fn run<S: BuildHasher + Clone + Default>(ids: u64, steps: &Steps) {
    let (mut a, mut b) = (Pair::<S>::new(ids, 0), Pair::<S>::new(ids, 1 << 32));
    for (call, first, pinned) in steps {
        if *first { &mut a } else { &mut b }.step(call, *pinned);
    }
    a.check();
    b.check();
    compare(&a, &b);
    compare(&b, &a);
    // Related sets hardly come about by themselves.
    b.set = &a.set | &b.set;
    b.model = b.set.iter().map(|element| *element).collect();
    compare(&a, &b);
    compare(&b, &a);
}

macro_rules! differential {
    ($($name:ident: $hasher:ty, $ids:expr;)+) => {
        proptest! {
            #![proptest_config(ProptestConfig {
                cases: scaled(500) as u32,
                failure_persistence: None,
                ..ProptestConfig::default()
            })]
            $(
                #[test]
                fn $name(
                    steps in prop::collection::vec((call(), any::<bool>(), any::<bool>()), 1..60),
                ) {
                    run::<$hasher>($ids, &steps);
                }
            )+
        }
    };
}

differential! {
    by_default: DefaultHashBuilder, 1000;
    by_identity: Identity, 1000;
    by_constant: Constant, 40;
    by_four: Four, 120;
    by_pairs: Pairs, 1000;
}

#[test]
fn of_equal_elements_the_first_stays() {
    let twice = [Element { id: 1, mark: 1 }, Element { id: 1, mark: 2 }];
    let mark = |set: HashSet<Element>| set.get(&twice[0]).unwrap().mark;
    assert_eq!(mark(HashSet::from(twice)), 1);
    assert_eq!(mark(twice.into_iter().collect()), 1);
    let mut set = HashSet::new();
    set.extend(twice);
    assert_eq!(mark(set), 1);
    assert_eq!(std::collections::HashSet::from(twice).get(&twice[0]).unwrap().mark, 1, "as std");
}
