//! Lock-freedom: see `dolmen_models::stall`.
#![cfg(dolmen_shuttle)]

use dolmen::Epoch;
use dolmen::model::Deferred;
use dolmen_models::cells;
use dolmen_models::checker::stalls;
use dolmen_models::maps::{ALL_INLINE, Map, Nodes, WIDE_FIRST, Words};
use dolmen_models::plan::{Op, Op::*, Plan, verbs};
use dolmen_models::scenarios::{self, A, B, C, TWIN};
use dolmen_models::stall::{Victim, stall_everywhere};
use dolmen_models::threads::Mark;
use dolmen_models::words;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Instant;

/// More than the others ever need, and far less than anything that waits takes.
const MAX_STEPS: usize = 6_000;

/// Stalls a thread that does `victim` at each of its steps.
fn stall<M: Map>(name: &str, before: &[Op], victim: &[Op], others: &[&[Op]]) {
    let threads = [&[&[] as &[Op], victim], others].concat();
    let plan = Plan::new(before, &threads);
    stall_thread(name, 1, stalls(30).div_ceil(M::SHARE), move |mark| plan.run_with::<M>(mark));
}

/// Stalls one of the threads of `run` at each of its steps, so many schedules each.
fn stall_thread(name: &str, thread: usize, n: usize, run: impl Fn(Mark) + Send + Sync + 'static) {
    println!("> {name}");
    let start = Instant::now();
    let steps = stall_everywhere(n, MAX_STEPS, move |victim: &Arc<Victim>| {
        let victim = victim.clone();
        run(Arc::new(move |at, begins| match (at == thread, begins) {
            (true, true) => victim.begin(),
            (true, false) => victim.end(),
            _ => {}
        }));
    });
    let time = start.elapsed().as_secs_f64();
    println!("{name}: stalled at {steps} steps, {n} schedules each, {time:.1} s");
    assert!(steps > 0);
}

/// Every scenario there is, each of its threads stalled in turn.
#[test]
fn nor_does_any_thread_of_any_scenario() {
    let all = [
        scenarios::one_table(),
        scenarios::verbs_against_a_move(),
        scenarios::copiers(),
        scenarios::ends(),
        scenarios::shared_idents(),
        scenarios::iteration(),
        scenarios::retirement(),
        scenarios::participants(),
    ];
    for scenario in all.into_iter().flatten() {
        for thread in 0..scenario.plan.threads.len() {
            let (name, plan) = (format!("{}, thread {thread}", scenario.name), &scenario.plan);
            let (one, other) = (plan.clone(), plan.clone());
            stall_thread(&name, thread, stalls(10), move |mark| {
                one.run_with::<Nodes<Deferred>>(mark)
            });
            let name = format!("{name}, epochs");
            stall_thread(&name, thread, stalls(10), move |mark| {
                other.run_with::<Nodes<Epoch>>(mark)
            });
        }
    }
    for scenario in [cells::readers(), cells::collectors(), cells::two_collectors()].concat() {
        for thread in 0..scenario.threads.len() {
            let (name, scenario) =
                (format!("{}, thread {thread}", scenario.name), scenario.clone());
            stall_thread(&name, thread, stalls(10), move |mark| scenario.run_with(mark));
        }
    }
}

/// What the others do: all verbs on the victim's key, other keys of its group, a twin, iteration,
/// and a resize that they end themselves.
const OTHERS: &[&[Op]] = &[
    &[Get(A), Insert(A), Iter, Resize(4), Finish, Update(A), Insert(C)],
    &[TryInsert(B), Compute(A), Remove(B), RemoveIf(A), Insert(TWIN), Finish, Get(A)],
];

fn verbs_stall<M: Map>() {
    for verb in verbs(A) {
        stall::<M>(&format!("{verb:x?}"), &[Insert(A), Insert(B)], &[verb], OTHERS);
        // Its slot's move is part of the operation.
        let before = [Insert(A), Insert(B), Resize(4)];
        stall::<M>(&format!("{verb:x?}, resizing"), &before, &[verb], OTHERS);
    }
}

#[test]
fn no_verb_that_stalls_stops_the_others() {
    verbs_stall::<Nodes<Deferred>>();
}

#[test]
fn nor_with_the_real_reclaimer() {
    verbs_stall::<Nodes<Epoch>>();
}

#[test]
fn nor_where_slots_are_two_words() {
    verbs_stall::<Words<Deferred, ALL_INLINE>>();
    verbs_stall::<Words<Epoch, WIDE_FIRST>>();
    let all = [words::claimed_keys(), words::keys_on_the_side(), words::widths()];
    for scenario in all.into_iter().flatten() {
        for thread in 0..scenario.plan.threads.len() {
            let (name, plan) =
                (format!("{}, thread {thread}", scenario.name), scenario.plan.clone());
            let run = move |mark| plan.run_with::<Words<Deferred, WIDE_FIRST>>(mark);
            stall_thread(&name, thread, stalls(2), run);
        }
    }
}

#[test]
fn nor_does_a_stalled_helper_iterator_or_collector() {
    let before = [Insert(A), Insert(B), Resize(4)];
    let victims: &[(&str, &[Op])] = &[
        ("help", &[Help]),
        ("finish_resize", &[Finish]),
        ("resize", &[Finish, Resize(2)]),
        ("iteration", &[Iter]),
        ("flush", &[Insert(A), Flush]),
    ];
    for (name, victim) in victims {
        stall::<Nodes<Deferred>>(name, &before, victim, OTHERS);
        stall::<Nodes<Epoch>>(&format!("{name}, epochs"), &before, victim, OTHERS);
    }
}

/// The scheduler is worth something only if it finds a lock.
#[test]
#[should_panic(expected = "max_steps")]
fn a_spin_lock_is_found() {
    stall_everywhere(20, MAX_STEPS, |victim| {
        let lock = Arc::new(shuttle::sync::atomic::AtomicBool::new(false));
        let work = |lock: &shuttle::sync::atomic::AtomicBool| {
            while lock.swap(true, SeqCst) {
                shuttle::thread::yield_now();
            }
            lock.store(false, SeqCst);
        };
        let stalled = {
            let (lock, victim) = (lock.clone(), victim.clone());
            shuttle::thread::spawn(move || {
                victim.begin();
                work(&lock);
                victim.end();
            })
        };
        let other = shuttle::thread::spawn(move || work(&lock));
        other.join().unwrap();
        stalled.join().unwrap();
    });
}

/// And it must not cry out at what only retries.
#[test]
fn a_lock_free_counter_passes() {
    let seen = Arc::new(AtomicBool::new(false));
    let all = seen.clone();
    let steps = stall_everywhere(20, MAX_STEPS, move |victim| {
        let counter = Arc::new(shuttle::sync::atomic::AtomicUsize::new(0));
        let add = |counter: &shuttle::sync::atomic::AtomicUsize| {
            let mut now = counter.load(SeqCst);
            while let Err(newer) = counter.compare_exchange(now, now + 1, SeqCst, SeqCst) {
                now = newer;
            }
        };
        let stalled = {
            let (counter, victim) = (counter.clone(), victim.clone());
            shuttle::thread::spawn(move || {
                victim.begin();
                add(&counter);
                victim.end();
            })
        };
        let other = {
            let counter = counter.clone();
            shuttle::thread::spawn(move || add(&counter))
        };
        other.join().unwrap();
        stalled.join().unwrap();
        assert_eq!(counter.load(SeqCst), 2);
        all.store(true, SeqCst);
    });
    assert!(steps >= 2 && seen.load(SeqCst));
}
