//! Where a participant is found, and the proof of a pin, which leads there.

use crate::sync::Ordering;
use crate::sync::limits::BLOCKS;
use crate::sync::quiet::AtomicU32;
use core::marker::PhantomData;
use core::ptr;

/// Which participant: its number, as a place in blocks that double ([`Locals`](super::Locals)). There are
/// [`BLOCKS`] of them: `block` is less than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// The place in the block, and below it the block's number: one word, for each write loads it.
    packed: u64,
}

impl Index {
    pub(crate) const FIRST: Index = Index { packed: 0 };

    /// `block` is less than [`BLOCKS`].
    pub(super) fn at(block: u32, offset: u32) -> Index {
        Index { packed: u64::from(offset) << 32 | u64::from(block) }
    }

    #[inline(always)]
    pub(super) fn block(self) -> u32 {
        self.packed as u32
    }

    #[inline(always)]
    pub(super) fn offset(self) -> u32 {
        (self.packed >> 32) as u32
    }

    /// The one after this; `None` after the last of the last block.
    pub(crate) fn next(self) -> Option<Index> {
        if self.offset() as usize + 1 < super::locals::block_len(self.block()) {
            return Some(Index::at(self.block(), self.offset() + 1));
        }
        let block = self.block() + 1;
        ((block as usize) < BLOCKS).then_some(Index::at(block, 0))
    }
}

/// Where a participant is found in every map, and whether anything waits there.
#[derive(Debug)]
pub struct Post {
    index: Index,
    /// Entries of this index, of maps that ask for it, in which something is due.
    due: AtomicU32,
}

impl Post {
    pub(crate) const fn at(index: Index) -> Self {
        Post { index, due: AtomicU32::new(0) }
    }

    pub(super) fn index(&self) -> Index {
        self.index
    }

    /// Counts an entry in in which something is due, or out. Others do so, too.
    pub(crate) fn count_due(&self, is_due: bool) {
        // ORD(statistic): Relaxed: a hint; what is late is seen by a later write.
        if is_due {
            self.due.fetch_add(1, Ordering::Relaxed);
        } else {
            self.due.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Proof of a pin, and of owning a participant's index, for `'g`.
#[derive(Clone, Copy)]
pub struct Pin<'g> {
    /// Not the index itself: most calls have no use for it, and would load it.
    post: &'g Post,
    _pin: PhantomData<*mut ()>,
}

impl<'g> Pin<'g> {
    /// # Safety
    /// For the lifetime, the caller owns the post's index among all participants, and is pinned. The post is
    /// not in what may be moved while the pin lives.
    #[inline(always)]
    pub(crate) unsafe fn new(post: &'g Post) -> Self {
        Pin { post, _pin: PhantomData }
    }

    /// The same pin, for another lifetime.
    ///
    /// # Safety
    /// What has the lifetime is used while the guard lives, wherever that is moved, and not after.
    #[inline(always)]
    pub(crate) unsafe fn with_lifetime<'l>(self) -> Pin<'l> {
        // SAFETY: a post is a participant's, which are never freed while anybody may be pinned, or a
        // static; never a guard's.
        Pin { post: unsafe { &*ptr::from_ref(self.post) }, _pin: PhantomData }
    }

    /// For reading a map that is exclusively borrowed for the lifetime.
    ///
    /// # Safety
    /// That is so; and the index, which is not the caller's, is not used.
    pub(crate) unsafe fn exclusive() -> Self {
        static NOBODY: Post = Post::at(Index::FIRST);
        Pin { post: &NOBODY, _pin: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn index(self) -> Index {
        self.post.index
    }

    /// The participant's post: never freed while a map may be used.
    pub(crate) fn post(self) -> &'g Post {
        self.post
    }

    /// Whether anything may be due in the participant's entry of some map that asks for it.
    #[inline(always)]
    pub(crate) fn is_due(self) -> bool {
        // ORD(statistic): Relaxed, as in `count_due`.
        self.post.due.load(Ordering::Relaxed) != 0
    }
}
