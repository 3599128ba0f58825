//! What the integration tests share: hashers, ledgers, deadlines, sizes.
#![allow(dead_code)] // each test binary uses its part

use dolmen::Reclaim;
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// A number of rounds: all of them in release, a share where every round is dear.
pub const fn scaled(release: usize) -> usize {
    let share = if cfg!(miri) {
        release / 1000
    } else if cfg!(dolmen_slow) {
        release / 300
    } else if cfg!(debug_assertions) {
        release / 10
    } else {
        release
    };
    if share == 0 { 1 } else { share }
}

/// Integers as they are; bytes by FNV.
#[derive(Clone, Copy, Default)]
pub struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A key is its own hash.
#[derive(Clone, Copy, Default)]
pub struct Identity;

impl BuildHasher for Identity {
    type Hasher = Plain;

    fn build_hasher(&self) -> Plain {
        Plain::default()
    }
}

/// Hashes with `N` distinct values: few idents, long lists.
#[derive(Clone, Copy, Default)]
pub struct Few<const N: u64>;

pub struct FewHasher<const N: u64>(Plain);

impl<const N: u64> Hasher for FewHasher<N> {
    fn finish(&self) -> u64 {
        self.0.finish() % N
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    fn write_u64(&mut self, n: u64) {
        self.0.write_u64(n);
    }
}

impl<const N: u64> BuildHasher for Few<N> {
    type Hasher = FewHasher<N>;

    fn build_hasher(&self) -> FewHasher<N> {
        FewHasher(Plain::default())
    }
}

/// Every key collides with every other.
pub type Constant = Few<1>;
/// Four idents.
pub type Four = Few<4>;

/// Two keys to an ident: short lists, and so many of them that resizes move lists, too.
#[derive(Clone, Copy, Default)]
pub struct Pairs;

pub struct PairsHasher(Plain);

impl Hasher for PairsHasher {
    fn finish(&self) -> u64 {
        self.0.finish() / 2
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    fn write_u64(&mut self, n: u64) {
        self.0.write_u64(n);
    }
}

impl BuildHasher for Pairs {
    type Hasher = PairsHasher;

    fn build_hasher(&self) -> PairsHasher {
        PairsHasher(Plain::default())
    }
}

/// A reclaimer under test.
pub trait Reclaimer: Reclaim + 'static {
    /// It frees what nobody can read at the next flush, whoever retired it, counts what waits, and
    /// lets the panic of a destructor out of the write that freed. Others have their own rhythm, and
    /// promise that all is freed once, unread, and at the latest when the map drops.
    const PROMPT: bool;
}

impl Reclaimer for dolmen::Epoch {
    const PROMPT: bool = true;
}

#[cfg(feature = "crossbeam-epoch")]
impl Reclaimer for dolmen::CrossbeamEpoch {
    const PROMPT: bool = false;
}

#[cfg(feature = "seize")]
impl Reclaimer for dolmen::Seize {
    const PROMPT: bool = false;
}

/// The items once for each reclaimer, in a module of its name; it is `R` there.
#[macro_export]
macro_rules! with_each_reclaimer {
    (@ $module:ident, $reclaimer:ident; $($items:tt)*) => {
        mod $module {
            #[allow(unused_imports)]
            use super::*;
            type R = dolmen::$reclaimer;
            $($items)*
        }
    };
    ($($items:tt)*) => {
        $crate::with_each_reclaimer!(@ epoch, Epoch; $($items)*);
        #[cfg(feature = "crossbeam-epoch")]
        $crate::with_each_reclaimer!(@ crossbeam, CrossbeamEpoch; $($items)*);
        #[cfg(feature = "seize")]
        $crate::with_each_reclaimer!(@ seize, Seize; $($items)*);
    };
}

/// Makes a test per reclaimer of each function `fn test<R: Reclaimer>()`.
#[macro_export]
macro_rules! on_each_reclaimer {
    ($($test:ident),+ $(,)?) => {
        mod with {
            $crate::with_each_reclaimer! {
                $(#[test] fn $test() { super::super::$test::<R>(); })+
            }
        }
    };
}

/// Makes a test per reclaimer and hasher of each function
/// `fn test<S: BuildHasher + Default + .., R: Reclaimer>(keys: u64)`; `keys` is how many are
/// bearable, where all may share a slot.
#[macro_export]
macro_rules! with_each_hasher {
    ($($test:ident),+ $(,)?) => {
        $crate::with_each_reclaimer! {
            $crate::with_each_hasher!(@ by_default, dolmen::DefaultHashBuilder, 1000; $($test),+);
            $crate::with_each_hasher!(@ by_identity, $crate::common::Identity, 1000; $($test),+);
            $crate::with_each_hasher!(@ by_constant, $crate::common::Constant, 50; $($test),+);
            $crate::with_each_hasher!(@ by_four, $crate::common::Four, 150; $($test),+);
            $crate::with_each_hasher!(@ by_pairs, $crate::common::Pairs, 1000; $($test),+);
        }
    };
    (@ $module:ident, $hasher:ty, $keys:expr; $($test:ident),+) => {
        mod $module {
            $(#[test] fn $test() { super::super::$test::<$hasher, super::R>($keys); })+
        }
    };
}

/// Who was made and who was dropped, by number.
pub struct Ledger {
    next: AtomicUsize,
    gone: Vec<AtomicU8>,
    twice: AtomicBool,
}

impl Ledger {
    /// A ledger with room for so many.
    pub fn new(room: usize) -> Arc<Ledger> {
        Arc::new(Ledger {
            next: AtomicUsize::new(0),
            gone: (0..room).map(|_| AtomicU8::new(0)).collect(),
            twice: AtomicBool::new(false),
        })
    }

    /// Enters a value.
    pub fn track(self: &Arc<Self>, value: u64) -> Tracked {
        let id = self.next.fetch_add(1, SeqCst);
        assert!(id < self.gone.len(), "the ledger is too small");
        Tracked { value, alive: AtomicU64::new(ALIVE), id, ledger: self.clone() }
    }

    /// How many were ever made.
    pub fn made(&self) -> usize {
        self.next.load(SeqCst)
    }

    /// How many have not been dropped.
    pub fn alive(&self) -> usize {
        let made = self.made();
        self.gone[..made].iter().filter(|gone| gone.load(SeqCst) == 0).count()
    }

    /// Whether this one has been dropped.
    pub fn is_gone(&self, id: usize) -> bool {
        self.gone[id].load(SeqCst) != 0
    }

    /// Nobody was dropped twice.
    pub fn assert_sane(&self) {
        assert!(!self.twice.load(SeqCst), "something was dropped twice");
    }

    /// Everybody was dropped, and nobody twice.
    #[track_caller]
    pub fn assert_balanced(&self) {
        self.assert_sane();
        assert_eq!(self.alive(), 0, "of {} some were leaked", self.made());
    }
}

const ALIVE: u64 = 0x600d_600d_600d_600d;

/// A number whose life is in a [`Ledger`]; a key by its number alone.
pub struct Tracked {
    pub value: u64,
    /// Written by `drop`, so that a late reader sees it even without the ledger.
    alive: AtomicU64,
    pub id: usize,
    ledger: Arc<Ledger>,
}

impl Tracked {
    /// The number, if this is still somebody.
    #[track_caller]
    pub fn read(&self) -> u64 {
        assert_eq!(self.alive.load(SeqCst), ALIVE, "read after drop");
        assert!(!self.ledger.is_gone(self.id), "dropped while it can be read");
        self.value
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.alive.store(0, SeqCst);
        if self.ledger.gone[self.id].fetch_add(1, SeqCst) != 0 {
            self.ledger.twice.store(true, SeqCst);
        }
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        self.ledger.track(self.read())
    }
}

impl PartialEq for Tracked {
    fn eq(&self, other: &Self) -> bool {
        self.read() == other.read()
    }
}

impl Eq for Tracked {}

impl Hash for Tracked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.read().hash(state);
    }
}

impl Borrow<u64> for Tracked {
    fn borrow(&self) -> &u64 {
        assert_eq!(self.alive.load(SeqCst), ALIVE, "compared after drop");
        &self.value
    }
}

/// Runs `f` in a thread, and panics if it has not ended in time: it hangs.
#[track_caller]
pub fn within<T: Send + 'static>(limit: Duration, f: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    let thread = thread::spawn(move || done.send(f()).expect("somebody waits"));
    match result.recv_timeout(limit) {
        Ok(value) => {
            thread.join().expect("it has sent its result");
            value
        }
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("did not end within {limit:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("it sends its result"),
        },
    }
}

/// Tries until `done`; panics if that takes a minute. For what other tests of the process may hold
/// up for a while by their pins, but not for ever.
#[track_caller]
pub fn eventually(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "it has not come about in a minute");
        thread::yield_now();
    }
}

/// A small random generator: the same numbers for a seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}
