//! What loom can and cannot show, on the smallest programs. They are why the library's shim touches
//! a companion atomic at each load, and why `docs/orderings.md` argues what is not modelled.
#![cfg(dolmen_loom)]

use dolmen::model::touched;
use dolmen_models::checker::{Effort, explore};
use loom::sync::atomic::{AtomicUsize, Ordering, Ordering::*, fence};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The few calls that the litmus tests make, on loom's atomic and on the library's.
trait Atomic: Send + Sync + 'static {
    fn new() -> Self;
    fn load(&self, order: Ordering) -> usize;
    fn exchange(&self, from: usize, to: usize) -> Result<usize, usize>;
}

macro_rules! atomic {
    ($t:ty) => {
        impl Atomic for $t {
            fn new() -> Self {
                <$t>::new(0)
            }
            fn load(&self, order: Ordering) -> usize {
                self.load(order)
            }
            fn exchange(&self, from: usize, to: usize) -> Result<usize, usize> {
                self.compare_exchange(from, to, SeqCst, SeqCst)
            }
        }
    };
}
atomic!(AtomicUsize);
atomic!(touched::AtomicUsize);

/// Every outcome of two threads' programs on two atomics.
fn outcomes<A: Atomic, T: Ord + Clone + Send + 'static>(
    name: &str,
    one: impl Fn(&A, &A) -> T + Send + Sync + Copy + 'static,
    two: impl Fn(&A, &A) -> T + Send + Sync + Copy + 'static,
) -> BTreeSet<(T, T)> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let all = seen.clone();
    explore(name, Effort::to(3), move || {
        let x = Arc::new((A::new(), A::new()));
        let y = x.clone();
        let other = loom::thread::spawn(move || two(&y.0, &y.1));
        let first = one(&x.0, &x.1);
        let second = other.join().unwrap();
        all.lock().unwrap().insert((first, second));
    });
    seen.lock().unwrap().clone()
}

/// "Load, then compare-exchange", the heart of every lock-free loop, beside a load. loom remembers
/// the last access of an atomic only, so that the thread's own load hides the other's from it: the
/// exchange before the other's load is never tried.
fn load_then_exchange<A: Atomic>(name: &str) -> BTreeSet<(usize, usize)> {
    let exchange = |x: &A, _: &A| {
        let seen = x.load(SeqCst);
        x.exchange(seen, 1).unwrap()
    };
    outcomes::<A, usize>(name, |x, _| x.load(SeqCst), exchange)
}

#[test]
fn loom_alone_misses_an_order_and_the_touch_finds_it() {
    let bare = load_then_exchange::<AtomicUsize>("load, exchange | load; loom's atomics");
    // If this fails, loom has been mended, and the touch can go.
    assert_eq!(bare, BTreeSet::from([(0, 0)]));
    let touched = load_then_exchange::<touched::AtomicUsize>("load, exchange | load; touched");
    assert_eq!(touched, BTreeSet::from([(0, 0), (1, 0)]));
}

/// The touch adds no order that is not there: a relaxed message may overtake what it announces, one
/// that is released and acquired may not.
#[test]
fn the_touch_keeps_weak_outcomes_and_adds_no_synchronization() {
    let message = |order: Ordering| {
        let read = if order == Release { Acquire } else { Relaxed };
        outcomes::<touched::AtomicUsize, (usize, usize)>(
            &format!("message passing, {order:?}"),
            move |x, flag| {
                x.store(1, Relaxed);
                flag.store(1, order);
                (0, 0)
            },
            move |x, flag| (flag.load(read), x.load(Relaxed)),
        )
    };
    assert!(message(Relaxed).contains(&((0, 0), (1, 0))));
    let ordered = message(Release);
    assert!(!ordered.contains(&((0, 0), (1, 0))));
    assert!(ordered.contains(&((0, 0), (1, 1))) && ordered.contains(&((0, 0), (0, 0))));
}

/// loom takes SeqCst accesses for AcqRel ones: it shows store buffering where the language forbids
/// it. So nothing that rests on their total order is modelled with accesses alone.
#[test]
fn store_buffering_is_shown_for_seqcst_accesses_though_it_cannot_happen() {
    let both_miss = outcomes::<touched::AtomicUsize, usize>(
        "store buffering, SeqCst accesses",
        |x, y| {
            x.store(1, SeqCst);
            y.load(SeqCst)
        },
        |x, y| {
            y.store(1, SeqCst);
            x.load(SeqCst)
        },
    );
    // If this fails, loom has been mended, and more can be modelled.
    assert!(both_miss.contains(&(0, 0)));
}

/// It honours SeqCst fences, on which pins and collectors rely.
#[test]
fn fences_forbid_store_buffering() {
    let fenced = outcomes::<touched::AtomicUsize, usize>(
        "store buffering, fences",
        |x, y| {
            x.store(1, Relaxed);
            fence(SeqCst);
            y.load(Relaxed)
        },
        |x, y| {
            y.store(1, Relaxed);
            fence(SeqCst);
            x.load(Relaxed)
        },
    );
    assert!(!fenced.contains(&(0, 0)) && fenced.len() == 3);
}
