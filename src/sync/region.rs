//! Memory of tables: zeroed, and large. Small regions come from the allocator, those of a huge page
//! and more straight from the system, where we know how: they are zero without being cleared (an
//! allocator clears what it has used before: a call that takes hundreds of milliseconds), lie so that
//! huge pages fit, and go back part by part.

use super::memory::{allocate_zeroed, free};
use super::quiet::AtomicUsize;
use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::Ordering;

/// What a huge page has on the usual targets. Larger ones elsewhere only make the hint useless.
const HUGE: usize = 2 << 20;
/// What lies before the first huge page, and what sizes are multiples of: a multiple of any page.
const LEAD: usize = 64 << 10;
/// A region begins at a cache line, or at a page.
const ALIGN: usize = 64;
/// The largest alignment at which the allocator hands out zeroed pages without touching them: for
/// higher ones the standard library clears all of it.
const CHEAP_ALIGN: usize = 16;

/// Bytes of all regions of the process that came from the system, and have not gone back.
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// The bytes of tables, of all maps, that came from the system and not from the allocator.
pub(crate) fn mapped() -> usize {
    // ORD(statistic): Relaxed, a figure.
    MAPPED.load(Ordering::Relaxed)
}

/// A region, owned. Whoever holds the last copy frees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    start: NonNull<u8>,
    size: usize,
    mapped: bool,
}

impl Region {
    /// A zeroed region with room for `layout`, whose alignment is a cache line's at most, and where
    /// that begins. In a large one, what comes after its first `before` bytes begins at a huge page.
    pub(crate) fn zeroed(layout: Layout, before: usize) -> Option<(Self, NonNull<u8>)> {
        debug_assert!(layout.align() <= ALIGN && before.is_multiple_of(ALIGN) && before <= LEAD);
        if system::MAPS && layout.size() >= before + HUGE {
            let size = (LEAD - before + layout.size()).checked_next_multiple_of(LEAD)?;
            let start = system::map(size)?;
            // ORD(statistic): Relaxed, a figure.
            MAPPED.fetch_add(size, Ordering::Relaxed);
            let region = Region { start, size, mapped: true };
            // SAFETY: the region has more than `LEAD` bytes.
            return Some((region, unsafe { start.add(LEAD - before) }));
        }
        let size = layout.size().checked_add(ALIGN - CHEAP_ALIGN)?;
        let start = allocate_zeroed(Layout::from_size_align(size, CHEAP_ALIGN).ok()?)?;
        let region = Region { start, size, mapped: false };
        // SAFETY: there is room to align it.
        Some((region, unsafe { start.add(start.align_offset(ALIGN)) }))
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What is left of the region once its end, at most a huge page and what does not fill one, has
    /// gone back. `None` if that was all: what comes from the allocator goes at once.
    ///
    /// # Safety
    /// The region is owned, nobody reads it or has another copy of it, and what is returned takes its
    /// place.
    pub(crate) unsafe fn free_part(self) -> Option<Self> {
        let Region { start, size, mapped } = self;
        if !mapped {
            // SAFETY: `zeroed` had it for this layout; the caller's promise.
            unsafe { free(start, Layout::from_size_align_unchecked(size, CHEAP_ALIGN)) };
            return None;
        }
        // Along the huge pages, none of which should be split.
        let left = if size <= LEAD + HUGE { 0 } else { LEAD + (size - LEAD - 1) / HUGE * HUGE };
        // ORD(statistic): Relaxed, a figure.
        MAPPED.fetch_sub(size - left, Ordering::Relaxed);
        // SAFETY: the end of what `zeroed` mapped, or of what is left of that; the caller's promise.
        unsafe { system::unmap(start.add(left), size - left) };
        (left > 0).then_some(Region { start, size: left, mapped })
    }

    /// Frees the region.
    ///
    /// # Safety
    /// It is owned, nobody reads it or has another copy of it.
    pub(crate) unsafe fn free(self) {
        let mut rest = Some(self);
        while let Some(region) = rest {
            // SAFETY: the caller's promise.
            rest = unsafe { region.free_part() };
        }
    }
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]
mod system {
    use super::{HUGE, LEAD};
    use core::ptr::{NonNull, null_mut};
    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

    pub(super) const MAPS: bool = true;

    /// Untouched pages, with a huge page's boundary at `LEAD`, and a hint that huge pages are wanted.
    pub(super) fn map(size: usize) -> Option<NonNull<u8>> {
        let all = size.checked_add(HUGE)?;
        // SAFETY: a new mapping, wherever the system likes.
        let mapping = unsafe {
            mmap_anonymous(null_mut(), all, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
        };
        let mapping = NonNull::new(mapping.ok()?.cast::<u8>())?;
        let skip = mapping.as_ptr().wrapping_add(LEAD).align_offset(HUGE);
        // SAFETY: `skip` is less than `HUGE`, so that `size` bytes follow; what is before and behind
        // them is nobody's.
        unsafe {
            let start = mapping.add(skip);
            unmap(mapping, skip);
            unmap(start.add(size), HUGE - skip);
            // No more than a hint: a system without huge pages refuses, and all is well.
            let _ = madvise(start.add(LEAD).as_ptr().cast(), size - LEAD, Advice::LinuxHugepage);
            Some(start)
        }
    }

    /// # Safety
    /// The pages are one end of a mapping, or all of it, and owned.
    pub(super) unsafe fn unmap(start: NonNull<u8>, size: usize) {
        if size > 0 {
            // Without an effect if the system has no memory to note it: then the pages are lost.
            // SAFETY: the caller's promise.
            let _ = unsafe { munmap(start.as_ptr().cast(), size) };
        }
    }
}

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(miri))))]
mod system {
    use core::ptr::NonNull;

    pub(super) const MAPS: bool = false;

    pub(super) fn map(_: usize) -> Option<NonNull<u8>> {
        None
    }

    /// # Safety
    /// None: nothing is mapped.
    pub(super) unsafe fn unmap(_: NonNull<u8>, _: usize) {
        unreachable!("nothing was mapped");
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::*;

    /// How many parts a region of this size goes back in.
    fn parts(size: usize) -> usize {
        let layout = Layout::from_size_align(size, ALIGN).expect("no overflow");
        let (region, at) = Region::zeroed(layout, 128).expect("memory");
        assert!(at.align_offset(ALIGN) == 0 && region.size() >= size);
        // SAFETY: in the region, which is ours alone, and zero.
        let bytes = unsafe { core::slice::from_raw_parts_mut(at.as_ptr(), size) };
        if region.mapped {
            assert_eq!(bytes[128..].as_ptr().align_offset(HUGE), 0);
        }
        assert!(bytes.iter().all(|byte| *byte == 0));
        bytes.fill(1);
        // SAFETY: it is ours alone; each part takes the place of the one before.
        core::iter::successors(Some(region), |region| unsafe { region.free_part() }).count()
    }

    #[test]
    fn a_region_is_zero_aligned_and_goes_back_part_by_part() {
        assert_eq!((parts(1), parts(5000), parts(HUGE)), (1, 1, 1));
        if system::MAPS {
            // A huge page after the first bytes and nothing more; a little more; four, and a little.
            assert_eq!((parts(128 + HUGE), parts(129 + HUGE), parts(300 + 4 * HUGE)), (1, 2, 5));
        }
    }
}
