//! What a pin has held up goes by and by when the pin is gone: no call pays for all of it, and
//! nobody is kept from freeing meanwhile.

mod common;

use common::{Identity, eventually};
use dolmen::HashMap;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// One test at a time: pins are the process's.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static DROPPED: Cell<usize> = const { Cell::new(0) };
}

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
    }
}

#[test]
fn no_call_pays_for_a_backlog() {
    let _alone = alone();
    let map: HashMap<u64, Counted, Identity> = HashMap::default();
    let churn = |n: u64| {
        map.insert(n % 100, Counted);
        map.remove(&(n % 100));
    };
    let pin = map.pin();
    (0..50_000).for_each(churn);
    assert_eq!(DROPPED.get(), 0);
    drop(pin);
    let mut most = 0;
    // For each object that is retired, more than one of the backlog is freed.
    for n in 0..50_000 {
        let before = DROPPED.get();
        churn(n);
        most = most.max(DROPPED.get() - before);
    }
    println!("one call freed {most} at the most");
    assert!(most < 2000, "one call freed {most}");
    assert!(map.stats().retired < 2000, "{} wait", map.stats().retired);
}

/// While one thread runs a slow destructor in `flush`, others go on freeing.
#[test]
fn a_flush_holds_nobody_up() {
    struct Slow(Arc<AtomicUsize>);
    impl Drop for Slow {
        fn drop(&mut self) {
            if self.0.fetch_add(1, SeqCst) > 0 {
                return;
            }
            let other = thread::spawn(|| {
                let value = Arc::new(());
                let map = HashMap::from([(1, value.clone())]);
                map.remove(&1);
                eventually(|| {
                    map.flush();
                    Arc::strong_count(&value) == 1
                });
            });
            other.join().expect("the flush that runs this holds no pin");
        }
    }
    let _alone = alone();
    let drops = Arc::new(AtomicUsize::new(0));
    let map: HashMap<u64, Slow> = (0..10).map(|n| (n, Slow(drops.clone()))).collect();
    map.clear();
    map.flush();
    assert_eq!(drops.load(SeqCst), 10);
}
