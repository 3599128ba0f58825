//! Counting: how many entries there are, and how many slots of a table are used.
//!
//! Each participant counts in its own entry with plain loads and stores: no locked instruction,
//! and no line that two threads write. A sum goes over all entries.
//!
//! `used` belongs to one table at a time, told apart by generation. A thread that begins to use a
//! newer table starts its count anew, and one that is late on an older table does not count at all
//! (that table has a successor; nobody asks any more): so a late increment cannot spoil the
//! successor's count.

use super::kind::SlotKind;
use super::table::Table;
use crate::reclaim::{Collect, Locals, Own, Pin, Pool, Post};
use crate::sync::limits::PATIENCE;
use crate::sync::quiet::{AtomicIsize, AtomicU32, AtomicU64};
use crate::sync::{Canary, MODELLED, Ordering};
use core::ptr::NonNull;

/// What a map keeps for one participant, in two lines.
#[repr(align(128))]
pub(crate) struct Local<B> {
    /// Entries put in, less entries taken out; negative where others put them in.
    len: AtomicIsize,
    /// Generation and slots used in the table of that generation: see [`pack`].
    used: AtomicU64,
    /// Blocks in the open bag, for `stats`.
    open: AtomicU32,
    /// Whether the owner's next write collects, and why: `DUE`, `LARGE`. Others set it, too.
    due: AtomicU32,
    /// The owner's post, if it counts the entries in which something is due.
    post: Option<NonNull<Post>>,
    /// The owner's alone.
    pub(super) own: Own<Private<B>>,
    canary: Canary,
}

// SAFETY: of a post, which is `Sync`; the rest is.
unsafe impl<B: Send> Send for Local<B> {}
// SAFETY: as above.
unsafe impl<B: Send> Sync for Local<B> {}

/// What only the owner of an entry touches.
#[derive(Default)]
pub(super) struct Private<B> {
    /// Look at the sum when `used` is to be more than this.
    quiet_below: u64,
    /// Of the newest table this participant counted for: the whole of what `used` packs.
    generation: usize,
    /// Where a collection is due: the writes that pass before.
    pub(super) pause: u16,
    /// A large table waits to be freed, which nothing that is retired later may ask for: the pause
    /// before the next look. 0 if none waits.
    pub(super) patience: u16,
    /// This participant has retired what waits, not another.
    pub(super) large: bool,
    /// And it is in the open bag yet, so that nobody else need look for it.
    pub(super) untold: bool,
    /// Collections that run, one inside the other.
    pub(super) nested: u8,
    pub(super) bag: B,
    pub(super) pool: Pool,
}

impl<B: Default> Local<B> {
    /// For the pin's owner, whose post counts what is due if it is `told`.
    pub(super) fn new(pin: Pin<'_>, told: bool) -> Self {
        let local = Local {
            len: AtomicIsize::new(0),
            used: AtomicU64::new(0),
            open: AtomicU32::new(0),
            due: AtomicU32::new(0),
            post: told.then(|| NonNull::from(pin.post())),
            own: Own::default(),
            canary: Canary::new(),
        };
        if PATIENCE > 0 {
            // Whoever has retired a large table may be gone by now.
            local.nudge();
        }
        local
    }
}

const _: () = assert!(MODELLED || size_of::<Local<<crate::Epoch as Collect>::Bag>>() == 128);

impl<B> Drop for Local<B> {
    fn drop(&mut self) {
        // What is due in a map that is gone is not.
        self.take_due();
    }
}

/// There is something of the owner's to collect.
const DUE: u32 = 1;
/// Perhaps a large table waits: others say so, or the owner's last look.
const LARGE: u32 = 2;

/// 24 bits of generation, 40 of count.
const COUNT_BITS: u32 = 40;
const COUNT: u64 = (1 << COUNT_BITS) - 1;

/// A generation, with a count of 0.
pub(super) fn pack(generation: usize) -> u64 {
    (generation as u64) << COUNT_BITS
}

/// The generation as `pack` leaves it.
fn generation_of<K: SlotKind>(table: Table<'_, K>) -> u64 {
    table.packed_generation() >> COUNT_BITS
}

impl<B> Local<B> {
    /// Counts an entry in (`1`) or out (`-1`).
    ///
    /// The caller owns the entry, as for [`Own::with`].
    #[inline(always)]
    pub(super) fn add_len(&self, by: isize) {
        // ORD(count): Relaxed: one writer; a sum is exact once its reader comes after the writers.
        self.len.store(self.len.load(Ordering::Relaxed) + by, Ordering::Relaxed);
    }

    /// Says how many blocks are in the open bag. The caller owns the entry.
    #[inline(always)]
    pub(super) fn set_open(&self, blocks: usize) {
        // ORD(count): Relaxed, as above.
        self.open.store(blocks as u32, Ordering::Relaxed);
    }

    /// What the owner said last of the open bag.
    pub(super) fn open(&self) -> usize {
        self.canary.check();
        // ORD(count): Relaxed, as above.
        self.open.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    pub(super) fn is_due(&self) -> bool {
        // ORD(statistic): Relaxed: a hint; what is late is seen by a later write.
        self.due.load(Ordering::Relaxed) != 0
    }

    /// Has the next write collect.
    pub(super) fn set_due(&self) {
        self.add_due(DUE);
    }

    fn add_due(&self, due: u32) {
        // ORD(statistic): Relaxed, as above.
        if self.due.fetch_or(due, Ordering::Relaxed) == 0 {
            self.tell(true);
        }
    }

    /// Has the post count this entry.
    fn tell(&self, is_due: bool) {
        if let Some(post) = self.post {
            // SAFETY: a participant's, which are never freed while a map may be used.
            unsafe { post.as_ref() }.count_due(is_due);
        }
    }

    /// Has the owner look for a large table: somebody else has retired it, and may write no more, or it still waits.
    /// If it does so before it sees the figures that say so, the table waits for whoever collects next.
    pub(super) fn nudge(&self) {
        self.canary.check();
        self.add_due(LARGE);
    }

    /// The owner need not look for a large table.
    pub(super) fn calm(&self) {
        // ORD(statistic): Relaxed, as above. The first look keeps the line shared.
        if self.due.load(Ordering::Relaxed) & LARGE != 0
            && self.due.fetch_and(!LARGE, Ordering::Relaxed) == LARGE
        {
            self.tell(false);
        }
    }

    /// Nothing is due from now on; whether a large table may wait.
    pub(super) fn take_due(&self) -> bool {
        // ORD(statistic): Relaxed, as above.
        let due = self.due.swap(0, Ordering::Relaxed);
        if due != 0 {
            self.tell(false);
        }
        due & LARGE != 0
    }

    /// What others may read: the entry was made before they found it.
    fn len(&self) -> &AtomicIsize {
        self.canary.check();
        &self.len
    }

    /// As `len`.
    fn used(&self) -> &AtomicU64 {
        self.canary.check();
        &self.used
    }

    /// Counts `n` slots of `table` that were EMPTY. The caller took them, and owns the entry.
    pub(super) fn add_used<K: SlotKind>(&self, table: Table<'_, K>, n: usize) {
        self.count(table, n);
    }

    /// Counts slots, unless the table is older than the one that this thread counts for: then, false.
    #[inline(always)]
    fn count<K: SlotKind>(&self, table: Table<'_, K>, n: usize) -> bool {
        // ORD(count): Relaxed, as above; the sum is a hint, an exhausted walk the backstop.
        let used = self.used.load(Ordering::Relaxed);
        if used >> COUNT_BITS != generation_of(table) {
            return self.begin(table, n);
        }
        self.used.store(used + n as u64, Ordering::Relaxed);
        true
    }

    /// As `add_used` of one, if it takes no more than a compare: else false, and `add_used_and_look` is to be called.
    #[inline(always)]
    #[must_use = "else the slot is not counted"]
    pub(super) fn try_add_used<K: SlotKind>(&self, table: Table<'_, K>) -> bool {
        // ORD(count): Relaxed, as above.
        let used = self.used.load(Ordering::Relaxed);
        // Of another generation, it is more than any count: out of line, too.
        let count = used.wrapping_sub(table.packed_generation());
        // SAFETY: the caller owns the entry; nothing runs inside.
        let is_quiet = count < unsafe { self.own.with(|own| own.quiet_below) };
        if is_quiet {
            // ORD(count): Relaxed, as above.
            self.used.store(used + 1, Ordering::Relaxed);
        }
        is_quiet
    }

    /// As `add_used` of one; true if the table is used beyond its limit. Looks at the sum when this thread's count has
    /// come half of its share of the way there since the last look; so the looks come closer together as room
    /// runs out, and for most calls `try_add_used` is enough.
    pub(super) fn add_used_and_look<K: SlotKind>(
        &self,
        locals: &Locals<Self>,
        table: Table<'_, K>,
    ) -> bool {
        self.count(table, 1) && look(locals, self, table)
    }

    #[cold]
    fn begin<K: SlotKind>(&self, table: Table<'_, K>, n: usize) -> bool {
        // By the whole generation: what is packed wraps, and a thread may sleep through millions.
        // SAFETY: the caller owns the entry; nothing runs inside.
        let is_newer = unsafe {
            self.own.with(|own| {
                let is_newer = table.generation() >= own.generation;
                if is_newer {
                    (own.generation, own.quiet_below) = (table.generation(), 0);
                }
                is_newer
            })
        };
        if is_newer {
            // ORD(count): Relaxed, as above.
            self.used.store(table.packed_generation() + n as u64, Ordering::Relaxed);
        }
        is_newer
    }
}

/// The entries in the map, as far as this thread sees.
pub(super) fn len<B>(locals: &Locals<Local<B>>) -> usize {
    // ORD(count): Relaxed, as above.
    let sum: isize = locals.iter().map(|(_, local)| local.len().load(Ordering::Relaxed)).sum();
    sum.max(0) as usize
}

/// The slots used in `table`, as far as this thread sees, and how many threads use it.
pub(super) fn used<B, K: SlotKind>(
    locals: &Locals<Local<B>>,
    table: Table<'_, K>,
) -> (usize, usize) {
    let generation = generation_of(table);
    // ORD(count): Relaxed, as above.
    let counts = locals.iter().map(|(_, local)| local.used().load(Ordering::Relaxed));
    counts
        .filter(|used| used >> COUNT_BITS == generation)
        .fold((0, 0), |(sum, threads), used| (sum + (used & COUNT) as usize, threads + 1))
}

/// Of tables from 512 KiB on, or 1 MiB of slots of two words.
const LARGE_LIMIT: usize = 1 << 15;

/// Whether `table` is used beyond its limit; if not, sets when to look again. The caller owns `local`.
#[cold]
fn look<B, K: SlotKind>(locals: &Locals<Local<B>>, local: &Local<B>, table: Table<'_, K>) -> bool {
    // ORD(count): Relaxed, as above.
    let count = local.used.load(Ordering::Relaxed) & COUNT;
    let (used, threads) = used(locals, table);
    let Some(room) = table.limit().checked_sub(used) else { return true };
    // Not more than a sixteenth of the table, however few threads there seem to be: others may begin.
    let share = (room / (2 * threads.max(1))).min(table.limit() / 16).max(1) as u64;
    // SAFETY: the caller owns the entry; nothing runs inside.
    unsafe { local.own.with(|own| own.quiet_below = count + share - 1) };
    if table.limit() > LARGE_LIMIT {
        // The table before this one may wait to be freed, and a map that only grows retires
        // nothing after it.
        local.set_due();
    }
    false
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::*;
    use crate::reclaim::Index;

    /// The post counts an entry while something is due in it, once, whoever says what and takes it back.
    #[test]
    fn an_entry_is_counted_while_something_is_due() {
        static POST: Post = Post::at(Index::FIRST);
        // SAFETY: nothing but the post is used, and it is a static.
        let pin = unsafe { Pin::new(&POST) };
        {
            let (one, two) = (Local::<()>::new(pin, true), Local::<()>::new(pin, true));
            assert!(pin.is_due(), "a new entry looks");
            one.calm();
            assert!(pin.is_due() && !one.is_due() && two.is_due());
            two.calm();
            two.calm();
            assert!(!pin.is_due());
            // What is the owner's own stays, and so does what is told after that.
            one.set_due();
            one.nudge();
            one.calm();
            assert!(pin.is_due() && one.is_due());
            one.nudge();
            assert!(one.take_due() && !pin.is_due());
            assert!(!one.take_due() && !pin.is_due());
            one.set_due();
            assert!(!one.take_due(), "nobody has told of a large table");
            two.nudge();
            two.nudge();
            assert!(pin.is_due());
        }
        assert!(!pin.is_due(), "what is gone has nothing due");
        let other = Local::<()>::new(pin, false);
        assert!(other.is_due() && !pin.is_due(), "of a map that does not ask nothing is counted");
    }
}
