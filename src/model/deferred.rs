//! A reclaimer that costs a checker nothing, so that a model's budget goes to the protocol.
//!
//! Pins and retirements are recorded where no checker looks. Under loom an object lives until its
//! map drops. Under shuttle, which is sequentially consistent, "who was pinned when it was retired"
//! has a plain meaning, and the object is destroyed at the first moment at which it may be: the
//! strictest reclaimer there can be. Under both, retiring an object twice is reported at once.

use crate::error::AllocError;
use crate::reclaim::{
    Collect, Guard, Index, Pin, Post, Reclaim, Recycle, Retired, Status, give_back,
};
use crate::sync::{ThreadId, current_thread};
use core::alloc::Layout;
use core::ptr::NonNull;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Debug, Default)]
pub struct Deferred(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    /// Counts pins and retirements.
    now: usize,
    /// Threads in the order of their first pins: their place is their index.
    threads: Vec<ThreadId>,
    /// The live guards, by the time of their pins.
    pins: Vec<usize>,
    /// What was retired, with the time.
    retired: Vec<(usize, Retired)>,
    /// Owned guards so far.
    owned: usize,
}

impl Ledger {
    fn tick(&mut self) -> usize {
        self.now += 1;
        self.now
    }

    /// Takes out what no live guard can reach.
    fn ready(&mut self) -> Vec<Retired> {
        if !cfg!(dolmen_shuttle) {
            return Vec::new();
        }
        let oldest = self.pins.iter().min().copied().unwrap_or(usize::MAX);
        let (ready, waiting) = self.retired.drain(..).partition(|(time, _)| *time < oldest);
        self.retired = waiting;
        let ready: Vec<(usize, Retired)> = ready;
        ready.into_iter().map(|(_, object)| object).collect()
    }
}

impl Deferred {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, post: Option<&'static Post>) -> DeferredGuard<'_> {
        let mut ledger = self.ledger();
        let time = ledger.tick();
        ledger.pins.push(time);
        let post = post.unwrap_or_else(|| {
            let id = current_thread();
            let place = ledger.threads.iter().position(|thread| *thread == id);
            nth_post(place.unwrap_or_else(|| {
                ledger.threads.push(id);
                ledger.threads.len() - 1
            }))
        });
        DeferredGuard { owner: self, post, time }
    }
}

/// Not in the guard: a pin may live on while its guard is moved.
fn nth_post(n: usize) -> &'static Post {
    static POSTS: LazyLock<Vec<Post>> = LazyLock::new(|| {
        let indices = core::iter::successors(Some(Index::FIRST), |index| index.next());
        indices.take(16).map(Post::at).collect()
    });
    &POSTS[n]
}

/// Destroys objects that nobody can reach.
///
/// # Safety
/// They are owned, and nobody reads them.
unsafe fn destroy(objects: Vec<Retired>) {
    for object in objects {
        // SAFETY: the caller's promise; the block was given away.
        unsafe {
            object.destroy(&mut |blocks: &[NonNull<u8>], layout: Layout| give_back(blocks, layout))
        };
    }
}

impl Reclaim for Deferred {}

// SAFETY: objects are destroyed when no guard lives that is older than their retirement.
unsafe impl Collect for Deferred {
    type Guard<'c> = DeferredGuard<'c>;
    type OwnedGuard<'c> = DeferredGuard<'c>;
    type Bag = ();

    fn pin(&self) -> DeferredGuard<'_> {
        self.enter(None)
    }

    fn pin_owned(&self) -> DeferredGuard<'_> {
        // Far from the threads' indices; the last block has eight.
        let nth = 11 - self.ledger().owned;
        self.ledger().owned += 1;
        self.enter(Some(nth_post(nth)))
    }

    fn reserve(&self, _: &mut (), _: usize, _: usize) -> Result<(), AllocError> {
        Ok(())
    }

    unsafe fn retire(&self, _: &mut (), object: Retired, _: usize) -> bool {
        let mut ledger = self.ledger();
        let twice = ledger.retired.iter().any(|(_, other)| other.address() == object.address());
        assert!(!twice, "retired twice");
        let time = ledger.tick();
        ledger.retired.push((time, object));
        false
    }

    fn seal(&self, _: &mut ()) -> bool {
        false
    }

    fn collect(&self, _: bool, _: &mut Recycle<'_>) -> bool {
        false
    }

    unsafe fn drain(&mut self, bags: &mut dyn Iterator<Item = ()>) {
        bags.for_each(drop);
        let retired = core::mem::take(&mut self.ledger().retired);
        // SAFETY: no guard lives (the caller's promise).
        unsafe { destroy(retired.into_iter().map(|(_, object)| object).collect()) };
    }

    fn pending((): &()) -> usize {
        0
    }

    fn status(&self) -> Status {
        Status { sealed: self.ledger().retired.len(), ..Status::default() }
    }
}

/// A live pin.
#[derive(Debug)]
pub struct DeferredGuard<'c> {
    owner: &'c Deferred,
    post: &'static Post,
    time: usize,
}

impl Guard for DeferredGuard<'_> {
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: the post is the thread's (or the owned guard's) alone, and the guard is counted.
        unsafe { Pin::new(self.post) }
    }
}

impl Clone for DeferredGuard<'_> {
    fn clone(&self) -> Self {
        // As old as the guard it comes from: what that one keeps, this one keeps.
        self.owner.ledger().pins.push(self.time);
        DeferredGuard { owner: self.owner, post: self.post, time: self.time }
    }
}

impl Drop for DeferredGuard<'_> {
    fn drop(&mut self) {
        let mut ledger = self.owner.ledger();
        let place = ledger.pins.iter().position(|time| *time == self.time).expect("counted in");
        ledger.pins.swap_remove(place);
        let ready = ledger.ready();
        drop(ledger);
        if !std::thread::panicking() {
            // SAFETY: every guard that was live when they were retired is gone.
            unsafe { destroy(ready) };
        }
    }
}
