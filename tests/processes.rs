//! How a process ends: with threads in the midst of a map, or without memory.

#[path = "common/child.rs"]
mod child;
mod common;

use common::{Pairs, Random};
use dolmen::{HashMap, HashSet};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

/// The system's allocator, which refuses a thread everything when it is told to.
struct Failing;

thread_local! {
    /// How many more allocations succeed.
    static ALLOWANCE: Cell<usize> = const { Cell::new(usize::MAX) };
}

// SAFETY: the system's allocator does the work; a refusal is a null pointer, as it may be.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match ALLOWANCE.get() {
            usize::MAX => {}
            0 => return std::ptr::null_mut(),
            left => ALLOWANCE.set(left - 1),
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Failing = Failing;

type Map = HashMap<u64, Box<u64>, Pairs>;

static MAP: Map = HashMap::with_hasher(Pairs);
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Threads that never end: they write, resize, iterate, and hold pins.
fn start_threads() {
    for t in 0..4 {
        thread::spawn(move || {
            let mut random = Random::new(t);
            let pinned = MAP.pin();
            loop {
                let key = random.below(1000);
                match random.below(10) {
                    0..4 => drop(MAP.insert(key, Box::new(key))),
                    4..7 => drop(MAP.remove(&key)),
                    7 => assert!(pinned.iter().take(50).all(|(k, v)| *k == **v)),
                    8 => drop(MAP.update(key, |k, _| Box::new(*k))),
                    _ if key == 0 => MAP.reserve(3000),
                    _ if key == 1 => MAP.shrink_to_fit(),
                    _ => MAP.flush(),
                }
                STEPS.fetch_add(1, SeqCst);
            }
        });
    }
}

/// A thread-local with a guard of its own, which is dropped while the others go on.
struct Guarded(RefCell<Option<dolmen::Pinned<'static, u64, Box<u64>, Pairs>>>);

thread_local! {
    static GUARDED: Guarded = const { Guarded(RefCell::new(None)) };
}

/// Exits in one way or another, with all threads at work.
fn exit_in_the_midst(way: &str) {
    start_threads();
    while STEPS.load(SeqCst) < 200 {
        thread::yield_now();
    }
    GUARDED.with(|guarded| *guarded.0.borrow_mut() = Some(MAP.pin()));
    match way {
        "return" => {}
        "exit" => std::process::exit(0),
        "exit elsewhere" => {
            thread::spawn(|| {
                let _held = MAP.iter().next();
                std::process::exit(0)
            });
            thread::sleep(Duration::from_secs(60));
        }
        _ => panic!("no way {way}"),
    }
}

/// A process that exits with live threads pinned and writing does so at once and in order.
#[test]
fn exits_with_live_threads() {
    if let Some(way) = child::part() {
        return exit_in_the_midst(&way);
    }
    let mut slowest = Duration::ZERO;
    for round in 0..100 {
        let way = ["return", "exit", "exit elsewhere"][round % 3];
        // Leak checkers do not find what a word with a tag names, so they would take all that is in
        // the map for lost.
        let no_leaks = [("ASAN_OPTIONS", "detect_leaks=0")];
        let ended = child::play("exits_with_live_threads", way, &no_leaks);
        ended.succeeds();
        slowest = slowest.max(ended.after);
    }
    println!("100 processes exited; the slowest took {slowest:.1?}");
    assert!(slowest < Duration::from_secs(30), "one took {slowest:?}");
}

/// A filled map, and a call that needs memory.
fn infallible_call(name: &str) {
    let map: Map = (0..7).map(|n| (n, Box::new(n))).collect();
    let set: HashSet<u64> = (0..7).collect();
    let value = Box::new(1);
    ALLOWANCE.set(0);
    match name {
        "insert" => drop(map.insert(100, value)),
        "get_or_insert" => drop(map.get_or_insert(100, value)),
        "update" => drop(map.update(1, |_, v| {
            ALLOWANCE.set(1);
            v.clone()
        })),
        "compute" => {
            let mut value = Some(value);
            let insert = |_: Option<(&u64, &Box<u64>)>| {
                dolmen::Operation::<_, ()>::Insert(value.take().expect("asked once"))
            };
            drop(map.compute(100, insert));
        }
        "pinned insert" => drop(map.pin().insert(100, value)),
        "remove" => drop(map.remove(&1)),
        "retain" => map.retain(|_, _| false),
        "drain" => drop(map.drain().count()),
        "reserve" => map.reserve(1000),
        "with_capacity" => drop(Map::with_capacity_and_hasher(1000, Pairs)),
        "clone" => drop(map.clone()),
        "set insert" => drop(set.insert(100)),
        _ => panic!("no call {name}"),
    }
}

/// A call that has no way to say that there is no memory ends the process by `handle_alloc_error`.
#[test]
fn infallible_calls_abort_without_memory() {
    if let Some(name) = child::part() {
        return infallible_call(&name);
    }
    let calls = [
        "insert",
        "get_or_insert",
        "update",
        "compute",
        "pinned insert",
        "remove",
        "retain",
        "drain",
        "reserve",
        "with_capacity",
        "clone",
        "set insert",
    ];
    for name in calls {
        let ended = child::play("infallible_calls_abort_without_memory", name, &[]);
        assert!(ended.stderr.contains("memory allocation of"), "{name}: {}", ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{name}: {}", ended.stderr);
        #[cfg(unix)]
        assert_eq!(ended.signal(), Some(6), "{name}: SIGABRT");
        assert!(!ended.status.success(), "{name}");
    }
}
