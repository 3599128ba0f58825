//! A table: header, slots and completion bitmap in one allocation. The only pointer arithmetic.
//!
//! ```text
//! line 0   what readers read: span, next, limit ..
//! line 1   what helpers write: claim, cursor
//! line 2.. the slots, a group to a line
//! then     one bit per group, if the kind has them: overflown or not
//! then     one bit per chunk: finished or not
//! ```

use super::count::pack;
use super::group::prefetch;
use super::kind::SlotKind;
use super::linked::Linked;
use super::size::limit_of;
use crate::error::{AllocError, Reason, TryReserveError};
use crate::reclaim::{Kind, Memory, Pin, Retired};
use crate::sync::limits::CHUNK;
use crate::sync::{AtomicPtr, AtomicU64, AtomicUsize, CHECKED, Canary, MODELLED, Ordering, Region};
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

/// What a table begins with.
#[repr(C, align(64))]
struct Header {
    /// The offset of the last group that walks come by, in units of 64 bytes: the bits that tell groups apart.
    span: usize,
    next: AtomicPtr<Slots>,
    limit: usize,
    generation: usize,
    /// As counts have it: see [`pack`].
    packed_generation: u64,
    region: Region,
    canary: Canary,
    helpers: Helpers,
}

/// On a line of their own, so that helping does not disturb readers.
#[repr(C, align(64))]
pub(super) struct Helpers {
    /// Chunks claimed so far; may pass their number.
    pub(super) claim: AtomicUsize,
    /// Words of the bitmap that are known to be full, from the first on: a hint.
    pub(super) cursor: AtomicUsize,
}

/// What begins where the slots of a table do: roots and successors point there, not at the header, so that
/// to a group it is one addition.
#[repr(align(64))]
pub(crate) struct Slots;

/// A table, for as long as a pin keeps it. A copyable pointer with the provenance of the whole
/// allocation, which a reference would not have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table<'g, K: SlotKind = Linked> {
    start: NonNull<Slots>,
    _pin: PhantomData<(&'g Header, K)>,
}

const SLOTS_OFFSET: usize = size_of::<Header>();
/// What a group takes, but in a model.
pub(super) const LINE: usize = 64;
/// Chunks to a word of the bitmap.
pub(super) const BITS: usize = if MODELLED { 1 } else { 64 };

/// Groups to a word of overflow bits.
const GROUPS: usize = 64;

/// Words of overflow bits, of so many groups.
fn overflow_words<K: SlotKind>(groups: usize) -> usize {
    if K::OVERFLOWS { groups.div_ceil(GROUPS) } else { 0 }
}

/// Where the bitmap begins, and the size of the whole.
fn extent<K: SlotKind>(slots: usize) -> Option<(usize, Layout)> {
    let overflows = overflow_words::<K>(slots / K::GROUP) * size_of::<AtomicU64>();
    let slots = slots.checked_add(K::SIDE)?;
    const { assert!(K::SIDE.is_multiple_of(K::GROUP)) };
    let groups = slots / K::GROUP;
    let bitmap = groups.checked_mul(size_of::<K::Group>())?.checked_add(SLOTS_OFFSET)?;
    let bitmap = bitmap.next_multiple_of(align_of::<AtomicU64>()).checked_add(overflows)?;
    let words = slots.div_ceil(CHUNK).div_ceil(BITS);
    let size = bitmap.checked_add(words.checked_mul(size_of::<AtomicU64>())?)?;
    Some((bitmap, Layout::from_size_align(size, align_of::<Header>()).ok()?))
}

impl<'g, K: SlotKind> Table<'g, K> {
    /// Allocates an empty table that nobody can reach yet.
    pub(super) fn allocate(slots: usize) -> Result<Self, TryReserveError> {
        debug_assert!(slots.is_power_of_two() && slots >= K::GROUP);
        let (_, layout) = extent::<K>(slots).ok_or(TryReserveError(Reason::Capacity))?;
        let (region, header) = Region::zeroed(layout, SLOTS_OFFSET).ok_or(AllocError(layout))?;
        let header = header.cast::<Header>();
        // SAFETY: the slots begin behind the header, in the same allocation.
        let table = Table::<K> { start: unsafe { header.add(1).cast() }, _pin: PhantomData };
        // SAFETY: fresh memory of that extent. Zeroed memory is valid groups (of EMPTY slots) and valid
        // words of the bitmap where atomics are plain words; a checker's are made one by one.
        unsafe {
            header.write(Header {
                span: (slots / K::GROUP - 1) * LINE,
                next: AtomicPtr::new(ptr::null_mut()),
                limit: limit_of::<K>(slots),
                generation: 0,
                packed_generation: pack(0),
                region,
                canary: Canary::new(),
                helpers: Helpers { claim: AtomicUsize::new(0), cursor: AtomicUsize::new(0) },
            });
            if CHECKED {
                for i in 0..table.places() / K::GROUP {
                    table.groups_ptr().add(i).write(K::group());
                }
                for i in 0..overflow_words::<K>(slots / K::GROUP) {
                    table.overflow_ptr().add(i).write(AtomicU64::new(0));
                }
                for i in 0..table.bitmap_words() {
                    table.bitmap_ptr().add(i).write(AtomicU64::new(0));
                }
            }
        }
        Ok(table)
    }

    /// Frees a table.
    ///
    /// # Safety
    /// Nobody else can reach the table, and nobody uses this one again.
    pub(super) unsafe fn deallocate(self) {
        let header = self.header();
        header.canary.kill();
        let region = header.region;
        // SAFETY: the caller's promise. Nodes are not the table's: it drops none.
        unsafe { region.free() };
    }

    /// A table that a pointer names, or `None` for null.
    ///
    /// # Safety
    /// A pointer that is not null was read from a root or a `next` under the pin.
    #[inline(always)]
    pub(super) unsafe fn from_ptr(start: *mut Slots, _pin: Pin<'g>) -> Option<Self> {
        let start = NonNull::new(start)?;
        Some(Table { start, _pin: PhantomData })
    }

    /// As [`from_ptr`](Self::from_ptr), in a map that is exclusively owned.
    ///
    /// # Safety
    /// The table outlives `'g`.
    pub(super) unsafe fn from_ptr_exclusive(start: *mut Slots) -> Option<Self> {
        Some(Table { start: NonNull::new(start)?, _pin: PhantomData })
    }

    #[inline(always)]
    pub(super) fn as_ptr(self) -> *mut Slots {
        self.start.as_ptr()
    }

    #[inline(always)]
    fn header_ptr(self) -> NonNull<Header> {
        // SAFETY: the header is before the slots, in the same allocation.
        unsafe { self.start.cast::<Header>().sub(1) }
    }

    #[inline(always)]
    fn header(self) -> &'g Header {
        // SAFETY: the pin keeps the table; the header was written before it was published.
        let header = unsafe { self.header_ptr().as_ref() };
        header.canary.check();
        header
    }

    #[inline(always)]
    fn groups_ptr(self) -> *mut K::Group {
        self.start.as_ptr().cast()
    }

    /// Words of overflow bits: behind the slots, if there are any.
    #[inline(always)]
    fn overflow_ptr(self) -> *mut AtomicU64 {
        let side = K::SIDE / K::GROUP * size_of::<K::Group>();
        // The same, but that the compiler does not know that the span is of whole lines.
        let groups = if size_of::<K::Group>() == LINE {
            self.header().span + LINE
        } else {
            (self.mask() + 1) * size_of::<K::Group>()
        };
        // SAFETY: in the same allocation, or its end.
        unsafe { self.start.as_ptr().byte_add(groups + side).cast() }
    }

    /// The overflow bit of the group where an ident's walk begins, which is not on the side: its word, and which of
    /// that it is.
    #[inline(always)]
    pub(super) fn overflow(self, ident: K::Ident) -> (&'g AtomicU64, usize) {
        const { assert!(K::OVERFLOWS) };
        let group = (K::home_bits(ident) & self.header().span) / LINE;
        // SAFETY: each of the groups that walks come by has its bit there.
        (unsafe { &*self.overflow_ptr().add(group / GROUPS) }, group % GROUPS)
    }

    fn bitmap_ptr(self) -> *mut AtomicU64 {
        let (offset, _) = extent::<K>(self.slots()).expect("the table was allocated");
        // SAFETY: the bitmap is there, in the same allocation.
        unsafe { self.header_ptr().as_ptr().byte_add(offset).cast() }
    }

    #[inline(always)]
    pub(super) fn slots(self) -> usize {
        (self.mask() + 1) * K::GROUP
    }

    /// The slots, and those on the side.
    #[inline(always)]
    pub(super) fn places(self) -> usize {
        self.slots() + K::SIDE
    }

    pub(super) fn limit(self) -> usize {
        self.header().limit
    }

    /// The number of tables before this one in the map's life.
    #[inline(always)]
    pub(super) fn generation(self) -> usize {
        self.header().generation
    }

    #[inline(always)]
    pub(super) fn packed_generation(self) -> u64 {
        self.header().packed_generation
    }

    /// # Safety
    /// Nobody else can reach the table.
    pub(super) unsafe fn set_generation(self, generation: usize) {
        // SAFETY: the caller's promise.
        let header = unsafe { &mut *self.header_ptr().as_ptr() };
        (header.generation, header.packed_generation) = (generation, pack(generation));
    }

    pub(super) fn bytes(self) -> usize {
        self.header().region.size()
    }

    /// The number of the last group that walks come by.
    #[inline(always)]
    fn mask(self) -> usize {
        self.header().span / LINE
    }

    /// Where an ident's walk begins, and the mask that wraps it.
    #[inline(always)]
    pub(super) fn home(self, ident: K::Ident) -> (usize, usize) {
        let mask = self.mask();
        (if K::is_on_side(ident) { mask + 1 } else { (K::home_bits(ident) / LINE) & mask }, mask)
    }

    /// The group where an ident's walk begins, if that is not on the side.
    #[inline(always)]
    pub(super) fn home_group(self, ident: K::Ident) -> &'g K::Group {
        let offset = K::home_bits(ident) & self.header().span;
        if size_of::<K::Group>() != LINE {
            return self.group(offset / LINE);
        }
        // SAFETY: the offset of one of `mask + 1` groups.
        unsafe { self.start.byte_add(offset).cast().as_ref() }
    }

    /// A group; `index` is masked, or that of the group on the side, if there is one.
    #[inline(always)]
    pub(super) fn group(self, index: usize) -> &'g K::Group {
        debug_assert!((index + 1) * K::GROUP <= self.places());
        // SAFETY: a table has `mask + 1` groups, and the one on the side.
        unsafe { &*self.groups_ptr().add(index) }
    }

    #[inline(always)]
    pub(super) fn slot(self, index: usize) -> K::Slot<'g> {
        K::slot(self.groups(), index)
    }

    #[inline(always)]
    fn groups(self) -> &'g [K::Group] {
        // SAFETY: as in `group`, of all of them.
        unsafe { core::slice::from_raw_parts(self.groups_ptr(), self.places() / K::GROUP) }
    }

    /// Whether what is in a group of the table is on the side.
    #[inline(always)]
    pub(super) fn is_on_side<T>(self, within: *const T) -> bool {
        // SAFETY: the group on the side is behind the others, in the same allocation.
        within.cast() >= unsafe { self.groups_ptr().add(self.mask() + 1) }.cast_const()
    }

    /// The groups from `start` on: `most`, or as many as there are.
    #[inline(always)]
    pub(super) fn groups_from(self, start: usize, most: usize) -> &'g [K::Group] {
        let behind = self.groups().get(start..).unwrap_or_default();
        &behind[..most.min(behind.len())]
    }

    /// Asks for the line that an ident's walk begins with.
    #[inline(always)]
    pub(super) fn prefetch(self, ident: K::Ident) {
        // For an ident on the side, some other: few are.
        prefetch(self.home_group(ident));
    }

    /// The successor.
    #[inline(always)]
    pub(super) fn next(self, pin: Pin<'g>) -> Option<Self> {
        // LP(absent-exhausted): a walk went round, and there is no successor.
        // ORD(next): SeqCst: Acquire of the successor's header, paired with `install`; as a
        // linearization point, in one order with the others.
        let next = self.header().next.load(Ordering::SeqCst);
        // SAFETY: a successor becomes root after this table, so the pin keeps it, too.
        unsafe { Self::from_ptr(next, pin) }
    }

    /// The successor, in a map that is exclusively owned.
    pub(super) fn next_exclusive(self) -> Option<Self> {
        // ORD(exclusive): Relaxed.
        let next = self.header().next.load(Ordering::Relaxed);
        // SAFETY: as long as the map is owned, so is its chain.
        unsafe { Self::from_ptr_exclusive(next) }
    }

    /// Makes `new` the successor, or returns the one that came before it.
    pub(super) fn install(self, new: Self, pin: Pin<'g>) -> Result<(), Self> {
        // ORD(next): SeqCst: Release publishes the header; Acquire takes the winner's.
        let exchange = self.header().next.compare_exchange(
            ptr::null_mut(),
            new.as_ptr(),
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        // SAFETY: as in `next`.
        exchange.map(drop).map_err(|winner| unsafe { Self::from_ptr(winner, pin) }.expect("lost"))
    }

    pub(super) fn chunks(self) -> usize {
        self.places().div_ceil(CHUNK)
    }

    /// The groups of a chunk.
    pub(super) fn chunk(self, chunk: usize) -> &'g [K::Group] {
        const { assert!(CHUNK.is_multiple_of(K::GROUP)) };
        assert!(chunk < self.chunks());
        self.groups_from(chunk * (CHUNK / K::GROUP), CHUNK / K::GROUP)
    }

    pub(super) fn bitmap_words(self) -> usize {
        self.chunks().div_ceil(BITS)
    }

    /// A word of the bitmap.
    pub(super) fn bitmap(self, word: usize) -> &'g AtomicU64 {
        assert!(word < self.bitmap_words());
        // SAFETY: just checked.
        unsafe { &*self.bitmap_ptr().add(word) }
    }

    pub(super) fn helpers(self) -> &'g Helpers {
        &self.header().helpers
    }

    /// The table as an object to retire.
    ///
    /// # Safety
    /// The root has been swung away from the table, by the caller.
    pub(super) unsafe fn retired(self) -> Retired {
        const KIND: Kind = Kind { drop: None, give: None, memory: Memory::Free(free_retired) };
        /// # Safety
        /// `ptr` is a table that was retired, and its grace period is over.
        unsafe fn free_retired(ptr: NonNull<u8>) -> bool {
            let header = ptr.cast::<Header>();
            // SAFETY: the caller's promise. The header is in the part that goes last.
            unsafe {
                header.as_ref().canary.kill();
                let rest = header.as_ref().region.free_part();
                if let Some(rest) = rest {
                    (*header.as_ptr()).region = rest;
                }
                rest.is_none()
            }
        }
        Retired::new(self.header_ptr().cast(), const { &KIND }, ptr::null())
    }
}
