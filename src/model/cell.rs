//! The smallest thing that needs reclamation: one pointer to a node, read under a pin and replaced.
//! Nothing but the epochs stands between a reader and a freed node.

use crate::Epoch;
use crate::reclaim::{Collect, Kind, Memory, Retired, give_back};
use crate::sync::{self, AtomicPtr, Canary, Ordering, free};
use core::alloc::Layout;
use core::ptr::{self, NonNull};
use std::sync::Mutex;

/// See the module.
pub struct Cell {
    node: AtomicPtr<Node>,
    epoch: Epoch,
    /// The open bag: its mutex is one that no checker sees, and that nobody waits for.
    bag: Mutex<<Epoch as Collect>::Bag>,
}

struct Node {
    canary: Canary,
    value: usize,
    is_whole: bool,
}

impl Node {
    fn look(&self) -> usize {
        self.canary.check();
        let value = self.value;
        self.canary.check();
        value
    }
}

/// Goes in two parts, as a large table goes in many.
const NODE: Kind = Kind { drop: None, give: None, memory: Memory::Free(free_node) };

fn retired(node: *mut Node) -> Retired {
    Retired::new(NonNull::new(node).expect("never null").cast(), &NODE, ptr::null())
}

/// # Safety
/// `node` is a node that its caller owns.
unsafe fn free_node(node: NonNull<u8>) -> bool {
    let at = node.cast::<Node>().as_ptr();
    // SAFETY: the caller's promise.
    unsafe {
        if (*at).is_whole {
            (*at).canary.kill();
            (*at).is_whole = false;
            return false;
        }
        free(node, Layout::new::<Node>());
    }
    true
}

fn allocate(value: usize) -> *mut Node {
    let node = sync::allocate(Layout::new::<Node>()).expect("memory").cast::<Node>();
    // SAFETY: fresh memory of that layout.
    unsafe { node.write(Node { canary: Canary::new(), value, is_whole: true }) };
    node.as_ptr()
}

impl Cell {
    pub fn new(value: usize) -> Self {
        Cell { node: AtomicPtr::new(allocate(value)), epoch: Epoch::new(), bag: Mutex::default() }
    }

    /// Reads the value; under loom, an access that the reclamation of the node does not come after
    /// is reported.
    pub fn read(&self) -> usize {
        let _guard = self.epoch.pin();
        let node = self.load();
        // shuttle runs what is between two atomics in one step: here anything may happen.
        #[cfg(dolmen_shuttle)]
        self.node.load(Ordering::Relaxed);
        node.look()
    }

    /// As `read`, with a pin of a participant that belongs to nobody else.
    pub fn read_owned(&self) -> usize {
        let _guard = self.epoch.pin_owned();
        self.load().look()
    }

    /// As `read`, and looks at the same node again after another pin has come and gone: the first
    /// still holds.
    pub fn read_around(&self) -> usize {
        let _guard = self.epoch.pin();
        let node = self.load();
        node.look();
        self.read();
        node.look()
    }

    fn load(&self) -> &Node {
        // SAFETY: callers are pinned: this is what the models try to refute. Under a checker the
        // memory itself is quarantined, so that a wrong answer is a report and not a fault.
        unsafe { &*self.node.load(Ordering::Acquire) }
    }

    /// Replaces the node, retires the old one, and collects.
    pub fn replace(&self, value: usize) {
        let guard = self.epoch.pin();
        self.retire(value);
        self.collect();
        drop(guard);
    }

    /// Replaces the node and retires the old one. The caller need not be pinned: nothing that it
    /// reads can be retired by others.
    pub fn retire(&self, value: usize) {
        let old = self.node.swap(allocate(value), Ordering::AcqRel);
        let mut bag = core::mem::take(&mut *self.bag.lock().expect("nobody panics"));
        self.epoch.reserve(&mut bag, 0, 1).expect("memory");
        // SAFETY: unlinked by the swap, so that it is ours.
        unsafe { self.epoch.retire(&mut bag, retired(old), 1) };
        self.epoch.seal(&mut bag);
    }

    /// Advances the epoch if it can, and frees what it may. Not under a pin: a collector's own pin
    /// (which all calls of a map have) would hide what its barrier is for.
    pub fn collect(&self) {
        // SAFETY: the blocks are given away.
        self.epoch.collect(true, &mut |blocks, layout| unsafe { give_back(blocks, layout) });
    }

    /// Frees what it may, without advancing the epoch.
    pub fn free(&self) {
        // SAFETY: as above.
        self.epoch.collect(false, &mut |blocks, layout| unsafe { give_back(blocks, layout) });
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        // SAFETY: no guard lives; the bags are sealed, and the last node is ours.
        unsafe {
            self.epoch.drain(&mut std::iter::empty());
            let node = self.node.swap(ptr::null_mut(), Ordering::Relaxed);
            retired(node).destroy(&mut |blocks, layout| give_back(blocks, layout));
        }
    }
}
