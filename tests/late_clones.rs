//! A clone of a guard keeps what the guard keeps, also in the destructor of a thread-local that runs
//! after all of the reclaimer's own.
#![cfg(feature = "seize")]

use dolmen::{HashMap, Ref, Seize};
use std::hash::RandomState;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

const KEYS: u64 = 200;

static DROPPED: AtomicBool = AtomicBool::new(false);
static STAGE: AtomicUsize = AtomicUsize::new(0);
static MAP: OnceLock<Map> = OnceLock::new();

type Map = HashMap<u64, Value, RandomState, Seize>;

struct Value(u64);

impl Drop for Value {
    fn drop(&mut self) {
        if self.0 == 1 {
            DROPPED.store(true, SeqCst);
        }
    }
}

fn reach(stage: usize) {
    STAGE.store(stage, SeqCst);
}

fn wait_for(stage: usize) {
    while STAGE.load(SeqCst) < stage {
        thread::yield_now();
    }
}

/// A thread-local that is touched before the map is, and so dropped after what the map needs.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        let map = MAP.get().expect("made first");
        let first = map.get(&1).expect("not removed yet");
        reach(1);
        wait_for(2);
        let clone = Ref::clone(&first);
        drop(first);
        assert!(!DROPPED.load(SeqCst), "freed under a clone");
        assert_eq!(clone.0, 1);
    }
}

thread_local! {
    static LATE: Late = const { Late };
}

#[test]
fn a_late_clone_keeps_what_it_was_cloned_from() {
    let hasher = RandomState::new();
    let map = MAP.get_or_init(|| HashMap::builder().hasher(hasher).reclaimer::<Seize>().build());
    (0..KEYS).for_each(|key| drop(map.insert(key, Value(key))));
    let late = thread::spawn(|| {
        LATE.with(|_| ());
        assert!(MAP.get().expect("made first").contains_key(&1));
    });
    wait_for(1);
    (0..KEYS).for_each(|key| drop(map.remove(&key)));
    (0..2).for_each(|_| map.flush());
    reach(2);
    late.join().expect("nothing was freed");
    map.clear();
}
