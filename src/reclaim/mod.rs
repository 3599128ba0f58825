//! Memory reclamation: when may an object that was unlinked be destroyed?
//!
//! This layer knows no map. It offers
//!
//! * [`Participant`]s: one per thread inside a map (and one per owned guard), each with an index
//!   that is its own while it is claimed (`participant`, `post`);
//! * [`Locals`]: what a map keeps for each participant, reached without an atomic
//!   read-modify-write (`locals`);
//! * [`Collect`]: pin, retire, collect; implemented by [`Epoch`] (`epoch`);
//! * `CallGuard`: the guard of a call that pins itself, or for which somebody else does (`call`).

mod bag;
mod call;
#[cfg(feature = "crossbeam-epoch")]
mod crossbeam;
mod epoch;
mod list;
mod locals;
mod participant;
mod pool;
mod post;
mod retired;
mod seals;
#[cfg(any(feature = "crossbeam-epoch", feature = "seize"))]
mod seat;
#[cfg(feature = "seize")]
mod seize;

pub(crate) use bag::{go_on, keep_first};
pub(crate) use call::CallGuard;
pub use collect::{Collect, Guard, Status};
#[cfg(feature = "crossbeam-epoch")]
pub use crossbeam::CrossbeamEpoch;
pub use epoch::Epoch;
pub(crate) use epoch::as_owner;
pub(crate) use locals::{Locals, Own};
pub use pool::Pool;
pub(crate) use post::Post;
pub use post::{Index, Pin};
pub(crate) use retired::{Hook, Recycle, give_back};
pub use retired::{Kind, Memory, Retired};
#[cfg(feature = "seize")]
pub use seize::Seize;

/// A way to decide when memory that readers may still hold can be freed.
///
/// [`Epoch`] is the default. The trait is sealed: a map's memory safety rests on it.
pub trait Reclaim: Collect + Default {}

mod collect {
    use super::{Pin, Recycle, Retired};
    use crate::error::AllocError;

    /// Proof that its holder is pinned: what is retired while it lives stays allocated.
    pub trait Guard {
        /// The pin, for as long as the guard is borrowed.
        fn as_pin(&self) -> Pin<'_>;

        /// Drops the guard, and returns `value`: the last thing that a call does, so that what is out of line in
        /// it may be jumped to.
        #[inline(always)]
        fn leave_with<T>(self, value: T) -> T
        where
            Self: Sized,
        {
            value
        }
    }

    /// What a collector knows of itself.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Status {
        /// Objects in sealed bags.
        pub sealed: usize,
        /// Their bytes.
        pub sealed_bytes: usize,
        /// Objects in open bags that are no blocks (those are counted by who has the bags).
        pub open: usize,
        /// Their bytes.
        pub open_bytes: usize,
        /// Collections in a row, of all maps, that found an old pin in the way.
        pub blocked: usize,
        /// The operating system withdrew the barrier: nothing more is freed until maps drop.
        pub stuck: bool,
    }

    /// The collector of one map.
    ///
    /// # Safety
    /// An implementation destroys a retired object only when every guard that was live when the
    /// object was retired has been dropped, or in `drain`. A clone of a guard protects what the guard
    /// protects.
    pub unsafe trait Collect: Send + Sync {
        /// The guard of the thread that pinned.
        type Guard<'c>: Guard + Clone
        where
            Self: 'c;
        /// A guard that may move to another thread.
        type OwnedGuard<'c>: Guard + Send
        where
            Self: 'c;
        /// What each participant keeps between retirements.
        type Bag: Default + Send;

        /// Pins the current thread.
        fn pin(&self) -> Self::Guard<'_>;

        /// Pins the current thread if that takes no call: not at its first pin, say. So that who has another way for
        /// that, out of line, has no register to keep for it.
        #[inline(always)]
        fn try_pin(&self) -> Option<Self::Guard<'_>> {
            Some(self.pin())
        }

        /// Pins a participant of its own.
        fn pin_owned(&self) -> Self::OwnedGuard<'_>;

        /// Makes room for so many more blocks, and so many other objects, so that to retire them cannot
        /// fail.
        fn reserve(
            &self,
            bag: &mut Self::Bag,
            blocks: usize,
            others: usize,
        ) -> Result<(), AllocError>;

        /// Takes an unlinked object; true when the bag is full and `collect` is due.
        ///
        /// # Safety
        /// The caller is pinned and owns the object, which nobody can reach who pins from now on. `reserve`
        /// has made room for it in the bag, and nothing but retirements that it was asked for have come
        /// since. All blocks that a map retires are of one kind, and have one hook.
        unsafe fn retire(&self, bag: &mut Self::Bag, object: Retired, bytes: usize) -> bool;

        /// Hands the bag's contents on, to be freed by whoever collects. True if it is time to
        /// `advance`.
        fn seal(&self, bag: &mut Self::Bag) -> bool;

        /// Frees of what may be freed so much that a backlog goes and no call takes long; offers
        /// the memory of fixed-size objects to `recycle`. True if a part of a large object is left: then
        /// the next call should come soon.
        /// To `advance` is to see to it that more may be freed, where that is dear, and others notice.
        /// Runs destructors, so it may run user code; may panic with theirs.
        fn collect(&self, advance: bool, recycle: &mut Recycle<'_>) -> bool;

        /// As `collect`, but all that may be freed.
        fn collect_all(&self, recycle: &mut Recycle<'_>) {
            self.collect(true, recycle);
        }

        /// Frees everything at once: sealed, and in `bags`.
        ///
        /// # Safety
        /// No guard on this collector lives.
        unsafe fn drain(&mut self, bags: &mut dyn Iterator<Item = Self::Bag>);

        /// Blocks in an open bag.
        fn pending(bag: &Self::Bag) -> usize;

        /// See [`Status`].
        fn status(&self) -> Status;
    }
}
