//! Lists of sealed bags. They are pushed to a chain at a time and taken whole, so no element is ever
//! read by one thread while another frees it.

use super::bag::Bag;
use crate::sync::{AtomicPtr, Canary, Ordering, allocate, free};
use core::alloc::Layout;
use core::ptr::{self, NonNull};

/// A sealed bag, in a list.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) bag: Bag,
    /// The epoch at sealing, where that matters.
    pub(super) epoch: usize,
    pub(super) next: *mut Sealed,
    /// Of the first bag of a chain that was put in a list as one: the last.
    pub(super) last: *mut Sealed,
    pub(super) canary: Canary,
}

impl Sealed {
    /// The contents of a bag, in an epoch that is asked for last, and that epoch. Without memory the bag
    /// stays open, grows, and is sealed later.
    pub(super) fn make(
        bag: &mut Bag,
        epoch: impl FnOnce() -> usize,
    ) -> Option<(*mut Sealed, usize)> {
        let sealed = allocate(Layout::new::<Sealed>())?.cast::<Sealed>();
        let epoch = epoch();
        let next = ptr::null_mut();
        let canary = Canary::new();
        // SAFETY: fresh memory of that layout.
        unsafe { sealed.write(Sealed { bag: bag.take(), epoch, next, last: next, canary }) };
        Some((sealed.as_ptr(), epoch))
    }

    /// The bag of a sealed one, whose memory is freed.
    ///
    /// # Safety
    /// It was made by `make`, and is owned.
    pub(super) unsafe fn open(sealed: *mut Sealed) -> Bag {
        // SAFETY: the caller's promise; the bag is read out before the memory goes.
        unsafe {
            let bag = ptr::read(&raw const (*sealed).bag);
            free(NonNull::new_unchecked(sealed).cast(), Layout::new::<Sealed>());
            bag
        }
    }
}

/// Sealed bags that this thread owns, from first to last.
pub(super) struct Chain {
    pub(super) first: *mut Sealed,
    pub(super) last: *mut Sealed,
}

impl Chain {
    pub(super) const EMPTY: Chain = Chain { first: ptr::null_mut(), last: ptr::null_mut() };

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// A chain of one.
    pub(super) fn of(bag: *mut Sealed) -> Self {
        Chain { first: bag, last: bag }
    }

    pub(super) fn prepend(&mut self, bag: *mut Sealed) {
        // SAFETY: callers give owned bags.
        unsafe { (*bag).next = self.first };
        self.first = bag;
        if self.last.is_null() {
            self.last = bag;
        }
    }

    /// Gives the bags to a list, whose first one it makes the chain's first.
    pub(super) fn push_to(self, list: &AtomicPtr<Sealed>) {
        let Chain { first, last } = self;
        if first.is_null() {
            return;
        }
        // SAFETY: the chain is ours until the exchange below succeeds, here and there.
        unsafe { (*first).last = last };
        // ORD(sealed): Relaxed, the exchange decides.
        let mut head = list.load(Ordering::Relaxed);
        loop {
            // SAFETY: as above.
            unsafe { (*last).next = head };
            // ORD(sealed): Release publishes the bags to whoever takes the list.
            match list.compare_exchange(head, first, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
    }
}

/// A list of sealed bags that this thread owns; iterating takes them out.
pub(super) struct List(pub(super) *mut Sealed);

impl List {
    /// Everything in a list that is shared.
    pub(super) fn take_from(list: &AtomicPtr<Sealed>) -> Self {
        // ORD(sealed): Acquire takes the bags, which nobody else has from here on.
        List(list.swap(ptr::null_mut(), Ordering::Acquire))
    }

    pub(super) fn new() -> Self {
        List(ptr::null_mut())
    }

    pub(super) fn prepend(&mut self, bag: *mut Sealed) {
        // SAFETY: callers give owned bags.
        unsafe { (*bag).next = self.0 };
        self.0 = bag;
    }

    /// Takes the first bag out of a list that was taken from a shared one, and leaves such a list:
    /// the bag that follows becomes the first of its chain.
    pub(super) fn split_first(&mut self) -> Option<*mut Sealed> {
        let bag = self.next()?;
        // SAFETY: the list is ours; a bag that is not the last of its chain has a successor, which
        // is now the first.
        unsafe {
            if (*bag).last != bag {
                (*self.0).last = (*bag).last;
            }
        }
        Some(bag)
    }

    /// A list that was taken from a shared one, as a chain. Its first bag is the first of a chain that was
    /// pushed, and so is each that follows the last of another: so this takes a step for each chain, not for
    /// each bag.
    pub(super) fn into_chain(self) -> Chain {
        let first = self.0;
        if first.is_null() {
            return Chain::EMPTY;
        }
        // SAFETY: the list is ours, and the first bag of each chain in it knows the last.
        unsafe {
            let mut last = (*first).last;
            while let Some(next) = (*last).next.as_ref() {
                last = next.last;
            }
            Chain { first, last }
        }
    }
}

impl Iterator for List {
    type Item = *mut Sealed;

    fn next(&mut self) -> Option<*mut Sealed> {
        let bag = self.0;
        // SAFETY: null, or a bag that the list owns.
        let sealed = unsafe { bag.as_ref() }?;
        sealed.canary.check();
        self.0 = sealed.next;
        Some(bag)
    }
}
